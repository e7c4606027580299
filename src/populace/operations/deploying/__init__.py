"""deploy: ready files that keep a population active elsewhere: by a schedule that calls, or a service that stays.

Each kind is a folder of templates beside this file; `WORLD` in a name stands for the world's. What differs between
worlds is declared by them: when they are to be called (`World.crons`), and the variables that they and their channels
read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files as resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

import populace
from populace import files
from populace.deliver.address import checked
from populace.errors import BadInput, Refused, Remedy, nearest
from populace.operations.context import Context
from populace.settings import VARIABLES
from populace.spec import World

KINDS: Mapping[str, str] = {
    "docker": "an image of two stages, and a compose file with a database",
    "github": "a workflow of GitHub Actions",
    "kubernetes": "a Deployment, and a CronJob that is suspended",
    "pg-cron": "SQL for pg_cron and pg_net",
    "railway": "a service of Railway",
    "supabase": "an edge function of Supabase with a schedule",
    "systemd": "a service of systemd",
    "vercel": "a cron job of Vercel",
}
"""What is written, by the name of the kind."""
PATIENT_MINUTES = 5
"""GitHub honours no shorter schedule."""
DEFAULT_URL = "https://populace.example.com"


@dataclass(frozen=True, slots=True)
class DeployRequest:
    """kind: one of `KINDS`. out: the folder to write into, made if need be. url: of the control API, for kinds that
    call it. force: files that are there and differ are replaced.
    """

    kind: str
    world: str
    out: Path
    url: str = DEFAULT_URL
    force: bool = False


@dataclass(frozen=True, slots=True)
class Deployed:
    """What was written, below a folder. unchanged: files that were there already, the same. next: what to do then."""

    folder: Path
    written: tuple[str, ...]
    unchanged: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """As `deploy --json` prints it."""
        return {"folder": str(self.folder), "written": list(self.written), "unchanged": list(self.unchanged)}


def deploy(context: Context, request: DeployRequest) -> Deployed:
    """Write the files of a kind, all or none.

    Raises BadInput for a kind that there is not, an address that is none, or a folder that cannot be written to;
    Refused for files that are there and differ, unless they may be replaced.
    """
    if request.kind not in KINDS:
        raise BadInput(
            "there is no such kind", where="deploy.kind", given=request.kind, allowed=nearest(request.kind, KINDS)
        )
    wanted = files_of(
        context.registry.find(request.world), request.kind, checked(request.url, "deploy.url", secret=True)
    )
    folder = request.out
    try:
        for name in wanted:
            files.require_within(folder / name, "deploy.out")
        there = {name: (folder / name).read_bytes() for name in wanted if (folder / name).is_file()}
        different = [name for name, held in there.items() if held != wanted[name].encode()]
        if different and not request.force:
            raise Refused(
                "other files are here: " + ", ".join(different),
                where=str(folder),
                todo=Remedy("", {"force": True}, "name another folder, or replace them with {}"),
            )
        written = tuple(name for name in wanted if name not in there or name in different)
        for name in written:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            files.put(folder / name, wanted[name].encode())
    except (OSError, ValueError, RuntimeError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise BadInput(f"the folder cannot be written to: {why}", where="deploy.out", given=str(folder)) from None
    return Deployed(folder, written, tuple(name for name in wanted if name not in written))


def files_of(world: World, kind: str, url: str) -> dict[str, str]:
    """The files of a kind for a world, by their path."""
    environment = Environment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)
    given = {
        "world": world.name,
        "title": world.title,
        "version": populace.__version__,
        "url": url,
        "crons": list(world.crons),
        "github_crons": [_patient(cron) for cron in world.crons],
        "secrets": variables(world),
    }
    root = resources(__package__).joinpath("templates", kind)
    return {
        name.removesuffix(".j2").replace("WORLD", world.name): environment.from_string(held).render(given)
        for name, held in sorted(_templates(root))
    }


def variables(world: World) -> list[str]:
    """Environment variables that a world's parameters and channels read, without the target's."""
    own = [name for parameter in world.parameters for name in parameter.variables[:1]]
    peers = [VARIABLES[need][-1] for channel in world.channels for need in channel.peer.needs]
    return list(dict.fromkeys([*peers, *own]))


def _templates(root: Traversable, above: str = "") -> list[tuple[str, str]]:
    out: list[tuple[str, str]] = []
    for entry in root.iterdir():
        name = f"{above}{entry.name}"
        out += _templates(entry, f"{name}/") if entry.is_dir() else [(name, entry.read_text(encoding="utf-8"))]
    return out


def _patient(cron: str) -> str:
    """A schedule that GitHub honours."""
    minute, rest = cron.split(" ", 1)
    every = 1 if minute == "*" else int(minute.removeprefix("*/")) if minute.startswith("*/") else PATIENT_MINUTES
    return f"*/{PATIENT_MINUTES} {rest}" if every < PATIENT_MINUTES else cron
