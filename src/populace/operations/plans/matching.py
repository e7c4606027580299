"""Whether a target that has a plan has the one that is asked for: a seed's question, in a database and in files alike.

What nobody gave is taken from the target: its epoch, its people's password, and what was read of the app's rows. So
the same words, typed again on another day, ask for the same people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from populace import clock
from populace.errors import Refused, Remedy
from populace.operations import login
from populace.plan import Plan
from populace.spec.given import checked


def differing(
    plan: Plan,
    document: Mapping[str, Any],
    digest: str,
    *,
    epoch_given: bool,
    login_given: bool,
    interventions: bool = False,
) -> Sequence[str]:
    """In what a plan differs from the one that a target has, one line each; nothing for the same one.

    document, digest: the target's. epoch_given, login_given: otherwise the target's are taken. interventions: they
    count too, where a plan can only be had with them from the beginning.
    """
    settings = document["settings"]
    kept = {login.PATH: settings[login.PATH]} if not login_given and login.PATH in settings else {}
    reads = [*plan.world.reads, *(one.reads for one in plan.world.avoids)]
    asked = plan.with_changes(
        epoch_us=None if epoch_given else clock.parse(str(document["epoch"]), "the plan in the target"),
        settings=kept,
        given=plan.given or checked(document.get("given", {}), reads, "the plan in the target"),
    )
    if asked.digest != digest:
        return asked.differences(document) or ["digest: another one"]
    if (path := login.PATH) in settings and asked.settings[path] != settings[path]:
        return asked.differences(document)
    if interventions and asked.document()["interventions"] != document["interventions"]:
        return ["interventions: others"]
    return []


def require_same(differences: Sequence[str], place: str, shown: str) -> None:
    """Raise Refused with the first differences. place: what holds a plan, `database` or `folder`. shown: the target."""
    if differences:
        deletable = place == "database"
        more = f" and {len(differences) - 5} more" if len(differences) > 5 else ""
        raise Refused(
            f"this {place} holds another plan: " + "; ".join(differences[:5]) + more,
            where=shown,
            todo=(
                Remedy("", {"seed": None, "epoch": None, "changes": None}, "seed with the same settings ({})"),
                *([Remedy("cleanup", {"everything": True}, "{} deletes these people first")] if deletable else []),
                "or name another target",
            ),
        )
