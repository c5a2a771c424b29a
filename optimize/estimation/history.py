"""Curves from what a company sees: last year's weekly aggregates by region.

    log y_rw = region_r + week_w + Σ_c b_c · g_c(x_crw) + noise
    g(x) = (1 + κ) z / (κ + z),  z = stock of x over its mean,  then a weekly carry-over λ

Week effects take the season away, so what is left to learn from is how spend varied *between
regions*. κ and λ are drawn from their priors and weighted by how well the data bear them out
(importance sampling); given them, b has a normal posterior, cut at 0. Priors on b come from
published short-run elasticities, whose mean is 0.09 to 0.12 (Sethuraman, Tellis and Briesch 2011;
Henningsen, Heuke and Clement 2011); Jin et al. 2017 give the shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from optimize.curves.curve import Curve
from optimize.curves.curves import ResponseCurves
from optimize.estimation.panel import Panel
from optimize.model.calendar import Calendar, row_of
from optimize.model.protocols import Planning
from optimize.model.response_model import anchored
from scenarios import KPIS
from tiermix.core.arrays import Floats

if TYPE_CHECKING:
    import pandas as pd

MEASURED = ("conversions", "revenue", "visits")
MONEY = ("margin", "email_sales")  # move with revenue; all other KPIs with conversions
# Profit follows from margin and spend; what adds up has a curve of its own.
DERIVED = {kpi.name for kpi in KPIS.values() if kpi.rule == "sum"} - {"profit"}
# The published mean is of a brand's advertising as a whole; it is shared out over the channels in
# proportion to the root of their spend, between even shares and shares of spend.
ELASTICITY = 0.12
RELATIVE_SPREAD = 1.0
LEAST_SPREAD = 0.01
HALF_SPREAD = 0.7  # of log κ around log 1
LONGEST = 0.8  # weekly λ is uniform up to here (Leone 1995: effects last 6 to 9 months in all)
TRIALS = 600
SWEEPS = 20
MONTH_WEEKS = 365 / 12 / 7


@dataclass(frozen=True)
class Posterior:
    """Draws of b [D, C], κ [D, C] and weekly λ [D], and how many trials the data left standing."""

    share: Floats
    kappa: Floats
    carry: Floats
    effective_trials: float


def fit_aggregates(
    frame: pd.DataFrame,
    scenario: Planning,
    *,
    last_year: Mapping[str, float] | None = None,
    priors: Mapping[str, tuple[float, float]] | None = None,
    draws: int = 100,
    seed: int = 0,
    since: pd.DataFrame | None = None,
) -> ResponseCurves:
    """Curves with draws from `week, region, channel, spend, conversions, revenue[, visits]`.

    `last_year` gives levels of further KPIs: a channel is taken to move margin as it moves revenue,
    and everything else as it moves conversions. `priors` replaces a channel's prior elasticity by
    (mean, standard deviation), for instance from a lift test. `since` are weeks after last year's,
    under another plan: they say more about the channels, and leave levels where last year was.
    Raises `AllocationError` for tables that cannot be read this way.
    """
    kpis = tuple(kpi for kpi in MEASURED if kpi in frame)
    panel = Panel.of(frame, scenario, kpis)
    seen = panel if since is None else panel.longer(frame, since, scenario)
    luck = np.random.default_rng(seed)
    prior = _priors(scenario, priors or {})
    usual = len(panel.weeks)
    found = {kpi: posterior(seen, kpi, scenario, prior, draws, luck, usual) for kpi in kpis}
    months = tuple(scenario.months)
    level = {kpi: panel.by_month(kpi, months) for kpi in kpis}
    for kpi, total in (last_year or {}).items():
        base = "revenue" if kpi in MONEY else "conversions"
        if kpi not in level and kpi in DERIVED and np.isfinite(total):
            level[kpi], found[kpi] = level[base] * total / level[base].sum(), found[base]
    curves = [c for kpi in level for c in _curves(scenario, kpi, found[kpi], level[kpi])]
    known = {kpi: float(values.sum()) for kpi, values in level.items()} | dict(last_year or {})
    bare = ResponseCurves(tuple(curves), months, last_year=known, source="last year's aggregates")
    return anchored(bare, scenario, level)


def posterior(
    panel: Panel,
    kpi: str,
    scenario: Planning,
    prior: tuple[Floats, Floats],
    draws: int,
    luck: np.random.Generator,
    usual: int | None = None,
) -> Posterior:
    """Draws for one KPI; `prior` holds means and standard deviations of elasticities [C].

    Spend counts relative to its mean over the first `usual` weeks (all if None).
    """
    y = _demeaned(np.log(np.maximum(panel.outcomes[kpi], 0.5 * _smallest(panel.outcomes[kpi]))))
    stock = _stocks(panel, scenario, usual)
    kappa = np.exp(luck.normal(0.0, HALF_SPREAD, (TRIALS, stock.shape[2])))
    carry = luck.uniform(0.0, LONGEST, TRIALS)
    designs = [_design(stock, k, c) for k, c in zip(kappa, carry, strict=True)]
    noise = _noise(y, designs[0])
    fits = [
        _Normal.of(x, y.ravel(), noise, *(p * (1 + k) / k for p in prior))
        for x, k in zip(designs, kappa, strict=True)
    ]
    evidence = np.array([fit.evidence for fit in fits])
    weight = np.exp(evidence - evidence.max())
    weight /= weight.sum()
    at = luck.choice(TRIALS, size=draws, p=weight)
    share = np.array([fits[i].draw(luck) for i in at])
    return Posterior(share, kappa[at], carry[at], float(1 / (weight**2).sum()))


@dataclass(frozen=True)
class _Normal:
    """Normal posterior of b: mean [C], precision [C, C], and the log evidence."""

    mean: Floats
    precision: Floats
    evidence: float

    @classmethod
    def of(cls, x: Floats, y: Floats, noise: float, mean: Floats, spread: Floats) -> _Normal:
        prior = np.diag(spread**-2.0)
        precision = x.T @ x / noise + prior
        right = x.T @ y / noise + prior @ mean
        centre = np.linalg.solve(precision, right)
        _, logdet = np.linalg.slogdet(precision)
        evidence = 0.5 * (right @ centre - mean @ prior @ mean - logdet) - np.log(spread).sum()
        return cls(np.asarray(centre, dtype=float), precision, float(evidence))

    def draw(self, luck: np.random.Generator) -> Floats:
        """One draw with every b ≥ 0, by Gibbs sweeps over the channels."""
        b = np.maximum(self.mean, 1e-6)
        for _ in range(SWEEPS):
            for c in range(len(b)):
                width = self.precision[c, c] ** -0.5
                rest = self.precision[c] @ (b - self.mean) - self.precision[c, c] * (
                    b[c] - self.mean[c]
                )
                centre = self.mean[c] - rest / self.precision[c, c]
                low = float(ndtr(-centre / width))
                at = min(max(luck.uniform(low, 1.0), 1e-12), 1 - 1e-12)
                b[c] = max(centre + width * float(ndtri(at)), 0.0)
        return b


def _priors(scenario: Planning, given: Mapping[str, tuple[float, float]]) -> tuple[Floats, Floats]:
    spend = [scenario.last_year.by_channel.get(name, 0.0) for name in scenario.plannable]
    root = np.sqrt(np.maximum(spend, 0.0))
    mean = ELASTICITY * root / max(root.sum(), 1e-300)
    spread = np.maximum(RELATIVE_SPREAD * mean, LEAST_SPREAD)
    for i, name in enumerate(scenario.plannable):
        mean[i], spread[i] = given.get(name, (mean[i], spread[i]))
    return mean, spread


def _stocks(panel: Panel, scenario: Planning, usual: int | None) -> Floats:
    """Weekly stock of each channel's spend over its usual mean [R, W, C], by daily retention."""
    kept = {c.name: c.retention**7 for c in scenario.channels}
    stock = panel.spend.copy()
    for c, name in enumerate(panel.channels):
        for week in range(1, stock.shape[1]):
            now = (1 - kept[name]) * panel.spend[:, week, c]
            stock[:, week, c] = kept[name] * stock[:, week - 1, c] + now
    mean = stock[:, :usual].mean(axis=1, keepdims=True)
    ratio: Floats = stock / np.where(mean > 0, mean, 1.0)
    return ratio


