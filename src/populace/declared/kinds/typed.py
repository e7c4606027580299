"""Values of the server's other types, as texts in the form that each type reads: networks, ranges, bits, arrays,
places."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from populace.clock import DAY_US, HOUR_US
from populace.declared.kinds import parts
from populace.declared.kinds.cell import TEXTS, Cell, Kind, Option, of
from populace.declared.kinds.texts import TAGS
from populace.declared.kinds.web import hexadecimal
from populace.declared.schema import Column
from populace.spec import ColumnValue, Ints, Joined, Json, Key, Number, Stamp, Words

_BYTES = tuple(f"{n:02x}" for n in range(256))
Make = Callable[[Cell], ColumnValue]


def _ip(cell: Cell) -> ColumnValue:
    """Of the networks that are kept for documentation, then of 10.0.0.0/8, which no host outside has."""
    n = cell.ordinal
    return Joined(("10.", Number(n >> 16 & 255), ".", Number(n >> 8 & 255), ".", Number(n & 255)))


def _network(cell: Cell) -> ColumnValue:
    n = cell.ordinal
    return Joined(("10.", Number(n >> 8 & 255), ".", Number(n & 255), ".0/24"))


def _mac(cell: Cell) -> ColumnValue:
    n = cell.ordinal
    return Joined(
        ("02:00:00:", Words(n >> 16 & 255, _BYTES), ":", Words(n >> 8 & 255, _BYTES), ":", Words(n & 255, _BYTES))
    )


def _mac8(cell: Cell) -> ColumnValue:
    return Joined((_mac(cell), ":00:00"))


def _hours(cell: Cell) -> tuple[Ints, Ints]:
    """An hour of each row's own: no two rows overlap."""
    begin = cell.draw.origin_us // HOUR_US * HOUR_US + cell.ordinal * HOUR_US
    return begin, begin + HOUR_US


def _span(cell: Cell) -> ColumnValue:
    begin, end = _hours(cell)
    return Joined(("[", Stamp(begin), ",", Stamp(end), ")"))


def _days(cell: Cell) -> ColumnValue:
    import numpy as np

    day = cell.draw.origin_us // DAY_US + cell.ordinal
    texts = [tuple(str(d) for d in np.unique(day + more).astype("datetime64[D]")) for more in (0, 1)]
    index = np.unique(day, return_inverse=True)[1].astype(np.int64)
    return Joined(("[", Words(index, texts[0]), ",", Words(index, texts[1]), ")"))


def _numbers(cell: Cell) -> ColumnValue:
    return Joined(("[", Number(cell.ordinal * 10), ",", Number(cell.ordinal * 10 + 10), ")"))


def _multi(make: Make) -> Make:
    return lambda cell: Joined(("{", make(cell), "}"))


def _interval(cell: Cell) -> ColumnValue:
    return Joined((Number(5 + cell.below(240)), " minutes"))


def _bits(cell: Cell) -> ColumnValue:
    width = cell.column.length or (1 if cell.column.base == "bit" else 8)
    return Joined(tuple(Words(cell.ordinal >> min(n, 62) & 1, ("0", "1")) for n in range(width)))


def _bytea(cell: Cell) -> ColumnValue:
    digits = 2 * cell.whole("bytes", 8)
    return Joined(("\\x", hexadecimal(replace(cell, column=replace(cell.column, length=digits)), digits)))


def _point(cell: Cell) -> ColumnValue:
    return Joined(("(", Number(cell.below(100)), ",", Number(cell.below(100, ".y")), ")"))


def _json(cell: Cell) -> ColumnValue:
    given, schema = cell.options.get("example"), cell.options.get("schema")
    if isinstance(schema, Mapping):
        from populace.declared import documents

        some = documents.pool(schema)
        return Words(cell.below(len(some)), some)
    if isinstance(given, str):
        return given
    return Json({"synthetic": True, "number": cell.ordinal + 1})


def _documented(options: Mapping[str, Option], value: object) -> bool:
    """Whether a text is one of those that are asked for."""
    if isinstance(schema := options.get("schema"), Mapping):
        from populace.declared import documents

        return value in documents.pool(schema)
    return "example" not in options or value == options["example"]


def _same(text: str) -> Make:
    return lambda cell: text


def _vector(cell: Cell) -> ColumnValue:
    width = cell.whole("width", 3)
    parts: list[ColumnValue] = []
    for n in range(width):
        parts += [Joined(("0.", Number(cell.below(1000, f".{n}"), 3))), ","]
    return Joined(("[", *parts[:-1], "]"))


def _uuid(cell: Cell) -> ColumnValue:
    return Key(cell.stream, cell.ordinal)


