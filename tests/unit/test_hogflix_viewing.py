"""What people of HogFlix do when they come: shares that nest, ranges that hold, evenings where they live."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from dataclasses import replace
from functools import cache
from statistics import NormalDist
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from bounds import assert_shares, normal_bound
from populace.clock import DAY_US, HOUR_US, parse
from populace.engine import DrawStatistics, Window
from populace.engine.draws import EngineDraw
from populace.engine.tables import Block
from populace.errors import BadInput
from populace.plan import resolve
from populace.spec import OUTBOX, Cohort, DailyStatistics, Ints, Moves, Values, Visits, Walk
from populace.spec.cohort import PERSON_BITS
from populace.spec.zones import offset_us
from populace.worlds.hogflix import WORLD, catalogue
from populace.worlds.hogflix.behaviour import popularity, shelves, traces, viewing
from populace.worlds.hogflix.behaviour.visits import step, times
from populace.worlds.hogflix.catalogue import content
from populace.worlds.hogflix.parameters.fixed import APART
from populace.worlds.hogflix.parameters.people import DAY_STARTS_US, EVENTS, LONGEST_US, PATTERNS, SEGMENTS, STATES
from populace.worlds.hogflix.parameters.visits import COMPLETIONS, DEPTHS, ENTRIES, MIX, RATINGS, derive_visits
from populace.worlds.hogflix.people import traits
from populace.worlds.hogflix.people.subscriptions import FIELDS
from populace.worlds.hogflix.reporting import events
from populace.worlds.hogflix.reporting.event_names import RECONCILED, RECONCILED_LATER

EPOCH = parse("2026-01-10T00:00:00Z", "epoch")
DAY = EPOCH // DAY_US - 20
N = 6_000


def drawing(**overrides: object) -> EngineDraw:
    plan = resolve(WORLD, "default", seed=1, epoch_us=EPOCH, overrides=overrides)
    return EngineDraw(plan, plan.eras[0], Window(0, 1 << 62), DrawStatistics())


def visits_of(
    n: int = N, day: int = DAY, *, state: str = "ACTIVE", pattern: str = "REGULAR", plan: str = "Basic",
    event: str | None = None, binging: bool = False, special: bool = False,
) -> Visits:  # fmt: skip
    """First visits of as many people, who are all alike."""
    person = (np.arange(n) // 400 << PERSON_BITS) | np.arange(n) % 400
    at, alike = np.full(n, day * DAY_US + DAY_STARTS_US), np.ones(n, dtype=np.int8)
    who = Cohort(
        person=person, pool=person >> PERSON_BITS, joined_at=at - 40 * DAY_US, at=at,
        state=STATES.index(state) * alike, pattern=PATTERNS.index(pattern) * alike,
        segment=SEGMENTS.index(plan) * alike, event=(1 + EVENTS.index(event) if event else 0) * alike,
        score=60 * alike, tenure=np.full(n, 40), fields=dict.fromkeys(FIELDS, np.zeros(n, dtype=np.int64)),
    )  # fmt: skip
    return Visits(
        address=((person << 16 | day) << 3).astype(np.uint64), k=np.zeros(n, dtype=np.int64), day=np.full(n, day),
        who=who, started_at=at + HOUR_US, binging=np.full(n, binging), special=np.full(n, special),
        first=np.ones(n, dtype=np.bool_),
    )  # fmt: skip


@cache
def walked(**given: Any) -> tuple[EngineDraw, Visits, Walk]:
    draw, visits = drawing(), visits_of(**given)
    return draw, visits, viewing.walk(draw, visits)


def emitted(draw: EngineDraw, by_table: Any) -> dict[str, pa.RecordBatch]:
    return {
        name: Block(draw.plan.seed, np.arange(len(rows.owner))).record_batch(
            OUTBOX if name == OUTBOX.name else WORLD.table(name), rows.columns
        )
        for name, rows in by_table.items()
    }


def assert_share(yes: int, of: int, share: float) -> None:
    assert_shares([yes, of - yes], [share, 1 - share])


def test_cards_are_opened_and_titles_started_as_often_as_documented():
    draw, _, walk = walked()
    counts = {name: int(values.sum()) for name, values in walk.counts.items()}
    assert_share(counts["opened"], counts["cards"], 0.75)
    assert_share(counts["videos"], counts["opened"], 0.60)
    assert_share(counts["ratings"], counts["videos"], 0.20)
    assert_share(counts["watchlist"], N, 0.30)
    assert_share(counts["tickets"], N, 0.02)
    assert_share(counts["chats"], N, 0.10)
    assert_shares(np.bincount(walk.columns["entry"], minlength=len(ENTRIES)).tolist(), [0.4, 0.15, 0.2, 0.15, 0.1])
    chances = draw.statistics.document()["chances"]
    assert chances["card.opened"][0] == counts["cards"]
    assert chances["card.started"][0] == counts["opened"]


@pytest.mark.parametrize(
    ("depth", "completion", "given"),
    [
        ("new", "new", {"state": "NEW", "pattern": "DAILY"}),
        ("casual", "casual", {"state": "CASUAL", "pattern": "WEEKEND", "special": True}),
        ("dormant", "dormant", {"state": "DORMANT", "pattern": "DAILY"}),
        ("daily", "daily", {"pattern": "DAILY"}),
        ("regular", "regular", {}),
        ("weekend_on", "active", {"pattern": "WEEKEND", "special": True}),
        ("weekend_off", "active", {"pattern": "WEEKEND"}),
        ("binging", "binging", {"pattern": "BINGE", "special": True, "binging": True}),
        ("resting", "active", {"pattern": "BINGE"}),
        ("monthly", "active", {"pattern": "MONTHLY", "special": True}),
        ("low", "casual", {"pattern": "DAILY", "event": "SICK"}),
        ("low", "casual", {"pattern": "REGULAR", "event": "BUSY_WORK"}),
        ("daily", "daily", {"pattern": "DAILY", "event": "NEW_RELEASE_HYPE"}),
    ],
)
def test_depth_and_completion_are_those_of_the_class(depth: str, completion: str, given: dict[str, Any]):
    _, _, walk = walked(n=2_000, **given)
    low, high = DEPTHS[depth]
    started = walk.counts["videos"]
    assert started.max() == high
    assert (started[walk.counts["cards"] < 96] >= low).all()
    percent = walk.columns["video_percent"]
    error = percent.std() / np.sqrt(len(percent))
    assert abs(percent.mean() - COMPLETIONS[completion]) < normal_bound(float(error))


def test_over_all_classes_about_55_of_100_videos_reach_half():
    values = Values({p.path: p.default for p in WORLD.parameters})
    got = Values(derive_visits(values))
    assert abs(sum(share * got.number(f"half.{name}") for name, share in MIX.items()) / 100 - 0.55) < 0.01
    with pytest.raises(BadInput, match="half_share"):
        derive_visits(Values({**values, "half_share": 0.8}))
    with pytest.raises(BadInput, match="depth_new_low"):
        derive_visits(Values({**values, "depth_new_low": 9}))


@pytest.mark.parametrize("plan", SEGMENTS)
def test_ratings_have_the_mean_and_deviation_of_the_plan(plan: str):
    _, _, walk = walked(n=8_000, pattern="DAILY", plan=plan)
    stars = walk.columns["video_rating"][walk.columns["video_rating"] > 0]
    normal = NormalDist(*RATINGS[plan])
    edges = [0.0, *(normal.cdf(k + 0.5) for k in range(1, 5)), 1.0]
    shares = [b - a for a, b in itertools.pairwise(edges)]
    mean = sum(k * s for k, s in enumerate(shares, start=1))
    deviation = sum((k - mean) ** 2 * s for k, s in enumerate(shares, start=1)) ** 0.5
    # Beside chance between ratings there is that between people and between titles, of which there are fewer.
    error = deviation * (1 / len(stars) + 0.04 / 8_000 + 0.04 / 100) ** 0.5
    assert abs(stars.mean() - mean) < normal_bound(error)
    assert abs(stars.std() - deviation) < 0.03


def test_a_person_and_a_title_have_tastes_of_their_own():
    draw, visits = drawing(rating_share=1.0, rating_variance_person=0.4), visits_of(2_000, pattern="DAILY")
    walk = viewing.walk(draw, visits)
    visit, stars = walk.columns["video_visit"], walk.columns["video_rating"]
    means = np.bincount(visit, stars) / np.bincount(visit)
    assert means.std() > 1.5 * stars.std() / np.sqrt(np.bincount(visit).mean())


def test_rows_lie_inside_their_visits_and_have_keys_of_their_own():
    draw, visits, walk = walked()
    by_table = traces.emit(draw.unrecorded, visits, walk)
    assert set(by_table) == {"watch_progress", "video_ratings", "user_watchlist", "support_tickets",
                          "chat_conversations", "chat_messages"}  # fmt: skip
    assert walk.lasts_us.max() <= LONGEST_US
    batches = emitted(draw, by_table)
    began = dict(zip(visits.who.person.tolist(), visits.started_at.tolist(), strict=True))
    ends = dict(zip(visits.who.person.tolist(), (visits.started_at + walk.lasts_us).tolist(), strict=True))
    for name, rows in by_table.items():
        assert rows.at is not None
        assert all(began[p] <= at <= ends[p] for p, at in zip(rows.owner.tolist(), rows.at.tolist(), strict=True)), name
        ids = batches[name]["id"].to_pylist()
        if rows.entity is None:
            assert len(set(ids)) == len(ids)
        else:
            assert len(set(ids)) == len(set(rows.entity.tolist()))
    progress = batches["watch_progress"]
    percent = np.array(progress["progress_percentage"])
    assert (np.array(progress["completed"]) == (percent >= 90)).all()
    assert (np.array(progress["progress_seconds"]) <= np.array(progress["duration_seconds"])).all()


def test_a_visit_shows_few_titles_twice_and_none_before_its_release():
    draw, visits, walk = walked(pattern="BINGE", special=True, binging=True)
    visit, title = walk.columns["video_visit"], walk.columns["video_title"]
    card = step(visits.address[visit], walk.columns["video_card"])

    def doubles(title: Ints) -> float:
        return 1 - len(np.unique(visit * draw.size("title") + title)) / len(title)

    never, once = (doubles(popularity.picked(draw.unrecorded, visits, visit, card, apart=n)) for n in (0, 1))
    # A double is picked again from a shelf that is wider each time: no likelier a double again than at the first time.
    assert 0 < doubles(title) < never * (once / never) ** APART < 0.03
    shelf, _ = shelves.shelves(draw)
    assert (shelf.released_us[walk.columns["video_title"]] <= visits.who.at[walk.columns["video_visit"]]).all()


def test_new_titles_are_watched_more_and_hype_fades():
    draw = drawing()
    shelf, _ = shelves.shelves(draw)
    fresh = int(np.argmin(np.abs(shelf.released_us - (EPOCH - 5 * DAY_US))))
    day = int(shelf.released_us[fresh])
    weights = [int(shelf.at(day + age * DAY_US)[fresh]) for age in (-1, 0, 7, 14, 200)]
    assert weights[0] == 0
    assert weights[1] == pytest.approx(4 * weights[4], abs=4)
    assert weights[1] > weights[2] > weights[3] == weights[4]


def test_nobody_watches_product_demos_under_the_later_names():
    demos = [k for k, t in enumerate(catalogue.titles()) if t.category == catalogue.DEMO]
    for names, some in (("document", True), ("object_action", False)):
        draw, visits = drawing(event_names=names), visits_of()
        seen = np.isin(viewing.walk(draw, visits).columns["video_title"], demos)
        assert seen.any() == some


@pytest.mark.parametrize(
    "day", [DAY, parse("2026-03-28T00:00:00Z", "d") // DAY_US, parse("2026-10-31T00:00:00Z", "d") // DAY_US]
)
def test_evenings_stay_evenings_in_every_zone(day: int):
    draw, visits = drawing(), visits_of(20_000, day)
    begins = times(draw, visits)
    assert ((begins >= 0) & (begins < DAY_US)).all()
    assert (begins % 1000 == 0).all()
    zone = traits.region(draw.unrecorded, visits.who)
    at = visits.who.at + begins
    hour = (at + offset_us(catalogue.ZONES, zone, at)) // HOUR_US % 24
    weekday = ((visits.who.at + offset_us(catalogue.ZONES, zone, visits.who.at)) // DAY_US + 3) % 7
    for place in range(len(catalogue.ZONES)):
        here = hour[zone == place]
        curve = "weekend" if weekday[zone == place][0] >= 5 else "weekday"
        weights = [getattr(h, curve) for h in catalogue.hours()]
        assert_share(int(((here >= 18) & (here < 23)).sum()), len(here), sum(weights[18:23]) / sum(weights))


@pytest.mark.parametrize("names", ["document", "object_action"])
def test_each_row_has_its_event_at_its_moment_and_no_event_comes_twice(names: str):
    draw, visits = drawing(event_names=names), visits_of(2_000)
    walk = viewing.walk(draw, visits)
    rows = emitted(draw, traces.emit(draw.unrecorded, visits, walk))
    out = emitted(draw, events.report(draw.unrecorded, visits, walk))[OUTBOX.name]
    ids, kinds = out["id"].to_pylist(), out["kind"].to_pylist()
    assert len(set(ids)) == len(ids)
    table = RECONCILED if names == "document" else RECONCILED_LATER
    for name in ("video_ratings", "user_watchlist", "support_tickets", "chat_messages"):
        at = rows[name]["created_at"].to_pylist()
        if name == "chat_messages":
            at = [a for a, role in zip(at, rows[name]["role"].to_pylist(), strict=True) if role == "user"]
        said = [a for a, kind in zip(out["at"].to_pylist(), kinds, strict=True) if kind == table[name]]
        assert Counter(said) == Counter(at), name
    payloads = [json.loads(p) for p in out["payload"].to_pylist()]
    for payload, kind in zip(payloads, kinds, strict=True):
        properties = payload["properties"]
        assert payload["event"] == kind
        assert properties["is_synthetic"] is True
        assert properties["pattern"] == properties["activity_pattern"] == "REGULAR"
    steps = Counter(
        p["properties"].get("milestone") for p in payloads if p["event"] in ("video_progress", "video:progress")
    )
    assert set(steps) == set(range(10, 101, 10))
    assert steps[50] == (walk.columns["video_percent"] >= 50).sum()


def test_sign_ups_and_changes_emit_who_a_person_is():
    draw, who = drawing(), visits_of(50, plan="Premium").who
    out = emitted(draw, events.report_people(draw, who))[OUTBOX.name]
    assert Counter(out["kind"].to_pylist()) == {"signed_up": 50, "$identify": 50, "plan_changed": 50}
    assert len(set(out["id"].to_pylist())) == 150
    before = replace(who, segment=who.segment * 0, state=who.state * 0)
    some = np.arange(50) % 2 == 0
    out = emitted(draw, events.report_moves(draw, Moves(who=who, before=before, removed=some)))[OUTBOX.name]
    assert Counter(out["kind"].to_pylist()) == {"$identify": 25, "plan_changed": 25}
    kept = emitted(draw, events.report_moves(draw, Moves(who=who, before=who, removed=some)))[OUTBOX.name]
    assert kept.num_rows == 0


def test_an_endpoint_answers_from_the_epoch_on_and_the_local_answerer_before():
    later = EPOCH // DAY_US + 3
    for day, stored_by, messages, asked in (
        (DAY, "populace", 2, 0),
        (later, "populace", 1, 1),
        (later, "endpoint", 0, 1),
    ):
        draw = drawing(flixbuddy_answers="endpoint", flixbuddy_stored_by=stored_by, flixbuddy_per_day=10_000)
        visits = visits_of(2_000, day)
        walk = viewing.walk(draw, visits)
        batches = emitted(draw, traces.emit(draw.unrecorded, visits, walk))
        questions = int(walk.counts["questions"].sum())
        assert batches["chat_messages"].num_rows == messages * questions
        assert (batches[OUTBOX.name].num_rows if OUTBOX.name in batches else 0) == asked * questions
        assert batches["chat_conversations"].num_rows == int(walk.counts["chats"].sum())


def test_an_endpoint_is_not_asked_more_often_than_a_day_allows():
    draw = drawing(flixbuddy_answers="endpoint", persona_pool=40_000, flixbuddy_per_day=50)
    visits = visits_of(12_000, EPOCH // DAY_US + 3)
    assert 20 <= viewing.walk(draw, visits).counts["questions"].sum() <= 90


def test_a_day_of_a_pool_is_emitted_when_it_is_over():
    draw, one = drawing(), np.ones(2, dtype=np.int64)
    counts = {"total": 400 * one, "state.NEW": 0 * one, "state.ACTIVE": 250 * one, "score.NEW": 0 * one,
              "score.ACTIVE": 250 * 62 * one, "pattern.DAILY": 60 * one, "chats": 9 * one}  # fmt: skip
    ended: Ints = np.full(2, (DAY + 1) * DAY_US + DAY_STARTS_US)
    daily = DailyStatistics(pool=np.arange(2), day=np.full(2, DAY), ended_at=ended, counts=counts)
    rows = emitted(draw, traces.emit_days(draw, daily))["daily_metrics"].to_pylist()
    assert rows[1]["pool"] == 1
    assert rows[1]["flixbuddy_calls"] == 9
    assert json.loads(rows[0]["state_distribution"]) == {"NEW": 0, "ACTIVE": 250}
    assert json.loads(rows[0]["score_by_state"]) == {"NEW": 0, "ACTIVE": 62}


def test_no_visits_leave_nothing():
    draw, visits = drawing(), visits_of(0)
    walk = viewing.walk(draw, visits)
    assert times(draw, visits).tolist() == []
    for by_table in (traces.emit(draw, visits, walk), events.report(draw, visits, walk)):
        assert all(batch.num_rows == 0 for batch in emitted(draw, by_table).values())


@pytest.mark.parametrize("entry", ENTRIES)
def test_where_a_visit_begins_decides_what_it_sees(entry: str):
    _, _, walk = walked()
    begun = np.flatnonzero(walk.columns["entry"] == ENTRIES.index(entry))
    narrow = entry in ("search", "category")
    genre = content.shelf(walk.columns["video_title"])
    visit = walk.columns["video_visit"]
    several = [genre[visit == v] for v in begun[:300].tolist() if (visit == v).sum() >= 3]
    alone = np.mean([len(set(of.tolist())) == 1 for of in several])
    assert alone > 0.9 if narrow else alone < 0.5
    in_section = (walk.columns["section"][begun] > 0).mean()
    assert in_section == pytest.approx(0.8, abs=0.05) if entry in ("homepage", "category") else in_section == 0


def test_of_those_who_reach_half_some_stop_before_the_end():
    percent = np.concatenate([walked(n=2_000, pattern=p)[2].columns["video_percent"] for p in ("DAILY", "REGULAR")])
    reach = percent[percent >= 50]
    assert_share(int((reach >= 90).sum()), len(reach), 0.65)
    assert {*range(50, 101)} <= set(reach.tolist())
