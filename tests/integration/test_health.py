"""Health checks: what is well, what is not, and the reference implementation that they ask when no app is there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql

from app import connect
from command import adopt, call, contents
from conftest import MakeDatabase
from populace import clock
from populace.database.embedded import EmbeddedServer
from populace.standins.nutrition_enrichment import NAME, TTL, EnrichmentServer, Ingredient, read
from populace.worlds.worldchef import WORLD

EPOCH = "2026-01-09T00:00:00Z"
CACHE = "SELECT count(*) FROM public.nutrition_cache"


@pytest.fixture(scope="module")
def template(server: EmbeddedServer, opened_template: str) -> str:
    """The staging data, which no test spoils: its name, as that of a template."""
    name = "health_template"
    with connect(server.url("postgres"), application_name="tests", autocommit=True) as conn:
        conn.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(opened_template))
        )
    adopt(server.url(name))
    call("seed", "worldchef", "--now", EPOCH, "--target", server.url(name), "--yes")
    return name


@pytest.fixture
def clean(server: EmbeddedServer, template: str) -> str:
    """The staging data."""
    return server.url(template)


@pytest.fixture
def staging(make_database: MakeDatabase, template: str) -> str:
    """A copy of the staging data that may be spoilt."""
    return make_database(template)


def health(url: str, *more: str, code: int = 0) -> dict[str, Any]:
    done = call("health", "--runs", "1", "--target", url, "--json", *more, code=code)
    return dict(json.loads(done.stdout))


def failed(document: dict[str, Any]) -> list[tuple[str, str]]:
    return [(v["id"], v["title"]) for v in document["verdicts"] if v["status"] == "failed"]


def done(url: str, *statements: str) -> object:
    with psycopg.connect(url) as connection:
        for statement in statements:
            cursor = connection.execute(statement.encode())
        row = cursor.fetchone() if cursor.description else None
        return row and row[0]


def test_all_is_well_on_a_seed_and_nothing_is_changed(staging: str) -> None:
    before = contents(staging, WORLD)
    found = health(staging, "--runs", "60")
    assert (found["ok"], found["failed"]) == (True, 0)
    by_id = {v["id"]: v for v in found["verdicts"]}
    assert {"rows", "D1", "D2", "D3", "D4", "D9", "D10", "D12"} <= by_id.keys()
    assert "p95 of 60 runs; at most" in by_id["D10"]["note"]
    assert by_id["D9"]["measured"] == "100.0%"
    assert "Populace's own implementation" in by_id["D9"]["note"]
    assert contents(staging, WORLD) == before
    assert done(staging, CACHE) == 0


def test_what_is_missing_is_said(staging: str) -> None:
    done(staging, "DELETE FROM public.recipe_likes WHERE ctid = (SELECT min(ctid) FROM public.recipe_likes)")
    assert [name for name, _ in failed(health(staging, code=1))] == ["rows"]


def test_a_function_that_forgets_is_found_out(staging: str) -> None:
    # As it happened in the app: what was written had expired already.
    done(
        staging,
        "CREATE FUNCTION public.forget() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN NEW.expires_at = ''-infinity''; RETURN NEW; END'",
        "CREATE TRIGGER forget BEFORE INSERT OR UPDATE ON public.nutrition_cache "
        "FOR EACH ROW EXECUTE FUNCTION public.forget()",
    )
    found = health(staging, code=1)
    assert [name for name, _ in failed(found)] == ["D9"]
    assert next(v for v in found["verdicts"] if v["id"] == "D9")["measured"] == "0.0%"


def test_a_function_without_its_rights_says_so(staging: str) -> None:
    done(staging, "REVOKE ALL ON public.nutrition_cache FROM service_role")
    found = health(staging, code=1)
    (verdict,) = [v for v in found["verdicts"] if v["status"] == "failed"]
    assert (verdict["id"], verdict["measured"]) == ("D9", "HTTP 500")
    assert "permission denied" in verdict["note"]


@pytest.fixture
def odd() -> Iterator[HTTPServer]:
    """A function that answers with whatever the test says."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(server.said)  # type: ignore[attr-defined]

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.mark.parametrize(
    ("said", "measured"),
    [
        (b"[]", "another answer"),
        (b"{}", "another answer"),
        (b"not JSON", "another answer"),
        (b'{"cache_performance": {"hits": "1", "misses": 0}}', "another answer"),
        (b'{"cache_performance": {"hits": true, "misses": 0}}', "another answer"),
        (b'{"cache_performance": {"hits": -1, "misses": 0}}', "another answer"),
        (b'{"cache_performance": {"hits": 0, "misses": 0}}', "0"),
        (b'{"cache_performance": {"hits": 1, "misses": 1}}', "50.0%"),
        (b'{"cache_performance": {"hits": 9, "misses": 1}}', "90.0%"),
    ],
)
def test_another_answer_is_a_failure_and_no_fault(clean: str, odd: HTTPServer, said: bytes, measured: str) -> None:
    odd.said = said  # type: ignore[attr-defined]
    url = f"http://127.0.0.1:{odd.server_address[1]}"
    found = health(clean, "--functions", url, code=1)
    (verdict,) = [v for v in found["verdicts"] if v["status"] == "failed"]
    assert (verdict["id"], verdict["measured"]) == ("D9", measured)
    assert "Populace's own" not in verdict["note"]


