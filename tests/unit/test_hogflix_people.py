"""The people of HogFlix: who they are, when they sign up, what they pay, and when they count as what."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from populace.clock import DAY_US, HOUR_US, SECOND_US, parse
from populace.engine import DrawStatistics, Window
from populace.engine.draws import EngineDraw
from populace.engine.tables import Block
from populace.errors import BadInput
from populace.plan import resolve
from populace.spec import Cohort, Ints, Moves, Transition, Values
from populace.spec.cohort import PERSON_BITS
from populace.spec.zones import offset_us
from populace.worlds.hogflix import WORLD, catalogue
from populace.worlds.hogflix.catalogue import content
from populace.worlds.hogflix.parameters.derived import derive, schedule
from populace.worlds.hogflix.parameters.people import (
    BASIC,
    DAY_STARTS_US,
    LONGEST_US,
    PREMIUM,
    SIGN_UPS_A_SECOND,
    STANDARD,
    STATES,
)
from populace.worlds.hogflix.people import accounts, subscriptions, traits
from populace.worlds.hogflix.people.lifecycle import HABITS, TRANSITIONS
from populace.worlds.hogflix.people.subscriptions import CANCELLED, EXPIRED, FIELDS

EPOCH = parse("2026-01-10T00:00:00Z", "epoch")
DAY = EPOCH // DAY_US


def drawing(scenario: str = "default", **overrides: object) -> EngineDraw:
    plan = resolve(WORLD, scenario, seed=1, epoch_us=EPOCH, overrides=overrides)
    return EngineDraw(plan, plan.eras[0], Window(0, 1 << 62), DrawStatistics())


def cohort(person: Ints, day: int = DAY, **given: Any) -> Cohort:
    """People as at the start of a day; who signed up on it, unless given otherwise."""
    none = np.zeros(len(person), dtype=np.int64)
    at = np.full(len(person), day * DAY_US + DAY_STARTS_US)
    whole = {"person": person, "pool": person >> PERSON_BITS, "joined_at": at + HOUR_US, "at": at, "state": none,
             "pattern": none, "segment": none, "event": none, "score": none, "tenure": none,
             "fields": dict.fromkeys(FIELDS, none)}  # fmt: skip
    return Cohort(**{**whole, **given})


def pools(many: int, each: int) -> Ints:
    return (np.repeat(np.arange(many), each) << PERSON_BITS) | np.tile(np.arange(each), many)


def texts(draw: EngineDraw, value: Any, count: int) -> list[str]:
    return Block(draw.plan.seed, np.arange(count)).text(value).to_pylist()


def values(**changed: object) -> Values:
    return Values({**{p.path: p.default for p in WORLD.parameters}, **changed})


@pytest.mark.parametrize(("wanted", "cells"), [(10, 1), (400, 1), (599, 1), (1000, 2), (40_000, 100)])
def test_a_pool_is_a_cell_of_about_400(wanted: int, cells: int):
    got = derive(values(persona_pool=wanted))
    assert got["pools"] == cells
    assert got["people_a_pool"] == pytest.approx(wanted / cells)


def test_ids_carry_the_number_and_the_moment():
    draw = drawing(persona_pool=4_000)
    who = cohort(pools(10, 3))
    ids = texts(draw, traits.distinct_id(draw, who), 30)
    ms = int(who.joined_at[0]) // 1000
    assert ids[:2] == [f"p_00000_{ms}", f"p_00010_{ms}"]
    assert len(set(ids)) == 30
    assert texts(draw, traits.email(draw, who), 30) == [f"{one}@hogflix-synthetic.test" for one in ids]


@pytest.mark.parametrize("number", [0, 99_999, 100_000, 1_234_567, 99_999_999])
def test_the_short_id_is_the_beginning(number: int):
    draw = drawing(persona_pool=40_000)
    who = cohort(np.array([(number % 100) << PERSON_BITS | number // 100]))
    whole, short = (texts(draw, of(draw, who), 1)[0] for of in (traits.distinct_id, traits.short_id))
    assert whole.startswith(f"p_{number:05}_")
    assert short == whole[:12]


@pytest.mark.parametrize("persona_pool", [400, 40_000, 1_000_000])
def test_nobody_shares_a_second_with_more_than_four(persona_pool: int):
    """C32, were everybody to sign up on one day who could; and a long visit still fits behind it."""
    draw = drawing(persona_pool=persona_pool)
    who = cohort(pools(draw.size("pool"), 6) + 17)
    at = traits.sign_up(draw, who)
    assert at.min() >= 0
    assert at.max() + LONGEST_US <= DAY_US
    assert np.unique(at // SECOND_US, return_counts=True)[1].max() <= SIGN_UPS_A_SECOND
    assert len(np.unique(at)) == len(at)


@pytest.mark.parametrize("persona_pool", [10, 500, 1_200_000, 10_000_000])
def test_the_wheel_of_a_day_has_room_for_everybody(persona_pool: int):
    got = Values(derive(values(persona_pool=persona_pool, pool_schedule="2026-03-01:1.2")))
    places = got.whole("signup_block_hours") * 3600 * SIGN_UPS_A_SECOND
    assert got.whole("pools") * got.whole("signup_wheel") <= places


def test_people_sign_up_in_their_evening():
    draw = drawing(persona_pool=400_000)
    who = cohort(pools(1000, 5))
    at = who.at + traits.sign_up(draw, who)
    hour = (at + offset_us(catalogue.ZONES, traits.region(draw.unrecorded, who), at)) % DAY_US // HOUR_US
    # More than half within six hours, though the evening of the western regions lies after the last sign-up.
    assert np.isin(hour, range(17, 24)).mean() > 0.5
    assert np.isin(hour, range(1, 7)).mean() < 0.05


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"persona_pool": 10_000_000, "signups_high": 50}, "hogflix.signups_high"),
        ({"signups_low": 6}, "hogflix.signups_low"),
        ({"binge_days_low": 9}, "hogflix.binge_days_low"),
        ({"retry_2_days": 3}, "hogflix.retry_1_days"),
        ({"sick_chance": 0.99}, "hogflix.vacation_chance"),
        ({"plan_basic": 0, "plan_standard": 0, "plan_premium": 0}, "hogflix.plan_basic"),
        ({"pool_schedule": "2026-06-01:1.2,2026-03-01:0.8"}, "hogflix.pool_schedule"),
        ({"pool_schedule": "soon:2"}, "hogflix.pool_schedule"),
        ({"away": ""}, "hogflix.away"),
        ({"away": "p_0001_1767225600000"}, "hogflix.away"),
        ({"away": "p_00012_1767225600000,somebody"}, "hogflix.away"),
        ({"assigned_after": 0}, "hogflix.assigned_after"),
    ],
)
def test_numbers_that_do_not_go_together_are_refused(changed: dict[str, object], where: str):
    with pytest.raises(BadInput) as refused:
        resolve(WORLD, "default", seed=1, epoch_us=EPOCH, overrides=changed)
    assert where in str(refused.value)


def test_people_who_stay_away_are_named_by_their_ids():
    names = "p_00012_1767225600000, p_123456_1767225600000"
    assert resolve(WORLD, "default", seed=1, epoch_us=EPOCH, overrides={"away": names}).eras[0].values["away"] == names


def test_a_schedule_is_dates_and_factors():
    assert schedule("constant") == ()
    assert [(d.isoformat(), f) for d, f in schedule("2026-03-01:0.8, 2026-06-01:1.2")] == [
        ("2026-03-01", 0.8),
        ("2026-06-01", 1.2),
    ]


@pytest.mark.parametrize(
    ("state", "pattern", "tenure", "idle", "expected"),
    [
        ("NEW", "DAILY", 6, 0, {"NEW"}),
        ("NEW", "DAILY", 7, 3, {"ACTIVE"}),
        ("ACTIVE", "REGULAR", 50, 13, {"ACTIVE"}),
        ("ACTIVE", "WEEKEND", 50, 6, {"ACTIVE"}),
        ("ACTIVE", "WEEKEND", 50, 7, {"CASUAL"}),
        ("ACTIVE", "MONTHLY", 50, 14, {"DORMANT"}),
        ("CASUAL", "MONTHLY", 50, 0, {"ACTIVE"}),
        ("CASUAL", "MONTHLY", 50, 14, {"DORMANT"}),
        ("DORMANT", "DAILY", 50, 0, {"ACTIVE"}),
        ("DORMANT", "DAILY", 50, 29, {"DORMANT"}),
        ("DORMANT", "DAILY", 50, 30, {"DORMANT", "CHURNED"}),
        ("CHURNED", "DAILY", 50, 99, {"CHURNED"}),
    ],
)
def test_states_follow_each_other(state: str, pattern: str, tenure: int, idle: int, expected: set[str]):
    """What somebody may be tomorrow: by the first transition that fits, and as before where that is a chance."""
    draw = drawing()

    def number(path: str) -> int:
        return draw.values.whole(path)

    def fits(t: Transition) -> bool:
        return (
            state in t.sources
            and (t.tenure is None or tenure >= number(t.tenure))
            and (t.idle is None or idle >= number(t.idle))
            and (t.idle_below is None or idle < number(t.idle_below))
            and (not t.patterns or pattern in t.patterns)
        )

    assert pattern in [p.name for p in HABITS]
    first = next((t for t in TRANSITIONS if fits(t)), None)
    assert ({first.target, *([state] if first.chance else [])} if first else {state}) == expected


def lived(draw: EngineDraw, days: int, segment: int, people_of: int = 200) -> tuple[Cohort, list[Moves]]:
    """People who pay and change their plans for so many days, and nothing else."""
    person = np.arange(people_of)
    who = cohort(person, segment=np.full(people_of, segment), state=np.ones(people_of, dtype=np.int64))
    moves = []
    for tenure in range(days):
        at = np.full(people_of, (DAY + tenure) * DAY_US + DAY_STARTS_US)
        who = replace(who, at=at, tenure=np.full(people_of, tenure, dtype=np.int32))
        got = subscriptions.evolve(draw, who)
        before = traits.some(who, got.index)
        new = {name: who.fields[name].copy() for name in FIELDS} | {"segment": who.segment.copy()}
        for name, changed in got.fields.items():
            new[name][got.index] = changed
        who = replace(who, segment=new.pop("segment"), fields=new)
        assert got.at is not None
        after = replace(traits.some(who, got.index), at=got.at)
        assert ((got.at >= before.at) & (got.at < before.at + DAY_US)).all()
        moves.append(Moves(who=after, before=before, removed=np.zeros(len(got.index), dtype=np.bool_)))
    return who, moves


def test_bills_are_paid_every_thirty_days():
    draw = drawing(payment_failure=0.0, subscription_change=0.0)
    who, moves = lived(draw, 95, STANDARD)
    assert [len(m.who.person) for m in moves if len(m.who.person)] == [200] * 3
    assert (who.fields["paid"] == DAY + 90).all()
    rows = subscriptions.versions(draw, who, who.at).columns
    assert (rows["expires_at"].value - who.joined_at == 120 * DAY_US).all()
    assert not rows["status"].codes.any()
    assert lived(draw, 95, BASIC)[0].fields["paid"].max() == 0


def test_a_bill_that_is_never_paid_ends_the_plan():
    never = {f"retry_{n}_succeeds": 0.0 for n in (1, 2, 3)}
    draw = drawing(payment_failure=1.0, subscription_change=0.0, **never)
    who, moves = lived(draw, 38, PREMIUM)
    assert (who.segment == BASIC).all()
    assert (who.fields["ended"] == EXPIRED).all()
    assert (subscriptions.plan_at_sign_up(who) == PREMIUM).all()
    assert [day for day, m in enumerate(moves) if len(m.who.person)] == [30, 37]
    rows = subscriptions.moved(draw, moves[37])["user_subscriptions"]
    assert set(rows.columns["status"].codes) == {EXPIRED}
    assert not rows.columns["payment_intent"].present.any()
    assert (rows.columns["started_at"] == moves[37].who.at).all()


def test_an_attempt_that_succeeds_restores_the_plan():
    draw = drawing(payment_failure=1.0, subscription_change=0.0, retry_1_succeeds=1.0)
    who, moves = lived(draw, 50, STANDARD)
    assert [day for day, m in enumerate(moves) if len(m.who.person)] == [30, 33]
    assert (who.fields["owing"] == 0).all()
    assert (who.segment == STANDARD).all()


def test_plans_change_as_often_as_declared_and_end_as_cancelled():
    draw = drawing(payment_failure=0.0, subscription_change=0.5, subscription_upgrades=0.0)
    who, moves = lived(draw, 30, STANDARD, people_of=2000)
    share = (who.segment == BASIC).mean()
    assert abs(share - 0.5) < 4 * (0.25 / 2000) ** 0.5
    gone = who.segment == BASIC
    assert (who.fields["ended"][gone] == CANCELLED).all()
    assert (who.fields["ended"][~gone] == 0).all()
    for one in moves:
        rows = subscriptions.moved(draw, one)["user_subscriptions"].columns
        late = rows["expires_at"]
        assert (late.value[late.present] >= rows["started_at"][late.present]).all()
        assert (rows["updated_at"] >= rows["created_at"]).all()


def test_who_leaves_and_stays_in_the_tables_has_an_expired_plan():
    draw = drawing()
    before = cohort(np.arange(4), segment=np.array([0, 1, 2, 1]), state=np.full(4, STATES.index("DORMANT")))
    who = replace(before, at=before.at + 40 * DAY_US, state=np.full(4, STATES.index("CHURNED")))
    moves = Moves(who=who, before=before, removed=np.array([False, True, False, False]))
    rows = subscriptions.moved(draw, moves)["user_subscriptions"]
    assert rows.owner.tolist() == [0, 2, 3]
    assert set(rows.columns["status"].codes) == {EXPIRED}
    assert (rows.columns["expires_at"].value == who.at[[0, 2, 3]]).all()
    still = replace(who, state=before.state)
    assert len(subscriptions.moved(draw, replace(moves, who=still))["user_subscriptions"].owner) == 0


def test_accounts_are_emitted_in_all_columns_and_keep_their_keys():
    draw = drawing()
    who = cohort(np.arange(50), segment=np.arange(50) % 3)
    by_table = accounts.people(draw, replace(who, at=who.joined_at))
    for name, rows in by_table.items():
        table = WORLD.table(name)
        batch = Block(draw.plan.seed, np.arange(50)).record_batch(table, rows.columns)
        keys = batch.column("user_id" if table.owner == "user_id" else "id").to_pylist()
        assert keys == Block(draw.plan.seed, np.arange(50)).array(traits.user_key(draw, who), "uuid").to_pylist()
        if "display_name" in batch.schema.names:
            short = texts(draw, traits.short_id(draw, who), 50)
            assert batch.column("display_name").to_pylist()[:3] == [
                f"{plan}_{short[n]}" for n, plan in enumerate(("Basic", "Standard", "Premium"))
            ]


def test_titles_come_out_in_history_and_for_ten_years_after():
    draw = drawing()
    ordinal = np.arange(draw.size("title"))
    released, epoch = content.released_us(draw, ordinal), draw.epoch_us
    later = released[released >= epoch]
    assert ((released > draw.origin_us) & (released < epoch)).sum() > 10
    assert 3_500 < (later.max() - epoch) / DAY_US < 3_650
    month = np.bincount((later - epoch) // (30 * DAY_US))
    assert month[:-1].min() >= 3
    assert month.max() <= 5
    by_table = content.titles(draw, ordinal)
    assert len(by_table["admin_activity_log"].owner) == (released > draw.origin_us).sum()
    for name, rows in by_table.items():
        Block(draw.plan.seed, np.arange(len(rows.owner))).record_batch(WORLD.table(name), rows.columns)


def test_the_one_password_is_peoples_and_not_the_staffs():
    draw = drawing(login_hash="$2a$10$" + "x" * 53)
    who = cohort(np.arange(3))
    assert accounts.people(draw, who)["users"].columns["encrypted_password"] == draw.values.text("login_hash")
    assert accounts.staff(draw, np.arange(2))["users"].columns["encrypted_password"] is None
