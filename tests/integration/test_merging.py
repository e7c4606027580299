"""A changed schema, adopted again into an edited file: what is new comes in, what was removed goes, the edits stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from adopted import App, made
from contexts import at
from populace.database.connection import connect
from populace.errors import BadInput
from populace.operations.authoring.adopt import Adopted, AdoptRequest, adopt

CHANGED = """
ALTER TABLE customers ADD COLUMN company text NOT NULL DEFAULT '', ADD COLUMN nick text, DROP COLUMN phone;
ALTER TABLE products ALTER COLUMN product_name TYPE int USING 0;
DROP TABLE logins;
CREATE TABLE returns (id serial PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders, reason text NOT NULL);
"""


def changed(app: App, statements: str) -> None:
    with connect(app.url, application_name="tests", autocommit=True) as conn:
        conn.execute("SET search_path = public")
        conn.execute(statements)  # type: ignore[call-overload]


def again(app: App) -> Adopted:
    return adopt(at(app.url), AdoptRequest(app.url, app.folder, refresh=True))


def test_edits_and_comments_stay_through_a_change_of_the_schema(empty_url: str, tmp_path: Path):
    app = made(empty_url, tmp_path, "shop")
    file = app.folder / "world.toml"
    text = file.read_text(encoding="utf-8")
    assert list(again(app).changes) == []
    assert file.read_text(encoding="utf-8") == text

    edits = {
        'full_name = "name"': 'full_name = { kind = "words", words = [  # ours\n    "Ada", "[Bo]",\n  ] }',
        "[tables.orders]": "# What people buy.\n[tables.orders]",
        'email = "email"': "email   = 'email'   # as it is",
    }
    for old, new in edits.items():
        assert old in text
        text = text.replace(old, new, 1)
    file.write_text(text, encoding="utf-8")
    changed(app, CHANGED)
    done = again(app)
    assert list(done.changes) == [
        "column customers.phone: gone from the schema, commented out",
        "column customers.company: new",
        "column customers.nick: new",
        "table logins: gone from the schema, commented out",
        "column products.product_name: its type is integer, guessed again",
        "table returns: new",
    ]
    merged = file.read_text(encoding="utf-8")
    assert all(new in merged for new in edits.values())
    kept = [line for line in text.splitlines() if line.strip()]
    lost = [line for line in kept if line not in merged.splitlines()]
    assert all("phone" in line or "product_name" in line or f"# {line}" in merged for line in lost)
    page = (app.folder / "README.md").read_text(encoding="utf-8")
    assert "- `customers.full_name`" not in page
    assert "- `customers.email`: email" in page
    app.seeded()
    assert app.rows()["public.returns"]
    # A table that somebody took out stays out.
    start = merged.index("[tables.wishes]")
    end = merged.index("\n\n", start)
    file.write_text(merged[:start] + merged[end:], encoding="utf-8")
    assert list(again(app).changes) == []
    assert "[tables.wishes]" not in file.read_text(encoding="utf-8")


def test_what_does_not_fit_any_more_is_one_error_and_nothing_is_written(empty_url: str, tmp_path: Path):
    app = made(empty_url, tmp_path, "shop")
    changed(app, "ALTER TABLE orders ADD COLUMN gate text NOT NULL CHECK (gate <> 'x' AND length(gate) > 3)")
    changed(app, "ALTER TABLE products ADD CHECK (price BETWEEN 100000 AND 100001)")
    file = app.folder / "world.toml"
    edited = file.read_text(encoding="utf-8").replace('price = "money"', 'price = { kind = "money", high = 9 }')
    file.write_text(edited, encoding="utf-8")
    before = {path.name: path.read_bytes() for path in app.folder.iterdir()}
    with pytest.raises(BadInput, match=r"products: .*price"):
        again(app)
    assert {path.name: path.read_bytes() for path in app.folder.iterdir()} == before
    file.write_text(edited.replace("[tables.wishes]", "[tables.wishs]"), encoding="utf-8")
    with pytest.raises(BadInput, match="did you mean 'wishes'"):
        again(app)
    with pytest.raises(BadInput, match="there is no adopted world to refresh"):
        adopt(at(app.url), AdoptRequest(app.url, tmp_path / "other", refresh=True))


OWN = """
INSERT INTO customers (email, full_name, phone)
SELECT 'person' || n || '@elsewhere.org', 'Person ' || n, CASE WHEN n > 30 THEN '555' END
FROM generate_series(1, 40) AS n;
INSERT INTO orders (customer_id, status, total, created_at)
SELECT id, CASE WHEN phone IS NULL THEN 'cart' ELSE 'paid' END::order_status, 5, now()
FROM customers, generate_series(1, 3);
"""


def test_what_is_counted_is_proposed_and_every_query_is_written_down(empty_url: str, tmp_path: Path):
    app = made(empty_url, tmp_path, "shop", OWN)
    before = app.rows()
    done = adopt(at(app.url), AdoptRequest(app.url, tmp_path / "counted", profile=True))
    text = (tmp_path / "counted" / "world.toml").read_text(encoding="utf-8")
    assert "[tables.customers]\nrows = 40\n" in text
    # 120 orders of 12 people at first and 40 in the end, in 90 days.
    assert '[tables.orders]\nby = "customer_id"  # whose acts these are\nrate = 0.051  #' in text
    assert "words = { cart = 90, paid = 30, shipped = 0, returned = 0 }" in text
    assert 'phone = { kind = "phone", empty = 0.75 }' in text
    assert "elsewhere" not in text
    ran = (tmp_path / "counted" / "profile.sql").read_text(encoding="utf-8").splitlines()[1:]
    assert [line.rstrip(";") for line in ran] == list(done.statements)[-len(ran) :]
    assert all(line.startswith("SELECT ") and "count(*)" in line for line in ran)
    assert not any('email"::text' in line or 'full_name"::text' in line for line in ran)
    assert app.rows() == before
