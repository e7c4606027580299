"""The NaviCues of Recoverlution: as many as documented, in the app's own words, and fit to be read by a person."""

import re
from collections import Counter, defaultdict

import pytest

from populace.worlds.recoverlution import catalogue
from populace.worlds.recoverlution.catalogue import cues, families, mindblocks, pillars, schemas
from populace.worlds.recoverlution.catalogue.cues import Cue, moves, steps, targets, variants, voices

CUES = cues.cues()
MOVES = {
    "orient", "downshift", "make_move", "repair", "name_pattern", "witness", "capture_receipt", "real_life_check",
}  # fmt: skip
VOICES = {
    "clinician_direct", "witness_validate", "coach_action", "sage_perspective", "paradox_tension",
    "nurturer_coregulate", "straight_talk", "elder_wisdom",
}  # fmt: skip
BANDS = {"hot": {"overwhelmed", "activated"}, "warm": {"activated", "calm"}, "cool": {"calm"}}
STAGE_OF = {"learn": "Knowing", "believe": "Believing", "live": "Embodying"}

SENTENCES = [
    *(("prompt", c.prompt) for c in CUES),
    *(("body", c.body) for c in CUES),
    *(("short prompt", v.prompt) for v in variants() if v.lens == "short"),
    *(("short body", v.body) for v in variants() if v.lens == "short"),
    *(("safety notes", c.safety_notes) for c in CUES if c.safety_notes),
    *(("move", m.description) for m in moves()),
    *(("voice", v.description) for v in voices()),
]
FAULTS = re.compile(
    r"[{}<>\[\]_|\"']"  # braces left unfilled, marks of other notations, a straight quotation mark
    r"|\s\s|\s[,.;:?!]|[,;.:?!]{2}|[,;:](?![ ’])|[.?!](?![ ’]|$)"  # spaces and stops
    r"|(?i:\b(\w+) \1\b|\blorem\b|\bTODO\b)"
)


def faults(text: str, longest: int) -> list[str]:
    return [
        *(found[0] for found in FAULTS.finditer(text)),
        *(["first letter"] if not re.match(r"‘?[A-Z]", text) else []),
        *(["end"] if not re.search(r"[.?!]’?$", text) else []),
        *(["length"] if not 15 <= len(text) <= longest else []),
        *(["quotation marks"] if text.count("‘") > len(re.findall(r"’(?![a-z])", text)) else []),
    ]


def test_there_are_as_many_as_documented() -> None:
    assert [len(x) for x in (moves(), voices(), CUES, variants(), targets())] == [8, 8, 3_000, 3_600, 6_100]
    assert 3_000 < len(steps()) <= 9_000


def test_words_of_the_app_are_used_and_all_of_them() -> None:
    assert {m.key for m in moves()} == {c.move_key for c in CUES} == MOVES
    assert {v.key for v in voices()} == {c.guidance_mode_key for c in CUES} == VOICES
    assert {c.kbe_layer for c in CUES} == {"learn", "believe", "live"}
    assert {c.tier for c in CUES} == {"hot", "warm", "cool"}
    assert {c.state_band for c in CUES} == {"calm", "activated", "overwhelmed"}
    assert {c.component_type for c in CUES} == {"card", "slider", "breath", "choice", "journal", "voice"}
    assert {c.default_response_type for c in CUES} == {"tap", "choice", "slider", "text", "voice", "none"}
    assert Counter(c.status for c in CUES) == {"active": 2_890, "draft": 70, "archived": 40}


@pytest.mark.parametrize("field", ["move_key", "guidance_mode_key", "kbe_layer", "tier", "component_type"])
def test_no_word_of_a_vocabulary_is_rare(field: str) -> None:
    counts = Counter(getattr(c, field) for c in CUES)
    assert min(counts.values()) >= 3_000 / len(counts) / 4, counts


@pytest.mark.parametrize(
    "values",
    [[c.code for c in CUES], [c.prompt for c in CUES], [v.prompt for v in variants() if v.lens == "short"]],
    ids=["code", "prompt", "short prompt"],
)
def test_nothing_is_there_twice(values: list[str]) -> None:
    assert [value for value, n in Counter(values).items() if n > 1] == []


