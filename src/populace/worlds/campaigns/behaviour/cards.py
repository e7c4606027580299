"""Gift cards: which card each claim gets, counted within a client's pools since the beginning, and who pays for it.

A client gives a few kinds of card. Each kind is a pool: it is filled with a lot now and again, and given out oldest
first; when a lot is used up, cards are bought one by one until the next comes. Everything follows from the place k of a
claim in its pool: a context counts on from what its members carry, and back for claims before its span. Who pays, and
how a client's credit is topped up, are rules on arrays, so that all who emit clients, agencies or ledgers agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np

from populace.clock import DAY_US, HOUR_US, SECOND_US
from populace.spec import Bools, Carried, Draw, EmitContext, Ints, Key
from populace.spec.kit.places import firsts
from populace.worlds.campaigns.catalogue import gift_cards
from populace.worlds.campaigns.parameters import OPT_OUT_DAYS
from populace.worlds.campaigns.parameters.fixed import AGENCY_BILLED_OF, CREDIT_INITIAL, CREDIT_RELOAD, CREDIT_THRESHOLD
from populace.worlds.campaigns.tables import layout
from populace.worlds.campaigns.tables.layout import SLOT_BITS

KNOWN_US = OPT_OUT_DAYS[1] * DAY_US
"""So long before its span a context still has every claim: `campaign_lasts_days` sees to it."""
HANDED_US = HOUR_US
"""A claim has been attempted, made and delivered within so long."""
CARRIED: Mapping[str, str | int] = {
    "claims": "pools_per_client", "uploads": "pools_per_client", "uploads_before": "pools_per_client", "spend": 1,
}  # fmt: skip
"""What a client carries: claims so far in each pool; when the lot in use was uploaded (µs, 0 for the first); the same
of the lot that was in use `HANDED_US` before the last claim; cents billed to its account so far."""


_OF_GROUPS = ("order", "first", "many", "since")


@dataclass(frozen=True, slots=True, eq=False)
class Claims:
    """The cards that recipients of a context are given before some moment; one value a claim, in order of `part`.

    part: index into the progress's parts. member: position in the context's members. client: its ordinal. number: of
    the
    campaign. address: of the recipient. pool, k: the k-th claim (from 0) of this pool of the client. bought: at Tillo,
    else from stock. slot: place in the pool's stock, 0 where bought. These are exact from `KNOWN_US` before its span.
    denomination: ordinal. by_agency: who is billed. price, cost: cents. at: µs. inside: in the span. card: its address
    in gift_card_inventory, where not bought.

    order: the claims from `KNOWN_US` before the span on, sorted by group (`member * pools_per_client + pool`), moment
    and address. first, many: where each group stands there. since: the k of the first of them.
    """

    part: Ints
    member: Ints
    client: Ints
    number: Ints
    address: Ints
    pool: Ints
    k: Ints
    bought: Bools
    slot: Ints
    denomination: Ints
    by_agency: Bools
    price: Ints
    cost: Ints
    at: Ints
    inside: Bools
    card: Ints
    order: Ints
    first: Ints
    many: Ints
    since: Ints

    def of_parts(self, many: int) -> Ints:
        """The claim of each of `many` parts, −1 for none."""
        out = np.full(many, -1)
        out[self.part] = np.arange(len(self.part))
        return out

    def until(self, end_us: int) -> Claims:
        """Those before some moment."""
        kept = self.at < end_us
        if kept.all():
            return self
        # Within its group, what comes later stands last.
        begun, group = kept[self.order], np.repeat(np.arange(len(self.many)), self.many)
        many = np.bincount(group[begun], minlength=len(self.many))
        columns = {one.name: getattr(self, one.name)[kept] for one in fields(self) if one.name not in _OF_GROUPS}
        order = (np.cumsum(kept) - 1)[self.order[begun]]
        return Claims(**columns, order=order, first=firsts(many), many=many, since=self.since)


def pool_of(draw: Draw, number: Ints) -> Ints:
    """The pool of its client from which each campaign gives."""
    return draw.below("campaign.pool", draw.values.whole("pools_per_client"), number)


def denomination_of(draw: Draw, client: Ints, pool: Ints) -> Ints:
    """The ordinal of the denomination that a pool of each client holds."""
    return draw.shuffled("client.pools", draw.size("denomination"), client, pool)


def claims(draw: Draw, context: EmitContext, until_us: int | None = None) -> Claims:
    """Who is given which card before `until_us` (at most `HANDED_US` after the span); without one, before its end."""
    parts, pools, span = context.progress.parts, draw.values.whole("pools_per_client"), context.span
    part = np.flatnonzero(parts["card_at"] < (span.end_us if until_us is None else until_us))
    of = context.progress.of[part]
    at, address = parts["card_at"][part], parts["address"][part]
    client, number = context.items.member[of], context.items.number[of]
    member, pool = np.searchsorted(context.members, client), pool_of(draw, context.items.number)[of]
    group, groups = member * pools + pool, len(context.members) * pools
    sofar, earlier, known = context.carried["claims"].reshape(-1), at < span.start_us, at >= span.start_us - KNOWN_US

    order = np.lexsort((address, at, group))
    begins = firsts(np.bincount(group, minlength=groups))
    k = np.empty(len(part), dtype=np.int64)
    k[order] = np.arange(len(part)) - begins[group[order]]
    k += (sofar - np.bincount(group[earlier], minlength=groups))[group]

    lot, lot_claims = draw.values.whole("pool_lot"), draw.values.whole("lot_claims")
    bought = k % lot_claims >= lot
    slot = np.where(bought, 0, k // lot_claims * lot + k % lot_claims)
    denomination, by_agency = (
        denomination_of(draw, client, pool),
        billed_by_agency(draw, context.members)[member],
    )
    many = np.bincount(group[known], minlength=groups)
    return Claims(
        part=part,
        member=member,
        client=client,
        number=number,
        address=address,
        pool=pool,
        k=k,
        bought=bought,
        slot=slot,
        denomination=denomination,
        by_agency=by_agency,
        price=gift_cards.price_cents(draw, denomination, by_agency),
        cost=gift_cards.cost_cents(denomination, ~bought),
        at=at,
        inside=~earlier & (at < span.end_us),
        card=(client * pools + pool) << SLOT_BITS | slot,
        order=order[known[order]],
        first=firsts(many),
        many=many,
        since=sofar - np.bincount(group[known & earlier], minlength=groups),
    )


def uploaded_at(draw: Draw, context: EmitContext, emitted: Claims, group: Ints, lot: Ints) -> Ints:
    """When lots of groups were uploaded: the first before history, any other with the last claim of the lot before.

    Exact for lots that are in use from `HANDED_US` before the span on.
    """
    place = lot * draw.values.whole("lot_claims") - 1 - emitted.since[group]
    at = emitted.at[emitted.order]
    # A lot that came before the claims that are known is the one in use when they begin.
    last = (emitted.k[emitted.order] + 1) % draw.values.whole("lot_claims") == 0
    groups = emitted.member * draw.values.whole("pools_per_client") + emitted.pool
    passed = np.zeros(len(emitted.first), dtype=np.bool_)
    passed[groups[emitted.order[last & (at < context.span.start_us)]]] = True
    carried = np.where(passed, *(context.carried[name].reshape(-1) for name in ("uploads_before", "uploads")))
    out = np.where(carried > 0, carried, _first_upload(draw, context.members))[group]
    there = np.flatnonzero(place >= 0)
    out[there] = at[emitted.first[group[there]] + place[there]]
    return out


def carry(draw: Draw, context: EmitContext) -> Carried:
    """What the members carry at the span's end, by the names of `CARRIED`."""
    emitted, shape = claims(draw, context), context.carried["claims"].shape
    group, lot_claims = np.arange(shape[0] * shape[1]), draw.values.whole("lot_claims")
    count = context.carried["claims"].reshape(-1) + np.bincount(
        emitted.member[emitted.inside] * shape[1] + emitted.pool[emitted.inside], minlength=len(group)
    )
    uploads, before = (
        context.carried["uploads"].reshape(-1).copy(),
        context.carried["uploads_before"].reshape(-1).copy(),
    )
    changed = np.flatnonzero(count > context.carried["claims"].reshape(-1))
    # How many claims lie HANDED_US before the last one of the group.
    at, of = emitted.at[emitted.order], np.repeat(group, emitted.many)
    limit = np.zeros(len(group), dtype=np.int64)
    limit[changed] = at[emitted.first[changed] + emitted.many[changed] - 1] - HANDED_US
    then = emitted.since + np.bincount(of[at < limit[of]], minlength=len(group))
    for into, so_many in ((uploads, count), (before, then)):
        lot = so_many[changed] // lot_claims
        into[changed] = np.where(lot > 0, uploaded_at(draw, context, emitted, changed, lot), 0)
    spend = context.carried["spend"].copy()
    own = emitted.inside & ~emitted.by_agency
    np.add.at(spend[:, 0], emitted.member[own], emitted.price[own])
    return {
        "claims": count.reshape(shape),
        "uploads": uploads.reshape(shape),
        "uploads_before": before.reshape(shape),
        "spend": spend,
    }


