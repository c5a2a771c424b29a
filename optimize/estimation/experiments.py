"""Curves from designed experiments: each channel's spend times a few multipliers, what came of it.

For given half h and shape s the response is linear in the ceiling A, so its posterior is normal;
h and s are integrated over a grid. What comes out is a Hill curve per channel and KPI, concave
(s ≤ 1), with draws of (A, h, s).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from optimize.curves.curve import Curve
from optimize.curves.curves import UNTRIED, ResponseCurves
from optimize.errors import AllocationError
from optimize.estimation.season import seasons_of
from optimize.model.calendar import Calendar, row_of
from optimize.model.protocols import Planning
from optimize.model.response_model import anchored
from tiermix.core.arrays import Floats

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("channel", "kpi", "multiplier", "difference", "se")
# Half-saturation as a multiple of typical spend, log-normal around 1 (Jin et al. 2017 start from
# 0.8), wide enough for a factor of seven either way at two standard deviations.
HALVES = np.geomspace(0.05, 20.0, 41)
HALF_SPREAD = 1.0
SHAPES = np.array([0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
# No experiment is taken to be surer than this share of the largest effect seen: a Hill curve is a
# simplification, and its misfit must not pass for knowledge.
MISFIT = 0.02
# Pairs that never differed have an error of 0, yet no experiment is surer than this of the KPI.
LEAST_ERROR = 1e-5


@dataclass(frozen=True)
class _Grid:
    """Unit responses (ceiling 1) of every (half, shape) to every multiplier [G, E]."""

    half: Floats
    shape: Floats
    response: Floats


def fit_curves(
    experiments: pd.DataFrame,
    scenario: Planning,
    level: Mapping[str, Sequence[float] | Floats],
    *,
    last_year: Mapping[str, float] | None = None,
    seasonal: bool = True,
    seasons: Mapping[str, Floats] | None = None,
    draws: int = 200,
    seed: int = 0,
    source: str = "experiments in the market",
    trial: Mapping[str, Sequence[float] | Floats] | None = None,
) -> ResponseCurves:
    """Concave curves around the reference plan, with draws for intervals.

    `experiments` has one row for each channel, KPI and multiplier of its reference spend, with the
    `difference` in the year's KPI against the reference plan and its standard error `se`; where it
    has none, of its `trial` spend by planned month [M]. `level` is the KPI under the reference plan
    by planned month [M]; with `seasonal` a channel's response follows the KPI's season, that of its
    level unless `seasons` [M], mean 1, tell it better (see `seasons_of`). Raises `AllocationError`
    for missing columns or unusable values.
    """
    _check(experiments, scenario, level)
    rng = np.random.default_rng(seed)
    levels = {kpi: np.asarray(values, dtype=float) for kpi, values in level.items()}
    told = seasons_of(levels, {}) | dict(seasons or {})
    flat = np.ones(len(scenario.months))
    curves: list[Curve] = []
    for (channel, kpi), rows in experiments.groupby(["channel", "kpi"], sort=False):
        season = told[str(kpi)] if seasonal else flat
        factors = rows["multiplier"].to_numpy(float)
        spends, typical = _effective(
            scenario, str(channel), factors, (trial or {}).get(str(channel))
        )
        grid = _grid(spends, typical, season)
        seen, se = (rows[name].to_numpy(float) for name in ("difference", "se"))
        se = np.maximum(se, LEAST_ERROR * np.abs(levels[str(kpi)]).sum())
        sampled = _posterior(grid, seen, se, draws, rng)
        curves += _monthly(scenario, str(channel), str(kpi), sampled, season)
    curves += idle_curves(scenario, levels, tried=tuple(trial or ()))
    known = last_year if last_year is not None else {k: float(v.sum()) for k, v in levels.items()}
    bare = ResponseCurves(
        tuple(curves), tuple(scenario.months), last_year=dict(known), source=source
    )
    return anchored(bare, scenario, levels)


def _effective(
    scenario: Planning,
    channel: str,
    multipliers: Floats,
    trial: Sequence[float] | Floats | None,
) -> tuple[Floats, float]:
    """Effective spend by planned month under each multiplier and the reference, [E + 1, M].

    Multipliers are of the reference spend, or of the `trial` of a channel that had none. The second
    answer is the effective spend of a month that is usual: in the reference, or with the trial.
    """
    retention = next(c.retention for c in scenario.channels if c.name == channel)
    calendar = Calendar(scenario, retention > 0)
    kernel = calendar.effective((channel, retention, "day"))
    inside = slice(calendar.history, calendar.history + len(calendar.months))
    reference = row_of(scenario.reference_plan, channel, calendar.months)
    spend = reference if trial is None else np.asarray(trial, dtype=float)
    kept, stock = kernel.fixed[inside], kernel.weights[inside]
    spends = np.vstack([kept + factor * (stock @ spend) for factor in multipliers])
    spends = np.vstack([spends, kept + stock @ reference])
    usual = kept + stock @ spend
    typical = float(
        usual.mean() if trial is None else usual[usual > 0].sum() / max(sum(usual > 0), 1)
    )
    if typical <= 0:
        raise AllocationError(
            f"{channel} has no money in the reference plan, so multiplying it is no experiment; "
            "give last year some spend there, a `trial` spend, or its curve in a table."
        )
    return spends, typical


def _grid(spends: Floats, typical: float, season: Floats) -> _Grid:
    """What one unit of ceiling would make of each experiment, over the grid of half and shape."""
    half, shape = (x.ravel() for x in np.meshgrid(HALVES * typical, SHAPES, indexing="ij"))
    power = (spends[None] / half[:, None, None]) ** shape[:, None, None]
    yearly = (power / (1 + power)) @ season
    return _Grid(half, shape, yearly[:, :-1] - yearly[:, -1:])


def _posterior(
    grid: _Grid, seen: Floats, se: Floats, draws: int, rng: np.random.Generator
) -> Floats:
    """Draws [D, 3] of (ceiling, half, shape), the first one being the point estimate."""
    noise = np.hypot(se, MISFIT * np.abs(seen).max(initial=0.0)) + 1e-300
    weighted, target = grid.response / noise, seen / noise
    precision = np.maximum((weighted**2).sum(axis=1), 1e-300)
    mean = (weighted @ target) / precision
    spread = precision**-0.5
    # Flat prior on ceilings ≥ 0: the part of the normal above 0 belongs to the evidence.
    positive = np.maximum(ndtr(mean / spread), 1e-300)
    misfit = ((target - mean[:, None] * weighted) ** 2).sum(axis=1)
    middle = np.log(np.median(grid.half))
    log_weight = -0.5 * misfit + np.log(spread * positive)
    log_weight -= 0.5 * ((np.log(grid.half) - middle) / HALF_SPREAD) ** 2
    # A flat prior on the ceiling would favour curves far from saturation, whose ceilings are large;
    # flat in the effect at the anchor is what is meant.
    log_weight += np.log(np.maximum(np.abs(grid.response).max(axis=1), 1e-300))
    weight = np.exp(log_weight - log_weight.max())
    at = rng.choice(len(weight), size=draws, p=weight / weight.sum())
    uniform = rng.uniform(1 - positive[at], 1.0)
    ceiling = mean[at] + spread[at] * ndtri(np.clip(uniform, 1e-15, 1 - 1e-15))
    found = np.column_stack([np.maximum(ceiling, 0.0), grid.half[at], grid.shape[at]])
    return np.vstack([_point(grid, weight, mean, spread), found])


def _point(grid: _Grid, weight: Floats, mean: Floats, spread: Floats) -> Floats:
    """The best half and shape with their expected ceiling."""
    best = int(np.argmax(weight))
    ratio = mean[best] / spread[best]
    tail = np.exp(-0.5 * ratio**2) / np.sqrt(2 * np.pi) / max(float(ndtr(ratio)), 1e-12)
    ceiling = max(mean[best] + spread[best] * tail, 0.0)
    return np.array([ceiling, grid.half[best], grid.shape[best]])


def _monthly(
    scenario: Planning, channel: str, kpi: str, sampled: Floats, season: Floats
) -> list[Curve]:
    """One curve for all months, or one for each where the KPI has a season."""
    retention = next(c.retention for c in scenario.channels if c.name == channel)
    months: list[tuple[str | None, float]] = [(None, 1.0)]
    if not np.allclose(season, 1.0):
        months = list(zip(scenario.months, season.tolist(), strict=True))
    return [
        Curve(
            channel,
            kpi,
            "hill",
            float(sampled[0, 0] * factor),
            float(sampled[0, 1]),
            float(sampled[0, 2]),
            carry_over=retention,
            carry_per="day",
            month=month,
            draws=sampled[1:] * [factor, 1.0, 1.0],
        )
        for month, factor in months
    ]


def idle_curves(
    scenario: Planning, kpis: Iterable[str], tried: tuple[str, ...] = ()
) -> list[Curve]:
    """Curves of nothing for channels without money in the reference plan: nobody tried them."""
    plan = scenario.reference_plan
    spent = {name: row_of(plan, name, tuple(scenario.months)).sum() for name in scenario.plannable}
    used = [x / len(scenario.months) for x in spent.values() if x > 0]
    half = float(np.mean(used)) if used else 1.0
    return [
        Curve(name, kpi, "hill", 0.0, half, evidence=UNTRIED)
        for name, money in spent.items()
        if money == 0 and name not in tried
        for kpi in kpis
    ]


def _check(
    experiments: pd.DataFrame, scenario: Planning, level: Mapping[str, Sequence[float] | Floats]
) -> None:
    missing = [name for name in COLUMNS if name not in experiments]
    if missing:
        raise AllocationError(
            f"the table of experiments lacks the column {missing[0]!r}; it has "
            f"{', '.join(COLUMNS)}."
        )
    unknown = sorted(set(experiments["channel"]) - set(scenario.plannable))
    if unknown:
        raise AllocationError(
            f"the table of experiments has the channel {unknown[0]!r}; use one of "
            f"{', '.join(scenario.plannable)}."
        )
    bare = sorted(set(experiments["kpi"]) - set(level))
    if bare:
        raise AllocationError(f"no level by month is given for {bare[0]}; add it to `level`.")
    for kpi, values in level.items():
        if not np.any(values):
            raise AllocationError(
                f"{kpi} is 0 in all months of the reference plan, so experiments show nothing of "
                "it; simulate more customers (`customers`), or leave it out."
            )
        if len(values) != len(scenario.months) or not np.isfinite(values).all():
            raise AllocationError(
                f"the level of {kpi} has to be {len(scenario.months)} finite numbers, one a month."
            )
    numbers = experiments[["multiplier", "difference", "se"]].to_numpy(dtype=float)
    bad = ~np.isfinite(numbers).all(axis=1) | (numbers[:, 0] < 0) | (numbers[:, 2] < 0)
    if bad.any():
        row = experiments.iloc[int(np.argmax(bad))]
        raise AllocationError(
            f"the experiment on {row['channel']} for {row['kpi']} has multiplier "
            f"{row['multiplier']}, difference {row['difference']}, se {row['se']}; all have to be "
            "finite, multiplier and se at least 0."
        )
