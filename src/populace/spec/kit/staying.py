"""How long people stay, as retention is seen to be: many leave at once, and who has stayed goes on staying.

The shifted beta-geometric law (Fader and Hardie 2007): everybody has a chance of their own to leave in each week, and
these chances are Beta distributed.
"""

from __future__ import annotations


def weeks(first: float, spread: float, many: int) -> tuple[float, ...]:
    """Weights of leaving in each of so many weeks, and last of leaving in none of them: for a `Choice`.

    first: who leaves in the first week (0 to 1, not 1). spread: what two weeks of one person have in common, above 0
    and below 1; 0: everybody has the same chance.
    """
    out, there = [], 1.0
    for week in range(many):
        # The chance of those who are still there: of those who stay it is smaller every week.
        more = spread * week / (1 - spread)
        leaves = first / (1 + more) if spread else first
        out.append(there * leaves)
        there *= 1 - leaves
    return (*out, there)
