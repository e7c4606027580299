"""Tables of the app that a world writes: columns, keys, the owner of a row, and the mark that shows it is synthetic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from populace.errors import BadInput, PopulaceError, no_such_name

TYPES = ("uuid", "text", "int4", "int8", "float8", "bool", "timestamptz", "date", "numeric", "jsonb", "text[]")
"""The column types a world may declare; `engine/tables.py` gives each its Arrow type. A `date` is given in days since
1970, a `numeric` in hundredths."""

CONTACTS: Mapping[Literal["email", "phone", "url"], tuple[str, ...]] = {
    "email": ("_email", "_e_mail", "_mail", "_email_address", "_mail_address"),
    "phone": ("_phone", "_phone_number", "_mobile", "_mobile_number", "_telephone"),
    "url": ("_url", "_website", "_link", "_href"),
}
"""What the name of a column ends with, after an underscore in front, where nobody declares whom it reaches."""
Contact = Literal["email", "phone", "url", "nothing"]
"""What a text would reach somebody by."""


def contact_of(name: str) -> Contact:
    """What a text in a column of this name would reach somebody by."""
    found: Iterator[Contact] = (kind for kind, ends in CONTACTS.items() if f"_{name}".endswith(ends))
    return next(found, "nothing")


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is written explicitly in every row.

    moment: `happened` (never after simulated now) or `planned`, for time columns. references: `schema.table.column`
    whose value must exist; alternative: another one that may hold it instead. after: a time column of the same row
    that is not later than this one. enum: the name of the app's type, where a text is one of an enum. contact: what a
    text would reach somebody by, so that only reserved values may stand in it; None: as the column's name says
    (`email`, `caller_phone`, `website_url`); `nothing`: it reaches nobody, whatever its name says. moves: the app
    changes it by itself, as other rows come. stored: the app's type as its catalogue writes it, where that is none of
    `TYPES`; values are then given as that type reads them. numbered: the database numbers it always, and takes our
    number instead. apart: its numbers lie where the app's own do not come, so that its sequence stays where it is.
    """

    name: str
    type: str
    nullable: bool = False
    moment: Literal["happened", "planned"] | None = None
    references: str | None = None
    alternative: str | None = None
    after: str | None = None
    enum: str | None = None
    contact: Contact | None = None
    moves: bool = False
    stored: str | None = None
    numbered: bool = False
    apart: bool = False

    @property
    def reaches_by(self) -> str | None:
        """`email`, `phone` or `url`, of a text by which somebody could be reached."""
        by = (self.contact or contact_of(self.name)) if self.type == "text" else "nothing"
        return None if by == "nothing" else by


@dataclass(frozen=True, slots=True)
class Mark:
    """How a row of a table is recognised as synthetic.

    condition: an SQL condition over the row alone (alias `t`), or over its owner by key; it is part of the world's
    declaration, never of user input. explains: the same in words.
    """

    condition: str
    explains: str

    @property
    def beside_parameters(self) -> str:
        """The condition as it stands in a statement with parameters of its own: every % in it is one."""
        return self.condition.replace("%", "%%")


