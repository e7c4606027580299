"""Pictures of titles, drawn from a number: a hedgehog on a hill, under a sky of the title's own colours."""

from __future__ import annotations

from math import cos, pi, sin


def poster(seed: int, hue: int) -> str:
    """An SVG of 320 × 180. seed: 32 bits of what differs. hue: of the category, in degrees."""
    tilt, side, height = seed % 40 - 20, (seed >> 6) % 3, (seed >> 9) % 24
    sky, far = (hue + tilt) % 360, (hue + tilt + 40) % 360
    moon_x, moon_y, moon = 40 + (seed >> 14) % 240, 26 + (seed >> 8) % 40, 12 + (seed >> 20) % 14
    hog_x, ground = (70, 160, 240)[side], 140 - height
    stars = "".join(
        f'<circle cx="{(seed * (k + 3) * 37) % 320}" cy="{(seed // (k + 2)) % 80}" r="{0.7 + k % 3 * 0.4:.1f}"/>'
        for k in range(14)
    )
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 180" width="320" height="180">
<defs><linearGradient id="s" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="hsl({sky},52%,20%)"/>
<stop offset="1" stop-color="hsl({far},62%,56%)"/></linearGradient></defs>
<rect width="320" height="180" fill="url(#s)"/>
<g fill="#fff" fill-opacity=".7">{stars}</g>
<circle cx="{moon_x}" cy="{moon_y}" r="{moon}" fill="hsl({far},85%,86%)"/>
<path d="M0 {ground} Q80 {ground - 34 - height} 170 {ground - 6} T320 {ground - 18} V180 H0Z"
fill="hsl({sky},38%,24%)"/>
<path d="M0 {ground + 14} Q110 {ground - 8} 210 {ground + 12} T320 {ground + 4} V180 H0Z" fill="hsl({sky},42%,14%)"/>
{_hog(hog_x, ground + 12, 1 + (seed >> 25) % 5 / 8, flipped=bool(seed & 32))}
</svg>"""


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
