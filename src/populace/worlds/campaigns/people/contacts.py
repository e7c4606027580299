"""The contacts of clients: who they are, and what they have done so far.

Who somebody is does not change; what they have done is counted from what their campaigns brought about, and is carried
from window to window. A row is emitted when there is a new contact, and again after each of their touches.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from populace.clock import SECOND_US
from populace.spec import (
    Bools,
    Carried,
    Choice,
    Columns,
    Decision,
    Draw,
    EmitContext,
    Ints,
    Joined,
    Json,
    Number,
    Optional,
    Rows,
    TableRows,
    Words,
)
from populace.spec.kit.words import drawn
from populace.worlds.campaigns.behaviour import dates
from populace.worlds.campaigns.catalogue import codes, words
from populace.worlds.campaigns.parameters import INDUSTRIES, STAGES, SUPPRESSED_PERCENT
from populace.worlds.campaigns.parameters.fixed import (
    CONTACTS_AGE_US,
    EMAIL_OPT_OUT_PERCENT,
    LAST_MADE_US,
    MOBILE_PERCENT,
)
from populace.worlds.campaigns.people import persons, traits
from populace.worlds.campaigns.people.organisations import BATCH
from populace.worlds.campaigns.tables import layout

DECISIONS: tuple[Decision, ...] = (Choice("contact.stage", tuple(STAGES.values())),)
TOUCHES = ("scanned_at", "visited_at", "submitted_at", "answered_at")
"""What counts as an interaction; a call that was matched to nobody counts for nobody."""
SOURCES = (
    "website", "referral", "direct_mail", "event", "social_media", "cold_call", "email_campaign", "partner",
    "trade_show", "organic_search",
)  # fmt: skip
SCORES = {
    "lead": (0, 40), "mql": (30, 60), "sql": (50, 80), "opportunity": (60, 90), "customer": (70, 100),
    "evangelist": (85, 100),
}  # fmt: skip
"""The lead scores of each stage, both ends included."""
ROOFS = ("asphalt shingle", "metal", "clay tile", "slate", "flat membrane", "cedar shake")
HOMES = ("single family", "duplex", "townhouse", "condominium")
ROOFING, REI = (tuple(INDUSTRIES).index(name) for name in ("roofing", "rei"))
_CODES = len(codes.LETTERS) ** 3 * 10_000
_A_TOUCH = 3
"""Points that a lead score earns for each interaction."""
_RECENT, _MOST = 40, 30
"""Points for being active now, and the most that interactions, or redemptions, are worth."""


def created_at(draw: Draw, client: Ints, contact: Ints) -> Ints:
    """When each contact was made."""
    seconds = (CONTACTS_AGE_US - LAST_MADE_US) // SECOND_US
    age = CONTACTS_AGE_US - draw.below("contact.created", seconds, layout.contact_address(client, contact)) * SECOND_US
    out: Ints = draw.origin_us - age
    return out


def lists_of(draw: Draw, contact: Ints) -> tuple[Ints, Ints]:
    """The lists that each contact is on, by their number within the client: one, and for every other contact a second
    (else −1). With a single list there is no second.
    """
    many = draw.values.whole("lists_per_client")
    first = contact % many
    step = 1 + contact // (2 * many) % max(1, many - 1)
    second = np.where((contact % 2 == 1) & (many > 1), (first + step) % many, -1)
    return first, second


def carry(draw: Draw, context: EmitContext) -> Carried:
    """What contacts have done by the end of the span: touches, redemptions, and last_touch (µs; 0 for never)."""
    return _carried(draw, context, _done(draw, context))


def _carried(draw: Draw, context: EmitContext, done: tuple[Ints, Ints, Ints]) -> Carried:
    touches, redemptions, last = done
    shape = len(context.members), _many(draw)
    return {
        "touches": context.carried["touches"] + touches.reshape(shape),
        "redemptions": context.carried["redemptions"] + redemptions.reshape(shape),
        "last_touch": np.maximum(context.carried["last_touch"], last.reshape(shape)),
    }


def emit(draw: Draw, context: EmitContext) -> TableRows:
    """The contacts that changed in the span, as they are at its end; all of them when history begins."""
    begins = context.span.start_us <= draw.origin_us
    done = _done(draw, context)
    emitted = np.arange(len(done[2])) if begins else np.flatnonzero(done[2])
    now = {name: values.reshape(-1)[emitted] for name, values in _carried(draw, context, done).items()}
    place, contact = np.divmod(emitted, _many(draw))
    client = context.members[place]
    zone, trade = (of(draw, context.members)[place] for of in (dates.zone_of, traits.industry))
    last = now["last_touch"]
    made = created_at(draw, client, contact)
    columns = {
        **_base(draw, client, contact, zone, trade, now["touches"]),
        "last_activity_date": Optional(last > 0, last),
        "engagement_score": engagement(now["touches"], now["redemptions"]),
        "total_interactions": now["touches"],
        "redemptions_count": now["redemptions"],
        "created_at": made,
        "updated_at": np.maximum(made, last),
    }
    at = np.where(last > 0, last, draw.origin_us)
    return {"contacts": Rows(client, columns, at, entity=layout.contact_address(client, contact))}


def engagement(touches: Ints, redemptions: Ints) -> Ints:
    """The score as the app's own function has it at the moment of the last change: 40 for the recent one, up to 30 for
    ten times the logarithm of interactions (rounded), up to 30 for redemptions at 10 each. 0 for who has done nothing.
    """
    logged = np.searchsorted(_thresholds(), touches + 1, side="right")
    score = _RECENT + logged + np.minimum(10 * redemptions, _MOST)
    out: Ints = np.where((touches > 0) | (redemptions > 0), score, 0)
    return out


@cache
def _thresholds() -> Ints:
    """The least n for which 10·log10(n) rounds to k, for k = 1 … 30: n to the 20th is at least 10 to the 2k − 1."""
    least, n = [], 1
    for k in range(1, _MOST + 1):
        while n**20 < 10 ** (2 * k - 1):
            n += 1
        least.append(n)
    return np.array(least, dtype=np.int64)


def _done(draw: Draw, context: EmitContext) -> tuple[Ints, Ints, Ints]:
    """Of every contact of the context's members: touches, redemptions, and the last of either within the span."""
    parts, many = context.progress.parts, _many(draw)
    cells = len(context.members) * many
    touches, redemptions, last = (np.zeros(cells, dtype=np.int64) for _ in range(3))
    if not len(context.progress.of):
        return touches, redemptions, last
    member = np.searchsorted(context.members, context.items.member[context.progress.of])
    cell = np.where(parts["contact"] >= 0, member * many + parts["contact"], -1)
    for name, into in (*((name, touches) for name in TOUCHES), ("redeemed_at", redemptions)):
        at = parts[name]
        here = (cell >= 0) & context.span.holds(at)
        if name == "answered_at":
            here &= parts["matched"] == 1
        into += np.bincount(cell[here], minlength=cells)
        np.maximum.at(last, cell[here], at[here])
    return touches, redemptions, last


