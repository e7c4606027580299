"""Numbers that no plan changes: where in a scene something happens, how long engagements last, how old things are."""

from __future__ import annotations

from populace.clock import DAY_US, MINUTE_US

AUDIO_BEGINS_MS = 800
"""The audio of a scene begins so long after the scene."""
CHECK_AT, CAPTURE_AT, TRIGGER_AT = 60, 80, 90
"""How far into a scene, in percent, someone answers its check, leaves an artifact, and meets real life."""
DAY_CURVE = (0.9, 0.7, *(0.5,) * 8, 0.7, 0.9, 1.1, 1.2, *(1.3,) * 8, 1.2, 1.1)
"""Factors of the rate by hour (UTC): 130 % from 14 to 22, 50 % from 2 to 10 (runner), even steps between."""
FIRST_HOUR, LAST_HOUR = 8, 21
SEED_HOURS = tuple(int(FIRST_HOUR <= hour <= LAST_HOUR) for hour in range(24))
"""Engagements of history begin in these hours, both included, as often at any of them (seed function)."""
SHORTEST_S, LONGEST_S = 15, 1_800
"""Bounds of the time to complete a mindblock (seed function)."""
CUE_AT = 25
"""How far into a scene, in percent, its cue is shown."""
BANDS = {
    "resistance": (5, 7, False),
    "choice_access": (6, 3, True),
    "shame_threat": (5, 7, False),
    "connection": (5, 3, True),
}
"""Signals that vote on arousal: below the first number it is green (from it on, where more is better), from the second
on red (below it, where more is better), amber between. Fusion does not vote.
"""
FUSED_FROM = 8
"""From this on fusion calls for a downshift first."""
ORGANIZATION_AGE_US = 180 * DAY_US
"""Organisations were there so long before history."""
RUN_AFTER_US, RUN_SCENE_US = 5 * MINUTE_US, 3 * MINUTE_US
"""A legacy run begins so long after its person joined, and its scenes last so long."""
ZONES = ("America/New_York", "America/Chicago", "America/Denver")
"""Where the organisations are, and their people."""
READING_HOURS = (0, 0, 0, 0, 0, 0, 2, 4, 5, 4, 3, 3, 4, 3, 3, 3, 4, 5, 6, 8, 9, 8, 5, 2)
"""When people of whom a zone is known engage, by the hour there: in the morning, and most of all in the evening."""
LIVED_HOURS = (1.3, 0.8, 0.5, 0.4, 0.4, 0.7, 2.0, 3.8, 4.4, 3.9, 3.4, 3.3, 3.8, 3.5, 3.3, 3.5, 4.0, 4.6, 5.4, 6.8, 7.7,
               7.3, 5.1, 2.8)  # fmt: skip
"""When people who differ come, by the hour where they live: as wellness apps are used, few at night but not nobody."""
UTC_BEHIND_HOURS = ((4, 0.3), (5, 0.45), (6, 0.2), (7, 0.05))
"""How many hours people's clocks are behind UTC, and the share of them, over a year with its summer time."""
WEEKDAYS = (1.16, 1.08, 1.03, 1.0, 0.9, 0.83, 1.02)
"""How many come on a day, against others, where people differ: most on a Monday, as with good intentions."""
HOLIDAYS = ((1, 1, 1.25), (1, 2, 1.3), (1, 3, 1.2), (7, 4, 0.75), (12, 24, 0.7), (12, 25, 0.65), (12, 31, 0.7))
YEARS_OF_SIGN_UPS = 2
"""So long after the epoch people go on signing up, where they differ."""
SHORT_OF, OPENS_OF, SLIPS_OF = 13, 2, 12
"""Of so many texts one is short, one says first when it was, and one is typed in a hurry."""
PLAIN_ENDS = 3
"""As so many of its phrases counts that a text ends with a full stop alone."""
LOW_TO, HIGH_FROM = 4, 7
"""Of what people answer from 0 to 10: what is little, and what is much."""
