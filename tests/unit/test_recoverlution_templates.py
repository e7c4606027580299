"""The journeys of Recoverlution: the arc, the contracts to the scene, and words that are fit to be read by a person."""

import re
from collections import Counter
from itertools import pairwise
from string import Formatter

import pytest

from populace.worlds.recoverlution.catalogue import pillars, rows
from populace.worlds.recoverlution.catalogue.templates import Scene, captures, digest, notes, scenes, templates

ARC = [
    ("introduction", "", "3"), ("experience_teaching", "E", "5"), ("experience_cue", "E", "1"),
    ("experience_reflection", "E", "3"), ("bridge_e_to_r", "", "3"), ("recognize_teaching", "R", "5"),
    ("recognize_cue", "R", "1"), ("recognize_reflection", "R", "3"), ("bridge_r_to_a", "", "3"),
    ("align_teaching", "A", "5"), ("align_cue", "A", "1"), ("align_reflection", "A", "3"),
    ("integration", "Integrate", "5"),
]  # fmt: skip
EXPECTING = {2, 3, 4, 6, 7, 8, 10, 11, 12, 13}
SPOKEN = {1, 2, 6, 10}
CLAUSES = ("theme", "feeling", "moment", "cue", "pattern", "value", "practice", "step")
"""Phrases that stand inside a sentence: lower case, no stop."""
SENTENCES = ("opening", "felt", "origin", "cost", "looks", "description")
SAID = ("thought", "carry")
"""Sentences in the first person, set in italics: a capital, no stop."""
WRONG = r"\s\s|^\s|\s$|\s[,.;:?]|[,.;:?]{2}|[,;:](?! )|[{}<>\[\]_|\"]{2}|[{}_|]|\bTODO\b|(?i:\b(\w+) \1\b)|(?i:lorem)"
ENDS = r"[.?!]\*?|\*\."

TEXTS = [
    *(("body", s.scene_key, s.body_md) for s in scenes()),
    *(("prompt", s.scene_key, s.prompt_md) for s in scenes()),
    *(("hint", s.scene_key, s.real_world_trigger_hint) for s in scenes() if s.requires_real_world_trigger),
    *(("description", t.key, t.description) for t in templates()),
    *(("capture", kind, text) for kind, texts in captures().items() for text in texts),
    *(("note", kind, text) for kind, texts in notes().items() for text in texts),
]
LENGTHS = {
    "body": (90, 420), "prompt": (15, 110), "hint": (30, 160), "description": (25, 110), "capture": (25, 110),
    "note": (15, 110),
}  # fmt: skip


def journeys() -> list[tuple[Scene, ...]]:
    return [scenes()[i : i + 13] for i in range(0, len(scenes()), 13)]


def test_sixty_sprints_under_their_pillars_and_four_for_onboarding() -> None:
    sprints, onboarding = templates()[:60], templates()[60:]
    assert [t.pillar_key for t in sprints] == [p.key for p in pillars() for _ in range(10)]
    assert [t.sprint_number for t in sprints] == list(range(1, 11)) * 6
    assert [t.sprint_number for t in onboarding] == [1, 2, 3, 4]
    assert [t.is_onboarding for t in templates()] == [False] * 60 + [True] * 4
    assert {t.pillar_key for t in onboarding} < {p.key for p in pillars()}
    codes = {p.key: p.legacy_code.lower() for p in pillars()}
    for t in templates():
        code = "onb" if t.is_onboarding else codes[t.pillar_key]
        assert re.fullmatch(rf"{code}-{t.sprint_number:02d}(-[a-z]+)+", t.key), t.key


def test_every_journey_follows_the_arc() -> None:
    assert len(scenes()) == 832
    assert [(r["scene_type"], r["era_phase"], r["minutes"]) for r in rows("arc")] == ARC
    assert {t.duration_minutes for t in templates()} == {41}
    for template, journey in zip(templates(), journeys(), strict=True):
        assert {s.template_key for s in journey} == {template.key}
        assert [s.scene_number for s in journey] == list(range(1, 14))
        assert [(s.scene_type, s.era_phase) for s in journey] == [step[:2] for step in ARC]
        assert [s.scene_key for s in journey] == [f"{template.key}-{n:02d}" for n in range(1, 14)]


