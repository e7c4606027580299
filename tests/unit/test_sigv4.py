"""Signature Version 4 gives the signatures that its specification gives for the same requests."""

from __future__ import annotations

import pytest

from populace import clock
from populace.deliver import sigv4

KEY = sigv4.Key("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None, "us-east-1")
EXAMPLES = {
    "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543": {"lifecycle": ""},
    "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7": {"max-keys": "2", "prefix": "J"},
}


@pytest.mark.parametrize("signature", EXAMPLES)
def test_the_examples_of_the_specification(signature: str) -> None:
    at_us = clock.parse("2013-05-24T00:00:00Z", "test")
    made = sigv4.headers(KEY, "GET", "examplebucket.s3.amazonaws.com", "/", EXAMPLES[signature], b"", at_us)
    assert made["authorization"].endswith(f"Signature={signature}")
    assert "/20130524/us-east-1/s3/aws4_request" in made["authorization"]
