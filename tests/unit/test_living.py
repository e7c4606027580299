"""What a world's file says of how people live: each slip is one fault, with its line and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from adopted import EXAMPLES
from populace.declared import compiling, world_file
from populace.declared import schema as schemas
from populace.declared.structure import arrange
from populace.errors import BadInput

SHOP = EXAMPLES / "shop"
TEXT = (SHOP / "world.toml").read_text(encoding="utf-8")
ZONE = 'zone = { "Europe/Berlin" = 3, "America/New_York" = 1 }'
ORDERS = '[tables.orders]\nby = "customer_id"'
SLIPS = (
    (ORDERS, '[tables.orders]\nby = "customr_id"', "tables.orders.by", "customer_id"),
    (ORDERS, '[tables.orders]\nby = "status"', "tables.orders.by", "customer_id"),
    ("rate = 0.034", "rate = -1", "tables.orders.rate", "above 0"),
    ("rate = 0.034", "rate = 0", "tables.orders.rate", "above 0"),
    ("rate = 0.034", 'rate = "often"', "tables.orders.rate", "a number"),
    ("rate = 0.034", "rows = 3\nrate = 0.034", "tables.orders.by", None),
    ("signups = 1.6", "signups = -2", "people.signups", "from 0"),
    ("spread = 0.8", "spread = 9", "people.spread", "from 0 to 3"),
    (ZONE, 'zone = { "Europe/Berln" = 3 }', "people.zone.Europe/Berln", "IANA"),
    (ZONE, 'zone = { "Europe/Berlin" = 0 }', "people.zone", "Europe/Berlin"),
    (ZONE, 'zone = "timezone"', "people.zone", "a column of the kind `zone`"),
    (ZONE, 'zone = "city"', "people.zone", "a column of the kind `zone`"),
    (ZONE, 'zone = "shop_id.zone"', "people.zone", None),
    (
        "[tables.customers]\nrows",
        "[tables.customers]\npresent = 0.5\nrows",
        "tables.customers.present",
        "one of the two",
    ),
    ("rate = 0.034", f"rate = 0.034\nhours = {[0] * 24}", "tables.orders.hours", "one not 0"),
    ("rate = 0.034", "rate = 0.034\nweekdays = [1, 1, 1, 1, 1, 1, -1]", "tables.orders.weekdays", "0 to 1000"),
    ('[people]\ntable = "customers"', '[people]\ntable = "custmers"', "people.table", "customers"),
    ('[people]\ntable = "customers"', "[people]", "people.table", None),
)


@pytest.mark.parametrize(("old", "new", "path", "allowed"), SLIPS)
def test_a_slip_is_one_fault_with_its_line(old: str, new: str, path: str, allowed: str | None):
    assert old in TEXT
    wrong = TEXT.replace(old, new, 1)
    with pytest.raises(BadInput) as caught:
        world_file.parsed(Path("world.toml"), wrong.encode(), schemas.read(SHOP / schemas.FILE))
    fault = caught.value
    assert not fault.faults or len(fault.faults) == 1
    changed = [n for n, (a, b) in enumerate(zip(wrong.splitlines(), TEXT.splitlines(), strict=False), 1) if a != b]
    where, line, named = str(fault.where).split(":", 2)
    assert where == "world.toml"
    assert named.strip() == path
    assert abs(int(line) - changed[0]) <= 2
    assert allowed is None or allowed in str(fault)


def test_acts_need_people_who_live():
    lines = TEXT.splitlines()
    at = lines.index("[people]")
    without = "\n".join([*lines[:at], 'people = "customers"', *lines[at + 5 :]])
    with pytest.raises(BadInput) as caught:
        world_file.parsed(Path("world.toml"), without.encode(), schemas.read(SHOP / schemas.FILE))
    faults = [*caught.value.faults]
    assert [str(f.where).split(": ")[1] for f in faults] == [f"tables.{n}.by" for n in ("logins", "orders", "reviews")][
        : len(faults)]  # fmt: skip
    assert "[people]" in str(caught.value)


def test_who_acts_must_be_what_decides():
    """A table whose rows come with those of another has no acts of its own."""
    schema = schemas.read(EXAMPLES / "shop" / schemas.FILE)
    text = TEXT.replace('per = "customers"', 'by = "customer_id"\nrate = 1').replace("each = ", "# each = ")
    before, _, wishes = text.partition("[tables.wishes.columns]")
    text = before + "[tables.wishes.columns]" + wishes.replace(', skew = "strong"', "").replace(', skew = "some"', "")
    declared = world_file.parsed(Path("world.toml"), text.encode(), schema)
    _, faults = arrange(schema, declared)
    assert [(fault.table, fault.column) for fault in faults] == [("public.wishes", "customer_id")]


def test_what_is_declared_is_a_setting():
    world = compiling.load(SHOP)
    found = {parameter.path: parameter for parameter in world.parameters}
    assert found["orders.rate"].default == 0.034
    assert found["life.signups"].default == 1.6
    assert found["life.spread"].default == 0.8
    live = {path for path, parameter in found.items() if parameter.live}
    assert live == {"living", "life.signup_pace", "logins.pace", "orders.pace"}
