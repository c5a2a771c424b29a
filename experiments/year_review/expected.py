"""What a year so far was expected to bring, and how far from it reality may be.

    y = mu + e,   Var e = phi diag(mu) + season + level + region + curves

mu is what the curves say of the money that was spent. Its errors are those of what was known
before: the scatter of single periods (phi), of months around their season, of the year's level, of
a region's share, and of what each channel brings.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from experiments.year_review.actuals import Actuals
from optimize import ResponseCurves, by_month_bought, channel_errors, months_drawn
from scenarios import MediaPlan, Scenario
from tiermix.core.arrays import Floats

SEASON, SEASON_MONTHS = 0.02, 3
"""How far a month's share of the year may be off, *assumed*, and how many months that weighs."""
MOST_SEASON = 0.05
MONTHS_KNOWN = 0.5 * 12**0.5
"""Error of a month's share over that of the year's level, where curves rest on counted events:
the root of 12 if each month stood alone, of which the smoothed season of curves leaves half,
*assumed*."""
YEAR = 0.05
"""How far a year's level may be off from what last year tells, *assumed*."""
REGION = 0.03
"""How far a region's share may wander, *assumed*."""
UNKNOWN_CURVE = 0.3
"""The relative error of what a channel brings where curves tell none, *assumed*."""
LARGEST_ERROR = 1.0
EVENTS = 8.0  # in a typical period of a region, below which regions are added up
NORMAL_MEDIAN = 0.4549  # the median of a squared standard normal number


@dataclass(frozen=True)
class Expected:
    """What was to be expected of a KPI: n = R · P rows, region by region.

    `actual` and `mean` [n], `channels` [M, C, n] what each channel brings of it by the stock of
    each month and those after it, `covariance` [n, n] of actual around mean; `level` and `season`
    are the relative errors in it, `noise` is phi. `month` [n, M] are the shares of each row's days
    that lie in each month. `exposure` [C, P] is what money brings where it is spent, before it
    arrives later.
    """

    kpi: str
    actual: Floats
    mean: Floats
    channels: Floats
    covariance: Floats
    month: Floats
    level: float
    season: float
    noise: float
    exposure: Floats

    @property
    def residual(self) -> Floats:
        """What is more than expected [n]."""
        return self.actual - self.mean


def expected(
    scenario: Scenario, curves: ResponseCurves, actual: MediaPlan, actuals: Actuals, kpi: str
) -> Expected:
    """What the periods were to bring of a KPI, from curves as known when the plan was made.

    Regions whose periods count too little to tell anything apart are added up.
    """
    if len(actuals.regions) > 1 and _is_thin(actuals.outcomes[kpi], _usual_noise(curves, kpi)):
        actuals = actuals.nation()
    months = months_drawn(scenario, curves, actual, kpi).mean(axis=0)
    bought = by_month_bought(scenario, curves, actual, kpi)
    both = np.array([bought[name] for name in actuals.channels])  # [C, M bought, M]
    since = np.cumsum(both[:, ::-1], axis=1)[:, ::-1]  # by what is bought in a month or after it
    anyway = np.maximum(months - since[:, 0].sum(axis=0), 0.0)
    rows_of = partial(_channel_rows, scenario, actuals, actual)
    channels = rows_of(since[:, 0])  # [C, R, P]
    base = actuals.demand * ((actuals.days / actuals.lengths) @ anyway)  # [P]
    seen = actuals.outcomes[kpi]
    share = _region_shares(seen, channels.sum(axis=0), base)
    mean = share[:, None] * base + channels.sum(axis=0)  # [R, P]
    noise = _noise(seen, mean, _usual_noise(curves, kpi))
    counted = _level_error(curves, kpi, float(months.sum()))
    season = float(np.hypot(_season(seen, mean, actuals, noise), MONTHS_KNOWN * counted))
    level = float(np.hypot(counted, YEAR))
    rows, flat = mean.ravel(), channels.reshape(len(both), -1)
    late = [rows_of(since[:, m]).reshape(len(both), -1) for m in range(len(months))]
    exposure = rows_of(both.sum(axis=2)).sum(axis=1) / actuals.demand  # of money, not of needs
    day = actuals.days / actuals.days.sum(axis=1, keepdims=True)
    month = np.tile(day, (len(actuals.regions), 1))
    errors = channel_errors(scenario, curves, actual, kpi)
    sure = np.array([errors.get(name, np.nan) for name in actuals.channels])
    sure = np.minimum(np.where(np.isfinite(sure), sure, UNKNOWN_CURVE), LARGEST_ERROR)
    covariance = (
        np.diag(noise * np.maximum(rows, 1e-9))
        + season**2 * _square(month * rows[:, None])
        + level**2 * np.outer(rows, rows)
        + _square((flat * sure[:, None]).T)
    )
    if len(actuals.regions) > 1:
        region = np.kron(np.eye(len(actuals.regions)), np.ones((len(actuals.starts), 1)))
        covariance += REGION**2 * _square(region * rows[:, None])
    return Expected(
        kpi, seen.ravel(), rows, np.array(late), covariance, month, level, season, noise, exposure
    )


