"""What a command does without an option is what its request does without the field: a number stands in one place, and
where `--help` needs it too, here both are compared."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Any

import pytest

from populace.cli import refreshing, targets, validation
from populace.operations.backups import BackupRequest
from populace.operations.inspection.health import HealthRequest
from populace.operations.refreshing import RefreshRequest

PAIRS: tuple[tuple[Callable[..., Any], Any], ...] = (
    (refreshing.refresh, RefreshRequest),
    (validation.health, HealthRequest),
    (targets.backup, BackupRequest),
)


@pytest.mark.parametrize(("command", "request_"), PAIRS, ids=lambda one: one.__name__)
def test_defaults_are_those_of_the_request(command: Callable[..., Any], request_: Any) -> None:
    given = {name: one.default for name, one in inspect.signature(command).parameters.items()}
    wanted = {one.name: one.default for one in fields(request_) if one.default is not MISSING}
    shared = {name for name in given if name in wanted and isinstance(given[name], int | float | str)}
    assert {"runs", "keep_days"} & shared
    assert {name: given[name] for name in shared} == {name: wanted[name] for name in shared}