def _first_upload(draw: Draw, client: Ints) -> Ints:
    """When the first lot of each group was uploaded: in the last hours before history, µs."""
    pools = draw.values.whole("pools_per_client")
    pool = np.tile(np.arange(pools), len(client))
    hours = draw.below("pool.uploaded", 9 * 3600, np.repeat(client, pools), pool)
    return draw.origin_us - HOUR_US - hours * SECOND_US


def billed_by_agency(draw: Draw, client: Ints) -> Bools:
    """Whether each client is billed through its agency: the same share of them in every population."""
    place = draw.shuffled("client.agency_billing", draw.size("client"), np.zeros(len(client), dtype=np.int64), client)
    return place * AGENCY_BILLED_OF < draw.size("client")


def has_account(draw: Draw, client: Ints) -> Bools:
    """Whether each client has a credit account of its own: those who are billed themselves, where cards are given."""
    return ~billed_by_agency(draw, client) & draw.values.flag("gift_cards")


def billed_key(draw: Draw, client: Ints, by_agency: Bools) -> Key:
    """The key of who pays for each client's cards: the agency of its organisation, or the client."""
    agency = layout.agency_address(layout.organization_of(draw, client))
    return layout.client_key(np.where(by_agency, agency, client))


def reloads(spent: Ints) -> Ints:
    """How often an account has been topped up when so many cents have been spent: as often as it takes not to be left
    below the threshold. A function of the sum alone, so that it does not matter when one looks."""
    return np.maximum(0, -((CREDIT_INITIAL - CREDIT_THRESHOLD - spent) // CREDIT_RELOAD))


def balance(spent: Ints) -> Ints:
    """Cents on an account when so many have been spent."""
    return CREDIT_INITIAL + CREDIT_RELOAD * reloads(spent) - spent
