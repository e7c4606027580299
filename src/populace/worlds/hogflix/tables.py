"""The tables HogFlix's people leave rows in: their columns, keys, and how each row is known as synthetic.

A person is synthetic by two marks at once, the reserved e-mail domain and `is_synthetic` in the account's metadata, and
everything else of people by its owner: so somebody who merely has such an address stays a human. Catalogue rows have
marks of their own, for nobody owns them.
"""

from __future__ import annotations

from populace.spec import Column, Mark, Table
from populace.spec.kit.columns import CREATED, ID, UPDATED
from populace.spec.kit.identity import auth_tables
from populace.spec.kit.marks import OF_CATALOGUE, Accounts

DOMAIN = "hogflix-synthetic.test"
"""The domain of every synthetic person's e-mail address, reserved so that no mail can reach anybody."""

MEDIA = "https://media.hogflix-synthetic.test/"
"""Where the video and the thumbnail of every title of Populace's would be found; the name does not resolve."""

ACCOUNTS = Accounts(DOMAIN, "is_synthetic")

PERSON = Column("user_id", "uuid", references="auth.users.id")
PROFILE = Column("profile_id", "uuid", references="public.profiles.id")
VIDEO = Column("video_id", "uuid", references="public.videos.id")


_OF_PROFILE = Mark(
    "EXISTS (SELECT 1 FROM public.profiles AS p JOIN auth.users AS u ON u.id = p.user_id "  # noqa: S608
    f"WHERE p.id = t.id AND {ACCOUNTS.condition()})",
    f"the account of its profile {ACCOUNTS.said}",
)
_OF_CONVERSATION = Mark(
    "EXISTS (SELECT 1 FROM public.chat_conversations AS c JOIN auth.users AS u ON u.id = c.user_id "  # noqa: S608
    f"WHERE c.id = t.conversation_id AND {ACCOUNTS.condition()})",
    f"the account of its conversation {ACCOUNTS.said}",
)
_OF_MEDIA = Mark(f"starts_with(t.video_url, '{MEDIA}')", f"video_url is below {MEDIA}")
_OF_VIDEO = Mark(
    "EXISTS (SELECT 1 FROM public.videos AS v WHERE v.id = t.video_id "  # noqa: S608
    f"AND starts_with(v.video_url, '{MEDIA}'))",
    f"the video_url of its video is below {MEDIA}",
)

