"""Charts as figures: the plain data and layout that the charts' script draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from populace.checks.chart import Cell, Chart

COLOURS = ("#2f6f9f", "#e08a2e", "#3b9a6d", "#b5485b", "#7a68a6", "#7f7f7f", "#c7a93c", "#4fb3bf")
"""Of series; colour-blind readers can distinguish them too."""
PALE = "#f1f5f8"

Figure = dict[str, Any]


def figure(chart: Chart, height: int = 340) -> Figure | None:
    """`data` and `layout` of a chart; None when there is nothing to draw. height: in pixels."""
    if not chart.rows:
        return None
    data, more = _DRAWN[chart.kind](chart)
    layout: Figure = {
        "margin": {"l": 60, "r": 20, "t": 10, "b": 50},
        "height": height,
        "colorway": list(COLOURS),
        "font": {"family": "system-ui, sans-serif", "size": 13},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "legend": {"orientation": "h", "y": 1.12, "traceorder": "normal"},
    }
    return {"data": data, "layout": layout | more}


def _bars(chart: Chart) -> tuple[list[Figure], Figure]:
    data = [{"type": "bar", "name": name, "x": x, "y": y} for name, (x, y) in _series(chart).items()]
    return data, {
        "barmode": "stack",
        "showlegend": len(data) > 1,
        "xaxis": _words(chart),
        "yaxis": {"rangemode": "tozero"},
    }


def _lines(chart: Chart) -> tuple[list[Figure], Figure]:
    data = [{"type": "scatter", "mode": "lines+markers", "name": name, "x": x, "y": y, "marker": {"size": 4}}
            for name, (x, y) in _series(chart).items()]  # fmt: skip
    return data, {"showlegend": len(data) > 1, "yaxis": {"rangemode": "tozero"}}


def _heat_map(chart: Chart) -> tuple[list[Figure], Figure]:
    across, down = _in_order(row[0] for row in chart.rows), _in_order(row[1] for row in chart.rows)
    cells = {(row[0], row[1]): row[2] for row in chart.rows}
    z = [[cells.get((x, y)) for x in across] for y in down]
    data = [{"type": "heatmap", "x": [_said(x) for x in across], "y": [_said(y) for y in down], "z": z,
             "colorscale": [[0, PALE], [1, COLOURS[0]]], "xgap": 1, "ygap": 1}]  # fmt: skip
    # The first row on top.
    return data, {
        "xaxis": {"type": "category", "automargin": True, "tickangle": 0},
        "yaxis": {"type": "category", "automargin": True, "autorange": "reversed"},
    }


def _funnel(chart: Chart) -> tuple[list[Figure], Figure]:
    data = [{"type": "funnel", "y": [_said(row[0]) for row in chart.rows], "x": [row[1] for row in chart.rows],
             "textinfo": "value+percent previous", "texttemplate": "%{value:,} (%{percentPrevious:.1%})",
             "marker": {"color": COLOURS[0]}}]  # fmt: skip
    return data, {"margin": {"l": 120, "r": 20, "t": 10, "b": 30}}


_DRAWN: Mapping[str, Callable[[Chart], tuple[list[Figure], Figure]]] = {
    "bar": _bars,
    "line": _lines,
    "heatmap": _heat_map,
    "funnel": _funnel,
}


def _series(chart: Chart) -> dict[str, tuple[list[Cell], list[Cell]]]:
    """Labels and values of each series, in the order of the rows; a chart without has one."""
    out: dict[str, tuple[list[Cell], list[Cell]]] = {}
    for label, value, *more in chart.rows:
        x, y = out.setdefault(_said(more[0]) if more else chart.title, ([], []))
        x.append(label)
        y.append(value)
    return out


def _words(chart: Chart) -> Figure:
    """An axis of words in the order of the rows; numbers and dates find their own places."""
    labels = _in_order(row[0] for row in chart.rows)
    if any(isinstance(label, str) and not label[:4].isdigit() for label in labels):
        return {
            "automargin": True,
            "type": "category",
            "categoryorder": "array",
            "categoryarray": [_said(label) for label in labels],
        }
    return {"automargin": True}


def _in_order(values: Any) -> list[Cell]:
    return list(dict.fromkeys(values))


def _said(value: Cell) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
