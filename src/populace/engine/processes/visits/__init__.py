"""Visits that arrive: how many come in a minute, who comes, and how their sessions go."""
