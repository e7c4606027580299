"""The borders between the folders of `src/populace`: who imports whom, who reads files, and who knows a world by name.

The import contracts stand in `pyproject.toml`, and `lint-imports` checks them. Here each of them, and each rule that
imports cannot express, is shown to fail on a line that breaks it.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import grimp
import pytest
from importlinter import configuration
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.independence import IndependenceContract
from importlinter.contracts.layers import LayersContract

import populace
from populace.worlds import registry
from sources import nodes

HOUSE = Path(populace.__file__).parent
PROJECT = tomllib.loads((HOUSE.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
CONTRACTS = {contract["name"]: contract for contract in PROJECT["contracts"]}
KINDS = {"forbidden": ForbiddenContract, "independence": IndependenceContract, "layers": LayersContract}

LAYERS, CHECKS, NO_WORLD, BY_NAME, WORLDS, NO_IO, NO_CLI = CONTRACTS
BREAKING = [
    (LAYERS, "populace.engine.generate", "populace.runner.loop"),
    (LAYERS, "populace.engine.generate", "populace.sinks.pipeline"),
    (LAYERS, "populace.bots.playing", "populace.api.server"),
    (LAYERS, "populace.operations.playing.claims", "populace.bots.playing"),
    (CHECKS, "populace.checks.keys", "populace.engine"),
    (CHECKS, "populace.checks", "populace.sinks.sink"),
    (NO_WORLD, "populace.engine.generate", "populace.worlds"),
    (NO_WORLD, "populace.runner.loop", "populace.worlds.hogflix"),
    (BY_NAME, "populace.operations.seeds.seed", "populace.worlds.hogflix"),
    (WORLDS, "populace.worlds.campaigns.tables", "populace.worlds.hogflix.tables"),
    (NO_IO, "populace.spec.world", "os"),
    (NO_IO, "populace.spec.world", "socket"),
    (NO_IO, "populace.engine.tables", "populace.settings"),
    (NO_CLI, "populace.operations.seeds.seed", "typer"),
    (NO_CLI, "populace.operations.seeds.seed", "rich"),
    (NO_CLI, "populace.operations.seeds.seed", "populace.cli.app"),
]
"""For each contract, imports that break it: contract, importing module, imported module."""


@cache
def imports() -> grimp.ImportGraph:
    configuration.configure()
    return grimp.build_graph("populace", include_external_packages=True, cache_dir=None)


def kept(name: str, graph: grimp.ImportGraph) -> bool:
    options = dict(CONTRACTS[name])
    session: dict[str, Any] = {"root_packages": ["populace"], "include_external_packages": "True"}
    contract = KINDS[options["type"]](options.pop("name"), session, options)
    return bool(contract.check(deepcopy(graph), verbose=False).kept)


def test_every_contract_is_shown_to_fail():
    assert {name for name, _, _ in BREAKING} == set(CONTRACTS)


@pytest.mark.parametrize("name", CONTRACTS)
def test_imports_keep_to_the_contracts(name: str):
    assert kept(name, imports())


@pytest.mark.parametrize(("name", "importer", "imported"), BREAKING)
def test_an_import_that_breaks_a_contract_is_found(name: str, importer: str, imported: str):
    graph = deepcopy(imports())
    for module in (importer, imported):
        if module not in graph.modules:
            graph.add_module(module, is_squashed=not module.startswith("populace"))
    graph.add_import(importer=importer, imported=imported)
    assert not kept(name, graph)


# Input and output

PURE = ("spec", "plan", "engine")
READERS = {"spec/zones.py", "spec/kit/catalogue.py"}
"""Files of these folders that may read, and only what an installed package holds: time zones, and a world's words."""
CALLED = {"open", "print", "input", "exec", "eval", "compile", "breakpoint", "__import__"}
METHODS = {
    "open", "read_text", "read_bytes", "write_text", "write_bytes", "mkdir", "touch", "unlink", "rmdir", "rename",
    "iterdir", "glob", "rglob", "exists", "is_file", "is_dir", "stat", "resolve", "cwd", "home", "expanduser",
    "fromfile", "tofile", "memmap", "loadtxt", "savetxt", "open_file", "OSFile", "memory_map", "read_csv", "read_table",
    "write_table",
}  # fmt: skip
"""Names of methods that reach a disk: of paths, of NumPy and of Arrow."""


