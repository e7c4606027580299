"""A reference implementation of WorldChef's edge function `nutrition_enrichment`, on a loopback port.

`POST` with a list of ingredients is answered with what each of them contains and with their sum. What was asked before
is remembered in `nutrition_cache` for a week; what was not is looked up in the table `nutrition`, and scaled by the
quantity. Hits are counted before anything is written. Food that is not known gets figures by its kind.

`python -m populace.standins.nutrition_enrichment --database URL --port N` runs it by itself.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import re
import sys
import threading
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from populace import clock
from populace.database.named import named
from populace.standins.loopback import HOST, Answer, Loopback, Request

SQL = named("populace.standins", "nutrition_enrichment.sql")
NAME = "nutrition_enrichment"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
TTL = timedelta(hours=168)
MOST_BYTES = 256 << 10
MOST_INGREDIENTS = 100
NUTRITION = {"calories": "calories", "protein_g": "protein_g", "fat_g": "fat_g", "carbs_g": "carbohydrates_g"}
"""What an answer calls the figures, and what the table does."""

LOOKED_UP, GUESSED = "USDA_FDC", "GPT_FALLBACK"
SAME: Mapping[str, tuple[str, float]] = {
    "lb": ("g", 453.592), "oz": ("g", 28.3495), "kg": ("g", 1000.0), "cup": ("ml", 236.588), "tsp": ("ml", 4.92892),
    "tbsp": ("ml", 14.7868), "l": ("ml", 1000.0),
}  # fmt: skip
"""Units that are looked up as another one, and how many of it they are."""
KINDS: Sequence[tuple[str, tuple[float, float, float, float]]] = (
    ("beef pork lamb chicken turkey duck meat sausage ham bacon fish salmon tuna shrimp", (200, 22, 12, 0)),
    ("lettuce spinach tomato pepper onion carrot cabbage squash vegetable greens mushroom", (25, 1.5, 0.2, 5)),
    ("flour bread rice pasta noodle oats grain cereal tortilla", (250, 8, 2, 50)),
)
"""Of food that no source knows, by a word of its name: calories, protein, fat and carbohydrates of 100 g."""
UNKNOWN = (100.0, 3.0, 3.0, 14.0)
PIECE_G = 100.0
"""Of food that no source knows, in a unit that is no weight."""


class Declined(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Ingredient:
    """An ingredient of a request. quantity, unit: as it is looked up."""

    name: str
    quantity: float
    unit: str
    fdc_id: int | None

    @property
    def canonical(self) -> str:
        """How it is looked up."""
        return f"{self.name}|{self.quantity:g}|{self.unit}"

    @property
    def key(self) -> str:
        """The key in the cache."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Found:
    """What an amount contains, and who says so."""

    nutrition: Mapping[str, float]
    source: str


@dataclass(frozen=True, slots=True)
class Usual:
    """A row of the table: an amount, its weight, and what it contains."""

    unit: str
    quantity: float
    grams: float
    macros: Mapping[str, float]


@dataclass(slots=True)
class EnrichmentServer:
    """The function, to be used in a `with`; one request after another.

    database: URL of the database with `nutrition` and `nutrition_cache`. keeps: whether what it remembers stays when it
    ends; otherwise all is done in one transaction, which is rolled back. source_key: what its source of nutrition is
    asked with; None: the app forgot to set one. now: for tests of what expires.
    """

    database: str = field(repr=False)
    port: int = 0
    keeps: bool = False
    source_key: str | None = field(default="reference", repr=False)
    now: Callable[[], int] = clock.now_us
    _server: Loopback | None = None
    _connection: psycopg.Connection | None = None

    @property
    def url(self) -> str:
        """Where functions are."""
        return f"http://{HOST}:{self.port}/functions/v1"

    def __enter__(self) -> EnrichmentServer:
        self._connection = psycopg.connect(self.database, application_name=f"populace {NAME}")
        if not self.keeps:
            # All of it becomes one transaction, which ends with this.
            self._connection.execute("SELECT")
        self._server = Loopback(self._asked, METHODS, port=self.port, one_by_one=True, most_bytes=MOST_BYTES)
        self.port = self._server.port
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        assert self._connection is not None
        self._server.close()
        self._connection.rollback()
        self._connection.close()

    def _asked(self, asked: Request) -> Answer:
        if asked.long:
            status, document = 413, _error("the request is too large")
        else:
            status, document = self.answer(asked.method, asked.target, asked.body)
        return Answer(status, json.dumps(document).encode())

    def answer(self, method: str, path: str, raw: bytes) -> tuple[int, Any]:
        """Status and document for one request."""
        began = clock.monotonic()
        assert self._connection is not None
        try:
            if path.partition("?")[0].rstrip("/").rpartition("/")[2] != NAME:
                raise Declined(404, "there is no such function")
            if method != "POST":
                raise Declined(405, "only POST is answered")
            asked = read(raw)
            if self.source_key is None:
                raise Declined(500, "the key of the source of nutrition is not set")
            # A savepoint where nothing is to stay, else a transaction.
            with self._connection.transaction():
                self._connection.execute(SQL["role"])
                document = self._enriched(self._connection, asked)
        except Declined as declined:
            return declined.status, _error(str(declined))
        except psycopg.Error as error:
            return 500, _error(f"the cache cannot be used: {str(error).partition(chr(10))[0]}")
        return 200, document | {"processing_time_ms": round((clock.monotonic() - began) * 1000, 1)}

    def _enriched(self, connection: psycopg.Connection, asked: Sequence[Ingredient]) -> dict[str, Any]:
        now = clock.to_datetime(self.now())
        cached = connection.execute(SQL["cached"], {"keys": [one.key for one in asked], "now": now}).fetchall()
        held = {key: Found(macros, source) for key, macros, source in cached}
        hits = sum(one.key in held for one in asked)
        missing = {one.key: one for one in asked if one.key not in held}
        found = _looked_up(connection, list(missing.values())) if missing else {}
        for key, one in missing.items():
            row = {"key": key, "canonical": one.canonical, "macros": Jsonb(found[key].nutrition), "fdc_id": one.fdc_id}
            row |= {"source": found[key].source, "now": now, "expires": now + TTL}
            connection.execute(SQL["remember"], row)
        of = [(held | found)[one.key] for one in asked]
        return {
            "items": [{"ingredient_index": i, "nutrition": dict(one.nutrition)} for i, one in enumerate(of)],
            "aggregate_totals": {name: round(math.fsum(one.nutrition[name] for one in of), 1) for name in NUTRITION},
            "source": GUESSED if any(one.source == GUESSED for one in of) else LOOKED_UP,
            "cache_performance": {"hits": hits, "misses": len(of) - hits, "hit_rate": f"{hits / len(of):.1%}"},
            "generated_at": clock.iso(self.now()),
            "request_id": connection.execute(SQL["request_id"]).fetchall()[0][0],
        }


