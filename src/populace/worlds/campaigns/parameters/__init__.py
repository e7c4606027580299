"""Every number of the campaigns world, once: with its unit, its bounds and the requirement it serves."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache

from populace.errors import BadInput
from populace.spec import Parameter, Values
from populace.spec.kit.parameters import amount, share, switch
from populace.spec.login import LOGIN
from populace.worlds.campaigns.parameters.differences import DIFFERENCES_PARAMETERS, derive_differences

MONTHS = (0.8, 0.9, 1.0, 1.1, 1.2, 0.9, 0.8, 0.9, 1.1, 1.3, 1.4, 1.2)
"""E14: factors by month, January first."""
WEEKDAYS = (1.0, 1.2, 1.3, 1.2, 0.9, 0.4, 0.3)
"""E15: factors by weekday, Monday first."""
OPENS, CLOSES = 9, 17
"""E16: business hours, local: calls begin from nine on and before five."""
MAILED_AT = 8, 12
"""Campaigns go to the mail in the morning, between these hours."""
INDUSTRIES = {"roofing": 0.25, "auto_warranty": 0.25, "auto_service": 0.20, "rei": 0.15, "auto_buyback": 0.15}
STATUSES = {"completed": 0.60, "mailed": 0.15, "in_production": 0.15, "draft": 0.10}
"""E11, by the reading that adds up to one."""
STAGES = {"lead": 0.40, "mql": 0.20, "sql": 0.15, "opportunity": 0.10, "customer": 0.10, "evangelist": 0.05}
CARD_VALUES = (5, 10, 25, 50, 100)
"""Dollars; each brand sells all of them."""
PRODUCTION_DAYS = 7
"""So long before its mail date a campaign is in production."""
LEAD_DAYS = 7, 21
DROP_DAYS = 3, 5
DELIVERY_DAYS = 2, 5
SCAN_DAYS, VISIT_DAYS, CALL_DAYS = 7, 14, 6
"""E12 and 4.4: within so many days after delivery, from the next day on."""
CARD_SOON_DAYS, CARD_LATE_DAYS = 7, 30
OPT_OUT_DAYS = 31, 60
"""Who takes an opt-in back does so in the second month, when every card has been claimed."""
MOST_RECIPIENTS, MOST_CONTACTS = 200_000, 5_000_000
"""Of one client, whose recipients are held in memory together; of all clients, whose contacts are carried on."""
MOST_CARDS = 100_000
"""In the inventory, where there are fewer recipients than that."""
LOGGED_AT_ONCE = 500_000
"""Rows of logs that are written in one piece, about."""
LONGEST_DAYS = 220
"""Nothing of a campaign lies farther apart: from its creation to its close, with the longest delays allowed."""
PIPELINE_DAYS = 9, 20
"""The campaigns that are drafts or in production at the epoch are all mailed within so many days after it: as many as
keep them at the rate of history, but no fewer and no more than these. Those mailed later are created after it."""
CLAIM_DAYS = 19
"""A gift card is claimed so many days after the mail date, on average: at the epoch those of the last days are due."""
DAYS_A_MONTH = Fraction(365, 12)
SUPPRESSED_PERCENT = 2
"""Of a client's contacts, do not want to be contacted: the last by ordinal, and no campaign goes to them."""
CLOSING = ((1, 5, 7), (3, 10, 18), (6, 26, 39), (12, 54, 84))
"""Months of history, and the days from a campaign's drop to its close that keep the documented mix of statuses (E11)
over them; no fewer than mail takes to arrive, so that in one month half of the campaigns are completed."""
ANSWERED_DAYS = 12
"""So long after the drop people may call: its telephone number is kept at least until then."""
ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles")
"""Where clients and their contacts live."""
ZONE_WEIGHTS = (45.0, 27.0, 8.0, 4.0, 16.0)
"""Percent of the clients, in the order of `ZONES`."""
LOTS = 4
"""Over the history a kind of card comes in so many lots."""
USAGE_HOURS = (0.1,) * 7 + (0.4, 0.8, 1.2, 1.8, 1.3, 1.0, 1.2, 1.7, 1.6, 1.1, 0.7, 0.4) + (0.2,) * 5
"""E16: peaks at ten, two and three; little at night."""
CALL_HOURS = tuple({10: 1.6, 11: 1.3, 14: 1.5, 15: 1.5}.get(h, 1.0) if OPENS <= h < CLOSES else 0.0 for h in range(24))
CARD_HOURS = (0.0,) * 8 + (0.7, 1.2, 1.4, 1.2, 1.1, 1.0, 1.2, 1.2, 1.2, 1.3, 1.2, 1.1, 0.9, 0.6) + (0.0,) * 2
"""Nobody is sent a card at night."""
VISIT_HOURS = (0.2,) * 7 + (0.6, 0.9, 1.1, 1.4, 1.2, 1.1, 1.1, 1.3, 1.3, 1.1, 1.1, 1.2, 1.3, 1.3, 1.0, 0.7, 0.4)
"""Scans and visits come from home too."""
INCIDENTS = ((15 * 24 + 10, 2, 10.0), (45 * 24 + 14, 3, 15.0))
"""E26: on days 15 and 45, for two and three hours, so many errors an hour. As multiples of the usual rate, as the
document has them, a thousand errors a year would not show them."""
LAGS = {"scan": SCAN_DAYS, "visit": VISIT_DAYS, "call": CALL_DAYS}


