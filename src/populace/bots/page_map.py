"""Page maps: where on a site each step of a navigation is found, as data that is checked before anybody goes there.

A map is a TOML file. Each step has actions, done one after another; what they name in braces (`{title}`) is what the
step is done with, or what is known of the person.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

from populace.errors import BadInput, PopulaceError, no_such_name, several
from populace.files import Unreadable, content, readable, toml_of
from populace.spec import World
from populace.spec.navigation import Navigation

FORMAT = 1
MOST_BYTES = 1 << 20
PASSWORD = "password"
VERBS = {
    "go": ("an address of the site, from its first slash on", ()),
    "click": ("a selector", ("answers",)),
    "fill": ("a selector of a field", ("with",)),
    "choose": ("a selector of a list to choose from", ("with",)),
    "press": ("a key, such as Enter", ("at",)),
    "hover": ("a selector of what is looked at, as often as the step says", ()),
    "seek": ("a selector of a slider, a video or an audio", ("to", "answers")),
    "see": ("a selector of what must be there", ()),
}
"""What can be done, what each is given, and with which words besides. `with`, `at` and `to` are needed; `answers` is
the path of a request that must have been answered well before the next action."""
NEEDED = ("with", "at", "to")
GUARDS = ("when", "unless", "otherwise")
"""Of every action: only when (unless) something is on the page; otherwise: what is done where its own is not there."""
CHALLENGES = (
    "iframe[src*='captcha' i]", "[class*='captcha' i]", "[id*='captcha' i]", "[data-sitekey]", "#challenge-form",
    "iframe[src*='challenges.']",
)  # fmt: skip
"""How a page shows that it asks whether somebody is human, where a map does not say."""
_NAMED = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that is done. verb: one of `VERBS`; on: what it is given. more: the words besides. when, unless: only
    with, or without, this on the page. otherwise: done instead where nothing of `on` is there.
    """

    verb: str
    on: str
    more: Mapping[str, str]
    when: str | None = None
    unless: str | None = None
    otherwise: Sequence[Action] = ()

    def document(self) -> dict[str, Any]:
        """As plain data, for another process."""
        return {
            "verb": self.verb,
            "on": self.on,
            "more": dict(self.more),
            "when": self.when,
            "unless": self.unless,
            "otherwise": [one.document() for one in self.otherwise],
        }


@dataclass(frozen=True, slots=True)
class PageMap:
    """Where things are on a site. arrive: the first address of each visit. signed_in: what shows that somebody is.
    sign_in: what makes it so. steps: by the navigation's names. challenges: what asks for a human. signs_up: newcomers
    get their accounts there.
    """

    name: str
    arrive: str
    signed_in: str | None
    sign_in: Sequence[Action]
    steps: Mapping[str, Sequence[Action]]
    challenges: Sequence[str]
    signs_up: bool = False

    @property
    def needs_password(self) -> bool:
        """Whether anything on the way asks for the people's password."""
        actions = [*self.sign_in, *(one for listed in self.steps.values() for one in listed)]
        return any(f"{{{PASSWORD}}}" in text for one in actions for text in _texts(one))

    def document(self) -> dict[str, Any]:
        """As plain data, for another process."""
        return {
            "name": self.name,
            "arrive": self.arrive,
            "signed_in": self.signed_in,
            "sign_in": [one.document() for one in self.sign_in],
            "steps": {name: [one.document() for one in actions] for name, actions in self.steps.items()},
            "challenges": list(self.challenges),
        }


def of_world(world: World, navigation: Navigation) -> PageMap:
    """The page map that a world ships for its own site. Raises BadInput where there is none."""
    if navigation.page_map is None:
        raise BadInput(
            "this world has no page map for a site of its own", where=world.name, todo="name one for this site: pages"
        )
    held = (package_files(world.package) / navigation.page_map).read_bytes()
    return parsed(held, world, navigation, f"{world.name}/{navigation.page_map}")


def of_file(file: Path, world: World, navigation: Navigation) -> PageMap:
    """The page map of a file. Raises BadInput for one that is none, all its faults at once."""
    with readable("bots.pages", file, "the page map"):
        raw = content(file, MOST_BYTES)
    return parsed(raw, world, navigation, file.name)


def parsed(held: bytes, world: World, navigation: Navigation, where: str) -> PageMap:
    """A page map from its text. Raises BadInput, with every fault and its path."""
    try:
        given = toml_of(held)
    except (Unreadable, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"this is not a page map: {error}", where=where) from None
    reader = _Reader(navigation, where)
    found = reader.read(given, world)
    if reader.faults:
        raise several(reader.faults)
    return found


