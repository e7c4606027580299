"""What a check says: what was asked for, what was measured, and whether it holds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line of a validation.

    id: of the requirement (`A4`) or of the rule (`orphans`). target: by the plan; documented: by the document, where
    it says something. measured: in the target. ok: whether the measured value meets the plan's target.
    """

    id: str
    title: str
    target: str
    measured: str
    ok: bool
    documented: str = ""

    @property
    def overridden(self) -> bool:
        """Whether the plan asks for something else than the document."""
        return bool(self.documented) and self.documented != self.target

    def document(self) -> dict[str, Any]:
        """As `validate --json` prints it."""
        return {**asdict(self), "overridden": self.overridden}
