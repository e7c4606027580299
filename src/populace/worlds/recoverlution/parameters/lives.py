"""How Recoverlution's people differ, once: none of it as documented, all of it in the scenario `realistic`.

`differ` switches it on: people sign up day by day, come as often as they are inclined to, at their own hours, for as
long as they stay, and begin what they care about. `texts` says whether they write in their own words.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from populace.errors import BadInput
from populace.spec import Chance, Choice, Decision, LogNormal, RoundedNormal, Values
from populace.spec.heterogeneity import FIRST_VISIT_S, MOST_PHASE, WHOLE
from populace.spec.kit import growth, rhythm
from populace.spec.kit.parameters import amount, share, switch, texts
from populace.spec.schedule import Stretch
from populace.worlds.recoverlution import catalogue
from populace.worlds.recoverlution.parameters.fixed import (
    HOLIDAYS,
    LIVED_HOURS,
    UTC_BEHIND_HOURS,
    WEEKDAYS,
    YEARS_OF_SIGN_UPS,
)

_TENTHS = 10
_TRIAL = 10_000.0
_FINE = 1_000
"""Hours are read as whole numbers of about this size."""

LIVES_PARAMETERS = (
    switch("differ", "people sign up day by day, and differ in when, how often and how long they come, and in what "
           "they like", "ours", default=False),
    texts("what people write: the catalogue's sentences, or texts put together for who writes, and where"),
    amount("signup_growth", 0.05, (-0.5, 1.0), "by what share sign-ups grow in 30 days, where people differ", "ours"),
    amount("sessions_share", 0.22, (0.001, 1.0), "sessions that begin, of those of sessions_per_min, where people "
           "differ", "ours"),
    amount("propensity_spread", 1.15, (0.0, 3.0), "how far people differ for life in how often they come: the "
           "deviation of the logarithm", "ours"),
    amount("stays_days", 14, (1, 3_650), "half of all people stay longer than this", "ours", unit="days"),
    amount("stays_spread", 1.8, (0.0, 4.0), "how far they differ in it: the deviation of the logarithm", "ours"),
    amount("phase_spread", 0.9, (0.0, 2.0), "how far somebody's interest differs from one phase to the next", "ours"),
    amount("phase_days", 5, (1, 200), "how long such a phase lasts", "ours", unit="days"),
    rhythm.rhythm("how likely each hour of each weekday is, where people differ, instead of the world's own curves: "
                  "its hours, over the week, and its weekdays"),
    share("own_hour", 0.65, "how much of somebody's visits lies about an hour of their own", "ours"),
    amount("own_hour_spread", 75, (10, 360), "how far from that hour: the deviation", "ours", unit="minutes"),
    share("first_visit", 0.9, "people who come when they sign up", "ours"),
    amount("first_visit_after", 45, (1, FIRST_VISIT_S), "half of these visits begin later after the sign-up than this",
           "ours", unit="s"),
    amount("day_spread", 0.16, (0.0, 1.0), "how far days differ for everybody: the deviation of the rate's logarithm",
           "ours"),
    amount("day_memory", 0.7, (0.0, 0.99), "how much of that a day has from the one before", "ours"),
    share("own_theme", 0.6, "journeys and mindblocks of what somebody cares about most", "ours"),
    amount("popular", 0.75, (0.0, 2.0), "how steeply popularity falls with rank (Zipf)", "ours"),
    amount("own_pace_spread", 0.35, (0.0, 1.0), "how far people differ in the time they take: the deviation of its "
           "logarithm", "ours"),
    amount("scene_pace_spread", 0.55, (0.0, 1.0), "how far scenes of one person differ in it", "ours"),
    amount("rating_spread_people", 0.45, (0.0, 2.0), "how kind people are: the deviation of their ratings", "ours",
           unit="stars"),
    amount("rating_spread_items", 0.35, (0.0, 2.0), "how good mindblocks are, likewise", "ours", unit="stars"),
)  # fmt: skip

LIVES_DECISIONS: tuple[Decision, ...] = (
    LogNormal("life.propensity", WHOLE, "propensity_spread", 20, 50_000),
    LogNormal("life.stays", "stays_hours", "stays_spread", 1, 87_600),
    LogNormal("life.phase", WHOLE, "phase_spread", 50, MOST_PHASE),
    Choice("life.hour", "lived_hours"),
    Chance("life.first_visit", "first_visit"),
    LogNormal("life.first_visit.after", "first_visit_after", 1.0, 3, FIRST_VISIT_S),
    RoundedNormal("life.day", 0, 10, -40, 40),
    LogNormal("own.pace", WHOLE, "own_pace_spread", 300, 3_500),
    LogNormal("scene.pace", WHOLE, "scene_pace_spread", 200, 2_500),
    Chance("own.theme", "own_theme"),
    Choice("theme.popular", "schema_weights"),
    Choice("mindblock.popular", "mindblock_weights"),
    RoundedNormal("rating.kindness", 0, "kindness_tenths", -20, 20),
    RoundedNormal("rating.quality", 0, "quality_tenths", -20, 20),
    RoundedNormal("rating.mood", 0, "mood_tenths", -30, 30),
)


def derive_lives(values: Values) -> Mapping[str, object]:
    """What follows from them; `reading` and `arriving` curves are those of people who differ, where they do."""
    users = values.whole("count_users")
    sign_ups = _sign_ups(users, values.whole("days") + values.whole("signup_days"), values.number("signup_growth"))
    kinds = len(catalogue.schemas())
    steep = values.number("popular")
    deviation = values.number("rating_deviation")
    found = rhythm.week(values, "recoverlution")
    parts = (values.number("rating_spread_people"), values.number("rating_spread_items"))
    return {
        "sign_ups": sign_ups,
        "people": growth.members(sign_ups) if values["differ"] else users,
        "stays_hours": 24 * values.number("stays_days"),
        "lived_hours": lived_hours(values),
        "arriving_hours": arriving(values, 1.0),
        "lived_weekdays": rhythm.of_days(found) if found else WEEKDAYS,
        "holidays": HOLIDAYS,
        "schema_weights": tuple((rank + 1) ** -steep for rank in range(kinds)),
        "mindblock_weights": tuple((rank + 3) ** -steep for rank in range(len(catalogue.mindblocks()) // kinds)),
        "kindness_tenths": max(0.01, _TENTHS * parts[0]),
        "quality_tenths": max(0.01, _TENTHS * parts[1]),
        "mood_tenths": _TENTHS * max(0.1, math.sqrt(max(0.0, deviation**2 - parts[0] ** 2 - parts[1] ** 2))),
    }


def _sign_ups(users: int, before_days: int, monthly: float) -> tuple[Stretch, ...]:
    """When people sign up, in numbers that grow: so many before the epoch, and on from then at that rate."""

    def at_rate(per_day: float) -> list[Stretch]:
        found = growth.joining(
            first=1, history_days=before_days, per_day=per_day, monthly=monthly, years=YEARS_OF_SIGN_UPS
        )
        return list(found)

    trial = growth.members([s for s in at_rate(_TRIAL) if s[1] <= 0]) - 1
    found = at_rate(_TRIAL * (users - 1) / trial)
    last = max(n for n, stretch in enumerate(found) if stretch[1] <= 0)
    begins, ends, many = found[last]
    found[last] = (begins, ends, max(0, many + users - growth.members(found[: last + 1])))
    return tuple(found)


def lived_hours(values: Values) -> tuple[float, ...]:
    """How likely people come by the hour where they live: by the week that was chosen, or as most do."""
    found = rhythm.week(values, "recoverlution")
    return tuple(round(_FINE * by) for by in rhythm.of_hours(found)) if found else LIVED_HOURS


def arriving(values: Values, part: float) -> tuple[float, ...]:
    """The curve of the day in UTC, of people who live in several zones; its mean is `part`."""
    here = lived_hours(values)
    mean = math.fsum(here) / 24 / part
    return tuple(
        math.fsum(share * here[(hour - behind) % 24] for behind, share in UTC_BEHIND_HOURS) / mean for hour in range(24)
    )


def temperaments(values: Values) -> Mapping[str, object]:
    """How personas differ, such that the population keeps its averages: each counts as often as it comes."""
    personas = catalogue.personas()
    activity = tuple(values.number(f"activity.{p.key}") for p in personas)
    total = math.fsum(activity) or 1.0

    def factors(of: str) -> list[float]:
        raw = [float(getattr(p, of)) for p in personas]
        mean = math.fsum(w * f for w, f in zip(activity, raw, strict=True)) / total or 1.0
        return [f / mean for f in raw]

    answers = [values.number("answered_share") * f for f in factors("answers")]
    if max(answers) > 1:
        raise BadInput("some persona would answer more cues than there are", where="recoverlution.answered_share",
                       given=values["answered_share"],
                       allowed=f"at most {values.number('answered_share') / max(answers):.3f}")  # fmt: skip
    return {
        "activity": activity,
        **{f"answered.{p.key}": share for p, share in zip(personas, answers, strict=True)},
        "latency_per_mille": tuple(round(1000 * f) for f in factors("latency")),
        "hesitation_per_mille": tuple(round(1000 * f) for f in factors("hesitation")),
    }
