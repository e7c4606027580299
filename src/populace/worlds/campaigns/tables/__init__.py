"""The tables of the campaign platform, in the order in which they are filled. See `columns` for how rows are marked."""

from __future__ import annotations

from populace.spec import Column, Table
from populace.spec.kit.columns import CREATED, ID, counts, moment, perhaps, texts, user, yes_no
from populace.worlds.campaigns.tables.answers import MONEY, RESPONSES
from populace.worlds.campaigns.tables.columns import OF_LOG
from populace.worlds.campaigns.tables.mail import CAMPAIGNS
from populace.worlds.campaigns.tables.people import CLIENTS, PEOPLE

_USE = (
    Table(
        name="performance_metrics",
        columns=(ID, user(nullable=True), Column("client_id", "uuid", nullable=True, references="public.clients.id"),
                 *texts("metric_type", "metric_name"), *counts("duration_ms"), Column("metadata", "jsonb"),
                 moment("recorded_at"), CREATED),
        key=("id",), root="log", mark=OF_LOG,
    ),
    Table(
        name="usage_analytics",
        columns=(ID, user(nullable=True), Column("client_id", "uuid", nullable=True, references="public.clients.id"),
                 *texts("event_type", "feature_name"), Column("metadata", "jsonb"), moment("occurred_at"), CREATED),
        key=("id",), root="log", mark=OF_LOG,
    ),
    Table(
        name="error_logs", mode="merge",
        columns=(ID, user(nullable=True), Column("client_id", "uuid", nullable=True, references="public.clients.id"),
                 *texts("error_type", "error_message", "error_code"),
                 *perhaps("stack_trace", "component_name", "function_name", "url", "user_agent"),
                 *perhaps("request_data", type="jsonb"), moment("occurred_at"), *yes_no("resolved"),
                 moment("resolved_at", "occurred_at", nullable=True), user("resolved_by", nullable=True),
                 *texts("severity", "category", "source"), Column("metadata", "jsonb"), CREATED),
        key=("id",), root="log", mark=OF_LOG,
    ),
)  # fmt: skip

TABLES = (*PEOPLE, *CLIENTS, *CAMPAIGNS, *RESPONSES, *MONEY, *_USE)
"""Parents before children."""
