"""Conditions as the server prints them, texts for a pattern, and kinds of columns, without a server."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from populace.database.parts import gaps
from populace.declared import guessing, patterns, samples, world_file
from populace.declared.arrivals import Steady
from populace.declared.conditions import parse
from populace.declared.constants import fits
from populace.declared.declaration import Declared, DeclaredColumn, DeclaredTable
from populace.declared.growth import Curve
from populace.declared.kinds import KINDS
from populace.declared.operators import Unknown
from populace.declared.rows import Filler
from populace.declared.schema import Column, ForeignKey, Schema, Table, Unique
from populace.declared.structure import arrange
from populace.declared.triggers import made_of
from populace.errors import BadInput


@pytest.mark.parametrize(
    ("text", "row", "holds"),
    [
        ("(status = ANY (ARRAY['open'::text, 'closed'::text]))", {"status": "open"}, True),
        ("(status = ANY (ARRAY['open'::text, 'closed'::text]))", {"status": "other"}, False),
        ("(status = ANY (ARRAY['open'::text, 'closed'::text]))", {"status": None}, None),
        ("((a IS NULL) <> (b IS NULL))", {"a": None, "b": 1}, True),
        ("((a IS NULL) <> (b IS NULL))", {"a": None, "b": None}, False),
        ("(num_nonnulls(a, b) = 1)", {"a": 1, "b": 2}, False),
        ("((a >= 0) AND (a <= '-1'::integer))", {"a": -1}, False),
        ("((a < 0) OR (a > 10) OR NULL::boolean)", {"a": 5}, None),
        ("((code)::text ~ '^[A-Z]{2}$'::text)", {"code": "AB"}, True),
        ("((code)::text !~~ 'A%'::text)", {"code": "AB"}, False),
        ("(pg_catalog.char_length(btrim(code)) <= 2)", {"code": " AB "}, True),
        ("CASE WHEN (kind = 'x'::bpchar) THEN (n > 3) ELSE true END", {"kind": "x", "n": 3}, False),
        ("(NOT (flag IS TRUE))", {"flag": None}, True),
        ("((n % 2) = 0)", {"n": 4}, True),
        ("((n % 2) = '-1'::integer)", {"n": -7}, True),
        ("((n / 2) = '-3'::integer)", {"n": -7}, True),
        ("((n / 2) = '4611686018427387903'::bigint)", {"n": 9_223_372_036_854_775_807}, True),
        ('("Odd ""name""" IS DISTINCT FROM 3)', {'Odd "name"': None}, True),
        ("(COALESCE(n, 0) + 1 > 1)", {"n": None}, False),
        ("(lower(TRIM(BOTH FROM code)) = 'a'::text)", {"code": " A "}, True),
        ("((doc ? 'x'::text) AND (((doc ->> 'x'::text))::integer > 3))", {"doc": '{"x": 4}'}, True),
        ("(cardinality(tags) >= 1)", {"tags": "{}"}, False),
        ("(tags && ARRAY['b'::text])", {"tags": "{a,b}"}, True),
        ("status NOT IN ('open', 'held') AND n BETWEEN 1 AND 3", {"status": "sent", "n": 2}, True),
        ("""("left"(code, 1) = 'A'::text)""", {"code": "AB"}, True),
    ],
)
def test_a_condition_means_what_the_server_means(text: str, row: dict[str, object], holds: bool | None):
    condition = parse(text, list(row))
    assert condition.holds(row) is holds
    assert set(condition.columns) <= set(row)


@pytest.mark.parametrize(
    "text", ["(my_function(a) > 1)", "(a @@ b)", "(a = ", "(SELECT 1)", "(a = 'open)", "(c > 1)", "(a @? 'x'::text)"]
)
def test_what_is_not_understood_is_said(text: str):
    with pytest.raises(Unknown):
        parse(text, ["a", "b"])


@pytest.mark.parametrize("pattern", [r"^[A-Z]{3}-\d{4}$", r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$", "^(ab|c)+x?$", r"^\w{5,9}$"])
def test_texts_for_a_pattern_are_found_by_it_and_differ(pattern: str):
    found = patterns.texts(pattern, 50)
    assert len(found) == len(set(found)) == 50
    assert patterns.texts("[", 5) == []


TEXT = Column("c", "text", "text", "b")


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.distinct and not kind.takes(TEXT)])
def test_a_kind_that_says_so_gives_each_row_another_value(name: str):
    values = samples.of(KINDS[name], TEXT, {}, distinct=True)
    assert len(set(values)) == samples.MANY


