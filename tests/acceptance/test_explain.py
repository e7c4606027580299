"""explain: what it says of a person's day is what the population did, for every kind of person and day."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow.compute as pc
import pytest

import contexts
from command import CLUB, answer, call
from examples import part
from golden.runs import EPOCH
from lives import GYM, LIVES
from populace import clock
from populace.clock import DAY_US
from populace.engine import DrawStatistics, Shard, Window, explain, generate, whole
from populace.engine.explain import Found, Why
from populace.engine.processes.pools.folding import Folding, left_of
from populace.engine.processes.pools.habits import date_of
from populace.engine.processes.pools.people import described_people
from populace.errors import BadInput
from populace.operations.people.explain import Explained, ExplainRequest
from populace.operations.people.explain import explain as operation
from populace.operations.people.lived import Lived, lived
from populace.plan import resolve
from populace.plan.thresholds import WHOLE
from populace.spec.cohort import PERSON_BITS
from populace.worlds.hogflix.personas import PERSONAS

NOW, PAUSED, RESUMED, END = (f"2026-01-{at}:00:00Z" for at in ("09T12", "10T09", "10T18", "11T15"))
POOLS, EACH = 2, 16
SMALL = [f"--set={setting}" for setting in (f"persona_pool={400 * POOLS}", "unseen_days=80", "days=24")]
KINDS = ("NEW", "ACTIVE", "CASUAL", "DORMANT", "event", "spell", "lost", "paused")


@dataclass(frozen=True)
class Target:
    """A population that was seeded, paused for nine hours of a day, and continued."""

    name: str

    @cached_property
    def lived(self) -> Lived:
        with lived(contexts.at(self.name), "hogflix", "test") as (_, found):
            return found

    @cached_property
    def everybody(self) -> list[Found]:
        lived = self.lived
        return list(explain.everybody(lived.plan, lived.flow, (0, POOLS), lived.watermark_us))

    def explained(self, wanted: list[tuple[Found, int]]) -> list[Why]:
        return list(explain.each(self.lived.plan, self.lived.flow, wanted))


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    name = f"embedded:{tmp_path_factory.mktemp('explain')}"
    here = ("--target", name, "--world", "hogflix")
    answer("seed", "hogflix", "--target", name, "--now", NOW, *SMALL)
    answer("pause", "--at", PAUSED, *here)
    answer("resume", "--at", RESUMED, *here)
    answer("run", "hogflix", "--target", name, "--speed", "max", "--until", END)
    yield Target(name)
    call("db", "stop", "--target", name)


def order(who: Found, day: int) -> str:
    return hashlib.sha256(f"{who.person} {day}".encode()).hexdigest()


@pytest.fixture(scope="module")
def chosen(target: Target) -> list[tuple[Found, int]]:
    """Persons and days of every kind, spread over history and life by a hash."""
    lived = target.lived
    folding, known = Folding(lived.plan, lived.flow, (0, POOLS)), {w.person: w for w in target.everybody}
    kinds: dict[str, list[tuple[Found, int]]] = {kind: [] for kind in KINDS}
    paused = folding.today(clock.parse(PAUSED, "test"))
    for held, day in folding.days(folding.today(lived.watermark_us) - 1):
        if day.day < folding.first_day:
            continue
        fields = {n: held.of(n).tolist() for n in ("person", "state", "event", "binging", "lost")}
        for person, state, event, binging, lost in zip(*fields.values(), strict=True):
            one = (known[person], day.day)
            kinds[lived.flow.states[state].name].append(one)
            for kind, holds in (("event", event), ("spell", binging), ("lost", lost), ("paused", day.day == paused)):
                if holds:
                    kinds[kind].append(one)
    assert all(len(found) >= EACH for found in kinds.values())
    return [one for found in kinds.values() for one in sorted(found, key=lambda one: order(*one))[:EACH]]


def came(target: Target) -> dict[tuple[str, int], set[str]]:
    """The sessions of people and days, by the events that the same plan emits of them."""
    lived, out = target.lived, {}
    shard = Shard({root: (0, size) for root, size in lived.plan.sizes.items()})
    window = Window(lived.plan.origin_us, lived.watermark_us)
    for batch in generate(lived.plan, shard, window, events=True):
        if batch.table != "outbox":
            continue
        payload, at = batch.rows.column("payload"), batch.rows.column("at").cast("int64").to_pylist()
        names = pc.extract_regex(payload, r'"distinct_id":"(?P<found>[^"]+)"').field("found").to_pylist()
        sessions = pc.extract_regex(payload, r'"\$session_id":"(?P<found>[^"]+)"').field("found").to_pylist()
        for name, visit, moment in zip(names, sessions, at, strict=True):
            if visit:
                out.setdefault((name, lived.days.today(moment)), set()).add(visit)
    return out


def test_who_is_said_to_have_come_has_sessions_and_nobody_else(target: Target, chosen: list[tuple[Found, int]]) -> None:
    assert len(chosen) >= 100
    sessions = came(target)
    found = target.explained(chosen)
    assert len(found) == len(chosen)
    for why in found:
        assert why.today
        happened = [v for v in why.today.visits if v.happens == "takes place"]
        assert why.today.came == bool(happened)
        assert len(happened) == len(sessions.get((why.who.called, why.day), ())), why
        assert why.today.meant_to_come or not why.today.visits
        for visit in happened:
            assert visit.begins_us is not None
            assert visit.ends_us is not None
            assert why.starts_us <= visit.begins_us < visit.ends_us <= why.ends_us
    outcomes = {(why.today.came, why.today.meant_to_come) for why in found if why.today}
    assert outcomes == {(True, True), (False, False), (False, True)}, "some came, some did not, some were kept away"


def test_visits_that_an_intervention_cancelled_are_said_to_be(target: Target, chosen: list[tuple[Found, int]]) -> None:
    paused, resumed = (clock.parse(at, "test") for at in (PAUSED, RESUMED))
    visits = [v for why in target.explained(chosen) if why.today for v in why.today.visits]
    assert {v.happens for v in visits} >= {"takes place", "cancelled"}
    for visit in visits:
        if visit.begins_us is not None:
            assert (visit.happens == "cancelled") == (paused <= visit.begins_us < resumed)


@pytest.mark.parametrize("back", part([17, 1, 2], every=3))
def test_the_chance_is_the_one_that_was_accounted(target: Target, back: int) -> None:
    """Of everybody of a pool on a day: how many, the sum of their chances, and how many meant to come."""
    lived = target.lived
    day = lived.days.today(lived.watermark_us) - back
    start_us = lived.days.starts_us(day)
    accounts = DrawStatistics()
    list(generate(lived.plan, Shard({"pool": (1, 2)}), Window(start_us, start_us + 1), accounts))
    accounted = [sums for point, sums in accounts.chances.items() if point.startswith("life.returns.")]
    mine = [who for who in target.everybody if who.person >> PERSON_BITS == 1]
    found = [why.today for why in target.explained([(who, day) for who in mine]) if why.today]
    assert len(found) > 300
    assert sum(n for n, *_ in accounted) == len(found)
    assert sum(p for _, p, *_ in accounted) == sum(t.chance for t in found) * (WHOLE // 10**6)
    assert sum(yes for *_, yes in accounted) == sum(t.meant_to_come for t in found)
    assert all(t.steps[-1].after == t.chance for t in found)


def test_other_worlds_with_lives_are_explained_too() -> None:
    """The gym, whose scores weigh; every chance of a day, by the points under which they are accounted."""
    plan = resolve(GYM, "default", seed=1, epoch_us=EPOCH)
    day = EPOCH // DAY_US - 1
    start_us, accounts = day * DAY_US + LIVES.day_starts_us, DrawStatistics()
    list(generate(plan, whole(plan), Window(start_us, start_us + 1), accounts))
    accounted = [sums for point, sums in accounts.chances.items() if point.startswith("living.returns.")]
    found = explain.everybody(plan, LIVES, (0, plan.sizes["pool"]), EPOCH + DAY_US)
    today = [why.today for why in explain.each(plan, LIVES, [(who, day) for who in found]) if why.today]
    assert any(step.what.startswith("score ") for t in today for step in t.steps)
    assert sum(n for n, *_ in accounted) == len(today)
    assert sum(p for _, p, *_ in accounted) == sum(t.chance for t in today) * (WHOLE // 10**6)
    assert sum(yes for *_, yes in accounted) == sum(t.meant_to_come for t in today)


def explained(target: Target, world: str, text: str, on: str) -> dict[str, Any]:
    return operation(contexts.at(target.name), ExplainRequest(text, on, world)).document()


def test_a_person_is_found_by_whatever_is_known_of_them(target: Target) -> None:
    staying = next(w for w in reversed(target.everybody) if w.joined_us < target.lived.plan.epoch_us)
    day = date_of(target.lived.days.today(staying.joined_us)).isoformat()
    nth = staying.person & ((1 << PERSON_BITS) - 1)
    number = nth * POOLS + (staying.person >> PERSON_BITS)
    email = f"{staying.called}@hogflix-synthetic.test"
    first, *others = [
        explained(target, "hogflix", text, day) for text in (staying.called, str(number), staying.key, email.upper())
    ]
    assert others == [first] * 3
    assert (first["person"]["called"], first["person"]["number"]) == (staying.called, number)
    assert first["outcome"] in ("came", "did not come", "kept away")


def test_personas_are_those_who_are_explained(target: Target) -> None:
    """At the start of a day a person is listed in `personas` with the state that `explain` gives for it."""
    lived = target.lived
    day = lived.days.today(lived.watermark_us) - 3
    moment_us = lived.days.starts_us(day)
    members = (1, 2)
    listed = {
        one.person: one.document for one in described_people(lived.plan, lived.flow, PERSONAS, members, moment_us)
    }
    here = [who for who in target.everybody if who.person in listed]
    alive = 0
    for why in target.explained([(who, day) for who in here]):
        persona, today = listed[why.who.person], why.today
        assert persona["distinct_id"] == why.who.called
        assert (persona["churned_at"] is None) == (today is not None)
        if today is None:
            assert why.kept
            continue
        alive += 1
        assert (persona["state"], persona["activity_pattern"]) == (today.state, today.pattern)
        assert persona["engagement_score"] == today.score
        assert persona["consecutive_active_days"] == today.streak
        assert persona["consecutive_missed_days"] == today.idle
        assert persona["in_life_event"] == today.event
        assert persona["binge_state"]["is_binging"] == today.binging
    assert alive > 300


def test_what_is_printed_can_be_read(target: Target, chosen: list[tuple[Found, int]]) -> None:
    why = next(w for w in target.explained(chosen) if w.today and w.today.came)
    on = date_of(why.day).isoformat()
    text = call("explain", "hogflix", why.who.called, "--on", on, "--target", target.name).stdout
    document = answer("explain", "hogflix", why.who.called, "--on", on, "--target", target.name)
    assert document == Explained(why, document["person"]["number"], document["person"]["pool"], True).document()
    assert f"the day {on}: from {on}T07:15:00Z to" in text
    for step in document["today"]["steps"]:
        assert step["what"] in text
    assert ": they came" in text
    assert document["today"]["visits"][0]["begins"] in text


def test_before_sign_up_and_after_leaving(target: Target) -> None:
    lived = target.lived
    first = lived.days.first_day
    late = next(w for w in target.everybody if w.joined_us > lived.plan.origin_us + 5 * DAY_US)
    (why,) = target.explained([(late, lived.days.today(late.joined_us) - 1)])
    assert (why.today, why.left_us) == (None, None)
    text = call("explain", "hogflix", late.called, "--on", date_of(first).isoformat(), "--target", target.name).stdout
    assert "had not signed up" in text

    left: dict[bool, int] = {}
    for _, day in Folding(lived.plan, lived.flow, (0, POOLS)).days(lived.days.today(lived.watermark_us)):
        who, removed = left_of(lived.flow, day)
        if day.day > first:
            left |= dict(zip((removed == 0).tolist(), who.person.tolist(), strict=True))
    known = {w.person: w for w in target.everybody}
    last = lived.days.today(lived.watermark_us)
    for kept, person in left.items():
        before, after = target.explained([(known[person], last), (known[person], first)])
        assert before.left_us is None
        assert (after.today, after.kept) == (None, kept)
        shown = explained(target, "hogflix", known[person].called, date_of(last).isoformat())
        assert shown["outcome"] == "had left"
        assert shown["left"] == {"at": clock.iso(after.left_us or 0), "rows_kept": kept}
    assert set(left) == {True, False}


def test_what_cannot_be_explained_is_refused(target: Target) -> None:
    def refused(world: str, text: str, on: str) -> str:
        with pytest.raises(BadInput) as error:
            explained(target, world, text, on)
        return str(error.value)

    who, day = target.everybody[0].called, "2026-01-08"
    for nobody in ("p_00000_1", "somebody@example.com", "99999999", "019b656c-0360-726a-904c-1b957316b670"):
        assert "there is no such person in this population" in refused("hogflix", nobody, day)
    for outside in ("2025-12-15", "2026-01-12"):
        assert "allowed: 2025-12-16 to 2026-01-11" in refused("hogflix", who, outside)
    assert "this is not a date" in refused("hogflix", who, "yesterday")
    assert "have no lifecycle" in refused(CLUB, who, day)
    assert "have no lifecycle" in refused("recoverlution", who, day)
    error = call("explain", "hogflix", who, "--on", day, "--target", f"{target.name}-mistyped", code=3).stderr
    assert "there is no database here" in error