@pytest.mark.parametrize(
    "values",
    [
        [t.key for t in templates()],
        [t.title for t in templates()],
        [t.description for t in templates()],
        [s.scene_key for s in scenes()],
        [s.body_md for s in scenes()],
        [s.audio_path for s in scenes() if s.has_audio],
        [text for texts in captures().values() for text in texts],
        [text for texts in notes().values() for text in texts],
        *([row[column] for row in rows("templates")] for column in (*CLAUSES, *SENTENCES, *SAID)),
        [row["scene_type"] + row["text"] for row in rows("scene_phrases")],
    ],
    ids=lambda values: values[0][:30],
)
def test_nothing_is_there_twice(values: list[str]) -> None:
    assert [value for value, n in Counter(values).items() if n > 1] == []


def test_no_title_or_prompt_comes_twice_in_a_journey() -> None:
    for journey in journeys():
        assert len({s.title for s in journey}) == 13, journey[0].template_key
        assert len({s.prompt_md for s in journey}) == 13, journey[0].template_key


@pytest.mark.parametrize(("part", "sizes"), [("title", 5), ("body_md", 6), ("prompt_md", 7)])
def test_neighbours_are_framed_differently(part: str, sizes: int) -> None:
    """Each scene comes of one frame of its bank; all frames are in use, and two journeys in a row share none."""
    banks: dict[str, list[str]] = {}
    for row in rows("scene_phrases"):
        if row["part"] == part.removesuffix("_md"):
            banks.setdefault(row["scene_type"], []).append(row["text"])

    def frame(scene: Scene, row: dict[str, str]) -> int:
        words = row | {"Feeling": row["feeling"][0].upper() + row["feeling"][1:]}
        return [text.format_map(words) for text in banks[scene.scene_type]].index(getattr(scene, part))

    frames = [[frame(s, row) for s in journey] for row, journey in zip(rows("templates"), journeys(), strict=True)]
    for before, after in pairwise(frames):
        assert [n + 1 for n in range(13) if before[n] == after[n]] == []
    for number in range(13):
        uses = Counter(journey[number] for journey in frames)
        assert len(uses) == sizes
        assert max(uses.values()) - min(uses.values()) <= 1


def test_every_journey_is_written_mostly_in_its_own_phrases() -> None:
    """A frame may leave a phrase out; a journey uses at least thirteen of its fifteen, and no phrase is idle."""
    names = [n for n in (*CLAUSES, *SENTENCES, *SAID) if n != "description"]
    used: Counter[str] = Counter()
    for row, journey in zip(rows("templates"), journeys(), strict=True):
        text = " ".join(f"{s.title} {s.body_md} {s.prompt_md}" for s in journey).lower()
        here = [n for n in names if row[n].lower() in text]
        used.update(here)
        assert len(here) >= 13, (row["key"], set(names) - set(here))
    assert min(used[n] for n in names) >= 32
    every_body = [any(row[n].lower() in s.body_md.lower() for n in names)
                  for row, journey in zip(rows("templates"), journeys(), strict=True) for s in journey]  # fmt: skip
    assert all(every_body)


def test_every_bank_belongs_to_a_scene_type_and_asks_for_phrases_that_exist() -> None:
    sizes = Counter((row["scene_type"], row["part"]) for row in rows("scene_phrases"))
    hints = {"align_teaching", "align_cue", "integration"}
    assert sizes == {
        **{(step[0], part): n for step in ARC for part, n in (("title", 5), ("body", 6), ("prompt", 7))},
        **{(scene_type, "hint"): 3 for scene_type in hints},
    }
    fields = {name for row in rows("scene_phrases") for _, name, _, _ in Formatter().parse(row["text"]) if name}
    assert fields <= {*CLAUSES, *SENTENCES, *SAID, "Feeling"}


def test_teaching_and_introduction_are_read_aloud() -> None:
    for s in scenes():
        assert s.has_audio == (s.scene_number in SPOKEN)
        if s.has_audio:
            assert (s.audio_path, s.audio_type) == (f"audio/{s.template_key}/{s.scene_number:02d}.mp3", "narration")
            assert 20 <= s.audio_seconds <= 75
        else:
            assert (s.audio_path, s.audio_type, s.audio_seconds) == ("", "", 0)
    assert len({s.audio_seconds for s in scenes() if s.has_audio}) >= 20


def test_receipts_are_expected_two_hundred_times_spread_over_the_arc() -> None:
    assert Counter(s.scene_number for s in scenes() if s.expects_receipt) == dict.fromkeys(EXPECTING, 20)
    per_journey = [[s.scene_number for s in journey if s.expects_receipt] for journey in journeys()]
    assert Counter(map(len, per_journey)) == {3: 56, 4: 8}
    assert [numbers for numbers in per_journey if numbers[-1] - numbers[0] < 5] == []