@pytest.mark.parametrize("length", [1, 2, 3, 5, 8, 13, 21, 34, 55])
def test_a_text_is_no_longer_than_its_column(length: int):
    column = Column("c", f"varchar({length})", "varchar", "b", length=length)
    for name, kind in KINDS.items():
        options: dict[str, object] = {"words": ["a"], "value": "a"}
        if kind.takes(column) or name == "constant":
            continue
        values = samples.of(kind, column, options, distinct=kind.distinct)
        assert all(len(v) <= length for v in values if v is not None), name


@pytest.mark.parametrize(
    ("base", "value", "held"),
    [
        ("int4", "12", 12),
        ("int4", 3.0, 3),
        ("bool", False, False),
        ("float8", 1.5, 1.5),
        ("date", "2026-02-03", "2026-02-03"),
        ("timestamptz", "2026-02-03T04:05:06Z", "2026-02-03T04:05:06.000Z"),
        ("timestamptz", "2026-02-03 04:05:06+02", "2026-02-03T02:05:06.000Z"),
        ("timestamptz", "2026-02-03", "2026-02-03T00:00:00.000Z"),
        ("uuid", "00000000-0000-8000-8000-000000000001", "00000000-0000-8000-8000-000000000001"),
    ],
)
def test_a_constant_is_held_as_its_type_holds_it(base: str, value: object, held: object):
    column = Column("c", base, base, "b")
    assert fits(value, column)
    assert not fits("neither", column)
    assert set(samples.of(KINDS["constant"], column, {"value": value}, distinct=False)) == {held}


def test_a_status_that_is_a_number_advances_as_a_word_does():
    columns = (Column("id", "integer", "int4", "b", not_null=True), Column("status", "integer", "int4", "b"))
    table = Table("public", "users", "r", columns, (Unique("k", ("id",), primary=True),))
    status = DeclaredColumn("words", options={"words": ["10", "20", "30"], "begins": "10", "through": True})
    users = DeclaredTable("public.users", {"id": DeclaredColumn("key"), "status": status})
    declared = Declared("w", "W", "", "public.users", {"public.users": users})
    (arranged,), _ = arrange(Schema(180_000, "UTF8", (table,)), declared)
    curve = Curve(90, 730, declared.hours, declared.weekdays)
    filler = Filler(arranged, Steady("users", curve, 0.3, lives=True), {}, 0, 1)
    draw, ordinal = samples.SampleDraw(), np.arange(12, dtype=np.int64)
    draw.choices = 3
    held = filler.rows(draw, ordinal)["users"]
    lives = [[int(v) for v in held.columns["status"][held.owner == n]] for n in ordinal]
    assert lives == [[10], [10, 20], [10, 20, 30]] * 4


