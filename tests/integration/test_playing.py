"""Claims on visits, without a browser: each is taken once, ends in one way, and what a site writes becomes ours."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

import visiting
from command import answer, call
from populace import clock
from populace.database.connection import connect
from populace.database.embedded import EmbeddedServer
from populace.engine.upcoming import Upcoming
from populace.errors import BadInput, Refused
from populace.operations import ChangeRequest, RunRequest, change, pause, resume, run
from populace.operations.playing.claims import Claims, ClaimsRequest, claims, navigation_of, preview
from populace.operations.playing.pictures import KEPT, Folder
from populace.operations.playing.played import PictureRequest, PlayedRequest, picture, played
from populace.operations.steering.settings import EnableRequest
from populace.runner.delegations import Done
from populace.worlds.registry import Registry
from visiting import copied, here, populated

SITE = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def seeded(server: EmbeddedServer, opened_template: str) -> Iterator[str]:
    with populated(server, opened_template, "played") as found:
        yield found


@pytest.fixture
def url(server: EmbeddedServer, seeded: str) -> Iterator[str]:
    """A copy of the same people, each time."""
    with copied(server, "played", "playing") as found:
        yield found


def request(tmp_path: Path, **more: object) -> ClaimsRequest:
    return ClaimsRequest(SITE, "a test", folder=tmp_path, **more)  # type: ignore[arg-type]


def states(url: str) -> dict[str, int]:
    with connect(url, application_name="tests") as connection:
        rows = connection.execute("SELECT state, count(*) FROM populace.delegated_visit GROUP BY state").fetchall()
    return dict(rows)


def failed(url: str) -> dict[str, int]:
    """How many checks of rows do not hold, by their ids."""
    return visiting.failed(url, "rows", "recount", "future", "causes")


def acts(connection: psycopg.Connection[tuple[object, ...]], person: str) -> None:
    """What a site of somebody else's does: rows under keys of its own, at its own time."""
    connection.execute("INSERT INTO public.chat_conversations (user_id, profile_id, title, created_at, updated_at)"
                       " VALUES (%(p)s, %(p)s, 'mine', populace.now(), populace.now())", {"p": person})  # fmt: skip
    connection.execute("INSERT INTO public.chat_messages (conversation_id, role, content, created_at)"
                       " SELECT id, 'user', 'hello', populace.now() FROM public.chat_conversations AS c"
                       " WHERE user_id = %s AND title = 'mine'"
                       " AND NOT EXISTS (SELECT FROM public.chat_messages WHERE conversation_id = c.id)",
                       (person,))  # fmt: skip
    connection.execute("INSERT INTO public.user_watchlist (user_id, profile_id, video_id, created_at, updated_at)"
                       " SELECT %(p)s, %(p)s, v.id, populace.now(), populace.now() FROM public.videos AS v"
                       " WHERE NOT EXISTS (SELECT FROM public.user_watchlist WHERE user_id = %(p)s AND video_id = v.id)"
                       " ORDER BY v.id LIMIT 1", {"p": person})  # fmt: skip


def through(mine: Claims, visit: Upcoming, url: str, *, writes: bool = True) -> int:
    """Play a visit from its moment to its end."""
    assert mine.due(visit)
    assert mine.begin(visit)
    if writes:
        with connect(url, application_name="a site") as site:
            acts(site, visit.key)
    return mine.end(visit, "played", steps=[Done("homepage", 1, 5, "00-homepage.jpg")])


def test_what_a_site_writes_in_a_visit_is_ours_and_what_others_wrote_is_not(url: str, tmp_path: Path) -> None:
    with connect(url, application_name="somebody") as human:
        who = preview(here(url), request(tmp_path), 1)[0].key
        acts(human, who)
        human.execute("UPDATE public.watch_progress SET last_watched_at = populace.now(), updated_at = populace.now()"
                      " WHERE user_id = %s", (who,))  # fmt: skip
    # Nobody runs the population meanwhile, and nothing of it lies in the future.
    assert "future" not in failed(url)
    with claims(here(url), request(tmp_path)) as mine:
        visits = mine.next(3)
        assert len(visits) == 3
        assert [v.begins_us for v in visits] == sorted(v.begins_us for v in visits)
        assert through(mine, visits[0], url) == 3
        assert through(mine, visits[1], url, writes=False) == 0
    assert states(url) == {"played": 2, "interrupted": 1}
    # The time of what was done is over, and the simulation goes on over all of it.
    run(here(url), RunRequest(speed="max", until=clock.iso(visits[2].ends_us + clock.DAY_US)))
    # Three rows are somebody else's, and the checks say so.
    assert failed(url) == {"rows": 2, "recount": 1}
    before = answer("cleanup", "--all", "--dry-run", "--keep-referenced", "--target", url)
    assert before["others"] == {"public.chat_conversations": 1, "public.chat_messages": 1, "public.user_watchlist": 1}


