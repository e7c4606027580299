"""The journeys of Recoverlution: 64 templates of 13 scenes each, and the short texts people leave on the way.

A template brings fifteen phrases of its own in `catalogue/templates.csv`: an opening, its theme, the feeling and where
it sits, the moment and the signal, the old pattern with its origin, thought and cost, the value and what it looks like,
a practice, a step and a sentence to carry. `scene_phrases.csv` frames them with 5 titles, 6 bodies and 7 prompts for
each scene type, taken by place: neighbours differ, and no title, body and prompt meet twice. Nothing is drawn.
Onboarding journeys have a pillar too, the one they lead into; their key and `is_onboarding` distinguish them.
"""

import re
from functools import cache
from typing import NamedTuple

import numpy as np

from populace.spec import Bools
from populace.spec.kit import catalogue as kit
from populace.spec.kit.catalogue import Row
from populace.worlds.recoverlution.catalogue import rows

SCENES = 13
EXPECTING = (2, 3, 4, 6, 7, 8, 10, 11, 12, 13)
"""The scene numbers that can expect a receipt: all but the introduction and the two bridges."""
RECEIPTS, EXTRA_EVERY = 3, 8
"""Scenes of a template that expect a receipt, and which templates have one more: 64 x 3 + 8 are 20 for each number."""
SECONDS_PER_WORD, SHORTEST_S, LONGEST_S = 0.6, 20, 75
"""A calm voice reads a hundred words a minute."""


class Template(NamedTuple):
    key: str
    pillar_key: str
    sprint_number: int
    title: str
    description: str
    is_onboarding: bool
    duration_minutes: int


class Scene(NamedTuple):
    """`expects_receipt` and `expects_checks` say what must be left behind for the scene to be complete."""

    template_key: str
    scene_number: int
    scene_key: str
    scene_type: str
    era_phase: str
    phase_label: str
    title: str
    body_md: str
    prompt_md: str
    has_audio: bool
    audio_path: str
    audio_type: str
    audio_seconds: int
    requires_capture: bool
    capture_kind: str
    requires_resistance_check: bool
    requires_real_world_trigger: bool
    real_world_trigger_hint: str
    expects_receipt: bool
    expects_checks: bool


@cache
def templates() -> tuple[Template, ...]:
    """The 60 sprints, ten to a pillar in the order of the pillars, then the four onboarding journeys."""
    minutes = sum(int(step["minutes"]) for step in rows("arc"))
    return tuple(
        Template(
            r["key"], r["pillar_key"], int(r["sprint_number"]), r["title"], r["description"],
            r["key"].startswith("onb-"), minutes,
        )
        for r in rows("templates")
    )  # fmt: skip


@cache
def scenes() -> tuple[Scene, ...]:
    """The 832 scenes; scene i belongs to template i // 13."""
    arc, banks, receipts = rows("arc"), _banks(), _receipts()
    return tuple(
        _scene(row, step, banks, ordinal, receipts.get((ordinal, int(step["scene_number"])), ""))
        for ordinal, row in enumerate(rows("templates"))
        for step in arc
    )


@cache
def captures() -> dict[str, tuple[str, ...]]:
    """What people leave, by artifact type."""
    return _grouped("captures", "artifact_type")


@cache
def notes() -> dict[str, tuple[str, ...]]:
    """What people note beside a check: `resistance` beside the slider, `trigger` after a moment in real life."""
    return _grouped("notes", "kind")


class Phrase(NamedTuple):
    """A piece of what people write. part: its place in a text, or which slot it fills; about: for whom, or what."""

    part: str
    about: str
    text: str


@cache
def writing() -> tuple[Phrase, ...]:
    return tuple(Phrase(**row) for row in rows("writing"))


@cache
def phrases() -> tuple[Row, ...]:
    """What each template brings of its own, by column."""
    return tuple(rows("templates"))


def own(text: str) -> str:
    """A phrase about the reader as the reader would say it: `the call you put off` is the call I put off."""
    text = re.sub(r"\byourself\b", "myself", re.sub(r"\byour\b", "my", text))
    return re.sub(r"\byou\b", "I", re.sub(r"\byou$", "me", text))


