"""What Recoverlution's people work with: the rows of the catalogue. Nothing here is left to chance."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from populace.clock import DAY_US
from populace.spec import Bools, Columns, Draw, Ints, Json, Key, Optional, Rows, TableRows, Words
from populace.worlds.recoverlution import catalogue
from populace.worlds.recoverlution.catalogue import cues, templates

CATALOGUE_AGE_US = 365 * DAY_US
"""The content was there so long before history."""


Entry = TypeVar("Entry")
"""A line of the catalogue."""


def mindblock_key(ordinal: Ints) -> Key:
    """The key of a mindblock."""
    return Key("mindblock_library", ordinal)


def cue_key(ordinal: Ints) -> Key:
    """The key of a cue."""
    return Key("navicues_v2", ordinal)


def pillars(_draw: Draw, ordinal: Ints) -> TableRows:
    """The pillars."""
    entries = catalogue.pillars()
    columns: Columns = {
        "id": Key("pillar_catalog", ordinal),
        "pillar_key": _said(ordinal, entries, lambda e: e.key),
        "legacy_code": _said(ordinal, entries, lambda e: e.legacy_code),
        "title": _said(ordinal, entries, lambda e: e.title),
        "description": _said(ordinal, entries, lambda e: e.description),
        "position": ordinal + 1,
    }
    return {"pillar_catalog": Rows(ordinal, columns)}


def schemas(_draw: Draw, ordinal: Ints) -> TableRows:
    """The schemas, each under its pillar."""
    entries = catalogue.schemas()
    columns: Columns = {
        "id": Key("schema_catalog", ordinal),
        "schema_key": _said(ordinal, entries, lambda e: e.key),
        "title": _said(ordinal, entries, lambda e: e.title),
        "description": _said(ordinal, entries, lambda e: e.description),
        "pillar_id": Key("pillar_catalog", _pillars_of([e.pillar_key for e in entries])[ordinal]),
    }
    return {"schema_catalog": Rows(ordinal, columns)}


def families(_draw: Draw, ordinal: Ints) -> TableRows:
    """The families, ten a schema."""
    entries = catalogue.families()
    columns: Columns = {
        "id": Key("family_catalog", ordinal),
        "family_key": _said(ordinal, entries, lambda e: e.key),
        "schema_id": Key("schema_catalog", _schema_of(ordinal)),
        "title": _said(ordinal, entries, lambda e: e.title),
        "description": _said(ordinal, entries, lambda e: e.description),
        "archetype": _said(ordinal, entries, lambda e: e.archetype),
    }
    return {"family_catalog": Rows(ordinal, columns)}


def mindblocks(draw: Draw, ordinal: Ints) -> TableRows:
    """The mindblocks, twelve a family."""
    entries = catalogue.mindblocks()
    columns: Columns = {
        "id": mindblock_key(ordinal),
        "mindblock_key": _said(ordinal, entries, lambda e: e.key),
        "family_id": Key("family_catalog", ordinal // (len(entries) // len(catalogue.families()))),
        "limiting_prediction": _said(ordinal, entries, lambda e: e.limiting_prediction),
        "truth": _said(ordinal, entries, lambda e: e.truth),
        "heat": _said(ordinal, entries, lambda e: e.heat),
        "kbe_stage": _said(ordinal, entries, lambda e: e.kbe_stage),
        "notes": _said(ordinal, entries, lambda e: e.notes),
        **_stamps(draw, ordinal),
    }
    return {"mindblock_library": Rows(ordinal, columns)}


def practices(draw: Draw, ordinal: Ints) -> TableRows:
    """The short practices."""
    entries = catalogue.practices()
    columns: Columns = {
        "id": _said(ordinal, entries, lambda e: e.template_id),
        "title": _said(ordinal, entries, lambda e: e.title),
        "description": _said(ordinal, entries, lambda e: e.description),
        "status": "active",
        "total_scenes": np.array([len(e.scenes) for e in entries], dtype=np.int64)[ordinal],
        "scenes": _said(ordinal, entries, lambda e: _json(e.scenes)),
        **_stamps(draw, ordinal),
        "source": "populace",
    }
    return {"practice_template": Rows(ordinal, columns)}


def journey_templates(draw: Draw, ordinal: Ints) -> TableRows:
    """The sprints, and the four that one begins with."""
    entries = templates.templates()
    pillar = _pillars_of([e.pillar_key for e in entries])[ordinal]
    columns: Columns = {
        "id": _said(ordinal, entries, lambda e: e.key),
        "pillar_id": Optional(pillar >= 0, Key("pillar_catalog", np.maximum(pillar, 0))),
        "sprint_number": _numbers(ordinal, entries, lambda e: e.sprint_number),
        "title": _said(ordinal, entries, lambda e: e.title),
        "description": _said(ordinal, entries, lambda e: e.description),
        "status": "active",
        "is_onboarding": _flags(ordinal, entries, lambda e: e.is_onboarding),
        "total_scenes": len(templates.scenes()) // len(entries),
        "duration_minutes": _numbers(ordinal, entries, lambda e: e.duration_minutes),
        **_stamps(draw, ordinal),
        "source": "populace",
    }
    return {"journey_template": Rows(ordinal, columns)}


def scenes(draw: Draw, ordinal: Ints) -> TableRows:
    """The scenes of the templates, and what each one's contract expects it to leave behind."""
    entries = templates.scenes()
    place: Columns = {
        "template_id": _said(ordinal, entries, lambda e: e.template_key),
        "scene_number": _numbers(ordinal, entries, lambda e: e.scene_number),
    }
    columns: Columns = {
        "id": Key("journey_template_scene", ordinal),
        **place,
        "scene_key": _said(ordinal, entries, lambda e: e.scene_key),
        "scene_type": _said(ordinal, entries, lambda e: e.scene_type),
        "era_phase": _said(ordinal, entries, lambda e: e.era_phase or None),
        "phase_label": _said(ordinal, entries, lambda e: e.phase_label),
        "title": _said(ordinal, entries, lambda e: e.title),
        "body_md": _said(ordinal, entries, lambda e: e.body_md),
        "prompt_md": _said(ordinal, entries, lambda e: e.prompt_md),
        "has_audio": _flags(ordinal, entries, lambda e: e.has_audio),
        "audio_path": _said(ordinal, entries, lambda e: e.audio_path or None),
        "audio_type": _said(ordinal, entries, lambda e: e.audio_type or None),
        "audio_seconds": Optional(
            _flags(ordinal, entries, lambda e: e.has_audio), _numbers(ordinal, entries, lambda e: e.audio_seconds)
        ),
        "requires_capture": _flags(ordinal, entries, lambda e: e.requires_capture),
        "capture_kind": _said(ordinal, entries, lambda e: e.capture_kind or None),
        "requires_resistance_check": _flags(ordinal, entries, lambda e: e.requires_resistance_check),
        "requires_real_world_trigger": _flags(ordinal, entries, lambda e: e.requires_real_world_trigger),
        "real_world_trigger_hint": _said(ordinal, entries, lambda e: e.real_world_trigger_hint or None),
    }
    contracts: Columns = {
        "id": Key("scene_contracts", ordinal),
        **place,
        "expects_receipt": _flags(ordinal, entries, lambda e: e.expects_receipt),
        "expects_checks": _flags(ordinal, entries, lambda e: e.expects_checks),
        "created_at": _stamps(draw, ordinal)["created_at"],
    }
    return {"journey_template_scene": Rows(ordinal, columns), "scene_contracts": Rows(ordinal, contracts)}


