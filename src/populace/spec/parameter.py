"""A number of a world: its path, unit, bounds, default, and the requirement it serves.

Every input (option, file, settings table, API) checks a value with `Parameter.check`, so that the bounds and the
error text are the same everywhere.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from populace.errors import BadInput

Value = bool | int | float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The form of a text. pattern: all of it. fault, allowed, todo: the parts of the error for another form."""

    pattern: str
    fault: str
    allowed: str
    todo: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One number, switch or word of a world.

    path: its name in `--set`, files and the settings table. means: one clause for a reader. unit: of the value.
    low, high: inclusive bounds. choices: the words allowed. source: the requirement (`A9`) or the reason for the
    default. live: may change while the population lives (by an intervention); others are fixed by the plan. secret:
    the value is never shown. form: of a text; longest: most characters of it. variables: of the environment that
    set it, the first that is set counts; a plan, a flag or a scenario counts more.
    """

    path: str
    default: Value
    means: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    source: str = ""
    live: bool = False
    secret: bool = False
    form: Form | None = None
    longest: int = 100
    variables: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.check(self.default, "the default of parameter")

    @property
    def allowed(self) -> str:
        """What `check` accepts, in words."""
        if isinstance(self.default, bool):
            return "true or false"
        if self.choices:
            return ", ".join(self.choices)
        if self.form:
            return self.form.allowed
        if isinstance(self.default, str):
            return f"a text of 1 to {self.longest:,} printable characters"
        kind = "a whole number" if isinstance(self.default, int) else "a number"
        bounds = [
            f"{word} {_shown(bound)}" for word, bound in (("from", self.low), ("to", self.high)) if bound is not None
        ]
        return " ".join([kind, *bounds, *([self.unit] if self.unit else [])])

    def check(self, given: object, where: str) -> Value:
        """The value with its type, from a Python value or from text.

        Raises BadInput when it is of another type, not finite, out of bounds or not among the choices.
        """
        value = self._typed(given, where)
        if isinstance(value, str):
            fits = value in self.choices if self.choices else 0 < len(value) <= self.longest and value.isprintable()
        elif isinstance(value, bool):
            fits = True
        else:
            fits = (self.low is None or value >= self.low) and (self.high is None or value <= self.high)
        if not fits:
            raise self._refusal("the value is out of bounds", given, where)
        if self.form and not re.fullmatch(self.form.pattern, str(value)):
            raise self._refusal(self.form.fault, given, where, self.form.todo)
        return value

    def _typed(self, given: object, where: str) -> Value:
        wanted = type(self.default)
        if wanted is bool:
            if isinstance(given, bool):
                return given
            if isinstance(given, str) and given.lower() in ("true", "false", "on", "off", "yes", "no"):
                return given.lower() in ("true", "on", "yes")
        elif wanted is str:
            if isinstance(given, str):
                return given
        elif isinstance(given, (int, float, str)) and not isinstance(given, bool):
            try:
                number = float(given)
                if wanted is float and math.isfinite(number):
                    return number
                if wanted is int and math.isfinite(number) and number == int(number):
                    return (
                        int(given)
                        if isinstance(given, (int, str)) and str(given).lstrip("+-").isdigit()
                        else int(number)
                    )
            except (ValueError, OverflowError):
                pass
        raise self._refusal("the value is of the wrong kind", given, where)

    def _refusal(self, what: str, given: object, where: str, todo: str | None = None) -> BadInput:
        shown = "(not shown)" if self.secret else given
        # A variable of the environment is a place by itself.
        place = where if where in self.variables else f"{where}.{self.path}"
        return BadInput(what, where=place, given=shown, allowed=self.allowed, todo=todo)


def _shown(bound: float) -> str:
    return f"{int(bound):,}" if bound == int(bound) else f"{bound:g}"
