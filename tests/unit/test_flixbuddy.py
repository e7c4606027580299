"""FlixBuddy's own replies: titles that are there, that suit the question, and that are not named twice."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pytest

from populace.engine import streams
from populace.engine.tables import Block
from populace.spec import Draw, Ints, Joined, Words
from populace.worlds.hogflix import catalogue
from populace.worlds.hogflix.behaviour import flixbuddy
from populace.worlds.hogflix.behaviour.flixbuddy import FOLLOW_UPS, MOST_TITLES, MOST_TURNS, Ranking
from populace.worlds.hogflix.parameters.fixed import LISTED

AT_US = 1_767_225_600_000_000
CHATS = 600
TITLES = catalogue.titles()
SHELF = np.array([catalogue.SHELVES.index(title.category) for title in TITLES])
WEIGHT = np.arange(len(TITLES), 0, -1)
DEMO = catalogue.SHELVES.index(catalogue.DEMO)


class Streams:
    """Draws of nothing but names and addresses."""

    def below(self, stream: str, bound: Any, entity: Any, counter: Any = 0) -> Ints:
        return streams.below(streams.stream_seed(1, stream), bound, entity, counter)

    def shuffled(self, stream: str, bound: int, entity: Any, position: Ints) -> Ints:
        return streams.shuffled(streams.stream_seed(1, stream), bound, entity, position)


DRAW: Draw = Streams()  # type: ignore[assignment]


@dataclass
class Chats:
    """`CHATS` conversations of as many turns as there can be, turn after turn."""

    weight: Ints

    @cached_property
    def turn(self) -> Ints:
        return np.tile(np.arange(MOST_TURNS), CHATS)

    @cached_property
    def address(self) -> Ints:
        visit = np.repeat(np.arange(CHATS, dtype=np.uint64) * np.uint64(7919) + np.uint64(1 << 50), MOST_TURNS)
        return (visit << np.uint64(7)) | (96 + 2 * self.turn).astype(np.uint64)

    @cached_property
    def at(self) -> Ints:
        return AT_US + self.turn * 60_000_000

    @cached_property
    def ranking(self) -> Ranking:
        lists = flixbuddy.listed(self.weight, SHELF)[None]
        return Ranking([t.title for t in TITLES], lists, np.zeros(len(self.turn), dtype=np.int64))

    @cached_property
    def question(self) -> Ints:
        return flixbuddy.questions(DRAW, self.address, self.at, self.turn)

    @cached_property
    def titles(self) -> Ints:
        return flixbuddy.recommended(DRAW, self.address, self.question, self.turn, self.ranking)[1]

    @cached_property
    def reply(self) -> Joined:
        return flixbuddy.replies(DRAW, self.address, self.at, self.question, self.turn, self.ranking)


@pytest.fixture(scope="module")
def chats() -> Chats:
    return Chats(WEIGHT)


def said(value: Any) -> list[str]:
    return [str(text) for text in Block(1, np.arange(CHATS * MOST_TURNS)).array(value, "text").to_pylist()]


def opening(chats: Chats) -> Ints:
    """The place in the catalogue of the question that each message's conversation began with."""
    return np.repeat(chats.question[::MOST_TURNS], MOST_TURNS)


def test_conversations_open_with_the_catalogues_questions_and_follow_them_up(chats: Chats):
    texts, asks = said(flixbuddy.asked(chats.question)), catalogue.questions()
    assert {*texts[::MOST_TURNS]} == {ask.question for ask in asks}
    documented = np.mean(chats.question[::MOST_TURNS] < flixbuddy.DOCUMENTED)
    assert 0.4 < documented < 0.6
    for place, text in enumerate(texts):
        turn, ask = place % MOST_TURNS, asks[opening(chats)[place]]
        if turn in (1, 2):
            assert text == ask.follow_ups[turn - 1]
        elif turn == FOLLOW_UPS:
            assert text in {f for a in asks if a.intent == ask.intent for f in a.follow_ups}
            assert text not in ask.follow_ups


def test_replies_name_one_to_three_different_titles_of_the_catalogue(chats: Chats):
    names = [t.title for t in TITLES]
    for text, row in zip(said(chats.reply), chats.titles, strict=True):
        named = [names[i] for i in row if i >= 0]
        assert 1 <= len(named) == len(set(named)) <= MOST_TITLES
        places = [text.index(name) for name in named]
        assert places == sorted(places)
        assert "{" not in text
    assert {(row >= 0).sum() for row in chats.titles} == {1, 2, 3}


def test_the_words_around_the_titles_are_the_catalogues(chats: Chats):
    names = sorted((t.title for t in TITLES), key=len, reverse=True)
    answers = {re.sub(r"\{title\d\}", "…", a.answer): a for a in catalogue.answers()}
    used = set()
    for place, (text, row) in enumerate(zip(said(chats.reply), chats.titles, strict=True)):
        for name in (TITLES[i].title for i in row if i >= 0):
            assert name in names
            text = text.replace(name, "…", 1)
        answer = answers[text]
        used.add(text)
        assert answer.later == (place % MOST_TURNS > 0)
        if not answer.later:
            assert answer.intent == catalogue.questions()[opening(chats)[place]].intent
    assert used == set(answers)


def test_titles_suit_what_was_asked(chats: Chats):
    asks = catalogue.questions()
    for place, row in enumerate(chats.titles):
        ask = asks[opening(chats)[place]]
        shelves = {TITLES[i].category for i in row if i >= 0}
        assert catalogue.DEMO not in shelves
        if ask.intent in catalogue.SHELVES:
            assert shelves == {ask.intent}
        if "thriller" in ask.question:
            assert shelves <= {"Horror", "Action & Adventure"}


