"""The life of HogFlix's people as the engine folds it: states, habits, life events, score, streak, pool.

States and numbers are the document's. CASUAL is ours: the document lists it and says of nobody how they become it, so
it holds WEEKEND and MONTHLY people between their days.
"""

from __future__ import annotations

from populace.spec import (
    Chance,
    Choice,
    Decision,
    LifeEvent,
    Pattern,
    Pool,
    Score,
    State,
    Streak,
    Transition,
    Uniform,
)
from populace.spec.lifecycle import FRIDAY, SATURDAY, SUNDAY, THURSDAY
from populace.worlds.hogflix.parameters.fixed import ATTEMPTS
from populace.worlds.hogflix.parameters.people import EVENTS, SEGMENTS

LIVING = (
    State(name="NEW", returns_at_least="new_returns_at_least", drop_out="drop_out"),
    State(name="ACTIVE", drop_out="drop_out"),
    State(name="CASUAL", drop_out="drop_out"),
    State(name="DORMANT", factor="dormant_factor", drop_out="drop_out"),
    State(name="CHURNED", left=True),
)
TRANSITIONS = (
    Transition(sources=("NEW",), target="ACTIVE", tenure="new_days"),
    # Who has come back, perhaps by chance, is ACTIVE before anything else is asked of the DORMANT.
    Transition(sources=("DORMANT",), target="ACTIVE", idle_below="dormant_idle_days"),
    Transition(sources=("DORMANT",), target="CHURNED", idle="churn_idle_days",
               chance=tuple(f"churns.{s}" for s in SEGMENTS)),
    # The longer absence first: an ACTIVE person who is away for two weeks was CASUAL in the second, not for ever.
    Transition(sources=("ACTIVE", "CASUAL"), target="DORMANT", idle="dormant_idle_days"),
    Transition(sources=("ACTIVE",), target="CASUAL", idle="casual_idle_days", patterns=("WEEKEND", "MONTHLY")),
    Transition(sources=("CASUAL",), target="ACTIVE", idle_below="casual_idle_days"),
)  # fmt: skip
HABITS = (
    Pattern(name="DAILY", returns="daily_returns"),
    Pattern(name="REGULAR", returns="regular_returns", boost="regular_boost",
            boost_weekdays=(THURSDAY, FRIDAY, SATURDAY)),
    Pattern(name="WEEKEND", returns="weekend_returns", special="weekend_special", weekdays=(SATURDAY, SUNDAY)),
    Pattern(name="BINGE", returns="binge_returns", special="binge_special", spell="binge.days", rest="binge.rest"),
    Pattern(name="MONTHLY", returns="monthly_returns", special="monthly_special", month_days=(1, 2, 3)),
)  # fmt: skip
LIFE_EVENTS = tuple(
    LifeEvent(name=name, days=f"{name.lower()}.days", returns=f"{name.lower()}_returns") for name in EVENTS
)
SCORE = Score(
    begins="score.begins",
    came="score_came",
    stayed_away="score_stayed_away",
    broke="score_broke",
    broken_streak="score_broken_streak",
    weight="score_weight",
)
STREAK = Streak(bonus="streak_bonus", days="streak_days", most="streak_most")
POOL = Pool(
    target="people_a_pool",
    schedule="pool_schedule",
    reading="signups",
    low="signups_low",
    high="signups_high",
    per="signups_per",
    unseen_days="unseen_days",
)

DECISIONS: tuple[Decision, ...] = (
    Choice("plan", "plan_weights"),
    Choice("region", "region_weights"),
    Choice("device", "device_weights"),
    Choice("source", "source_weights"),
    Choice("affinity", "genre_weights"),
    Chance("marketing.opts_in", "marketing_opt_in"),
    Chance("early.tries", "early_access"),
    *(Choice(f"pattern.{s}", f"pattern_weights_{s.lower()}") for s in SEGMENTS),
    *(Chance(f"churns.{s}", f"churn_{s.lower()}") for s in SEGMENTS),
    Chance("churned.kept", "kept"),
    Choice("life.event", "life_event_weights"),
    *(Uniform(f"{e.lower()}.days", f"{e.lower()}_days_low", f"{e.lower()}_days_high") for e in EVENTS),
    Uniform("binge.days", "binge_days_low", "binge_days_high"),
    Uniform("binge.rest", "binge_rest_low", "binge_rest_high"),
    Uniform("score.begins", "score_begins_low", "score_begins_high"),
    Choice("visits", "visits_weights"),
    Chance("payment.fails", "payment_failure"),
    *(Chance(f"payment.attempt_{n}", f"retry_{n}_succeeds") for n in ATTEMPTS),
    *(Choice(f"plan.after.{s}", f"plan_after_{s.lower()}") for s in SEGMENTS),
)
