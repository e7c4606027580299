"""The rows of a plan as SQL scripts, run by psql alone: the content of a seed, again and again, or a loud failure."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from app import connect
from command import adopt, answer, call, contents, refusal
from populace.database.binaries import psql_program
from populace.database.embedded import EmbeddedServer
from populace.database.statements import split
from populace.errors import BadInput
from populace.operations import exports, spooled
from populace.operations.context import Context
from populace.operations.exports import ExportRequest
from populace.operations.opening import world_sql
from populace.operations.plans.making import PlanRequest
from populace.worlds import registry
from populace.worlds.worldchef import WORLD

NOW = "2026-01-09T00:00:00Z"
FILES = ["01_synthetic_users.sql", "02_synthetic_recipes.sql", "03_synthetic_nutrition.sql",
         "04_synthetic_interactions.sql"]  # fmt: skip
EXPORT = ("export", "worldchef", "--format", "sql", "--now", NOW, "--out")
MakeMigrated = Callable[[], str]


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scripts")
    assert answer(*EXPORT, str(folder))["files"] == FILES
    return folder


@pytest.fixture(scope="module")
def migrated(server: EmbeddedServer, opened_template: str) -> MakeMigrated:
    """Makes databases with the app's schema, by its own migrations, and nothing in them."""
    made: list[str] = []

    def make() -> str:
        name = f"worldchef_app_{len(made)}"
        made.append(name)
        with connect(server.url("postgres"), application_name="tests", autocommit=True) as conn:
            template = made[0] if len(made) > 1 else opened_template
            conn.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
            )
        if len(made) == 1:
            with connect(server.url(name), application_name="tests", autocommit=True) as conn:
                for script in ("1_tables.sql", "2_constraints.sql"):
                    for statement in split(world_sql(WORLD, f"schema/{script}") or ""):
                        conn.execute(statement.encode())
        return server.url(name)

    make()
    return make


def psql(url: str, file: Path, *variables: str) -> subprocess.CompletedProcess[str]:
    given = [word for variable in variables for word in ("-v", variable)]
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    program = [psql_program(None), "-X", "-d", url, *given, "-f", str(file)]
    return subprocess.run(program, capture_output=True, text=True, check=False, timeout=120, env=environment)


def run(url: str, scripts: Path, *variables: str) -> str:
    said = ""
    for name in FILES:
        done = psql(url, scripts / name, *variables)
        assert done.returncode == 0, done.stderr
        said += done.stderr
    return said


