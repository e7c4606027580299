"""Who may do what: keys, tokens, sessions of a browser, names of the server, pages of others, limits."""

from __future__ import annotations

import socket
from collections.abc import Callable

import httpx
import jwt
import pytest

from contexts import at
from populace import clock
from populace.api.access import COOKIE, CSRF
from populace.api.keys import LEEWAY_S, Caller, Keys, Sessions, digest, settle
from populace.api.server import bound
from populace.api.wiring import Service, Serving
from populace.database.connection import connect
from populace.errors import BadInput, Refused
from serving import ANON, OWNER, SECRET

STATUS, SEED, TOGGLE = "/synthetics/status", "/functions/v1/seed-synthetics", "/synthetics/toggle"
SOON_S = clock.now_us() // clock.SECOND_US + 3600


def token(secret: str = SECRET, algorithm: str = "HS256", **claims: object) -> str:
    return jwt.encode({"role": "anon", "exp": SOON_S, **claims}, secret, algorithm=algorithm)


GOOD = {
    "the key anon": ANON,
    "the key service_role": OWNER,
    "a token": token(),
    "a token of somebody who has logged in": token(role="authenticated"),
}
BAD = {
    "another key": ANON + "x",
    "a part of a key": ANON[:-1],
    "an expired token": token(exp=clock.now_us() // clock.SECOND_US - 120),
    "a token of another secret": token("another-secret-" * 5),
    "a token without an end": jwt.encode({"role": "anon"}, SECRET, algorithm="HS256"),
    "a token without a role": jwt.encode({"exp": SOON_S}, SECRET, algorithm="HS256"),
    "a token of another role": token(role="postgres"),
    "an unsigned token": jwt.encode({"role": "service_role", "exp": SOON_S}, None, algorithm="none"),
    "a token by another algorithm": token(algorithm="HS512"),
    "letters of no key": "ключ",
}


@pytest.mark.parametrize("key", GOOD.values(), ids=GOOD)
def test_keys_that_are_taken(key: str, shared: tuple[Service, str]) -> None:
    for headers in ({"authorization": f"Bearer {key}"}, {"authorization": f"bearer {key}"}, {"apikey": key}):
        assert httpx.get(shared[1] + STATUS, headers=headers, timeout=60).status_code == 200


@pytest.mark.parametrize("key", BAD.values(), ids=BAD)
def test_keys_that_are_not_taken(key: str, shared: tuple[Service, str]) -> None:
    done = httpx.get(shared[1] + STATUS, headers={"authorization": f"Bearer {key}".encode()}, timeout=60)
    assert done.status_code == 401
    assert done.headers["www-authenticate"] == "Bearer"
    assert key not in done.text


def test_without_a_key(shared: tuple[Service, str]) -> None:
    for headers in ({}, {"authorization": "Bearer"}, {"authorization": f"Basic {ANON}"}, {"apikey": ""}):
        assert httpx.get(shared[1] + STATUS, headers=headers, timeout=60).status_code == 401


def test_a_clock_may_be_a_little_off() -> None:
    keys, now_s = Keys({}, SECRET), clock.now_us() // clock.SECOND_US
    assert keys.caller(token(exp=now_s - LEEWAY_S // 2)).role == "anon"
    with pytest.raises(Exception, match="expired"):
        keys.caller(token(exp=now_s - 2 * LEEWAY_S))


def test_anon_reads_and_controls_where_it_may(
    lived_url: str, serving_at: Callable[..., tuple[Service, str]], calls: Callable[..., httpx.Client]
) -> None:
    _, url = serving_at(lived_url, anon_controls=False)
    anon, owner = calls(url, ANON), calls(url, OWNER)
    assert anon.get(STATUS).status_code == 200
    for path in (TOGGLE, "/synthetics/settings", "/synthetics/run-now", "/synthetics/cleanup", SEED, "/api/v1/run-now"):
        refused = anon.post(path, content='{"enabled": true}')
        assert (path, refused.status_code) == (path, 403)
        assert refused.json()["allowed"] == "service_role"
    assert owner.post(TOGGLE, content='{"enabled": false}').status_code == 200


def test_a_server_that_others_reach_waits_for_a_decision() -> None:
    with pytest.raises(Refused, match="whether the key anon may control"):
        Serving(host="0.0.0.0").require_decided()
    Serving(host="0.0.0.0", anon_controls=False).require_decided()
    assert not Serving(host="0.0.0.0", anon_controls=False).anon_may_control
    assert Serving().anon_may_control


def test_a_browser_enters_once_and_confirms_its_changes(served: tuple[Service, str]) -> None:
    service, url = served
    cookie = service.sessions.enter(service.sessions.link())
    assert cookie is not None
    csrf = service.sessions.csrf(cookie)
    with httpx.Client(base_url=url, cookies={COOKIE: cookie}, timeout=60) as page:
        assert page.get(STATUS).status_code == 200
        assert page.post(TOGGLE, content='{"enabled": true}').status_code == 403
        assert page.post(TOGGLE, content='{"enabled": true}', headers={CSRF: csrf[:-1] + "0x"}).status_code == 403
        assert page.post(TOGGLE, content='{"enabled": true}', headers={CSRF: csrf}).status_code == 200
    with httpx.Client(base_url=url, cookies={COOKIE: cookie + "x"}, timeout=60) as page:
        assert page.get(STATUS).status_code == 401


def test_a_link_opens_one_session() -> None:
    sessions = Sessions()
    word = sessions.link()
    assert sessions.enter(word) is not None
    assert sessions.enter(word) is None
    assert sessions.enter("no such word") is None


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "", "[::1", "a b"]
)
def test_another_name_of_the_server_is_refused(host: str, shared: tuple[Service, str]) -> None:
    done = httpx.get(shared[1] + STATUS, headers={"host": host, "authorization": f"Bearer {ANON}"}, timeout=60)
    assert done.status_code in (400, 403)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:9", "127.0.0.1", "[::1]:80"])
def test_names_of_this_machine(host: str, shared: tuple[Service, str]) -> None:
    assert (
        httpx.get(shared[1] + STATUS, headers={"host": host, "authorization": f"Bearer {ANON}"}, timeout=60).status_code
        == 200
    )


def test_pages_of_others_change_nothing(lived_url: str, serving_at: Callable[..., tuple[Service, str]]) -> None:
    _, url = serving_at(lived_url, origins=("https://app.example.com",))
    key = {"authorization": f"Bearer {OWNER}"}

    def sent(origin: str) -> httpx.Response:
        return httpx.post(url + TOGGLE, content='{"enabled": true}', headers=key | {"origin": origin})

    assert sent("https://evil.example").status_code == 403
    assert sent("null").status_code == 403
    assert "access-control-allow-origin" not in sent("https://evil.example").headers
    assert sent(url).status_code == 200
    allowed = sent("https://app.example.com")
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, "https://app.example.com")
    asked = httpx.options(url + TOGGLE, headers={"origin": "https://app.example.com"})
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (204, "https://app.example.com")


