"""Who may connect to an embedded server: whoever can read its password, a file that only the user can read.

The password is drawn here once. The server gets its verifier (RFC 5802) and never the password itself: neither a
command line nor a log holds it. With the verifier alone nobody can connect.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
from pathlib import Path

from populace.database import private
from populace.errors import TargetUnavailable

FILE = "server.password"

RULES = """\
# Written by Populace at every start: nobody connects without the password.
local  all  all                scram-sha-256
host   all  all  127.0.0.1/32  scram-sha-256
"""
"""`pg_hba.conf`. What no line names is refused, replication too."""

ITERATIONS = 4096
"""PostgreSQL's default. A password of 192 random bits needs none of them."""

_BYTES, _SALT_BYTES = 24, 16
_FORM = re.compile(r"[A-Za-z0-9_-]{32}")


def new_password() -> str:
    """192 random bits as 32 characters that need no quoting in a URL."""
    return base64.urlsafe_b64encode(os.urandom(_BYTES)).decode("ascii")


def verifier(password: str) -> str:
    """What PostgreSQL stores of a password, with a new salt."""
    salt = os.urandom(_SALT_BYTES)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    salt_text, stored_text, server_text = (base64.b64encode(raw).decode("ascii") for raw in (salt, stored, server))
    return f"SCRAM-SHA-256${ITERATIONS}:{salt_text}${stored_text}:{server_text}"


def keep(directory: Path, password: str) -> None:
    """Write the password of the server of a folder."""
    private.write(directory / FILE, f"{password}\n")


def password_of(directory: Path) -> str | None:
    """The password of the server of a folder; None when there is none, or a file that cannot be one.

    Raises TargetUnavailable when the file belongs to another user.
    """
    try:
        text = (directory / FILE).read_text(encoding="ascii", errors="replace").strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise TargetUnavailable(
            f"the password of this server cannot be read ({error.strerror})",
            where=str(directory / FILE),
            todo="run as the user who made the folder, or name another folder with embedded:DIR",
        ) from error
    return text if _FORM.fullmatch(text) else None
