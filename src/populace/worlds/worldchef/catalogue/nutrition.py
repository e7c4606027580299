"""The rows of the nutrition table: what usual amounts of every ingredient contain. They never change."""

from __future__ import annotations

import json
from functools import cache

import numpy as np

from populace.spec import Columns, Draw, Ints, Key, Rows, TableRows, Words
from populace.worlds.worldchef.catalogue.larder import amounts


def rows(draw: Draw, amount: Ints) -> TableRows:
    """One row a amount."""
    every = amounts()
    columns: Columns = {
        "id": Key("nutrition", amount),
        "ingredient_hash": Words(amount, tuple(one.hashed for one in every)),
        "canonical_string": Words(amount, tuple(one.canonical for one in every)),
        "name": Words(amount, tuple(one.of.name for one in every)),
        "quantity": np.array([round(one.quantity * 100) for one in every])[amount],
        "unit": Words(amount, tuple(one.unit for one in every)),
        "grams": np.array([round(one.grams * 100) for one in every])[amount],
        "macros": Words(amount, _macros()),
        "calculation_method": "synthetic_estimation",
        "created_at": np.full(len(amount), draw.origin_us),
    }
    return {"nutrition": Rows(amount, columns)}


@cache
def _macros() -> tuple[str, ...]:
    return tuple(json.dumps(one.macros()) for one in amounts())
