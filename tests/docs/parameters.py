"""Tables of parameters and events in docs/reference, made from the program: `python tests/docs/parameters.py`."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from populace.clock import parse
from populace.engine import Window, generate, whole
from populace.plan import resolve
from populace.spec import OUTBOX, Parameter, World
from populace.worlds import registry
from populace.worlds.hogflix.reporting import event_names

FOLDER = Path(__file__).parents[2] / "docs" / "reference"
PAGES = {"recoverlution": "settings.md", "hogflix": "hogflix.md", "campaigns": "campaigns.md",
         "worldchef": "worldchef.md"}  # fmt: skip
BEGIN, END = "<!-- parameters: written by tests/docs/parameters.py -->\n", "<!-- parameters: end -->\n"
EVENTS_BEGIN, EVENTS_END = BEGIN.replace("parameters:", "events:"), END.replace("parameters:", "events:")


def table(world: World) -> str:
    """Every parameter: path, default, what is allowed, whether it is live, meaning and source."""
    lines = ["| Parameter | Default | Allowed | Live | What it is | Source |", "|---|---|---|---|---|---|"]
    lines += [
        f"| `{p.path}` | {_shown(p.default)} | {_allowed(p)} | {'live' if p.live else ''} | {p.means} | {p.source} |"
        for p in world.parameters
    ]
    return "\n".join(lines) + "\n"


def _allowed(parameter: Parameter) -> str:
    if isinstance(parameter.default, bool):
        return "true, false"
    if parameter.choices:
        return ", ".join(parameter.choices)
    if isinstance(parameter.default, str):
        return "text"
    low, high = (_shown(bound) for bound in (parameter.low, parameter.high))
    return f"{low} to {high}{' ' + parameter.unit if parameter.unit else ''}"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value == int(value):
        value = int(value)
    return f"{value:,}" if isinstance(value, int) else str(value)


def parts(page: str, begin: str = BEGIN, end: str = END) -> tuple[str, str, str]:
    """The page before the table, the table, and the page after it."""
    before, _, rest = page.partition(begin)
    inside, _, after = rest.partition(end)
    return before, inside, after


@cache
def events() -> str:
    """The events of HogFlix with their properties, as a small population emits them under both taxonomies."""
    emitted = [_properties(names) for names in ("document", "object_action")]
    common = set.intersection(*(known for names in emitted for known in names.values()))
    lines = [
        f"Every event has {', '.join(f'`{name}`' for name in sorted(common))}.",
        "",
        "| The document's name | The later name | Properties besides |",
        "|---|---|---|",
    ]
    for kind, both in event_names.NAMES.items():
        known = [emitted[at].get(name, set()) for at, name in enumerate(both)]
        early = "" if kind in event_names.LATER_ONLY else f"`{both[0]}`"
        shown = ", ".join(f"`{name}`" for name in sorted((known[0] | known[1]) - common))
        lines.append(f"| {early} | `{both[1]}` | {shown} |")
    return "\n".join(lines) + "\n"


def _properties(names: str) -> dict[str, set[str]]:
    """By event, the properties that some of them have."""
    world = registry.find("hogflix")
    settings = {"days": 16, "unseen_days": 45, "event_names": names, "subscription_change": 0.5}
    plan = resolve(world, "default", seed=1, epoch_us=parse("2026-01-10T00:00:00Z", "epoch"), overrides=settings)
    found: dict[str, set[str]] = {}
    for batch in generate(plan, whole(plan), Window(plan.origin_us, plan.epoch_us), events=True):
        if batch.table == OUTBOX.name:
            for kind, payload in zip(batch.rows.column("kind").to_pylist(), batch.rows.column("payload"), strict=True):
                found.setdefault(kind, set()).update(json.loads(payload.as_py())["properties"])
    return found


if __name__ == "__main__":
    for name, page in PAGES.items():
        before, _, after = parts((FOLDER / page).read_text(encoding="utf-8"))
        (FOLDER / page).write_text(before + BEGIN + table(registry.find(name)) + END + after, encoding="utf-8")
    before, _, after = parts((FOLDER / "hogflix.md").read_text(encoding="utf-8"), EVENTS_BEGIN, EVENTS_END)
    (FOLDER / "hogflix.md").write_text(before + EVENTS_BEGIN + events() + EVENTS_END + after, encoding="utf-8")
