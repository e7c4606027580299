"""health: whether the app is well on these rows: all of them there, its queries quick, its functions at work.

A shorter look than `validate`, with stricter timings: for whoever has just refreshed a database. Nothing in the target
is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Protocol

import httpx
import psycopg

from populace import clock
from populace.checks import confidence, conformance, integrity, timing
from populace.checks.shipped import shipped
from populace.checks.verdict import Verdict
from populace.deliver.address import checked, checked_key, client
from populace.errors import BadInput, no_such_name
from populace.event import Listener, Stage, unheard
from populace.operations.context import Context
from populace.operations.declared import declared
from populace.operations.inspection.validate import expected, facts
from populace.operations.population import Population, population
from populace.settings import VARIABLES, Settings
from populace.spec import CachedFunction

RUNS = 300
"""D10: of each query."""
BUDGET_MS = 90_000
"""That 300 runs of a query within its bound of 200 ms may take, and half as much again."""
ANSWER_S = 10.0
"""A function has so long for an answer."""
FUNCTIONS = "/functions/v1"
"""Where a Supabase project has them."""
UNKNOWN = "asked was Populace's own implementation, since no address of the app's functions is known"


@dataclass(frozen=True, slots=True)
class HealthRequest:
    """world: None for the world of the target. functions: the address below which the app's functions are; None: that
    of the Supabase project in the settings, and without one Populace's own implementations on this machine. runs: of
    each query.
    """

    world: str | None = None
    functions: str | None = None
    runs: int = RUNS


@dataclass(frozen=True, slots=True)
class Health:
    """What was looked at. took_s: real seconds."""

    verdicts: tuple[Verdict, ...]
    took_s: float

    @property
    def failed(self) -> list[Verdict]:
        """What is not well."""
        return [v for v in self.verdicts if v.status == "failed"]

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return not self.failed

    def document(self) -> dict[str, Any]:
        """As `health --json` prints it."""
        return {
            "ok": self.ok,
            "checks": sum(v.status != "info" for v in self.verdicts),
            "failed": len(self.failed),
            "seconds": round(self.took_s, 1),
            "verdicts": [v.document() for v in self.verdicts],
        }


def health(context: Context, request: HealthRequest | None = None, *, on_event: Listener = unheard) -> Health:
    """Look at a target. Raises Refused when there is no finished seed or a key would be sent in plain text, BadInput
    for an address that is none."""
    request, began = request or HealthRequest(), clock.monotonic()
    if request.runs < 1:
        raise BadInput("a query is run at least once", where="health.runs", given=request.runs)
    address = _address(request, context.settings)
    with population(context, request.world, "health", looking=True) as there:
        world, rows = there.world, expected(there.connection, there.plan)
        steps = [*rows, *world.health, *shipped(world.package, "timings"), *world.functions]
        stage, number = Stage(on_event, "health", "steps", len(steps)), count()

        def begin(name: str) -> None:
            stage.at(next(number), name.replace("_", " "))

        verdicts = list(_verdicts(there, rows, request.runs, begin))
        asked = {function: _requests(there, function) for function in world.functions}
    for function, requests in asked.items():
        begin(function.name)
        verdicts.append(judge(function, requests, there.opened.url, address))
    stage.over(next(number))
    return Health(tuple(verdicts), clock.monotonic() - began)


@dataclass(frozen=True, slots=True)
class Address:
    """Below which an app's functions are. key: what they are asked with."""

    url: str
    key: str | None = field(repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """Of each request."""
        return {} if self.key is None else {"Authorization": f"Bearer {self.key}", "apikey": self.key}


def _address(request: HealthRequest, chosen: Settings) -> Address | None:
    url, where = request.functions, "health.functions"
    if url is None and chosen.supabase_url:
        url, where = chosen.supabase_url.rstrip("/") + FUNCTIONS, VARIABLES["supabase_url"][0]
    if url is None:
        return None
    key = chosen.service_role_key
    if key is not None:
        key = checked_key(key, chosen.source("service_role_key"), "a key of a Supabase project")
    return Address(checked(url, where, secret=key is not None, bare=True), key)


def _verdicts(there: Population, rows: Mapping[str, int], runs: int, begin: Callable[[str], None]) -> Iterator[Verdict]:
    """What a session finds out. rows: that each table must hold. begin: hears the name of each step."""
    world, connection, plan = there.world, there.connection, there.plan
    for name in world.health:
        if name not in (names := [file.name for file in shipped(world.package, "checks")]):
            raise no_such_name(f"{world.name}.health", name, names)
    known = facts(there)
    yield from integrity.counts(connection, world, rows, begin)
    yield from conformance.check(connection, plan, known, begin, only=world.health)
    values = conformance.values(plan, known)
    yield from timing.check(connection, world.package, values, begin, runs=runs, budget_ms=BUDGET_MS)


def _requests(there: Population, function: CachedFunction) -> list[object]:
    files = {file.name: file for file in shipped(there.world.package, "health")}
    if function.requests not in files:
        raise no_such_name(f"{there.world.name}.functions.{function.name}.requests", function.requests, files)
    return [row[0] for row in there.connection.execute(files[function.requests].sql)]


class StandIn(Protocol):
    """Answers for a function of an app, while it is entered."""

    @property
    def url(self) -> str: ...


def judge(function: CachedFunction, requests: Sequence[object], database: str, address: Address | None) -> Verdict:
    """Ask a function everything, and everything again: how much did it remember the second time?"""
    target = f"over {function.above:.0%}"

    def verdict(measured: str, ok: bool | None, note: str) -> Verdict:
        note = note if address else f"{note}; {UNKNOWN}"
        return Verdict(function.id, f"{function.name}: remembered when asked again", target, measured, ok, target, note)

    if not requests:
        return verdict("0", None, "there is nothing to ask")
    hits = asked = 0
    took_ms: list[float] = []
    try:
        with _answering(function, database, address) as at, client(at.url, ANSWER_S) as http:
            for again in (False, True):
                for request in requests:
                    began = clock.monotonic()
                    answer = http.post(f"{at.url}/{function.name}", json=request, headers=at.headers)
                    if answer.status_code != httpx.codes.OK:
                        return verdict(f"HTTP {answer.status_code}", False, f"it said: {answer.text[:200]}")
                    if again:
                        took_ms.append((clock.monotonic() - began) * 1000)
                        counted = _counted(answer, function)
                        if counted is None:
                            note = f"it has no numbers {function.hits} and {function.misses}"
                            return verdict("another answer", False, note)
                        hits, asked = hits + counted[0], asked + sum(counted)
    except (httpx.HTTPError, psycopg.Error) as error:
        return verdict("no answer", False, f"{type(error).__name__}: {error}".partition("\n")[0])
    if not asked:
        return verdict("0", False, "its answers count nothing")
    least = confidence.least_share(hits, asked)
    note = f"{hits:,} of {asked:,}; at least {least:.1%}, {confidence.SURE:.0%} sure; p95 {timing.p95(took_ms):,.1f} ms"
    return verdict(f"{hits / asked:.1%}", least > function.above, note)


@contextmanager
def _answering(function: CachedFunction, database: str, address: Address | None) -> Iterator[Address]:
    """Where the function answers: at its own address, or here for so long."""
    if address is not None:
        yield address
        return
    stand_in: Callable[[str], AbstractContextManager[StandIn]] = declared(
        function.stand_in, f"functions.{function.name}.stand_in", "who answers for this function"
    )
    with stand_in(database) as here:
        yield Address(here.url, None)


def _counted(answer: httpx.Response, function: CachedFunction) -> tuple[int, int] | None:
    """Hits and misses of an answer; None where it does not say so."""
    try:
        document = answer.json()
        return _number(document, function.hits), _number(document, function.misses)
    except (ValueError, KeyError, TypeError):
        return None


def _number(document: Any, path: str) -> int:
    """A count in an answer. Raises KeyError, TypeError or ValueError where there is none."""
    for part in path.split("."):
        document = document[part]
    if type(document) is not int or document < 0:
        raise ValueError
    return document
