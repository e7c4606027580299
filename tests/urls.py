"""The URL of a test's database, for somebody else or for another database of the same server."""

from __future__ import annotations

import re
from urllib.parse import unquote

import psycopg

WORD = "geheim"
"""The password of every role that a test makes: an embedded server lets nobody in without one."""


def for_user(url: str, user: str, password: str = WORD) -> str:
    """The same database, for another user."""
    changed, times = re.subn(r"//[^@/]*@", f"//{user}:{password}@", url)
    assert times == 1, "this URL names no user"
    return changed


def password_of(url: str) -> str:
    """The password that a URL holds."""
    found = re.search(r"//[^:@/]+:([^@/]+)@", url)
    assert found, "this URL holds no password"
    return unquote(found[1])


def same_secret(url: str) -> None:
    """Give a target the secret of every other target in these tests: their people have the same password, and their
    contents can be compared, hashes included."""
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE populace.secret SET value = decode(repeat('5e', 32), 'hex')")
