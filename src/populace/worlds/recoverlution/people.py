"""Who lives in Recoverlution before anything happens: organisations, people, and the catalogue they work with."""

from __future__ import annotations

import numpy as np

from populace.clock import DAY_US
from populace.spec import Draw, Ints, Joined, Json, Key, Number, Optional, Rows, Story, Words
from populace.worlds.recoverlution import catalogue
from populace.worlds.recoverlution.parameters import ORGANIZATION_PERCENTS

ORGANIZATIONS = ("alpha", "beta", "gamma")
CATALOGUE_AGE_US = 365 * DAY_US
ORGANIZATION_AGE_US = 180 * DAY_US


def joined_at(draw: Draw, person: Ints) -> Ints:
    """When people signed up: in the order of their ordinals, evenly over `signup_days` before history."""
    span_ms = int(str(draw.value("signup_days"))) * DAY_US // 1000
    members = draw.size("person")
    slot = max(1, span_ms // members)
    within = draw.below("signup.moment", slot, person)
    return draw.origin_us - span_ms * 1000 + (person * span_ms // members + within) * 1000


def person_key(draw: Draw, person: Ints) -> Key:
    """The key of a person's auth user and profile."""
    return Key("profiles", person, joined_at(draw, person))


def organization_key(draw: Draw, person: Ints) -> Optional:
    """The key of the organisation a person belongs to; null without organisations."""
    return Optional(
        np.full(len(person), draw.size("organization") > 0), Key("organizations", organization(draw, person))
    )


def organization(draw: Draw, person: Ints) -> Ints:
    """0 alpha, 1 beta, 2 gamma."""
    members = draw.size("person")
    edges = np.array([members * share // 100 for share in ORGANIZATION_PERCENTS])
    return np.searchsorted(edges, person, side="right").astype(np.int64)


def persona(person: Ints) -> Words:
    """The persona of each person: round-robin by ordinal, so that each of the ten has a tenth."""
    keys = tuple(p.key for p in catalogue.personas())
    return Words(person % len(keys), keys)


def email(person: Ints) -> Joined:
    """`synthetic+00001@example.com` for ordinal 0."""
    return Joined(("synthetic+", Number(person + 1, 5), "@example.com"))


def organizations(draw: Draw, ordinal: Ints) -> Story:
    """The organisations."""
    at = np.full(len(ordinal), draw.origin_us - ORGANIZATION_AGE_US)
    columns = {
        "id": Key("organizations", ordinal),
        "name": Words(ordinal, ORGANIZATIONS),
        "organization_type": "treatment_center",
        "status": "active",
        "settings": Json({"synthetic": True}),
        "created_at": at,
        "updated_at": at,
    }
    return {"organizations": Rows(ordinal, columns)}


def people(draw: Draw, person: Ints) -> Story:
    """A person's auth user, identity, profile, membership and entry in sim_users."""
    at, key, mail, org = (
        joined_at(draw, person),
        person_key(draw, person),
        email(person),
        organization_key(draw, person),
    )
    cohort = str(draw.value("cohort_label"))
    stamps = {"created_at": at, "updated_at": at}
    users = {
        "id": key,
        "instance_id": "00000000-0000-0000-0000-000000000000",
        "aud": "authenticated",
        "role": "authenticated",
        "email": mail,
        "email_confirmed_at": at,
        "confirmation_token": "",
        "recovery_token": "",
        "email_change_token_new": "",
        "email_change": "",
        "raw_app_meta_data": '{"provider":"email","providers":["email"]}',
        "raw_user_meta_data": Json({"synthetic": True, "cohort_label": cohort}),
        "is_sso_user": False,
        "is_anonymous": False,
        **stamps,
    }
    identities = {
        "id": Key("identities", person, at),
        "provider_id": key,
        "user_id": key,
        "identity_data": Json({"synthetic": True, "sub": key, "email": mail, "email_verified": True}),
        "provider": "email",
        **stamps,
    }
    profiles = {"id": key, "role": "patient", "organization_id": org, "email": mail, "full_name": None, **stamps}
    members = {"organization_id": org.value, "user_id": key, "role": "member", "created_at": at}
    sim_users = {
        "id": Key("sim_users", person, at),
        "profile_id": key,
        "org_id": org,
        "persona_key": persona(person),
        "cohort_label": cohort,
        "started_at": at,
        "created_at": at,
        "metadata": Json({"email": mail, "created_by": "populace"}),
    }
    story = {
        "users": Rows(person, users),
        "identities": Rows(person, identities),
        "profiles": Rows(person, profiles),
        "sim_users": Rows(person, sim_users),
    }
    if draw.size("organization"):
        story["org_members"] = Rows(person, members)
    return story


def settings(draw: Draw, at: Ints) -> Story:
    """The row of synthetic_settings, as the settings in force are."""
    named = ("enabled", "sessions_per_min", "max_per_run", "error_rate", "abandon_rate")
    columns = {"id": 1, **{name: draw.value(name) for name in named}, "updated_at": at}
    return {"synthetic_settings": Rows(np.zeros(1, dtype=np.int64), columns, at, entity=np.zeros(1, dtype=np.int64))}


def pillars(_draw: Draw, ordinal: Ints) -> Story:
    """The pillars."""
    entries = catalogue.pillars()
    columns = {
        "id": Key("pillar_catalog", ordinal),
        "pillar_key": Words(ordinal, [e.key for e in entries]),
        "legacy_code": Words(ordinal, [e.legacy_code for e in entries]),
        "title": Words(ordinal, [e.title for e in entries]),
        "description": Words(ordinal, [e.description for e in entries]),
        "position": ordinal + 1,
    }
    return {"pillar_catalog": Rows(ordinal, columns)}


def schemas(_draw: Draw, ordinal: Ints) -> Story:
    """The schemas, each under its pillar."""
    entries = catalogue.schemas()
    places = {p.key: i for i, p in enumerate(catalogue.pillars())}
    pillar = np.array([places[e.pillar_key] for e in entries], dtype=np.int64)
    columns = {
        "id": Key("schema_catalog", ordinal),
        "schema_key": Words(ordinal, [e.key for e in entries]),
        "title": Words(ordinal, [e.title for e in entries]),
        "description": Words(ordinal, [e.description for e in entries]),
        "pillar_id": Key("pillar_catalog", pillar[ordinal]),
    }
    return {"schema_catalog": Rows(ordinal, columns)}


def families(_draw: Draw, ordinal: Ints) -> Story:
    """The families, ten a schema."""
    entries = catalogue.families()
    columns = {
        "id": Key("family_catalog", ordinal),
        "family_key": Words(ordinal, [e.key for e in entries]),
        "schema_id": Key("schema_catalog", ordinal // (len(entries) // len(catalogue.schemas()))),
        "title": Words(ordinal, [e.title for e in entries]),
        "description": Words(ordinal, [e.description for e in entries]),
        "archetype": Words(ordinal, [e.archetype for e in entries]),
    }
    return {"family_catalog": Rows(ordinal, columns)}


def mindblocks(draw: Draw, ordinal: Ints) -> Story:
    """The mindblocks, twelve a family."""
    entries = catalogue.mindblocks()
    at = np.full(len(ordinal), draw.origin_us - CATALOGUE_AGE_US)
    columns = {
        "id": mindblock_key(ordinal),
        "mindblock_key": Words(ordinal, [e.key for e in entries]),
        "family_id": Key("family_catalog", ordinal // (len(entries) // len(catalogue.families()))),
        "limiting_prediction": Words(ordinal, [e.limiting_prediction for e in entries]),
        "truth": Words(ordinal, [e.truth for e in entries]),
        "heat": Words(ordinal, [e.heat for e in entries]),
        "kbe_stage": Words(ordinal, [e.kbe_stage for e in entries]),
        "notes": Words(ordinal, [e.notes for e in entries]),
        "created_at": at,
        "updated_at": at,
    }
    return {"mindblock_library": Rows(ordinal, columns)}


def mindblock_key(ordinal: Ints) -> Key:
    """The key of a mindblock."""
    return Key("mindblock_library", ordinal)
