"""What people do, event by event: the only place that says what follows from what.

`live` takes one event of one customer. Every rule works on the customer's record `person` at time
`t`; `key` is the luck of the cause: what follows from an exposure, a search or a message draws by
it. Units and meanings stand in `scenarios.parts`, the formulas in docs/background/model.md.
"""

from __future__ import annotations

import numpy as np

from sim.engine import state as s
from sim.engine.ad_response import (
    add_goodwill,
    effective_exposure,
    held_out,
    left_out,
    match_chance,
    may_meet,
)
from sim.engine.arrivals import need_comes, replaced
from sim.engine.automation import OWN_THEME
from sim.engine.counters import count, count_person, row
from sim.engine.counts import channel_counts, person_counts, row_kinds
from sim.engine.desk_answers import answered, decide
from sim.engine.draws import EXPIRE, HEARD, MAIL, MOVE, SEE, child, draw
from sim.engine.engagement import engage
from sim.engine.jit import kernel
from sim.engine.leads import add_points
from sim.engine.needs import need_ends
from sim.engine.purchases import order
from sim.engine.search import look, result_page
from sim.engine.visits import visit


@kernel
def expose(
    world: np.record,
    market: np.record,
    person: np.record,
    t: float,
    c: int,
    key: np.uint64,
) -> None:
    """A channel reaches a customer: served, perhaps noticed, perhaps engaged with."""
    if person.skipped_ads > 0 and left_out(person, key):
        return
    theme = market.theme[c]
    noticed, became_aware, engaged, matched = draw(market.seed, key, SEE, 0)
    count(market, channel_counts.IMPRESSIONS, c, 1)
    if market.asset[c] != s.NONE:
        market.asset_shown[market.asset[c]] += 1.0
    if world.capped[c]:
        market.billed_events[c] += 1
    row(world, market, person, t, c, row_kinds.IMPRESSION, theme, key, 0, 0)
    if noticed < world.viewability[c]:
        if person.stage == s.UNAWARE and became_aware < world.awareness[c]:
            person.stage = s.AWARE
        notice(world, market, person, t, c, key, theme, engaged, matched)


@kernel
def notice(
    world: np.record,
    market: np.record,
    person: np.record,
    t: float,
    c: int,
    key: np.uint64,
    theme: int,
    u_engage: float,
    u_match: float,
) -> bool:
    """A message is noticed: it is heard, it leaves goodwill and fatigue; whether it engages."""
    count(market, channel_counts.NOTICED, c, 1)
    person.reached |= 1 << c
    if world.is_media[c]:
        person.ad_key, person.ad_channel = key, c
    matched = u_match < match_chance(world, market, person)
    exposure = effective_exposure(world, market, person, t, c, theme, matched)
    add_goodwill(world, person, t, world.goodwill_seen[c] * exposure)
    odds = world.engagement[c] * exposure
    if u_engage * (1.0 + odds) >= odds:
        return False
    row(world, market, person, t, c, row_kinds.CLICK, theme, key, 0, 0)
    count(market, channel_counts.CLICKS, c, 1)
    add_points(world, market, person, t, row_kinds.CLICK, c, key)
    engage(world, market, person, t, c, key, exposure)
    return True


@kernel
def hand_off(
    world: np.record,
    market: np.record,
    person: np.record,
    t: float,
    c: int,
    key: np.uint64,
    target: int,
) -> None:
    """Arrive where the last channel led to, get lost on the way, or find another way."""
    arrives, other_way, _, _ = draw(market.seed, key, MOVE, 2)
    if arrives >= market.seamless:
        person.experience += world.experience_seamed
        count_person(market, person_counts.LOST_HAND_OFFS, person.persona, 1)
    elif target == s.TO_SITE:
        visit(world, market, person, t, c, key)
    elif target == s.TO_SEARCH:
        result_page(world, market, person, t, child(market.seed, key, MOVE, 3))
    elif is_there(world, market, person, t, target):
        expose(world, market, person, t, target, child(market.seed, key, MOVE, 4))
    elif other_way < world.substitution:
        result_page(world, market, person, t, child(market.seed, key, MOVE, 3))


@kernel
def is_there(world: np.record, market: np.record, person: np.record, t: float, c: int) -> bool:
    """Whether a channel can be met today by this person."""
    return bool(market.off[c] == 0 and world.down[c, int(t)] == 0 and may_meet(world, person, c))


