"""What analytics events are called: in the document's time, and since the app names them object:action.

A kind is a position in KINDS. Each act that leaves a row has exactly one event, at the same moment and with the same
ids: RECONCILED says which, so that somebody who compares the two need not read code.
"""

from __future__ import annotations

from collections.abc import Mapping

from populace.spec import Values

NAMES: Mapping[str, tuple[str, str]] = {
    "identify": ("$identify", "$identify"),
    "signup": ("signed_up", "signup:completed"),
    "page": ("page_view", "page:viewed"),
    "section_viewed": ("section_viewed", "section:viewed"),
    "section_clicked": ("section_clicked", "section:clicked"),
    "pricing": ("pricing_viewed", "pricing:page_viewed"),
    "plan": ("plan_selected", "pricing:plan_selected"),
    "checkout": ("checkout_started", "checkout:started"),
    "paid": ("plan_changed", "checkout:completed"),
    "demo_opened": ("demo_opened", "demo_video:opened"),
    "demo_played": ("demo_played", "demo_video:played"),
    "demo_progress": ("demo_progress", "demo_video:progress"),
    "demo_completed": ("demo_completed", "demo_video:completed"),
    "opened": ("title_opened", "video:title_opened"),
    "started": ("video_started", "video:started"),
    "progress": ("video_progress", "video:progress"),
    "completed": ("video_completed", "video:completed"),
    "rated": ("video_rated", "video:rated"),
    "listed": ("watchlist_added", "watchlist:added"),
    "ticket": ("support_ticket_submitted", "support:ticket_submitted"),
    "chat": ("flixbuddy_opened", "flixbuddy:opened"),
    "question": ("flixbuddy_interaction", "flixbuddy:message_sent"),
    "reply": ("flixbuddy_replied", "flixbuddy:interaction"),
}
"""By kind, the document's name and the later one."""
KINDS = tuple(NAMES)
LATER_ONLY = frozenset({"pricing", "plan", "checkout", "demo_opened", "demo_played", "demo_progress", "demo_completed",
                        "completed", "chat", "reply"})  # fmt: skip
"""Kinds that are emitted under the later names alone: the document lists none of them, and some it does not know."""
_ROWS = {
    "profiles": "signup",
    "video_ratings": "rated",
    "user_watchlist": "listed",
    "support_tickets": "ticket",
    "chat_messages": "question",
}
RECONCILED: Mapping[str, str] = {table: NAMES[kind][0] for table, kind in _ROWS.items()}
"""By table, the event that comes with each of its rows (of chat_messages: with those of users)."""
_COUNTED_APART = {"chat_messages": "user", "support_tickets": "open"}
"""Of tables whose rows are counted by kind, the kind of those that it comes with."""
RECONCILED_LATER: Mapping[str, str] = {table: NAMES[kind][1] for table, kind in _ROWS.items()}
"""The same under the later names."""


def reconciled(values: Values) -> Mapping[tuple[str, str], str]:
    """The event that comes with each row, by table and kind of row, as the parameter `event_names` says."""
    known = RECONCILED_LATER if values["event_names"] == "object_action" else RECONCILED
    return {(table, _COUNTED_APART.get(table, "")): event for table, event in known.items()}


def names(event_names: object) -> tuple[str, ...]:
    """The names of all kinds, as the parameter `event_names` says."""
    return tuple(both[event_names == "object_action"] for both in NAMES.values())


def kind(name: str) -> int:
    """The position of a kind; ValueError when there is none of that name."""
    return KINDS.index(name)
