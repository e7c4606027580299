"""Where browsers keep what is theirs: a folder for each person of a target, with their profile and their last pictures.

Below the data folder of the user, in `browsers/TARGET/PERSON`: `profile.json` (cookies and local storage), and a folder
of pictures for each visit, by its address.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from populace.database import identity
from populace.database.connection import Connection
from populace.errors import BadInput
from populace.trust import data_folder

PROFILE = "profile.json"
KEPT = 3
"""Visits of a person whose pictures are kept."""


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder of a target's browsers. name: of the target, in the folder of all of them."""

    root: Path
    name: str

    @classmethod
    def of(cls, connection: Connection, root: Path | None = None) -> Folder:
        """The folder of the database of a session. root: instead of the user's own."""
        now = identity.current(connection)
        name = hashlib.sha256(f"{now.system}:{now.oid}".encode()).hexdigest()[:16]
        return cls(root or data_folder() / "browsers", name)

    def person(self, key: str) -> Path:
        """The folder of a person."""
        return self.root / self.name / key

    def visit(self, key: str, address: int) -> str:
        """The folder of a visit's pictures, below the root; as it stands on record."""
        return f"{self.name}/{key}/{address}"

    def pictures(self, recorded: str | None) -> list[Path]:
        """The pictures of a visit in their order; none where its folder is not on this machine any more."""
        if recorded is None:
            return []
        folder = self._inside(recorded)
        return sorted(p for p in folder.glob("*.jpg") if p.is_file()) if folder.is_dir() else []

    def trim(self, key: str) -> None:
        """Keep the pictures of a person's last visits."""
        folders = [p for p in self.person(key).iterdir() if p.is_dir()]
        for old in sorted(folders, key=lambda p: p.stat().st_mtime_ns, reverse=True)[KEPT:]:
            shutil.rmtree(old, ignore_errors=True)

    def _inside(self, recorded: str) -> Path:
        """A folder on record; nothing in a database leads out of the root."""
        folder = (self.root / recorded).resolve()
        if not folder.is_relative_to(self.root.resolve()):
            raise BadInput("this is no folder of a visit", where="pictures", given=recorded)
        return folder
