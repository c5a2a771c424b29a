"""Scenario → the days of the world: seasons, prices, rivals, offers, content, dials and outages."""

from __future__ import annotations

import datetime as dt
from functools import cache

import numpy as np

from scenarios import (
    Channel,
    Scenario,
    Stretch,
    controlled_needs,
    days_in,
    days_of,
    product_by_day,
)
from sim.engine import state as s
from sim.engine.draws import name_key
from tiermix.core.arrays import Bools, Floats, Ints
from tiermix.core.seeds import PLAIN_CONTENT


def write_days(world: np.record, scenario: Scenario) -> None:
    """Fill all that holds by the day; the history year has index 0 to 364."""
    world.days = s.DAYS
    _months(world, scenario)
    _seasons(world, scenario)
    _offers(world, scenario)
    _dials(world, scenario)
    for c, channel in enumerate(scenario.channels):
        world.price[c] = scenario.prices(channel.name, scenario.history_start, s.DAYS)
        world.down[c] = ~open_days(scenario, channel)
        _carries(world, scenario, c, channel)


def open_days(scenario: Scenario, channel: Channel) -> Bools:
    """Whether a channel is there [DAYS]: on its dates, and not on days of an outage."""
    there = np.zeros(s.DAYS, dtype=bool) if channel.dates else np.ones(s.DAYS, dtype=bool)
    for stretch in channel.dates:
        there[days_of(stretch, scenario.history_start)] = True
    for shock in scenario.sure_shocks:
        if shock.outage and shock.hits(channel.name):
            there[days_of(shock, scenario.history_start)] = False
    return there


def _months(world: np.record, scenario: Scenario) -> None:
    months = (*scenario.history_months, *scenario.months)
    number = {month: m for m, month in enumerate(months)}
    for d in range(s.DAYS):
        day = scenario.history_start + dt.timedelta(d)
        name = f"{day:%Y-%m}"
        world.month[d] = number.get(name, s.MONTHS - 1)
        world.month_left[d] = _length(name) - day.day + 1


_length = cache(days_in)


def _seasons(world: np.record, scenario: Scenario) -> None:
    first = scenario.history_start
    needs = (*scenario.seasons, *scenario.sure_shocks)
    known = controlled_needs(scenario.controls, first, s.DAYS)
    world.need_season[:] = known * product_by_day(needs, "needs", first, s.DAYS)
    world.attention_season[:] = product_by_day(scenario.seasons, "attention", first, s.DAYS)
    world.need_bound = world.need_season.max()
    world.attention_bound = world.attention_season.max()
    for rival in scenario.rivals:
        days = days_of(rival, first)
        world.rival_search[days] += rival.search
        world.rival_pull[days] += rival.pull


def _offers(world: np.record, scenario: Scenario) -> None:
    """The best offer of each day and persona: offers do not add up."""
    for offer in scenario.offers:
        days = np.arange(s.DAYS)[days_of(offer, scenario.history_start)]
        for p, persona in enumerate(scenario.personas):
            if not offer.personas or persona.name in offer.personas:
                better = days[offer.utility > world.offer_gain[days, p]]
                world.offer_gain[better, p] = offer.utility
                world.offer_cost[better, p] = offer.cost


def dial(scenario: Scenario, name: str, final: float) -> Floats:
    """An integration dial by day [DAYS]: its own value, and what was before an investment."""
    values = np.full(s.DAYS, float(final))
    for investment in scenario.investments:
        if name in investment.before:
            start = scenario.day_of(investment.start)
            values[: max(start, 0)] = investment.before[name]
    return values


def running_rules(scenario: Scenario) -> Ints:
    """Which rules of automation answer on each day [DAYS], a bit for each."""
    running = np.zeros(s.DAYS, dtype=np.int64)
    switched_on = dial(scenario, "automation", 1.0) > 0.0
    for r, rule in enumerate(scenario.automation.rules):
        first = rule.since or scenario.history_start
        since = np.arange(s.DAYS) >= scenario.day_of(first)
        running |= (switched_on & since).astype(np.int64) << r
    return running


def _dials(world: np.record, scenario: Scenario) -> None:
    integration = scenario.integration
    world.seamless[:] = dial(scenario, "seamless", integration.seamless)
    world.personalisation[:] = dial(scenario, "personalisation", integration.personalisation)
    world.automated[:] = running_rules(scenario)
    resolution = dial(scenario, "resolution", integration.resolution)
    changes = np.flatnonzero(np.diff(resolution))
    world.linked_from = changes[0] + 1 if len(changes) else s.NONE


def _carries(world: np.record, scenario: Scenario, c: int, channel: Channel) -> None:
    """What the channel carries: the last asset released to it, else the month's pillar."""
    world.asset[c] = s.NONE
    world.theme[c] = _plain_themes(scenario, channel)
    pillars = ["", *scenario.pillars]
    released = sorted(enumerate(scenario.content.assets), key=lambda pair: pair[1].release)
    for a, asset in released:
        if channel.name in asset.channels:
            end = asset.until or dt.date.max - dt.timedelta(1)
            days = days_of(Stretch(start=asset.release, end=end), scenario.history_start)
            world.asset[c, days] = a
            world.theme[c, days] = pillars.index(asset.pillar) - 1


def _plain_themes(scenario: Scenario, channel: Channel) -> Ints:
    """Theme of each week's plain content: the month's pillar, or NONE where it lies off the core.

    Whether it carries the core is keyed by channel and week, and monotone in `discipline`.
    """
    week = np.arange(s.DAYS) // 7
    uniform = np.random.default_rng([PLAIN_CONTENT, name_key(channel.name)]).random(s.WEEKS)
    pillar = (week * 7 // 30) % len(scenario.pillars)
    kept = uniform[week] < dial(scenario, "discipline", scenario.integration.discipline)
    return np.where(kept, pillar, s.NONE)
