"""Measures: how each KPI follows from additive quantities, and which KPIs a scope has."""

from __future__ import annotations

from functools import cache

import numpy as np

from scenarios import KPIS, Scenario
from sim.engine.counts import channel_counts, person_counts
from sim.kpis.mechanisms import Part, is_there
from sim.output.year import PEOPLE_STATE
from tiermix.core.arrays import AnyArray

Sums = dict[str, AnyArray]


def ratio(above: AnyArray, below: AnyArray) -> AnyArray:
    """Quotient, not a number where there is nothing to divide by."""
    empty = np.full(np.shape(above), np.nan)
    return np.asarray(np.divide(above, below, out=empty, where=below != 0))


SUMS = {
    **{name: name for name in KPIS},
    "spend": "spend",
    "reach": "reached",
    "awareness": "aware",
    "active_customers": "active",
    "email_sales": "message_revenue",
}
RATIOS = {
    "cac": ("spend", "new_customers"),
    "cost_per_signup": ("spend", "signups"),
    "conversion_rate": ("conversions", "visits"),
    "lead_conversion_rate": ("leads_won", "leads_held"),
    "cross_lead_conversion_rate": ("cross_leads_won", "cross_leads_held"),
    "click_rate": ("clicks", "impressions"),
    "engagement_rate": ("engaged_touches", "noticed"),
    "cross_channel_engagement": ("engaged_cross", "engaged"),
    "drive_to_core": ("driven", "engaged_tier_2"),
    "brand_consistency": ("agreed", "compared"),
    "repurchase_rate": ("repeaters", "buyers"),
    "email_click_rate": ("message_clicks", "messages"),
    "niche_penetration": ("niche_aware", "niche_members"),
    "satisfaction": ("satisfaction_points", "answers"),
    "false_new_visitors": ("false_ids", "new_ids"),
}
ESTIMATED = {"ltv": {"all", "persona", "month", "quarter"}, "insight": {"all", "tier", "channel"}}
"""KPIs that need more than sums, and the kinds of scope that have them."""


def kpi_values(sums: Sums) -> Sums:
    """Every KPI that these sums allow; definitions as in `scenarios.kpis`."""
    x = dict(sums)
    out = {kpi: x[name] for kpi, name in SUMS.items() if name in x}
    if "margin" in x and "spend" in x:
        surplus = x["margin"] - x["spend"]
        out["profit"] = surplus - x.get("overheads", 0.0)
        out["roi"] = ratio(surplus, x["spend"])
    if "elsewhere" in x:
        out["market_share"] = ratio(x["conversions"], x["conversions"] + x["elsewhere"])
    if "answers" in x:
        out["nps"] = 100.0 * ratio(x["promoters"] - x["detractors"], x["answers"])
    for kpi, (above, below) in RATIOS.items():
        if above in x and below in x:
            out[kpi] = ratio(x[above], x[below])
    return out


def summed_kpis(scenario: Scenario, scope: str = "all") -> frozenset[str]:
    """Names of the KPIs, and `spend`, of a scope that follow from sums of what happened alone."""
    part = part_of(scenario, scope)
    return frozenset(k for k in _of_sums(scope.partition(":")[0]) if is_there(k, part))


@cache
def _of_sums(kind: str) -> tuple[str, ...]:
    """The KPIs that follow from the sums of a kind of scope."""
    channel = {*channel_counts.NAMES, "engaged_touches", "engaged_tier_2", "spend"} - {"engaged"}
    channel |= {"message_clicks", "message_revenue"}
    person = {*person_counts.NAMES, "conversions", "satisfaction_points"} - {
        "orders",
        "satisfaction",
    }
    parts = {
        "all": channel | person | set(PEOPLE_STATE),
        "month": channel | person,
        "quarter": channel | person,
        "persona": person | set(PEOPLE_STATE),
        "tier": channel | {"reached"},
        "channel": channel | {"reached"},
    }[kind]
    return tuple(kpi_values({name: np.ones(1) for name in parts}))


def measured_kpis(scenario: Scenario, scope: str = "all") -> frozenset[str]:
    """Names of the KPIs, and `spend`, that a scope has, such as `all`, `tier:2` or `quarter`.

    A KPI whose mechanism the scenario lacks (no desk, nobody is asked) is not among them.
    """
    kind, part = scope.partition(":")[0], part_of(scenario, scope)
    more = {kpi for kpi, kinds in ESTIMATED.items() if kind in kinds and is_there(kpi, part)}
    return summed_kpis(scenario, scope) | more


def part_of(scenario: Scenario, scope: str) -> Part:
    """The channels and personas that a scope speaks of; all of them where it names none."""
    kind, _, name = scope.partition(":")
    channels = [
        c
        for c in scenario.channels
        if not name or {"tier": str(c.tier), "channel": c.name}.get(kind, name) == name
    ]
    personas = [p for p in scenario.personas if kind != "persona" or name in ("", p.name)]
    return Part(scenario, channels, personas)
