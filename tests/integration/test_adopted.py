"""Foreign schemas, adopted: what can be filled is filled, with constraints and triggers on, and emptied again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from psycopg.sql import SQL

from adopted import NAMES, NOW, App, made, script
from conftest import MakeDatabase
from contexts import at
from populace.database import schema_copy
from populace.database.connection import connect
from populace.declared import schema as schemas
from populace.errors import BadInput, Refused
from populace.operations.authoring.adopt import AdoptRequest, adopt
from populace.operations.authoring.check_world import CheckWorldRequest, check_world
from populace.operations.init import InitRequest, init
from populace.operations.inspection.validate import ValidateRequest, validate
from populace.operations.runs.run import RunRequest, run
from urls import WORD, for_user

DECLINED = {
    "partitions": {"public.nothing": "it has no partition that would take a row"},
    "secured": {"public.cars": "its rows would be rows of public.assets too, which it inherits"},
}
"""By schema, what is not filled, and why; the parts of partitioned tables apart."""


SEEN_ELSEWHERE = ("contacts", "triggers")
"""Schemas that other tests fill and empty, beside rows of the app's own."""


@pytest.mark.parametrize("name", [name for name in NAMES if name not in SEEN_ELSEWHERE])
def test_a_schema_is_filled_whole_and_emptied_whole(name: str, empty_url: str, tmp_path: Path):
    app = made(empty_url, tmp_path, name)
    declined = {table: why for table, why in app.adopted.declined.items() if "come through" not in why}
    assert declined == DECLINED.get(name, {})
    first = app.seeded()
    written = {table: tally.written for table, tally in first.wrote.tables.items()}
    assert len(written) == app.adopted.filled
    assert all(written.values())
    assert not any(tally.rejected for tally in first.wrote.tables.values())
    rows = app.rows()
    assert app.seeded().unchanged
    assert app.rows() == rows
    app.cleaned()
    assert app.rows() == {}


def test_rows_that_a_trigger_made_of_ours_go_with_them_and_no_others(empty_url: str, tmp_path: Path):
    human = "INSERT INTO accounts (login, state) VALUES ('somebody', 'new')"
    app = made(empty_url, tmp_path, "triggers", human)
    assert app.adopted.declined == {"public.audit": "the app's trigger audited on public.accounts fills it"}
    before = app.rows()
    app.seeded()
    run(app.context, RunRequest(world=str(app.folder), speed="max", until="2026-06-02T00:00:00Z"))
    judged = validate(app.context, ValidateRequest(str(app.folder)))
    assert [v.title for v in judged.verdicts if v.ok is False] == []
    assert {group.name for group in judged.judgement.groups()} == {"integrity", "decisions"}
    with connect(app.url, application_name="tests", autocommit=True) as conn:
        ours = "SELECT id, 19 FROM public.accounts WHERE id > 1000000000 LIMIT 1"
        conn.execute(f"INSERT INTO public.audit (account_id, what) {ours}")
    with pytest.raises(Refused, match="1 row"):
        app.cleaned()
    with connect(app.url, application_name="tests", autocommit=True) as conn:
        conn.execute("DELETE FROM public.audit WHERE what = '19'")
    app.cleaned()
    assert app.rows() == before


def test_people_of_the_app_stay_and_go_on_beside_ours(empty_url: str, tmp_path: Path):
    human = """
        INSERT INTO customers (email, full_name) VALUES ('someone@elsewhere.org', 'Someone');
        INSERT INTO categories (name, slug) VALUES ('Theirs', 'theirs');
        INSERT INTO orders (customer_id, total, created_at) SELECT id, 5, now() FROM customers;
    """
    app = made(empty_url, tmp_path, "shop", human)
    before = app.rows()
    app.seeded()
    run(app.context, RunRequest(world=str(app.folder), speed="max", until="2026-06-02T00:00:00Z"))
    verdicts = validate(app.context, ValidateRequest(str(app.folder))).verdicts
    assert [v.title for v in verdicts if v.ok is False] == []
    with connect(app.url, application_name="tests", autocommit=True) as conn:
        conn.execute("SET search_path = public")
        conn.execute(human.replace("someone@", "other@").replace("'theirs'", "'theirs too'").replace(
            "FROM customers", "FROM customers WHERE email LIKE 'other@%'"))  # fmt: skip
        conn.execute("DELETE FROM orders WHERE customer_id IN (SELECT id FROM customers WHERE email LIKE 'other@%')")
        conn.execute("DELETE FROM customers WHERE email LIKE 'other@%'")
        conn.execute("DELETE FROM categories WHERE slug = 'theirs too'")
    app.cleaned()
    assert app.rows() == before