TYPES: Mapping[str, Make] = {
    "inet": _ip,
    "cidr": _network,
    "macaddr": _mac,
    "macaddr8": _mac8,
    "tstzrange": _span,
    "tsrange": _span,
    "daterange": _days,
    "int4range": _numbers,
    "int8range": _numbers,
    "numrange": _numbers,
    "tstzmultirange": _multi(_span),
    "tsmultirange": _multi(_span),
    "datemultirange": _multi(_days),
    "int4multirange": _multi(_numbers),
    "int8multirange": _multi(_numbers),
    "nummultirange": _multi(_numbers),
    "interval": _interval,
    "bit": _bits,
    "varbit": _bits,
    "bytea": _bytea,
    "json": _json,
    "jsonb": _json,
    "xml": _same("<synthetic/>"),
    "hstore": lambda cell: Joined(('"synthetic"=>"', Number(cell.ordinal + 1), '"')),
    "ltree": lambda cell: Joined(("top.", Words(cell.below(len(TAGS)), TAGS), ".n", Number(cell.ordinal + 1))),
    "tsvector": lambda cell: Joined((cell.pick(TAGS), " ", cell.pick(TAGS, ".second"))),
    "tsquery": lambda cell: cell.pick(TAGS),
    "point": _point,
    "box": _same("(1,1),(0,0)"),
    "circle": _same("<(0,0),1>"),
    "line": _same("{1,-1,0}"),
    "lseg": _same("[(0,0),(1,1)]"),
    "path": _same("[(0,0),(1,1)]"),
    "polygon": _same("((0,0),(1,0),(1,1))"),
    "pg_lsn": lambda cell: Joined(("0/", Words(cell.ordinal & 255, _BYTES))),
    "uuid": _uuid,
    "vector": _vector,
    "geometry": lambda cell: Joined(
        ("SRID=4326;POINT(", Number(cell.below(90)), " ", Number(cell.below(90, ".y")), ")")
    ),
    "geography": lambda cell: Joined(("POINT(", Number(cell.below(90)), " ", Number(cell.below(90, ".y")), ")")),
    "char": lambda cell: Words(cell.below(3), ("a", "b", "c")),
    "oid": lambda cell: Number(cell.ordinal + 1_000_000),
    "cube": lambda cell: Joined(("(", Number(cell.below(100)), ")")),
    "money": lambda cell: Number(1 + cell.below(500)),
    "txid_snapshot": _same("10:20:"),
    "jsonpath": _same("$.a"),
}
DISTINCT = frozenset((
    "inet", "cidr", "macaddr", "macaddr8", "tstzrange", "tsrange", "daterange", "int4range", "int8range", "numrange",
    "bytea", "jsonb", "hstore", "ltree", "uuid", "oid",
))  # fmt: skip


_ELEMENTS: Mapping[str, Make] = {
    **{base: lambda cell: Joined((Words(cell.below(len(TAGS)), TAGS), ",", Words(cell.below(len(TAGS), ".b"), TAGS)))
       for base in ("_text", "_varchar", "_citext", "_name")},
    **{base: lambda cell: Joined((Number(1 + cell.below(50)), ",", Number(51 + cell.below(50, ".b"))))
       for base in ("_int2", "_int4", "_int8", "_numeric", "_float4", "_float8")},
    "_uuid": lambda cell: Joined((_uuid(cell),)), "_bool": lambda cell: Words(cell.below(2), ("t,f", "f,t")),
    "_inet": lambda cell: Joined((_ip(cell),)), "_timestamptz": lambda cell: Joined(('"', Stamp(cell.at), '"')),
    "_timestamp": lambda cell: Joined(('"', Stamp(cell.at), '"')), "_date": lambda cell: "2026-01-01,2026-01-02",
    "_bpchar": lambda cell: Words(cell.below(2), ("a", "b")), "_interval": lambda cell: '"5 minutes"',
}  # fmt: skip


def _array(cell: Cell) -> ColumnValue:
    words = cell.options.get("words")
    if isinstance(words, list):
        some = tuple('"' + str(word).replace("\\", "\\\\").replace('"', '\\"') + '"' for word in words)
        return Joined(("{", Words(cell.below(len(some)), some), "}"))
    make = _ELEMENTS.get(cell.column.base)
    if cell.column.parts and (make is None or cell.column.parts[0].domain_checks):
        return parts.made(cell, TYPES)
    return "{}" if make is None else Joined(("{", make(cell), "}"))


def _typed(cell: Cell) -> ColumnValue:
    return parts.made(cell, TYPES) if cell.column.kind == "c" else TYPES[cell.column.base](cell)


def _takes(column: Column) -> str:
    if column.kind == "c" and column.parts:
        return parts.why_not(column, TYPES)
    return "" if column.base in TYPES else f"its type is {column.type}"


def _takes_array(column: Column) -> str:
    if not column.base.startswith("_"):
        return f"its type is {column.type}"
    return parts.why_not(column, TYPES) if column.parts and column.base not in _ELEMENTS else ""


KINDS = (
    Kind(
        "typed",
        "a value in the form that the column's type reads",
        _typed,
        _takes,
        {"example": str, "width": int, "bytes": int},
        distinct=True,
    ),
    Kind(
        "array", "an array of one or two values; `words`: of which one is taken", _array, _takes_array, {"words": list}
    ),
    Kind("ip", "an address of a private network", _ip, of("inet", *TEXTS, least=13), distinct=True),
    Kind("mac", "an address of a network card that nobody makes", _mac, of("macaddr", *TEXTS, least=17), distinct=True),
    Kind(
        "json",
        "a JSON object; `example`: the same text in every row; `schema`: a JSON Schema that it meets, or its file",
        _json,
        of("json", "jsonb", *TEXTS, least=40),
        {"example": str, "schema": (dict, str)},
        fits=_documented,
    ),
)
