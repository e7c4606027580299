"""The system account a server runs under.

PostgreSQL refuses to run as root. When we are root the server runs as `nobody`, or as whoever owns the data already; an
ordinary user runs it under their own account.
"""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from populace.errors import TargetUnavailable

SERVER_USER = "nobody"


@dataclass(frozen=True)
class Account:
    """Who runs the server. drop: whether we are root and must give up our rights first."""

    uid: int
    gid: int
    drop: bool

    def own(self, path: Path) -> None:
        """Give `path` to this account; the folders above it are left as they are."""
        if self.drop:
            os.chown(path, self.uid, self.gid)


def require_entry(account: Account) -> None:
    """Raise TargetUnavailable for a user id that the system does not know: initdb does not run under one."""
    try:
        pwd.getpwuid(account.uid)
    except KeyError:
        raise TargetUnavailable(
            f"PostgreSQL makes no database for a user without a name, and user id {account.uid} has no entry in "
            "/etc/passwd",
            where="embedded server",
            todo="add one (`populace:x:UID:0::/tmp:/sbin/nologin`), run as a user that has one, or name a server of "
            "your own as the target, postgresql://…",
        ) from None


def account_for(data: Path) -> Account:
    """The account for the data folder `data`, which need not exist yet.

    Raises TargetUnavailable when the folder belongs to somebody we cannot act for, or when the system has no account
    to run it under.
    """
    owner = data.stat() if data.is_dir() else None
    us = os.geteuid()
    if us != 0:
        if owner is not None and owner.st_uid != us:
            raise TargetUnavailable(
                "the data folder belongs to another user",
                where=str(data),
                given=f"user id {owner.st_uid}",
                todo="start the server as that user, or name another folder with embedded:DIR",
            )
        return Account(us, os.getegid(), drop=False)
    if owner is not None and owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid, drop=True)
    try:
        nobody = pwd.getpwnam(SERVER_USER)
    except KeyError:
        raise TargetUnavailable(
            "PostgreSQL does not run as root, and this system has no user named nobody",
            where="embedded server",
            todo="run Populace as an ordinary user, or name a server with --target postgresql://…",
        ) from None
    return Account(nobody.pw_uid, nobody.pw_gid, drop=True)