def test_nobody_at_the_address_is_a_failure(clean: str, odd: HTTPServer) -> None:
    odd.server_close()
    found = health(clean, "--functions", f"http://127.0.0.1:{odd.server_address[1]}", code=1)
    assert next(v for v in found["verdicts"] if v["id"] == "D9")["measured"] == "no answer"


@pytest.mark.parametrize("wrong", ["ftp://127.0.0.1", "nowhere", "http://user:secret@127.0.0.1/f", ""])
def test_an_address_that_is_none_is_refused_before_anything_is_asked(clean: str, wrong: str) -> None:
    said = call("health", "--functions", wrong, "--target", clean, code=2).stderr
    assert "functions" in said
    assert "secret" not in said


def test_a_key_is_not_sent_in_plain_text(clean: str) -> None:
    keyed = {"SUPABASE_SERVICE_ROLE_KEY": "key-of-the-tests"}
    said = call("health", "--functions", "http://example.com/f", "--target", clean, code=3, **keyed).stderr
    assert "without encryption" in said
    assert "key-of-the-tests" not in said


# The reference implementation of the function.


def asked(*ingredients: object) -> bytes:
    return json.dumps({"ingredients": ingredients}).encode()


def ingredient(name: str, quantity: float, unit: str, **more: object) -> dict[str, object]:
    return {"name": name, "quantity": quantity, "unit": unit, **more}


def test_a_recipe_is_enriched_and_remembered_for_a_week(staging: str) -> None:
    now = [clock.parse(EPOCH, "now")]
    oil, garlic = ingredient("Olive oil", 2, "tbsp", brand="any"), ingredient("garlic", 3, "clove", fdc_id=1104647)
    with EnrichmentServer(staging, keeps=True, now=lambda: now[0]) as function:
        first = httpx.post(f"{function.url}/{NAME}", json={"ingredients": [oil, garlic, oil]}).json()
        assert first["cache_performance"] == {"hits": 0, "misses": 3, "hit_rate": "0.0%"}
        assert [item["ingredient_index"] for item in first["items"]] == [0, 1, 2]
        # Two spoons are 27 g, and 100 g have 884 kcal.
        assert first["items"][0]["nutrition"]["calories"] == pytest.approx(884 * 0.27, abs=0.2)
        total = sum(item["nutrition"]["calories"] for item in first["items"])
        assert first["aggregate_totals"]["calories"] == pytest.approx(total, abs=0.1)
        assert set(first["aggregate_totals"]) == {"calories", "protein_g", "fat_g", "carbs_g"}
        assert first["source"] == "USDA_FDC"
        assert done(staging, CACHE) == 2
        assert done(staging, "SELECT fdc_id FROM public.nutrition_cache WHERE fdc_id IS NOT NULL") == 1104647
        again = httpx.post(f"{function.url}/{NAME}", content=asked(ingredient("OLIVE OIL!", 2, "Tbsp."))).json()
        assert again["cache_performance"] == {"hits": 1, "misses": 0, "hit_rate": "100.0%"}
        assert again["items"][0]["nutrition"] == first["items"][0]["nutrition"]
        assert again["request_id"] != first["request_id"]
        now[0] += round(TTL.total_seconds()) * clock.SECOND_US
        later = httpx.post(f"{function.url}/{NAME}", json={"ingredients": [oil]}).json()
        assert later["cache_performance"]["hits"] == 0
        assert done(staging, CACHE) == 2


