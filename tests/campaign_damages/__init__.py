"""What can go wrong in the data of campaigns, one thing at a time: statements, and the checks that must fail for them.

Each check is named by a part of its `id title`. All the named ones fail, and no others.
"""

from __future__ import annotations

from campaign_damages.amounts import COUNTS, RELATIONS
from campaign_damages.moments import MOMENTS
from campaign_damages.money import MONEY
from campaign_damages.shares import SHARES
from campaign_damages.switched_off import SWITCHED_OFF

DAMAGES = RELATIONS | COUNTS | MOMENTS | SHARES | MONEY

__all__ = ["DAMAGES", "SWITCHED_OFF"]
