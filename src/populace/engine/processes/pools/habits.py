"""Habits: the chance that a person comes today, as whole millionths, read from a table made once a day.

The order is fixed: the pattern's chance of the day × activity and season, + the streak's bonus, × the weekday's factor
and the pattern's boost, at least what the state guarantees, × the state's factor, + the score's term, within bounds;
then, final, a life event's own chance. People who dropped out or left do not come.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import numpy as np

from populace.engine.day_factor import date_of
from populace.engine.draws import Graded
from populace.engine.odds import LEAST_ODDS, MICRO, MOST_ODDS, times_odds
from populace.engine.processes.pools.applied import Applied
from populace.plan import Era
from populace.spec import Bools, Ints, Lifecycle, Values
from populace.spec.heterogeneity import WHOLE

N = TypeVar("N", int, Ints)

LEAST, MOST = MICRO // 100, MICRO * 98 // 100
"""Bounds of a habit's chance: no habit is certain (the app's own)."""
SCORES = 101
"""Scores are whole numbers from 0 to 100."""
LONGEST_STREAK = 127
"""Days in a row are counted so far."""


def kind_of(flow: Lifecycle, day: int) -> tuple[object, ...]:
    """What a day's habits depend on, under equal settings: days of one kind have the same."""
    on = date_of(day)
    return (on.month, on.weekday(), *(_special(p.weekdays, p.month_days, on) for p in flow.patterns))


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way to a chance: what it is, and the chance after it (millionths)."""

    what: str
    value: str
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What somebody's chance to come depends on. pattern, state: positions; event: 0 for none, else one more. streak:
    in days. binging: in a spell. lost: dropped out. second, leaning, propensity, phase, of_day: of a lifecycle with
    heterogeneity, the pattern beside their own and what people, their phases and days differ by, in thousandths.
    """

    pattern: int
    state: int
    event: int
    streak: int
    score: int
    binging: bool
    lost: bool
    second: int = 0
    leaning: int = 0
    propensity: int = WHOLE
    phase: int = WHOLE
    of_day: int = WHOLE


