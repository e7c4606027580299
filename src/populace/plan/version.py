"""The engine's version: part of every plan.

Raised when the same plan would give other rows: a change of the hash, of the layout of addresses, of how a draw is
made or of how keys are made. A target made by another engine version is refused, never continued with other people.
"""

ENGINE_VERSION = 2
