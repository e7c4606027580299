"""What a user gets wrong, and what goes wrong around them: one clear error, the right exit code, nothing half done.

Commands that only have to be refused run in this process, through `main`; those that are stopped get one of their own.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from command import CLUB, contents, in_this_process, refusal
from command import start as begin
from populace import clock
from populace.database.embedded import EmbeddedServer
from populace.database.target import redact
from populace.worlds import registry
from tiny import BELL
from urls import WORD, for_user, password_of

SECRET = "geheim"
EPOCH, NOW = "2026-01-09T00:00:00Z", "2026-01-09T01:00:00Z"
SEED = ("seed", CLUB, "--epoch", EPOCH, "--now", NOW, "--yes")
PATIENCE_S = 20.0
UNHEARD = BELL.unheard

PLAN = ("plan", "recoverlution")
WHOLE, SHARE = "allowed: a whole number from 1 to 2,000,000 people", "allowed: a number from 0 to 1"


def _set(*changes: str) -> tuple[str, ...]:
    return (*PLAN, *(word for change in changes for word in ("--set", change)))


# What is typed, and what the error must say beside its exit code of 2; {folder} does not exist, before or after.
BAD_INPUT: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "world": (("seed", "recoverluton"), ("no such world", "did you mean 'recoverlution'?")),
    "world by path": (("seed", "./nowhere"), ("no world at this path", "nowhere'")),
    "scenario": ((*PLAN, "--scenario", "documentd"), ("no such scenario", "did you mean 'documented'?")),
    "parameter": (_set("cuont_users=3"), ("no such parameter", "did you mean 'count_users'?", "describe")),
    "set without =": (_set("count_users"), ("--set: this is not a setting", "allowed: path=value")),
    "set without path": (_set("=3"), ("--set: this is not a setting",)),
    "set twice": (_set("days=3", "days=4"), ("given twice", "'days'")),
    "count NaN": (_set("count_users=NaN"), ("recoverlution.count_users", "given: 'NaN'", WHOLE)),
    "count infinite": (_set("count_users=inf"), ("given: 'inf'", WHOLE)),
    "count negative": (_set("count_users=-1"), ("out of bounds", "given: '-1'", WHOLE)),
    "count zero": (_set("count_users=0"), ("out of bounds", "given: '0'", WHOLE)),
    "count huge": (_set("count_users=99999999999999999999"), ("out of bounds", WHOLE)),
    "count broken": (_set("count_users=3.5"), ("wrong kind", WHOLE)),
    "count a word": (_set("count_users=many"), ("wrong kind", "given: 'many'", WHOLE)),
    "rate above one": (_set("abandon_rate=1.5"), ("recoverlution.abandon_rate", "out of bounds", SHARE)),
    "rate below zero": (_set("abandon_rate=-0.1"), ("out of bounds", SHARE)),
    "rate NaN": (_set("abandon_rate=nan"), ("wrong kind", "given: 'nan'", SHARE)),
    "rate in per cent": (_set("abandon_rate=50%"), ("wrong kind", SHARE)),
    "switch": (_set("with_orgs=maybe"), ("wrong kind", "allowed: true or false")),
    "text empty": (_set("cohort_label="), ("out of bounds", "1 to 100 printable characters")),
    "word": (_set("arrivals=posson"), ("given: 'posson'", "poisson, fixed")),
    "sessions before history": (_set("session_history_days=50"), ("session_history_days", "at most days = 45")),
    "dwell crossed": (_set("dwell_low=200"), ("shortest time is above the longest", "at most dwell_high = 120")),
    "too few scenes": (_set("scene_events_per_session=0.1"), ("scene_events_per_session", "2.71 to 5.02")),
    "too many scenes": (_set("scene_events_per_session=6.9"), ("scene_events_per_session", "2.71 to 5.02")),
    "now without zone": ((*PLAN, "--now", "2026-01-09T18:30:00"), ("has no zone", "write 2026-01-09T18:30:00Z if")),
    "now a date": ((*PLAN, "--now", "2026-01-09"), ("has no zone", "write 2026-01-09T00:00:00Z if")),
    "now a word": ((*PLAN, "--now", "yesterday"), ("--now: this is not a time", "allowed: an ISO time with a zone")),
    "now empty": ((*PLAN, "--now", ""), ("--now: this is not a time",)),
    "now too far": ((*PLAN, "--now", "2150-01-01T00:00:00Z"), ("outside the supported years", "1970 to 2099")),
    "now before epoch": (
        (*PLAN, "--now", NOW, "--epoch", "2026-01-10T00:00:00Z"),
        ("--now: now lies before the epoch", "allowed: 2026-01-10T00:00:00Z or later"),
    ),
    "epoch at three": (
        (*PLAN, "--now", NOW, "--epoch", "2026-01-09T03:00:00Z"),
        ("epoch is a UTC midnight", "use 2026-01-09T00:00:00Z"),
    ),
    "seed negative": ((*PLAN, "--seed", "-1"), ("seed is out of bounds", "given: -1", "0 to 2^63 - 1")),
    "seed huge": ((*PLAN, "--seed", str(1 << 64)), ("seed is out of bounds", "0 to 2^63 - 1")),
    "plan missing": (("seed", CLUB, "--plan", "nowhere.json"), ("plan file cannot be read", "nowhere.json")),
    "speed": (("run", CLUB, "--speed", "fast"), ("--speed", "given: 'fast'", "allowed: max")),
    "speed zero": (("run", CLUB, "--speed", "0"), ("--speed", "from 0.001")),
    "speed without end": (("run", CLUB, "--speed", "max"), ("full speed needs an end time", "--until T")),
    "scheme": (("status", "--target", f"mysql://u:{SECRET}@h/x"), ("not a target", "'mysql:…'", "embedded:DIR")),
    "no scheme": (("status", "--target", f"host=h password={SECRET}"), ("not a target", "embedded:DIR")),
    "no target": (("db", "stop", "--target", ""), ("target",)),
    "password unquoted": (("status", "--target", f"postgresql://u:{SECRET}@x@h/x"), ("cannot be read", "%40")),
    "not ours to stop": (("db", "stop", "--target", f"postgresql://u:{SECRET}@h/x"), ("cannot start or stop",)),
}  # fmt: skip

# What the command line itself refuses; it says how the command is used, and the fault in the last line.
BAD_USAGE: dict[str, tuple[tuple[str, ...], str]] = {
    "command": (("sed", CLUB), "Did you mean 'seed'?"),
    "option": (("seed", CLUB, "--sed", "3"), "No such option: --sed"),
    "no world": (("seed",), "'WORLD'"),
    "seed broken": ((*PLAN, "--seed", "1.5"), "'--seed'"),
    "for a word": (("demo", "--for", "soon"), "'--for'"),
    "tail zero": (("logs", "--tail", "0"), "'--tail'"),
}


RUNNING: list[subprocess.Popen[str]] = []


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No setting of the user's counts, their own database is not reachable, and what a test starts ends with it."""
    for name in [name for name in os.environ if name.startswith(("POPULACE_", "DATABASE_URL"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "user"))
    monkeypatch.chdir(tmp_path)
    yield
    for process in RUNNING:
        process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            assert pipe is not None
            pipe.close()
    RUNNING.clear()
    for left in tmp_path.rglob("server.port"):
        EmbeddedServer(left.parent).stop()


def start(*arguments: str) -> subprocess.Popen[str]:
    """Begin a command in a process of its own, which ends with the test at the latest."""
    process = begin(*arguments, XDG_DATA_HOME=os.environ["XDG_DATA_HOME"])
    RUNNING.append(process)
    return process


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a process that must end soon; without the remark that no key is set."""
    out, error = process.communicate(timeout=PATIENCE_S)
    assert "Traceback" not in error
    assert "fault of Populace" not in error
    return process.returncode, out, "".join(line for line in error.splitlines(keepends=True) if UNHEARD not in line)


def call(*arguments: str, code: int = 0) -> tuple[str, str]:
    """Run a command in this process, insist on its exit code; what it says on stdout and stderr."""
    done = in_this_process(arguments, Path.cwd(), os.environ)
    said = done.stdout, done.stderr
    assert done.returncode == code, said
    assert "fault of Populace" not in said[1]
    return said


def answer(*arguments: str) -> Any:
    """The JSON document that a command prints."""
    return json.loads(call(*arguments, "--json")[0])


def refused(*arguments: str, code: int, says: Sequence[str] = ()) -> str:
    """Run a command that must fail: the exit code, one line of error that holds all of `says`, nothing on stdout."""
    out, error = call(*arguments, code=code)
    assert out == ""
    line = error.splitlines()[-1]
    assert line.startswith("populace: ")
    assert SECRET not in error
    for phrase in says:
        assert phrase in line
    return line


@pytest.mark.parametrize("name", BAD_INPUT)
def test_bad_input(name: str, tmp_path: Path) -> None:
    arguments, says = BAD_INPUT[name]
    folder = tmp_path / "target"
    words = [word.format(folder=folder) for word in arguments]
    if words[0] in ("seed", "run") and "--target" not in words:
        words += ["--target", f"embedded:{folder}"]
    refused(*words, code=2, says=says)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", BAD_USAGE)
def test_bad_usage(name: str) -> None:
    arguments, says = BAD_USAGE[name]
    out, error = call(*arguments, "--json", code=2)
    assert out == ""
    assert says in error.splitlines()[-1]


def test_a_demo_has_an_end() -> None:
    assert ended(start("demo", "--for", "inf"))[0] == 2


def test_all_faults_at_once() -> None:
    _, error = call(*_set("count_users=-1", "abandon_rate=2", "foo=3"), code=2)
    assert all(f"recoverlution{path}" in error for path in (".count_users", ".abandon_rate", ": there is no"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('tarjet = "x"', ("did you mean 'target'?",)),
        ("target = 3", ("target: ", "wrong kind")),
        ('target = "embedded:', ("cannot be read",)),
        ("[worlds.club]\npeopel = 3", ("did you mean 'people'?",)),
        ("[worlds.recoverluton]\ndays = 3", ("did you mean 'recoverlution'?",)),
    ],
    ids=["name", "kind", "syntax", "parameter", "world"],
)
def test_bad_configuration(text: str, says: Sequence[str], tmp_path: Path) -> None:
    (tmp_path / "populace.toml").write_text(text, encoding="utf-8")
    refused("plan", CLUB, code=2, says=("populace.toml", *says))


def test_bad_plan_files(tmp_path: Path) -> None:
    file, target = tmp_path / "plan.json", f"embedded:{tmp_path / 'target'}"
    seed = ("seed", CLUB, "--target", target, "--plan", str(file), "--now", NOW)
    call("plan", CLUB, "--now", NOW, "--out", str(file))
    good = json.loads(file.read_text(encoding="utf-8"))
    refused(*seed, "--set", "people=3", code=2, says=("plan file settles", "leave out"))
    refused(*seed, "--seed", "9", code=2, says=("plan file settles", "--seed"))
    for text, code, says in (
        ("{", 2, "cannot be read"),
        ("[]", 2, "this is not a plan"),
        (json.dumps({**good, "format": 99}), 2, "not a plan of this version"),
        (json.dumps({**good, "engine": 99}), 3, "made by another version"),
        (json.dumps({**good, "world": "hogflix"}), 3, "hogflix"),
        (json.dumps({**good, "seed": "x"}), 2, "plan.json"),
        (json.dumps({**good, "settings": {**good["settings"], "people": -1}}), 2, "club.people"),
    ):
        file.write_text(text, encoding="utf-8")
        refused(*seed, code=code, says=(says,))
    assert [path.name for path in tmp_path.iterdir()] == ["plan.json"]


def test_places_that_cannot_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, full = tmp_path / "file", tmp_path / "full"
    file.write_text("mine", encoding="utf-8")
    (full / "data").mkdir(parents=True)
    (full / "data" / "mine").touch()
    error = refused("seed", CLUB, "--target", f"embedded:{file}", code=4, says=(str(file),))
    assert "PostgreSQL said" not in error
    refused("seed", CLUB, "--target", f"embedded:{full}", code=2, says=("something other than a database",))
    assert [path.name for path in (full / "data").iterdir()] == ["mine"]
    refused("plan", CLUB, "--out", str(tmp_path), code=2, says=("--out", "cannot be written"))
    monkeypatch.setenv("POPULACE_PG_BIN", "/nowhere")
    refused("init", "--target", f"embedded:{tmp_path / 'x'}", code=2, says=("POPULACE_PG_BIN", "no postgres"))


def test_who_reads_our_output_may_go() -> None:
    process = start("describe", "recoverlution")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.wait(PATIENCE_S) == 0
    assert process.stderr.read() == ""


class Server:
    """An embedded server with a database for each test."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.target = folder, f"embedded:{folder}"
        self.maintenance = self.start()
        self.made = 0

    def start(self) -> str:
        return EmbeddedServer(self.folder).start().url

    def kill(self) -> None:
        os.kill(EmbeddedServer(self.folder).start().pid, signal.SIGKILL)

    def stop(self) -> None:
        EmbeddedServer(self.folder).stop()

    def database(self, *, opened: bool = True, user: str = "postgres") -> str:
        """The URL of a new database."""
        self.made += 1
        name = f"d{self.made}"
        with psycopg.connect(self.maintenance, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        url = self.maintenance.rpartition("/")[0] + f"/{name}"
        if user != "postgres":
            url = for_user(url, user)
        if opened:
            call("init", "--target", url)
        return url


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("bad_input") / "server")
    yield made
    made.stop()


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        return cursor.fetchall() if cursor.description else []


def tables(url: str) -> list[str]:
    return [name for (name,) in rows(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")]


def until(holds: Callable[[], bool]) -> None:
    deadline = clock.monotonic() + PATIENCE_S
    while not holds():
        assert clock.monotonic() < deadline
        clock.sleep(0.05)


class Held:
    """A table of a target, locked: whoever writes there stops, until `release`. With the ledger that is just before the
    commit."""

    def __init__(self, url: str, table: str = "populace.ledger") -> None:
        self.url, self.table = url, table
        self.connection = psycopg.connect(url)
        self.connection.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE".encode())

    def wait(self) -> None:
        """Until somebody waits for the lock."""
        query = f"SELECT 1 FROM pg_locks WHERE relation = '{self.table}'::regclass AND NOT granted"
        until(lambda: bool(rows(self.url, query)))

    def release(self) -> None:
        self.connection.close()


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("u:geheim@127.0.0.1:1/x", ("nothing listens there", "start the server")),
        ("u:geheim@nobody.invalid/x", ("no host with this name",)),
        ("postgres:{password}@{place}/nowhere", ("no such database", "nowhere")),
        ("stranger:geheim@{place}/postgres", ("the user name or the password is wrong", "stranger")),
        ("postgres@{place}/postgres", ("asks for a password, and none was given", "PGPASSWORD")),
    ],
    ids=["down", "host", "database", "user", "no password"],
)
def test_a_target_that_is_not_there(server: Server, path: str, says: Sequence[str]) -> None:
    place = server.maintenance.rpartition("@")[2].partition("/")[0]
    target = "postgresql://" + path.format(place=place, password=password_of(server.maintenance))
    for command in (SEED, ("run", CLUB)):
        refused(*command, "--target", target, code=4, says=says)


def test_a_target_that_is_not_opened(server: Server) -> None:
    url = server.database(opened=False)
    for command in (SEED, ("run", CLUB), ("validate", CLUB), ("pause", "--world", CLUB), ("logs", "--world", CLUB)):
        refused(*command, "--target", url, code=3, says=("not been opened", f"populace init --target {redact(url)}"))
    assert answer("status", "--target", url)["state"] == "not opened"
    assert rows(url, "SELECT 1 FROM pg_namespace WHERE nspname IN ('populace', 'auth')") == []


def test_a_target_without_people(server: Server) -> None:
    url = server.database()
    for command in (("run", CLUB), ("run", CLUB, "--once"), ("validate", CLUB), ("pause", "--world", CLUB)):
        error = refused(*command, "--target", url, code=3, says=("no population here yet", "populace seed"))
        assert "WORLD" not in error
    assert answer("status", "--target", url)["state"] == "empty"
    refused(*SEED[:-1], "--target", url, code=3, says=("confirm", "--yes"))
    assert tables(url) == []


def test_a_user_without_rights(server: Server) -> None:
    url = server.database()
    rows(url, f"CREATE ROLE poor LOGIN PASSWORD '{WORD}'")
    poor = for_user(url, "poor")
    for command in (SEED, ("run", CLUB), ("status",)):
        refused(*command, "--target", poor, code=4, says=("a right is missing", "populace"))
    closed = server.database(opened=False, user="poor")
    refused("init", "--target", closed, code=4, says=("may not make", "nothing was made", "CREATE on the database"))


def test_tables_in_the_way(server: Server) -> None:
    url = server.database()
    rows(url, "CREATE TABLE people (id bigint PRIMARY KEY, name text NOT NULL, shoe_size int NOT NULL)")
    error = call(*SEED, "--target", url, code=2)[1]
    # What is wrong comes before what is missing.
    faults = [line.removeprefix("  - ") for line in error.splitlines() if line.startswith("  - ")]
    wrong = ("people.id: the type is bigint", "people.shoe_size: it takes no NULL")
    assert [fault for fault in wrong if f"public.{fault}" in " ".join(faults[:2])] == list(wrong)
    assert all(fault.endswith("the column is missing") for fault in faults[2:-1])
    assert faults[-1].startswith("4 of the 5 tables of this world are missing: public.notes, public.steps, ")
    assert tables(url) == ["people"]
    assert rows(url, "SELECT 1 FROM populace.plan") == []
    rows(url, "DROP TABLE people")
    assert not answer(*SEED, "--target", url)["unchanged"]


def test_a_name_in_the_way_of_the_constraints(server: Server) -> None:
    url = server.database()
    rows(url, "CREATE SEQUENCE people_pkey")
    refused(*SEED, "--target", url, code=2, says=("people_pkey", "already exists"))
    assert tables(url) == []
    assert rows(url, "SELECT 1 FROM populace.plan") == []
    rows(url, "DROP SEQUENCE people_pkey")
    assert not answer(*SEED, "--target", url)["unchanged"]


def test_tables_that_fit_keep_their_rows(server: Server) -> None:
    url = server.database()
    schema = Path(CLUB) / "schema"
    for name in ("1_tables.sql", "2_constraints.sql"):
        rows(url, (schema / name).read_text(encoding="utf-8"))
    human = "('00000000-0000-4000-8000-000000000001', 'Ann', 'ann@example.org', 0, '2020-01-01')"
    rows(url, f"INSERT INTO people VALUES {human}")
    assert answer(*SEED, "--target", url)["tables"]["people"]["written"] == 23
    assert rows(url, f"SELECT 1 FROM people WHERE people = ROW{human}::people") == [(1,)]


@pytest.fixture(scope="module")
def seeded(server: Server) -> str:
    """The URL of a database with a finished seed."""
    url = server.database()
    answer(*SEED, "--target", url)
    return url


def test_another_plan_and_another_world(seeded: str) -> None:
    before = contents(seeded, registry.find(CLUB))
    other = ("--seed", "8", "--set", "people=24", "--target", seeded)
    refused(*SEED, *other, code=3, says=("seed: 1 there, 8 here", "settings.people: 23 there, 24 here"))
    target = ("--target", seeded)
    world = ("recoverlution", "club")
    refused("seed", "recoverlution", "--yes", *target, code=3, says=("another world", *world))
    for command in ("run", "validate"):
        refused(command, "recoverlution", *target, code=3, says=("another world", *world))
    refused("run", "recoverlution", "--until", EPOCH, *target, code=3, says=("another world", *world))
    assert contents(seeded, registry.find(CLUB)) == before


def test_what_is_done_already(seeded: str) -> None:
    assert answer(*SEED, "--target", seeded)["unchanged"]
    assert answer("run", CLUB, "--until", EPOCH, "--target", seeded)["windows"] == 0


def test_one_document_and_no_password(server: Server) -> None:
    url = server.database()
    target = ("--target", url)
    for command in (
        ("init",), SEED, SEED, ("status", "--world", CLUB), ("validate", CLUB), ("run", CLUB, "--once"), ("logs",),
        ("demo", "--world", CLUB, "--for", "0.5"),
    ):  # fmt: skip
        for as_json in ([], ["--json"]):
            out, error = call(*command, *as_json, *target)
            assert password_of(url) not in out + error
        json.loads(out)
    out, _ = call("run", "recoverlution", "--json", *target, code=3)
    assert out == "" or json.loads(out)


def test_demo_twice(tmp_path: Path, server: Server) -> None:
    demo = ("demo", "--world", CLUB, "--for", "1", "--target", server.target)
    try:
        first, second = call(*demo), call(*demo)
        assert "written (" in first[1]
        assert "are here already" in second[1]
        assert answer("status", "--world", CLUB, "--target", server.target)["state"] == "ready"
    finally:
        rows(server.maintenance, "DROP DATABASE populace WITH (FORCE)")


def test_two_seeds_at_once(server: Server) -> None:
    url = server.database()
    held = Held(url)
    first = start(*SEED, "--target", url)
    held.wait()
    refused(*SEED, "--target", url, code=3, says=("at work on this target", "wait until it has ended"))
    assert answer("status", "--world", CLUB, "--target", url)["state"] == "seeding"
    held.release()
    assert ended(first)[0] == 0
    assert answer(*SEED, "--target", url)["unchanged"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_seed_that_is_stopped_is_completed(server: Server, seeded: str, number: signal.Signals) -> None:
    url = server.database()
    held = Held(url)
    process = start(*SEED, "--target", url)
    held.wait()
    process.send_signal(number)
    if number == signal.SIGKILL:
        process.wait(PATIENCE_S)
    held.release()
    code, out, error = ended(process)
    assert out == ""
    if number != signal.SIGKILL:
        assert code == 130
        assert "run the same command again" in error.splitlines()[-1]
    assert answer("status", "--world", CLUB, "--target", url)["state"] in ("seeding", "indexing")
    for command in (("run", CLUB), ("run", CLUB, "--once"), ("run", CLUB, "--until", EPOCH), ("validate", CLUB)):
        refused(*command, "--target", url, code=3, says=("not finished", "populace seed"))
    assert not answer(*SEED, "--target", url)["unchanged"]
    assert contents(url, registry.find(CLUB)) == contents(seeded, registry.find(CLUB))


def test_a_second_interrupt_stops_at_once(server: Server) -> None:
    url = server.database()
    held = Held(url)
    process = start(*SEED, "--target", url)
    held.wait()
    process.send_signal(signal.SIGINT)
    clock.sleep(0.3)
    process.send_signal(signal.SIGINT)
    code, _, error = ended(process)
    held.release()
    assert code == 130
    said = [line for line in error.splitlines() if not line.startswith(("will be made", "  table "))]
    assert said[-1].startswith("populace: stopped")
    assert len(said) <= 2
    assert answer(*SEED, "--target", url)["watermark"] == NOW


def live(url: str, *extra: str) -> subprocess.Popen[str]:
    """A runner at a speed at which a window a second has rows in it."""
    return start("run", CLUB, "--speed", "60", "--target", url, *extra)


def mark(url: str) -> Any:
    return rows(url, "SELECT populace.watermark()")[0][0]


def moves_on(url: str, runner: subprocess.Popen[str]) -> None:
    before = mark(url)
    until(lambda: mark(url) > before or runner.poll() is not None)
    assert runner.poll() is None


def test_the_second_runner_takes_over(server: Server) -> None:
    url = server.database()
    answer(*SEED, "--target", url)
    first = live(url)
    moves_on(url, first)
    second = live(url)
    until(lambda: len(rows(url, "SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'populace run %'")) == 2)
    assert answer(*SEED, "--target", url)["unchanged"]
    first.kill()
    first.communicate()
    moves_on(url, second)
    second.send_signal(signal.SIGINT)
    code, out, error = ended(second)
    assert code == 0
    assert "ran " in out
    assert "is at work here; waiting" in error
    assert answer("validate", CLUB, "--target", url)["ok"]


def test_an_embedded_target_can_be_looked_at_while_people_live(server: Server) -> None:
    call(*SEED, "--target", server.target)
    runner = live(server.target)
    try:
        url = server.maintenance.rpartition("/")[0] + "/populace"
        moves_on(url, runner)
        looks = [
            start(*command, "--target", server.target)
            for command in (("status", "--world", CLUB), ("db", "url"), ("pause", "--world", CLUB))
        ]
        assert [ended(look)[0] for look in looks] == [0, 0, 0]
    finally:
        runner.send_signal(signal.SIGINT)
        assert ended(runner)[0] == 0
        rows(server.maintenance, "DROP DATABASE populace WITH (FORCE)")


def test_the_database_goes_away_and_comes_back(server: Server) -> None:
    url = server.database()
    answer(*SEED, "--target", url)
    runner = live(url)
    moves_on(url, runner)
    for leave in (server.stop, server.kill):
        leave()
        clock.sleep(1.0)
        assert runner.poll() is None
        server.start()
        moves_on(url, runner)
    server.stop()
    clock.sleep(1.0)
    runner.send_signal(signal.SIGINT)
    code, out, error = ended(runner)
    server.start()
    assert code == 0
    assert "ran " in out
    # Each time it begins to wait with the shortest pause, and says so in short lines.
    assert len(re.findall(r"trying again in 0\.2 s", error)) == 3
    assert max(len(line) for line in error.splitlines() if "trying again" in line) < 200
    assert answer("validate", CLUB, "--target", url)["ok"]


@pytest.mark.parametrize("table", ["public.visits", "populace.ledger"])
def test_the_database_goes_away_under_a_write(server: Server, table: str) -> None:
    url = server.database()
    answer(*SEED, "--target", url)
    held = Held(url, table)
    runner = live(url)
    held.wait()
    server.stop()
    clock.sleep(0.5)
    held.release()
    server.start()
    moves_on(url, runner)
    runner.send_signal(signal.SIGINT)
    assert ended(runner)[0] == 0
    assert answer("validate", CLUB, "--target", url)["ok"]


def test_the_database_goes_away_under_a_seed(server: Server) -> None:
    url = server.database()
    held = Held(url)
    process = start(*SEED, "--target", url)
    held.wait()
    server.stop()
    code, out, error = ended(process)
    held.release()
    server.start()
    assert (code, out) == (4, "")
    assert [line for line in error.splitlines() if line.startswith("populace: ")] == error.splitlines()[-1:]
    assert "connection was lost" in error
    assert "same command again" in error
    assert answer(*SEED, "--target", url)["watermark"] == NOW


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("demo", "--for", "20s"), ("--for", "not a number", "without a unit")),
        (("run-now", "five"), ("'N'", "not a whole number")),
        (("seed",), ("WORLD", "campaigns, hogflix, recoverlution", "path of your own")),
        (("--target", "embedded:x", "status"), ("No such option: --target", "after the command", "COMMAND --target")),
        (("status", "--target", "mysql://u:geheim@h/x"), ("PostgreSQL database; Populace fills no other",)),
        (("status", "--target", "sqlite:///x.db"), ("PostgreSQL database; Populace fills no other",)),
        (("status", "--target", "localhost:5432"), ("postgresql://USER:PASSWORD@HOST:PORT/DATABASE for a server",)),
        (("status", "--target", "./data"), ("embedded:./data for a database", "parquet:./data for files")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_usual_mistake_is_answered_with_what_to_write(words: Sequence[str], says: Sequence[str]) -> None:
    said = refusal(*words, code=2)
    assert "\n" not in said
    assert "geheim" not in said
    for part in says:
        assert part in said
