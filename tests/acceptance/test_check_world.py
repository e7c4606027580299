"""new-world writes a world that passes; check-world finds what an author does wrong, and says where."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from command import answer, call, refusal
from docs import pages
from examples import part, where_all_run
from library import LIBRARY, edited, library

SMALL = ("--set", "people=20", "--set", "days=1", "--set", "visit_days=1", "--now", "2026-01-09T00:00:00Z")
MEMORY = ("rows", "units", "another process", "cut in shards", "cut in windows", "cut at random", "kill and resume",
          "seconds")  # fmt: skip


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The skeleton."""
    call("new-world", "shop", cwd=tmp_path)
    return tmp_path / "shop"


KEY = "address = course.visits.address[visit] * np.uint64(STEPS) + course.step_number.astype(np.uint64)"
BUYS, ROWS = 'draw.chance("event.buys", address, at)', 'return {"events": Rows(person, columns, at)}'
NAMES = '("Ada", "Ben", "Chi", "Dara", "Eli", "Fay", "Gil", "Hana")'
MANY = 'tuple({"Ada", "Ben", "Chi", "Dara", "Eli", "Fay", "Gil", "Hana", "Ian", "Jo", "Kim", "Lou"})'


def line_of(file: Path, text: str) -> str:
    """`shop/visits.py:12`."""
    lines = file.read_text().splitlines()
    (at,) = [number for number, line in enumerate(lines, 1) if line.startswith(text)]
    return f"{file.parent.name}/{file.name}:{at}"


def states(*arguments: str, code: int = 0) -> dict[str, dict[str, str]]:
    """What was found, by title."""
    return {f["title"]: f for f in answer("check-world", *arguments, code=code)["findings"]}


def test_the_skeleton_passes(shop: Path):
    done = json.loads(call("check-world", "./shop", *SMALL, "--json", cwd=shop.parent).stdout)
    assert (done["ok"], done["attention"], done["failed"], done["world"]) == (True, 0, 0, "shop")
    assert [f["title"] for f in done["findings"]] == [*MEMORY, "database"]
    assert all(int(digest.partition(":")[0]) > 0 for digest in done["digests"].values())
    shown = call("check-world", str(shop), *SMALL, "--without-database", "--cuttings", "2").stdout
    assert "8 ok, 0 attention, 0 FAILED" in shown
    assert "2 cuttings give the same rows and draws" in shown
    assert len(shown.splitlines()) <= 14
    assert max(map(len, shown.splitlines())) <= 125


def test_what_new_world_prints_runs(shop: Path):
    at = ("--target", f"embedded:{shop.parent / 'shop-data'}")
    assert (shop / "README.md").read_text().count("populace ") == 3
    try:
        call("seed", "./shop", *SMALL, *at, cwd=shop.parent)
        assert answer("validate", *at)["ok"] is True
    finally:
        call("db", "stop", *at)


