"""Features of PostgreSQL in a foreign schema: what the page of limits says of each is what comes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from adopted import features
from adopted.features import Feature
from docs import pages
from examples import part

EVERY = features.every()
MINDED = (
    "tenant_reference", "xor_check", "exclusion", "trigger_raises", "trigger_inserts", "cycle_composite",
    "partitions_list", "partitions_range", "domains", "sign_up", "checks_across", "partial_unique", "odd_names",
    "views",
)  # fmt: skip
"""Those that no other tool passed when they were compared, and what was asked for beside them."""


@pytest.mark.parametrize("feature", part(EVERY, every=4), ids=lambda feature: feature.name)
def test_what_the_page_of_limits_says_is_so(feature: Feature, empty_url: str, tmp_path: Path):
    outcome = features.tried(empty_url, tmp_path, feature)
    assert outcome.faults == []
    assert outcome.row in pages.text("docs/reference/limits.md").splitlines()


def test_the_page_has_every_feature_and_no_other():
    rows = [line for line in pages.text("docs/reference/limits.md").splitlines() if line.startswith("| ")]
    titles = [row.split(" | ")[0].removeprefix("| ") for row in rows]
    assert titles == ["Feature", *(feature.title for feature in EVERY)]


def test_each_of_those_that_matter_most_is_used_and_not_only_met():
    by_name = {feature.name: feature for feature in EVERY}
    assert all(by_name[name].holds for name in MINDED)
