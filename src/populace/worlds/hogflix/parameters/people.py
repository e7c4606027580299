"""Every number of HogFlix's people, once: pool, lifecycle, habits, plans, payments, with unit, bounds and source.

Ids (`C12`) are those of the requirements list; "the app" is its own documented rules, "ours" is invented and meant to
be changed. Numbers of visits stand in `visits.py` beside this file.
"""

from __future__ import annotations

import math

from populace.clock import HOUR_US, MINUTE_US
from populace.spec import Parameter
from populace.spec.kit.parameters import amount, factor, share, weight
from populace.spec.lifecycle import NOBODY
from populace.spec.login import LOGIN
from populace.worlds.hogflix import catalogue
from populace.worlds.hogflix.catalogue import GENRES

SEGMENTS = ("Basic", "Standard", "Premium")
"""Plans, as people say them; positions are `Cohort.segment`."""
BASIC, STANDARD, PREMIUM = range(3)
STATES = ("NEW", "ACTIVE", "CASUAL", "DORMANT", "CHURNED")
"""Positions are `Cohort.state`."""
DAY_STARTS_US = 7 * HOUR_US + 15 * MINUTE_US
"""A persona's day begins at 07:15 UTC (C33)."""
LONGEST_US = 6 * HOUR_US
"""No visit takes longer."""
SIGN_UP_HOURS = 18
"""People sign up within so many hours after a day's start: a visit of the longest kind still fits before the next."""
SIGN_UPS_A_SECOND = 5
"""C32."""
MILLION = 1_000_000
"""Hours of sign-ups are drawn in millionths."""
PATTERNS = ("DAILY", "REGULAR", "WEEKEND", "BINGE", "MONTHLY")
EVENTS = ("VACATION", "SICK", "BUSY_WORK", "NEW_RELEASE_HYPE")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PEOPLE_A_POOL = 400
"""What a pool holds, about (C1): the scale of the documents' numbers."""
CONSTANT = "constant"
"""`pool_schedule` of a pool that stays as large as it is."""

MOST_NAMED = 2_200
"""Characters of a list of people by their ids: about a hundred of them."""

MATRIX = {"basic": (5, 30, 25, 20, 20), "standard": (15, 40, 20, 15, 10), "premium": (25, 45, 15, 10, 5)}
"""Percent of each pattern by plan (C18)."""
GENRE_WEIGHTS = (22, 20, 16, 6, 18, 7, 11)
DEVICE_TYPES = tuple(dict.fromkeys(d.device_type for d in catalogue.devices()))


def word(name: str) -> str:
    """A name as it stands in paths: `Kids & Family` is kids_family."""
    return "_".join("".join(c if c.isalnum() else " " for c in name.lower()).split())


def _event(name: str, chance: float, low: int, high: int, returns: float, what: str) -> tuple[Parameter, ...]:
    path = name.lower()
    return (
        share(f"{path}_chance", chance, f"chance a day that {what}", "C23"),
        amount(f"{path}_days_low", low, (1, 60), "it lasts at least", "C23", unit="days"),
        amount(f"{path}_days_high", high, (1, 60), "it lasts at most", "C23", unit="days"),
        share(f"{path}_returns", returns, "chance to come on such a day, final", "C23"),
    )


