"""An app makes rows for everybody who signs up, by a trigger: our people live beside it, and nothing of them stays."""

from __future__ import annotations

import pytest

from command import contents
from conftest import MakeDatabase
from examples import part
from hazards import CLUB_SMALL, FILMS, JOURNEYS, Hazard, Small, execute, live_through, step
from populace.worlds import registry
from referring import LEAVES, number

SIGN_UP = """
CREATE FUNCTION public.handle_new_user() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN {}; RETURN new; END $$;
CREATE TRIGGER on_auth_user_created AFTER INSERT ON {} FOR EACH ROW EXECUTE FUNCTION public.handle_new_user();
"""
PROFILES = SIGN_UP.format(
    "INSERT INTO public.profiles (id, full_name, created_at) VALUES (new.id, 'from the app', '2020-01-01')",
    "auth.users",
)
ROLES = SIGN_UP.format(
    "IF new.email !~ '^staff' THEN INSERT INTO public.user_roles (user_id, role) VALUES (new.id, 'user'); END IF",
    "auth.users",
)
TWICE = SIGN_UP.format(
    "INSERT INTO public.profiles (user_id, display_name) VALUES (new.id, 'the app''s')", "auth.users"
)
THANKS = SIGN_UP.format(
    "INSERT INTO public.thanks (id, person_id, created_at) VALUES (gen_random_uuid(), new.id, now())", "public.people"
)


@pytest.mark.parametrize(("small", "trigger"), part([(FILMS, ROLES), (JOURNEYS, PROFILES)], every=2))
def test_what_stands_in_the_place_of_our_rows_becomes_ours(
    opened_url: str, make_database: MakeDatabase, opened_template: str, small: Small, trigger: str
) -> None:
    undisturbed, world = make_database(opened_template), registry.find(small.world)
    execute(opened_url, small.tables() + trigger)
    execute(undisturbed, small.tables())
    for name in ("seed", "life"):
        for url in (opened_url, undisturbed):
            done = step(url, *small.steps()[name])
            assert done.code == 0, done.err
        assert contents(opened_url, world) == contents(undisturbed, world)
    done = step(opened_url, "cleanup", "--all", "--yes")
    assert done.code == 0, done.err
    assert number(opened_url, "SELECT count(*) FROM auth.users") == 0


@pytest.mark.parametrize(("small", "trigger"), part([(LEAVES, THANKS), (FILMS, TWICE)], every=2))
def test_what_stands_beside_our_rows_goes_with_our_people(opened_url: str, small: Small, trigger: str) -> None:
    live_through(Hazard(name="sign-up", small=small, in_place=True, before=trigger), opened_url)
    assert number(opened_url, "SELECT count(*) FROM populace.kept") == 0


def test_rows_of_humans_are_not_taken_over(opened_url: str) -> None:
    """The app's users sign up beside ours, by the same trigger."""
    signs_up = """
        INSERT INTO public.people (id, name, mail, nth, created_at)
            SELECT gen_random_uuid(), 'Una', 'una@example.org', 1, now() FROM generate_series(1, 5);
    """
    hazard = Hazard(name="humans", small=CLUB_SMALL, in_place=True, before=THANKS + signs_up, after=signs_up)
    live_through(hazard, opened_url)
    assert number(opened_url, "SELECT count(*) FROM public.thanks") == 10
