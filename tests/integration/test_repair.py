"""seed --repair: what is missing of a population comes back, and what was changed is mended, and nothing else."""

from __future__ import annotations

import threading
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from command import MARKET, Place, contents
from conftest import MakeDatabase, SeededBy
from contexts import at
from examples import ALL, part, where_all_run
from hazards import CLUB_SMALL, FILMS, JOURNEYS, Others, Small, execute, step
from kills import Kills, locked
from populace.errors import Interrupted
from populace.event import Event
from populace.operations.seeds import repair as operation
from populace.runner import repair as runner
from populace.sinks.repair import ALONE, TAKEN, UNMARKED, identity
from populace.spec import Column, Table, World
from populace.standins.supabase_auth import AuthServer
from populace.worlds import registry

ROLES = """
CREATE FUNCTION public.handle_new_user() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF new.email !~ '^staff' THEN INSERT INTO public.user_roles (user_id, role) VALUES (new.id, 'user'); END IF;
    RETURN new;
END $$;
CREATE TRIGGER on_auth_user_created AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION public.handle_new_user();
"""

STALLS = Small(MARKET)
MAIL = Small("campaigns", words=("--scenario", "demo"), settings={"analytics": False, "error_logs": False})
CHEF = Small("worldchef", settings={"users": 60, "recipes": 80},
             now="2026-01-09T18:00:00Z", until="2026-01-09T19:00:00Z")  # fmt: skip

NOT_DAMAGED = {"synthetic_settings", "daily_metrics", "contact_campaign_participation"}
"""Whoever changes the settings asks for something; figures of a day have nothing that shows who changed them; and who
takes part in a campaign follows from other rows, by the app's own trigger."""

DAMAGES = {
    "text": "{c} || ' damaged'",
    "int4": "{c} + 1",
    "int8": "{c} + 1",
    "float8": "{c} * 0.5",
    "numeric": "{c} + 0.01",
    "bool": "NOT {c}",
    "timestamptz": "{c} - interval '1 second'",
    "date": "{c} - 1",
    "jsonb": "{c} || jsonb '{{\"damaged\": 1}}'",
    "text[]": "{c}[2:]",
}


@dataclass
class Damage:
    """What was done: rows by table that went, and rows that are not what they were."""

    missing: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)


def rows(connection: psycopg.Connection[Any], world: World) -> dict[str, dict[str, str]]:
    """By table and identity, a hash of what a repair answers for."""
    out = {}
    for table in world.tables:
        names = [column.name for column in table.columns if not column.moves]
        if table.proven_by:  # an app or a service writes these, and of their cells only the reference counts
            names = [table.proven_by]
        out[table.full_name] = dict(
            connection.execute(
                sql.SQL("SELECT concat_ws(',', {}), md5(ROW({})::text) FROM {}").format(
                    sql.SQL(", ").join(map(sql.Identifier, identity(table))),
                    sql.SQL(", ").join(map(sql.Identifier, names)),
                    sql.Identifier(table.schema, table.name),
                )
            ).fetchall()
        )
    return out


def damageable(table: Table) -> Iterator[Column]:
    """Columns that may be changed without asking anybody for anything, or making the row somebody else's."""
    if table.proven_by or table.name in NOT_DAMAGED:
        return
    for column in table.columns:
        if column.name in {*identity(table), *table.key} or column.moves or column.references:
            continue
        if table.schema == "auth" and column.name not in ("email", "raw_user_meta_data"):
            continue
        if column.type in DAMAGES and not (column.name == "created_at" and not table.hashed):
            yield column


