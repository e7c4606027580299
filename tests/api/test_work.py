"""Jobs, the resident runner, the stream, and a target that goes away and comes back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from hazards import JOURNEYS
from kills import until
from populace import clock
from populace.api.wiring import Service
from populace.database.connection import connect
from populace.operations.steering import trial
from serving import OWNER


def finished(owner: httpx.Client, number: int) -> dict[str, Any]:
    """A job once it has ended."""
    found: list[dict[str, Any]] = []

    def ended() -> bool:
        found[:] = [owner.get(f"/api/v1/jobs/{number}").json()]
        return bool(found[0]["state"] != "running")

    until(ended, "a job ends")
    return found[0]


def written(owner: httpx.Client) -> int:
    """Up to where is written, µs."""
    return clock.parse(owner.get("/api/v1/clock").json()["watermark"], "watermark")


def news(lines: Iterator[str]) -> Iterator[tuple[str, str, Any]]:
    """Server-sent events: their names, ids and data."""
    held: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if line:
            held[name] = value
        elif "data" in held:
            yield held.get("event", ""), held.get("id", ""), json.loads(held["data"])
            held = {}


def test_a_seed_is_a_job_with_progress(
    opened_url: str, serving_at: Callable[..., tuple[Service, str]], calls: Callable[..., httpx.Client]
) -> None:
    _, url = serving_at(opened_url)
    owner = calls(url, OWNER)
    wanted = {"world": "recoverlution", "settings": {"count_users": 20, "coverage_per_mindblock": 1, "days": 1}}
    began = owner.post("/api/v1/seed", json=wanted)
    assert began.status_code == 202
    busy = owner.post("/api/v1/validate")
    assert busy.status_code == 409
    done = finished(owner, began.json()["job"])
    assert (done["state"], done["result"]["users_created"]) == ("done", 20)
    assert {"tables", "rows", "indexes"} <= {one["stage"] for one in done["progress"]}
    assert [job["kind"] for job in owner.get("/api/v1/jobs").json()] == ["seed"]
    refused = owner.post("/api/v1/seed", json=wanted | {"seed": 2})
    found = finished(owner, refused.json()["job"])
    assert (found["state"], found["error"]["what"] != "") == ("failed", True)


def test_validate_is_a_job(shared_owner: httpx.Client) -> None:
    done = finished(shared_owner, shared_owner.post("/api/v1/validate").json()["job"])
    assert done["state"] == "done"
    assert done["result"]["checks"] > 100


def test_a_repair_is_a_job(shared_owner: httpx.Client) -> None:
    began = shared_owner.post("/api/v1/repair", json={"dry_run": True, "mend_changed": True})
    assert began.status_code == 202
    done = finished(shared_owner, began.json()["job"])
    assert (done["kind"], done["state"], done["error"]) == ("repair", "done", None)
    assert (done["result"]["missing"], done["result"]["changed"], done["result"]["dry_run"]) == (0, 0, True)


def test_the_runner_lives_here_at_the_speed_of_the_request(
    lived_url: str, serving_at: Callable[..., tuple[Service, str]], calls: Callable[..., httpx.Client]
) -> None:
    service, url = serving_at(lived_url, runner=True)
    owner = calls(url, OWNER)
    until(lambda: owner.get("/api/v1/overview").json()["server"]["runner"]["state"] == "running", "the runner lives")
    first = written(owner)
    assert owner.put("/api/v1/pace", json={"speed": 3600}).json()["speed"] == "3600.0"
    until(
        lambda: clock.parse(owner.get("/api/v1/clock").json()["watermark"], "watermark") > first + 2 * clock.HOUR_US,
        "two hours go by",
    )
    brought = owner.post("/api/v1/run-now", json={"sessions": 3})
    assert brought.status_code == 201
    assert brought.json()["runner"].startswith("populace run")
    gone = owner.post("/api/v1/cleanup", json={"dry_run": True})
    assert gone.status_code == 200
    assert gone.json()["rows_deleted"] > 0
    assert owner.post("/api/v1/cleanup", json={"dry_run": False}).status_code == 422
    done = owner.post("/api/v1/cleanup", json={"dry_run": False, "confirm": JOURNEYS.world})
    assert done.status_code == 200
    assert owner.get("/api/v1/overview").json()["state"] == "empty"
    until(lambda: service.resident.state == "waiting", "the runner finds nobody")


def test_the_stream_continues_where_somebody_stopped_to_read(
    lived_url: str, serving_at: Callable[..., tuple[Service, str]], calls: Callable[..., httpx.Client]
) -> None:
    _, url = serving_at(lived_url, runner=True)
    owner = calls(url, OWNER)
    owner.put("/api/v1/pace", json={"speed": 600})
    with owner.stream("GET", "/api/v1/events") as stream:
        heard = news(stream.iter_lines())
        kind, _, first = next(heard)
        assert kind == "now"
        assert first["state"]["title"] == "Recoverlution"
        assert first["lines"]
        windows = [one for one, _ in zip(heard, range(3), strict=False) if one[0] == "window"]
    ids = [int(number) for _, number, _ in windows]
    assert ids == sorted(set(ids))
    with owner.stream("GET", "/api/v1/events", headers={"last-event-id": str(ids[0])}) as stream:
        _, number, again = next(news(stream.iter_lines()))
    assert int(number) >= ids[-1]
    assert all(clock.parse(line["at"], "at") >= ids[0] for line in again["lines"])


def test_a_change_is_tried_out_before_it_is_made(shared_owner: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    before = shared_owner.get("/api/v1/interventions").json()
    tried = shared_owner.post(
        "/api/v1/interventions/trial", json={"settings": {"sessions_per_min": 10, "max_per_run": 50}}
    )
    assert tried.status_code == 200, tried.text
    without, changed = tried.json()["without"], tried.json()["with"]
    assert without["sessions"] * 3 < changed["sessions"]
    assert without["rows"]["journey_scene_events"] * 3 < changed["rows"]["journey_scene_events"]
    assert 0 < without["people"] <= changed["people"] <= 60
    assert shared_owner.post("/api/v1/interventions/trial", json={"settings": {"abandon_rate": 2}}).status_code == 422
    same = shared_owner.post("/api/v1/interventions/trial").json()
    assert same["without"] == same["with"] == without
    assert shared_owner.get("/api/v1/interventions").json() == before
    monkeypatch.setattr(trial, "MOST_ROWS", 10)
    refused = shared_owner.post("/api/v1/interventions/trial")
    assert (refused.status_code, refused.json()["allowed"]) == (409, "up to 10 rows")


def test_whoever_has_read_further_than_is_written_hears_nothing_old(shared_owner: httpx.Client) -> None:
    for since in (2**62, 10**40):
        found = shared_owner.get(f"/api/v1/live?since={since}")
        assert (found.status_code, found.json()["lines"]) == (200, [])


def test_an_etag_saves_the_same_answer(shared_owner: httpx.Client) -> None:
    first = shared_owner.get("/api/v1/status")
    again = shared_owner.get("/api/v1/status", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_people_are_chosen_by_what_their_world_knows_of_them(shared_owner: httpx.Client) -> None:
    def keys(**asked: object) -> list[str]:
        found, cursor = [], None
        while True:
            params = {"limit": 7, **asked, **({"cursor": cursor} if cursor else {})}
            page = shared_owner.get("/api/v1/people", params=params).json()  # type: ignore[arg-type]
            found += [one["key"] for one in page["people"]]
            cursor = page["next"]
            if not cursor:
                return found

    everybody = keys()
    filters = {one["name"]: one for one in shared_owner.get("/api/v1/people").json()["filters"]}
    assert list(filters) == ["kind", "state", "joined", "active"]
    for name in ("kind", "state"):
        parts = [keys(**{name: choice["value"]}) for choice in filters[name]["choices"]]
        assert sorted(key for part in parts for key in part) == sorted(everybody)
        assert sum(map(bool, parts)) > 1
    active = keys(active=1)
    assert 0 < len(active) < len(everybody)
    assert set(keys(active=1, kind=filters["kind"]["choices"][0]["value"])) < set(active)
    assert keys(joined=3660) == everybody
    for wrong in ({"kind": "nobody"}, {"active": 0}, {"joined": "x"}, {"state": "away"}):
        assert shared_owner.get("/api/v1/people", params=wrong).status_code == 422  # type: ignore[arg-type]


def test_people_are_listed_by_pages(shared_owner: httpx.Client) -> None:
    seen: list[str] = []
    cursor = None
    while True:
        page = shared_owner.get("/api/v1/people", params={"limit": 25, **({"cursor": cursor} if cursor else {})}).json()
        seen += [one["key"] for one in page["people"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 60
    found = shared_owner.get("/api/v1/people", params={"search": "synthetic+00007@"}).json()["people"]
    assert [one["email"] for one in found] == ["synthetic+00007@example.com"]
    assert shared_owner.get("/api/v1/people", params={"search": "%"}).json()["people"] == []
    somebody = shared_owner.get(f"/api/v1/people/{found[0]['key']}").json()
    assert somebody["timeline"]
    times = [line["at"] for line in somebody["timeline"]]
    assert times == sorted(times, reverse=True)


def test_a_target_that_goes_away_and_comes_back(owner: httpx.Client, lived_url: str) -> None:
    assert owner.get("/synthetics/status").status_code == 200
    name = lived_url.rpartition("/")[2].partition("?")[0]
    with connect(lived_url.replace(f"/{name}", "/postgres"), application_name="tests", autocommit=True) as conn:
        conn.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        conn.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", (name,))
        away = owner.get("/synthetics/status")
        assert away.status_code == 503
        assert int(away.headers["retry-after"]) > 0
        conn.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    until(lambda: owner.get("/synthetics/status").status_code == 200, "the target is back")


FULL = """
CREATE FUNCTION public.full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'could not extend file "base/1/2": No space left on device' USING ERRCODE = '53100';
END $$;
CREATE TRIGGER full_disk BEFORE INSERT ON populace.intervention EXECUTE FUNCTION public.full_disk();
CREATE TRIGGER full_disk BEFORE UPDATE ON populace.ledger EXECUTE FUNCTION public.full_disk();
"""
FREE = "DROP FUNCTION public.full_disk CASCADE"


def test_a_disk_that_is_full_and_has_room_again(
    lived_url: str, serving_at: Callable[..., tuple[Service, str]], calls: Callable[..., httpx.Client]
) -> None:
    """As the server says it: what it cannot write is refused with when to try again, and the runner waits."""
    service, url = serving_at(lived_url, runner=True)
    owner = calls(url, OWNER)
    until(lambda: service.resident.state == "running", "the runner lives")
    with connect(lived_url, application_name="tests", autocommit=True) as conn:
        conn.execute(FULL)
        until(lambda: service.resident.state == "waiting", "the runner waits")
        assert "no space left" in service.resident.why
        refused = owner.post("/api/v1/interventions", json={"enabled": False})
        assert (refused.status_code, "no space left" in refused.json()["what"]) == (503, True)
        assert int(refused.headers["retry-after"]) > 0
        assert owner.get("/synthetics/status").status_code == 200
        conn.execute(FREE)
    assert owner.post("/api/v1/interventions", json={"enabled": False}).status_code == 201
    until(lambda: service.resident.state == "running", "the runner goes on")


READ = (
    "worlds",
    "worlds/hogflix",
    "interventions",
    "journal",
    "deliveries",
    "doctor",
    "count",
    "live",
    "activity",
    "kpis",
    "ledger",
)


@pytest.mark.parametrize("path", READ)
def test_what_can_be_read(path: str, shared_owner: httpx.Client) -> None:
    assert shared_owner.get(f"/api/v1/{path}").status_code == 200
