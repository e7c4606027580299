"""Charts as rectangles, lines and texts of an SVG, computed here and written by a template: no style stands in them, so
that the page's policy holds and the style sheet gives both themes their colours.

All lengths are in units of the drawing, which scales with its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from populace.checks.chart import Cell, Chart
from populace.studio import wording

WIDTH, WIDE, HEIGHT = 520, 960, 240
"""Of a drawing, and of one that takes the whole width."""
LEFT, RIGHT, TOP, BOTTOM = 48, 8, 10, 26
ROW = 26
THICKEST = 56
FALL, FALL_LEFT = 780, 270
"""The width of a waterfall, and of what its steps are called."""
KINDS = 6
"""So many colours there are for series."""
MOST_ROWS = 14
MOST_LABELS = 7

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{4}-\d{2}(-\d{2})?")

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the grid."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class Text:
    """A text. kind: its class."""

    x: float
    y: float
    text: str
    kind: str = "tick"
    anchor: Anchor = "middle"


@dataclass(frozen=True, slots=True)
class Mark:
    """A rectangle. kind: its class. said: what it stands for. strength: how much of its colour, from 0 to 1."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    said: str
    strength: float | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """A line through points."""

    d: str
    kind: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart. said: its numbers in words, for whoever does not see it. shape: wide, or as the others."""

    title: str
    source: str = ""
    said: str = ""
    shape: str = ""
    width: float = WIDTH
    height: float = HEIGHT
    grid: Sequence[Line] = ()
    texts: Sequence[Text] = ()
    marks: Sequence[Mark] = ()
    paths: Sequence[Path] = ()
    legend: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """A step of a waterfall."""

    what: str
    shown: str
    kind: str
    x: float
    y: float
    width: float
    text_x: float


@dataclass(frozen=True, slots=True)
class Waterfall:
    """How a chance came about. drawn: where the number lies that was drawn."""

    width: float
    height: float
    left: float
    drawn: float
    bars: Sequence[Bar]
    grid: Sequence[Mapping[str, Any]] = field(default_factory=tuple)


def drawn(chart: Chart) -> Drawing:
    """A world's chart."""
    if not chart.rows:
        return Drawing(chart.title, chart.source)
    return _DRAWN[chart.kind](chart)


def arranged(charts: Sequence[Chart]) -> list[Drawing]:
    """The charts of a page: first those that take the whole width, then those that stand side by side."""
    return sorted(map(drawn, charts), key=lambda one: not one.shape)


def ranking(title: str, counted: Mapping[str, Any]) -> Drawing:
    """Numbers by name, the largest first, as bars that lie; where the names are numbers too, in the order of these."""
    rows = sorted(((wording.words(str(name)), float(n or 0)) for name, n in counted.items()), key=lambda r: -r[1])
    if all(name.isdigit() for name, _ in rows):
        rows.sort(key=lambda row: -int(row[0]))
    return _lying(Chart("", "funnel", title, "", ("step", "value"), rows[:MOST_ROWS]), share=False)


def waterfall(steps: Sequence[Mapping[str, Any]], threshold: float) -> Waterfall:
    """The steps of a chance, each from where the one before ended. threshold: what was drawn, against the last."""
    left, right = float(FALL_LEFT), 60.0
    across = FALL - left - right
    top = max(threshold, *(step["chance"] for step in steps), 0.05)
    top = min(1.0, _round_up(top))

    def x(chance: float) -> float:
        return round(left + across * min(chance, top) / top, 1)

    bars, before = [], 0.0
    for nth, step in enumerate(steps):
        after = float(step["chance"])
        kind = "base" if nth == 0 else "up" if after > before else "down" if after < before else "same"
        low, high = (0.0, after) if nth == 0 else (min(before, after), max(before, after))
        bars.append(
            Bar(
                str(step["what"]),
                f"{after * 100:.1f} %",
                kind,
                x(low),
                nth * ROW,
                max(2.0, x(high) - x(low)),
                x(high) + 6,
            )
        )
        before = after
    bars.append(
        Bar("chance", f"{before * 100:.1f} %", "total", left, len(steps) * ROW, x(before) - left, x(before) + 6)
    )
    grid = [{"x": x(top * part / 4), "shown": f"{top * part * 25:.0f} %"} for part in range(5)]
    return Waterfall(FALL, len(bars) * ROW + 22, left, x(threshold), bars, grid)


