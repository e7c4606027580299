"""Who hears of HogFlix outside its database: PostHog of events, FlixBuddy of questions, Supabase Auth of accounts."""

from __future__ import annotations

from populace.spec import AccountService, Channel, EventBatches, Limits, Questions, Receipts, Request, When
from populace.worlds.hogflix.reporting import event_names
from populace.worlds.hogflix.tables import DOMAIN

POSTHOG = Channel(
    name="posthog",
    title="PostHog",
    peer=EventBatches(reconciled=event_names.reconciled),
    unheard="no events",
)
FLIXBUDDY = Channel(
    name="chat",
    title="FlixBuddy",
    peer=Questions(
        receipts=Receipts(
            table="chat_messages",
            key="reply_id",
            content="content",
            metadata="metadata",
            thread="conversation_id",
            role="role",
            copied={"conversation_id": "conversation_id"},
            fixed={"role": "assistant"},
            by_peer=When(path="flixbuddy_stored_by", value="endpoint", otherwise="populace"),
        ),
        limits=Limits(
            seconds_between="flixbuddy_seconds_between", per_run="flixbuddy_per_run", per_day="flixbuddy_per_day"
        ),
        requests={
            "function": Request(
                members={
                    "message": "message",
                    "conversationId": "conversation_id",
                    "userId": "user_id",
                    "profileId": "profile_id",
                }
            ),
            "script": Request(members={"conversationId": "conversation_id"}, history="messages"),
        },
        request="flixbuddy_request",
    ),
    unheard="questions in chats wait in the outbox",
    when=When(path="flixbuddy_answers", value="endpoint", otherwise="local"),
)
AUTH = Channel(
    name="auth",
    title="Supabase Auth",
    peer=AccountService(email_domain=DOMAIN),
    unheard="accounts are made by Supabase's API, and it is not known where it is or with which key",
    when=When(path="accounts_through", value="api", otherwise="sql"),
)
CHANNELS = (POSTHOG, FLIXBUDDY, AUTH)
