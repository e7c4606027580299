"""`make pages`: how long HogFlix's site takes for each of its pages, at the default size of the population.

Prints the time to the whole answer, and the processor time that the site and its database need for one: a busy machine
changes the first and hardly the second. Exits with 1 when a page needs more processor time than `MOST_MS`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx

from populace import clock
from populace.database.connection import connect

MANY = 60
MOST_MS = 30.0
PASSWORD = "a-word-of-the-bench"
PORT = 7098
TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")
SOMEBODY = """
SELECT u.email FROM auth.users AS u JOIN public.watch_progress AS w ON w.user_id = u.id
WHERE u.encrypted_password IS NOT NULL GROUP BY u.id ORDER BY count(*) DESC, u.email LIMIT 1
"""
PAGES = ("/", "/login", "/signup?plan=standard", "/pricing", "/browse", "/category/Comedy", "/search?q=hog",
         "/title/{key}", "/watch/{key}", "/my-list", "/ratings", "/ratings?all=1", "/checkout?plan=standard",
         "/checkout/success", "/support", "/flixbuddy", "/flixbuddy?new=1")  # fmt: skip
SENT = (("/flixbuddy", {"message": "something funny under five minutes?"}), ("/title/{key}/rating", {"rating": "4"}),
        ("/watch/{key}/progress", {"seconds": "20"}))  # fmt: skip


def main() -> None:
    """Seed, show, ask, and print."""
    with tempfile.TemporaryDirectory(prefix="populace-pages-") as folder:
        os.chmod(folder, 0o755)  # the embedded server may be another user's process
        os.environ |= {"POPULACE_LOGIN_PASSWORD": PASSWORD}
        target = f"embedded:{Path(folder) / 'db'}"
        populace("seed", "hogflix", "--target", target, "--yes", "--quiet")
        url = populace("db", "url", "--target", target).strip()
        site = subprocess.Popen(
            command("site", "--json", "--quiet", "--port", f"{PORT}", "--target", target), stdout=subprocess.DEVNULL
        )
        try:
            slow = measured(url, site.pid)
        finally:
            site.terminate()
            site.wait()
            populace("db", "stop", "--target", target)
    sys.exit(1 if slow else 0)


def measured(url: str, pid: int) -> list[str]:
    """Print a line a page; those that need too much processor time."""
    base, slow = f"http://127.0.0.1:{PORT}", []
    with connect(url, application_name="bench") as connection, httpx.Client(base_url=base, timeout=60) as guest:
        (email,) = connection.execute(SOMEBODY).fetchone() or ("",)
        (key,) = connection.execute("SELECT slug FROM public.videos WHERE is_public ORDER BY slug").fetchone() or ("",)
        sizes = "SELECT (SELECT count(*) FROM public.profiles), (SELECT count(*) FROM public.watch_progress)"
        print("{:,} people, {:,} rows of watch_progress".format(*connection.execute(sizes).fetchone() or (0, 0)))
        until = clock.monotonic() + 60
        while clock.monotonic() < until:
            try:
                guest.get("/")
                break
            except httpx.TransportError:
                clock.sleep(0.2)
        signed_in = guest.post("/login", data={"csrf": token(guest), "email": email, "password": PASSWORD})
        assert signed_in.headers["location"] == "/browse"
        print(f"{'page':28} {'median':>9} {'p95':>9} {'site':>9} {'database':>9}  (ms; the last two of processor time)")
        for path in PAGES:
            slow += line(guest, url, pid, path, key, None)
        for path, fields in SENT:
            slow += line(guest, url, pid, path, key, {"csrf": token(guest), **fields})
    return slow


def line(guest: httpx.Client, url: str, pid: int, path: str, key: str, fields: dict[str, str] | None) -> list[str]:
    """Ask for a page many times, and print its line; the page, when it needs too much."""
    where, took = path.replace("{key}", key), []
    json = {"accept": "application/json"}
    # The site takes so many requests a second from one visitor, and no more.
    clock.sleep(0.8)
    for nth in range(MANY + 5):
        if nth == 5:
            before, at_server = used([pid]), used(sessions(url))
        began = clock.monotonic()
        answer = guest.get(where) if fields is None else guest.post(where, data=fields, headers=json)
        took.append((clock.monotonic() - began) * 1000)
        assert answer.status_code == 200, (where, answer.status_code)
    own, database = (used([pid]) - before) / MANY, (used(sessions(url)) - at_server) / MANY
    ranked = sorted(took[5:])
    print(f"{('' if fields is None else 'POST ') + path:28} {ranked[MANY // 2]:9.1f} {ranked[int(MANY * 0.95)]:9.1f}"
          f" {own:9.1f} {database:9.1f}", flush=True)  # fmt: skip
    return [path] if own > MOST_MS else []


def token(guest: httpx.Client) -> str:
    """The token of the forms of a visitor's session."""
    found = re.search(r'data-csrf="([0-9a-f]+)"', guest.get("/pricing").text)
    assert found is not None
    return found[1]


def sessions(url: str) -> list[int]:
    """The server's processes that work for the site."""
    with connect(url, application_name="bench") as connection:
        query = "SELECT pid FROM pg_stat_activity WHERE application_name = 'populace site'"
        return [row[0] for row in connection.execute(query)]


def used(processes: list[int]) -> float:
    """The processor time of some processes so far, ms."""
    total = 0.0
    for pid in processes:
        said = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += (int(said[11]) + int(said[12])) * TICK_MS
    return total


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "populace", *words]


def populace(*words: str) -> str:
    """What a command prints."""
    return subprocess.run(command(*words), check=True, text=True, stdout=subprocess.PIPE).stdout


if __name__ == "__main__":
    main()
