"""What others have put on our tables: triggers and rules that act when ours go, and what they may not change."""

from __future__ import annotations

import pytest

from conftest import MakeDatabase, SeededBy
from examples import part
from hazards import Hazard, Others, execute, live_through, step
from referring import COUNTS, LEAVES, LIFE_AND_END, kept, number, trigger

ATTACHED = [
    Hazard(
        small=LEAVES,
        name="a trigger changes a total",
        after=trigger("UPDATE crm.total SET n = n - 1 WHERE name = 'people'"),
        steps=LIFE_AND_END,
        refused={"all": "crm.total: 23 rows changed"},
    ),
    Hazard(
        small=LEAVES,
        name="a trigger deletes rows",
        after=trigger("DELETE FROM crm.log", on="public.visits"),
        steps=LIFE_AND_END,
        refused={"all": "crm.log: 1 rows deleted"},
    ),
    Hazard(
        small=LEAVES,
        name="a rule changes a total",
        after=f"{COUNTS} CREATE RULE mine AS ON DELETE TO public.thanks DO ALSO UPDATE crm.total SET n = n + 1;",
        steps=LIFE_AND_END,
        refused={"all": "crm.total"},
    ),
    Hazard(
        small=LEAVES,
        name="a statement's trigger empties a table",
        after=trigger("TRUNCATE crm.log", each="STATEMENT", back="NULL"),
        steps=LIFE_AND_END,
        refused={"all": "crm.log: it was emptied"},
    ),
    Hazard(
        small=LEAVES,
        name="a constraint trigger waits for the end",
        after=trigger("UPDATE crm.total SET n = n - 1 WHERE name = 'people'").replace(
            "CREATE TRIGGER mine AFTER DELETE ON public.people",
            "CREATE CONSTRAINT TRIGGER mine AFTER DELETE ON public.people DEFERRABLE INITIALLY DEFERRED",
        ),
        steps=LIFE_AND_END,
        refused={"all": "crm.total: 23 rows changed"},
    ),
]  # fmt: skip

OBJECTING = {
    "a rule keeps rows": f"{COUNTS} CREATE RULE mine AS ON DELETE TO public.people DO INSTEAD NOTHING;",
    "a rule deletes others instead": f"{COUNTS} CREATE RULE mine AS ON DELETE TO public.people DO INSTEAD"
    " DELETE FROM crm.log;",
    "a trigger forbids it": trigger("RAISE EXCEPTION 'nobody leaves'", when="BEFORE DELETE"),
    "a trigger keeps rows": trigger("NULL", when="BEFORE DELETE", back="NULL"),
}


# Every second one: a row's trigger, a rule, a constraint trigger.
@pytest.mark.parametrize("hazard", part(ATTACHED, every=2), ids=str)
def test_triggers_and_rules_that_change_rows_of_others(
    seeded: SeededBy, make_database: MakeDatabase, hazard: Hazard
) -> None:
    population = seeded(hazard.small)
    url = make_database(population.template)
    live_through(hazard, url, seeded=population)
    assert kept(url) == 1
    done = step(url, "cleanup", "--all", "--allow-effects", "--yes")
    assert done.code == 0, done.err
    assert "changed other tables" in done.out


@pytest.mark.parametrize("name", part(OBJECTING, every=2))
def test_triggers_and_rules_that_keep_rows(seeded: SeededBy, make_database: MakeDatabase, name: str) -> None:
    hazard = Hazard(name=name, small=LEAVES, after=OBJECTING[name], steps=("seed", "life"))
    population = seeded(hazard.small)
    url = make_database(population.template)
    live_through(hazard, url, seeded=population)
    assert kept(url) == 1
    others = Others(url)
    done = step(url, "cleanup", "--all", "--yes")
    assert done.code == 1, done.err
    assert not others.changed()
    assert not others.besides()


