"""Worlds written as data: what was understood of an app's database (`schema.json`) and how its rows are filled and live
(`world.toml`), compiled to a `spec.World`. No row and no database is read here."""

FILE = "world.toml"
"""How the rows of a world are filled and live, in its folder."""
