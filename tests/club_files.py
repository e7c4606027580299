"""The club in files, as several tests read it: which seed it is, and what a folder holds."""

from __future__ import annotations

from pathlib import Path

from command import CLUB

EVENING = "2026-01-09T18:30:00Z"
SEED = ("seed", CLUB, "--scenario", "busy", "--set", "visit_days=1", "--seed", "7",
        "--epoch", "2026-01-09T00:00:00Z", "--now", EVENING)  # fmt: skip
PEOPLE, VISITS, STEPS = "public.people", "public.visits", "public.steps"


def contents(folder: Path) -> dict[str, bytes]:
    """Every file, the manifest among them."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