@dataclass(frozen=True, slots=True)
class Habits:
    """A lifecycle's habits on one day.

    table: millionths by place: [((pattern · 2 + in a spell) · states + state) · streaks + streak class], then those of
    life events, then of who dropped out. score: millionths to add to the first of these, by score; None for none.
    streak: class by days in a row. special: by pattern, whether the day is one of its own. drop_out: by state.
    returns: by cell (see `cells`). applied: which differences between people and days count.
    """

    flow: Lifecycle
    day: int
    table: Ints
    streaks: int
    streak: Ints
    score: Ints | None
    special: Bools
    drop_out: Graded
    returns: Graded
    applied: Applied

    @classmethod
    def of(cls, flow: Lifecycle, era: Era, day: int) -> Habits:
        """The habits of a day under the settings of an era."""
        values, on = era.values, date_of(day)
        season = _micro(values, flow.seasons, on.month - 1)
        weekday = _micro(values, flow.weekdays, on.weekday())
        activity = _micro(values, flow.activity)
        bonus, most = _micro(values, flow.streak.bonus), _micro(values, flow.streak.most)
        each = max(1, values.whole(flow.streak.days))
        streaks = min(-(-most // bonus) if bonus else 0, LONGEST_STREAK // each) + 1
        special = np.array([_special(p.weekdays, p.month_days, on) for p in flow.patterns])
        weight = values.number(flow.score.weight)
        table, points, point = [], [], []
        bonuses = np.minimum(np.arange(streaks) * bonus, most)
        for at, pattern in enumerate(flow.patterns):
            boosted = (
                _micro(values, pattern.boost) if pattern.boost and on.weekday() in pattern.boost_weekdays else MICRO
            )
            for spell in (False, True):
                other = pattern.special is not None and (spell or bool(special[at]))
                base = _micro(values, pattern.special if other and pattern.special else pattern.returns)
                name = f"{flow.name}.returns.{pattern.name}{'.special' if other else ''}"
                habit = _times(_times(_times(_times(base, activity), season) + bonuses, weekday), boosted)
                for state in flow.states:
                    least = _micro(values, state.returns_at_least) if state.returns_at_least else 0
                    factor = _micro(values, state.factor) if state.factor else MICRO
                    points.append(f"{flow.name}.returns.{state.name}" if least or factor != MICRO else name)
                    point += [len(points) - 1] * streaks
                    own = _times(np.maximum(habit, least), factor)
                    table += (0 * own if state.left else own if weight else np.clip(own, LEAST, MOST)).tolist()
        for what, p in (*((e.name, _micro(values, e.returns)) for e in flow.life_events), ("dropped_out", 0)):
            points.append(f"{flow.name}.returns.{what}")
            point.append(len(points) - 1)
            table.append(p)
        name, states = f"{flow.name}.drop_out", len(flow.states)
        drop_out = np.array([_micro(values, s.drop_out) if s.drop_out else 0 for s in flow.states])
        score = np.array([round((s - 50) * MICRO * weight / 200) for s in range(SCORES)]) if weight else None
        return cls(
            flow=flow,
            day=day,
            table=np.array(table),
            returns=_returns(points, np.array(point), np.array(table), score, len(table) - 1 - len(flow.life_events)),
            streaks=streaks,
            streak=np.minimum(np.arange(LONGEST_STREAK + 1) // each, streaks - 1),
            score=score,
            special=special,
            drop_out=Graded.of([name], np.zeros(states, dtype=np.int64), drop_out),
            applied=Applied.of(flow, era),
        )

    def places(self, pattern: Ints, binging: Bools, state: Ints, streak: Ints, event: Ints, lost: Bools) -> Ints:
        """The place of each in `table`."""
        place = self.habit_places(pattern, binging, state, streak)
        busy = np.flatnonzero(event)
        place[busy] = event[busy].astype(np.intp) + (self.first_event - 1)
        place[lost] = len(self.table) - 1
        return place

    def habit_places(self, pattern: Ints, binging: Bools, state: Ints, streak: Ints) -> Ints:
        """The place of each in `table` by habit alone. Patterns and states are few: short numbers do."""
        cell = (pattern * np.int8(2) + binging.view(np.int8)) * np.int8(len(self.flow.states)) + state
        place = cell.astype(np.intp) * self.streaks
        place += self.streak.take(streak)
        return place

    def cells(self, place: Ints, score: Ints | None) -> Ints:
        """The cell of `returns` that each is in: its place, and where it counts the score."""
        return place if self.score is None or score is None else place * SCORES + score

    @property
    def first_event(self) -> int:
        """The first place of `table` that is no habit."""
        return len(self.table) - 1 - len(self.flow.life_events)

    def steps(self, era: Era, who: Standing) -> list[Step]:
        """How one person's chance comes about; the last step's is what `returns` has in their cell."""
        flow, values, on = self.flow, era.values, date_of(self.day)
        pattern, streak, score, event = who.pattern, who.streak, who.score, who.event
        habit, now = flow.patterns[pattern], flow.states[who.state]
        own = habit.special is not None and (who.binging or bool(self.special[pattern]))
        path = habit.special if own and habit.special else habit.returns
        p = _micro(values, path)
        out = [Step(f"{habit.name}, {'a day of its own' if own else 'an ordinary day'} ({path})", shown(p), p)]

        def say(what: str, value: str, after: int) -> int:
            out.append(Step(what, value, after))
            return after

        for what, factor in (
            (f"activity ({flow.activity})", _micro(values, flow.activity)),
            (f"season, {on:%B}", _micro(values, flow.seasons, on.month - 1)),
        ):
            p = say(what, f"× {factor / MICRO:g}", _times(p, factor))
        bonus = min(int(self.streak[streak]) * _micro(values, flow.streak.bonus), _micro(values, flow.streak.most))
        p = say(f"streak of {streak} days", f"+ {shown(bonus)}", p + bonus)
        weekday = _micro(values, flow.weekdays, on.weekday())
        p = say(f"{on:%A}", f"× {weekday / MICRO:g}", _times(p, weekday))
        if habit.boost and on.weekday() in habit.boost_weekdays:
            boost = _micro(values, habit.boost)
            p = say(f"{habit.name} on a {on:%A} ({habit.boost})", f"× {boost / MICRO:g}", _times(p, boost))
        if now.returns_at_least:
            least = _micro(values, now.returns_at_least)
            p = say(f"{now.name} ({now.returns_at_least})", f"at least {shown(least)}", max(p, least))
        if now.factor:
            factor = _micro(values, now.factor)
            p = say(f"{now.name} ({now.factor})", f"× {factor / MICRO:g}", _times(p, factor))
        if self.score is not None:
            p = say(f"score {score}", f"{self.score[score] / MICRO:+.4f}", p + int(self.score[score]))
        p = say("bounds", f"{shown(LEAST)} to {shown(MOST)}", min(max(p, LEAST), MOST))
        p = self._own_steps(who, p, say)
        if event:
            one, final = flow.life_events[event - 1], int(self.table[self.first_event - 1 + event])
            p = say(f"{one.name}, final ({one.returns})", shown(final), final)
        if who.lost:
            p = say("dropped out after an earlier visit, silently", shown(0), 0)
        return out

    def _own_steps(self, who: Standing, p: int, say: Callable[[str, str, int], int]) -> int:
        """What somebody's own odds make of the chance of their habit."""
        if who.leaning:
            beside = Standing(pattern=who.second, state=who.state, event=0, streak=who.streak, score=who.score,
                              binging=who.binging and who.second == who.pattern, lost=False)  # fmt: skip
            other = self._chance(beside)
            name = self.flow.patterns[who.second].name
            p = say(f"{who.leaning / 10:g} % of {name}'s {shown(other)}", "mixed",
                    (p * (WHOLE - who.leaning) + other * who.leaning) // WHOLE)  # fmt: skip
        habit, factor = np.array([p]), WHOLE
        for what, one in (
            ("own propensity", who.propensity),
            ("this phase", who.phase),
            ("the day, for all", who.of_day),
        ):
            if one != WHOLE:
                factor = factor * one // WHOLE
                odds = np.clip(np.array([factor]), LEAST_ODDS, MOST_ODDS)
                p = say(what, f"odds × {one / WHOLE:g}", int(with_odds(habit, odds)[0]))
        return p

    def _chance(self, who: Standing) -> int:
        """What the table has for somebody."""
        given = {
            name: np.array([getattr(who, name)]) for name in ("pattern", "binging", "state", "streak", "event", "lost")
        }
        place = self.places(
            **{name: values.astype(np.int8 if values.dtype != bool else bool) for name, values in given.items()}
        )
        return int(self.returns.micro.take(self.cells(place, np.array([who.score])))[0])


def with_odds(micro: Ints, factor: Ints) -> Ints:
    """Chances (millionths) whose odds are multiplied by a factor (thousandths); no habit is certain."""
    out: Ints = np.minimum(times_odds(micro, factor), MOST)
    return out


def _returns(points: Sequence[str], point: Ints, table: Ints, score: Ints | None, habits: int) -> Graded:
    """The chances to come, by cell. score: what is added to the first `habits` places of the table."""
    if score is None:
        return Graded.of(points, point, table)
    micro = np.repeat(table[:, None], SCORES, axis=1)
    micro[:habits] = np.clip(micro[:habits] + score, LEAST, MOST)
    return Graded.of(points, np.repeat(point, SCORES), micro.ravel())


def shown(millionths: int) -> str:
    """A chance as text."""
    return f"{millionths / MICRO:.4f}"


def _micro(values: Values, path: str, place: int | None = None) -> int:
    """A probability or factor as whole millionths; of a series, the one at a place."""
    return round((values.number(path) if place is None else values.series(path)[place]) * MICRO)


def _times(p: N, factor: int) -> N:
    return (p * factor + MICRO // 2) // MICRO


def _special(weekdays: Sequence[int], month_days: Sequence[int], on: date) -> bool:
    return on.weekday() in weekdays or on.day in month_days
