"""Every number of a visit to HogFlix, once: how people arrive, what they open, watch, rate, list, ask and report.

Ids (`C29`) are those of the requirements list; "taxonomy" is the app's later naming of events, "runner" its own script.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import NormalDist

from populace.errors import BadInput
from populace.spec import Chance, Choice, Decision, Parameter, Uniform, Values
from populace.spec.kit.parameters import amount, share, weight
from populace.worlds.hogflix import catalogue

ENTRIES = ("homepage", "search", "category", "watchlist", "flixbuddy")
NARROW = tuple(ENTRIES.index(name) for name in ("search", "category"))
"""Visits that begin so stay within one genre."""
SECTIONED = tuple(ENTRIES.index(name) for name in ("homepage", "category"))
"""Pages that have sections."""
MOST_TURNS = 4
"""Questions of a chat, at most."""

DEPTHS = {
    "new": (3, 8), "active": (2, 5), "casual": (1, 3), "dormant": (1, 3), "daily": (5, 10), "regular": (2, 5),
    "weekend_on": (5, 15), "weekend_off": (1, 3), "binging": (10, 15), "resting": (1, 3), "monthly": (1, 3),
    "low": (1, 3),
}  # fmt: skip
"""Videos started in a visit, by class (C26); resting: between binges, low: sick, or busy at work."""
COMPLETIONS = {"new": 45, "casual": 50, "dormant": 50, "binging": 85, "daily": 70, "regular": 60, "active": 65}
"""Mean completion of started videos in percent, by class (C27)."""
HALF = 50
"""Percent of a video that is half of it."""
_VISITORS = 0.3
"""Share of all people who come on a day (numbers 1.3, rounded up): what the requests of a day are planned for."""
MIX = {"new": 12, "casual": 2, "dormant": 1, "binging": 20, "daily": 25, "regular": 19, "active": 21}
"""Percent of all started videos by class in a settled pool: what the share that reaches half (C29) is an average of."""
RATINGS = {"Basic": (3.2, 1.2), "Standard": (3.8, 1.0), "Premium": (4.2, 0.8)}
"""Mean and standard deviation of ratings by plan, before rounding (C31), in the order of segments."""

MOST_TITLES = 4096
"""Titles that have a rank of their own; those beyond are as popular as the last."""
NORMAL_STEPS = 1024
"""Quantiles of the standard normal that ratings are put together from, in thousandths."""


VIEWING_PARAMETERS = (
    *(weight(f"entry_{name}", w, f"weight of visits that begin at {name}", "C28", live=True)
      for name, w in zip(ENTRIES, (0.40, 0.15, 0.20, 0.15, 0.10), strict=True)),
    share("open_share", 0.75, "cards that are opened", "C29", live=True),
    share("start_share", 0.60, "opened titles that are started", "C29", live=True),
    amount("half_share", 0.55, (0.05, 0.95), "started videos of which half is watched, over all people", "C29"),
    *(amount(f"depth_{name}_{end}", bound, (1, 15), f"{words} videos a visit: {name}", "C26", "videos")
      for name, bounds in DEPTHS.items()
      for end, words, bound in zip(("low", "high"), ("fewest", "most"), bounds, strict=True)),
    *(amount(f"completion_{name}", float(mean), (1.0, 99.0), f"mean completion: {name}", "C27", "%")
      for name, mean in COMPLETIONS.items()),
    amount("completion_below_high", 49, (1, 49), "most of a video by those who don't reach half", "ours", "%"),
    amount("completion_above_low", 90, (50, 100), "least of a video by those who finish it, or nearly", "ours", "%"),
    amount("finish_share", 0.65, (0.0, 1.0), "of those who reach half, who finish; the others stop in between", "ours"),
    amount("completed_from", 90, (50, 100), "from so much on a video counts as completed", "apps 2.2", "%"),
    amount("browse_low", 2, (1, 30), "shortest look at a card", "ours", "s"),
    amount("browse_high", 12, (1, 30), "longest look at a card", "ours", "s"),
    amount("title_low", 4, (1, 60), "shortest look at a title's page", "ours", "s"),
    amount("title_high", 25, (1, 60), "longest look at a title's page", "ours", "s"),
    amount("zipf_exponent", 0.5, (0.0, 3.0), "how steeply popularity falls with a title's rank", "ours"),
    amount("release_hype", 4.0, (1.0, 100.0), "a new title's weight, as a multiple of its later one", "ours"),
    amount("release_hype_days", 14, (1, 365), "days until that has faded", "ours", "days"),
    amount("start_page_turns", 8, (1, 16), "a start page shows another part of the titles for so many days in a row",
           "ours; C37 wants few titles watched twice", "days"),
    share("affinity_strength", 0.35, "titles, or visits by search or category, of the genre that someone likes most",
           "ours", live=True),
)  # fmt: skip

ACTING_PARAMETERS = (
    share("rating_share", 0.20, "started videos that are rated", "C30", live=True),
    *(amount(f"rating_mean_{plan.lower()}", mean, (1.0, 5.0), f"mean rating before rounding: {plan}", "C31", "stars")
      for plan, (mean, _) in RATINGS.items()),
    *(amount(f"rating_deviation_{plan.lower()}", d, (0.05, 5.0), f"its standard deviation: {plan}", "C31", "stars")
      for plan, (_, d) in RATINGS.items()),
    amount("rating_variance_title", 0.04, (0.0, 0.5), "share of a rating's variance that is the title's", "ours"),
    amount("rating_variance_person", 0.04, (0.0, 0.5), "share of a rating's variance that is the person's", "ours"),
    share("watchlist_share", 0.30, "visits in which a title is put on the watchlist", "C30", live=True),
    share("ticket_share", 0.02, "visits with a support ticket", "C30", live=True),
    share("flixbuddy_share", 0.10, "people who come on a day that ask FlixBuddy", "C5", live=True),
    *(weight(f"chat_turns_{k}", w, f"weight of chats with {k} question{'s' * (k > 1)}", "C4, C40", live=True)
      for k, w in zip(range(1, MOST_TURNS + 1), (0.90, 0.07, 0.02, 0.01), strict=True)),
    Parameter(path="flixbuddy_answers", default="local", choices=("local", "endpoint"), source="C6",
              means="who answers in chats: a local answerer, or the app's own function"),
    Parameter(path="flixbuddy_stored_by", default="populace", choices=("populace", "endpoint"), source="apps 2.4",
              means="who writes the messages of chats that an endpoint answers"),
    Parameter(path="flixbuddy_request", default="function", choices=("function", "script"), source="apps 2.4",
              means="the shape of a request to the endpoint: as the function reads it, or as the old script sent it"),
    amount("flixbuddy_per_run", 50, (0, 100_000), "most requests to the endpoint in one run", "C6", "requests"),
    Parameter(path="flixbuddy_seconds_between", default=5, low=0, high=3_600, unit="s", source="C6",
              means="from one request to the endpoint to the next, at least"),
    amount("flixbuddy_per_day", 50, (0, 1_000_000), "most requests to the endpoint in a day", "C6", "requests"),
    Parameter(path="accounts_through", default="sql", choices=("sql", "api"), source="C15, C32",
              means="how accounts of people who leave are deleted: in the database, or by the auth server's API"),
)  # fmt: skip

EVENT_PARAMETERS = (
    Parameter(path="event_names", default="document", choices=("document", "object_action"), source="apps 2.5",
              means="how analytics events are named: as in the document, or object:action as later"),
    amount("progress_step", 10, (5, 50), "a video_progress event each time so much more was watched", "C36", "%"),
    share("section_share", 0.80, "visits that begin at the homepage or a category, and look at a section", "taxonomy",
          live=True),
    share("section_clicked_share", 0.60, "of those, visits that click in it", "ours", live=True),
    share("pricing_share", 0.20, "visits to the pricing page (object_action)", "taxonomy", live=True),
    share("plan_selected_share", 0.30, "of those, visits that choose a plan", "taxonomy", live=True),
    share("checkout_share", 0.50, "of those, visits that go through the checkout", "ours", live=True),
    share("demo_share", 0.08, "visits that open a product demo (object_action)", "taxonomy", live=True),
    share("demo_played_share", 0.90, "opened demos that are played", "taxonomy", live=True),
    share("demo_progress_share", 0.70, "played demos that get half way", "taxonomy", live=True),
    share("demo_completed_share", 0.60, "of those, demos that are completed", "taxonomy", live=True),
)  # fmt: skip

VISIT_PARAMETERS = (*VIEWING_PARAMETERS, *ACTING_PARAMETERS, *EVENT_PARAMETERS)
VISIT_DECISIONS: tuple[Decision, ...] = (
    Choice("visit.hour.weekday", "hours_weekday"),
    Choice("visit.hour.weekend", "hours_weekend"),
    Choice("visit.entry", "entry_weights"),
    *(Uniform(f"visit.depth.{name}", f"depth_{name}_low", f"depth_{name}_high") for name in DEPTHS),
    Chance("card.opened", "open_share"),
    Chance("card.started", "start_share"),
    Uniform("card.look", "browse_low_ms", "browse_high_ms"),
    Uniform("title.look", "title_low_ms", "title_high_ms"),
    Chance("title.by_taste", "affinity_strength"),
    Chance("visit.by_taste", "affinity_strength"),
    *(Chance(f"watch.half.{name}", f"half.{name}") for name in COMPLETIONS),
    Uniform("watch.below", "completion_below_low", "completion_below_high"),
    Chance("watch.finishes", "finish_share"),
    Uniform("watch.between", "completion_between_low", "completion_between_high"),
    Uniform("watch.above", "completion_above_low", 100),
    Chance("watch.rated", "rating_share"),
    Chance("visit.watchlist", "watchlist_share"),
    Chance("visit.ticket", "ticket_share"),
    Chance("chat.opens", "flixbuddy_share"),
    Choice("chat.turns", "chat_turn_weights"),
    Chance("visit.section", "section_share"),
    Chance("section.clicked", "section_clicked_share"),
    Chance("visit.pricing", "pricing_share"),
    Chance("pricing.selected", "plan_selected_share"),
    Chance("pricing.checkout", "checkout_share"),
    Chance("visit.demo", "demo_share"),
    Chance("demo.played", "demo_played_share"),
    Chance("demo.progress", "demo_progress_share"),
    Chance("demo.completed", "demo_completed_share"),
)


def derive_visits(values: Values) -> Mapping[str, object]:
    """What draws of visits read and nobody sets. Raises BadInput for numbers that do not go together."""
    for low in ("browse_low", "title_low", *(f"depth_{name}_low" for name in DEPTHS)):
        high = low.removesuffix("low") + "high"
        if values.number(low) > values.number(high):
            raise BadInput("the lowest value is above the highest", where=f"hogflix.{low}", given=values[low],
                           allowed=f"at most {high} = {values[high]}")  # fmt: skip
    which = "lived_" if values.text("hours") == "lived" else ""
    return {
        "entry_weights": _weights(values, "entry_{}", ENTRIES),
        "chat_turn_weights": _weights(values, "chat_turns_{}", range(1, MOST_TURNS + 1)),
        **{
            f"{at}_ms": 1000 * int(values.number(at)) for at in ("browse_low", "browse_high", "title_low", "title_high")
        },
        **{
            f"hours_{kind}": tuple(getattr(hour, f"{which}{kind}") for hour in catalogue.hours())
            for kind in ("weekday", "weekend")
        },
        **_rooms(values),
        **_halves(values),
        **_popularity(values),
        **_ratings(values),
    }


def _rooms(values: Values) -> Mapping[str, object]:
    """Of so many who would ask an endpoint on a day, so many may: all, unless they are more than a day allows."""
    rooms = math.ceil(values.number("persona_pool") * _VISITORS * values.number("flixbuddy_share")) or 1
    return {"chat_rooms": rooms, "chat_room": min(rooms, int(values.number("flixbuddy_per_day")))}


def _halves(values: Values) -> Mapping[str, object]:
    """Who gets beyond half of a video, by class, such that each class keeps its mean and all together `half_share`."""
    most = int(values.number("completion_below_high"))
    nearly, finishes = int(values.number("completion_above_low")), values.number("finish_share")
    between = (HALF, max(HALF, nearly - 1))
    above = finishes * (nearly + 100) / 2 + (1 - finishes) * sum(between) / 2
    means = {name: values.number(f"completion_{name}") for name in COMPLETIONS}
    overall = math.fsum(MIX[name] * mean for name, mean in means.items()) / math.fsum(MIX.values())
    half = values.number("half_share")
    # Those below the half make up for what the others watch more than the mean.
    below = (overall - half * above) / (1 - half)
    least = round(2 * below - most)
    if not 1 <= least <= most:
        low, high = sorted((overall - b) / (above - b) for b in (most, (1 + most) / 2))
        raise BadInput("no completion of the others gives this share", where="hogflix.half_share", given=half,
                       allowed=f"{max(low, 0):.3f} to {high:.3f} with these mean completions")  # fmt: skip
    below = (least + most) / 2
    shares = {name: (mean - below) / (above - below) for name, mean in means.items()}
    for name, one in shares.items():
        if not 0 <= one <= 1:
            raise BadInput("no share of people who reach half gives this mean", where=f"hogflix.completion_{name}",
                           given=means[name], allowed=f"{below:g} to {above:g}")  # fmt: skip
    return {"completion_below_low": least, "completion_between_low": between[0], "completion_between_high": between[1],
            **{f"half.{name}": share for name, share in shares.items()}}  # fmt: skip


def _popularity(values: Values) -> Mapping[str, object]:
    """Weights of titles by rank, in whole numbers, and of a new title on each day that it is new, in thousandths."""
    exponent, hype = values.number("zipf_exponent"), values.number("release_hype")
    days = int(values.number("release_hype_days"))
    return {
        "rank_weights": tuple(max(1, round(100_000 * rank**-exponent)) for rank in range(1, MOST_TITLES + 1)),
        "hype_weights": tuple(round(1000 * (1 + (hype - 1) * (days - day) / days)) for day in range(days)),
    }


def _ratings(values: Values) -> Mapping[str, object]:
    """What ratings are put together from: quantiles in thousandths, their parts, and stars by plan in thousandths."""
    title, person, taste = (values.number(f"rating_variance_{of}") for of in ("title", "person", "taste"))
    normal = NormalDist()
    return {
        "normal": tuple(round(1000 * normal.inv_cdf((k + 0.5) / NORMAL_STEPS)) for k in range(NORMAL_STEPS)),
        "rating_parts": tuple(
            round(1000 * max(part, 0.0) ** 0.5) for part in (title, person, 1 - title - person - taste, taste)
        ),
        **{f"rating_{of}s": tuple(round(1000 * values.number(f"rating_{of}_{plan.lower()}")) for plan in RATINGS)
           for of in ("mean", "deviation")},
    }  # fmt: skip


def _weights(values: Values, path: str, names: range | tuple[str, ...]) -> tuple[float, ...]:
    return tuple(values.number(path.format(name)) for name in names)
