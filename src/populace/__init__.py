"""Populace gives an app a population; see ARCHITECTURE.md for the house plan."""

__version__ = "0.1.0"
