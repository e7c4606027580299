"""What the scenes of sprints expect and hold, as arrays over `templates.scenes()`: for parameters and for behaviour."""

from __future__ import annotations

import numpy as np

from populace.spec import Bools
from populace.worlds.recoverlution import templates

_SCENES = templates.scenes()

EXPECTS_RECEIPT = np.array([s.expects_receipt for s in _SCENES], dtype=np.bool_)
EXPECTS_CHECKS = np.array([s.expects_checks for s in _SCENES], dtype=np.bool_)
EXPECTS_TRIGGER = np.array([s.requires_real_world_trigger for s in _SCENES], dtype=np.bool_)
IS_SPOKEN = np.array([s.capture_kind == "voice" for s in _SCENES], dtype=np.bool_)
AUDIO_MS = np.array([s.audio_seconds * 1000 for s in _SCENES], dtype=np.int64)
"""0 where a scene has no audio."""

_BY_NUMBER = EXPECTS_RECEIPT.reshape(len(templates.templates()), -1)
MAY_EXPECT_RECEIPT: Bools = np.asarray(_BY_NUMBER.any(axis=0))
"""By scene number − 1: whether some template's contract expects a receipt there."""
CONTRACT_SHARE = float(_BY_NUMBER[:, MAY_EXPECT_RECEIPT].mean())
"""Of the templates that expect a receipt at such a scene number; the same at each of them."""
