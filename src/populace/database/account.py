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
