"""People's accounts by Supabase's Admin API, for projects whose `auth` schema Populace may not write.

Two directions: accounts are made before the rows that refer to them, and deleted after these are removed. An account
that is not known as synthetic, by its mark and by its e-mail's domain, is never changed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx

from populace import clock
from populace.database.connection import Connection
from populace.database.named import named
from populace.deliver import address
from populace.deliver.outbox import OutboxBatch, Row
from populace.deliver.peer import Answer
from populace.errors import CheckFailed, PopulaceError, Refused, Remedy, TargetUnavailable
from populace.spec import AccountService, Channel

USERS = "/auth/v1/admin/users"
KEY_VARIABLE, URL_VARIABLE = "POPULACE_SERVICE_ROLE_KEY", "SUPABASE_URL"
PER_S = 5.0
"""Accounts made or deleted in a second (002, rate limiting)."""
SPACING = 1.02
"""Of even steps, so that a second never holds one more, where requests do not take equally long to arrive."""
ATTEMPTS = 6
TIMEOUT_S = 30.0
TAKEN_CODES = frozenset({"email_exists", "user_already_exists", "identity_already_exists", "conflict"})
DELETE = "delete"
"""The one kind of row in the channel."""

SQL = named("populace.deliver", "admin_api.sql")


@dataclass(slots=True)
class AdminApi:
    """The Admin API of one Supabase project.

    url: the project's root. key: its service role key, sent and never shown. per_s: accounts made or deleted in any
    second, at most. monotonic, sleep: the clock that this is measured by, in seconds. where, key_where: what url and
    key came from, for errors. Raises BadInput for what cannot be a url or a key, Refused for a url that the key may not
    be sent to.
    """

    url: str
    key: str = field(repr=False)
    per_s: float = PER_S
    monotonic: Callable[[], float] = clock.monotonic
    sleep: Callable[[float], None] = clock.sleep
    where: str = URL_VARIABLE
    key_where: str = KEY_VARIABLE
    client: httpx.Client = field(init=False, repr=False)
    _free_s: float = float("-inf")

    def __post_init__(self) -> None:
        self.url = address.checked(self.url, self.where, secret=True, bare=True)
        address.checked_key(self.key, self.key_where, "a service role key")
        self.client = address.client(self.url, TIMEOUT_S)

    def create(self, user: Mapping[str, Any]) -> httpx.Response:
        """Ask for an account that needs no confirmation; see `create_users`."""
        self._in_turn()
        body: dict[str, Any] = {
            "id": user["id"],
            "email": user["email"],
            "email_confirm": True,
            "user_metadata": {**user["user_metadata"], "is_synthetic": True},
        }
        if user.get("password_hash"):
            body["password_hash"] = user["password_hash"]
        return self._request("POST", USERS, body=body)

    def get(self, user_id: str) -> Mapping[str, Any] | None:
        """The account of that id; None when there is none. Raises as `checked` does."""
        response = self._request("GET", f"{USERS}/{user_id}")
        return None if response.status_code == 404 else self.checked(response, "reading an account")

    def delete(self, user_id: str) -> None:
        """Delete an account; it may be deleted already. Raises as `checked` does."""
        self._in_turn()
        response = self._request("DELETE", f"{USERS}/{user_id}")
        if response.status_code != 404:
            self.checked(response, "deleting an account")

    def checked(self, response: httpx.Response, doing: str) -> dict[str, Any]:
        """The document of a good response. Raises Refused when the key is not accepted, TargetUnavailable when the
        service has an error, CheckFailed for anything else that it refuses."""
        document = _document(response)
        if response.is_success:
            return document
        words = f"{doing}: HTTP {response.status_code} {self._said(document)}".strip()
        if response.status_code in (401, 403):
            raise Refused(f"the account service does not accept the key ({words})", where=self.key_where,
                          todo="set it to the service role key of this project")  # fmt: skip
        if response.status_code == 429 or response.is_server_error:
            raise TargetUnavailable(
                f"the account service has an error ({words})", where=self.where, todo="try again later"
            )
        raise CheckFailed(f"the account service refused ({words})", where=self.where)

    def close(self) -> None:
        """Let connections go."""
        self.client.close()

    def _request(
        self, method: str, path: str, *, body: object = None, query: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """A request, tried again while the service is busy, not well or not there. Raises TargetUnavailable."""
        headers = {"apikey": self.key, "Authorization": f"Bearer {self.key}"}
        trouble = ""
        for attempt in range(ATTEMPTS):
            if attempt:
                self.sleep(min(10.0, 0.25 * 2.0**attempt))
            try:
                response = self.client.request(
                    method,
                    self.url + path,
                    json=body,
                    params=query,
                    headers=headers,
                    follow_redirects=False,
                )
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                trouble = type(error).__name__
                continue
            if response.status_code != 429 and not response.is_server_error:
                return response
            trouble = f"HTTP {response.status_code} {self._said(_document(response))}".strip()
        raise TargetUnavailable(
            f"the account service does not answer as it should ({trouble})",
            where=self.where,
            todo=Remedy(text="check whether the project is running; {} continues from here"),
        )

    def _in_turn(self) -> None:
        """Wait until the next account may be made or deleted."""
        now_s = self.monotonic()
        if self._free_s > now_s:
            self.sleep(self._free_s - now_s)
        # From the moment it really goes: a late one pushes the next one on.
        self._free_s = max(self._free_s, self.monotonic()) + SPACING / self.per_s

    def _said(self, document: Mapping[str, Any]) -> str:
        said = document.get("msg") or document.get("message") or document.get("error_description") or ""
        return str(said).replace(self.key, "***")[:200]


@dataclass(frozen=True, slots=True)
class Made:
    """created: accounts made now. present: accounts that were there, made by an earlier attempt."""

    created: int
    present: int


def create_users(client: AdminApi, users: Sequence[Mapping[str, Any]]) -> Made:
    """Make an account for each of `users` (as `sinks.accounts.User` has them); may be done again with the same.

    Raises Refused, naming the e-mail, when it belongs to an account that is not this one: that is left as it is. Raises
    as `AdminApi.checked` does too.
    """
    taken: dict[str, Mapping[str, Any]] = {}
    for user in users:
        response = client.create(user)
        if _is_taken(response):
            taken[str(user["email"]).lower()] = user
            continue
        made = client.checked(response, f"making the account {user['email']}")
        if made.get("id") != user["id"]:
            client.delete(str(made.get("id")))
            raise Refused("the account service assigns ids of its own", where=URL_VARIABLE, given=user["email"],
                          todo="update it, or let accounts be written by SQL")  # fmt: skip
    if taken:
        _owned(client, taken)
    return Made(len(users) - len(taken), len(taken))


def _owned(client: AdminApi, wanted: Mapping[str, Mapping[str, Any]]) -> None:
    """See that accounts whose e-mails were taken are ours: by their ids, since pages of a list shift while others are
    deleted."""
    for email, user in wanted.items():
        holder = client.get(user["id"])
        if holder is None or str(holder.get("email") or "").lower() != email or not _is_synthetic(holder):
            raise Refused(
                "another account has this e-mail address",
                where="auth.users",
                given=user["email"],
                todo="it is not changed; take another seed, or remove that account yourself",
            )


@dataclass(slots=True)
class Removals:
    """The peer of a channel of accounts: those of removed people are deleted."""

    channel: Channel
    api: AdminApi

    most = 5
    most_ahead_us: int | None = None

    @property
    def peer(self) -> AccountService:
        """What the world declares of it."""
        assert isinstance(self.channel.peer, AccountService)
        return self.channel.peer

    @property
    def per_s(self) -> float:
        """Accounts a second."""
        return self.api.per_s

    def send(self, batch: OutboxBatch, stop: threading.Event) -> Answer:
        """Delete the accounts of a batch; only those that are certainly synthetic."""
        answer = Answer()
        for row in batch.rows:
            if stop.is_set():
                break
            try:
                self._remove(row)
            except TargetUnavailable as error:
                answer.later, answer.why = [row], error.what
                break
            except Refused as error:
                answer.fault = error
                break
            except PopulaceError as error:
                answer.refused.append((row, error.what))
            else:
                answer.taken.append(row)
        if answer.taken:
            answer.record = partial(_count_removed, self.peer, answer.taken)
        return answer

    def close(self) -> None:
        """Let connections go."""
        self.api.close()

    def _remove(self, row: Row) -> None:
        """Delete the account; it may be deleted already. Raises CheckFailed when it must stay."""
        user_id, email = row.payload.get("user_id"), str(row.payload.get("email") or "").lower()
        if row.kind != DELETE or not _is_key(user_id):
            raise CheckFailed(f"this is not a request to delete an account: {row.kind}")
        account = self.api.get(str(user_id))
        if account is None:
            return
        held = str(account.get("email") or "").lower()
        if (
            not _is_synthetic(account)
            or held.rpartition("@")[2] != self.peer.email_domain.lower()
            or (email and held != email)
        ):
            raise CheckFailed("the account is not a synthetic person's; it is not changed")
        self.api.delete(str(user_id))


def _count_removed(peer: AccountService, removed: Sequence[Row], connection: Connection) -> None:
    """Count what has left the app's tables; rows that do not say when they were made are not counted by day."""
    tables = {"users": peer.users, "identities": peer.identities}
    connection.execute(SQL["removed"], {**tables, "n": len(removed)})
    days = [str(row.payload["created_at"])[:10] for row in removed if "created_at" in row.payload]
    connection.execute(SQL["removed_days"], {**tables, "days": days})


def _is_taken(response: httpx.Response) -> bool:
    """Whether an account was not made because there is one already."""
    if response.status_code not in (409, 422):
        return False
    document = _document(response)
    said = str(document.get("msg") or document.get("message") or "")
    return response.status_code == 409 or document.get("error_code") in TAKEN_CODES or "already" in said


def _is_synthetic(account: Mapping[str, Any]) -> bool:
    metadata = account.get("user_metadata")
    return isinstance(metadata, dict) and metadata.get("is_synthetic") is True


def _is_key(value: object) -> bool:
    """Whether a value is the text of a uuid, so that it can stand in a path."""
    return isinstance(value, str) and len(value) == 36 and all(c in "0123456789abcdefABCDEF-" for c in value)


def _document(response: httpx.Response) -> dict[str, Any]:
    try:
        document = response.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
