"""Contact lists: what they are called, who is on them, and how contacts are tagged.

Who is on which list follows from a contact's number (`contacts.lists_of`), so that a list's count is known without
counting.
"""

from __future__ import annotations

import numpy as np

from populace.clock import DAY_US, MINUTE_US, SECOND_US
from populace.spec import Draw, Ints, Joined, Key, Number, Optional, Rows, TableRows, Words
from populace.spec.kit.places import each
from populace.worlds.campaigns.catalogue import words
from populace.worlds.campaigns.parameters import STAGES
from populace.worlds.campaigns.parameters.fixed import ALIKE, DYNAMIC_EVERY, LISTS_CAME_DAYS, TAGGED_ONE_IN, VALUED
from populace.worlds.campaigns.people import contacts, traits
from populace.worlds.campaigns.people.organisations import BATCH, client_created_at
from populace.worlds.campaigns.tables import layout

BUYERS = tuple(STAGES).index("customer")
"""Who is at this stage or a later one has bought, and is tagged for it."""


def list_key(draw: Draw, client: Ints, which: Ints) -> Key:
    """The key of one of each client's lists."""
    return Key("contact_lists", client * draw.values.whole("lists_per_client") + which)


def lists(draw: Draw, client: Ints) -> TableRows:
    """Lists, who is on them, and tags. Accounts for the stages of all contacts of these clients."""
    many = draw.values.whole("contacts_per_client")
    of, contact = each(client, many)
    made = contacts.created_at(draw, of, contact)
    return {
        "contact_lists": _lists(draw, client),
        "contact_list_members": _members(draw, of, contact, made),
        "contact_tags": _tags(draw, of, contact, made),
    }


def created_at(draw: Draw, address: Ints, client: Ints) -> Ints:
    """When each list was made."""
    out: Ints = (
        client_created_at(draw, client)
        + draw.below("list.made", LISTS_CAME_DAYS * 86_400, address) * SECOND_US
        + DAY_US
    )
    return out


def _lists(draw: Draw, client: Ints) -> Rows:
    many, names = draw.values.whole("lists_per_client"), words.list_names()
    of, which = each(client, many)
    dynamic = which % DYNAMIC_EVERY == DYNAMIC_EVERY - 1
    first, second = contacts.lists_of(draw, np.arange(draw.values.whole("contacts_per_client")))
    counts = np.bincount(first, minlength=many) + np.bincount(second[second >= 0], minlength=many)
    number, rounds = Number(which + 1), which // len(names)
    columns = {
        "id": list_key(draw, of, which),
        "client_id": layout.client_key(of),
        "name": Joined((
            Words(which % len(names), names),
            Words(rounds, ("", *(f" {n + 1}" for n in range(1, many // len(names) + 1)))),
        )),
        "description": Words(dynamic.astype(np.int64), ("Put together by hand.", "Kept up to date by a rule.")),
        "list_type": Words(dynamic.astype(np.int64), ("static", "dynamic")),
        "filter_rules": Optional(dynamic, Joined((
            '{"match": "any", "rules": [{"field": "custom_fields.group", "operator": "equals", "value": ', number,
            '}, {"field": "custom_fields.second_group", "operator": "equals", "value": ', number, "}]}",
        ))),
        "contact_count": counts[which],
        "created_at": created_at(draw, of * many + which, of),
        **BATCH,
    }  # fmt: skip
    return Rows(of, columns)


def _members(draw: Draw, client: Ints, contact: Ints, made: Ints) -> Rows:
    first, second = contacts.lists_of(draw, contact)
    both = np.flatnonzero(second >= 0)
    pick = np.concatenate((np.arange(len(contact)), both))
    which = np.concatenate((first, second[both]))
    on = np.concatenate((np.zeros(len(contact), dtype=np.int64), np.ones(len(both), dtype=np.int64)))
    address = layout.contact_address(client[pick], contact[pick]) * 2 + on
    # Lists are older than any contact: who is made is put on them within the hour.
    at = made[pick] + MINUTE_US + draw.below("list.added", 3_540, address) * SECOND_US
    columns = {
        "id": Key("contact_list_members", address),
        "contact_id": layout.contact_key(client[pick], contact[pick]),
        "list_id": list_key(draw, client[pick], which),
        "added_at": at,
        "created_at": at,
        **BATCH,
    }
    return Rows(client[pick], columns)


def _tags(draw: Draw, client: Ints, contact: Ints, made: Ints) -> Rows:
    address, known = layout.contact_address(client, contact), words.tags()
    stage = traits.stage(draw, address)
    tagged = np.flatnonzero(draw.below("contact.tagged", TAGGED_ONE_IN, address) == 0)
    twice = tagged[draw.below("contact.tagged_twice", 2, address[tagged]) == 0]
    valued = draw.below("contact.valued", VALUED, address)
    others = len(known) - VALUED
    one = VALUED + draw.below("contact.tag", others, address)
    # Tags of a category stand side by side, three at most: so far on there is one of another.
    step = ALIKE + draw.below("contact.tag_two", others - 2 * ALIKE + 1, address)
    another = VALUED + (one - VALUED + step) % others
    pick = np.concatenate((tagged, twice))
    nth = np.concatenate((np.zeros(len(tagged), dtype=np.int64), np.ones(len(twice), dtype=np.int64)))
    tag = np.concatenate((np.where(stage >= BUYERS, valued, one)[tagged], another[twice]))
    at = made[pick] + MINUTE_US + draw.below("contact.tagged_at", 3_540, address[pick], nth) * SECOND_US
    columns = {
        "id": Key("contact_tags", address[pick] * 2 + nth),
        "contact_id": layout.contact_key(client[pick], contact[pick]),
        "tag": Words(tag, tuple(t.name for t in known)),
        "tag_category": Words(tag, tuple(t.category for t in known)),
        "created_at": at,
        **BATCH,
    }
    return Rows(client[pick], columns)
