"""What the environment says: `populace.toml` < environment < flags. The only module that reads either.

The file lies in whatever folder a command is called in. What could send a secret elsewhere, run another program or
choose another target counts only when the user has allowed the file: see `trust`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from populace import files, trust
from populace.errors import BadInput, Refused, Remedy, nearest

FILE = "populace.toml"
MOST_BYTES = 256 << 10
"""Of the file."""
DEFAULT_TARGET = "embedded:"
DEFAULT_WORLD = "recoverlution"
"""Whose folder a bare `embedded:` is, where nobody names a world."""
DEFAULT_POSTHOG_HOST = "https://eu.i.posthog.com"

VARIABLES: Mapping[str, tuple[str, ...]] = {
    "target": ("POPULACE_TARGET", "DATABASE_URL"),
    "pg_bin": ("POPULACE_PG_BIN",),
    "login_password": ("POPULACE_LOGIN_PASSWORD",),
    "posthog_host": ("POPULACE_POSTHOG_HOST", "PH_HOST"),
    "posthog_key": ("POPULACE_POSTHOG_KEY", "PH_PROJECT_API_KEY"),
    "chat_url": ("POPULACE_CHAT_URL",),
    "service_role_key": ("POPULACE_SERVICE_ROLE_KEY", "SUPABASE_SERVICE_ROLE_KEY"),
    "supabase_url": ("SUPABASE_URL",),
    "anon_key": ("POPULACE_ANON_KEY",),
    "jwt_secret": ("POPULACE_JWT_SECRET",),
    "migrate": ("POPULACE_MIGRATE",),
    "images": ("POPULACE_IMAGES",),
    "slack_webhook": ("POPULACE_SLACK_WEBHOOK",),
    "site_url": ("POPULACE_SITE_URL",),
}
"""The variables of each setting, the first that is set counts; the later ones are the documents' own names."""
ALIAS = "DATABASE_URL"
"""Every web developer has it, for the database of their app: it counts least, and a demo does not use it."""

FILE_NAMES: Mapping[str, type] = {
    "target": str, "pg_bin": str, "worlds": dict, "posthog_host": str, "chat_url": str, "supabase_url": str,
    "migrate": str, "images": str, "site_url": str,
}  # fmt: skip
"""What the file may hold."""
HARMLESS = frozenset({"worlds"})
"""What of it needs no trust."""


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """A settings file. content: by name, of the right kinds. trusted: whether the user has allowed it."""

    path: Path
    content: Mapping[str, Any]
    held: bytes = field(repr=False)
    trusted: bool

    def place(self, *path: str) -> str:
        """Where in the file something stands: `/home/me/app/populace.toml:3`."""
        line = files.line_of(self.held, *path)
        return str(self.path) if line is None else f"{self.path}:{line}"

    @property
    def guarded(self) -> list[str]:
        """What it holds that counts only when it is trusted."""
        return [name for name in self.content if name not in HARMLESS]


@dataclass(frozen=True, slots=True)
class Settings:
    """target: where rows go. folder: what a relative path in it starts from. pg_bin: PostgreSQL's bin folder for
    embedded targets. worlds: values by world and path, of the file. environment: its variables, of which a world may
    let some set its parameters. sources: where each setting was found. file: the settings file, where there is one.

    posthog_host, posthog_key: the project that takes events; without a key none leaves. chat_url: who answers in chats.
    supabase_url: the root of the project's API, and service_role_key what it is asked with. anon_key, service_role_key
    and jwt_secret: what the control API takes as keys. login_password: of the people who are seeded. migrate: the app's
    own command that makes its tables. images: where placeholder images go. slack_webhook: who hears of a refresh.
    site_url: where visitors see the app.
    Password, keys and the webhook come from the environment only, so that they stand in no file, and are never shown.
    """

    target: str = DEFAULT_TARGET
    folder: Path | None = field(default=None, repr=False)
    pg_bin: Path | None = None
    worlds: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    login_password: str | None = field(default=None, repr=False)
    posthog_host: str = DEFAULT_POSTHOG_HOST
    posthog_key: str | None = field(default=None, repr=False)
    chat_url: str | None = None
    service_role_key: str | None = field(default=None, repr=False)
    anon_key: str | None = field(default=None, repr=False)
    jwt_secret: str | None = field(default=None, repr=False)
    supabase_url: str | None = None
    migrate: str | None = None
    images: str | None = None
    slack_webhook: str | None = field(default=None, repr=False)
    site_url: str | None = None
    sources: Mapping[str, str] = field(default_factory=dict, repr=False)
    file: SettingsFile | None = field(default=None, repr=False)

    def source(self, name: str) -> str:
        """Where a setting was found: a variable, a line of the file, or who asked; for an error about its value."""
        return self.sources.get(name) or ("target" if name == "target" else VARIABLES[name][0])

    def of_world(self, world: str, *path: str) -> str:
        """Where the file sets a value of a world."""
        return FILE if self.file is None else self.file.place("worlds", world, *path)

    def at(self, target: str) -> Settings:
        """The same for another target."""
        return replace(self, target=target, sources={k: v for k, v in self.sources.items() if k != "target"})


