"""What holds today: content on each channel, offers, rivals, dials; set when the day opens."""

from __future__ import annotations

import math

import numpy as np

from sim.engine import state as s
from sim.engine.jit import kernel
from tiermix.core.arrays import Records


@kernel
def set_today(world: np.record, market: np.record) -> None:
    """Read the calendar: offers, rivals, integration, and what each channel carries."""
    day = market.day
    market.month, market.week = world.month[day], day // 7
    for p in range(world.personas):
        market.offer_gain[p] = world.offer_gain[day, p]
        market.offer_cost[p] = world.offer_cost[day, p]
    market.rival_search = world.rival_search[day] + market.outside_search
    market.rival_pull = world.rival_pull[day] + market.outside_pull
    market.seamless = world.seamless[day]
    market.personalisation = world.personalisation[day]
    for c in range(world.channels):
        set_content(world, market, c)


@kernel
def set_content(world: np.record, market: np.record, c: int) -> None:
    """Strength of a channel's content by stage: channel * format * quality * freshness.

    Freshness is exp(-wear * exposures a head since release), counted in this community; an asset
    adapted from another channel keeps a share of its quality.
    """
    market.theme[c] = world.theme[c, market.day]
    a = world.asset[c, market.day]
    market.asset[c] = a
    strength, form = 1.0, 0
    if a != s.NONE:
        kept = 1.0 if world.asset_home[a] == c else world.reuse
        worn = world.wear_out * market.asset_shown[a] / market.people
        strength = world.asset_quality[a] * kept * math.exp(-worn)
        form = world.asset_format[a]
    for g in range(s.STAGES):
        market.fit[c, g] = world.stage_fit[c, g] * world.format_fit[form, g] * strength


@kernel
def link(population: Records) -> None:
    """The identity layer starts: identifiers that it can recognise are linked from now on."""
    for i in range(len(population)):
        population[i].linked = population[i].linked_later


@kernel
def is_date(world: np.record, r: int, day: int) -> bool:
    """Whether a rule of automation has its day today."""
    days = world.rule_day[r]
    here = days[0] == day or days[1] == day or days[2] == day
    return bool(world.rule_when[r] == s.DATE and here)
