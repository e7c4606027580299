"""A plan read back from the document that it wrote: of this version and this world, or an error that says why."""

from __future__ import annotations

from collections.abc import Mapping

from populace import clock
from populace.errors import BadInput, Refused, Remedy
from populace.plan.intervention import Intervention, check_changes, check_delegated, check_sessions
from populace.plan.plan import FORMAT, MOST_INTERVENTIONS, Plan, resolve, source_of
from populace.plan.version import ENGINE_VERSION
from populace.spec import World
from populace.spec.given import checked
from populace.spec.source import changes

OTHERWISE = Remedy("cleanup", {"everything": True}, "or {}, and seed again")


def from_document(
    document: Mapping[str, object], world: World, where: str, *, files: str | None = None, otherwise: Remedy = OTHERWISE
) -> Plan:
    """The plan that `document()` described. For errors: files, where those of its world are, and otherwise, what to do
    when they are meant to be others now.

    Raises BadInput when the document is no plan, Refused when it was made by another engine, another version of the
    world or other files of it: such a plan would give other people.
    """
    wanted = {
        "format",
        "engine",
        "world",
        "world_version",
        "words",
        "scenario",
        "seed",
        "epoch",
        "settings",
        "interventions",
    }
    known = isinstance(document, Mapping) and set(document) - {"source", "given"} == wanted
    if not known or document["format"] != FORMAT:
        raise BadInput(
            "this is not a plan of this version of Populace",
            where=where,
            todo=Remedy("plan", {"world": None, "out": None}, "make one with {}"),
        )
    for name, mine in (
        ("engine", ENGINE_VERSION),
        ("world", world.name),
        ("world_version", world.version),
        ("words", world.words_digest),
    ):
        if document[name] != mine:
            raise Refused(
                "the plan is of another world"
                if name == "world"
                else "the plan was made by another version and would give other people",
                where=f"{where}.{name}",
                given=document[name],
                allowed=str(mine),
                todo="continue it with the version of Populace that made it, or seed an empty database",
            )
    if changed := changes(source_of(document), world.source):
        raise Refused(
            "the files of this world have changed since, and would give other people",
            where=files or where,
            given=changed,
            todo=["restore these files", otherwise],
        )
    settings, listed = document["settings"], document["interventions"]
    seed = document["seed"]
    if not isinstance(settings, Mapping) or not isinstance(listed, list) or type(seed) is not int:
        raise BadInput(
            "seed, settings and interventions of a plan are a whole number, an object and a list", where=where
        )
    if set(settings) != {p.path for p in world.parameters}:
        raise BadInput(
            "a plan settles every parameter of its world, and no other",
            where=f"{where}.settings",
            given=", ".join(sorted(set(settings) ^ {p.path for p in world.parameters})),
        )
    interventions = [_intervention(i, world, where) for i in listed]
    numbers = [i.number for i in interventions]
    if len(set(numbers)) < len(numbers) or not all(0 < n < MOST_INTERVENTIONS for n in numbers):
        raise BadInput(
            "interventions have numbers of their own",
            where=f"{where}.interventions",
            given=", ".join(map(str, numbers)),
            allowed=f"from 1 to {MOST_INTERVENTIONS - 1:,}, each once",
        )
    return resolve(
        world,
        str(document["scenario"]),
        seed=seed,
        epoch_us=clock.parse(str(document["epoch"]), where),
        overrides=settings,
        interventions=interventions,
        given=checked(document.get("given", {}), [*world.reads, *(a.reads for a in world.avoids)], f"{where}.given"),
    )


def _intervention(document: object, world: World, where: str) -> Intervention:
    fits = isinstance(document, Mapping) and set(document) - {"sessions", "delegated"} == {"number", "at", "values"}
    if not fits or type(document["number"]) is not int or not isinstance(document["values"], Mapping):  # type: ignore[index]
        raise BadInput("an intervention is an object with number, at and values", where=where, given=document)
    assert isinstance(document, Mapping)
    changes = check_changes(world, document["values"], where)
    sessions = check_sessions(document["sessions"], where) if "sessions" in document else 0
    delegated = check_delegated(document["delegated"], where) if "delegated" in document else ()
    if sessions and world.answering is None:
        raise BadInput(
            "no flow of this world answers a request for sessions", where=f"{where}.sessions", given=sessions
        )
    if delegated and not (world.sessions or world.lifecycles):
        raise BadInput("this world has no visits that could be delegated", where=f"{where}.delegated", given=delegated)
    return Intervention(document["number"], clock.parse(str(document["at"]), where), changes, sessions, delegated)
