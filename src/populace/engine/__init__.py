"""Pure array functions: `generate(plan, shard, window)` and what it is made of."""

from populace.engine.accounts import Accounts
from populace.engine.draws import Window
from populace.engine.generate import Daily, generate
from populace.engine.shards import Shard, cut, shards, whole
from populace.engine.snapshots import Snapshots

__all__ = ["Accounts", "Daily", "Shard", "Snapshots", "Window", "cut", "generate", "shards", "whole"]
