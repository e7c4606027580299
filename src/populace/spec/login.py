"""Accounts: the one password of a world's people, and the row that the auth service of Supabase keeps of each of them.

Every world with accounts has both, and they are the same everywhere.
"""

from __future__ import annotations

from populace.spec.column import Columns, ColumnValue, Ints, Json, Key
from populace.spec.parameter import Form, Parameter

NO_LOGIN = "none"
"""`login_hash` of people who have no password."""

LOGIN = Parameter(
    path="login_hash",
    default=NO_LOGIN,
    means="bcrypt hash of the people's one password, or none",
    secret=True,
    source="K: one password per plan, hashed once",
    form=Form(
        pattern=rf"{NO_LOGIN}|\$2[aby]\$\d\d\$[./A-Za-z0-9]{{53}}",
        fault="this is no bcrypt hash",
        allowed=f"{NO_LOGIN}, or a hash of 60 characters that begins with $2a$, $2b$ or $2y$",
        todo="put the password itself into POPULACE_LOGIN_PASSWORD",
    ),
)


def auth_user(key: Key, email: ColumnValue, password: ColumnValue, about: Json, at: Ints) -> Columns:
    """The columns of `auth.users` for confirmed people. password: hashes, or None. about: what the app says of them."""
    return {
        "id": key,
        "instance_id": "00000000-0000-0000-0000-000000000000",
        "aud": "authenticated",
        "role": "authenticated",
        "email": email,
        "encrypted_password": password,
        "email_confirmed_at": at,
        "confirmation_token": "",
        "recovery_token": "",
        "email_change_token_new": "",
        "email_change": "",
        "raw_app_meta_data": '{"provider":"email","providers":["email"]}',
        "raw_user_meta_data": about,
        "is_sso_user": False,
        "is_anonymous": False,
        "created_at": at,
        "updated_at": at,
    }
