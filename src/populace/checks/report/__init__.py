"""A judgement as one HTML file that needs nothing else: no network, no server, no other file.

Pure: a judgement and a moment in, text out. The template and the charts' script are read from what is installed.
"""

from __future__ import annotations

import shlex
import sys
from importlib.util import find_spec

from populace import clock
from populace.checks.judgement import Judgement
from populace.checks.report.figures import figure
from populace.errors import BadInput

TEMPLATE = "report.html.j2"
NEEDED = ("plotly",)
"""Packages of the extra `report`."""


def require() -> None:
    """Raise BadInput where what reports are made with is not installed: most people make none, and it is large."""
    lacking = [name for name in NEEDED if find_spec(name) is None]
    if lacking:
        raise BadInput(
            f"the charts of a report are drawn by {' and '.join(lacking)}, which is not installed",
            where="validate.html",
            todo=f"in a checkout make report, else {shlex.quote(sys.executable)} -m pip install {' '.join(lacking)}",
        )


def render(judgement: Judgement, made_at_us: int) -> str:
    """The report's text. made_at_us: when the target was judged, in real time."""
    # Here, since only a report needs them: they take longer to load than a small validation takes.
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup
    from plotly.offline import get_plotlyjs

    environment = Environment(
        loader=PackageLoader(__name__, "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    charts = [(chart, figure(chart)) for chart in judgement.charts]
    return environment.get_template(TEMPLATE).render(
        judgement=judgement,
        groups=judgement.groups(),
        charts=charts,
        made_at=clock.iso(made_at_us // clock.SECOND_US * clock.SECOND_US),
        # The library's own text, made to stand inside a script element; left out where nothing is drawn.
        script=Markup(get_plotlyjs()) if any(drawn for _, drawn in charts) else None,
    )