def test_the_most_popular_are_named_in_order_to_those_who_ask_for_them(chats: Chats):
    best = [i for i in range(len(TITLES)) if SHELF[i] != DEMO]
    popular = [p for p, o in enumerate(opening(chats)) if catalogue.questions()[o].intent == "popular"]
    for place in popular:
        if place % MOST_TURNS == 0:
            row = [i for i in chats.titles[place] if i >= 0]
            assert row == best[: len(row)]


def test_every_mood_is_found_in_a_question_and_names_shelves():
    texts = [ask.question for ask in catalogue.questions() if ask.intent == "mood"]
    for word, shelves in flixbuddy.MOODS:
        assert any(word in text for text in texts)
        assert {*shelves} < {*catalogue.SHELVES} - {catalogue.DEMO}


def test_nothing_is_named_twice_in_a_conversation(chats: Chats):
    for rows in chats.titles.reshape(CHATS, -1):
        named = rows[rows >= 0]
        assert len(named) == len(set(named.tolist()))


def test_not_everybody_hears_the_same(chats: Chats):
    asks = [o for o in opening(chats)[::MOST_TURNS] if catalogue.questions()[o].intent == "Comedy"]
    first = chats.titles[::MOST_TURNS, 0]
    comedies = {t for t, o in zip(first, opening(chats)[::MOST_TURNS], strict=True) if o in asks}
    assert len(comedies) >= 4


@pytest.mark.parametrize("few", [2, 3, 5, 9])
def test_with_few_titles_only_those_are_named_and_none_twice_running(few: int):
    weight = np.where(np.isin(np.arange(len(TITLES)), np.flatnonzero(SHELF != DEMO)[:few]), WEIGHT, 0)
    chats = Chats(weight)
    for rows in chats.titles.reshape(CHATS, MOST_TURNS, MOST_TITLES):
        turns = [{*row[row >= 0].tolist()} for row in rows]
        assert all(turns)
        assert all(weight[i] for named in turns for i in named)
        assert all(not a & b for a, b in itertools.pairwise(turns))


def test_one_title_is_better_than_none_and_none_is_said_so():
    chats = Chats(np.where(np.arange(len(TITLES)) == 3, 1, 0))
    assert {tuple(row[row >= 0]) for row in chats.titles} == {(3,)}
    chats = Chats(np.zeros_like(WEIGHT))
    assert {*said(chats.reply)} == {flixbuddy.NOTHING}
    assert (chats.titles == -1).all()


def test_a_reply_is_the_same_however_the_messages_are_cut(chats: Chats):
    whole = said(chats.reply)
    some = np.arange(5, len(whole), 7)[::-1]
    ranking = Ranking(chats.ranking.names, chats.ranking.lists, chats.ranking.day[some])
    address, at, turn = chats.address[some], chats.at[some], chats.turn[some]
    question = flixbuddy.questions(DRAW, address, at, turn)
    reply = flixbuddy.replies(DRAW, address.view(np.int64), at, question, turn, ranking)
    cut = Block(1, np.arange(len(some))).array(reply, "text").to_pylist()
    assert cut == [whole[i] for i in some]
    none = np.zeros(0, dtype=np.int64)
    nothing = Ranking(chats.ranking.names, chats.ranking.lists, none)
    assert flixbuddy.recommended(DRAW, none, none, none, nothing)[1].shape == (0, MOST_TITLES)


def test_days_have_rankings_of_their_own(chats: Chats):
    lists = np.stack([flixbuddy.listed(WEIGHT, SHELF), flixbuddy.listed(np.where(SHELF == 1, WEIGHT, 0), SHELF)])
    day = np.repeat(np.arange(CHATS) % 2, MOST_TURNS)
    titles = flixbuddy.recommended(DRAW, chats.address, chats.question, chats.turn,
                                   Ranking(chats.ranking.names, lists, day))[1]  # fmt: skip
    assert np.array_equal(titles[day == 0], chats.titles[day == 0])
    named = titles[day == 1]
    assert {*SHELF[named[named >= 0]].tolist()} == {1}


def test_lists_hold_the_most_popular_of_their_shelves():
    lists = flixbuddy.listed(WEIGHT, SHELF)
    assert lists.shape[1] == LISTED
    for row, shelf in enumerate(range(DEMO)):
        assert lists[row].tolist() == np.flatnonzero(shelf == SHELF)[:LISTED].tolist()
    assert DEMO not in SHELF[lists[lists >= 0]]


def test_tokens_are_a_quarter_of_the_characters_and_the_rest_is_the_apps_shape(chats: Chats):
    texts, asked = said(chats.reply), flixbuddy.asked(chats.question)
    assert flixbuddy.characters(chats.reply).tolist() == [len(text) for text in texts]
    assert flixbuddy.tokens(Words(np.arange(4), ("", "a", "abcd", "abcde"))).tolist() == [0, 1, 1, 2]
    latency = np.full(len(texts), 850)
    metadata = [json.loads(m) for m in said(flixbuddy.metadata(asked, chats.reply, latency, chats.at))]
    sent, got = -(-len(said(asked)[0]) // 4), -(-len(texts[0]) // 4)
    assert metadata[0] == {
        "model": "populace-local",
        "timestamp": "2026-01-01T00:00:00.000Z",
        "tokens": {"input": sent, "output": got, "total": sent + got},
        "latency": 850,
        "cost": {"input": 0, "output": 0, "total": 0},
    }
