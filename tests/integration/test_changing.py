"""Rows of adopted worlds that change: a status advances, what comes later comes then, edits move `updated_at`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from adopted import NOW, App, made, script
from conftest import MakeDatabase
from contexts import at
from populace.database.connection import connect
from populace.errors import BadInput
from populace.operations.init import InitRequest, init
from populace.operations.runs.run import RunRequest, run
from populace.operations.seeds.seed import SeedRequest, seed

LATER = "2026-06-04T00:00:00Z"


def number(app: App, query: str) -> int:
    with connect(app.url, application_name="tests") as conn:
        return int(conn.execute(query).fetchall()[0][0])  # type: ignore[call-overload]


def test_a_status_and_its_moment_come_when_they_happen(make_database: MakeDatabase, tmp_path: Path):
    app = made(make_database(), tmp_path, "crm", "ANALYZE")
    file = app.folder / "world.toml"
    text = file.read_text(encoding="utf-8")
    assert 'words = ["open", "won", "lost"], begins = "open"' in text
    text = text.replace('words = ["open", "won", "lost"]', "words = { open = 2, won = 6, lost = 2 }")
    text = re.sub(r"(?m)^status = .*\"invited\".*$", 'status = { kind = "words", words = ["invited", "active", '
                  '"suspended"], begins = "invited", through = true, minutes = 14_400 }', text)  # fmt: skip
    file.write_text(text, encoding="utf-8")
    app.seeded()

    # Nothing lies ahead of what has been lived, and all stands in its order.
    assert number(app, f"SELECT count(*) FROM public.deals WHERE closed_at > '{NOW}' OR updated_at > '{NOW}'") == 0
    assert number(app, f"SELECT count(*) FROM public.users WHERE deleted_at > '{NOW}' OR updated_at > '{NOW}'") == 0
    wrong = "created_at > updated_at OR deleted_at < created_at OR deleted_at > updated_at"
    assert number(app, f"SELECT count(*) FROM public.users WHERE {wrong}") == 0
    assert number(app, "SELECT count(*) FROM public.users WHERE deleted_at IS NOT NULL") in range(2, 60)
    assert number(app, "SELECT count(*) FROM public.deals WHERE status = 'won'") > 2 * number(
        app, "SELECT count(*) FROM public.deals WHERE status = 'lost'")  # fmt: skip

    # Whoever came days ago has come further than those of today; later each of these has too.
    fresh = "created_at > '2026-05-30' AND status = 'invited'"
    assert number(app, f"SELECT count(*) FROM public.users WHERE {fresh}") > 0
    younger = number(app, "SELECT count(*) FROM public.users WHERE status = 'suspended' AND created_at > '2026-05-22'")
    older = number(app, "SELECT count(*) FROM public.users WHERE status = 'suspended' AND created_at < '2026-05-22'")
    assert older > 5 * max(younger, 1)
    open_ = number(app, f"SELECT count(*) FROM public.deals WHERE created_at < '{NOW}' AND status = 'open'")
    run(app.context, RunRequest(world=str(app.folder), speed="max", until=LATER))
    assert number(app, f"SELECT count(*) FROM public.deals WHERE created_at < '{NOW}' AND status = 'open'") < open_

    # One seed up to there holds the same rows.
    other = App(make_database(), app.folder, app.adopted)
    with connect(other.url, application_name="tests", autocommit=True) as conn:
        conn.execute("SET search_path = public")
        conn.execute(script("crm"))
        # Its own keys are those of the first.
        with connect(app.url, application_name="tests") as first:
            roles = first.execute("SELECT id, name FROM public.roles").fetchall()
        for key, name in roles:
            conn.execute("UPDATE roles SET id = %s WHERE name = %s", (key, name))
    init(at(other.url), InitRequest(i_know=other.url.rpartition("/")[2]))
    seed(at(other.url), SeedRequest(str(app.folder), now=LATER, epoch=NOW))
    by_triggers = {"public.audit_log"}
    lived, seeded = app.rows(), other.rows()
    assert {n: r for n, r in lived.items() if n not in by_triggers} == {
        n: r for n, r in seeded.items() if n not in by_triggers}  # fmt: skip


def test_rows_need_not_change_and_faults_have_their_line(empty_url: str, tmp_path: Path):
    app = made(empty_url, tmp_path, "crm", "ANALYZE")
    file = app.folder / "world.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('begins = "open"', 'begins = "opn"').replace("[0, 1, 0, 2]", "[0, 99]"), "utf-8")
    with pytest.raises(BadInput) as caught:
        app.seeded()
    said = str(caught.value)
    assert "tables.deals.columns.status.begins" in said
    assert "did you mean 'open'" in said
    assert "tables.users.edits" in said
    file.write_text(re.sub(r"(?m)^edits = .*$", "changes = false", text), "utf-8")
    app.seeded()
    assert number(app, "SELECT count(*) FROM public.users WHERE updated_at <> created_at") == 0
    assert number(app, "SELECT count(*) FROM public.users WHERE status = 'active'") > 0
