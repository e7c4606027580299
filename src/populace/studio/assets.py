"""What pages are made of and load: their templates, and style sheet, scripts and the tab's picture under one digest.

Another version has another address, so that a browser may keep what it has for ever, and never mixes two versions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from fastapi import APIRouter, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from populace.api.answers import Absent

TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


def environment(package: str) -> Environment:
    """The pages of a package, from its folder `templates`: what they show is escaped, and a missing value an error."""
    return Environment(
        loader=PackageLoader(package, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@dataclass(frozen=True, slots=True)
class Assets:
    """Files by name. prefix: of their addresses."""

    files: Mapping[str, bytes]
    prefix: str

    @classmethod
    def read(cls, package: str = "populace.studio", below: str = "/studio") -> Assets:
        """Those of a package. below: where their addresses begin."""
        folder = resources.files(package) / "assets"
        files = {
            file.name: file.read_bytes()
            for file in sorted(folder.iterdir(), key=lambda f: f.name)
            if file.name.rpartition(".")[2] in TYPES
        }
        digest = hashlib.sha256(b"\0".join(part for name, held in files.items() for part in (name.encode(), held)))
        return cls(files, f"{below}/{digest.hexdigest()[:16]}")

    def router(self) -> APIRouter:
        """The route of each file."""
        routes = APIRouter(include_in_schema=False)

        @routes.get(self.prefix + "/{name}")
        def asset(name: str) -> Response:
            held = self.files.get(name)
            if held is None:
                raise Absent("there is no such file", where="path", given=name)
            kind = TYPES[name.rpartition(".")[2]]
            return Response(held, media_type=kind, headers={"cache-control": "public, max-age=31536000, immutable"})

        return routes
