"""Delivery without a database and without a network: spans, back-off, cutting, and what each answer means."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from populace import clock
from populace.cli import wording
from populace.database.coverage import Span, gaps, merged
from populace.deliver import outbox, posthog
from populace.deliver.outbox import OutboxBatch, Row
from populace.deliver.posthog import Capture, pieces, retry_after_s
from populace.errors import BadInput
from populace.operations.runs.run import led
from populace.settings import load
from populace.standins.posthog import Captured, Faulty
from populace.worlds import registry
from tiny import BELL

KEY = "phc_secret_of_the_tests"
AT = "2026-01-09T18:30:00Z"


@pytest.mark.parametrize("world", ["hogflix", "recoverlution"])
def test_beside_a_runner_the_advice_is_one_that_can_be_taken(world: str) -> None:
    found = registry.find(world)
    assert "populace run-now N" in wording.said(led("here", found))
    assert "populace status" in wording.said(led("here", replace(found, flows=(), channels=(), navigation=None)))


def event(number: int, name: str = "page_view", **changes: Any) -> dict[str, Any]:
    return {"event": name, "distinct_id": f"p_{number}", "timestamp": AT, "uuid": str(UUID(int=number + 1)),
            "properties": {"plan": "basic"}} | changes  # fmt: skip


def rows(count: int, poison: Sequence[int] = (), **changes: Any) -> list[Row]:
    return [Row(UUID(int=i + 1), 0, "page_view", event(i, "poison" if i in poison else "page_view", **changes))
            for i in range(count)]  # fmt: skip


spans = st.lists(st.builds(lambda low, length: Span(low, low + length), st.integers(0, 60), st.integers(0, 20)))


def times(among: Sequence[Span]) -> set[int]:
    return {moment for span in among for moment in range(span.low_us, span.high_us)}


@given(spans)
def test_merged_spans_are_the_same_time_apart_from_each_other(found: list[Span]) -> None:
    out = merged(found)
    assert times(out) == times(found)
    assert all(left.high_us < right.low_us for left, right in pairwise(out))
    assert merged(out) == out


@given(spans, st.integers(0, 40), st.integers(0, 40))
def test_gaps_are_what_is_missing(found: list[Span], low: int, length: int) -> None:
    within = Span(low, low + length)
    out = gaps(found, within)
    assert times(out) == times([within]) - times(found)
    assert merged(out) == out


def test_waiting_grows_to_a_minute_and_is_always_the_same() -> None:
    waits = [outbox.wait_s(n) for n in range(1, 2000)]
    assert waits[:4] == [0.25, 0.5, 1.0, 2.0]
    assert waits == sorted(waits)
    assert waits[-1] == 60.0


def test_what_was_not_taken_is_risked_in_smaller_batches() -> None:
    def held(*attempts: int) -> int:
        return len(outbox.narrowed([Row(UUID(int=i), 0, "", {}, n) for i, n in enumerate(attempts)], 8))

    assert held(*[0] * 8) == 8
    assert held(*[1] * 8) == 4
    assert held(*[3] * 8) == held(99, 99) == 1
    assert held(0, 0, 0, 0, 0, 1, 0, 0) == 5
    assert held(0, 2, 0, 0) == 2
    assert held(0, 0, 0, 9) == 3


def test_pieces_hold_no_more_than_they_may() -> None:
    some = rows(10)
    size = len(json.dumps(some[0].payload, separators=(",", ":"))) + 1
    assert [len(p) for p in pieces(some, 4, 10**6)] == [4, 4, 2]
    assert [len(p) for p in pieces(some, 100, 3 * size)] == [3, 3, 3, 1]
    assert [row for piece in pieces(some, 3, 10**6) for row in piece] == some
    large = rows(1, properties={"text": "x" * 5000})
    assert [len(p) for p in pieces([*some[:2], *large, *some[2:]], 100, 4 * size)] == [2, 1, 4, 4]
    assert list(pieces([])) == []


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(None, 0), ("", 0), ("7", 7), ("0.5", 0.5), ("-3", 0), ("99999", 3600), ("inf", 0), ("nan", 0), ("soon", 0)],
)
def test_retry_after_in_seconds(header: str | None, seconds: float) -> None:
    assert retry_after_s(header) == seconds


def test_retry_after_as_a_date() -> None:
    then = clock.to_datetime(clock.now_us() + 90 * clock.SECOND_US)
    assert 85 < retry_after_s(then.strftime("%a, %d %b %Y %H:%M:%S GMT")) <= 90
    assert retry_after_s("Wed, 21 Oct 2015 07:28:00 GMT") == 0


@pytest.mark.parametrize("host", ["eu.i.posthog.com", "ftp://x", "https://", "https://x?y=1", "http://x:port", ""])
def test_a_host_is_an_address(host: str) -> None:
    with pytest.raises(BadInput, match="POPULACE_POSTHOG_HOST"):
        Capture(BELL, host, KEY)


def test_a_password_in_the_host_is_not_repeated() -> None:
    with pytest.raises(BadInput) as refused:
        Capture(BELL, "https://me:hushhush@eu.i.posthog.com", KEY)
    assert "hushhush" not in str(refused.value)


def test_a_key_that_cannot_be_sent_is_not_repeated() -> None:
    with pytest.raises(BadInput) as refused:
        Capture(BELL, "https://x", "phc_grün ")
    assert "phc_gr" not in str(refused.value)


def test_keys_come_from_the_environment_only_and_are_not_shown(tmp_path: Any) -> None:
    given = {"PH_HOST": "http://x", "PH_PROJECT_API_KEY": "older", "SUPABASE_SERVICE_ROLE_KEY": "role"}
    chosen = load(tmp_path, given)
    assert (chosen.posthog_host, chosen.posthog_key, chosen.service_role_key) == ("http://x", "older", "role")
    assert load(tmp_path, given | {"POPULACE_POSTHOG_KEY": KEY}).posthog_key == KEY
    assert "older" not in repr(chosen)
    assert "'role'" not in repr(chosen)
    assert load(tmp_path, {}).posthog_host == "https://eu.i.posthog.com"
    (tmp_path / "populace.toml").write_text(f'posthog_key = "{KEY}"', encoding="utf-8")
    with pytest.raises(BadInput, match="there is no such setting"):
        load(tmp_path, {})


class Wire:
    """The capture endpoint's own checks, without a network. sizes: events of each request, in order."""

    def __init__(self, answer: Callable[[Mapping[str, Any]], httpx.Response | None] = lambda _body: None) -> None:
        self.captured, self.sizes, self._answer = Captured(KEY), list[int](), answer
        self.capture = Capture(BELL, "https://posthog.test/", KEY, transport=httpx.MockTransport(self._take))

    def _take(self, request: httpx.Request) -> httpx.Response:
        assert str(request.url) == "https://posthog.test/batch/"
        assert request.headers["Content-Encoding"] == "gzip"
        body = json.loads(gzip.decompress(request.content))
        self.sizes.append(len(body["batch"]))
        given = self._answer(body)
        if given is not None:
            return given
        try:
            self.captured.take(body)
        except Faulty as error:
            return httpx.Response(error.status, json={"error": str(error), "seen": body["api_key"]})
        return httpx.Response(200, json={"status": "Ok"})

    def send(self, some: Sequence[Row], *, historical: bool = False) -> Any:
        try:
            return self.capture.send(OutboxBatch(some, historical), threading.Event())
        finally:
            self.capture.close()


