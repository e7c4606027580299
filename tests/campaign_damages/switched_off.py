"""What is there although it was switched off."""

from __future__ import annotations

from campaign_damages.statements import Damage

_SIMULATED = "'{\"simulated\": true}', '2026-01-01', '2026-01-01'"
SWITCHED_OFF: dict[str, Damage] = {
    "an opt-in": (
        "INSERT INTO sms_opt_ins (recipient_id, campaign_id, phone, status, verification_code, created_at)"
        " SELECT id, campaign_id, '+12125550100', 'pending', '123456', '2026-01-05' FROM recipients LIMIT 1",
        ("E24 rows of call_center",),
    ),
    "a card": (
        "INSERT INTO campaign_gift_card_config (campaign_id, brand_id, denomination, condition_number, created_at)"
        " SELECT c.id, b.id, 5, 1, '2026-01-05' FROM campaigns AS c, gift_card_brands AS b LIMIT 1",
        ("E24 rows of gift_cards", "rows public.campaign_gift_card_config"),
    ),
    "a metric": (
        "INSERT INTO performance_metrics (metric_type, metric_name, duration_ms, metadata, recorded_at, created_at)"
        f" VALUES ('page_load', '/', 100, {_SIMULATED})",
        (
            "E24 rows of analytics",
            "E17 performance metrics",
            "rows public.performance_metrics",
            "recount types of metrics",
        ),
    ),
    "an error": (
        "INSERT INTO error_logs (error_type, error_message, metadata, occurred_at, created_at)"
        f" VALUES ('api_error', 'something', {_SIMULATED})",
        ("E24 rows of error_logs", "E17 error logs", "recount types of errors"),
    ),
}
