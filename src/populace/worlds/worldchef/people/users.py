"""The rows of people: who signs up, whom they come to follow, and the collections that they start."""

from __future__ import annotations

from functools import cache

import numpy as np

from populace.clock import MINUTE_US
from populace.spec import (
    NEVER,
    Bools,
    Chance,
    Choice,
    Columns,
    Draw,
    EmitContext,
    Ints,
    Items,
    Joined,
    Key,
    LogNormal,
    Number,
    Optional,
    Progress,
    Rows,
    TableRows,
    Words,
)
from populace.spec.kit.places import placed
from populace.worlds.worldchef.behaviour import rhythm, wording
from populace.worlds.worldchef.catalogue import words
from populace.worlds.worldchef.people import crowd
from populace.worlds.worldchef.people.crowd import user_key

DOMAIN = "staging.worldchef.example.com"
AVATARS = "https://staging-cdn.worldchef.example.com/avatars/"

DECISIONS = (
    *crowd.DECISIONS,
    Chance("user.bio", "bios"),
    Chance("user.location", "locations"),
    Chance("user.avatar", "avatars"),
    Chance("user.verified", "verified"),
    Choice("collections.many", "collection_weights"),
    LogNormal("collections.after", 28_800, 1.2, 60, 240_000),
    Chance("collections.public", "public_collections"),
)
MOMENTS = ("joined_at",)
CIRCLE_MOMENTS = ("joined_at", "followed_at", "started_at")
_BITS = 2
"""A collection's address is `number << _BITS | nth`."""


def begins(draw: Draw, people: Items) -> Ints:
    """When each signs up."""
    return crowd.joined_at(draw, people.number)


def follow(draw: Draw, people: Items) -> Progress:
    """What people say of themselves."""
    number, joined = people.number, crowd.joined_at(draw, people.number)
    if draw.values.number("drop_out") > 0:
        draw.choose("person.stays", number, joined)  # counted once, here
    says = {name: draw.chance(f"user.{name}", number, joined).astype(np.int64)
            for name in ("bio", "location", "avatar", "verified")}  # fmt: skip
    return Progress({"joined_at": joined, **says})


def follow_others(draw: Draw, people: Items) -> Progress:
    """Whom people will follow, and which collections they will start."""
    number, joined = people.number, crowd.joined_at(draw, people.number)
    of_follow, since, whom = crowd.follows(draw, number, joined)
    of_list, nth = placed(collections(draw, number, joined))
    started = started_at(draw, number[of_list], nth, joined[of_list])
    shown = draw.chance("collections.public", number[of_list] << _BITS | nth, started)
    parts = {
        "followed_at": np.concatenate((since, np.full(len(of_list), NEVER))),
        "started_at": np.concatenate((np.full(len(of_follow), NEVER), started)),
        "whom": np.concatenate((whom, nth)),
        "public": np.concatenate((np.zeros(len(whom), dtype=np.int64), shown)),
    }
    of = np.concatenate((of_follow, of_list))
    order = np.argsort(of, kind="stable")
    return Progress({"joined_at": joined}, of[order], {name: part[order] for name, part in parts.items()})


def collections(draw: Draw, number: Ints, joined: Ints) -> Ints:
    """How many collections people start."""
    return draw.choose("collections.many", number, joined)


def started_at(draw: Draw, number: Ints, nth: Ints, joined: Ints) -> Ints:
    """When somebody starts their nth collection (µs); `NEVER` where they leave before."""
    minutes = draw.measure("collections.after", number << _BITS | nth, joined)
    at = rhythm.later(draw, joined, minutes * (MINUTE_US // 1000), crowd.offset(draw, number))
    return np.where(at < crowd.left_at(draw.unrecorded, number, joined), at, NEVER)


def collection_key(number: Ints, nth: Ints) -> Key:
    """The key of somebody's nth collection."""
    return Key("recipe_collections", number << _BITS | nth)


def emit(draw: Draw, context: EmitContext) -> TableRows:
    """Users."""
    items, progress = context.items, context.progress
    return {"users": Rows(items.member, _users(draw, items.number, progress), progress.items["joined_at"])}


def emit_circles(draw: Draw, context: EmitContext) -> TableRows:
    """Follows and collections. They come after all users: somebody may follow a person who signs up later."""
    items, progress = context.items, context.progress
    of, parts = progress.of, progress.parts
    follows, lists = (np.flatnonzero(parts[name] < NEVER) for name in ("followed_at", "started_at"))
    since, who = parts["followed_at"][follows], items.number[of[follows]]
    follow_columns: Columns = {
        "follower_id": user_key(who), "following_id": user_key(parts["whom"][follows]), "created_at": since
    }  # fmt: skip
    at, owner, nth = parts["started_at"][lists], items.number[of[lists]], parts["whom"][lists]
    which = draw.shuffled("collection.name", len(words.collections()), owner, nth)
    collection_columns: Columns = {
        "id": collection_key(owner, nth),
        "user_id": user_key(owner),
        "name": Words(which, tuple(name for name, _ in words.collections())),
        "description": Words(which, tuple(description for _, description in words.collections())),
        "is_public": parts["public"][lists] > 0,
        "created_at": at,
        "updated_at": at,
    }
    return {
        "user_follows": Rows(items.member[of[follows]], follow_columns, since),
        "recipe_collections": Rows(items.member[of[lists]], collection_columns, at),
    }


def _users(draw: Draw, number: Ints, progress: Progress) -> Columns:
    joined, says = progress.items["joined_at"], progress.items
    role, taste = crowd.role(draw, number), crowd.taste(draw, number)
    given, family = (draw.below(f"person.{name}", len(words.given()), number) for name in ("given", "family"))
    return {
        "id": user_key(number),
        "email": Joined((Words(given, _lowered(words.given())), ".", Words(family, _lowered(words.family())), "+",
                         Number(number + 1), f"@{DOMAIN}")),
        "display_name": Joined((Words(given, words.given()), " ", Words(family, words.family()))),
        "role": Words(role, words.ROLES),
        "avatar_url": _where(says["avatar"] > 0, Joined((AVATARS, Number(number + 1, 6), ".jpg"))),
        "bio": _where(says["bio"] > 0, wording.bios(draw, number, role, taste)),
        "location": _where(says["location"] > 0, Words(crowd.place(draw, number), _cities())),
        "dietary_preferences": Words(crowd.diet(draw, number), tuple(diet.tags for diet in words.diets())),
        "is_verified": (says["verified"] > 0) | (role > 1),
        "created_at": joined,
        "updated_at": joined,
        "last_active_at": joined,
        "deleted_at": None,
    }  # fmt: skip


def _where(present: Bools, value: Words | Joined) -> Optional:
    return Optional(present, value)


@cache
def _cities() -> tuple[str, ...]:
    return tuple(place.name for place in words.places())


@cache
def _lowered(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.lower() for name in names)
