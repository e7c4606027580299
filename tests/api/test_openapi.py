"""Schemathesis over the OpenAPI document, with every role and with none: what a call is answered with is documented,
and is never a fault of the server."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import content_type_conformance, not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from examples import ALL
from populace.api.app import create
from populace.api.documented import PREFIXES
from populace.api.wiring import Service, Serving
from populace.operations import Context
from serving import ANON, OWNER

ROLES = {"nobody": None, "anon": ANON, "service_role": OWNER}
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
STREAM = "GET /api/v1/events"
"""It does not end."""
SCHEMA = schemathesis.openapi.from_dict(create(Service(Context(), Serving())).openapi())


def operations() -> list[APIOperation]:
    """Those that are all tried: of paths that stand under several prefixes, all of them where every case runs."""
    found = [one.ok() for one in SCHEMA.get_all_operations()]
    return [one for one in found if one.label != STREAM and (ALL or not one.path.startswith(PREFIXES[1:]))]


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as found:
        yield found


REFUSED = {
    "POST /functions/v1/seed-synthetics": (409,),  # other people live there
    "GET /api/v1/metrics": (422,),  # their people have no lives
}
"""Examples that do not suit the people of this server."""
ABSENT = {"{key}": (422,), "{number}": (200, 404, 409, 422)}
"""Parts of paths whose example is nobody's, or may be."""


@pytest.mark.parametrize("operation", operations(), ids=lambda one: one.label)
def test_every_call_has_an_example(operation: APIOperation, shared_owner: httpx.Client) -> None:
    raw, path = operation.definition.raw, operation.path
    for parameter in raw.get("parameters", ()):
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", str(parameter["schema"]["examples"][0]))
    body = raw["requestBody"]["content"]["application/json"]["example"] if "requestBody" in raw else None
    answer = shared_owner.request(operation.method, path, json=body)
    absent = next((allowed for part, allowed in ABSENT.items() if part in operation.path), (200, 201, 202))
    # A job, where another one may be at work.
    busy = (409,) if "202" in raw["responses"] else ()
    assert answer.status_code in (*REFUSED.get(operation.label, absent), *busy), answer.text


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("operation", operations(), ids=lambda one: one.label)
def test_a_call_is_answered_as_documented(
    operation: APIOperation, role: str, session: requests.Session, shared: tuple[Service, str]
) -> None:
    key = ROLES[role]
    headers = {} if key is None else {"authorization": f"Bearer {key}"}
    cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode))

    @settings(max_examples=40 if ALL else 2, derandomize=True, deadline=None, database=None,
              phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(case=cases)
    def tried(case: Case) -> None:
        answer = case.call(base_url=shared[1], session=session, headers=headers, timeout=60)
        assert (answer.status_code == 401) is (key is None), answer.text
        case.validate_response(answer, checks=CHECKS)

    tried()
