"""What can be done to somebody by their name: send them on holiday, bring them back, or let them churn; as settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from populace.operations.inspection.overview import Overview
from populace.spec import Lifecycle, Value
from populace.spec.lifecycle import NOBODY


@dataclass(frozen=True, slots=True)
class Act:
    """A change of settings that concerns one person. name: of the act. now: how they are, where that is by an act."""

    name: str
    title: str
    means: str
    changes: Mapping[str, Value]
    now: str = ""
    is_final: bool = False


def of(life: Lifecycle, state: Overview, why: Mapping[str, Any] | None) -> list[Act]:
    """What can be done to somebody. why: a day of theirs; None where nothing is known of them."""
    if why is None or why["left"]:
        return []
    who: str = why["person"]["called"]
    return [act for act in (_holiday(life, state, who), _churn(life, state, who)) if act is not None]


def _holiday(life: Lifecycle, state: Overview, who: str) -> Act | None:
    if life.away not in state.settings:
        return None
    changes, listed = _turned(state, life.away, who)
    if listed:
        means = "From the next window on their visits take place again, by their habits."
        return Act("holiday", "Bring back", means, changes, "On holiday")
    means = (
        "From the next window on no visit of theirs begins, until they are brought back. Their habits and their chance "
        "to come stay as they are."
    )
    return Act("holiday", "Send on holiday", means, changes)


def _churn(life: Lifecycle, state: Overview, who: str) -> Act | None:
    if life.leaves is None or life.leaves not in state.settings:
        return None
    changes, listed = _turned(state, life.leaves, who)
    if listed:
        return Act("churn", "Let them stay", "They do not churn when the next day starts.", changes, "Churns next day")
    left = next(one.name for one in life.states if one.left)
    means = (
        f"When the next day starts they are {left}, and never come again. Of most people who churn all rows are "
        "removed then; of some they stay. Until the day starts this can be taken back."
    )
    return Act("churn", "Make churn", means, changes, is_final=True)


def _turned(state: Overview, path: str, who: str) -> tuple[Mapping[str, Value], bool]:
    """A setting with somebody named who is not, or the other way round; and whether they are."""
    given = str(state.settings[path])
    listed = [name for name in (part.strip() for part in given.split(",")) if name and name != NOBODY]
    others = [name for name in listed if name != who]
    wanted = others if who in listed else [*others, who]
    return {path: ",".join(wanted) or NOBODY}, who in listed
