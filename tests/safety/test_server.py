"""The embedded server is its user's alone: without the password nobody connects, and only the user can read it."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from command import CLUB, ENVIRONMENT, answer, call, in_this_process, refusal, start
from hazards import CLUB_SMALL
from populace.database import access, binaries, cluster, libpq
from populace.database.account import account_for
from populace.database.connection import connect, open_database
from populace.database.embedded import EmbeddedServer
from populace.database.target import Target
from populace.errors import BadInput, TargetUnavailable
from urls import for_user, password_of
from users import as_user

STRANGER = 61_234
"""A user id that nobody here has."""

TRUST = "local all all trust\nhost all all 127.0.0.1/32 trust\nhost all all ::1/128 trust\n"

root_only = pytest.mark.skipif(
    os.geteuid() != 0, reason="NOT TESTED: only root can act as a second user; run this file as root once"
)


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    """A folder whose server is stopped when the test ends."""
    yield tmp_path / "server"
    EmbeddedServer(tmp_path / "server").stop()


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a server that does not run; to be copied."""
    made = EmbeddedServer(tmp_path_factory.mktemp("stopped") / "server")
    made.start()
    made.stop()
    (made.directory / cluster.PORT_FILE).unlink()
    return made.directory


@pytest.fixture
def made(directory: Path, stopped: Path) -> EmbeddedServer:
    """A server of the test's own that was made before, which takes longest."""
    subprocess.run(["cp", "-a", str(stopped), str(directory)], check=True)
    return EmbeddedServer(directory)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """A server with a database of ours, nobody's to change."""
    running = EmbeddedServer(tmp_path_factory.mktemp("safe") / "server")
    open_database(Target.parse(f"embedded:{running.directory}", "w"))
    yield running
    running.stop()


def answered(url: str, query: str = "SELECT 1") -> Any:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        row = cursor.fetchone() if cursor.description else None
        return row and row[0]


def gets_in(url: str, **more: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5, **more).close()
    except psycopg.OperationalError:
        return False
    return True


def without_password(url: str, user: str = "postgres") -> str:
    return for_user(url, user, "").replace(":@", "@")


def as_stranger(work: Callable[[], object]) -> str:
    """What `work` answers when a second user of this machine does it; an exception by its name."""
    return as_user(STRANGER, STRANGER, work).partition(": ")[0]


def opened_files(folder: Path) -> list[str]:
    """Every file below a folder that can be opened, and every folder that can be listed."""
    found = []
    for place, folders, names in os.walk(folder):
        found += [place] if folders or names else []
        for name in names:
            with suppress(OSError):
                os.close(os.open(Path(place, name), os.O_RDONLY))
                found.append(str(Path(place, name)))
    return found


def command_lines() -> str:
    """What `ps` shows of all processes, whose arguments every user can see."""
    said = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            said.append(process.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return "\n".join(said)


class Watch:
    """Looks at all processes until it is to stop."""

    def __init__(self) -> None:
        self.seen, self._ended = set[str](), threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        while not self._ended.is_set():
            self.seen.update(command_lines().splitlines())
            self._ended.wait(0.05)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()


@pytest.mark.parametrize("database", ["postgres", "populace", "template1", "nowhere"])
@pytest.mark.parametrize("user", ["postgres", "nobody", "root", "anon", "service_role"])
def test_nobody_connects_without_the_password(server: EmbeddedServer, user: str, database: str) -> None:
    url = server.url(database)
    assert not gets_in(without_password(url, user), passfile="/dev/null")
    for wrong in ("postgres", "x" * 32, access.new_password(), password_of(url).swapcase()):
        assert not gets_in(for_user(url, user, wrong))


def test_nobody_replicates_and_the_password_is_kept_as_a_verifier(server: EmbeddedServer) -> None:
    url = server.url("postgres")
    assert not gets_in(url, replication="true")
    kept = answered(url, "SELECT string_agg(rolname || ' ' || coalesce(rolpassword, '-'), E'\\n') FROM pg_authid"
                         " WHERE rolcanlogin")  # fmt: skip
    assert kept.startswith("postgres SCRAM-SHA-256$")
    assert "\n" not in kept
    methods = answered(url, "SELECT string_agg(DISTINCT auth_method, ' ') FROM pg_hba_file_rules")
    assert methods == "scram-sha-256"
    assert answered(url, "SHOW listen_addresses") == "127.0.0.1"
    assert answered(url, "SHOW unix_socket_directories") == ""


def test_only_the_user_reads_its_files(server: EmbeddedServer) -> None:
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in server.directory.iterdir()}
    assert modes.pop("data") == 0o700
    assert set(modes) == {"server.lock", "server.log", "server.password", "server.port", "start.lock"}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(server.directory.stat().st_mode) == 0o700
    assert (server.directory / "server.password").stat().st_uid == os.geteuid()