def test_a_batch_is_taken_whole() -> None:
    wire, some = Wire(), rows(400)
    answer = wire.send(some, historical=True)
    assert answer.taken == some
    assert wire.sizes == [400]
    assert wire.captured.historical == 400


def test_a_bad_event_is_found_by_halves() -> None:
    wire, some = Wire(), rows(64, poison=[5])
    answer = wire.send(some)
    assert [row for row, _ in answer.refused] == [some[5]]
    assert sorted(answer.taken, key=lambda row: row.id) == [*some[:5], *some[6:]]
    assert len(wire.sizes) == 1 + 2 * 6
    assert len(wire.captured.events) == 63
    assert not answer.later


def test_every_event_may_be_bad() -> None:
    some = rows(7, poison=range(7))
    answer = Wire().send(some)
    assert [row for row, _ in answer.refused] == some


def test_what_the_server_says_is_kept_without_the_key() -> None:
    answer = Wire().send(rows(1, poison=[0]))
    ((_, words),) = answer.refused
    assert words.startswith("400 ")
    assert "cannot be taken" in words
    assert KEY not in words


def test_too_large_is_split_too() -> None:
    wire = Wire(lambda body: httpx.Response(413) if len(body["batch"]) > 2 else None)
    some = rows(9)
    assert wire.send(some).taken == some
    assert not wire.captured.state()["duplicates"]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