@dataclass(frozen=True, slots=True)
class Parts:
    """Partitions that a seed makes where they are missing. column: by whose moments the table is divided; by: how long
    each is; ahead_days: so long after the epoch there is one."""

    column: str
    by: Literal["day", "week", "month", "year"]
    ahead_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of the app.

    key: the columns that identify a row (natural key of a merge). mode: rows are appended and never change, or are
    merged by key (`id` and `created_at` are never touched). root: the root whose slices carry the rows. owner: the
    column that holds the key of the root's member, for removal; None when the rows are never removed. through: where a
    row names no member, the table (by name) to whose `id` the owner column refers; the owner column there holds the
    member, and these rows are removed first. kinds: a column of few words (`Words`) by which rows are counted apart.
    lasting: rows that stay when a population is removed, such as a catalogue; an existing one, by its key, is not
    changed.
    by_day: rows are counted by the day of their `created_at`, as those of pools of people always are.
    proven_by: a column that refers to the `id` of another table of the world: a row is ours when the one it refers to
    is. For rows that the app or a service writes for each of ours, under keys of its own. noted: rows are also listed
    in the ledger of single rows, so that functions in the app's schema can prove them without the plan. keyed: False:
    the database has no unique key on `key`, by which a row that is there already could be met. proved: the columns
    whose values prove that we wrote a row, where these are others than `id` or, without one, the key. made_by: other
    tables of the world (by full name) of whose rows the app's triggers make rows here; no flow writes them. Those that
    come in a transaction of ours are ours. echoes: a column here that refers to one of these: rows that refer to a row
    of ours in the transaction that wrote it are ours too, since nobody else can know of it.
    parts: the partitions that are to be there.
    there_called: its name in the database, where another table of the world has that one, in another schema.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    root: str
    mark: Mark
    schema: str = "public"
    mode: Literal["append", "merge"] = "append"
    owner: str | None = None
    through: str | None = None
    kinds: str | None = None
    lasting: bool = False
    by_day: bool = False
    proven_by: str | None = None
    noted: bool = False
    keyed: bool = True
    proved: tuple[str, ...] = ()
    echoes: str | None = None
    made_by: tuple[str, ...] = ()
    there_called: str = ""
    parts: Parts | None = None

    @property
    def as_text(self) -> bool:
        """Whether rows are sent as text, since the server reads a type of the app's from text alone."""
        return any(column.stored for column in self.columns)

    @property
    def proof(self) -> tuple[str, ...]:
        """The columns whose values prove that we wrote a row: what it refers to, else its own id, else its key."""
        if self.proven_by:
            return (self.proven_by,)
        if self.proved:
            return self.proved
        return ("id",) if any(c.name == "id" for c in self.columns) else self.key

    @property
    def hashed(self) -> bool:
        """Whether these are hashes, which nobody else makes: the plan gives them again. Of any other key there is a
        ledger, for others could have it too."""
        return all(self.column(name).type == "uuid" for name in self.proof)

    def as_proof(self) -> Table:
        """The same table with no other columns than those of its proof."""
        return replace(self, columns=tuple(self.column(name) for name in self.proof))

    @property
    def relation(self) -> str:
        """Its name in the database, beside its schema."""
        return self.there_called or self.name

    @property
    def full_name(self) -> str:
        """`schema.table`, as the database has them."""
        return f"{self.schema}.{self.relation}"

    @property
    def quoted_name(self) -> str:
        """The same as SQL reads it, whatever letters it has."""
        return ".".join('"' + name.replace('"', '""') + '"' for name in (self.schema, self.relation))

    def has(self, *names: str) -> bool:
        """Whether there are columns of these names."""
        return {*names} <= {column.name for column in self.columns}

    def column(self, name: str) -> Column:
        """The column of that name; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


OUTBOX = Table(
    name="outbox",
    schema="populace",
    columns=(
        Column("id", "uuid"),
        Column("channel", "text"),
        Column("at", "timestamptz", moment="planned"),
        Column("kind", "text"),
        Column("payload", "jsonb"),
    ),
    key=("id",),
    root="",
    mark=Mark("true", "everything in the outbox"),
)
"""What is sent from the database: a pseudo table, of no world and no root, for which flows emit rows."""


def table_faults(world: str, tables: Sequence[Table]) -> Iterator[PopulaceError]:
    """What is wrong with a world's tables, each fault with its path."""
    known = [f"{table.full_name}.{column.name}" for table in tables for column in table.columns]
    names = [table.full_name for table in tables]
    for table in tables:
        for name in table.made_by:
            if name not in names:
                yield no_such_name(f"{world}.tables.{table.name}", name, names)
        yield from _faults(table, f"{world}.tables.{table.name}", known)


def _faults(table: Table, where: str, known: Sequence[str]) -> Iterator[PopulaceError]:
    columns = [c.name for c in table.columns]
    for name in (*table.key, *table.proved, *filter(None, (table.owner, table.kinds, table.proven_by, table.echoes))):
        if name not in columns:
            yield no_such_name(where, name, columns)
    for name in sorted({c for c in columns if columns.count(c) > 1}):
        yield BadInput("the column is declared twice", where=where, given=name)
    if table.mode not in ("append", "merge"):
        yield no_such_name(where, table.mode, ("append", "merge"))
    for column in table.columns:
        of_column = f"{where}.{column.name}"
        if column.type not in TYPES:
            yield no_such_name(of_column, column.type, TYPES)
        for reference in filter(None, (column.references, column.alternative)):
            if reference not in known:
                yield no_such_name(of_column, reference, known)
        if column.after and column.after not in columns:
            yield no_such_name(of_column, column.after, columns)
        if column.type == "timestamptz" and column.moment is None:
            yield BadInput("a time column says whether it happened or is planned", where=of_column)
    if table.by_day and "created_at" not in columns:
        yield no_such_name(where, "created_at", columns)
