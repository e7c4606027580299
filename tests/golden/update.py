"""Golden digests: what each registered world comes to at small scale. `make golden-update` writes them anew.

`--check` compares and writes nothing. Say in the commit why they changed; if rows of an existing plan did, the
engine's version or the world's is to be raised.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent)] if str(HERE.parent) not in sys.path else []

from golden.runs import run  # noqa: E402
from populace.clock import HOUR_US, parse  # noqa: E402
from populace.plan import ENGINE_VERSION, resolve  # noqa: E402
from populace.spec import Value, World  # noqa: E402


@dataclass(frozen=True)
class Golden:
    """A world to be remembered in `<name>.json`. scenarios: with what is set otherwise. life_us: after the epoch."""

    name: str
    world: Callable[[], World]
    scenarios: Mapping[str, Mapping[str, Value]]
    life_us: int = 4 * HOUR_US
    epoch: str = "2026-01-10T00:00:00Z"
    seeds: tuple[int, ...] = field(default=(1,))

    @property
    def file(self) -> Path:
        """Where the digests are kept."""
        return HERE / f"{self.name}.json"

    def digests(self) -> dict[str, object]:
        """What the world comes to now."""
        out: dict[str, object] = {"engine": ENGINE_VERSION, "world_version": self.world().version}
        for scenario, overrides in self.scenarios.items():
            for seed in self.seeds:
                epoch = parse(self.epoch, "epoch")
                plan = resolve(self.world(), scenario, seed=seed, epoch_us=epoch, overrides=overrides)
                done = run(plan, [plan.origin_us, epoch + self.life_us])
                out[f"{scenario}/{seed}"] = {"plan": plan.digest, **done.digests}
        return out

    def differences(self) -> list[str]:
        """Where memory and the present differ, in words."""
        then, now = json.loads(self.file.read_text()) if self.file.exists() else {}, self.digests()
        return [f"{self.name}.{key}: {then.get(key)} then, {now.get(key)} now"
                for key in sorted({*then, *now}) if then.get(key) != now.get(key)]  # fmt: skip


def _tiny() -> World:
    from tiny import CLUB

    return CLUB


GOLDEN = (Golden("tiny", _tiny, {"default": {}, "busy": {}}, seeds=(1, 2)),)


def main(arguments: list[str]) -> int:
    """Write, or with `--check` compare; 1 when something differs from memory."""
    changed = 0
    for golden in GOLDEN:
        differences = golden.differences()
        changed += len(differences)
        print("\n".join(differences) or f"{golden.name}: as remembered")
        if "--check" not in arguments:
            golden.file.write_text(json.dumps(golden.digests(), indent=2) + "\n")
    return int(bool(changed)) if "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
