"""Retention takes what is old, but nothing that rows of others refer to, and no row of others by a trigger."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conftest import MakeDatabase, SeededBy
from examples import part
from hazards import JOURNEYS, Hazard, live_through, step
from referring import ACTIONS, number, refers, trigger

OLD = replace(JOURNEYS, now="2026-01-09T03:00:00Z", until="2026-01-09T05:00:00Z")
"""Retention by the day falls into it."""
EVENTS = "SELECT id FROM public.journey_scene_events"
JOURNEY_IDS = "SELECT id FROM public.journey_instances"
AGED = """
    UPDATE public.journey_instances SET completed_at = completed_at - interval '3 days',
        updated_at = updated_at - interval '3 days' WHERE status IN ('completed', 'abandoned');
"""


def old(name: str, after: str) -> Hazard:
    """A population whose journeys are older than it, and what others have beside it."""
    small = replace(OLD, settings={**OLD.settings, "retention_days": 1})
    return Hazard(name=name, small=small, after=after, unseen=AGED, steps=("seed", "life", "retain"))


RETAINED = [
    *(old(action, refers(action, to="public.journey_scene_events", rows=EVENTS)) for action in ACTIONS),
    old("journeys themselves", refers("CASCADE", to="public.journey_instances", rows=JOURNEY_IDS)),
    old("a key of two columns", """
        ALTER TABLE public.journey_instance_scenes ADD UNIQUE (id, journey_instance_id);
        CREATE SCHEMA crm;
        CREATE TABLE crm.scene (n serial PRIMARY KEY, scene uuid, journey uuid, FOREIGN KEY (scene, journey)
            REFERENCES public.journey_instance_scenes (id, journey_instance_id) ON DELETE CASCADE);
        INSERT INTO crm.scene (scene, journey) SELECT id, journey_instance_id FROM public.journey_instance_scenes;
    """),
    old("rows of others in a table of journeys", """
        INSERT INTO public.journey_audio_events SELECT (jsonb_populate_record(e,
            jsonb_build_object('id', gen_random_uuid()))).* FROM public.journey_audio_events AS e;
    """),
]  # fmt: skip


# Every second one: each effect of an action (rows deleted, changed, refused) and a key of two columns.
@pytest.mark.parametrize("hazard", part(RETAINED, every=2), ids=str)
def test_retention_leaves_what_rows_of_others_refer_to(
    seeded: SeededBy, make_database: MakeDatabase, hazard: Hazard
) -> None:
    population = seeded(hazard.small)
    url = make_database(population.template)
    live_through(hazard, url, seeded=population)
    assert number(url, "SELECT count(*) FROM populace.kept") > 0
    assert number(url, "SELECT count(*) FROM populace.journal WHERE event = 'stays'") > 0
    assert number(url, "SELECT count(*) FROM populace.journal WHERE level = 'error'") == 0


def test_retention_that_changes_rows_of_others_by_a_trigger_is_taken_back(opened_url: str) -> None:
    act = trigger("UPDATE crm.total SET n = n + 1", on="public.journey_instances")
    live_through(replace(old("a trigger", act), refused={"retain": "crm.total"}), opened_url)
    assert number(opened_url, "SELECT count(*) FROM populace.journal WHERE level = 'error' AND event = 'cleanup'") == 1
    assert step(opened_url, "cleanup", "--retain-days", "1", "--allow-effects").code == 0
