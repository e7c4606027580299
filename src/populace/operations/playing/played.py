"""played: what somebody saw when a browser played their visits, for whoever looks at them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from populace import clock
from populace.errors import BadInput
from populace.operations.context import Context
from populace.operations.playing.pictures import Folder
from populace.operations.population import population
from populace.runner import delegations

MOST = 50


@dataclass(frozen=True, slots=True)
class PlayedRequest:
    """person: the key of somebody. most: so many visits, the last ones. folder: of browsers, instead of the user's."""

    person: str
    most: int = 3
    world: str | None = None
    folder: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedVisit:
    """A visit that a browser played. begins, ends: simulated; started, ended: real, ISO. pictures: files in order,
    those that are still here.
    """

    address: int
    state: str
    fault: str | None
    site: str
    begins: str
    ends: str
    started: str
    ended: str | None
    steps: Sequence[Mapping[str, Any]]
    pictures: Sequence[Path]

    def document(self) -> dict[str, Any]:
        """As JSON shows it."""
        names = ("address", "state", "fault", "site", "begins", "ends", "started", "ended", "steps")
        return {**{name: getattr(self, name) for name in names}, "pictures": [p.name for p in self.pictures]}


def played(context: Context, request: PlayedRequest) -> list[PlayedVisit]:
    """The last visits of a person that a browser played, the newest first. Raises BadInput for what is no key."""
    key = _key(request.person)
    if not 1 <= request.most <= MOST:
        raise BadInput("this number is out of bounds", where="most", given=request.most, allowed=f"1 to {MOST}")
    with population(context, request.world, "played", looking=True) as there:
        folder = Folder.of(there.connection, request.folder)
        rows = delegations.of_person(there.connection, key, request.most)
    return [
        PlayedVisit(
            address=row["address"],
            state=row["state"],
            fault=row["fault"],
            site=row["site"],
            begins=_iso(row["begins"]),
            ends=_iso(row["ends"]),
            started=_iso(row["started_at"]),
            ended=_iso(row["ended_at"]) if row["ended_at"] else None,
            steps=row["steps"],
            pictures=folder.pictures(row["pictures"]),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class PictureRequest:
    """A picture of a visit that a browser played: name: of the file, as `played` has it."""

    person: str
    address: int
    name: str
    world: str | None = None
    folder: Path | None = None


def picture(context: Context, request: PictureRequest) -> bytes:
    """The content of a picture. Raises BadInput for one that is not there any more, or leads elsewhere."""
    found = played(context, PlayedRequest(request.person, MOST, request.world, request.folder))
    visit = next((one for one in found if one.address == request.address), None)
    file = next((p for p in visit.pictures if p.name == request.name), None) if visit else None
    if file is None or file.is_symlink():
        raise BadInput("there is no such picture any more", where="picture", given=request.name)
    return file.read_bytes()


def _key(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise BadInput("this is no key of a person", where="person", given=text, allowed="a uuid") from None


def _iso(at: Any) -> str:
    return clock.iso(clock.from_datetime(at))
