"""The digests of a plan, computed by a process of its own: `check-world` compares them with those of its own process.

Reads one JSON object from standard input (folder, world, document, edges) and writes one to standard output.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from populace.plan import from_document
from populace.runner.cutting import run
from populace.worlds.registry import Registry


def main() -> None:
    """What was asked for, answered."""
    asked = json.load(sys.stdin)
    world = Registry(Path(asked["folder"])).find(asked["world"])
    plan = from_document(asked["document"], world, "the plan")
    json.dump(dict(run(plan, asked["edges"]).digests), sys.stdout)


if __name__ == "__main__":
    main()
