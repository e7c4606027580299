"""The people and items of the campaigns world that are there before anything happens."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from populace.clock import DAY_US, HOUR_US, parse
from populace.engine import DrawStatistics, Window
from populace.engine.draws import EngineDraw
from populace.engine.tables import Block
from populace.plan import resolve
from populace.spec import NEVER, Carried, EmitContext, Items, Progress, Rows, Span, TableRows
from populace.worlds.campaigns import WORLD
from populace.worlds.campaigns.behaviour import dates, journey
from populace.worlds.campaigns.catalogue import gift_cards, words
from populace.worlds.campaigns.parameters import INDUSTRIES, STAGES, ZONES, apportioned
from populace.worlds.campaigns.people import client_rows, contacts, lists, organisations, traits
from populace.worlds.campaigns.tables.columns import DOMAIN

EPOCH = parse("2026-01-10T00:00:00Z", "epoch")
EMITS = {
    "platform": organisations.batch, "organization": organisations.organizations, "staff": organisations.staff,
    "client_user": organisations.client_users, "brand": gift_cards.brands, "denomination": gift_cards.denominations,
}  # fmt: skip


def drawing(scenario: str = "small", **overrides: object) -> EngineDraw:
    plan = resolve(WORLD, scenario, seed=1, epoch_us=EPOCH, overrides=overrides)
    return EngineDraw(plan, plan.eras[0], Window(plan.origin_us, 1 << 62), DrawStatistics())


def by_table(draw: EngineDraw) -> list[TableRows]:
    """Everything that is emitted of all members."""
    every = {root: np.arange(draw.size(root), dtype=np.int64) for root in (*EMITS, "client")}
    emitted = [emit(draw, every[root]) for root, emit in EMITS.items()]
    emitted += [client_rows.clients(draw, every["client"]), lists.lists(draw, every["client"])]
    return [*emitted, contacts.emit(draw, context(draw))]


def emitted(draw: EngineDraw) -> dict[str, list[dict[str, Any]]]:
    """All rows, by table, as the target would get them."""
    out: dict[str, list[dict[str, Any]]] = {}
    for some in by_table(draw):
        for name, rows in some.items():
            out.setdefault(name, []).extend(written(draw, name, rows))
    return out


def written(draw: EngineDraw, name: str, rows: Rows) -> list[dict[str, Any]]:
    table = WORLD.table(name)
    kept = np.arange(len(rows.owner), dtype=np.int64)
    batch: list[dict[str, Any]] = Block(draw.plan.seed, kept).record_batch(table, rows.columns).to_pylist()
    return batch


def context(
    draw: EngineDraw,
    start_us: int | None = None,
    end_us: int = EPOCH,
    carried: Carried | None = None,
    parts: dict[str, list[int]] | None = None,
) -> EmitContext:
    """All clients in a span, with one campaign of each, whose recipients are `parts` (`of`: which client's)."""
    members = np.arange(draw.size("client"), dtype=np.int64)
    size = len(members), draw.values.whole("contacts_per_client")
    none = {name: np.zeros(size, dtype=np.int64) for name in ("touches", "redemptions", "last_touch")}
    given = {name: np.array(values, dtype=np.int64) for name, values in (parts or {"of": []}).items()}
    of = given.pop("of")
    columns = {name: np.full(len(of), NEVER) for name in journey.MOMENTS} | given
    items = Items(members, members, *(np.zeros_like(members) for _ in range(4)))
    start = draw.origin_us if start_us is None else start_us
    return EmitContext(members, items, Progress({}, of, columns), carried or none, Span(start, end_us))


@pytest.fixture(scope="module")
def rows() -> dict[str, list[dict[str, Any]]]:
    return emitted(drawing())


def test_every_table_is_emitted_in_all_its_columns(rows: dict[str, list[dict[str, Any]]]):
    """`record_batch` refuses a column too many, one too few, and a null where none may be."""
    expected = {
        "simulation_batches": 1, "organizations": 2, "agencies": 2, "clients": 6, "agency_client_assignments": 6,
        "users": 36, "identities": 36, "profiles": 36, "user_roles": 36, "org_members": 6, "client_users": 30,
        "gift_card_brands": 10, "gift_card_denominations": 50, "client_available_gift_cards": 24, "brand_kits": 6,
        "templates": 12, "landing_pages": 6, "contact_lists": 18, "contacts": 300, "contact_list_members": 450,
    }  # fmt: skip
    assert {name: len(rows[name]) for name in expected} == expected
    assert 60 < len(rows["contact_tags"]) < 240
    for name, of in rows.items():
        assert len({row["id"] for row in of}) == len(of), name
        assert all(row["simulation_batch_id"] == rows["simulation_batches"][0]["id"]
                   for row in of if "simulation_batch_id" in row), name  # fmt: skip


def test_parents_are_there_and_older(rows: dict[str, list[dict[str, Any]]]):
    made = {name: {row["id"]: row.get("created_at") for row in of} for name, of in rows.items()}
    for table in WORLD.tables:
        for column in table.columns:
            if table.name not in rows or not column.references:
                continue
            parents = made[column.references.split(".")[1]]
            for row in rows[table.name]:
                if (key := row[column.name]) is not None:
                    assert row["created_at"] >= parents[key], (table.name, column.name)
    origin = np.datetime64(drawing().origin_us, "us")
    assert all(np.datetime64(row["created_at"].replace(tzinfo=None), "us") < origin
               for of in rows.values() for row in of)  # fmt: skip


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("organizations", ("name",)), ("agencies", ("slug",)), ("clients", ("name",)), ("clients", ("slug",)),
        ("users", ("email",)), ("user_roles", ("user_id", "role")), ("client_users", ("client_id", "user_id")),
        ("brand_kits", ("client_id", "name")), ("landing_pages", ("client_id", "slug")),
        ("templates", ("client_id", "name")), ("gift_card_brands", ("brand_name",)),
        ("gift_card_brands", ("brand_code",)), ("gift_card_denominations", ("brand_id", "denomination")),
        ("client_available_gift_cards", ("client_id", "brand_id", "denomination")),
        ("contact_lists", ("client_id", "name")), ("contacts", ("client_id", "email")),
        ("contacts", ("client_id", "customer_code")), ("contact_list_members", ("contact_id", "list_id")),
        ("contact_tags", ("contact_id", "tag")),
    ],
)  # fmt: skip
def test_what_is_unique_is_there_once(rows: dict[str, list[dict[str, Any]]], table: str, key: tuple[str, ...]):
    many = Counter(tuple(row[name] for name in key) for row in rows[table])
    assert max(many.values()) == 1


