"""Product analytics: what people do, as PostHog hears of it, in rows for the outbox.

Every event lies inside its visit at the moment of the act, and has a uuid that follows from its address, so that one
that is sent again is known. Events repeat what rows say, and decide nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from populace.spec import (
    OUTBOX,
    Along,
    Bits,
    Bools,
    Cohort,
    Columns,
    ColumnValue,
    Draw,
    Ints,
    Json,
    Key,
    Moves,
    Optional,
    Rows,
    Stamp,
    TableRows,
    Visits,
    Walk,
    Words,
)
from populace.spec.cohort import DAY_BITS, STEP_BITS, VISIT_BITS
from populace.spec.kit.phrases import taken
from populace.spec.kit.places import placed
from populace.worlds.hogflix import catalogue
from populace.worlds.hogflix.behaviour import chats, popularity
from populace.worlds.hogflix.behaviour.keyed import session_key
from populace.worlds.hogflix.behaviour.support import ticket
from populace.worlds.hogflix.behaviour.visits import CHAT, step
from populace.worlds.hogflix.catalogue import content
from populace.worlds.hogflix.parameters.fixed import CLICK_MS, DEMO_MS, PRICING_MS, SECTION_MS
from populace.worlds.hogflix.parameters.people import SEGMENTS
from populace.worlds.hogflix.parameters.visits import ENTRIES
from populace.worlds.hogflix.people import traits
from populace.worlds.hogflix.reporting.channels import POSTHOG
from populace.worlds.hogflix.reporting.event_names import KINDS, LATER_ONLY, kind, names
from populace.worlds.hogflix.reporting.event_properties import person_properties, said_of

DEMOS = ("product_analytics", "session_replay", "feature_flags", "experiments", "surveys")
SECTIONS = ("popular", "trending", "continue_watching")
_BESIDE = CHAT + 2 * 4
"""Steps of a visit from here on are what it does beside cards and chats: one for each kind of event."""
_MOVE = len(KINDS)
"""Addresses of events outside of visits: kinds of a sign-up, and from here on what somebody has become."""


@dataclass(frozen=True, slots=True, eq=False)
class Acts:
    """Events of one kind. visit: which. at: ms after its start. address: of the step. More, where it says something.

    title: ordinal, −1 for none. number: a milestone, or stars. chat: which question.
    """

    kind: str
    visit: Ints
    at: Ints
    address: Bits
    title: Ints | None = None
    number: Ints | None = None
    chat: Ints | None = None


def report(draw: Draw, visits: Visits, walk: Walk) -> TableRows:
    """Events of visits."""
    later = draw.values.text("event_names") == "object_action"
    parts = [a for a in _acts(draw, visits, walk) if len(a.visit) and (later or a.kind not in LATER_ONLY)]
    emitted = Acts(
        "",
        _joined(a.visit for a in parts),
        _joined(a.at for a in parts),
        np.concatenate([np.zeros(0, dtype=np.uint64), *(a.address for a in parts)]),
        *(_joined(_or_none(getattr(a, name), a.visit) for a in parts) for name in ("title", "number", "chat")),
    )
    code = _joined(np.full(len(a.visit), kind(a.kind)) for a in parts)
    at = visits.started_at[emitted.visit] + emitted.at * 1000
    properties = {
        **{
            name: _along(value, emitted.visit)
            for name, value in said_of(draw, visits.who, walk.columns["device"]).items()
        },
        "$session_id": Along(session_key(visits), emitted.visit),
        **_own(draw, visits, walk, emitted, code, at),
    }
    return _event_rows(draw, visits.who, emitted.visit, code, at, emitted.address, properties)


def report_people(draw: Draw, who: Cohort) -> TableRows:
    """Sign-ups, and who it is that signed up; of those who take a paid plan at once, that they did."""
    many = np.arange(len(who.person))
    paying = np.flatnonzero(who.segment > 0)
    index = np.r_[many, many, paying]
    code = np.repeat([kind("signup"), kind("identify"), kind("paid")], [len(many), len(many), len(paying)])
    address = _outside(who.person[index], code)
    common = {name: _along(value, index) for name, value in said_of(draw, who).items()}
    own = {"$set": Optional(code == kind("identify"), Along(person_properties(draw, who), index))}
    return _event_rows(draw, who, index, code.astype(np.int64), who.joined_at[index], address, {**common, **own})


def report_moves(draw: Draw, moves: Moves) -> TableRows:
    """What changed about people; of those who changed to a plan that costs more, that they paid."""
    who, before = moves.who, moves.before
    some = np.flatnonzero(
        ((who.state != before.state) | (who.pattern != before.pattern) | (who.segment != before.segment))
        & ~moves.removed
    )
    paying = some[who.segment[some] > before.segment[some]]
    index = np.r_[some, paying]
    code = np.repeat([kind("identify"), kind("paid")], [len(some), len(paying)]).astype(np.int64)
    # Several changes of a day may come at its start: the new value distinguishes them.
    became = (who.state[index].astype(np.int64) * 8 + who.pattern[index]) * 4 + who.segment[index]
    address = _outside(who.person[index], _MOVE + 2 * became + (code == kind("paid")))
    common = {name: _along(value, index) for name, value in said_of(draw, who).items()}
    own = {"$set": Optional(code == kind("identify"), Along(person_properties(draw, who), index))}
    return _event_rows(draw, who, index, code, who.at[index], address, {**common, **own})


def _acts(draw: Draw, visits: Visits, walk: Walk) -> Sequence[Acts]:
    """What visits do, kind by kind."""
    c, everybody = walk.columns, np.arange(len(visits.k))
    nobody = np.zeros(len(everybody), dtype=np.int64)

    def beside(name: str, visit: Ints, at: Ints, **more: Ints) -> Acts:
        return Acts(name, visit, at[visit], step(visits.address[visit], _BESIDE + kind(name)), **more)

    def stage(name: str, of: str, depth: int, at: Ints) -> Acts:
        return beside(name, np.flatnonzero(c[of] >= depth), at)

    opened, video, asked = c["opened_visit"], c["video_visit"], c["chat_visit"]
    card, watched = step(visits.address[opened], c["opened_card"]), step(visits.address[video], c["video_card"])
    seen = c["opened_video"]
    shown = np.where(seen >= 0, np.r_[c["video_title"], -1][seen], -1)
    unseen = np.flatnonzero(seen < 0)
    shown[unseen] = popularity.looked(draw, visits, opened[unseen], card[unseen])
    ends = c["video_at"] + c["video_ms"]
    rated = np.flatnonzero(c["video_rating"])
    every = draw.values.whole("progress_step")
    steps = c["video_percent"] // every
    of, passed = placed(steps)
    milestone = (1 + passed) * every
    done = np.flatnonzero(c["video_percent"] >= draw.values.whole("completed_from"))
    talking = step(visits.address[asked], CHAT + 2 * c["chat_turn"])
    priced = c["beside_at"]
    played = priced + c["pricing"] * PRICING_MS
    listed = np.flatnonzero(c["listed_at"] >= 0)
    return (
        beside("identify", np.flatnonzero(visits.first), nobody),
        beside("page", everybody, nobody),
        stage("section_viewed", "section", 1, nobody + SECTION_MS),
        stage("section_clicked", "section", 2, nobody + CLICK_MS),
        *(stage(name, "pricing", n + 1, priced + n * PRICING_MS)
          for n, name in enumerate(("pricing", "plan", "checkout"))),
        *(stage(f"demo_{name}", "demo", n + 1, played + n * DEMO_MS)
          for n, name in enumerate(("opened", "played", "progress", "completed"))),
        Acts("opened", opened, c["opened_at"], card, shown),
        Acts("started", video, c["video_at"], watched, c["video_title"]),
        Acts("progress", video[of], c["video_at"][of] + c["video_ms"][of] * milestone // c["video_percent"][of],
             watched[of], c["video_title"][of], milestone),
        Acts("completed", video[done], ends[done] + 1, watched[done], c["video_title"][done]),
        Acts("rated", video[rated], (ends + c["video_rated_ms"])[rated], watched[rated], c["video_title"][rated],
             c["video_rating"][rated]),
        beside("listed", listed, c["listed_at"], title=c["listed_title"][listed]),
        beside("ticket", np.flatnonzero(c["ticket_at"] >= 0), c["ticket_at"]),
        Acts("chat", asked[c["chat_turn"] == 0], c["chat_at"][c["chat_turn"] == 0] - 1_000,
             talking[c["chat_turn"] == 0]),
        Acts("question", asked, c["chat_at"], talking, chat=np.arange(len(asked))),
        Acts("reply", asked, c["chat_replied_at"], talking + np.uint64(1), chat=np.arange(len(asked))),
    )  # fmt: skip


def _own(draw: Draw, visits: Visits, walk: Walk, emitted: Acts, code: Ints, at: Ints) -> Columns:
    """Properties that only some kinds have. emitted: all events, one after another, whatever their kinds."""
    visit, title, number, chat = emitted.visit, emitted.title, emitted.number, emitted.chat
    assert title is not None
    assert chat is not None
    assert number is not None
    titles = content.title_key(np.arange(draw.size("title")))
    where = draw.below("section.which", len(SECTIONS), visits.address)[visit]
    current = visits.who.segment.astype(np.int64)
    chosen = (current + 1 + draw.below("plan.which", len(SEGMENTS) - 1, visits.address)) % len(SEGMENTS)
    about = ticket(draw, visits.address)[visit]
    asked = chats.asked(draw, visits, walk)

    def of(*kinds: str) -> Bools:
        among = np.zeros(len(KINDS), dtype=np.bool_)
        among[[kind(name) for name in kinds]] = True
        return among[code]

    opened, titled = of("opened"), title >= 0
    user = traits.user_key(draw, visits.who)
    kept = of("rated", "listed", "ticket", "question")
    in_section, of_plan, in_chat = (
        of("section_viewed", "section_clicked"),
        of("plan", "checkout"),
        of("chat", "question", "reply"),
    )
    own: dict[str, tuple[Bools, ColumnValue]] = {
        "page": (of("page"), Along(Words(walk.columns["entry"], ENTRIES), visit)),
        "title_id": (opened, Along(titles, np.maximum(title, 0))),
        "video_id": (titled & ~opened, Along(titles, np.maximum(title, 0))),
        "milestone": (of("progress"), number),
        "total_duration": (of("completed"), popularity.durations_s(draw)[title]),
        "rating": (of("rated"), number),
        "section": (in_section, Words(where, SECTIONS)),
        "position": (in_section, 1 + where),
        "current_plan": (of_plan, Along(Words(current, SEGMENTS), visit)),
        "is_upgrade": (of_plan, (chosen > current)[visit]),
        "demo_id": (of("demo_opened", "demo_played", "demo_progress", "demo_completed"),
                    Words(draw.below("demo.which", len(DEMOS), visits.address)[visit], DEMOS)),
        "profile_id": (kept, Along(user, visit)),
        "ticket_id": (of("ticket"), Key("support_tickets", visits.address[visit], at)),
        "issue_category": (of("ticket"), Words(about, tuple(t.issue_category for t in catalogue.tickets()))),
        "conversation_id": (in_chat, Along(chats.conversation_key(visits, walk), visit)),
        "question": (of("question", "reply"), taken(asked, chat)),
        "$set": (of("identify"), Along(person_properties(draw, visits.who), visit)),
    }  # fmt: skip
    said: dict[str, ColumnValue] = {
        name: Optional(present, value) for name, (present, value) in own.items() if present.any()
    }
    if of_plan.any():
        # Here the plan is the one that is chosen, as the app says it; what the person has is current_plan.
        said["plan"] = Words(np.where(of_plan, chosen[visit], current[visit]), SEGMENTS)
    return said


def _event_rows(
    draw: Draw, who: Cohort, index: Ints, code: Ints, at: Ints, address: Bits, properties: Columns
) -> TableRows:  # fmt: skip
    """Events as rows of the outbox."""
    named = Words(code, names(draw.values.text("event_names")))
    key = Key("events", address, at)
    payload = Json(
        {
            "event": named,
            "distinct_id": Along(traits.distinct_id(draw, who), index),
            "timestamp": Stamp(at),
            "uuid": key,
            "properties": Json(properties),
        }
    )
    columns: Columns = {"id": key, "channel": POSTHOG.name, "at": at, "kind": named, "payload": payload}
    return {OUTBOX.name: Rows(who.person[index], columns, at)}


def _outside(person: Ints, number: Ints) -> Bits:
    """Addresses of events outside of visits: of a day before any that a visit can have."""
    return (person.astype(np.uint64) << np.uint64(DAY_BITS + VISIT_BITS + STEP_BITS)) | number.astype(np.uint64)


def _along(value: ColumnValue, index: Ints) -> ColumnValue:
    return Along(value, index) if isinstance(value, (Words, np.ndarray)) else value


def _joined(parts: Iterable[Ints]) -> Ints:
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts])


def _or_none(values: Ints | None, like: Ints) -> Ints:
    return np.full(len(like), -1) if values is None else values
