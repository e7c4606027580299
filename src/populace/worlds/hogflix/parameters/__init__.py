"""Every number of HogFlix, once.

Those of people stand in `people.py`, how far they differ in `differences.py`, those of visits in `visits.py`, how far
those differ in `tastes.py`;
`derived.py` has what follows.
"""

from __future__ import annotations

from collections.abc import Mapping

from populace.spec import Values
from populace.worlds.hogflix.parameters.derived import derive as derive_people
from populace.worlds.hogflix.parameters.differences import DIFFERENCES_PARAMETERS, derive_differences
from populace.worlds.hogflix.parameters.people import PEOPLE_PARAMETERS
from populace.worlds.hogflix.parameters.tastes import TASTES_PARAMETERS, derive_tastes
from populace.worlds.hogflix.parameters.visits import VISIT_PARAMETERS, derive_visits

PARAMETERS = (*PEOPLE_PARAMETERS, *DIFFERENCES_PARAMETERS, *VISIT_PARAMETERS, *TASTES_PARAMETERS)


def derive(values: Values) -> Mapping[str, object]:
    """What follows from the parameters of people and of visits; BadInput for numbers that do not go together."""
    return {**derive_people(values), **derive_differences(values), **derive_visits(values), **derive_tastes(values)}
