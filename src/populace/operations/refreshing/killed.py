"""What a refresh that was killed has left: the old data in a file, which the next one puts back first."""

from __future__ import annotations

from pathlib import Path

from populace.database import backups
from populace.database.backups import Backup
from populace.errors import BadInput, Refused, Remedy
from populace.operations.population import Place


def left(there: Place) -> Backup:
    """The backup from before a refresh that was killed, whole. Raises Refused where it is not, or of another world."""
    file = Path(str(there.left))
    try:
        old = backups.read(file)
        backups.require_whole(old, lambda _done: None)
    except BadInput as error:
        raise Refused(
            f"a refresh was killed here, and its backup cannot be read: {error.what}",
            where=there.shown,
            given=str(file),
            todo=Remedy("restore", {"file": None}, "restore another backup: {}"),
        ) from None
    wanted, former = there.named, old.about.world
    if wanted is not None and former not in (None, wanted.name):
        raise Refused(
            "a refresh was killed here, and the old data that would be put back is of another world",
            where=there.shown,
            given=wanted.name,
            allowed=former,
            todo="name that world, or another target",
        )
    return old
