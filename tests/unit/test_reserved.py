"""Which addresses can reach nobody."""

from __future__ import annotations

import pyarrow as pa
import pytest

from populace.engine import reserved
from populace.errors import BadInput
from populace.spec import Column, Mark, Table
from populace.worlds import registry

FINE = {
    "email": ("a@example.com", "a.b+c@mail.example.org", "A@EXAMPLE.NET", "x@shop.test", "x@a.b.invalid", None),
    "phone": ("+14155550123", "(415) 555-0199", "415.555.0100", "555 0142", None),
    "url": ("https://www.example.com/a?b", "http://shop.test", "/images/1.png", "https://a.test:8080/x", "", None),
}
OTHERS = {
    "email": ("a@gmail.com", "a@example.com.evil.io", "a@notexample.com", "a@test", "a@example.com ", "example.com"),
    "phone": ("+14155550200", "+491701234567", "5550123x", "+1415555012", "call 555-0123"),
    "url": ("https://example.com.evil.io", "https://cdn.io/a.test/x", "javascript:alert(1)", "https://me@evil.io",
            "//evil.io/x?https://shop.test"),
}  # fmt: skip


def rows(kind: str, value: str | None) -> tuple[Table, pa.RecordBatch]:
    column = Column("held", "text", nullable=True, contact=kind)  # type: ignore[arg-type]
    table = Table(name="t", columns=(column,), key=("held",), root="one", mark=Mark("true", "all"))
    return table, pa.RecordBatch.from_arrays([pa.array(["", value][1:], pa.string())], names=["held"])


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, values in FINE.items() for value in values])
def test_what_is_reserved_may_be_written(kind: str, value: str | None) -> None:
    reserved.require(*rows(kind, value))


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, values in OTHERS.items() for value in values])
def test_what_could_reach_somebody_may_not(kind: str, value: str) -> None:
    with pytest.raises(BadInput, match=r"public.t.held: a column that reaches somebody by"):
        reserved.require(*rows(kind, value))


@pytest.mark.parametrize(("name", "kind"), [
    ("email", "email"), ("contact_email", "email"), ("mail", "email"), ("caller_phone", "phone"), ("url", "url"),
    ("phone_number", "phone"), ("website_url", "url"), ("emails_sent", None), ("mailing", None), ("name", None),
])  # fmt: skip
def test_a_column_reaches_by_what_its_name_says(name: str, kind: str | None) -> None:
    assert Column(name, "text").reaches_by == kind
    assert Column(name, "text", contact="nothing").reaches_by is None
    assert Column(name, "bool").reaches_by is None


def test_built_in_worlds_say_of_every_exception_that_it_reaches_nobody() -> None:
    excepted = [f"{table.full_name}.{column.name}" for name in registry.names() for table in registry.find(name).tables
                for column in table.columns if column.contact == "nothing"]  # fmt: skip
    assert excepted == []