def _bars(chart: Chart) -> Drawing:
    """Stacked bars that stand; that lie, where their names need room."""
    labels, series = _labels(chart), _series(chart)
    if max(map(len, labels)) > 9 or len(labels) > 31:
        return _stacked_lying(chart, labels, series)
    sums = {label: sum(values.get(label, 0) for values in series.values()) for label in labels}
    top = _round_up(max(sums.values(), default=0))
    slot = (WIDTH - LEFT - RIGHT) / len(labels)
    marks, base = [], dict.fromkeys(labels, 0.0)
    for nth, (name, values) in enumerate(series.items()):
        for place, label in enumerate(labels):
            value = values.get(label, 0)
            low, high = _y(base[label], top), _y(base[label] + value, top)
            width = min(slot * 0.72, THICKEST)
            x, said = LEFT + slot * (place + 0.5) - width / 2, ", ".join(filter(None, (label, name)))
            marks.append(
                Mark(round(x, 1), high, round(width, 1), round(low - high, 1), _kind(nth),
                     f"{said}: {wording.number(value)}")
            )  # fmt: skip
            base[label] += value
    return Drawing(
        chart.title,
        chart.source,
        _numbers(sums.items()),
        height=HEIGHT,
        grid=list(_levels(top, WIDTH)),
        texts=[*_scale(top), *_under(labels, slot)],
        marks=[mark for mark in marks if mark.height],
        legend=_legend(series),
    )


def _lines(chart: Chart) -> Drawing:
    labels, series = _labels(chart), _series(chart)
    top = _round_up(max((value for values in series.values() for value in values.values()), default=0))
    slot = (WIDE - LEFT - RIGHT) / max(1, len(labels))
    paths = []
    for nth, values in enumerate(series.values()):
        points = [
            f"{LEFT + slot * (place + 0.5):.1f} {_y(values[label], top):.1f}"
            for place, label in enumerate(labels)
            if label in values
        ]
        if len(points) == 1:
            paths.append(Path(f"M{points[0]} h.01", f"{_kind(nth)} dot"))
        else:
            paths.append(Path("M" + " L".join(points), _kind(nth)))
    ends = {name: [wording.number(value) for value in values.values()] for name, values in series.items()}
    return Drawing(
        chart.title,
        chart.source,
        "; ".join(f"{name} from {shown[0]} to {shown[-1]}" for name, shown in ends.items()),
        "wide",
        WIDE,
        grid=list(_levels(top, WIDE)),
        texts=[*_scale(top), *_under(labels, slot)],
        paths=paths,
        legend=_legend(series),
    )


