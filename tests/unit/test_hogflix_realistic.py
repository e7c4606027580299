"""HogFlix's scenario `realistic`: what each mechanism of visits does, seen in rows, and that nothing else does it."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pytest

from populace.clock import DAY_US, parse
from populace.engine import DrawStatistics, Window, generate, whole
from populace.errors import BadInput
from populace.plan import Plan, resolve
from populace.worlds.hogflix import WORLD
from populace.worlds.hogflix.scenarios import REALISTIC

EPOCH = parse("2026-02-10T00:00:00Z", "epoch")


def plan_of(scenario: str = "realistic", **overrides: object) -> Plan:
    return resolve(WORLD, scenario, seed=4, epoch_us=EPOCH, overrides={"days": 40, "unseen_days": 90, **overrides})


@cache
def lived(scenario: str, **overrides: object) -> tuple[dict[str, dict[str, list[object]]], DrawStatistics]:
    plan, statistics = plan_of(scenario, **overrides), DrawStatistics()
    out: dict[str, dict[str, list[object]]] = {}
    for batch in generate(plan, whole(plan), Window(plan.origin_us, plan.epoch_us), statistics):
        columns = out.setdefault(batch.table, {})
        for name in batch.rows.schema.names:
            columns.setdefault(name, []).extend(batch.rows.column(name).to_pylist())
    return out, statistics


def percents(scenario: str, **overrides: object) -> np.ndarray:
    return np.array(lived(scenario, **overrides)[0]["watch_progress"]["progress_percentage"])


def test_every_setting_of_it_differs_from_the_document():
    neutral = resolve(WORLD, "default", seed=1, epoch_us=EPOCH).settings
    assert all(neutral[path] != value for path, value in REALISTIC.items())


def test_videos_are_left_early_or_watched_to_the_end():
    documented, realistic = percents("default"), percents("realistic")
    assert documented.min() > 30
    ends = np.mean((realistic <= 10) | (realistic >= 90))
    assert np.mean(realistic <= 10) > 0.15
    assert np.mean(realistic >= 90) > 0.25
    assert ends > 0.5


def test_sizes_have_a_tail():
    sizes = np.unique([str(s) for s in lived("realistic")[0]["watch_progress"]["session_id"]], return_counts=True)[1]
    assert sizes.max() > 15 >= 5 * np.median(sizes)


def test_ratings_follow_what_was_watched():
    def stars(scenario: str) -> tuple[float, float]:
        rows = lived(scenario)[0]
        watched = dict(zip(zip(rows["watch_progress"]["user_id"], rows["watch_progress"]["video_id"], strict=True),
                           rows["watch_progress"]["progress_percentage"], strict=True))  # fmt: skip
        rated = zip(zip(rows["video_ratings"]["user_id"], rows["video_ratings"]["video_id"], strict=True),
                    rows["video_ratings"]["rating"], strict=True)  # fmt: skip
        pairs = [(watched[key], rating) for key, rating in rated if key in watched]
        low, high = ([r for p, r in pairs if p < 50], [r for p, r in pairs if p > 80])
        return float(np.mean(low)), float(np.mean(high))

    low, high = stars("realistic")
    assert high - low > 0.5
    low, high = stars("default")
    assert abs(high - low) < 0.4


def test_people_watch_what_suits_them():
    """Titles of the genre somebody likes most are watched the more by them, the stronger tastes are."""

    def share(strength: float) -> float:
        rows = lived("realistic", taste_strength=strength, affinity_strength=0.0)[0]
        about = [json.loads(str(text)) for text in rows["users"]["raw_user_meta_data"]]
        liked = {user: said.get("genre") for user, said in zip(rows["users"]["id"], about, strict=True)}
        genre = dict(zip(rows["categories"]["id"], rows["categories"]["name"], strict=True))
        of = {video: genre[shelf] for video, shelf in zip(rows["videos"]["id"], rows["videos"]["category_id"],
                                                          strict=True)}  # fmt: skip
        watched = zip(rows["watch_progress"]["user_id"], rows["watch_progress"]["video_id"], strict=True)
        return float(np.mean([of[video] == liked[user] for user, video in watched]))

    assert share(2.0) > 1.2 * share(0.0)


def test_neutral_settings_draw_nothing():
    drawn = lived("default")[1].document()
    names = {name for kind in drawn.values() for name in kind}  # type: ignore[attr-defined]
    own = (
        "life.propensity",
        "life.phase",
        "own.",
        "visit.size",
        "watch.how",
        "title.taste",
        "title.favourite",
        "device.o",
    )
    assert not {name for name in names if name.startswith(own)}


def test_what_a_person_is_for_life_is_counted_at_their_sign_up():
    drawn = lived("realistic")[1]
    signed_up = sum(drawn.choices["region"][0])
    assert sum(drawn.choices["own.hour"][0]) == drawn.measures["own.size"][0] == signed_up
    assert sum(drawn.choices["device.other"][0]) == 2 * signed_up
    # Of those who were there when history began, the engine's own were drawn before.
    assert drawn.measures["life.propensity"][0] == sum(drawn.choices["plan"][0]) < signed_up


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"taste_first": 0.8, "taste_second": 0.3}, "taste_first"),
        ({"quit_share": 0.6, "end_share": 0.6}, "quit_share"),
        (
            {"rating_variance_title": 0.5, "rating_variance_person": 0.4, "rating_variance_taste": 0.3},
            "rating_variance_taste",
        ),
    ],
)
def test_shares_that_come_to_more_than_all_are_refused(values: dict[str, float], path: str):
    with pytest.raises(BadInput, match="more than 1") as refused:
        plan_of("realistic", **values)
    assert path in str(refused.value.where)


def test_it_holds_no_visit_before_the_sign_up():
    rows = lived("realistic")[0]
    joined = dict(zip(rows["profiles"]["user_id"], rows["profiles"]["created_at"], strict=True))
    assert all(at >= joined[user] for user, at in
               zip(rows["watch_progress"]["user_id"], rows["watch_progress"]["created_at"], strict=True))  # fmt: skip
    assert max(rows["watch_progress"]["last_watched_at"]).timestamp() * 1e6 < EPOCH + DAY_US


def test_people_write_hardly_ever_the_same():
    rows = lived("realistic")[0]
    for table, column in (("chat_messages", "content"), ("support_tickets", "description")):
        said = [str(text) for text in rows[table][column]]
        assert len(said) > 50
        assert len(set(said)) >= 0.98 * len(said)
        assert not any("{" in text or "  " in text for text in said)


def test_tickets_say_nothing_against_the_plan_of_who_writes():
    """4K and HDR belong to Premium, bills to whoever pays, and a plan's name to those who have it."""
    rows = lived("realistic")[0]
    plan = dict(zip(rows["subscription_plans"]["id"], rows["subscription_plans"]["name"], strict=True))
    columns = (rows["user_subscriptions"][name] for name in ("user_id", "plan_id", "started_at", "created_at"))
    had = {user: plan[one] for user, one, since, joined in zip(*columns, strict=True) if since == joined}
    tickets = zip(rows["support_tickets"]["user_id"], rows["support_tickets"]["description"], strict=True)
    said = [(had[user], str(text)) for user, text in tickets if user in had]
    assert {one for one, _ in said} == {"basic", "standard", "premium"}
    for one, text in said:
        assert not (("4K" in text or "HDR" in text) and one != "premium"), text
        assert not ("charged twice" in text and one == "basic"), text
        assert not ("I am on Basic now" in text and one != "basic"), text


def test_tickets_are_about_what_was_just_watched():
    rows = lived("realistic")[0]
    names = {video: str(title) for video, title in zip(rows["videos"]["id"], rows["videos"]["title"], strict=True)}
    watched: dict[object, set[str]] = {}
    for user, video in zip(rows["watch_progress"]["user_id"], rows["watch_progress"]["video_id"], strict=True):
        watched.setdefault(user, set()).add(names[video])
    tickets = rows["support_tickets"]
    about = [(user, str(text)) for user, category, text in
             zip(tickets["user_id"], tickets["issue_category"], tickets["description"], strict=True)
             if category == "playback_issues" and any(name in str(text) for name in names.values())]  # fmt: skip
    assert len(about) > 3
    assert all(any(name in text for name in watched[user]) for user, text in about)
