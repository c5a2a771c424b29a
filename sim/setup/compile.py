"""Scenario → World: names to codes, rules to tables; the one place that knows both."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scenarios import STAGES, Channel, Scenario
from sim.engine import state as s
from sim.engine.automation import OWN_THEME
from sim.engine.counts import row_kinds
from sim.engine.draws import name_key
from sim.setup.calendars import write_days

EVENTS = {name: number for number, name in enumerate(row_kinds.NAMES)}
EVENTS |= {"lapse": s.LAPSE, "date": s.DATE, "none": s.NONE}
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
    backs = [c.window for c in scenario.channels if c.kind.calls_back]
    world.call_back_days = max(backs, default=0)
    direct = next((c.name for c in scenario.channels if c.kind.books == "visits"), "")
    world.direct = _number(scenario, direct)
    _personas(world, scenario)
    _content(world, scenario)
    write_days(world, scenario)
    world.daily_bound = float((world.peak * world.affinity_bound).sum() * world.attention_bound)
    _copy(world, scenario.search, SEARCH)
    world.search_selection = scenario.search.selection
    world.open_needs = scenario.history.open_needs
    _behaviour(world, scenario)
    _goods(world, scenario)
    _leads(world, scenario)
    _desk(world, scenario)
    _copy(world, scenario.loyalty, LOYALTY)
    _copy(world, scenario.word_of_mouth, ("mentions", "referrals", "complaints", "harm"))
    world.earned = _number(scenario, scenario.word_of_mouth.channel)
    _automation(world, scenario)
    _variants(world, scenario)
    return world


def niches_of(scenario: Scenario) -> tuple[str, ...]:
    """Names of the niches that people belong to, in the order of the personas."""
    return tuple(dict.fromkeys(p.niche for p in scenario.personas if p.niche))


def _copy(world: np.record, part: object, fields: Sequence[str]) -> None:
    """Fields that have the same name in the scenario's part and in the world."""
    for name in fields:
        setattr(world, name, getattr(part, name))


def _number(scenario: Scenario, channel: str) -> int:
    names = [c.name for c in scenario.channels]
    return names.index(channel) if channel else s.NONE


def _channel(world: np.record, scenario: Scenario, c: int, channel: Channel) -> None:
    for name in (
        *("half", "slope", "retention", "peak", "unit_cost", "viewability", "selection"),
        *("slot_utility", "attention", "awareness", "awaken", "goodwill_seen", "goodwill_engaged"),
        *("tier", "capped", "window"),
    ):
        getattr(world, name)[c] = getattr(channel, name)
    for flag in s.DELIVERY_FLAGS:
        getattr(world, flag)[c] = getattr(channel.kind, flag)
    world.themed[c] = channel.themed and channel.kind.is_media
    world.key[c] = name_key(channel.name)
    world.shop[c] = ["", *(shop.name for shop in scenario.shops)].index(channel.shop)
    niches = niches_of(scenario)
    world.niches[c] = sum(2 << niches.index(name) for name in channel.niches)
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


SEARCH = (
    *("competitor_utility", "nobody_utility", "brand_gain", "direct_base", "direct_gain"),
    *("direct_customer", "competitor_sale", "elsewhere"),
)
RULE_KEYS = 0xFFFF
"""Rules draw by their names too: so many keys fit into the key of what they answer."""
BEHAVIOUR = (
    *("goodwill_gain", "fatigue_weight", "theme_gain", "theme_pillar", "theme_off_core"),
    *("consider", "stage_gain", "lapse_days", "turnover", "signup", "cart"),
    *("win_back", "experience_seamed", "experience_order", "experience_gain", "loyal_orders"),
)
LOYALTY = (
    *("satisfaction", "satisfaction_gain", "satisfaction_spread", "answers"),
    *("dropout_gain", "programme", "programme_cost"),
)
DESK = (
    *("questions", "issues", "qualify", "sales_days"),
    *("goodwill_answer", "experience_answer", "experience_lost"),
)


