"""The 3,000 NaviCues of Recoverlution: short prompts, fifteen a family, with steps, variants and targets.

A cue is a move in a voice. Each of the 64 pairs has three templates in `catalogue/cue_phrases.csv`; they are filled
with the family's own phrases, turned from the first person to the second, and with its moment, pattern and step from
`catalogue/cue_themes.csv`. As in `catalogue.py` nothing is left to chance: a cue's number decides every word of it.
"""

import re
from functools import cache
from typing import NamedTuple

from populace.spec.kit import catalogue as kit
from populace.spec.kit.catalogue import Row
from populace.worlds.recoverlution.catalogue import STAGES, Family, families, pillars, rows, schemas

CUES_PER_FAMILY, TURNS = 15, 12
LAYERS = ("learn", "believe", "live")
RESPONSES = {
    "card": "tap", "choice": "choice", "slider": "slider", "journal": "text", "voice": "voice", "breath": "none",
}  # fmt: skip
"""Each kind of component and the answer it takes."""
SAID = re.compile(r"\b(say |word )(me too|I love you|I see it differently|you were right|only)\b")
"""Words that somebody says within a phrase: they are set in quotation marks and keep their own person."""
PERSON = {
    "I am": "you are", "am I": "are you", "and am": "and are", "I really am": "you really are", "I was": "you were",
    "I": "you", "me": "you", "my": "your", "mine": "yours", "myself": "yourself", "one's": "your",
    "oneself": "yourself", "our": "your", "we": "the two of you", "us": "the two of you", "us all": "you all",
    "both of us": "both of you", "we can both": "you can both",
    "what we have in common": "what you and others have in common",
}  # fmt: skip
"""From the first person to the second; of two entries that fit, the longer holds."""
PRONOUN = re.compile(r"‘[^’]*’|\b(?:" + "|".join(sorted(PERSON, key=len, reverse=True)) + r")\b")


class Move(NamedTuple):
    """`heat` says how stirred up someone may be when it is offered, from 0 to 2; `then` is what follows the cue."""

    key: str
    title: str
    description: str
    heat: int
    then: tuple[str, ...]
    intent: str
    short: str


class Voice(NamedTuple):
    key: str
    title: str
    description: str


class Cue(NamedTuple):
    code: str
    family_key: str
    schema_key: str
    status: str
    kbe_layer: str
    tier: str
    state_band: str
    move_key: str
    guidance_mode_key: str
    component_type: str
    default_response_type: str
    intent: str
    safety_notes: str
    receipt_type_keys: tuple[str, ...]
    real_life_check_keys: tuple[str, ...]
    tags: tuple[str, ...]
    headline: str
    prompt: str
    body: str


class Step(NamedTuple):
    """`cue` is the ordinal of the cue, from 0; so it is in a variant and a target."""

    cue: int
    step_index: int
    component_type: str
    response_type: str


class Variant(NamedTuple):
    cue: int
    lens: str
    language: str
    headline: str
    prompt: str
    body: str
    is_default: bool
    version: int


class Target(NamedTuple):
    """`scope` is an ordinal in the catalogue, among the families, schemas, pillars or mindblocks."""

    cue: int
    scope_type: str
    scope: int
    weight_percent: int
    is_primary: bool


@cache
def moves() -> tuple[Move, ...]:
    return tuple(
        Move(r["key"], r["title"], r["description"], int(r["heat"]), tuple(r["then"].split()), r["intent"], r["short"])
        for r in rows("moves")
    )


@cache
def voices() -> tuple[Voice, ...]:
    return tuple(Voice(**row) for row in rows("voices"))


@cache
def cues() -> tuple[Cue, ...]:
    """The 3,000 cues; cue i belongs to family i // 15."""
    themes = _themes()
    return tuple(
        _cue(family, themes[ordinal], ordinal, place)
        for ordinal, family in enumerate(families())
        for place in range(CUES_PER_FAMILY)
    )


@cache
def steps() -> tuple[Step, ...]:
    """One to three steps a cue: its own component, then those of its move which differ from it."""
    then = {move.key: move.then for move in moves()}
    return tuple(
        Step(i, index, component, RESPONSES[component])
        for i, cue in enumerate(cues())
        for index, component in enumerate(dict.fromkeys((cue.component_type, *then[cue.move_key])))
    )


@cache
def variants() -> tuple[Variant, ...]:
    """Every cue's own copy, some of it revised once, and for every fifth cue a short one as well."""
    short, themes = {move.key: move.short for move in moves()}, _themes()
    found = []
    for i, cue in enumerate(cues()):
        found.append(Variant(i, "standard", "en", cue.headline, cue.prompt, cue.body, True, 2 if i % 7 == 3 else 1))
        if i % 5 == 0:
            ordinal, place = divmod(i, CUES_PER_FAMILY)
            slots = _slots(themes[ordinal], _turn(ordinal, place))
            prompt, body = _fill(short[cue.move_key], slots), _fill("{Reply}.", slots)
            found.append(Variant(i, "short", "en", cue.headline, prompt, body, False, 1))
    return tuple(found)


