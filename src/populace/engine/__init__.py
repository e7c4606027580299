"""Pure array functions: `generate(plan, shard, window)` and what it is made of."""

from populace.engine.counting import DailyCounts
from populace.engine.draw_statistics import DrawStatistics
from populace.engine.draws import Window
from populace.engine.folds import folds, remembering
from populace.engine.generate import generate
from populace.engine.proof import keys
from populace.engine.shards import Shard, cut, shards, whole
from populace.engine.snapshots import Snapshots

__all__ = [
    "DailyCounts",
    "DrawStatistics",
    "Shard",
    "Snapshots",
    "Window",
    "cut",
    "folds",
    "generate",
    "keys",
    "remembering",
    "shards",
    "whole",
]