def load(
    folder: Path,
    environment: Mapping[str, str] | None = None,
    *,
    target: str | None = None,
    asked: str = "target",
    alias: bool = True,
) -> Settings:
    """The settings in force in a folder.

    target: as it was asked for. asked: by what, for errors. alias: whether `DATABASE_URL` may name the target. Raises
    BadInput for a file that cannot be read or has an unknown name, Refused for one that names what only a trusted file
    may name.
    """
    environment = os.environ if environment is None else environment
    file = read(folder / FILE)
    found: dict[str, Any] = {} if file is None else dict(file.content)
    sources: dict[str, str] = {}
    for name, variables in VARIABLES.items():
        for variable in variables:
            if environment.get(variable) and not (variable == ALIAS and (not alias or name in found)):
                found[name], sources[name] = environment[variable], variable
                break
    if target is not None:
        found["target"], sources["target"] = target, asked
    if file is not None:
        _require_trusted(file, [name for name in file.guarded if name not in sources])
        sources |= {name: file.place(name) for name in file.guarded if name not in sources}
    bin_folder = found.get("pg_bin")
    return Settings(
        target=found.get("target", DEFAULT_TARGET),
        folder=folder.absolute(),
        pg_bin=Path(bin_folder) if bin_folder else None,
        worlds=found.get("worlds", {}),
        environment=dict(environment),
        login_password=found.get("login_password"),
        posthog_host=found.get("posthog_host", DEFAULT_POSTHOG_HOST),
        posthog_key=found.get("posthog_key"),
        chat_url=found.get("chat_url"),
        service_role_key=found.get("service_role_key"),
        anon_key=found.get("anon_key"),
        jwt_secret=found.get("jwt_secret"),
        supabase_url=found.get("supabase_url"),
        migrate=found.get("migrate"),
        images=found.get("images"),
        slack_webhook=found.get("slack_webhook"),
        site_url=found.get("site_url"),
        sources=sources,
        file=file,
    )


def debug() -> bool:
    """Whether a defect of ours is to be shown with its traceback."""
    return bool(os.environ.get("POPULACE_DEBUG"))


def read(path: Path) -> SettingsFile | None:
    """The settings file at a path; None where there is none.

    Raises BadInput for one that cannot be read, or has an unknown name or a value of another kind.
    """
    if not os.path.lexists(path):
        return None
    try:
        held = files.content(path, MOST_BYTES)
        content = files.toml_of(held)
    except files.Unreadable as error:
        raise BadInput(f"the file cannot be read: {error}", where=str(path)) from None
    file = SettingsFile(path.absolute(), content, held, trust.fault(path) is None and trust.allowed(path, held))
    for name, value in content.items():
        if name not in FILE_NAMES:
            raise BadInput("there is no such setting", where=file.place(name), given=name,
                           allowed=nearest(name, FILE_NAMES))  # fmt: skip
        if not isinstance(value, FILE_NAMES[name]):
            raise BadInput(
                "the setting is of the wrong kind",
                where=f"{file.place(name)}: {name}",
                given=value,
                allowed="a text" if FILE_NAMES[name] is str else "a table a world, such as [worlds.recoverlution]",
            )
        if value == "":
            raise BadInput("the setting is empty", where=f"{file.place(name)}: {name}", todo="remove the line")
    for world, values in content.get("worlds", {}).items():
        if not isinstance(values, dict):
            raise BadInput(
                "this is not a table",
                where=f"{file.place('worlds', world)}: worlds.{world}",
                given=values,
                allowed=f"[worlds.{world}] with lines such as sessions_per_min = 3",
            )
    return file


def _require_trusted(file: SettingsFile, names: list[str]) -> None:
    """Raise Refused for a file that sets what only a trusted one may set."""
    if file.trusted or not names:
        return
    why = trust.fault(file.path)
    raise Refused(
        f"this file sets {' and '.join(names)}, and is not trusted" + (f": {why}" if why else ""),
        where=file.place(names[0]),
        todo=[
            Remedy("trust", {"file": str(file.path)}, "if you know what stands in it, {}" if not why else
                   "correct that, and {}"),
            "or remove these lines",
        ],
    )  # fmt: skip
