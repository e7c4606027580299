"""An app that ships rows: they stay, what refers to them takes one of them, and a plan holds which they were."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from psycopg.sql import SQL

from adopted import NOW, App, made
from contexts import at
from populace.database.connection import connect
from populace.errors import BadInput
from populace.operations.authoring.adopt import AdoptRequest, adopt
from populace.operations.authoring.check_world import CheckWorldRequest, check_world
from populace.operations.inspection.validate import ValidateRequest, validate
from populace.operations.plans.making import PlanRequest, plan
from populace.operations.runs.run import RunRequest, run
from urls import WORD, for_user

SHIPPED = {"cities", "countries", "deal_stages", "plans", "roles"}


def counted(app: App, query: str) -> list[tuple[object, ...]]:
    with connect(app.url, application_name="tests") as conn:
        return conn.execute(query).fetchall()  # type: ignore[call-overload,no-any-return]


def edited(app: App, pattern: str, text: str) -> None:
    file = app.folder / "world.toml"
    file.write_text(re.sub(pattern, text, file.read_text(encoding="utf-8")), encoding="utf-8")


def test_rows_that_the_app_ships_are_used_and_stay(empty_url: str, tmp_path: Path):
    app = made(empty_url, tmp_path, "crm", "ANALYZE")
    text = (app.folder / "world.toml").read_text(encoding="utf-8")
    assert set(re.findall(r"\[tables\.(\w+)\]\nsource = \"app\"", text)) == SHIPPED
    assert {"public.schema_version", "public.settings", "public.audit_log"} == set(app.adopted.declined)
    before = app.rows()

    # A row that the app has not is named, and nothing is written.
    weights = 'plan_code = { kind = "reference", weights = { free = 8, team = 4, busines = 0 } }'
    edited(app, r"(?m)^plan_code = .*$", weights)
    with pytest.raises(BadInput, match="did you mean 'business'") as caught:
        app.seeded()
    assert re.search(r"world\.toml:\d+: tables\.tenants\.columns\.plan_code\.weights", str(caught.value.where))
    assert app.rows() == before
    edited(app, "busines =", "business =")

    assert not any(tally.rejected for tally in app.seeded().wrote.tables.values())
    run(app.context, RunRequest(world=str(app.folder), speed="max", until="2026-06-02T00:00:00Z"))
    assert [v.title for v in validate(app.context, ValidateRequest(str(app.folder))).verdicts if v.ok is False] == []
    assert {name for (name,) in counted(app, "SELECT DISTINCT plan_code FROM public.tenants")} == {"free", "team"}
    for column, table in (("stage_id", "deals"), ("role_id", "user_roles")):
        parents = "deal_stages" if table == "deals" else "roles"
        (used,), (there,) = (
            counted(app, f"SELECT count(DISTINCT {column}) FROM public.{table}")[0],
            counted(app, f"SELECT count(*) FROM public.{parents}")[0],
        )
        assert used == there
    held = counted(app, "SELECT document -> 'given' FROM populace.plan")[0][0]
    assert isinstance(held, dict)
    assert held.keys() == {f"public.{name}" for name in SHIPPED}
    assert held["public.cities"] == {"country": ["DE", "DE", "FR", "GB"], "code": ["B", "M", "P", "L"]}
    assert held["public.deal_stages"] == {"id": [1, 2, 3, 4]}

    # What the app adds later is not looked at: the plan is the same, and so are its rows.
    with connect(app.url, application_name="tests", autocommit=True) as conn:
        conn.execute("INSERT INTO public.deal_stages VALUES (9, 'Parked')")
    assert app.seeded().unchanged
    run(app.context, RunRequest(world=str(app.folder), speed="max", until="2026-06-03T00:00:00Z"))
    assert counted(app, "SELECT count(*) FROM public.deals WHERE stage_id = 9") == [(0,)]
    app.cleaned()
    with connect(app.url, application_name="tests", autocommit=True) as conn:
        conn.execute("DELETE FROM public.deal_stages WHERE id = 9")
    assert app.rows() == before


def test_a_refresh_by_another_role_says_the_same(empty_url: str, tmp_path: Path):
    app = made(empty_url, tmp_path, "crm", "ANALYZE")
    before = {path.name: path.read_bytes() for path in app.folder.iterdir()}
    with connect(app.url, application_name="tests", autocommit=True) as conn:
        conn.execute(SQL("CREATE ROLE inserts LOGIN PASSWORD {}").format(WORD))
        conn.execute("GRANT INSERT ON ALL TABLES IN SCHEMA public TO inserts")
    try:
        # Of Populace's own tables it may read nothing.
        url = for_user(app.url, "inserts")
        assert list(adopt(at(url), AdoptRequest(url, app.folder, refresh=True)).changes) == []
    finally:
        with connect(app.url, application_name="tests", autocommit=True) as conn:
            conn.execute("DROP OWNED BY inserts")
            conn.execute("DROP ROLE inserts")
    assert {path.name: path.read_bytes() for path in app.folder.iterdir()} == before


def test_a_plan_can_be_made_and_cut_before_anything_is_read(empty_url: str, tmp_path: Path):
    app = made(empty_url, tmp_path, "crm", "ANALYZE")
    assert plan(app.context, PlanRequest(str(app.folder), now=NOW)).guess.total > 1_000
    request = CheckWorldRequest(str(app.folder), now=NOW, cuttings=2, without_database=True)
    assert [f for f in check_world(app.context, request).findings if f.state != "ok"] == []


def test_a_table_that_should_hold_rows_and_holds_none_is_said(empty_url: str, tmp_path: Path):
    app = made(empty_url, tmp_path, "crm", "ANALYZE")
    with connect(app.url, application_name="tests", autocommit=True) as conn:
        conn.execute("DELETE FROM public.deal_stages")
    before = app.rows()
    with pytest.raises(BadInput, match=r"public\.deal_stages.*holds none"):
        app.seeded()
    edited(app, r"\[tables.plans\]\nsource", "[tables.plans]\nrows = 3\nsource")
    with pytest.raises(BadInput, match="the app's own rows stay"):
        app.seeded()
    assert app.rows() == before