_POOL = (
    Parameter(path="persona_pool", default=PEOPLE_A_POOL, low=10, high=10_000_000, means="people who live at a time",
              source="C1", unit="people", variables=("PERSONA_POOL",)),
    amount("days", 180, (1, 3_650), "length of history", "C1, C34", unit="days"),
    amount("unseen_days", 240, (0, 1_000), "days a pool lives before history, so that it begins in its settled mix",
           "C1", unit="days"),
    Parameter(path="signups", default="replace", choices=("replace", "top_up", "always"),
              means="as many as are missing but low to high a day; or low to high but no more than are missing; or "
              "always low to high", source="C2"),
    amount("signups_low", 2, (0, 100), "fewest sign-ups a day", "C2", unit="for 400 people"),
    amount("signups_high", 5, (0, 100), "most sign-ups a day", "C2", unit="for 400 people"),
    Parameter(path="pool_schedule", default=CONSTANT, means="constant, or how large pools are from when on, such as "
              "2026-03-01:0.8,2026-06-01:1.2", source="002, future: dynamic pool scaling"),
    LOGIN,
    Parameter(path="display_names", default="plan", choices=("plan", "person"), source="2.2",
              means="what people are called: their plan and the beginning of their distinct_id, or a name"),
    Parameter(path="enabled", default=True, means="whether visits begin", source="C33", live=True),
    Parameter(path="away", default=NOBODY, means="distinct_ids of people who stay away, with commas; - for nobody",
              source="ours", live=True, longest=MOST_NAMED),
    Parameter(path="leaves", default=NOBODY, means="distinct_ids of people who churn when the next day starts, with "
              "commas; - for nobody", source="ours", live=True, longest=MOST_NAMED),
    factor("activity", 1.0, "factor of all habits; calibrated such that 30 to 150 people come a day", "C3", live=True),
    share("drop_out", 0.02, "chance that a day with a visit was somebody's last, silently; calibrated such that "
           "60 to 70 of 100 are active", "C16, C12", live=True),
)  # fmt: skip

_TRAITS = (
    weight("plan_basic", 0.60, "weight of plan Basic at sign-up", "the app (002 gives no mix)"),
    weight("plan_standard", 0.28, "weight of plan Standard at sign-up", "the app (002 gives no mix)"),
    weight("plan_premium", 0.12, "weight of plan Premium at sign-up", "the app (002 gives no mix)"),
    *(weight(f"region_{r.key}", r.share, f"weight of people near {r.city}, {r.country}", "002, future: geography")
      for r in catalogue.regions()),
    *(weight(f"device_{word(t)}", math.fsum(d.share for d in catalogue.devices() if d.device_type == t),
              f"weight of people who mostly watch on this: {t.lower()}", "the app; 002, future: devices")
      for t in DEVICE_TYPES),
    *(weight(f"source_{s.key}", s.share, f"weight of people who come by this: {s.key}", "the app")
      for s in catalogue.sources()),
    *(weight(f"genre_{word(g)}", float(w), f"weight of people who like {g} most", "002, future: content affinity")
      for g, w in zip(GENRES, GENRE_WEIGHTS, strict=True)),
    share("marketing_opt_in", 0.5, "people who want news by mail", "the app"),
    share("early_access", 0.12, "people who try features early", "ours"),
)  # fmt: skip

_LIFE = (
    amount("new_days", 7, (0, 60), "somebody is NEW for so long", "C8", unit="days"),
    share("new_returns_at_least", 0.80, "chance of a NEW person to come, at least", "C10"),
    amount("casual_idle_days", 7, (1, 365), "after so long, WEEKEND and MONTHLY people are CASUAL", "C16, ours",
           unit="days"),
    amount("dormant_idle_days", 14, (1, 365), "after so long somebody is DORMANT", "C11", unit="days"),
    factor("dormant_factor", 0.3, "factor of a DORMANT person's chance to come", "C11"),
    amount("churn_idle_days", 30, (1, 365), "after so long a DORMANT person may churn", "C12", unit="days"),
    *(share(f"churn_{s.lower()}", 0.03, f"chance a day that such a person churns, on {s}", "C12", live=True)
      for s in SEGMENTS),
    share("kept", 0.10, "people who churn and whose rows stay", "C14"),
    amount("score_begins_low", 85, (0, 100), "lowest score to begin with", "C9"),
    amount("score_begins_high", 95, (0, 100), "highest score to begin with", "C9"),
    amount("score_came", 2, (-100, 100), "what a day with a visit adds to the score", "C25"),
    amount("score_stayed_away", -1, (-100, 100), "what a day without one adds", "C25"),
    amount("score_broke", -10, (-100, 100), "what the end of a long streak adds", "C24, C25"),
    amount("score_broken_streak", 7, (1, 120), "such a streak has at least", "C24", unit="days"),
    factor("score_weight", 0.0, "how much of (score - 50) / 200 is added to the chance to come; 1: all of it, which "
            "drives scores to 0 or 100", "C25"),
    share("streak_bonus", 0.05, "what a streak adds to the chance to come, each time", "C24"),
    amount("streak_days", 3, (1, 60), "so many days in a row", "C24", unit="days"),
    share("streak_most", 0.20, "what a streak adds at most", "C24"),
)  # fmt: skip

