"""Inputs that nobody would think of: command lines, plans, scenarios, manifests and settings, made by a grammar.

`make test` tries the same 350 each time, `make safety` the same thousand, `make torture` four times as many and
`TORTURE=20` twenty times. Whatever comes in: an exit code that is documented, one error at most, no traceback, and bad
input leaves no trace in folder or database.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import pytest
import typer.main
from psycopg import sql

from command import CLUB, ENVIRONMENT, TESTS, adopt, in_this_process
from examples import ALL
from populace.cli.app import app
from populace.runner.manifest import MANIFEST

pytestmark = pytest.mark.torture
TIMES = int(os.environ.get("TORTURE", "1"))
PART = 50
PARTS = {"command": 8, "plan": 3, "scenario": 3, "manifest": 3, "settings": 3}
FEW = {"command": 3, "plan": 1, "scenario": 1, "manifest": 1, "settings": 1}
"""So many parts of fifty inputs each: a thousand in all, and 350 where not every case runs."""

NOW, SOON = "2026-01-09T01:00:00Z", "2026-01-09T01:01:00Z"
SMALL = ("--scenario", "busy", "--set", "people=5", "--set", "days=1", "--set", "visit_days=1", "--set", "rate=1")
SEED = ("seed", CLUB, *SMALL, "--now", NOW, "--yes")

T = TypeVar("T")


class Dice:
    """Choices that follow from a name alone."""

    def __init__(self, name: str) -> None:
        self._name, self._thrown = name, 0

    def number(self, many: int) -> int:
        """From 0 to many - 1."""
        self._thrown += 1
        digest = hashlib.blake2b(f"{self._name}/{self._thrown}".encode(), digest_size=8).digest()
        return int.from_bytes(digest) % many

    def one(self, among: Sequence[T]) -> T:
        return among[self.number(len(among))]

    def chance(self, percent: int) -> bool:
        return self.number(100) < percent


TEXTS = (
    "", " ", "-", "--", "=", "a=b", "people=3", "people", "x", "é", "名前", "🦩", "\u202e", "\udc80", "a\0b",
    "\n", "a\nb",
    "\x1b[2J", "x" * 300, "x" * 5_000, "%s", "%(x)s", "{}", "{0}", "'; DROP TABLE people; --", "$(id)", "..",
    "../..", "/",
    "./nowhere", "nowhere.py", "~", "~nobody-at-all", "null", "None", "true", "on", "club", "*", "\\", '"',
    "a,b", "[]", "{",
)  # fmt: skip
NUMBERS = (
    "0", "-0", "1", "2", "3", "5", "-1", "1.5", "1e3", "1e400", "-1e400", "1e-400", "nan", "NaN", "inf",
    "-inf", "Infinity", "0x10",
    "1_000", "٣", "²", "1,000", " 3", "+3", "9" * 30, "9" * 400, "9" * 5_000, "-" + "9" * 5_000, str(1 << 63),
    str(1 << 64),
)  # fmt: skip
TIMES_OF_DAY = (
    NOW, SOON, "2026-01-09", "2026-01-09T00:00:00", "2026-01-09T00:00:00+25:00", "0001-01-01T00:00:00Z",
    "1970-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z", "2026-02-30T00:00:00Z", "2026-W02-5T00:00:00Z", "now", "yesterday", "T", "1767916800",
)  # fmt: skip
TARGETS = (
    "", "embedded", "parquet:", "parquet:file", "parquet:file/x", "embedded:file", "embedded:file/x",
    "embedded://x", "embedded:a\0b",
    "embedded:~nobody-at-all/x", "embedded:" + "x" * 300, "mysql://u:p@h/x", "postgresql+psycopg2://u:p@h/x", "postgresql://u:p@x@h/x",
    "postgresql://127.0.0.1:1/x", "postgres://127.0.0.1:99999/x", "postgresql://[::1/x", "host=h password=p",
    "sqlite:///x", "://",
    "postgresql://127.0.0.1:1/x?nonsense=1", "parquet:none", "postgresql://127.0.0.1:1,127.0.0.1:2/x",
)  # fmt: skip
PATHS = (
    "",
    "file",
    "file/x",
    "none/x",
    "out",
    "x" * 300,
    "a\0b",
    "\udc80",
    ".",
    "..",
    "own.toml",
    "link/x",
    "dangling",
)


@dataclass(frozen=True, slots=True)
class Command:
    """A command with its options and arguments, as the program itself knows them."""

    words: tuple[str, ...]
    parameters: Sequence[Any]


OTHERS = {("db", "psql"), ("mcp",), ("serve",)}
"""Another program, and those that answer until somebody ends them."""


def commands() -> list[Command]:
    """All of them but those that are a program of their own."""
    found: list[Command] = []

    def add(one: Any, words: tuple[str, ...]) -> None:
        below = getattr(one, "commands", {})
        for name, command in below.items():
            add(command, (*words, name))
        if not below and words not in OTHERS:
            found.append(Command(words, one.params))

    add(typer.main.get_command(app), ())
    return found


COMMANDS = commands()
ENDS: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("demo",): ("--for", "0"), ("run",): ("--once",), ("cleanup",): ("--dry-run",), ("uninstall",): ("--dry-run",),
    ("deliver",): ("--for", "0"),
}  # fmt: skip
"""What keeps a command short, or keeps it from taking the population away."""
NEVER = {"--follow", "--install-completion", "--show-completion"}


def value(dice: Dice, parameter: Any, command: Command) -> str:
    """A value for an option or an argument: a likely one, or any."""
    spelt, metavar = f"{parameter.name}", f"{parameter.metavar}"
    if dice.chance(25):
        return dice.one((*TEXTS, *NUMBERS))
    if spelt == "world":
        return CLUB if dice.chance(75) else dice.one((*TEXTS, "hogflix", "recoverlution", "./file"))
    if spelt == "target":
        return dice.one(TARGETS)
    if metavar == "T":
        # What is far ahead would be lived through.
        return dice.one(TIMES_OF_DAY if spelt != "until" else (*TIMES_OF_DAY[:6], "9999-12-31T23:59:59Z", "now"))
    if metavar in ("FILE", "DIR"):
        return dice.one(PATHS)
    if "PATH=VALUE" in metavar:
        return f"{dice.one(('people', 'rate', 'abandon', 'peopel', '', 'enabled'))}={dice.one((*NUMBERS, *TEXTS))}"
    if metavar in ("N", "H", "D", "X", "S", "SECONDS", "NUMBER"):
        return dice.one(NUMBERS)
    return dice.one(TEXTS)


def line(dice: Dice) -> list[str]:
    """A command line."""
    command = dice.one(COMMANDS)
    words = list(command.words)
    for parameter in command.parameters:
        if parameter.param_type_name == "argument":
            if dice.chance(90):
                words += [value(dice, parameter, command)]
        elif set(parameter.opts) & NEVER or not dice.chance(30):
            continue
        elif getattr(parameter, "is_flag", False):
            words.append(dice.one(parameter.opts))
        else:
            words += [dice.one(parameter.opts), value(dice, parameter, command)]
    if dice.chance(10):
        words.insert(
            dice.number(len(words) + 1),
            dice.one((*TEXTS, *NUMBERS, "--nonsense", "-z", "--json", "--help", "--version")),
        )
    return [*words, *ENDS.get(command.words, ())]


VARIABLES = ("POPULACE_TARGET", "DATABASE_URL", "POPULACE_PG_BIN", "POPULACE_POSTHOG_HOST", "POPULACE_POSTHOG_KEY",
    "POPULACE_CHAT_URL", "SUPABASE_URL", "POPULACE_SERVICE_ROLE_KEY", "POPULACE_LOGIN_PASSWORD", "PERSONA_POOL",
             "HTTPS_PROXY", "NO_COLOR", "COLUMNS", "XDG_DATA_HOME", "HOME")  # fmt: skip


def environment(dice: Dice) -> dict[str, str]:
    """A few variables; a real one holds no NUL."""
    found = {}
    while dice.chance(20):
        found[dice.one(VARIABLES)] = dice.one((*TEXTS, *NUMBERS, *TARGETS)).replace("\0", "")
    return found


# Files.
SCALARS = (
    None, True, False, 0, -1, 1, 1.5, 1 << 63, 1 << 200, 10**300, "", "x", "é", "\0", "\udc80", "x" * 500, [],
    {}, [[]], [1, "a"],
    {"a": {"b": 1}}, "2026-01-09T00:00:00Z", "../../etc/passwd", "/etc/passwd", NOW,
)  # fmt: skip
HOSTILE = (
    b"", b"\0" * 100, b"[" * 3_000, b"{" * 3_000, b'{"a":' * 3_000, b"NaN", b"Infinity", b"1e999",
    b"9" * 5_000, b"\xff\xfe", b"\xef\xbb\xbf",
    b'"\\ud800"', b'"\\u0000"', b"//", b"#", b"'''", b'"""', b"= ", b"[a", b"]]", b"1979-05-27", b"\r",
    b"\t" * 100, "é".encode("latin-1"),
)  # fmt: skip


