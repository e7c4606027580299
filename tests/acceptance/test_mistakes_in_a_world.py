"""A world of one's own with a mistake in it: what its author reads, whichever command meets it first."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import psycopg
import pytest

from command import CLUB, call
from hazards import rows

WORLD = '''
"""A shop with a mistake in it."""
from dataclasses import replace
from tiny import CLUB, people

def buyers(draw, person):
    {mistake}
    return people(draw, person)

def derived(values):
    {derive}
    return CLUB.derive(values)

first, *others = CLUB.flows
FLOWS = (replace(first, emit=buyers), *others)
WORLD = replace(CLUB, name="shop", package="shop", derive=derived, {declared}flows=FLOWS)
'''
MISTAKES = [
    ({"mistake": "draw.chance('goez', person, person)"}, ":7: in the flow 'people' of shop: there is no such decision"),
    ({"mistake": "people[0]"}, ":7: buyers() in the flow 'people' of shop failed: TypeError:"),
    ({"derive": "values.whole('poeple')"}, ":11: in what shop derives from its values: poeple: there is no such value"),
    ({"derive": "1 / 0"}, ":11: derived() in what shop derives from its values failed: ZeroDivisionError"),
    (
        {"declared": "people_root='persons', "},
        "shop/__init__.py cannot be used:\n  - shop.people_root: there is no such",
    ),
    ({"declared": "nonsense=1, "}, ":16: a line in the world failed: TypeError:"),
    ({"mistake": "return ("}, "shop/__init__.py:7: the world cannot be loaded: SyntaxError: '(' was never closed"),
    ({"mistake": "from . import typo"}, "shop/typo.py:2: buyers() in the flow 'people' of shop failed: SyntaxError"),
    ({"mistake": "from .helped import second; second(person)"}, "shop/helped.py:5: first() in the flow 'people'"),
]


@pytest.mark.parametrize(("parts", "said"), MISTAKES, ids=[said for _, said in MISTAKES])
@pytest.mark.parametrize("command", ["plan", "seed"])
def test_its_author_reads_where_it_is(tmp_path: Path, command: str, parts: dict[str, str], said: str) -> None:
    text = WORLD.format(**({"mistake": "pass", "derive": "pass", "declared": ""} | parts))
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").write_text(text)
    (tmp_path / "shop" / "typo.py").write_text("FINE = 1\nIT IS NOT\n")
    (tmp_path / "shop" / "helped.py").write_text(
        "def second(n):\n    return first(n)\n\ndef first(n):\n    return n / {}\n"
    )
    target = () if command == "plan" else ("--target", f"parquet:{tmp_path / 'files'}")
    done = call(command, str(tmp_path / "shop"), *target, code=2)
    assert done.stdout == ""
    assert said in done.stderr
    assert "fault of Populace:" not in done.stderr
    assert re.search(r"shop/\w+\.py", done.stderr)
    assert not (tmp_path / "files").exists()


OWN_TABLES = [
    ("nth integer", "nth text", "public.people.nth"),
    ("mail text NOT NULL, ", "", "public.people.mail"),
    ("CREATE TABLE public.thanks", "CREATE TABLE public.thank", "public.thanks"),
]


@pytest.mark.parametrize(
    ("there", "instead", "named"), OWN_TABLES, ids=[instead or "-" for _, instead, _ in OWN_TABLES]
)
def test_tables_of_its_own_that_it_does_not_declare_so_are_found_before_a_row(
    tmp_path: Path, opened_url: str, there: str, instead: str, named: str
) -> None:
    shop = tmp_path / "shop"
    shutil.copytree(Path(CLUB) / "schema", shop / "schema")
    (shop / "__init__.py").write_text(WORLD.format(mistake="pass", derive="pass", declared=""))
    tables = shop / "schema" / "1_tables.sql"
    tables.write_text(tables.read_text().replace(there, instead, 1))
    done = call("seed", str(shop), "--target", opened_url, "--yes", code=2)
    assert "schema/1_tables.sql makes other tables than the world declares" in done.stderr
    assert named in done.stderr
    assert not rows(opened_url)
    with psycopg.connect(opened_url) as connection:
        assert connection.execute("SELECT to_regclass('public.people') IS NULL").fetchone() == (True,)
