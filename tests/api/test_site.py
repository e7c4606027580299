"""The site without a browser: what it writes, the contract of its chat, and how it answers what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import count
from uuid import UUID

import httpx
import psycopg
import pytest
from psycopg import sql

from contexts import at
from hazards import FILMS, JOURNEYS, Seeded, Small
from populace import clock
from populace.database.connection import connect
from populace.database.embedded import EmbeddedServer
from populace.deliver.address import client as client_of
from populace.deliver.reply import Endpoint, NoReply, ask
from populace.errors import Refused
from populace.sites.opening import open_site
from populace.worlds import registry
from visiting import PASSWORD, Guest, guest, populated, site, somebody

_numbers = count(1)


def fresh() -> UUID:
    """An id that nobody has."""
    return UUID(int=next(_numbers), version=4)


CHAT = "/functions/v1/flixbuddy-chat"
REQUESTS = registry.find("hogflix").channel("chat").peer.requests  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def url(server: EmbeddedServer, opened_template: str) -> Iterator[str]:
    with populated(server, opened_template, "site") as found:
        yield found


@pytest.fixture(scope="module")
def base(url: str) -> Iterator[str]:
    with site(url) as found:
        yield found


@pytest.fixture
def visitor(base: str) -> Iterator[Guest]:
    with guest(base) as found:
        yield found


def rows(url: str, query: str, *values: object) -> list[tuple[object, ...]]:
    with connect(url, application_name="tests") as connection:
        return connection.execute(query, values).fetchall()


def signed_up(visitor: Guest, email: str) -> None:
    answer = visitor.post("/signup", "/signup", name="Ada", email=email, password=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/browse")


MINE = "SELECT id, email, raw_user_meta_data ->> 'is_synthetic' FROM auth.users WHERE email = %s"
MARKED = "SELECT p.id FROM public.profiles AS p WHERE p.user_id = %s AND public.is_synthetic_account(p.user_id)"


def test_what_a_human_writes_is_theirs_and_what_a_marked_session_makes_has_the_marks(url: str, base: str) -> None:
    with guest(base) as human, guest(base) as bot:
        signed_up(human, "ada@example.com")
        assert 'id="marked"' in bot.client.get("/?syn=1").text
        refused = bot.post("/signup", "/signup", name="Bot", email="bot@example.com", password=PASSWORD)
        assert refused.status_code == 422
        assert "hogflix-synthetic.test" in refused.text
        signed_up(bot, "bot@hogflix-synthetic.test")
    with guest(base) as unmarked:
        taken = unmarked.post("/signup", "/signup", name="Eve", email="eve@hogflix-synthetic.test", password=PASSWORD)
        assert taken.status_code == 422
    ((ada, _, ada_marked),) = rows(url, MINE, "ada@example.com")
    ((robot, _, robot_marked),) = rows(url, MINE, "bot@hogflix-synthetic.test")
    assert (ada_marked, robot_marked) == (None, "true")
    assert not rows(url, MARKED, ada)
    assert rows(url, MARKED, robot)
    # The app's triggers have completed both.
    assert rows(url, "SELECT 1 FROM public.user_subscriptions WHERE user_id = %s", ada)
    assert not rows(url, MINE, "eve@hogflix-synthetic.test")


def test_everything_that_a_seeded_person_does_stands_in_the_tables(url: str, visitor: Guest) -> None:
    email = somebody(url)
    entered = visitor.post("/login", email=email, password=PASSWORD)
    assert entered.status_code == 303
    assert "HttpOnly" in entered.headers["set-cookie"]
    assert "SameSite=lax" in entered.headers["set-cookie"]
    ((person, _, _),) = rows(url, MINE, email)
    ((key, video, duration),) = rows(url, "SELECT slug, id, duration FROM public.videos ORDER BY slug LIMIT 1")
    visit = fresh()
    for fields in ({"seconds": 10**6, "session": visit}, {"seconds": 3, "session": visit}):
        assert visitor.post(f"/watch/{key}/progress", "/browse", **fields).status_code == 303
    seen = "SELECT progress_seconds, duration_seconds, completed, session_id FROM public.watch_progress "
    assert rows(url, seen + "WHERE user_id = %s AND video_id = %s", person, video) == [(3, duration, False, visit)]
    for stars in (2, 5):
        visitor.post(f"/title/{key}/rating", "/browse", rating=stars)
    rated = "SELECT rating FROM public.video_ratings WHERE user_id = %s AND video_id = %s"
    assert rows(url, rated, person, video) == [(5,)]
    listed = "SELECT count(*) FROM public.user_watchlist WHERE user_id = %s AND video_id = %s"
    for keep in (1, 1, 0):
        visitor.post(f"/title/{key}/list", "/browse", keep=keep)
        assert rows(url, listed, person, video) == [(keep,)]
    bought = visitor.post("/checkout", "/browse", plan="premium", number="4242424242424242", holder="Ada")
    assert bought.headers["location"] == "/checkout/success"
    plan = "SELECT p.name, s.status, s.payment_intent LIKE 'pi_test_%%' FROM public.user_subscriptions AS s " \
           "JOIN public.subscription_plans AS p ON p.id = s.plan_id WHERE s.user_id = %s"  # fmt: skip
    assert rows(url, plan, person) == [("premium", "active", True)]
    assert not rows(url, "SELECT 1 FROM public.user_subscriptions WHERE payment_intent LIKE '%%4242%%'")
    assert visitor.client.get("/checkout/success").status_code == 200


def test_a_card_that_is_no_test_card_changes_nothing(url: str, visitor: Guest) -> None:
    signed_up(visitor, "grace@example.com")
    ((grace, _, _),) = rows(url, MINE, "grace@example.com")
    for number, said in (
        ("4000 0000 0000 0002", "declined"),
        ("5555 5555 5555 4444", "takes no payment"),
        ("", "takes no"),
    ):
        answer = visitor.post("/checkout", "/browse", plan="standard", number=number, holder="Grace")
        assert answer.status_code == 422
        assert said in answer.text
        assert number not in answer.text or not number
    whole = {"plan": "standard", "number": "4242 4242 4242 4242", "holder": "Grace", "expires": "12/39", "code": "123"}
    for name, value, said in (
        ("holder", " ", "a name on the card"), ("expires", "00/00", "no month and year"), ("expires", "", "no month"),
        ("code", "zzz", "no code of a card"), ("code", "12345", "no code"), ("number", "4242" * 9, "takes no payment"),
    ):  # fmt: skip
        answer = visitor.post("/checkout", "/browse", **{**whole, name: value})
        assert (answer.status_code, said in answer.text.lower()) == (422, True)
    paid = "SELECT payment_intent FROM public.user_subscriptions WHERE user_id = %s"
    assert rows(url, paid, grace) == [(None,)]


def test_the_sixth_ticket_of_an_hour_is_refused_with_what_to_do(url: str, visitor: Guest) -> None:
    signed_up(visitor, "mary@example.com")
    ((mary, _, _),) = rows(url, MINE, "mary@example.com")
    fields = {"category": "other", "description": "The hedgehogs are too quiet."}
    said = [visitor.post("/support", "/browse", **fields) for _ in range(6)]
    assert [answer.status_code for answer in said] == [303] * 5 + [422]
    assert "wait a while" in said[-1].text.lower()
    assert rows(url, "SELECT count(*) FROM public.support_tickets WHERE user_id = %s", mary) == [(5,)]


@pytest.mark.parametrize("shape", sorted(REQUESTS))
def test_the_simulation_is_answered_in_the_documented_shape(url: str, base: str, shape: str) -> None:
    payload = {"message": "Show me sci-fi movies", "conversation_id": str(fresh()), "user_id": str(fresh()),
               "profile_id": str(fresh())}  # fmt: skip
    asked = Endpoint(base + CHAT, REQUESTS[shape])
    before = rows(url, "SELECT count(*) FROM public.chat_messages")
    with client_of(base, 10) as client:
        reply = ask(client, asked, payload, "message")
        named = rows(url, "SELECT title FROM public.videos AS v JOIN public.categories AS c ON c.id = v.category_id "
                          "WHERE c.name = 'Sci-Fi'")  # fmt: skip
        assert any(str(title) in reply.message for (title,) in named)
        raw = client.post(base + CHAT, json={"messages": [{"role": "user", "content": "hi"}],
                                             "conversationId": payload["conversation_id"]}).json()  # fmt: skip
    assert {"tokens", "latency", "cost", "model"} <= set(reply.metadata)
    assert set(raw) == {"message", "conversationId", "metadata"}
    assert raw["conversationId"] == payload["conversation_id"]
    assert (
        raw["metadata"]["tokens"]["total"] == raw["metadata"]["tokens"]["input"] + raw["metadata"]["tokens"]["output"]
    )
    # Populace stores its questions and replies itself, unless the plan says otherwise.
    assert rows(url, "SELECT count(*) FROM public.chat_messages") == before


def test_a_follow_up_is_about_the_title_that_was_named_first(url: str, base: str) -> None:
    ((user, profile),) = rows(url, "SELECT user_id, id FROM public.profiles ORDER BY id LIMIT 1")
    short = rows(url, "SELECT title, duration FROM public.videos WHERE duration < 60 ORDER BY slug LIMIT 3")
    conversation = fresh()
    with connect(url, application_name="tests") as connection:
        connection.execute("INSERT INTO public.chat_conversations (id, user_id, profile_id) VALUES (%s, %s, %s)",
                           (conversation, user, profile))  # fmt: skip
        connection.execute("INSERT INTO public.chat_messages (conversation_id, role, content) "
                           "VALUES (%s, 'assistant', %s)",
                           (conversation, "Try {}, {} or {}.".format(*(title for title, _ in short))))  # fmt: skip
    body = {"message": "How long is the first one?", "conversationId": str(conversation), "userId": str(user),
            "profileId": str(profile)}  # fmt: skip
    said = [httpx.post(base + CHAT, json={**body, "message": asked}).json()["message"]
            for asked in ("How long is the first one?", "how long is the last one")]  # fmt: skip
    assert said == [f"{title} is {duration} seconds long." for title, duration in (short[0], short[-1])]
    # Of another's conversation nothing is known.
    assert "Which title" in httpx.post(base + CHAT, json={**body, "userId": str(fresh())}).json()["message"]


def test_a_question_by_title_genre_mood_and_length(base: str, url: str) -> None:
    known = {str(t): (str(c), d) for t, c, d in rows(
        url, "SELECT v.title, c.name, v.duration FROM public.videos AS v "
             "JOIN public.categories AS c ON c.id = v.category_id"
    )}  # fmt: skip
    said: list[dict[str, str]] = []

    def asked(question: str) -> tuple[str, list[str]]:
        said.append({"role": "user", "content": question})
        message = httpx.post(base + CHAT, json={"messages": said, "conversationId": str(fresh())}).json()["message"]
        said.append({"role": "assistant", "content": message})
        return message, [title for title in known if f"{title} (" in message]

    _, scary = asked("something scary under five minutes")
    assert scary
    assert all(known[title][0] == "Horror" and int(str(known[title][1])) <= 300 for title in scary)
    _, others = asked("something else")
    assert not set(others) & set(scary)
    assert all(known[title][0] == "Horror" for title in others)
    shortest = min(others, key=lambda title: int(str(known[title][1])))
    assert shortest in asked("which one is the shortest?")[0]
    _, cosy = asked("I am in the mood for something cosy")
    assert {known[title][0] for title in cosy} <= {"Comedy", "Kids & Family"}
    message, about = asked("what is the hogfather about?")
    assert "The HogFather" in about
    assert "50 seconds" in message
    assert "zebras" in asked("anything about zebras?")[0]


BAD = [
    (b"{", "JSON"), (b"[]", "one JSON object"), (b'{"message": "hi"}', "conversationId"),
    (json.dumps({"message": " ", "conversationId": str(UUID(int=1)), "userId": str(UUID(int=1)),
                 "profileId": str(UUID(int=1))}).encode(), "question"),
    (json.dumps({"messages": [], "conversationId": str(UUID(int=1))}).encode(), "question"),
    (json.dumps({"messages": [{"role": "assistant", "content": "hi"}], "conversationId": str(UUID(int=1))}).encode(),
     "question"),
    (json.dumps({"message": "hi", "conversationId": "x", "userId": 1, "profileId": None}).encode(), "id"),
    (json.dumps({"message": "h" * 5000, "conversationId": str(UUID(int=1)), "userId": str(UUID(int=1)),
                 "profileId": str(UUID(int=1))}).encode(), "too long"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "says"), BAD, ids=[says for _, says in BAD])
def test_a_question_in_no_known_shape_is_answered_with_one_error(base: str, body: bytes, says: str) -> None:
    answer = httpx.post(base + CHAT, content=body)
    assert answer.status_code == 422
    assert list(answer.json()) == ["error"]
    assert says in answer.json()["error"]


def test_an_endpoint_with_a_key_answers_only_those_who_carry_it(url: str) -> None:
    payload = {"message": "hi", "conversation_id": str(fresh()), "user_id": str(fresh()), "profile_id": str(fresh())}
    with site(url, service_role_key="a-key-of-the-tests") as base, client_of(base, 10) as client:
        with pytest.raises(NoReply, match="401"):
            ask(client, Endpoint(base + CHAT, REQUESTS["function"]), payload, "message")
        keyed = Endpoint(base + CHAT, REQUESTS["function"], key="a-key-of-the-tests")
        assert ask(client, keyed, payload, "message").message


def test_the_site_stores_both_rows_where_the_plan_says_so(server: EmbeddedServer, opened_template: str) -> None:
    chosen = ("--set=flixbuddy_answers=endpoint", "--set=flixbuddy_stored_by=endpoint")
    with populated(server, opened_template, "stores", *chosen) as url:
        require_stored(url)


def require_stored(url: str) -> None:
    ((conversation, user, profile),) = rows(
        url, "SELECT id, user_id, profile_id FROM public.chat_conversations LIMIT 1"
    )
    body = {"message": "Any good documentaries?", "conversationId": str(conversation), "userId": str(user),
            "profileId": str(profile)}  # fmt: skip
    with site(url) as base:
        answer = httpx.post(base + CHAT, json=body)
        stranger = httpx.post(base + CHAT, json={**body, "userId": str(fresh())})
    assert stranger.status_code == 404
    last = rows(url, "SELECT role, content FROM public.chat_messages WHERE conversation_id = %s "
                     "ORDER BY created_at DESC LIMIT 2", conversation)  # fmt: skip
    assert last == [("assistant", answer.json()["message"]), ("user", body["message"])]


@pytest.mark.parametrize(("path", "status"), [
    ("/nowhere", 404), ("/title/nobody", 404), ("/watch/nobody", 404), ("/category/None", 404),
    ("/checkout?plan=gold", 404), ("/poster/zz/1.svg", 422), ("/search?q=" + "h" * 300, 422),
])  # fmt: skip
def test_an_address_that_leads_nowhere_is_one_page(url: str, visitor: Guest, path: str, status: int) -> None:
    visitor.post("/login", email=somebody(url), password=PASSWORD)
    answer = visitor.client.get(path)
    assert answer.status_code == status
    assert answer.text.count("<h1>") == 1
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(("path", "fields"), [
    ("/title/{key}/rating", {"rating": "6"}), ("/title/{key}/rating", {"rating": "x"}),
    ("/title/{key}/rating", {}), ("/watch/{key}/progress", {"seconds": "-1"}),
    ("/watch/{key}/progress", {"seconds": "1", "session": "x"}), ("/title/{key}/list", {"keep": "2"}),
    ("/support", {"category": "nothing", "description": "A long enough text."}),
    ("/support", {"category": "other", "description": "short"}), ("/flixbuddy", {"message": "  "}),
    ("/flixbuddy", {"message": "hi", "conversation": "x"}),
])  # fmt: skip
def test_a_field_that_cannot_be_is_refused_and_changes_nothing(
    url: str, visitor: Guest, path: str, fields: dict[str, str]
) -> None:
    visitor.post("/login", email=somebody(url), password=PASSWORD)
    ((key,),) = rows(url, "SELECT slug FROM public.videos ORDER BY slug LIMIT 1")
    counts = "SELECT (SELECT count(*) FROM public.video_ratings), (SELECT count(*) FROM public.watch_progress), " \
            "(SELECT count(*) FROM public.support_tickets), "\
            "(SELECT count(*) FROM public.chat_conversations)"  # fmt: skip
    before = rows(url, counts)
    answer = visitor.post(path.format(key=key), "/browse", **fields)
    assert answer.status_code == 422
    assert "Traceback" not in answer.text
    assert rows(url, counts) == before


def test_a_change_without_the_token_of_its_session_is_refused(url: str, base: str, visitor: Guest) -> None:
    visitor.post("/login", email=somebody(url), password=PASSWORD)
    with guest(base) as other:
        theirs = other.token()
    for token in ("", "x", theirs):
        answer = visitor.client.post("/logout", data={"csrf": token})
        assert answer.status_code == 403
    assert visitor.client.get("/browse").status_code == 200
    forged = visitor.client.post(
        "/logout", data={"csrf": visitor.token("/browse")}, headers={"origin": "https://evil.test"}
    )
    assert forged.status_code == 403
    assert visitor.client.get("/", headers={"host": "evil.test"}).status_code == 403


def test_a_forged_or_foreign_cookie_signs_nobody_in(base: str) -> None:
    for cookie in ("", "x", "x.y", "W10.00", "é"):
        answer = httpx.get(f"{base}/browse", headers={"cookie": f"hogflix_session={cookie}".encode()})
        assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Fbrowse")


def test_a_wrong_password_does_not_say_what_was_wrong(url: str, visitor: Guest) -> None:
    said = [visitor.post("/login", email=email, password="wrong") for email in (somebody(url), "nobody@example.com")]
    assert [answer.status_code for answer in said] == [422, 422]
    texts = {answer.text.split('role="alert">')[1].split("</div>")[0] for answer in said}
    assert len(texts) == 1


def test_a_link_leads_on_inside_the_site_alone(url: str, visitor: Guest) -> None:
    for to in ("https://evil.test/", "//evil.test/", "/\\evil.test"):
        answer = visitor.post("/login", email=somebody(url), password=PASSWORD, next=to)
        assert answer.headers["location"] == "/browse"


def test_an_account_that_was_removed_is_signed_out(url: str, visitor: Guest) -> None:
    signed_up(visitor, "leaves@example.com")
    assert visitor.client.get("/browse").status_code == 200
    with connect(url, application_name="tests") as connection:
        connection.execute("DELETE FROM auth.users WHERE email = 'leaves@example.com'")
    assert visitor.client.get("/browse").status_code == 303


def test_pages_may_send_to_the_configured_host_and_to_no_other(url: str, base: str) -> None:
    assert "connect-src 'self';" in httpx.get(base).headers["content-security-policy"]
    with site(url, posthog_host="https://events.example.com", posthog_key="phc_of_the_tests") as watched:
        answer = httpx.get(watched)
    assert "connect-src 'self' https://events.example.com;" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert 'data-project="phc_of_the_tests"' in answer.text


def test_while_the_database_is_away_each_page_says_so(
    make_database: Callable[[str], str],
    server: EmbeddedServer,
    seeded: Callable[[Small], Seeded],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("populace.api.pool.PATIENCE_S", 0.5)
    url = make_database(seeded(FILMS).template)
    name = sql.Identifier(str(psycopg.conninfo.conninfo_to_dict(url)["dbname"]))
    with site(url) as base, connect(server.url("postgres"), application_name="tests", autocommit=True) as conn:
        assert httpx.get(base).status_code == 200
        conn.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name.as_string().strip('"'),)
        )
        answer = httpx.get(base, timeout=60)
        chat = httpx.post(base + CHAT, json={"messages": [{"role": "user", "content": "hi"}],
                                             "conversationId": str(fresh())}, timeout=60)  # fmt: skip
        conn.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))
        # The pool tries for a session again and again, and waits a little longer each time.
        until = clock.monotonic() + 60
        while (back := httpx.get(base, timeout=60)).status_code != 200 and clock.monotonic() < until:
            clock.sleep(0.1)
        assert back.status_code == 200
    assert answer.status_code == 503
    assert "Back in a moment" in answer.text
    assert "retry-after" in answer.headers
    assert (chat.status_code, list(chat.json())) == (503, ["error"])


def test_a_world_without_a_site_is_refused(server: EmbeddedServer, seeded: Callable[[Small], Seeded]) -> None:
    with pytest.raises(Refused, match="has no site"):
        open_site(at(server.url(seeded(JOURNEYS).template)), None)
