"""A stop that comes where Python can raise nothing is neither printed nor lost."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import gc, os, signal, time, weakref
from populace.cli import stopping

def here(*_):
    gc.callbacks[:] = [one for one in gc.callbacks if one is not here]
    os.kill(os.getpid(), {number})
    for _ in range(1000):
        pass

class Dying:
    def __del__(self):
        here()

class Seen:
    pass

stopping.begin()
try:
    {comes}
    time.sleep(30)
    print("it was lost")
except stopping.Stop:
    print("stopped")
stopping.end()
"""


@pytest.mark.parametrize("number", ["signal.SIGINT", "signal.SIGTERM"])
@pytest.mark.parametrize(
    "comes",
    ["Dying()", "seen = Seen(); held = weakref.ref(seen, here); del seen", "gc.callbacks.append(here); gc.collect()"],
    ids=["destructor", "weak reference", "collector"],
)
def test_it_comes_again_where_it_can_be_raised(number: str, comes: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(number=number, comes=comes)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("stopped\n", "")
