"""init: opens a target for synthetic data, after it was looked at; or takes a copy for what was opened.

Whoever asks somebody first calls `look`, shows what it found, and gives the answer with the request: the questions are
the interface's, what has to be agreed to is decided here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from populace.database import guard, identity, looking, migrations
from populace.database.connection import Connection
from populace.database.identity import Difference
from populace.database.looking import Sight
from populace.errors import BadInput, Refused, Remedy
from populace.operations.context import Context
from populace.operations.opening import Opened, mark_open, reach, session
from populace.operations.targets import TargetRequest, named_world

PURPOSE = "init"


@dataclass(frozen=True, slots=True, kw_only=True)
class InitRequest(TargetRequest):
    """i_know: the name of the database, from somebody who has seen what is in it; needed where something was seen that
    warns. adopt_copy: the target is not the database that was opened, and may be written to all the same; i_know is
    then the token that the refusal names, which stands for this one copy. staging: mark it as one that may be emptied
    and filled again.
    """

    adopt_copy: bool = False
    staging: bool = False
    i_know: str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What a target is. database: its name. is_open: for synthetic data. is_elsewhere: the database is not ours.
    difference: in what it differs from the one that was opened. saw: what is there, what warns last; empty for one that
    is open. makes: what opening it makes, a line each.
    """

    shown: str
    database: str
    is_open: bool
    is_elsewhere: bool
    difference: Difference | None
    saw: Sequence[Sight]
    makes: Sequence[str]

    @property
    def warns(self) -> bool:
        """Whether somebody should know the database by name."""
        return any(sight.warns for sight in self.saw)


@dataclass(frozen=True, slots=True)
class Initialized:
    """A target that is open for synthetic data. made: by this call. adopted: a copy was taken for what was opened.
    staging: it may be emptied and filled again."""

    target: str
    look: Look
    made: Sequence[str]
    adopted: bool
    staging: bool

    def document(self) -> dict[str, Any]:
        """As `init --json` prints it."""
        return {
            "target": self.target,
            "open": True,
            "database": self.look.database,
            "saw": [asdict(sight) for sight in self.look.saw],
            "makes": [{"what": what, "cluster_wide": False} for what in self.look.makes],
            "made": list(self.made),
            "adopted": self.adopted,
            "staging": self.staging,
        }


def look(context: Context, request: TargetRequest | None = None) -> Look:
    """What a target is, and what it would take to open it; nothing is changed.

    Raises Refused for one that another version of Populace made, or whose schema populace is somebody else's.
    """
    opened = reach(context, named_world(context, request))
    with session(opened, PURPOSE, looking=True) as connection:
        return _look(connection, opened)


def init(context: Context, request: InitRequest | None = None) -> Initialized:
    """Open a target for synthetic data: a marker and Populace's own tables, in the schema populace, and nothing else.

    A target that is open stays as it is. Raises Refused where something was seen that warns and the database's name is
    not given, and for a copy of an opened database unless it is to be adopted; BadInput for another name or token.
    """
    request = request or InitRequest()
    opened = reach(context, named_world(context, request))
    with session(opened, PURPOSE) as connection:
        there = _look(connection, opened)
        connection.commit()
        if there.difference:
            _require_adopting(there, there.difference, request)
            guard.adopt(connection)
            _journal(connection, "adopted", f"a copy was adopted: {there.difference}")
            return Initialized(opened.shown, there, (), True, _staging(connection, request))
        if request.adopt_copy:
            todo = Remedy("", {"adopt_copy": None}, "leave out {}")
            said = "this is the database that was opened" if there.is_open else "this database was never opened"
            raise BadInput(f"there is no copy to adopt: {said}", where="init.adopt_copy", todo=todo)
        if not there.is_open:
            _require_knowing(there, request)
        connection.commit()
        before = guard.is_open(connection)
        mark_open(connection)
        made = () if before else there.makes
        return Initialized(opened.shown, there, made, False, _staging(connection, request))


def _staging(connection: Connection, request: InitRequest) -> bool:
    """Mark the database as staging, where that is asked for; whether it is."""
    if request.staging and guard.mark_staging(connection):
        _journal(connection, "staging", "marked as staging: a refresh may empty this database")
    return guard.is_staging(connection)


def _journal(connection: Connection, kind: str, message: str) -> None:
    from populace.runner import records

    records.journal(connection, "warning", kind, message)


def _look(connection: Connection, opened: Opened) -> Look:
    is_open = guard.is_open(connection)
    difference = identity.difference(connection) if is_open else None
    elsewhere = opened.target.kind == "postgresql"
    saw = looking.look(connection) if elsewhere and (difference or not is_open) else []
    missing = migrations.pending(connection) if not is_open else []
    makes = ["the schema populace, with Populace's own tables and functions"] if missing else []
    makes += [] if is_open else ["the mark that this database is open for synthetic data (populace.target)"]
    return Look(opened.shown, connection.info.dbname, is_open, elsewhere, difference, saw, makes)


def _require_knowing(there: Look, request: InitRequest) -> None:
    """Raise Refused where something warns and nobody has said the database's name, BadInput for another name."""
    if request.i_know is not None and request.i_know != there.database:
        raise BadInput(
            "this is not the name of the database", where="init.i_know", given=request.i_know, allowed=there.database
        )
    if there.warns and request.i_know is None:
        seen = "\n  - ".join(sight.text for sight in there.saw if sight.warns)
        knowing = {"target": there.shown, "yes": True, "i_know": there.database}
        raise Refused(
            f"somebody may live in this database, and it was not opened; this was seen:\n  - {seen}\n",
            where=there.shown,
            todo=Remedy("init", knowing, "if synthetic data belongs there, say its name: {}"),
        )


def _require_adopting(there: Look, difference: Difference, request: InitRequest) -> None:
    """Raise Refused unless this very copy is to be adopted, BadInput for another token."""
    if not request.adopt_copy or request.i_know is None:
        raise guard.not_the_same(difference, there.shown)
    if request.i_know != difference.token:
        raise BadInput(
            "this does not stand for this copy; another one was agreed to, or none",
            where="init.i_know",
            given=request.i_know,
            allowed=f"{difference.token}, for this copy alone",
        )
