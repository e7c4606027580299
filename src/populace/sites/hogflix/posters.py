"""Pictures of titles, drawn from a number: a hedgehog somewhere, under a sky of the title's own colours."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi, sin

WIDTH, HEIGHT = 320, 180


def poster(seed: int, hue: int) -> str:
    """An SVG of 320 × 180. seed: 32 bits of what differs. hue: of the category, in degrees."""
    tilt, side, height = seed % 40 - 20, (seed >> 6) % 3, (seed >> 9) % 24
    sky, far = (hue + tilt) % 360, (hue + tilt + 40) % 360
    moon_x, moon_y, moon = 40 + (seed >> 14) % 240, 26 + (seed >> 8) % 40, 12 + (seed >> 20) % 14
    hog_x, ground = (70, 160, 240)[side], 140 - height
    # Day, dusk or night; and what stands where the hedgehog does not.
    light = (20, 33, 46)[(seed >> 17) % 3]
    scenery = SCENERY[(seed >> 11) % len(SCENERY)](seed, (230, 290, 60)[side], ground, sky)
    night = f'<g fill="#fff" fill-opacity=".7">{_stars(seed)}</g>' if light < 40 else _clouds(seed)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">
<defs><linearGradient id="s" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="hsl({sky},52%,{light}%)"/>
<stop offset="1" stop-color="hsl({far},62%,{light + 30}%)"/></linearGradient></defs>
<rect width="{WIDTH}" height="{HEIGHT}" fill="url(#s)"/>
{night}
<circle cx="{moon_x}" cy="{moon_y}" r="{moon}" fill="hsl({far},85%,86%)"/>
<path d="M0 {ground} Q80 {ground - 34 - height} 170 {ground - 6} T320 {ground - 18} V180 H0Z"
fill="hsl({sky},38%,24%)"/>
{scenery}
<path d="M0 {ground + 14} Q110 {ground - 8} 210 {ground + 12} T320 {ground + 4} V180 H0Z" fill="hsl({sky},42%,14%)"/>
{_hog(hog_x, ground + 12, 1 + (seed >> 25) % 5 / 8, flipped=bool(seed & 32))}
</svg>"""


def _stars(seed: int) -> str:
    return "".join(
        f'<circle cx="{(seed * (k + 3) * 37) % WIDTH}" cy="{(seed // (k + 2)) % 80}" r="{0.7 + k % 3 * 0.4:.1f}"/>'
        for k in range(14)
    )


