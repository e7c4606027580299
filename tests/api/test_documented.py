"""The documented calls, as `curl` makes them: same paths, keys, types and messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from populace import clock
from populace.api.documented import DISABLED, NOBODY, PREFIXES
from populace.api.wiring import Service
from populace.operations import RunRequest, count, run
from serving import ANON, OWNER

SERVER = "/functions/v1/make-server-49b28b8a/synthetics"
RUN, SEED = "/functions/v1/synthetics/run", "/functions/v1/seed-synthetics"


def sent(caller: httpx.Client, path: str, held: str = "", **headers: str) -> Any:
    """What `curl -d` sends: a body that says it is a form."""
    types = {"content-type": "application/x-www-form-urlencoded", **headers}
    done = caller.post(path, content=held, headers=types)
    assert done.status_code == 200, done.text
    return done.json()


def got(caller: httpx.Client, path: str) -> Any:
    done = caller.get(path)
    assert done.status_code == 200, done.text
    return done.json()


@pytest.mark.parametrize("prefix", PREFIXES)
def test_status(prefix: str, anon: httpx.Client) -> None:
    found = got(anon, f"{prefix}/status")
    assert found["status"] == "running"
    assert {name: found["settings"][name] for name in ("enabled", "sessions_per_min", "max_per_run")} == {
        "enabled": True, "sessions_per_min": 2, "max_per_run": 5,
    }  # fmt: skip
    assert (found["settings"]["error_rate"], found["settings"]["abandon_rate"]) == (0.05, 0.15)
    assert set(found["activity"]["last_5_min"]) == {"scene_events", "mindblock_events"}
    assert isinstance(found["activity"]["active_journeys"], int)
    recent = found["activity"]["recent_journeys"]
    assert 0 < len(recent) <= 10
    assert {"id", "user_id", "current_scene_number", "started_at"} <= set(recent[0])


def test_toggle(anon: httpx.Client) -> None:
    assert sent(anon, f"{SERVER}/toggle", '{"enabled": false}') == {
        "success": True, "enabled": False, "message": "Synthetics paused",
    }  # fmt: skip
    assert got(anon, f"{SERVER}/status")["status"] == "paused"
    assert got(anon, f"{SERVER}/status")["settings"]["enabled"] is False
    assert sent(anon, f"{SERVER}/toggle", '{"enabled": true}') == {
        "success": True, "enabled": True, "message": "Synthetics enabled",
    }  # fmt: skip


def test_settings(anon: httpx.Client) -> None:
    wanted = '{"sessions_per_min": 3, "max_per_run": 10, "error_rate": 0.08, "abandon_rate": 0.20}'
    found = sent(anon, f"{SERVER}/settings", wanted)
    assert found["success"] is True
    assert found["settings"].items() >= {
        "sessions_per_min": 3, "max_per_run": 10, "error_rate": 0.08, "abandon_rate": 0.2,
    }.items()  # fmt: skip
    assert sent(anon, f"{SERVER}/settings", '{"sessions_per_min": 1}')["settings"]["sessions_per_min"] == 1
    refused = anon.post(f"{SERVER}/settings", content='{"abandon_rate": 1.5}')
    assert refused.status_code == 422
    assert "abandon_rate" in refused.json()["where"]


def test_activity(anon: httpx.Client) -> None:
    found = got(anon, f"{SERVER}/activity/24")
    assert found["period_hours"] == 24
    scenes, blocks = found["scene_events_by_type"], found["mindblock_events_by_type"]
    assert found["total_events"] == sum(scenes.values()) + sum(blocks.values()) > 0
    assert found["scenes_completed"] == scenes["scene_completed"]
    assert isinstance(found["journeys_completed"], int)
    assert anon.get(f"{SERVER}/activity/0").status_code == 422


def test_sim_users(anon: httpx.Client) -> None:
    found = got(anon, f"{SERVER}/sim-users")
    assert (found["count"], len(found["users"]), found["ready"]) == (60, 60, True)
    assert set(found["users"][0]) == {"profile_id", "org_id", "started_at"}


def test_run_now_says_what_will_be_written_and_that_nobody_runs(anon: httpx.Client) -> None:
    done = sent(anon, f"{SERVER}/run-now", '{"target": 5}')
    result = done["result"]
    assert done["success"] is result["success"] is True
    assert result["sessions_created"] == 5
    assert result["scene_events_created"] > 0
    assert result["mindblock_events_created"] >= 0
    assert result["settings"] == {"target": 5, "abandon_rate": 0.15, "error_rate": 0.05}
    assert result["timestamp"].endswith("Z")
    assert result["runner"] is None
    assert "nobody runs" in result["message"]
    assert sent(anon, f"{SERVER}/run-now")["result"]["settings"]["target"] == 5


def test_what_is_announced_is_written(anon: httpx.Client, service: Service) -> None:
    announced = sent(anon, f"{SERVER}/run-now", '{"target": 7}')["result"]
    before = _written(service)
    run(service.direct, RunRequest(speed="max", until=_later(announced["complete_at"])))
    rows = _written(service)
    assert rows["journey_scene_events"] - before["journey_scene_events"] >= announced["scene_events_created"]


def test_a_disabled_population_runs_nothing_unless_forced(anon: httpx.Client, owner: httpx.Client) -> None:
    sent(anon, f"{SERVER}/toggle", '{"enabled": false}')
    refused = sent(anon, f"{SERVER}/run-now", '{"target": 5}')
    assert (refused["success"], refused["result"]["success"], refused["result"]["error"]) == (False, False, DISABLED)
    scheduled = sent(owner, RUN, "{}")
    assert (scheduled["success"], scheduled["message"]) == (False, DISABLED)
    assert sent(anon, f"{SERVER}/run-now", '{"target": 5, "force": true}')["success"] is True


def test_run_is_flat_and_leads_where_nobody_does(owner: httpx.Client, anon: httpx.Client) -> None:
    done = sent(owner, RUN, '{"target": 10}')
    assert done["success"] is True
    assert done["sessions_created"] == 10
    assert done["written_so_far"]["scene_events_created"] == done["scene_events_created"] > 0
    assert done["settings"] == {"target": 10, "abandon_rate": 0.15, "error_rate": 0.05}
    assert sent(owner, RUN)["success"] is True
    assert anon.post(RUN, content="{}").status_code == 403


def test_cleanup(anon: httpx.Client) -> None:
    done = sent(anon, f"{SERVER}/cleanup", '{"retain_days": 1}')
    assert done["success"] is True
    assert done["cutoff_date"].startswith("2026-01-08")
    assert isinstance(done["message"], str)
    assert sent(anon, f"{SERVER}/cleanup")["retain_days"] == 45


def test_nobody_is_there(
    opened_url: str, serving_at: Callable[..., tuple[Service, str]], calls: Callable[..., httpx.Client]
) -> None:
    _, url = serving_at(opened_url)
    anon, owner = calls(url, ANON), calls(url, OWNER)
    assert sent(anon, f"{SERVER}/run-now", '{"target": 5}')["result"]["error"] == NOBODY
    assert sent(owner, RUN, '{"target": 5}')["error"] == NOBODY
    assert got(anon, f"{SERVER}/sim-users") == {"count": 0, "users": [], "ready": False}
    assert anon.get(f"{SERVER}/status").status_code == 409


def test_seed(
    opened_url: str, serving_at: Callable[..., tuple[Service, str]], calls: Callable[..., httpx.Client]
) -> None:
    _, url = serving_at(opened_url)
    anon, owner = calls(url, ANON), calls(url, OWNER)
    wanted = (
        '{"count_users": 30, "coverage_per_mindblock": 2, "days": 2, "cohort_label": "synthetics_v1",'
        ' "with_orgs": true, "with_journeys": false, "with_notifications": false}'
    )
    assert owner.get(SEED).status_code == 405
    assert anon.post(SEED, content=wanted).status_code == 403
    assert owner.post(SEED, content='{"count_user": 3}').status_code == 422
    done = sent(owner, SEED, wanted)
    documented = {
        "users_created": 30, "engagements_created": 4800, "mindblocks_covered": 2400,
        "min_engagements_per_mindblock": 2, "max_engagements_per_mindblock": 2,
    }  # fmt: skip
    assert done.items() >= documented.items()
    assert done["unchanged"] is False
    again = sent(owner, SEED, wanted)
    assert again.items() >= documented.items()
    assert again["unchanged"] is True


def _written(service: Service) -> dict[str, int]:
    return {name.removeprefix("public."): many for name, many in count(service.direct).rows.items()}


def _later(at: str) -> str:
    return clock.iso(clock.parse(at, "at") + clock.MINUTE_US)