def test_the_scripts_give_the_content_of_a_seed_and_run_again_change_nothing(
    server: EmbeddedServer, opened_template: str, migrated: MakeMigrated, scripts: Path
) -> None:
    with connect(server.url("postgres"), application_name="tests", autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE worldchef_seeded TEMPLATE {}").format(sql.Identifier(opened_template)))
    seeded = server.url("worldchef_seeded")
    adopt(seeded)
    call("seed", "worldchef", "--now", NOW, "--target", seeded, "--yes")
    url = migrated()
    said = run(url, scripts)
    assert "public.users: 300 rows, 300 of them added" in said
    assert "public.recipes: 600 rows, 600 of them added" in said
    assert contents(url, WORLD) == contents(seeded, WORLD)
    again = run(url, scripts)
    assert again.count(", 0 of them added") == len(WORLD.tables)
    assert contents(url, WORLD) == contents(seeded, WORLD)


def test_they_fail_on_a_damaged_table_and_mend_a_missing_row(migrated: MakeMigrated, scripts: Path) -> None:
    url = migrated()
    run(url, scripts)
    whole = contents(url, WORLD)

    def do(statement: str) -> None:
        with psycopg.connect(url) as connection:
            connection.execute(statement.encode())

    do("DELETE FROM recipe_ratings WHERE rating = 1")
    assert (
        ", 0 of them added" not in psql(url, scripts / FILES[3]).stderr.split("public.recipe_ratings")[1].split("\n")[0]
    )
    assert contents(url, WORLD) == whole
    for file, damage, said in (
        (
            FILES[0],
            "UPDATE users SET display_name = 'nobody' WHERE role = 'admin'",
            "public.users: 2 of 300 rows are not",
        ),
        (
            FILES[1],
            "UPDATE recipes SET ingredients = '[]' WHERE cuisine = 'thai'",
            "rows are not as they were exported",
        ),
        (FILES[2], "UPDATE nutrition SET macros = '{}' WHERE unit = 'oz'", "public.nutrition: "),
        (FILES[3], "UPDATE recipe_ratings SET rating = 6 - rating WHERE rating <> 3", "public.recipe_ratings: "),
    ):
        do(damage)
        before = contents(url, WORLD)
        done = psql(url, scripts / file)
        assert done.returncode == 3
        assert said in done.stderr, done.stderr
        assert contents(url, WORLD) == before


def test_a_script_before_its_causes_fails(migrated: MakeMigrated, scripts: Path) -> None:
    done = psql(migrated(), scripts / FILES[1])
    assert done.returncode == 3
    assert "recipes.author_id: 600 of 600 rows refer to a row of public.users that is not there" in done.stderr


def test_variables_take_the_first_so_many(migrated: MakeMigrated, scripts: Path) -> None:
    url = migrated()
    said = run(url, scripts, "users=40", "recipes=200")
    assert "public.users: 40 rows" in said
    with psycopg.connect(url) as connection:
        (recipes,) = connection.execute("SELECT count(*) FROM recipes").fetchone() or (0,)
        assert 0 < recipes < 200
        assert connection.execute("SELECT count(*) > 0 FROM recipe_likes").fetchone() == (True,)
    more = run(url, scripts, "users=60", "recipes=200")
    assert "public.users: 60 rows, 20 of them added" in more
    run(url, scripts)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM recipes").fetchone() == (600,)


@pytest.mark.parametrize(
    "given", ["users=301", "users=0", "users=many", "users='; DROP TABLE users; --", "recipes=601"]
)
def test_other_variables_are_refused(migrated: MakeMigrated, scripts: Path, given: str) -> None:
    url = migrated()
    done = psql(url, scripts / FILES[0], given)
    assert done.returncode == 3
    assert "these scripts hold" in done.stderr
    assert "populace export worldchef --format sql" in done.stderr
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM users").fetchone() == (0,)


def test_every_world_can_be_exported(tmp_path: Path) -> None:
    """One script a table, where a world declares none; texts with what COPY escapes among them."""
    small = {"recoverlution": ("count_users=20", "coverage_per_mindblock=1", "days=1", "session_history_days=1"),
             "hogflix": ("persona_pool=400", "days=2")}  # fmt: skip
    for name, settings in small.items():
        folder = tmp_path / name
        given = [f"--set={setting}" for setting in settings]
        files = answer("export", name, "--format", "sql", "--now", NOW, "--out", str(folder), *given)["files"]
        assert len(files) == len(registry.find(name).tables)
        assert all((folder / file).read_text().endswith("COMMIT;\n") for file in files)


def test_in_small_parts_the_files_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scripts: Path) -> None:
    """Rows lie on disk, and are sorted and written a part at a time, with what they need of parts before them."""
    monkeypatch.setattr(spooled, "PART_BYTES", 100_000)
    exports.export(Context(), ExportRequest("worldchef", "sql", tmp_path, plan=PlanRequest("worldchef", now=NOW)))
    assert {f.name: f.read_bytes() for f in tmp_path.iterdir()} == {f.name: f.read_bytes() for f in scripts.iterdir()}


def test_an_export_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> bytes:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("populace.operations.scripts._lines", full)
    request = ExportRequest("worldchef", "sql", tmp_path / "new" / "out", plan=PlanRequest("worldchef", now=NOW))
    with pytest.raises(BadInput, match="No space left"):
        exports.export(Context(), request)
    assert not list(tmp_path.iterdir())


def test_drafts_of_an_export_that_was_killed_go(tmp_path: Path, scripts: Path) -> None:
    process = subprocess.Popen(["true"])
    process.wait()
    left = tmp_path / f".populace-{process.pid}-x.drafts"
    left.mkdir()
    (left / "rows").write_text("half of them")
    answer(*EXPORT, str(tmp_path))
    assert sorted(file.name for file in tmp_path.iterdir()) == FILES


def test_what_does_not_go_together_is_refused(tmp_path: Path, scripts: Path) -> None:
    schema = ("export", "worldchef", "--format", "schema", "--out", str(tmp_path / "schema"))
    assert "follows from the world alone" in refusal(*schema, "--seed", "2", code=2)
    assert "there is no such parameter" in refusal(*EXPORT, str(tmp_path / "x"), "--set", "recipe=4", code=2)
    assert "files of another export" in refusal(*EXPORT, str(scripts), "--seed", "2")
    assert not (tmp_path / "x").exists()
    assert answer(*EXPORT, str(scripts))["written"] == 0
