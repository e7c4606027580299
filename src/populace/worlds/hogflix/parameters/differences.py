"""How far HogFlix's people and days differ, once: none of it as documented, all of it in the scenario `realistic`.

Every default makes no difference. What is drawn by these numbers, and how it is applied, is `Heterogeneity`.
"""

from __future__ import annotations

from collections.abc import Mapping

from populace.spec import Beta, Chance, Choice, Decision, Heterogeneity, LogNormal, RoundedNormal, Uniform, Values
from populace.spec.kit.parameters import amount, share
from populace.worlds.hogflix import catalogue
from populace.worlds.hogflix.parameters.people import SEGMENTS

_LEAST, _MOST = 20, 50_000
"""Bounds of what odds are multiplied by, in thousandths."""

DIFFERENCES_PARAMETERS = (
    amount("propensity_spread", 0.0, (0.0, 3.0), "how far people's odds to come differ for life: the deviation of the "
           "logarithm", "ours"),
    amount("phase_spread", 0.0, (0.0, 3.0), "how far somebody's own odds to come differ from one phase to the next",
           "ours"),
    amount("phase_days", 8, (1, 200), "half of all phases last longer than this", "ours", unit="days"),
    amount("phase_days_spread", 0.8, (0.0, 3.0), "how far phases differ in length: the deviation of its logarithm",
           "ours"),
    share("second_habit", 0.0, "most of a chance to come that is a second habit's, and not the person's own", "ours"),
    amount("drop_out_spread", 0.0, (0.0, 0.99), "how far people's chances to drop out differ: what two visits of one "
           "person have in common; many leave early, and the others stay", "ours"),
    share("first_visit", 0.0, "people who come when they sign up; 0: whether they come that day is a habit's chance",
          "ours"),
    amount("first_visit_after", 40, (1, 3_600), "half of these visits begin later after the sign-up than this", "ours",
           unit="s"),
    amount("first_visit_spread", 1.0, (0.0, 3.0), "how far these spans differ: the deviation of the logarithm", "ours"),
    amount("day_spread", 0.0, (0.0, 2.0), "how far days differ for everybody: the deviation of the odds' logarithm",
           "ours"),
    amount("day_memory", 0.8, (0.0, 0.99), "how much of that a day has from the one before", "ours"),
    amount("holiday_strength", 0.0, (0.0, 2.0), "how much of what the catalogue says of holidays counts", "ours"),
)  # fmt: skip

DIFFERENCES = Heterogeneity(
    propensity="life.propensity",
    phase="life.phase",
    phase_days="life.phase.days",
    second=tuple(f"pattern.second.{segment}" for segment in SEGMENTS),
    leaning="life.leaning",
    frailty="life.frailty",
    first_visit="life.first_visit",
    first_visit_s="life.first_visit.after",
    day="life.day",
    day_memory="day_memory",
    day_spread="day_spread",
    holidays="holidays",
)

DIFFERENCES_DECISIONS: tuple[Decision, ...] = (
    LogNormal("life.propensity", 1_000, "propensity_spread", _LEAST, _MOST),
    LogNormal("life.phase", 1_000, "phase_spread", _LEAST, _MOST),
    LogNormal("life.phase.days", "phase_days", "phase_days_spread", 1, 200),
    *(Choice(f"pattern.second.{s}", f"pattern_weights_{s.lower()}") for s in SEGMENTS),
    Uniform("life.leaning", 0, "leaning_most"),
    Beta("life.frailty", "frailty_mean", "drop_out_spread"),
    Chance("life.first_visit", "first_visit"),
    LogNormal("life.first_visit.after", "first_visit_after", "first_visit_spread", 1, 3_600),
    RoundedNormal("life.day", 0, 10, -40, 40),
)


def derive_differences(values: Values) -> Mapping[str, object]:
    """What follows from them. Where nobody drops out there is nothing in which people could differ."""
    strength = values.number("holiday_strength")
    holidays = ((h.month, h.day, max(0.05, 1 + strength * (h.factor - 1))) for h in catalogue.holidays())
    return {
        "leaning_most": round(1_000 * values.number("second_habit")),
        "frailty_mean": min(max(values.number("drop_out"), 0.001), 0.999),
        "holidays": tuple(holidays) if strength else (),
    }
