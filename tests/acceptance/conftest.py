"""Populations that several files of tests read, each made once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from club_files import EVENING, SEED
from command import answer


@pytest.fixture(scope="session")
def club_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The club in files; not to be changed."""
    folder = tmp_path_factory.mktemp("seeded") / "club"
    report = answer(*SEED, "--target", f"parquet:{folder}")
    assert report["rows_created"] == sum(t["written"] for t in report["tables"].values()) > 20_000
    assert report["watermark"] == EVENING
    return folder


@pytest.fixture
def copied(club_files: Path, tmp_path: Path) -> Path:
    """The club in files of the test's own."""
    return Path(shutil.copytree(club_files, tmp_path / "club"))
