"""`make corpus`: schemas of real apps and of our own, each adopted, seeded, lived in and cleaned up; one line a schema.

Schemas of Debian's packages are downloaded, unpacked and loaded, and none of their files is kept. Where there is no
mirror only our own schemas are tried.
"""

from __future__ import annotations

import argparse
import gzip
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

from populace import clock
from populace.database import cluster
from populace.database.embedded import EmbeddedServer
from populace.declared import explaining
from populace.declared.arrivals import SIGNUPS, Act
from populace.errors import PopulaceError
from populace.operations.authoring.adopt import AdoptRequest, adopt
from populace.operations.cleanups import CleanupRequest, clean
from populace.operations.context import Context
from populace.operations.init import InitRequest, init
from populace.operations.inspection.validate import ValidateRequest, validate
from populace.operations.runs.run import RunRequest, run
from populace.operations.seeds.seed import SeedRequest, seed
from populace.settings import Settings
from populace.spec import Values

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests")]

from adopted import using  # noqa: E402

OURS = ROOT / "tests" / "adopted" / "schemas"
EXAMPLES = ROOT / "examples"
PAGE, BEGIN, END = ROOT / "docs" / "how-to" / "your-own-app.md", "<!-- corpus -->", "<!-- end of corpus -->"
PACKAGES: Mapping[str, tuple[str, ...]] = {
    "zabbix-server-pgsql": ("usr/share/zabbix-server-pgsql/schema.sql.gz",),
    "icingadb": ("usr/share/icingadb/schema/pgsql/schema.sql",),
    "icinga2-ido-pgsql": ("usr/share/icinga2-ido-pgsql/schema/pgsql.sql",),
    "roundcube-core": ("usr/share/roundcube/SQL/postgres.initial.sql",),
    "pdns-backend-pgsql": ("usr/share/pdns-backend-pgsql/schema/schema.pgsql.sql",),
    "request-tracker5": ("usr/share/request-tracker5/etc/schema.Pg",),
    "mediawiki": (
        "usr/share/mediawiki/maintenance/postgres/tables-generated.sql",
        "usr/share/mediawiki/maintenance/postgres/tables.sql",
    ),
    "ejabberd": ("usr/share/ejabberd/sql/pg.sql",),
    "bacula-director-pgsql": ("usr/share/dbconfig-common/data/bacula-director-pgsql/install/pgsql",),
}
"""By package, the files that make the tables of its app, in order."""
NOW, UNTIL = "2026-06-01T00:00:00Z", "2026-06-01T01:00:00Z"
TABLES = """
SELECT n.nspname, c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT IN ('information_schema', 'populace') AND n.nspname NOT LIKE 'pg\\_%'
"""


@dataclass(slots=True)
class Line:
    """What came of a schema. left: tables whose rows after the clean-up are others than before.
    inserts: what of the app's own inserts failed; unused: words of enums and foreign keys that no row has."""

    name: str
    tables: int = 0
    filled: int = 0
    rows: int = 0
    seconds: float = 0.0
    failed: int = 0
    again: str = ""
    left: str = ""
    fault: str = ""
    inserts: Sequence[str] = ()
    unused: Sequence[str] = ()
    declined: Mapping[str, str] = field(default_factory=dict)


def scripts(folder: Path, names: list[str]) -> Iterator[tuple[str, list[str]]]:
    """The statements of each schema that can be had, by its name."""
    for path in (Path(name) for name in names if name.endswith(".sql")):
        yield path.stem, [path.read_text(encoding="utf-8")]
    ours = {path.stem: path for path in OURS.glob("*.sql")}
    ours |= {path.parent.name: path for path in EXAMPLES.glob("*/schema.sql")}
    for name, path in sorted(ours.items()):
        if not names or name in names:
            yield name, [path.read_text(encoding="utf-8")]
    for package, files in PACKAGES.items():
        if names and package not in names:
            continue
        there = folder / package
        there.mkdir()
        got = subprocess.run(["apt-get", "download", "-qq", package], cwd=there, capture_output=True, check=False)
        archives = list(there.glob("*.deb"))
        if got.returncode or not archives:
            print(f"{package}: no mirror has it here", file=sys.stderr)
            continue
        subprocess.run(["dpkg", "-x", str(archives[0]), str(there / "files")], check=True)
        yield package, [_text(there / "files" / file) for file in files]
        shutil.rmtree(there)


def _text(path: Path) -> str:
    held = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return held.decode("utf-8", errors="replace")


