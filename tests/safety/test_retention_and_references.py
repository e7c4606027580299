"""Retention takes what is old, but nothing that rows of others refer to, and no row of others by a trigger."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conftest import MakeDatabase, SeededBy
from examples import part
from hazards import JOURNEYS, Hazard, Others, execute, live_through, step
from referring import ACTIONS, number, refers, trigger

OLD = replace(JOURNEYS, now="2026-01-09T03:00:00Z", until="2026-01-09T05:00:00Z", settings={
    **JOURNEYS.settings, "session_history_days": 2, "sessions_per_min": 1, "retention_days": 1})  # fmt: skip
"""Retention by the day falls into it, and a day of journeys into the retention."""
EVENTS = "SELECT id FROM public.journey_scene_events"
JOURNEY_IDS = "SELECT id FROM public.journey_instances"


def old(name: str, after: str, *, in_place: bool = False) -> Hazard:
    """A population with journeys that are to go, and what others have beside it."""
    return Hazard(name=name, small=OLD, in_place=in_place, after=after, steps=("seed", "life", "retain"))


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
@pytest.mark.parametrize("hazard", part(RETAINED, every=4), ids=str)
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


# Rows of the app's own, under uuids of whatever version: a journey of ours has one of them, in one of its tables.

VERSIONS = (4, 7, 8)
CHILDREN = ("journey_instance_scenes", "journey_scene_events", "journey_scene_captures", "journey_resistance_checks",
            "journey_real_world_triggers", "journey_audio_events")  # fmt: skip
NAMING = {"mindblock_events": "evidence", "mindblock_realtime_signals": "evidence",
          "navicue_responses_v2": "response_data"}  # fmt: skip
WITH_JOURNEYS = [
    *((table, "jsonb_build_object('journey_instance_id', o.id, 'scene_number', 99)") for table in CHILDREN),
    *((table, f"jsonb_build_object('{payload}', t.{payload} || jsonb_build_object('journey_instance_id', o.id))")
      for table, payload in NAMING.items()),
]  # fmt: skip
WITHOUT = [
    ("journey_instances", "'{}'"),
    ("journey_scene_events", """'{"journey_instance_id": null}'"""),
    *((table, f"jsonb_build_object('{payload}', t.{payload} - 'journey_instance_id')")
      for table, payload in NAMING.items()),
]  # fmt: skip
ENDED = """
    CREATE SCHEMA crm;
    CREATE TABLE crm.old AS SELECT id, row_number() OVER (ORDER BY id) AS n FROM public.journey_instances
    WHERE status = 'completed' AND completed_at < '2026-01-08T04:00:00Z';
"""


def adds(number: int, table: str, columns: str, version: int) -> str:
    """The app adds a row like the oldest of a table, but for its key and some columns, to the journey of a number."""
    return f"""
        INSERT INTO public.{table} SELECT (jsonb_populate_record(NULL::public.{table}, to_jsonb(t) || {columns}
            || jsonb_build_object('id', overlay(gen_random_uuid()::text PLACING '{version}' FROM 15)))).*
        FROM (SELECT * FROM public.{table} ORDER BY created_at LIMIT 1) AS t, crm.old AS o WHERE o.n = {number};
    """


@pytest.mark.parametrize("in_place", part([False, True], every=2))
def test_retention_leaves_rows_of_the_app_about_our_people(opened_url: str, in_place: bool) -> None:
    rows = [(*one, version) for one in [*WITH_JOURNEYS, *WITHOUT] for version in VERSIONS]
    after = ENDED + "".join(adds(number, *row) for number, row in enumerate(rows, 1))
    live_through(old("rows", after, in_place=in_place), opened_url)
    hung = len(WITH_JOURNEYS) * len(VERSIONS)
    assert number(opened_url, "SELECT count(*) FROM populace.kept WHERE kind = 'public.journey_instances'") == hung
    there = "SELECT count(*) FROM crm.old AS o JOIN public.journey_instances AS j USING (id)"
    assert number(opened_url, f"{there} WHERE o.n <= {hung}") == number(opened_url, there) == hung
    assert number(opened_url, "SELECT count(*) FROM crm.old") > 2 * hung
    # Without these rows the rest goes too.
    execute(opened_url, "".join(
        f"DELETE FROM public.{table} AS t USING crm.old AS o WHERE {link} = o.id::text AND o.n <= {hung}"
        f" AND NOT EXISTS (SELECT FROM populace.own_row AS r WHERE r.relation = 'public.{table}'::regclass"
        " AND r.key = ARRAY[t.id::text]);"
        for table, link in [*((t, "t.journey_instance_id::text") for t in CHILDREN),
                            *((t, f"t.{p} ->> 'journey_instance_id'") for t, p in NAMING.items())]
    ))  # fmt: skip
    assert step(opened_url, "cleanup", "--retain-days", "1", "--yes").code == 0
    assert number(opened_url, "SELECT count(*) FROM populace.kept WHERE kind = 'public.journey_instances'") == 0
    assert number(opened_url, there) == 0


def test_the_apps_function_leaves_rows_that_their_keys_show_to_be_the_apps(
    seeded: SeededBy, make_database: MakeDatabase
) -> None:
    population = seeded(OLD)
    url = make_database(population.template)
    others = Others(url)
    others.rows = population.others
    made = [(*one, 4) for one in [*WITH_JOURNEYS, *WITHOUT]]
    others.do(ENDED + "".join(adds(number, *row) for number, row in enumerate(made, 1)))
    execute(url, "SELECT public.cleanup_old_synthetic_data(1)")
    assert not others.changed()
    there = "SELECT count(*) FROM public.journey_instances AS j JOIN crm.old AS o USING (id) WHERE j.completed_at < {}"
    assert number(url, there.format("'2026-01-08T03:00:00Z'")) == len(WITH_JOURNEYS)
    assert number(url, "SELECT count(*) FROM populace.kept") == len(WITH_JOURNEYS)
