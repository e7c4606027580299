"""Conversations with FlixBuddy: who asks on a day, how often, and the rows of it.

One in ten of the people who come on a day asks, in the first of their visits. History is answered by the local
answerer, and so is life unless an endpoint does; then only questions are emitted here, and the outbox carries them
there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from populace.spec import (
    OUTBOX,
    Along,
    Bools,
    Columns,
    Draw,
    Ints,
    Joined,
    Json,
    Key,
    Optional,
    Rows,
    Stamp,
    TableRows,
    Visits,
    Walk,
    Words,
)
from populace.spec.cohort import DAY_BITS
from populace.spec.kit.parameters import composed
from populace.spec.kit.phrases import blanked, taken
from populace.spec.kit.places import placed
from populace.worlds.hogflix.behaviour import flixbuddy, popularity, wording
from populace.worlds.hogflix.behaviour.visits import CHAT, step
from populace.worlds.hogflix.parameters.fixed import ANSWERED_MS, ANSWERING_MS, THINKING_MS, THOUGHT_MS
from populace.worlds.hogflix.people import traits
from populace.worlds.hogflix.reporting.channels import FLIXBUDDY

TITLE = "FlixBuddy Chat"


@dataclass(frozen=True, slots=True)
class Talk:
    """What is asked in visits. turns, lasts_ms: of each visit, 0 for none.

    Of each turn: visit, turn (from 0), asked_ms and replied_ms after the chat begins.
    """

    turns: Ints
    lasts_ms: Ints
    visit: Ints
    turn: Ints
    asked_ms: Ints
    replied_ms: Ints


def talk(draw: Draw, visits: Visits) -> Talk:
    """Who asks, how often and when. A deployment's endpoint is asked about `flixbuddy_per_day` times a day."""
    who = visits.who
    asks = np.zeros(len(visits.k), dtype=np.bool_)
    opening = np.flatnonzero(visits.first)
    person_day = (who.person[opening] << DAY_BITS) | visits.day[opening]
    asks[opening] = draw.chance("chat.opens", person_day, who.at[opening])
    rooms, room = (draw.values.whole(path) for path in ("chat_rooms", "chat_room"))
    asks[opening] &= ~by_endpoint(draw, who.at[opening]) | (draw.below("chat.room", rooms, person_day) < room)
    some = np.flatnonzero(asks)
    many = 1 + draw.choose("chat.turns", visits.address[some], who.at[some])
    turns = np.zeros(len(asks), dtype=np.int64)
    turns[some] = many
    chat, turn = placed(many)
    visit = some[chat]
    address = step(visits.address[visit], CHAT + 2 * turn)
    think = THINKING_MS + draw.below("chat.think", THOUGHT_MS, address)
    answer = ANSWERING_MS + draw.below("chat.latency", ANSWERED_MS, address)
    replied = np.cumsum(think + answer)
    opens = np.flatnonzero(turn == 0)
    replied -= np.repeat(np.r_[0, replied][opens], many)
    lasts = np.zeros(len(asks), dtype=np.int64)
    lasts[some] = replied[opens + many - 1]
    return Talk(turns, lasts, visit, turn, replied - answer, replied)


def by_endpoint(draw: Draw, at: Ints) -> Bools:
    """Whether questions of these moments go to an endpoint: those of history never do."""
    return (at >= draw.epoch_us) & (draw.values.text("flixbuddy_answers") == "endpoint")


def conversation_key(visits: Visits, walk: Walk) -> Key:
    """The key of each visit's conversation, should it have one."""
    opens = np.zeros(len(visits.k), dtype=np.int64)
    first = np.flatnonzero(walk.columns["chat_turn"] == 0)
    opens[walk.columns["chat_visit"][first]] = walk.columns["chat_at"][first] * 1000
    return Key("chat_conversations", visits.address, visits.started_at + opens)


def message_key(visits: Visits, walk: Walk) -> Key:
    """The key of each question."""
    visit, turn, at = (walk.columns[f"chat_{c}"] for c in ("visit", "turn", "at"))
    return Key("chat_messages", step(visits.address[visit], CHAT + 2 * turn), visits.started_at[visit] + at * 1000)


def asked(draw: Draw, visits: Visits, walk: Walk) -> Words | Joined:
    """The text of each question."""
    question = _questions(draw, visits, walk)
    if not composed(draw) or len(question) == 0:
        return flixbuddy.asked(question)
    visit, turn = walk.columns["chat_visit"], walk.columns["chat_turn"]
    return wording.questions(draw, visits, visit, step(visits.address[visit], CHAT + 2 * turn), question, turn)


