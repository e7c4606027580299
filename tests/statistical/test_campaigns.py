"""The four scenarios of the document, generated without a database: its counts, its funnel, and how life goes on."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pyarrow.compute as pc
import pytest

from bounds import ALPHA, chi_square, chi_square_bound, normal_bound
from populace.clock import DAY_US, parse
from populace.engine import DrawStatistics, Shard, Window, generate
from populace.engine.processes.schedules.schedules import Scheduled
from populace.plan import Plan, resolve
from populace.spec import NEVER, Items, Progress, Schedule, zones
from populace.worlds.campaigns import CAMPAIGNS, WORLD
from populace.worlds.campaigns.behaviour.dates import HISTORY, PIPELINE
from populace.worlds.campaigns.behaviour.journey import OPTED_IN
from populace.worlds.campaigns.parameters import CLOSES, MONTHS, OPENS, WEEKDAYS, ZONES

EPOCH = parse("2026-01-09T00:00:00Z", "epoch")
DOCUMENTED = {
    "small": (18, 1_000, 2_500, 350, 238), "development": (100, 15_000, 37_500, 5_250, 3_570),
    "analytics": (480, 192_000, 480_000, 67_200, 45_696), "load_test": (1_000, 600_000, 1_500_000, 210_000, 142_800),
}  # fmt: skip
"""E3 to E7: campaigns, recipients, events, calls, opt-ins; where the table rounds to thousands, by its own shares."""
SEEDS = {"small": range(1, 21), "development": (1, 2, 3), "analytics": (1,), "load_test": (1,)}
EVENTS = ("injected_at", "delivered_at", "scanned_at", "visited_at", "submitted_at", "qualified_at", "called_at")


def plan(scenario: str, seed: int = 1) -> Plan:
    return resolve(WORLD, scenario, seed=seed, epoch_us=EPOCH)


@cache
def followed(scenario: str, seed: int = 1, days_on: int = 0) -> tuple[Items, Progress]:
    """Every campaign whose life begins in history, or so many days after it, and how it goes."""
    made = plan(scenario, seed)
    emitted = Scheduled(made, CAMPAIGNS, (0, made.sizes["client"]))
    pieces = list(emitted.items(made.origin_us, EPOCH + (days_on + 30) * DAY_US))
    names = ("number", "member", "at", "stretch", "place", "many")
    items = Items(*(np.concatenate([getattr(p, n) for p in pieces]) for n in names))
    return items, emitted.followed(items, Window(0, 0), DrawStatistics())


SETTLED = {"events": 20, "calls": 12}
"""Days from the drop, after which all events, or calls and opt-ins, of a campaign have come (E12)."""


@pytest.mark.parametrize("scenario", DOCUMENTED)
def test_the_counts_of_the_document_hold_within_two_percent_in_every_population(scenario: str):
    """E5 to E7 as ratios: what follows from a recipient who was mailed long enough ago, times all recipients."""
    for seed in SEEDS[scenario]:
        _, progress = followed(scenario, seed)
        parts, since = progress.parts, (EPOCH - progress.items["drop_at"]) // DAY_US
        listed = parts["uploaded_at"] < EPOCH
        opted_at = np.where(parts["reply"] == OPTED_IN, parts["replied_at"], NEVER)

        def scaled(what: str, *moments: np.ndarray) -> float:
            of = listed & (since >= SETTLED[what])[progress.of]  # noqa: B023
            return sum(int((at[of] < EPOCH).sum()) for at in moments) * listed.sum() / of.sum()  # noqa: B023

        counts = (
            float(listed.sum()),
            scaled("events", *(parts[name] for name in EVENTS)),
            scaled("calls", parts["called_at"]),
            scaled("calls", opted_at),
        )
        assert (progress.items["created_at"] < EPOCH).sum() == DOCUMENTED[scenario][0]
        for counted, documented in zip(counts, DOCUMENTED[scenario][1:], strict=True):
            # In small some six campaigns are old enough, and each of them rounds.
            assert abs(counted / documented - 1) <= (0.05 if scenario == "small" else 0.02), (seed, counts)
        assert abs(counts[0] / DOCUMENTED[scenario][1] - 1) <= 0.02


@pytest.mark.parametrize(
    ("scenario", "months"), [("small", 1), ("development", 3), ("analytics", 6), ("load_test", 12)]
)
def test_mail_dates_span_the_months_of_the_scenario(scenario: str, months: int):
    items, _ = followed(scenario)
    history = np.isin(items.stretch, HISTORY)
    at = items.at[history]
    assert abs(at.max() // DAY_US - at.min() // DAY_US - months * 365 / 12) <= 1
    assert history.tolist() == (items.at < EPOCH).tolist()
    mix = Counter(items.stretch[~history].tolist())
    campaigns = DOCUMENTED[scenario][0]
    assert abs(history.sum() - 0.75 * campaigns) <= 1
    assert abs(mix[PIPELINE[0]] - 0.15 * campaigns) <= 1
    assert abs(mix[PIPELINE[1]] - 0.10 * campaigns) <= 1


MOMENTS = {
    "recipients": ("uploaded_at",), "mail events": ("injected_at", "delivered_at"), "events": EVENTS,
    "calls": ("called_at",), "opt-ins": ("replied_at",), "gift cards": ("card_at",),
}  # fmt: skip
AROUND, BIN = 30, 10
"""Days on either side of the epoch, and how many of them are counted together."""
POPULATIONS = {"small": 150, "development": 30, "analytics": 6, "load_test": 3}
"""Two or three thousand campaigns of each scenario."""


@pytest.mark.parametrize("scenario", POPULATIONS)
def test_the_rate_is_level_through_the_epoch(scenario: str):
    """Thirty days before it and after it, whatever is mailed and comes of it follows the calendar of mailings.

    What comes of mail is expected from its own lags, by the weekday of the mailing: in demo, whose first mail is a
    month old, calls and cards have only begun.
    """
    first = -plan(scenario).eras[0].values.whole("days") - 1
    days = np.arange(first, AROUND)
    calendar = zones.weekday(days + EPOCH // DAY_US)
    months = ((days + EPOCH // DAY_US).astype("datetime64[D]").astype("datetime64[M]")).astype(int) % 12
    weight = np.array(WEEKDAYS)[calendar] * np.array(MONTHS)[months]
    edges = np.arange(-AROUND, AROUND + 1, BIN)
    happened: dict[str, list[np.ndarray]] = {kind: [] for kind in MOMENTS}
    listed = 0
    for seed in range(1, POPULATIONS[scenario] + 1):
        items, progress = followed.__wrapped__(scenario, seed)
        listed += int((progress.parts["uploaded_at"] < EPOCH).sum())
        mailed = ((items.at - EPOCH) // DAY_US)[progress.of]
        for kind, names in MOMENTS.items():
            for name in names:
                at = progress.parts[name]
                if kind == "opt-ins":
                    at = np.where(progress.parts["reply"] == OPTED_IN, at, NEVER)
                some = np.flatnonzero(at < NEVER)
                day = (at[some] - EPOCH) // DAY_US
                happened[kind].append(np.array([mailed[some], day, progress.of[some] + (seed << 20)]))
    rate = listed / weight[days < 0].sum()
    for kind, pieces in happened.items():
        mailed, day, campaign = np.concatenate(pieces, axis=1)
        lags, weekdays = day - mailed, calendar[mailed - first]
        came = np.zeros((7, lags.max() + 1))
        np.add.at(came, (weekdays, lags), 1)
        came /= np.array([[weight[calendar == d].sum()] for d in range(7)]) * rate
        expected = np.zeros(len(days) + came.shape[1])
        for lag in range(came.shape[1]):
            expected[lag : lag + len(days)] += rate * weight * came[calendar, lag]
        due = np.array([expected[low - first : low - first + BIN].sum() for low in edges[:-1]])
        found, _ = np.histogram(day, edges)
        # Campaigns are what is drawn; each brings some of a bin's rows at once.
        inside = (day >= edges[0]) & (day < edges[-1])
        at_once = np.unique(campaign[inside] * 100 + (day[inside] + AROUND) // BIN, return_counts=True)[1]
        bound = normal_bound(1.0, ALPHA / (len(due) * len(MOMENTS) * len(POPULATIONS)))
        deviation = np.sqrt(due * (at_once.astype(float) ** 2).sum() / at_once.sum())
        assert (np.abs(found - due) <= bound * deviation).all(), (kind, found, due, bound * deviation)
        # A bin that is empty, or has twice what is due, is beyond it.
        assert (bound * deviation < 0.8 * due)[due > due.max() / 2].all(), (kind, due, bound * deviation)


def test_the_funnel_at_analytics_is_within_a_point_on_mature_recipients():
    items, progress = followed("analytics")
    parts = progress.parts
    mature = (items.at[progress.of] < EPOCH - 60 * DAY_US) & (items.at[progress.of] < EPOCH)

    def share(done: str, of: str) -> float:
        given = mature & (parts[of] < EPOCH)
        return float((parts[done][given] < EPOCH).mean())

    for done, of, documented in (
        ("injected_at", "uploaded_at", 0.95), ("delivered_at", "injected_at", 0.85),
        ("scanned_at", "delivered_at", 0.20), ("visited_at", "delivered_at", 0.28),
        ("submitted_at", "visited_at", 0.12), ("qualified_at", "submitted_at", 0.10),
        ("called_at", "uploaded_at", 0.35), ("answered_at", "called_at", 0.85),
    ):  # fmt: skip
        assert abs(share(done, of) - documented) < 0.01, done
    opted = mature & (parts["reply"] == OPTED_IN)
    assert abs(opted.sum() / (mature & (parts["called_at"] < EPOCH)).sum() - 0.68) < 0.01
    assert abs((parts["card_at"][opted] < EPOCH).mean() - 0.85) < 0.01


def test_delays_and_causes_are_as_documented():
    items, progress = followed("development")
    zone, of, parts = progress.items["zone"], progress.of, progress.parts

    def day(at: np.ndarray, where: np.ndarray) -> np.ndarray:
        return (at + zones.offset_us(ZONES, where, at)) // DAY_US

    mailed = day(items.at, zone)
    lead = mailed - day(progress.items["created_at"], zone)
    assert (lead.min(), lead.max()) == (7, 21)
    assert set((day(progress.items["drop_at"], zone) - mailed).tolist()) == {3, 4, 5}
    there = np.flatnonzero(parts["delivered_at"] < EPOCH + 300 * DAY_US)
    delivered = day(parts["delivered_at"][there], zone[of][there])
    assert set((delivered - day(progress.items["drop_at"], zone)[of][there]).tolist()) == {2, 3, 4, 5}
    for name, most in (("scanned_at", 7), ("visited_at", 14), ("called_at", 6)):
        some = there[parts[name][there] < EPOCH + 300 * DAY_US]
        lag = day(parts[name][some], zone[of][some]) - day(parts["delivered_at"][some], zone[of][some])
        counts = np.bincount(lag, minlength=most + 1)
        assert lag.min() == 1
        assert lag.max() == most
        # Some days are likelier than others by their weekday (E15), but none by its distance.
        weekdays = zones.weekday(day(parts["delivered_at"][some], zone[of][some]))
        weights = np.array([[WEEKDAYS[(d + k) % 7] for k in range(1, most + 1)] for d in range(7)])
        expected = (weights / weights.sum(axis=1, keepdims=True))[weekdays].sum(axis=0)
        assert chi_square(counts[1:].tolist(), expected.tolist()) <= chi_square_bound(most - 1)


def test_calls_keep_business_hours_and_pile_up_on_no_day():
    _, progress = followed("analytics")
    at = progress.parts["called_at"]
    some = np.flatnonzero(at < EPOCH)
    where = progress.items["zone"][progress.of][some]
    local = at[some] + zones.offset_us(ZONES, where, at[some])
    hour = local % DAY_US // (DAY_US // 24)
    assert (hour.min(), hour.max()) == (OPENS, CLOSES - 1)
    assert int(np.bincount(hour).argmax()) in (10, 14, 15)
    shares = np.bincount((local // DAY_US + 3) % 7, minlength=7) / len(some)
    wanted = np.array(WEEKDAYS) / sum(WEEKDAYS)
    assert np.abs(shares - wanted).sum() / 2 < 0.02
    assert shares.argmax() == 2


def test_incidents_stand_out_and_metrics_follow_the_calendar():
    made = plan("analytics")
    for flow, many in (("errors", 1_000), ("performance", 50_000), ("usage", 25_000)):
        schedule = next(f for f in WORLD.flows if isinstance(f, Schedule) and f.name == flow)
        at = np.concatenate([t.at for t in Scheduled(made, schedule, (0, 1)).items(made.origin_us, EPOCH)])
        assert len(at) == many
        hours = np.bincount((at - at.min()) // (DAY_US // 24))
        if flow == "errors":
            assert hours.var() / hours.mean() > 1.5
            assert (hours >= 7).sum() >= 3


def groups_by_point(seed: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """What `stratified_chance` decides in development: of each point the campaigns, and when."""
    _, progress = followed("development", seed)
    parts, yes = progress.parts, progress.parts["reply"] == OPTED_IN
    asked = {
        "recipient.approved": "uploaded_at", "recipient.mailed": "uploaded_at", "recipient.delivered": "injected_at",
        "recipient.scans": "delivered_at", "recipient.visits": "delivered_at", "recipient.calls": "delivered_at",
        "recipient.submits": "visited_at", "recipient.qualifies": "submitted_at", "call.answered": "called_at",
        "call.matched": "answered_at", "call.opts_in": "asked_at",
    }  # fmt: skip
    moments = {point: parts[name] for point, name in asked.items()}
    moments["card.claimed"] = np.where(yes, parts["replied_at"], NEVER)
    moments["card.soon"] = np.where(parts["card_at"] < NEVER, parts["replied_at"], NEVER)
    return {point: (progress.of[at < NEVER], at[at < NEVER]) for point, at in moments.items()}


def stratified_variance(campaign: np.ndarray, at: np.ndarray, p: float) -> float:
    """Of how many say yes before the epoch: a whole campaign rounds, a quarter at most; one that is cut draws."""
    before = np.bincount(campaign, at < EPOCH)
    whole = before == np.bincount(campaign)
    return 0.25 * float((before > 0).sum()) + p * (1 - p) * float(before[~whole].sum())


def test_accounts_of_a_population_fall_as_declared():
    made, statistics, groups = plan("development", 7), DrawStatistics(), groups_by_point(7)
    share = Shard({"portfolio": (0, made.sizes["client"]), "client": (0, made.sizes["client"])})
    for _ in generate(made, share, Window(made.origin_us, EPOCH), statistics):
        pass
    assert groups.keys() <= statistics.chances.keys()
    for point, (n, expected, variance, happened) in statistics.chances.items():
        if n:
            spread, mean = variance / 2**53, expected / 2**53
            if point in groups:
                assert n == (groups[point][1] < EPOCH).sum(), point
                spread = min(spread, stratified_variance(*groups[point], mean / n))
            bound = normal_bound(spread**0.5, ALPHA / len(statistics.chances))
            assert abs(happened - mean) <= bound + 1, (point, happened, mean, bound)


def test_life_goes_on_at_the_rate_of_history():
    made = plan("development")
    emitted = Scheduled(made, CAMPAIGNS, (0, made.sizes["client"]))
    begins, ends, _ = made.eras[0].values.table("campaign_stretches")[-1]
    days = int(ends - begins)
    for turn in range(3):
        start = EPOCH + (int(begins) + turn * days) * DAY_US
        assert sum(len(t.at) for t in emitted.items(start, start + days * DAY_US)) == 75


def test_events_of_every_type_occur():
    made = plan("small")
    events = Counter[str]()
    for batch in generate(made, Shard({"portfolio": (0, 6)}), Window(made.origin_us, EPOCH)):
        if batch.table == "events":
            for entry in pc.value_counts(batch.rows.column("event_type")).to_pylist():
                events[entry["values"]] += entry["counts"]
    assert set(events) == {"imb_injected", "imb_delivered", "qr_scan", "purl_visit", "form_submitted", "lead_captured",
                           "call_received"}  # fmt: skip
