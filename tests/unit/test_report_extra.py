"""Reports are an extra: whoever has not installed it hears so before anything is judged."""

from __future__ import annotations

import sys

import pytest

from populace.checks import report
from populace.errors import BadInput


def test_what_is_lacking_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    report.require()
    monkeypatch.setattr(report, "find_spec", lambda name: None if name == "plotly" else object())
    with pytest.raises(BadInput, match="drawn by plotly, which is not installed") as caught:
        report.require()
    assert f"{sys.executable} -m pip install plotly" in str(caught.value)
