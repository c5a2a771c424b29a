"""Orders: utility and offers, goods that may be missing, money, and what an order leaves behind."""

from __future__ import annotations

import math

import numpy as np

from sim.engine import state as s
from sim.engine.ad_response import goodwill
from sim.engine.automation import trigger
from sim.engine.counters import ask, count, count_person, row, schedule
from sim.engine.counts import channel_counts, person_counts, row_kinds
from sim.engine.draws import ORDER, STOCK, child, draw, exponential, normal
from sim.engine.jit import kernel
from sim.engine.leads import sign_up
from sim.engine.loyalty import after_order
from sim.engine.needs import close_need


@kernel
def shop_of(world: np.record, c: int) -> int:
    """The shop where a visit by this channel lands; 0 is our own place."""
    return int(world.shop[c]) if c != s.NONE else 0


@kernel
def utility(world: np.record, market: np.record, person: np.record, t: float, c: int) -> float:
    """Utility of buying: persona + goodwill + experience + shop + offer - rival."""
    level = world.utility[person.persona] + world.experience_gain * person.experience
    level += world.goodwill_gain * goodwill(world, person, t)
    level += world.shop_utility[shop_of(world, c)] - market.rival_pull
    return float(level + best_offer(market, person, t)[0])


@kernel
def best_offer(market: np.record, person: np.record, t: float) -> tuple[float, float]:
    """Utility and cost of the better of one's own offer and the one that runs for everybody."""
    gain, cost = market.offer_gain[person.persona], market.offer_cost[person.persona]
    if t < person.offer_until and person.offer >= gain:
        return float(person.offer), float(person.offer_cost)
    return float(gain), float(cost)


@kernel
def buy(
    world: np.record, market: np.record, person: np.record, t: float, c: int, key: np.uint64
) -> None:
    """The decision has fallen: an order, unless the goods are missing."""
    if world.out_of_stock > 0.0:
        empty, other, elsewhere, waits = draw(market.seed, key, STOCK, 0)
        helped = other < world.pooling and elsewhere >= world.all_out
        if empty < world.out_of_stock and not helped:
            stock_out(world, market, person, t, c, key, waits)
            return
    order(world, market, person, t, c, key)


@kernel
def stock_out(
    world: np.record,
    market: np.record,
    person: np.record,
    t: float,
    c: int,
    key: np.uint64,
    u: float,
) -> None:
    """Nothing on the shelf: some wait for it, the others buy elsewhere."""
    close_need(person, key)
    person.experience += world.stock_experience
    count_person(market, person_counts.STOCK_OUTS, person.persona, 1)
    if u < world.stock_waits:
        at = t + world.stock_days * exponential(u / world.stock_waits)
        schedule(market, person.index, at, s.RESTOCKED, c, key, t, 0)
    else:
        count_person(market, person_counts.ELSEWHERE, person.persona, 1)


@kernel
def order(
    world: np.record, market: np.record, person: np.record, t: float, c: int, key: np.uint64
) -> None:
    """Buy: the need is met, money is booked, the relation goes on or ends."""
    close_need(person, key)
    value, margin = order_money(world, market, person, t, c, key)
    book_order(market, person, c, value, margin)
    remember_ad(person)
    row(world, market, person, t, c, row_kinds.ORDER, s.NONE, key, value, margin)
    if person.signed == 0:
        sign_up(world, market, person, t, c, key)
    after_order(world, market, person, t, key)
    if world.issues > 0.0 and draw(market.seed, key, ORDER, 1)[0] < world.issues:
        ask(world, market, person, t, s.ASK_ISSUE, child(market.seed, key, ORDER, 2))
    trigger(world, market, person, t, row_kinds.ORDER, key)


@kernel
def remember_ad(person: np.record) -> None:
    """Keep which ad came last before this order."""
    n = person.ads
    if person.ad_channel != s.NONE and n < s.ADS:
        person.ad_keys[n], person.ad_channels[n] = person.ad_key, person.ad_channel
        person.ads = n + 1


@kernel
def order_money(
    world: np.record, market: np.record, person: np.record, t: float, c: int, key: np.uint64
) -> tuple[int, int]:
    """Order value (lognormal with the persona's mean) and margin, in hundredths.

    Margin is what is left after goods, the offer, the shop's commission and members' points.
    """
    u, v, _, _ = draw(market.seed, key, ORDER, 0)
    spread = world.order_spread[person.persona]
    size = math.exp(spread * normal(u, v) - 0.5 * spread * spread)
    value = int(100.0 * world.order_value[person.persona] * size + 0.5)
    cost = best_offer(market, person, t)[1] + world.commission[shop_of(world, c)]
    if person.signed == 1:
        cost += world.programme_cost
    return value, int(value * (world.margin_rate - cost))


@kernel
def book_order(market: np.record, person: np.record, c: int, value: int, margin: int) -> None:
    """Count an order by persona and by the channel of the session, in whole hundredths."""
    first = 1 if person.orders == 0 else 0
    count_person(market, person_counts.ORDERS, person.persona, 1)
    count_person(market, person_counts.REVENUE, person.persona, value)
    count_person(market, person_counts.MARGIN, person.persona, margin)
    count_person(market, person_counts.NEW_CUSTOMERS, person.persona, first)
    count_person(market, person_counts.REPEATS, person.persona, 1 - first)
    if c != s.NONE:
        count(market, channel_counts.CONVERSIONS, c, 1)
        count(market, channel_counts.REVENUE, c, value)
        count(market, channel_counts.MARGIN, c, margin)
        count(market, channel_counts.NEW_CUSTOMERS, c, first)
