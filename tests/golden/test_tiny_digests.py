"""K1: same plan, same content; today, in another process, and on a processor with fewer features."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy._core import _multiarray_umath as built

from examples import where_all_run
from golden.update import GOLDEN, Golden, main
from populace.worlds import registry

UPDATE = Path(__file__).parent / "update.py"
WIDE = ("AVX2", "FMA3", "AVX512", "X86_V3", "X86_V4")
"""What to do without; numpy's names for it vary with its version (X86_V3 holds AVX2, X86_V4 AVX-512)."""


def features_to_do_without() -> list[str]:
    """Wide ones that this numpy would choose on this machine: it warns of others, and refuses those it was built on."""
    return [name for name in built.__cpu_dispatch__ if built.__cpu_features__.get(name) and name.startswith(WIDE)]


def check(**environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("NPY_", "PYTHONHASHSEED"))}
    return subprocess.run(
        [sys.executable, "-W", "error", str(UPDATE), "--check"],
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda g: g.name)
def test_the_digests_are_those_remembered(golden: Golden):
    """If this is meant to change: make golden-update, and say in the commit why."""
    assert golden.differences(golden.digests()) == []


def test_every_scenario_of_every_world_is_remembered():
    """A built-in world whose rows change without a raised version is found by these digests, and by nothing else."""
    remembered = {golden.name: set(golden.scenarios) for golden in GOLDEN}
    for name in registry.names():
        assert remembered[name] == {scenario.name for scenario in registry.find(name).scenarios}, name


@where_all_run
def test_fewer_features_of_the_processor_change_nothing():
    without = features_to_do_without()
    if not without:
        pytest.skip(f"numpy {np.__version__} uses none of {', '.join(WIDE)} on this machine")
    done = check(NPY_DISABLE_CPU_FEATURES=",".join(without), PYTHONHASHSEED="7")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "as remembered" in done.stdout
    probe = (
        "from numpy._core._multiarray_umath import __cpu_features__ as f\n"
        "import sys; sys.exit(any(f[n] for n in sys.argv[1:]))"
    )
    off = subprocess.run(
        [sys.executable, "-c", probe, *without], env={"NPY_DISABLE_CPU_FEATURES": ",".join(without)}, check=False
    )
    assert off.returncode == 0, "the environment variable had no effect"


OTHER_SUM = """
import builtins, math, runpy, sys

plain = sum

def other(numbers, /, start=0):
    numbers = list(numbers)
    floats = any(type(one) is float for one in numbers)
    return plain(numbers, start) if not floats else 0.5 * (math.fsum([start, *numbers]) + plain(numbers[::-1], start))

builtins.sum = other
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""Python 3.12 adds floats another way than 3.11; this adds them a third."""


@where_all_run
def test_no_row_depends_on_how_python_adds_floats():
    done = subprocess.run(
        [sys.executable, "-c", OTHER_SUM, str(UPDATE), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "as remembered" in done.stdout


def test_the_check_finds_a_difference(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    golden = GOLDEN[0]
    remembered = golden.file.read_text()
    monkeypatch.setattr(Golden, "digests", lambda _golden: json.loads(remembered))
    file = tmp_path / "tiny.json"
    other = remembered.replace('"people": "23:', '"people": "24:', 1)
    file.write_text(other)
    monkeypatch.setattr(Golden, "file", file)
    monkeypatch.setattr("golden.update.GOLDEN", (golden,))
    assert main(["--check"]) == 1
    assert "tiny.default: " in capsys.readouterr().out
    # Other rows of the same plan: a target would be continued by other people.
    assert main([]) == 1
    assert "raise the world's version, or the engine's, first" in capsys.readouterr().out
    assert file.read_text() == other
    plan = json.loads(remembered)["default"]["plan"]
    file.write_text(other.replace(plan, "0" * len(plan)))
    assert main([]) == 0
    assert file.read_text() == remembered
