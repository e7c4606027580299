"""Rows of adopted worlds that change: a status advances, what comes later comes then, edits move `updated_at`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from adopted import NOW, App, made, script
from command import Place
from conftest import MakeDatabase
from contexts import at
from kills import Kills, locked
from populace.database.connection import connect
from populace.errors import BadInput
from populace.operations.init import InitRequest, init
from populace.operations.inspection.validate import ValidateRequest, validate
from populace.operations.people.row import ExplainRowRequest, explain_row
from populace.operations.runs.run import RunRequest, run
from populace.operations.seeds.seed import SeedRequest, seed
from populace.operations.steering.settings import ChangeRequest, change
from stages import SEEDING

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
    other = twin(app, make_database())
    seed(at(other.url), SeedRequest(str(app.folder), now=LATER, epoch=NOW))
    assert ours(app) == ours(other)


def test_rows_that_change_are_the_same_after_kills_and_however_they_are_cut(
    make_database: MakeDatabase, tmp_path: Path
):
    """K4: killed while it seeds and while it lives, cut elsewhere, with a pause and another pace; and never killed."""
    app = made(make_database(), tmp_path, "crm", "ANALYZE")
    other, folder = twin(app, make_database()), str(app.folder)
    kills = Kills(Place.at(folder, app.url))
    seeding = ("seed", folder, "--now", NOW, "--yes")
    kills.kill(
        "seed: rows", seeding, locked("public.deals"), at='INSERT INTO "public"."deals"', sees=SEEDING, passing=1
    )
    kills.call(*seeding)
    seed(other.context, SeedRequest(folder, now=NOW))
    paced = {"deals.pace": 2.0, "life.signup_pace": 0.25}
    for one in (app, other):
        change(one.context, ChangeRequest(paced, at="2026-06-01T07:00:00Z"))
        change(one.context, ChangeRequest({"living": False}, at="2026-06-02T03:00:00Z"))
        change(one.context, ChangeRequest({"living": True}, at="2026-06-02T15:00:00Z"))
    run(app.context, RunRequest(world=folder, speed="max", until="2026-06-01T11:37:00Z"))
    until = ("run", folder, "--speed", "max", "--until", LATER)
    watermark = (f"SELECT min(until) < '{LATER}' FROM populace.ledger", True)
    kills.kill("run: rows", until, locked("public.users", "SHARE ROW EXCLUSIVE"), at="users", sees=watermark)
    run(app.context, RunRequest(world=folder, speed="max", until="2026-06-02T09:00:00Z"))
    kills.call(*until)
    run(other.context, RunRequest(world=folder, speed="max", until=LATER))
    assert kills.hits.total() == 2
    assert ours(app) == ours(other)
    paused = "created_at >= '2026-06-02 03:00Z' AND created_at < '2026-06-02 15:00Z'"
    assert number(app, f"SELECT count(*) FROM public.deals WHERE {paused}") == 0
    assert number(app, f"SELECT count(*) FROM public.users WHERE created_at < '{NOW}' AND updated_at > '{NOW}'") > 0
    assert [v.title for v in validate(app.context, ValidateRequest(folder)).verdicts if v.ok is False] == []

    # A row says how it came about, as it stands in the table.
    with connect(app.url, application_name="tests") as conn:
        query = (
            "SELECT owner_id::text, id::text, status::text FROM public.deals WHERE created_at > %s ORDER BY 2 LIMIT 1"
        )
        owner, key, status = conn.execute(query, (NOW,)).fetchall()[0]
        deals = number(app, f"SELECT count(*) FROM public.deals WHERE owner_id = '{owner}'")
    deal = explain_row(app.context, ExplainRowRequest(f"deals:{key}"))
    assert deal.why.startswith("an act of users")
    columns = {column.name: column for column in deal.columns}
    assert (columns["status"].value, columns["owner_id"].parent) == (status, f"users:{owner}")
    line = (app.folder / "world.toml").read_text("utf-8").splitlines()[int(columns["status"].where.split(":")[1]) - 1]
    assert line.startswith("status = ")
    person = explain_row(app.context, ExplainRowRequest(f"users:{owner}"))
    assert person.acts["deals"] == deals
    assert f"deals:{key}" in {row for _, row in person.last} or deals + person.acts["notes"] > 20
    with pytest.raises(BadInput, match="no such row"):
        explain_row(app.context, ExplainRowRequest("deals:00000000-0000-8000-8000-000000000000"))


def twin(app: App, url: str) -> App:
    """Another database of the same app, opened; its own keys are those of the first."""
    other = App(url, app.folder, app.adopted)
    with connect(other.url, application_name="tests", autocommit=True) as conn:
        conn.execute("SET search_path = public")
        conn.execute(script("crm"))  # type: ignore[call-overload]
        with connect(app.url, application_name="tests") as first:
            roles = first.execute("SELECT id, name FROM public.roles").fetchall()
        for key, name in roles:
            conn.execute("UPDATE roles SET id = %s WHERE name = %s", (key, name))
    init(at(other.url), InitRequest(i_know=other.url.rpartition("/")[2]))
    return other


def ours(app: App) -> dict[str, str]:
    """A digest of the rows of each table, but for what triggers wrote."""
    return {name: rows for name, rows in app.rows().items() if name != "public.audit_log"}


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
