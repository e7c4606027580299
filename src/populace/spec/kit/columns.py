"""Columns that tables of many apps have, and short ways to declare several of one kind."""

from __future__ import annotations

from populace.spec.table import Column

ID = Column("id", "uuid")
CREATED = Column("created_at", "timestamptz", moment="happened")
UPDATED = Column("updated_at", "timestamptz", moment="happened", after="created_at")


def texts(*names: str) -> tuple[Column, ...]:
    """Columns of text that is always there."""
    return tuple(Column(name, "text") for name in names)


def perhaps(*names: str, type: str = "text") -> tuple[Column, ...]:
    """Columns that may be null."""
    return tuple(Column(name, type, nullable=True) for name in names)


def counts(*names: str) -> tuple[Column, ...]:
    """Columns of whole numbers."""
    return tuple(Column(name, "int4") for name in names)


def amounts(*names: str) -> tuple[Column, ...]:
    """Columns of money, or of percentages, emitted in whole hundredths."""
    return tuple(Column(name, "numeric") for name in names)


def yes_no(*names: str) -> tuple[Column, ...]:
    """Columns that are true or false."""
    return tuple(Column(name, "bool") for name in names)


def moment(name: str, after: str | None = None, *, nullable: bool = False) -> Column:
    """A moment at which something happened: never in the future, and not before that of the column `after`."""
    return Column(name, "timestamptz", nullable=nullable, moment="happened", after=after)


def user(name: str = "user_id", *, nullable: bool = False) -> Column:
    """A column that refers to an account."""
    return Column(name, "uuid", nullable=nullable, references="auth.users.id")
