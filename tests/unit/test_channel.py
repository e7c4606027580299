"""Channels are checked when a world is built, and say for which plans there is a use for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import pytest

from populace.errors import BadInput
from populace.operations.context import Context
from populace.operations.integrations import channels
from populace.operations.plans.worlds import DescribeRequest, describe
from populace.plan import resolve
from populace.settings import VARIABLES, Settings
from populace.spec import AccountService, Channel, EventBatches, Questions, Receipts, World
from populace.spec.channel import SETTINGS
from populace.worlds import registry
from populace.worlds.hogflix import WORLD
from populace.worlds.hogflix.reporting.channels import AUTH, FLIXBUDDY, POSTHOG
from tiny import BELL, CLUB

assert isinstance(FLIXBUDDY.peer, Questions)
ASKED: Questions = FLIXBUDDY.peer
ALL_SET = Settings(posthog_key="phc", chat_url="https://x", supabase_url="https://x", service_role_key="role")


def with_channel(channel: Channel, **changes: Any) -> World:
    return replace(WORLD, channels=(replace(channel, **changes),))


def with_receipts(**changes: Any) -> World:
    receipts: Receipts = replace(ASKED.receipts, **changes)
    return with_channel(FLIXBUDDY, peer=replace(ASKED, receipts=receipts))


def no_row(_values: object) -> Mapping[tuple[str, str], str]:
    return {("profilez", ""): "signed_up"}


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: replace(CLUB, channels=(BELL, BELL)), "channels.bell"),
        (lambda: with_channel(POSTHOG, peer=EventBatches(key="posthog_kee")), "did you mean 'posthog_key'"),
        (lambda: with_channel(POSTHOG, peer=EventBatches(reconciled=no_row)), "did you mean 'profiles'"),
        (lambda: with_channel(FLIXBUDDY, when=replace(FLIXBUDDY.when, path="flixbuddy_answer")), "flixbuddy_answers"),
        (lambda: with_channel(FLIXBUDDY, when=replace(FLIXBUDDY.when, value="endpont")), "did you mean 'endpoint'"),
        (lambda: with_channel(FLIXBUDDY, peer=replace(ASKED, request="flixbuddy_requests")), "flixbuddy_request"),
        (lambda: with_channel(FLIXBUDDY, peer=replace(ASKED, requests={"function": ASKED.requests["function"]})),
         "script"),
        (lambda: with_channel(FLIXBUDDY, peer=replace(ASKED, limits=replace(ASKED.limits, per_day="per_day"))),
         "per_day"),
        (lambda: with_receipts(table="chat_message"), "did you mean 'chat_messages'"),
        (lambda: with_receipts(content="contents"), "did you mean 'content'"),
        (lambda: with_receipts(fixed={"rôle": "assistant"}), "rôle"),
        (lambda: with_receipts(thread="role"), "conversation_id"),
        (lambda: with_channel(AUTH, peer=AccountService(email_domain="x.test", users="user")), "did you mean"),
        (lambda: with_channel(AUTH, peer=AccountService(email_domain="@x.test")), "without an @"),
    ],
)  # fmt: skip
def test_what_a_channel_refers_to_is_there(make: Any, said: str) -> None:
    with pytest.raises(BadInput, match="channels") as refused:
        make()
    assert said in str(refused.value)


def test_all_faults_of_a_channel_are_reported_at_once() -> None:
    with pytest.raises(BadInput) as refused:
        with_receipts(content="contents", metadata="meta", role="rôle")
    assert all(name in str(refused.value) for name in ("contents", "meta", "rôle"))


def test_a_channel_that_is_not_there_is_answered_with_the_nearest() -> None:
    with pytest.raises(BadInput, match="did you mean 'posthog'"):
        WORLD.channel("posthogg")
    with pytest.raises(BadInput, match="declares no channel"):
        registry.find("recoverlution").channel("posthog")


def test_settings_that_channels_name_are_settings() -> None:
    assert set(SETTINGS) <= {field.name for field in fields(Settings)} & set(VARIABLES)


def plan(**changes: object) -> Any:
    return resolve(WORLD, "default", seed=1, epoch_us=1_767_225_600_000_000, overrides=changes)


def test_a_plan_has_a_use_for_channels_as_its_values_say() -> None:
    assert [c.name for c in WORLD.channels if channels.used(plan(), c)] == ["posthog"]
    away = plan(flixbuddy_answers="endpoint", accounts_through="api")
    assert [c.name for c in WORLD.channels if channels.used(away, c)] == ["posthog", "chat", "auth"]
    assert channels.heard(away, Settings()) == frozenset()
    assert channels.integrations(away, ALL_SET).heard == {"posthog"}
    assert channels.integrations(away, ALL_SET).accounts == AUTH
    assert channels.integrations(plan(), ALL_SET).create is None


def test_a_missing_integration_is_reported_by_its_variables() -> None:
    away = plan(flixbuddy_answers="endpoint", accounts_through="api")
    reported = [(r.channel.name, list(r.missing), bool(r.remedy)) for r in channels.remarks(away, Settings(), 0)]
    assert reported == [("posthog", ["POPULACE_POSTHOG_KEY"], True), ("chat", ["POPULACE_CHAT_URL"], False)]
    assert not channels.remarks(away, ALL_SET, 0)
    with pytest.raises(BadInput, match="SUPABASE_URL and POPULACE_SERVICE_ROLE_KEY") as refused:
        channels.integrations(away, Settings())
    assert "accounts_through" in str(refused.value)


def test_answers_and_accounts_are_known_by_their_tables() -> None:
    by_peer = plan(flixbuddy_answers="endpoint", flixbuddy_stored_by="endpoint")
    assert channels.stored_by_peers(by_peer) == {"chat_messages"}
    assert channels.stored_by_peers(plan(flixbuddy_stored_by="endpoint")) == frozenset()
    assert channels.made_by_service(plan(accounts_through="api"), WORLD.table("users"))
    assert not channels.made_by_service(plan(accounts_through="api"), WORLD.table("profiles"))
    assert not channels.made_by_service(plan(), WORLD.table("users"))


def test_every_payload_has_what_its_requests_and_receipts_take() -> None:
    assert set(ASKED.members) == {"conversation_id", "user_id", "profile_id", "message", "reply_id", "at"}


def test_a_world_is_described_with_its_channels() -> None:
    found = describe(Context(), DescribeRequest("hogflix")).document()["channels"]
    assert [(c["name"], c["needs"], c["when"]) for c in found] == [
        ("posthog", ["POPULACE_POSTHOG_KEY"], {}),
        ("chat", ["POPULACE_CHAT_URL"], {"flixbuddy_answers": "endpoint"}),
        ("auth", ["SUPABASE_URL", "POPULACE_SERVICE_ROLE_KEY"], {"accounts_through": "api"}),
    ]


def test_which_channel_takes_events() -> None:
    assert channels.events_channel(CLUB, None) == BELL
    two = replace(CLUB, channels=(BELL, replace(BELL, name="horn")))
    with pytest.raises(BadInput, match="several channels"):
        channels.events_channel(two, None)
    assert channels.events_channel(two, "horn").name == "horn"
    with pytest.raises(BadInput, match="not a channel of events"):
        channels.events_channel(WORLD, "chat")
    with pytest.raises(BadInput, match="emit no events"):
        channels.events_channel(registry.find("recoverlution"), None)
