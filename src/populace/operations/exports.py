"""export: what a target needs before its first seed, as migration files for `supabase db push` or psql; or a plan's
rows, as numbered scripts for psql or as Parquet files.

Names and contents follow from this version of Populace, the world and the plan alone, never from the clock: exported
twice, the files are the same. The mark that opens a target is not among them: only `init` opens one.
"""

from __future__ import annotations

import filecmp
import os
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from populace import files
from populace.database import compat, migrations
from populace.errors import BadInput, Refused, Remedy
from populace.event import Listener, unheard
from populace.operations import scripts
from populace.operations.context import Context
from populace.operations.opening import parse_target, world_sql
from populace.operations.plans.making import PlanRequest, first_window, make_plan
from populace.spec import World

FORMATS = ("schema", "sql", "parquet")
LATER_FORMATS = ("csv",)
SCHEMA_FILES = ("1_tables.sql", "2_constraints.sql")

_FIRST = datetime(2026, 1, 1, tzinfo=UTC)
_NAMES = {"schema": re.compile(r"\d{14}_populace_\d+\.sql"), "sql": re.compile(r"\d\d_synthetic_\w+\.sql")}


@dataclass(frozen=True, slots=True)
class Exported:
    """Names of files, in the order in which they are to be run. unchanged: those that were there already, the same."""

    folder: Path | str
    written: tuple[str, ...]
    unchanged: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """As `export --json` prints it."""
        names = sorted([*self.written, *self.unchanged])
        return {"folder": str(self.folder), "files": names, "written": len(self.written)}


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """kind: the format. out: the folder to write into, made if need be; for `parquet` also `s3://BUCKET/PREFIX`. force:
    files of another export are replaced. plan: whose rows, for `sql` and `parquet`; None: those of the world's default
    scenario. workers, cluster: who writes them, for `parquet`, as for a seed.
    """

    world: str
    kind: str
    out: Path | str
    force: bool = False
    plan: PlanRequest | None = None
    workers: int | None = None
    cluster: str | None = None


def export(
    context: Context,
    request: ExportRequest,
    *,
    on_event: Listener = unheard,
    stop: threading.Event | None = None,
) -> Exported:
    """Write what a target needs before its first seed, or a plan's rows; all of it or, when a file of that name has
    other content, none.

    Raises BadInput for a format that this version does not write, for a plan where none is needed and a folder that
    cannot be written to, Refused for files of another export unless they may be replaced.
    """
    _check_format(request.kind)
    if request.kind == "parquet":
        return _files(context, request, on_event, stop)
    if request.workers is not None or request.cluster is not None:
        raise BadInput(
            "one process writes this format",
            where="export.workers" if request.workers is not None else "export.cluster",
            given=request.kind,
            allowed="parquet",
        )
    world = context.registry.find(request.world)
    if request.kind == "schema":
        if request.plan is not None and request.plan != PlanRequest(request.world):
            raise BadInput(
                "a schema follows from the world alone: no scenario, seed, time or setting changes it",
                where="export.kind",
                given=request.kind,
                todo="leave these out, or export as sql",
            )

        def make(drafts: Path) -> tuple[str, ...]:
            texts = files_of(world)
            for name, text in texts.items():
                (drafts / name).write_text(text, encoding="utf-8")
            return tuple(texts)

    else:
        asked = request.plan or PlanRequest(request.world)
        now_us = asked.now_us()
        made = make_plan(context, asked, now_us)

        def make(drafts: Path) -> tuple[str, ...]:
            return scripts.write(drafts, made, first_window(made, now_us))

    return _write(make, _NAMES[request.kind], Path(request.out), force=request.force)