def _looked_up(connection: psycopg.Connection, missing: Sequence[Ingredient]) -> dict[str, Found]:
    """What the table says of each, scaled by the quantity, by key; a guess where it does not know the food."""
    known: dict[str, list[Usual]] = {}
    for food, *usual in connection.execute(SQL["known"], {"food": [one.name for one in missing]}):
        known.setdefault(food, []).append(Usual(*usual))
    out = {}
    for one in missing:
        usual_ones = known.get(one.name, [])
        grams = _grams(one, usual_ones)
        if usual_ones:
            best = max(usual_ones, key=lambda usual: usual.grams)
            figures = [float(best.macros.get(column, 0)) / best.grams for column in NUTRITION.values()]
        else:
            figures = [per_100 / 100 for per_100 in _kind(one)]
        nutrition = {name: round(figure * grams, 1) for name, figure in zip(NUTRITION, figures, strict=True)}
        out[one.key] = Found(nutrition, LOOKED_UP if usual_ones else GUESSED)
    return out


def _grams(one: Ingredient, known: Sequence[Usual]) -> float:
    """What an amount weighs, by usual amounts of the same food."""
    if one.unit == "g":
        return one.quantity
    for usual in known:
        same, factor = SAME.get(usual.unit, (usual.unit, 1.0))
        if same == one.unit:
            return one.quantity * usual.grams / (usual.quantity * factor)
    return one.quantity if one.unit == "ml" else one.quantity * PIECE_G


def _kind(one: Ingredient) -> tuple[float, float, float, float]:
    """What 100 g contain, by a word of its name."""
    words = {word.removesuffix("s") for word in one.name.split()}
    return next((of for kind, of in KINDS if words & {word.removesuffix("s") for word in kind.split()}), UNKNOWN)


def read(raw: bytes) -> list[Ingredient]:
    """The ingredients of a request. Raises Declined for anything else."""
    try:
        document = json.loads(raw)
        ingredients = document["ingredients"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Declined(400, "the body is not a JSON object with a list of ingredients") from None
    if not isinstance(ingredients, list) or not 0 < len(ingredients) <= MOST_INGREDIENTS:
        raise Declined(400, f"ingredients is not a list of 1 to {MOST_INGREDIENTS}")
    return [_one(i, given) for i, given in enumerate(ingredients)]


def _one(index: int, given: object) -> Ingredient:
    def declined(what: str) -> Declined:
        return Declined(400, f"ingredients[{index}].{what}")

    if not isinstance(given, dict):
        raise Declined(400, f"ingredients[{index}] is not an object")
    name, quantity, unit, fdc_id = (given.get(field_) for field_ in ("name", "quantity", "unit", "fdc_id"))
    if not (isinstance(name, str) and 0 < len(name) <= 200 and (plain := bare(name))):
        raise declined("name is not a name")
    if isinstance(quantity, bool) or not isinstance(quantity, int | float) or not 0 < quantity < 1e9:
        raise declined("quantity is not a positive number")
    if not (isinstance(unit, str) and 0 < len(unit) <= 40 and bare(unit)):
        raise declined("unit is not a unit")
    if not (fdc_id is None or (isinstance(fdc_id, int) and not isinstance(fdc_id, bool) and 0 < fdc_id < 1 << 31)):
        raise declined("fdc_id is not a number of that source")
    same, factor = SAME.get(bare(unit), (bare(unit), 1.0))
    return Ingredient(plain, quantity * factor, same, fdc_id)


def bare(text: str) -> str:
    """In small letters, without punctuation and without blanks around it."""
    composed = unicodedata.normalize("NFC", text).lower()
    return " ".join(re.sub(r"[^\w ]|_", "", composed).split())


def _error(message: str) -> dict[str, str]:
    return {"error": message}


def main() -> None:
    """Run it until it is stopped."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", required=True, metavar="URL", help="with nutrition and nutrition_cache")
    parser.add_argument("--port", type=int, default=8790)
    given = parser.parse_args()
    with EnrichmentServer(given.database, given.port, keeps=True) as server:
        sys.stderr.write(f"listens on {server.url}/{NAME}\n")
        threading.Event().wait()


if __name__ == "__main__":
    main()