def test_what_passes_waits(status: int) -> None:
    some = rows(3)
    answer = Wire(lambda _body: httpx.Response(status, headers={"Retry-After": "4"})).send(some)
    assert answer.later == some
    assert not answer.taken
    assert not answer.refused
    assert answer.after_s == 4
    assert answer.fault is None


def test_nobody_there_is_waited_for() -> None:
    def hang(_body: Mapping[str, Any]) -> httpx.Response:
        raise httpx.ReadTimeout("")

    some = rows(3)
    assert Wire(hang).send(some).later == some


def test_over_quota_is_not_taken() -> None:
    some = rows(3)
    answer = Wire(lambda _body: httpx.Response(200, json={"status": 1, "quota_limited": ["events"]})).send(some)
    assert answer.later == some
    assert answer.after_s == posthog.QUOTA_WAIT_S


@pytest.mark.parametrize(("status", "name"), [(401, "POPULACE_POSTHOG_KEY"), (404, "HOST"), (301, "HOST")])
def test_wrong_settings_are_a_fault_and_nothing_is_lost(status: int, name: str) -> None:
    answer = Wire(lambda body: httpx.Response(status, text=f"no: {body['api_key']}")).send(rows(3))
    assert not answer.taken
    assert not answer.refused
    assert not answer.later
    assert name in str(answer.fault)
    assert KEY not in str(answer.fault)


def test_the_stand_in_takes_no_event_that_the_endpoint_would_not() -> None:
    good = event(1)
    for wrong in (
        {"event": ""},
        {"event": "x" * 201},
        {"distinct_id": 7},
        {"uuid": "p_1"},
        {"timestamp": "yesterday"},
        {"timestamp": "2026-01-09T18:30:00"},
        {"timestamp": "1971-01-01T00:00:00Z"},
        {"properties": None},
        {"properties": {"poison": True}},
    ):
        with pytest.raises(Faulty) as refused:
            Captured(KEY).take({"api_key": KEY, "batch": [good, good | wrong]})
        assert refused.value.status == 400, wrong
    for body, status in (
        ({"api_key": "other", "batch": [good]}, 401),
        ({"batch": [good]}, 401),
        ({"api_key": KEY, "batch": []}, 400),
        ({"api_key": KEY, "batch": [good], "historical_migration": "yes"}, 400),
    ):
        with pytest.raises(Faulty) as refused:
            Captured(KEY).take(body)
        assert refused.value.status == status
    captured = Captured(KEY)
    captured.take({"api_key": KEY, "batch": [good, good]})
    state = captured.state()
    assert (state["events"], state["received"], state["duplicates"]) == (1, 2, 1)
    assert state["by_event_and_day"] == {"page_view": {"2026-01-09": 1}}