@cache
def targets() -> tuple[Target, ...]:
    """A cue's family, and for some its schema, its pillar and the mindblock made of the same act and outcome."""
    schema_of = {schema.key: i for i, schema in enumerate(schemas())}
    pillar_of = {pillar.key: i for i, pillar in enumerate(pillars())}
    found = []
    for i, cue in enumerate(cues()):
        ordinal, place = divmod(i, CUES_PER_FAMILY)
        schema = schema_of[cue.schema_key]
        found.append(Target(i, "family", ordinal, 100, True))
        if i % 2 == 0:
            found.append(Target(i, "schema", schema, 60, False))
        if i % 5 == 0:
            found.append(Target(i, "pillar", pillar_of[schemas()[schema].pillar_key], 30, False))
        if i % 3 == 0:
            mindblock = ordinal * TURNS + (_turn(ordinal, place) - ordinal) % TURNS
            found.append(Target(i, "mindblock", mindblock, 80, False))
    return tuple(found)


@cache
def digest() -> str:
    """SHA-256 of everything above as it is handed out."""
    return kit.digest(moves(), voices(), cues(), steps(), variants(), targets())


@cache
def _themes() -> tuple[Row, ...]:
    """The phrases of each family, those of the catalogue and those for cues in one row."""
    return tuple({**a, **b} for a, b in zip(rows("phrases"), rows("cue_themes"), strict=True))


@cache
def _templates() -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows("cue_phrases"):
        found.setdefault((row["move"], row["voice"]), []).append(row)
    return found


@cache
def _tones(voice: str, place: str) -> list[str]:
    return [row["line"] for row in rows("cue_tones") if (row["voice"], row["place"]) == (voice, place)]


@cache
def _safety() -> list[str]:
    return [row["line"] for row in rows("cue_safety")]


def _turn(ordinal: int, place: int) -> int:
    """Which of the twelve pairs of an act and an outcome, as a mindblock's: act `turn % 3`, outcome `turn % 4`."""
    return (2 * ordinal + 5 * place) % TURNS


def _second_person(phrase: str) -> str:
    quoted = SAID.sub(r"\1‘\2’", phrase)
    return PRONOUN.sub(lambda found: PERSON.get(found[0], found[0]), quoted)


def _slots(theme: Row, turn: int) -> Row:
    """What a template may ask for: lower-case phrases, and the same with a capital under a capitalised name."""
    act, pair = theme[f"act_{tuple(STAGES)[turn % 3].lower()}"], turn % 4 + 1
    slots = {"moment": theme["moment"], "step": theme["step"], "habit": theme["pattern"]}
    slots |= {
        "pattern": _second_person(theme["pattern"]),
        "fear": theme[f"outcome_{pair}"],
        "answer": theme[f"reply_{pair}"],
        "act": _second_person(act),
    }
    slots |= {"outcome": _second_person(slots["fear"]), "reply": _second_person(slots["answer"])}
    return slots | {name.capitalize(): phrase[0].upper() + phrase[1:] for name, phrase in slots.items()}


def _fill(template: str, slots: Row) -> str:
    """The finished text, with typographic apostrophes to go with its quotation marks."""
    return template.format_map(slots).replace("'", "’")


def _cue(family: Family, theme: Row, ordinal: int, place: int) -> Cue:
    """Fifteen cues in a row meet fifteen of the 64 pairs of a move and a voice; each lap swaps the template."""
    number = ordinal * CUES_PER_FAMILY + place
    lap, pair = divmod(number, len(moves()) * len(voices()))
    move, voice = moves()[pair % len(moves())], voices()[(3 * pair + pair // len(moves())) % len(voices())]
    template = _templates()[move.key, voice.key][lap % 3]
    turn = _turn(ordinal, place)
    slots = _slots(theme, turn)
    heat = move.heat + schemas()[ordinal // 10].load
    tier = "hot" if heat >= 3 else "warm" if heat == 2 else "cool"
    overwhelmed, stirred = tier == "hot" and move.heat == 2, tier == "hot" or (tier == "warm" and move.heat > 0)
    keys = tuple(template["keys"].split())
    return Cue(
        code=f"NC-{number + 1:04}",
        family_key=family.key,
        schema_key=family.schema_key,
        status="archived" if (number + 1) % 75 == 0 else "draft" if (number + 1) % 40 == 0 else "active",
        kbe_layer=LAYERS[turn % len(LAYERS)],
        tier=tier,
        state_band="overwhelmed" if overwhelmed else "activated" if stirred else "calm",
        move_key=move.key,
        guidance_mode_key=voice.key,
        component_type=template["component"],
        default_response_type=RESPONSES[template["component"]],
        intent=_fill(move.intent, slots),
        safety_notes=_safety()[(ordinal + place) % len(_safety())] if overwhelmed else "",
        receipt_type_keys=keys if move.key == "capture_receipt" else (),
        real_life_check_keys=keys if move.key == "real_life_check" else (),
        tags=(family.key, family.schema_key),
        headline=_fill(template["headline"], slots),
        prompt=_fill(template["prompt"], slots),
        body=_fill(_body(template, 2 * ordinal + place), slots),
    )


def _body(template: Row, nth: int) -> str:
    """One or two sentences: the template's, after an opening, before a closing or beside the answer to its fear."""
    openings, closings = _tones(template["voice"], "opening"), _tones(template["voice"], "closing")
    if nth % 3 == 0:
        return f"{openings[nth % len(openings)]} {template['body']}"
    if nth % 3 == 1:
        return f"{template['body']} {closings[nth % len(closings)]}"
    feared = "{outcome}" in template["prompt"] and "{reply}" not in template["prompt"]
    return f"{template['body']} {{Reply}}." if feared and template["move"] != "real_life_check" else template["body"]
