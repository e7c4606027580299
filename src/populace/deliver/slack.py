"""A message to a Slack webhook: one request with a time limit. Who waits for nothing else does not wait for this."""

from __future__ import annotations

import httpx

from populace.deliver.address import checked, client

LIMIT_S = 10.0
_SIGNS = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
"""What begins a command or a link there."""


def address(webhook: str, where: str) -> str:
    """A webhook's address. Raises BadInput for what is none, Refused for one to which it would go in plain text: it is
    a secret by itself."""
    return checked(webhook, where, what="the address of a webhook", secret=True)


def send(webhook: str, text: str) -> str | None:
    """Send a text, every sign as it stands; None when it was taken, else why not, without the address."""
    try:
        with client(webhook, LIMIT_S) as http:
            answer = http.post(webhook, json={"text": text.translate(_SIGNS)})
    except httpx.TimeoutException:
        return f"the webhook did not answer within {LIMIT_S:g} s"
    except httpx.HTTPError as error:
        return f"the webhook cannot be reached ({type(error).__name__})"
    return None if answer.is_success else f"the webhook answered {answer.status_code}"