def _many(draw: Draw) -> int:
    return draw.values.whole("contacts_per_client")


def _base(draw: Draw, client: Ints, contact: Ints, zone: Ints, trade: Ints, touches: Ints) -> Columns:
    """What does not change, but for scores that are earned."""
    many, address = _many(draw), layout.contact_address(client, contact)
    suppressed = contact >= many * (100 - SUPPRESSED_PERCENT) // 100
    bands = np.array([SCORES[name] for name in STAGES])
    at_stage = traits.stage(draw.unrecorded, address)
    low, high = bands[at_stage].T
    works = draw.below("contact.works", 2 * len(words.companies()), address)
    code = draw.shuffled("contact.code", _CODES, client, contact)
    letters = [code // 10_000 // len(codes.LETTERS) ** n % len(codes.LETTERS) for n in range(3)]
    phone = persons.of_contacts(client, contact)
    return {
        "id": layout.contact_key(client, contact),
        "client_id": layout.client_key(client),
        **persons.person(draw, address, zone, contact + 1),
        "phone": phone,
        "mobile_phone": Optional(_quota(draw, "contact.mobile", MOBILE_PERCENT, client, contact), phone),
        "company": Optional(works < len(words.companies()), Words(works % len(words.companies()), words.companies())),
        "job_title": drawn(draw, "contact.job", address, words.job_titles()),
        "country": "US",
        "lifecycle_stage": Words(at_stage, tuple(STAGES)),
        "lead_source": drawn(draw, "contact.source", address, SOURCES),
        "lead_score": low + _score(draw, address, high - low, touches),
        "do_not_contact": suppressed,
        "email_opt_out": _quota(draw, "contact.email_opt_out", EMAIL_OPT_OUT_PERCENT, client, contact),
        "sms_opt_out": suppressed,
        "custom_fields": _custom(draw, client, contact, trade),
        "customer_code": Joined(
            (*(Words(one, tuple(codes.LETTERS)) for one in letters), "-", Number(code % 10_000, 4))
        ),
        **BATCH,
    }


def _score(draw: Draw, address: Ints, most: Ints, touches: Ints) -> Ints:
    """How far above the lowest of their stage's the score of each contact lies: anywhere, or by how readily they answer
    and how often they have."""
    if draw.values.text("lead_scores") == "drawn":
        return draw.below("contact.score", most + 1, address)
    ready = traits.readiness(draw, address) + draw.below("contact.score", 21, address) - 10
    out: Ints = np.minimum(most * np.clip(ready, 0, 100) // 100 + _A_TOUCH * touches, most)
    return out


def _custom(draw: Draw, client: Ints, contact: Ints, trade: Ints) -> Json:
    """What a client of that industry wants to know, and by number the lists that a contact is on."""
    address = layout.contact_address(client, contact)
    roof, house = (trade == n for n in (ROOFING, REI))
    car = ~(roof | house)
    first, second = lists_of(draw, contact)
    return Json({
        "group": first + 1,
        "second_group": Optional(second >= 0, second + 1),
        "home_age": Optional(roof, 5 + draw.below("contact.home_age", 46, address)),
        "roof_type": Optional(roof, drawn(draw, "contact.roof", address, ROOFS)),
        "property_type": Optional(house, drawn(draw, "contact.home", address, HOMES)),
        "years_owned": Optional(house, 1 + draw.below("contact.years_owned", 30, address)),
        **traits.car(draw, address, _year(draw), car),
    })  # fmt: skip


def _year(draw: Draw) -> int:
    """The year in which history begins: no car is newer."""
    return 1970 + int(np.datetime64(draw.origin_us, "us").astype("datetime64[Y]").astype(np.int64))


def _quota(draw: Draw, stream: str, percent: int, client: Ints, contact: Ints) -> Bools:
    """Which contacts are among so many percent of their client's, exactly (rounded to whole contacts)."""
    many = _many(draw)
    return draw.shuffled(stream, many, client, contact) < (many * percent + 50) // 100
