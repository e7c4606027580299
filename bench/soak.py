"""`make soak`: what a server's memory does while it is left open.

Seeds a small population, serves it at a speed with streams open and pages loaded now and then, and prints the resident
memory of the server's process a minute, then how much it grew over the second half: by then caches are filled.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np

from populace import clock

KEY = "a-service-key-of-the-soak"
PAGES = ("/", "/people", "/behaviour", "/settings", "/seed", "/checks", "/cleanup", "/runs")


def main() -> None:
    """Soak one world."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--world", default="recoverlution")
    parser.add_argument("--scenario", default="demo")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--speed", type=float, default=60)
    parser.add_argument("--streams", type=int, default=10)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="populace-soak-") as folder:
        os.chmod(folder, 0o755)  # the embedded server may be another user's process
        target = f"embedded:{Path(folder) / 'db'}"
        seeding = [sys.executable, "-m", "populace", "seed", given.world, "--scenario", given.scenario]
        subprocess.run([*seeding, "--target", target, "--yes", "--quiet"], check=True, stdout=subprocess.DEVNULL)
        try:
            with serving(target) as (process, link):
                soak(process, link, given.minutes, given.speed, given.streams)
        finally:
            subprocess.run([sys.executable, "-m", "populace", "db", "stop", "--target", target], check=False)


@contextmanager
def serving(target: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server on a target: its process, and a link that opens a session."""
    command = [sys.executable, "-m", "populace", "serve", "--target", target, "--json", "--quiet"]
    environment = {**os.environ, "POPULACE_SERVICE_ROLE_KEY": KEY}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout
    try:
        text = ""
        for line in process.stdout:
            text += line
            if line.startswith("}"):
                break
        yield process, json.loads(text)["studio"]
    finally:
        process.terminate()
        process.wait(60)


def soak(process: subprocess.Popen[str], link: str, minutes: float, speed: float, streams: int) -> None:
    """Print memory by the minute, then what it came to."""
    base, over, heard = link.partition("/enter/")[0], threading.Event(), [0] * streams
    key = {"authorization": f"Bearer {KEY}"}
    client = httpx.Client(base_url=base, timeout=60, follow_redirects=True)
    client.get(link).raise_for_status()
    client.put("/api/v1/pace", json={"speed": speed}, headers=key).raise_for_status()

    def listen(nth: int) -> None:
        while not over.is_set():
            try:
                with httpx.stream("GET", f"{base}/api/v1/events", headers=key, timeout=60) as stream:
                    for line in stream.iter_lines():
                        heard[nth] += line.startswith("event: window")
                        if over.is_set():
                            break
            except httpx.HTTPError as error:
                print(f"stream {nth}: {error!r}", flush=True)
                over.wait(1)

    for nth in range(streams):
        threading.Thread(target=listen, args=(nth,), daemon=True).start()
    first, began, held = watermark_us(client, key), clock.monotonic(), []
    print("minute  resident MB  simulated  windows heard by the first stream", flush=True)
    while process.poll() is None:
        passed = (clock.monotonic() - began) / 60
        held.append((passed, resident_bytes(process.pid) / 1e6))
        lived = clock.length(watermark_us(client, key) - first)
        print(f"{passed:6.1f}  {held[-1][1]:11.1f}  {lived:>9}  {heard[0]:,}", flush=True)
        if passed >= minutes:
            break
        for page in PAGES:
            client.get(page).raise_for_status()
        over.wait(max(0, 60 * len(held) - (clock.monotonic() - began)))
    if process.poll() is not None:
        sys.exit(f"the server ended with {process.returncode}")
    half = np.array([one for one in held if one[0] >= minutes / 2])
    growth = float(np.polyfit(half[:, 0] / 60, half[:, 1], 1)[0]) if len(half) > 2 else float("nan")
    print(f"second half: {half[:, 1].min():.1f} to {half[:, 1].max():.1f} MB, {growth:+.1f} MB an hour")
    print(f"windows heard by {streams} streams: {min(heard):,} to {max(heard):,}")
    over.set()


def watermark_us(client: httpx.Client, key: dict[str, str]) -> int:
    """Up to where is written."""
    return clock.parse(client.get("/api/v1/clock", headers=key).json()["watermark"], "watermark")


def resident_bytes(number: int) -> int:
    """What a process holds in memory."""
    pages = int(Path(f"/proc/{number}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
