"""How contacts answered mail, read from rows: as `actions.sql` reads it from a database."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from populace.spec.observed import NO_CODE, Observed, Observing, Recorded, acts, found, together
from populace.spec.zones import local

COLUMNS = {
    "clients": ("id", "timezone"),
    "campaigns": ("id", "client_id"),
    "recipients": ("id", "contact_id"),
    "events": ("recipient_id", "campaign_id", "occurred_at", "source", "event_type"),
    "call_sessions": ("recipient_id", "campaign_id", "call_started_at", "call_ended_at", "call_duration_seconds"),
    "sms_opt_in_log": ("recipient_id", "campaign_id", "created_at", "direction"),
}


def read(rows: Recorded) -> Observed:
    """Scans, visits of a page, forms, calls (for so many seconds) and messages. Nobody signs up."""
    answered = np.flatnonzero(
        (rows.texts("events", "source") != "usps") & (rows.texts("events", "event_type") != "call_received")
    )
    inbound = np.flatnonzero(rows.texts("sms_opt_in_log", "direction") == "inbound")
    began = rows.moments("call_sessions", "call_started_at")
    ended = rows.moments("call_sessions", "call_ended_at")
    done = together(
        acts(
            rows.codes("events", "recipient_id")[answered],
            rows.moments("events", "occurred_at")[answered],
            item=rows.codes("events", "campaign_id")[answered],
        ),
        acts(
            rows.codes("call_sessions", "recipient_id"),
            began,
            until=np.maximum(began, ended),
            item=rows.codes("call_sessions", "campaign_id"),
            size=rows.numbers("call_sessions", "call_duration_seconds"),
        ),
        acts(
            rows.codes("sms_opt_in_log", "recipient_id")[inbound],
            rows.moments("sms_opt_in_log", "created_at")[inbound],
            item=rows.codes("sms_opt_in_log", "campaign_id")[inbound],
        ),
    )
    recipient, contact = rows.codes("recipients", "id"), rows.codes("recipients", "contact_id")
    whose, known = found(recipient, done.person)
    done, whose = done.of(known), whose[known]
    person = np.where(contact[whose] == NO_CODE, recipient[whose], contact[whose])

    names, zone = np.unique(rows.texts("clients", "timezone").astype(str), return_inverse=True)
    campaign, _ = found(rows.codes("campaigns", "id"), done.item)
    client, _ = found(rows.codes("clients", "id"), rows.codes("campaigns", "client_id")[campaign])
    clocks = local(tuple(names.tolist()), zone[client], done.at)
    return Observed(replace(done, person=person).on_clocks(clocks))


OBSERVING = Observing(read=read, columns=COLUMNS)