def test_names_of_clients_stay_apart_in_the_largest_world():
    draw = drawing(clients=10_000, organizations=1_000)
    every, few = np.arange(10_000), np.arange(1_000)
    block = Block(1, every)
    for described in (client_rows.name_of(draw, every), client_rows.slug_of(draw, every)):
        assert len(set(block.text(described).to_pylist())) == 10_000
    names = Block(1, few).text(organisations.organizations(draw, few)["organizations"].columns["name"])
    assert len(set(names.to_pylist())) == 1_000


@pytest.mark.parametrize("clients", [1, 6, 20, 97])
def test_industries_are_dealt_by_quota_and_not_in_a_row(clients: int):
    draw = drawing(clients=clients, inventory=0)
    got = traits.industry(draw, np.arange(clients))
    assert tuple(np.bincount(got, minlength=5)) == apportioned(clients, tuple(INDUSTRIES.values()))
    assert clients < 20 or (np.diff(got) < 0).any()
    # A slice of the clients hears the same as all of them.
    assert (traits.industry(draw, np.arange(clients)[-3:]) == got[-3:]).all()


def test_people_have_reserved_addresses_and_the_roles_that_fit(rows: dict[str, list[dict[str, Any]]]):
    assert {row["email"].split("@")[1] for row in rows["users"]} == {DOMAIN}
    assert rows["users"][0]["email"] == f"user0001@{DOMAIN}"
    role = {row["user_id"]: row["role"] for row in rows["user_roles"]}
    for table, owner, name in (
        ("org_members", "org_id", "agency_owner"),
        ("client_users", "client_id", "company_owner"),
    ):
        first: dict[bytes, str] = {}
        for row in rows[table]:
            first.setdefault(row[owner], role[row["user_id"]])
        assert set(first.values()) == {name}
    assert Counter(role.values()) == {
        "agency_owner": 2, "admin": 2, "tech_support": 2, "company_owner": 6, "call_center": 24,
    }  # fmt: skip


def test_nobody_signs_in_as_administrator():
    draw = drawing(login_hash="$2b$10$" + "x" * 53)
    by_table = organisations.staff(draw, np.arange(draw.size("staff")))
    users, roles = (written(draw, name, by_table[name]) for name in ("users", "user_roles"))
    for user, role in zip(users, roles, strict=True):
        assert (user["encrypted_password"] is None) == (role["role"] == "admin")


