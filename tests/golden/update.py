"""Golden digests: the rows of each registered world at small scale. `make golden-update` writes them again.

`--check` compares and writes nothing. Say in the commit why they changed; if rows of an existing plan did, nothing is
written until the engine's version or the world's is raised.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent)] if str(HERE.parent) not in sys.path else []

from golden.reports import digest, reported  # noqa: E402
from golden.runs import run  # noqa: E402
from populace.clock import DAY_US, HOUR_US, parse  # noqa: E402
from populace.plan import ENGINE_VERSION, resolve  # noqa: E402
from populace.spec import Value, World  # noqa: E402


@dataclass(frozen=True)
class Golden:
    """A world to be remembered in `<name>.json`. scenarios: with what is set otherwise. life_us: after the epoch.

    reports_us: outboxes are remembered too, from so long before the epoch on; 0 for none.
    """

    name: str
    world: Callable[[], World]
    scenarios: Mapping[str, Mapping[str, Value]]
    life_us: int = 4 * HOUR_US
    epoch: str = "2026-01-10T00:00:00Z"
    seed: int = 1
    reports_us: int = 0

    @property
    def file(self) -> Path:
        """Where the digests are kept."""
        return HERE / f"{self.name}.json"

    def digests(self) -> dict[str, object]:
        """What the world comes to now."""
        out: dict[str, object] = {"engine": ENGINE_VERSION, "world_version": self.world().version}
        for scenario, overrides in self.scenarios.items():
            epoch = parse(self.epoch, "epoch")
            plan = resolve(self.world(), scenario, seed=self.seed, epoch_us=epoch, overrides=overrides)
            done = run(plan, [plan.origin_us, epoch + self.life_us])
            digests = {"plan": plan.digest, **done.digests}
            if self.reports_us:
                digests["outbox"] = digest(reported(plan, [epoch - self.reports_us, epoch + self.life_us]))
            out[scenario] = digests
        return out

    def differences(self, now: Mapping[str, object]) -> list[str]:
        """Where memory and the present differ, in words."""
        then = json.loads(self.file.read_text()) if self.file.exists() else {}
        return [f"{self.name}.{key}: {then.get(key)} then, {now.get(key)} now"
                for key in sorted({*then, *now}) if then.get(key) != now.get(key)]  # fmt: skip

    def unversioned(self, now: Mapping[str, object]) -> list[str]:
        """Scenarios of which the same plan has other rows now: its digest knows neither of a raised version."""
        then = json.loads(self.file.read_text()) if self.file.exists() else {}
        return [f"{self.name}.{name}: the rows of the plan {rows['plan']} are others now"
                for name, rows in now.items() if isinstance(rows, Mapping)
                and name in then and then[name] != rows and then[name]["plan"] == rows["plan"]]  # fmt: skip


def _tiny() -> World:
    from tiny import CLUB

    return CLUB


def _recoverlution() -> World:
    from populace.worlds.recoverlution import WORLD

    return WORLD


def _hogflix() -> World:
    from populace.worlds.hogflix import WORLD

    return WORLD


def _campaigns() -> World:
    from populace.worlds.campaigns import WORLD

    return WORLD


def _worldchef() -> World:
    from populace.worlds.worldchef import WORLD

    return WORLD


def _stalls() -> World:
    from stalls import STALLS

    return STALLS


FEW_COOKS = {"users": 40, "recipes": 30, "days": 140, "recipe_days": 84}
FEW_CLIENTS = {"clients": 4, "recipients_per_campaign": 20, "purchase_failure_share": 0.3, "inventory": 100,
               "performance_metrics": 200, "usage_events": 200, "errors": 80}  # fmt: skip
SMALL = {"count_users": 37, "coverage_per_mindblock": 1, "days": 3, "signup_days": 5}
TWO_POOLS = {"persona_pool": 800}
GOLDEN = (
    Golden("tiny", _tiny, {"default": {}, "busy": {}}),
    Golden(
        "recoverlution",
        _recoverlution,
        {
            "documented": SMALL,
            "demo": SMALL | {"session_history_days": 1},
            "realistic": SMALL | {"session_history_days": 3, "sessions_share": 1.0},
            "expected_metrics": SMALL,
        },
    ),
    Golden(
        "hogflix",
        _hogflix,
        {
            "default": TWO_POOLS | {"days": 20},
            "literal": TWO_POOLS | {"days": 2},
            "demo": TWO_POOLS | {"days": 2, "event_names": "object_action"},
            "top_up": TWO_POOLS | {"days": 2},
            "realistic": TWO_POOLS | {"days": 20},
            "large": TWO_POOLS | {"days": 2},
        },
        life_us=10 * HOUR_US,
        reports_us=DAY_US,
    ),
    Golden(
        "worldchef",
        _worldchef,
        dict.fromkeys(("staging", "rich", "demo", "load_test", "realistic"), FEW_COOKS),
        life_us=9 * DAY_US,
    ),
    Golden("stalls", _stalls, {"default": {}}, life_us=2 * DAY_US),
    Golden(
        "campaigns",
        _campaigns,
        {
            "demo": FEW_CLIENTS | {"analytics": True, "error_logs": True},
            "small": FEW_CLIENTS | {"analytics": True, "error_logs": True},
            "development": FEW_CLIENTS | {"call_center": False},
            "analytics": FEW_CLIENTS,
            "load_test": FEW_CLIENTS,
            "realistic": FEW_CLIENTS,
        },
        life_us=3 * DAY_US,
    ),
)


def main(arguments: list[str]) -> int:
    """Write, or with `--check` compare; 1 when something differs, or a version must be raised first."""
    check, changed = "--check" in arguments, False
    for golden in GOLDEN:
        now = golden.digests()
        differences = golden.differences(now)
        print("\n".join(differences) or f"{golden.name}: as remembered")
        changed |= bool(differences)
        if not check and (unversioned := golden.unversioned(now)):
            print("\n".join(unversioned) + "\nnothing was written: raise the world's version, or the engine's, first")
            return 1
        if not check:
            golden.file.write_text(json.dumps(now, indent=2) + "\n")
    return int(check and changed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