@pytest.mark.parametrize(
    ("quantity", "unit", "grams"), [(200, "g", 200), (1, "kg", 1000), (2, "lb", 907.18), (3, "oz", 85.05)]
)
def test_figures_are_scaled_by_the_quantity(clean: str, quantity: float, unit: str, grams: float) -> None:
    with EnrichmentServer(clean) as function:
        status, found = function.answer("POST", f"/{NAME}", asked(ingredient("butter", quantity, unit)))
        _, hundred = function.answer("POST", f"/{NAME}", asked(ingredient("butter", 100, "g")))
    assert status == 200
    per_100 = hundred["items"][0]["nutrition"]["calories"]
    assert found["items"][0]["nutrition"]["calories"] == pytest.approx(per_100 * grams / 100, rel=1e-3)
    assert done(clean, CACHE) == 0


@pytest.mark.parametrize("name", ["dragon steak", "moon carrots", "xyzzy"])
def test_food_that_nobody_knows_is_guessed_and_said_to_be(clean: str, name: str) -> None:
    with EnrichmentServer(clean) as function:
        for _ in range(2):
            _, found = function.answer("POST", f"/{NAME}", asked(ingredient(name, 2, "piece")))
            assert found["source"] == "GPT_FALLBACK"
            assert found["items"][0]["nutrition"]["calories"] > 0


def test_every_record_of_the_world_has_the_key_by_which_the_function_looks_it_up(clean: str) -> None:
    with psycopg.connect(clean) as connection:
        rows = connection.execute(
            "SELECT name, quantity::float8, unit, ingredient_hash, canonical_string FROM public.nutrition"
        ).fetchall()
    assert len(rows) > 1_800
    for name, quantity, unit, key, canonical in rows:
        (one,) = read(asked(ingredient(name, quantity, unit)))
        assert isinstance(one, Ingredient)
        assert (one.canonical, one.key) == (canonical, key)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b'{"ingredients": {}}',
        b'{"ingredients": []}',
        b'{"ingredients": [1]}',
        b"\xff\xfe",
        b'{"ingredients": ' + b"[" * 50_000,
        asked(*[ingredient("salt", 1, "tsp")] * 101),
        asked(ingredient("", 1, "g")),
        asked(ingredient("...", 1, "g")),
        asked(ingredient("salt", 0, "g")),
        asked(ingredient("salt", -1, "g")),
        asked(ingredient("salt", float("nan"), "g")),
        asked(ingredient("salt", float("inf"), "g")),
        asked(ingredient("salt", True, "g")),
        asked(ingredient("salt", 1, "")),
        asked({"name": "salt", "quantity": "1", "unit": "g"}),
        asked(ingredient("salt", 1, "g", fdc_id="x")),
        asked(ingredient("s" * 201, 1, "g")),
    ],
)
def test_a_bad_request_is_400_and_remembers_nothing(clean: str, raw: bytes) -> None:
    with EnrichmentServer(clean) as function:
        status, document = function.answer("POST", f"/functions/v1/{NAME}", raw)
        assert (status, list(document)) == (400, ["error"])
        good = function.answer("POST", f"/functions/v1/{NAME}", asked(ingredient("salt", 1, "tsp")))
        assert good[0] == 200


def test_other_requests_are_refused_as_the_app_does(clean: str) -> None:
    with EnrichmentServer(clean) as function:
        for method in ("GET", "PUT", "DELETE"):
            assert httpx.request(method, f"{function.url}/{NAME}").status_code == 405
        assert httpx.post(f"{function.url}/other", json={}).status_code == 404
        assert httpx.post(f"{function.url}/{NAME}", content=b" " * 300_000).status_code == 413
    with EnrichmentServer(clean, source_key=None) as function:
        assert function.answer("POST", f"/{NAME}", asked(ingredient("salt", 1, "tsp")))[0] == 500
