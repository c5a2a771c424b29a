"""What comes to people in calendar time, whatever we do: needs, and moving away."""

from __future__ import annotations

import numpy as np

from sim.engine import state as s
from sim.engine.counters import schedule
from sim.engine.draws import LEFT_OPEN, NEED, TURNOVER, child, draw, exponential
from sim.engine.jit import kernel
from sim.engine.needs import hold_need, open_need


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
def left_open(world: np.record, market: np.record, person: np.record) -> None:
    """The needs that a long past has left open at time 0.

    Needs that come at rate a, last a mean time D and find `NEEDS` places are open in number n with
    chance (aD)^n / n! over the sum of these (Erlang's loss formula, which holds for every law of
    lives); by lack of memory what is left of each is as long as a whole one.
    """
    key = person_key(market, person)
    rate = need_rate(world, person) * world.need_season[0]
    mean = world.open_needs * rate * world.need_days[person.persona]
    chance = draw(market.seed, key, LEFT_OPEN, 0)[0]
    for n in range(taken_places(chance, mean, s.NEEDS)):
        hold_need(world, market, person, 0.0, child(market.seed, key, LEFT_OPEN, n))


@kernel
def taken_places(u: float, mean: float, places: int) -> int:
    """A Poisson count given that it is at most `places`, by inversion."""
    term, total = 1.0, 1.0
    for n in range(places):
        term *= mean / (n + 1)
        total += term
    taken, term, below = 0, 1.0, 1.0
    while u * total > below and taken < places:
        taken += 1
        term *= mean / taken
        below += term
    return taken


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
    person.experience = person.score = 0.0
    person.theme_channel = person.other_channel = s.NONE
    person.last_visit = person.last_order = person.last_engaged = s.LONG_AGO
    person.last_download = s.LONG_AGO
    person.born = t
    person.offer_until = s.LONG_AGO
    for n in range(s.NEEDS):
        person.need_ends[n] = s.LONG_AGO