def bent(dice: Dice, document: Any) -> Any:
    """A document in which a few nodes are something else, are removed, or have company."""
    for _ in range(1 + dice.number(3)):
        node, steps = document, 0
        while isinstance(node, dict | list) and node and steps < 6:
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            key = dice.one(keys)
            if isinstance(node[key], dict | list) and node[key] and dice.chance(60):
                node, steps = node[key], steps + 1
                continue
            match dice.number(4):
                case 0:
                    del node[key]
                case 1 if isinstance(node, dict):
                    node[dice.one(TEXTS)] = dice.one(SCALARS)
                case _:
                    node[key] = dice.one(SCALARS)
            break
    return document


def broken(dice: Dice, held: bytes) -> bytes:
    """A text of which something is cut, doubled, replaced or put in between."""
    at, to = sorted((dice.number(len(held) + 1), dice.number(len(held) + 1)))
    match dice.number(5):
        case 0:
            return held[:at]
        case 1:
            return held[:at] + held[to:]
        case 2:
            return held[:to] + held[at:]
        case 3:
            return held[:at] + bytes([dice.number(256)]) + held[at + 1 :]
        case _:
            return held[:at] + dice.one(HOSTILE) + held[at:]


def json_file(dice: Dice, document: Any) -> bytes:
    copy = json.loads(json.dumps(document))
    if dice.chance(60):
        return json.dumps(bent(dice, copy)).encode()
    if dice.chance(15):
        return dice.one(HOSTILE)
    return broken(dice, json.dumps(copy, indent=1).encode())


