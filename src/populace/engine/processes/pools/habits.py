"""Habits: the chance that somebody comes today, as whole millionths, read from a table made once a day.

The order is fixed: the pattern's chance of the day × activity and season, + the streak's bonus, × the weekday's factor
and the pattern's boost, at least what the state guarantees, × the state's factor, + the score's term, within bounds;
then, final, a life event's own chance. Who has silently dropped out, or has left, does not come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from populace.engine.draw_statistics import DrawStatistics
from populace.plan import Era
from populace.spec import Bools, Ints, Lifecycle, Values

MICRO = 1_000_000
"""Probabilities of habits are whole millionths."""
LEAST, MOST = MICRO // 100, MICRO * 98 // 100
"""Bounds of a habit's chance: nobody is certain (the app's own)."""
LONGEST_STREAK = 127
"""Days in a row are counted so far."""
_DAY_ZERO = date(1970, 1, 1)


def date_of(day: int) -> date:
    """The date on which a day (since 1970) begins."""
    return _DAY_ZERO + timedelta(days=day)


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


@dataclass(frozen=True, slots=True)
class Habits:
    """A lifecycle's habits on one day.

    table: millionths by place: [((pattern · 2 + in a spell) · states + state) · streaks + streak class], then those of
    life events, then of who dropped out. score: millionths to add to the first of these, by score; None for none.
    streak: class by days in a row. special: by pattern, whether the day is one of its own. points: names of what is
    accounted apart; point: which of them, by place.
    """

    flow: Lifecycle
    day: int
    table: Ints
    streaks: int
    streak: Ints
    score: Ints | None
    special: Bools
    drop_out: Ints
    points: tuple[str, ...]
    point: Ints

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
        for at, pattern in enumerate(flow.patterns):
            boosted = (
                _micro(values, pattern.boost) if pattern.boost and on.weekday() in pattern.boost_weekdays else MICRO
            )
            for spell in (False, True):
                own = pattern.special is not None and (spell or bool(special[at]))
                base = _micro(values, pattern.special if own and pattern.special else pattern.returns)
                name = f"{flow.name}.returns.{pattern.name}{'.special' if own else ''}"
                for state in flow.states:
                    least = _micro(values, state.returns_at_least) if state.returns_at_least else 0
                    factor = _micro(values, state.factor) if state.factor else MICRO
                    points.append(f"{flow.name}.returns.{state.name}" if least or factor != MICRO else name)
                    point += [len(points) - 1] * streaks
                    for streak in range(streaks):
                        p = _times(_times(base, activity), season) + min(streak * bonus, most)
                        p = max(_times(_times(p, weekday), boosted), least)
                        table.append(0 if state.left else _bounded(_times(p, factor), score=bool(weight)))
        for what, p in (*((e.name, _micro(values, e.returns)) for e in flow.life_events), ("dropped_out", 0)):
            points.append(f"{flow.name}.returns.{what}")
            point.append(len(points) - 1)
            table.append(p)
        return cls(
            flow=flow,
            day=day,
            table=np.array(table),
            streaks=streaks,
            streak=np.minimum(np.arange(LONGEST_STREAK + 1) // each, streaks - 1),
            score=np.array([round((s - 50) * MICRO * weight / 200) for s in range(101)]) if weight else None,
            special=special,
            drop_out=np.array([_micro(values, s.drop_out) if s.drop_out else 0 for s in flow.states]),
            points=tuple(points),
            point=np.array(point),
        )

    def places(self, pattern: Ints, binging: Bools, state: Ints, streak: Ints, event: Ints, lost: Bools) -> Ints:
        """The place of each in `table`. Patterns and states are few: short numbers do."""
        cell = (pattern * np.int8(2) + binging.view(np.int8)) * np.int8(len(self.flow.states)) + state
        place = cell.astype(np.intp) * self.streaks
        place += self.streak.take(streak)
        busy = np.flatnonzero(event)
        place[busy] = event[busy].astype(np.intp) + (self._first_event - 1)
        place[lost] = len(self.table) - 1
        return place

    def chances(self, place: Ints, score: Ints) -> Ints:
        """The chance of each to come (millionths)."""
        p = self.table.take(place)
        if self.score is not None:
            habit = np.flatnonzero(place < self._first_event)
            p[habit] = np.clip(p[habit] + self.score.take(score[habit]), LEAST, MOST)
        return p

    def account(self, statistics: DrawStatistics, place: Ints, p: Ints, came: Bools) -> None:
        """Count these draws, each under its point."""
        if self.score is not None:
            statistics.graded(self.points, self.point.take(place), p, came)
            return
        # Without a score, a place says the chance: it is enough to count places.
        many = len(self.table)
        n, yes = np.bincount(place, minlength=many), np.bincount(place[came], minlength=many)
        statistics.graded_counts(self.points, self.point, self.table, n, yes)

    @property
    def _first_event(self) -> int:
        return len(self.table) - 1 - len(self.flow.life_events)

    def steps(
        self, era: Era, pattern: int, binging: bool, state: int, streak: int, score: int, event: int, lost: bool
    ) -> list[Step]:
        """How one person's chance comes about; the last step's is what `chances` answers."""
        flow, values, on = self.flow, era.values, date_of(self.day)
        habit, now = flow.patterns[pattern], flow.states[state]
        own = habit.special is not None and (binging or bool(self.special[pattern]))
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
        if event:
            one, final = flow.life_events[event - 1], int(self.table[self._first_event - 1 + event])
            p = say(f"{one.name}, final ({one.returns})", shown(final), final)
        if lost:
            p = say("dropped out after an earlier visit, silently", shown(0), 0)
        return out


def shown(millionths: int) -> str:
    """A chance as text."""
    return f"{millionths / MICRO:.4f}"


def _micro(values: Values, path: str, place: int | None = None) -> int:
    """A probability or factor as whole millionths; of a series, the one at a place."""
    return round((values.number(path) if place is None else values.series(path)[place]) * MICRO)


def _bounded(p: int, *, score: bool) -> int:
    """Within bounds, unless a score is still to be added."""
    return p if score else min(max(p, LEAST), MOST)


def _times(p: int, factor: int) -> int:
    return (p * factor + MICRO // 2) // MICRO


def _special(weekdays: Sequence[int], month_days: Sequence[int], on: date) -> bool:
    return on.weekday() in weekdays or on.day in month_days
