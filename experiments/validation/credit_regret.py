"""What it costs to plan on a model's credit: the same budget, one mapping, a market of fresh luck.

The mapping from credit to curves is `hill_at_last_year`: in every month a Hill curve with the
scenario's nominal half and slope, scaled so that last year's money brings what the channel was
credited with. The plan from true credit goes through the same mapping, so that what is wrong with
the shape is not charged to attribution.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from optimize import Curve, ResponseCurves, allocate
from scenarios import Channel, MediaPlan, Scenario
from sim import Arm, Attachment, Setting, by_community, simulate_arms, simulate_histories

TRUE_CREDIT, LAST_YEAR, MEASURED = "(true credit)", "(last year)", "(measured curves)"
GAP = 1e-3
"""How far a plan may be from the best on its own curves, relative: far below what is compared."""
LEAST, MOST = -0.6, 1.0
"""How far a channel may move from last year's money."""


def bare(scenario: Scenario) -> Scenario:
    """The scenario's planning problem with nothing but the budget and bounds by channel."""
    bounds = {"kind": "channel_bounds", "name": "bounds", "basis": "last_year"}
    rules = [{"kind": "budget", "name": "budget"}, {**bounds, "least": LEAST, "most": MOST}]
    data = scenario.model_dump(mode="json") | {"rules": rules, "goals": [], "objective": "margin"}
    return Scenario.model_validate(data)


def hill_at_last_year(
    scenario: Scenario, credit: Mapping[str, float], margin_per_conversion: float
) -> ResponseCurves:
    """Curves in margin that pass through each channel's credit (conversions) at last year's money.

    Credit below zero counts as none: a program cannot carry a channel that takes sales away.
    """
    plan = scenario.reference_plan
    curves = []
    for name in scenario.plannable:
        unit = _unit_curve(scenario, scenario.channel(name), plan)
        now = float(unit.value(plan.of(name)).sum())
        worth = max(float(credit.get(name, 0.0)), 0.0) * margin_per_conversion
        curves.append(replace(unit, ceiling=worth / now if now > 0 else 0.0))
    found = ResponseCurves(tuple(curves), scenario.months, source="credit, hill at last year")
    # A model may credit a single channel, whose nominal half lies anywhere.
    return replace(found, unit_known=True)


def _unit_curve(scenario: Scenario, channel: Channel, plan: MediaPlan) -> Curve:
    """A monthly curve of ceiling 1; what is paid per event is taken to be at half pressure now."""
    shares = {region.name: region.share for region in scenario.regions}
    reached = sum(shares[name] for name in channel.regions or shares)
    half = channel.half * scenario.market_size * reached / 12.0
    if channel.capped:
        half = max(plan.by_channel[channel.name] / 12.0, 1.0)
    return Curve(channel.name, "margin", "hill", 1.0, half, channel.slope)


def plan_from_credit(
    scenario: Scenario, credit: Mapping[str, float], margin_per_conversion: float
) -> MediaPlan:
    """The best plan under budget and bounds if credit were the truth; see `hill_at_last_year`.

    Where no channel with money is credited with anything every plan looks the same, so that
    nothing speaks for a change: last year's is kept.
    """
    curves = hill_at_last_year(scenario, credit, margin_per_conversion)
    if not any(curve.ceiling > 0 for curve in curves.curves):
        return scenario.reference_plan.scaled_to(scenario.budget)
    return allocate(bare(scenario), curves, gap=GAP, calm=False, explain=False).media


def judged(
    world: Scenario,
    plans: Mapping[str, MediaPlan],
    *,
    customers: int,
    seed: int,
    attachments: tuple[Attachment, ...] = (),
) -> dict[str, float]:
    """Margin of the planned year under each plan: one market, the same people and luck for all."""
    setting = Setting(world, customers, seed, attachments=attachments)
    past = simulate_histories([setting], workers=1)[0]
    years = simulate_arms([past], [[Arm(plan) for plan in plans.values()]], workers=1)[0]
    return {
        name: float(by_community(year, "margin").sum())
        for name, year in zip(plans, years, strict=True)
    }
