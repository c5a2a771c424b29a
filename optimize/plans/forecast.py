"""What a plan is expected to bring, on the true curves, with the interval of their ensemble."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from optimize.curves.curves import ResponseCurves
from optimize.model.protocols import Planning
from optimize.model.response_model import Outlook
from scenarios import KPIS, MediaPlan

Array = NDArray[np.float64]
ENOUGH = 40  # draws that give a 90 % interval to about a seventh of its width


def expected(outlook: Outlook, spend: Array) -> dict[str, float]:
    """Every KPI of the planned year that the curves speak of, and what follows from them."""
    year = np.append(np.ones(len(outlook.months)), 0.0)
    known = {kpi: outlook.total(kpi, spend, year) for kpi in _kpis(outlook)}
    return _completed(known, outlook, spend)


def by_month(outlook: Outlook, spend: Array) -> dict[str, list[float]]:
    """Every KPI that the curves speak of, by planned month (people reached add up to more)."""
    every = np.eye(len(outlook.months) + 1)[:-1]
    return {kpi: [outlook.total(kpi, spend, m) for m in every] for kpi in _kpis(outlook)}


def interval(outlook: Outlook, spend: Array, level: float = 0.9) -> dict[str, tuple[float, float]]:
    """Central interval of every KPI over the curves' draws; nothing without an ensemble.

    It says how well the curves are known, not how the year will vary.
    """
    draws = min(outlook.curves.draws, ENOUGH)
    if not draws:
        return {}
    years = {kpi: _drawn_year(outlook, kpi, spend, draws) for kpi in _kpis(outlook)}
    found = [
        _completed({kpi: float(year[d]) for kpi, year in years.items()}, outlook, spend)
        for d in range(draws)
    ]
    tails = [(1 - level) / 2, (1 + level) / 2]
    bounds = {kpi: np.quantile([f[kpi] for f in found], tails) for kpi in found[0]}
    return {kpi: (float(low), float(high)) for kpi, (low, high) in bounds.items()}


def _kpis(outlook: Outlook) -> list[str]:
    """What the curves speak of, and sums over personas."""
    return [*outlook.constants, *outlook.curves.groups]


def _drawn_year(outlook: Outlook, kpi: str, spend: Array, draws: int) -> Array:
    """A KPI of the planned year under each draw [D]."""
    total = np.zeros(draws)
    for part in outlook.parts_of(kpi):
        exposed = outlook.kpi_draws(part, spend, draws)[:, :-1].sum(axis=1)
        total += outlook.saturated(part, exposed)
    return total


def forecast(scenario: Planning, curves: ResponseCurves, plan: MediaPlan) -> dict[str, float]:
    """KPIs of the planned year under any media plan, according to the curves."""
    outlook = Outlook(scenario, curves)
    return expected(outlook, outlook.spend_of(plan))


def _completed(known: dict[str, float], outlook: Outlook, spend: Array) -> dict[str, float]:
    """With spend, profit and the ratios that follow."""
    known["spend"] = float(outlook.total_spend(spend).sum())
    if "margin" in known:
        known.setdefault("profit", known["margin"] - known["spend"])
    return known | _ratios(known)


def _ratios(known: Mapping[str, float]) -> dict[str, float]:
    found = {}
    for name, kpi in KPIS.items():
        if len(kpi.parts) == 2 and all(part in known for part in kpi.parts):
            above, below = (known[part] for part in kpi.parts)
            above -= below if name == "roi" else 0.0
            if below > 0 and name not in known:
                found[name] = above / below
    return found