def navicues(draw: Draw, ordinal: Ints) -> TableRows:
    """The cues."""
    entries = cues.cues()
    columns: Columns = {
        "id": cue_key(ordinal),
        "code": _said(ordinal, entries, lambda e: e.code),
        "status": _said(ordinal, entries, lambda e: e.status),
        "kbe_layer": _said(ordinal, entries, lambda e: e.kbe_layer),
        "tier": _said(ordinal, entries, lambda e: e.tier),
        "family": _said(ordinal, entries, lambda e: e.family_key),
        "primary_schema_id": Key("schema_catalog", _schema_of(ordinal // (len(entries) // len(catalogue.families())))),
        "component_type": _said(ordinal, entries, lambda e: e.component_type),
        "default_response_type": _said(ordinal, entries, lambda e: e.default_response_type),
        "intent": _said(ordinal, entries, lambda e: e.intent),
        "safety_notes": _said(ordinal, entries, lambda e: e.safety_notes or None),
        "config": "{}",
        "analytics_config": "{}",
        "tags": Words(ordinal, tuple(e.tags for e in entries)),
        "guidance_mode_key": _said(ordinal, entries, lambda e: e.guidance_mode_key),
        "move_key": _said(ordinal, entries, lambda e: e.move_key),
        "state_band": _said(ordinal, entries, lambda e: e.state_band),
        "receipt_type_keys": Words(ordinal, tuple(e.receipt_type_keys for e in entries)),
        "real_life_check_keys": Words(ordinal, tuple(e.real_life_check_keys for e in entries)),
        **_stamps(draw, ordinal),
    }
    return {"navicues_v2": Rows(ordinal, columns)}


def cue_steps(_draw: Draw, ordinal: Ints) -> TableRows:
    """The steps of the cues."""
    entries = cues.steps()
    columns: Columns = {
        "id": Key("navicue_steps_v2", ordinal),
        "navicue_id": cue_key(_numbers(ordinal, entries, lambda e: e.cue)),
        "step_index": _numbers(ordinal, entries, lambda e: e.step_index),
        "component_type": _said(ordinal, entries, lambda e: e.component_type),
        "response_type": _said(ordinal, entries, lambda e: e.response_type),
        "config": "{}",
    }
    return {"navicue_steps_v2": Rows(ordinal, columns)}


def cue_variants(_draw: Draw, ordinal: Ints) -> TableRows:
    """The wordings of the cues."""
    entries = cues.variants()
    columns: Columns = {
        "id": Key("navicue_variants_v2", ordinal),
        "navicue_id": cue_key(_numbers(ordinal, entries, lambda e: e.cue)),
        "lens": _said(ordinal, entries, lambda e: e.lens),
        "language": _said(ordinal, entries, lambda e: e.language),
        "copy": Json(
            {
                "prompt": _said(ordinal, entries, lambda e: e.prompt),
                "headline": _said(ordinal, entries, lambda e: e.headline),
                "body": _said(ordinal, entries, lambda e: e.body),
            }
        ),
        "is_default": _flags(ordinal, entries, lambda e: e.is_default),
        "version": _numbers(ordinal, entries, lambda e: e.version),
    }
    return {"navicue_variants_v2": Rows(ordinal, columns)}


def cue_targets(_draw: Draw, ordinal: Ints) -> TableRows:
    """What the cues are for: a pillar, a schema, a family or a mindblock each."""
    entries = cues.targets()
    scope = _numbers(ordinal, entries, lambda e: e.scope)

    def of(kind: str, table: str) -> Optional:
        return Optional(_flags(ordinal, entries, lambda e: e.scope_type == kind), Key(table, scope))

    columns: Columns = {
        "id": Key("navicue_targets_v2", ordinal),
        "navicue_id": cue_key(_numbers(ordinal, entries, lambda e: e.cue)),
        "scope_type": _said(ordinal, entries, lambda e: e.scope_type),
        "pillar_id": of("pillar", "pillar_catalog"),
        "schema_id": of("schema", "schema_catalog"),
        "family_id": of("family", "family_catalog"),
        "mindblock_id": of("mindblock", "mindblock_library"),
        "weight": _numbers(ordinal, entries, lambda e: e.weight_percent) / 100,
        "is_primary": _flags(ordinal, entries, lambda e: e.is_primary),
    }
    return {"navicue_targets_v2": Rows(ordinal, columns)}


def _said(ordinal: Ints, entries: Sequence[Entry], of: Callable[[Entry], str | None]) -> Words:
    return Words(ordinal, tuple(of(e) for e in entries))


def _numbers(ordinal: Ints, entries: Sequence[Entry], of: Callable[[Entry], int]) -> Ints:
    return np.array([of(e) for e in entries], dtype=np.int64)[ordinal]


def _flags(ordinal: Ints, entries: Sequence[Entry], of: Callable[[Entry], bool]) -> Bools:
    return np.array([of(e) for e in entries], dtype=np.bool_)[ordinal]


def _stamps(draw: Draw, ordinal: Ints) -> dict[str, Ints]:
    at = np.full(len(ordinal), draw.origin_us - CATALOGUE_AGE_US)
    return {"created_at": at, "updated_at": at}


def _pillars_of(keys: Sequence[str]) -> Ints:
    """The ordinals of pillars; −1 for an entry that belongs to none."""
    places = {p.key: i for i, p in enumerate(catalogue.pillars())} | {"": -1}
    return np.array([places[key] for key in keys], dtype=np.int64)


def _schema_of(family: Ints) -> Ints:
    return family // (len(catalogue.families()) // len(catalogue.schemas()))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
