"""uninstall: takes away all that Populace made in a database and its server, once no population lives there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from populace.database import guard
from populace.database.uninstall import Left, close, remove
from populace.errors import Refused, Remedy
from populace.operations.context import Context
from populace.operations.population import place
from populace.runner import lease


@dataclass(frozen=True, slots=True, kw_only=True)
class UninstallRequest:
    """leave_used: what others need stays, and belongs to the app from then on; otherwise it is a reason to refuse.
    dry_run: change nothing. world: whose folder a bare `embedded:` is.
    """

    leave_used: bool = False
    dry_run: bool = False
    world: str | None = None


@dataclass(frozen=True, slots=True)
class Uninstalled:
    """What went, or would go. is_elsewhere: the database is not ours. removed: objects by name, but for what belongs to
    one of them; those of the whole server are roles. left: objects that others need, and roles.
    """

    target: str
    dry_run: bool
    is_elsewhere: bool
    removed: Sequence[str]
    left: Sequence[Left]

    def document(self) -> dict[str, Any]:
        """As `uninstall --json` prints it."""
        return {
            "target": self.target,
            "dry_run": self.dry_run,
            "removed": [{"what": what, "cluster_wide": what.startswith("role ")} for what in self.removed],
            "left": [{"what": one.object, "why": one.why} for one in self.left],
        }


def uninstall(context: Context, request: UninstallRequest | None = None) -> Uninstalled:
    """Close the database, and drop what Populace made here: a world's tables, what the database lacked of Supabase, the
    schema populace, and roles that nothing else in the server needs; all at once or not at all.

    Raises Refused where people live, where a seed or a runner is at work, for a copy of the database that was opened,
    and where others need something of it, unless that is to stay.
    """
    request = request or UninstallRequest()
    with place(context, request.world, "uninstall") as there:
        connection = there.connection
        if there.record is not None:
            raise Refused(
                "a population lives here, and its rows would have to go first; nothing was changed",
                where=there.shown,
                todo=Remedy("cleanup", {"everything": True, "target": there.shown}, "delete its rows with {}"),
            )
        lease.take_now(connection, there.shown)
        connection.commit()
        guard.require_same(connection, there.shown)
        connection.commit()
        with connection.transaction(force_rollback=request.dry_run):
            found = remove(connection)
            if found.left and not request.leave_used:
                raise Refused(
                    "others need what Populace made here, and nothing was changed:\n  - "
                    + "\n  - ".join(map(str, found.left))
                    + "\n",
                    where=there.shown,
                    todo=[
                        "delete or move these, and try again",
                        Remedy("", {"leave_used": True}, "or leave them to the app with {}"),
                    ],
                )
            if not any(str(one) == "schema populace" for one in found.goes):
                close(connection)
    elsewhere = there.opened.target.kind == "postgresql"
    return Uninstalled(there.shown, request.dry_run, elsewhere, found.listed(), (*found.left, *found.roles_left))