class _Reader:
    """Reads one map and collects what is wrong with it."""

    def __init__(self, navigation: Navigation, where: str) -> None:
        self.navigation, self.where = navigation, where
        self.faults: list[PopulaceError] = []

    def read(self, given: Mapping[str, Any], world: World) -> PageMap:
        self._known(given, ("format", "world", "name", "arrive", "signed_in", "sign_in", "steps", "challenges"), "")
        if given.get("format") != FORMAT:
            self._fault("this is not a page map of this version", "format", given.get("format"), str(FORMAT))
        if given.get("world") != world.name:
            self._fault("the page map is for another world", "world", given.get("world"), world.name)
        known = (*self.navigation.known, PASSWORD)
        sections = given.get("steps", {})
        if not isinstance(sections, Mapping):
            self._fault("the steps of a page map are a table", "steps", sections, "[steps.NAME]")
            sections = {}
        steps: dict[str, Sequence[Action]] = {}
        known_steps = {one.name: one for one in (*self.navigation.steps, *self.navigation.newcomers)}
        for name, actions in sections.items():
            if name not in known_steps:
                self.faults.append(no_such_name(f"{self.where}.steps", name, known_steps))
                continue
            steps[name] = self._actions(actions, f"steps.{name}", (*known, *known_steps[name].fields))
        # A site on which nobody signs up has none of these steps.
        newcomers = [one.name for one in self.navigation.newcomers]
        signs_up = any(name in sections for name in newcomers)
        needed = [name for name in known_steps if signs_up or name not in newcomers]
        if missing := [name for name in needed if name not in sections]:
            self._fault(
                "the page map does not say where these steps are", "steps", ", ".join(missing), "[steps.NAME] for each"
            )
        challenges = given.get("challenges", list(CHALLENGES))
        if not isinstance(challenges, list) or not all(isinstance(one, str) and one for one in challenges):
            self._fault("challenges are a list of selectors", "challenges", challenges, '["#captcha"]')
            challenges = []
        return PageMap(
            name=str(given.get("name", world.title)),
            arrive=self._path(given.get("arrive"), "arrive"),
            signed_in=self._text(given["signed_in"], "signed_in") if "signed_in" in given else None,
            sign_in=self._actions(given.get("sign_in", []), "sign_in", known),
            steps=steps,
            challenges=challenges,
            signs_up=signs_up,
        )

    def _actions(self, given: object, where: str, known: Sequence[str]) -> list[Action]:
        if not isinstance(given, list):
            self._fault("actions are a list of tables", where, given, '[{ go = "/" }]')
            return []
        return [self._action(one, f"{where}[{n}]", known) for n, one in enumerate(given)]

    def _action(self, given: object, where: str, known: Sequence[str]) -> Action:
        verbs = [name for name in given if name in VERBS] if isinstance(given, Mapping) else []
        if not isinstance(given, Mapping) or len(verbs) != 1:
            self._fault("an action does one thing", where, given, f"one of {', '.join(VERBS)}")
            return Action("see", "", {})
        (verb,) = verbs
        words = VERBS[verb][1]
        self._known(given, (verb, *words, *GUARDS), where)
        for name in words:
            if name in NEEDED and name not in given:
                self._fault(f"{verb} needs a word besides", where, dict(given), name)
        on = self._path(given[verb], f"{where}.{verb}") if verb == "go" else self._text(given[verb], f"{where}.{verb}")
        more = {name: self._text(given[name], f"{where}.{name}") for name in words if name in given}
        guards = {name: self._text(given[name], f"{where}.{name}") for name in ("when", "unless") if name in given}
        for text in (on, *more.values(), *guards.values()):
            for name in _NAMED.findall(text):
                if name not in known:
                    self.faults.append(no_such_name(f"{self.where}.{where}", name, known))
        otherwise = self._actions(given["otherwise"], f"{where}.otherwise", known) if "otherwise" in given else []
        return Action(verb, on, more, guards.get("when"), guards.get("unless"), otherwise)

    def _text(self, given: object, where: str) -> str:
        if not isinstance(given, str) or not given:
            self._fault("a text is needed here", where, given, "a text that is not empty")
            return ""
        return given

    def _path(self, given: object, where: str) -> str:
        if not isinstance(given, str) or not given.startswith("/") or given.startswith("//") or "\\" in given:
            self._fault("an address begins with one slash: it is of the site and of no other", where, given, "/browse")
            return "/"
        return given

    def _known(self, given: Mapping[str, Any], names: Sequence[str], where: str) -> None:
        for name in given:
            if name not in names:
                self.faults.append(no_such_name(f"{self.where}.{where}".rstrip("."), name, names))

    def _fault(self, what: str, where: str, given: object, allowed: str) -> None:
        self.faults.append(BadInput(what, where=f"{self.where}.{where}", given=given, allowed=allowed))


def _texts(action: Action) -> Iterator[str]:
    yield action.on
    yield from action.more.values()
    for one in action.otherwise:
        yield from _texts(one)
