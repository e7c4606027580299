"""Visits in a real browser, on a tiny site: by its page map, and where the site or the browser does not do its part."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browser.conftest import CHROMIUM
from burrow import Burrow, burrow, page_map
from examples import where_all_run
from populace import clock
from populace.bots import page_map as maps
from populace.bots.chromium import arguments
from populace.bots.crew import Crew, Worker, _below
from populace.standins.loopback import Answer, Loopback
from populace.worlds.hogflix import WORLD

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
PERSON = {"email": "p_1@hogflix-synthetic.test", "id": "p_1", "source": "reddit", "locale": "de-DE",
          "zone": "Asia/Tokyo", "width": 390, "height": 844, "touch": 1, "plan": "Basic"}  # fmt: skip
DEEDS = (("homepage", {}), ("look", {}), ("open", {"title": "One", "key": "one"}),
         ("start", {"title": "One", "key": "one"}), ("watch", {"percent": 50}), ("rate", {"stars": 4}))  # fmt: skip


def assignment(there: Burrow, folder: Path, **more: Any) -> dict[str, Any]:
    """A visit to Burrow."""
    assert WORLD.navigation is not None
    pages = maps.parsed(page_map(), WORLD, WORLD.navigation, "bots.md")
    deeds = [{"step": step, "at_ms": 0, "times": 2, "fields": fields} for step, fields in DEEDS]
    return {"address": 1, "site": there.base, "origins": [there.base], "map": pages.document(), "password": "x",
            "marker": ["synthetic", "1"], "medium": "synthetic", "campaign": "a-test", "storage": "posthog_distinct_id",
            "person": PERSON, "signs_up": False, "deeds": deeds,
            "speed": 0, "patience_ms": 2000, "profile": str(folder / "profile.json"),
            "pictures": str(folder / "1"), **more}  # fmt: skip


@pytest.fixture
def there() -> Iterator[Burrow]:
    with burrow() as found:
        yield found


def crew_of(there: Burrow) -> Crew:
    settings = {"chromium": CHROMIUM, "headless": True, "arguments": list(arguments()),
                "hosts": [there.base.removeprefix("http://")], "version": "0"}  # fmt: skip
    return Crew(1, settings)


def done(crew: Crew, given: dict[str, Any], within_s: float = 60.0) -> dict[str, Any]:
    """What comes of a visit."""
    worker = crew.idle()
    assert worker is not None
    worker.give(given, within_s)
    return heard(crew, worker)


def heard(crew: Crew, worker: Worker) -> dict[str, Any]:
    while True:
        said = crew.answer(0.2)
        # The last word of one that was ended may come later.
        if said is not None and said.worker is worker:
            worker.address = None
            return dict(said.outcome)


def test_a_site_that_is_not_ours_is_played_by_its_page_map(there: Burrow, tmp_path: Path) -> None:
    crew = crew_of(there)
    try:
        first = done(crew, assignment(there, tmp_path))
        assert (first["kind"], first["fault"]) == ("", "")
        assert [s["step"] for s in first["steps"]] == ["sign_in", *(step for step, _ in DEEDS)]
        assert first["carried"] == 0
        # The address carries the marks, and the browser says what it is.
        assert "/?synthetic=1&utm_source=reddit&utm_medium=synthetic&utm_campaign=a-test" in there.targets
        assert there.headers["user-agent"].endswith("PopulaceBot/0 (synthetic visitor)")
        assert there.headers["accept-language"].startswith("de-DE")
        # A picture and a link elsewhere were seen, and nobody went there.
        assert first["elsewhere"] == [there.elsewhere]
        state = json.loads((tmp_path / "profile.json").read_text())
        assert (tmp_path / "profile.json").stat().st_mode & 0o777 == 0o600
        assert [c["name"] for c in state["cookies"]] == ["who"]
        assert state["origins"][0]["localStorage"] == [{"name": "posthog_distinct_id", "value": "p_1"}]
        assert sorted(p.suffix for p in (tmp_path / "1").iterdir()) == [".jpg"] * 6
        # The second visit is signed in already.
        second = done(crew, assignment(there, tmp_path, address=2))
        assert second["steps"][0]["step"] == "homepage"
        assert second["carried"] == 2
        assert there.asked["/in"] == 1
        # A profile that is none counts as none.
        (tmp_path / "profile.json").write_text("{")
        third = done(crew, assignment(there, tmp_path, address=3))
        assert (third["fault"], third["carried"]) == ("", 0)
    finally:
        crew.end()


@where_all_run
def test_a_site_that_does_not_do_its_part(there: Burrow, tmp_path: Path) -> None:
    """Each in one clear report, with a picture and a trace; and the same browser goes on."""
    crew = crew_of(there)
    heard_there: list[str] = []
    other = Loopback(lambda request: heard_there.append(request.target) or Answer(200, b"{}"), ("GET",))
    there.elsewhere = f"http://127.0.0.1:{other.port}"
    try:
        for mode, at_path, kind, said in (
            ("broken", "/film/", "broken", "open: the site answered 500 at /film/one"),
            ("broken", "/at", "broken", "watch: /at was answered with 500"),
            ("slow", "/film/", "slow", "open: the site did not answer in time at /film/one"),
            ("new", "/film/", "changed", "open: see h1 is not possible on /film/one"),
            ("new", "/", "changed", "sign_in: fill #mail is not possible on /"),
            ("redirect", "/film/", "elsewhere", f"open: the site led to {there.elsewhere}, where nobody follows"),
            ("script", "/film/", "elsewhere", f"the site led to {there.elsewhere}, where nobody follows"),
            ("captcha", "/film/", "challenge", "open: the site asks whether a human is there"),
        ):
            there.mode, there.from_path = mode, at_path
            folder = tmp_path / f"{mode}{at_path.strip('/')}"
            found = done(crew, assignment(there, folder))
            assert (found["kind"], said in found["fault"]) == (kind, True), found
            assert {p.suffix for p in (folder / "1").iterdir()} == {".jpg", ".zip"}
        # Nothing ever reached the other host: no redirect, no script, no picture.
        assert heard_there == []
        there.mode = "well"
        assert done(crew, assignment(there, tmp_path / "well"))["fault"] == ""
    finally:
        crew.end()
        other.close()


@where_all_run
def test_a_browser_that_crashes_or_hangs_is_ended_and_another_one_goes_on(there: Burrow, tmp_path: Path) -> None:
    crew = crew_of(there)
    try:
        assert done(crew, assignment(there, tmp_path))["fault"] == ""
        for number, within_s in ((signal.SIGKILL, 60.0), (signal.SIGSTOP, 6.0)):
            there.mode, there.from_path = "slow", "/films"
            worker = crew.idle()
            assert worker is not None
            worker.give(assignment(there, tmp_path, patience_ms=60_000), within_s)
            while not there.asked["/films"]:
                clock.sleep(0.05)
            there.mode = "well"
            browsers = [pid for pid in _below(worker.process.pid) if "chromium" in name_of(pid)]
            os.kill(browsers[0], number)
            found = heard(crew, worker)
            assert found["kind"] == "browser", found
            crew.dismiss(worker)
            until = clock.monotonic() + 20
            while [pid for pid in browsers if alive(pid)] and clock.monotonic() < until:
                clock.sleep(0.05)
            assert not [pid for pid in browsers if alive(pid)]
            there.asked.clear()
            assert done(crew, assignment(there, tmp_path))["fault"] == ""
    finally:
        crew.end()


def name_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text()
    except OSError:
        return ""


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
