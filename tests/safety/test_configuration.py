"""What a settings file, the environment and flags may decide: whose they are, what is said of them, where keys go."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import command
from command import CLUB
from examples import part
from populace import trust
from populace.database.embedded import EmbeddedServer
from populace.deliver import address
from populace.deliver.admin_api import AdminApi
from populace.deliver.outbox import OutboxBatch, Row
from populace.deliver.posthog import Capture
from populace.deliver.reply import Endpoint, NoReply, ask
from populace.errors import BadInput, PopulaceError, Refused
from populace.settings import FILE, FILE_NAMES, HARMLESS, load
from populace.spec import Request
from tiny import BELL

KEY = "phc_secret_key"
VALUES = {
    "target": "embedded:./data",
    "pg_bin": "/usr/lib/postgresql/17/bin",
    "posthog_host": "https://collector.example.net",
    "chat_url": "https://collector.example.net/chat",
    "supabase_url": "https://collector.example.net",
    "migrate": "./migrate.sh",
    "images": "s3://theirs/images",
    "site_url": "https://collector.example.net",
}


@pytest.fixture(autouse=True)
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "user"))


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """A folder of somebody's app."""
    folder = tmp_path / "app"
    folder.mkdir(mode=0o755)
    return folder


def call(*arguments: str, code: int = 0, cwd: Path, **environment: str) -> Any:
    return command.call(*arguments, code=code, cwd=cwd, XDG_DATA_HOME=os.environ["XDG_DATA_HOME"], **environment)


def refusal(*arguments: str, code: int = 3, cwd: Path, **environment: str) -> str:
    """The one error of a command that prints nothing."""
    done = call(*arguments, code=code, cwd=cwd, **environment)
    assert done.stdout == ""
    return str(done.stderr).splitlines()[-1]


def written(folder: Path, text: str) -> Path:
    file = folder / FILE
    file.write_text(text, encoding="utf-8")
    file.chmod(0o644)
    return file


def test_the_guarded_names_are_all_but_the_harmless() -> None:
    assert set(VALUES) == set(FILE_NAMES) - HARMLESS


@pytest.mark.parametrize("name", part(VALUES, every=3))
def test_what_could_do_harm_counts_once_it_is_allowed(name: str, app: Path) -> None:
    file = written(app, f'# theirs\n\n{name} = "{VALUES[name]}"\n')
    with pytest.raises(Refused, match=rf"{FILE}:3: this file sets {name}, and is not trusted"):
        load(app, {})
    trust.allow(file, file.read_bytes())
    loaded = load(app, {})
    assert str(getattr(loaded, name)) == VALUES[name]
    assert loaded.source(name) == f"{file}:3"
    file.write_text(file.read_text() + "# changed\n", encoding="utf-8")
    with pytest.raises(Refused, match="not trusted"):
        load(app, {})


def test_parameters_of_a_world_need_no_trust_and_a_log_in_does(app: Path) -> None:
    written(app, f'[worlds.recoverlution]\ncount_users = 24\n[worlds.hogflix]\nlogin_hash = "$2b$10${"a" * 53}"\n')
    planned = json.loads(call("plan", "recoverlution", "--json", cwd=app).stdout)
    assert planned["document"]["settings"]["count_users"] == 24
    assert f"{FILE}:4" in refusal("plan", "hogflix", code=3, cwd=app)


def test_what_a_variable_or_a_flag_sets_too_needs_no_trust(app: Path) -> None:
    written(app, 'target = "embedded:./theirs"\npg_bin = "/theirs"\n')
    loaded = load(app, {"POPULACE_PG_BIN": "/mine"}, target="embedded:./mine", asked="--target")
    assert (loaded.target, str(loaded.pg_bin)) == ("embedded:./mine", "/mine")
    assert (loaded.source("target"), loaded.source("pg_bin")) == ("--target", "POPULACE_PG_BIN")
    with pytest.raises(Refused, match="sets target, and"):
        load(app, {"POPULACE_PG_BIN": "/mine", "DATABASE_URL": "postgresql://h/x"})


