"""What the environment says: `populace.toml` < environment < flags. The only module that reads either."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from populace.errors import BadInput, nearest

FILE = "populace.toml"
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
}
"""The variables of each setting, the first that is set counts; the later ones are the documents' own names."""


@dataclass(frozen=True, slots=True)
class Settings:
    """target: where rows go. folder: what a relative path in it starts from. pg_bin: PostgreSQL's bin folder for
    embedded targets. worlds: values by world and path, of the file. environment: its variables, of which a world may
    let some set its parameters.

    posthog_host, posthog_key: the project that takes events; without a key none leaves. chat_url: who answers in chats.
    supabase_url: the root of the project's API, and service_role_key what it is asked with. login_password: of the
    people who are seeded. Password and keys come from the environment only, so that they stand in no file, and are
    never shown.
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
    supabase_url: str | None = None


def load(folder: Path, environment: Mapping[str, str] | None = None, *, target: str | None = None) -> Settings:
    """The settings in force in a folder; target: a flag's value.

    Raises BadInput for a file that cannot be read or has an unknown name.
    """
    environment = os.environ if environment is None else environment
    found: dict[str, Any] = _file(folder / FILE)
    for name, variables in VARIABLES.items():
        for variable in variables:
            if environment.get(variable):
                found[name] = environment[variable]
                break
    if target is not None:
        found["target"] = target
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
        supabase_url=found.get("supabase_url"),
    )


def debug() -> bool:
    """Whether a defect of ours is to be shown with its traceback."""
    return bool(os.environ.get("POPULACE_DEBUG"))


def _file(path: Path) -> dict[str, object]:
    if not path.exists():
        return {}
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"the file cannot be read: {error}", where=str(path)) from None
    known: dict[str, type] = {
        "target": str, "pg_bin": str, "worlds": dict, "posthog_host": str, "chat_url": str, "supabase_url": str,
    }  # fmt: skip
    for name, value in content.items():
        if name not in known:
            raise BadInput("there is no such setting", where=str(path), given=name, allowed=nearest(name, known))
        if not isinstance(value, known[name]):
            raise BadInput(
                "the setting is of the wrong kind",
                where=f"{path}: {name}",
                given=value,
                allowed="a text" if known[name] is str else "a table a world, such as [worlds.recoverlution]",
            )
    for world, values in content.get("worlds", {}).items():
        if not isinstance(values, dict):
            raise BadInput(
                "this is not a table",
                where=f"{path}: worlds.{world}",
                given=values,
                allowed=f"[worlds.{world}] with lines such as sessions_per_min = 3",
            )
    return content
