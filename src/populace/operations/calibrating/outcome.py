"""What a calibration found: for each aggregate how far it is met, and where it is not, why; and the scenario's file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from populace.spec import Value

Standing = Literal["met", "not met", "does not apply"]
FIRST_LINE = "# Fitted by Populace"


@dataclass(frozen=True, slots=True)
class Met:
    """One aggregate. wanted, before, after: as they are shown, a number each or nine; of a week how far the tables lie
    apart. error: the sampling error of `after`. why: it is not met, or does not apply. drivers: what was moved."""

    id: str
    title: str
    standing: Standing
    wanted: Sequence[float] = ()
    before: Sequence[float] = ()
    after: Sequence[float] = ()
    error: float = 0.0
    why: str = ""
    drivers: Sequence[str] = ()

    def document(self) -> dict[str, Any]:
        """As JSON has it."""

        def few(values: Sequence[float]) -> Any:
            rounded = [round(v, 6) for v in values]
            return rounded[0] if len(rounded) == 1 else rounded or None

        return {
            "id": self.id, "title": self.title, "verdict": self.standing, "target": few(self.wanted),
            "before": few(self.before), "after": few(self.after), "error": round(self.error, 6), "why": self.why,
            "drivers": list(self.drivers),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Calibrated:
    """values: of the scenario, by path, over those of `begins_from`. cut_short: the time was over before the search
    was, so that another machine may find other values."""

    world: str
    begins_from: str
    seed: int
    people: int
    evaluations: int
    values: Mapping[str, Value]
    aggregates: Sequence[Met]
    cut_short: bool = False
    file: str | None = None

    @property
    def unmet(self) -> list[Met]:
        """What is not met."""
        return [one for one in self.aggregates if one.standing == "not met"]

    def scenario(self) -> str:
        """The scenario as a file, which every command that takes a scenario takes."""
        lines = [
            FIRST_LINE,
            f"# for {self.world}: seed {self.seed}, {self.evaluations} simulations of {self.people:,} people.",
            "#",
            "# aggregate: target, before, after",
        ]
        for one in self.aggregates:
            shown = (_shown(one.wanted), _shown(one.before), _shown(one.after))
            said = f"{', '.join(shown)} ({one.standing})" if one.wanted else one.standing
            lines.append(f"# {one.id}: {said}{f': {one.why}' if one.why else ''}")
        lines += ["", f'begins_from = "{self.begins_from}"', "", "[values]"]
        lines += [f"{_key(path)} = {_toml(value)}" for path, value in self.values.items()]
        return "\n".join(lines) + "\n"

    def document(self) -> dict[str, Any]:
        """As `calibrate --json` prints it."""
        return {
            "world": self.world, "begins_from": self.begins_from, "seed": self.seed, "people": self.people,
            "evaluations": self.evaluations, "cut_short": self.cut_short, "ok": not self.unmet,
            "values": dict(self.values), "aggregates": [one.document() for one in self.aggregates],
            "scenario": self.scenario(), "file": self.file,
        }  # fmt: skip


def is_ours(head: bytes) -> bool:
    """Whether a file that begins so is one that this writes, and may be replaced."""
    return head.startswith(FIRST_LINE.encode())


def _shown(values: Sequence[float]) -> str:
    return " ".join(f"{v:.4g}" for v in values) or "-"


def _key(path: str) -> str:
    return path if all(c.isalnum() or c in "_-" for c in path) and path.isascii() else f'"{path}"'


def _toml(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return repr(value)
