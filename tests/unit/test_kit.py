"""The kit of worlds: catalogues, slugs, places in groups, words, parameters, marks and identity rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from populace.clock import DAY_US
from populace.engine import DrawStatistics, Window
from populace.engine.draws import EngineDraw
from populace.errors import BadInput
from populace.plan import resolve
from populace.spec import Json, Key, Mark
from populace.spec.kit import catalogue, columns, identity, marks, parameters, places, words
from populace.spec.kit.slugs import slug
from tiny import CLUB

GROUPS = st.lists(st.integers(0, 9), max_size=30)


def drawing() -> EngineDraw:
    plan = resolve(CLUB, "default", seed=3, epoch_us=20_000 * DAY_US)
    return EngineDraw(plan, plan.eras[0], Window(-(1 << 62), 1 << 62), DrawStatistics())


def test_a_catalogue_is_read_in_its_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "wordy"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "names.csv").write_text('name,said\nBea,"Well, well"\nAda,\n', encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    rows = catalogue.reader("wordy")
    assert rows("names") == [{"name": "Bea", "said": "Well, well"}, {"name": "Ada", "said": ""}]


def test_a_digest_shows_words_and_their_order():
    assert catalogue.digest(("a", "b")) == catalogue.digest(("a", "b"))
    found = {catalogue.digest(("a", "b")), catalogue.digest(("b", "a")), catalogue.digest(("a",), ("b",))}
    assert len(found) == 3
    assert catalogue.together("x", "2026a") != catalogue.together("x", "2026b")


@pytest.mark.parametrize(
    ("name", "said"),
    [("Blue Ridge Roof & Gutter", "blue-ridge-roof-gutter"), ("The Snore Next Door", "the-snore-next-door"),
     ("  Ain't so! ", "aint-so")],
)  # fmt: skip
def test_slugs_are_small_letters_and_hyphens(name: str, said: str):
    assert slug(name) == said


@given(GROUPS)
def test_places_count_up_within_each_group(many: list[int]):
    group, place = places.placed(np.array(many, dtype=np.int64))
    assert list(zip(group.tolist(), place.tolist(), strict=True)) == [
        (g, n) for g, m in enumerate(many) for n in range(m)
    ]
    assert places.firsts(np.array(many, dtype=np.int64)).tolist() == [sum(many[:g]) for g in range(len(many))]


def test_each_owner_has_as_many():
    owner, place = places.each(np.array([7, 9]), 3)
    assert (owner.tolist(), place.tolist()) == ([7, 7, 7, 9, 9, 9], [0, 1, 2, 0, 1, 2])


def test_one_of_a_group_is_drawn_within_it_and_all_are():
    many, group = np.array([2, 0, 5, 1]), np.repeat(np.array([0, 2, 3]), 400)
    found = places.drawn_within(drawing(), "within", many, group, np.arange(1200))
    assert [sorted(set(found[group == g].tolist())) for g in (0, 2, 3)] == [[0, 1], [2, 3, 4, 5, 6], [7]]


def test_words_are_drawn_even_and_by_weight():
    draw, some = drawing(), np.arange(600)
    even = words.drawn(draw, "even", some, ("a", "b", "c"))
    assert even.codes.tolist() == draw.below("even", 3, some).tolist()
    weighted = words.chosen(draw, "name", some, np.zeros(600, dtype=np.int64), 0, ("Ada", "Bo", "Cy"))
    counts = np.bincount(weighted.codes, minlength=3)
    assert counts[0] > counts[1] > counts[2] > 0


def test_parameters_of_the_usual_kinds():
    assert parameters.share("s", 0.5, "m", "A1").allowed == "a number from 0 to 1"
    assert parameters.weight("w", 3.0, "m", "A1").high == 1000
    assert parameters.factor("f", 1.0, "m", "A1", live=True).live
    assert parameters.amount("n", 3, (1, 9), "m", "A1", "days").allowed == "a whole number from 1 to 9 days"
    assert parameters.switch("on", "m", "A1", default=False).default is False
    with pytest.raises(BadInput):
        parameters.amount("n", 10, (1, 9), "m", "A1")


def test_marks_know_rows_by_key_and_by_account():
    ours = marks.Accounts("example.test", "is_synthetic")
    assert "'example.test'" in ours.condition("t")
    assert ours.own == Mark(ours.condition("t"), "it has an e-mail address at example.test and "
                            "raw_user_meta_data.is_synthetic true")  # fmt: skip
    assert "u.id = t.owner_id" in ours.of("owner_id").condition
    assert marks.OF_CATALOGUE.condition == marks.version_8("t.id")
    assert not any("%" in mark.condition for mark in (ours.own, ours.of(), marks.OF_CATALOGUE))


def test_identity_rows_have_the_columns_of_their_tables():
    users, identities = identity.auth_tables("person", marks.OF_CATALOGUE, marks.OF_CATALOGUE, owned=True)
    key, at = Key("users", np.arange(2)), np.zeros(2, dtype=np.int64)
    about = Json({"ours": True})
    assert [c.name for c in users.columns] == list(identity.auth_user(key, "a@example.test", None, about, at))
    assert [c.name for c in identities.columns] == list(identity.identity(key, key, about, at))
    assert (users.owner, identities.owner) == ("id", "user_id")
    assert columns.UPDATED.after == columns.CREATED.name
