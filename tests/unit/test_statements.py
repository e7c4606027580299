"""A script comes apart exactly where a statement ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from populace.database.statements import in_words, split
from populace.errors import BadInput

TRICKY = [
    "SELECT 1",
    "SELECT ';', 'it''s; fine', ''",
    r"SELECT E'a\';b', e'\\', E''''",
    r"SELECT 'a\'",
    "SELECT date'2026-01-01;'",
    'SELECT ";" AS "a"";b"',
    "SELECT $$a;b$$, $tag$ ; $$ ; $tag$, $ü_1$;$ü_1$",
    "SELECT a$b$c, $1, $2",
    "SELECT /* ; /* nested ; */ ' ; */ 2",
    "SELECT 1 -- it's; over\n + 1",
    "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO u VALUES (1); DELETE FROM v)",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END",
    "CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC INSERT INTO t VALUES (1); END",
    "CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS $body$BEGIN a := 'x;'; RETURN NEW; END$body$",
    "BEGIN",
    "END",
    'CREATE TABLE function_case ("end" text, at timestamptz)',
    "SELECT 3.5e1, 1_000, x'1f', U&'d\\0061t;'",
    "DO $$ BEGIN PERFORM 1; END $$",
]


@pytest.mark.parametrize("statement", TRICKY)
def test_one_statement_stays_whole(statement: str) -> None:
    assert split(statement) == [statement]
    assert split(statement + ";") == [statement]


@given(st.lists(st.sampled_from(TRICKY)), st.sampled_from([";", ";\n", " ;\n\n", ";;", "; /* ; */ ;", ";\n-- a;b'\n;"]))
def test_joined_statements_come_apart_again(statements: list[str], end: str) -> None:
    assert split("".join(statement + end for statement in statements)) == statements


_PIECES = st.one_of(
    st.text(st.characters(exclude_characters="'", codec="utf-8")).map(lambda text: f"'{text}'"),
    st.text(st.characters(exclude_characters='"', codec="utf-8")).map(lambda text: f'"{text}"'),
    st.text(st.characters(exclude_characters="$", codec="utf-8")).map(lambda text: f"$q${text}$q$"),
    st.text(st.characters(exclude_characters="*/", codec="utf-8")).map(lambda text: f"/*{text}*/"),
    st.text(st.characters(exclude_characters="\n\r", codec="utf-8")).map(lambda text: f"--{text}\n"),
    st.sampled_from(["a", "1", "+", "(b)", " ", "é"]),
)


@given(st.lists(st.lists(_PIECES).map(lambda pieces: "x " + " ".join(pieces) + " y"), max_size=5))
def test_anything_quoted_hides_its_semicolons(statements: list[str]) -> None:
    assert split(";".join(statements)) == statements


def test_comments_stay_with_the_statement_they_precede_and_alone_are_nothing() -> None:
    assert split("-- first\nSELECT 1;\n/* second */ SELECT 2; -- the end") == [
        "-- first\nSELECT 1",
        "/* second */ SELECT 2",
    ]
    assert split("-- nothing; here\n") == []
    assert split(" \n;; ") == []


@pytest.mark.parametrize("script", ["SELECT 'a", "SELECT E'a\\'", 'SELECT "a', "SELECT $a$ $b$", "SELECT /* /* */"])
def test_an_unfinished_script_is_refused_with_the_line(script: str) -> None:
    with pytest.raises(BadInput, match="line 3"):
        split("SELECT 1;\n\n" + script)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("-- why\nCREATE UNIQUE INDEX a_b ON public.a USING btree (b)", "index of a"),
        ("ALTER TABLE ONLY public.a ADD CONSTRAINT a_pkey PRIMARY KEY (id)", "primary key of a"),
        (
            'ALTER TABLE public."a" ADD FOREIGN KEY (b) REFERENCES public.b (id) ON DELETE CASCADE',
            "references from a to b",
        ),
        ("ALTER TABLE a ENABLE ROW LEVEL SECURITY", "row security of a"),
        ("CREATE POLICY read ON public.a FOR SELECT USING (true)", "who may read and write a"),
        ("CREATE OR REPLACE FUNCTION public.f(x int) RETURNS int AS $$SELECT 1$$ LANGUAGE sql", "function f"),
        ("CREATE TRIGGER t AFTER INSERT ON public.a EXECUTE FUNCTION f()", "trigger of a"),
        ("VACUUM FULL public.a", "vacuum full"),
    ],
)
def test_a_statement_in_words(statement: str, words: str) -> None:
    assert in_words(statement) == words