def _heat_map(chart: Chart) -> Drawing:
    across, down = (list(dict.fromkeys(_said(row[at]) for row in chart.rows)) for at in (0, 1))
    cells = {(_said(row[0]), _said(row[1])): float(row[2] or 0) for row in chart.rows}
    most = max(cells.values(), default=0) or 1
    left = 92.0
    slot, height = (WIDE - left - RIGHT) / len(across), 24.0
    marks = [
        Mark(
            round(left + slot * i + 1, 1), round(TOP + height * j + 1, 1), round(slot - 2, 1), height - 2, "heat",
            f"{y}, {x}: {wording.number(cells.get((x, y), 0))}", round(0.06 + 0.94 * cells.get((x, y), 0) / most, 3),
        )
        for j, y in enumerate(down)
        for i, x in enumerate(across)
    ]  # fmt: skip
    every = max(1, len(across) // 8)
    texts = [Text(left - 8, TOP + height * j + 16, y, "label", "end") for j, y in enumerate(down)]
    texts += [
        Text(round(left + slot * (i + 0.5), 1), TOP + height * len(down) + 16, x)
        for i, x in enumerate(across)
        if i % every == 0
    ]
    (x, y), value = max(cells.items(), key=lambda cell: cell[1])
    said = f"most in {y}, {x}: {wording.number(value)}"
    return Drawing(
        chart.title, chart.source, said, "wide", WIDE, TOP + height * len(down) + BOTTOM, texts=texts, marks=marks
    )


def _funnel(chart: Chart) -> Drawing:
    return _lying(chart, share=True)


def _lying(chart: Chart, *, share: bool) -> Drawing:
    """Bars that lie, one below the other. share: each also as a part of the one before."""
    left, right = 150.0, 110.0
    most = max((float(row[1] or 0) for row in chart.rows), default=0) or 1
    texts, marks, before = [], [], None
    for nth, row in enumerate(chart.rows):
        name, value = _said(row[0]), float(row[1] or 0)
        y, width = TOP + nth * ROW, max(2.0, (WIDTH - left - right) * value / most)
        shown = wording.number(value)
        if share and before:
            shown += f" ({value / before * 100:.1f} %)"
        marks.append(Mark(left, y, round(width, 1), 18, _kind(0), f"{name}: {shown}"))
        texts += [
            Text(left - 10, y + 14, _short(name), "label", "end"),
            Text(round(left + width + 8, 1), y + 14, shown, "value", "start"),
        ]
        before = value
    said = _numbers((_said(row[0]), float(row[1] or 0)) for row in chart.rows)
    height = TOP * 2 + ROW * len(chart.rows)
    return Drawing(chart.title, chart.source, said, height=height, texts=texts, marks=marks)


def _stacked_lying(chart: Chart, labels: Sequence[str], series: Mapping[str, Mapping[str, float]]) -> Drawing:
    sums = {label: sum(values.get(label, 0) for values in series.values()) for label in labels}
    shown = labels if len(labels) <= MOST_ROWS else sorted(labels, key=lambda label: -sums[label])[:MOST_ROWS]
    left, right = 150.0, 70.0
    most = max(sums.values(), default=0) or 1
    texts, marks = [], []
    for nth, label in enumerate(shown):
        x, y = left, TOP + nth * ROW
        for place, (name, values) in enumerate(series.items()):
            width = (WIDTH - left - right) * values.get(label, 0) / most
            if width:
                said = f"{label}, {name}: {wording.number(values[label])}"
                marks.append(Mark(round(x, 1), y, round(max(0.5, width - 1), 1), 18, _kind(place), said))
                x += width
        texts += [
            Text(left - 10, y + 14, _short(label), "label", "end"),
            Text(round(x + 8, 1), y + 14, wording.number(sums[label]), "value", "start"),
        ]
    return Drawing(
        chart.title, chart.source, _numbers((label, sums[label]) for label in shown),
        height=TOP * 2 + ROW * len(shown), texts=texts, marks=marks, legend=_legend(series),
    )  # fmt: skip


_DRAWN: Mapping[str, Callable[[Chart], Drawing]] = {
    "bar": _bars,
    "line": _lines,
    "heatmap": _heat_map,
    "funnel": _funnel,
}


def _labels(chart: Chart) -> list[str]:
    """What stands below, from left to right: days and months in their order, else as the rows come."""
    said = list(dict.fromkeys(_said(row[0]) for row in chart.rows))
    return [_label(one) for one in (sorted(said) if all(map(_TIME.fullmatch, said)) else said)]


def _series(chart: Chart) -> dict[str, dict[str, float]]:
    """Values by label, of each series, in the order of the rows."""
    out: dict[str, dict[str, float]] = {}
    for label, value, *more in chart.rows:
        out.setdefault(_said(more[0]) if more else "", {})[_label(label)] = float(value or 0)
    return out


def _legend(series: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(_kind(nth), name) for nth, name in enumerate(series)] if len(series) > 1 else []


def _levels(top: float, width: float) -> Iterator[Line]:
    for part in range(5):
        y = _y(top * part / 4, top)
        yield Line(LEFT, y, width - RIGHT, y)


def _scale(top: float) -> Iterator[Text]:
    for part in range(5):
        yield Text(LEFT - 8, _y(top * part / 4, top) + 4, wording.number(top * part / 4), "tick", "end")


def _under(labels: Sequence[str], slot: float) -> Iterator[Text]:
    every = -(-len(labels) // MOST_LABELS) if len(labels) > 12 else 1
    for place, label in enumerate(labels):
        if place % every == 0:
            yield Text(round(LEFT + slot * (place + 0.5), 1), HEIGHT - 6, label)


def _y(value: float, top: float) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / (top or 1), 1)


def _round_up(value: float) -> float:
    """The next number that reads well."""
    if value <= 0:
        return 1.0
    size = 10.0
    while size > value:
        size /= 10
    while size * 10 <= value:
        size *= 10
    return next(size * factor for factor in (1, 2, 4, 5, 8, 10, 20) if size * factor >= value)


def _kind(nth: int) -> str:
    return f"k{nth % KINDS + 1}"


def _short(name: str) -> str:
    return name if len(name) <= 22 else name[:21] + "…"


def _label(value: Cell) -> str:
    """What stands below a place: of a date its day and month."""
    said = _said(value)
    return f"{date.fromisoformat(said):%-d %b}" if _DATE.fullmatch(said) else said


def _said(value: Cell) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _numbers(pairs: Any) -> str:
    return ", ".join(f"{name} {wording.number(value)}" for name, value in pairs)
