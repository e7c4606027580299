"""A person's page in the Studio: what they saw in visits that a browser played, and where the app's site shows it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from contexts import at
from hazards import FILMS, Seeded, Small
from populace.api.wiring import Service, Serving
from populace.database.connection import connect
from populace.database.embedded import EmbeddedServer
from populace.errors import BadInput
from populace.operations.context import Context
from populace.operations.playing.pictures import Folder
from populace.runner import delegations
from populace.runner.delegations import Done
from populace.studio import mount
from serving import answering

HELD, SECRET, NAME = b"what a browser saw", b"a profile with cookies", "002-open"
SITE = "http://127.0.0.1:7080"
STEPS = json.dumps([Done("homepage", 1, 5).document(), Done("open", 1, 5, f"{NAME}.png").document()])


@pytest.fixture(scope="module")
def url(server: EmbeddedServer, seeded: Callable[[Small], Seeded]) -> str:
    """Its people stay as they are; what these tests add are records of visits."""
    return server.url(seeded(FILMS).template)


@pytest.fixture
def somebody(url: str) -> str:
    with connect(url, application_name="tests") as connection:
        row = connection.execute("SELECT user_id FROM public.watch_progress ORDER BY user_id LIMIT 1").fetchone()
    assert row is not None
    return str(row[0])


@pytest.fixture
def folder(url: str, somebody: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The pictures of a visit of somebody, beside their profile; and a record of it, while the test lasts."""
    monkeypatch.setattr("populace.operations.playing.pictures.data_folder", lambda: tmp_path)
    with connect(url, application_name="tests") as connection:
        browsers = Folder.of(connection)
        made = browsers.person(somebody) / "7"
        made.mkdir(parents=True)
        for end in ("png", "jpg"):
            (made / f"{NAME}.{end}").write_bytes(HELD)
        (made.parent / "profile.json").write_bytes(SECRET)
        run = delegations.add_run(connection, SITE, "tests")
        connection.execute(
            "INSERT INTO populace.delegated_visit (address, run, intervention, person, called, begins, ends, state, "
            "started_at, ended_at, pictures, steps) VALUES (7, %s, 0, %s, 'somebody', now(), now(), 'played', now(), "
            "now(), %s, %s::jsonb)",
            (run, somebody, browsers.visit(somebody, 7), STEPS),
        )
    yield made
    with connect(url, application_name="tests") as connection:
        connection.execute("DELETE FROM populace.delegated_visit")
        connection.execute("DELETE FROM populace.delegating_run")


@pytest.fixture
def service(url: str) -> Service:
    made = Service(at(url), Serving(runner=False, a_second=1000, at_once=5000))
    made.settle()
    made.site = SITE
    return made


@pytest.fixture
def base(service: Service, folder: Path) -> Iterator[str]:
    with answering(service, mount) as found:
        yield found


@pytest.fixture
def studio(service: Service, base: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=base, follow_redirects=True, timeout=60) as client:
        assert client.get(f"/enter/{service.sessions.link()}").status_code == 200
        yield client


def shown(folder: Path) -> str:
    """The name of one of the pictures that the page shows."""
    return Folder(folder.parents[2], "").pictures(str(folder))[0].name


def test_the_page_shows_the_last_pictures_and_leads_to_the_site(
    studio: httpx.Client, somebody: str, folder: Path
) -> None:
    page = studio.get(f"/people/{somebody}").text
    picture = f"/people/{somebody}/visits/7/{shown(folder)}"
    assert "What they saw" in page
    assert f'src="{picture}"' in page
    assert f'href="{SITE}/title/' in page
    answer = studio.get(picture)
    assert answer.content == HELD
    assert answer.headers["content-type"] in ("image/png", "image/jpeg")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_whoever_may_not_see_the_page_sees_no_picture(base: str, somebody: str, folder: Path) -> None:
    for path in (f"/people/{somebody}", f"/people/{somebody}/visits/7/{shown(folder)}"):
        answer = httpx.get(base + path)
        assert answer.status_code == 401
        assert HELD not in answer.content


def test_nothing_but_a_picture_of_the_visit_is_served(studio: httpx.Client, somebody: str, folder: Path) -> None:
    for end in ("png", "jpg"):
        os.symlink(folder.parent / "profile.json", folder / f"link.{end}")
    for name in (
        *(
            "profile.json",
            "..%2Fprofile.json",
            "../profile.json",
            "..%2F..%2F..%2F..%2Fetc%2Fpasswd",
            "%2Fetc%2Fpasswd",
        ),
        *("....//profile.json", "002-open", "", "x" * 90, "link.png", "link.jpg", "%00", "..", "C:%5Cwindows"),
    ):
        answer = studio.get(f"/people/{somebody}/visits/7/{name}")
        assert answer.status_code in (401, 404, 405, 422), name
        assert SECRET not in answer.content, name
        assert b"root:" not in answer.content, name


def test_a_picture_of_nobody_or_of_no_visit_is_one_error(studio: httpx.Client, somebody: str, folder: Path) -> None:
    other = "00000000-0000-4000-8000-000000000001"
    for person, visit in ((other, 7), (somebody, 8), ("x", 7), (somebody, -1), (somebody, 99999999999999999999)):
        answer = studio.get(f"/people/{person}/visits/{visit}/{shown(folder)}")
        assert answer.status_code in (404, 422), (person, visit)
        assert HELD not in answer.content


def test_a_record_that_leads_out_of_the_folder_of_browsers_serves_nothing(
    url: str, studio: httpx.Client, somebody: str, folder: Path
) -> None:
    for recorded in ("../../elsewhere", "/etc", "x/../../../.."):
        with connect(url, application_name="tests") as connection:
            connection.execute("UPDATE populace.delegated_visit SET pictures = %s", (recorded,))
        assert studio.get(f"/people/{somebody}/visits/7/{shown(folder)}").status_code == 422, recorded


@pytest.mark.parametrize("address", ["javascript:alert(1)", "ftp://x", "http://user:word@x.test", "films"])
def test_the_address_of_a_site_is_an_address(url: str, address: str) -> None:
    known = at(url)
    service = Service(Context(replace(known.settings, site_url=address), known.registry), Serving(runner=False))
    with pytest.raises(BadInput, match="this is not the address of a site"):
        service.settle()
