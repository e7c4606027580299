"""Who lives in Recoverlution before anything happens: organisations, people, and what the seed leaves with them."""

from __future__ import annotations

import numpy as np

from populace.clock import DAY_US, MINUTE_US
from populace.spec import Columns, Draw, Ints, Joined, Json, Key, Number, Optional, Rows, TableRows, Words
from populace.spec.kit import growth
from populace.spec.kit.identity import auth_user, identity
from populace.spec.kit.names import full_name
from populace.spec.login import NO_LOGIN
from populace.worlds.recoverlution import catalogue
from populace.worlds.recoverlution.parameters import LEGACY_RUNS, ORGANIZATION_PERCENTS, WELCOMED
from populace.worlds.recoverlution.parameters.fixed import ORGANIZATION_AGE_US, RUN_AFTER_US, RUN_SCENE_US, ZONES

ORGANIZATIONS = ("alpha", "beta", "gamma")
SIGN_IN_US = 5 * MINUTE_US
"""Who signs up is signed in within so long, and stays so: the app remembers people."""


def joined_at(draw: Draw, person: Ints) -> Ints:
    """When people signed up: in the order of their ordinals, evenly over `signup_days` before history; where they
    differ, from then on, in growing numbers and by a curve of the day.
    """
    if draw.values.flag("differ"):
        off = draw.below("signup.moment", growth.PARTS, person)
        hours, sign_ups = draw.values.series("arriving_hours"), draw.values.table("sign_ups")
        return growth.joined_by_day(sign_ups, draw.epoch_us, person, hours, off)
    span_ms = draw.values.whole("signup_days") * DAY_US // 1000
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
    if draw.values.flag("differ"):
        part = draw.below("signup.organization", 100, person)
        return np.searchsorted(np.array(ORGANIZATION_PERCENTS), part, side="right").astype(np.int64)
    members = draw.size("person")
    edges = np.array([members * share // 100 for share in ORGANIZATION_PERCENTS])
    return np.searchsorted(edges, person, side="right").astype(np.int64)


def zone(draw: Draw, person: Ints) -> Ints:
    """Where people live, a position in `ZONES`: where their organisation is."""
    return organization(draw, person)


def persona(person: Ints) -> Words:
    """The persona of each person: round-robin by ordinal, so that each of the ten has a tenth."""
    keys = tuple(p.key for p in catalogue.personas())
    return Words(person % len(keys), keys)


def email(person: Ints) -> Joined:
    """`synthetic+00001@example.com` for ordinal 0."""
    return Joined(("synthetic+", Number(person + 1, 5), "@example.com"))


def organizations(draw: Draw, ordinal: Ints) -> TableRows:
    """The organisations."""
    at = np.full(len(ordinal), draw.origin_us - ORGANIZATION_AGE_US)
    columns: Columns = {
        "id": Key("organizations", ordinal),
        "name": Words(ordinal, ORGANIZATIONS),
        "organization_type": "treatment_center",
        "status": "active",
        "settings": Json({"synthetic": True}),
        "created_at": at,
        "updated_at": at,
    }
    return {"organizations": Rows(ordinal, columns)}


def people(draw: Draw, person: Ints) -> TableRows:
    """A person's auth user, identity, profile, membership and entry in sim_users."""
    at, key, mail, org = (
        joined_at(draw, person),
        person_key(draw, person),
        email(person),
        organization_key(draw, person),
    )
    _count(draw, person, at)
    cohort = draw.values.text("cohort_label")
    login = draw.values.text("login_hash")
    stamps = {"created_at": at, "updated_at": at}
    about = Json({"synthetic": True, "cohort_label": cohort})
    described = np.full(len(person), draw.values.flag("details"))
    signed_in_at = at + draw.below("sign_in.when", SIGN_IN_US // 1000, person) * 1000
    users: Columns = {
        **auth_user(key, mail, None if login == NO_LOGIN else login, about, at),
        "last_sign_in_at": Optional(described, signed_in_at),
    }
    said = Json({"synthetic": True, "sub": key, "email": mail, "email_verified": True})
    identities = identity(key, Key("identities", person, at), said, at)
    name = Optional(described, full_name(draw, "person.name", person))
    profiles: Columns = {
        "id": key, "role": "patient", "organization_id": org, "email": mail, "full_name": name, **stamps
    }  # fmt: skip
    members = {"organization_id": org.value, "user_id": key, "role": "member", "created_at": at}
    known = {"timezone": Words(zone(draw, person), ZONES)} if draw.values.flag("details") else {}
    sim_users: Columns = {
        "id": Key("sim_users", person, at),
        "profile_id": key,
        "org_id": org,
        "persona_key": persona(person),
        "cohort_label": cohort,
        "started_at": at,
        "created_at": at,
        "metadata": Json({"email": mail, "created_by": "populace", **known}),
    }
    by_table = {
        "users": Rows(person, users),
        "identities": Rows(person, identities),
        "profiles": Rows(person, profiles),
        "sim_users": Rows(person, sim_users),
    }
    if draw.size("organization"):
        by_table["org_members"] = Rows(person, members)
    return by_table


def _count(draw: Draw, person: Ints, at: Ints) -> None:
    """Count what people are for life, at their sign-up: whoever asks later does not."""
    if draw.values.flag("differ"):
        draw.measure("own.pace", person, at)
        draw.measure("rating.kindness", person, at)
        draw.choose("theme.popular", person, at)


def settings(draw: Draw, at: Ints) -> TableRows:
    """The row of synthetic_settings, as the settings in force are."""
    values = draw.values
    columns: Columns = {
        "id": 1,
        "enabled": values.flag("enabled"),
        "sessions_per_min": values.whole("sessions_per_min"),
        "max_per_run": values.whole("max_per_run"),
        "error_rate": values.number("error_rate"),
        "abandon_rate": values.number("abandon_rate"),
        "updated_at": at,
    }
    return {"synthetic_settings": Rows(np.zeros(1, dtype=np.int64), columns, at, entity=np.zeros(1, dtype=np.int64))}


def legacy_runs(draw: Draw, person: Ints) -> TableRows:
    """The older generation's runs of the first people: the onboarding, with two scenes behind them."""
    person = person[person < (LEGACY_RUNS if draw.values.flag("with_journeys") else 0)]
    at = joined_at(draw, person) + RUN_AFTER_US
    runs: Columns = {
        "id": Key("journey_runs", person, at),
        "template_id": "onboarding",
        "user_id": person_key(draw, person),
        "status": "running",
        "started_at": at,
    }
    twice, number = np.repeat(person, 2), np.tile(np.array([1, 2], dtype=np.int64), len(person))
    began = np.repeat(at, 2) + (number - 1) * RUN_SCENE_US
    scenes: Columns = {
        "id": Key("scene_runs", twice * 2 + number - 1, began),
        "journey_run_id": Key("journey_runs", twice, np.repeat(at, 2)),
        "template_id": "onboarding",
        "scene_number": number,
        "status": "completed",
        "started_at": began,
        "completed_at": began + RUN_SCENE_US,
    }
    return {"journey_runs": Rows(person, runs), "scene_runs": Rows(twice, scenes)}


def welcomes(draw: Draw, person: Ints) -> TableRows:
    """A welcome for the first people."""
    person = person[person < (WELCOMED if draw.values.flag("with_notifications") else 0)]
    at = joined_at(draw, person)
    columns: Columns = {
        "id": Key("notifications_outbox", person, at),
        "audience": "user",
        "recipient_profile_id": person_key(draw, person),
        "channel": "in_app",
        "category": "system",
        "template_id": None,
        "rendered_title": "Welcome to Recoverlution",
        "rendered_body": "It is good to have you here. Take the first scene when you are ready; there is no hurry.",
        "status": "queued",
        "send_after": at,
        "metadata": Json({"synthetic": True}),
        "created_at": at,
    }
    return {"notifications_outbox": Rows(person, columns)}