def damage(url: str, world: World, seed: int) -> Damage:
    """Delete random rows of random tables, with all that goes with them, and change random cells."""
    done = Damage()
    with psycopg.connect(url) as connection:
        before = rows(connection, world)
        tables = [table for table in world.tables if before[table.full_name] and table.name not in NOT_DAMAGED]
        # All that it may: a key that forbids it, a check or a trigger of the app has the last word.
        for table in _some(tables, max(2, len(tables) // 2), seed):
            some = sql.SQL("abs(hashtext(({})::text)) % {} = 0").format(
                sql.SQL(", ").join(sql.Identifier("t", name) for name in identity(table)),
                sql.Literal((3, 7, 19)[len(table.name) % 3]),
            )
            one = sql.Identifier(table.schema, table.name)
            _try(connection, table, sql.SQL("DELETE FROM {} AS t WHERE {}").format(one, some))
        for table in tables:
            columns = list(damageable(table))
            for column in _some(columns, 3, seed):
                cell = sql.SQL(DAMAGES[column.type]).format(c=sql.Identifier("t", column.name))
                some = sql.SQL("abs(hashtext(({})::text)) % {} = 0").format(
                    sql.SQL(", ").join(sql.Identifier("t", name) for name in identity(table)),
                    sql.Literal((2, 5)[len(column.name) % 2]),
                )
                one = sql.Identifier(table.schema, table.name)
                _try(connection, table, sql.SQL("UPDATE {} AS t SET {} = {} WHERE {}").format(
                    one, sql.Identifier(column.name), cell, some))  # fmt: skip
        after = rows(connection, world)
    before.pop("public.contact_campaign_participation", None)
    for name, held in before.items():
        done.missing[name] = len(held.keys() - after[name].keys())
        done.changed[name] = sum(after[name].get(key, value) != value for key, value in held.items())
    done.missing, done.changed = +done.missing, +done.changed
    return done


def _some(of: Sequence[Table | Column], many: int, seed: int) -> list[Any]:
    """Some of them, others with another seed."""
    return sorted(of, key=lambda one: zlib.crc32(f"{seed} {one.name}".encode()))[:many]


def _try(connection: psycopg.Connection[Any], table: Table, statement: sql.Composable) -> None:
    """Do damage, unless it is forbidden or makes rows somebody else's."""
    unmarked = sql.SQL("SELECT count(*) FROM {} AS t WHERE NOT coalesce({}, false)").format(
        sql.Identifier(table.schema, table.name), sql.SQL(table.mark.condition)  # type: ignore[arg-type]
    )  # fmt: skip
    try:
        with connection.transaction():
            before = connection.execute(unmarked).fetchone()
            connection.execute(statement)
            if connection.execute(unmarked).fetchone() != before:
                raise psycopg.Rollback
    except psycopg.Error:
        pass


def repair(url: str, small: Small, *words: str) -> dict[str, Any]:
    done = step(url, "seed", small.world, "--repair", "--json", "--yes", *words)
    assert done.code == 0, done.err
    document: dict[str, Any] = done.document
    return document


def by_table(document: dict[str, Any], of: str) -> Counter[str]:
    return +Counter({name: one[of] for name, one in document["tables"].items()})


def obstacles(document: dict[str, Any]) -> list[tuple[str, int, str]]:
    """What could not be mended: table, rows, why."""
    return [(name, o["rows"], o["because"]) for name, one in document["tables"].items() for o in one["obstacles"]]


def _unlike(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Where two mappings differ, with the values of both."""
    return {key: (one.get(key), other.get(key)) for key in {*one, *other} if one.get(key) != other.get(key)}


@pytest.mark.parametrize(
    "small", part([CLUB_SMALL, FILMS, MAIL, JOURNEYS, STALLS, CHEF], every=2), ids=lambda small: Path(small.world).name
)
def test_a_damaged_population_is_what_it_was(seeded: SeededBy, make_database: MakeDatabase, small: Small) -> None:
    url, world = make_database(seeded(small).template), registry.find(small.world)
    for number, life in enumerate((False, True) if ALL else (True,)):
        if life:
            lived = step(url, *small.steps()["life"])
            assert lived.code == 0, lived.err
        whole, done = contents(url, world), damage(url, world, seed=number)
        assert done.missing
        assert done.changed
        looked = repair(url, small, "--dry-run")
        assert _unlike(by_table(looked, "missing"), done.missing) == {}, obstacles(looked)
        assert _unlike(by_table(looked, "changed"), done.changed) == {}, obstacles(looked)
        inserted = repair(url, small)
        assert _unlike(by_table(inserted, "inserted"), done.missing) == {}, obstacles(inserted)
        assert _unlike(by_table(inserted, "changed"), done.changed) == {}, obstacles(inserted)
        assert inserted["mended"] == 0
        mended = repair(url, small, "--mend-changed")
        assert _unlike(by_table(mended, "mended"), done.changed) == {}, obstacles(mended)
        assert _unlike(contents(url, world), whole) == {}
        assert repair(url, small, "--mend-changed")["tables"] == {}


def test_rows_of_others_stay_as_they_are(seeded: SeededBy, make_database: MakeDatabase) -> None:
    """Somebody has the address of one of ours who was deleted: neither they nor what is theirs can come back."""
    url, world = make_database(seeded(CLUB_SMALL).template), registry.find(CLUB_SMALL.world)
    execute(url, "ALTER TABLE public.people ADD CONSTRAINT one_mail UNIQUE (mail)")
    whole, others = contents(url, world), Others(url)
    others.rows.clear()
    with psycopg.connect(url) as connection:
        who = "SELECT p.id, p.mail FROM public.people AS p JOIN public.visits AS v ON v.person_id = p.id LIMIT 1"
        key, mail = connection.execute(who).fetchone() or ("", "")
        gone = 0
        for table, column in (("steps", "person_id"), ("visits", "person_id"), ("thanks", "person_id"),
                              ("notes", "person_id"), ("people", "id")):  # fmt: skip
            delete = sql.SQL("DELETE FROM {} WHERE {} = %s").format(sql.Identifier(table), sql.Identifier(column))
            gone += connection.execute(delete, (key,)).rowcount
    others.do(f"INSERT INTO public.people VALUES (gen_random_uuid(), 'Una', '{mail}', 1, now())")
    done = repair(url, CLUB_SMALL, "--mend-changed")
    assert (done["missing"], done["in_the_way"], done["inserted"], done["mended"]) == (gone, gone, 0, 0)
    why = {table: because for table, _, because in obstacles(done)}
    assert why.pop("public.people") == TAKEN
    assert {*why.values()} == {ALONE}
    assert others.changed() == {}
    execute(url, "DELETE FROM public.people WHERE name = 'Una'")
    assert repair(url, CLUB_SMALL)["inserted"] == gone
    assert contents(url, world) == whole


def test_a_row_without_its_mark_may_be_somebodys_own(seeded: SeededBy, make_database: MakeDatabase) -> None:
    url = make_database(seeded(FILMS).template)
    others = Others(url)
    others.rows.clear()
    others.do("""
        UPDATE auth.users SET email = 'una@example.com' WHERE id =
            (SELECT user_id FROM public.profiles ORDER BY created_at LIMIT 1);
        UPDATE public.profiles AS p SET display_name = 'Una' FROM auth.users AS u
            WHERE u.id = p.user_id AND u.email = 'una@example.com';
    """)
    done = repair(url, FILMS, "--mend-changed")
    assert done["mended"] == done["inserted"] == 0
    assert {(table, because) for table, _, because in obstacles(done)} >= {
        ("auth.users", UNMARKED), ("public.profiles", UNMARKED)}  # fmt: skip
    assert others.changed() == {}


def test_what_triggers_of_the_app_make_for_whoever_comes_back(seeded: SeededBy, make_database: MakeDatabase) -> None:
    """A trigger makes a row at each sign-up, another one writes a column as it likes."""
    url, world = make_database(seeded(FILMS).template), registry.find(FILMS.world)
    whole = contents(url, world)
    execute(url, ROLES + """
        CREATE FUNCTION public.shouts() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN NEW.description := upper(NEW.description); RETURN NEW; END $$;
        CREATE TRIGGER shouts BEFORE INSERT OR UPDATE ON public.support_tickets
            FOR EACH ROW EXECUTE FUNCTION public.shouts();
    """)  # fmt: skip
    with psycopg.connect(url) as connection:
        done = connection.execute("DELETE FROM auth.users WHERE abs(hashtext(id::text)) % 4 = 0").rowcount
        connection.execute("UPDATE public.support_tickets SET status = 'closed'")
    repaired = repair(url, FILMS, "--mend-changed")
    assert repaired["tables"]["auth.users"]["inserted"] == done
    assert repaired["mended"] == repaired["changed"] > 0
    assert repaired["in_the_way"] == 0
    assert repair(url, FILMS, "--mend-changed")["tables"] == {}
    now = contents(url, world)
    assert {name for name in now if now[name] != whole[name]} == {"public.support_tickets"}


def test_a_repair_that_was_interrupted_goes_on(
    seeded: SeededBy, make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, world = make_database(seeded(STALLS).template), registry.find(STALLS.world)
    whole, done = contents(url, world), damage(url, world, seed=3)
    monkeypatch.setattr(runner, "ROWS_A_PIECE", 100)
    stop, found = threading.Event(), []

    def on_event(event: Event) -> None:
        if event.stage == "repair":
            found.append(event.done)
            if event.done == 2:
                stop.set()

    with pytest.raises(Interrupted):
        operation.repair(at(url, world), operation.RepairRequest(mend_changed=True), on_event=on_event, stop=stop)
    assert len(found) == 3
    assert contents(url, world) != whole
    left = operation.repair(at(url, world), operation.RepairRequest(mend_changed=True))
    assert 0 < left.total("inserted") + left.total("mended") < done.missing.total() + done.changed.total()
    assert contents(url, world) == whole


def test_a_repair_that_is_killed_goes_on(seeded: SeededBy, make_database: MakeDatabase) -> None:
    """Killed while it mends, while it inserts, and when all is there but its line in the journal."""
    url, world = make_database(seeded(CLUB_SMALL).template), registry.find(CLUB_SMALL.world)
    whole = contents(url, world)
    kills = Kills(Place.at(CLUB_SMALL.world, url))
    many, visits = kills.place.number("SELECT count(*) FROM public.visits"), "SELECT count(*) FROM public.visits"
    execute(url, "DELETE FROM public.thanks; DELETE FROM public.steps; DELETE FROM public.visits;"
                 "UPDATE public.people SET name = name || ' damaged'")  # fmt: skip
    command = ("seed", CLUB_SMALL.world, "--repair", "--mend-changed", "--yes")
    damaged = "SELECT count(*) FROM public.people WHERE name ~ 'damaged$'"
    people = kills.place.number(damaged)
    for stage, table, sees in (
        ("mends", "public.people", (damaged, people)),
        ("inserts visits", "public.visits", (visits, 0)),
        ("inserts steps", "public.steps", (visits, 0)),
        ("notes", "populace.journal", (visits, many)),
    ):
        kills.kill(stage, command, locked(table), at=table.rpartition(".")[2], sees=sees)
    assert sum(kills.hits.values()) == 4
    assert repair(url, CLUB_SMALL, "--mend-changed")["tables"] == {}
    assert contents(url, world) == whole


@where_all_run
def test_what_is_old_does_not_come_back(seeded: SeededBy, make_database: MakeDatabase) -> None:
    small = replace(JOURNEYS, now="2026-01-10T06:00:00Z", settings={**JOURNEYS.settings, "count_users": 20})
    url, world = make_database(seeded(small).template), registry.find(small.world)
    done = step(url, *small.steps()["retain"])
    assert done.code == 0, done.err
    whole = contents(url, world)
    with psycopg.connect(url) as connection:
        gone = connection.execute(
            "DELETE FROM public.journey_scene_events WHERE created_at > '2026-01-09T18:00:00Z'"
        ).rowcount
    assert gone
    repaired = repair(url, small)
    assert (repaired["missing"], repaired["inserted"]) == (gone, gone)
    assert repaired["old"] > 0
    assert contents(url, world) == whole


def test_what_a_repair_is_not_for(opened_url: str, tmp_path: Path) -> None:
    words = ("seed", CLUB_SMALL.world, "--repair")
    for more, code, said in (
        (("--scenario", "busy", "--repair"), 2, "leave out --scenario"),
        (("--mend-changed",), 2, "add --repair"),
        (("--repair", "--yes"), 3, "there is no population here yet"),
        (("--repair",), 3, "there is no terminal to confirm at"),
    ):
        done = step(opened_url, *words[:2], *more)
        assert (done.code, done.out) == (code, "")
        assert said in done.err
    done = step(f"parquet:{tmp_path / 'files'}", *words)
    assert (done.code, done.out) == (3, "")
    assert "files hold history only" in done.err


@where_all_run
def test_a_service_makes_the_accounts_that_are_missing(opened_url: str) -> None:
    few = {"persona_pool": 12, "days": 3}
    small = replace(FILMS, words=("--set", "accounts_through=api"), settings=few)
    world = registry.find(FILMS.world)
    with AuthServer(opened_url, "a-key") as service:
        known = {"SUPABASE_URL": service.url, "SUPABASE_SERVICE_ROLE_KEY": "a-key"}
        seeded = step(opened_url, *small.seed, **known)
        assert seeded.code == 0, seeded.err
        whole = contents(opened_url, world)
        before = len([one for one in service.calls if one.method == "POST"])
        looked = step(opened_url, "seed", "hogflix", "--repair", "--mend-changed", "--json", "--yes", **known)
        assert looked.document["tables"] == {}
        with psycopg.connect(opened_url) as connection:
            gone = connection.execute("DELETE FROM auth.users WHERE abs(hashtext(id::text)) % 3 = 0").rowcount
            connection.execute("UPDATE auth.users SET last_sign_in_at = now(), updated_at = now()")
        done = step(opened_url, "seed", "hogflix", "--repair", "--json", "--yes", **known)
        assert done.code == 0, done.err
        assert done.document["tables"]["auth.users"]["inserted"] == gone > 0
        assert done.document["in_the_way"] == 0
        assert len([one for one in service.calls if one.method == "POST"]) == before + gone
        now = contents(opened_url, world)
        assert {name for name in now if now[name] != whole[name]} <= {"auth.users", "auth.identities"}
        with psycopg.connect(opened_url) as connection:
            alone = "SELECT count(*) FROM auth.users WHERE id NOT IN (SELECT user_id FROM auth.identities)"
            assert connection.execute(alone).fetchone() == (0,)
