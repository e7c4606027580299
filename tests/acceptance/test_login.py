"""One password a plan: a seeded person can log in with it, and it is stored nowhere except in their hash."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import bcrypt
import psycopg
import pytest

from command import answer, call
from populace.operations import login

NOW = "2026-01-09T01:00:00Z"
SMALL = [f"--set={setting}" for setting in ("count_users=30", "coverage_per_mindblock=0", "days=1")]
OWN = "correct horse battery"


@pytest.fixture
def target(tmp_path: Path) -> Iterator[str]:
    yield (target := f"embedded:{tmp_path / 'data'}")
    call("db", "stop", "--target", target)


def seed(target: str, *more: str, code: int = 0, **environment: str) -> str:
    arguments = ("seed", "recoverlution", "--target", target, "--now", NOW, *SMALL, "--yes", "--json", *more)
    done = call(*arguments, code=code, **environment)
    assert OWN not in done.stdout + done.stderr
    return done.stderr if code else done.stdout


def hashes(target: str) -> set[str | None]:
    with psycopg.connect(call("db", "url", "--target", target).stdout.strip()) as connection:
        return {row[0] for row in connection.execute("SELECT encrypted_password FROM auth.users")}


def test_on_an_embedded_target_the_password_follows_from_its_secret(target: str, tmp_path: Path) -> None:
    first = seed(target)
    assert '"unchanged": false' in first
    password = call("db", "password", "--target", target).stdout.strip()
    assert re.fullmatch(r"populace-[a-z]{4}-[a-z]{4}-[a-z]{4}", password)
    (stored,) = hashes(target)
    assert stored is not None
    assert stored.startswith("$2b$10$")
    assert bcrypt.checkpw(password.encode(), stored.encode())
    assert '"unchanged": true' in seed(target)
    # Seed and world give nothing away: the same ones elsewhere give another password, and another salt.
    other = f"embedded:{tmp_path / 'other'}"
    try:
        seed(other)
        assert call("db", "password", "--target", other).stdout.strip() != password
        (elsewhere,) = hashes(other)
        assert elsewhere is not None
        assert elsewhere[:29] != stored[:29]
        # A population that ends leaves the secret: the next one has the same password.
        call("cleanup", "--all", "--yes", "--target", target)
        seed(target)
        assert hashes(target) == {stored}
    finally:
        call("db", "stop", "--target", other)
    # Whoever names a password means it.
    assert "settings.login_hash" in seed(target, code=3, POPULACE_LOGIN_PASSWORD=OWN)
    assert "settings.login_hash" in seed(target, "--set", "login_hash=none", code=3)


def test_a_password_of_ones_own(target: str) -> None:
    seed(target, POPULACE_LOGIN_PASSWORD=OWN)
    (stored,) = hashes(target)
    assert stored is not None
    assert bcrypt.checkpw(OWN.encode(), stored.encode())
    assert '"unchanged": true' in seed(target, POPULACE_LOGIN_PASSWORD=OWN)
    assert '"unchanged": true' in seed(target), "without the variable the password stays what it was"
    said = call("db", "password", "--target", target, POPULACE_LOGIN_PASSWORD=OWN).stdout
    assert said == "the one in POPULACE_LOGIN_PASSWORD\n"
    assert answer("db", "password", "--target", target) == {"login": "unknown", "password": None}
    assert "is not stored" in call("db", "password", "--target", target, POPULACE_LOGIN_PASSWORD="another").stdout


def test_nobody_needs_one(target: str) -> None:
    seed(target, "--set", "login_hash=none")
    assert hashes(target) == {None}
    assert "none" in call("db", "password", "--target", target).stdout
    assert '"unchanged": true' in seed(target)
    url = call("db", "url", "--target", target).stdout.strip()
    assert '"unchanged": true' in seed(url)


def test_a_hash_of_ones_own_and_what_is_none(target: str, tmp_path: Path) -> None:
    error = seed(target, "--set", "login_hash=secret", code=2)
    assert "this is no bcrypt hash" in error
    own = bcrypt.hashpw(OWN.encode(), bcrypt.gensalt(4)).decode()
    seed(target, "--set", f"login_hash={own}")
    assert hashes(target) == {own}


def test_a_plan_file_settles_it(target: str, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    call("plan", "recoverlution", "--now", NOW, *SMALL, "--out", str(file))
    from_file = ("seed", "recoverlution", "--target", target, "--now", NOW, "--plan", str(file))
    answer(*from_file)
    assert hashes(target) == {None}
    assert '"unchanged": true' in seed(target)
    assert answer(*from_file)["unchanged"] is True


def test_a_demo_has_a_password(target: str) -> None:
    call("demo", "--target", target, "--for", "1")
    assert call("db", "password", "--target", target).stdout.startswith("populace-")
    call("demo", "--target", target, "--for", "1")


@pytest.mark.parametrize("password", ["x" * 73, "ü" * 37])
def test_a_password_that_is_too_long(password: str, tmp_path: Path) -> None:
    target = f"embedded:{tmp_path / 'data'}"
    error = seed(target, code=2, POPULACE_LOGIN_PASSWORD=password)
    assert "POPULACE_LOGIN_PASSWORD" in error
    assert password not in error
    assert not (tmp_path / "data").exists()


def test_the_same_password_gives_the_same_hash() -> None:
    assert login.hashed(OWN, 7, "recoverlution") == login.hashed(OWN, 7, "recoverlution")
    assert login.hashed(OWN, 7, "recoverlution")[:29] != login.hashed(OWN, 8, "recoverlution")[:29]
    for seed_number in range(20):
        stored = login.hashed("ü" * 36, seed_number, "w") if seed_number < 2 else None
        assert stored is None or login.matches("ü" * 36, stored)
        assert len(login.derived(b"k" * 32, seed_number, "w")) == len("populace-xxxx-xxxx-xxxx")
    assert login.derived(b"k" * 32, 1, "w") != login.derived(b"l" * 32, 1, "w")
    assert not login.matches(OWN, "no hash")