def test_its_numbers_lie_above_the_apps_whose_sequence_stays(empty_url: str, tmp_path: Path):
    app = made(empty_url, tmp_path, "partial")
    app.seeded()
    with connect(app.url, application_name="tests") as conn:
        least = conn.execute("SELECT min(id) FROM public.members").fetchall()[0][0]
        theirs = conn.execute("INSERT INTO public.members (email) VALUES ('a@elsewhere.org') RETURNING id").fetchone()
    assert theirs == (1,)
    assert least > 1_000_000_000


def test_its_rows_do_not_depend_on_how_the_work_is_cut(empty_url: str, tmp_path: Path):
    app = made(empty_url, tmp_path, "tenants")
    request = CheckWorldRequest(str(app.folder), now=NOW, cuttings=2, without_database=True)
    assert [f for f in check_world(app.context, request).findings if f.state != "ok"] == []


def test_a_tree_inside_a_tenant_and_its_tickets_stay_there(empty_url: str, tmp_path: Path):
    app = made(empty_url, tmp_path, "tenants")
    app.seeded()
    with connect(app.url, application_name="tests") as conn:
        deep = conn.execute("SELECT count(*) FROM public.folders WHERE parent_id IS NOT NULL").fetchall()[0][0]
        many = conn.execute("SELECT count(DISTINCT org_id) FROM public.tickets").fetchall()[0][0]
    assert deep > 100
    assert many > 5


def test_a_helpdesk_hangs_together(empty_url: str, tmp_path: Path):
    app = made(empty_url, tmp_path, "helpdesk")
    assert len((app.folder / "world.toml").read_text(encoding="utf-8").splitlines()) <= 120
    app.seeded()
    run(app.context, RunRequest(world=str(app.folder), speed="max", until="2026-06-03T00:00:00Z"))
    verdicts = validate(app.context, ValidateRequest(str(app.folder))).verdicts
    assert [v.title for v in verdicts if v.ok is False] == []
    with connect(app.url, application_name="tests") as conn:

        def counted(query: str) -> int:
            return int(conn.execute(query).fetchall()[0][0])  # type: ignore[call-overload]

        assert counted("""
            SELECT count(*) FROM public.tickets AS t JOIN public.users AS u ON u.id = t.assignee_id
            WHERE u.organisation_id <> t.organisation_id OR u.created_at > t.created_at""") == 0  # fmt: skip
        assert counted("SELECT count(DISTINCT status) FROM public.tickets") == 4
        assert counted("SELECT count(DISTINCT organisation_id) FROM public.tickets") > 10
        assert counted("SELECT count(*) FROM public.tickets WHERE created_at >= '2026-06-01'") > 5
        hour = """SELECT count(*) FROM public.messages AS m JOIN public.users AS u ON u.id = author_id
            JOIN public.organisations AS o ON o.id = u.organisation_id
            WHERE extract(hour FROM m.created_at AT TIME ZONE o.time_zone) BETWEEN """
        assert counted(hour + "9 AND 14") > 4 * counted(hour + "0 AND 5")
    app.cleaned()
    assert app.rows() == {}


def test_reading_a_catalogue_writes_nothing_and_reads_no_row(empty_url: str, tmp_path: Path):
    with connect(empty_url, application_name="tests", autocommit=True) as conn:
        conn.execute("SET search_path = public")
        conn.execute(script("shop"))
        conn.execute(SQL("CREATE ROLE looks_only LOGIN PASSWORD {}").format(WORD))
    url = for_user(empty_url, "looks_only")
    try:
        with pytest.raises(BadInput, match="this role may not insert there"):
            adopt(at(url), AdoptRequest(url, tmp_path / "shop"))
    finally:
        with connect(empty_url, application_name="tests", autocommit=True) as conn:
            conn.execute("DROP ROLE looks_only")
    assert not (tmp_path / "shop").exists()
    said = adopt(at(empty_url), AdoptRequest(empty_url, dry_run=True)).statements
    assert said[0].endswith("READ ONLY")
    bare = [[line for line in text.splitlines() if not line.startswith("--")] for text in said]
    assert said[-1] == schema_copy.SHOWN
    assert {lines[0].split()[0] for lines in bare[:-1]} == {"SET", "SELECT", "WITH"}


