"""trust: allow what a settings file says of targets, programs and addresses, until the file changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from populace import settings
from populace import trust as trusted
from populace.database.target import Target
from populace.errors import BadInput, PopulaceError


@dataclass(frozen=True, slots=True)
class TrustRequest:
    """file: the settings file. revoke: trust it no longer."""

    file: Path = Path(settings.FILE)
    revoke: bool = False


@dataclass(frozen=True, slots=True)
class Trusted:
    """allowed: whether the file is trusted now. names: what it says that needs trust, without passwords."""

    file: Path
    allowed: bool
    names: Mapping[str, str]

    def document(self) -> dict[str, Any]:
        """As `trust --json` prints it."""
        return {"file": str(self.file), "trusted": self.allowed, "sets": dict(self.names)}


def trust(request: TrustRequest | None = None) -> Trusted:
    """Allow a settings file as it stands now, or take that back.

    Raises BadInput for a file that cannot be read, or is no settings file; Refused for one that is not the user's
    alone.
    """
    request = request or TrustRequest()
    file = request.file.absolute()
    if request.revoke:
        trusted.revoke(file)
        return Trusted(file, False, {})
    if file.name != settings.FILE:
        raise BadInput("settings are read from no file of this name", where="trust.file", given=str(request.file),
                       allowed=settings.FILE)  # fmt: skip
    found = settings.read(file)
    if found is None:
        raise BadInput("there is no such file", where="trust.file", given=str(request.file))
    trusted.allow(file, found.held)
    return Trusted(file, True, {name: _shown(name, str(found.content[name])) for name in found.guarded})


def _shown(name: str, value: str) -> str:
    """A setting as it may be printed."""
    if name == "target":
        try:
            return Target.parse(value, "WORLD").redacted()
        except PopulaceError:
            return "(no target)"
    return "(not shown)" if "@" in value else value
