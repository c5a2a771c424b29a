"""What people do, event by event: the only place that says what follows from what.

`live` takes one event of one customer. Every rule works on the customer's record `person` at time
`t`; `key` is the luck of the cause: what follows from an exposure, a search or a message draws by
it. Units and meanings stand in `scenarios.parts`, the formulas in docs/background/model.md.
"""

from __future__ import annotations

import numpy as np

from sim import state as s
from sim.books import count, count_person, row, schedule
from sim.engagement import engage
from sim.kernel import kernel
from sim.luck import EXPIRE, MAIL, MOVE, NEED, SEE, TURNOVER, child, draw, exponential
from sim.minds import add_goodwill, heard_of, match_chance
from sim.search import look, result_page
from sim.shopping import need_ends, open_need, visit


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
    theme = world.theme[c, int(t) // 7]
    noticed, became_aware, engaged, matched = draw(market.seed, key, SEE, 0)
    count(world, market, t, s.SERVED, c, 1)
    if world.capped[c]:
        market.billed_events[c] += 1
    row(world, market, person, t, c, s.IMPRESSION, theme, key, 0, 0)
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
    count(world, market, t, s.NOTICED, c, 1)
    person.reached = 1
    heard = heard_of(world, market, person, t, c, theme, u_match < match_chance(world, person))
    add_goodwill(world, person, t, world.goodwill_seen[c] * heard)
    odds = world.engagement[c] * heard
    if u_engage * (1.0 + odds) >= odds:
        return False
    row(world, market, person, t, c, s.CLICK, theme, key, 0, 0)
    count(world, market, t, s.CLICKED, c, 1)
    engage(world, market, person, t, c, key, heard)
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
    if arrives >= world.seamless:
        person.experience += world.experience_seamed
        count_person(world, market, t, s.P_LOST, person.persona, 1)
    elif target == s.TO_SITE:
        visit(world, market, person, t, c, key)
    elif target == s.TO_SEARCH:
        result_page(world, market, person, t, child(market.seed, key, MOVE, 3))
    elif market.off[target] == 0:
        expose(world, market, person, t, target, child(market.seed, key, MOVE, 4))
    elif other_way < world.substitution:
        result_page(world, market, person, t, child(market.seed, key, MOVE, 3))


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
    sent, opened, engaged, matched = draw(market.seed, key, MAIL, 0)
    if sent >= market.pressure[c]:
        return
    person.messages += 1
    market.billed_events[c] += 1
    theme = world.theme[c, int(t) // 7]
    count(world, market, t, s.SERVED, c, 1)
    count(world, market, t, s.SENT, c, 1)
    row(world, market, person, t, c, s.MAIL, theme, key, 0, 0)
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
    count(world, market, t, s.OPENED, c, 1)
    row(world, market, person, t, c, s.OPEN, theme, key, 0, 0)
    if notice(world, market, person, t, c, key, theme, u_engage, u_match) and (
        world.rule_offer[r] > 0.0
    ):
        person.offer = world.rule_offer[r]
        person.offer_cost = world.rule_offer_cost[r]
        person.offer_until = t + world.rule_offer_days[r]


@kernel
def called_off(world: np.record, person: np.record, since: float, r: int) -> bool:
    """Whether an order or a visit since the event makes the message pointless."""
    if world.rule_unless[r] == s.ORDER:
        return bool(person.last_order > since)
    return bool(world.rule_unless[r] == s.VISIT and person.last_visit > since)


@kernel
def fits_in_week(world: np.record, person: np.record, t: float) -> bool:
    """Whether the weekly cap has room; a new week begins with none sent."""
    week = int(t) // 7
    if person.message_week != week:
        person.message_week = week
        person.messages = 0
    return bool(person.messages < world.weekly_cap)


@kernel
def person_key(market: np.record, person: np.record) -> np.uint64:
    """The key of a customer's own streams."""
    return np.uint64(market.community) << np.uint64(32) | np.uint64(person.index)


@kernel
def need_comes(
    world: np.record, market: np.record, person: np.record, t: float, number: int
) -> None:
    """A candidate need: kept with the rate that now holds over the bound of the stream."""
    key = person_key(market, person)
    gap, keep, _, _ = draw(market.seed, key, NEED, number)
    bound = person.need_bound * world.need_bound
    at = t + exponential(gap) / bound
    schedule(market, person.index, at, s.NEED_COMES, s.NONE, key, t, number + 1)
    if keep * bound < need_rate(world, person) * world.need_season[int(t)]:
        open_need(world, market, person, t, child(market.seed, key, NEED, number))


@kernel
def need_rate(world: np.record, person: np.record) -> float:
    """Needs a day: before the first order, in the relation, or after its end."""
    if person.orders == 0:
        return float(world.first_needs[person.persona])
    if person.dropped == 1:
        return float(world.first_needs[person.persona] * world.win_back)
    return float(person.repeat_needs)


@kernel
def replaced(world: np.record, market: np.record, person: np.record, t: float, number: int) -> None:
    """Somebody moves away; a newcomer with the same traits and no past takes the place."""
    key = person_key(market, person)
    knows, level, gap, _ = draw(market.seed, key, TURNOVER, number)
    at = t + exponential(gap) * 365.0 / world.turnover
    schedule(market, person.index, at, s.REPLACED, s.NONE, key, t, number + 1)
    person.stage = s.AWARE if knows < world.aware[person.persona] else s.UNAWARE
    known = 1.0 if person.stage == s.AWARE else 0.0
    person.goodwill = known * world.goodwill[person.persona] * exponential(level)
    person.goodwill_at = t
    person.orders = person.dropped = person.signed = person.lead = 0
    person.experience = 0.0
    person.theme_channel = person.other_channel = s.NONE
    person.last_visit = person.last_order = person.last_engaged = s.LONG_AGO
    person.offer_until = s.LONG_AGO
    for n in range(s.NEEDS):
        person.need_ends[n] = s.LONG_AGO


@kernel
def live(world: np.record, market: np.record, person: np.record, event: np.record) -> None:
    """Live one event."""
    t, key, c, kind = event.time, event.key, event.channel, event.kind
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
    elif kind == s.NEED_ENDS:
        need_ends(world, market, person, t, key, draw(market.seed, key, EXPIRE, 0)[0])
