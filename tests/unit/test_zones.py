"""Local time: whole offsets for arrays of moments, from the package and not from the machine."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from populace.clock import DAY_US, HOUR_US, SECOND_US, parse
from populace.errors import BadInput
from populace.spec import zones
from populace.spec.zones import offset_us

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC")


def at(text: str) -> int:
    return parse(text, "moment")


@pytest.mark.parametrize(
    ("moment", "hours"),
    [
        ("2026-03-29T00:59:59Z", (1, -4, 5.5, 11, 0)),
        ("2026-03-29T01:00:00Z", (2, -4, 5.5, 11, 0)),
        ("2026-07-01T12:00:00Z", (2, -4, 5.5, 10.5, 0)),
        ("2026-11-01T05:59:59Z", (1, -4, 5.5, 11, 0)),
        ("2026-11-01T06:00:00Z", (1, -5, 5.5, 11, 0)),
    ],
)
def test_offsets_change_to_the_second(moment: str, hours: tuple[float, ...]):
    zone = np.arange(len(ZONES))
    got = offset_us(ZONES, zone, np.full(len(ZONES), at(moment)))
    assert got.tolist() == [round(h * HOUR_US) for h in hours]


def test_an_offset_depends_on_its_own_zone_and_moment_only():
    moments = at("2026-01-01T00:00:00Z") + np.arange(0, 365 * DAY_US, 7_919 * SECOND_US)
    zone = np.arange(len(moments)) % len(ZONES)
    got = offset_us(ZONES, zone, moments)
    assert (offset_us(ZONES, zone[::-1], moments[::-1])[::-1] == got).all()
    for place, name in enumerate(ZONES):
        with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
            one = ZoneInfo.from_file(file, key=name)
        some = np.flatnonzero(zone == place)[:200]
        said = [datetime.fromtimestamp(m / 1e6, UTC).astimezone(one).utcoffset() for m in moments[some].tolist()]
        assert got[some].tolist() == [round(s.total_seconds()) * SECOND_US for s in said if s is not None]


def test_no_moments_have_no_offsets():
    nothing = np.zeros(0, dtype=np.int64)
    assert offset_us(ZONES, nothing, nothing).tolist() == []


@pytest.mark.parametrize("name", ["Europe/Atlantis", "", "../zoneinfo/UTC", "/etc/localtime", "Europe", "tzdata.zi"])
def test_a_name_that_is_no_zone_is_refused(name: str):
    with pytest.raises(BadInput, match="time zone"):
        offset_us((name,), np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64))


def test_the_edition_is_known():
    assert re.fullmatch(r"20\d\d[a-z]", zones.VERSION)


def test_a_clock_is_read_both_ways():
    names = ("America/New_York", "Europe/Berlin", "Asia/Kolkata", "America/Phoenix")
    at = parse("2026-03-01T00:00:00Z", "t") + np.arange(0, 300 * 24) * HOUR_US
    for zone in range(len(names)):
        where = np.full(len(at), zone)
        back = zones.from_local(names, where, zones.local(names, where, at))
        # An hour that a clock shows twice stands for one of the two.
        assert (back != at).sum() <= 1
        assert (zones.local(names, where, back) == zones.local(names, where, at)).all()


def test_what_a_clock_leaves_out_in_spring_is_an_hour_later():
    names = ("America/New_York", "Europe/Berlin")
    for zone, shown, found in ((0, "2026-03-08T02:30:00Z", "2026-03-08T07:30:00Z"),
                               (1, "2026-03-29T02:30:00Z", "2026-03-29T01:30:00Z")):  # fmt: skip
        moment = zones.from_local(names, np.array([zone]), np.array([parse(shown, "t")]))
        assert moment.tolist() == [parse(found, "t")]
        assert (zones.local(names, np.array([zone]), moment) - parse(shown, "t")).tolist() == [HOUR_US]
