"""A staging database as good as new, each night; and the old data in place whatever goes wrong on the way."""

from __future__ import annotations

import signal
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from command import ENVIRONMENT, answer, call, refusal
from conftest import MakeDatabase, SeededBy
from contexts import at
from examples import ALL, where_all_run
from forks import Fork
from hazards import CLUB_SMALL, execute, rows
from kills import Hold, until
from populace import clock
from populace.api.wiring import Service, Serving
from populace.deliver import slack
from populace.errors import BadInput
from populace.operations.refreshing import KEY, images
from populace.operations.refreshing.nightly import next_at
from populace.runner import lease
from populace.standins.slack import SlackServer
from populace.standins.storage import StorageServer
from populace.studio import mount
from serving import ANON, OWNER, SECRET, answering, client

SERVICE_KEY = "service-role-key"
S3 = ("AKIDEXAMPLE", "wJalrXUtnFEMI")
# Not the people who live there, so that old and new data differ.
REFRESH = ("refresh", *(word if word != "7" else "8" for word in CLUB_SMALL.seed[1:] if word != "--yes"), "--runs", "1")


@pytest.fixture
def url(make_database: MakeDatabase, seeded: SeededBy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A staging database in which a small club lives, beside a table of the app's own; its backups go to `tmp_path`."""
    monkeypatch.setitem(ENVIRONMENT, "XDG_DATA_HOME", str(tmp_path / "data"))
    url = make_database(seeded(CLUB_SMALL).template)
    execute(url, "CREATE TABLE public.reminders (said text); INSERT INTO public.reminders VALUES ('a human''s')")
    assert answer("init", "--staging", "--target", url)["staging"]
    return url


@pytest.fixture
def storage() -> Iterator[StorageServer]:
    with StorageServer(SERVICE_KEY, S3, {"photos": {"recipes/old.png": b"old", "other/kept.png": b"kept"}}) as server:
        yield server


def of(storage: StorageServer) -> dict[str, str]:
    """What the environment says of a storage."""
    return {
        "SUPABASE_URL": storage.url,
        "SUPABASE_SERVICE_ROLE_KEY": SERVICE_KEY,
        "AWS_ACCESS_KEY_ID": S3[0],
        "AWS_SECRET_ACCESS_KEY": S3[1],
        "AWS_REGION": "eu-central-1",
        "AWS_ENDPOINT_URL": storage.url,
    }


def waits(url: str, pid: int) -> Callable[[], bool]:
    """Whether somebody waits for a session."""

    def holds() -> bool:
        with psycopg.connect(url) as watch:
            query = "SELECT FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))"
            return watch.execute(query, (pid,)).fetchone() is not None

    return holds


def test_twice_in_a_row(url: str, storage: StorageServer) -> None:
    before = rows(url)
    with SlackServer() as channel:
        environment = {**of(storage), "POPULACE_SLACK_WEBHOOK": channel.url}
        first = answer(*REFRESH, "--target", url, "--images", "supabase:photos/recipes", **environment)
        assert [step["state"] for step in first["steps"]] == ["done", "done", "skipped", "done", "done", "done"]
        new = rows(url)
        assert new != before
        assert sum(first["rows"].values()) == new.total() - 1  # and the human's reminder
        assert set(storage.buckets["photos"]) - {"other/kept.png"} == {f"recipes/{name}" for name, _ in images.images()}
        assert 8e6 < sum(len(held) for held in storage.buckets["photos"].values()) < 12e6
        second = answer(*REFRESH, "--target", url, "--images", "s3://photos/recipes", **environment)
        assert second["ok"]
        assert rows(url) == new
    assert [text.partition(" The")[0] for text in channel.texts] == [":white_check_mark:"] * 2
    assert all(f"{name} {number:,}" in channel.texts[0] for name, number in first["rows"].items())
    # What the second one kept is the first one's.
    call("db", "restore", second["backup"], "--target", url, "--yes")
    call("db", "restore", first["backup"], "--target", url, "--yes")
    assert rows(url) == before
    call("cleanup", "--all", "--yes", "--target", url)
    call("uninstall", "--yes", "--target", url)


COMMANDS = {
    "it fails": ("sh -c 'echo no such column; exit 3'", "exit code 3; it said: no such column"),
    "it asks": ("sh -c 'echo Sure?; read answer && exit 0'", "it said: Sure?"),
    "it takes too long": ("sleep 60", "it took longer than 1 s and was ended"),
    "it makes tables in the way": ("{psql} -c 'CREATE TABLE people (name text)'", "do not fit this world"),
    "it takes everything": ("{psql} -c 'DROP SCHEMA populace, public CASCADE' -c 'bad'", "exit code"),
}


@pytest.mark.parametrize("why", list(COMMANDS) if ALL else ["it asks", "it makes tables in the way"])
def test_migrations_that_fail_put_the_old_data_back(why: str, url: str) -> None:
    command, says = COMMANDS[why]
    from populace.database import binaries

    command = command.replace("{psql}", f"{binaries.wheel_folder()}/psql -q {url}")
    before = rows(url)
    with SlackServer() as channel:
        done = answer(
            *REFRESH, "--target", url, "--migrate", command, "--migrate-within", "1" if "sleep" in command else "60",
            code=1, POPULACE_SLACK_WEBHOOK=channel.url,
        )  # fmt: skip
    assert says in done["fault"]
    assert done["restored"]
    assert rows(url) == before
    assert "failed" in channel.texts[0]
    assert "The old data is in place." in channel.texts[0]
    assert answer("status", "--target", url)["state"] == "ready"


def test_a_failure_is_said_even_when_quiet(url: str) -> None:
    done = call(*REFRESH, "--target", url, "--migrate", "sh -c 'exit 3'", "--quiet", code=1)
    assert done.stdout == ""
    assert "failed with exit code 3\nthe old data is back\n" in done.stderr


def test_a_storage_that_refuses_and_a_health_check_that_fails(url: str, storage: StorageServer) -> None:
    before, place = rows(url), ("--images", "supabase:photos/recipes")
    storage.takes = 3
    done = answer(*REFRESH, "--target", url, *place, code=1, **of(storage))
    assert "it answered 413" in done["fault"]
    assert rows(url) == before
    assert "recipes/old.png" in storage.buckets["photos"]  # nothing was deleted
    storage.takes = None
    storage.before = lambda name: execute(url, "DELETE FROM public.steps") if name.endswith("15.png") else None
    done = answer(*REFRESH, "--target", url, *place, code=1, **of(storage))
    assert [step["name"] for step in done["steps"] if step["state"] == "failed"] == ["health"]
    assert "health checks failed" in done["fault"]
    assert rows(url) == before


def test_a_webhook_that_hangs_or_fails_is_a_warning(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slack, "LIMIT_S", 0.2)
    for mode, says in (("500", "answered 500"), ("hangs", "did not answer within 0.2 s"))[: 2 if ALL else 1]:
        with SlackServer(mode) as channel:  # type: ignore[arg-type]
            done = answer(*REFRESH, "--target", url, POPULACE_SLACK_WEBHOOK=channel.url)
        assert done["ok"]
        assert says in done["warnings"][0]
    with SlackServer("hangs") as channel:
        assert "did not answer" in str(slack.send(channel.url, "text"))


def test_what_can_be_known_before_is_refused_before(url: str, tmp_path: Path, make_database: MakeDatabase) -> None:
    before = rows(url)

    def refused(*words: str, code: int = 2, **environment: str) -> str:
        return refusal(*REFRESH, "--target", url, *words, code=code, **environment)

    assert "there is no such program" in refused("--migrate", "no-such-program push")
    assert "cannot be read" in refused("--migrate", "sh 'x")
    assert "this is no time limit" in refused("--migrate-within", "0")
    assert "number of days to keep" in refused("--keep-days", "0")
    assert "this is no place for files" in refused("--images", "supabase:bucket")
    assert "this is no place for files" in refused("--images", "ftp://bucket/folder")
    for name, why in (("missing", "there is no such folder"), ("x" * 300, "name too long")):
        assert why in refused("--images", str(tmp_path / name)).replace("File name", "name")
    (tmp_path / "file").touch()
    assert "this is not a folder" in refused("--images", str(tmp_path / "file"))
    for folder in ("/proc/x", str(tmp_path / "file"), str(tmp_path / "file" / "x"), str(tmp_path / ("x" * 300))):
        for dry in ([], ["--dry-run"]):
            assert "backups cannot be written here" in refused("--out", folder, *dry)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["file"]
    assert "SUPABASE_URL" in refused("--images", "supabase:bucket/folder")
    assert "AWS_ACCESS_KEY_ID" in refused("--images", "s3://bucket/folder")
    keys = {"SUPABASE_SERVICE_ROLE_KEY": SERVICE_KEY}
    plain = {"SUPABASE_URL": "http://files.example.com", **keys}
    assert "without encryption" in refused("--images", "supabase:bucket/folder", code=3, **plain)
    with StorageServer(SERVICE_KEY, S3) as server:
        words = ("--images", "supabase:bucket/folder")
        assert "Bucket not found" in refused(*words, code=4, SUPABASE_URL=server.url, **keys)
        assert "it answered 403" in refused(*words, code=4, SUPABASE_URL=server.url, SUPABASE_SERVICE_ROLE_KEY="other")
    assert "without encryption" in refused(code=3, POPULACE_SLACK_WEBHOOK="http://hooks.example.com/T/B/X")
    assert "there is no such schema" in refused("--reset-schema", "nowhere")
    assert "is not the app's" in refused("--reset-schema", "populace")
    assert "this is no time of day" in refused("--at", "3:00")
    assert "scenario" in refused("--scenario", "nowhere")
    said = refusal("refresh", "hogflix", "--target", url)
    assert "club" in said.lower()
    with psycopg.connect(url, autocommit=True, application_name="populace run") as other:
        other.execute("SELECT pg_advisory_lock(%s)", (lease.KEY,))
        assert "populace run is at work" in refused(code=3)
        other.execute("SELECT pg_advisory_unlock_all()")
        other.execute("SELECT pg_advisory_lock(%s)", (KEY,))
        assert "another refresh of this database is under way" in refused(code=3)
    execute(url, "UPDATE populace.target SET staging = false")
    said = refused(code=3)
    assert "not marked as staging" in said
    assert "init" in said
    assert rows(url) == before
    assert not (tmp_path / "data" / "populace" / "backups").exists()


def test_a_dry_run_says_what_would_be_done(url: str, tmp_path: Path) -> None:
    before = rows(url)
    (tmp_path / "img").mkdir()
    done = answer(*REFRESH, "--target", url, "--dry-run", "--migrate", "sh -c true", "--images", str(tmp_path / "img"))
    assert [step["state"] for step in done["steps"]] == ["planned"] * 6
    assert "sh -c true" in done["steps"][2]["said"]
    assert rows(url) == before
    assert list((tmp_path / "img").iterdir()) == []
    assert not (tmp_path / "data" / "populace" / "backups").exists()


@where_all_run
def test_schemas_are_emptied_whoever_made_what_is_in_them(url: str) -> None:
    execute(url, "CREATE TABLE public.bookings (person uuid REFERENCES public.people)")
    execute(url, "INSERT INTO public.bookings SELECT id FROM public.people LIMIT 1")
    before = rows(url)
    done = answer(*REFRESH, "--target", url, code=1)
    assert "refer" in done["fault"]
    assert rows(url) == before
    assert answer(*REFRESH, "--target", url, "--reset-schema", "public")["ok"]
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT to_regclass('public.bookings')").fetchone() == (None,)
    call("validate", "--target", url, code=None)


class Killing:
    """A refresh that is ended in a step, which has begun and waits."""

    def __init__(self, url: str, storage: StorageServer, folder: Path) -> None:
        self.url, self.storage, self.gate, self.ready = url, storage, folder / "gate", folder / "ready"
        self.reached, self.go = threading.Event(), threading.Event()

    def begin(self, *words: str) -> Fork:
        where = ("--images", "supabase:photos/recipes", *words)
        return Fork([*REFRESH, "--target", self.url, *where], ENVIRONMENT | of(self.storage))

    def hold_images(self) -> None:
        def before(_name: str) -> None:
            self.reached.set()
            self.go.wait(60)

        self.storage.before = before

    def backup(self) -> Fork:
        held = Hold(self.url, "LOCK TABLE public.people IN ACCESS EXCLUSIVE MODE").taken()
        return self._waiting(self.begin(), held)

    def reset(self) -> Fork:
        held = Hold(self.url, "LOCK TABLE public.visits IN SHARE MODE").taken()
        return self._waiting(self.begin(), held)

    def migrations(self) -> Fork:
        process = self.begin("--migrate", f"sh -c 'touch {self.ready}; while [ ! -e {self.gate} ]; do sleep 0.1; done'")
        until(self.ready.exists, "the migrations to begin")
        return process

    def seed(self) -> Fork:
        process = self.migrations()
        held = Hold(self.url, "LOCK TABLE populace.ledger IN SHARE MODE").taken()
        self.gate.touch()
        return self._waiting(process, held)

    def images(self) -> Fork:
        self.hold_images()
        process = self.begin()
        until(self.reached.is_set, "the first image")
        return process

    def health(self) -> Fork:
        process = self.images()
        held = Hold(self.url, "LOCK TABLE public.steps IN ACCESS EXCLUSIVE MODE").taken()
        self.go.set()
        return self._waiting(process, held)

    def _waiting(self, process: Fork, held: Hold) -> Fork:
        until(waits(self.url, held.pid), "the refresh to wait")
        self.held = held
        return process

    def over(self) -> None:
        """Let go of what was held."""
        self.gate.touch()
        self.go.set()
        if hasattr(self, "held"):
            self.held.release()
        self.storage.before = lambda _name: None


STEPS = ["backup", "reset", "migrations", "seed", "images", "health"]


@pytest.mark.parametrize("step", STEPS if ALL else ["migrations"])
def test_killed_in_each_step_and_run_again(step: str, url: str, storage: StorageServer, tmp_path: Path) -> None:
    killing, before = Killing(url, storage, tmp_path), rows(url)
    process = getattr(killing, step)()
    process.kill()
    killing.over()
    until(lambda: not others_at_work(url), "the sessions of the killed refresh to end")
    found = answer("doctor", "--target", url, code=None)["findings"]
    assert any("has begun and not ended" in one["measured"] for one in found) == (step != "backup")
    if step == "migrations":
        # Nobody lives there now; what is said is about the world that did, and nothing changes for another one.
        refresh_first = f"populace refresh {CLUB_SMALL.world}"
        assert [refresh_first in one["todo"] for one in found if one["state"] == "FAILED"] == [True]
        assert refresh_first in call("validate", "--target", url, code=3).stderr
        half = rows(url)
        for dry in ([], ["--dry-run"]):
            said = call("refresh", "recoverlution", "--target", url, *dry, code=3).stderr
            assert "another world" in said, said
        # Nor is anybody seeded into what is left: the next refresh would take them away.
        for words in (CLUB_SMALL.seed, ("seed", *REFRESH[1:-2], "--yes")):
            said = call(*words, "--target", url, code=3).stderr
            assert "has begun and not ended" in said
            assert refresh_first in said
        assert rows(url) == half
        # A backup of it says what it is, and deletes none that is needed.
        said = call("db", "backup", "--keep-days", "1", "--target", url).stderr
        assert "this is a backup of what it has left" in said
    done = answer(*REFRESH, "--target", url)
    assert done["ok"]
    assert done["recovered"] == (step != "backup")
    new = rows(url)
    assert new != before
    call("db", "restore", done["backup"], "--target", url, "--yes")
    assert rows(url) == before


@pytest.mark.parametrize("step", STEPS if ALL else ["images"])
def test_stopped_in_each_step_the_old_data_is_back(step: str, url: str, storage: StorageServer, tmp_path: Path) -> None:
    killing, before = Killing(url, storage, tmp_path), rows(url)
    process = getattr(killing, step)()
    process.signal(signal.SIGINT)
    killing.over()
    code, said = process.end()
    assert code == 130, said
    assert rows(url) == before


def others_at_work(url: str) -> bool:
    """Whether a session of a command is still there."""
    with psycopg.connect(url) as watch:
        query = (
            "SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND (application_name LIKE 'populace %' OR application_name = 'pg_dump')"
        )
        return watch.execute(query).fetchone() is not None


def test_images_are_pictures_of_which_all_pixels_can_be_read() -> None:
    for _, held in list(images.images())[:2]:
        assert held.startswith(b"\x89PNG\r\n\x1a\n")
        at, body = 8, b""
        while at < len(held):
            (long,) = struct.unpack(">I", held[at : at + 4])
            kind, content = held[at + 4 : at + 8], held[at + 8 : at + 8 + long]
            assert struct.unpack(">I", held[at + 8 + long : at + 12 + long]) == (zlib.crc32(kind + content),)
            body += content if kind == b"IDAT" else b""
            at += 12 + long
        assert len(zlib.decompress(body)) == images.HEIGHT * (1 + 3 * images.WIDTH)


def test_the_next_three_in_the_morning() -> None:
    day = clock.parse("2026-01-09T00:00:00Z", "test")
    assert clock.iso(next_at("03:00", day)) == clock.iso(clock.parse("2026-01-09T03:00:00Z", "test"))
    assert next_at("03:00", clock.parse("2026-01-09T03:00:00Z", "test")) == clock.parse("2026-01-10T03:00:00Z", "test")
    for wrong in ("3:00", "24:00", "03:60", "0300", "", "０３:00"):
        with pytest.raises(BadInput):
            next_at(wrong, day)


def test_who_waits_for_the_night_can_be_stopped(url: str) -> None:
    before, process = rows(url), Fork([*REFRESH, "--target", url, "--at", "03:00"], ENVIRONMENT)
    until(lambda: "the next refresh is at" in process.said, "the first line")
    process.signal(signal.SIGINT)
    code, said = process.end()
    assert code == 0, said
    assert rows(url) == before


def test_a_refresh_is_a_job_of_the_api_and_the_studio_shows_it(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    context = at(url, anon_key=ANON, service_role_key=OWNER, jwt_secret=SECRET)
    service = Service(context, Serving(runner=False, world=CLUB_SMALL.world, a_second=1e6, at_once=1e6))
    service.settle()
    wanted = {"scenario": "busy", "seed": 8, "now": CLUB_SMALL.now, "settings": CLUB_SMALL.settings, "dry_run": False}
    with answering(service, mount) as base, client(base, OWNER) as owner:

        def ended(began: httpx.Response) -> dict[str, Any]:
            assert began.status_code == 202, began.text
            job = f"/api/v1/jobs/{began.json()['job']}"
            until(lambda: owner.get(job).json()["state"] != "running", "a job ends")
            return dict(owner.get(job).json())

        refused = owner.post("/api/v1/refresh", json=wanted)
        assert (refused.status_code, refused.json()["where"]) == (422, "body.confirm")
        world = refused.json()["allowed"]
        done = ended(owner.post("/api/v1/refresh", json={"confirm": world, **wanted}))
        assert (done["state"], done["error"]) == ("done", None)
        assert [step["state"] for step in done["result"]["steps"]].count("done") == 4
        execute(url, "UPDATE populace.target SET staging = false")
        done = ended(owner.post("/api/v1/refresh", json={"confirm": world, **wanted}))
        assert (done["state"], "not marked as staging" in done["error"]["what"]) == ("failed", True)
        owner.get(f"/enter/{service.sessions.link()}", follow_redirects=True)
        page = owner.get("/runs").text
    assert "Last refreshes" in page
    assert "Backup" in page[page.index("Last refreshes") :]
    line = answer("logs", "--target", url)[-1]
    assert (line["event"], line["detail"]["ok"]) == ("refreshed", True)
