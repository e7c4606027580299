"""The result of a check: the target, what was measured, and whether it holds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Status = Literal["ok", "failed", "open"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line of a validation.

    id: of the requirement (`A4`) or of the rule (`orphans`). target: by the plan; documented: by the document, where
    it says something. measured: in the target. ok: whether the measured value meets the plan's target; None: that
    cannot be measured yet, and the note says why. note: what a reader has to know beside the numbers. point: it is
    about one decision point of many. detail: many lines that say why, such as the plan of a slow query.
    source: the world's file that measured it, without its ending, where one did.
    """

    id: str
    title: str
    target: str
    measured: str
    ok: bool | None
    documented: str = ""
    note: str = ""
    point: bool = False
    detail: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        if self.ok is None and not self.note:
            raise ValueError(f"{self.id}: a check that cannot be measured yet says why")

    @property
    def status(self) -> Status:
        """open: not measurable yet, which is no failure."""
        return "open" if self.ok is None else "ok" if self.ok else "failed"

    @property
    def overridden(self) -> bool:
        """Whether the plan asks for something else than the document."""
        return bool(self.documented) and self.documented != self.target

    @property
    def remark(self) -> str:
        """Everything that stands beside the numbers, for a reader."""
        document = f"overridden (document: {self.documented})" if self.overridden else ""
        return "; ".join(part for part in (document, self.note) if part)

    def document(self) -> dict[str, Any]:
        """As `validate --json` prints it; ok: not failed."""
        return {
            **asdict(self),
            "ok": self.status != "failed",
            "status": self.status,
            "overridden": self.overridden,
        }
