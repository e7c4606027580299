"""A server on a small population of its own for each file, and on whatever a test makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest

from command import adopt
from contexts import at
from hazards import JOURNEYS, Seeded, Small
from populace.api.wiring import Service, Serving
from populace.database.connection import connect
from populace.database.embedded import EmbeddedServer
from populace.operations import Context
from serving import ANON, OWNER, SECRET, answering, client

ServiceAt = Callable[..., tuple[Service, str]]
Calls = Callable[[str, str | None], httpx.Client]


def _context(target: str) -> Context:
    return at(target, anon_key=ANON, service_role_key=OWNER, jwt_secret=SECRET)


@pytest.fixture
def serving_at() -> Iterator[ServiceAt]:
    """Serves a target, without a runner: the service and its URL; ended when the test ends."""
    with ExitStack() as ends:

        def make(target: str, **serving: object) -> tuple[Service, str]:
            given = {"runner": False, "a_second": 1e6, "at_once": 1e6, **serving}
            service = Service(_context(target), Serving(**given))  # type: ignore[arg-type]
            service.settle()
            return service, ends.enter_context(answering(service))

        yield make


@pytest.fixture
def lived_url(seeded: Callable[[Small], Seeded], make_database: Callable[[str], str]) -> str:
    """A database with a small population that nobody runs."""
    return make_database(seeded(JOURNEYS).template)


@pytest.fixture
def served(lived_url: str, serving_at: ServiceAt) -> tuple[Service, str]:
    """The service of a small population, and its URL."""
    return serving_at(lived_url)


@pytest.fixture
def service(served: tuple[Service, str]) -> Service:
    """The service of a small population."""
    return served[0]


@pytest.fixture(scope="module")
def shared(
    server: EmbeddedServer, seeded: Callable[[Small], Seeded], request: pytest.FixtureRequest
) -> Iterator[tuple[Service, str]]:
    """A server for all tests of a file that change nothing."""
    name = f"shared_{request.module.__name__.rpartition('.')[2]}"
    with connect(server.url("postgres"), application_name="tests", autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE {seeded(JOURNEYS).template}")
        try:
            adopt(server.url(name))
            service = Service(_context(server.url(name)), Serving(runner=False, a_second=1e6, at_once=1e6))
            service.settle()
            with answering(service) as url:
                yield service, url
        finally:
            conn.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def shared_owner(shared: tuple[Service, str], calls: Calls) -> httpx.Client:
    """Calls that server with the key service_role."""
    return calls(shared[1], OWNER)


@pytest.fixture
def calls() -> Iterator[Calls]:
    """Makes a client: of a URL, and a key or None."""
    with ExitStack() as ends:
        yield lambda url, key: ends.enter_context(client(url, key))


@pytest.fixture
def anon(served: tuple[Service, str], calls: Calls) -> httpx.Client:
    """Calls with the key anon."""
    return calls(served[1], ANON)


@pytest.fixture
def owner(served: tuple[Service, str], calls: Calls) -> httpx.Client:
    """Calls with the key service_role."""
    return calls(served[1], OWNER)
