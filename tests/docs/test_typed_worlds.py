"""A world of one's own is typed: the one of the how-to, and the small ones of the tests, pass `mypy --strict`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from docs import pages

WORLDS = ("tests/club", "tests/market", "tests/workshop", "tests/lives.py", "tests/stalls.py")


def strict(*files: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", *files], cwd=pages.ROOT, capture_output=True, text=True, check=False
    )


def library(folder: Path) -> Path:
    file = folder / "library.py"
    file.write_text("\n".join(pages.fenced("docs/how-to/your-own-world.md", "python")), encoding="utf-8")
    return file


def test_worlds_of_ones_own_pass_the_strict_type_check(tmp_path: Path):
    checked = strict(str(library(tmp_path)), *WORLDS)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(
    ("right", "wrong"),
    [('"number": course.step_number', '"number": course'), ("-> Key:", "-> Rows:")],
)
def test_a_mistake_in_the_types_of_a_world_is_found(tmp_path: Path, right: str, wrong: str):
    file = library(tmp_path)
    source = file.read_text(encoding="utf-8")
    assert right in source
    file.write_text(source.replace(right, wrong), encoding="utf-8")
    assert strict(str(file)).returncode == 1
