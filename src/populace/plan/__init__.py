"""A world and a scenario with every number settled: `resolve(world, scenario, …) -> Plan`."""

from populace.plan.document import from_document
from populace.plan.intervention import Intervention, check_changes, check_sessions
from populace.plan.plan import Era, Plan, resolve
from populace.plan.version import ENGINE_VERSION

__all__ = [
    "ENGINE_VERSION",
    "Era",
    "Intervention",
    "Plan",
    "check_changes",
    "check_sessions",
    "from_document",
    "resolve",
]
