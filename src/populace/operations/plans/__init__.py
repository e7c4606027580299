"""Worlds that are at hand, and plans: what a seed would write, before anything is written."""
