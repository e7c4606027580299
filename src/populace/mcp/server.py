"""The server and its tools: each calls one operation, and gives back its document."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, ParamSpec

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

import populace
from populace.errors import BadInput, PopulaceError
from populace.operations import (
    ActivityRequest,
    ChangeRequest,
    CleanupRequest,
    Context,
    DescribeRequest,
    ExplainRequest,
    LogsRequest,
    PlanRequest,
    RunNowRequest,
    RunRequest,
    SeedRequest,
    activity,
    change,
    clean,
    count,
    describe,
    doctor,
    explain,
    logs,
    pause,
    plan,
    resume,
    run,
    run_now,
    seed,
    settings,
    status,
    validate,
    worlds,
)
from populace.operations.inspection.overview import overview
from populace.operations.people.listing import PeopleRequest, PersonRequest, people, person

ABOUT = (
    "Populace gives an app a population: synthetic people with a history, who go on living in its Postgres database. "
    "Every row is marked and provably synthetic; rows of others are never touched. Begin with target_status. plan_seed "
    "shows what a seed would write, seed_population writes it, run_until continues, and check examines all of it."
)
P = ParamSpec("P")
Document = dict[str, Any]
World = Annotated[str, Field(description="A world's name, as worlds lists them, or its path.")]
Settings = Annotated[
    dict[str, Any] | None, Field(description="Values of the world's parameters by path, as describe_world lists them.")
]
Time = Annotated[str | None, Field(description="Simulated time, ISO with a zone, such as 2026-02-01T00:00:00Z.")]
Key = Annotated[str, Field(description="The key (uuid) of a person, as list_people gives it.")]

READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
WRITES = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)
DELETES = ToolAnnotations(read_only_hint=False, destructive_hint=True, open_world_hint=False)
FIRST_SHOWN = 20


def create(context: Context, *, writes: bool) -> MCPServer:
    """The server of a context. writes: whether it has the tools that change the target."""
    server = MCPServer("populace", version=populace.__version__, instructions=ABOUT)
    _reading(server, context)
    if writes:
        _writing(server, context)
    return server


def _add(server: MCPServer, tool: Callable[P, Any], hints: ToolAnnotations) -> None:
    """Add a tool whose refusals come out in words."""

    @wraps(tool)
    def worded(*given: P.args, **named: P.kwargs) -> Any:
        try:
            return tool(*given, **named)
        except PopulaceError as error:
            raise ToolError(str(error)) from error

    server.add_tool(worded, annotations=hints, structured_output=False)


def _reading(server: MCPServer, context: Context) -> None:
    def list_worlds() -> list[Document]:
        """The worlds that are installed, and their scenarios."""
        return worlds(context).document()

    def describe_world(world: World) -> Document:
        """A world: its scenarios, presets, parameters with bounds and units, and tables."""
        return describe(context, DescribeRequest(world)).document()

    def plan_seed(world: World, scenario: str | None = None, settings: Settings = None, now: Time = None) -> Document:
        """What a seed would write (rows by table, bytes, time). Nothing is written."""
        return plan(context, PlanRequest(world, scenario, now=now, changes=settings or {})).document()

    def target_status() -> Document:
        """The state of the target: plan, clock, watermark, settings in effect, runner, rows by table."""
        return status(context).document()

    def now() -> Document:
        """How the population is right now: a few numbers, whether it is paused, who runs it."""
        return overview(context).document()

    def recent_activity(hours: Annotated[int, Field(ge=1, le=8760)] = 24) -> Document:
        """What people did in so many simulated hours, by kind."""
        return activity(context, ActivityRequest(hours)).document()

    def list_people(
        search: str = "", cursor: str | None = None, limit: Annotated[int, Field(ge=1, le=200)] = 25
    ) -> Document:
        """People by a part of their name or address; next is the cursor of the next page."""
        return people(context, PeopleRequest(search, cursor, limit)).document()

    def show_person(key: Key, limit: Annotated[int, Field(ge=1, le=200)] = 50) -> Document:
        """Somebody, and what they did, newest first."""
        return person(context, PersonRequest(key, most=limit)).document()

    def explain_day(
        person: Annotated[str, Field(description="An id, number, account's uuid or e-mail address.")],
        on: Annotated[str, Field(description="A date, such as 2026-01-08.")],
    ) -> Document:
        """Why somebody came on a day, or did not, step by step; in worlds whose people have lives."""
        return explain(context, ExplainRequest(person, on)).document()

    def show_settings() -> Document:
        """Live parameters in effect, and the last changes to them."""
        return settings(context).document()

    def count_rows() -> Document:
        """Rows that are provably synthetic, by table."""
        return count(context).document()

    def journal(limit: Annotated[int, Field(ge=1, le=1000)] = 30) -> list[Document]:
        """The last things that seeds and runners did."""
        return logs(context, LogsRequest(limit)).document()

    def examine() -> Document:
        """Everything that keeps the population from living, each with what to do."""
        return doctor(context).document()

    def check() -> Document:
        """Every check of the target: counts by group, and those that failed."""
        done = validate(context)
        whole = done.document()
        failed = [verdict.document() for verdict in done.failed]
        return {**{k: v for k, v in whole.items() if k != "verdicts"}, "failures": failed[:FIRST_SHOWN]}

    for tool in (
        list_worlds, describe_world, plan_seed, target_status, now, recent_activity, list_people, show_person,
        explain_day, show_settings, count_rows, journal, examine, check,
    ):  # fmt: skip
        _add(server, tool, READS)


def _writing(server: MCPServer, context: Context) -> None:
    def seed_population(
        world: World, scenario: str | None = None, settings: Settings = None, now: Time = None
    ) -> Document:
        """Fill the target with people and their history. The same again changes nothing; an interrupted one goes on."""
        return seed(context, SeedRequest(world, scenario, now=now, changes=settings or {})).document()

    def run_until(until: Annotated[str, Field(description="Simulated time, ISO with a zone.")]) -> Document:
        """Continue at full speed up to a simulated time; refused while a runner is at work."""
        return run(context, RunRequest(speed="max", until=until)).document()

    def bring_sessions(sessions: Annotated[int, Field(ge=1, le=1000)] = 5, force: bool = False) -> Document:
        """Sessions beside those that come by themselves: what they will write."""
        return run_now(context, RunNowRequest(sessions, force)).document()

    def change_settings(settings: dict[str, Any], at: Time = None) -> Document:
        """New values of live parameters, for the next window or from a later simulated time on."""
        return change(context, ChangeRequest(settings, at=at, by="mcp")).document()

    def pause_population() -> Document:
        """Let no new session begin; those under way end as they would."""
        return pause(context).document()

    def resume_population() -> Document:
        """Let sessions begin again."""
        return resume(context).document()

    def clean_up(
        confirm: Annotated[
            str | None, Field(description="The name of the world; without it rows are only counted.")
        ] = None,
    ) -> Document:
        """Delete every synthetic row, and the plan. Without confirm nothing is deleted."""
        known = overview(context).world
        if confirm is not None and confirm != known:
            raise BadInput(
                "a clean-up is confirmed by the name of the world", where="confirm", given=confirm, allowed=known
            )
        return clean(context, CleanupRequest(dry_run=confirm is None)).document()

    for tool in (seed_population, run_until, bring_sessions, change_settings, pause_population, resume_population):
        _add(server, tool, WRITES)
    _add(server, clean_up, DELETES)