def test_listed_prices_are_billed_and_cover_the_cost(rows: dict[str, list[dict[str, Any]]]):
    draw = drawing()
    assert 0 < sum(row["use_custom_pricing"] for row in rows["gift_card_denominations"]) < 50
    for n, row in enumerate(rows["gift_card_denominations"]):
        ordinal = np.array([n])
        face = row["denomination"]
        assert row["admin_cost_per_card"] * 100 == face * 95
        assert row["tillo_cost_per_card"] * 100 == face * 97
        listed = [row["client_price"], row["agency_price"]] if row["use_custom_pricing"] else [face, face]
        assert min(listed) > row["tillo_cost_per_card"]
        billed = [gift_cards.price_cents(draw, ordinal, np.array([agency]))[0] for agency in (False, True)]
        assert [int(price * 100) for price in listed] == billed


def test_lists_count_who_is_on_them(rows: dict[str, list[dict[str, Any]]]):
    on = Counter(row["list_id"] for row in rows["contact_list_members"])
    assert {row["id"]: row["contact_count"] for row in rows["contact_lists"]} == on
    fields = {row["id"]: json.loads(row["custom_fields"]) for row in rows["contacts"]}
    kinds = Counter(row["list_type"] for row in rows["contact_lists"])
    assert kinds == {"static": 12, "dynamic": 6}
    for one in rows["contact_lists"]:
        assert (one["list_type"] == "dynamic") == (one["filter_rules"] is not None)
        if one["filter_rules"]:
            wanted = {(r["field"].split(".")[1], r["value"]) for r in json.loads(one["filter_rules"])["rules"]}
            client = {row["id"] for row in rows["contacts"] if row["client_id"] == one["client_id"]}
            fit = {key for key in client if wanted & set(fields[key].items())}
            assert fit == {row["contact_id"] for row in rows["contact_list_members"] if row["list_id"] == one["id"]}


def test_tags_do_not_contradict_each_other():
    draw = drawing(clients=2, contacts_per_client=2_000)
    emitted_of = written(draw, "contact_tags", lists.lists(draw, np.arange(2))["contact_tags"])
    # "price sensitive" is of value too, for those who have not bought.
    alike = Counter((row["contact_id"], row["tag_category"]) for row in emitted_of if row["tag"] != "price sensitive")
    assert max(alike.values()) == 1
    assert {row["tag"] for row in emitted_of} == {tag.name for tag in words.tags()}
    assert 0.30 < len({row["contact_id"] for row in emitted_of}) / 4_000 < 0.37


def test_a_single_list_holds_everybody_once():
    draw = drawing(lists_per_client=1)
    by_table = lists.lists(draw, np.arange(2))
    assert len(by_table["contact_list_members"].owner) == 100
    assert (by_table["contact_lists"].columns["contact_count"] == 50).all()


def test_contacts_have_the_documented_shares():
    draw = drawing(clients=4, contacts_per_client=2_000)
    emitted_of = written(draw, "contacts", contacts.emit(draw, context(draw))["contacts"])
    many = len(emitted_of)
    assert many == 8_000
    for name, share in (("do_not_contact", 0.02), ("email_opt_out", 0.05)):
        assert sum(row[name] for row in emitted_of) == share * many
    assert sum(row["mobile_phone"] is not None for row in emitted_of) == 0.8 * many
    stages = Counter(row["lifecycle_stage"] for row in emitted_of)
    for name, share in STAGES.items():
        assert abs(stages[name] / many - share) < 5 * (share * (1 - share) / many) ** 0.5
    for row in emitted_of:
        low, high = contacts.SCORES[row["lifecycle_stage"]]
        assert low <= row["lead_score"] <= high
        assert len(row["customer_code"]) == 8
        assert row["email"].endswith("@example.com")
        assert row["engagement_score"] == row["total_interactions"] == 0
    assert len({row["lead_source"] for row in emitted_of}) == len(contacts.SOURCES)
    zone = dates.zone_of(draw, np.arange(4))
    home = {c.name: c.zone for c in words.cities()}
    assert [home[row["city"]] for row in emitted_of] == np.repeat(zone, 2_000).tolist()


def test_who_is_suppressed_is_nobodys_recipient():
    draw = drawing()
    columns = contacts.emit(draw, context(draw))["contacts"].columns
    kept = (~columns["do_not_contact"]).sum() // draw.size("client")
    assert kept == draw.values.whole("contacts_per_client") * 98 // 100


