"""What may not stand in our code, and ruff does not see: chance, time and order that come from outside the plan."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import populace
from sources import nodes

HOUSE = Path(populace.__file__).parent
FILES = sorted(HOUSE.rglob("*.py"))
TOKENS = ("api/keys.py", "database/", "operations/account.py", "bots/", "runner/lease.py", "sites/")
"""Where a secret may be drawn (STYLE 5: tokens excepted): it is no part of a population."""

PURE = ("spec/", "plan/", "engine/")
FORBIDDEN = {
    r"\b(np|numpy)\.random\b": ("engine/streams.py",),
    r"\bdefault_rng\b|\bRandomState\b|\bSystemRandom\b": (),
    r"\bos\.urandom\b|\bgetrandbits\b": TOKENS,
    r"\buuid\.uuid[1345]\b|\buuid4\(": (),
    r"datetime\.(now|utcnow|today)\b|\bdate\.today\b": (),
    r"\btime\.(time|time_ns|monotonic|monotonic_ns|perf_counter|perf_counter_ns|sleep|localtime)\b": ("clock.py",),
    r"\bgen_random_uuid\(\)|\brandom\(\)": TOKENS,
}


def name_of(file: Path) -> str:
    return file.relative_to(HOUSE).as_posix()


def test_there_are_files_to_look_at():
    names = {name_of(file) for file in FILES}
    assert {"engine/streams.py", "clock.py", "plan/plan.py", "spec/world.py"} <= names


@pytest.mark.parametrize("pattern", FORBIDDEN, ids=str)
def test_chance_and_time_have_one_home(pattern: str):
    found = [
        f"{name_of(file)}:{number}: {line.strip()}"
        for file in FILES
        if not name_of(file).startswith(FORBIDDEN[pattern])
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if re.search(pattern, line)
    ]
    assert found == []


def of_core(prefixes: tuple[str, ...]) -> Iterator[tuple[str, ast.AST]]:
    for file in FILES:
        if name_of(file).startswith(prefixes):
            for node in nodes(file.read_text()):
                yield f"{name_of(file)}:{getattr(node, 'lineno', 0)}", node


def test_the_core_hashes_by_content_never_by_process():
    """`hash` of a text differs from process to process; only a `__hash__` may call it."""
    found = [where for where, node in of_core((*PURE, "worlds/"))
             if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "hash"]  # fmt: skip
    assert found == []


def is_a_set(node: ast.AST) -> bool:
    named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("set", "frozenset")
    return named or isinstance(node, (ast.Set, ast.SetComp))


def test_the_core_never_walks_a_set_in_its_own_order():
    """The order of a set of texts differs from process to process: sort it before it can reach a row."""
    found = [where for where, node in of_core((*PURE, "worlds/", "sinks/"))
             if isinstance(node, (ast.For, ast.comprehension)) and is_a_set(node.iter)]  # fmt: skip
    assert found == []


def test_declarations_and_plans_do_no_input_or_output():
    doors = {"open", "print", "input", "exec", "eval"}
    modules = {
        "os",
        "sys",
        "subprocess",
        "socket",
        "shutil",
        "tempfile",
        "psycopg",
        "requests",
        "httpx",
        "random",
        "secrets",
    }
    found = []
    for where, node in of_core(PURE):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in doors:
            found.append(f"{where}: {node.func.id}")
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        found += [f"{where}: {name}" for name in names if name.split(".")[0] in modules]
    assert found == []


def test_only_the_engine_takes_draws_from_streams():
    found = [name_of(file) for file in FILES
             if not name_of(file).startswith("engine/")
             and re.search(r"populace\.engine\.streams|engine import .*\bstreams\b", file.read_text())]  # fmt: skip
    assert found == []
