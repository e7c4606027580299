"""Copies of worlds of one's own as they were when they were seeded, in the user's data folder.

Which rows are ours is shown by keys that only the plan's own world gives. An author changes theirs, and must still be
able to clean up what it wrote before. Code is never taken from a target: only what this user ran here is kept.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from pathlib import Path

from populace import trust
from populace.spec import Source
from populace.worlds.source import files_of

FOLDER = ".worlds"
"""In the data folder; no world has such a name, so it is no folder of an embedded server either."""


def keep(path: Path, source: Source) -> Path:
    """Copy the files of the world at a path, unless there is such a copy. Returns where it is.

    Raises BadInput where there is no data folder, OSError where nothing can be written.
    """
    folder = _folder(source)
    if not folder.is_dir():
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".draft-") as draft:
            for file in files_of(path):
                copy = Path(draft) / "whole" / path.name / ("" if file == path else file.relative_to(path))
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, copy)
            if not folder.is_dir():
                (Path(draft) / "whole").rename(folder)
    return folder / path.name


def kept(source: Source) -> Path | None:
    """Where a copy of a world with this source is; None when none was kept here."""
    folder = _folder(source)
    return next(iter(folder.iterdir()), None) if source and folder.is_dir() else None


def _folder(source: Source) -> Path:
    said = json.dumps(dict(source), sort_keys=True)
    return trust.data_folder() / FOLDER / hashlib.sha256(said.encode()).hexdigest()[:32]
