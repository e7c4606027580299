"""Ways to spoil a population so that it no longer looks real, each as people have found it in made data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from crowds import Dice, Floats, Ints
from populace.checks.realism.logs import Actions, Logs
from populace.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US

Spoiling = Callable[[Logs], Logs]
LOREM = "Lorem ipsum dolor sit amet. "


def acts(logs: Logs) -> Actions:
    assert logs.actions is not None
    return logs.actions


def order_of(n: int, seed: int) -> Ints:
    """A shuffle."""
    return np.argsort(Dice(seed).uniform(n), kind="stable")


def sorted_actions(logs: Logs, **columns: NDArray[np.generic]) -> Logs:
    """Some columns of the actions replaced, and by person and time again."""
    changed = replace(acts(logs), **columns)
    return replace(logs, actions=changed.of(np.lexsort([changed.at, changed.who])))


def moved(logs: Logs, local: Ints) -> Logs:
    """Actions at other local times, as long after UTC as before."""
    a = acts(logs)
    shift = local - a.local
    return sorted_actions(logs, local=local, at=a.at + shift, until=a.until + shift)


def one_hour(logs: Logs) -> Logs:
    a = acts(logs)
    return moved(logs, a.local - a.local % DAY_US + 20 * HOUR_US + a.local % HOUR_US)


def repeats_at_03_17(logs: Logs) -> Logs:
    a = acts(logs)
    _, first = np.unique(np.stack([a.who, a.item], axis=1), axis=0, return_index=True)
    again = np.ones(len(a), dtype=np.bool_)
    again[first] = False
    at = a.local - a.local % DAY_US + 3 * HOUR_US + 17 * MINUTE_US + a.local % MINUTE_US
    return moved(logs, np.where(again, at, a.local))


def any_hour(logs: Logs) -> Logs:
    a = acts(logs)
    return moved(logs, a.local - a.local % DAY_US + (Dice(1).uniform(len(a)) * DAY_US).astype(np.int64))


def flat_weekdays(logs: Logs) -> Logs:
    a = acts(logs)
    # By visit, so that what belongs together stays together.
    first, _ = logs.starts
    length = np.diff(np.append(first, len(a)))
    day = (Dice(2).uniform(len(first)) * 7).astype(np.int64)
    week = (a.local // DAY_US - 4) // 7 * 7 + 4
    return moved(logs, (week + np.repeat(day, length)) * DAY_US + a.local % DAY_US)


def no_weekends(logs: Logs) -> Logs:
    a = acts(logs)
    weekday = (a.local // DAY_US - 4) % 7
    return moved(logs, a.local - np.where(weekday >= 5, 3, 0) * DAY_US)


def whole_seconds(logs: Logs) -> Logs:
    a = acts(logs)
    return replace(logs, actions=replace(a, at=a.at // SECOND_US * SECOND_US))


def equal_spacing(logs: Logs) -> Logs:
    a = acts(logs)
    _, place, n = np.unique(a.who, return_inverse=True, return_counts=True)
    start = np.cumsum(n) - n
    first, last = a.at[start][place], a.at[start + n - 1][place]
    step = (last - first) // np.maximum(n[place] - 1, 1)
    at = first + step * (np.arange(len(a)) - start[place])
    return moved(logs, a.local + at - a.at)


def shuffled_stars(logs: Logs) -> Logs:
    r = logs.ratings
    assert r is not None
    return replace(logs, ratings=replace(r, stars=r.stars[order_of(len(r), 3)]))


def five_stars(logs: Logs) -> Logs:
    r = logs.ratings
    assert r is not None
    return replace(logs, ratings=replace(r, stars=np.full(len(r), 5.0)))


def one_title(logs: Logs) -> Logs:
    a = acts(logs)
    mostly = (Dice(4).uniform(len(a)) < 0.9) & (a.item != 0)
    return replace(logs, actions=replace(a, item=np.where(mostly, a.item[a.item != 0][0], a.item)))


def any_title(logs: Logs) -> Logs:
    a = acts(logs)
    known = np.unique(a.item[a.item != 0])
    drawn = known[(Dice(5).uniform(len(a)) * len(known)).astype(np.int64)]
    return replace(logs, actions=replace(a, item=np.where(a.item != 0, drawn, 0)))


def shuffled_titles(logs: Logs) -> Logs:
    a = acts(logs)
    some = np.flatnonzero(a.item)
    item = a.item.copy()
    item[some] = a.item[some][order_of(len(some), 6)]
    return replace(logs, actions=replace(a, item=item))


def texts_of(logs: Logs, made: Callable[[int], str]) -> Logs:
    w = logs.texts
    assert w is not None
    return replace(logs, texts=replace(w, text=np.array([made(i) for i in range(len(w))], dtype=object)))


def lorem_ipsum(logs: Logs) -> Logs:
    return texts_of(logs, lambda i: LOREM * (1 + i % 3))


def every_text_x(logs: Logs) -> Logs:
    return texts_of(logs, lambda _: "x")


def one_word_changed(logs: Logs) -> Logs:
    words = "I would like to watch something that is funny and short this evening with my family please number"
    return texts_of(logs, lambda i: f"{words} {i}")


def one_opening(logs: Logs) -> Logs:
    w = logs.texts
    assert w is not None
    return texts_of(logs, lambda i: f"Hello there! {w.text[i]}" if i % 20 == 0 else str(w.text[i]))


def with_sizes(logs: Logs, made: Callable[[int], Floats]) -> Logs:
    a = acts(logs)
    return replace(logs, actions=replace(a, size=np.where(np.isnan(a.size), np.nan, made(len(a)))))


def one_size(logs: Logs) -> Logs:
    return with_sizes(logs, lambda n: np.full(n, 1800.0))


def normal_sizes(logs: Logs) -> Logs:
    return with_sizes(logs, lambda n: np.maximum(60.0, 1800 + 300 * Dice(7).normal(n)))


def shuffled_sizes(logs: Logs) -> Logs:
    """Each visit has the size of another, of anybody."""
    a, visits = acts(logs), logs.visits
    first, _ = logs.starts
    size = np.full(len(a), np.nan)
    size[first] = visits.size[order_of(len(visits), 8)]
    return replace(logs, actions=replace(a, size=size))


def shuffled_hours(logs: Logs) -> Logs:
    """Each visit begins at the hour of another, of anybody."""
    a, visits = acts(logs), logs.visits
    first, _ = logs.starts
    hour = visits.local % DAY_US
    shift = np.repeat(hour[order_of(len(visits), 9)] - hour, np.diff(np.append(first, len(a))))
    return moved(logs, a.local + shift)


def shuffled_people(logs: Logs) -> Logs:
    """Each visit is anybody's."""
    a = acts(logs)
    first, _ = logs.starts
    owner = logs.visits.who[order_of(len(first), 10)]
    return sorted_actions(logs, who=np.repeat(owner, np.diff(np.append(first, len(a)))))


