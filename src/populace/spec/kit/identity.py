"""What the auth service of Supabase keeps of a person: a row of `auth.users`, and one of `auth.identities`."""

from __future__ import annotations

from populace.spec.column import Columns, ColumnValue, Ints, Json, Key
from populace.spec.kit.columns import CREATED, ID, UPDATED, moment, perhaps, texts, user, yes_no
from populace.spec.table import Column, Mark, Table

_SIGNED_IN = Column("last_sign_in_at", "timestamptz", nullable=True, moment="happened", after="created_at", moves=True)


def auth_tables(
    root: str, users: Mark, identities: Mark, *, owned: bool = False, signed_in: bool = False
) -> tuple[Table, Table]:
    """The two tables, as rows of a root. owned: whether the rows go with their member. signed_in: whether users have
    the moment of their last sign-in, which the world's own statements move as people come.
    """
    return (
        Table(
            name="users",
            schema="auth",
            columns=(
                ID,
                Column("instance_id", "uuid"),
                *texts("aud", "role", "email"),
                *perhaps("encrypted_password"),
                moment("email_confirmed_at", "created_at"),
                *([_SIGNED_IN] if signed_in else []),
                *texts("confirmation_token", "recovery_token", "email_change_token_new", "email_change"),
                Column("raw_app_meta_data", "jsonb"),
                Column("raw_user_meta_data", "jsonb"),
                *yes_no("is_sso_user", "is_anonymous"),
                CREATED,
                UPDATED,
            ),
            key=("id",),
            root=root,
            owner="id" if owned else None,
            mark=users,
            noted=True,
        ),
        Table(
            name="identities",
            schema="auth",
            columns=(
                ID,
                *texts("provider_id"),
                user(),
                Column("identity_data", "jsonb"),
                *texts("provider"),
                CREATED,
                UPDATED,
            ),
            key=("id",),
            root=root,
            owner="user_id" if owned else None,
            mark=identities,
            # A service that makes an account makes this row too, under an id of its own.
            proven_by="user_id",
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


def identity(key: Key, own: Key, about: Json, at: Ints) -> Columns:
    """The columns of `auth.identities` for people who sign in by e-mail. key: of the user; own: of the identity."""
    return {
        "id": own,
        "provider_id": key,
        "user_id": key,
        "identity_data": about,
        "provider": "email",
        "created_at": at,
        "updated_at": at,
    }
