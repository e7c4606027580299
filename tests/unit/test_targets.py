"""A target is read as its author meant it, and never shows its password."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from populace.database import faults
from populace.database.connection import back_off
from populace.database.target import Target, redact, user_data_folder
from populace.errors import BadInput, CheckFailed, TargetUnavailable

SECRET = "hunter2secret"


def test_bare_embedded_lives_in_the_users_data_folder_of_the_world() -> None:
    target = Target.parse("embedded:", "hogflix")
    assert target.kind == "embedded"
    assert target.directory == user_data_folder("hogflix")
    assert target.directory.is_absolute()
    assert target.directory != Target.parse("embedded:", "worldchef").directory


def test_embedded_folder_is_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Target.parse("embedded:here", "w") == Target.parse(f"embedded:{tmp_path}/here", "w")
    assert Target.parse(f"parquet:{tmp_path}", "w") == Target("parquet", tmp_path)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"postgresql://u:{SECRET}@h/db", "postgresql://u@h/db"),
        (f"postgres://u:{SECRET}@h:5433/db?sslmode=require", "postgresql://u@h:5433/db?sslmode=require"),
        (f"postgresql://u@h/db?password={SECRET}&sslpassword={SECRET}", "postgresql://u@h/db"),
        (f"postgresql://u:{SECRET}@[::1]:5/db", "postgresql://u@[::1]:5/db"),
        (f"postgresql://u:{SECRET}@a:1,b:2/db", "postgresql://u@a:1,b:2/db"),
        ("postgresql:///db?host=/var/run", "postgresql:///db?host=%2Fvar%2Frun"),
    ],
)
def test_no_password_is_shown(url: str, shown: str) -> None:
    target = Target.parse(url, "w")
    assert target.url == url
    for text in (target.redacted(), str(target), repr(target), f"{[target]}"):
        assert SECRET not in text
        assert shown in text
    assert Target.parse(shown, "w").redacted() == shown


@pytest.mark.parametrize(
    "text",
    [
        f"postgre://u:{SECRET}@h/db",
        f"host=h password={SECRET}",
        f"mysql://u:{SECRET}@h/db",
        f"postgresql://u:p@{SECRET}@h/db",
        f"postgresql://u:p/{SECRET}@h/db",
        f"postgresql://u:%zz{SECRET}@h/db",
        f"postgresql://u:{SECRET}@h:port/db",
    ],
)
def test_what_cannot_be_read_is_refused_without_repeating_a_password(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        Target.parse(text, "w")
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("text", ["", "here", "sqlite:x", "parquet:", "embedded://x", "EMBED:"])
def test_unknown_targets_are_answered_with_what_is_allowed(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        Target.parse(text, "w")
    assert "embedded:" in str(caught.value)


def test_redact_survives_nonsense() -> None:
    assert SECRET not in redact(f"postgresql://u:%zz{SECRET}@h")


def test_back_off_grows_to_ten_seconds() -> None:
    waits = list(back_off(9))
    assert waits[0] == 0.2
    assert waits == sorted(waits)
    assert waits[-1] == 10.0


@pytest.mark.parametrize(
    ("error", "kind", "lost"),
    [
        (psycopg.errors.UniqueViolation("x"), CheckFailed, False),
        (psycopg.errors.StringDataRightTruncation("x"), CheckFailed, False),
        (psycopg.errors.RaiseException("x"), CheckFailed, False),
        (psycopg.errors.InsufficientPrivilege("x"), TargetUnavailable, False),
        (psycopg.errors.DiskFull("x"), TargetUnavailable, False),
        (psycopg.errors.QueryCanceled("x"), TargetUnavailable, False),
        (psycopg.errors.AdminShutdown("x"), TargetUnavailable, True),
        (psycopg.errors.TooManyConnections("x"), TargetUnavailable, True),
        (psycopg.errors.DeadlockDetected("x"), TargetUnavailable, True),
        (psycopg.OperationalError("server closed the connection unexpectedly"), TargetUnavailable, True),
        (psycopg.OperationalError("the connection is closed"), TargetUnavailable, True),
    ],
)
def test_errors_at_work(error: psycopg.Error, kind: type[Exception], lost: bool) -> None:
    assert isinstance(faults.translate(error, "writing public.a"), kind)
    assert faults.is_lost(error) is lost


def test_defects_of_ours_are_not_explained_away() -> None:
    assert faults.translate(psycopg.errors.SyntaxError("x"), "writing") is None
    assert faults.translate(ValueError("x"), "writing") is None
