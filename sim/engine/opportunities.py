"""Opportunities of media: Poisson streams, thinned by pressure and by whom they come to."""

from __future__ import annotations

import math

import numpy as np

from sim.engine import state as s
from sim.engine.ad_response import may_meet
from sim.engine.draws import HALF, STREAM, philox, poisson, uniform
from sim.engine.event_queue import insert, put_first, take_slot, write_event
from sim.engine.jit import kernel
from sim.engine.pressure import is_target
from tiermix.core.arrays import Records

LAYERS = 4
BLOCK_MEAN = 200.0
"""Opportunities a block of customers may expect in a layer: Poisson inversion stays exact."""


@kernel
def opportunities(
    world: np.record,
    market: np.record,
    population: Records,
    pool: Records,
    c: int,
    pressure: float,
) -> None:
    """Poisson opportunities at the bound of their rate, thinned by u < pressure * season * who.

    u lies in dyadic layers (1/2, 1], (1/4, 1/2], ..., each a stream of its own; only layers below
    today's pressure are visited, so the work stays within about twice the exposures.
    """
    rate, top = rate_and_top(world, market, c, pressure)
    if rate * top <= 0.0:
        return
    high = 1.0
    for layer in range(LAYERS):
        low = 0.5 * high if layer < LAYERS - 1 else 0.0
        width = high - low
        high = low
        if low >= top:
            continue
        size = max(1, int(BLOCK_MEAN / (rate * width)))
        for first in range(0, market.people, size):
            people = min(size, market.people - first)
            visit_layer(
                world, market, population, pool, c, layer, low, width, first, people, rate, top
            )


@kernel
def rate_and_top(
    world: np.record, market: np.record, c: int, pressure: float
) -> tuple[float, float]:
    """A day's opportunities of a person at the bound, and today's pressure as a share of it."""
    season = world.attention_season[market.day] / world.attention_bound
    return world.peak[c] * world.affinity_bound[c] * world.attention_bound, pressure * season


@kernel
def visit_layer(
    world: np.record,
    market: np.record,
    population: Records,
    pool: Records,
    c: int,
    layer: int,
    low: float,
    width: float,
    first: int,
    people: int,
    rate: float,
    top: float,
) -> None:
    """One layer's opportunities of a block of customers; those that are taken join the agenda."""
    many = uniform(stream_words(world, market, c, layer, first, 0)[0])
    for n in range(poisson(many, people * rate * width)):
        who, when, height, luck = stream_words(world, market, c, layer, first, n + 1)
        i = first + int(uniform(who) * people)
        u = low + width * uniform(height)
        if u < top * reach_of(world, population[i], c):
            key = ((who ^ height) << HALF) | luck
            put_opportunity(market, population[i], pool, c, market.day + uniform(when), key)


@kernel
def call_back(
    world: np.record,
    market: np.record,
    population: Records,
    pool: Records,
    c: int,
    pressure: float,
) -> None:
    """Opportunities to meet those who engaged lately: a stream for each of them and each day.

    The count and the first opportunity come from one block of luck, each other one from its own.
    """
    rate, top = rate_and_top(world, market, c, pressure)
    none, since = math.exp(-rate), market.day - float(world.window[c])
    if rate * top <= 0.0:
        return
    following = market.engaged
    while following != s.NONE:
        i, person = following, population[following]
        following = person.next_engaged
        if not is_target(person, since):
            continue
        number, when, height, luck = stream_words(world, market, c, LAYERS, i, 0)
        many = uniform(number)
        if many <= none:
            continue
        for n in range(poisson(many, rate)):
            if n > 0:
                number, when, height, luck = stream_words(world, market, c, LAYERS, i, n)
            if uniform(height) < top * reach_of(world, person, c):
                key = ((number ^ height) << HALF) | luck
                put_opportunity(market, person, pool, c, market.day + uniform(when), key)


@kernel
def put_opportunity(
    market: np.record, person: np.record, pool: Records, c: int, t: float, key: np.uint64
) -> None:
    """An opportunity that is taken joins the person's day."""
    slot = market.free
    event = pool[slot]
    take_slot(market, event)
    write_event(event, t, person.index, s.EXPOSE, c, key, t, 0)
    if not put_first(market, person, event, slot):
        insert(person, pool, slot)


@kernel
def reach_of(world: np.record, person: np.record, c: int) -> float:
    """How much of the channel's pressure meets this person: affinity, unless it is kept away."""
    return float(world.affinity[c, person.persona]) if may_meet(world, person, c) else 0.0


@kernel
def stream_words(
    world: np.record, market: np.record, c: int, layer: int, first: int, n: int
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Four words of a channel's stream of opportunities, keyed by its name, the day and n."""
    return philox(
        (np.uint64(layer) << np.uint64(24)) | np.uint64(n),
        (np.uint64(first) << np.uint64(12)) | np.uint64(market.day),
        world.key[c] | STREAM,
        np.uint64(market.community) | STREAM,
        market.seed & np.uint64(0xFFFFFFFF),
        market.seed >> HALF,
    )
