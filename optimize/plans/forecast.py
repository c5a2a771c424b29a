"""What a plan is expected to bring, on the true curves, with the interval of their ensemble."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.special import ndtri

from optimize.curves.curves import ResponseCurves
from optimize.model.protocols import Planning
from optimize.model.response_model import ResponseModel
from scenarios import KPIS, MediaPlan
from tiermix.core.arrays import Floats

GOLDEN = 0.5 * (5**0.5 - 1)
ENOUGH = 40  # draws that give a 90 % interval to about a seventh of its width


def expected(response_model: ResponseModel, spend: Floats) -> dict[str, float]:
    """Every KPI of the planned year that the curves speak of, and what follows from them."""
    year = np.append(np.ones(len(response_model.months)), 0.0)
    known = {kpi: response_model.total(kpi, spend, year) for kpi in _kpis(response_model)}
    return _completed(known, response_model, spend)


def by_month(response_model: ResponseModel, spend: Floats) -> dict[str, list[float]]:
    """Every KPI that the curves speak of, by planned month (people reached add up to more)."""
    every = np.eye(len(response_model.months) + 1)[:-1]
    return {
        kpi: [response_model.total(kpi, spend, m) for m in every] for kpi in _kpis(response_model)
    }


def interval(
    response_model: ResponseModel, spend: Floats, level: float = 0.9
) -> dict[str, tuple[float, float]]:
    """Central interval of every KPI over the curves' draws; nothing without an ensemble.

    It says how well the curves and the level that they are tied to are known, not how the year will
    vary.
    """
    draws = min(response_model.curves.draws, ENOUGH)
    if not draws:
        return {}
    # Errors of the level are normal, one draw of them for all KPIs, as a market is large or small.
    # They take every quantile once, in an order that has nothing to do with that of the curves.
    luck = ndtri((np.argsort(np.arange(draws) * GOLDEN % 1.0) + 0.5) / draws)
    error = response_model.curves.level_error
    years = {
        kpi: _drawn_year(response_model, kpi, spend, draws) + luck * error.get(kpi, 0.0)
        for kpi in _kpis(response_model)
    }
    found = [
        _completed({kpi: float(year[d]) for kpi, year in years.items()}, response_model, spend)
        for d in range(draws)
    ]
    tails = [(1 - level) / 2, (1 + level) / 2]
    # A ratio to what may be nothing has no end: draws in which it is nothing have no such figure.
    told = [kpi for kpi in found[0] if all(kpi in one for one in found)]
    bounds = {kpi: np.quantile([one[kpi] for one in found], tails) for kpi in told}
    return {kpi: (float(low), float(high)) for kpi, (low, high) in bounds.items()}


def _kpis(response_model: ResponseModel) -> list[str]:
    """What the curves speak of, and sums over personas."""
    return [*response_model.constants, *response_model.curves.groups]


def _drawn_year(response_model: ResponseModel, kpi: str, spend: Floats, draws: int) -> Floats:
    """A KPI of the planned year under each draw [D]."""
    total = np.zeros(draws)
    for part in response_model.parts_of(kpi):
        exposed = response_model.kpi_draws(part, spend, draws)[:, :-1].sum(axis=1)
        total += response_model.saturated(part, exposed)
    return total


def forecast(scenario: Planning, curves: ResponseCurves, plan: MediaPlan) -> dict[str, float]:
    """KPIs of the planned year under any media plan, according to the curves."""
    response_model = ResponseModel(scenario, curves)
    return expected(response_model, response_model.spend_of(plan))


def _completed(
    known: dict[str, float], response_model: ResponseModel, spend: Floats
) -> dict[str, float]:
    """With spend, profit and the ratios that follow."""
    known["spend"] = float(response_model.total_spend(spend).sum())
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
