"""A pooler in transaction mode is recognised before anything is set or locked; one in session mode is let through."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from command import CLUB, call
from examples import where_all_run
from pooling import TransactionPooler
from populace import clock
from populace.database.pooler import require_sessions
from populace.errors import Refused


@pytest.mark.parametrize("sessions", [1, 2, 5])
def test_a_pooler_in_transaction_mode_is_refused(opened_url: str, sessions: int) -> None:
    with TransactionPooler(opened_url, sessions) as pooler:
        with psycopg.connect(pooler.url, autocommit=True) as client:
            assert client.execute("SELECT 1").fetchone() == (1,)
        with pytest.raises(Refused, match="pooler"):
            require_sessions(pooler.url)


@where_all_run
def test_commands_refuse_it_and_leave_its_sessions_as_they_were(opened_url: str) -> None:
    with TransactionPooler(opened_url, 1) as pooler:
        for words in (("seed", CLUB, "--yes"), ("run", CLUB, "--once"), ("cleanup", "--all", "--yes"), ("status",)):
            done = call(*words, "--target", pooler.url, code=3)
            assert "session mode" in done.stderr
            assert "5432" in done.stderr
        with psycopg.connect(pooler.url, autocommit=True) as client:
            assert client.execute("SHOW search_path").fetchone() == ('"$user", public',)


def test_the_server_itself_is_let_through(opened_url: str) -> None:
    require_sessions(opened_url)


@pytest.mark.skipif(shutil.which("pgbouncer") is None, reason="needs pgbouncer")
@pytest.mark.parametrize(("mode", "size"), [("session", 5), ("session", 1), ("transaction", 1), ("transaction", 5),
                                            ("statement", 5)])  # fmt: skip
def test_a_real_one(opened_url: str, tmp_path: Path, mode: str, size: int) -> None:
    with bouncer(opened_url, tmp_path, mode, size) as url:
        if mode == "session":
            require_sessions(url)
            return
        with pytest.raises(Refused, match="pooler"):
            require_sessions(url)


@contextmanager
def bouncer(url: str, folder: Path, mode: str, size: int) -> Iterator[str]:
    """pgbouncer in front of a database; its URL."""
    given = conninfo_to_dict(url)
    for above in (folder, *folder.parents[:2]):
        above.chmod(0o755)
    (folder / "users").write_text(f'"{given["user"]}" "{given["password"]}"\n')
    (folder / "ini").write_text(
        f"[databases]\n{given['dbname']} = host=127.0.0.1 port={given['port']} dbname={given['dbname']}\n"
        "[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = 26432\nauth_type = trust\nunix_socket_dir =\n"
        f"auth_file = {folder / 'users'}\npool_mode = {mode}\ndefault_pool_size = {size}\n"
    )
    shutil.chown(folder, "nobody")
    shutil.chown(folder / "users", "nobody")
    process = subprocess.Popen(["pgbouncer", "-q", "-u", "nobody", str(folder / "ini")], stderr=subprocess.DEVNULL)
    there = f"postgresql://{given['user']}@127.0.0.1:26432/{given['dbname']}"
    try:
        for _ in range(100):
            clock.sleep(0.1)
            try:
                psycopg.connect(there, autocommit=True).close()
                break
            except psycopg.OperationalError:
                continue
        yield there
    finally:
        process.terminate()
        process.wait()
