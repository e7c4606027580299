"""The web: links to reserved hosts, slugs, hosts, tokens and hashes that open nothing."""

from __future__ import annotations

from populace.declared.kinds.cell import TEXTS, Cell, Kind, code, of
from populace.declared.kinds.texts import TAGS
from populace.spec import ColumnValue, Joined, Number, Words

_HEX = tuple(f"{n:04x}" for n in range(65_536))


def _url(cell: Cell) -> ColumnValue:
    if cell.room < 36:
        return Joined(("/", Number(cell.ordinal + 1)))
    return Joined(("https://example.com/", cell.pick(TAGS), "/", Number(cell.ordinal + 1)))


def _slug(cell: Cell) -> ColumnValue:
    return cell.numbered(TAGS, between="-")


def _host(cell: Cell) -> ColumnValue:
    if cell.room < 24:
        return code(cell.ordinal, min(12, cell.room))
    return Joined((cell.pick(TAGS), "-", Number(cell.ordinal + 1), ".example.com"))


def hexadecimal(cell: Cell, most: int) -> ColumnValue:
    """Hex digits, of 16 bits a word; where values are distinct the first eight are the row's number."""
    room = min(most, cell.room)
    if room < 4:
        return code(cell.ordinal, room)
    parts: list[ColumnValue] = []
    if cell.distinct:
        parts = [Words(cell.ordinal >> 16, _HEX), Words(cell.ordinal & 0xFFFF, _HEX)] if room >= 8 else [
            Words(cell.ordinal & 0xFFFF, _HEX)]  # fmt: skip
    while len(parts) < room // 4:
        parts.append(Words(cell.below(65_536, f".{len(parts)}"), _HEX))
    return Joined(tuple(parts))


def _token(cell: Cell) -> ColumnValue:
    if cell.room < 14:
        return hexadecimal(cell, 12)
    return Joined(("synthetic-", Number(cell.ordinal + 1))) if cell.distinct and cell.room < 20 else (
        Joined(("syn-", hexadecimal(_less(cell, 4), 32))))  # fmt: skip


def _less(cell: Cell, characters: int) -> Cell:
    from dataclasses import replace

    return replace(cell, column=replace(cell.column, length=cell.room - characters))


def _mime(cell: Cell) -> ColumnValue:
    return cell.pick(("image/png", "text/plain", "application/pdf", "image/jpeg"))


def _agent(cell: Cell) -> ColumnValue:
    return cell.pick(("Mozilla/5.0 (synthetic; Linux)", "Mozilla/5.0 (synthetic; Android)"))


def _file(cell: Cell) -> ColumnValue:
    if cell.room < 24:
        return cell.numbered(TAGS, between="-")
    return Joined((cell.pick(TAGS), "-", Number(cell.ordinal + 1), ".txt"))


def _colour(cell: Cell) -> ColumnValue:
    if cell.room < 7:
        return (
            Joined((Words(cell.below(65_536), _HEX),))
            if cell.room < 6
            else Joined(
                (Words(cell.below(65_536), _HEX), Words(cell.below(256, ".b"), tuple(f"{n:02x}" for n in range(256))))
            )
        )
    return Joined(
        ("#", Words(cell.below(65_536), _HEX), Words(cell.below(256, ".b"), tuple(f"{n:02x}" for n in range(256))))
    )


_TEXT = of(*TEXTS)
KINDS = (
    Kind("url", "a link to a reserved host", _url, of(*TEXTS, least=11), distinct=True, contact="url"),
    Kind("slug", "a text as it stands in an address", _slug, _TEXT, distinct=True),
    Kind("host", "a host at a reserved domain", _host, of(*TEXTS, least=4), distinct=True),
    Kind("token", "a token that opens nothing, and says so", _token, of(*TEXTS, least=2), distinct=True),
    Kind("hash", "hex digits of no secret", lambda cell: hexadecimal(cell, 64), of(*TEXTS, least=2), distinct=True),
    Kind(
        "code",
        "a short code of letters",
        lambda cell: (
            code(cell.ordinal, min(6, cell.room))
            if cell.distinct or cell.room < 3
            else cell.pick(tuple(tag[:3].upper() for tag in TAGS))
        ),
        _TEXT,
        distinct=True,
    ),
    Kind("mime", "the type of a file", _mime, of(*TEXTS, least=9)),
    Kind("user agent", "a browser that says it is synthetic", _agent, _TEXT),
    Kind("file", "the name of a file", _file, _TEXT, distinct=True),
    Kind("colour", "a colour in hex digits", _colour, of(*TEXTS, least=4)),
)
