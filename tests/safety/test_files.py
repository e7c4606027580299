"""What is written to files and read from them: through no link, whole or not at all, and only over what is ours."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

import command
from command import CLUB, ENVIRONMENT, TESTS
from examples import part
from populace import clock, files
from populace.errors import PopulaceError
from populace.runner.manifest import MANIFEST
from tiny import CLUB as WORLD

NOW = "2026-01-09T01:00:00Z"
SMALL = ("--scenario", "busy", "--set", "people=5", "--set", "days=1", "--set", "visit_days=1", "--set", "rate=1")
PLAN = ("plan", CLUB, *SMALL, "--now", NOW, "--out")
EXPORT = ("export", "recoverlution", "--format", "schema", "--out")


def call(*words: str, cwd: Path, code: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
    return command.call(*words, cwd=cwd, code=code, **environment)


def tree(folder: Path) -> dict[str, bytes | str]:
    """Everything in a folder."""
    return {
        str(path.relative_to(folder)): os.readlink(path) if path.is_symlink() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


@pytest.fixture(scope="session")
def folder_of_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The club in files; not to be changed."""
    folder = tmp_path_factory.mktemp("safety") / "club"
    call("seed", CLUB, *SMALL, "--now", NOW, "--target", f"parquet:{folder}", cwd=TESTS)
    return folder


@pytest.fixture
def copied(folder_of_files: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder_of_files, tmp_path / "club"))


# What each output command does with the file that it is to write.
def planned(file: Path, cwd: Path, code: int) -> str:
    return call(*PLAN, str(file), cwd=cwd, code=code).stderr


def reported(target: Path) -> Callable[[Path, Path, int], str]:
    def write(file: Path, cwd: Path, code: int) -> str:
        return call("validate", CLUB, "--target", f"parquet:{target}", "--html", str(file), cwd=cwd, code=code).stderr

    return write


@pytest.fixture(params=["plan", "report"])
def write(request: pytest.FixtureRequest) -> Callable[[Path, Path, int], str]:
    if request.param == "plan":
        return planned
    return reported(request.getfixturevalue("folder_of_files"))


@pytest.mark.parametrize("how", ["the file", "a folder", "a folder above", "an absolute path", "a dangling link"])
def test_an_output_does_not_leave_its_folder_through_a_link(
    how: str, write: Callable[[Path, Path, int], str], tmp_path: Path
) -> None:
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    (elsewhere / "deep").mkdir(parents=True)
    here.mkdir()
    (elsewhere / "mine").write_text("mine")
    match how:
        case "the file" | "an absolute path":
            (here / "out").symlink_to(elsewhere / "mine")
        case "a dangling link":
            (here / "out").symlink_to(elsewhere / "nobody")
        case "a folder":
            (here / "sub").symlink_to(elsewhere)
        case "a folder above":
            (here / "sub").symlink_to(elsewhere)
    file = {"a folder": Path("sub/out"), "a folder above": Path("sub/deep/out"), "an absolute path": here / "out"}.get(
        how, Path("out")
    )
    before = tree(tmp_path)
    said = write(file, here, 3)
    assert "a symbolic link on this path leads out of its folder" in said
    assert str(elsewhere) in said
    assert tree(tmp_path) == before


def test_a_link_within_a_folder_is_followed(write: Callable[[Path, Path, int], str], tmp_path: Path) -> None:
    (tmp_path / "latest").symlink_to("real")
    write(Path("latest"), tmp_path, 0)
    assert (tmp_path / "latest").is_symlink()
    assert (tmp_path / "real").stat().st_size > 100


