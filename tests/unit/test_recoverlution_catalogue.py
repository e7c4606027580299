"""The words of Recoverlution: as many as documented, each under its parent, and fit to be read by a person."""

import re
from collections import Counter

import pytest

from populace.worlds.recoverlution import catalogue
from populace.worlds.recoverlution.catalogue import (
    families,
    mindblocks,
    personas,
    pillars,
    practices,
    reflections,
    schemas,
)

PERSONAS = {
    "motivated_beginner", "struggling_returner", "high_risk_relapse", "stable_maintainer", "crisis_intervention",
    "family_concerned", "mandated_treatment", "dual_diagnosis", "chronic_relapser", "early_recovery",
}  # fmt: skip
PRACTICES = {
    "onboarding", "daily_check_in", "trigger_awareness", "craving_management", "emotional_regulation",
    "identity_work", "relapse_prevention", "morning_intention", "evening_reflection",
}  # fmt: skip

SENTENCES = [
    *(("pillar", p.description) for p in pillars()),
    *(("schema", s.description) for s in schemas()),
    *(("family", f.description) for f in families()),
    *(("practice", p.description) for p in practices()),
    *(("persona", p.description) for p in personas()),
    *(("reflection", text) for text in reflections()),
    *(("prediction", m.limiting_prediction) for m in mindblocks()),
    *(("truth", m.truth) for m in mindblocks()),
    *(("notes", m.notes) for m in mindblocks()),
]
TITLES = [
    *(x.title for group in (pillars(), schemas(), families(), mindblocks(), practices(), personas()) for x in group),
    *(f.archetype for f in families()),
    *(scene for p in practices() for scene in p.scenes),
]


def test_there_are_as_many_as_the_documents_say() -> None:
    counts = [len(x()) for x in (pillars, schemas, families, mindblocks, practices, personas, reflections)]
    assert counts == [6, 20, 200, 2_400, 9, 10, 24]


@pytest.mark.parametrize(
    "values",
    [
        [p.key for p in pillars()],
        [p.legacy_code for p in pillars()],
        [s.key for s in schemas()],
        [f.key for f in families()],
        [f.title for f in families()],
        [f.description for f in families()],
        [m.key for m in mindblocks()],
        [m.title for m in mindblocks()],
        [m.limiting_prediction for m in mindblocks()],
        [m.truth for m in mindblocks()],
        list(reflections()),
    ],
    ids=lambda values: values[0],
)
def test_nothing_is_there_twice(values: list[str]) -> None:
    assert [value for value, n in Counter(values).items() if n > 1] == []


def test_children_stand_under_their_parents_in_order() -> None:
    assert {s.pillar_key for s in schemas()} == {p.key for p in pillars()}
    assert [f.schema_key for f in families()] == [schemas()[i // 10].key for i in range(200)]
    assert [m.family_key for m in mindblocks()] == [families()[i // 12].key for i in range(2_400)]


def test_every_family_has_phrases_and_no_phrases_are_left_over() -> None:
    rows = catalogue.rows("phrases")
    assert [row["family_key"] for row in rows] == [f.key for f in families()]
    assert [row for row in rows if None in row or not all(row.values())] == []


def test_a_family_uses_each_pair_of_act_and_outcome_once() -> None:
    phrases = {row["family_key"]: row for row in catalogue.rows("phrases")}
    for i, family in enumerate(families()):
        row = phrases[family.key]
        used = {
            (act, outcome)
            for m in mindblocks()[i * 12 : i * 12 + 12]
            for act in ("act_knowing", "act_believing", "act_embodying")
            for outcome in ("outcome_1", "outcome_2", "outcome_3", "outcome_4")
            if m.limiting_prediction.startswith(f"If I {row[act]}")
            and m.limiting_prediction.endswith(f", {row[outcome]}.")
        }
        assert len(used) == 12, family.key


def test_an_answer_belongs_to_its_outcome_and_an_act_to_its_stage() -> None:
    phrases = {row["family_key"]: row for row in catalogue.rows("phrases")}
    for m in mindblocks():
        row = phrases[m.family_key]
        pair = next(n for n in "1234" if m.limiting_prediction.endswith(f", {row[f'outcome_{n}']}."))
        assert m.truth.endswith(f" {row[f'reply_{pair}']}.")
        assert m.limiting_prediction.startswith(f"If I {row[f'act_{m.kbe_stage.lower()}']}")


def test_codes_are_those_of_the_app() -> None:
    assert [p.legacy_code for p in pillars()] == ["ER", "SR", "SC", "CR", "II", "DM"]
    assert {p.key for p in personas()} == PERSONAS
    assert {p.template_id for p in practices()} == PRACTICES
    assert Counter(m.kbe_stage for m in mindblocks()) == {"Knowing": 800, "Believing": 800, "Embodying": 800}
    heats = Counter(m.heat for m in mindblocks())
    assert set(heats) == {"RED", "AMBER", "GREEN"}
    assert min(heats.values()) >= 400


@pytest.mark.parametrize("kind", sorted({kind for kind, _ in SENTENCES}))
def test_sentences_read_like_sentences(kind: str) -> None:
    texts = [text for k, text in SENTENCES if k == kind]
    wrong = [
        text
        for text in texts
        if not re.fullmatch(r"[A-Z][^{}<>\[\]_|\"]*[A-Za-z]\.", text)
        or re.search(r"\s\s|\s[,.;]|[,;.]{2}|[,;](?! )|\bTODO\b|(?i:\b(\w+) \1\b)|(?i:lorem)", text)
        or not 15 <= len(text) <= 160
    ]
    assert wrong == []


def test_a_prediction_foretells_and_an_answer_is_in_the_first_person() -> None:
    assert [m.key for m in mindblocks() if not re.fullmatch(r"If I .+, .*\bwill\b.*\.", m.limiting_prediction)] == []
    assert [m.key for m in mindblocks() if not re.search(r"\b(I|me|my|mine|myself)\b", m.truth)] == []
    one = [m.limiting_prediction for m in mindblocks() if "." in m.limiting_prediction[:-1] or "." in m.truth[:-1]]
    assert one == []


def test_titles_are_short_and_clean() -> None:
    assert [t for t in TITLES if not re.fullmatch(r"[A-Z][A-Za-z,'/-]*( [A-Za-z][A-Za-z,'-]*)*", t)] == []
    assert [f.title for f in families() if not 2 <= len(f.title.split()) <= 5] == []
    assert [m.title for m in mindblocks() if not 3 <= len(m.title.split()) <= 9] == []


def test_keys_are_slugs() -> None:
    snake = [x.key for group in (pillars(), schemas(), families(), personas()) for x in group]
    assert [key for key in snake if not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", key)] == []
    assert [m.key for m in mindblocks() if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", m.key)] == []


def test_activity_weights_average_one() -> None:
    weights = [p.weight for p in personas()]
    assert all(0.6 <= w <= 1.6 for w in weights)
    assert round(sum(weights) / len(weights), 9) == 1


def test_the_digest_is_of_the_content() -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", catalogue.digest())
