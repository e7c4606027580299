"""The site of a target on loopback, in a thread of the test's own process; and visitors without a browser."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import httpx
from psycopg import sql

from command import adopt, answer, call
from contexts import at
from hazards import FILMS
from populace.api.server import bound, listen
from populace.api.wiring import Serving
from populace.database.connection import connect
from populace.database.embedded import EmbeddedServer
from populace.operations.context import Context
from populace.sites.opening import open_site

PASSWORD = "a-word-of-the-tests"
"""Of people who are seeded for these tests, and of those who sign up."""
START_LIMIT_S = 20.0


@contextmanager
def populated(server: EmbeddedServer, template: str, name: str, *words: str) -> Iterator[str]:
    """A database with a few people of HogFlix, who log in with `PASSWORD`, while it is there. words: of the seed."""
    database = sql.Identifier(name)
    with connect(server.url("postgres"), application_name="tests", autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(database, sql.Identifier(template)))
        adopt(server.url(name))
        call(*FILMS.seed, *words, "--target", server.url(name), POPULACE_LOGIN_PASSWORD=PASSWORD)
        yield server.url(name)
        conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(database))


@contextmanager
def copied(server: EmbeddedServer, of: str, name: str) -> Iterator[str]:
    """A copy of such a database, while it is there; nobody may be connected with the other one."""
    pair = {"name": sql.Identifier(name), "of": sql.Identifier(of)}
    with connect(server.url("postgres"), application_name="tests", autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {of}").format(**pair))
        adopt(server.url(name))
        yield server.url(name)
        connection.execute(sql.SQL("DROP DATABASE {name} WITH (FORCE)").format(**pair))


def here(url: str) -> Context:
    """A context for such a database, which knows the password of its people."""
    known = at(url)
    return Context(replace(known.settings, login_password=PASSWORD), known.registry)


def failed(url: str, *wanted: str) -> dict[str, int]:
    """How many of some checks do not hold, by their ids."""
    verdicts = answer("validate", "--target", url, code=None)["verdicts"]
    return dict(Counter(v["id"] for v in verdicts if v["ok"] is False and v["id"] in wanted))


@contextmanager
def site(url: str, **settings: object) -> Iterator[str]:
    """The address of a site on a database, while it answers. settings: in force beside the target."""
    known = at(url)
    app, _place = open_site(Context(replace(known.settings, **settings), known.registry), None)  # type: ignore[arg-type]
    stop, ready = threading.Event(), threading.Event()
    listening = bound(Serving(port=0), chosen=True)
    thread = threading.Thread(target=listen, args=(app, listening, stop), kwargs={"on_ready": ready.set})
    thread.start()
    try:
        assert ready.wait(START_LIMIT_S)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


@dataclass(frozen=True)
class Guest:
    """Somebody who sends forms as a browser does."""

    client: httpx.Client

    def token(self, page: str = "/login") -> str:
        """The token of this session's forms."""
        found = re.search(r'data-csrf="([0-9a-f]+)"', self.client.get(page).text)
        assert found is not None
        return found[1]

    def post(self, path: str, page: str = "/login", **fields: object) -> httpx.Response:
        """Send a form with the token of a page."""
        return self.client.post(path, data={"csrf": self.token(page), **{k: str(v) for k, v in fields.items()}})


@contextmanager
def guest(base: str) -> Iterator[Guest]:
    """Somebody with a session of their own."""
    with httpx.Client(base_url=base, timeout=60) as client:
        yield Guest(client)


def somebody(url: str) -> str:
    """The address of a seeded person who has watched something to its end, and something not."""
    with connect(url, application_name="tests") as connection:
        row = connection.execute(
            "SELECT u.email FROM auth.users AS u JOIN public.watch_progress AS w ON w.user_id = u.id "
            "WHERE u.encrypted_password IS NOT NULL GROUP BY u.id "
            "HAVING count(*) FILTER (WHERE NOT w.completed) > 0 ORDER BY count(*) DESC, u.email LIMIT 1"
        ).fetchone()
    assert row is not None
    return str(row[0])
