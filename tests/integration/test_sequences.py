"""An app that numbers rows itself goes on doing so beside rows that came with numbers of their own."""

from __future__ import annotations

import psycopg
import pytest

from command import TESTS
from hazards import Others, Small, execute, step
from populace.database import sequences
from populace.database.connection import Connection
from populace.database.sequences import Numbering
from referring import number
from urls import for_user

TICKETS = Small(str(TESTS / "tickets"), words=("--scenario", "busy"), settings={"visit_days": 1, "rate": 1})
COLUMNS = {"public.visits": "place", "public.steps": "ticket"}
INSERTS = """
INSERT INTO public.visits (id, person_id, nth, status, updated_at, created_at)
    SELECT gen_random_uuid(), id, 1, 'the app''s', now(), now() FROM public.people LIMIT 3;
INSERT INTO public.steps (id, visit_id, person_id, number, detail, created_at)
    SELECT gen_random_uuid(), id, person_id, 1, '{}', now() FROM public.visits WHERE status = 'the app''s' LIMIT 3;
"""


def last(url: str, table: str) -> int:
    """The last number that the column's sequence handed out."""
    return number(
        url, f"SELECT pg_sequence_last_value(pg_get_serial_sequence('{table}', '{COLUMNS[table]}')::regclass)"
    )


@pytest.mark.parametrize("in_place", [False, True], ids=["own tables", "in place"])
def test_the_app_inserts_rows_after_a_seed_and_after_life(opened_url: str, in_place: bool) -> None:
    if in_place:
        execute(opened_url, TICKETS.tables())
    before = dict.fromkeys(COLUMNS, 0)
    for name in ("seed", "life"):
        done = step(opened_url, *TICKETS.steps()[name])
        assert done.code == 0, done.err
        for table, column in COLUMNS.items():
            assert last(opened_url, table) >= number(opened_url, f"SELECT max({column}) FROM {table}") > before[table]
        execute(opened_url, INSERTS)
        before = {table: last(opened_url, table) for table in COLUMNS}
    assert number(opened_url, "SELECT count(*) FROM public.steps WHERE detail = '{}'") == 6
    execute(opened_url, "DELETE FROM public.steps WHERE detail = '{}'; DELETE FROM public.visits WHERE status ~ 'app'")
    assert step(opened_url, "cleanup", "--all", "--yes").code == 0
    assert {table: last(opened_url, table) for table in COLUMNS} == before


def test_sequences_that_may_not_be_moved_are_found_before_the_first_row(opened_url: str) -> None:
    """A right on the sequence, or on the schema by which it is called."""
    execute(opened_url, TICKETS.tables() + """
        CREATE SCHEMA shop; CREATE SEQUENCE shop.places;
        ALTER TABLE public.visits ALTER place SET DEFAULT nextval('shop.places'); DROP SEQUENCE public.visits_place_seq;
        CREATE ROLE clerk LOGIN PASSWORD 'geheim';
        GRANT USAGE ON SCHEMA public, populace TO clerk; GRANT CREATE ON SCHEMA public TO clerk;
        GRANT ALL ON ALL TABLES IN SCHEMA public, populace TO clerk;
        GRANT ALL ON ALL SEQUENCES IN SCHEMA populace, shop TO clerk;
        GRANT ALL ON ALL FUNCTIONS IN SCHEMA populace TO clerk;
    """)  # fmt: skip
    clerk = for_user(opened_url, "clerk")
    try:
        others = Others(opened_url)
        said = step(clerk, *TICKETS.seed)
        assert said.code == 2, said.err
        for table, column, name in (("visits", "place", "shop.places"), ("steps", "ticket", "public.steps_ticket_seq")):
            line = f"public.{table}.{column}: we may not move {name}, which numbers it"
            assert said.err.count(line) == 1, said.err
        assert said.err.count("we may not") == 2
        assert not others.changed()
        assert not others.besides()
        assert number(opened_url, "SELECT count(*) FROM populace.plan") == 0
        execute(opened_url, "GRANT USAGE ON SCHEMA shop TO clerk;"
                            "GRANT SELECT, UPDATE ON SEQUENCE public.steps_ticket_seq TO clerk")  # fmt: skip
        done = step(clerk, *TICKETS.seed)
        assert done.code == 0, done.err
    finally:
        execute(opened_url, "DROP OWNED BY clerk; DROP ROLE clerk")


@pytest.mark.parametrize(("made", "handed_out", "written", "then"), [
    ("", 0, 5, 6),
    ("", 7, 5, 8),
    ("", 5, 5, 6),
    ("", 0, sequences.MOST_STEPS * 3, sequences.MOST_STEPS * 3 + 1),
    ("START 1000000", 0, 20_000, 1_000_001),
    ("INCREMENT 10 START 3", 0, 25, 43),
    ("INCREMENT 10 START 3", 1, 13, 23),
    ("INCREMENT -1", 0, -5, -6),
    ("INCREMENT -1", 9, -5, -10),
    ("MAXVALUE 10 INCREMENT 4", 3, 10, None),
], ids=str)  # fmt: skip
def test_a_sequence_lies_past_what_was_written_and_never_moves_backwards(
    empty: Connection, made: str, handed_out: int, written: int, then: int | None
) -> None:
    empty.execute(f"CREATE SEQUENCE public.s {made}".encode())
    empty.execute("SELECT nextval('public.s') FROM generate_series(1, %s)", (handed_out,))
    row = empty.execute("SELECT seqincrement, seqmin, seqmax FROM pg_sequence").fetchone()
    assert row is not None
    sequences.pass_value(empty, Numbering("public.t", "n", "public.s", *row, may_move=True), written)
    if then is None:
        with pytest.raises(psycopg.errors.SequenceGeneratorLimitExceeded):
            empty.execute("SELECT nextval('public.s')")
        return
    assert empty.execute("SELECT nextval('public.s')").fetchone() == (then,)