def test_a_cue_stands_under_its_family() -> None:
    assert [c.code for c in CUES] == [f"NC-{n:04}" for n in range(1, 3_001)]
    assert [c.family_key for c in CUES] == [families()[i // 15].key for i in range(3_000)]
    assert [c.schema_key for c in CUES] == [families()[i // 15].schema_key for i in range(3_000)]
    assert all(c.tags == (c.family_key, c.schema_key) for c in CUES)


@pytest.mark.parametrize(
    ("field", "fewest"), [("pair", 15), ("headline", 15), ("prompt", 15), ("body", 15), ("move", 8), ("voice", 7)]
)
def test_the_cues_of_a_family_differ(field: str, fewest: int) -> None:
    seen = defaultdict(set)
    for c in CUES:
        values = {"pair": (c.move_key, c.guidance_mode_key), "headline": c.headline, "prompt": c.prompt, "body": c.body}
        values |= {"move": c.move_key, "voice": c.guidance_mode_key}
        seen[c.family_key].add(values[field])
    assert {key: len(values) for key, values in seen.items() if len(values) < fewest} == {}


def test_neighbouring_families_differ_in_voice_place_by_place() -> None:
    same = [i for i in range(2_985) if CUES[i].headline == CUES[i + 15].headline]
    assert same == []


def test_a_template_is_not_worn_out() -> None:
    assert max(Counter(c.headline for c in CUES).values()) <= 20


def test_tier_and_state_band_fit() -> None:
    assert [c.code for c in CUES if c.state_band not in BANDS[c.tier]] == []
    assert {c.tier for c in CUES if c.move_key == "downshift"} == {"hot", "warm"}


def test_a_line_of_care_goes_with_those_who_are_overwhelmed_and_with_no_others() -> None:
    assert [c.code for c in CUES if bool(c.safety_notes) != (c.state_band == "overwhelmed")] == []


def test_keys_are_filled_where_the_move_asks_for_them() -> None:
    for c in CUES:
        assert bool(c.receipt_type_keys) == (c.move_key == "capture_receipt"), c.code
        assert bool(c.real_life_check_keys) == (c.move_key == "real_life_check"), c.code
        for key in (*c.receipt_type_keys, *c.real_life_check_keys):
            assert re.fullmatch(r"[a-z]+(_[a-z]+)*", key), c.code


@pytest.mark.parametrize("kind", sorted({kind for kind, _ in SENTENCES}))
def test_sentences_read_like_sentences(kind: str) -> None:
    longest = 175 if kind in {"prompt", "body"} else 130
    assert [(text, found) for k, text in SENTENCES if k == kind and (found := faults(text, longest))] == []


@pytest.mark.parametrize(
    "text",
    [
        "Can you you rest here for a while?", "Can you rest  here for a while?", "Can you {step} for a while?",
        "can you rest here for a while?", "Can you rest here for a while", "Rest here.", "Lorem ipsum dolor sit amet.",
        "Can you rest here , for a while?", "Can you say ‘I am here for a while?", "Can you rest here,for a while?",
        "Rest here.Then go on for a while.",
    ],
)  # fmt: skip
def test_a_faulty_sentence_is_found(text: str) -> None:
    assert faults(text, 130)


def test_a_prompt_is_one_question_and_a_body_one_or_two_sentences() -> None:
    assert [c.prompt for c in CUES if not c.prompt.endswith("?") or re.search(r"[.?!]", c.prompt[:-1])] == []
    assert [c.body for c in CUES if len(re.findall(r"[.?!]", c.body)) not in (1, 2)] == []


def test_headlines_and_intents_are_short_and_clean() -> None:
    assert [
        c.headline for c in CUES if not re.fullmatch(r"[A-Z][A-Za-z]*(,? [A-Za-z]+(-[a-z]+)?){1,5}", c.headline)
    ] == []
    assert [c.intent for c in CUES if not re.fullmatch(r"[A-Z][A-Za-z ,‘’-]{20,110}[a-z]’?", c.intent)] == []


def test_a_reader_is_spoken_to_and_nobody_says_i_outside_quotation_marks() -> None:
    for c in CUES:
        for text in (c.prompt, c.body):
            assert not re.search(r"\b(I|me|my|myself|mine|am)\b", re.sub(r"‘.*?’(?![a-z])", "", text)), text


def test_every_phrase_of_the_catalogue_is_turned_to_the_reader_whole() -> None:
    phrases = [value for row in catalogue.rows("phrases") for key, value in row.items() if key != "family_key"]
    turned = [re.sub(r"‘.*?’", "", cues._second_person(phrase)) for phrase in phrases]
    wrong = re.compile(r"\b(I|me|my|myself|mine|am|we|us|our)\b")
    assert [phrase for phrase in turned if wrong.search(phrase)] == []


def test_a_family_meets_all_twelve_turns() -> None:
    """An act and an outcome meet in twelve ways; fifteen cues go through all of them, and families start apart."""
    assert all({cues._turn(ordinal, place) for place in range(15)} == set(range(12)) for ordinal in range(200))
    assert all(cues._turn(ordinal, 0) != cues._turn(ordinal + 1, 0) for ordinal in range(199))


def test_a_cue_speaks_of_its_family() -> None:
    """One of the family's own phrases is in every prompt; it is found by its words, whoever says them."""
    own = cues._themes()
    for i, c in enumerate(CUES):
        theme = own[i // 15]
        phrases = [value for key, value in theme.items() if key != "family_key"]
        candidates = [p.replace("'", "’") for phrase in phrases for p in (phrase, cues._second_person(phrase))]
        assert any(p[1:] in c.prompt for p in candidates), c.prompt


@pytest.mark.parametrize(
    ("phrase", "turned"),
    [
        ("I am who I was, and I know it", "you are who you were, and you know it"),
        ("put my trust in me and mine by myself", "put your trust in you and yours by yourself"),
        ("say I love you", "say ‘I love you’"),
        ("hear the word only for what it is", "hear the word ‘only’ for what it is"),
        ("I can say you were right and keep my dignity", "you can say ‘you were right’ and keep your dignity"),
        ("we will grow apart", "the two of you will grow apart"),
        ("patience for me too", "patience for you too"),
    ],
)
def test_a_phrase_is_turned_to_the_reader(phrase: str, turned: str) -> None:
    assert cues._second_person(phrase) == turned


def test_every_family_has_a_theme_and_every_template_is_used() -> None:
    rows = catalogue.rows("cue_themes")
    assert [row["family_key"] for row in rows] == [f.key for f in families()]
    assert [row for row in rows if None in row or not all(row.values())] == []
    assert all(n == 1 for name in ("moment", "pattern", "step") for n in Counter(row[name] for row in rows).values())
    assert {row["headline"] for row in catalogue.rows("cue_phrases")} == {c.headline for c in CUES}
    pairs = Counter((row["move"], row["voice"]) for row in catalogue.rows("cue_phrases"))
    assert set(pairs) == {(move, voice) for move in MOVES for voice in VOICES}
    assert set(pairs.values()) == {3}


def test_steps_follow_the_cue() -> None:
    of: dict[int, list[cues.Step]] = defaultdict(list)
    for step in steps():
        of[step.cue].append(step)
    assert sorted(of) == list(range(3_000))
    for i, c in enumerate(CUES):
        assert [s.step_index for s in of[i]] == list(range(len(of[i]))), c.code
        assert len(of[i]) <= 3, c.code
        assert (of[i][0].component_type, of[i][0].response_type) == (c.component_type, c.default_response_type)
        assert len({s.component_type for s in of[i]}) == len(of[i]), c.code
    assert {s.response_type for s in steps() if s.component_type == "breath"} == {"none"}


def test_the_default_variant_is_the_cue_and_a_short_one_is_shorter() -> None:
    default = {v.cue: v for v in variants() if v.is_default}
    short = {v.cue: v for v in variants() if not v.is_default}
    assert sorted(default) == list(range(3_000))
    assert sorted(short) == list(range(0, 3_000, 5))
    assert all(
        (v.headline, v.prompt, v.body) == (c.headline, c.prompt, c.body)
        for v, c in zip(default.values(), CUES, strict=True)
    )
    assert {v.lens for v in short.values()} == {"short"}
    assert [v for i, v in short.items() if len(v.prompt + v.body) >= len(default[i].prompt + default[i].body)] == []
    assert {v.language for v in variants()} == {"en"}
    assert {v.version for v in variants()} == {1, 2}


def test_targets_are_the_cues_own_ancestors_and_kin() -> None:
    weights = {"family": 100, "schema": 60, "pillar": 30, "mindblock": 80}
    assert Counter(t.scope_type for t in targets()) == {
        "family": 3_000, "schema": 1_500, "pillar": 600, "mindblock": 1_000,
    }  # fmt: skip
    for t in targets():
        c: Cue = CUES[t.cue]
        schema = next(s for s in schemas() if s.key == c.schema_key)
        assert t.weight_percent == weights[t.scope_type]
        assert t.is_primary == (t.scope_type == "family")
        match t.scope_type:
            case "family":
                assert families()[t.scope].key == c.family_key
            case "schema":
                assert schemas()[t.scope].key == c.schema_key
            case "pillar":
                assert pillars()[t.scope].key == schema.pillar_key
            case _:
                assert mindblocks()[t.scope].family_key == c.family_key
                assert mindblocks()[t.scope].kbe_stage == STAGE_OF[c.kbe_layer]


def test_a_targeted_mindblock_has_the_fear_and_the_answer_of_the_cue() -> None:
    for t in targets():
        if t.scope_type == "mindblock":
            ordinal, place = divmod(t.cue, 15)
            slots = cues._slots(cues._themes()[ordinal], cues._turn(ordinal, place))
            assert mindblocks()[t.scope].limiting_prediction.endswith(f", {slots['fear']}.")
            assert mindblocks()[t.scope].truth.endswith(f" {slots['answer']}.")


def test_the_digest_is_of_the_content() -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", cues.digest())
