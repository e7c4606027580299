"""Whether people look real, over the API and on the Studio's page Checks."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from contexts import at
from kills import until
from populace.api.wiring import Service, Serving
from populace.studio.mount import mount
from serving import ANON, OWNER, SECRET, answering


def test_a_comparison_is_a_job_and_a_part_of_a_page(lived_url: str, calls: Callable[..., httpx.Client]) -> None:
    context = at(lived_url, anon_key=ANON, service_role_key=OWNER, jwt_secret=SECRET)
    service = Service(context, Serving(runner=False, a_second=1000, at_once=5000))
    service.settle()
    with answering(service, mount) as base, httpx.Client(base_url=base, follow_redirects=True, timeout=60) as studio:
        assert studio.get(f"/enter/{service.sessions.link()}").status_code == 200
        assert "Nothing was compared" in studio.get("/checks/realism").text
        owner = calls(base, OWNER)
        began = owner.post("/api/v1/validate/realism")
        assert began.status_code == 202
        number = began.json()["job"]
        until(lambda: owner.get(f"/api/v1/jobs/{number}").json()["state"] != "running", "a comparison ends")
        done = owner.get(f"/api/v1/jobs/{number}").json()
        assert (done["kind"], done["state"], done["error"]) == ("realism", "done", None)
        found = done["result"]
        assert len(found["metrics"]) == found["in"] + found["red"] + found["open"] + found["left_out"]
        red = [m for m in found["metrics"] if m["verdict"] == "red"]
        assert red
        assert all(m["chart"]["rows"] for m in red)
        page = studio.get("/checks/realism").text
        assert f"{found['in']} of {found['measured']}" in page
        assert page.count("<figure") == len(found["metrics"])
        assert [m["id"] for m in found["metrics"] if m["verdict"] in ("in", "red") and not m["chart"]["rows"]] == []
        drawn = [m for m in found["metrics"] if any(value > 0 for _, value in m.get("chart", {}).get("rows", ()))]
        assert page.count("<svg") == len(drawn) > 20
        assert "/checks/realism" in studio.get("/checks").text
