"""How visits go: what is shown, opened, started, how much of it is watched, how it is rated, and what else people do.

Everything of a visit that has a declared probability is drawn here, once, for thousands of visits at a time; times are
ms after the visit's start, for it is not known yet when that is. `traces` and `events` emit rows of what is found here.
Stars are a plan's mean and spread, of which a part is the title's and a part the person's own: a sum of three normals
is a normal, so the plan keeps its mean and deviation however the variance is divided. The three are quantiles in whole
thousandths, so that no logarithm stands between a plan and a row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from populace.spec import Bits, Bools, Draw, Ints, Visits, Walk
from populace.worlds.hogflix.behaviour import chats, popularity, support
from populace.worlds.hogflix.behaviour.visits import (
    MOST_CARDS,
    completion_class,
    depth_class,
    device,
    lasts_ms,
    looked_at,
    step,
)
from populace.worlds.hogflix.parameters.fixed import (
    APART,
    ARRIVING_MS,
    ASKING_MS,
    LEAVING_MS,
    LISTING_MS,
    MOST_STARS,
    RATING_MS,
)
from populace.worlds.hogflix.parameters.people import LONGEST_US
from populace.worlds.hogflix.parameters.tastes import BINGE_TENTHS, HOW, MATCHES, MOST_VIDEOS
from populace.worlds.hogflix.parameters.visits import COMPLETIONS, DEPTHS, HALF, NORMAL_STEPS
from populace.worlds.hogflix.people import traits


@dataclass(frozen=True, slots=True)
class Cards:
    """Opened cards of a block, visit by visit in the order of opening.

    visit: which. card: its number among those shown. passed: cards looked at since the one opened before, itself
    included. started: whether the video was started. first: of each visit, where its cards begin; one more at the end.
    shown: of each visit, how many cards.
    """

    visit: Ints
    card: Ints
    passed: Ints
    started: Bools
    first: Ints
    shown: Ints


def walk(draw: Draw, visits: Visits) -> Walk:
    """How visits go. Columns of visits: `entry`, `device`, `listed_at` and `ticket_at` (ms, −1: none), `listed_title`,
    `ticket_taken` and `ticket_solved` (working time, ms; −1: it stays open).

    Of opened cards: `opened_visit`, `opened_card`, `opened_at`, `opened_video` (−1: not started). Of started videos:
    `video_visit`, `video_card`, `video_title`, `video_percent`, `video_at`, `video_ms` (how long it is watched),
    `video_rating` (0: none), `video_rated_ms` (how long after that). Of questions `chat_visit`, `chat_turn`, `chat_at`,
    `chat_replied_at`. Of pages, how far each visit gets in `section`, `pricing` and `demo`, and when the latter two
    begin, `beside_at`.
    """
    address, at, many = visits.address, visits.who.at, len(visits.k)
    depth, bounces = _depth(draw, visits)
    cards = _cards(draw, visits, depth)
    talk = chats.talk(draw, visits)
    some = np.flatnonzero(cards.started)
    visit, card = cards.visit[some], cards.card[some]
    video = step(address[visit], card)
    title = popularity.picked(draw, visits, visit, video, apart=APART)
    suits = popularity.suits(draw, visits.who, visit, title)
    if draw.values.text("watched") == "ends":
        percent = _watched(draw, visits, visit, video, suits, bounces)
    else:
        percent = _percent(draw, visits, visit, video)
    stars = _stars(draw, visits, visit, video, title, suits, percent)
    listed = draw.chance("visit.watchlist", address, at)
    ticket = support.asks(draw, visits)
    dealt = support.deal(draw, visits, ticket)

    # A visit's length without its videos leaves so much room for them: who has more to watch skips through it.
    opened, moment = step(address[cards.visit], cards.card), at[cards.visit]
    look = draw.measure("card.look", opened, moment) * cards.passed
    page = draw.measure("title.look", opened, moment)
    spent = look + page
    rated_ms = _after(draw, "rating.after", RATING_MS, video, at[visit]) * (stars > 0)
    spent[some] += rated_ms
    beside = looked_at(draw, visits)
    begins = ARRIVING_MS + talk.lasts_ms + lasts_ms(beside)
    listed_ms = _after(draw, "listing.after", LISTING_MS, address, at)
    ticket_ms = _after(draw, "ticket.after", ASKING_MS, address, at)
    tail = listed * listed_ms + ticket * ticket_ms + LEAVING_MS
    room = LONGEST_US // 1000 - begins - _sums(spent, cards.first) - tail
    watched = popularity.durations_s(draw)[title] * percent * 10
    first = np.searchsorted(visit, np.arange(many + 1))
    wanted = _sums(watched, first)
    tight = np.flatnonzero((wanted > room)[visit])
    watched[tight] = watched[tight] * room[visit[tight]] // wanted[visit[tight]]
    spent[some] += watched

    after = np.cumsum(spent)
    opened_at = after - spent + look + (begins - np.r_[0, after][cards.first[:-1]])[cards.visit]
    ends = begins + _sums(spent, cards.first)
    opened_video = np.full(len(spent), -1, dtype=np.int64)
    opened_video[some] = np.arange(len(some))
    return Walk(
        lasts_us=(ends + tail) * 1000,
        counts={
            "sessions": np.ones(many, dtype=np.int64),
            "cards": cards.shown,
            "opened": np.diff(cards.first),
            "videos": np.diff(first),
            "ratings": np.bincount(visit[stars > 0], minlength=many),
            "watchlist": listed.astype(np.int64),
            "tickets": ticket.astype(np.int64),
            "chats": (talk.turns > 0).astype(np.int64),
            "questions": talk.turns,
        },
        columns={
            "entry": draw.choose("visit.entry", address, at),
            "device": device(draw, visits),
            "listed_at": np.where(listed, ends + listed_ms, -1),
            "listed_title": popularity.wished(draw, visits, listed),
            "ticket_at": np.where(ticket, ends + listed * listed_ms + ticket_ms, -1),
            "ticket_taken": dealt.taken_ms,
            "ticket_solved": dealt.solved_ms,
            "opened_visit": cards.visit,
            "opened_card": cards.card,
            "opened_at": opened_at,
            "opened_video": opened_video,
            "video_visit": visit,
            "video_card": card,
            "video_title": title,
            "video_percent": percent,
            "video_at": (opened_at + page)[some],
            "video_ms": watched,
            "video_rating": stars,
            "video_rated_ms": rated_ms,
            "chat_visit": talk.visit,
            "chat_turn": talk.turn,
            "chat_at": ARRIVING_MS + talk.asked_ms,
            "chat_replied_at": ARRIVING_MS + talk.replied_ms,
            **beside,
            "beside_at": ARRIVING_MS + talk.lasts_ms,
        },
    )


def _depth(draw: Draw, visits: Visits) -> tuple[Ints, Bools]:
    """How many videos each visit starts, unless it runs out of cards; and whether it leaves at once."""
    bounces = np.zeros(len(visits.k), dtype=np.bool_)
    if draw.values.number("bounce_share") > 0:
        bounces = draw.chance("visit.bounces", visits.address, visits.who.at)
    depth = _of_size(draw, visits) if draw.values.number("visit_size_spread") > 0 else _of_class(draw, visits)
    return np.where(bounces, 1, depth), bounces


def _after(draw: Draw, point: str, usual_ms: int, address: Bits, at: Ints) -> Ints:
    """How long people take for an act, ms."""
    if draw.values.number("acts_spread") == 0:
        return np.full(len(address), usual_ms)
    return draw.measure(point, address, at)


def _of_size(draw: Draw, visits: Visits) -> Ints:
    """By the person's own size and the visit's; larger in a binge."""
    size = draw.measure("visit.size", visits.address, visits.who.at) * traits.own_size(draw.unrecorded, visits.who)
    size = np.where(visits.binging, size * BINGE_TENTHS // 10, size)
    out: Ints = np.clip((size + 500_000) // 1_000_000, 1, MOST_VIDEOS)
    return out


def _of_class(draw: Draw, visits: Visits) -> Ints:
    """By the documents' classes."""
    which, depth = depth_class(visits), np.zeros(len(visits.k), dtype=np.int64)
    for place, name in enumerate(DEPTHS):
        some = np.flatnonzero(which == place)
        depth[some] = draw.measure(f"visit.depth.{name}", visits.address[some], visits.who.at[some])
    return depth