def _clouds(seed: int) -> str:
    places = [((seed // (k + 5)) % 260, 18 + (seed >> (3 * k + 2)) % 42, 0.7 + k * 0.25) for k in range(2)]
    shape = "M0 18 a12 12 0 0 1 14 -13 a17 17 0 0 1 31 3 a10 10 0 0 1 3 20 H9 a10 10 0 0 1 -9 -10Z"
    shapes = "".join(
        f'<path transform="translate({x} {y}) scale({size:.2f})" d="{shape}"/>' for x, y, size in places
    )  # fmt: skip
    return f'<g fill="#fff" fill-opacity=".38">{shapes}</g>'


def _trees(seed: int, x: int, ground: int, hue: int) -> str:
    tops = [(x + 22 * k - 30, 40 + (seed >> k) % 26) for k in range(3)]
    shapes = " ".join(f"M{at} {ground + 14} l11 -{high} l11 {high}Z" for at, high in tops)
    return f'<path d="{shapes}" fill="hsl({hue},40%,17%)"/>'


def _house(_seed: int, x: int, ground: int, hue: int) -> str:
    return f"""<path d="M{x - 24} {ground + 14} v-38 l26 -22 l26 22 v38Z" fill="hsl({hue},34%,16%)"/>
<path d="M{x - 10} {ground - 14} h10 v11 h-10Z M{x + 8} {ground - 14} h10 v11 h-10Z" fill="#ffd98a"/>"""


def _peaks(seed: int, x: int, ground: int, hue: int) -> str:
    top = ground - 62 - seed % 22
    return f"""<path d="M{x - 74} {ground + 8} L{x} {top} L{x + 66} {ground + 8}Z" fill="hsl({hue},30%,30%)"/>
<path d="M{x - 15} {top + 15} L{x} {top} L{x + 15} {top + 16} l-9 -3 l-7 6 l-6 -6Z" fill="#fff" fill-opacity=".8"/>"""


def _ringed(seed: int, x: int, _ground: int, hue: int) -> str:
    y, r = 48 + seed % 24, 16 + seed % 9
    return f"""<circle cx="{x}" cy="{y}" r="{r}" fill="hsl({(hue + 70) % 360},60%,66%)"/>
<ellipse cx="{x}" cy="{y}" rx="{r * 1.8:.0f}" ry="{r * 0.45:.0f}" fill="none" stroke="#fff"
stroke-opacity=".75" stroke-width="2.5" transform="rotate(-18 {x} {y})"/>"""


def _lamp(_seed: int, x: int, ground: int, hue: int) -> str:
    return f"""<path d="M{x} {ground + 12} v-66 q0 -12 14 -12" fill="none"
stroke="hsl({hue},30%,12%)" stroke-width="4"/>
<circle cx="{x + 16}" cy="{ground - 64}" r="22" fill="#ffe2a0" fill-opacity=".25"/>
<circle cx="{x + 16}" cy="{ground - 64}" r="6" fill="#ffe2a0"/>"""


def _mushrooms(seed: int, x: int, ground: int, hue: int) -> str:
    one = f"""<path d="M-5 0 q2 -14 0 -20 h10 q-2 8 0 20Z" fill="#f4e6d2"/>
<path d="M-18 -18 q18 -30 36 0Z" fill="hsl({(hue + 150) % 360},58%,52%)"/>"""
    return "".join(
        f'<g transform="translate({x + 30 * k - 24} {ground + 10}) scale({size})">{one}</g>'
        for k, size in enumerate((1.0 + seed % 4 / 8, 0.7))
    )


def _balloon(seed: int, x: int, _ground: int, hue: int) -> str:
    y = 44 + seed % 26
    return f"""<path d="M{x - 9} {y + 22} l4 18 h10 l4 -18" fill="none" stroke="#fff" stroke-opacity=".6"/>
<path d="M{x} {y - 26} a24 26 0 0 1 24 26 q0 14 -18 26 h-12 q-18 -12 -18 -26 a24 26 0 0 1 24 -26Z"
fill="hsl({(hue + 120) % 360},58%,58%)"/>
<path d="M{x} {y - 26} q-13 26 -3 52 h6 q10 -26 -3 -52Z" fill="#fff" fill-opacity=".35"/>
<rect x="{x - 6}" y="{y + 38}" width="12" height="8" rx="2" fill="#8a5a3c"/>"""


SCENERY: tuple[Callable[[int, int, int, int], str], ...] = (
    _trees, _house, _peaks, _ringed, _lamp, _mushrooms, _balloon,
)  # fmt: skip
"""What stands beside the hedgehog: seed, place, height of the ground, hue of the sky."""


def _hog(x: float, y: float, size: float, *, flipped: bool) -> str:
    points, spikes = [], 13
    for k in range(2 * spikes + 1):
        angle, radius = pi * k / (2 * spikes), 26 if k % 2 else 34
        points.append(f"{-cos(angle) * radius:.1f},{-sin(angle) * radius * 0.86:.1f}")
    mirrored = -size if flipped else size
    return f"""<g transform="translate({x} {y}) scale({mirrored:.3f} {size:.3f})">
<polygon points="{" ".join(points)}" fill="#2b1a14"/>
<path d="M18 0 Q20 -22 34 -15 Q46 -6 48 -3 Q44 2 30 1Z" fill="#d9a878"/>
<circle cx="48" cy="-4" r="2.6" fill="#1c1210"/><circle cx="33" cy="-10" r="1.9" fill="#1c1210"/>
<path d="M-18 0 h9 M6 0 h9 M22 1 h8" stroke="#8a5a3c" stroke-width="4" stroke-linecap="round"/></g>"""
