"""Lists of documents written to a file, and a file compared with what it should hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from populace import files
from populace.errors import BadInput, Remedy

MOST_BYTES = 1 << 30
"""Of a file: a million people are about a thousand bytes each."""

Documents = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Compared:
    """A file held against what it should say: how many documents were checked, and what differs, a line each.

    at: the moment as of which, where there is one.
    """

    checked: int
    differences: Sequence[str]
    at: str | None = None

    def document(self) -> dict[str, Any]:
        """As `--import FILE --json` prints it."""
        moment = {} if self.at is None else {"at": self.at}
        return {
            "ok": not self.differences,
            "checked": self.checked,
            **moment,
            "differences": list(self.differences),
        }


def write(file: Path, documents: Documents, where: str) -> int:
    """Write documents as one JSON list; how many bytes. where: the field that names the file.

    Raises BadInput when the file cannot be written, Refused for one that holds something else.
    """
    content = (json.dumps(list(documents), indent=2, ensure_ascii=False) + "\n").encode()
    first = re.escape(json.dumps(next(iter(documents[0])))) if documents else ""

    def ours(head: bytes) -> bool:
        return re.match(rf"\[\s*(\]|\{{\s*{first})", head.decode("utf-8", errors="replace")) is not None

    files.write(file, content, where, "an export", ours)
    return len(content)


def read(file: Path, by: str, where: str) -> Documents:
    """Documents of a file. Raises BadInput for a file that is no JSON list of objects, each known by a text of its own
    under the name `by`.
    """
    with files.readable(where, file, "the file"):
        found = files.json_of(files.content(file, MOST_BYTES))
    objects = isinstance(found, list) and all(isinstance(one, dict) and isinstance(one.get(by), str) for one in found)
    if not objects or len({one[by] for one in found}) < len(found):
        raise BadInput(
            f"the file is not a list of objects, each with another {by}",
            where=where,
            given=str(file),
            todo=Remedy("", {"export": None}, "write one with {}"),
        )
    documents: Documents = found
    return documents


def differences(here: Documents, file: Documents, by: str) -> Iterator[str]:
    """What differs between what is here and a file, in words; one line a document and name."""
    mine, theirs = ({one[by]: one for one in documents} for documents in (here, file))
    for name in sorted({*mine, *theirs}):
        if name not in theirs:
            yield f"{name}: not in the file"
        elif name not in mine:
            yield f"{name}: not here"
        else:
            yield from (f"{name}.{line}" for line in _between(mine[name], theirs[name]))


def _between(mine: Mapping[str, object], theirs: Mapping[str, object], prefix: str = "") -> Iterator[str]:
    for key in dict.fromkeys([*mine, *theirs]):
        a, b = mine.get(key), theirs.get(key)
        if isinstance(a, Mapping) and isinstance(b, Mapping):
            yield from _between(a, b, f"{prefix}{key}.")
        elif key not in theirs or key not in mine:
            yield f"{prefix}{key}: {'not in the file' if key in mine else 'not here'}"
        elif a != b:
            yield f"{prefix}{key}: {json.dumps(b)} in the file, {json.dumps(a)} here"