def emit(draw: Draw, visits: Visits, walk: Walk) -> TableRows:
    """Rows of conversations and messages; of questions to an endpoint, what the outbox takes there."""
    visit, turn, after, replied = (walk.columns[f"chat_{c}"] for c in ("visit", "turn", "at", "replied_at"))
    at, replied_at = (visits.started_at[visit] + ms * 1000 for ms in (after, replied))
    user, conversation = traits.user_key(draw, visits.who), conversation_key(visits, walk)
    person = visits.who.person[visit]
    opens = np.flatnonzero(turn == 0)
    keys = Along(conversation, visit[opens]), Along(user, visit[opens])
    conversations: Columns = {"id": keys[0], "user_id": keys[1], "profile_id": keys[1], "title": TITLE,
                     "created_at": at[opens], "updated_at": at[opens]}  # fmt: skip
    question, texts = _questions(draw, visits, walk), asked(draw, visits, walk)
    away = by_endpoint(draw, at)
    mine = np.flatnonzero(~away | (draw.values.text("flixbuddy_stored_by") == "populace"))
    emitted = np.flatnonzero(~away)
    by_table = {
        "chat_conversations": Rows(person[opens], conversations, at[opens]),
        "chat_messages": _messages(draw, visits, walk, (question, texts), mine, emitted),
    }
    out = np.flatnonzero(away)
    if len(out):
        address = step(visits.address[visit], CHAT + 2 * turn)
        sent = Along(user, visit[out])
        columns: Columns = {
            "id": Key("chat", address[out], at[out]),
            "channel": FLIXBUDDY.name,
            "at": at[out],
            "kind": "question",
            "payload": Json({
                "conversation_id": Along(conversation, visit[out]),
                "user_id": sent,
                "profile_id": sent,
                "message": taken(texts, out),
                "reply_id": Key("chat_messages", address[out] + np.uint64(1), replied_at[out]),
                "at": Stamp(at[out]),
            }),
        }  # fmt: skip
        by_table[OUTBOX.name] = Rows(person[out], columns, at[out])
    return by_table


def _messages(
    draw: Draw, visits: Visits, walk: Walk, questions: tuple[Ints, Words | Joined], mine: Ints, emitted: Ints
) -> Rows:  # fmt: skip
    """Questions (places `mine`), then replies of the local answerer (places `emitted`)."""
    (question, texts), columns_of = questions, walk.columns
    visit, turn, after, replied = (columns_of[f"chat_{c}"] for c in ("visit", "turn", "at", "replied_at"))
    both = np.r_[mine, emitted]
    replies = np.r_[np.zeros(len(mine), dtype=np.bool_), np.ones(len(emitted), dtype=np.bool_)]
    at = visits.started_at[visit[both]] + np.where(replies, replied[both], after[both]) * 1000
    ranking = popularity.ranking(draw, visits.who.at[visit[emitted]])
    asked_at = visits.started_at[visit[emitted]] + after[emitted] * 1000
    address = step(visits.address[visit[emitted]], CHAT + 2 * turn[emitted])
    if composed(draw) and len(emitted):
        who, asks = visits.who.of(visit[emitted]), question[emitted]
        _, title = flixbuddy.recommended(draw, address, asks, turn[emitted], ranking)
        reply = Joined(wording.replies(draw, who, address, asks, title, ranking.names))
    else:
        reply = flixbuddy.replies(draw, address, asked_at, question[emitted], turn[emitted], ranking)
    content = _after(taken(texts, mine), len(mine), reply, len(emitted))
    kept = flixbuddy.metadata(taken(texts, both), content, (replied - after)[both], at).members
    columns: Columns = {
        "id": Key("chat_messages", step(visits.address[visit[both]], CHAT + 2 * turn[both] + replies), at),
        "conversation_id": Along(conversation_key(visits, walk), visit[both]),
        "role": Words(replies.astype(np.int64), ("user", "assistant")),
        "content": content,
        "metadata": Json(
            {"timestamp": Stamp(at), **{n: Optional(replies, m) for n, m in kept.items() if n != "timestamp"}}
        ),
        "created_at": at,
    }
    return Rows(visits.who.person[visit[both]], columns, at)


def _after(first: Words | Joined, above: int, rest: Joined, below: int) -> Joined:
    """So many texts, and below them so many others, part by part."""

    def parts(text: Words | Joined, before: int, after: int) -> Iterator[Words]:
        for words in (text,) if isinstance(text, Words) else text.parts:
            assert isinstance(words, Words)
            none = len(words.words)
            codes = np.r_[np.full(before, none), words.codes, np.full(after, none)]
            yield Words(codes, blanked(tuple(words.words)))

    return Joined((*parts(first, 0, below), *parts(rest, above, 0)))


def _questions(draw: Draw, visits: Visits, walk: Walk) -> Ints:
    visit, turn, after = (walk.columns[f"chat_{c}"] for c in ("visit", "turn", "at"))
    address, at = step(visits.address[visit], CHAT + 2 * turn), visits.started_at[visit] + after * 1000
    return flixbuddy.questions(draw, address, at, turn)