_HABITS = (
    share("daily_returns", 0.85, "chance of DAILY people to come", "C20"),
    share("regular_returns", 0.45, "chance of REGULAR people to come", "C20"),
    factor("regular_boost", 1.15, "its factor from Thursday to Saturday", "C21"),
    share("weekend_returns", 0.15, "chance of WEEKEND people to come, Monday to Friday", "C20"),
    share("weekend_special", 0.85, "on Saturday and Sunday", "C20"),
    share("binge_returns", 0.05, "chance of BINGE people to come between binges", "C20"),
    share("binge_special", 0.90, "during a binge", "C20"),
    share("monthly_returns", 0.03, "chance of MONTHLY people to come", "C20"),
    share("monthly_special", 0.80, "on the first three days of a month", "C20"),
    amount("binge_days_low", 3, (1, 60), "a binge lasts at least", "C22", unit="days"),
    amount("binge_days_high", 7, (1, 60), "a binge lasts at most", "C22", unit="days"),
    amount("binge_rest_low", 10, (1, 200), "the pause after it lasts at least", "C22", unit="days"),
    amount("binge_rest_high", 21, (1, 200), "the pause after it lasts at most", "C22", unit="days"),
    amount("assigned_after", 14, (1, 365), "everybody is DAILY until then", "C19", unit="days"),
    *(weight(f"pattern_{s.lower()}_{p.lower()}", float(w), f"weight of {p} on {s}", "C17, C18")
      for s in SEGMENTS for p, w in zip(PATTERNS, MATRIX[s.lower()], strict=True)),
    *_event("VACATION", 0.005, 7, 14, 0.0, "a holiday begins"),
    *_event("SICK", 0.01, 3, 5, 0.10, "somebody falls ill"),
    *_event("BUSY_WORK", 0.02, 5, 10, 0.20, "a busy time begins"),
    *_event("NEW_RELEASE_HYPE", 0.01, 3, 7, 0.95, "a new title takes hold of somebody"),
    share("visits_second", 0.10, "days with a visit that have a second one, and no third", "ours"),
    share("visits_third", 0.02, "days with three visits", "ours"),
    share("season_strength", 0.06, "how far habits rise in January and fall in July", "002, future: seasons"),
    *(factor(f"weekday_{d}", 1.0, f"factor of habits on {d.capitalize()}s", "ours; the app's own: scenario literal")
      for d in WEEKDAYS),
)  # fmt: skip

_PAYING = (
    share("subscription_change", 0.02, "people who change their plan within a month, at most", "002, future: "
           "upgrades and downgrades"),
    share("subscription_upgrades", 0.4, "share of changes that go up", "ours; keeps the mix of plans"),
    share("subscription_cancels", 0.3, "share of downgrades from Premium that go to Basic at once", "ours"),
    share("payment_failure", 0.03, "monthly bills that cannot be paid at first", "002, future: payment failure"),
    *(amount(f"retry_{n}_days", days, (1, 29), f"attempt {n} after a failed payment comes so late", "ours", unit="days")
      for n, days in ((1, 3), (2, 5), (3, 7))),
    *(share(f"retry_{n}_succeeds", chance, f"chance of attempt {n}; after the last one the plan expires", "ours")
      for n, chance in ((1, 0.6), (2, 0.4), (3, 0.3))),
)  # fmt: skip

_STAFF = (
    amount("uploads_a_month", 4, (1, 8), "titles that staff upload in 30 days, for ten years after the epoch, or until "
           "the catalogue has no more names", "002, future: uploads", unit="titles"),
)  # fmt: skip

PEOPLE_PARAMETERS = (*_POOL, *_TRAITS, *_LIFE, *_HABITS, *_PAYING, *_STAFF)