def test_the_same_tables_have_the_same_digest(make_database: MakeDatabase, tmp_path: Path):
    digests = {made(make_database(), tmp_path / str(n), "shop").adopted.digest for n in range(2)}
    assert len(digests) == 1


def test_what_cannot_be_adopted_is_one_error_and_leaves_nothing(empty_url: str, tmp_path: Path):
    with pytest.raises(BadInput, match="there are no tables in this database"):
        adopt(at(empty_url), AdoptRequest(empty_url, tmp_path / "empty"))
    with pytest.raises(BadInput, match="a folder is needed"):
        adopt(at(empty_url), AdoptRequest(empty_url))
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "notes").write_text("mine", encoding="utf-8")
    with pytest.raises(BadInput, match="nothing is written over"):
        adopt(at(empty_url), AdoptRequest(empty_url, tmp_path / "kept"))
    with pytest.raises(BadInput, match="name of this folder"):
        adopt(at(empty_url), AdoptRequest(empty_url, tmp_path / "hogflix"))
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_every_fault_of_an_edited_file_has_its_line(empty_url: str, tmp_path: Path):
    app = made(empty_url, tmp_path, "shop")
    file = app.folder / "world.toml"
    text = file.read_text(encoding="utf-8")
    wrong = (
        text.replace('email = "email"', 'email = "emial"')
        .replace("rows = 24\n", "rows = 0\n")
        .replace("[tables.wishes]", "[tables.whishes]")
        .replace('full_name = "name"', 'full_nam = "name"')
        .replace("share = 0.5", "share = 1.5")
    )
    file.write_text(wrong, encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        at(app.url).registry.find(str(app.folder))
    said = {fault.where.split(": ")[1]: fault for fault in caught.value.faults if fault.where}
    lines = wrong.splitlines()
    for path, begins in (
        ("tables.customers.columns.email", "email ="),
        ("tables.categories.rows", "rows = 0"),
        ("tables.whishes", "[tables.whishes"),
        ("tables.customers.columns.full_nam", "full_nam ="),
        ("tables.customers.columns.is_active.share", "is_active ="),
    ):
        number = int(str(said[path].where).split(":")[1])
        assert lines[number - 1].startswith(begins), path
    assert "did you mean 'email'?" in str(said["tables.customers.columns.email"])


SLIPS = (
    ("[tables.customers]\nrows = ", "[tables.customers]\nrows = 1.5 # ", "tables.customers.rows"),
    ('full_name = "name"', 'full_nam = "name"', "tables.customers.columns.full_nam"),
    ('email = "email"', 'email = "emial"', "tables.customers.columns.email"),
    ('email = "email"', 'email = { kind = "words", words = ["a"] }', "tables.customers.columns.email"),
    ('per = "customers"', 'per = "categories"', "tables.wishes"),
    ("[tables.products]\nrows = ", '[tables.products]\nper = "customers" # ', "tables.products"),
    ("[tables.products]\nrows = ", '[tables.products]\nsource = "ap" # ', "tables.products.source"),
    ("[tables.products]\nrows = ", "[tables.products]\nedit_days = 0 # ", "tables.products.edit_days"),
    ("stock = {", 'stock = { kind = "constant", value = "ten" } # {', "tables.products.columns.stock.value"),
    ("stock = {", 'stock = { kind = "constant", value = 1.5 } # {', "tables.products.columns.stock.value"),
    ("stock = {", 'stock = { kind = "words", words = ["1", "ten"] } # {', "tables.products.columns.stock.words"),
    (
        "is_active = {",
        'is_active = { kind = "constant", value = "no" } # {',
        "tables.customers.columns.is_active.value",
    ),
    (
        'created_at = "created"',
        'created_at = { kind = "constant", value = "soon" }',
        "tables.customers.columns.created_at.value",
    ),
    ("history_days = ", 'history_days = "ninety" # ', "time.history_days"),
    ('zone = "UTC"', 'zone = "Europe/Berln"', "time.zone"),
    ("[tables.products]\nrows = ", "[tables.products]\nhours = [1, 2] # ", "tables.products.hours"),
    ('table = "customers"', 'table = "customer"', "people.table"),
    ("[tables.orders]\n", '[tables.orders]\nchecks = ["totl > 0"]\n', "tables.orders.checks"),
    ("[tables.orders]\n", '[tables.orders]\nchecks = ["total > unheard_of(3)"]\n', "tables.orders.checks"),
    ("[tables.orders]\n", '[tables.orders]\nchecks = ["1 > 0"]\n', "tables.orders.checks"),
)


def test_a_slip_is_one_fault_with_its_line(empty_url: str, tmp_path: Path):
    app = made(empty_url, tmp_path, "shop")
    file = app.folder / "world.toml"
    text = file.read_text(encoding="utf-8")
    for old, new, path in SLIPS:
        assert old in text
        wrong = text.replace(old, new, 1)
        file.write_text(wrong, encoding="utf-8")
        with pytest.raises(BadInput) as caught:
            at(app.url).registry.find(str(app.folder))
        # What a whole table does not fit in is said where it begins.
        shown = f"[{path}]" if path.count(".") == 1 and path.startswith("tables.") else new.splitlines()[-1]
        line = 1 + next(n for n, one in enumerate(wrong.splitlines()) if shown in one)
        assert caught.value.where == f"{file}:{line}: {path}", new


def test_what_the_schema_does_not_say_the_file_says(empty_url: str, tmp_path: Path):
    app = made(empty_url, tmp_path, "shop")
    file = app.folder / "world.toml"
    text = file.read_text(encoding="utf-8")
    asked = "checks = [\"total >= 90 OR status <> 'paid'\"]\n"
    document = (
        '{ kind = "json", schema = { type = "object", required = ["x"], properties = { x = { enum = [7, 8] } } } }'
    )
    text = text.replace("[tables.orders]\n", f"[tables.orders]\n{asked}")
    text = re.sub("(?m)^attributes = .*$", f"attributes = {document}", text)
    file.write_text(text, encoding="utf-8")
    app.seeded()
    with connect(app.url, application_name="tests") as conn:
        paid = "SELECT count(*) > 5, bool_and(total >= 90) FROM public.orders WHERE status = 'paid'"
        assert conn.execute(paid).fetchone() == (True, True)
        sizes = "SELECT array_agg(DISTINCT attributes ->> 'x') FROM public.products"
        assert conn.execute(sizes).fetchone() == (["7", "8"],)


@pytest.mark.parametrize(
    ("column", "declared"),
    [("stars", '{ kind = "number", low = 7, high = 9 }'), ("stars", '{ kind = "constant", value = 6 }')],
)
def test_what_an_author_asks_for_and_no_check_takes_is_one_fault(
    column: str, declared: str, empty_url: str, tmp_path: Path
):
    app = made(empty_url, tmp_path, "contacts")
    file = app.folder / "world.toml"
    wrong = re.sub(rf"(?m)^{column} = .*$", f"{column} = {declared}", file.read_text(encoding="utf-8"))
    file.write_text(wrong, encoding="utf-8")
    line = 1 + next(n for n, one in enumerate(wrong.splitlines()) if one.startswith(f"{column} = "))
    with pytest.raises(BadInput, match="members_stars_check") as refused:
        app.seeded()
    assert f"world.toml:{line}: tables.members.columns.{column}" in str(refused.value)


def test_what_an_author_asks_for_is_narrowed_and_not_replaced(empty_url: str, tmp_path: Path):
    app = made(empty_url, tmp_path, "contacts")
    file = app.folder / "world.toml"
    text = file.read_text(encoding="utf-8")
    text = re.sub(r"(?m)^stars = .*$", 'stars = { kind = "number", low = 4, high = 9 }', text)
    text = re.sub(r"(?m)^closed_at = .*$", 'closed_at = { kind = "later", minutes = 40 }', text)
    file.write_text(text, encoding="utf-8")
    app.seeded()
    with connect(app.url, application_name="tests") as conn:
        stars = conn.execute("SELECT DISTINCT stars FROM public.members ORDER BY 1").fetchall()
        longest = conn.execute("SELECT max(closed_at - opened_at) <= interval '40 min' FROM public.members").fetchone()
    assert stars == [(4,), (5,)]
    assert longest == (True,)


def test_a_schema_file_that_was_changed_by_hand_is_refused(empty_url: str, tmp_path: Path):
    app = made(empty_url, tmp_path, "cycles")
    file = app.folder / schemas.FILE
    file.write_text(file.read_text(encoding="utf-8").replace('"label"', '"labels"'), encoding="utf-8")
    with pytest.raises(BadInput, match="changed by hand"):
        at(app.url).registry.find(str(app.folder))


def test_a_table_that_changed_since_is_named_before_a_row_is_written(empty_url: str, tmp_path: Path):
    app = made(empty_url, tmp_path, "cycles")
    with connect(app.url, application_name="tests", autocommit=True) as conn:
        conn.execute("ALTER TABLE public.nodes ADD COLUMN weight int NOT NULL")
        conn.execute("ALTER TABLE public.nodes ALTER COLUMN label TYPE int USING 0")
    with pytest.raises(BadInput) as caught:
        app.seeded()
    assert "public.nodes.weight" in str(caught.value)
    assert "public.nodes.label" in str(caught.value)
    assert app.rows() == {}


def test_a_check_never_makes_an_address_that_reaches_somebody(empty_url: str, tmp_path: Path):
    app = made(empty_url, tmp_path, "contacts")
    assert set(app.adopted.declined) == {"public.colleagues", "public.lines"}
    assert all("is declared" in why for why in app.adopted.declined.values())
    app.seeded()
    with connect(app.url, application_name="tests") as conn:
        rows = conn.execute("SELECT email, phone FROM public.members").fetchall()
    assert len(rows) > 10
    assert all(email.endswith("@example.com") for email, _ in rows)
    assert all("555-01" in phone for _, phone in rows if phone)


def test_partitions_that_are_missing_are_made_where_that_is_asked_for(empty_url: str, tmp_path: Path):
    with connect(empty_url, application_name="tests", autocommit=True) as conn:
        conn.execute("""
            CREATE TABLE public.readings (id bigint NOT NULL, at timestamptz NOT NULL, body text, PRIMARY KEY (id, at))
                PARTITION BY RANGE (at);
            CREATE TABLE public.readings_april PARTITION OF public.readings
                FOR VALUES FROM ('2026-04-01 12:00+00') TO ('2026-05-01 00:00+00');
            CREATE TABLE public.days (id int NOT NULL, day date NOT NULL, PRIMARY KEY (id, day))
                PARTITION BY RANGE (day);
        """)
    parts = "SELECT count(*) FROM pg_inherits WHERE inhparent IN ('public.readings'::regclass, 'public.days'::regclass)"
    request = AdoptRequest(empty_url, tmp_path / "parted", create_partitions=True)
    adopted = adopt(at(empty_url), request)
    assert adopted.filled == 2
    init(at(empty_url), InitRequest())
    app = App(empty_url, tmp_path / "parted", adopted)

    def counted(query: str) -> int:
        with connect(empty_url, application_name="tests") as conn:
            return int(conn.execute(query).fetchall()[0][0])  # type: ignore[call-overload]

    assert counted(parts) == 1
    app.seeded()
    assert counted(parts) > 40
    assert counted("SELECT count(DISTINCT tableoid) FROM public.readings") > 3
    assert counted("SELECT count(*) FROM public.readings_april") > 5
    run(app.context, RunRequest(world=str(app.folder), speed="max", until="2026-06-02T00:00:00Z"))
    with connect(empty_url, application_name="tests", autocommit=True) as conn:
        conn.execute("INSERT INTO public.readings VALUES (1, '2026-03-03', 'theirs')")
    app.cleaned()
    # The one that was there, and the one in which somebody else has a row.
    assert counted(parts) == 2
    assert counted("SELECT count(*) FROM public.readings") == 1
