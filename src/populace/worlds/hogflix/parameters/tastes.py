"""How visits of HogFlix's people differ, once: none of it as documented, all of it in the scenario `realistic`.

Hours and sizes of their own, how much is watched, tastes, what is popular when, favourites that are watched again,
devices. Every default makes no difference.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from populace.errors import BadInput
from populace.spec import Chance, Choice, Decision, LogNormal, Parameter, RoundedNormal, Uniform, Values
from populace.spec.kit import rhythm
from populace.spec.kit.parameters import amount, share, texts
from populace.worlds.hogflix.parameters.fixed import ASKING_MS, LISTING_MS, RATING_MS

HOUR_STEP_MINUTES = 10
MOST_VIDEOS = 40
"""Started in a visit, however large it is."""
MATCHES = 5
"""Classes of how well a title suits a person, the worst first."""
FAVOURITES = 12
"""Titles that somebody watches again and again, at most; each is half as likely as the one before."""
TASTES_A_GENRE = 2
OWN_GENRE = 1_000
"""How much more a title suits a taste of its own genre, in thousandths of a deviation."""
BINGE_TENTHS = 17
"""How much larger visits in a binge are, in tenths."""
HOW = ("quit", "partly", "end")
"""How a video is watched; positions are the answers of `watch.how`."""

TASTES_PARAMETERS = (
    Parameter(path="hours", default="document", choices=("document", "lived"), source="ours",
              means="the curve of the local day: the document's, with empty small hours, or one as sites have"),
    rhythm.rhythm("when visits and sign-ups begin, instead of by `hours`: how likely each hour of each weekday is"),
    share("own_hour", 0.0, "visits that begin about the person's own hour, and not somewhere on the curve", "ours"),
    amount("own_hour_spread", 70, (10, 360), "how far these are from the hour: the deviation", "ours", "minutes"),
    amount("visit_size_spread", 0.0, (0.0, 2.0), "how far visits of one person differ in size: the deviation of the "
           "logarithm; 0: sizes by class, as documented", "ours"),
    amount("visit_size", 2.0, (0.5, 10.0), "half of all visits start more, where sizes differ", "ours", "videos"),
    amount("own_size_spread", 0.5, (0.0, 2.0), "how far people differ in the size of their visits, likewise", "ours"),
    share("bounce_share", 0.0, "visits that start one video and leave it early", "ours"),
    Parameter(path="watched", default="classes", choices=("classes", "ends"), source="ours",
              means="how much of a video is watched: by class, as documented, or mostly its beginning or all of it"),
    share("quit_share", 0.30, "videos that are left early, where `watched` is ends", "ours"),
    share("end_share", 0.42, "videos that are watched to the end, or nearly, likewise", "ours"),
    share("taste_finishes", 0.12, "how many more are watched to the end, by class of how a title suits", "ours"),
    amount("taste_strength", 0.0, (0.0, 2.0), "how far what somebody picks follows their taste", "ours"),
    share("taste_first", 0.55, "cards picked by somebody's first taste", "ours"),
    share("taste_second", 0.25, "cards picked by their second one; the others by popularity alone", "ours"),
    share("favourite_share", 0.0, "cards that are one of somebody's favourites, watched again", "ours"),
    amount("popularity_drift", 0.0, (0.0, 2.0), "how far a title's popularity rises and falls in the course of months",
           "ours"),
    share("rating_variance_taste", 0.0, "share of a rating's variance that is how well the title suits", "ours"),
    amount("rating_watched", 0.0, (0.0, 4.0), "what watching all of a title adds to a rating", "ours", "stars"),
    texts("what people write: the catalogue's questions and tickets, or texts put together for who writes"),
    amount("acts_spread", 0.0, (0.0, 2.0), "how far spans differ in which people rate, list and write: the deviation "
           "of their logarithm", "ours"),
    share("tickets_answered", 0.0, "support tickets that are taken up and solved; the others stay open, as documented",
          "ours"),
    amount("ticket_taken_minutes", 110, (5, 600), "half of them are taken up within so much working time", "ours",
           "minutes"),
    amount("ticket_solved_minutes", 170, (5, 600), "and half are solved within so much more", "ours", "minutes"),
    share("other_devices", 0.0, "visits on another device than the person's favourite one", "ours"),
)  # fmt: skip

TASTES_DECISIONS: tuple[Decision, ...] = (
    Choice("own.hour", "hours_weekday"),
    Chance("visit.own_hour", "own_hour"),
    RoundedNormal("visit.own_hour.off", 0, "own_hour_steps", -36, 36),
    LogNormal("own.size", 1_000, "own_size_spread", 100, 20_000),
    LogNormal("visit.size", "visit_size_thousandths", "visit_size_spread", 200, 100_000),
    Chance("visit.bounces", "bounce_share"),
    *(Choice(f"watch.how.{match}", f"how_{match}") for match in range(MATCHES)),
    LogNormal("watch.quit", 4, 0.9, 1, 30),
    Uniform("watch.partly", 12, 88),
    LogNormal("watch.left", 2, 1.1, 0, 11),
    Choice("title.taste", "taste_weights"),
    Chance("title.favourite", "favourite_share"),
    Choice("favourite.which", tuple(0.5**k for k in range(FAVOURITES))),
    LogNormal("rating.after", RATING_MS, "acts_spread", 250, 90_000),
    LogNormal("listing.after", LISTING_MS, "acts_spread", 250, 60_000),
    LogNormal("ticket.after", ASKING_MS, "acts_spread", 4_000, 900_000),
    Chance("ticket.answered", "tickets_answered"),
    LogNormal("ticket.taken", "ticket_taken_ms", 0.8, 60_000, 64_000_000),
    LogNormal("ticket.solved", "ticket_solved_ms", 0.9, 60_000, 86_000_000),
    Choice("device.other", "device_weights"),
    Chance("visit.other_device", "other_devices"),
)


def derive_tastes(values: Values) -> Mapping[str, object]:
    """What follows from them. Raises BadInput for numbers that do not go together."""
    first, second = values.number("taste_first"), values.number("taste_second")
    quits, ends, more = (values.number(path) for path in ("quit_share", "end_share", "taste_finishes"))
    for paths, total in (("taste_first + taste_second", first + second), ("quit_share + end_share", quits + ends)):
        if total > 1:
            raise BadInput("these shares come to more than 1", where=f"hogflix.{paths.split()[0]}", given=total,
                           allowed=f"{paths} of at most 1")  # fmt: skip
    parts = math.fsum(values.number(f"rating_variance_{of}") for of in ("title", "person", "taste"))
    if parts > 1:
        raise BadInput("these parts of a variance come to more than 1", where="hogflix.rating_variance_taste",
                       given=parts, allowed="rating_variance_title + _person + _taste of at most 1")  # fmt: skip
    found = rhythm.week(values, "hogflix")
    return {
        "rhythm_week": found or (),
        "most_videos": MOST_VIDEOS,
        "own_hour_steps": values.number("own_hour_spread") / HOUR_STEP_MINUTES,
        "visit_size_thousandths": 1_000 * values.number("visit_size"),
        "ticket_taken_ms": 60_000 * values.whole("ticket_taken_minutes"),
        "ticket_solved_ms": 60_000 * values.whole("ticket_solved_minutes"),
        "taste_weights": (first, second, max(0.0, 1 - first - second)),
        **{f"how_{match}": _how(quits, ends, more * (match - MATCHES // 2)) for match in range(MATCHES)},
    }


def _how(quits: float, ends: float, more: float) -> tuple[float, float, float]:
    """Weights of leaving early, stopping in between and watching to the end; what ends gains, quits loses first."""
    end = min(max(ends + more, 0.02), 0.98)
    early = min(max(quits - more * 0.8, 0.01), 1 - end)
    return (early, max(0.0, 1 - end - early), end)
