"""How people go through an app's pages, declared as data: steps, what each may follow, how often and why.

Whoever plays a visit in a browser goes the way that the visit was drawn to go: the world gives the steps of it, in
order, from the same draws that its rows come from. So what is seen in a browser and what is simulated are one life.
Where on a site a step is found is no matter of a world's behaviour: a page map says that, for each site.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from populace.errors import BadInput, PopulaceError, no_such_name
from populace.spec.cohort import Visits, Walk
from populace.spec.column import Ints
from populace.spec.decision import Choice
from populace.spec.draw import Draw
from populace.spec.personas import PersonaValue

if TYPE_CHECKING:
    from populace.spec.world import World

VISIT = "visit"
"""What shares are of where no step is named: all visits."""
BROWSER = ("email", "id", "source", "locale", "zone", "width", "height", "touch")
"""What a browser must know of a person: address and distinct id, by what they found the app (a UTM source), language,
time zone, the size of their screen, and whether they touch it (0 or 1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that people do on a page. after: steps that it may come right after; () for one that visits begin with.

    share: path of a value; how often it is done among the doings of step `among` (`VISIT`: among visits). fields: what
    of the route it needs to know. requirement: where its numbers come from.
    """

    name: str
    about: str
    after: tuple[str, ...] = ()
    among: str | None = None
    share: str | None = None
    fields: tuple[str, ...] = ()
    requirement: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The steps of visits, in any order. All arrays have one length.

    visit: which of them. step: a position in the navigation's steps. at_ms: after the visit begins; those of one moment
    come in the order of the steps. times: how often it is done in a row. fields: what a step is done with.
    """

    visit: Ints
    step: Ints
    at_ms: Ints
    times: Ints
    fields: Mapping[str, PersonaValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp:
    """How newcomers sign up in the app itself, from its first page to an account that is theirs.

    steps: in the order in which they come. route: the steps of each of some newcomers, who are given as visits that
    begin at the moment of the sign-up; `at_ms` counts from there. lasts_us: how long it takes, at most.
    """

    steps: tuple[Step, ...]
    route: Callable[[Draw, Visits], Route]
    lasts_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Navigation:
    """How people of a lifecycle go through the app.

    flow: its name. entry: the `Choice` of where a visit begins; entries: the step of each of its outcomes, in order.
    paths: common ways through the app, each of steps one after another, as documents describe them. route: the steps of
    visits; browser: of each visit, the fields `BROWSER` and others that pages ask for (what a step is done with and
    what is known of a person are `{named}` so in page maps). marker: a parameter of the address and its value, by which
    an app knows a synthetic session. medium, campaign: of the UTM parameters. storage: where the app's own script keeps
    a browser's distinct id in local storage. page_map: a file of the world's package, for its own site. sign_up: how
    newcomers get their accounts there; None: accounts are never made in a browser.
    """

    flow: str
    entry: str
    entries: tuple[str, ...]
    steps: tuple[Step, ...]
    paths: tuple[tuple[str, ...], ...]
    route: Callable[[Draw, Visits, Walk], Route]
    browser: Callable[[Draw, Visits], Mapping[str, PersonaValue]]
    known: tuple[str, ...] = BROWSER
    marker: tuple[str, str] = ("synthetic", "1")
    medium: str = "synthetic"
    campaign: str = "populace-bot"
    storage: str | None = None
    page_map: str | None = None
    sign_up: SignUp | None = None
    requirement: str = field(default="", kw_only=True)

    @property
    def newcomers(self) -> tuple[Step, ...]:
        """The steps of those who sign up; none where nobody does."""
        return self.sign_up.steps if self.sign_up else ()

    def step(self, name: str) -> int:
        """The position of a step; ValueError when there is none of that name."""
        return [one.name for one in self.steps].index(name)

    def follows(self, name: str, before: str | None) -> bool:
        """Whether a step may come right after another one, or (None) begin a visit."""
        one = self.steps[self.step(name)]
        return name in self.entries if before is None else before in one.after

    def faults(self, world: World) -> Iterator[PopulaceError]:
        """What is wrong with it, each fault with its path."""
        where, names = f"{world.name}.navigation", [one.name for one in self.steps]
        lifecycles = [flow.name for flow in world.lifecycles]
        if self.flow not in lifecycles:
            yield no_such_name(f"{where}.flow", self.flow, lifecycles)
        choices = [d.name for d in world.decisions if isinstance(d, Choice)]
        if self.entry not in choices:
            yield no_such_name(f"{where}.entry", self.entry, choices)
        every = [*names, *(one.name for one in self.newcomers)]
        for name in sorted({n for n in every if every.count(n) > 1}):
            yield BadInput("the step is declared twice", where=where, given=name)
        known = {p.path for p in world.parameters}
        for one in self.steps:
            here = f"{where}.steps.{one.name}"
            for given in one.after:
                if given not in names:
                    yield no_such_name(f"{here}.after", given, names)
            if (one.share is None) != (one.among is None):
                yield BadInput("a share is of something: `share` and `among` go together", where=here)
            if one.among is not None and one.among not in (*names, VISIT):
                yield no_such_name(f"{here}.among", one.among, [*names, VISIT])
            if one.share is not None and one.share not in known:
                yield no_such_name(f"{here}.share", one.share, known)
            if not one.after and one.name not in self.entries:
                yield BadInput("the step is never reached", where=here, todo="say what it comes after")
        for given in self.entries:
            if given not in names:
                yield no_such_name(f"{where}.entries", given, names)
        for path in self.paths:
            yield from self._path_faults(path, where, names)
        for given in BROWSER:
            if given not in self.known:
                yield BadInput("a browser must know this of a person", where=f"{where}.known", given=given)

    def _path_faults(self, path: tuple[str, ...], where: str, names: list[str]) -> Iterator[PopulaceError]:
        unknown = [one for one in path if one not in names]
        for one in unknown:
            yield no_such_name(f"{where}.paths", one, names)
        if unknown:
            return
        for before, one in zip((None, *path[:-1]), path, strict=True):
            if not self.follows(one, before):
                yield BadInput(
                    "this step does not come there",
                    where=f"{where}.paths",
                    given=" → ".join(path),
                    allowed=f"after {before}: {', '.join(n for n in names if self.follows(n, before))}",
                )