def toml_value(dice: Dice) -> str:
    return dice.one((
    *NUMBERS, '"x"', "'x'", '""', "true", "[]", "{}", "[1, [2]]", "{a = 1}", "1979-05-27T07:32:00Z",
    '"\\u0000"', '"\\ud800"', "{a = {b = {}}}",
        "[" * 3_000 + "]" * 3_000, '"' + "x" * 5_000 + '"', "0.1", "07", "1__0", '"""\nx"""', '"https://example.com"',
        '"embedded:./x"', '"busy"',
    ))  # fmt: skip


PARAMETERS = ("people", "rate", "abandon", "days", "peopel", "a.b", '"people"', '""')


def toml_file(dice: Dice, names: Sequence[str], tables: Sequence[str]) -> bytes:
    """Lines of a grammar that mostly holds."""
    lines = [f"{dice.one(names)} = {toml_value(dice)}" for _ in range(dice.number(3))]
    for _ in range(dice.number(3)):
        lines.append(dice.one(tables))
        lines += [f"{dice.one(PARAMETERS)} = {toml_value(dice)}" for _ in range(dice.number(4))]
    held = "\n".join(lines).encode()
    return broken(dice, held) if dice.chance(30) else held


SETTINGS = (
    "target",
    "pg_bin",
    "posthog_host",
    "chat_url",
    "supabase_url",
    "worlds",
    "tarjet",
    "posthog_key",
    "worlds.club.people",
)


