"""The result of a check: the target, what was measured, and whether it holds; or a figure for information."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Status = Literal["ok", "failed", "open", "info"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line of a validation.

    id: of the requirement (`A4`) or of the rule (`orphans`). target: by the plan; documented: by the specification,
    where it says something. measured: in the target. ok: whether the measured value meets the plan's target; None: that
    cannot be measured yet, and the note says why. A line without a target is information: nothing follows from it, and
    it is neither ok nor failed. note: what a reader has to know beside the numbers. point: it is about one decision
    point of many. detail: many lines that say why, such as the plan of a slow query. source: the world's file that
    measured it, without its ending, where one did.
    """

    id: str
    title: str
    target: str | None
    measured: str
    ok: bool | None
    documented: str = ""
    note: str = ""
    point: bool = False
    detail: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        if self.target is None and self.ok is not None:
            raise ValueError(f"{self.id}: a line that asks for nothing has no verdict")
        if self.target is not None and self.ok is None and not self.note:
            raise ValueError(f"{self.id}: a check that cannot be measured yet says why")

    @property
    def status(self) -> Status:
        """open: not measurable yet, which is no failure; info: nothing is asked for."""
        if self.target is None:
            return "info"
        return "open" if self.ok is None else "ok" if self.ok else "failed"

    @property
    def overridden(self) -> bool:
        """Whether the plan asks for something else than the specification."""
        return self.target is not None and bool(self.documented) and self.documented != self.target

    @property
    def remark(self) -> str:
        """Everything that stands beside the numbers, for a reader."""
        other = self.documented if self.overridden or self.target is None else ""
        return "; ".join(part for part in (f"specified: {other}" if other else "", self.note) if part)

    def document(self) -> dict[str, Any]:
        """As `validate --json` prints it; ok: not failed; null where nothing is asked for."""
        return {
            **asdict(self),
            "ok": None if self.status == "info" else self.status != "failed",
            "status": self.status,
            "overridden": self.overridden,
        }
