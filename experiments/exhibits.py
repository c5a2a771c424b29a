"""Exhibits: what a report shows beside the comparison, drawn from plans, curves and settings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from experiments.compare import Study
from experiments.comparison import Comparison
from experiments.evidence import Evidence
from optimize import ResponseCurves
from optimize.outlook import Outlook
from scenarios import MediaPlan, Scenario

GRID = np.linspace(0.0, 2.2, 23)
"""Where a channel's curve is drawn: its money of the year against last year's."""
DRAWS = 60

LIMITS = (
    "The market is simulated: sizes follow from the scenario's numbers, most of which are assumed "
    "until they are calibrated on a history of your own.",
    "A channel's curve holds while the other channels stay near last year's plan; what channels do "
    "for one another is inside the market, not inside the linear program.",
    "The program plans on the planned year and on what its money still brings afterwards; the "
    "strategies are judged on the planned year alone.",
    "Attribution truth is removal: the year with a channel less the same year without it. Such "
    "effects need not add up to all conversions.",
    "Not simulated yet: content wear-out, the sales and service desk, referrals and reviews, "
    "stock-outs, platform commissions.",
)


def evidence(scenario: Scenario, found: Study, credit: pd.DataFrame) -> Evidence:
    """What the report shows beside the comparison."""
    comparison = found.comparison
    best = found.choices[comparison.best().strategy][0]
    curves = found.known or best.curves
    table = points = None
    if curves is not None:
        table, points = curve_pictures(scenario, curves, best.media)
    return Evidence(
        title=scenario.title,
        title_zh=scenario.title_zh,
        about=scenario.about,
        channels=pd.DataFrame(
            [(c.name, c.name.replace("_", " "), c.name_zh, c.tier) for c in scenario.channels],
            columns=["channel", "label", "label_zh", "tier"],
        ),
        prices=best.plan.shadow_prices if best.plan else None,
        curves=table,
        points=points,
        response_unit=f"{scenario.objective} a month",
        attribution=credit,
        sampling=sampling(scenario, comparison),
        provenance={
            "scenario": scenario.name,
            "scenario hash": scenario.hash,
            "seed": comparison.seed,
            **notes(found),
        },
        limits=LIMITS,
    )


def notes(found: Study) -> dict[str, str]:
    """What a strategy had to say about its plans, such as that it found none."""
    said = {
        name: [choice.note for choice in mine if choice.note]
        for name, mine in found.choices.items()
    }
    return {
        f"note on {name}": f"in {len(lines)} of {len(found.choices[name])} worlds: {lines[0]}"
        for name, lines in said.items()
        if lines
    }


def sampling(scenario: Scenario, comparison: Comparison) -> dict[str, str | float]:
    """How much was simulated, and what error that leaves."""
    years = comparison.replications * (1 + len(comparison.strategies))
    people = scenario.market_size / comparison.customers
    return {
        "worlds drawn": comparison.replications,
        "customers in each market": comparison.customers,
        "people behind each customer": round(people, 1),
        "market years of the comparison": years,
    }


def curve_pictures(
    scenario: Scenario, curves: ResponseCurves, plan: MediaPlan
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Curves `channel, spend, response, low, high` and points, as money and response per month.

    A channel's money of the year is scaled while all others stay at the reference plan; the
    response is the difference to a year without its money. Bands are 90 % of the curves' draws.
    """
    outlook = Outlook(scenario, curves)
    kpi = scenario.objective
    if kpi not in outlook.constants:
        kpi = curves.kpis[0]
    reference = outlook.spend_of(scenario.reference_plan)
    frames, points = [], []
    for c, name in enumerate(outlook.channels):
        today = float(reference[c].sum())
        if today <= 0 or name not in curves.channels:
            continue
        rows = _curve(outlook, kpi, reference, c, GRID, curves.draws)
        frames.append(pd.DataFrame(rows).assign(channel=name, spend=GRID * today / 12))
        factor = float(plan.by_channel.get(name, 0.0)) / today
        for point, where in (("today", 1.0), ("planned", factor)):
            value = _curve(outlook, kpi, reference, c, [where], 0)["response"][0]
            points.append((name, point, where * today / 12, value))
    table = pd.concat(frames, ignore_index=True)[["channel", "spend", "response", "low", "high"]]
    return table, pd.DataFrame(points, columns=["channel", "point", "spend", "response"])


def _curve(
    outlook: Outlook,
    kpi: str,
    reference: np.ndarray,
    channel: int,
    factors: Sequence[float] | np.ndarray,
    draws: int,
) -> dict[str, np.ndarray]:
    plans = [_scaled(reference, channel, factor) for factor in (0.0, *factors)]
    level = np.array([outlook.kpi(kpi, plan)[:-1].sum() for plan in plans])
    response = (level[1:] - level[0]) / 12
    if not draws:
        return {"response": response, "low": response, "high": response}
    drawn = np.array(
        [
            [outlook.kpi_drawn(kpi, plan, d)[:-1].sum() for plan in plans]
            for d in range(min(draws, DRAWS))
        ]
    )
    spread = (drawn[:, 1:] - drawn[:, :1]) / 12
    low, high = np.quantile(spread, [0.05, 0.95], axis=0)
    return {"response": response, "low": low, "high": high}


def _scaled(reference: np.ndarray, channel: int, factor: float) -> np.ndarray:
    plan = reference.copy()
    plan[channel] *= factor
    return plan
