"""Navigations and page maps are checked before anybody goes anywhere, all faults at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from burrow import page_map
from populace.bots.page_map import of_world, parsed
from populace.errors import BadInput
from populace.spec.navigation import Navigation
from populace.worlds.hogflix import WORLD

assert WORLD.navigation is not None
NAVIGATION: Navigation = WORLD.navigation


def changed(step: str, **changes: object) -> dict[str, object]:
    """The steps with another one of this name."""
    steps = (replace(s, **changes) if s.name == step else s for s in NAVIGATION.steps)  # type: ignore[arg-type]
    return {"steps": tuple(steps)}


def faults(text: bytes) -> str:
    with pytest.raises(BadInput) as caught:
        parsed(text, WORLD, NAVIGATION, "map.toml")
    return str(caught.value)


def test_ours_and_that_of_the_page_are_good() -> None:
    steps = {one.name for one in NAVIGATION.steps}
    for found, more in ((of_world(WORLD, NAVIGATION), {"pricing", "sign_up", "pay"}),
                        (parsed(page_map(), WORLD, NAVIGATION, "bots.md"), set())):  # fmt: skip
        assert set(found.steps) == steps | more
        assert found.signs_up == bool(more)
        assert found.needs_password


def test_a_site_on_which_people_sign_up_says_where_all_of_it_is() -> None:
    half = page_map().decode().replace("[steps]", '[steps]\nsign_up = [{ fill = "#mail", with = "{email}" }]')
    assert "does not say where these steps are" in faults(half.encode())
    assert "pricing, pay" in faults(half.encode())


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("format = 1", "format = 2", "not a page map of this version"),
        ('world = "hogflix"', 'world = "worldchef"', "for another world"),
        ('arrive = "/"', 'arrive = "https://elsewhere.test/"', "begins with one slash"),
        ('arrive = "/"', 'arrive = "//elsewhere.test/"', "begins with one slash"),
        ('arrive = "/"', "", "begins with one slash"),
        ("{ see = ", "{ sea = ", "does one thing"),
        ('{ see = "h1" }', '{ see = "" }', "a text is needed"),
        ('{ see = "h1" }', '{ see = "h1", go = "/" }', "does one thing"),
        ('{ see = "h1" }', '{ see = "h1", wen = "x" }', "wen"),
        (", with = ", ", width = ", "width"),
        ("{title}", "{titel}", "titel"),
        ("/film/{key}", "/film/{keys}", "key"),
        ("{stars}", "{percent}", "percent"),
        ("rate = [", "rates = [", "rates"),
        ("rate = [", "# [", "does not say where these steps are"),
        ("[steps]", "[step]", "step"),
        ("signed_in", "signedin", "signed_in"),
        ('name = "Burrow"', 'challenges = "x"', "list of selectors"),
        ('name = "Burrow"', "name = ", "not a page map"),
    ],
)
def test_a_fault_is_named_with_its_path(before: str, after: str, said: str) -> None:
    text = page_map().decode()
    if "{title}" in before:
        text = text.replace("/film/{key}", "/film/{title}")
    changed = text.replace(before, after)
    assert changed != text
    found = faults(changed.encode())
    assert said in found
    assert "map.toml" in found


def test_all_faults_come_at_once() -> None:
    text = page_map().decode().replace("format = 1", "format = 2").replace("{stars}", "{star}")
    assert faults(text.encode()).startswith("2 faults")


def test_what_is_no_text_is_no_map() -> None:
    for held in (b"\xff\xfe", b"[" * 5000, b"a = 'x\0'"):
        assert "map" in faults(held)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"flow": "lives"}, "life"),
        ({"entry": "visit.enter"}, "visit.entry"),
        ({"entries": ("home",)}, "home"),
        ({"paths": (("homepage", "start"),)}, "this step does not come there"),
        ({"paths": (("look",),)}, "this step does not come there"),
        ({"paths": (("homepage", "stroll"),)}, "stroll"),
        ({"known": ("email",)}, "a browser must know this"),
        ({"steps": (*NAVIGATION.steps, NAVIGATION.steps[0])}, "declared twice"),
        (changed("open", share="open_shares"), "open_share"),
        (changed("open", among=None), "go together"),
        (changed("look", after=()), "never reached"),
        (changed("look", after=("begin",)), "begin"),
    ],
)  # fmt: skip
def test_a_navigation_is_checked_when_its_world_is_built(changes: dict[str, object], said: str) -> None:
    with pytest.raises(BadInput, match="navigation") as caught:
        replace(WORLD, navigation=replace(NAVIGATION, **changes))  # type: ignore[arg-type]
    assert said in str(caught.value)
