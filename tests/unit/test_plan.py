"""Plans: every number settled, plain data and back, and a digest that differs when the population would."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import contexts
from populace.clock import DAY_US, HOUR_US, MINUTE_US, parse
from populace.errors import BadInput, PopulaceError, Refused
from populace.operations.context import Context
from populace.operations.plans.making import PlanRequest, make_plan
from populace.plan import ENGINE_VERSION, Intervention, Plan, check_changes, from_document, resolve
from populace.settings import load
from tiny import CLUB

EPOCH = parse("2026-01-10T00:00:00Z", "epoch")


def plan(**changes: Any) -> Plan:
    return resolve(CLUB, changes.pop("scenario", "default"), **{"seed": 1, "epoch_us": EPOCH, **changes})


def document(**changes: Any) -> dict[str, Any]:
    return {**json.loads(json.dumps(plan().document())), **changes}


def test_every_number_is_settled_in_order_of_precedence():
    made = plan(scenario="busy", overrides={"rate": "7"})
    assert (made.settings["rate"], made.settings["visit_days"], made.settings["cap"]) == (7, 2, 5)
    assert made.sizes == {"person": 23}
    assert made.cells == {"person": 5}
    assert made.origin_us == EPOCH - 3 * DAY_US
    assert made.eras[0].values["weights"] == (1.0, 2.0, 0.5)
    assert sum(made.eras[0].decisions["visiting.who"].shares) == pytest.approx(1)  # type: ignore[union-attr]


def test_a_plan_survives_a_round_trip_as_json():
    made = plan(scenario="busy", overrides={"abandon": 0.1 + 0.2}).with_interventions(
        [Intervention(2, EPOCH + HOUR_US + 1, {"rate": 0}), Intervention(1, EPOCH + HOUR_US, {"open": False})]
    )
    back = from_document(json.loads(json.dumps(made.document())), CLUB, "plan.json")
    assert back.document() == made.document()
    assert back.digest == made.digest
    assert back.interventions == made.interventions
    assert [e.begins_us for e in back.eras] == [e.begins_us for e in made.eras]


def test_the_digest_differs_when_the_population_does(monkeypatch: pytest.MonkeyPatch):
    other: dict[str, object] = {"people": 24, "days": 4, "notes_each": 3, "rate": 4, "cap": 6, "open": False,
                                "arrivals": "fixed", "visit_days": 1, "abandon": 0.3}  # fmt: skip
    assert set(other) == {p.path for p in CLUB.parameters}
    plans = [plan(), plan(seed=2), plan(epoch_us=EPOCH + DAY_US), plan(scenario="busy")]
    plans += [plan(overrides={path: value}) for path, value in other.items()]
    plans += [replace(plan(), world=replace(CLUB, **{name: value}))
              for name, value in (("version", 2), ("name", "clubb"), ("digest", "words"))]  # fmt: skip
    digests = {p.digest for p in plans}
    assert len(digests) == len(plans)
    monkeypatch.setattr("populace.plan.plan.ENGINE_VERSION", ENGINE_VERSION + 1)
    assert plan().digest not in digests


def test_the_digest_ignores_interventions_and_how_a_value_was_written():
    assert plan(overrides={"rate": "4"}).digest == plan(overrides={"rate": 4.0}).digest
    changed = plan().with_interventions([Intervention(1, EPOCH, {"rate": 9})])
    assert changed.digest == plan().digest
    assert changed.interventions_digest(EPOCH) == plan().interventions_digest(EPOCH)
    assert changed.interventions_digest(EPOCH + 1) != plan().interventions_digest(EPOCH + 1)


def test_eras_begin_where_interventions_take_force_and_the_later_number_wins():
    made = plan().with_interventions(
        [
            Intervention(3, EPOCH, {"rate": 9}),
            Intervention(2, EPOCH, {"rate": 8, "cap": 50}),
            Intervention(4, EPOCH + 1, {"open": False}),
        ]
    )
    rates = [(made.era_at(t).values["rate"], made.era_at(t).values["cap"]) for t in (EPOCH - 1, EPOCH, EPOCH + DAY_US)]
    assert rates == [(3, 5), (9, 50), (9, 50)]
    assert [made.era_at(EPOCH + n).values["open"] for n in (0, 1)] == [True, False]
    assert made.with_interventions(()).eras[0].values["rate"] == 3
    assert len(made.with_interventions(()).eras) == 1


def test_eras_of_equal_settings_share_what_was_resolved_and_a_claim_on_visits_begins_none():
    """A plan does not grow with what leaves its settings as they are: visits asked for, delegated, and pauses."""
    claims = [Intervention(n, EPOCH + n, {}, delegated=(n, n + 1)) for n in range(1, 500)]
    pauses = [Intervention(n, EPOCH + n, {"open": n % 2 == 0}) for n in range(500, 1_000)]
    asked = [Intervention(n, EPOCH + n, {}, sessions=1) for n in range(1_000, 1_500)]
    made = plan().with_interventions([*asked, *claims, *pauses])
    assert len(made.eras) == 1 + len(pauses) + len(asked)
    assert [made.era_at(EPOCH + n).values["open"] for n in (499, 500, 501, 999, 1_499)] == [
        True, True, False, False, False,
    ]  # fmt: skip
    assert made.era_at(EPOCH + 1_499).begins_us == EPOCH + 1_499
    assert len({id(era.decisions) for era in made.eras}) == len({id(era.values) for era in made.eras}) == 2
    # The first claim counts, and a claim that changes something as well begins an era all the same.
    assert (made.delegations[1], made.delegations[2]) == (EPOCH + 1, EPOCH + 1)
    both = plan().with_interventions([Intervention(1, EPOCH, {"rate": 9}, delegated=(5,))])
    assert (both.era_at(EPOCH).values["rate"], both.delegations) == (9, {5: EPOCH})
    assert len({made.interventions_digest(EPOCH + n) for n in (0, 1, 2, 3, 1_500)}) == 4


@pytest.mark.parametrize("offset", [1, -1, HOUR_US, 12 * HOUR_US])
def test_an_epoch_is_a_midnight(offset: int):
    with pytest.raises(BadInput, match="epoch: an epoch is a UTC midnight") as refused:
        plan(epoch_us=EPOCH + offset)
    assert "use 2026-01-" in str(refused.value)


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_a_seed_has_bounds(seed: int):
    assert plan(seed=2**63 - 1).seed == 2**63 - 1
    with pytest.raises(BadInput, match="seed"):
        plan(seed=seed)


def test_all_bad_values_are_reported_at_once():
    with pytest.raises(BadInput) as refused:
        plan(overrides={"rat": 1, "people": 0, "abandon": "often", "cap": 6})
    text = str(refused.value)
    assert text.startswith("3 faults:")
    assert all(part in text for part in ("did you mean 'rate'", "club.people", "club.abandon"))
    with pytest.raises(BadInput, match="did you mean 'default'"):
        plan(scenario="defaults")


def test_visits_cannot_begin_before_history_does():
    with pytest.raises(BadInput, match="visit_days"):
        plan(overrides={"days": 1, "visit_days": 3})


@pytest.mark.parametrize(
    ("name", "value"),
    [("engine", ENGINE_VERSION + 1), ("world", "clubb"), ("world_version", 2), ("words", "other")],
)
def test_a_plan_of_another_version_is_refused_with_advice(name: str, value: object):
    with pytest.raises(Refused, match=f"plan.json.{name}: .*to do: "):
        from_document(document(**{name: value}), CLUB, "plan.json")


@pytest.mark.parametrize(
    "broken",
    [
        [],
        {},
        {k: v for k, v in document().items() if k != "seed"},
        document(colour="red"),
        document(format=2),
        document(seed="one"),
        document(seed=-1),
        document(seed=1.5),
        document(seed=None),
        document(epoch="yesterday"),
        document(epoch="2026-01-10T00:00:00"),
        document(epoch="2026-01-10T01:00:00Z"),
        document(scenario="none"),
        document(settings=[]),
        document(settings={**document()["settings"], "colour": "red"}),
        document(settings={**document()["settings"], "rate": "fast"}),
        document(settings={k: v for k, v in document()["settings"].items() if k != "rate"}),
        document(interventions={}),
        document(interventions=["close"]),
        document(interventions=[{"number": 1}]),
        document(interventions=[{"number": "x", "at": "2026-01-10T01:00:00Z", "values": {}}]),
        document(interventions=[{"number": 1, "at": "soon", "values": {}}]),
        document(interventions=[{"number": 1, "at": "2026-01-10T01:00:00Z", "values": []}]),
        document(interventions=[{"number": 1, "at": "2026-01-10T01:00:00Z", "values": {"rate": -1}}]),
        document(interventions=[{"number": 1, "at": "2026-01-10T01:00:00Z", "values": {"people": 5}}]),
    ],
    ids=lambda d: ",".join(f"{k}={v}" for k, v in d.items() if document().get(k) != v)[:70] if d else repr(d),
)
def test_what_is_no_plan_is_refused(broken: Any):
    """By an error of ours, and never read as another plan: a setting that is missing is not guessed."""
    with pytest.raises(PopulaceError) as refused:
        from_document(broken, CLUB, "plan.json")
    assert refused.value.exit_code in (2, 3)


def test_differences_name_the_paths_and_both_values():
    there = plan(seed=2, overrides={"rate": 4}).document()
    assert plan().differences(there) == ["seed: 2 there, 1 here", "settings.rate: 4 there, 3 here"]
    changed = plan().with_interventions([Intervention(1, EPOCH, {"rate": 9})])
    assert plan().differences(changed.document()) == []
    assert plan().differences({k: v for k, v in there.items() if k != "world"})[-1] == "world: None there, 'club' here"


def test_only_live_parameters_change_while_the_population_lives():
    assert check_changes(CLUB, {"rate": "7", "open": "off"}, "settings") == {"rate": 7, "open": False}
    with pytest.raises(BadInput, match=r"settings.people: this number is fixed by the plan") as refused:
        check_changes(CLUB, {"people": 5}, "settings")
    assert "rate, cap, open, abandon" in str(refused.value)
    with pytest.raises(BadInput, match="did you mean 'rate'"):
        check_changes(CLUB, {"raate": 5}, "settings")
    with pytest.raises(BadInput, match=r"settings.rate"):
        check_changes(CLUB, {"rate": 101}, "settings")


def test_interventions_within_a_minute_are_apart():
    made = plan().with_interventions(
        [Intervention(1, EPOCH + 90 * 1_000_000, {"rate": 9}), Intervention(2, EPOCH + MINUTE_US, {"rate": 1})]
    )
    assert [e.values["rate"] for e in made.eras] == [3, 1, 9]


def test_a_variable_that_a_world_names_sets_a_parameter(tmp_path: Path):
    """It counts more than the file, and less than what is asked for here."""
    rate = replace(CLUB.parameter("rate"), variables=("CLUB_RATE", "RATE"))
    world = replace(CLUB, parameters=tuple(rate if p.path == "rate" else p for p in CLUB.parameters))
    (tmp_path / "populace.toml").write_text("[worlds.club]\nrate = 5\n", encoding="utf-8")

    def made(changes: Mapping[str, object], **environment: str) -> object:
        context = Context(load(tmp_path, environment), contexts.Worlds(world))
        return make_plan(context, PlanRequest(world.name, changes=changes), EPOCH).settings["rate"]

    assert made({}) == 5
    assert made({}, RATE="7") == 7
    assert made({}, RATE="7", CLUB_RATE="8") == 8
    assert made({"rate": 9}, CLUB_RATE="8") == 9
    with pytest.raises(BadInput, match=r"^CLUB_RATE: "):
        made({}, CLUB_RATE="many")
    assert "CLUB_RATE" not in repr(load(tmp_path, {"CLUB_RATE": "8"}))
