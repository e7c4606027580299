"""Texts put together from banks: slots filled by row, slips that leave slots whole, some of the texts taken."""

from __future__ import annotations

import re

import numpy as np
import pytest

from populace.engine.tables import Block
from populace.spec import Joined, Words
from populace.spec.kit.phrases import SLIPS, Bank, joined, slipped, taken

PHRASES = ("something with {topic}, please", "{time} of {topic}", "nothing at all.")
BANK = Bank.of(PHRASES)


def texts(value: Words | Joined, many: int) -> list[str | None]:
    return list(Block(1, np.arange(many)).text(value).to_pylist())  # type: ignore[union-attr]


def words(many: int) -> dict[str, Words]:
    return {"topic": Words(np.arange(many) % 2, ("bees", "snow")), "time": Words(np.arange(many) % 3, ("a", "b", "c"))}


def test_each_slot_is_filled_by_its_row():
    which = np.array([0, 1, 2, 1, 0])
    said = joined(
        BANK.filled(which, np.zeros(5, dtype=np.int64), words(5)), (Words(np.zeros(5, dtype=np.int64), ("!",)),)
    )
    assert texts(said, 5) == ["something with bees, please!", "b of snow!", "nothing at all.!", "a of snow!",
                              "something with bees, please!"]  # fmt: skip


@pytest.mark.parametrize("way", range(SLIPS))
def test_a_slip_changes_words_and_no_slot(way: int):
    for phrase in ("Something wonderful with {Topic}, please", "{time} of {topic}", "a b"):
        assert re.findall(r"\{\w+\}", slipped(phrase, way)) == re.findall(r"\{\w+\}", phrase)
    assert slipped("Something wonderful.", way) != "Something wonderful."


def test_misspelt_texts_are_filled_too():
    rows = np.repeat(np.arange(len(PHRASES)), SLIPS + 1)
    slips = np.tile(np.arange(SLIPS + 1), len(PHRASES))
    said = texts(joined(BANK.filled(rows, slips, words(len(rows)))), len(rows))
    assert all(text and "{" not in text for text in said)
    assert len(set(said[: SLIPS + 1])) > 2


def test_a_slot_that_nobody_fills_is_an_error():
    with pytest.raises(KeyError, match="time"):
        BANK.filled(np.array([0]), np.array([0]), {"topic": Words(np.array([0]), ("bees",))})


def test_some_of_the_texts_are_taken_and_none_is_empty():
    said = joined(BANK.filled(np.array([0, 1]), np.array([0, 0]), words(2)))
    assert texts(taken(said, np.array([1, -1, 0])), 3) == ["b of snow", "", "something with bees, please"]
    assert texts(taken(Words(np.array([1, 0]), ("x", "y")), np.array([-1, 0])), 2) == ["", "y"]