PARAMETERS: tuple[Parameter, ...] = (
    amount("organizations", 5, (1, 1_000), "organisations", "E1"),
    amount("clients", 20, (1, 10_000), "clients of all organisations", "E1"),
    amount("contacts_per_client", 250, (10, 100_000), "contacts of a client", "E2"),
    amount("lists_per_client", 5, (1, 1_000), "contact lists of a client", "4.4"),
    amount("campaigns_per_client", 5, (1, 1_000), "campaigns of a client at the epoch, drafts included", "E3"),
    amount("recipients_per_campaign", 150, (5, 100_000), "recipients, as a mean over all campaigns at the epoch", "E4"),
    amount("users_per_org", 5, (1, 1_000), "users of an organisation", "4.4"),
    amount("users_per_client", 6, (1, 1_000), "users in all, for each client, by the document's reading", "E19"),
    Parameter(
        path="users_reading", default="document", choices=("document", "formula"), source="E19",
        means="users in all: `users_per_client` for each client, or `users_per_org` and two for each client",
    ),
    amount("brands", 15, (1, 40), "gift card brands", "4.4"),
    amount("inventory", 2_000, (0, 10_000_000), "gift cards that clients are given over the history", "4.4", "cards"),
    amount("pools_per_client", 4, (1, 20), "kinds of gift card that a client gives",
           "cards are claimed within one kind"),
    amount("months", 3, (1, 36), "span of the mail dates of history", "E20", "months"),
    amount("closing_low_days", 10, (1, 180), "days from the drop to the close of a campaign, at least", "4.4", "days"),
    amount("closing_high_days", 18, (1, 180), "days from the drop to the close of a campaign, at most", "4.4", "days"),
    LOGIN,
    switch("enabled", "whether new campaigns are begun, and the app is used", "live control", live=True),
    switch("call_center", "calls, opt-ins by text message and what follows from them", "E24"),
    switch("gift_cards", "gift cards, their billing and credit", "E24"),
    switch("analytics", "performance metrics and usage", "E24"),
    switch("error_logs", "error logs with incidents", "E24"),
    amount("performance_metrics", 50_000, (0, 100_000_000), "performance metrics over `months`", "E17", "rows"),
    amount("usage_events", 25_000, (0, 100_000_000), "usage events over `months`", "E17", "rows"),
    amount("errors", 1_000, (0, 10_000_000), "errors over `months`", "E17", "rows"),
    share("mailed_share", 0.95, "recipients whose mail is sent", "E9"),
    share("delivered_share", 0.85, "mail that arrives", "E9"),
    share("scan_share", 0.20, "delivered: scans the code", "E9", live=True),
    share("visit_share", 0.28, "delivered: visits the personal page", "E9", live=True),
    share("form_share", 0.12, "visitors: submits the form", "E9", live=True),
    share("lead_share", 0.10, "forms: becomes a lead", "E9", live=True),
    share("call_share", 0.35, "calls, of all recipients (see `call_share_of`)", "E6"),
    Parameter(
        path="call_share_of", default="recipients", choices=("recipients", "delivered"), source="E6",
        means="what `call_share` is a share of: the document's counts fit all recipients, its diagram delivered mail",
    ),
    share("answer_share", 0.85, "calls that are answered", "E8"),
    share("match_share", 0.85, "answered calls that are matched to a recipient", "4.4"),
    share("opt_in_share", 0.68, "opt-ins, of calls (see `opt_in_share_of`)", "E7"),
    Parameter(
        path="opt_in_share_of", default="calls", choices=("calls", "matched"), source="E7",
        means="what `opt_in_share` is a share of: all calls, as the counts have it, or answered and matched ones",
    ),
    share("opt_out_share", 0.03, "opt-ins that are taken back in the second month", "so that all statuses occur"),
    share("card_soon_share", 0.60, "opt-ins whose gift card is claimed within 7 days", "E10"),
    share("card_late_share", 0.25, "opt-ins whose gift card is claimed later, within 30 days", "E10"),
    share("purchase_failure_share", 0.02, "cards bought whose first attempt fails", "4.6"),
    share("approved_share", 0.98, "recipients that are approved", "4.4"),
    *DIFFERENCES_PARAMETERS,
    Parameter(
        path="timezone", default="America/New_York", source="E16",
        means="time zone of the platform, in which the calendar of campaigns and of usage is read",
    ),
    Parameter(
        path="batch_size", default=500, low=1, high=100_000, source="E21", unit="rows",
        means="accepted, and changes nothing: rows travel by COPY in blocks of thousands",
    ),
    Parameter(
        path="parallel", default=1, low=1, high=64, source="E21", unit="workers",
        means="accepted, and changes nothing: one connection loads as fast as the server takes rows",
    ),
)  # fmt: skip


