"""Takes away what Populace made in a database and in its server, and nothing on which others depend.

What goes is decided before anything does: from the record of what was made (`populace.made`), and from PostgreSQL's own
record of what depends on what. Nothing is dropped with CASCADE, so that a mistake here ends in an error of the server.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import psycopg
from psycopg import sql

from populace.database import privileges, queries
from populace.database.cleanup import LOCK_LIMIT
from populace.database.connection import Connection
from populace.errors import Refused

Node = tuple[int, int]
"""An object: the oid of its catalog, and its own."""


@dataclass(frozen=True, slots=True)
class Object:
    """Something that Populace made. kind, name: as PostgreSQL identifies it now. changed: what somebody has made of it
    since; None: nothing. may_have_rows: it is a table of the app. is_part: it belongs to another object of ours, and
    goes with that.
    """

    node: Node
    kind: str
    name: str
    changed: str | None
    may_have_rows: bool
    is_part: bool = False

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    @property
    def is_own(self) -> bool:
        """Whether it is Populace's own, in the schema populace or that schema."""
        return self.name.startswith("populace.") or str(self) == _SCHEMA or " on populace." in self.name


@dataclass(frozen=True, slots=True)
class Left:
    """Something that stays. object: in words. why: what needs it."""

    object: str
    why: str

    def __str__(self) -> str:
        return f"{self.object}: {self.why}"


@dataclass(slots=True)
class Removal:
    """What goes, and what stays. goes: objects of this database. roles: of the server, that go too. left: objects that
    others need, and why. roles_left: roles that others need.
    """

    goes: list[Object] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    roles_left: list[Left] = field(default_factory=list)

    def listed(self) -> list[str]:
        """What goes by name, but for what goes with something else."""
        own = [str(one) for one in self.goes if not one.is_part and (not one.is_own or str(one) == _SCHEMA)]
        return [*own, *(f"role {name}" for name in self.roles)]


_SCHEMA = "schema populace"
_TIES = ("policy", "trigger")
"""What ties tables and functions to each other in a circle: it goes first."""
_ORDER = ("view", "materialized view", "function", "procedure", "table", "sequence", "type", "publication", "schema")
_STATEMENTS: Mapping[str, str] = {
    "table constraint": "ALTER TABLE {on} DROP CONSTRAINT {name}",
    "publication relation": "ALTER PUBLICATION {publication} DROP TABLE {name}",
    "statistics object": "DROP STATISTICS {}",
}
"""How an object of a kind is dropped, where it is not DROP, the kind and the name."""
_ON = re.compile(r"(?P<name>.+) on (?P<on>.+)")
_IN = re.compile(r"(?P<name>.+) in publication (?P<publication>.+)")


def remove(conn: Connection) -> Removal:
    """Drop what can go, in the caller's transaction, and return what went and what stays and why.

    Where something stays that needs the schema populace, that stays too. Raises Refused when the server keeps something
    for a reason that is not known here.
    """
    conn.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(LOCK_LIMIT)))
    conn.execute("SET LOCAL row_security = off")
    found = _decide(conn)
    roles = conn.execute("SELECT object, name, made_by FROM populace.made WHERE catalog = 'pg_authid'").fetchall()
    _drop(conn, [one for one in found.goes if not one.is_own])
    found.left += [Left(what, why) for what, why in privileges.undo(conn)]
    _drop(conn, [one for one in found.goes if one.is_own])
    lists = {"roles": [r[0] for r in roles], "names": [r[1] for r in roles], "makers": [r[2] for r in roles]}
    # Asked for last: what has just gone needs them no longer.
    for name, why in conn.execute(queries.load("queries/uninstall_roles.sql"), lists).fetchall():
        _role(conn, found, name, why)
    return found


