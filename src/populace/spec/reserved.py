"""Addresses that can reach nobody: the only ones that a column of e-mail addresses, phone numbers or links may hold.

Domains are those of RFC 2606 and RFC 6761; telephone numbers are 555-0100 to 555-0199 of any area, which the North
American Numbering Plan keeps for fiction.
"""

from __future__ import annotations

import re

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


def is_reserved(contact: str, text: str) -> bool:
    """Whether a value of a column that reaches somebody by `contact` reaches nobody; `nothing`: any does."""
    return contact not in RESERVED or re.search(RESERVED[contact][0], text, re.IGNORECASE) is not None
