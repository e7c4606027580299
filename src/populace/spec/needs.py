"""What a world's schema needs that a Supabase project has and a plain PostgreSQL lacks."""

from __future__ import annotations

from collections.abc import Mapping

NEEDS: Mapping[str, str] = {
    "accounts": "people have accounts",
    "roles": "grants and policies name these roles",
    "visitor": "policies and functions ask who is signed in",
    "realtime": "the world's tables are sent to browsers as they change",
    "uuids": "the schema calls functions of uuid-ossp or pgcrypto in the schema extensions",
}
"""Each need by name, and why a world has it. What is made for each is the part of `database.compat`."""
