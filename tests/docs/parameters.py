"""The table of parameters in docs/reference/settings.md, made from the program: `python tests/docs/parameters.py`."""

from __future__ import annotations

from pathlib import Path

from populace.spec import Parameter, World
from populace.worlds.recoverlution import WORLD

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"
BEGIN, END = "<!-- parameters: written by tests/docs/parameters.py -->\n", "<!-- parameters: end -->\n"


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


def parts(page: str) -> tuple[str, str, str]:
    """The page before the table, the table, and the page after it."""
    before, _, rest = page.partition(BEGIN)
    inside, _, after = rest.partition(END)
    return before, inside, after


if __name__ == "__main__":
    before, _, after = parts(PAGE.read_text(encoding="utf-8"))
    PAGE.write_text(before + BEGIN + table(WORLD) + END + after, encoding="utf-8")
