"""The demo: the Studio beside it."""

from __future__ import annotations

import re
import socket

import httpx

from command import CLUB, call, start


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
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        said = call("demo", "--world", CLUB, "--for", "1", "--yes", "--port", port, "--target", opened_url, code=2)
    assert "another program listens there" in said.stderr
