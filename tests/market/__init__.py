"""The stalls with a schema: a world of schedules in a database, named by its path."""

from dataclasses import replace

from stalls import STALLS

WORLD = replace(STALLS, package="market")
