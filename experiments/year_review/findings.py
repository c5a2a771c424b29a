"""Which channel delivers less or more than expected, or whether all demand does, and since when.

Each hypothesis is one cause and one month: `delta` of what the cause brings is added from then on.
With e and g whitened by the covariance of `Expected`, and a normal effect of deviation s:

    z = g'e / |g|,   delta = g'e / |g|^2,   se = 1 / |g|
    log BF = z^2 / 2 * s^2 / (s^2 + se^2) - log(1 + s^2 / se^2) / 2

 Whether anything differs at all is judged by
the largest |z| of all causes and months together, against its distribution if all is as expected,
with the scatter estimated (Student's t). Clicks per unit of money are a second test, by Bonferroni.
A cause is named where something differs and the cause is probable among all; otherwise the
candidates are told.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr, logsumexp

from experiments.year_review.actuals import Actuals
from experiments.year_review.clicks import DRIFT, ClickChanges, click_changes
from experiments.year_review.expected import Expected
from tiermix.core.arrays import Bools, Floats

DEMAND = "demand"
ALPHA = 0.05
"""Chance that anything is found in a year that goes as expected; half of it for each test."""
NAMED = 0.8  # the least probability of a cause that is named
EFFECT, DEMAND_EFFECT = 0.5, 0.3
"""How far a channel, or all demand, moves where it moves at all, *assumed* (one deviation)."""
CLICKS_TELL = 0.25
"""How far a channel's effect may change otherwise than its clicks do, *assumed*."""
MOST = 3  # causes that are looked for, one after the other
DRAWS = 4000
LEAST_AFTER = 28  # days after a month's start from which a change since then can be told


@dataclass(frozen=True)
class Finding:
    """A cause that moved: a channel's effect or all demand, by `change` (relative) since a month.

    `probability` is that of the cause among all that might explain what is seen; `by` says what
    showed it (outcomes, clicks, or both).
    """

    cause: str
    since: str
    change: float
    error: float
    probability: float
    by: str

    @property
    def words(self) -> str:
        """The finding in a sentence."""
        way = "less" if self.change < 0 else "more"
        what = "demand is" if self.cause == DEMAND else f"{self.cause} delivers"
        return (
            f"{what} {abs(self.change):.0%} {way} than expected since {self.since} "
            f"(± {self.error:.0%}, seen in {self.by}; {self.probability:.0%} sure of the cause)"
        )


@dataclass(frozen=True)
class Judgement:
    """What was found, the chance of such a year if all were as expected, and what else may be.

    `p_outcomes` and `p_clicks` are corrected for the number of channels and months; `candidates`
    are causes with their probabilities where something differs and no cause is probable enough.
    """

    findings: tuple[Finding, ...]
    p_outcomes: float
    p_clicks: float
    candidates: tuple[tuple[str, float], ...] = ()

    @property
    def words(self) -> list[str]:
        """What is said of it."""
        if self.findings or self.candidates:
            told = [finding.words for finding in self.findings]
            if self.candidates:
                names = ", ".join(f"{name} ({share:.0%})" for name, share in self.candidates)
                told.append(f"something differs from what was expected, and may be due to {names}")
            return told
        return [f"all within what was to be expected (p = {min(self.p_outcomes, 1.0):.2f})"]

    def of(self, cause: str) -> Finding | None:
        """What was found of a cause."""
        return next((one for one in self.findings if one.cause == cause), None)


@dataclass(frozen=True)
class _Grid:
    """All hypotheses: effects [H, n] on the rows; of each its channel (-1: demand) and month."""

    effects: Floats
    cause: tuple[int, ...]
    since: tuple[int, ...]


def judge(seen: Expected, actuals: Actuals, seed: int = 0) -> Judgement:
    """What differs from what was expected, cause by cause, the most probable first."""
    starts = _starts(actuals)
    grid = _grid(seen, actuals, starts)
    if not grid.cause:
        return Judgement((), 1.0, 1.0)
    after = np.array([_after(actuals, m) for m in starts])
    clicks = click_changes(actuals, seen.exposure, after)
    root = np.linalg.cholesky(seen.covariance)
    effects = np.linalg.solve(root, grid.effects.T)  # [n, H]
    size = np.sqrt((effects**2).sum(axis=0))
    e = np.linalg.solve(root, seen.residual)
    found: list[Finding] = []
    null = _largest(effects / size, seed)
    first: tuple[float, float] | None = None
    tried: set[int] = set()
    for _ in range(MOST):
        z = effects.T @ e / size
        p = _p_of_outcomes(z, grid, tried, null), _p_of_clicks(clicks, tried)
        first = first or p
        if min(p) >= ALPHA / 2:
            return Judgement(tuple(found), *first)
        chance = _probabilities(z, size, grid, clicks, starts, tried)
        best = max(chance, key=lambda cause: chance[cause].sum())
        if chance[best].sum() < NAMED:
            return Judgement(tuple(found), *first, _candidates(chance, actuals))
        h = int(np.argmax(chance[best]))
        one = _finding(h, z, size, grid, clicks, starts, actuals, float(chance[best].sum()), p)
        found.append(one)
        tried.add(best)
        e = e - effects[:, h] * one.change
    return Judgement(tuple(found), *(first or (1.0, 1.0)))


def _starts(actuals: Actuals) -> list[int]:
    """Months from which a change could be told by now."""
    days = actuals.days.sum(axis=1)
    return [m for m in range(actuals.passed) if days[_after(actuals, m)].sum() >= LEAST_AFTER]