def reads(source: str) -> Iterator[str]:
    """The calls of a source text that read or write something outside the process."""
    for node in nodes(source):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in CALLED:
                yield f"{node.lineno}: {node.func.id}"
            if isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
                yield f"{node.lineno}: .{node.func.attr}"


@pytest.mark.parametrize("folder", PURE)
def test_declarations_plans_and_the_engine_reach_no_disk(folder: str):
    files = [file for file in (HOUSE / folder).rglob("*.py") if name_of(file) not in READERS]
    assert files
    assert [f"{name_of(file)}:{call}" for file in files for call in reads(file.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    "line",
    [
        "open('people.csv')",
        "with path.open('rb') as file: pass",
        "Path('people.csv').read_text()",
        "[f for f in folder.iterdir()]",
        "(folder / 'x').write_bytes(b'')",
        "print('seeded')",
        "np.fromfile('draws.bin')",
        "pa.memory_map('rows.arrow')",
    ],
)
def test_a_call_that_reaches_a_disk_is_found(line: str):
    assert list(reads(line))


def test_a_call_that_stays_in_memory_is_not_found():
    assert list(reads("rows.to_pylist(); text.replace('open', 'shut'); np.frombuffer(data)")) == []


# Words of a world

GENERIC = (
    "spec",
    "plan",
    "engine",
    "database",
    "sinks",
    "runner",
    "deliver",
    "checks",
    "operations",
    "api",
    "studio",
    "cli",
)
DOCUMENTED = {"api/documented.py"}
"""The control API as its first app documented it, with that app's words."""
FIELD_WORDS = {"assigned_after", "campaigns", "day_memory", "day_spread", "drop_out", "first_visit", "login_hash",
               "phase_days", "unseen_days"}  # fmt: skip
"""Words of a world that are words of `spec` too, or of English."""
MORE = {"flixbuddy", "mindblock", "mindblocks", "navicue", "people_a_pool", "persona_pool", "users_created"}


@cache
def words() -> set[str]:
    """Names of worlds, and names of their tables and parameters that are more than one English word."""
    found = set(MORE)
    for name in registry.names():
        world = registry.find(name)
        found |= {name}
        found |= {table.name.split(".")[-1] for table in world.tables if "_" in table.name.split(".")[-1]}
        found |= {parameter.path for parameter in world.parameters if "_" in parameter.path}
    return found - FIELD_WORDS


def of_a_world(source: str) -> Iterator[str]:
    """The words of a source text that belong to one world, apart from those of an example of a command."""
    for line in source.splitlines():
        if not re.match(r"\s*(Example: )?populace [a-z]", line):
            yield from words() & set(re.findall(r"[a-z0-9_]+", line.lower()))


def test_generic_folders_hold_no_word_of_a_world():
    found = {}
    for folder in GENERIC:
        for file in sorted((HOUSE / folder).rglob("*")):
            if name_of(file) not in DOCUMENTED and file.suffix in (".py", ".sql", ".html", ".css", ".js"):
                here = set(of_a_world(file.read_text(encoding="utf-8")))
                found |= {name_of(file): here} if here else {}
    assert found == {}


@pytest.mark.parametrize(
    "line", ['if world.name == "hogflix":', 'values["people_a_pool"]', "SELECT 1 FROM journey_instances", "# FlixBuddy"]
)
def test_a_word_of_a_world_is_found(line: str):
    assert list(of_a_world(line))


def test_an_example_of_a_command_may_name_a_world():
    assert list(of_a_world("    Example: populace seed hogflix")) == []


def name_of(file: Path) -> str:
    return file.relative_to(HOUSE).as_posix()
