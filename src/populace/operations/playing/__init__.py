"""Visits that a browser plays: claimed, begun and ended, and what is left of them to look at."""
