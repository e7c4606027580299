"""What a world asks for a user's own configuration: which parameters, in which words and bounds.

Bounds may be narrower than the parameter's own: those of the world's documents. What follows from
other answers is computed and not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from populace.errors import BadInput
from populace.spec.parameter import Parameter, Value

Answers = Mapping[str, Value]
"""Values by path, of the questions so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One parameter of a custom configuration.

    path: the parameter. asks: what is asked, without a question mark. low, high: inclusive, where they are narrower
    than the parameter's own. offered: the answer when the user only presses Enter; None: the parameter's default,
    limited to the bounds. follows: the value from the answers before; the question is then not asked.
    """

    path: str
    asks: str = ""
    low: int | None = None
    high: int | None = None
    offered: Value | None = None
    follows: Callable[[Answers], Value] | None = None

    def about(self, parameter: Parameter) -> Parameter:
        """The parameter as it is asked for: the narrower bounds, and what is offered as its default."""
        low = parameter.low if self.low is None else self.low
        high = parameter.high if self.high is None else self.high
        offered = parameter.default if self.offered is None else self.offered
        if self.offered is None and isinstance(offered, (int, float)) and not isinstance(offered, bool):
            inside = max(offered if low is None else low, min(offered if high is None else high, offered))
            offered = type(offered)(inside)
        wider = (self.low, parameter.low), (parameter.high, self.high)
        if any(least is not None and most is not None and least < most for least, most in wider):
            raise BadInput(
                "the bounds of the question are wider than the parameter's",
                where=f"questions.{self.path}",
                given=f"{self.low} to {self.high}",
                allowed=parameter.allowed,
            )
        return replace(parameter, low=low, high=high, default=offered)