@pytest.mark.parametrize(
    "name",
    ["", ".", "x" * 300, "no/such/folder/x", "a\nb/x", "\udc80/x", "/dev/null", "/proc/1/x", "/dev/full", "loop/x"],
)
def test_a_place_that_cannot_be_written(name: str, write: Callable[[Path, Path, int], str], tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    before = tree(tmp_path)
    said = write(Path(name), tmp_path, 2)
    assert said.count("\n") == 1
    assert len(said) < 900
    assert tree(tmp_path) == before


def test_what_is_not_ours_is_not_replaced(write: Callable[[Path, Path, int], str], tmp_path: Path) -> None:
    file = tmp_path / "out"
    for mine in (b"mine", b"{}", b"[1, 2]", bytes(100), b"<html>mine</html>"):
        file.write_bytes(mine)
        assert "a file is here that is not" in write(file, tmp_path, 3)
        assert file.read_bytes() == mine
    file.write_bytes(b"")
    write(file, tmp_path, 0)
    file.chmod(0o600)
    ours = file.read_bytes()
    write(file, tmp_path, 0)
    assert len(file.read_bytes()) == len(ours)
    assert file.stat().st_mode & 0o777 == 0o600
    file.unlink()
    os.mkfifo(file)
    assert "this is not a file" in write(file, tmp_path, 2)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_modes_follow_the_umask_and_secrets_are_the_users_alone(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        planned(tmp_path / "plain", tmp_path, 0)
        login = f"login_hash=$2b$10${'a' * 53}"
        call("plan", "recoverlution", "--set", login, "--out", str(tmp_path / "secret"), cwd=tmp_path)
    finally:
        os.umask(before)
    assert (tmp_path / "plain").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_a_file_is_there_whole_or_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    files.put(file, b"old")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        files.put(file, b"new and longer")
    assert tree(tmp_path) == {"file": b"old"}


def test_somebody_elses_draft_is_let_alone(tmp_path: Path) -> None:
    guessed = tmp_path / f".populace-{os.getpid()}-0.part"
    guessed.symlink_to(tmp_path / "trap")
    files.put(tmp_path / "file", b"ours")
    assert tree(tmp_path) == {guessed.name: str(tmp_path / "trap"), "file": b"ours"}


def test_an_export_goes_through_no_link(tmp_path: Path) -> None:
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (here / "supabase").mkdir(parents=True)
    (here / "supabase" / "migrations").symlink_to(elsewhere)
    for out in ("supabase/migrations", str(here / "supabase" / "migrations")):
        assert "leads out of its folder" in call(*EXPORT, out, cwd=here, code=3).stderr
    assert list(elsewhere.iterdir()) == []
    names = json.loads(call(*EXPORT, "made", "--json", cwd=here).stdout)["files"]
    first = here / "made" / names[0]
    first.rename(elsewhere / "first")
    first.symlink_to(elsewhere / "first")
    assert names[0] in call(*EXPORT, "made", cwd=here, code=3).stderr
    call(*EXPORT, "made", "--force", cwd=here)
    assert not first.is_symlink()
    before = tree(tmp_path)
    call(*EXPORT, str(first), cwd=here, code=2)
    assert tree(tmp_path) == before


# A folder of files that somebody has changed.
MANIFESTS: dict[str, Callable[[dict[str, object]], object]] = {
    "a path above": lambda d: d["files"][0].update(path="../../etc/passwd"),  # type: ignore[index]
    "an absolute path": lambda d: d["files"][0].update(path="/etc/passwd"),  # type: ignore[index]
    "a deeper path": lambda d: d["files"][0].update(path="a/b/c.parquet"),  # type: ignore[index]
    "a hidden path": lambda d: d["files"][0].update(path="a/.x"),  # type: ignore[index]
    "no path": lambda d: d["files"][0].update(path=""),  # type: ignore[index]
    "a number": lambda d: d["files"][0].update(path=5),  # type: ignore[index]
    "NUL": lambda d: d["files"][0].update(path="a/\0"),  # type: ignore[index]
    "rows below zero": lambda d: d["files"][0].update(rows=-1),  # type: ignore[index]
    "rows as text": lambda d: d["files"][0].update(rows="5"),  # type: ignore[index]
    "rows beyond": lambda d: d["files"][0].update(rows=1 << 70),  # type: ignore[index]
    "a table of nobody": lambda d: d["files"][0].update(table="x"),  # type: ignore[index]
    "a name more": lambda d: d["files"][0].update(more=1),  # type: ignore[index]
    "files as object": lambda d: d.update(files={}),
    "rows as list": lambda d: d.update(rows=[]),
    "a state": lambda d: d.update(state="done"),
    "a time": lambda d: d.update(seeded_to="yesterday"),
    "a slice of text": lambda d: d["slices"][0].update(low="0"),  # type: ignore[index]
    "no statistics": lambda d: d.update(statistics={}),
    "sums as text": lambda d: d["statistics"]["chances"].update(x=["a", 1, 2, 3]),  # type: ignore[index]
    "sums of choices": lambda d: d["statistics"]["choices"].update(x=[[1], [2, 3]]),  # type: ignore[index]
    "no document": lambda d: d.update(document=None),
    "a version": lambda d: d.update(format="populace parquet 99"),
    "half of a character": lambda d: d.update(world="\udc80"),
}
TEXTS: dict[str, bytes] = {
    "nothing": b"",
    "a list": b"[]",
    "levels": b"[" * 100_000,
    "levels that end": b'{"format": ' + b"[" * 90_000 + b"]" * 90_000 + b"}",
    "objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "digits": b'{"format": ' + b"9" * 5_000 + b"}",
    "many digits": b'{"format": ' + b"9" * 500 + b"}",
    "NaN": b'{"format": NaN}',
    "infinite": b'{"format": 1e999}',
    "twice": b'{"format": 1, "format": 2}',
    "latin-1": '{"format": "é"}'.encode("latin-1"),
    "utf-16": '{"format": 1}'.encode("utf-16"),
    "a mark": b"\xef\xbb\xbf{}",
    "NUL bytes": bytes(1000),
}


def refused_everywhere(copied: Path) -> None:
    before = tree(copied)
    for words in (("status",), ("count",), ("validate", CLUB), ("seed", CLUB, *SMALL, "--now", NOW)):
        done = call(*words, "--target", f"parquet:{copied}", cwd=TESTS, code=3)
        assert done.stdout == ""
        assert done.stderr.count("\n") == 1
        assert MANIFEST in done.stderr
        assert len(done.stderr) < 700
    assert tree(copied) == before


@pytest.mark.parametrize("name", part(MANIFESTS, every=3))
def test_a_manifest_that_somebody_changed(name: str, copied: Path) -> None:
    file = copied / MANIFEST
    document = json.loads(file.read_text(encoding="utf-8"))
    MANIFESTS[name](document)
    file.write_text(json.dumps(document), encoding="utf-8")
    refused_everywhere(copied)


@pytest.mark.parametrize("name", part(TEXTS, every=3))
def test_a_manifest_that_is_none(name: str, copied: Path) -> None:
    (copied / MANIFEST).write_bytes(TEXTS[name])
    refused_everywhere(copied)


def test_a_manifest_is_no_link_and_not_too_long(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = copied / MANIFEST
    file.rename(copied.parent / "elsewhere")
    file.symlink_to(copied.parent / "elsewhere")
    refused_everywhere(copied)
    file.unlink()
    with file.open("wb") as sparse:
        sparse.truncate(300 << 20)
    began = clock.monotonic()
    done = call("status", "--target", f"parquet:{copied}", cwd=TESTS, code=3)
    assert "longer than" in done.stderr
    assert clock.monotonic() - began < 60


def test_a_seed_writes_through_no_link_in_its_folder(copied: Path, tmp_path: Path) -> None:
    target, seed = f"parquet:{copied}", ("seed", CLUB, *SMALL, "--now", NOW)
    elsewhere = tmp_path / "elsewhere"
    shutil.move(copied / "public.visits", elsewhere)
    (copied / "public.visits").symlink_to(elsewhere)
    assert "public.visits" in call(*seed, "--target", target, cwd=TESTS, code=3).stderr
    (copied / "public.visits").unlink()
    shutil.move(elsewhere, copied / "public.visits")
    (one,) = (copied / "public.visits").iterdir()
    shutil.move(one, elsewhere)
    one.symlink_to(elsewhere)
    assert one.name in call(*seed, "--target", target, cwd=TESTS, code=3).stderr
    (tmp_path / "link").symlink_to(copied)
    said = call(*seed, "--target", f"parquet:{tmp_path / 'link'}", cwd=TESTS, code=3).stderr
    assert one.name in said


# Plans and scenarios.
@pytest.mark.parametrize("name", part(TEXTS, every=3))
def test_a_plan_file_that_is_none(name: str, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_bytes(TEXTS[name])
    target = f"parquet:{tmp_path / 'out'}"
    done = call("seed", CLUB, "--plan", "plan.json", "--target", target, "--now", NOW, cwd=tmp_path, code=2)
    assert "plan.json" in done.stderr
    assert done.stderr.count("\n") == 1
    assert len(done.stderr) < 700
    assert [path.name for path in tmp_path.iterdir()] == ["plan.json"]


SCENARIOS = {
    "levels": b"a = " + b"[" * 5000 + b"]" * 5000,
    "tables": b"[" + b".".join([b"a"] * 5000) + b"]",
    "digits": b"[values]\npeople = " + b"9" * 5000,
    "infinite": b"[values]\nabandon = inf",
    "nan": b"[values]\nabandon = nan",
    "a list": b"[values]\npeople = [5]",
    "a table": b"[values]\npeople = {a = 5}",
    "a date": b"[values]\npeople = 2026-01-01",
    "a name": b"begins_from = 5",
    "nobody": b'begins_from = "\\u0000"',
    "bytes": bytes(range(256)),
    "long": b"#" * (1 << 19),
    "a value": b"values = 3",
    "a secret": b"[values]\nlogin_hash = 5",
}


@pytest.mark.parametrize("name", part(SCENARIOS, every=3))
def test_a_scenario_file_that_is_none(name: str, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_bytes(SCENARIOS[name])
    done = call("plan", CLUB, "--scenario", "own.toml", cwd=tmp_path, code=2)
    assert "own.toml" in done.stderr
    assert done.stderr.count("\n") == 1
    assert len(done.stderr) < 700


def test_what_is_read_is_a_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "folder.toml").mkdir()
    for name in ("pipe.toml", "folder.toml", "nowhere.toml", "x" * 300 + ".toml", "/dev/zero", "a\0b.toml"):
        words = ("--scenario", name) if name.endswith(".toml") else ("--plan", name)
        done = call("plan" if words[0] == "--scenario" else "seed", CLUB, *words, cwd=tmp_path, code=2)
        assert "cannot be read" in done.stderr


# Times and numbers at the edges.
@pytest.mark.parametrize("world", ["recoverlution", "hogflix", "campaigns"])
@pytest.mark.parametrize("now", ["1970-01-01T00:00:00Z", "1970-02-01T00:00:00Z", "1989-12-31T23:59:59Z"])
def test_the_first_years_are_refused(world: str, now: str, tmp_path: Path) -> None:
    done = call("plan", world, "--now", now, "--json", cwd=tmp_path, code=2)
    assert "history would begin too early" in done.stderr
    assert "1990-01-01T00:00:00Z or later" in done.stderr


@pytest.mark.parametrize("now", ["1990-01-10T00:00:00Z", "2099-12-31T23:59:59.999999Z"])
def test_the_first_and_the_last_years_are_whole(now: str, tmp_path: Path) -> None:
    target = ("--target", f"parquet:{tmp_path / 'out'}")
    call("seed", CLUB, *SMALL, "--now", now, *target, cwd=tmp_path)
    assert json.loads(call("validate", CLUB, *target, "--json", cwd=tmp_path).stdout)["ok"]


WORDS: list[tuple[str, ...]] = [
    ("demo", "--for", "9e18"), ("demo", "--for", "1e400"), ("demo", "--for", "-1"), ("demo", "--for", "nan"),
    ("deliver", "--for", "9e18"),
    ("demo", "--speed", "1e-9"), ("run", CLUB, "--speed", "1e-400"),
    ("run", CLUB, "--every", "9" * 400 + "m"), ("plan", CLUB, "--seed", "9" * 5000),
    ("plan", CLUB, "--set", "people=" + "9" * 5000), ("plan", CLUB, "--set", "abandon=1e400"),
    ("plan", CLUB, "--set", "x" * 100_000 + "=1"), ("plan", CLUB, "--set", "people=" + "x" * 100_000),
    ("plan", "x" * 300), ("plan", "./" + "x" * 300), ("plan", CLUB, "--now", "9" * 400),
    ("plan", CLUB, "--scenario", ""),
    ("plan", CLUB, "--epoch", ""), ("demo", "--world", ""), ("plan", ""), ("undo", "9" * 5000),
    ("run-now", "9" * 400),
    ("logs", "--tail", "9" * 30), ("settings", "--preset", ""), ("run", CLUB, "--once", "--until", ""),
    ("plan", CLUB, "--scenario", "\udc80"), ("plan", CLUB, "--set", "people=\udc80"), ("plan", "a\0b"),
    ("plan", "./a\0b"),
    ("status", "--target", "embedded:a\0b"), ("status", "--target", "embedded:~nobody-of-this-name/x"),
    ("status", "--target", "embedded:" + "x" * 300),
]  # fmt: skip


@pytest.mark.parametrize(
    "words",
    part(WORDS, every=3),
    ids=lambda words: " ".join(words)[-40:].encode("ascii", "backslashreplace").decode().replace("\0", "NUL"),
)
def test_a_number_or_a_name_that_cannot_be(words: tuple[str, ...], tmp_path: Path) -> None:
    target = () if "--target" in words or words[0] == "plan" else ("--target", f"embedded:{tmp_path / 'db'}")
    done = command.in_this_process([*words, *target], tmp_path, ENVIRONMENT | {"XDG_DATA_HOME": str(tmp_path / "user")})
    assert done.returncode in (2, 3, 4), done.stderr
    assert done.stderr.startswith("populace: ")
    assert done.stderr.count("\n") == 1
    assert "fault of Populace" not in done.stderr
    assert len(done.stderr) < 1_500
    assert tree(tmp_path) == {}


# The process and what it was given by whoever started it.
def run(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "populace", *words], cwd=cwd, env=ENVIRONMENT | environment, text=True, check=False,
        capture_output=True, timeout=60, encoding="utf-8", errors="surrogateescape",
    )  # fmt: skip


ASCII = {"PYTHONIOENCODING": "ascii"}
C = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.mark.parametrize("how", [ASCII, C], ids=["PYTHONIOENCODING=ascii", "LC_ALL=C"])
def test_everything_can_be_printed_in_ascii(how: dict[str, str], tmp_path: Path) -> None:
    document = json.loads(run("describe", "hogflix", "--json", cwd=tmp_path, **how).stdout)
    assert document == json.loads(run("describe", "hogflix", "--json", cwd=tmp_path).stdout)
    for words, code in (
        (("describe", "campaigns"), 0),
        (("demo", "--help"), 0),
        (("plan", "café"), 2),
        (("plan", "\udcff"), 2),
    ):
        done = run(*words, cwd=tmp_path, **how)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream(closed: str, tmp_path: Path) -> None:
    line = f'exec "$0" -m populace plan {CLUB} --out plan.json {closed}'
    done = subprocess.run(["/bin/sh", "-c", line, sys.executable], cwd=tmp_path, env=ENVIRONMENT, capture_output=True,
                          text=True, timeout=60, check=False)  # fmt: skip
    assert "Traceback" not in done.stderr
    refused = ">&-" in closed.replace("2>&-", "")
    assert done.returncode == (2 if refused else 0)
    assert (tmp_path / "plan.json").exists() == (not refused)
    if closed == ">&-":
        assert done.stderr == "populace: standard output is closed; to do: leave it open, or send it to /dev/null\n"


def handles(pid: int, number: int) -> bool:
    """Whether a process has a handler of its own for a signal."""
    status = Path(f"/proc/{pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) & 1 << (number - 1))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("after_s", [0.0, 0.2, 1.0])
def test_a_storm_of_signals(number: signal.Signals, after_s: float, tmp_path: Path) -> None:
    """From the first line on, until the process has ended: one line, its exit code, and nothing half written."""
    process = subprocess.Popen(
        [sys.executable, "-m", "populace", "plan", "campaigns", "--scenario", "load_test", "--out", "plan.json"],
        # An import that is broken off leaves its file to the collector, which warns of it where warnings are on.
        cwd=tmp_path, env=ENVIRONMENT | {"PYTHONWARNINGS": "ignore"}, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    while process.poll() is None and not handles(process.pid, signal.SIGTERM):
        clock.sleep(0.001)
    clock.sleep(after_s)
    while process.poll() is None:
        process.send_signal(number)
        clock.sleep(0.002)
    out, err = process.communicate()
    assert "Traceback" not in err
    assert "Exception ignored" not in err
    assert process.returncode in (130, 0), err
    if process.returncode == 130:
        assert err.splitlines()[-1] == "populace: stopped"
        assert out == ""
    assert set(tree(tmp_path)) <= {"plan.json"}


def test_sigterm_ends_process_one(tmp_path: Path) -> None:
    """The first process of a container has no default of its own for SIGTERM."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("needs unshare and the right to use it")
    inside = f'exec {sys.executable} -c "' + (
        "import sys, threading, time, os, signal\n"
        "from populace.cli.main import main\n"
        "sys.argv = ['populace', 'plan', 'campaigns', '--scenario', 'load_test']\n"
        "threading.Thread(target=lambda: (time.sleep(0.3), os.kill(1, signal.SIGTERM)), daemon=True).start()\n"
        'main()"'
    )
    # A file of a module that Python was reading is left open.
    quiet = ENVIRONMENT | {"PYTHONWARNINGS": "error,ignore::ResourceWarning"}
    done = subprocess.run(["unshare", "--fork", "--pid", "/bin/sh", "-c", inside], cwd=tmp_path, env=quiet,
                          capture_output=True, text=True, timeout=60, check=False)  # fmt: skip
    if "unshare" in done.stderr:
        pytest.skip(done.stderr)
    assert done.returncode == 130, done.stderr
    assert done.stderr == "populace: stopped\n"


def test_without_a_home(tmp_path: Path) -> None:
    """A user id without an entry and no HOME, as OpenShift gives them."""
    if os.geteuid() != 0:
        pytest.skip("only root can be another user")
    tmp_path.chmod(0o777)
    environment = {k: v for k, v in ENVIRONMENT.items() if k not in ("HOME", "XDG_DATA_HOME", "USER", "LOGNAME")}

    def as_nobody_known(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-B", "-m", "populace", *words], cwd=tmp_path, env=environment | more, user=54321,
            group=54321, extra_groups=[], capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    try:
        assert as_nobody_known("--version").returncode == 0
    except PermissionError:
        pytest.skip("this interpreter is not for others")
    for words in (("status",), ("seed", "recoverlution"), ("db", "stop")):
        done = as_nobody_known(*words)
        assert done.returncode == 2, done.stderr
        assert done.stderr.startswith("populace: XDG_DATA_HOME: this user has no home folder; to do: ")
    assert as_nobody_known("worlds").returncode == 0
    done = as_nobody_known("db", "start", XDG_DATA_HOME=str(tmp_path / "data"))
    assert done.returncode == 4
    assert "user id 54321 has no entry" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    line = f'cd {gone} && rmdir {gone} && exec "$0" -m populace worlds'
    done = subprocess.run(["/bin/sh", "-c", line, sys.executable], env=ENVIRONMENT, capture_output=True, text=True,
                          timeout=60, check=False)  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("populace: the current folder is not there any more")


def test_quiet_means_errors_only(tmp_path: Path) -> None:
    target = ("--target", f"parquet:{tmp_path / 'out'}")
    done = call("seed", CLUB, *SMALL, "--now", NOW, "-q", *target, cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("", "")
    done = call("seed", CLUB, *SMALL, "--now", NOW, "-q", "--json", *target, cwd=tmp_path)
    assert json.loads(done.stdout)["unchanged"]
    assert done.stderr == ""
    done = call("validate", CLUB, "-q", *target, cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("", "")


def test_a_count_says_what_it_cannot_see(opened_url: str) -> None:
    target = ("--target", opened_url)
    call("seed", CLUB, *SMALL, "--now", NOW, "--yes", *target, cwd=TESTS)
    assert json.loads(call("count", "--json", *target, cwd=TESTS).stdout)["partly"] == []
    with psycopg.connect(opened_url) as connection:
        connection.execute("CREATE ROLE reader_of_some")
        connection.execute("GRANT USAGE ON SCHEMA public, populace TO reader_of_some")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public, populace TO reader_of_some")
        connection.execute("ALTER TABLE public.people ENABLE ROW LEVEL SECURITY")
        connection.execute("ALTER TABLE public.people FORCE ROW LEVEL SECURITY")
    try:
        as_reader = f"{opened_url}{'&' if '?' in opened_url else '?'}options=-crole%3Dreader_of_some"
        counted = call("count", "--world", CLUB, "--target", as_reader, cwd=TESTS).stdout
        assert "row level security hides rows of these tables" in counted
        assert "public.people" in counted
        document = json.loads(call("count", "--world", CLUB, "--json", "--target", as_reader, cwd=TESTS).stdout)
        assert document["partly"] == ["public.people"]
        assert document["rows"]["public.people"] == 0
    finally:
        with psycopg.connect(opened_url) as connection:
            connection.execute("DROP OWNED BY reader_of_some")
            connection.execute("DROP ROLE reader_of_some")


def test_an_error_shows_the_beginning_of_a_long_value() -> None:
    for given in ("x" * 10_000, 10**10_000, [[1] * 1_000] * 1_000):
        assert len(str(PopulaceError("wrong", where="a\nb", given=given))) < 600
    assert WORLD.name == "club"


def test_without_a_home_or_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same in this process, wherever the tests run."""

    def nobody(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", nobody)
    homeless = {k: v for k, v in ENVIRONMENT.items() if k not in ("HOME", "XDG_DATA_HOME")}
    for words in (("status",), ("seed", "recoverlution"), ("db", "stop"), ("demo",)):
        done = command.in_this_process(words, tmp_path, homeless)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("populace: XDG_DATA_HOME: this user has no home folder; to do: ")
    done = command.in_this_process(("db", "start", "--target", f"embedded:{tmp_path / 'db'}"), tmp_path, homeless)
    assert done.returncode == 4
    assert "has no entry in /etc/passwd" in done.stderr
    assert command.in_this_process(("plan", CLUB, *SMALL, "--now", NOW), tmp_path, homeless).returncode == 0
