"""Visits as they go through the pages of the app: the walk of each, listed as steps in a browser.

Nothing is drawn here that the walk has not drawn: what is opened, watched, rated, asked and listed in a browser is what
would have become rows. Entry points, common paths and shares are those of the document (C28, C29, C30).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from populace.clock import MINUTE_US
from populace.spec import Draw, Ints, Visits, Walk, Words
from populace.spec.kit.phrases import taken
from populace.spec.navigation import VISIT, Navigation, Route, SignUp, Step
from populace.spec.personas import PersonaValue
from populace.worlds.hogflix import catalogue
from populace.worlds.hogflix.behaviour import chats, popularity
from populace.worlds.hogflix.behaviour.support import described, ticket
from populace.worlds.hogflix.behaviour.visits import step
from populace.worlds.hogflix.catalogue import DEVICES, REGIONS, content
from populace.worlds.hogflix.parameters.fixed import FORM_MS, PRICING_PERCENT
from populace.worlds.hogflix.parameters.people import BASIC, SEGMENTS
from populace.worlds.hogflix.parameters.visits import ENTRIES, HALF
from populace.worlds.hogflix.people import accounts, traits
from populace.worlds.hogflix.people.subscriptions import plan_at_sign_up

_BETWEEN = (*ENTRIES, "ask", "open", "watch", "rate")

STEPS = (
    Step(name="homepage", about="the start page with its rows", requirement="C28"),
    Step(name="search", about="the search, for a genre", fields=("genre",), requirement="C28"),
    Step(name="category", about="the page of a genre", fields=("genre",), requirement="C28"),
    Step(name="watchlist", about="the person's own list", requirement="C28"),
    Step(name="flixbuddy", about="the chat", requirement="C28"),
    Step(name="ask", about="a question to FlixBuddy, and its answer", after=(*ENTRIES, "ask"), fields=("question",)),
    Step(name="look", about="cards that are looked at", after=_BETWEEN),
    Step(name="open", about="a title's page", after=("look",), among="look", share="open_share",
         fields=("title", "key"), requirement="C29"),
    Step(name="start", about="its film begins", after=("open",), among="open", share="start_share",
         fields=("title", "key"), requirement="C29"),
    Step(name="half", about="half of it is watched", after=("start",), among="start", share="half_share",
         fields=("percent",), requirement="C29"),
    Step(name="watch", about="it is watched so far", after=("start", "half"), fields=("percent",)),
    Step(name="rate", about="stars for it", after=("watch",), among="start", share="rating_share", fields=("stars",),
         requirement="C30"),
    Step(name="keep", about="a title is put on the list", after=_BETWEEN, among=VISIT, share="watchlist_share",
         fields=("title", "key"), requirement="C30"),
    Step(name="ticket", about="a support ticket", after=(*_BETWEEN, "keep"), among=VISIT, share="ticket_share",
         fields=("issue", "description"), requirement="C30"),
)  # fmt: skip
_PLACE = {one.name: place for place, one in enumerate(STEPS)}


def route(draw: Draw, visits: Visits, walk: Walk) -> Route:
    """The steps of each visit. Of the cards looked at, only those count after which one is opened, itself included."""
    c, everybody = walk.columns, np.arange(len(visits.k))
    nothing = np.zeros(len(everybody), dtype=np.int64)
    opened, video = c["opened_visit"], c["video_visit"]
    before = np.where(np.r_[True, opened[1:] != opened[:-1]], -1, np.r_[-1, c["opened_card"][:-1]])
    title = np.where(c["opened_video"] >= 0, np.r_[c["video_title"], -1][c["opened_video"]], -1)
    unseen = np.flatnonzero(c["opened_video"] < 0)
    title[unseen] = popularity.looked(
        draw, visits, opened[unseen], step(visits.address[opened[unseen]], c["opened_card"][unseen])
    )
    ends = c["video_at"] + c["video_ms"]
    half, rated = np.flatnonzero(c["video_percent"] >= HALF), np.flatnonzero(c["video_rating"])
    listed, asking = np.flatnonzero(c["listed_at"] >= 0), np.flatnonzero(c["ticket_at"] >= 0)
    asked = c["chat_visit"]
    parts: list[tuple[Ints, Ints, Ints, dict[str, Ints]]] = [
        (everybody, c["entry"], nothing, {"genre": _genre(draw, visits)}),
        (asked, _each("ask", asked), c["chat_at"], {"question": np.arange(len(asked))}),
        (opened, _each("look", opened), c["opened_at"], {"times": c["opened_card"] - before}),
        (opened, _each("open", opened), c["opened_at"], {"title": title}),
        (video, _each("start", video), c["video_at"], {"title": c["video_title"]}),
        (video[half], _each("half", half), (c["video_at"] + c["video_ms"] * HALF // c["video_percent"])[half],
         {"percent": np.full(len(half), HALF)}),
        (video, _each("watch", video), ends, {"percent": c["video_percent"]}),
        (video[rated], _each("rate", rated), (ends + c["video_rated_ms"])[rated], {"stars": c["video_rating"][rated]}),
        (listed, _each("keep", listed), c["listed_at"][listed], {"title": c["listed_title"][listed]}),
        (asking, _each("ticket", asking), c["ticket_at"][asking],
         {"ticket": ticket(draw, visits.address)[asking], "complaint": np.arange(len(asking))}),
    ]  # fmt: skip

    def joined(name: str, absent: int) -> Ints:
        found = [part[3].get(name, np.full(len(part[0]), absent, dtype=np.int64)) for part in parts]
        return np.concatenate(found).astype(np.int64)

    titles = content.title_texts()
    shown, about, said, complaint = (joined(name, -1) for name in ("title", "ticket", "question", "complaint"))
    questions = chats.asked(draw, visits, walk)
    tickets = catalogue.tickets()
    return Route(
        visit=np.concatenate([part[0] for part in parts]),
        step=np.concatenate([part[1] for part in parts]),
        at_ms=np.concatenate([part[2] for part in parts]),
        times=joined("times", 1),
        fields={
            "title": _words(shown, titles["title"]),
            "key": _words(shown, titles["slug"]),
            "genre": _words(joined("genre", -1), catalogue.GENRES),
            "percent": joined("percent", 0),
            "stars": joined("stars", 0),
            "question": taken(questions, said),
            "issue": _words(about, tuple(one.issue_category for one in tickets)),
            "description": taken(described(draw, visits, c, asking), complaint),
        },
    )


def _words(codes: Ints, words: Sequence[str | None]) -> Words:
    """Text of a list; "" where the code is −1."""
    return Words(np.where(codes < 0, len(words), codes), (*words, ""))


def _each(name: str, rows: Ints) -> Ints:
    return np.full(len(rows), _PLACE[name], dtype=np.int64)


def _genre(draw: Draw, visits: Visits) -> Ints:
    """The genre that a visit by search or category stays within."""
    return popularity.genre_of(draw.unrecorded, visits, np.arange(len(visits.k)))


def browser(draw: Draw, visits: Visits) -> Mapping[str, PersonaValue]:
    """What a browser knows of whoever each visit is of."""
    who, quiet = visits.who, draw.unrecorded
    there, machine = traits.region(quiet, who), traits.device(quiet, who)
    return {
        "email": traits.email(draw, who),
        "id": traits.distinct_id(draw, who),
        "source": Words(traits.source(quiet, who), tuple(source.utm_source for source in catalogue.sources())),
        "locale": Words(there, tuple(region.locale for region in REGIONS)),
        "zone": Words(there, tuple(region.zone for region in REGIONS)),
        "width": np.array([one.screen_width for one in DEVICES])[machine],
        "height": np.array([one.screen_height for one in DEVICES])[machine],
        "touch": np.array([int(one.device_type != "Desktop") for one in DEVICES])[machine],
        "plan": Words(who.segment, SEGMENTS),
        "name": accounts.shown(quiet, who),
    }


SIGN_UP = (
    Step(name="pricing", about="the plans are looked at before anything is signed", requirement="C28"),
    Step(name="sign_up", about="the form of a new account, filled in and sent", requirement="C28"),
    Step(name="pay", about="the checkout of a plan that costs something", requirement="C28"),
)


def joining(draw: Draw, newcomers: Visits) -> Route:
    """The steps of sign-ups. Three of four look at the plans first; who takes one that costs something pays for it."""
    who, everybody = newcomers.who, np.arange(len(newcomers.k))
    looking = np.flatnonzero(draw.below("signup.pricing", 100, who.person) < PRICING_PERCENT)
    paying = np.flatnonzero(plan_at_sign_up(who) > BASIC)
    parts = ((looking, 0), (everybody, 1), (paying, 2))
    return Route(
        visit=np.concatenate([some for some, _ in parts]),
        step=np.concatenate([np.full(len(some), step, dtype=np.int64) for some, step in parts]),
        at_ms=np.concatenate([np.full(len(some), step * FORM_MS, dtype=np.int64) for some, step in parts]),
        times=np.ones(sum(len(some) for some, _ in parts), dtype=np.int64),
        fields={},
    )


NAVIGATION = Navigation(
    flow="life",
    entry="visit.entry",
    entries=ENTRIES,
    steps=STEPS,
    paths=(
        ("homepage", "look", "open", "start"),
        ("search", "look", "open", "start", "watch", "look"),
        ("flixbuddy", "ask", "look", "open", "start"),
        ("watchlist", "look", "open", "start", "watch", "look", "open", "start", "watch"),
    ),
    route=route,
    browser=browser,
    known=("email", "id", "source", "locale", "zone", "width", "height", "touch", "plan", "name"),
    sign_up=SignUp(steps=SIGN_UP, route=joining, lasts_us=MINUTE_US),
    campaign="hogflix-bot",
    storage="posthog_distinct_id",
    page_map="site_map.toml",
    requirement="C28",
)