def _cards(draw: Draw, visits: Visits, depth: Ints) -> Cards:
    """Cards are shown one after another until as many videos are started as the visit is deep."""
    address, at, many = visits.address, visits.who.at, len(depth)
    left, opened, last = depth.copy(), np.zeros(many, dtype=np.int64), np.full(many, -1, dtype=np.int64)
    shown = np.zeros(many, dtype=np.int64)
    parts: list[tuple[Ints, Ints, Ints, Ints, Bools]] = []
    looking = np.flatnonzero(left > 0)
    for card in range(MOST_CARDS):
        if len(looking) == 0:
            break
        shown[looking] += 1
        steps, moments = step(address[looking], card), at[looking]
        opens = draw.chance("card.opened", steps, moments)
        visit = looking[opens]
        starts = draw.chance("card.started", steps[opens], moments[opens])
        parts.append((visit, opened[visit], np.full(len(visit), card), card - last[visit], starts))
        opened[visit] += 1
        last[visit] = card
        left[visit] -= starts
        looking = looking[left[looking] > 0]
    first = np.r_[0, np.cumsum(opened)]
    numbers = np.zeros((3, first[-1]), dtype=np.int64)
    started = np.zeros(first[-1], dtype=np.bool_)
    for visit, nth, number, passed, starts in parts:
        place = first[visit] + nth
        for row, values in zip(numbers, (visit, number, passed), strict=True):
            row[place] = values
        started[place] = starts
    return Cards(numbers[0], numbers[1], numbers[2], started, first, shown)