def all_alike(logs: Logs) -> Logs:
    """Everybody makes the same number of visits: the others' are given to whoever has few."""
    a = acts(logs)
    first, _ = logs.starts
    people = np.unique(a.who)
    owner = people[np.arange(len(first)) % len(people)]
    return sorted_actions(logs, who=np.repeat(owner, np.diff(np.append(first, len(a)))))


def same_offsets(logs: Logs) -> Logs:
    f = logs.followed
    assert f is not None
    return replace(logs, followed=replace(f, at=f.since + 5 * SECOND_US))


def same_results(logs: Logs) -> Logs:
    c = logs.campaigns
    assert c is not None
    rate = c.successes.sum() / c.trials.sum()
    return replace(logs, campaigns=replace(c, successes=np.rint(c.trials * rate).astype(np.int64)))


def nobody_returns(logs: Logs) -> Logs:
    """Only everybody's first visit is left."""
    a = acts(logs)
    first, _ = logs.starts
    visit = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(a))))
    opening = np.append(True, a.who[1:] != a.who[:-1])
    return replace(logs, actions=a.of(visit == np.repeat(visit[opening], np.unique(a.who, return_counts=True)[1])))


def same_days(logs: Logs) -> Logs:
    """As many people on each day as on any other: the visits are dealt out over the days in turn."""
    a = acts(logs)
    first, _ = logs.starts
    days = np.arange(int(a.local.min() // DAY_US), int(a.local.max() // DAY_US) + 1)
    order = order_of(len(first), 11)
    day = np.empty(len(first), dtype=np.int64)
    day[order] = days[np.arange(len(first)) % len(days)]
    return moved(logs, np.repeat(day, np.diff(np.append(first, len(a)))) * DAY_US + a.local % DAY_US)


SPOILINGS: Mapping[str, Spoiling] = {
    f.__name__: f
    for f in (
        one_hour, repeats_at_03_17, any_hour, flat_weekdays, no_weekends, whole_seconds, equal_spacing, shuffled_stars,
        five_stars, one_title, any_title, shuffled_titles, lorem_ipsum, every_text_x, one_word_changed, one_opening,
        one_size, normal_sizes, shuffled_sizes, shuffled_hours, shuffled_people, all_alike, same_offsets, same_results,
        nobody_returns, same_days,
    )
}  # fmt: skip