def test_as_many_rows_come_in_history_as_are_asked_for_and_in_order():
    curve = Curve(30, 60, (0,) * 8 + (1,) * 10 + (0,) * 6, (1, 1, 1, 1, 1, 0, 0))
    draw = samples.SampleDraw()
    at = curve.at(draw, "came", np.arange(300, dtype=np.int64), 100)  # type: ignore[arg-type]
    assert (np.diff(at) >= 0).all()
    assert ((at >= draw.origin_us) & (at < draw.origin_us + 30 * 86_400_000_000)).sum() == 100
    hour = at // 3_600_000_000 % 24
    weekday = (at // 86_400_000_000 + 3) % 7
    assert hour.min() == 8
    assert hour.max() == 17
    assert weekday.max() <= 4


def test_hours_are_those_of_a_zone() -> None:
    hours = (0,) * 9 + (1,) + (0,) * 14
    draw = samples.SampleDraw()
    at = Curve(30, 60, hours, (1,) * 7, "America/New_York").at(draw, "came", np.arange(40), 40)
    # Nine in the morning is 14 o'clock in winter, and 13 in summer, which begins on 8 March.
    assert set(at // 3_600_000_000 % 24) == {14}
    later = Curve(150, 60, hours, (1,) * 7, "America/New_York").at(draw, "came", np.arange(150), 150)
    assert set(later // 3_600_000_000 % 24) == {13, 14}


def test_every_kind_is_described() -> None:
    page = Path("docs/reference/columns.md").read_text(encoding="utf-8")
    for name, kind in KINDS.items():
        options = ", ".join(f"`{option}`" for option in kind.options)
        differs = "yes" if kind.distinct else "no"
        assert f"| `{name}` | {kind.means} | {options} | {differs} |" in page


def test_guesses_about_many_tables_are_made_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one table needs to be asked again for, all of them ask at once: a thousand take no thousand turns."""
    columns = (
        Column("id", "integer", "int4", "b", not_null=True, serial=True),
        Column("parent_id", "integer", "int4", "b", not_null=True),
        Column("pos", "integer", "int4", "b", not_null=True),
    )
    tables = [Table("public", "t0", "r", columns[:1], (Unique("k", ("id",), primary=True),))]
    tables += [
        Table("public", f"t{n}", "r", columns, (Unique("k", ("id",), primary=True), Unique("u", ("parent_id", "pos"))),
              (ForeignKey("f", ("parent_id",), f"public.t{n // 7}", ("id",)),))
        for n in range(1, 60)
    ]  # fmt: skip
    turns = []
    monkeypatch.setattr(guessing, "arrange", lambda *given: turns.append(1) or arrange(*given))
    guessed = guessing.guess(Schema(180_000, "UTF8", tuple(tables)), "many", "Many", {})
    assert len(guessed.arranged) == len(tables)
    assert len(turns) < 5


def test_a_table_that_triggers_fill_says_by_which_and_nothing_else() -> None:
    key = (Column("id", "integer", "int4", "b", not_null=True, serial=True),)
    tables = tuple(Table("public", name, "r", key, (Unique("k", ("id",), primary=True),)) for name in ("orders", "log"))
    schema = Schema(180_000, "UTF8", tables)
    text = 'form = 1\nname = "x"\npeople = "orders"\n[tables.orders]\n[tables.log]\n'
    fine = world_file.parsed(Path("world.toml"), f'{text}made_by = ["orders"]\n'.encode(), schema)
    assert fine.tables["public.log"].made_by == ("public.orders",)
    assert made_of(schema, {"public.log": ("public.orders",)}, ["public.orders"]) == {"public.log": ("public.orders",)}
    for wrong, path in (("made_by = 'order'", "made_by"), ("made_by = 'log'", "made_by"),
                        ("made_by = 'orders'\nrows = 3", "rows")):  # fmt: skip
        with pytest.raises(BadInput) as caught:
            world_file.parsed(Path("world.toml"), f"{text}{wrong}\n".encode(), schema)
        assert str(caught.value.where).endswith(f": tables.log.{path}")


def test_a_part_of_a_composite_value_is_compared() -> None:
    condition = parse(
        "(((VALUE).amount > (0)::numeric) AND ((VALUE).label = 'a, b'::text))", ["VALUE"], ("amount", "label")
    )
    assert condition.holds({"VALUE": '("12.50","a, b")'}) is True
    assert condition.holds({"VALUE": "(-1,x)"}) is False
    assert condition.holds({"VALUE": None}) is None


@pytest.mark.parametrize(
    ("text", "row", "holds"),
    [
        ("((ends - starts) < '02:00:00'::interval)", {"starts": "2026-01-01T08:00", "ends": "2026-01-01T09:59"}, True),
        ("(ends >= (starts + '00:10:00'::interval))", {"starts": "2026-01-31T23:50", "ends": "2026-02-01"}, True),
        ("((lasts > '00:00:00'::interval) AND (lasts <= '1 day'::interval))", {"lasts": "25:00:00"}, False),
        ("((till - since) >= 7)", {"since": "2026-02-26", "till": "2026-03-04"}, False),
        ("(due >= (opened)::date)", {"opened": "2026-01-01T08:00:00.000Z", "due": "2026-01-01"}, True),
        ("(EXTRACT(isodow FROM day) < (6)::numeric)", {"day": "2026-01-03"}, False),
        ("(date_part('minute'::text, at) = ANY (ARRAY[(0)::real, (30)::real]))", {"at": "08:30:00"}, True),
        ("((lower(span) IS NOT NULL) AND (NOT isempty(span)))", {"span": "[2026-01-01,2026-01-03)"}, True),
        ("isempty(span)", {"span": "[3,3)"}, True),
    ],
)  # fmt: skip
def test_moments_intervals_and_ranges_are_computed_with(text: str, row: dict[str, object], holds: bool):
    assert parse(text, list(row)).holds(row) is holds


def test_gaps_between_partitions_are_whole_and_meet_none() -> None:
    def at(text: str) -> datetime:
        return datetime.fromisoformat(f"{text}+00:00")

    there = [(at("2026-01-10T12:00"), at("2026-02-01T00:00")), (at("2026-03-05T00:00"), at("2026-03-06T00:00"))]
    found = list(gaps("month", at("2026-01-15T08:00"), at("2026-03-20T00:00"), there))
    assert found == [
        (at("2026-01-01T00:00"), at("2026-01-10T12:00")), (at("2026-02-01T00:00"), at("2026-03-01T00:00")),
        (at("2026-03-01T00:00"), at("2026-03-05T00:00")), (at("2026-03-06T00:00"), at("2026-04-01T00:00")),
    ]  # fmt: skip
    assert list(gaps("day", at("2026-01-15T08:00"), at("2026-01-17T00:00"), [None])) == []
    (first, *_) = gaps("week", at("2026-01-15T08:00"), at("2026-01-17T00:00"), [])
    assert first == (at("2026-01-12T00:00"), at("2026-01-19T00:00"))
