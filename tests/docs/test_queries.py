"""The SQL that the documents show runs on a seeded database."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from command import answer, call
from docs import pages

SMALL = [f"--set={setting}" for setting in ("count_users=30", "coverage_per_mindblock=1", "days=1")]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    target = f"embedded:{tmp_path_factory.mktemp('queries')}"
    answer("seed", "recoverlution", "--target", target, "--now", "2026-01-09T01:00:00Z", *SMALL)
    yield call("db", "url", "--target", target).stdout.strip()
    call("db", "stop", "--target", target)


@pytest.mark.parametrize("query", sorted(set(pages.queries())))
def test_it_runs(url: str, query: str) -> None:
    with psycopg.connect(url) as connection:
        cursor = connection.execute(query)
        assert cursor.description is not None
        cursor.fetchall()


def test_the_readme_has_some() -> None:
    assert len(set(pages.queries())) >= 6
