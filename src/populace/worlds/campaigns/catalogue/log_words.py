"""The words of metrics, usage and errors: what is measured and within which milliseconds, and what can go wrong.

The codes of gift card faults are the platform's own; each belongs to errors of the type in which it shows.
"""

from __future__ import annotations

from dataclasses import dataclass

PAGES = (
    "/dashboard", "/campaigns", "/campaigns/new", "/contacts", "/lists", "/templates", "/landing-pages",
    "/call-center", "/gift-cards", "/reports", "/settings",
)  # fmt: skip
API_PATHS = (
    "/api/campaigns", "/api/contacts", "/api/lists", "/api/recipients", "/api/templates", "/api/calls", "/api/sms",
    "/api/gift-cards", "/api/reports",
)  # fmt: skip
FEATURES = (
    "campaign.create", "campaign.edit", "campaign.launch", "contact.import", "contact.create", "contact.export",
    "list.create", "template.design", "landing_page.publish", "gift_card.provision", "call.log", "sms.send",
    "report.generate", "webhook.configure",
)  # fmt: skip
_GROUPS = tuple(dict.fromkeys(feature.split(".")[0] for feature in FEATURES))
_QUERIED = ("campaigns", "contacts", "recipients", "events", "call_sessions", "gift_card_inventory", "audiences")

METRICS: dict[str, tuple[int, int, tuple[str, ...]]] = {
    "page_load": (50, 500, PAGES),
    "api_response": (20, 200, API_PATHS),
    "edge_function": (10, 100, tuple(f"ef_{group}" for group in _GROUPS)),
    "database_query": (5, 50, tuple(f"query_{table}" for table in _QUERIED)),
}
"""By type: the least and the most milliseconds of usual hours, and the names."""
BROWSERS = ("Chrome", "Safari", "Firefox", "Edge")
PLATFORMS = ("Windows", "macOS", "iOS", "Android", "Linux")
METHODS = ("GET", "POST", "PATCH", "DELETE")
_WINDOWS, _MAC = "Mozilla/5.0 (Windows NT 10.0; Win64; x64", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
AGENTS = (
    f"{_WINDOWS}) {_CHROME}",
    f"{_MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
    f"{_WINDOWS}; rv:133.0) Gecko/20100101 Firefox/133.0",
    f"{_WINDOWS}) {_CHROME} Edg/131.0.0.0",
)

SEVERITIES: dict[str, tuple[str, str, float]] = {
    "api_error": ("error", "edge_function", 0.40),
    "database_error": ("critical", "database", 0.20),
    "validation_error": ("warning", "frontend", 0.15),
    "timeout_error": ("error", "edge_function", 0.10),
    "auth_error": ("warning", "frontend", 0.10),
    "unknown_error": ("error", "server", 0.05),
}
"""By type: how severe, where it shows, and the share of all errors."""
TYPES = tuple(SEVERITIES)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong: where (a module and its function) and what the log says. code: of the gift cards'."""

    component: str
    function: str
    message: str
    code: str | None = None


FAULTS: dict[str, tuple[Fault, ...]] = {
    "api_error": (
        Fault("campaigns/api", "launchCampaign", "Campaign could not be launched: upstream answered 502 Bad Gateway"),
        Fault("calls/provider", "openSession", "Call provider refused the session: 429 Too Many Requests"),
        Fault("sms/provider", "sendOptIn", "Text message was not accepted: the provider is unreachable"),
        Fault("mail/tracking", "readScan", "Postal tracking feed answered 503 Service Unavailable"),
        Fault("webhooks/deliver", "postEvent", "Webhook endpoint answered 500 three times; delivery given up"),
        Fault("contacts/api", "importContacts", "Import stopped: response body was not valid JSON"),
    ),
    "database_error": (
        Fault("database/pool", "acquire", "No connection became free: the pool is exhausted"),
        Fault("recipients/store", "saveRecipients", "Duplicate key: a recipient with this token exists already"),
        Fault("contacts/store", "mergeContacts", "Deadlock detected while contacts were merged"),
        Fault("events/store", "appendEvents", "Foreign key: the recipient of this event is not there"),
        Fault("reports/query", "campaignSummary", "Query cancelled: statement timeout"),
    ),
    "validation_error": (
        Fault("contacts/form", "checkContact", "E-mail address is not valid"),
        Fault("campaigns/form", "checkDates", "Mail date must be at least three days ahead"),
        Fault("contacts/import", "readRow", "Row has no postal code"),
        Fault("templates/editor", "checkSize", "Artwork does not fit the chosen size"),
        Fault("landing/form", "checkSlug", "This address is taken by another landing page"),
    ),
    "timeout_error": (
        Fault("reports/export", "renderReport", "Report was not ready within 30 seconds"),
        Fault("lists/count", "refreshCount", "Counting a dynamic list took too long"),
        Fault("mail/upload", "sendProofs", "Upload of proofs timed out"),
        Fault("calls/recording", "fetchRecording", "Recording was not available in time"),
    ),
    "auth_error": (
        Fault("auth/session", "refreshToken", "Session has expired"),
        Fault("auth/guard", "requireRole", "Role does not allow this action"),
        Fault("auth/keys", "checkKey", "API key is unknown or was revoked"),
    ),
    "unknown_error": (
        Fault("server/router", "handleRequest", "Unexpected failure while a request was handled"),
        Fault("worker/queue", "runJob", "Job ended without a result"),
    ),
}
"""By type of error; each as likely as the others."""


def _cards(*faults: tuple[int, str, str]) -> tuple[Fault, ...]:
    return tuple(
        Fault("gift-cards/provision", function, f"GC-{code:03}: {message}", f"GC-{code:03}")
        for code, function, message in faults
    )


CARD_FAULTS: dict[str, tuple[Fault, ...]] = {
    "api_error": _cards(
        (4, "readConfig", "the card provider's API is not configured"),
        (5, "buyCard", "the card provider's API failed"),
        (9, "checkOptIn", "the recipient has not been verified"),
        (11, "redeem", "the code is not valid"),
        (12, "validate", "parameters are missing"),
        (14, "deliver", "the card could not be delivered"),
        (15, "provision", "unknown failure"),
    ),
    "database_error": _cards(
        (1, "readCondition", "the condition has no gift card configured"),
        (2, "findBrand", "there is no such brand"),
        (3, "claim", "no card is left in the inventory"),
        (6, "checkCredit", "not enough credit"),
        (7, "writeLedger", "the ledger could not be written"),
        (8, "findBilledEntity", "campaign or billed entity is missing"),
        (10, "claim", "the recipient has a card for this condition already"),
        (13, "query", "a database call failed"),
    ),
}
"""The platform's fifteen codes of gift cards, by the type of error in which they show."""