def test_after_a_clean_up_nothing_of_a_played_visit_is_left(url: str, tmp_path: Path) -> None:
    with claims(here(url), request(tmp_path)) as mine:
        for visit in mine.next(2):
            assert through(mine, visit, url) == 3
    assert failed(url) == {}
    call("cleanup", "--all", "--yes", "--target", url)
    with connect(url, application_name="tests") as connection:
        for table in ("chat_conversations", "chat_messages", "user_watchlist", "profiles"):
            assert connection.execute(f"SELECT count(*) FROM public.{table}").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM populace.delegated_visit").fetchone() == (0,)


def test_what_a_site_writes_ahead_of_the_runner_is_no_fault(url: str, tmp_path: Path) -> None:
    with claims(here(url), request(tmp_path)) as mine:
        assert through(mine, mine.next(1)[0], url) == 3
    moved = """UPDATE public.chat_conversations SET updated_at = ended_at + %s::interval
               FROM populace.delegated_visit WHERE title = 'mine' RETURNING updated_at > populace.watermark()"""
    for late, faults in (("-1 ms", {}), ("1 s", {"future": 1})):
        with connect(url, application_name="tests") as connection:
            assert connection.execute(moved, (late,)).fetchall() == [(True,)]
        assert failed(url) == faults


def test_a_fault_of_ours_does_not_hide_as_a_row_of_somebody_else(url: str) -> None:
    """A row of ours that lies in the future; and one that also lost its key, so that its time is not looked at."""
    spoiled = """UPDATE public.chat_messages SET created_at = populace.watermark() + '1 day', id = {}
                 WHERE id = (SELECT max(id::text)::uuid FROM public.chat_messages)"""
    for key, faults in (("id", {"future": 1}), ("gen_random_uuid()", {"rows": 1})):
        with connect(url, application_name="tests") as connection:
            assert connection.execute(spoiled.format(key)).rowcount == 1
        assert failed(url) == faults


def test_two_runs_never_take_the_same_visit(url: str, tmp_path: Path) -> None:
    meet = threading.Barrier(2, timeout=60)

    def take(_nth: int) -> list[int]:
        with claims(here(url), request(tmp_path)) as mine:
            meet.wait()
            found = [v.address for v in mine.next(5)]
            meet.wait()
            return found

    with ThreadPoolExecutor(2) as both:
        one, other = both.map(take, range(2))
    assert len(one) == len(other) == 5
    assert not {*one} & {*other}
    # Each counts once, and nobody has written a row of it.
    assert states(url) == {"interrupted": 10}


def test_a_visit_that_a_pause_takes_away_is_cancelled(url: str, tmp_path: Path) -> None:
    with claims(here(url), request(tmp_path)) as mine:
        first, *others = mine.next(3)
        assert mine.due(first)
        pause(here(url), EnableRequest())
        # The next window takes the pause up, and nobody comes any more.
        assert mine.due(others[0])
        assert not mine.begin(others[0])
        assert mine.next(1) == []
    assert states(url) == {"cancelled": len(others), "interrupted": 1} or states(url)["cancelled"] >= 2
    with pytest.raises(Refused, match="paused"), claims(here(url), request(tmp_path)):
        raise AssertionError
    # The end of the pause waits for a window, and nobody runs the population: so the claim makes one.
    resume(here(url), EnableRequest())
    with claims(here(url), request(tmp_path)) as mine:
        assert len(mine.next(2)) == 2


def test_a_change_that_takes_nothing_away_cancels_nothing(url: str, tmp_path: Path) -> None:
    with claims(here(url), request(tmp_path)) as mine:
        first, second = mine.next(2)
        through(mine, first, url, writes=False)
        change(here(url), ChangeRequest({"rating_share": "0.5"}))
        assert through(mine, second, url, writes=False) == 0
    assert states(url) == {"played": 2}


