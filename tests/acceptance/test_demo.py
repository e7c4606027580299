"""The demo: the Studio and the site beside it."""

from __future__ import annotations

import json
import re
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from command import CLUB, call, start
from hazards import FILMS, Seeded, Small


def test_the_studio_answers_beside_the_demo(opened_url: str) -> None:
    with start("demo", "--world", CLUB, "--for", "4", "--yes", "--target", opened_url) as process:
        assert process.stderr is not None
        said = next(line for line in process.stderr if line.startswith("Studio"))
        link = re.fullmatch(r"Studio +(http://127\.0\.0\.1:\d+/enter/[0-9a-f]{48})\n", said)
        assert link, said
        with httpx.Client(follow_redirects=True, timeout=60) as browser:
            answer = browser.get(link[1])
        assert answer.status_code == 200
        assert "Synthetics Studio" in answer.text
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        assert "simulated minutes in" in out


def test_a_port_that_is_taken_is_refused(opened_url: str) -> None:
    with taken() as port:
        said = call("demo", "--world", CLUB, "--for", "1", "--yes", "--port", port, "--target", opened_url, code=2)
    assert "--port: another program listens there" in said.stderr


@contextmanager
def taken() -> Iterator[str]:
    """A port at which something listens."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield str(listening.getsockname()[1])


def test_the_site_answers_beside_the_studio_which_leads_there(
    make_database: Callable[[str], str], seeded: Callable[[Small], Seeded]
) -> None:
    url = make_database(seeded(FILMS).template)
    with start("demo", "--world", "hogflix", "--site", "--json", "--target", url) as process:
        assert process.stderr is not None
        said = {}
        for line in process.stderr:
            word, _, rest = line.strip().partition(" ")
            said[word] = rest.strip()
            if "Ctrl-C ends it" in line:
                break
        with httpx.Client(follow_redirects=True, timeout=60) as browser:
            landing = browser.get(said["site"])
            assert browser.get(said["Studio"]).status_code == 200
            studio = said["Studio"].partition("/enter/")[0]
            somebody = re.search(r'href="(/people/[0-9a-f-]{36})"', browser.get(f"{studio}/people?active=30").text)
            assert somebody is not None
            pages = re.findall(rf'href="({said["site"]}/title/[^"]+)"', browser.get(studio + somebody[1]).text)
            title = browser.get(pages[0])
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert json.loads(out)["site"] == said["site"]
    assert "Short films with spines" in landing.text
    # A title is shown to those who have logged in, who come back to it.
    assert title.url.path == "/login"
    assert f'value="{pages[0].removeprefix(said["site"])}"' in title.text
    for address in (said["site"], studio):
        with socket.socket() as asking:
            assert asking.connect_ex(("127.0.0.1", httpx.URL(address).port or 0)) != 0


def test_a_site_that_cannot_be_shown_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    said = call("demo", "--world", "recoverlution", "--site", "--target", f"embedded:{tmp_path}/none", code=3)
    assert said.stderr.count("\n") == 1
    assert "recoverlution: this world has no site" in said.stderr
    assert not list(tmp_path.iterdir())


def test_a_port_of_the_site_that_is_taken_is_refused(
    make_database: Callable[[str], str], seeded: Callable[[Small], Seeded]
) -> None:
    with taken() as port:
        words = ("--world", "hogflix", "--site-port", port, "--for", "1")
        said = call("demo", *words, "--target", make_database(seeded(FILMS).template), code=2)
    assert "--site-port: another program listens there" in said.stderr
    assert "windows" not in said.stdout