def _percent(draw: Draw, visits: Visits, visit: Ints, video: Bits) -> Ints:
    """How much of each started video is watched: a class decides who reaches half; within its range, all is even."""
    at, which = visits.who.at[visit], completion_class(visits)[visit]
    half = np.zeros(len(visit), dtype=np.bool_)
    for place, name in enumerate(COMPLETIONS):
        some = np.flatnonzero(which == place)
        half[some] = draw.chance(f"watch.half.{name}", video[some], at[some])
    percent = np.empty(len(visit), dtype=np.int64)
    reach = np.flatnonzero(half)
    finishes = draw.chance("watch.finishes", video[reach], at[reach])
    sides = {"above": reach[finishes], "between": reach[~finishes], "below": np.flatnonzero(~half)}
    for side, some in sides.items():
        percent[some] = draw.measure(f"watch.{side}", video[some], at[some])
    return percent


def _watched(draw: Draw, visits: Visits, visit: Ints, video: Bits, suits: Ints, bounces: Bools) -> Ints:
    """How much of each started video is watched, by how well it suits: mostly its beginning, or all of it."""
    at = visits.who.at[visit]
    match = np.clip(suits // 800 + MATCHES // 2, 0, MATCHES - 1)
    how = np.zeros(len(visit), dtype=np.int64)
    for place in range(MATCHES):
        some = np.flatnonzero(match == place)
        how[some] = draw.choose(f"watch.how.{place}", video[some], at[some])
    how[bounces[visit]] = 0
    percent = np.empty(len(visit), dtype=np.int64)
    for which, point in enumerate(("watch.quit", "watch.partly", "watch.left")):
        some = np.flatnonzero(how == which)
        percent[some] = draw.measure(point, video[some], at[some])
    return np.where(how == len(HOW) - 1, 100 - percent, percent)


def _sums(values: Ints, first: Ints) -> Ints:
    """Sums of values between the places in `first`."""
    total = np.r_[0, np.cumsum(values)]
    out: Ints = total[first[1:]] - total[first[:-1]]
    return out


def _stars(draw: Draw, visits: Visits, visit: Ints, video: Bits, title: Ints, suits: Ints, percent: Ints) -> Ints:
    """The rating each started video gets, 1 to 5; 0 for none. Plans count as they are on the day.

    visit: which of the visits; video: the address of its step; title: what is watched; suits: how well, in thousandths
    of a deviation; percent: how much. All have one length.
    """
    who = visits.who
    rated = np.flatnonzero(draw.chance("watch.rated", video, who.at[visit]))
    out = np.zeros(len(visit), dtype=np.int64)
    by, plan = who.person[visit[rated]], who.segment[visit[rated]]
    mean, deviation, parts, normal = (
        np.array(draw.values.series(path), dtype=np.int64)
        for path in ("rating_means", "rating_deviations", "rating_parts", "normal")
    )
    of_title, of_person, own = (
        part * normal[draw.below(f"rating.{of}", NORMAL_STEPS, entity.astype(np.uint64))]
        for of, part, entity in zip(
            ("title", "person", "own"), parts[:3], (title[rated], by, video[rated]), strict=True
        )
    )
    score = of_title + of_person + own + parts[3] * suits[rated]
    more = round(10 * draw.values.number("rating_watched")) * (percent[rated] - HALF)
    thousandths = mean[plan] + deviation[plan] * score // 1_000_000 + more
    out[rated] = np.clip((thousandths + 500) // 1000, 1, MOST_STARS)
    return out
