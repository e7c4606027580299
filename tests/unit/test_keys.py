"""Keys: real uuids, the same for the same address, in order of time where they carry one."""

from __future__ import annotations

import uuid

import numpy as np

from populace.batch import uuid_text
from populace.clock import DAY_US, parse
from populace.engine.keys import uuids

NOW = parse("2026-01-10T12:00:00Z", "now")
N = 2000
ADDRESSES = np.arange(N, dtype=np.int64)
MOMENTS = NOW + ADDRESSES * 777_777


def as_uuids(rows: np.ndarray) -> list[uuid.UUID]:
    return [uuid.UUID(bytes=row.tobytes()) for row in rows]


def test_versions_and_variant():
    timed, plain = as_uuids(uuids(1, "visits", ADDRESSES, MOMENTS)), as_uuids(uuids(1, "visits", ADDRESSES))
    assert {u.version for u in timed} == {7}
    assert {u.version for u in plain} == {8}
    assert {u.variant for u in (*timed, *plain)} == {uuid.RFC_4122}


def test_a_timed_key_begins_with_its_moment_in_ms():
    keys = as_uuids(uuids(1, "visits", ADDRESSES, MOMENTS))
    assert [u.int >> 80 for u in keys] == (MOMENTS // 1000).tolist()


def test_timed_keys_sort_by_time():
    shuffled = ADDRESSES * 777 % N  # 777 and 2000 have no common divisor
    keys = uuids(1, "visits", ADDRESSES[shuffled], MOMENTS[shuffled])
    texts = [row.tobytes() for row in uuid_text(keys)]
    assert np.argsort(np.array(texts)).tolist() == np.argsort(MOMENTS[shuffled]).tolist()


def test_the_same_address_has_the_same_key_alone_or_among_others():
    keys = uuids(1, "visits", ADDRESSES, MOMENTS)
    picked = np.array([5, 1999, 0, 5])
    assert (uuids(1, "visits", ADDRESSES[picked], MOMENTS[picked]) == keys[picked]).all()
    assert (uuids(1, "visits", ADDRESSES.astype(np.uint64), MOMENTS) == keys).all()
    assert (uuids(1, "visits", ADDRESSES, MOMENTS // 1000 * 1000) == keys).all()


def test_other_addresses_tables_and_seeds_have_other_keys():
    far = np.array([0, 1, -1, 1 << 62, (29_000_000 << 20) | 3], dtype=np.int64)
    every = [row.tobytes() for seed in (1, 2) for table in ("a", "b") for row in uuids(seed, table, far)]
    every += [row.tobytes() for row in uuids(1, "visits", ADDRESSES)]
    every += [row.tobytes() for row in uuids(1, "visits", ADDRESSES, np.full(N, NOW))]
    assert len(set(every)) == len(every)


def test_every_bit_that_is_free_is_used():
    """Each of the 74 bits after the moment (122 without one) falls both ways about equally: 6 standard deviations."""
    for rows, free in ((uuids(1, "visits", ADDRESSES, np.full(N, NOW)), 74), (uuids(1, "visits", ADDRESSES), 122)):
        shares = np.unpackbits(rows, axis=1).mean(axis=0)
        moving = (shares > 0) & (shares < 1)
        assert int(moving.sum()) == free
        assert (np.abs(shares[moving] - 0.5) < 6 * 0.5 / N**0.5).all()


def test_the_text_is_that_of_the_standard_library():
    for at in (None, MOMENTS, MOMENTS + 200 * 365 * DAY_US):
        rows = uuids(1, "visits", ADDRESSES, at)
        assert [row.tobytes().decode() for row in uuid_text(rows)] == [str(u) for u in as_uuids(rows)]
    assert uuid_text(uuids(1, "visits", ADDRESSES[:0])).shape == (0, 36)
