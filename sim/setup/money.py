"""MediaPlan → money per head, by region and day."""

from __future__ import annotations

import numpy as np

from scenarios import Channel, MediaPlan, Scenario, plan_periods
from sim.engine import state as s
from sim.engine.draws import name_key
from sim.setup.calendars import open_days
from sim.setup.communities import Layout
from tiermix.core.arrays import Floats, Ints
from tiermix.core.seeds import WANDERING_SPEND


def money_of(scenario: Scenario, plan: MediaPlan, layout: Layout) -> Floats:
    """Money per head [regions, CHANNELS, days of the plan's months].

    A month's money, or a week's, is spread over its days on which the channel is there; where there
    are none, nothing is spent. A channel that serves some regions only spends its money on their
    people. Heads are those of the simulated regions, so that the ledger adds up to the plan to the
    cent.
    """
    names = [c.name for c in scenario.channels]
    period = plan_periods.of_days(plan.months)
    first = 0 if plan.months == scenario.history_months else scenario.history_days
    money = np.zeros((len(scenario.regions), s.CHANNELS, len(period)))
    for name in plan.channels:
        there = open_days(scenario, scenario.channel(name))[first : first + len(period)]
        lengths = np.bincount(period, weights=there)
        daily = plan.of(name)[period] / np.maximum(lengths, 1.0)[period] * there
        per_head = region_shares(scenario, scenario.channel(name)) / layout.heads
        money[:, names.index(name), :] = per_head[:, None] * daily
    return money


def month_of_days(scenario: Scenario, months: tuple[str, ...]) -> Ints:
    """For each day of these months, the number of its month."""
    return np.repeat(np.arange(len(months)), [scenario.days_in(month) for month in months])


def region_shares(scenario: Scenario, channel: Channel) -> Floats:
    """How a channel's money is spread over the regions: by people, where it serves."""
    served = np.array([not channel.regions or r.name in channel.regions for r in scenario.regions])
    shares = np.array([r.share for r in scenario.regions]) * served
    return np.asarray(shares / max(shares.sum(), 1e-12))


def wandering(scenario: Scenario) -> Floats:
    """Last year's spend relative to its plan [regions, CHANNELS, days], as real spend wanders.

    Lognormal by region and week; a part of the scenario, not of a seed. Scaled so that the money
    of each channel and month is what the history says.
    """
    month = month_of_days(scenario, scenario.history_months)
    factors = np.ones((len(scenario.regions), s.CHANNELS, len(month)))
    if scenario.history.variation == 0:
        return factors
    week = np.arange(len(month)) // 7
    for c, channel in enumerate(scenario.channels):
        rng = np.random.default_rng([WANDERING_SPEND, name_key(channel.name)])
        weekly = rng.standard_normal((len(scenario.regions), week[-1] + 1))
        daily = np.exp(scenario.history.variation * weekly)[:, week]
        mean = region_shares(scenario, channel) @ daily
        factors[:, c, :] = daily / (np.bincount(month, mean) / np.bincount(month))[month]
    return factors
