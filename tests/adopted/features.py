"""Features of PostgreSQL, a small schema each: what is filled of it, what is declined and why, and what holds then."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from psycopg.sql import SQL, Identifier

from adopted import App, using
from contexts import at
from populace.database.connection import connect
from populace.errors import BadInput, PopulaceError
from populace.operations.authoring.adopt import AdoptRequest, adopt
from populace.operations.init import InitRequest, init
from populace.operations.inspection.validate import ValidateRequest, validate
from populace.operations.runs.run import RunRequest, run

FOLDER = Path(__file__).parent / "features"
WHOLE = "all"
UNTIL = "2026-06-01T01:00:00Z"
_WITH_ROWS = re.compile(r"(?m)^INSERT INTO")


@dataclass(frozen=True)
class Feature:
    """name: of its file, and of the schema in which its tables are. title: in words. holds: queries of which each is
    true of the rows of a population that uses it."""

    name: str
    title: str
    holds: tuple[str, ...]
    script: str

    @property
    def has_rows(self) -> bool:
        """Whether the app has rows of its own."""
        return _WITH_ROWS.search(self.script) is not None


@dataclass
class Outcome:
    """What came of a feature. faults: what is not as it should be, in words; none where all is."""

    feature: Feature
    filled: int = 0
    rows: int = 0
    declined: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @property
    def row(self) -> str:
        """Its line in the table of the docs."""
        some = sorted(
            (table.removeprefix(f"{self.feature.name}."), why.replace(f"{self.feature.name}.", ""))
            for table, why in self.declined.items()
        )
        # Of several alike one reason is enough.
        why = "; ".join(w if t == WHOLE else f"`{t}`: {w}" for t, w in some).replace("|", "\\|")
        return f"| {self.feature.title} | {self.filled} | {why} |"


def every() -> list[Feature]:
    """All of them, by their files' names."""
    return [_read(path) for path in sorted(FOLDER.glob("*.sql"))]


def _read(path: Path) -> Feature:
    text = path.read_text(encoding="utf-8")
    (title,) = re.findall(r"(?m)^-- feature: (.+)$", text)
    return Feature(path.stem, title, tuple(re.findall(r"(?m)^-- holds: (.+)$", text)), text)


def tried(url: str, folder: Path, feature: Feature) -> Outcome:
    """A feature's schema in an empty database, adopted, seeded twice, lived in, written to by its app, cleaned up."""
    outcome = Outcome(feature)
    with connect(url, application_name="tests", autocommit=True) as conn:
        conn.execute(SQL("CREATE SCHEMA {}").format(Identifier(feature.name)))
        database = Identifier(conn.info.dbname)
        conn.execute(SQL("ALTER DATABASE {} SET search_path = {}, public").format(database, Identifier(feature.name)))
        conn.execute(SQL("SET search_path = {}, public").format(Identifier(feature.name)))
        conn.execute(feature.script)  # type: ignore[call-overload]
        name = conn.info.dbname
    try:
        try:
            adopted = adopt(at(url), AdoptRequest(url, folder / feature.name))
        except BadInput as error:
            if "none of the tables" not in error.what:
                raise
            outcome.declined = {WHOLE: str(error.given)}
            return outcome
        app = App(url, folder / feature.name, adopted)
        outcome.declined = {t: why for t, why in adopted.declined.items() if "come through" not in why}
        outcome.filled = adopted.filled
        init(at(url), InitRequest(i_know=name if feature.has_rows else None))
        before = app.rows()
        outcome.rows = app.seeded().wrote.written
        if not app.seeded().unchanged:
            outcome.faults.append("a second seed adds rows")
        run(app.context, RunRequest(world=str(app.folder), speed="max", until=UNTIL))
        judged = validate(app.context, ValidateRequest(str(app.folder)))
        outcome.faults += [f"{v.title}: {v.measured}" for v in judged.verdicts if v.ok is False]
        with connect(url, application_name="tests") as conn:
            conn.execute(SQL("SET search_path = {}, public").format(Identifier(feature.name)))
            for query in feature.holds:
                if conn.execute(query).fetchone() != (True,):  # type: ignore[call-overload]
                    outcome.faults.append(f"not so: {query}")
        outcome.faults += using.inserts(url)
        app.cleaned()
        if app.rows() != before:
            outcome.faults.append("after a clean-up the tables are not as before")
    except PopulaceError as error:
        outcome.faults.append(str(error))
    return outcome