@root_only
def test_a_second_user_of_the_machine_gets_nowhere(server: EmbeddedServer) -> None:
    running = server.status()
    assert running is not None
    url, root = without_password(running.url), server.directory.parent
    closed = [folder for folder in (root, *root.parents) if not folder.stat().st_mode & 0o005]
    modes = {folder: folder.stat().st_mode for folder in (*closed, server.directory)}
    try:
        # Even where every folder on the way, and the server's own, were open to all.
        for folder in modes:
            folder.chmod(0o755)
        assert as_stranger(lambda: gets_in(url)) == "False"
        assert as_stranger(lambda: opened_files(server.directory)) == str([str(server.directory)])
        assert as_stranger(lambda: Path(f"/proc/{running.pid}/environ").read_bytes()) == "PermissionError"
        assert as_stranger(lambda: os.kill(running.pid, 0)) == "PermissionError"
        assert as_stranger(lambda: EmbeddedServer(server.directory).start()) == "TargetUnavailable"
        assert as_stranger(lambda: EmbeddedServer(server.directory).stop()) == "TargetUnavailable"
        nobody = account_for(server.data)
        assert nobody.drop
        assert (server.directory / access.FILE).stat().st_uid == 0
    finally:
        for folder, mode in modes.items():
            folder.chmod(mode)
    assert as_stranger(lambda: opened_files(server.directory)) == "[]"


@root_only
def test_a_folder_of_another_user_is_not_used(tmp_path: Path) -> None:
    os.chown(tmp_path, STRANGER - 1, STRANGER - 1)
    for folder in [tmp_path, *tmp_path.parents[:2]]:
        folder.chmod(0o777)
    assert as_stranger(lambda: EmbeddedServer(tmp_path).start()) == "TargetUnavailable"
    assert list(tmp_path.iterdir()) == []


@root_only
def test_root_follows_no_link_in_the_folder(directory: Path, tmp_path: Path) -> None:
    directory.mkdir()
    precious = tmp_path / "precious"
    precious.write_text("dear")
    precious.chmod(0o644)
    for name in (cluster.START_LOCK_FILE, cluster.LOCK_FILE, cluster.LOG_FILE):
        (directory / name).symlink_to(precious)
        with pytest.raises(TargetUnavailable, match="symbolic links"):
            EmbeddedServer(directory).start()
        (directory / name).unlink()
    assert precious.read_text() == "dear"
    assert stat.S_IMODE(precious.stat().st_mode) == 0o644


def test_the_list_of_processes_shows_no_password(directory: Path) -> None:
    with Watch() as watch:
        url = EmbeddedServer(directory).start().url
        target = f"embedded:{directory}"
        call("init", "--target", target)
        asking = start("db", "psql", "--target", target, "-c", "SELECT pg_sleep(0.5)")
        asking.communicate(timeout=60)
        assert asking.returncode == 0
    said = "\n".join(watch.seen)
    assert "initdb" in said
    assert "pg_sleep" in said
    assert password_of(url) not in said


@pytest.fixture
def older(made: EmbeddedServer) -> EmbeddedServer:
    """A running server as versions before this one made it: it trusts everybody, and has no password."""
    server, directory = made, made.directory
    url = server.start().url
    answered(url, "CREATE TABLE kept AS SELECT 7 AS n")
    answered(url, "ALTER SYSTEM SET listen_addresses = '*'")
    (server.data / cluster.RULES_FILE).write_text(TRUST)
    answered(url, "SELECT pg_reload_conf()")
    answered(url, "ALTER ROLE postgres PASSWORD NULL")
    (directory / access.FILE).unlink()
    for file in (server.log, directory / cluster.PORT_FILE):
        file.chmod(0o644)
    directory.chmod(0o755)
    return server


def test_an_older_server_gets_a_password_at_its_next_start(older: EmbeddedServer) -> None:
    server = older
    server.stop()
    url = server.start().url
    assert answered(url, "SELECT n FROM kept") == 7
    assert not gets_in(without_password(url))
    assert answered(url, "SHOW listen_addresses") == "127.0.0.1"
    assert (server.data / cluster.RULES_FILE).read_text() == access.RULES
    test_only_the_user_reads_its_files(server)


