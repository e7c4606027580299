"""Addresses that can reach nobody: the only ones that a column of e-mail addresses, phone numbers or links may hold.

Domains are those of RFC 2606 and RFC 6761; telephone numbers are 555-0100 to 555-0199 of any area, which the North
American Numbering Plan keeps for fiction.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from populace.spec import Table
from populace.spec.authors import Misuse

_DOMAIN = r"([a-z0-9-]+\.)*(example\.(com|net|org)|[a-z0-9-]+\.(test|example|invalid)|localhost)"
RESERVED = {
    "email": (
        rf"^[^@\s]+@{_DOMAIN}$",
        "addresses at example.com, example.net, example.org, .test, .example or .invalid",
    ),
    "phone": (r"^[^a-z]*555\D?01\d\d$", "telephone numbers that end with 555-0100 to 555-0199"),
    "url": (rf"^([a-z]+://{_DOMAIN}(:\d+)?([/?#]|$)|/([^/]|$)|#|$)", "links within the site, or to a reserved domain"),
}
"""By what a column reaches somebody by: the pattern of what is reserved, and the same in words."""


def require(table: Table, rows: pa.RecordBatch) -> None:
    """Raise Misuse for a row that could reach somebody."""
    for column in table.columns:
        if kind := column.reaches_by:
            pattern, allowed = RESERVED[kind]
            values = rows.column(column.name)
            fine = pc.match_substring_regex(values, pattern, ignore_case=True)
            if pc.all(fine).as_py() is False:
                raise Misuse(
                    f"a column that reaches somebody by {kind} holds what is not reserved",
                    where=f"{table.full_name}.{column.name}",
                    given=values.filter(pc.invert(fine))[0].as_py(),
                    allowed=allowed,
                )
