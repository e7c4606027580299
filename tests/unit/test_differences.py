"""What makes people differ in worlds with schedules: how long they stay, days for everybody, texts from banks."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from golden.runs import EPOCH
from populace.engine.draw_statistics import DrawStatistics
from populace.engine.draws import EMPTY, EngineDraw
from populace.plan import resolve
from populace.spec import Words
from populace.spec.kit import days, staying
from populace.spec.kit.sayings import Manner, Sayings
from tiny import CLUB

ROWS = [
    dict(zip(("use", "part", "about", "text"), line, strict=True))
    for line in (
        ("slot", "side", "any", "rice"), ("slot", "side", "any", "toast"), ("slot", "side", "any", "beans"),
        ("note", "open", "glad", "Had it with {side}."), ("note", "open", "glad", ""), ("note", "open", "sad", "Well."),
        ("note", "core", "glad", "The {main} was good."), ("note", "core", "any", "{Side} beside the {main}."),
        ("note", "end", "any", "Not {side2} again."), ("note", "brief", "any", "{main}, {side}"),
    )
]  # fmt: skip
MANNER = Manner(("glad", "sad"), ("open",), "core", ("end",), "brief", short_of=3)


@cache
def draw() -> EngineDraw:
    plan = resolve(CLUB, "default", seed=1, epoch_us=EPOCH)
    return EngineDraw(plan, plan.eras[0], EMPTY, DrawStatistics())


@pytest.mark.parametrize(("first", "spread"), [(0.3, 0.4), (0.05, 0.9), (0.2, 0.0)])
def test_who_stays_is_as_the_shifted_beta_geometric_law_says(first: float, spread: float):
    weights = staying.weeks(first, spread, 30)
    there = 1.0
    for week, weight in enumerate(weights[:-1]):
        # With shapes a and b, of those who are there a / (a + b + week) leave.
        ab = 1 / spread - 1 if spread else 1e15
        leaves = first * ab / (ab + week)
        assert weight == pytest.approx(there * leaves)
        there *= 1 - leaves
    assert weights[-1] == pytest.approx(there)
    assert sum(weights) == pytest.approx(1)
    assert staying.weeks(0.0, 0.0, 3) == (0.0, 0.0, 0.0, 1.0)


def test_a_busy_day_follows_a_busy_day_and_any_day_is_computed_alone():
    day = np.arange(20_000, 24_000)
    assert set(days.factors(draw(), "day", day, 0.0, 0.8).tolist()) == {1_000}
    factor = days.factors(draw(), "day", day, 0.4, 0.8)
    assert factor.mean() == pytest.approx(1_000, rel=0.05)
    logs = np.log(factor)
    assert logs.std() == pytest.approx(0.4, rel=0.1)
    assert np.corrcoef(logs[1:], logs[:-1])[0, 1] == pytest.approx(0.8, abs=0.05)
    some = np.array([23_017, 20_000, 23_017])
    assert days.factors(draw(), "day", some, 0.4, 0.8).tolist() == factor[some - 20_000].tolist()


def test_texts_are_put_together_from_what_fits():
    sayings, n = Sayings(ROWS), 400
    about, address = np.arange(n) % 2, np.arange(n)
    words = {**sayings.slots(draw(), address), "main": Words(address % 2, ("soup", "stew"))}
    said = sayings.composed(draw(), "note", about, address, words, MANNER)
    parts = [part for part in said.parts if isinstance(part, Words)]
    texts = ["".join(str(part.words[part.codes[i]]) for part in parts) for i in range(n)]
    glad, sad = texts[::2], texts[1::2]
    assert all("soup" in text for text in glad)
    assert all("stew" in text and "Had it" not in text and "was good" not in text for text in sad)
    brief = [text for text in texts if text.startswith(("soup,", "stew,"))]
    assert n / 3 * 0.7 < len(brief) < n / 3 * 1.3
    for text in set(texts) - set(brief):
        assert text.endswith("again.")
        assert "  " not in text
        assert "{" not in text
        assert text.split("Not ")[1].split()[0] not in text.split("Not ")[0]
    half = np.arange(100, 200)
    of_half = {name: Words(word.codes[half], word.words) for name, word in words.items()}
    again = sayings.composed(draw(), "note", about[half], address[half], of_half, MANNER)
    parts = [part for part in again.parts if isinstance(part, Words)]
    assert ["".join(str(part.words[part.codes[i]]) for part in parts) for i in range(100)] == texts[100:200]
