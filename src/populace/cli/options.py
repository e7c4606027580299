"""Options that several commands share, spelt once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

WorldName = Annotated[str, typer.Argument(metavar="WORLD", help="A world's name (see populace worlds) or its path.")]
World = Annotated[
    str, typer.Option("--world", metavar="W", help="The world of a bare embedded: target.", show_default=True)
]
Target = Annotated[
    str | None,
    typer.Option(
        "--target", metavar="URL", help="embedded: (default), embedded:DIR or postgresql://…; POPULACE_TARGET."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout and nothing else there.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Errors only.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say more of what happens.")]
LogJson = Annotated[bool, typer.Option("--log-json", help="Progress as one JSON object a line, on stderr.")]
Scenario = Annotated[str | None, typer.Option("--scenario", metavar="S", help="A scenario of the world.")]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="Of all chance; the same seed, the same people.")]
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
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

DEFAULT_WORLD = "recoverlution"
