"""populace deploy: what it writes is what each service reads, as far as that can be checked here."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import psycopg
import pytest
import typer.main
from yaml import safe_load, safe_load_all

from command import call
from populace.cli.app import app
from populace.operations.deploying import KINDS, files_of, variables
from populace.settings import VARIABLES
from populace.worlds.registry import Registry

URL = "https://people.example.com"
WORLDS = Registry().names()


def written(kind: str, world: str) -> dict[str, str]:
    return files_of(Registry().find(world), kind, URL)


def understood(words: list[str]) -> None:
    """Raises unless the command line takes these words."""
    command = typer.main.get_command(app)
    name, *rest = words
    with command.make_context("populace", [name]) as context:  # type: ignore[attr-defined]
        command.get_command(context, name).make_context(name, rest)  # type: ignore[attr-defined]


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_command_in_them_is_one(kind: str, world: str) -> None:
    found = 0
    for name, text in written(kind, world).items():
        assert "{{ " not in re.sub(r"\$\{\{.*?\}\}", "", text), name
        lines = re.findall(r"(?:run: |ExecStart=/usr/bin/env )populace ([^\n]+)", text)
        lines += re.findall(r"\"startCommand\": \"populace ([^\"]+)", text)
        lines += [" ".join(json.loads(one)) for one in re.findall(r"(?:args: |CMD )(\[\"(?:serve|tick).*?\])", text)]
        for line in lines:
            understood([w.replace("$PORT", "7070").replace("$SESSIONS", "5") for w in shlex.split(line)])
            found += 1
    assert found or kind in ("pg-cron", "supabase", "vercel")


def test_structures() -> None:
    for world in WORLDS:
        workflow = safe_load(written("github", world)[f".github/workflows/populace-{world}.yml"])
        assert workflow["jobs"]["tick"]["env"].keys() >= {"DATABASE_URL", *variables(Registry().find(world))}
        crons = [one["cron"] for one in workflow[True]["schedule"]]
        assert crons
        assert not any(cron.startswith(("* ", "*/1 ", "*/2 ", "*/3 ", "*/4 ")) for cron in crons)
        assert json.loads(written("vercel", world)["vercel.json"])["crons"][0]["path"] == "/api/synthetics"
        assert json.loads(written("railway", world)["railway.json"])["deploy"]["healthcheckPath"] == "/healthz"
        assert "synthetics" in json.loads(written("supabase", world)["supabase/functions/synthetics/deno.json"])["cron"]
        compose = safe_load(written("docker", world)["compose.yaml"])
        assert set(compose["services"]) == {"database", "populace"}
        kinds = [one["kind"] for one in safe_load_all(written("kubernetes", world)[f"populace-{world}.yaml"])]
        assert kinds == ["Deployment", "CronJob"]


def test_variables_are_those_that_a_world_reads() -> None:
    known = {name for names in VARIABLES.values() for name in names}
    assert {"PH_PROJECT_API_KEY", "SUPABASE_URL", "PERSONA_POOL"} <= set(variables(Registry().find("hogflix")))
    assert set(variables(Registry().find("hogflix"))) - known == {"PERSONA_POOL"}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_takes_the_service(tmp_path: Path) -> None:
    call("deploy", "systemd", "--out", str(tmp_path))
    units = sorted(tmp_path.glob("*.service")) + sorted(tmp_path.glob("*.timer"))
    assert len(units) == 3
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    names = [unit.name for unit in units]
    said = [line for line in done.stderr.splitlines() if any(n in line for n in names) and "not executable" not in line]
    assert said == []


STUBS = """
CREATE SCHEMA cron; CREATE SCHEMA net; CREATE SCHEMA vault;
CREATE TABLE cron.job (name text, schedule text, command text);
CREATE FUNCTION cron.schedule(text, text, text) RETURNS bigint LANGUAGE sql
    AS $$ INSERT INTO cron.job VALUES ($1, $2, $3) RETURNING 1::bigint $$;
CREATE TABLE net.call (url text, headers jsonb, body jsonb);
CREATE FUNCTION net.http_post(url text, body jsonb, headers jsonb, timeout_milliseconds int) RETURNS bigint LANGUAGE sql
    AS $$ INSERT INTO net.call VALUES (url, headers, body) RETURNING 1::bigint $$;
CREATE VIEW vault.decrypted_secrets AS SELECT 'populace_service_role_key' AS name, 'a key' AS decrypted_secret;
"""


def test_the_server_runs_the_sql_of_pg_cron(empty_url: str) -> None:
    with psycopg.connect(empty_url, autocommit=True) as conn:
        conn.execute(STUBS)
        for world in WORLDS:
            text = written("pg-cron", world)[f"populace-{world}.sql"]
            conn.execute(re.sub(r"CREATE EXTENSION .*;", "", text))  # type: ignore[arg-type]
        jobs = conn.execute("SELECT name, schedule, command FROM cron.job").fetchall()
        assert len({name for name, _, _ in jobs}) == len(jobs) >= len(WORLDS)
        for _, _, command in jobs:
            conn.execute(command)
        calls = conn.execute("SELECT DISTINCT url, headers ->> 'Authorization', body FROM net.call").fetchall()
    assert calls == [(f"{URL}/functions/v1/synthetics/run", "Bearer a key", {})]


def test_files_that_are_there_are_kept(tmp_path: Path) -> None:
    words = ("deploy", "docker", "--out", str(tmp_path))
    first = json.loads(call(*words, "--json").stdout)
    assert sorted(first["written"]) == ["Dockerfile", "compose.yaml"]
    assert json.loads(call(*words, "--json").stdout)["written"] == []
    (tmp_path / "Dockerfile").write_text("mine")
    assert "other files are here: Dockerfile" in call(*words, code=3).stderr
    assert (tmp_path / "Dockerfile").read_text() == "mine"
    call(*words, "--force")
    assert (tmp_path / "Dockerfile").read_text() != "mine"


def test_wrong_input(tmp_path: Path) -> None:
    assert "did you mean 'docker'" in call("deploy", "dockr", "--out", str(tmp_path), code=2).stderr
    assert (
        "http" in call("deploy", "vercel", "--url", "http://people.example.com", "--out", str(tmp_path), code=3).stderr
    )
    (tmp_path / "file").write_text("")
    assert "cannot be written" in call("deploy", "vercel", "--out", str(tmp_path / "file"), code=2).stderr
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]
