"""What a line of a validation may say: a check has a target and an answer, information has neither."""

from __future__ import annotations

import pytest

from populace.checks.judgement import Group, Judgement
from populace.checks.verdict import Verdict

HELD = Verdict("A1", "people", "20", "20", True, "30")
FAILED = Verdict("A2", "pairs", "20", "21", False)
OPEN = Verdict("A3", "days", "20", "none", None, note="no day has ended")
INFO = Verdict("A4", "megabytes", None, "13", None, "10", "by the server")


def test_each_has_a_status() -> None:
    assert [v.status for v in (HELD, FAILED, OPEN, INFO)] == ["ok", "failed", "open", "info"]
    assert [v.document()["ok"] for v in (HELD, FAILED, OPEN, INFO)] == [True, False, True, None]


def test_information_is_neither_ok_nor_overridden() -> None:
    assert (HELD.overridden, INFO.overridden) == (True, False)
    assert (HELD.remark, INFO.remark) == ("specified: 30", "specified: 10; by the server")
    group = Group("sizes", [HELD, INFO, INFO])
    assert (group.count("ok"), group.count("info")) == (1, 2)


def test_information_does_not_make_a_judgement_fail() -> None:
    def judged(*verdicts: Verdict) -> bool:
        return Judgement("club", "club", "embedded:", {}, {"conformance": verdicts}).ok

    assert judged(HELD, OPEN, INFO)
    assert not judged(HELD, FAILED, INFO)


@pytest.mark.parametrize("ok", [True, False])
def test_what_asks_for_nothing_has_no_answer(ok: bool) -> None:
    with pytest.raises(ValueError, match="A4: a line that asks for nothing has no verdict"):
        Verdict("A4", "megabytes", None, "13", ok)


def test_what_is_not_answered_says_why() -> None:
    with pytest.raises(ValueError, match="A3: a check that cannot be measured yet says why"):
        Verdict("A3", "days", "20", "none", None)
