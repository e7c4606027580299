"""What people write in their own words: captures, notes, what happened to them, and what they think of a mindblock.

Each text is a handful of choices from `catalogue/writing.csv`: how it begins, what it says, how it ends. What fills the
slots is the writer's own: the journey that they are in, who is around them, the hour of their day; its tone follows how
they are. Nothing of it has a declared probability.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np

from populace.clock import HOUR_US
from populace.spec import Draw, Ints, Joined, Words, zones
from populace.spec.draw import Address
from populace.spec.kit.phrases import Part, hurried, joined
from populace.spec.kit.words import Lists
from populace.worlds.recoverlution import catalogue, people
from populace.worlds.recoverlution.behaviour.walk import ARTIFACTS
from populace.worlds.recoverlution.catalogue import templates
from populace.worlds.recoverlution.parameters import PRACTICES
from populace.worlds.recoverlution.parameters.fixed import (
    HIGH_FROM,
    LOW_TO,
    OPENS_OF,
    PLAIN_ENDS,
    SHORT_OF,
    SLIPS_OF,
    ZONES,
)

PARTS_OF_DAY = ("night", "morning", "afternoon", "evening")
_PART_OF_HOUR = np.repeat([0, 1, 2, 3, 0], [5, 7, 5, 6, 1])
_CIRCLES = ("paired", "single")
_KINDS = ("sprint", "practice")
_LEVELS = ("low", "middle", "high")
_OF_TEMPLATE = ("theme", "feeling", "value", "thought", "carry")
_LIVED, _PLANNED = (ARTIFACTS.index("reflection"), ARTIFACTS.index("practice")), ARTIFACTS.index("commitment")


def captures(
    draw: Draw, person: Ints, at: Ints, address: Address, template: Ints, artifact: Ints, strength: Ints
) -> Joined:
    """What somebody leaves in a scene. template: of practices first. artifact: its kind. strength: 0 to 10."""
    words = _slots(draw, person, address) | _journey(draw, template, address)
    short = draw.below("capture.text.short", SHORT_OF, address) == 0
    opens, begins = _opening(draw, person, at, address, words, short)
    kind = np.where(short, len(ARTIFACTS) * len(_KINDS), artifact * len(_KINDS) + (template < PRACTICES))
    core, _ = _cores().said(draw, "capture.text", kind, address, words, capital=begins, slips=_slips(draw, address))
    # What is planned, or understood, ends in its own way; what was lived through ends as it was.
    ending = np.where(np.isin(artifact, _LIVED), _level(strength), len(_LEVELS) + (artifact == _PLANNED))
    tone = np.where(short, len(_LEVELS) + 2, ending)
    ends, _ = _ends().said(draw, "capture.text.end", tone, address, words)
    return joined(opens, core, ends)


def notes(draw: Draw, person: Ints, address: Address, template: Ints, value: Ints) -> Joined:
    """What somebody says about what they resist. value: how much, 0 to 10."""
    words = _slots(draw, person, address) | _journey(draw, template, address)
    core, _ = _levels().said(draw, "note.text", _level(value), address, words, capital=1, slips=_slips(draw, address))
    ends, _ = _alone("noteend").said(draw, "note.text.end", 0 * value, address, words)
    return joined(core, ends)


def events(draw: Draw, person: Ints, address: Address, template: Ints) -> Joined:
    """What happened to somebody that a scene had asked to watch for."""
    words = _slots(draw, person, address) | _journey(draw, template, address)
    begins = (draw.below("text.opens", OPENS_OF, address) > 0).astype(np.int64)
    opens, _ = _when().said(draw, "event.text.open", begins, address, words)
    core, _ = _alone("event").said(
        draw, "event.text", 0 * person, address, words, capital=begins, slips=_slips(draw, address)
    )
    ends, _ = _alone("eventend").said(draw, "event.text.end", 0 * person, address, words)
    return joined(opens, core, ends)


def reflections(draw: Draw, person: Ints, at: Ints, address: Address, mindblock: Ints) -> Joined:
    """What somebody thinks of a mindblock that they have finished."""
    words = _slots(draw, person, address)
    words["title"] = Words(mindblock, tuple(m.title for m in catalogue.mindblocks()))
    a_family = len(catalogue.mindblocks()) // len(catalogue.families())
    words["family"] = Words(mindblock // a_family, _family_words())
    opens, begins = _opening(draw, person, at, address, words, np.zeros(len(person), dtype=np.bool_))
    core, _ = _alone("reflect").said(
        draw, "reflect.text", 0 * person, address, words, capital=begins, slips=_slips(draw, address)
    )
    ends, _ = _ends().said(draw, "reflect.text.end", 0 * person + 1, address, words)
    return joined(opens, core, ends)


def _opening(
    draw: Draw, person: Ints, at: Ints, address: Address, words: Mapping[str, Words], without: np.ndarray
) -> tuple[tuple[Words, ...], Ints]:
    """How some texts begin, by the part of the day where somebody is; and 1 for those that do not."""
    local = zones.local(ZONES, people.zone(draw, person), at)
    begins = without | (draw.below("text.opens", OPENS_OF, address) > 0)
    part = np.where(begins, len(PARTS_OF_DAY), _PART_OF_HOUR[local // HOUR_US % 24])
    opens, _ = _opens().said(draw, "text.open", part, address, words)
    return opens, begins.astype(np.int64)


def _level(of_ten: Ints) -> Ints:
    """A position in _LEVELS."""
    return np.where(of_ten >= HIGH_FROM, 2, np.where(of_ten <= LOW_TO, 0, 1))


def _slips(draw: Draw, address: Address) -> Ints:
    """How each text is misspelt, 0 for not at all."""
    return hurried(draw, "text.slip", SLIPS_OF, address)


def _slots(draw: Draw, person: Ints, address: Address) -> dict[str, Words]:
    """What fills the slots that no situation decides. Who is around somebody stays the same for life."""
    circle = draw.below("own.circle", len(_CIRCLES), person)
    out: dict[str, Words] = {}
    for name, lists in _fillers().items():
        group = circle if name == "who" else 0 * circle
        out[name], out[f"{name}2"] = lists.drawn(draw, f"text.{name}", group, address)
    return out


def _journey(draw: Draw, template: Ints, address: Address) -> dict[str, Words]:
    """The words of the journey that somebody is in: what it is about."""
    own = np.maximum(template - PRACTICES, 0)
    out = {name: Words(own, _template_words()[name]) for name in _OF_TEMPLATE}
    out["subject"], _ = _subjects().drawn(draw, "text.subject", np.minimum(template, PRACTICES - 1), address)
    return out


@cache
def _texts(part: str, about: str) -> tuple[str, ...]:
    return tuple(t.text for t in templates.writing() if (t.part, t.about) == (part, about))


@cache
def _fillers() -> Mapping[str, Lists]:
    names = dict.fromkeys(
        t.part.removeprefix("slot.") for t in templates.writing() if t.part.startswith("slot.") and t.about == "any"
    )
    return {
        name: Lists.of([(*_texts(f"slot.{name}", "any"), *_texts(f"slot.{name}", one)) for one in _CIRCLES])
        for name in names
    }


@cache
def _subjects() -> Lists:
    return Lists.of([_texts("slot.subject", p.template_id) for p in catalogue.practices()])


@cache
def _template_words() -> Mapping[str, tuple[str, ...]]:
    return {name: tuple(templates.own(row[name]) for row in templates.phrases()) for name in _OF_TEMPLATE}


@cache
def _family_words() -> tuple[str, ...]:
    return tuple(family.title.lower() for family in catalogue.families())


@cache
def _cores() -> Part:
    kinds = [_texts(f"core.{artifact}", kind) for artifact in ARTIFACTS for kind in _KINDS]
    return Part.of([*kinds, _texts("short", "any")], slots=True)


@cache
def _ends() -> Part:
    plain, every = (".",) * PLAIN_ENDS, _texts("end", "any")
    lived = [(*every, *_texts("end", tone), *plain) for tone in ("calm", "none", "strong")]
    return Part.of([*lived, (*_texts("endinsight", "any"), *plain), (*_texts("endplan", "any"), *plain), ("",)])


@cache
def _levels() -> Part:
    return Part.of([_texts("note", level) for level in _LEVELS], slots=True)


@cache
def _alone(part: str) -> Part:
    return Part.of([_texts(part, "any")], slots=True)


@cache
def _opens() -> Part:
    return Part.of([*(_before("open", part) for part in PARTS_OF_DAY), ("",)])


@cache
def _when() -> Part:
    return Part.of([_before("eventopen", "any"), ("",)])


def _before(part: str, about: str) -> tuple[str, ...]:
    return tuple(f"{text} " for text in _texts(part, about))