def test_a_trigger_that_only_adds_rows_is_reported(seeded: SeededBy, make_database: MakeDatabase) -> None:
    population = seeded(LEAVES)
    url = make_database(population.template)
    adds = trigger("INSERT INTO crm.log (said) VALUES ('gone')")
    hazard = Hazard(name="adds", small=LEAVES, after=adds, steps=("seed", "life"))
    said = live_through(hazard, url, seeded=population)
    assert kept(url) == 0
    assert number(url, "SELECT count(*) FROM crm.log") == 2
    done = step(url, "cleanup", "--all", "--yes", "--json")
    assert done.code == 0
    (effect,) = done.document["effects"]
    assert (effect["table"], effect["deleted"], effect["updated"]) == ("crm.log", 0, 0)
    assert said["seed"].code == 0


def test_a_seed_in_place_lists_what_is_there_and_rehearses_a_removal(opened_url: str) -> None:
    execute(opened_url, LEAVES.tables() + trigger("UPDATE crm.total SET n = n - 1 WHERE name = 'people'"))
    seeded = step(opened_url, *LEAVES.seed, "--json").document
    (line,) = seeded["triggers"]
    assert line.startswith("trigger mine AFTER DELETE ON public.people")
    assert seeded["removal_changes"] == ["crm.total: 1 rows changed"]
    assert number(opened_url, "SELECT n FROM crm.total WHERE name = 'people'") == 23
    assert number(opened_url, "SELECT count(*) FROM public.people") == 23
    # Allowed once, people may leave.
    assert step(opened_url, *LEAVES.seed, "--allow-effects").code == 0
    assert step(opened_url, *LEAVES.steps()["life"]).code == 0
    assert kept(opened_url) == 0
    assert number(opened_url, "SELECT n FROM crm.total WHERE name = 'people'") == 22


AUDIT = """
CREATE TABLE public.audit_log (n serial PRIMARY KEY, who uuid REFERENCES public.people, said text);
CREATE FUNCTION public.note(who uuid) RETURNS void LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO audit_log (who, said) VALUES (who, 'came'); END $$;
CREATE FUNCTION public.audit() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM public.note(new.id); INSERT INTO crm.log (said) VALUES ('came'); RETURN new; END $$;
CREATE TRIGGER audit AFTER INSERT ON public.people FOR EACH ROW EXECUTE FUNCTION public.audit();
"""


def test_tables_that_the_app_fills_about_our_people_are_named(opened_url: str) -> None:
    """One of them refers to them, by a function that the trigger calls; the other does not."""
    execute(opened_url, LEAVES.tables() + COUNTS + AUDIT)
    seeded = step(opened_url, *LEAVES.seed, "--json").document
    people = number(opened_url, "SELECT count(*) FROM public.people")
    by = ["the app's trigger audit on public.people"]
    known = [{"table": "crm.log", "by": by, "rows": None}, {"table": "public.audit_log", "by": by, "rows": people}]
    assert [{k: v for k, v in one.items() if k != "todo"} for one in seeded["filled"]] == known
    counted = step(opened_url, "count", "--json").document
    assert [one["rows"] for one in counted["filled"]] == [None, people]
    lines = [one for one in step(opened_url, "doctor", "--json").document["findings"] if "filled" in one["title"]]
    assert [(one["state"], str(people) in one["measured"]) for one in lines] == [("ok", False), ("attention", True)]
    stopped = step(opened_url, "cleanup", "--all", "--yes")
    assert stopped.code == 3
    line = f"public.audit_log is filled by {by[0]}: {people} of its rows refer to synthetic ones now"
    assert stopped.err.count(line) == 1
    execute(opened_url, "DELETE FROM public.audit_log")
    done = step(opened_url, "cleanup", "--all", "--yes", "--json")
    assert done.code == 0, done.err
    assert [one["rows"] for one in done.document["filled"]] == [None, 0]
    assert number(opened_url, "SELECT count(*) FROM crm.log") == people + 1
