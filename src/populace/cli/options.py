"""Options that several commands share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

if TYPE_CHECKING:
    from populace.operations.seeds.preview import Making


class Elsewhere(Protocol):
    """A target that somebody may have to agree to."""

    @property
    def shown(self) -> str: ...

    @property
    def is_elsewhere(self) -> bool: ...


LONGEST_S = 31_536_000.0
"""A year: the most of real time that a command may be given."""


def finite(number: float | None) -> float | None:
    """A callback for numbers: refuses what is none."""
    if number is not None and not math.isfinite(number):
        raise typer.BadParameter("this is not a number")
    return number


Seconds = Annotated[
    float | None,
    typer.Option(
        "--for",
        metavar="SECONDS",
        min=0.0,
        max=LONGEST_S,
        callback=finite,
        help="End after so many seconds.",
    ),
]


def worlds_begun(incomplete: str) -> list[str]:
    """For the shell: the installed worlds whose names begin so; none of them is loaded."""
    from importlib.metadata import entry_points

    return [found.name for found in entry_points(group="populace.worlds") if found.name.startswith(incomplete)]


WorldOfTarget = Annotated[
    str | None,
    typer.Argument(
        metavar="WORLD",
        help="By name or path. Default: that of the target; another is an error.",
        autocompletion=worlds_begun,
    ),
]
WorldName = Annotated[
    str,
    typer.Argument(
        metavar="WORLD", help="A world's name (see populace worlds) or its path.", autocompletion=worlds_begun
    ),
]
World = Annotated[
    str | None,
    typer.Option(
        "--world",
        metavar="W",
        help="By name or path. Default: the world of the target; naming another is an error.",
        autocompletion=worlds_begun,
    ),
]
Target = Annotated[
    str | None,
    typer.Option(
        "--target",
        metavar="URL",
        help="embedded: (default), embedded:DIR, postgresql://… or, for files, parquet:DIR; POPULACE_TARGET.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout, and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Errors only.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Print more progress.")]
LogJson = Annotated[bool, typer.Option("--log-json", help="Progress as one JSON object a line, on stderr.")]
Workers = Annotated[
    int | None, typer.Option("--workers", help="Processes that write rows; as many as pay, if not given.", metavar="N")
]
Cluster = Annotated[
    str | None,
    typer.Option("--cluster", help="Workers of Dask that write rows: local:N, tcp://HOST:PORT.", metavar="CLUSTER"),
]
Scenario = Annotated[
    str | None,
    typer.Option("--scenario", metavar="S", help="A scenario of the world, or a .toml file with your own."),
]
Seed = Annotated[
    int | None,
    typer.Option(
        "--seed",
        metavar="N",
        help="The number that all chance is computed from; the same seed gives the same people. Default: 1.",
    ),
]
Now = Annotated[
    str | None,
    typer.Option(
        "--now", metavar="T", help="Simulated now, ISO with a zone. Default: the real time, and a wall clock."
    ),
]
Epoch = Annotated[
    str | None,
    typer.Option("--epoch", metavar="T", help="Where history ends, a UTC midnight. Default: the one before now."),
]
Set = Annotated[
    list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="A parameter of the world; may be repeated.")
]
PlanFile = Annotated[
    Path | None, typer.Option("--plan", metavar="FILE", help="A plan made by populace plan --out; settles all of it.")
]
Port = Annotated[
    int | None,
    typer.Option("--port", metavar="N", min=1, max=65_535, help="Default: 7070, or the next that is free."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def pairs(given: Sequence[str], where: str) -> dict[str, str]:
    """`path=value` texts as a mapping. Raises BadInput for a text without `=` or a path given twice."""
    from populace.errors import BadInput

    out: dict[str, str] = {}
    for text in given:
        path, equals, value = text.partition("=")
        if not equals or not path.strip():
            raise BadInput("this is not a setting", where=where, given=text, allowed="path=value")
        if path.strip() in out:
            raise BadInput("the setting is given twice", where=where, given=path.strip())
        out[path.strip()] = value.strip()
    return out


def shown_makings(makings: Sequence[Making]) -> str:
    """What a seed will make besides rows, a line for each kind and reason; what the whole server sees comes first."""
    lines: dict[tuple[bool, str, str], list[str]] = {}
    for one in sorted(makings, key=lambda one: not one.cluster_wide):
        lines.setdefault((one.cluster_wide, one.kind, one.why), []).append(one.name)
    shown = []
    for (cluster_wide, kind, why), names in lines.items():
        some = ", ".join(names[:6]) + (f", … ({len(names)} in all)" if len(names) > 6 else "")
        shown.append(f"  {'for the WHOLE SERVER: ' if cluster_wide else ''}{kind} {some} ({why})")
    return "will be made besides rows:\n" + "\n".join(shown)


def asks(*, yes: bool) -> bool:
    """Whether somebody is at a terminal to agree to what is shown."""
    import sys

    return not yes and sys.stdin.isatty()


def require_yes(where: Elsewhere, *, yes: bool) -> None:
    """Ask before writing to a database that is not embedded. Raises Refused for a no, or without a terminal."""
    if not yes and where.is_elsewhere:
        confirm(where.shown, f"Write synthetic people to {where.shown}?", "nothing was written")


def confirm(shown: str, question: str, otherwise: str, text: str = "add {}") -> None:
    """Ask for a yes. otherwise: what is said of a no. Raises Refused for that, or without a terminal."""
    from populace.errors import Refused, Remedy

    if not asks(yes=False):
        raise Refused("there is no terminal to confirm at", where=shown, todo=Remedy("", {"yes": True}, text))
    if not typer.confirm(question, err=True):
        raise Refused(f"not confirmed; {otherwise}", where=shown)
