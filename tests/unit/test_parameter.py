"""Parameters: one door for every value, whoever gives it, with its type, its bounds and its error text."""

from __future__ import annotations

import math

import pytest

from populace.errors import BadInput
from populace.spec import Parameter

WHOLE = Parameter(path="people", default=23, low=1, high=1000, unit="people", means="how many")
BROKEN = Parameter(path="share", default=0.2, low=0.0, high=1.0, means="share")
SWITCH = Parameter(path="open", default=True, means="whether")
WORD = Parameter(path="arrivals", default="poisson", choices=("poisson", "fixed"), means="how")
TEXT = Parameter(path="title", default="Club", means="what it is called")


@pytest.mark.parametrize(
    ("parameter", "given", "value"),
    [
        (WHOLE, 5, 5),
        (WHOLE, "5", 5),
        (WHOLE, "+5", 5),
        (WHOLE, 5.0, 5),
        (WHOLE, "5.0", 5),
        (WHOLE, 1, 1),
        (WHOLE, 1000, 1000),
        (BROKEN, 0, 0.0),
        (BROKEN, 1, 1.0),
        (BROKEN, "0.25", 0.25),
        (BROKEN, ".5", 0.5),
        (SWITCH, False, False),
        (SWITCH, "on", True),
        (SWITCH, "Off", False),
        (SWITCH, "yes", True),
        (WORD, "fixed", "fixed"),
        (TEXT, "Ærø 3", "Ærø 3"),
    ],
    ids=str,
)
def test_a_good_value_gets_its_type(parameter: Parameter, given: object, value: object):
    checked = parameter.check(given, "club")
    assert checked == value
    assert type(checked) is type(parameter.default)


@pytest.mark.parametrize(
    ("parameter", "given"),
    [
        (WHOLE, 0),
        (WHOLE, 1001),
        (WHOLE, -5),
        (WHOLE, 5.5),
        (WHOLE, "5.5"),
        (WHOLE, "five"),
        (WHOLE, ""),
        (WHOLE, True),
        (WHOLE, None),
        (WHOLE, math.nan),
        (WHOLE, "nan"),
        (WHOLE, math.inf),
        (WHOLE, "inf"),
        (WHOLE, 10**400),
        (WHOLE, [5]),
        (WHOLE, {}),
        (BROKEN, -0.0001),
        (BROKEN, 1.0001),
        (BROKEN, "NaN"),
        (BROKEN, -math.inf),
        (BROKEN, "a fifth"),
        (BROKEN, False),
        (BROKEN, None),
        (SWITCH, 1),
        (SWITCH, 0),
        (SWITCH, "1"),
        (SWITCH, "maybe"),
        (SWITCH, None),
        (WORD, "Poisson"),
        (WORD, ""),
        (WORD, 3),
        (WORD, True),
        (TEXT, ""),
        (TEXT, "x" * 101),
        (TEXT, "two\nlines"),
        (TEXT, 3),
    ],
    ids=repr,
)
def test_a_bad_value_is_refused_with_its_path_and_what_is_allowed(parameter: Parameter, given: object):
    with pytest.raises(BadInput) as refused:
        parameter.check(given, "club")
    text = str(refused.value)
    assert text.startswith(f"club.{parameter.path}: ")
    assert parameter.allowed in text
    # A number of hundreds of digits is cut.
    assert given is None or repr(given)[:40] in text
    assert refused.value.exit_code == 2


def test_what_is_allowed_is_said_in_words():
    assert WHOLE.allowed == "a whole number from 1 to 1,000 people"
    assert BROKEN.allowed == "a number from 0 to 1"
    assert SWITCH.allowed == "true or false"
    assert WORD.allowed == "poisson, fixed"


def test_large_whole_numbers_keep_their_last_digit():
    wide = Parameter(path="n", default=1, low=0, high=2**62, means="many")
    assert wide.check(str(2**53 + 1), "club") == 2**53 + 1
    assert wide.check(2**53 + 1, "club") == 2**53 + 1


@pytest.mark.parametrize(("low", "high"), [(None, None), (0, None), (None, 10)])
def test_a_number_with_a_bound_left_open_is_checked_all_the_same(low: float | None, high: float | None):
    half = Parameter(path="n", default=1, low=low, high=high, means="many")
    assert half.check(7, "club") == 7
    with pytest.raises(BadInput, match=r"club.n"):
        half.check("seven", "club")


@pytest.mark.parametrize(
    "fields",
    [
        {"default": 5, "low": 6, "high": 9},
        {"default": 5, "low": 9, "high": 1},
        {"default": math.nan, "low": 0, "high": 1},
        {"default": "none", "choices": ("poisson", "fixed")},
    ],
    ids=str,
)
def test_a_parameter_whose_own_default_it_would_refuse_cannot_be_declared(fields: dict[str, object]):
    with pytest.raises(BadInput):
        Parameter(path="n", means="many", **fields)  # type: ignore[arg-type]


def test_unknown_fields_are_refused():
    with pytest.raises(TypeError):
        Parameter(path="n", default=1, means="many", maximum=3)  # type: ignore[call-arg]