@kernel
def message(
    world: np.record,
    market: np.record,
    person: np.record,
    t: float,
    r: int,
    key: np.uint64,
    since: float,
) -> None:
    """An automatic message falls due: unless called off, capped or unpaid, it is sent."""
    c = world.rule_channel[r]
    if called_off(world, person, since, r) or not fits_in_week(world, person, t):
        return
    market.eligible[c] += 1.0
    if held_out(world, person, c) or left_out(person, key):
        return
    sent, opened, engaged, matched = draw(market.seed, key, MAIL, 0)
    if sent >= market.pressure[c]:
        return
    person.messages += 1
    market.billed_events[c] += 1
    theme = market.theme[c] if world.rule_theme[r] == OWN_THEME else world.rule_theme[r]
    count(market, channel_counts.IMPRESSIONS, c, 1)
    count(market, channel_counts.MESSAGES, c, 1)
    row(world, market, person, t, c, row_kinds.MESSAGE, theme, key, 0, 0)
    if opened < world.open_rate:
        read_message(world, market, person, t, r, key, theme, engaged, matched)


@kernel
def read_message(
    world: np.record,
    market: np.record,
    person: np.record,
    t: float,
    r: int,
    key: np.uint64,
    theme: int,
    u_engage: float,
    u_match: float,
) -> None:
    """An opened message is noticed; who clicks it holds its offer."""
    c = world.rule_channel[r]
    count(market, channel_counts.OPENS, c, 1)
    row(world, market, person, t, c, row_kinds.OPEN, theme, key, 0, 0)
    add_points(world, market, person, t, row_kinds.OPEN, c, key)
    if notice(world, market, person, t, c, key, theme, u_engage, u_match):
        hold_offer(world, person, t, r)


@kernel
def hold_offer(world: np.record, person: np.record, t: float, r: int) -> None:
    """Keep the offer of a message that was clicked, as the person's variant of the rule has it."""
    gain, cost = world.rule_offer[r], world.rule_offer_cost[r]
    for v in range(world.variants):
        if (person.variants >> v) & 1 == 1 and world.variant_rule[v] == r:
            gain += world.variant_offer[v]
            cost += world.variant_cost[v]
    if gain > 0.0:
        person.offer, person.offer_cost = gain, cost
        person.offer_until = t + world.rule_offer_days[r]


@kernel
def called_off(world: np.record, person: np.record, since: float, r: int) -> bool:
    """Whether an order or a visit since the event makes the message pointless."""
    unless = world.rule_unless[r]
    if unless == row_kinds.ORDER:
        return bool(person.last_order > since)
    if unless == s.LAPSE:
        return bool(max(person.last_order, person.last_visit) > since)
    if unless == row_kinds.DOWNLOAD:
        return bool(person.last_download > since)
    return bool(unless == row_kinds.VISIT and person.last_visit > since)


@kernel
def fits_in_week(world: np.record, person: np.record, t: float) -> bool:
    """Whether the weekly cap has room; a new week begins with none sent."""
    week = int(t) // 7
    if person.message_week != week:
        person.message_week = week
        person.messages = 0
    return bool(person.messages < world.weekly_cap)


@kernel
def hear(world: np.record, market: np.record, person: np.record, t: float, key: np.uint64) -> None:
    """Another customer tells of us: it is noticed like a message, and free."""
    c = world.earned
    became_aware, engaged, matched, _ = draw(market.seed, key, HEARD, 0)
    count_person(market, person_counts.REFERRALS, person.persona, 1)
    row(world, market, person, t, c, row_kinds.REFERRAL, s.NONE, key, 0, 0)
    if person.stage == s.UNAWARE and became_aware < world.awareness[c]:
        person.stage = s.AWARE
    notice(world, market, person, t, c, key, s.NONE, engaged, matched)


@kernel
def live(world: np.record, market: np.record, person: np.record, event: np.record) -> None:
    """Live one event."""
    t, key, c, kind = event.time, event.key, event.channel, event.kind
    own = kind == s.NEED_COMES or kind == s.REPLACED
    if event.since < person.born and not own:
        return  # it was meant for somebody who has moved away
    market.lived += 0 if kind == s.NEED_COMES else 1
    if kind == s.EXPOSE:
        expose(world, market, person, t, c, key)
    elif kind == s.HAND_OFF:
        hand_off(world, market, person, t, c, key, event.detail)
    elif kind == s.LOOK:
        look(world, market, person, t, key, event.detail)
    elif kind == s.PAGE:
        result_page(world, market, person, t, key)
    elif kind == s.MESSAGE:
        message(world, market, person, t, event.detail, key, event.since)
    elif kind == s.NEED_COMES:
        need_comes(world, market, person, t, event.detail)
    elif kind == s.REPLACED:
        replaced(world, market, person, t, event.detail)
    elif kind == s.HEAR:
        hear(world, market, person, t, key)
    elif kind == s.COMPLAINT:
        add_goodwill(world, person, t, -world.harm)
    elif kind == s.ANSWER:
        answered(world, market, person, t, event.channel, event.detail, key)
    elif kind == s.DECIDE:
        decide(world, market, person, t, c, key)
    elif kind == s.RESTOCKED:
        order(world, market, person, t, c, key)
    elif kind == s.NEED_ENDS:
        need_ends(world, market, person, t, key, draw(market.seed, key, EXPIRE, 0)[0])
