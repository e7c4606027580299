"""export: the tables of a world as migration files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from populace.cli import options
from populace.cli.context import context
from populace.cli.output import Output


def export(
    world: options.WorldName,
    kind: Annotated[str, typer.Option("--format", metavar="FORMAT", help="schema: migrations for supabase db push.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder to write to; it is made if needed.")],
    force: Annotated[bool, typer.Option("--force", help="Replace files of another export.")] = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Write what a target needs before its first seed as numbered migration files; the same every time.

    A database that has run them is not open yet: populace init opens it, and populace seed fills its tables in place.

    Example: populace export recoverlution --format schema --out supabase/migrations
    """
    from populace.operations.exports import ExportRequest
    from populace.operations.exports import export as operation

    done = operation(context(uses_target=False), ExportRequest(world, kind, out, force))
    document = done.document()
    lines = [
        str(done.folder / name) + ("  (unchanged)" if name in done.unchanged else "") for name in document["files"]
    ]
    Output(as_json, quiet).result(document, "\n".join(lines))