def not_theirs_alone(app: Path, how: str) -> None:
    file = written(app, 'target = "embedded:./data"\n')
    match how:
        case "a link":
            file.rename(app / "other.toml")
            file.symlink_to(app / "other.toml")
        case "a file that others write to":
            file.chmod(0o646)
        case "a file that a group writes to":
            file.chmod(0o664)
        case "a folder that others write to":
            app.chmod(0o777)
        case "somebody else's file":
            os.chown(file, 12345, -1)
        case "somebody else's folder":
            os.chown(app, 12345, -1)


HOWS = (
    "a link", "a file that others write to", "a file that a group writes to", "a folder that others write to",
    "somebody else's file", "somebody else's folder",
)  # fmt: skip


@pytest.mark.parametrize("how", HOWS)
def test_a_file_that_is_not_the_users_alone_cannot_be_trusted(how: str, app: Path) -> None:
    if how.startswith("somebody") and os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    file = written(app, 'target = "embedded:./data"\n')
    trust.allow(file, file.read_bytes())
    assert load(app, {}).target == "embedded:./data"
    not_theirs_alone(app, how)
    said = refusal("status", code=3, cwd=app)
    assert f"{FILE}:1: this file sets target, and is not trusted: " in said
    assert "cannot be trusted" in refusal("trust", code=3, cwd=app)
    app.chmod(0o755)


def test_trust_is_given_and_taken_back(app: Path) -> None:
    written(app, 'target = "postgresql://me:hushhush@127.0.0.1:1/x"\n')
    assert "populace trust" in refusal("status", code=3, cwd=app)
    done = call("trust", cwd=app)
    assert "hushhush" not in done.stdout + done.stderr
    assert "postgresql://me@127.0.0.1:1/x" in done.stdout
    assert "nothing listens there" in refusal("status", code=4, cwd=app)
    call("trust", "--revoke", cwd=app)
    refusal("status", code=3, cwd=app)
    for wrong, code in (("nowhere.toml", 2), ("./populace.toml/x", 2), (str(app), 2)):
        refusal("trust", wrong, code=code, cwd=app)


def test_a_record_that_somebody_else_could_write_counts_for_nothing(app: Path, tmp_path: Path) -> None:
    file = written(app, 'target = "embedded:./data"\n')
    trust.allow(file, file.read_bytes())
    (record,) = (tmp_path / "user" / "populace" / "trusted").iterdir()
    assert record.stat().st_mode & 0o777 == 0o600
    record.chmod(0o666)
    with pytest.raises(Refused):
        load(app, {})


def test_a_record_counts_for_its_own_folder(app: Path, tmp_path: Path) -> None:
    file = written(app, 'target = "embedded:./data"\n')
    trust.allow(file, file.read_bytes())
    other = tmp_path / "other"
    other.mkdir(mode=0o755)
    written(other, file.read_text())
    with pytest.raises(Refused, match="not trusted"):
        load(other, {})


def test_no_env_file_is_read(app: Path) -> None:
    for name in (".env", ".env.local", ".populace.toml", "populace.json"):
        (app / name).write_text("POPULACE_TARGET=postgresql://127.0.0.1:1/x\ntarget = 'x'\n", encoding="utf-8")
    assert load(app, {}).target == "embedded:"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('[worlds.club]\n\npeople = "many"\n', 3, "people"),
        ("worlds.club.people = -1\n", 1, "people"),
        ("worlds = {club = {people = 5000}}\n", 1, "people"),
        ("[worlds.club]\ndays = 3\npeopel = 3\n", 3, "peopel"),
        ("# \n[worlds.clubb]\ndays = 3\n", 2, "clubb"),
        ("\n\nworlds = 3\n", 3, "wrong kind"),
        ("[worlds]\nclub = 3\n", 2, "not a table"),
        ("\ntarjet = 'x'\n", 2, "tarjet"),
        ("target = ''\n", 1, "empty"),
    ],
)
def test_an_error_names_the_line(text: str, line: int, says: str, app: Path) -> None:
    file = written(app, text)
    said = refusal("plan", CLUB, code=2, cwd=app)
    assert f"{file}:{line}: " in said
    assert says in said