def test_a_capture_is_required_where_a_receipt_is_expected_and_a_quarter_are_spoken() -> None:
    for s in scenes():
        assert s.requires_capture == s.expects_receipt == (s.capture_kind in ("text", "voice"))
        assert s.capture_kind in ("", "text", "voice")
    voice = Counter(s.scene_number for s in scenes() if s.capture_kind == "voice")
    assert sum(voice.values()) == 50
    assert set(voice) == EXPECTING


def test_checks_are_expected_at_7_often_at_3_and_sometimes_at_11() -> None:
    for i, s in enumerate(scenes()):
        template, number = i // 13, s.scene_number
        expected = number == 7 or (number == 3 and template % 2 == 0) or (number == 11 and template % 3 == 0)
        assert s.expects_checks == s.requires_resistance_check == expected, s.scene_key


def test_real_life_is_watched_at_11_and_13_or_else_at_10() -> None:
    for i, s in enumerate(scenes()):
        expected = s.scene_number in ((11, 13) if i // 13 % 2 == 0 else (10,))
        assert s.requires_real_world_trigger == expected == bool(s.real_world_trigger_hint), s.scene_key


@pytest.mark.parametrize("kind", sorted(LENGTHS))
def test_sentences_read_like_sentences(kind: str) -> None:
    shortest, longest = LENGTHS[kind]
    texts = [(key, text) for k, key, text in TEXTS if k == kind]
    assert len(texts) >= 40
    wrong = [
        (key, text)
        for key, text in texts
        if not re.fullmatch(rf"[A-Z*].*({ENDS})", text)
        or re.search(WRONG, text)
        or text.count("*") % 2
        or not shortest <= len(text) <= longest
    ]
    assert wrong == []


def test_every_sentence_begins_with_a_capital() -> None:
    assert [(key, text) for _, key, text in TEXTS if re.search(r"[.!?]\*? \*?[a-z]", text)] == []


def test_an_article_fits_the_word_after_it() -> None:
    wrong = r"(?i)\ba (?=[aeio]\w)(?!one\b|once\b)|\ban (?=[^aeiouh\W])"
    assert [(key, text) for _, key, text in TEXTS if re.search(wrong, text)] == []


def test_a_body_has_two_to_four_sentences_and_a_prompt_is_one_question() -> None:
    for s in scenes():
        assert 2 <= len(re.findall(r"[.!?]\*?(?=\s|$)|\*\.(?=\s|$)", s.body_md)) <= 4, s.body_md
        assert re.fullmatch(r"[A-Z][^.?!]*\?", s.prompt_md), s.prompt_md


def test_titles_are_short_and_clean() -> None:
    titles = [*(s.title for s in scenes()), *(t.title for t in templates())]
    assert [t for t in titles if not re.fullmatch(r"[A-Z][a-z]*([ -]|, |' |'s )?.*[a-z?]", t) or len(t) > 60] == []
    assert [t for t in titles if re.search(WRONG, t) or re.search(r"[.:;*]", t)] == []


def test_own_phrases_are_of_their_kind() -> None:
    for row in rows("templates"):
        assert None not in row
        assert all(row.values()), row["key"]
        for name in CLAUSES:
            assert re.fullmatch(r"[a-z][^.?!]*[a-z\"]", row[name]), (row["key"], name)
        for name in SENTENCES:
            assert re.fullmatch(r"[A-Z\"][^.?!]*[.?]", row[name]), (row["key"], name)
        for name in SAID:
            assert re.fullmatch(r"[A-Z][^.?!*]*[a-z]", row[name]), (row["key"], name)
        assert re.search(r"\b(I|me|myself)\b", row["carry"]), row["key"]


def test_what_people_leave_is_theirs_and_short() -> None:
    assert {kind: len(texts) for kind, texts in captures().items()} == {
        "reflection": 15, "insight": 15, "commitment": 15, "practice": 15,
    }  # fmt: skip
    assert {kind: len(texts) for kind, texts in notes().items()} == {"resistance": 20, "trigger": 20}
    first_person = [text for texts in captures().values() for text in texts]
    assert [text for text in first_person if not re.search(r"\b(I|me|[Mm]y)\b", text)] == []
    assert [text for text in captures()["commitment"] if "I will" not in text] == []


def test_no_text_prescribes_medicine_or_promises_a_cure() -> None:
    claims = r"(?i)\b(mg|dose|dosage|medication|cure[sd]?|guarantee\w*|detox\w*|addict|withdrawal)\b"
    assert [(key, text) for _, key, text in TEXTS if re.search(claims, text)] == []


def test_the_digest_is_of_the_content() -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", digest())