@cache
def digest() -> str:
    """SHA-256 of everything above as it is handed out, so that a change of words or of the composition shows."""
    return kit.digest(templates(), scenes(), captures(), notes(), writing())


def _grouped(name: str, column: str) -> dict[str, tuple[str, ...]]:
    kinds = dict.fromkeys(row[column] for row in rows(name))
    return {kind: tuple(row["text"] for row in rows(name) if row[column] == kind) for kind in kinds}


def _banks() -> dict[tuple[str, str], list[str]]:
    banks: dict[tuple[str, str], list[str]] = {}
    for row in rows("scene_phrases"):
        banks.setdefault((row["scene_type"], row["part"]), []).append(row["text"])
    return banks


def _receipts() -> dict[tuple[int, int], str]:
    """The kind of capture for each template (by place) and scene number that expects one.

    The templates take turns at a list that repeats the ten numbers twenty times. Steps of three (coprime to ten)
    spread a template's over the arc, and every fourth is spoken, one place later in each round.
    """
    kinds, turn = {}, 0
    for ordinal in range(len(templates())):
        for _ in range(RECEIPTS + (ordinal % EXTRA_EVERY == EXTRA_EVERY - 1)):
            number = EXPECTING[turn * 3 % len(EXPECTING)]
            kinds[ordinal, number] = "voice" if (turn + turn // len(EXPECTING)) % 4 == 3 else "text"
            turn += 1
    return kinds


def _scene(row: Row, step: Row, banks: dict[tuple[str, str], list[str]], ordinal: int, capture_kind: str) -> Scene:
    key, number, scene_type = row["key"], int(step["scene_number"]), step["scene_type"]
    words: Row = row | {name.capitalize(): text[:1].upper() + text[1:] for name, text in row.items()}

    def phrase(part: str) -> str:
        bank = banks[scene_type, part]
        return bank[(ordinal + number) % len(bank)].format_map(words)

    title, body, prompt = phrase("title"), phrase("body"), phrase("prompt")
    has_audio = step["has_audio"] == "true"
    seconds = round(len(f"{title} {body} {prompt}".split()) * SECONDS_PER_WORD)
    checks = number == 7 or (number == 3 and ordinal % 2 == 0) or (number == 11 and ordinal % 3 == 0)
    trigger = number in ((11, 13) if ordinal % 2 == 0 else (10,))
    return Scene(
        template_key=key,
        scene_number=number,
        scene_key=f"{key}-{number:02d}",
        scene_type=scene_type,
        era_phase=step["era_phase"],
        phase_label=step["phase_label"],
        title=title,
        body_md=body,
        prompt_md=prompt,
        has_audio=has_audio,
        audio_path=f"audio/{key}/{number:02d}.mp3" if has_audio else "",
        audio_type="narration" if has_audio else "",
        audio_seconds=min(max(seconds, SHORTEST_S), LONGEST_S) if has_audio else 0,
        requires_capture=bool(capture_kind),
        capture_kind=capture_kind,
        requires_resistance_check=checks,
        requires_real_world_trigger=trigger,
        real_world_trigger_hint=phrase("hint") if trigger else "",
        expects_receipt=bool(capture_kind),
        expects_checks=checks,
    )


_SCENES = scenes()

EXPECTS_RECEIPT = np.array([s.expects_receipt for s in _SCENES], dtype=np.bool_)
EXPECTS_CHECKS = np.array([s.expects_checks for s in _SCENES], dtype=np.bool_)
EXPECTS_TRIGGER = np.array([s.requires_real_world_trigger for s in _SCENES], dtype=np.bool_)
IS_SPOKEN = np.array([s.capture_kind == "voice" for s in _SCENES], dtype=np.bool_)
AUDIO_MS = np.array([s.audio_seconds * 1000 for s in _SCENES], dtype=np.int64)
"""0 where a scene has no audio."""

_BY_NUMBER = EXPECTS_RECEIPT.reshape(len(templates()), -1)
MAY_EXPECT_RECEIPT: Bools = np.asarray(_BY_NUMBER.any(axis=0))
"""By scene number − 1: whether some template's contract expects a receipt there."""
CONTRACT_SHARE = float(_BY_NUMBER[:, MAY_EXPECT_RECEIPT].mean())
"""Of the templates that expect a receipt at such a scene number; the same at each of them."""