def remove_world(conn: Connection) -> list[str]:
    """Drop what Populace made in this database for a world, and forget it, in the caller's transaction; what went, by
    name. The schema populace stays, and so does all where others need a part of it.
    """
    conn.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(LOCK_LIMIT)))
    conn.execute("SET LOCAL row_security = off")
    found = _decide(conn)
    if found.left:
        return []
    goes = [one for one in found.goes if not one.is_own]
    _drop(conn, goes)
    conn.execute(queries.load("queries/adopt_forget.sql"))
    return [str(one) for one in goes if not one.is_part]


def _role(conn: Connection, found: Removal, name: str, why: str) -> None:
    """Drop a role of the server, unless somebody needs it or it is not ours to drop."""
    if why:
        found.roles_left.append(Left(f"role {name}", why))
        return
    try:
        with conn.transaction():
            conn.execute(f"DROP ROLE {name}".encode())
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.DependentObjectsStillExist) as error:
        found.roles_left.append(Left(f"role {name}", error.diag.message_detail or error.diag.message_primary or ""))
        return
    found.roles.append(name)


def _decide(conn: Connection) -> Removal:
    """Which objects go. One stays when it was changed, has rows, or something depends on it that stays."""
    rows = conn.execute(queries.load("queries/uninstall_objects.sql")).fetchall()
    objects = {(row[0], row[1]): Object((row[0], row[1]), *row[2:]) for row in rows}
    edges = [((a, b), (c, d), how) for a, b, c, d, how in conn.execute(queries.load("queries/uninstall_depends.sql"))]
    kept = {one.node: why for one in objects.values() if (why := _own_reason(conn, one))}
    graph = _Graph(objects, edges)
    schema = next((node for node, one in objects.items() if str(one) == _SCHEMA), None)
    while True:
        away = graph.away(kept)
        blocked = {root: by for root, by in graph.blocked(away) if root not in kept}
        if not blocked:
            break
        kept |= {root: f"{_described(conn, by)} depends on it" for root, by in blocked.items()}
        if any(objects[node].is_own for node in kept):
            # All of it or nothing: a part of Populace's own would work no longer.
            why = kept.get(schema, "something in it is needed") if schema else "something in it is needed"
            kept |= {node: why for node, one in objects.items() if one.is_own and node not in kept}
    goes = [replace(one, is_part=graph.is_part(node)) for node, one in objects.items() if node in away]
    left = [Left(str(objects[node]), why) for node, why in kept.items() if not graph.is_part(node)]
    return Removal(goes, left)


def _own_reason(conn: Connection, one: Object) -> str | None:
    """Why an object stays, whatever depends on it."""
    if one.changed:
        return one.changed
    if not one.may_have_rows:
        return None
    # The name comes from PostgreSQL, which has quoted it.
    query = sql.SQL("SELECT EXISTS (SELECT FROM ONLY {})").format(sql.SQL(one.name))
    return "there are rows in it" if conn.execute(query).fetchone() == (True,) else None


