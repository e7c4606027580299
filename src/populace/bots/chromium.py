"""Playwright and a Chromium: found on this machine, never downloaded."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from populace.errors import BadInput, Remedy

FAMILY = ("chrom", "edge", "brave", "vivaldi", "opera")
"""What a browser of this kind calls itself."""
ANSWERS_S = 20.0
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def require_playwright() -> None:
    """Raise BadInput where Playwright is not installed."""
    if find_spec("playwright") is None:
        raise BadInput(
            "visits are played with Playwright, which is not installed",
            where="bots",
            todo="install it: pip install 'populace[bots]' (it brings no browser, and none is downloaded)",
        )


def chromium(named: Path | None = None) -> Path:
    """The Chromium of this machine. named: by the user. Raises BadInput where there is none."""
    if named is not None:
        found = shutil.which(str(named))
        if found is None:
            raise BadInput(
                "there is no program at this path",
                where="bots.chromium",
                given=str(named),
                allowed="a Chromium, or a Chrome",
            )
        return _is_one(Path(found))
    for name in NAMES:
        if found := shutil.which(name):
            return _is_one(Path(found))
    raise BadInput(
        "there is no Chromium on this machine, and none is downloaded",
        where="bots",
        allowed=f"one of {', '.join(NAMES)} on PATH",
        todo=[
            "install one (on Debian and Ubuntu: apt install chromium)",
            Remedy("", {"chromium": None}, "or name one with {}"),
        ],
    )


def _is_one(program: Path) -> Path:
    """The program, if it says that it is such a browser: no visit is claimed for one that cannot even do that."""
    try:
        done = subprocess.run(
            [program, "--version"], capture_output=True, text=True, errors="replace", timeout=ANSWERS_S, check=False
        )
    except subprocess.TimeoutExpired:
        said, why = "", f"it does not say its version within {ANSWERS_S:.0f} seconds"
    except OSError as error:
        said, why = "", f"it cannot be started: {error.strerror}"
    else:
        lines = (done.stdout or done.stderr).strip().splitlines()
        said, why = done.stdout, f"asked for its version it says: {lines[0][:200]}" if lines else "it says no version"
    if any(name in said.lower() for name in FAMILY):
        return program
    raise BadInput(
        f"this is not a browser that can be used ({why})",
        where="bots.chromium",
        given=str(program),
        allowed="a Chromium, or a Chrome",
        todo=Remedy("", {"chromium": None}, "name another one with {}"),
    )


def arguments() -> Sequence[str]:
    """What it is started with, beside where it may go."""
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    return (*sandbox, "--force-webrtc-ip-handling-policy=disable_non_proxied_udp", "--disable-dev-shm-usage")