@pytest.mark.parametrize(
    ("file", "old", "new", "failing", "says", "at"),
    part([
        ("visits.py", KEY, "address = np.arange(len(at)).astype(np.uint64)", "cut in shards",
         "events: its rows depend on which others", ("visits.py", "def events")),
        ("people.py", NAMES, MANY, "another process", "people: its rows differ from process to process",
         ("people.py", "def people")),
        ("visits.py", BUYS, BUYS.replace("at)", "0 * at + draw.epoch_us)"), "cut in windows",
         "draws are counted otherwise", None),
        ("people.py", '"@example.com"', '"@gmail.com"', "rows", "gmail.com", ("people.py", "def people")),
        ("visits.py", BUYS, BUYS.replace("buys", "buy"), "rows", "no such decision point",
         ("visits.py", "    bought =")),
        ("visits.py", ROWS, ROWS.replace("at)", "at + 10**11)"), "rows", "outside the horizon",
         ("visits.py", "def events")),
        ("visits.py", "steps = 1 + draw", "steps = 0 * draw", "rows", "a visit without a step",
         ("visits.py", "def begin")),
        ("visits.py", ROWS, "return {}", "rows", "", None),
    ], every=2),
    ids=part(["running count", "set", "moment", "contact", "misspelt", "late", "no step", "empty"], every=2),
)  # fmt: skip
def test_mistakes_are_found_with_file_and_line(
    shop: Path, file: str, old: str, new: str, failing: str, says: str, at: tuple[str, str] | None
):
    edited(shop / file, old, new)
    empty = not says
    found = states(str(shop), *SMALL, "--without-database", code=0 if empty else 1)
    if empty:
        assert found["rows"]["state"] == "attention"
        assert "none in events" in found["rows"]["measured"]
        assert found["rows"]["where"] == line_of(shop / file, "def events")
        return
    assert found[failing]["state"] == "FAILED", found
    assert says in found[failing]["measured"] + found[failing]["todo"], found[failing]
    if at is not None:
        wanted = line_of(shop / at[0], at[1])
        assert found[failing]["where"].rpartition(":")[0] == wanted.rpartition(":")[0], found[failing]
        assert failing == "rows" or found[failing]["where"] == wanted


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    part([
        ("__init__.py", "OURS = Mark(\"t.email LIKE '%@example.com'\"", "OURS = Mark(\"t.email LIKE '%@example.org'\"",
         "rows with the mark"),
        ("schema/1_tables.sql", "seconds    integer", "seconds    text", "events.seconds"),
        ("schema/2_constraints.sql", "REFERENCES public.people (id)", "REFERENCES public.persons (id)", "persons"),
    ], every=2),
)  # fmt: skip
def test_a_database_finds_what_memory_cannot(shop: Path, file: str, old: str, new: str, says: str):
    edited(shop / file, old, new)
    found = states(str(shop), *SMALL, "--cuttings", "1", code=1)
    assert {title for title, one in found.items() if one["state"] == "FAILED"} == {"database"}
    assert says in found["database"]["measured"], found["database"]


def test_wrong_input_is_one_error(shop: Path):
    here = {"cwd": shop.parent}
    for name in ("Shop", "my-shop", "1st", "json", "hogflix", "numpy", "../x", "", "a" * 41):
        said = refusal("new-world", name, code=2, **here)  # type: ignore[arg-type]
        assert "NAME: " in said, said
    assert "NAME: this folder is there already" in refusal("new-world", "shop", code=2, **here)  # type: ignore[arg-type]
    assert "there is no world at this path" in refusal("check-world", "./none", code=2)
    assert "--cuttings: this number" in refusal("check-world", str(shop), "--cuttings", "0", code=2)
    assert "--set" in refusal("check-world", str(shop), "--set", "people", code=2)
    many = states(str(shop), "--set", "visits_per_min=100", "--set", "most_per_min=500", "--without-database", code=1)
    assert list(many) == ["rows"]
    assert "a world is checked small" in many["rows"]["measured"]


@pytest.mark.parametrize("page", part(["library, joining", "library", "choir", "library, loans", "gym"], every=4))
def test_the_worlds_of_the_how_to_pages_pass(tmp_path: Path, page: str):
    """Each in memory and on a database; readers who join at any time among them."""
    other = {"gym": "docs/how-to/items-by-the-calendar.md", "choir": "docs/how-to/lifecycle.md"}.get(page)
    folder = library(tmp_path, other, page) if other else library(tmp_path)
    small = ("--set", "days=20") if other else ("--set", "readers=30", "--set", "days=2", "--set", "visit_days=1")
    if page.endswith("joining"):
        with (folder / "__init__.py").open("a", encoding="utf-8") as file:
            file.write(pages.fenced(LIBRARY, "python")[1])
    if page.endswith("loans"):
        added = (pages.fenced(LIBRARY, "python")[2], *pages.fenced(LIBRARY, "sql")[2:])
        for file, text in zip(("__init__.py", "schema/1_tables.sql", "schema/2_constraints.sql"), added, strict=True):
            with (folder / file).open("a", encoding="utf-8") as open_file:
                open_file.write(text)
    found = states(str(folder), *small, "--cuttings", "2", "--now", "2026-01-09T00:00:00Z")
    assert {title for title, one in found.items() if one["state"] != "ok"} <= {"units"}


@where_all_run
def test_a_built_in_world_can_be_checked_too():
    found = states("hogflix", "--set", "persona_pool=40", "--set", "days=2", "--without-database", "--cuttings", "1")
    assert {one["state"] for one in found.values()} <= {"ok", "attention"}
