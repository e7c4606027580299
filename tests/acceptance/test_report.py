"""`populace validate --html`: one file that needs nothing else, and shows what the table and the JSON document show."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import plotly.graph_objects as go  # type: ignore[import-untyped]
import psycopg
import pytest

from command import TESTS, answer, call
from populace.checks import chart
from populace.checks.chart import Chart
from populace.checks.judgement import Judgement
from populace.checks.report import render
from populace.checks.report.figures import figure
from populace.checks.verdict import Verdict
from populace.errors import BadInput
from populace.worlds import registry

WORKSHOP = str(TESTS / "workshop")
NOW = "2026-01-09T00:00:00Z"


class Page(HTMLParser):
    """The page's elements, and what stands in them by the heading above."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.headings: list[str] = []
        self.cells: dict[str, list[list[str]]] = {}
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open.append(tag)
        if tag == "h2":
            self.headings.append("")
        if tag == "tr" and self.headings:
            self.cells.setdefault(self.headings[-1].strip(), []).append([])
        if tag in ("td", "th") and self.headings:
            self.cells[self.headings[-1].strip()][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "script" in self._open or "style" in self._open:
            return
        self.text.append(data)
        if self._open and self._open[-1] == "h2":
            self.headings[-1] += data
        if self._open and self._open[-1] in ("td", "th"):
            self.cells[self.headings[-1].strip()][-1][-1] += data

    @property
    def said(self) -> str:
        return " ".join(" ".join(self.text).split())


def drawn(page: str) -> list[tuple[str, Any, Any]]:
    """What the page has drawn: the place, the data and the layout of each chart."""
    calls = re.findall(r'^Plotly\.newPlot\("([\w-]+)", (\[.*\]), (\{.*\}), \{.*\}\);$', page, flags=re.MULTILINE)
    return [(place, json.loads(data), json.loads(layout)) for place, data, layout in calls]


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    target = f"embedded:{tmp_path_factory.mktemp('workshop')}"
    answer("seed", WORKSHOP, "--target", target, "--now", NOW)
    yield target
    call("db", "stop", "--target", target)


@pytest.fixture(scope="module")
def judged(target: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """What `validate --json` says, and the report that it wrote."""
    file = tmp_path_factory.mktemp("reports") / "a report.html"
    return answer("validate", WORKSHOP, "--target", target, "--html", str(file)), file


def test_one_file_that_asks_for_nothing(judged: tuple[dict[str, Any], Path]) -> None:
    document, file = judged
    content = file.read_bytes()
    assert document["report"] == {"file": str(file), "bytes": len(content)}
    assert len(content) < 6_000_000
    assert [f.name for f in file.parent.iterdir()] == [file.name]
    page = Page(content.decode())
    assert not [attrs for _, attrs in page.elements if attrs.keys() & {"src", "srcset", "data", "action"}]
    assert not [tag for tag, _ in page.elements if tag in ("link", "img", "iframe", "object", "embed", "base")]
    assert all((attrs.get("href") or "#").startswith("#") for _, attrs in page.elements)
    assert "@import" not in content.decode().partition("<body>")[0]
    # The charts' script once, and the one that uses it.
    assert [tag for tag, _ in page.elements].count("script") == 2
    assert content.count(b"* plotly.js v") == 1


def test_it_says_what_was_judged_and_how_it_went(judged: tuple[dict[str, Any], Path], target: str) -> None:
    document, file = judged
    said = Page(file.read_text()).said
    plan = answer("status", "--target", target, "--world", WORKSHOP)
    for words in ("Workshop", "no check fails", f"target {target}", "scenario default", "seed 1", f"epoch {NOW}",
                  f"written up to {plan['watermark']}", f"plan {plan['plan']}"):  # fmt: skip
        assert words in said
    assert document["failed"] == 0
    waiting, ok = document["open"], document["checks"] - document["open"]
    assert f"{document['checks']} checks: {waiting} not measurable yet , {ok} ok, 1 for information" in said
    assert "pieces, of <every> kind" in said


def test_verdicts_stand_in_the_groups_of_the_world(judged: tuple[dict[str, Any], Path]) -> None:
    document, file = judged
    page = Page(file.read_text())
    groups = document["groups"]
    assert list(groups) == [
        "counts", "orphans", "causal order", "query timings", "campaign dates", "integrity", "decisions"
    ]  # fmt: skip
    assert sum(sum(counted.values()) for counted in groups.values()) == document["checks"] + document["info"]
    assert groups["counts"] == {"ok": 6, "failed": 0, "open": 0, "info": 1}
    assert groups["query timings"] == {"ok": 1, "failed": 0, "open": 0, "info": 0}
    assert groups["campaign dates"] == {"ok": 0, "failed": 0, "open": 0, "info": 0}
    assert "nothing was checked" in page.said
    headings = [heading.lower().strip() for heading in page.headings]
    assert headings == ["charts", *groups]
    rows = page.cells["Query timings"]
    assert rows[0] == ["", "Id", "Check", "Target", "Measured", "Note"]
    assert rows[1][:4] == ["ok", "T1", "pieces with their tools", "p95 under 3,600,000 ms"]
    # What the world left out is shown by its part: what happened is not in the future.
    assert any("later than everything written" in row[2] for row in page.cells["Integrity"])


def test_charts_are_those_of_the_world(judged: tuple[dict[str, Any], Path], target: str) -> None:
    text = judged[1].read_text()
    page = Page(text)
    kinds = [attrs["data-kind"] for _, attrs in page.elements if "data-kind" in attrs]
    assert kinds == ["bar", "funnel"]
    assert "uses & tools, <as they are>" in page.said
    assert "nothing to draw yet" in page.said
    ((place, data, layout),) = drawn(text)
    assert any(attrs.get("id") == place for _, attrs in page.elements)
    assert [one["name"] for one in data] == ["good", "not so good"]
    url = call("db", "url", "--target", target).stdout.strip()
    with psycopg.connect(url) as connection:
        good = connection.execute(
            "SELECT t.name, count(*) FROM public.uses u JOIN public.tools t ON t.id = u.tool_id"
            " JOIN public.pieces p ON p.id = u.piece_id WHERE p.good = 1 GROUP BY t.name ORDER BY t.name"
        ).fetchall()
    assert [*zip(data[0]["x"], data[0]["y"], strict=True)] == good
    assert layout["barmode"] == "stack"
    # The numbers stand beside the picture.
    assert ["plane", str(good[0][1]), "good"] in page.cells["Charts"]


def test_the_text_says_where_the_report_is(target: str, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text('<meta name="generator" content="Populace">of yesterday')
    link = tmp_path / "link.html"
    link.symlink_to(file)
    said = call("validate", WORKSHOP, "--target", target, "--html", str(link)).stdout
    assert f"report: {link} (" in said
    assert link.is_symlink()
    assert file.read_text().startswith("<!DOCTYPE html>")


def test_what_fails_is_in_the_report_too(target: str, tmp_path: Path) -> None:
    url, file = call("db", "url", "--target", target).stdout.strip(), tmp_path / "report.html"
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO public.labels"
            " SELECT overlay(gen_random_uuid()::text PLACING '8' FROM 15)::uuid,"
            " id, 'one too many', '2030-01-01' FROM public.pieces LIMIT 1"
        )
    try:
        document = answer("validate", WORKSHOP, "--target", target, "--html", str(file), code=1)
        page = Page(file.read_text())
        assert "2 checks fail" in page.said
        assert document["groups"]["counts"]["failed"] == document["groups"]["integrity"]["failed"] == 1
        (row,) = (row for row in page.cells["Counts"] if row[0] == "failed")
        assert row[3:5] == ["20", "21"]
    finally:
        with psycopg.connect(url) as connection:
            connection.execute("DELETE FROM public.labels WHERE words = 'one too many'")


def test_a_path_that_cannot_be_written_is_found_out_before_anything_is_checked(tmp_path: Path) -> None:
    nowhere = f"embedded:{tmp_path / 'nothing'}"
    (tmp_path / "file").touch()
    for path, why in (
        (tmp_path, "this is a folder"),
        (tmp_path / "no" / "report.html", "No such file or directory"),
        (tmp_path / "file" / "report.html", "Not a directory"),
        (Path("/dev/null"), "this is not a file"),
    ):
        said = call("validate", WORKSHOP, "--target", nowhere, "--html", str(path), code=2).stderr
        assert said.startswith("populace: --html: ")
        assert why in said
        assert len(said.splitlines()) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file"]


CHARTS = (
    Chart("bar", "bar", "Bars", "", ("label", "value"), [("</script><b>", 1.0), ("b", 2.0)]),
    Chart("dates", "bar", "Dates", "", ("label", "value", "series"), [("2026-01", 1.0, "x"), ("2026-02", None, "y")]),
    Chart("line", "line", "Lines", "", ("label", "value", "series"), [("2026-01-01", 1.0, "x"), ("2026-02", 4.0, "y")]),
    Chart("heat", "heatmap", "Heat", "", ("x", "y", "value"), [(0.0, "Monday", 3.0), (1.0, "Tuesday", 4.0)]),
    Chart("funnel", "funnel", "Funnel", "", ("step", "value"), [("mailed", 10.0), ("delivered", 8.0)]),
)  # fmt: skip


@pytest.mark.parametrize("one", CHARTS, ids=lambda c: c.name)
def test_every_kind_of_chart_is_a_figure_that_plotly_knows(one: Chart) -> None:
    made = figure(one)
    assert made is not None
    go.Figure(made)  # raises for a property that does not exist


def test_a_heat_map_has_its_first_row_on_top_and_gaps_where_nothing_is_given() -> None:
    made = figure(CHARTS[3])
    assert made is not None
    assert made["data"][0]["z"] == [[3.0, None], [None, 4.0]]
    assert made["data"][0]["y"] == ["Monday", "Tuesday"]
    assert made["layout"]["yaxis"]["autorange"] == "reversed"


def test_what_comes_from_a_target_stays_text() -> None:
    verdicts = [
        Verdict("X1", "<img src=x onerror=alert(1)>", "a", "b", False, detail="Seq Scan <slow>"),
        Verdict("K7", "chance of a point", "1", "1", True, point=True),
        Verdict("X2", "open", "1", "none", None, note="not yet"),
    ]
    judgement = Judgement("W", "populace.checks", "t", {"plan": "<p>"}, {"conformance": verdicts}, CHARTS)
    text = render(judgement, 0)
    page = Page(text)
    assert not [tag for tag, _ in page.elements if tag == "img"]
    assert "Seq Scan <slow>" in page.said
    assert "1 decision points that came out as declared" in page.said
    assert "1 check fails" in page.said
    assert "judged at 1970-01-01T00:00:00Z" in page.said
    assert len(drawn(text)) == len(CHARTS)
    assert drawn(text)[0][1][0]["x"][0] == "</script><b>"
    assert render(judgement, 0) == text
    # Nothing is drawn, so nothing is needed to draw it.
    assert len(render(Judgement("W", "populace.checks", "t", {}, {"conformance": verdicts}), 0)) < 20_000


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("SELECT 1", "the first line does not say what to draw"),
        ("-- chart: bar\nSELECT 1", "the first line does not say what to draw"),
        ("-- chart: bars · Title · source\nSELECT 1", "did you mean 'bar'"),
    ],
)
def test_a_chart_says_what_it_is(text: str, wrong: str) -> None:
    with pytest.raises(BadInput, match=rf"^here: .*{wrong}"):
        chart.head(text, "here")


@pytest.mark.parametrize("name", registry.names())
def test_every_world_draws_something(name: str) -> None:
    package = registry.find(name).package
    folder = files(package).joinpath("charts")
    kinds = {chart.head(f.read_text(encoding="utf-8"), f.name)[0] for f in folder.iterdir()}
    assert kinds >= {"bar", "hours", "active"}


def test_the_campaigns_world_has_the_groups_of_its_document() -> None:
    groups = Judgement("C", registry.find("campaigns").package, "t", {}, {}).groups()
    assert [g.name for g in groups][:7] == [
        "counts", "orphans", "causal order", "distributions", "query timings", "campaign dates", "event variety"
    ]  # fmt: skip


def test_the_head_of_a_chart() -> None:
    assert chart.head("-- chart: bar · Cards · of the ledger · by month\nSELECT", "x") == (
        "bar", "Cards", "of the ledger · by month"
    )  # fmt: skip
    assert chart.head("-- chart: line · Cards", "x") == ("line", "Cards", "")