def _fit(path: str, given: float, most: float, what: str, bound: str) -> None:
    """Raise BadInput for a number that does not go together with another."""
    if given > most:
        raise BadInput(what, where=f"campaigns.{path}", given=given, allowed=f"at most {bound} = {most:g}")


def _most(path: str, given: int, most: int, what: str, product: str) -> None:
    """Raise BadInput for numbers whose product is too large to be held in memory."""
    if given > most:
        raise BadInput(what, where=f"campaigns.{path}", given=f"{given:,}", allowed=f"{product}: at most {most:,}")


def derive(values: Values) -> Mapping[str, object]:
    """What follows from the parameters: sizes of roots, stretches of time, and chances given what came before."""
    whole, share = values.whole, values.number
    clients, months = whole("clients"), whole("months")
    campaigns = clients * whole("campaigns_per_client")
    completed, mailed, production, draft = apportioned(campaigns, tuple(STATUSES.values()))
    in_mail = max(1, completed + mailed)
    production = campaigns - in_mail - draft
    days = round(months * DAYS_A_MONTH)
    steady = values["pipeline"] == "steady"
    if steady:
        # As many are under way at the epoch as come at that rate in the days from creation to mail date.
        in_mail = max(1, round(Fraction(campaigns * (days + 1), days + 1 + sum(LEAD_DAYS) // 2)))
    delivered = share("mailed_share") * share("delivered_share")
    matched = share("answer_share") * share("match_share")
    users = (
        max(clients * whole("users_per_client"), whole("organizations") * whole("users_per_org") + clients)
        if values["users_reading"] == "document"
        else whole("organizations") * whole("users_per_org") + 2 * clients
    )
    staff = whole("organizations") * whole("users_per_org")
    called, opted = share("call_share"), share("opt_in_share")
    if values["call_share_of"] == "recipients":
        _fit("call_share", called, delivered, "nobody calls who was not reached", "mailed_share × delivered_share")
        called /= delivered or 1
    if values["opt_in_share_of"] == "calls":
        _fit("opt_in_share", opted, matched, "nobody opts in who was not matched", "answer_share × match_share")
        opted /= matched or 1
    soon, late = share("card_soon_share"), share("card_late_share")
    _fit("card_late_share", late, round(1 - soon, 9), "there are more cards than opt-ins", "1 - card_soon_share")
    kinds = whole("brands") * len(CARD_VALUES)
    _fit("pools_per_client", whole("pools_per_client"), kinds, "there are not so many kinds of card",
         f"{len(CARD_VALUES)} × brands")  # fmt: skip
    _fit("closing_low_days", whole("closing_low_days"), whole("closing_high_days"), "the shortest time is the longest",
         "closing_high_days")  # fmt: skip
    claimed = soon + late
    claims = (
        campaigns * whole("recipients_per_campaign") * called * delivered * matched * opted
        * claimed
    )  # fmt: skip
    _most("recipients_per_campaign", campaigns // clients * whole("recipients_per_campaign"), MOST_RECIPIENTS,
          "one client has too many recipients", "campaigns_per_client × recipients_per_campaign")  # fmt: skip
    _most("contacts_per_client", clients * whole("contacts_per_client"), MOST_CONTACTS, "there are too many contacts",
          "clients × contacts_per_client")  # fmt: skip
    _fit("inventory", whole("inventory"), max(MOST_CARDS, campaigns * whole("recipients_per_campaign")),
         "there are more cards than recipients",
         f"the larger of {MOST_CARDS:,} and campaigns × recipients_per_campaign")  # fmt: skip
    pools = clients * whole("pools_per_client")
    # Stock that covers the claims is there at once, and no more comes for longer than history is long, even where one
    # pool gets all claims of its client; less of it comes in lots, as it is used up.
    stock, due = whole("inventory") // pools, max(0.0, 1 - CLAIM_DAYS / days) * claims / pools
    lots = 1 if stock >= due else LOTS
    lot = stock // lots
    journey_days = DROP_DAYS[1] + DELIVERY_DAYS[1] + CALL_DAYS + CARD_LATE_DAYS + 4
    logged = max(whole("performance_metrics"), whole("usage_events"), whole("errors"))
    return {
        "days": days,
        "logs": max(1, -(-logged // LOGGED_AT_ONCE)),
        "history_days": days + 1 + LEAD_DAYS[1] + 1,
        "campaigns": campaigns,
        "campaigns_mailed": in_mail,
        # In thousandths: over all campaigns that have gone to the mail the total holds.
        "history_recipients": campaigns * whole("recipients_per_campaign") * 1000,
        "campaign_stretches": _steadily(days, in_mail) if steady else _stretches(days, in_mail, production, draft),
        # So long that all claims of a pool since the claim of whoever opts out now are among lives under way.
        "campaign_lasts_days": max(DROP_DAYS[1] + whole("closing_high_days"), journey_days + OPT_OUT_DAYS[1]),
        "campaign_before_days": LEAD_DAYS[1] + 1,
        "performance_stretches": _steady(days, whole("performance_metrics") if values["analytics"] else 0),
        "usage_stretches": _steady(days, whole("usage_events") if values["analytics"] else 0),
        "error_stretches": _steady(days, whole("errors") if values["error_logs"] else 0),
        "staff": staff,
        "client_users": users - staff,
        "denominations": kinds,
        "call_given_delivered": called if values["call_center"] else 0.0,
        "opt_in_given_matched": opted,
        "claimed_share": claimed if values["gift_cards"] else 0.0,
        "soon_of_claimed": soon / (claimed or 1),
        # Cards are given to a pool in lots, each for its part of the claims that are expected over the history.
        "lot_claims": max(lot, 1, round(due / (lots - 0.5) if lots > 1 else 1.5 * due * whole("pools_per_client"))),
        "pool_lot": lot,
        "months_factors": MONTHS,
        "weekday_factors": WEEKDAYS,
        "business_hours": tuple(float(OPENS <= hour < CLOSES) for hour in range(24)),
        "mailing_hours": tuple(float(MAILED_AT[0] <= hour < MAILED_AT[1]) for hour in range(24)),
        "usage_hours": USAGE_HOURS,
        "call_hours": CALL_HOURS,
        "visit_hours": VISIT_HOURS,
        "card_hours": CARD_HOURS,
        "flat_months": (1.0,) * 12,
        "incidents": INCIDENTS,
        **{
            f"{name}_days_{weekday}": _by_weekday(weekday, days, values.number("answer_decay"))
            for name, days in LAGS.items()
            for weekday in range(7)
        },
        **derive_differences(values),
    }


@cache
def apportioned(many: int, shares: tuple[float, ...]) -> tuple[int, ...]:
    """Whole numbers in these shares that add up to `many`, by largest remainders."""
    exact = [many * Fraction(str(share)) for share in shares]
    out = [int(e) for e in exact]
    order = sorted(range(len(shares)), key=lambda i: (out[i] - exact[i], i))
    for i in order[: many - sum(out)]:
        out[i] += 1
    return tuple(out)


def _stretches(days: int, in_mail: int, production: int, draft: int) -> tuple[tuple[int, int, int], ...]:
    """How many campaigns are mailed when. From the first mail date of history to the last there are `days`."""
    first, last = int(in_mail > 1), 1
    low, high = PIPELINE_DAYS
    until = min(max(PRODUCTION_DAYS + round(Fraction(draft * (days + 1), in_mail)), low), high)
    return (
        (-days - 1, -days, first),
        (-days, -1, in_mail - first - last),
        (-1, 0, last),
        (0, PRODUCTION_DAYS, production),
        (PRODUCTION_DAYS, until, draft),
        (until, until + days + 1, in_mail),
    )


def _steadily(days: int, in_mail: int) -> tuple[tuple[int, int, int], ...]:
    """The same at one rate, before the epoch and after it."""
    first, last = int(in_mail > 1), 1
    return ((-days - 1, -days, first), (-days, -1, in_mail - first - last), (-1, 0, last), (0, days + 1, in_mail))


def _steady(days: int, many: int) -> tuple[tuple[int, int, int], ...]:
    return ((-days, 0, many), (0, days, many))


def _by_weekday(weekday: int, days: int, decay: float) -> tuple[float, ...]:
    """Weights of the days 1, 2 … after a day of this weekday, since people act more on some weekdays than others, and
    on each day as readily as the decay leaves them."""
    return tuple(WEEKDAYS[(weekday + day) % 7] * decay ** (day - 1) for day in range(1, days + 1))