# What is there, and what must be there afterwards.
class Place:
    """A folder, and a database with a small population."""

    def __init__(self, folder: Path, url: str, files: Path) -> None:
        self.folder, self.url, self.files = folder, url, files
        self.connection = psycopg.connect(url, autocommit=True)
        self._mark, self._digest = -1, ""

    def database(self) -> str:
        """A digest of every row of every table; read only when a transaction has written since the last time."""
        row = self.connection.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint").fetchone()
        assert row is not None
        if row[0] != self._mark:
            self._mark, parts = row[0], []
            for schema, name in self.connection.execute(
                "SELECT schemaname, tablename FROM pg_tables"
                # Not the temporary tables of a command's session that is about to end.
                " WHERE schemaname !~ '^pg_' AND schemaname <> 'information_schema' ORDER BY 1, 2"
            ).fetchall():
                query = sql.SQL(
                    "SELECT md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), '')) FROM {} AS t"
                ).format(sql.Identifier(schema, name))
                parts.append(f"{schema}.{name} {self.connection.execute(query).fetchone()}")
            self._digest = "\n".join(parts)
        return self._digest

    def tree(self) -> dict[str, object]:
        """Everything in the folder."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            if path.is_file() and not path.is_symlink()
            else path.lstat().st_mode
            for path in sorted(self.folder.rglob("*"))
        }

    def reset(self) -> None:
        """The folder as it is before each input."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o755)
        (self.folder / "file").write_text("mine")
        (self.folder / "own.toml").write_text("[values]\npeople = 4\n")
        (self.folder / "link").symlink_to(self.folder.parent)
        (self.folder / "dangling").symlink_to(self.folder.parent / "nobody")

    def run(self, words: Sequence[str], variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """One input, with everything that must hold of it."""
        tree, database = self.tree(), self.database()
        known = ENVIRONMENT | {"POPULACE_TARGET": self.url, "XDG_DATA_HOME": str(self.folder / "user")}
        done = in_this_process(words, self.folder, {**known, **variables})
        typed = [word[:200] for word in words]
        shown = f"{variables} {typed}\nexit {done.returncode}\n{done.stdout[-500:]}\n{done.stderr[-3000:]}"
        assert done.returncode in (0, 1, 2, 3, 4), shown
        assert "Traceback" not in done.stderr + done.stdout, shown
        assert "fault of Populace" not in done.stderr, shown
        assert len(done.stderr) < 8_000, shown
        errors = [line for line in done.stderr.splitlines() if line.startswith("populace: ")]
        if done.returncode in (2, 3, 4):
            assert len(errors) == 1, shown
            assert done.stdout == "", shown
            assert self.tree() == tree, shown
            assert self.database() == database, shown
        else:
            assert not errors, shown
            if "--json" in words and done.stdout and not {"-h", "--help", "--version"} & set(words):
                json.loads(done.stdout)
        return done


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory, server: Any, opened_template: str) -> Iterator[Place]:
    """A small population in a database, and the same in files."""
    folder = tmp_path_factory.mktemp("fuzz")
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE fuzzed TEMPLATE {}").format(sql.Identifier(opened_template)))
    url = server.url("fuzzed")
    adopt(url)
    for target in (url, f"parquet:{folder / 'files'}"):
        done = in_this_process([*SEED, "--target", target], TESTS, ENVIRONMENT)
        assert done.returncode == 0, done.stderr
    place = Place(folder / "here", url, folder / "files")
    yield place
    place.connection.close()
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE fuzzed WITH (FORCE)")


@pytest.fixture(scope="module")
def plan_document() -> Any:
    done = in_this_process(["plan", CLUB, *SMALL, "--now", NOW, "--json"], TESTS, ENVIRONMENT)
    return json.loads(done.stdout)["document"]


