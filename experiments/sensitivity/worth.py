"""What it is worth to know a parameter before choosing, and where another strategy wins.

Each rival's lead over the recommended strategy is fitted as a polynomial in the parameter, of the
degree up to three that leaves the smallest error on draws left out (Strong, Oakley and Brennan
2014, with polynomials in place of splines). The value of knowing is E[max of the fitted leads and
0] less the best of their means; its error comes from resampled draws at the same degrees. Knowing
everything is worth E[max] less the best mean: that counts the luck of simulated people as known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from experiments.sensitivity.shares import FEWEST
from tiermix.core.arrays import Bools, Floats

DEGREES, RESAMPLES = 3, 200
WIDEST = 2.5
SURE = 0.95


@dataclass(frozen=True)
class Worth:
    """The value of knowing something, with its standard error; `told`: more than two of them."""

    value: float
    se: float
    told: bool


@dataclass(frozen=True)
class Turn:
    """Where a rival overtakes, in standard deviations of the parameter, and how sure that is.

    `low` and `high` hold it in 95 % of those resampled studies in which it turns at all; `share`
    is how many do. `told` says that 95 % do, and that leads hang on the parameter by more than
    chance (`related`): of many parameters with nothing behind them some line always crosses.
    """

    step: float
    low: float
    high: float
    rival: int
    share: float
    related: bool

    @property
    def told(self) -> bool:
        """Whether it is more than chance."""
        return self.related and self.share >= SURE


def perfect(leads: Floats) -> Worth:
    """The value of knowing everything; `leads` [R, N] of rivals over the recommended strategy."""
    gain = np.maximum(leads, 0.0).max(axis=0)
    value = float(gain.mean()) - max(float(leads.mean(axis=1).max()), 0.0)
    se = float(gain.std(ddof=1) / math.sqrt(len(gain))) if len(gain) > 1 else math.nan
    return Worth(value, se, bool(value > 2 * se))


def of_parameter(
    step: Floats,
    leads: Floats,
    rng: np.random.Generator,
    *,
    event: bool = False,
    comparisons: int = 1,
) -> tuple[Worth | None, Turn | None]:
    """The value of knowing one parameter, by its draws `step` [N], and where it turns the choice.

    None where draws are too few or all alike; no turn where no fit crosses within the range drawn.
    Neither is told unless some lead hangs on the parameter: the F-test of the fit of the highest
    degree, shared among rivals and the number of `comparisons` (parameters).
    """
    draws = len(step)
    if draws < FEWEST or not np.ptp(step) > 0:
        return None, None
    most = 1 if event else DEGREES
    degrees = [_degree(step, lead, most) for lead in leads]
    chance = min(_chance(step, lead, most) for lead in leads) * len(leads) * comparisons
    related = chance < 1.0 - SURE
    weights = rng.multinomial(draws, np.full(draws, 1 / draws), RESAMPLES).astype(float)
    weights = np.vstack([np.ones(draws), weights])
    fits = np.stack([_fits(step, y, d, weights) for y, d in zip(leads, degrees, strict=True)])
    at = np.stack([f @ _powers(step, DEGREES).T for f in fits])
    gain = (weights * np.maximum(at, 0.0).max(axis=0)).sum(axis=1) / draws
    base = np.maximum((weights * at).sum(axis=2).max(axis=0) / draws, 0.0)
    values = gain - base
    se = float(values[1:].std(ddof=1))
    worth = Worth(float(values[0]), se, related and bool(values[0] > 2 * se))
    return worth, None if event or max(degrees) == 0 else _turn(step, fits, related)


def _powers(step: Floats, degree: int) -> Floats:
    return np.vander(step, degree + 1, increasing=True)


def _degree(step: Floats, y: Floats, most: int) -> int:
    """The degree with the smallest error on draws left out (from the hat matrix)."""
    errors = []
    for degree in range(most + 1):
        x = _powers(step, degree)
        if np.linalg.matrix_rank(x) <= degree:
            break
        hat = x @ np.linalg.pinv(x)
        left = (y - hat @ y) / np.maximum(1.0 - np.diag(hat), 1e-9)
        errors.append(float((left**2).mean()))
    return int(np.argmin(errors))


def _chance(step: Floats, y: Floats, degree: int) -> float:
    """The chance of so good a fit if nothing were behind it (F-test against the mean)."""
    from scipy.stats import f

    x = _powers(step, degree)
    whole = float(((y - y.mean()) ** 2).sum())
    left = float(((y - x @ np.linalg.lstsq(x, y, rcond=None)[0]) ** 2).sum())
    freedom = len(y) - degree - 1
    if whole <= 0.0 or left <= 0.0:
        return 1.0 if whole <= 0.0 else 0.0
    return float(f.sf((whole - left) / degree / (left / freedom), degree, freedom))


def _fits(step: Floats, y: Floats, degree: int, weights: Floats) -> Floats:
    """Coefficients of the fit for each row of weights [B, N]; shape [B, 4], zeros above."""
    x = _powers(step, degree)
    normal = np.einsum("bn,ni,nj->bij", weights, x, x)
    normal += 1e-9 * np.eye(degree + 1) * weights.sum(axis=1)[:, None, None]
    right = np.einsum("bn,ni,n->bi", weights, x, y)
    found = np.linalg.solve(normal, right[..., None])[..., 0]
    return np.pad(found, ((0, 0), (0, DEGREES - degree)))


def _turn(step: Floats, fits: Floats, related: bool) -> Turn | None:
    """The crossing next to the median, in the draws and in resampled ones; fits [R, B, 4]."""
    grid = np.linspace(max(step.min(), -WIDEST), min(step.max(), WIDEST), 401)
    over: Bools = np.stack([f @ _powers(grid, DEGREES).T for f in fits]) > 0
    crossed: Bools = np.any(over, axis=0)
    far = np.where(crossed, np.abs(grid), np.inf)
    nearest = far.argmin(axis=1)
    turns: Bools = np.any(crossed, axis=1)
    if not turns[0]:
        return None
    found = grid[nearest[1:][turns[1:]]]
    ends = np.quantile(found, [0.025, 0.975]) if len(found) else [math.nan, math.nan]
    rival = int(over[:, 0, nearest[0]].argmax())
    share = float(turns[1:].mean())
    return Turn(float(grid[nearest[0]]), float(ends[0]), float(ends[1]), rival, share, related)