def test_what_a_run_that_died_left_open_is_ended_by_the_next_one_with_its_rows(url: str, tmp_path: Path) -> None:
    with claims(here(url), request(tmp_path)) as died:
        playing, claimed = died.next(2)
        assert died.due(playing)
        assert died.begin(playing)
        with connect(url, application_name="a site") as site:
            acts(site, playing.key)
        # Its session ends, as that of a killed process does.
        died.connection.close()
        with connect(url, application_name="tests", autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'populace bots'"
            )
        with claims(here(url), request(tmp_path)) as mine:
            assert mine.interrupted == 2
            assert {playing.address, claimed.address}.isdisjoint({v.address for v in mine.next(3)})
        assert died.end(playing, "played") == 0
    with connect(url, application_name="tests") as connection:
        rows = connection.execute(
            "SELECT state, before IS NULL FROM populace.delegated_visit WHERE address = ANY (%s)",
            ([playing.address, claimed.address],),
        ).fetchall()
        listed = connection.execute(
            "SELECT count(*) FROM public.chat_conversations AS c"
            " JOIN populace.own_row AS o ON o.key = ARRAY[c.id::text]"
            " AND o.relation = 'public.chat_conversations'::regclass WHERE c.title = 'mine'"
        ).fetchone()
    assert rows == [("interrupted", True)] * 2
    assert listed == (1,)


def test_a_claim_beside_a_runner_waits_until_it_takes_it_up(url: str, tmp_path: Path) -> None:
    stop = threading.Event()
    with ThreadPoolExecutor(1) as beside:
        running = beside.submit(run, here(url), RunRequest(speed=1.0), stop=stop)
        try:
            with claims(here(url), request(tmp_path)) as mine:
                visits = mine.next(2)
                assert all(mine.due(v) for v in visits)
                assert all(mine.begin(v) for v in visits)
                assert [mine.end(v, "played") for v in visits] == [0, 0]
        finally:
            stop.set()
        running.result(60)
    assert states(url) == {"played": 2}


def test_a_visit_that_waits_for_its_moment_begins_when_time_has_come_to_it(url: str, tmp_path: Path) -> None:
    """Beside a runner, which alone lets time pass."""
    stop = threading.Event()
    with claims(here(url), request(tmp_path, wait=True)) as mine:
        # Nobody lets time pass: so nobody comes.
        with connect(url, application_name="tests") as connection:
            before = connection.execute("SELECT populace.watermark()").fetchone()
        with ThreadPoolExecutor(1) as beside:
            running = beside.submit(run, here(url), RunRequest(speed=1800.0), stop=stop)
            try:
                visit = mine.next(3)[-1]
                seen = [mine.due(visit)]
                while not seen[-1]:
                    clock.sleep(0.1)
                    seen.append(mine.due(visit))
                with connect(url, application_name="tests") as connection:
                    now = connection.execute("SELECT populace.watermark()").fetchone()
                assert before is not None
                assert now is not None
                assert before[0] < clock.to_datetime(visit.begins_us) <= now[0]
                assert mine.begin(visit)
                mine.end(visit, "played")
            finally:
                stop.set()
            running.result(60)


def test_the_pictures_of_the_last_visits_are_found(url: str, tmp_path: Path) -> None:
    with claims(here(url), request(tmp_path)) as mine:
        (visit,) = mine.next(1)
        mine.due(visit)
        mine.begin(visit)
        where = mine.folder.visit(visit.key, visit.address)
        for address in range(KEPT + 2):
            (tmp_path / mine.folder.visit(visit.key, address)).mkdir(parents=True)
        (tmp_path / where).mkdir(parents=True)
        (tmp_path / where / "00-homepage.jpg").write_bytes(b"a picture")
        mine.end(visit, "played", steps=[Done("homepage", 1, 5, "00-homepage.jpg")], pictures=where)
        mine.folder.trim(visit.key)
        assert len(list(mine.folder.person(visit.key).iterdir())) == KEPT
    (found,) = played(here(url), PlayedRequest(visit.key, folder=tmp_path))
    assert (found.state, found.site, [p.name for p in found.pictures]) == ("played", SITE, ["00-homepage.jpg"])
    asked = PictureRequest(visit.key, visit.address, "00-homepage.jpg", folder=tmp_path)
    assert picture(here(url), asked) == b"a picture"
    for wrong in ("../../../profile.json", "01.jpg"):
        with pytest.raises(BadInput, match="no such picture"):
            picture(here(url), replace(asked, name=wrong))
    with pytest.raises(BadInput, match="no folder of a visit"):
        Folder(tmp_path, "x").pictures("../../etc")
    with pytest.raises(BadInput, match="no key"):
        played(here(url), PlayedRequest("nobody"))


def test_a_world_that_has_no_pages_says_so() -> None:
    with pytest.raises(BadInput, match="does not say how people go through its pages"):
        navigation_of(Registry().find("campaigns"))