def _content(world: np.record, scenario: Scenario) -> None:
    content = scenario.content
    formats = ["", *(form.name for form in content.formats)]
    world.format_fit[:] = 1.0
    for f, form in enumerate(content.formats, start=1):
        world.format_fit[f, :] = [form.stage_fit.get(stage, 1.0) for stage in STAGES]  # type: ignore[call-overload]
    for a, asset in enumerate(content.assets):
        world.asset_home[a] = _number(scenario, asset.made_for)
        world.asset_format[a] = formats.index(asset.format)
        world.asset_quality[a] = asset.quality
    world.reuse, world.wear_out = content.reuse, content.wear_out


def _behaviour(world: np.record, scenario: Scenario) -> None:
    behaviour = scenario.behaviour
    world.goodwill_rate = np.log(2.0) / behaviour.goodwill_half_life
    world.fatigue_rate = np.log(2.0) / behaviour.fatigue_half_life
    world.theme_rate = np.log(2.0) / behaviour.theme_half_life
    _copy(world, behaviour, BEHAVIOUR)
    world.matched = np.exp(behaviour.match_gain)
    _copy(
        world,
        scenario.integration,
        ("view_visibility", "substitution", "hand_off_days", "interests"),
    )


def _goods(world: np.record, scenario: Scenario) -> None:
    goods = scenario.inventory
    world.out_of_stock, world.pooling = goods.out_of_stock, goods.pooling
    world.all_out = goods.out_of_stock ** (goods.places - 1) if goods.places > 1 else 1.0
    world.stock_waits, world.stock_days = goods.waits, goods.delay_days
    world.stock_experience = goods.experience
    world.shop_registers[:] = 1.0
    for n, shop in enumerate(scenario.shops, start=1):
        world.commission[n] = shop.commission
        world.shop_utility[n] = shop.utility
        world.shop_registers[n] = shop.registers


def _leads(world: np.record, scenario: Scenario) -> None:
    leads = scenario.leads
    world.download, world.form, world.lead_score = leads.download, leads.form, leads.threshold
    world.score_rate = np.log(2.0) / leads.half_life
    for event, points in leads.points.items():
        world.points[EVENTS[event]] = points
    world.desk_sells = leads.sells == "desk"
    world.cart_leads = not leads.form and not leads.threshold


def _desk(world: np.record, scenario: Scenario) -> None:
    desk = scenario.desk
    world.desk = desk.agents > 0
    world.desk_channel = _number(scenario, desk.channel)
    if desk.agents:
        _copy(world, desk, DESK)


def _automation(world: np.record, scenario: Scenario) -> None:
    automation = scenario.automation
    pillars = list(scenario.pillars)
    world.rules = len(automation.rules)
    world.weekly_cap, world.open_rate = automation.weekly_cap, automation.open_rate
    world.rule_day[:] = s.NONE
    for r, rule in enumerate(automation.rules):
        world.rule_when[r] = EVENTS[rule.when]
        world.rule_unless[r] = s.LAPSE if rule.when == "lapse" else EVENTS[rule.unless]
        world.rule_key[r] = name_key(rule.name) & RULE_KEYS
        world.rule_channel[r] = _number(scenario, rule.channel)
        world.rule_theme[r] = pillars.index(rule.pillar) if rule.pillar else OWN_THEME
        for name in ("wait", "offer", "offer_cost", "offer_days"):
            world[f"rule_{name}"][r] = getattr(rule, name)
        if rule.day:
            years = [rule.day.replace(year=scenario.start.year + n) for n in (-1, 0, 1)]
            world.rule_day[r, :3] = [scenario.day_of(day) for day in years]


def _variants(world: np.record, scenario: Scenario) -> None:
    rules = [rule.name for rule in scenario.automation.rules]
    world.variants = len(scenario.variants)
    for v, variant in enumerate(scenario.variants):
        c = _number(scenario, variant.channel)
        world.variant_channel[v] = c
        world.variant_rule[v] = rules.index(variant.rule) if variant.rule else s.NONE
        world.variant_heard[v] = variant.heard
        world.variant_offer[v], world.variant_cost[v] = variant.offer, variant.offer_cost
        world.variant_wait[v] = variant.wait
        if c != s.NONE:
            world.varied[c] |= 1 << v
            world.held_out[c] |= 0 if variant.shows else 1 << v