def _after(actuals: Actuals, month: int) -> Bools:
    """Which periods lie, by most of their days, in a month or after it [P]."""
    late: Bools = actuals.days[:, month:].sum(axis=1) >= 0.5 * actuals.days.sum(axis=1)
    return late


def _grid(seen: Expected, actuals: Actuals, starts: list[int]) -> _Grid:
    effects, cause, since = [], [], []
    for m in starts:
        late = seen.month[:, m:].sum(axis=1)  # a week that is cut counts by its days
        for c, mine in enumerate(seen.channels[m]):
            if mine.sum() > 0:
                effects.append(mine)
                cause.append(c)
                since.append(m)
        effects.append(seen.mean * late)
        cause.append(-1)
        since.append(m)
    return _Grid(np.array(effects), tuple(cause), tuple(since))


def _largest(directions: Floats, seed: int) -> Floats:
    """The largest |z| of all hypotheses if all is as expected, the scatter being estimated."""
    rng = np.random.default_rng(seed)
    rows = len(directions)
    drawn = np.abs(rng.standard_normal((DRAWS, rows)) @ directions).max(axis=1)
    freedom = max(rows - 1, 2)
    largest: Floats = np.sort(drawn / np.sqrt(rng.chisquare(freedom, DRAWS) / freedom))
    return largest


def _p_of_outcomes(z: Floats, grid: _Grid, tried: set[int], null: Floats) -> float:
    open_ = [abs(x) for x, cause in zip(z.tolist(), grid.cause, strict=True) if cause not in tried]
    if not open_:
        return 1.0
    above = len(null) - np.searchsorted(null, max(open_))
    return float((above + 1) / (len(null) + 1))


def _p_of_clicks(clicks: ClickChanges, tried: set[int]) -> float:
    z = np.abs(clicks.z)
    count = int((z > 0).sum())
    z[[c for c in tried if c >= 0]] = 0.0
    return float(min(1.0, 2 * np.exp(log_ndtr(-z.max(initial=0.0))) * max(count, 1)))


def _probabilities(
    z: Floats, size: Floats, grid: _Grid, clicks: ClickChanges, starts: list[int], tried: set[int]
) -> dict[int, Floats]:
    """The probability of each hypothesis [H], by cause; demand weighs as much as all channels."""
    score = np.full(len(z), -np.inf)
    channels = max(len({c for c in grid.cause if c >= 0}), 1)
    for h, (cause, month) in enumerate(zip(grid.cause, grid.since, strict=True)):
        if cause in tried:
            continue
        s = DEMAND_EFFECT if cause < 0 else EFFECT
        ratio = (s * size[h]) ** 2
        score[h] = 0.5 * z[h] ** 2 * ratio / (1 + ratio) - 0.5 * np.log1p(ratio)
        score[h] -= 0.0 if cause < 0 else np.log(channels)
        if cause >= 0:
            score[h] += _click_score(clicks, cause, starts.index(month), z[h])
    share = np.exp(score - logsumexp(score))
    causes = np.array(grid.cause)
    return {c: np.where(causes == c, share, 0.0) for c in dict.fromkeys(grid.cause)}


def _click_score(clicks: ClickChanges, channel: int, split: int, z: float) -> float:
    """log BF of a change of the channel's clicks; none where outcomes clearly go the other way."""
    ratio, error = clicks.log_ratio[channel, split], clicks.error[channel, split]
    if not np.isfinite(ratio) or (abs(z) > 2 and np.sign(z) != np.sign(ratio)):
        return 0.0
    wide = error**2 + EFFECT**2
    return float(0.5 * ratio**2 * (1 / error**2 - 1 / wide) - 0.5 * np.log(wide / error**2))


def _candidates(chance: dict[int, Floats], actuals: Actuals) -> tuple[tuple[str, float], ...]:
    named = [(_name(c, actuals), float(share.sum())) for c, share in chance.items()]
    return tuple(sorted((one for one in named if one[1] >= 0.05), key=lambda one: -one[1]))


def _name(cause: int, actuals: Actuals) -> str:
    return DEMAND if cause < 0 else actuals.channels[cause]


def _finding(
    h: int, z: Floats, size: Floats, grid: _Grid, clicks: ClickChanges, starts: list[int],
    actuals: Actuals, chance: float, p: tuple[float, float],
) -> Finding:  # fmt: skip
    """The change, by outcomes and, where clicks tell it, by clicks; each with its own error."""
    cause, month = grid.cause[h], grid.since[h]
    s = DEMAND_EFFECT if cause < 0 else EFFECT
    precision, told = size[h] ** 2 + 1 / s**2, size[h] * z[h]
    by = ["outcomes"] if p[0] < ALPHA / 2 else []
    if cause >= 0:
        split = starts.index(month)
        ratio, error = clicks.log_ratio[cause, split], clicks.error[cause, split]
        if np.isfinite(ratio) and abs(ratio) > 2 * error:
            wide = CLICKS_TELL**2 + (np.exp(ratio) * max(error**2 - DRIFT**2, 0.0) ** 0.5) ** 2
            precision, told = precision + 1 / wide, told + np.expm1(ratio) / wide
            by += ["clicks"]
    change = float(np.clip(told / precision, -1.0, 2.0))
    return Finding(
        _name(cause, actuals), actuals.months[month], change, float(precision**-0.5), chance,
        "outcomes and clicks" if len(by) > 1 else (by or ["outcomes"])[0],
    )  # fmt: skip
