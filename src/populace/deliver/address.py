"""Addresses that secrets are sent to, and the clients that send them.

A key leaves only over https, or to this machine; no redirect is followed, since it would take the key to an address
that nobody named; and a request in plain text is never handed to a proxy.
"""

from __future__ import annotations

import ipaddress

import httpx

from populace.errors import BadInput, Refused


def checked(url: str, where: str, *, what: str = "an address", secret: bool, bare: bool = False) -> str:
    """An address without a slash at its end. where: what it came from. secret: a key is sent there. bare: it must have
    no query.

    Raises BadInput for what is none or holds a password, Refused for one that would show a secret to the network.
    """
    try:
        parts = httpx.URL(url)
        usable = parts.scheme in ("http", "https") and bool(parts.host) and not (parts.userinfo or parts.fragment)
        usable = usable and not (bare and parts.query)
    except (httpx.InvalidURL, ValueError, TypeError):
        usable = False
    if not usable:
        raise BadInput(
            f"this is not {what}",
            where=where,
            given=None if "@" in url else url,
            allowed="such as https://eu.i.posthog.com" if bare else "https://…",
        )
    if secret and parts.scheme != "https" and not is_loopback(parts.host):
        raise Refused(
            "a key would be sent without encryption",
            where=where,
            given=url,
            allowed="https://…; http:// only to this machine (127.0.0.1, localhost)",
        )
    return url.rstrip("/")


def checked_key(key: str, where: str, what: str) -> str:
    """A key that a request can carry. where: what it came from. Raises BadInput for another one, unshown."""
    if not (key.isascii() and key.isprintable() and key.strip() == key):
        raise BadInput(
            f"this is not {what}",
            where=where,
            allowed="letters, digits and signs without blanks, as the project's settings show it",
        )
    return key


def is_loopback(host: str) -> bool:
    """Whether a host of a URL is this machine, by its words alone."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def client(url: str, timeout_s: float, transport: httpx.BaseTransport | None = None) -> httpx.Client:
    """A client for an address. Raises BadInput for variables of the environment that no client can be made with."""
    try:
        return httpx.Client(
            timeout=timeout_s,
            transport=transport,
            follow_redirects=False,
            trust_env=url.startswith("https:"),
            headers={"User-Agent": "populace"},
        )
    except (ValueError, ImportError, OSError) as error:
        raise BadInput(
            f"requests cannot be sent with this proxy or these certificates: {error}",
            where="HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE, SSL_CERT_DIR",
            todo="correct or unset the one that is wrong",
        ) from None
