"""Write the table of features in docs/reference/limits.md again, as they come out: `make limits`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent)] if str(HERE.parent) not in sys.path else []

from adopted import features  # noqa: E402
from servers import running, spare_the_disk  # noqa: E402

PAGE = HERE.parents[1] / "docs" / "reference" / "limits.md"
BEGIN, END = "<!-- features -->", "<!-- end of features -->"


def main() -> int:
    """The exit code: 1 where a feature has a fault."""
    spare_the_disk()
    rows, faults = [], []
    with tempfile.TemporaryDirectory(prefix="populace-features-") as made:
        Path(made).chmod(0o755)
        with running(Path(made) / "server") as server:
            for feature in features.every():
                with psycopg.connect(server.url("postgres"), autocommit=True) as conn:
                    conn.execute(SQL("CREATE DATABASE {}").format(Identifier(feature.name)))
                outcome = features.tried(server.url(feature.name), Path(made) / "worlds", feature)
                rows.append(outcome.row)
                faults += [f"{feature.name}: {fault}" for fault in outcome.faults]
                print(outcome.row, flush=True)
    head, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    table = "\n".join(["| Feature | Tables filled | Not filled, and why |", "|---|---|---|", *rows])
    PAGE.write_text(f"{head}{BEGIN}\n{table}\n{END}{rest.partition(END)[2]}", encoding="utf-8")
    print("\n".join(faults), file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