def parts(kind: str) -> list[str]:
    return [f"{kind} {number}" for number in range((PARTS if ALL else FEW)[kind] * TIMES)]


def inputs(name: str) -> Iterator[Dice]:
    for number in range(PART):
        yield Dice(f"{name}/{number}")


@pytest.mark.parametrize("name", parts("command"))
def test_command_lines(name: str, fuzzed: Place) -> None:
    for dice in inputs(name):
        fuzzed.reset()
        fuzzed.run(line(dice), environment(dice))


@pytest.mark.parametrize("name", parts("plan"))
def test_plan_files(name: str, fuzzed: Place, plan_document: Any) -> None:
    for dice in inputs(name):
        fuzzed.reset()
        (fuzzed.folder / "plan.json").write_bytes(json_file(dice, plan_document))
        fuzzed.run(("seed", CLUB, "--plan", "plan.json", "--now", NOW, "--yes"), {})


@pytest.mark.parametrize("name", parts("scenario"))
def test_scenario_files(name: str, fuzzed: Place) -> None:
    for dice in inputs(name):
        fuzzed.reset()
        held = toml_file(dice, ("begins_from", "values", "valeus"), ("[values]", "[values.a]", "[x]", "[[values]]"))
        (fuzzed.folder / "own.toml").write_bytes(held)
        fuzzed.run(("seed", CLUB, "--scenario", "own.toml", "--now", NOW, "--yes"), {})


@pytest.mark.parametrize("name", parts("manifest"))
def test_manifests(name: str, fuzzed: Place) -> None:
    document = json.loads((fuzzed.files / MANIFEST).read_text(encoding="utf-8"))
    for dice in inputs(name):
        fuzzed.reset()
        copy = Path(shutil.copytree(fuzzed.files, fuzzed.folder / "files"))
        (copy / MANIFEST).write_bytes(json_file(dice, document))
        words: tuple[str, ...] = dice.one(
            (("status",), ("count", "--json"), ("validate", CLUB), SEED, ("status", "--json"))
        )
        fuzzed.run((*words, "--target", "parquet:files"), {})


@pytest.mark.parametrize("name", parts("settings"))
def test_settings_files(name: str, fuzzed: Place) -> None:
    for dice in inputs(name):
        fuzzed.reset()
        held = toml_file(
            dice, SETTINGS, ("[worlds.club]", "[worlds]", "[worlds.recoverlution]", "[x]", "[[worlds.club]]")
        )
        (fuzzed.folder / "populace.toml").write_bytes(held)
        words: tuple[str, ...] = dice.one(
            (SEED, ("status", "--json"), ("trust", "--json"), ("activity", "--world", CLUB))
        )
        fuzzed.run(words, {})


MAKERS: Mapping[str, Callable[[Dice], object]] = {
    "command": line,
    "settings": lambda d: toml_file(d, SETTINGS, ("[worlds.club]",)),
}


@pytest.mark.parametrize("kind", MAKERS)
def test_the_inputs_are_the_same_each_time_and_differ(kind: str) -> None:
    made = [[str(MAKERS[kind](dice)) for dice in inputs(f"{kind} 0")] for _ in range(2)]
    assert made[0] == made[1]
    assert len(set(made[0])) > PART * 0.6


def test_what_is_written_is_noticed(fuzzed: Place) -> None:
    fuzzed.reset()
    tree, database = fuzzed.tree(), fuzzed.database()
    assert (fuzzed.tree(), fuzzed.database()) == (tree, database)
    (fuzzed.folder / "out").touch()
    fuzzed.connection.execute(
        "UPDATE public.people SET nth = nth + 1 WHERE id = (SELECT min(id::text)::uuid FROM public.people)"
    )
    assert fuzzed.tree() != tree
    assert fuzzed.database() != database
    fuzzed.connection.execute(
        "UPDATE public.people SET nth = nth - 1 WHERE id = (SELECT min(id::text)::uuid FROM public.people)"
    )
    assert fuzzed.database() == database
