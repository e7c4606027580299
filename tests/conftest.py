"""What every test run has in common: a server with a database for each test; at the end slowest files and figures."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator

import pytest
from hypothesis import settings
from psycopg import sql

import figures
from command import adopt
from hazards import Seeded, Small, rows, step
from populace.database import compat, guard
from populace.database.connection import Connection, connect
from populace.database.embedded import EmbeddedServer
from servers import running, spare_the_disk, write_to_memory

TESTED_AT_US = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z

SHOWN = 15

spare_the_disk()
write_to_memory()

# No test asserts a time, and a busy machine is no fault.
settings.register_profile("populace", deadline=None)
settings.load_profile("populace")

MakeDatabase = Callable[..., str]
SeededBy = Callable[[Small], Seeded]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """The cluster of this test session; it runs the wheel's PostgreSQL."""
    with running(tmp_path_factory.mktemp("cluster")) as server:
        yield server


@pytest.fixture(scope="session")
def opened_template(server: EmbeddedServer) -> str:
    """The name of a database that is open for synthetic data, and has what any world needs of a Supabase project."""
    name = "opened_template"
    with connect(server.url("postgres"), application_name="tests", autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    with connect(server.url(name), application_name="tests") as conn:
        guard.open_target(conn, TESTED_AT_US, "tests")
        compat.install(conn)
    return name


@pytest.fixture(scope="session")
def _numbers() -> Iterator[int]:
    return itertools.count(1)


@pytest.fixture
def make_database(server: EmbeddedServer, _numbers: Iterator[int]) -> Iterator[MakeDatabase]:
    """Makes a database and returns its URL; dropped when the test ends. template: the name of one to copy, and
    to be open where that one is."""
    made: list[str] = []

    def make(template: str = "template1") -> str:
        name = f"test_{next(_numbers)}"
        with connect(server.url("postgres"), application_name="tests", autocommit=True) as conn:
            conn.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
            )
        made.append(name)
        if template != "template1":
            adopt(server.url(name))
        return server.url(name)

    yield make
    with connect(server.url("postgres"), application_name="tests", autocommit=True) as conn:
        for name in made:
            conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def seeded(server: EmbeddedServer, opened_template: str) -> SeededBy:
    """Seeds a small population once a session, in a database to be copied."""
    made: list[Seeded] = []

    def seed(small: Small) -> Seeded:
        for one in made:
            if one.small == small:
                return one
        name = f"seeded_{len(made)}"
        with connect(server.url("postgres"), application_name="tests", autocommit=True) as conn:
            conn.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(opened_template))
            )
        adopt(server.url(name))
        others = rows(server.url(name))
        said = step(server.url(name), *small.seed)
        assert said.code == 0, said.err
        made.append(Seeded(small, name, others, said))
        return made[-1]

    return seed


@pytest.fixture
def empty_url(make_database: MakeDatabase) -> str:
    """A database nobody has opened."""
    return make_database()


@pytest.fixture
def opened_url(make_database: MakeDatabase, opened_template: str) -> str:
    """A database that is open for synthetic data."""
    return make_database(opened_template)


@pytest.fixture
def empty(empty_url: str) -> Iterator[Connection]:
    """A session on a database nobody has opened."""
    with connect(empty_url, application_name="tests") as conn:
        yield conn


@pytest.fixture
def opened(opened_url: str) -> Iterator[Connection]:
    """A session on a database that is open for synthetic data."""
    with connect(opened_url, application_name="tests") as conn:
        yield conn


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The slowest files, in seconds of the workers, set-up included."""
    seconds: dict[str, float] = defaultdict(float)
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                seconds[report.nodeid.partition("::")[0]] += report.duration
    if len(seconds) > 1:
        terminalreporter.section("slowest files")
        for file in sorted(seconds, key=seconds.__getitem__, reverse=True)[:SHOWN]:
            terminalreporter.line(f"{seconds[file]:7.1f} s  {file}")
        terminalreporter.line(f"{sum(seconds.values()):7.1f} s  in all, of all workers")
    # Of one process: workers keep theirs to themselves.
    observed = figures.table()
    if observed:
        terminalreporter.section("observed under torture")
        for line in observed:
            terminalreporter.line(line)
