"""export: a world as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from populace.cli import options
from populace.cli.output import Output


def export(
    world: options.WorldName,
    kind: Annotated[str, typer.Option("--format", metavar="FORMAT", help="schema: migrations for supabase db push.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder to write into, made if need be.")],
    force: Annotated[bool, typer.Option("--force", help="Replace files of another export.")] = False,
    as_json: options.Json = False,
) -> None:
    """Write what a target needs before its first seed as numbered migration files; the same every time.

    A database that has run them is still closed: populace init opens it, and populace seed fills its tables in place.

    Example: populace export recoverlution --format schema --out supabase/migrations
    """
    from populace.operations import exporting
    from populace.operations.opening import find_world

    exporting.check_format(kind)
    done = exporting.export_schema(find_world(world), out, force=force)
    names = sorted([*done.written, *done.unchanged])
    document = {"folder": str(done.folder), "files": names, "written": len(done.written)}
    lines = [str(done.folder / name) + ("  (unchanged)" if name in done.unchanged else "") for name in names]
    Output(as_json).result(document, "\n".join(lines))
