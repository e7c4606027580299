"""The frame itself: a database that others use too, and nothing hazardous in it."""

from __future__ import annotations

import pytest

from hazards import CLUB_SMALL, FILMS, JOURNEYS, Hazard, Others, Small, execute, live_through

SHOP = """
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id integer PRIMARY KEY, buyer text, paid boolean);
INSERT INTO shop.orders SELECT n, 'buyer ' || n, n % 2 = 0 FROM generate_series(1, 50) AS n;
"""


@pytest.mark.parametrize("small", [CLUB_SMALL, JOURNEYS, FILMS], ids=["club", "recoverlution", "hogflix"])
def test_a_population_lives_and_ends_beside_an_app(opened_url: str, small: Small) -> None:
    hazard = Hazard(name="an app beside it", small=small, before=SHOP)
    said = live_through(hazard, opened_url)
    assert {"seed", "life", "look", "keep", "all"} <= set(said)


@pytest.mark.parametrize("change", [
    "DELETE FROM shop.orders WHERE id = 7",
    "UPDATE shop.orders SET paid = NOT paid WHERE id = 7",
])  # fmt: skip
def test_the_frame_notices_one_row(empty_url: str, change: str) -> None:
    execute(empty_url, SHOP)
    others = Others(empty_url)
    others.do("INSERT INTO shop.orders VALUES (51, 'late', true)")
    assert sum(others.rows.values()) == 51
    assert not others.changed()
    execute(empty_url, change)
    assert others.changed() == {"shop.orders": 1}
    others.do("UPDATE shop.orders SET buyer = 'somebody else' WHERE id = 8")
    assert others.changed() == {"shop.orders": 1}