# Whatever else a file in the current folder may be.
HOSTILE = {
    "nested": b"a = " + b"[" * 5000 + b"]" * 5000,
    "nested tables": b"[" + b".".join([b"a"] * 5000) + b"]\n",
    "digits": b"[worlds.club]\npeople = " + b"9" * 5000,
    "infinite": b"[worlds.club]\npeople = inf",
    "nan": b"[worlds.club]\npeople = nan",
    "huge": b"# " + b"x" * (1 << 20),
    "latin-1": "[worlds.club]\n# caf\u00e9\n".encode("latin-1"),
    "nul": b'[worlds.club]\npeople = "\\u0000"',
    "bytes": bytes(range(256)),
}


@pytest.mark.parametrize("name", part(HOSTILE, every=3))
def test_a_file_that_no_user_would_write(name: str, app: Path) -> None:
    (app / FILE).write_bytes(HOSTILE[name])
    said = refusal("plan", CLUB, code=2, cwd=app)
    assert str(app / FILE) in said
    assert len(said) < 600


def test_what_is_no_file_at_all(app: Path) -> None:
    file = app / FILE
    file.mkdir()
    assert "this is a folder" in refusal("plan", CLUB, code=2, cwd=app)
    file.rmdir()
    os.mkfifo(file)
    assert "this is not a file" in refusal("plan", CLUB, code=2, cwd=app)
    file.unlink()
    file.symlink_to(app / "nowhere")
    assert "cannot be read" in refusal("plan", CLUB, code=2, cwd=app)


# The true source of every setting, in the error about it.
SOURCES: dict[str, tuple[dict[str, str], Sequence[str], int, str]] = {
    "target": ({}, ("status", "--target", "mysql://x"), 2, "--target: "),
    "POPULACE_TARGET": ({"POPULACE_TARGET": "mysql://x"}, ("status",), 2, "POPULACE_TARGET: "),
    "DATABASE_URL": ({"DATABASE_URL": "mysql://u:hushhush@h/x"}, ("status",), 2, "DATABASE_URL: "),
    "a driver": ({"DATABASE_URL": "postgresql+psycopg2://u:hushhush@h/x"}, ("status",), 2, "write postgresql://"),
    "an unquoted password": ({"DATABASE_URL": "postgres://u:hushhush@x@h/x"}, ("status",), 2, "DATABASE_URL: "),
    "not ours": ({"POPULACE_TARGET": "postgresql://h/x"}, ("db", "stop"), 2, "POPULACE_TARGET: "),
    "POPULACE_PG_BIN": ({"POPULACE_PG_BIN": "/nowhere"}, ("init", "--target", "embedded:x"), 2, "POPULACE_PG_BIN: "),
    "PERSONA_POOL": (
        {"PERSONA_POOL": "banana"},
        ("plan", "hogflix"),
        2,
        "PERSONA_POOL: the value is of the wrong kind",
    ),
}


@pytest.mark.parametrize("name", part(SOURCES, every=3))
def test_an_error_names_what_a_value_came_from(name: str, app: Path) -> None:
    environment, command, code, says = SOURCES[name]
    said = refusal(*command, code=code, cwd=app, **environment)
    assert says in said.splitlines()[-1]
    assert "hushhush" not in said
    assert FILE not in said


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "user" / "populace" / "recoverlution"
    EmbeddedServer(tmp_path / "user" / "populace" / "recoverlution").stop()