def test_every_answer_has_the_headers_that_keep_a_browser_safe(shared: tuple[Service, str]) -> None:
    for path in (STATUS, "/nowhere", "/openapi.json"):
        headers = httpx.get(shared[1] + path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "server" not in headers


def test_too_many_requests(lived_url: str, serving_at: Callable[..., tuple[Service, str]]) -> None:
    _, url = serving_at(lived_url, at_once=3.0, a_second=0.01)
    answers = [httpx.get(url + "/nowhere") for _ in range(5)]
    assert [one.status_code for one in answers] == [404, 404, 404, 429, 429]
    assert int(answers[-1].headers["retry-after"]) > 10


def test_keys_are_made_once_and_only_their_hashes_are_kept(opened_url: str) -> None:
    with connect(opened_url, application_name="tests", autocommit=True) as conn:
        keys, made = settle(conn, {}, None)
        assert set(made) == {"anon", "service_role"}
        assert keys.caller(made["anon"]).role == "anon"
        again, none = settle(conn, {}, None)
        assert none == {}
        assert again.caller(made["service_role"]).role == "service_role"
        held = conn.execute("SELECT string_agg(k::text, '') FROM populace.api_key AS k").fetchone()
        assert held
        assert not any(key in held[0] for key in made.values())
        fresh, new = settle(conn, {}, None, again=True)
        assert set(new) == {"anon", "service_role"}
        assert fresh.caller(new["anon"]).role == "anon"
        with pytest.raises(Exception, match="not known"):
            fresh.caller(made["anon"])


def test_hashes_alone_sign_no_session() -> None:
    keys = Keys({"anon": digest(ANON), "service_role": digest(OWNER)}, None)
    ours, same, others, unread = Sessions(), Sessions(), Sessions(), Sessions()
    ours.settle(keys, b"a secret of the target")
    same.settle(keys, b"a secret of the target")
    others.settle(keys, b"a secret of another one")
    unread.settle(keys, None)
    cookie = ours.enter(ours.link())
    assert cookie is not None
    assert same.caller(cookie) == Caller("service_role")
    assert others.caller(cookie) is unread.caller(cookie) is None
    ours.settle(Keys({**keys.hashes, "service_role": digest("a new key")}, None), b"a secret of the target")
    assert ours.caller(cookie) is None


def test_a_key_that_was_chosen_counts_alone() -> None:
    keys = Keys({"anon": digest(ANON), "service_role": digest(OWNER)}, None)
    assert keys.caller(OWNER).role == "service_role"
    with pytest.raises(Exception, match="not known"):
        keys.caller(token())


def test_a_port_that_somebody_has(shared: tuple[Service, str]) -> None:
    port = int(shared[1].rpartition(":")[2])
    with pytest.raises(BadInput, match="another program listens there"):
        bound(Serving(port=port), chosen=True)
    with pytest.raises(BadInput, match="nothing can listen there"):
        bound(Serving(host="203.0.113.7"), chosen=True)
    found: socket.socket = bound(Serving(port=port), chosen=False)
    assert found.getsockname()[1] != port
    found.close()


def test_a_target_that_is_not_open_is_not_served(empty_url: str) -> None:
    with pytest.raises(Refused, match="not been opened"):
        Service(at(empty_url), Serving()).settle()