def _files(context: Context, request: ExportRequest, on_event: Listener, stop: threading.Event | None) -> Exported:
    """A plan's rows as Parquet files: what a seed of such a target writes, and continues."""
    if request.force:
        raise BadInput(
            "files of rows are never replaced", where="export.force", given=request.kind, todo="name another folder"
        )
    asked = request.plan or PlanRequest(request.world)
    of_plan = {field.name: getattr(asked, field.name) for field in fields(PlanRequest)}
    # A seed loads what writes into databases, too: others need not wait for it.
    from populace.operations.files import names
    from populace.operations.seeds.seed import SeedRequest, seed

    there = context.at(f"parquet:{request.out}")
    done = seed(
        there,
        SeedRequest(**of_plan, workers=request.workers, cluster=request.cluster),
        on_event=on_event,
        stop=stop,
    )
    held = names(parse_target(done.plan.world.name, there.settings, or_files=True))
    return Exported(str(request.out), () if done.unchanged else held, held if done.unchanged else ())


def _check_format(given: str) -> None:
    if given not in FORMATS:
        later = given in LATER_FORMATS
        raise BadInput(
            "this version does not write this format" if later else "there is no such format",
            where="export.kind",
            given=given,
            allowed=", ".join(FORMATS),
        )


def files_of(world: World) -> dict[str, str]:
    """The migration files of a world, by name, in order: Populace's own schema, then the world's tables and keys.

    The date in a name is that of the world's version, the time counts the files. Raises BadInput for a world without
    a schema.
    """
    scripts = [(f"Populace's own schema, {name}", text) for name, text in migrations.scripts()]
    if "roles" in world.needs:
        scripts.append(("What visitors may use of Populace's own schema", compat.script("privileges_populace")))
    for name in SCHEMA_FILES:
        text = world_sql(world, f"schema/{name}")
        if text is None:
            raise BadInput("this world has no schema", where=world.name, given=f"schema/{name}")
        scripts.append((f"{world.title}, {name}", text))
    day = _FIRST + timedelta(days=world.version - 1)
    return {
        f"{day + timedelta(seconds=number):%Y%m%d%H%M%S}_populace_{number}.sql": (
            f"-- {about}. Made by Populace for the world {world.name}.\n\n{text}"
        )
        for number, (about, text) in enumerate(scripts, start=1)
    }


def _is_as(there: Path, draft: Path) -> bool:
    """Whether a file holds what a draft holds; a link to somewhere is nothing of ours, and does not."""
    return there.is_file() and not there.is_symlink() and filecmp.cmp(there, draft, shallow=False)


def _write(make: Callable[[Path], tuple[str, ...]], ours: re.Pattern[str], folder: Path, *, force: bool) -> Exported:
    """Write the files of an export. make: writes them into an empty folder, and says their names. ours: the names that
    such files have."""
    fresh: list[Path] = []
    try:
        files.require_within(folder, "export.out")
        fresh = [one for one in (folder, *folder.parents) if not one.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        with files.drafts(folder) as drafts:
            wanted = make(drafts)
            here = [name for name in wanted if os.path.lexists(folder / name)]
            others = sorted(f.name for f in folder.iterdir() if ours.fullmatch(f.name))
            unchanged = [name for name in here if _is_as(folder / name, drafts / name)]
            different = [name for name in here if name not in unchanged]
            different += [name for name in others if name not in wanted]
            if different and not force:
                raise Refused(
                    "files of another export are here: " + ", ".join(different),
                    where=str(folder),
                    todo=Remedy(
                        "",
                        {"force": True},
                        "name another folder; or replace them with {}, if no database has run them yet",
                    ),
                )
            written = tuple(name for name in wanted if name not in unchanged)
            for name in written:
                files.sync(drafts / name)
            for name in written:
                (drafts / name).replace(folder / name)
            files.sync(folder)
        for name in different:
            if name not in wanted:
                (folder / name).unlink()
        fresh = []
    except (OSError, ValueError, RuntimeError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise BadInput(f"the folder cannot be written to: {why}", where="export.out", given=str(folder)) from None
    finally:
        for one in fresh:
            with suppress(OSError):
                one.rmdir()
    return Exported(folder, written, tuple(name for name in wanted if name not in written))
