"""What comes in as a body: whatever it is, one clear answer, and nothing is changed."""

from __future__ import annotations

import json
import socket
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from examples import ALL, examples
from hazards import rows
from populace.api import body
from populace.api.wiring import Service
from serving import OWNER

SYNTHETICS = ("toggle", "settings", "run-now", "cleanup")
FUNCTIONS = ("seed-synthetics", "synthetics/run")
POSTED = ("plan", "seed", "interventions", "run-now", "cleanup", "deliveries/retry")
CHANGING = [
    *(("POST", f"/synthetics/{name}") for name in SYNTHETICS),
    *(("POST", f"/functions/v1/{name}") for name in FUNCTIONS),
    *(("POST", f"/api/v1/{name}") for name in POSTED),
    *(("PUT", f"/api/v1/{name}") for name in ("clock", "pace")),
]
WRONG = {
    "no JSON": b"{", "a list": b"[]", "a number": b"5", "another text": b"hello", "null": b"null",
    "not a number": b'{"target": NaN, "sessions": NaN, "enabled": NaN, "retain_days": NaN, "speed": NaN, "x": NaN}',
    "a huge number": b'{"x": ' + b"9" * 5000 + b"}", "another charset": '{"x": "é"}'.encode("utf-16"),
    "a bomb": b'{"x":' * 20_000, "a name twice": b'{"x": 1, "x": 2}', "half a character": b'{"x": "\\ud800"}',
    "a NUL": b'{"x": "\\u0000"}', "too long": b'{"x": "' + b"x" * body.MOST_BYTES + b'"}',
    "an unknown name": b'{"no_such_name_at_all": 1}',
}  # fmt: skip


@pytest.mark.parametrize(("method", "path"), CHANGING)
def test_a_wrong_body_is_refused(method: str, path: str, shared_owner: httpx.Client) -> None:
    for name, held in WRONG.items():
        done = shared_owner.request(method, path, content=held)
        assert (name, done.status_code) == (name, 413 if name == "too long" else 422), done.text
        found = done.json()
        assert {"error", "what", "where", "given", "allowed", "remedy"} <= set(found)
        assert len(done.content) < 4_000


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(["x", "targets", "enable", "retain", "sessions_per_minute", "count_user", ""])


@pytest.fixture
def before(lived_url: str, owner: httpx.Client) -> tuple[str, Any]:
    return lived_url, rows(lived_url)


@settings(
    max_examples=examples(200 if ALL else 60),
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(place=st.sampled_from(CHANGING), name=NAMES, value=VALUES)
def test_bad_bodies_change_nothing(
    place: tuple[str, str], name: str, value: object, owner: httpx.Client, before: Any
) -> None:
    done = owner.request(*place, content=json.dumps({name: value}))
    assert done.status_code == 422, done.text


def test_nothing_was_changed_by_them(before: tuple[str, Any], owner: httpx.Client) -> None:
    for method, path in CHANGING:
        for held in WRONG.values():
            owner.request(method, path, content=held)
    assert rows(before[0]) == before[1]


def test_a_body_that_is_cut_off_or_slow(served: tuple[Service, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "LIMIT_S", 0.5)
    place = urlsplit(served[1])
    head = (
        f"POST /synthetics/toggle HTTP/1.1\r\nhost: {place.netloc}\r\nauthorization: Bearer {OWNER}\r\n"
        "content-length: 100\r\n\r\n{"
    )
    with socket.create_connection((place.hostname, place.port), timeout=20) as slow:
        slow.sendall(head.encode())
        assert slow.recv(4000).startswith(b"HTTP/1.1 408")
    with socket.create_connection((place.hostname, place.port), timeout=20) as cut:
        cut.sendall(head.encode())
    assert httpx.get(served[1] + "/openapi.json").status_code == 200


def test_paths_queries_and_methods(shared_owner: httpx.Client) -> None:
    for path in (
        "/synthetics/activity/x", "/synthetics/activity/99999", "/api/v1/people?limit=0", "/api/v1/people/nobody",
        "/api/v1/activity?hours=-1", "/api/v1/people?cursor=x", "/api/v1/journal?after=-1",
    ):  # fmt: skip
        assert (path, shared_owner.get(path).status_code) == (path, 422)
    for path in ("/nowhere", "/api/v1/jobs/77", "/api/v1/worlds/nowhere", "/api/v1/worlds/..%2Fx"):
        assert (path, shared_owner.get(path).status_code) == (path, 404)
    assert shared_owner.get("/synthetics/toggle").status_code == 405
    assert shared_owner.get("/synthetics/toggle").json()["allowed"] == "POST"
    assert shared_owner.delete("/api/v1/interventions/1").status_code == 422


@pytest.mark.parametrize("world", ["/etc", "./x", "../..", "populace.worlds", "", "x" * 300])
def test_no_world_is_loaded_from_a_path(world: str, shared_owner: httpx.Client) -> None:
    done = shared_owner.post("/api/v1/plan", content=json.dumps({"world": world}))
    assert done.status_code == 404