def test_an_older_server_that_runs_is_refused_with_advice(older: EmbeddedServer) -> None:
    target = ("--target", f"embedded:{older.directory}")
    for command in (("db", "url"), ("db", "psql", "-c", "SELECT 1"), ("status",), ("db", "start")):
        assert "populace db stop" in fails(4, *command, *target)
    call("db", "stop", *target)
    call("db", "start", *target)
    assert not gets_in(without_password(older.url("postgres")))


def test_other_rules_in_the_folder_do_not_last(made: EmbeddedServer) -> None:
    server = made
    url = server.start().url
    elsewhere = server.data / "other_rules"
    answered(url, f"ALTER SYSTEM SET hba_file = '{elsewhere}'")
    server.stop()
    elsewhere.write_text(TRUST)
    elsewhere.chmod(0o644)
    (server.data / cluster.RULES_FILE).write_text(TRUST)
    assert answered(server.start().url) == 1
    assert not gets_in(without_password(url))


@pytest.mark.parametrize("step", ["keep", "password_of"])
def test_a_first_start_that_was_cut_short_is_made_good(
    directory: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    server = EmbeddedServer(directory)
    with monkeypatch.context() as patched:
        patched.setattr(access, step, cut)
        with pytest.raises(KeyboardInterrupt):
            server.start()
    url = server.start().url
    assert answered(url) == 1
    assert not gets_in(without_password(url))


@pytest.mark.parametrize("text", ["", "postgres\n", "\udcff" * 32])
def test_a_password_file_that_cannot_be_one_is_replaced(made: EmbeddedServer, text: str) -> None:
    file = made.directory / access.FILE
    before = file.read_text().strip()
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    after = made.start().url
    assert password_of(after) != before
    assert answered(after) == 1
    assert not gets_in(for_user(after, "postgres", before))


def test_a_password_of_another_server_is_said_to_be_one(made: EmbeddedServer) -> None:
    server, directory = made, made.directory
    server.start()
    access.keep(directory, access.new_password())
    error = refusal("status", "--target", f"embedded:{directory}", code=4)
    assert "server.password" in error
    assert "populace db stop" in error
    call("db", "stop", "--target", f"embedded:{directory}")
    (directory / access.FILE).unlink()
    assert answered(server.start().url) == 1


@pytest.fixture(scope="module")
def club(server: EmbeddedServer) -> str:
    """The club, which has lived for a minute."""
    target = f"embedded:{server.directory}"
    answer(*CLUB_SMALL.seed, "--target", target)
    answer("run", CLUB, "--until", "2026-01-09T02:01:00Z", "--speed", "max", "--target", target)
    return target


def test_the_url_works_and_nothing_else_shows_the_password(club: str, server: EmbeddedServer, tmp_path: Path) -> None:
    url = call("db", "url", "--target", club).stdout.strip()
    assert answer("db", "url", "--target", club) == {"url": url}
    assert answered(url, "SELECT count(*) > 0 FROM people") is True
    secret, report = password_of(url), tmp_path / "report.html"
    assert len(secret) == 32
    for words in (
        ("db", "start"), ("status",), ("doctor",), ("logs",), ("count",), ("settings",), ("activity", "--hours", "1"),
        ("validate", "--html", str(report)), ("init",), ("run", CLUB, "--once"), ("cleanup", "--all", "--dry-run"),
        ("export", CLUB, "--format", "schema", "--out", str(tmp_path / "schema")),
        ("seed", CLUB, "--seed", "8", "--now", "2026-01-02T10:00:00Z"), ("nothing", "of", "ours"),
    ):  # fmt: skip
        for more in (["--target", club], ["--json", "--target", url]):
            done = in_this_process([*words, *more], tmp_path, ENVIRONMENT)
            assert secret not in done.stdout + done.stderr, words
    for folder in (server.directory, tmp_path):
        for file in folder.rglob("*"):
            assert not file.is_file() or file.name == access.FILE or secret.encode() not in file.read_bytes(), file
    assert secret not in repr(server.status())


def fails(code: int, *words: str) -> str:
    """What is said by a command that ends with this code before any other program runs."""
    done = in_this_process(words, Path("/"), ENVIRONMENT)
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    return done.stderr


class Impostor(threading.Thread):
    """Listens where the server did, and asks whoever comes for the password itself."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.said = b""
        self._listening = socket.create_server(("127.0.0.1", port))

    def run(self) -> None:
        with self._listening, suppress(OSError):
            client, _ = self._listening.accept()
            with client:
                client.settimeout(5)
                while request := client.recv(4096):
                    if request[4:8] == b"\x04\xd2\x16\x2f" or request[4:8] == b"\x04\xd2\x16\x30":
                        client.sendall(b"N")  # no TLS, no GSS
                        continue
                    self.said += request
                    client.sendall(b"R\0\0\0\x08\0\0\0\x03")


def test_an_impostor_in_the_servers_place_does_not_get_the_password(made: EmbeddedServer) -> None:
    running = made.start()
    made.stop()
    for psql in (False, True):
        impostor = Impostor(running.port)
        impostor.start()
        if psql:
            call_psql = libpq.without(os.environ) | {"PGPASSWORD": password_of(running.url)}
            program = binaries.psql_program(None)
            done = subprocess.run([program, without_password(running.url), "-c", "SELECT 1"], env=call_psql,
                                  capture_output=True, check=False)  # fmt: skip
            assert done.returncode != 0
        else:
            with pytest.raises(TargetUnavailable):
                connect(running.url, application_name="tests")
        impostor.join()
        assert b"user" in impostor.said
        assert password_of(running.url).encode() not in impostor.said


@pytest.mark.parametrize("mode", [0o755, 0o777])
def test_files_with_a_log_in_hash_are_the_users_alone(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    folder.chmod(mode)
    seed = ("seed", "recoverlution", "--now", "2026-01-09T01:00:00Z", "--target", f"parquet:{folder}",
            "--set=count_users=30", "--set=coverage_per_mindblock=0", "--set=days=1")  # fmt: skip
    call(*seed, POPULACE_LOGIN_PASSWORD="correct horse")
    written = [path for path in folder.rglob("*") if path.is_file()]
    held = [path for path in written if b"$2b$10$" in path.read_bytes()]
    assert {path.name for path in held} >= {"manifest.json"}
    assert len(written) > 10
    assert {stat.S_IMODE(path.stat().st_mode) for path in written if path.stat().st_size and path in held} == {0o600}
    assert stat.S_IMODE(next(folder.glob("auth.users/*")).stat().st_mode) == 0o600


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_mode, path.read_bytes() if path.is_file() else b"")
        for path in (folder, *folder.rglob("*"))
    }


LOOKING = (("db", "url"), ("db", "psql", "-c", "SELECT 1"), ("status",), ("doctor",), ("db", "password"))
MAKING = (("db", "start"), ("init",), ("seed", CLUB), ("demo", "--world", CLUB, "--for", "1"))


@pytest.mark.parametrize("words", LOOKING, ids=" ".join)
def test_a_mistyped_folder_gets_no_database(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "empty").mkdir(mode=0o755)
    for name in ("absent", "absent/deep", "empty"):
        assert "there is no database here" in fails(3, *words, "--target", f"embedded:{tmp_path / name}")
    assert [path.name for path in tmp_path.rglob("*")] == ["empty"]
    assert list((tmp_path / "empty").iterdir()) == []


@pytest.mark.parametrize("words", [*LOOKING, *MAKING, ("db", "stop")], ids=" ".join)
def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path, words: tuple[str, ...]) -> None:
    theirs = {
        "letters": {"letter.txt": "dear"},
        "hidden": {".gitignore": "*"},
        "beside ours": {"start.lock": "", "notes.md": "x"},
        "in data": {"data/letter.txt": "dear"},
        "cluster": {"PG_VERSION": "18\n", "global/pg_control": "x"},
        "their cluster": {"data/PG_VERSION": "18\n", "data/pg_hba.conf": TRUST, "compose.yaml": "x"},
    }
    for name, content in theirs.items():
        for path, text in content.items():
            (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / path).write_text(text)
        before = snapshot(tmp_path / name)
        assert "this folder holds" in fails(2, *words, "--target", f"embedded:{tmp_path / name}")
        assert snapshot(tmp_path / name) == before


def test_a_new_disk_is_an_empty_folder(directory: Path) -> None:
    (directory / "lost+found").mkdir(parents=True)
    assert answered(EmbeddedServer(directory).start().url) == 1


def test_psql_runs_every_command_in_order(club: str) -> None:
    done = call("db", "psql", "--target", club, "-c", "SELECT 'one' AS a", "-c", "SELECT 'two' AS b")
    assert done.stdout.index("one") < done.stdout.index("two")


def test_a_database_of_others_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("18\n")
    with pytest.raises(BadInput, match="that Populace did not make"):
        EmbeddedServer(tmp_path).start()
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["PG_VERSION", "data"]