def test_stages_are_accounted_once_and_with_the_lists():
    draw = drawing()
    by_table(draw)
    assert sum(draw.statistics.choices["contact.stage"][0]) == 300
    assert sum(draw.statistics.choices["client.zone"][0]) == 6


HISTORY = {
    "of": [0, 0, 0, 0, 1, 1, 5, 2],
    "contact": [3, 3, 7, 9, 3, journey.NO_CONTACT, 40, 1],
    "scanned_at": [DAY_US, 9 * DAY_US, NEVER, NEVER, NEVER, DAY_US, NEVER, 30 * DAY_US],
    "visited_at": [2 * DAY_US, 10 * DAY_US, 5 * DAY_US, NEVER, NEVER, DAY_US, NEVER, NEVER],
    "submitted_at": [2 * DAY_US + HOUR_US, *[NEVER] * 7],
    "answered_at": [3 * DAY_US, NEVER, NEVER, 4 * DAY_US, 6 * DAY_US, NEVER, 12 * DAY_US, NEVER],
    "matched": [1, 0, 0, 0, 1, 0, 1, 0],
    "redeemed_at": [4 * DAY_US, NEVER, NEVER, NEVER, NEVER, NEVER, 13 * DAY_US, NEVER],
}
"""Moments, counted from the beginning of history."""


def lived(draw: EngineDraw) -> dict[str, list[int]]:
    return {
        name: [draw.origin_us + v if name.endswith("_at") and v < NEVER else v for v in values]
        for name, values in HISTORY.items()
    }


def test_contacts_count_what_they_did():
    draw = drawing()
    by_table = contacts.emit(draw, context(draw, end_us=draw.origin_us + 20 * DAY_US, parts=lived(draw)))["contacts"]
    assert len(by_table.owner) == 300
    done = {(row["total_interactions"], row["redemptions_count"], row["engagement_score"])
            for row in written(draw, "contacts", by_table)}  # fmt: skip
    assert done == {(0, 0, 0), (6, 1, 40 + 8 + 10), (1, 0, 43), (1, 1, 53)}
    assert by_table.at is not None
    assert by_table.entity is not None
    at = dict(zip(by_table.entity.tolist(), ((by_table.at - draw.origin_us) / DAY_US).tolist(), strict=True))
    assert {key: moment for key, moment in at.items() if moment} == {
        3: 10, 7: 5, (1 << 24) + 3: 6, (5 << 24) + 40: 13,
    }  # fmt: skip
    assert (by_table.columns["updated_at"] <= by_table.at).all()
    assert (by_table.columns["last_activity_date"].present == (by_table.at > draw.origin_us)).all()


@pytest.mark.parametrize("cuts", [(0, 20), (0, 3, 20), (0, 2, 4, 9, 10, 13, 20), (0, 6, 7, 20)])
def test_cutting_a_span_changes_nothing(cuts: tuple[int, ...]):
    draw = drawing()
    whole = context(draw, end_us=draw.origin_us + 20 * DAY_US, parts=lived(draw))
    carried, last = None, {}
    for start, end in pairwise(draw.origin_us + cut * DAY_US for cut in cuts):
        one = context(draw, start, end, carried, lived(draw))
        by_table = contacts.emit(draw, one)["contacts"]
        assert by_table.at is not None
        assert ((by_table.at >= start) & (by_table.at < end)).all()
        last |= {row["id"]: row for row in written(draw, "contacts", by_table)}
        carried = contacts.carry(draw, one)
    assert carried is not None
    for name, values in contacts.carry(draw, whole).items():
        assert (values == carried[name]).all()
    assert list(last.values()) == written(draw, "contacts", contacts.emit(draw, whole)["contacts"])


def test_the_score_is_exact_where_logarithms_are_not():
    touches = np.arange(2_000)
    near = 40 + np.minimum(np.rint(10 * np.log10(touches[1:] + 1)), 30)
    assert (contacts.engagement(touches, touches * 0)[1:] == near).all()
    redeemed = np.array([0, 1, 2, 3, 9])
    assert contacts.engagement(redeemed * 0, redeemed).tolist() == [0, 50, 60, 70, 70]


def test_words_are_as_many_as_they_must_be():
    assert len(words.cities()) == 18
    assert [len(themes) for themes in words.themes()] == [8] * 5
    assert len({len(i.trades) for i in words.industries()}) == len({len(i.taglines) for i in words.industries()}) == 1
    assert len(words.brands()) == 40
    assert [c.zone for c in words.cities()] == sorted(c.zone for c in words.cities())
    assert {c.zone for c in words.cities()} == set(range(len(ZONES)))
