"""Money → stock → pressure, and the settlement of what was paid per event; once a day."""

from __future__ import annotations

import numpy as np

from sim.engine import state as s
from sim.engine.jit import kernel
from tiermix.core.arrays import Records

MEMORY = 0.93
"""Share of yesterday's weight in the running mean of eligible events: about two weeks."""


@kernel
def set_pressures(world: np.record, market: np.record, population: Records) -> None:
    """Today's pressure of every channel, from its money and, where capped, its expected pool."""
    for c in range(world.channels):
        market.pressure[c] = 0.0
        if not world.is_media[c]:
            continue
        if world.capped[c]:
            expect(world, market, population, c)
            capped_pressure(world, market, c)
        else:
            media_pressure(world, market, c)
        if market.off[c] == 1 or world.down[c, market.day] == 1:
            market.pressure[c] = 0.0


@kernel
def media_pressure(world: np.record, market: np.record, c: int) -> None:
    """Stock s = r s + (1 - r) x / q; pressure = s^a / (k^a + s^a), a Hill curve in [0, 1]."""
    away = market.off[c] == 1 or world.down[c, market.day] == 1
    spend = 0.0 if away else market.money[c, market.day]
    kept = world.retention[c]
    market.stock[c] = kept * market.stock[c] + (1.0 - kept) * spend / world.price[c, market.day]
    level = 365.0 * market.stock[c] / world.half[c]
    if level > 0.0:
        power = level ** world.slope[c]
        market.pressure[c] = power / (1.0 + power)
    market.ledger[c, market.day] = spend * market.people * world.weight


@kernel
def expect(world: np.record, market: np.record, population: Records, c: int) -> None:
    """Eligible events to expect today, had the channel all the money it wants."""
    day = market.day
    if world.calls_back[c]:
        found, since = 0, day - float(world.window[c])
        i = market.engaged
        while i != s.NONE:
            found += is_target(population[i], since)
            i = population[i].next_engaged
        market.targeted[c] = found / market.people
        market.expected[c] = world.peak[c] * world.attention_season[day] * found
    elif market.pool_weight[c] > 0.0:
        mean = market.pool_mass[c] / market.pool_weight[c]
        market.expected[c] = mean * world.need_season[day]
    else:
        market.expected[c] = 0.0


@kernel
def forget_engaged(world: np.record, market: np.record, population: Records) -> None:
    """Take off the list of the lately engaged whom no channel would call back any more.

    Retargeting would else have to look at everybody every day.
    """
    before, i, since = s.NONE, market.engaged, market.day - float(world.call_back_days)
    while i != s.NONE:
        person = population[i]
        after = person.next_engaged
        if person.last_engaged >= since:
            before = i
        else:
            person.listed = 0
            if before == s.NONE:
                market.engaged = after
            else:
                population[before].next_engaged = after
        i = after


@kernel
def is_target(person: np.record, since: float) -> bool:
    """Whether retargeting knows this person as one who engaged lately."""
    return bool(person.last_engaged >= since and person.linked != 0)


@kernel
def capped_pressure(world: np.record, market: np.record, c: int) -> None:
    """Pressure a / (k + a), where a is the share of expected events that the money affords.

    Affords at the base price, that is. Whoever wants more of an auction pays more for all of it:
    price = base * (k + a), so that the expected bill is the plan. At a fixed price, as of messages:
    pressure = min(1, a).
    """
    day = market.day
    planned = market.money[c, day] * market.people * world.weight
    left = (market.month_plan[c] - market.month_cost[c]) / world.month_left[day]
    market.month_plan[c] += planned
    base = world.unit_cost[c] * world.price[c, day] * world.weight
    wanted = market.expected[c] * base
    afford = max(planned + left, 0.0) / wanted if wanted > 0.0 else 1.0
    if world.has_fixed_price[c]:
        market.pressure[c] = min(1.0, afford) if planned + left > 0.0 else 0.0
        market.price[c] = base
    else:
        market.pressure[c] = afford / (world.half[c] + afford) if planned + left > 0.0 else 0.0
        market.price[c] = base * (world.half[c] + afford)


@kernel
def settle(world: np.record, market: np.record) -> None:
    """At midnight: bill what is paid per event, never above the month's plan; learn the pool."""
    day = market.day
    for c in range(world.channels):
        if not world.capped[c]:
            continue
        market.month_cost[c] += market.billed_events[c] * market.price[c]
        due = min(market.month_cost[c], market.month_plan[c]) - market.month_billed[c]
        market.ledger[c, day] = max(due, 0.0)
        market.month_billed[c] += max(due, 0.0)
        season = max(world.need_season[day], 1e-9)
        market.pool_mass[c] = MEMORY * market.pool_mass[c] + market.eligible[c] / season
        market.pool_weight[c] = MEMORY * market.pool_weight[c] + 1.0
        market.billed_events[c] = 0
        market.eligible[c] = 0.0
        if world.month_left[day] == 1:
            market.month_plan[c] = 0.0
            market.month_cost[c] = 0.0
            market.month_billed[c] = 0.0
