"""Ownership is proven: rows that look like ours, have our keys or stand where ours would stand are other people's."""

from __future__ import annotations

import pytest

from examples import part
from hazards import CLUB_SMALL, FILMS, JOURNEYS, Hazard, live_through

ACCOUNT = """
INSERT INTO auth.users (id, instance_id, aud, role, email, raw_user_meta_data, created_at, updated_at)
VALUES ('aaaaaaaa-0000-4000-8000-000000000001', '00000000-0000-0000-0000-000000000000', 'authenticated',
    'authenticated', '{email}', '{metadata}', now(), now());
"""
SYNTHETIC = ACCOUNT.format(email="eve@example.org", metadata='{"synthetic": true}')
PROFILE = """
INSERT INTO public.profiles (id, role, email, created_at, updated_at)
VALUES ('aaaaaaaa-0000-4000-8000-000000000001', 'individual', 'eve@example.org', now(), now());
"""

HAZARDS = (
    Hazard(
        name="an account whose metadata, which its user may edit, says synthetic",
        small=JOURNEYS, after=SYNTHETIC + PROFILE,
    ),
    Hazard(
        name="an account with our e-mail domain and our flag",
        small=FILMS, after=ACCOUNT.format(email="eve@hogflix-synthetic.test", metadata='{"is_synthetic": true}'),
    ),
    Hazard(
        name="an organisation whose settings say synthetic",
        small=JOURNEYS,
        after="INSERT INTO public.organizations (id, name, organization_type, status, settings)"
              " VALUES (gen_random_uuid(), 'Acme', 'team', 'active', '{\"synthetic\": true}')",
    ),
    Hazard(
        name="a catalogue row with a version-8 id",
        small=JOURNEYS,
        after="INSERT INTO public.pillar_catalog (id, pillar_key, legacy_code, title, description, position)"
              " VALUES ('aaaaaaaa-0000-8000-8000-000000000001', 'own', 'own', 'Own', 'own', 99)",
    ),
    Hazard(
        name="a person of the app's own in sim_users",
        small=JOURNEYS,
        after=SYNTHETIC + PROFILE
              + "INSERT INTO public.sim_users (id, profile_id, persona_key, cohort_label, started_at, metadata)"
                " VALUES (gen_random_uuid(), 'aaaaaaaa-0000-4000-8000-000000000001', 'p', 'c', now(), '{}')",
    ),
    Hazard(
        name="a table that inherits from sim_users",
        small=JOURNEYS,
        after="CREATE TABLE public.testers () INHERITS (public.sim_users);"
              " INSERT INTO public.testers SELECT * FROM ONLY public.sim_users LIMIT 7",
    ),
    Hazard(
        name="copies of our rows under new keys",
        small=JOURNEYS,
        after="INSERT INTO public.mindblock_events SELECT (jsonb_populate_record(e, jsonb_build_object('id',"
              " gen_random_uuid(), 'individual_id', NULL))).* FROM public.mindblock_events AS e LIMIT 0;"
              " INSERT INTO public.organizations (id, name, organization_type, status, settings)"
              " SELECT gen_random_uuid(), 'copy of ' || name, organization_type, status, settings"
              " FROM public.organizations",
    ),
    Hazard(
        name="the app's own tables of our names, and no schema of ours",
        small=CLUB_SMALL,
        before="CREATE TABLE public.sim_users (id integer, name text);"
               " INSERT INTO public.sim_users SELECT n, 'tester' FROM generate_series(1, 40) AS n;"
               " CREATE TABLE public.synthetic_settings (id integer, colour text);"
               " INSERT INTO public.synthetic_settings VALUES (1, 'blue');"
               " CREATE TABLE public.daily_metrics (day date, n integer);"
               " INSERT INTO public.daily_metrics VALUES ('2026-01-08', 7)",
    ),
    Hazard(
        name="the app counts its days in our table",
        small=FILMS,
        after="INSERT INTO public.daily_metrics SELECT (jsonb_populate_record(d, jsonb_build_object("
              "'pool', -7, 'created_at', now()))).* FROM public.daily_metrics AS d LIMIT 5",
    ),
    Hazard(
        name="in place, the app has the row of settings",
        small=JOURNEYS, in_place=True,
        before="INSERT INTO public.synthetic_settings (id, enabled, sessions_per_min, max_per_run, error_rate,"
               " abandon_rate) VALUES (1, false, 3, 4, 0.5, 0.5)",
    ),
)  # fmt: skip


@pytest.mark.parametrize("hazard", part(HAZARDS, every=2), ids=str)
def test_rows_of_others_stay_theirs(opened_url: str, hazard: Hazard) -> None:
    live_through(hazard, opened_url)
