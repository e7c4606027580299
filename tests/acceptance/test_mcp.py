"""populace mcp: a client of the official kit starts the command, and uses its tools."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

from command import CLUB, ENVIRONMENT, call

NOW = "2026-01-09T01:00:00Z"
SMALL = {"people": 5, "days": 1, "visit_days": 1, "rate": 1}
READING = {
    "list_worlds", "describe_world", "plan_seed", "target_status", "now", "recent_activity", "list_people",
    "show_person", "explain_day", "show_settings", "count_rows", "journal", "examine", "check",
}  # fmt: skip
WRITING = {
    "seed_population", "run_until", "bring_sessions", "change_settings", "pause_population", "resume_population",
    "clean_up",
}  # fmt: skip


class Agent:
    """An agent's program: each call of a tool gives its text, and whether it was refused."""

    def __init__(self, target: str, *words: str) -> None:
        self._given = StdioServerParameters(
            command=sys.executable, args=["-m", "populace", "mcp", "--target", target, *words], env=dict(ENVIRONMENT)
        )

    def calls(self, *asked: tuple[str, dict[str, Any]]) -> tuple[dict[str, Any], list[tuple[bool, Any]]]:
        """The tools there are, with their schemas, and what these calls gave."""

        async def work() -> tuple[dict[str, Any], list[tuple[bool, Any]]]:
            async with stdio_client(self._given) as (reading, writing), ClientSession(reading, writing) as session:
                await session.initialize()
                tools = {tool.name: tool for tool in (await session.list_tools()).tools}
                said = []
                for name, given in asked:
                    done = await session.call_tool(name, given)
                    text = "".join(getattr(part, "text", "") for part in done.content)
                    said.append((bool(done.is_error), text if done.is_error else json.loads(text)))
                return tools, said

        # In a thread of its own: another test may have left a loop in this one.
        with ThreadPoolExecutor(1) as apart:
            return apart.submit(anyio.run, work).result()


@pytest.fixture
def target(tmp_path: Path, opened_url: str) -> str:
    return opened_url


def test_reading_only(target: str) -> None:
    call(
        "seed",
        CLUB,
        "--scenario",
        "busy",
        *(f"--set={k}={v}" for k, v in SMALL.items()),
        "--now",
        NOW,
        "--yes",
        "--target",
        target,
    )
    tools, said = Agent(target).calls(
        ("target_status", {}), ("now", {}), ("count_rows", {}), ("describe_world", {"world": "hogflx"}),
        ("seed_population", {"world": CLUB}), ("recent_activity", {"hours": "many"}),
    )  # fmt: skip
    assert set(tools) == READING
    assert all(tool.annotations.read_only_hint for tool in tools.values())
    assert all(tool.description and tool.input_schema["type"] == "object" for tool in tools.values())
    status, now, counted, misspelt, unknown, wrong = said
    assert status[1]["state"] == now[1]["state"] == "ready"
    assert counted[1]["total"] > 0
    assert misspelt[0]
    assert "did you mean 'hogflix'" in misspelt[1]
    assert unknown[0]
    assert wrong[0]
    assert "Traceback" not in str(said)


def test_a_population_from_seed_to_clean_up(target: str) -> None:
    tools, said = Agent(target, "--allow-writes").calls(
        ("plan_seed", {"world": CLUB, "scenario": "busy", "settings": SMALL, "now": NOW}),
        ("seed_population", {"world": CLUB, "scenario": "busy", "settings": SMALL, "now": NOW}),
        ("run_until", {"until": "2026-01-09T02:00:00Z"}), ("pause_population", {}),
        ("bring_sessions", {"sessions": 2}), ("resume_population", {}),
        ("change_settings", {"settings": {"rate": -5}}), ("check", {}),
        ("clean_up", {}), ("clean_up", {"confirm": "another"}), ("clean_up", {"confirm": "club"}), ("now", {}),
    )  # fmt: skip
    assert set(tools) == READING | WRITING
    assert tools["clean_up"].annotations.destructive_hint
    planned, seeded, lived, paused, brought, resumed, refused, checked, counted, denied, gone, now = said
    assert planned[1]["plan"] == seeded[1]["plan"]
    assert lived[1]["watermark"] == "2026-01-09T02:00:00Z"
    assert (paused[1]["enabled"], resumed[1]["enabled"]) == (False, True)
    assert brought[0]
    assert "paused" in brought[1]
    assert refused[0]
    assert "rate" in refused[1]
    assert checked[1]["failed"] == 0
    assert counted[1]["dry_run"] is True
    assert denied[0]
    assert (gone[1]["dry_run"], gone[1]["rows_deleted"]) == (False, counted[1]["rows_deleted"])
    assert now[1]["state"] == "empty"
