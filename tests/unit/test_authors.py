"""Mistakes in the functions of a world: each is one error, with the flow, the file and the line of its author."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from populace import clock
from populace.engine.draws import Window
from populace.engine.generate import generate
from populace.engine.shards import whole
from populace.errors import BadInput
from populace.plan import resolve
from populace.spec import NEVER, ColumnValue, Draw, Ints, Joined, Key, Members, Number, Optional, Rows, TableRows, Words
from tiny import CLUB, people

EPOCH = clock.parse("2026-01-09T00:00:00Z", "epoch")
Emit = Callable[[Draw, Ints], TableRows]


def changed(**columns: ColumnValue) -> Emit:
    """The people of the club, with other columns."""

    def emit(draw: Draw, person: Ints) -> TableRows:
        rows = people(draw, person)["people"]
        return {"people": replace(rows, columns={**rows.columns, **columns})}

    return emit


def without(column: str) -> Emit:
    def emit(draw: Draw, person: Ints) -> TableRows:
        rows = people(draw, person)["people"]
        return {"people": replace(rows, columns={n: v for n, v in rows.columns.items() if n != column})}

    return emit


def drawing(draw_something: Callable[[Draw, Ints], object]) -> Emit:
    def emit(draw: Draw, person: Ints) -> TableRows:
        draw_something(draw, person)
        return people(draw, person)

    return emit


def owned(**fields: object) -> Emit:
    def emit(draw: Draw, person: Ints) -> TableRows:
        return {"people": replace(people(draw, person)["people"], **fields)}  # type: ignore[arg-type]

    return emit


def elsewhere(draw: Draw, person: Ints) -> TableRows:
    return {"peeple": Rows(person, {})}


N = 23
MISTAKES: dict[str, tuple[Emit, str]] = {
    "a misspelt decision": (
        drawing(lambda draw, person: draw.chance("goez", person, person)),
        r"there is no such decision point; given: 'goez'; allowed: did you mean 'goes'\?",
    ),
    "a decision of another kind": (
        drawing(lambda draw, person: draw.choose("goes", person, person)),
        "this decision point is a chance, and is drawn as another kind; given: 'goes'",
    ),
    "a measure that is a chance": (
        drawing(lambda draw, person: draw.measure("goes", person, person)),
        "this decision point is a chance",
    ),
    "a root that is not there": (
        drawing(lambda draw, person: draw.size("persons")),
        r"no such root; given: 'persons'; allowed: did you mean 'person'\?",
    ),
    "a bound below nothing": (
        drawing(lambda draw, person: draw.below("x", person - 1, person)),
        "ValueError: a bound is a whole number from 0 to 2",
    ),
    "fractions as addresses": (
        drawing(lambda draw, person: draw.below("x", 3, person / 2)),
        "TypeError: addresses, counters and bounds are whole numbers, not float64",
    ),
    "a misspelt path": (drawing(lambda draw, person: draw.values.whole("poeple")), "poeple"),
    "its own error": (drawing(lambda draw, person: {}["profiles"]), "KeyError: 'profiles'"),
    "a table that is not the flow's": (
        elsewhere, r"a table that its flow does not write; given: 'peeple'; allowed: did you mean 'people'\?",
    ),
    "a misspelt column": (changed(nmae="x"), r"public.people: there is no such column; given: 'nmae'.*'name'"),
    "a missing column": (without("mail"), "public.people.mail: the rows lack this column"),
    "an array that is too long": (
        changed(nth=np.arange(40)), "public.people.nth: the column has 40 values, and there are 23 rows",
    ),
    "words that are too few": (changed(name=Words(np.zeros(4, dtype=np.int64), ("a",))), "has 4 values"),
    "a part that is too long": (
        changed(mail=Optional(np.ones(N, dtype=np.bool_), Number(np.arange(99)))), "people.mail: .* has 99 values",
    ),
    "fractions in whole numbers": (changed(nth=np.full(N, 1.5)), "people.nth: .* holds float64, and not whole numbers"),
    "fractions in moments": (changed(created_at=np.full(N, 1e15)), "people.created_at: .* float64, and not whole m"),
    "truth in whole numbers": (changed(nth=np.ones(N, dtype=np.bool_)), "people.nth: .* holds bool"),
    "too large for its type": (changed(nth=np.full(N, 2**40)), "people: rows cannot be made of what it has"),
    "null where none may be": (changed(mail=None), "people: rows cannot be made of what it has .*null"),
    "text in a uuid": (changed(id=Words(np.zeros(N, dtype=np.int64), ("a",))), "people: rows cannot be made"),
    "a key of no table": (
        changed(id=Key("peopel", np.arange(N))), r"people.id: a key is of no table .* given: 'peopel'.*mean 'people'\?",
    ),
    "a moment that never comes": (changed(created_at=np.full(N, NEVER)), "people.created_at: NEVER is no moment"),
    "an address of somebody": (
        changed(mail=Joined(("ada", Number(np.arange(N)), "@gmail.com"))),
        r"people.mail: a column that reaches somebody by email .* given: 'ada0@gmail.com'; allowed: addresses at exam",
    ),
    "owners that are fractions": (owned(owner=np.arange(N) / 2), "`owner` of its rows is no array of one whole number"),
    "moments that are too few": (owned(at=np.arange(3)), "`at` of its rows is no array"),
}  # fmt: skip


@pytest.mark.parametrize("emit", [emit for emit, _ in MISTAKES.values()], ids=list(MISTAKES))
def test_a_mistake_is_shown_with_its_flow_file_and_line(emit: Emit) -> None:
    expected = next(text for mistake, text in MISTAKES.values() if mistake is emit)
    flows = tuple(replace(flow, emit=emit) if isinstance(flow, Members) else flow for flow in CLUB.flows)
    plan = resolve(replace(CLUB, flows=flows), "default", seed=1, epoch_us=EPOCH)
    window = Window(plan.origin_us, plan.epoch_us)
    with pytest.raises(BadInput) as raised:
        list(generate(plan, whole(plan), window))
    error = raised.value
    assert "the flow 'people' of club" in error.what
    assert re.search(expected, str(error)), str(error)
    file, _, line = str(error.where).rpartition(":")
    assert file == "unit/test_authors.py"
    lines, first = inspect.getsourcelines(emit)
    drawn = emit.__closure__[0].cell_contents if emit.__closure__ else None
    if inspect.isfunction(drawn):
        lines, first = inspect.getsourcelines(drawn)
    assert int(line) in range(first, first + len(lines))