class _Graph:
    """What depends on what. Ours: `objects`; a part of an object depends on it automatically or internally."""

    def __init__(self, objects: Mapping[Node, Object], edges: Iterable[tuple[Node, Node, str]]) -> None:
        self.objects = objects
        self.edges = list(edges)
        self.owners: dict[Node, list[Node]] = {}
        self.inner: dict[Node, list[Node]] = {}
        self.parts: dict[Node, list[Node]] = {}
        for part, whole, how in self.edges:
            if how in "aiPS" and part != whole:
                self.owners.setdefault(part, []).append(whole)
                self.parts.setdefault(whole, []).append(part)
            if how == "i":
                self.inner.setdefault(whole, []).append(part)

    def away(self, kept: Mapping[Node, str]) -> set[Node]:
        """What goes when these are kept: ours, their parts that are recorded, and what PostgreSQL makes for each."""
        away = {node for node in self.objects if node not in kept and not self.is_part(node)}
        grown = True
        while grown:
            before = len(away)
            away |= {
                node
                for node in self.objects
                if node not in away and node not in kept and any(whole in away for whole in self._wholes(node))
            }
            for node in list(away):
                # What PostgreSQL makes for an object it also gives parts: a table's TOAST table has an index.
                parts = self.inner if node in self.objects else self.parts
                away |= {part for part in parts.get(node, ()) if part not in kept}
            grown = len(away) > before
        return away

    def blocked(self, away: set[Node]) -> Iterator[tuple[Node, Node]]:
        """What would go although something that stays depends on it: the object of ours, and that something."""
        for needs, needed, _ in self.edges:
            if needed in away and needs not in away:
                root = self._root(needed)
                if root in self.objects:
                    yield root, needs

    def is_part(self, node: Node) -> bool:
        """Whether an object belongs to another one of ours."""
        return self._root(node) != node

    def _wholes(self, node: Node) -> list[Node]:
        return self.owners.get(node, [])

    def _root(self, node: Node, depth: int = 0) -> Node:
        """The object of ours that a part belongs to, at last; itself where it belongs to none."""
        for whole in self._wholes(node) if depth < 8 else ():
            root = self._root(whole, depth + 1)
            if root in self.objects:
                return root
        return node


def _described(conn: Connection, node: Node) -> str:
    """An object in words; of a view's rule the view."""
    row = conn.execute(
        "SELECT pg_catalog.pg_describe_object(%s, %s, 0), (SELECT pg_catalog.pg_describe_object("
        "'pg_catalog.pg_class'::regclass, r.ev_class, 0) FROM pg_catalog.pg_rewrite AS r"
        " WHERE %s = 'pg_catalog.pg_rewrite'::regclass::oid AND r.oid = %s)",
        (*node, *node),
    ).fetchone()
    return str(row[1] or row[0]) if row else "something"


def _drop(conn: Connection, objects: list[Object]) -> None:
    """Drop these objects, whatever the order in which they need each other. Raises Refused when one cannot go."""
    for one in objects:
        if one.kind in _TIES:
            _try(conn, _statement(one))
    left = [one for one in objects if not one.is_part and one.kind not in _TIES]
    left.sort(key=lambda one: _ORDER.index(one.kind) if one.kind in _ORDER else -1)
    while left:
        # Tables refer to each other in circles, and go together.
        tables = ", ".join(one.name for one in left if one.kind == "table")
        together = _try(conn, f"DROP TABLE {tables}") if tables else None
        failed = {one.node: together if one.kind == "table" else _try(conn, _statement(one)) for one in left}
        stays = [one for one in left if failed[one.node]]
        if len(stays) == len(left):
            error = failed[stays[0].node]
            said = error and (error.diag.message_detail or error.diag.message_primary)
            raise Refused(f"{stays[0]} cannot be removed, and nothing was changed: {said}", where=stays[0].name)
        left = stays


def _statement(one: Object) -> str:
    """How an object is dropped alone; its name is as PostgreSQL has quoted it."""
    pattern = _STATEMENTS.get(one.kind, f"DROP {one.kind.upper()} {{}}")
    place = (_IN if one.kind == "publication relation" else _ON).fullmatch(one.name)
    return pattern.format(one.name, **(place.groupdict() if place else {}))


def _try(conn: Connection, statement: str) -> psycopg.Error | None:
    """Run a statement, or find out why it cannot run; what is not there counts as dropped."""
    try:
        with conn.transaction():
            conn.execute(statement.encode())
    except (psycopg.errors.UndefinedObject, psycopg.errors.UndefinedTable, psycopg.errors.UndefinedFunction):
        return None
    except psycopg.errors.DependentObjectsStillExist as error:
        return error
    return None


def close(conn: Connection) -> None:
    """Where the schema populace stays: the database is no longer open for synthetic data."""
    there = conn.execute("SELECT pg_catalog.to_regclass('populace.target') IS NOT NULL").fetchone()
    if there and there[0]:
        conn.execute("DELETE FROM populace.target")
