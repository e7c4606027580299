"""What a world may declare. Frozen, validated when built; no I/O, no draws."""

from populace.spec.column import (
    NEVER,
    Along,
    Bits,
    Bools,
    Ints,
    Joined,
    Json,
    Key,
    Number,
    Optional,
    Rows,
    Stamp,
    Words,
)
from populace.spec.decision import Chance, Choice, Decision, LogNormal, Measure, RoundedNormal, Uniform
from populace.spec.draw import Draw
from populace.spec.flow import Arrivals, Begun, Course, Flow, Members, Pairs, Quota, Sessions, Settings, Story, Visits
from populace.spec.parameter import Parameter, Value, Values
from populace.spec.table import Column, Mark, Table
from populace.spec.world import Root, Scenario, World

__all__ = [
    "NEVER",
    "Along",
    "Arrivals",
    "Begun",
    "Bits",
    "Bools",
    "Chance",
    "Choice",
    "Column",
    "Course",
    "Decision",
    "Draw",
    "Flow",
    "Ints",
    "Joined",
    "Json",
    "Key",
    "LogNormal",
    "Mark",
    "Measure",
    "Members",
    "Number",
    "Optional",
    "Pairs",
    "Parameter",
    "Quota",
    "Root",
    "RoundedNormal",
    "Rows",
    "Scenario",
    "Sessions",
    "Settings",
    "Stamp",
    "Story",
    "Table",
    "Uniform",
    "Value",
    "Values",
    "Visits",
    "Words",
    "World",
]
