"""The command line in this process, for tests of what it says and does. Starting Python anew for each call takes longer
than most calls; that a process ends with the right code is the matter of `command`.
"""

from __future__ import annotations

import json
import os
from typing import Any

from typer.testing import CliRunner, Result

from populace.cli import wording
from populace.cli.app import app
from populace.cli.output import fail
from populace.errors import PopulaceError

CLEAN: dict[str, str | None] = {name: None for name in os.environ if name.startswith(("POPULACE_", "DATABASE_URL"))}


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(app, [str(word) for word in arguments], env={**CLEAN, **environment})


def answer(*arguments: str, code: int = 0, **environment: str) -> Any:
    """The JSON document that a command prints."""
    done = run(*arguments, "--json", **environment)
    assert done.exit_code == code, f"exit {done.exit_code}: {done.exception!r}\n{done.output}"
    return json.loads(done.stdout)


def refusal(*arguments: str, code: int = 3, **environment: str) -> str:
    """What is said by a command that prints nothing and ends with this code."""
    done = run(*arguments, **environment)
    assert isinstance(done.exception, PopulaceError), f"{done.exception!r}\n{done.output}"
    assert done.stdout == ""
    assert fail(done.exception) == code
    return wording.said(done.exception)
