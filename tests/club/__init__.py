"""The tiny world with a schema: a world of one's own, named by its path."""

from dataclasses import replace

from tiny import CLUB

WORLD = replace(CLUB, package="club")
