"""Times that no person makes: equal gaps, whole seconds, and answers always so long after what they answer."""

from __future__ import annotations

from collections import Counter

import numpy as np

from populace.checks.realism.arrays import share_error
from populace.checks.realism.logs import Followed, Logs
from populace.checks.realism.metric import Curve, Measured, Metric
from populace.clock import SECOND_US
from populace.spec import Ints

FEWEST_FOLLOWED = 50


def equal_gaps(who: Ints, at: Ints) -> tuple[float, int]:
    """What part of gaps is, to the second, as long as the gap before or as the commonest of all; and of how many.

    Rows of one moment are one act; a gap below a second counts for nothing.
    """
    if len(who) < 3:
        return float("nan"), 0
    gap = np.where(who[1:] == who[:-1], np.diff(at) // SECOND_US, 0)
    kept = gap > 0
    if not kept.any():
        return float("nan"), 0
    again = kept[1:] & (gap[1:] == gap[:-1]) & (who[2:] == who[:-2])
    commonest = float(np.unique(gap[kept], return_counts=True)[1].max())
    return float(max(again.sum(), commonest) / kept.sum()), int(kept.sum())


def whole_seconds(at: Ints) -> float:
    """What part of moments is a whole second."""
    return float((at % SECOND_US == 0).mean()) if len(at) else float("nan")


def same_offset(followed: Followed) -> tuple[float, int, str]:
    """What part of what follows something comes exactly, to the ms, as long after it as the most do; of how many; and
    of which kind: the worst."""
    worst, many, name = float("nan"), 0, ""
    for kind in dict.fromkeys(followed.kind.tolist()):
        mine = followed.kind == kind
        offset = (followed.at[mine] - followed.since[mine]) // 1000
        offset = offset[offset > 0]
        if len(offset) < FEWEST_FOLLOWED:
            continue
        share = float(np.unique(offset, return_counts=True)[1].max() / len(offset))
        if not share <= worst:
            worst, name = share, kind
        many += len(offset)
    return worst, many, name


def _gaps(logs: Logs) -> Measured:
    assert logs.actions is not None
    share, n = equal_gaps(logs.actions.who, logs.actions.at)
    return Measured(share, n, share_error(share, n))


def _seconds(logs: Logs) -> Measured:
    assert logs.actions is not None
    share, n = whole_seconds(logs.actions.at), len(logs.actions)
    return Measured(share, n, share_error(share, n))


def _offsets(logs: Logs) -> Measured:
    assert logs.followed is not None
    share, n, kind = same_offset(logs.followed)
    return Measured(share, n, share_error(share, n), kind)


def common_gaps(logs: Logs) -> Curve:
    """The commonest gaps between actions of one person, in seconds."""
    assert logs.actions is not None
    gap = np.diff(logs.actions.at)[logs.actions.who[1:] == logs.actions.who[:-1]] // SECOND_US
    return _commonest(gap[gap > 0])


def common_offsets(logs: Logs) -> Curve:
    """The commonest times after which something follows, in seconds."""
    assert logs.followed is not None
    offset = (logs.followed.at - logs.followed.since) // 1000
    return _commonest(offset[offset > 0], 1000)


def _commonest(values: Ints, per: int = 1) -> Curve:
    most = Counter(values.tolist()).most_common(12)
    return [(f"{value / per:g} s", n / max(1, len(values))) for value, n in sorted(most)]


def fractions(logs: Logs) -> Curve:
    """Actions by the tenth of a second."""
    assert logs.actions is not None
    tenth = np.bincount(logs.actions.at % SECOND_US // (SECOND_US // 10), minlength=10)
    return [(f"0.{i}", float(n)) for i, n in enumerate(tenth.tolist())]


_FAMILY = "times made by machines"

METRICS = (
    Metric(
        id="equal_gaps", title="Equal gaps", family=_FAMILY,
        meaning="what part of the times between two actions of a person is, to the second, the same as the one "
        "before, or "
                "as the commonest of all",
        formula="max(gaps equal to the person's gap before, the commonest gap) / gaps of a second or more",
        needs=("actions",), counts="gaps", fewest=200, unit="share", measure=_gaps, curve=common_gaps,
        axes="share of the commonest gaps",
    ),
    Metric(
        id="whole_seconds", title="Whole seconds", family=_FAMILY,
        meaning="what part of actions lies at a whole second, where the app's clock has fractions of one",
        formula="actions without a fraction of a second / actions",
        needs=("actions",), counts="actions", fewest=200, unit="share", measure=_seconds, curve=fractions,
        axes="actions by the fraction of a second",
    ),
    Metric(
        id="same_offset", title="Always so long after", family=_FAMILY,
        meaning="what part of what follows something (an answer, a rating, the next scene) comes exactly as long "
        "after it "
                "as most others do",
        formula="the commonest time from cause to what follows, to the ms / all, of the worst kind",
        needs=("followed",), counts="moments", fewest=FEWEST_FOLLOWED, unit="share", measure=_offsets,
        curve=common_offsets, axes="share of the commonest times after",
    ),
)  # fmt: skip
