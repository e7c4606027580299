"""The result of a validation: verdicts by part and by group, what was judged, and the charts.

Plain data, which the table, the JSON document and the HTML report all show in their own way.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Literal

from populace.checks.chart import Chart
from populace.checks.verdict import Status, Verdict
from populace.errors import BadInput

Part = Literal["conformance", "integrity", "accounting", "timings"]
TITLES: Mapping[str, str] = {
    "conformance": "requirements of the world",
    "integrity": "integrity",
    "accounting": "decisions",
    "timings": "query timings",
}
"""Of the groups of a world that declares none."""
GROUPS_FILE = "groups.csv"


@dataclass(frozen=True, slots=True)
class Group:
    """Verdicts that belong together for a reader."""

    name: str
    verdicts: Sequence[Verdict]

    def count(self, status: Status) -> int:
        """How many of its verdicts have this status."""
        return sum(v.status == status for v in self.verdicts)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A validation of a target. parts: verdicts in the order in which they were found. package: of the world.

    about: what was judged, by the name under which a reader sees it (scenario, seed, epoch …).
    """

    world: str
    package: str
    target: str
    about: Mapping[str, str]
    parts: Mapping[Part, Sequence[Verdict]]
    charts: Sequence[Chart] = field(default=())

    @property
    def verdicts(self) -> list[Verdict]:
        """All of them."""
        return [v for part in self.parts.values() for v in part]

    @property
    def ok(self) -> bool:
        """Whether no check failed."""
        return all(v.status != "failed" for v in self.verdicts)

    def groups(self) -> list[Group]:
        """Verdicts as a reader of the world's specification looks for them.

        A world declares its groups as `checks/groups.csv` with the columns group, holds and titled: `holds` is the id
        of a verdict, the name of the world's file that measured it, or that of a part; `titled` is words of its title,
        if given; the first line that fits counts. A group without verdicts is shown empty; verdicts that fit
        no line come last, by their part. Raises BadInput for a file without these columns.
        """
        rules = _rules(self.package)
        found: dict[str, list[Verdict]] = {group: [] for group, _, _ in rules}
        rest: dict[str, list[Verdict]] = {}
        for part, verdicts in self.parts.items():
            for verdict in verdicts:
                group = _group(rules, part, verdict)
                if group is None:
                    rest.setdefault(TITLES[part], []).append(verdict)
                else:
                    found[group].append(verdict)
        return [Group(name, verdicts) for name, verdicts in [*found.items(), *rest.items()]]


def _group(rules: Sequence[tuple[str, str, str]], part: str, verdict: Verdict) -> str | None:
    for group, holds, titled in rules:
        if holds in (verdict.id, verdict.source, part) and titled in verdict.title:
            return group
    return None


def _rules(package: str) -> list[tuple[str, str, str]]:
    file = files(package).joinpath("checks").joinpath(GROUPS_FILE)
    if not file.is_file():
        return []
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    wanted = ("group", "holds", "titled")
    if any(row.get(name) is None for row in rows for name in wanted):
        raise BadInput(
            "this file does not say which verdicts a group holds",
            where=f"{package}/checks/{GROUPS_FILE}",
            allowed=f"the columns {', '.join(wanted)} in every line",
        )
    return [(row["group"], row["holds"], row["titled"]) for row in rows]