def tried(server: EmbeddedServer, folder: Path, name: str, texts: list[str], rows: int | None) -> Line:
    """Everything that is done with one schema."""
    line, called = Line(name), name.replace("-", "_")
    with psycopg.connect(server.url("postgres"), autocommit=True) as conn:
        conn.execute(SQL("CREATE DATABASE {}").format(Identifier(called)))
    url = server.url(called)
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(SQL("ALTER DATABASE {} SET search_path = public").format(Identifier(called)))
        conn.execute("SET search_path = public")
        for text in texts:
            conn.execute(text)  # type: ignore[call-overload]
    before, alone = digests(url), using.inserts(url)
    context, began = Context(Settings(target=url)), clock.monotonic()
    world = str(folder / "worlds" / called)
    try:
        adopted = adopt(context, AdoptRequest(url, Path(world)))
        line.tables, line.filled, line.declined = adopted.tables, adopted.filled, adopted.declined
        init(context, InitRequest(i_know=called if before else None))
        given = {} if rows is None else _sized(context, world, rows)
        done = seed(context, SeedRequest(world, now=NOW, changes=given))
        line.rows = done.wrote.written
        line.again = "0" if seed(context, SeedRequest(world, now=NOW, changes=given)).unchanged else "some"
        run(context, RunRequest(world=world, speed="max", until=UNTIL))
        verdicts = validate(context, ValidateRequest(world)).verdicts
        wrong = [v for v in verdicts if v.ok is False]
        line.failed = len(wrong)
        line.fault = "; ".join(f"{v.title}: {v.measured}" for v in wrong[:3])
        line.seconds = clock.monotonic() - began
        # What fails without a population fails for the app's own reasons, such as a sequence behind a row of its own.
        line.inserts = [fault for fault in using.inserts(url) if fault not in alone]
        line.unused = using.unused(url)
        clean(context, CleanupRequest())
    except PopulaceError as error:
        line.fault = str(error)
    line.seconds = line.seconds or clock.monotonic() - began
    after = digests(url)
    changed = [table for table in {**before, **after} if before.get(table) != after.get(table)]
    line.left = ", ".join(changed[:3]) or "as before"
    return line


def _sized(context: Context, world: str, rows: int) -> dict[str, object]:
    """So many rows of each table; of acts by their rate."""
    found = context.registry.find(world)
    changes: dict[str, object] = {p.path: rows for p in found.parameters if p.path.endswith(".rows")}
    filled, own = explaining.fillers(found), {p.path: p.default for p in found.parameters}
    if SIGNUPS in own:
        changes[SIGNUPS] = 0.7 * rows / int(own["history_days"])
    values = Values({**own, **changes})
    for name, filler in filled.items():
        if isinstance(filler.arrival, Act) and not filler.arranged.followed:
            days = filler.arrival.people.days(values)[0]
            changes[f"{name}.rate"] = rows / (1 + filler.arrival.present) / max(days, 1)
    return changes


def digests(url: str) -> dict[str, str]:
    """A digest of the rows of each table that holds any."""
    found = {}
    with psycopg.connect(url) as conn:
        for schema, table in conn.execute(TABLES).fetchall():
            query = SQL("SELECT count(*), md5(string_agg(t::text, ',' ORDER BY t::text)) FROM ONLY {} AS t")
            many, digest = conn.execute(query.format(Identifier(schema, table))).fetchall()[0]
            if many:
                found[f"{schema}.{table}"] = str(digest)
    return found


def _write(rows: Sequence[str]) -> None:
    """The table of the docs, as it has come out."""
    head, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    names = ("Schema", "Tables", "Filled", "Rows", "Violations", "A second seed adds", "The app's inserts that fail",
             "Enum words and keys unused", "After the clean-up")  # fmt: skip
    table = "\n".join([f"| {' | '.join(names)} |", "|" + "---|" * len(names), *rows])
    PAGE.write_text(f"{head}{BEGIN}\n{table}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


def main() -> None:
    """Print a line a schema, and what was declined and why."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="of schemas and packages, or files of SQL; all without any")
    parser.add_argument("--rows", type=int, help="rows of each table; as proposed without it")
    parser.add_argument("--verbose", action="store_true", help="also why each table was declined")
    parser.add_argument("--write", action="store_true", help="write the packages' lines into the docs")
    given = parser.parse_args()
    cluster.SETTINGS.update({"fsync": "off", "full_page_writes": "off"})
    with tempfile.TemporaryDirectory(prefix="populace-corpus-") as made:
        folder = Path(made)
        server = EmbeddedServer(folder / "server")
        server.start()
        try:
            print(
                "SCHEMA                 TABLES FILLABLE FILLED     ROWS SECONDS FAILED AGAIN INSERTS UNUSED AFTERWARDS"
            )
            shown = []
            for name, texts in scripts(folder, given.names):
                line = tried(server, folder, name, texts, given.rows)
                parts = sum("come through" in why for why in line.declined.values())
                fault = f"  ! {line.fault[:600]}" if line.fault else ""
                failing, idle = len(line.inserts), len(line.unused)
                print(
                    f"{name:22} {line.tables:6} {line.tables - parts:8} {line.filled:6} {line.rows:8,} "
                    f"{line.seconds:7.1f} {line.failed:6} {line.again or '-':>5} {failing:7} {idle:6} "
                    f"{line.left}{fault}",
                    flush=True,
                )
                if name in PACKAGES:
                    cells = (name, line.tables - parts, line.filled, f"{line.rows:,}", line.failed, line.again, failing,
                             idle, line.left)  # fmt: skip
                    shown.append(f"| {' | '.join(map(str, cells))} |")
                if given.verbose:
                    for said in (*line.inserts, *line.unused):
                        print(f"    {said}")
                    for table, why in sorted(line.declined.items()):
                        if "come through" not in why:
                            print(f"    declined {table}: {why}")
            if given.write:
                _write(shown)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
