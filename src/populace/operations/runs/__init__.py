"""Continues a population: with a resident runner, or for a while at a time."""
