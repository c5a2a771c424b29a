"""Scenario → World: names to codes, rules to tables; the one place that knows both."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from scenarios import Scenario
from scenarios.parts import STAGES, Channel
from sim import state as s
from sim.luck import name_key

DELIVERIES = {"broadcast": 0, "search": 1, "retargeted": 2, "triggered": 3, "direct": 4}
EVENTS = {"signup": s.SIGNUP, "visit": s.VISIT, "cart": s.CART, "order": s.ORDER, "none": s.NONE}
CONTENT_SEED = 20_260_101
YEAR = 365.0


def world_of(scenario: Scenario, customers: int) -> np.record:
    """The record that behaviour reads; `customers` sets how many people each one stands for."""
    world: np.record = np.zeros(1, s.WORLD)[0]
    world.channels = len(scenario.channels)
    world.personas = len(scenario.personas)
    world.weight = scenario.market_size / customers
    world.margin_rate = scenario.margin_rate
    for c, channel in enumerate(scenario.channels):
        _channel(world, scenario, c, channel)
    world.daily_bound = float((world.peak * world.affinity_bound).sum())
    _personas(world, scenario)
    _days(world, scenario)
    _search(world, scenario)
    _behaviour(world, scenario)
    _automation(world, scenario)
    return world


def _channel(world: np.record, scenario: Scenario, c: int, channel: Channel) -> None:
    for name in (
        *("half", "slope", "retention", "peak", "unit_cost", "viewability", "selection"),
        *("slot_utility", "attention", "awareness", "awaken", "goodwill_seen", "goodwill_engaged"),
        *("tier", "themed", "capped", "window"),
    ):
        getattr(world, name)[c] = getattr(channel, name)
    world.delivery[c] = DELIVERIES[channel.delivery]
    world.key[c] = name_key(channel.name)
    world.engagement[c] = channel.engagement / max(1.0 - channel.engagement, 1e-9)
    affinity = [channel.affinity.get(p.name, 1.0) for p in scenario.personas]
    bound = max(affinity) or 1.0
    world.affinity_bound[c] = bound
    world.affinity[c, : len(affinity)] = np.array(affinity) / bound
    world.stage_fit[c, :] = [channel.stage_fit.get(stage, 1.0) for stage in STAGES]  # type: ignore[call-overload]
    for n, other in enumerate(scenario.channels):
        world.onward[c, n] = channel.hand_offs.get(other.name, 0.0)
    world.onward[c, s.TO_SITE] = channel.click_through
    world.onward[c, s.TO_SEARCH] = channel.hand_offs.get("search", 0.0)
    world.theme[c, :] = _themes(scenario, channel)


def _themes(scenario: Scenario, channel: Channel) -> np.ndarray[Any, Any]:
    """Theme of each week's asset: the month's pillar, or NONE where it lies off the core.

    Whether an asset carries the core is a property of the asset: keyed by channel and week, and
    monotone in `discipline`.
    """
    weeks = np.arange(s.WEEKS)
    luck = np.random.default_rng([CONTENT_SEED, name_key(channel.name)]).random(s.WEEKS)
    pillar = (weeks * 7 // 30) % len(scenario.pillars)
    return np.where(luck < scenario.integration.discipline, pillar, s.NONE)


def _personas(world: np.record, scenario: Scenario) -> None:
    for p, persona in enumerate(scenario.personas):
        world.first_needs[p] = persona.needs_per_year / YEAR
        world.need_days[p] = persona.need_days
        world.looks_per_day[p] = persona.looks_per_day
        world.utility[p] = persona.base_utility
        world.order_value[p] = persona.order_value
        world.order_spread[p] = persona.order_spread
        world.aware[p] = persona.aware
        world.goodwill[p] = persona.goodwill


def _days(world: np.record, scenario: Scenario) -> None:
    """Seasons, prices and months of every day; the history year has index 0 to 364."""
    world.days = s.DAYS
    first = scenario.history_start
    planned = {month: m for m, month in enumerate((*scenario.history_months, *scenario.months))}
    for d in range(s.DAYS):
        day = first + dt.timedelta(d)
        world.need_season[d] = _season(scenario, day, "needs")
        world.attention_season[d] = _season(scenario, day, "attention")
        world.price[d] = scenario.price_on(day)
        world.month[d] = planned.get(f"{day:%Y-%m}", s.MONTHS - 1)
        world.month_left[d] = scenario.days_in(f"{day:%Y-%m}") - day.day + 1
    world.need_bound = world.need_season.max()
    world.attention_bound = world.attention_season.max()
    world.daily_bound *= world.attention_bound


def _season(scenario: Scenario, day: dt.date, field: str) -> float:
    factors = [getattr(x, field) for x in scenario.seasons if x.start <= day <= x.end]
    return float(np.prod(factors)) if factors else 1.0


def _search(world: np.record, scenario: Scenario) -> None:
    search = scenario.search
    world.search_selection = search.selection
    for name in (
        *("competitor_utility", "nobody_utility", "brand_gain", "direct_base", "direct_gain"),
        *("direct_customer", "competitor_sale", "elsewhere"),
    ):
        setattr(world, name, getattr(search, name))


def _behaviour(world: np.record, scenario: Scenario) -> None:
    behaviour, integration = scenario.behaviour, scenario.integration
    world.goodwill_rate = np.log(2.0) / behaviour.goodwill_half_life
    world.fatigue_rate = np.log(2.0) / behaviour.fatigue_half_life
    world.theme_rate = np.log(2.0) / behaviour.theme_half_life
    for name in (
        *("goodwill_gain", "fatigue_weight", "theme_gain", "theme_pillar", "theme_off_core"),
        *(
            "match_gain",
            "consider",
            "stage_gain",
            "lapse_days",
            "turnover",
            "signup",
            "cart",
            "win_back",
        ),
        *("experience_seamed", "experience_order", "experience_gain", "loyal_orders"),
    ):
        setattr(world, name, getattr(behaviour, name))
    for name in (
        *("view_visibility", "seamless", "substitution", "hand_off_days"),
        *("personalisation", "interests"),
    ):
        setattr(world, name, getattr(integration, name))


def _automation(world: np.record, scenario: Scenario) -> None:
    names = [c.name for c in scenario.channels]
    world.rules = len(scenario.automation.rules)
    world.weekly_cap = scenario.automation.weekly_cap
    world.open_rate = scenario.automation.open_rate
    for r, rule in enumerate(scenario.automation.rules):
        world.rule_when[r] = EVENTS[rule.when]
        world.rule_unless[r] = EVENTS[rule.unless]
        world.rule_channel[r] = names.index(rule.channel)
        world.rule_wait[r] = rule.wait
        world.rule_offer[r] = rule.offer
        world.rule_offer_cost[r] = rule.offer_cost
        world.rule_offer_days[r] = rule.offer_days
