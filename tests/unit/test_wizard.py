"""What the wizard says and asks where no terminal is needed to see it: secrets, faults that no answer cures, an end by
Ctrl-C while rows are deleted, and what follows from the answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

import contexts
from populace.cli import asking, wording
from populace.cli import wizard as cli
from populace.cli.output import Output
from populace.errors import BadInput, Interrupted, TargetUnavailable
from populace.operations import cleanups
from populace.operations.seeds import wizard
from populace.worlds import registry
from populace.worlds.campaigns.parameters import CLOSING
from tiny import CLUB

WORLD = registry.find("recoverlution")
HASH = "$2b$10$" + "a" * 53


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is shown beside the questions."""
    out: list[str] = []
    monkeypatch.setattr(asking, "_say", out.append)
    return out


def typing(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    given = iter(answers)
    monkeypatch.setattr(asking, "typed", lambda question: next(given))


def test_a_secret_is_not_taken_since_commands_would_show_it(monkeypatch: pytest.MonkeyPatch, said: list[str]) -> None:
    typing(monkeypatch, f"login_hash={HASH}", "count_users=7", "")
    assert asking.others(WORLD) == {"count_users": 7}
    (remark,) = said
    assert "this value is secret" in remark
    assert "worlds.recoverlution" in remark
    assert HASH not in remark


def test_a_fault_that_no_answer_cures_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def one_of(question: str, choices: object) -> str:
        asked.append(question)
        assert len(asked) < 3, "it asks for ever"
        return "default"

    monkeypatch.setattr(asking, "one_of", one_of)
    here = contexts.at("postgresql://nobody@localhost:1/x", CLUB, worlds={CLUB.name: {"people": -3}})
    with pytest.raises(BadInput, match=r"worlds\.club"):
        cli._wish(Output(), here, CLUB.name, named=True)
    assert asked == ["Which scenario?"]


def test_answers_that_do_not_go_together_are_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    closing = iter(({"closing_low_days": 90, "closing_high_days": 30}, {"organizations": 7}))
    monkeypatch.setattr(asking, "one_of", lambda question, choices: "")
    monkeypatch.setattr(cli, "_answers", lambda out, world, base: dict(next(closing)))
    request = cli._planned(Output(), contexts.at("embedded:"), "campaigns")
    assert (request.world, request.changes) == ("campaigns", {"organizations": 7})


@pytest.mark.parametrize("how", [KeyboardInterrupt, Interrupted])
@pytest.mark.parametrize(
    ("after", "words"),
    [
        ("nobody", "stopped; the rows were deleted, and nothing is seeded yet"),
        ("other", "stopped; nothing was changed"),
        ("gone", "stopped; to do: populace status says whether the rows were deleted"),
    ],
)
def test_ctrl_c_while_rows_are_deleted_says_what_came_of_it(
    after: str, words: str, how: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    def standing(*_: object, **__: object) -> Any:
        if after == "gone":
            raise TargetUnavailable("it does not answer")
        return SimpleNamespace(state=after)

    def clean(*_: object, **__: object) -> None:
        raise how("stopped")

    monkeypatch.setattr(wizard, "standing", standing)
    monkeypatch.setattr(cleanups, "clean", clean)
    prepared: Any = SimpleNamespace(context=contexts.at("embedded:", CLUB), target=SimpleNamespace(kind="postgresql"))
    there: Any = SimpleNamespace(state="other", world=CLUB)
    wording.typed(None, None)
    with pytest.raises(Interrupted) as caught:
        wizard.replace(prepared, there)
    assert wording.said(caught.value) == words


def following(months: int) -> dict[str, object]:
    """What the campaigns world computes from the answers."""
    world = registry.find("campaigns")
    answers: dict[str, Any] = {p.path: p.default for p in world.parameters} | {"months": months}
    return {q.path: q.follows(answers) for q in wizard.questions(world) if q.follows is not None}


def scenarios() -> Iterator[tuple[int, dict[str, object]]]:
    world = registry.find("campaigns")
    for scenario in world.scenarios:
        values = {p.path: p.default for p in world.parameters} | dict(scenario.values)
        yield int(str(values["months"])), values


def test_what_goes_with_the_length_of_history_is_as_in_the_scenarios() -> None:
    lengths = []
    for months, values in scenarios():
        lengths.append(months)
        computed = following(months)
        for path in ("closing_low_days", "closing_high_days"):
            assert computed[path] == values[path], (months, path)
    assert sorted(set(lengths)) == [months for months, *_ in CLOSING]
    days = [(following(m)["closing_low_days"], following(m)["closing_high_days"]) for m in range(1, 13)]
    assert days == sorted(days)
    assert (days[1], days[8]) == ((7, 12), (40, 61))
