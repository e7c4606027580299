"""Names as they stand in addresses."""

from __future__ import annotations

import re


def slug(name: str) -> str:
    """A name in small letters and hyphens: `Blue Ridge Roof & Gutter` is `blue-ridge-roof-gutter`."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower().replace("'", "")).strip("-")
