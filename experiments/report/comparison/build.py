"""Exhibits: what a report shows beside the comparison, drawn from plans, curves and settings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from experiments.comparison.result import Comparison
from experiments.comparison.run import Study
from experiments.report.comparison.data import Evidence
from optimize import ResponseCurves
from scenarios import MediaPlan, Scenario

Array = np.ndarray[Any, np.dtype[np.float64]]
GRID = np.linspace(0.0, 2.2, 23)
"""Where a channel's curve is drawn: its money of the year against last year's."""
DRAWS = 24

LIMITS = (
    "The market is simulated: sizes follow from the scenario's numbers, most of which are assumed "
    "until they are calibrated on a history of your own.",
    "A channel's curve holds while the other channels stay near last year's plan; what channels do "
    "for one another is inside the market, not inside the linear program.",
    "The program plans on the planned year and on what its money still brings afterwards; the "
    "strategies are judged on the planned year alone.",
    "Only the optimized plans are held to the scenario's rules; equal, last-click and tiered "
    "splits may break them.",
    "Attribution truth is removal: the year with a channel less the same year without it. Such "
    "effects need not add up to all conversions.",
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

    The response is that of a month in the mean of the year when the money is kept up, against a
    month without it. Bands are 90 % of the curves' draws.
    """
    kpi = scenario.objective if scenario.objective in curves.kpis else curves.kpis[0]
    frames, points = [], []
    for name in scenario.plannable:
        today = scenario.reference_plan.by_channel[name] / 12
        if today <= 0 or name not in curves.channels:
            continue
        spend = GRID * today
        low, high = _band(curves, name, kpi, spend)
        response = _monthly(curves, name, kpi, spend)
        columns = {"spend": spend, "response": response, "low": low, "high": high}
        frames.append(pd.DataFrame({"channel": name, **columns}))
        planned = plan.by_channel.get(name, 0.0) / 12
        for point, money in (("today", today), ("planned", planned)):
            value = _monthly(curves, name, kpi, np.array([money]))[0]
            points.append((name, point, money, value))
    table = pd.concat(frames, ignore_index=True)
    return table, pd.DataFrame(points, columns=["channel", "point", "spend", "response"])


def _monthly(curves: ResponseCurves, channel: str, kpi: str, spend: Array) -> Array:
    """Mean over the months of a channel's curve at a monthly spend [n]."""
    found = [curves.get(channel, kpi, month) for month in curves.months]
    return np.asarray(np.mean([c.value(spend) for c in found if c is not None], axis=0))


def _band(curves: ResponseCurves, channel: str, kpi: str, spend: Array) -> tuple[Array, Array]:
    """5th and 95th percentile over draws; the curve itself where there are none."""
    draws = range(min(curves.draws, DRAWS))
    if not draws:
        response = _monthly(curves, channel, kpi, spend)
        return response, response
    mine = replace(curves, curves=tuple(c for c in curves.curves if c.channel == channel))
    drawn = [_monthly(mine.draw(d), channel, kpi, spend) for d in draws]
    low, high = np.quantile(drawn, [0.05, 0.95], axis=0)
    return low, high
