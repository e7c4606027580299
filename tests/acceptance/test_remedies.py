"""What is suggested can be done: commands are run as they were printed, and what was refused before goes on."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from command import CLUB, ENVIRONMENT, TESTS, answer, call, refusal
from examples import part, where_all_run

NOW = ("--now", "2026-01-09T01:00:00Z")
SMALL = ("--set", "persona_pool=20", "--set", "days=5")


def suggested(text: str, *words: str) -> list[str]:
    """The words of the first command that is suggested and begins with these."""
    found = re.search(rf"populace ({' '.join(words)}\b[^;,\n)]*)", text)
    assert found, text
    return shlex.split(found[1])


@pytest.fixture
def place(tmp_path: Path) -> Iterator[str]:
    """A target that is not there yet; its server is stopped at the end."""
    target = f"embedded:{tmp_path / 'my data'}"
    yield target
    call("db", "stop", "--target", target, code=None)


def test_from_nothing_to_a_population_and_back(place: str) -> None:
    at = ("--target", place)
    seed = suggested(refusal("run", CLUB, *at), "seed")
    assert seed == ["seed", CLUB, *at]
    done = call(*seed, *NOW, "--set", "people=30")
    run = suggested(done.stdout, "run")
    assert run == ["run", CLUB, *at]
    call(*run, "--once")
    whole = suggested(call("validate", CLUB, *at).stdout, "validate")
    assert call(*whole).stdout.count("\n") > 12
    # A fault of each kind of command, with what to do about it.
    ask = suggested(refusal("uninstall", "--yes", *at), "cleanup")
    assert "add --yes" in refusal(*ask)
    assert "next: populace seed" in call(*ask, "--yes").stdout
    again = suggested(call("cleanup", "--all", "--yes", *at).stdout, "seed")
    assert again[-2:] == list(at)
    call("uninstall", "--yes", *at)


def test_what_a_diagnosis_says_to_do_is_for_that_target(place: str) -> None:
    call("seed", CLUB, *NOW, "--target", place)
    offered = call("doctor", "--target", place).stdout
    assert f"populace run {CLUB} --target {shlex.quote(place)}" in offered
    todo = [finding["todo"] for finding in answer("doctor", "--target", place)["findings"] if finding["todo"]]
    assert any(shlex.quote(place) in one for one in todo)


def test_a_database_is_opened_as_the_refusal_says(empty_url: str) -> None:
    seed = ("seed", CLUB, *NOW, "--yes", "--target", empty_url)
    said = refusal(*seed)
    assert said.endswith("(without the password: put it into PGPASSWORD)")
    init = suggested(said, "init")
    assert init[:2] == ["init", "--target"]
    # The password is the user's to add.
    assert init[2].rpartition("@")[2] == empty_url.rpartition("@")[2]
    call("init", "--target", empty_url)
    call(*seed)


def test_events_that_nobody_heard_are_queued_as_it_was_said(place: str) -> None:
    said = call("seed", "hogflix", *NOW, *SMALL, "--target", place).stderr
    backfill = suggested(said, "posthog", "backfill")
    assert backfill[2:] == ["--since", "2026-01-04T00:00:00Z", "--target", place]
    queued = call(*backfill).stdout
    deliver = suggested(queued, "deliver")
    assert deliver == ["deliver", "--channel", "posthog", "--target", place]
    left_out = call("reconcile", "hogflix", "--target", place).stdout
    assert "posthog backfill" not in left_out


@pytest.mark.parametrize("words", part([("metrics",), ("personas",)], every=2))
def test_a_world_of_ours_is_not_the_users_to_change(words: tuple[str, ...], place: str) -> None:
    call(
        "seed",
        "recoverlution",
        *NOW,
        "--set",
        "count_users=50",
        "--set",
        "coverage_per_mindblock=1",
        "--yes",
        "--target",
        place,
    )
    said = refusal(*words, "recoverlution", "--target", place, code=2)
    assert "file" not in said
    assert "module" not in said


def test_retention_of_a_world_without_a_rule(place: str) -> None:
    call("seed", CLUB, *NOW, "--target", place)
    said = refusal("cleanup", "--retain-days", "3", "--target", place, code=2)
    assert "add a file retention.sql to the world" in said
    assert "cleanup --all --yes" not in said
    call(*suggested(said, "cleanup"), "--dry-run")


# The program is named so that the shell that ran it finds it again.


@pytest.fixture(scope="module")
def club(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A target with the club."""
    target = f"embedded:{tmp_path_factory.mktemp('called')}"
    call("seed", CLUB, *NOW, "--target", target)
    yield target
    call("db", "stop", "--target", target)


def offered(program: str, target: str, cwd: Path, path: str) -> str:
    """The command that `validate` suggests last, called like this; it is run as it was printed."""

    def shell(command: str) -> str:
        environment = ENVIRONMENT | {"PATH": path}
        done = subprocess.run(
            ["/bin/sh", "-c", command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    last = shell(f"{program} validate {CLUB} --target {target}").splitlines()[-1].removeprefix("every check: ")
    assert shell(last).count("\n") > 12
    return last


def test_by_its_path(club: str, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "populace"
    script.write_text(f"#!{sys.executable}\nfrom populace.cli.main import main\nmain()\n", encoding="utf-8")
    script.chmod(0o755)
    plain = "/usr/bin:/bin"
    assert offered("bin/populace", club, tmp_path, plain).startswith("bin/populace validate ")
    assert offered(str(script), club, TESTS, plain).startswith(f"{script} validate ")
    assert offered("populace", club, TESTS, f"{script.parent}:{plain}").startswith("populace validate ")


@where_all_run
def test_as_a_module(club: str, tmp_path: Path) -> None:
    shown = offered(f"{sys.executable} -m populace", club, tmp_path, os.environ["PATH"])
    assert shown.startswith(f"{sys.executable} -m populace validate ")
