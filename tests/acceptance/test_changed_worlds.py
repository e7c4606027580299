"""A world of one's own that is changed after it was seeded: nobody goes on with others, nothing is left over."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from command import Place, answer, call, refusal
from conftest import MakeDatabase
from library import edited, library

NOW = ("--now", "2026-01-09T00:00:00Z")


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """A data folder of its own, where copies of worlds are kept."""
    return {"XDG_DATA_HOME": str(tmp_path / "home")}


@pytest.fixture
def seeded(tmp_path: Path, make_database: MakeDatabase, opened_template: str, home: dict[str, str]) -> Place:
    """The library, seeded."""
    place = Place.at(str(library(tmp_path)), make_database(opened_template))
    assert answer("seed", place.world, *NOW, "--yes", "--target", place.target, **home)["unchanged"] is False
    assert answer("seed", place.world, *NOW, "--yes", "--target", place.target, **home)["unchanged"] is True
    return place


def change(place: Place) -> None:
    """More readers put the book down."""
    edited(Path(place.world) / "__init__.py", "default=0.1, low=0.0", "default=0.1, low=0.05")
    edited(Path(place.world) / "__init__.py", "(5, 3, 2)", "(5, 3, 9)")


def test_nobody_goes_on_with_other_people(seeded: Place, home: dict[str, str]):
    before = seeded.contents()
    change(seeded)
    at = ("--target", seeded.target)
    for words in (("seed", seeded.world, *NOW, "--yes"), ("run", seeded.world, "--once"), ("tick", seeded.world),
                  ("validate", seeded.world), ("pause",),
                  ("demo", "--world", seeded.world, "--for", "0")):  # fmt: skip
        said = refusal(*words, *at, **home)
        assert said.startswith(f"{Path(seeded.world).resolve()}: the files of this world have changed since"), said
        assert "changed: __init__.py" in said
        assert "populace cleanup --all" in said, said
    assert seeded.contents() == before
    state = answer("status", *at, **home)
    assert "changed: __init__.py" in state["refused"], state
    doctor = call("doctor", *at, code=1, **home).stdout
    assert "changed: __init__.py" in doctor


def test_what_was_written_is_cleaned_up_by_the_world_as_it_was(seeded: Place, home: dict[str, str]):
    at = ("--target", seeded.target)
    seeded.do("INSERT INTO public.readers VALUES (gen_random_uuid(), 'reader9999@example.com', now())")
    change(seeded)
    counted = answer("count", *at, **home)
    assert counted["rows"]["public.readers"] == 200
    assert answer("cleanup", "--all", "--yes", *at, **home)["rows_deleted"] == counted["total"] > 10_000
    assert seeded.number("SELECT count(*) FROM public.chapters") == 0
    assert seeded.rows("SELECT email FROM public.readers") == [("reader9999@example.com",)]
    seeded.do("DELETE FROM public.readers")
    done = answer("seed", seeded.world, *NOW, "--yes", *at, **home)
    assert done["unchanged"] is False
    assert done["tables"]["readers"]["written"] == 200


def test_a_world_that_is_broken_or_gone_can_be_cleaned_up_too(seeded: Place, home: dict[str, str]):
    at, file = ("--target", seeded.target), Path(seeded.world) / "__init__.py"
    file.write_text(file.read_text() + "\nraise RuntimeError('half done')\n")
    assert "half done" in refusal("pause", *at, **home)
    assert "cannot be found again" in refusal("activity", *at, **home)
    assert answer("count", *at, **home)["rows"]["public.readers"] == 200
    shutil.rmtree(seeded.world)
    said = refusal("activity", *at, **home)
    assert f"it was found at {Path(seeded.world).resolve()}" in said
    assert answer("cleanup", "--all", "--yes", *at, **home)["rows_deleted"] > 10_000
    assert seeded.number("SELECT count(*) FROM public.readers") == 0


def test_without_a_copy_it_says_which_files_to_restore(seeded: Place, home: dict[str, str], tmp_path: Path):
    at, file = ("--target", seeded.target), Path(seeded.world) / "__init__.py"
    held, before = file.read_text(), seeded.contents()
    change(seeded)
    elsewhere = {"XDG_DATA_HOME": str(tmp_path / "another")}
    for words in (("cleanup", "--all", "--yes"), ("cleanup", "--all", "--dry-run"), ("count",)):
        said = refusal(*words, *at, **elsewhere)
        assert said.startswith(f"{Path(seeded.world).resolve()}: "), said
        assert "changed: __init__.py" in said
        assert "restore these files" in said
    assert seeded.contents() == before
    file.write_text(held)
    assert answer("cleanup", "--all", "--yes", *at, **elsewhere)["rows_deleted"] > 10_000


def test_what_only_looks_at_rows_may_change(seeded: Place, home: dict[str, str]):
    folder, at = Path(seeded.world), ("--target", seeded.target)
    (folder / "checks").mkdir()
    (folder / "checks" / "one.sql").write_text("SELECT 1\n")
    (folder / "README.md").write_text("A library.\n")
    (folder / ".notes").write_text("later\n")
    (folder / "status.sql").write_text("SELECT '{\"read\": 1}'::jsonb\n")
    assert answer("seed", seeded.world, *NOW, "--yes", *at, **home)["unchanged"] is True
    (folder / "words.csv").write_text("a\n")
    assert "new: words.csv" in refusal("run", seeded.world, "--once", *at, **home)


def test_a_plan_file_of_other_files_is_refused(tmp_path: Path, home: dict[str, str], opened_url: str):
    world, file = library(tmp_path), tmp_path / "plan.json"
    call("plan", str(world), "--out", str(file), *NOW, **home)
    edited(world / "__init__.py", "(5, 3, 2)", "(5, 3, 9)")
    said = refusal("seed", str(world), "--plan", str(file), "--yes", "--target", opened_url, **home)
    assert said.startswith(f"{file}: the files of this world have changed since")
    assert f"populace plan {world} --out {file}" in said