def test_the_database_of_an_app_does_not_hijack_a_demo(home: Path, app: Path) -> None:
    """Nobody listens at that address: whoever used it would say so."""
    elsewhere = {"DATABASE_URL": "postgresql://me:hushhush@127.0.0.1:1/app"}
    call("db", "start", cwd=app, **elsewhere)
    done = call("db", "url", cwd=app, **elsewhere)
    assert "/populace" in done.stdout
    assert "DATABASE_URL is not used here" in done.stderr
    done = call("demo", "--world", CLUB, "--for", "0", "--target", f"embedded:{home}", cwd=app, **elsewhere)
    assert "DATABASE_URL" not in done.stderr
    for unusable in ("mysql://x", "nonsense"):
        call("db", "stop", cwd=app, DATABASE_URL=unusable)
    for words in (("status",), ("count",), ("tick", CLUB)):
        done = call(*words, code=4, cwd=app, **elsewhere)
        first, last = done.stderr.splitlines()
        assert first == "the target is that of DATABASE_URL: postgresql://me@127.0.0.1:1/app"
        assert "hushhush" not in done.stderr
        assert last.startswith("populace: ")
    assert len(call("tick", CLUB, "-q", code=4, cwd=app, **elsewhere).stderr.splitlines()) == 1


# Where a key may go.
@pytest.mark.parametrize(
    "url",
    ["https://eu.i.posthog.com", "http://127.0.0.1:8000", "http://localhost", "http://[::1]:1", "http://127.8.8.8",
     "http://[::ffff:127.0.0.1]", "HTTPS://X.example"],
)  # fmt: skip
def test_addresses_that_a_key_may_be_sent_to(url: str) -> None:
    assert address.checked(url, "X", secret=True) == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    ["http://eu.i.posthog.com", "http://127.0.0.1.example.com", "http://localhost.example.com", "http://10.0.0.1",
     "http://0.0.0.0", "http://[::]", "http://169.254.169.254/", "http://localhost@example.com", "http://127.1.example",
     "ftp://127.0.0.1", "//127.0.0.1", "", "https://", "http://2130706433", "https://me:pw@x"],
)  # fmt: skip
def test_addresses_that_no_key_is_sent_to(url: str) -> None:
    for peer in (
        lambda: Capture(BELL, url, KEY, where="MY_VARIABLE"),
        lambda: AdminApi(url, KEY, where="MY_VARIABLE"),
        lambda: address.checked(url, "MY_VARIABLE", secret=True),
    ):
        with pytest.raises(PopulaceError, match="MY_VARIABLE") as refused:
            peer()
        assert isinstance(refused.value, Refused | BadInput)
        assert KEY not in str(refused.value)


class Redirecting(BaseHTTPRequestHandler):
    """Sends whoever asks on to the same server, where a second request would be noticed."""

    asked: list[str] = []  # noqa: RUF012
    status = 302

    def do_POST(self) -> None:
        self.asked.append(self.path)
        self.send_response(self.status)
        self.send_header("Location", f"http://localhost:{self.server.server_address[1]}/stolen")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def redirecting() -> Iterator[str]:
    Redirecting.asked.clear()
    with HTTPServer(("127.0.0.1", 0), Redirecting) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_takes_no_key_along(status: int, redirecting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Redirecting, "status", status)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    capture = Capture(BELL, redirecting, KEY)
    row = Row(UUID(int=1), 0, "x", {"event": "x"})
    answer = capture.send(OutboxBatch([row], historical=False), threading.Event())
    assert answer.fault is not None
    assert not answer.taken
    capture.close()
    api = AdminApi(redirecting, KEY, sleep=lambda _s: None)
    with pytest.raises(PopulaceError):
        api.checked(api.create({"id": "1", "email": "a@example.com", "user_metadata": {}}), "x")
    api.close()
    with address.client(redirecting, 5) as client, pytest.raises(NoReply):
        ask(
            client, Endpoint(f"{redirecting}/chat", Request(members={"m": "message"}), KEY), {"message": "?"}, "message"
        )
    assert "/stolen" not in Redirecting.asked
    assert len(Redirecting.asked) == 3


def test_a_proxy_that_no_client_can_be_made_with_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ALL_PROXY", "gopher://127.0.0.1:1")
    with pytest.raises(BadInput, match="ALL_PROXY"):
        Capture(BELL, "https://eu.i.posthog.com", KEY)