def _is_thin(seen: Floats, least: float) -> bool:
    """Whether a region's period counts a handful of events, whose scatter is far from normal."""
    variance = float(np.median(np.diff(seen, axis=1) ** 2)) / NORMAL_MEDIAN / 2
    typical = float(np.median(seen))
    noise = max(variance / max(typical, 1e-9), least)
    return typical < EVENTS * noise


def _level_error(curves: ResponseCurves, kpi: str, year: float) -> float:
    """Relative error of the year's level: of last year's count, or as the curves say."""
    counted = np.sqrt(curves.noise.get(kpi, 0.0) * max(year, 0.0))
    return max(curves.level_error.get(kpi, 0.0), float(counted)) / max(year, 1e-12)


def _square(columns: Floats) -> Floats:
    product: Floats = columns @ columns.T
    return product


def _channel_rows(
    scenario: Scenario, actuals: Actuals, actual: MediaPlan, brought: Floats
) -> Floats:
    """What each channel brings by region and period [C, R, P], from what it brings by month [C, M].

    It follows the money of the period, as far as stock does not outlast it, and lies in regions as
    the money does.
    """
    retention = {channel.name: channel.retention for channel in scenario.channels}
    days = actuals.days / actuals.lengths
    rows = []
    for c, name in enumerate(actuals.channels):
        money = actuals.spend[..., c]  # [R, P]
        whole = money.sum(axis=0)
        in_month = actuals.money_shares(actual.of(name)) * whole[:, None]  # [P, M]
        total = in_month.sum(axis=0) / actuals.covered
        follows = np.where(total > 0, in_month / np.where(total > 0, total, 1.0), days)
        kept = retention[name] ** 7
        period = (kept * days + (1 - kept) * follows) @ brought[c]
        split = money.sum(axis=1) / money.sum() if money.sum() > 0 else 1.0 / len(money)
        here = np.where(whole > 0, money / np.where(whole > 0, whole, 1.0), np.atleast_2d(split).T)
        # Orders follow needs, whatever led to them: controls move those of media as all others.
        rows.append(actuals.demand * here * period)
    return np.array(rows)


def _region_shares(seen: Floats, brought: Floats, base: Floats) -> Floats:
    """Each region's share of what comes anyway [R], from what it sold beyond what money brings."""
    if len(seen) == 1:
        return np.ones(1)
    scale = seen.sum() / max(float(brought.sum() + base.sum()), 1e-12)
    left = np.maximum(seen.sum(axis=1) - scale * brought.sum(axis=1), 0.05 * seen.sum(axis=1))
    shares: Floats = left / max(float(left.sum()), 1e-12)
    return shares


def _usual_noise(curves: ResponseCurves, kpi: str) -> float:
    """The least that single periods scatter: counts are Poisson at best."""
    return 1.0 if kpi in ("conversions", "leads") else curves.noise.get(kpi, 1.0)


def _noise(seen: Floats, mean: Floats, least: float) -> float:
    """Variance over expectation of single periods, at least so much."""
    return max([least, *(found for row, due in zip(seen, mean, strict=True)
                         if (found := scatter(row, due)) is not None)])  # fmt: skip


def scatter(seen: Floats, mean: Floats) -> float | None:
    """Variance over expectation of a series, from steps between neighbours; None where too short.

    The largest step is left out: it may be where a level jumped.
    """
    step = np.diff(seen - mean) ** 2 / np.maximum(mean[1:] + mean[:-1], 1e-9)
    return float(np.sort(step)[:-1].mean()) if len(step) >= 4 else None


def _season(seen: Floats, mean: Floats, actuals: Actuals, noise: float) -> float:
    """Relative error of months around their season: what is assumed, and what passed months show.

    Those are the steps from month to month, less what single periods scatter; their median is not
    moved by one jump.
    """
    passed = actuals.passed
    day = actuals.days / actuals.days.sum(axis=1, keepdims=True)
    months = day.T @ np.array([seen.sum(axis=0), mean.sum(axis=0)]).T
    ratio = months[:passed, 0] / np.maximum(months[:passed, 1], 1e-9)
    steps = np.diff(ratio)
    if len(steps) < 3:
        return SEASON
    chance = noise / max(float(months[:passed, 1].mean()), 1e-9)
    shown = max(float(np.median(steps**2)) / NORMAL_MEDIAN / 2 - chance, 0.0)
    shown = min(shown, MOST_SEASON**2)
    weight = SEASON_MONTHS + len(steps)
    return float(np.sqrt((SEASON_MONTHS * SEASON**2 + len(steps) * shown) / weight))