TABLES = (
    *auth_tables("pool", ACCOUNTS.own, ACCOUNTS.of(), owned=True),
    Table(
        name="profiles",
        columns=(ID, PERSON, Column("display_name", "text"), Column("email", "text"),
                 Column("is_kids_profile", "bool"), Column("marketing_opt_in", "bool"),
                 Column("early_access_features", "text[]"), CREATED, UPDATED),
        key=("id",), root="pool", owner="user_id", mark=ACCOUNTS.of(),
    ),
    Table(
        name="profiles_public",
        columns=(Column("id", "uuid", references="public.profiles.id"), Column("display_name", "text"),
                 Column("is_kids_profile", "bool"), CREATED, UPDATED),
        key=("id",), root="pool", owner="id", mark=_OF_PROFILE,
    ),
    Table(
        name="user_roles",
        columns=(ID, PERSON, Column("role", "text"), CREATED, UPDATED),
        key=("id",), root="pool", owner="user_id", mark=ACCOUNTS.of(),
    ),
    Table(
        name="subscription_plans",
        columns=(ID, Column("name", "text"), Column("display_name", "text"), Column("price_monthly", "float8"),
                 Column("features", "jsonb"), Column("max_profiles", "int4"), Column("video_quality", "text"),
                 Column("is_default", "bool"), CREATED, UPDATED),
        key=("id",), root="plan", mark=OF_CATALOGUE, lasting=True,
    ),
    Table(
        name="user_subscriptions", mode="merge",
        columns=(ID, PERSON, Column("plan_id", "uuid", references="public.subscription_plans.id"),
                 Column("status", "text"), Column("payment_intent", "text", nullable=True),
                 Column("started_at", "timestamptz", moment="happened"),
                 Column("expires_at", "timestamptz", nullable=True, moment="planned", after="started_at"),
                 CREATED, UPDATED),
        key=("user_id",), root="pool", owner="user_id", mark=ACCOUNTS.of(),
    ),
    Table(
        name="categories",
        columns=(ID, Column("name", "text"), Column("sort_order", "int4"), CREATED, UPDATED),
        key=("id",), root="category", mark=OF_CATALOGUE, lasting=True,
    ),
    Table(
        name="videos",
        columns=(ID, Column("title", "text"), Column("description", "text"), Column("thumbnail_url", "text"),
                 Column("video_url", "text"), Column("category_id", "uuid", references="public.categories.id"),
                 Column("duration", "int4"), Column("slug", "text"), Column("is_public", "bool"),
                 Column("published_at", "timestamptz", moment="happened", after="created_at"),
                 Column("ai_summary", "text", nullable=True), CREATED, UPDATED),
        key=("id",), root="title", mark=_OF_MEDIA, lasting=True,
    ),
    Table(
        name="watch_progress", mode="merge",
        columns=(ID, PERSON, PROFILE, VIDEO, Column("progress_seconds", "int4"), Column("duration_seconds", "int4"),
                 Column("progress_percentage", "float8"),
                 Column("last_watched_at", "timestamptz", moment="happened", after="created_at"),
                 Column("completed", "bool"), Column("session_id", "uuid"), CREATED, UPDATED),
        key=("user_id", "profile_id", "video_id"), root="pool", owner="user_id", mark=ACCOUNTS.of(),
    ),
    Table(
        name="video_ratings", mode="merge",
        columns=(ID, VIDEO, PERSON, PROFILE, Column("rating", "int4"), CREATED, UPDATED),
        key=("video_id", "profile_id"), root="pool", owner="user_id", mark=ACCOUNTS.of(),
    ),
    Table(
        name="user_watchlist", mode="merge",
        columns=(ID, PERSON, PROFILE, VIDEO, CREATED, UPDATED),
        key=("user_id", "profile_id", "video_id"), root="pool", owner="user_id", mark=ACCOUNTS.of(),
    ),
    Table(
        name="chat_conversations",
        columns=(ID, PERSON, PROFILE, Column("title", "text"), CREATED, UPDATED),
        key=("id",), root="pool", owner="user_id", mark=ACCOUNTS.of(),
    ),
    Table(
        name="chat_messages",
        columns=(ID, Column("conversation_id", "uuid", references="public.chat_conversations.id"),
                 Column("role", "text"), Column("content", "text"), Column("metadata", "jsonb"), CREATED),
        key=("id",), root="pool", owner="conversation_id", through="chat_conversations", kinds="role",
        mark=_OF_CONVERSATION,
    ),
    Table(
        name="support_tickets", mode="merge",
        columns=(ID, PERSON, Column("issue_category", "text"), Column("description", "text"),
                 Column("status", "text"), CREATED, UPDATED),
        key=("id",), root="pool", owner="user_id", kinds="status", mark=ACCOUNTS.of(),
    ),
    # Filled by the app's refresh_video_analytics() alone; declared so that a clean-up takes it along.
    Table(
        name="video_analytics", mode="merge",
        columns=(VIDEO, Column("viewers", "int4"), Column("completions", "int4"),
                 Column("average_percentage", "float8"), Column("seconds_watched", "int8"),
                 Column("rating_count", "int4"), Column("average_rating", "float8", nullable=True),
                 Column("watchlist_count", "int4"), Column("refreshed_at", "timestamptz", moment="planned")),
        key=("video_id",), root="title", mark=_OF_VIDEO, proven_by="video_id",
    ),
    Table(
        name="admin_activity_log",
        columns=(ID, PERSON, Column("action", "text"), Column("entity_type", "text"),
                 Column("entity_id", "uuid", nullable=True), Column("details", "jsonb"), CREATED),
        key=("id",), root="staff", mark=ACCOUNTS.of(),
    ),
    Table(
        name="daily_metrics",
        columns=(Column("pool", "int4"), Column("day", "timestamptz", moment="happened"),
                 *(Column(name, "int4") for name in (
                     "total_personas", "active_today", "new_signups", "churned", "churned_cleaned", "reactivated",
                     "flixbuddy_calls", "sessions", "videos_watched", "watchlist_added", "ratings", "tickets",
                     "binges_begun", "binges_ended")),
                 Column("state_distribution", "jsonb"), Column("pattern_distribution", "jsonb"),
                 Column("score_by_state", "jsonb"),
                 Column("created_at", "timestamptz", moment="happened", after="day")),
        key=("pool", "day"), root="pool", mark=Mark("true", "the table belongs to the synthetic population"),
    ),
)  # fmt: skip
