"""A workshop whose rows belong to a simulation batch: by a column, by what they refer to, or by nothing but the mark.

Named by its path. It also ships charts, a timing and groups of checks, the least of each.
"""

from __future__ import annotations

import numpy as np

from populace.clock import DAY_US
from populace.spec import (
    Chance,
    Column,
    Columns,
    Draw,
    Ints,
    Key,
    Mark,
    Members,
    Number,
    Parameter,
    Root,
    Rows,
    Scenario,
    Table,
    TableRows,
    Words,
    World,
)

OURS = "substr({}::text, 15, 1) = '8'"
AT = Column("created_at", "timestamptz", moment="happened")
BATCH = Column("batch_id", "uuid", references="public.batches.id")
PIECE = Column("piece_id", "uuid", references="public.pieces.id")


def _at(draw: Draw, ordinal: Ints) -> Ints:
    return np.full(len(ordinal), draw.origin_us - DAY_US)


def platform(draw: Draw, one: Ints) -> TableRows:
    return {"batches": Rows(one, {"id": Key("batches", one), "created_at": _at(draw, one)})}


def tools(draw: Draw, tool: Ints) -> TableRows:
    columns: Columns = {
        "id": Key("tools", tool),
        "name": Words(tool % 2, ("saw", "plane")),
        "created_at": _at(draw, tool),
    }
    return {"tools": Rows(tool, columns)}


def pieces(draw: Draw, piece: Ints) -> TableRows:
    at, batch = _at(draw, piece), Key("batches", np.zeros(len(piece), dtype=np.int64))
    good = draw.chance("good", piece, np.full(len(piece), draw.origin_us))
    return {
        "pieces": Rows(piece, {
            "id": Key("pieces", piece), "batch_id": batch, "good": good.astype(np.int64), "created_at": at,
        }),
        "uses": Rows(piece, {
            "id": Key("uses", piece), "piece_id": Key("pieces", piece), "tool_id": Key("tools", piece % 4),
            "created_at": at,
        }),
        "labels": Rows(piece, {
            "id": Key("labels", piece), "about": Key("pieces", piece), "words": Number(piece), "created_at": at,
        }),
    }  # fmt: skip


def _of_piece(column: str) -> Mark:
    return Mark(
        f"EXISTS (SELECT 1 FROM public.pieces AS p WHERE p.id = t.{column} AND {OURS.format('p.batch_id')})",
        f"{column} names a piece of ours",
    )


WORLD = World(
    name="workshop", title="Workshop", about="pieces that are made in batches", version=1, package="workshop",
    parameters=(
        Parameter(path="pieces", default=20, low=1, high=1000, means="pieces"),
        Parameter(path="days", default=1, low=1, high=30, means="history"),
    ),
    decisions=(Chance("good", 0.5),),
    roots=(Root(name="platform", size=1), Root(name="tool", size=4), Root(name="piece", size="pieces")),
    people_root="piece",
    tables=(
        Table(name="batches", key=("id",), root="platform", columns=(Column("id", "uuid"), AT),
              mark=Mark(OURS.format("t.id"), "its id is a version-8 uuid")),
        Table(name="tools", key=("id",), root="tool", columns=(Column("id", "uuid"), Column("name", "text"), AT),
              mark=Mark(OURS.format("t.id"), "its id is a version-8 uuid")),
        Table(name="pieces", key=("id",), root="piece",
              columns=(Column("id", "uuid"), BATCH, Column("good", "int4"), AT),
              mark=Mark(OURS.format("t.batch_id"), "its batch is ours")),
        Table(name="uses", key=("id",), root="piece", mark=_of_piece("piece_id"),
              columns=(Column("id", "uuid"), PIECE, Column("tool_id", "uuid", references="public.tools.id"), AT)),
        # What it is about is no declared reference: only the mark leads to the piece, and so to the batch.
        Table(name="labels", key=("id",), root="piece", mark=_of_piece("about"),
              columns=(Column("id", "uuid"), Column("about", "uuid"), Column("words", "text"), AT)),
    ),
    flows=(
        Members("platform", "platform", ("batches",), platform),
        Members("tools", "tool", ("tools",), tools),
        Members("pieces", "piece", ("pieces", "uses", "labels"), pieces),
    ),
    scenarios=(Scenario(name="default", about="as declared"),),
    default_scenario="default", history_days="days", horizon_us=DAY_US, batches="batches",
)  # fmt: skip
