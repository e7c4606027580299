"""A judgement, or how real people look, as one HTML file that needs nothing else: no network, no server, no other file.

Pure: a judgement and a moment in, text out. The template and the charts' script are read from what is installed.
"""

from __future__ import annotations

import shlex
import sys
from importlib.util import find_spec

from populace import clock
from populace.checks.judgement import Judgement
from populace.checks.realism.bands import DOMAINS
from populace.checks.realism.finding import Comparison, Finding
from populace.checks.report.figures import Figure, figure
from populace.errors import BadInput

TEMPLATE, REALISM = "report.html.j2", "realism.html.j2"
SMALL = 170
"""The height of a chart of one metric."""
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
    charts = [(chart, figure(chart)) for chart in judgement.charts]
    return _written(
        TEMPLATE,
        made_at_us,
        any(drawn for _, drawn in charts),
        judgement=judgement,
        groups=judgement.groups(),
        charts=charts,
    )


def render_realism(found: Comparison, made_at_us: int) -> str:
    """The text of a report of how real people look. made_at_us: when they were compared, in real time."""
    families: dict[str, list[tuple[Finding, int, Figure | None]]] = {}
    for place, finding in enumerate(found.findings):
        drawn = figure(finding.chart, SMALL) if finding.chart else None
        families.setdefault(finding.metric.family, []).append((finding, place, drawn))
    about = DOMAINS[found.domain]
    return _written(REALISM, made_at_us, True, realism=found, families=list(families.items()), about=about)


def _written(template: str, made_at_us: int, drawn: bool, **shown: object) -> str:
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
    return environment.get_template(template).render(
        made_at=clock.iso(made_at_us // clock.SECOND_US * clock.SECOND_US),
        # The library's own text, made to stand inside a script element; left out where nothing is drawn.
        script=Markup(get_plotlyjs()) if drawn else None,
        **shown,
    )
