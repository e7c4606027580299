"""The content of Recoverlution: pillars, schemas, families, mindblocks, practices, personas and reflections.

All words live in the CSV files of this folder. A family brings three acts, one per stage, and four pairs of a feared
outcome and its answer; twelve life situations bring the moment. A mindblock is one act, one pair and one situation, put
together here without any chance: the same files give the same 2,400 mindblocks, in the same order, everywhere.
"""

from functools import cache
from typing import NamedTuple

from populace.spec.kit import catalogue as kit
from populace.spec.kit.catalogue import Row, reader

STAGES = {"Knowing": ", perhaps", "Believing": ", even", "Embodying": ""}
"""Each stage and how its act is tied to a moment: what one knows or believes comes with clauses of its own."""
PAIRS, VARIANTS = 4, 3
rows = reader(__package__)


class Pillar(NamedTuple):
    key: str
    legacy_code: str
    title: str
    description: str


class Schema(NamedTuple):
    """`load` says how heavy the subject weighs, from 0 to 2; it adds to a situation's own to give the heat."""

    key: str
    pillar_key: str
    title: str
    description: str
    load: int


class Family(NamedTuple):
    key: str
    schema_key: str
    title: str
    archetype: str
    description: str


class Mindblock(NamedTuple):
    key: str
    family_key: str
    title: str
    limiting_prediction: str
    truth: str
    heat: str
    kbe_stage: str
    notes: str


class Practice(NamedTuple):
    template_id: str
    title: str
    description: str
    scenes: tuple[str, str, str]


class Persona(NamedTuple):
    """`weight` says how often a persona comes, against the others: the mean over all ten is 1.

    answers, latency, hesitation: how readily, how slowly and how haltingly, against the others.
    """

    key: str
    title: str
    description: str
    weight: float
    answers: float
    latency: float
    hesitation: float


@cache
def pillars() -> tuple[Pillar, ...]:
    return tuple(Pillar(**row) for row in rows("pillars"))


@cache
def schemas() -> tuple[Schema, ...]:
    """The twenty schemas; families are listed in the same order, ten for each."""
    entries = rows("schemas")
    return tuple(Schema(r["key"], r["pillar_key"], r["title"], r["description"], int(r["load"])) for r in entries)


@cache
def families() -> tuple[Family, ...]:
    """The 200 families; family i belongs to schema i // 10."""
    return tuple(Family(**row) for row in rows("families"))


@cache
def mindblocks() -> tuple[Mindblock, ...]:
    """The 2,400 mindblocks; mindblock i belongs to family i // 12 and to situation i % 12."""
    phrases = {row["family_key"]: row for row in rows("phrases")}
    loads = {schema.key: schema.load for schema in schemas()}
    situations = rows("situations")
    return tuple(
        _mindblock(family, loads[family.schema_key], phrases[family.key], situation, ordinal, place)
        for ordinal, family in enumerate(families())
        for place, situation in enumerate(situations)
    )


@cache
def practices() -> tuple[Practice, ...]:
    return tuple(
        Practice(r["template_id"], r["title"], r["description"], (r["scene_1"], r["scene_2"], r["scene_3"]))
        for r in rows("practices")
    )


@cache
def personas() -> tuple[Persona, ...]:
    return tuple(
        Persona(
            r["key"],
            r["title"],
            r["description"],
            *(float(r[n]) for n in ("weight", "answers", "latency", "hesitation")),
        )
        for r in rows("personas")
    )


@cache
def reflections() -> tuple[str, ...]:
    return tuple(row["reflection"] for row in rows("reflections"))


@cache
def digest() -> str:
    """SHA-256 of everything above as it is handed out, so that a change of words or of the composition shows."""
    content = (pillars(), schemas(), families(), mindblocks(), practices(), personas(), reflections())
    return kit.digest(*content)


def _mindblock(family: Family, load: int, phrases: Row, situation: Row, ordinal: int, place: int) -> Mindblock:
    """Twelve situations meet 3 acts x 4 pairs, each once in a family (3 and 4 are coprime); families start apart."""
    turn = ordinal + place
    stage, tie = tuple(STAGES.items())[turn % len(STAGES)]
    pair = turn % PAIRS + 1
    variant = (ordinal // len(STAGES) + place) % VARIANTS + 1
    act, moment, heat = phrases[f"act_{stage.lower()}"], situation[f"when_{variant}"], load + int(situation["load"])
    return Mindblock(
        key=f"{family.key}_{situation['key']}".replace("_", "-"),
        family_key=family.key,
        title=f"{family.title} {situation['title_suffix']}",
        limiting_prediction=f"If I {act}{tie} {moment}, {phrases[f'outcome_{pair}']}.",
        truth=f"{situation[f'lead_{variant}']} {phrases[f'reply_{pair}']}.",
        heat="RED" if heat >= 4 else "AMBER" if heat == 3 else "GREEN",
        kbe_stage=stage,
        notes=f"Voice: {family.archetype}. {situation['note']}",
    )
