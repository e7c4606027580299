"""Parameters of a URL that are none of libpq's: harmless ones are accepted, meant ones respected, others named."""

from __future__ import annotations

import pytest

from populace.database.target import Target
from populace.errors import BadInput


def url(query: str) -> str | None:
    return Target.parse(f"postgresql://ann:secret@db.example.com:5432/app?{query}", "club", where="DATABASE_URL").url


BASE = "postgresql://ann:secret@db.example.com:5432/app"


@pytest.mark.parametrize(("given", "meant"), [
    ("schema=public", ""),
    ("pgbouncer=true&connection_limit=1&pool_timeout=20&schema=public", ""),
    ("sslmode=require&supa=base-pooler.x", "?sslmode=require"),
    ("sslmode=require&pgbouncer=true&workaround=supabase-pooler.vercel", "?sslmode=require"),
    ("ssl=true", "?sslmode=require"),
    ("ssl=0", "?sslmode=disable"),
    ("sslmode=no-verify", "?sslmode=require"),
    ("sslmode=verify-full&ssl=true", "?sslmode=verify-full"),
    ("sslaccept=strict&sslmode=require", "?sslmode=verify-full&sslrootcert=system"),
    ("sslaccept=strict&sslrootcert=/ca.pem", "?sslrootcert=/ca.pem&sslmode=verify-full"),
    ("sslaccept=accept_invalid_certs", ""),
    ("options=endpoint%3Dold-sun&channel_binding=require", "?options=endpoint%3Dold-sun&channel_binding=require"),
    ("application_name=a+b", "?application_name=a%2Bb"),
    ("prepared_statements=false&pool=5&statement_timeout=1000", ""),
])  # fmt: skip
def test_what_other_programs_write_is_understood(given: str, meant: str) -> None:
    assert url(given) == BASE + meant


def test_all_that_cannot_be_used_is_named_at_once_with_its_source() -> None:
    with pytest.raises(BadInput) as caught:
        url("conection_limit=1&shema=public&schema=app&sslaccept=maybe&sslmode=require")
    said = str(caught.value)
    assert said.startswith("DATABASE_URL: ")
    assert "secret" not in said
    for part in ("conection_limit, shema, schema=app, sslaccept=maybe", "did you mean connection_limit?",
                 "did you mean schema?", "sslaccept=strict or accept_invalid_certs"):  # fmt: skip
        assert part in said


@pytest.mark.parametrize(
    "text", ["mysql://ann:secret@h/d", "postgresql+psycopg2://ann:secret@h/d", "jdbc:postgresql://h/d"]
)
def test_a_url_of_another_kind_is_named_with_its_source(text: str) -> None:
    with pytest.raises(BadInput, match=r"^DATABASE_URL: this is not a target") as caught:
        Target.parse(text, "club", where="DATABASE_URL")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("password", ["sec?ret=1", "sec?ret", "?", "a?b&c=d"])
def test_a_question_mark_in_a_password_begins_no_parameters(password: str) -> None:
    read = Target.parse(f"postgresql://ann:{password}@db.example.com/app?schema=public", "club")
    assert read.url == f"postgresql://ann:{password}@db.example.com/app"
    assert password not in str(read)