def _design(stock: Floats, kappa: Floats, carry: float) -> Floats:
    """The regressors [R·W, C]: saturated, carried over, free of region and week effects."""
    response = (1 + kappa) * stock / (kappa + stock)
    for week in range(1, response.shape[1]):
        response[:, week] = carry * response[:, week - 1] + (1 - carry) * response[:, week]
    return _demeaned(response).reshape(-1, stock.shape[2])


def _demeaned(x: Floats) -> Floats:
    """Free of region and week means (two-way within transformation of a balanced panel)."""
    centred: Floats = (
        x
        - x.mean(axis=0, keepdims=True)
        - x.mean(axis=1, keepdims=True)
        + x.mean(axis=(0, 1), keepdims=True)
    )
    return centred


def _noise(y: Floats, x: Floats) -> float:
    """Variance of the noise, widened for what successive weeks have in common."""
    fitted = x @ np.linalg.lstsq(x, y.ravel(), rcond=None)[0]
    left = (y.ravel() - fitted).reshape(y.shape)
    free = max(y.size - x.shape[1] - sum(y.shape) + 1, 1)
    echo = float((left[:, 1:] * left[:, :-1]).sum() / max((left**2).sum(), 1e-300))
    echo = min(max(echo, 0.0), 0.9)
    widened: float = float((left**2).sum()) / free * (1 + echo) / (1 - echo)
    return max(widened, 1e-12)


def _smallest(y: Floats) -> float:
    positive = y[y > 0]
    return float(np.min(positive)) if positive.size else 1.0


def _curves(scenario: Planning, kpi: str, found: Posterior, level: Floats) -> list[Curve]:
    """Hill curves by month: the share b of the month's level, saturating at κ times usual spend."""
    calendar = Calendar(scenario, any(c.retention for c in scenario.channels))
    inside = slice(calendar.history, calendar.history + len(calendar.months))
    monthly = float(np.median(found.carry) ** MONTH_WEEKS)
    curves = []
    for c, name in enumerate(scenario.plannable):
        retention = next(x.retention for x in scenario.channels if x.name == name)
        kernel = calendar.effective((name, retention, "day"))
        reference = row_of(scenario.reference_plan, name, calendar.months)
        usual = float((kernel.fixed + kernel.weights @ reference)[inside].mean())
        draws = np.column_stack(
            [
                found.share[:, c] * (1 + found.kappa[:, c]),
                found.kappa[:, c] * max(usual, 1e-9),
                np.ones(len(found.share)),
            ]
        )
        point = np.array([draws[:, 0].mean(), np.median(draws[:, 1]), 1.0])
        for month, amount in zip(scenario.months, level.tolist(), strict=True):
            ceiling, half, shape = (point * [amount, 1.0, 1.0]).tolist()
            more = {"draws": draws * [amount, 1.0, 1.0], "month": month}
            curves.append(
                Curve(
                    name,
                    kpi,
                    "hill",
                    ceiling,
                    half,
                    shape,
                    retention,
                    monthly,
                    carry_per="day",
                    **more,
                )
            )
    return curves
