"""Money → stock → pressure, and the settlement of what was paid per event; once a day."""

from __future__ import annotations

import numpy as np

from sim.engine import state as s
from sim.engine.jit import entry, kernel
from tiermix.core.arrays import Records

MEMORY = 0.95
"""Share of yesterday's weight in the running mean of eligible events: about three weeks."""

PRIOR = 25.0
"""Own events that weigh as much as what the whole market showed before: the pool is settled there,
and a community of 75 people alone would hear next to nothing of it."""

QUIET = 0.1
"""A day with less of its season than this counts as one that has this much: what lingers of other
days, over next to nothing, would be taken for a rush to come."""

NOTHING = 0.01
"""Below this share of the usual pool there is nothing to buy, and nothing is billed."""


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
    """Eligible events to expect today, had the channel all the money it wants.

    From own events of the last weeks, and what is usual in the whole market.
    """
    prior = PRIOR
    if world.calls_back[c]:
        count_targets(world, market, population, c)
        prior *= world.peak[c] * world.window[c]
    usual = market.usual[c] * market.people
    season = season_of(world, c, market.day)
    market.expected[c] = settled_mean(
        market.pool_mass[c], market.pool_weight[c], usual, prior, season
    )


@entry
def settled_mean(mass: float, weight: float, usual: float, prior: float, season: float) -> float:
    """Events of a day of such a season: the mean of a Gamma law, whose prior weighs as many events.

    `mass` own events of `weight` average days, each less by its age; `usual` on an average day in
    the whole market, 0 where that is not known.
    """
    if usual > 0.0:
        mass, weight = mass + prior, weight + prior / usual
    return season * mass / weight if weight > 0.0 else 0.0


@kernel
def season_of(world: np.record, c: int, day: int) -> float:
    """What today's pool of a capped channel is, against that of an average day."""
    if world.calls_back[c]:
        return float(world.attention_season[day])
    return float(world.need_season[day])


@kernel
def count_targets(world: np.record, market: np.record, population: Records, c: int) -> None:
    """Who could be called back today: the share of people, and the events that may be expected."""
    found, since, reached = 0, market.day - float(world.window[c]), 0.0
    i = market.engaged
    while i != s.NONE:
        if is_target(population[i], since):
            found += 1
            reached += world.affinity[c, population[i].persona]
        i = population[i].next_engaged
    market.targeted[c] = found / market.people
    rate = world.peak[c] * world.affinity_bound[c] * world.attention_season[market.day]
    market.eligible[c] = rate * reached


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
def settle(world: np.record, market: np.record, population: Records) -> None:
    """At midnight: bill what is paid per event, never above the month's plan; learn the pool."""
    day = market.day
    for c in range(world.channels):
        if not world.capped[c]:
            continue
        cost = market.expected[c] * market.pressure[c] * market.price[c]
        market.month_cost[c] += cost
        if world.has_fixed_price[c]:
            market.owed[c] += market.billed_events[c] * market.price[c]
        else:
            market.owed[c] = cost * for_sale(market, c) * not_held_out(world, population, c)
        due = max(min(market.owed[c], market.month_plan[c] - market.month_billed[c]), 0.0)
        market.ledger[c, day] = due
        market.owed[c] -= due
        market.month_billed[c] += due
        learn_pool(world, market, c)
        if world.month_left[day] == 1:
            market.month_plan[c] = 0.0
            market.month_cost[c] = 0.0
            market.month_billed[c] = 0.0


@kernel
def for_sale(market: np.record, c: int) -> float:
    """1 while there is something to buy at an auction, 0 when its pool has run dry."""
    usual = market.usual[c] * market.people * market.pool_weight[c]
    return 0.0 if market.pool_mass[c] < NOTHING * usual else 1.0


@kernel
def not_held_out(world: np.record, population: Records, c: int) -> float:
    """Share of people whom no test keeps away from a channel; money for the others is saved."""
    if world.held_out[c] == 0:
        return 1.0
    kept = 0
    for i in range(len(population)):
        kept += population[i].variants & world.held_out[c] == 0
    return kept / len(population)


@kernel
def learn_pool(world: np.record, market: np.record, c: int) -> None:
    """Take in today's eligible events, and how many average days it was by its season.

    Of Poisson counts whose means are known shares of one mean, the sum over the sum of shares is
    the most likely value of that mean.
    """
    season = max(season_of(world, c, market.day), QUIET)
    market.pool_mass[c] = MEMORY * market.pool_mass[c] + market.eligible[c]
    market.pool_weight[c] = MEMORY * market.pool_weight[c] + season
    market.billed_events[c] = 0
    market.eligible[c] = 0.0
