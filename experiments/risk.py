"""Risk over draws: where the objective may end, and how likely all goals are met together.

Draws differ because markets do, and because few customers were simulated. The second is no risk of
the company, whose people are many: values are drawn towards their mean until what is left of their
variance is that between markets, x̄ + (x − x̄) √(1 − n), where n is the share of noise, over all
strategies together.

Quantiles are those of the order statistics, at p (D + 1); their interval lies between the two order
statistics that hold the quantile with 95 % whatever the distribution (David and Nagaraja 2003, 7.1)
and is open where so few draws do not bound it. The mean of the worst fifth is the conditional value
at risk; its error is that of its influence function (Rockafellar and Uryasev 2000).
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, TypedDict

import numpy as np
import pandas as pd

from experiments.direction import sign
from experiments.stats import Interval, mean_over_worlds, wilson
from tiermix.core.arrays import Floats

FIFTH = 0.2
TOLD_FROM = {0.05: 20, 0.5: 1, 0.95: 20}
"""Draws from which a quantile is told: with fewer none would lie beyond it."""
FIFTH_FROM = 10
"""Draws from which the worst fifth is told: two of them."""
NOISIEST = 0.5
"""Share of noise above which the tails would be those of the simulation."""
LEVEL = 0.95


class RiskDocument(TypedDict):
    """A strategy's risk: quantiles `{value, low, high}`, null where draws are too few.

    `low` and `high` are null where the draws do not bound them. `cvar` is the mean of the worst
    `level` of draws. `noise` is the share of the variance over draws that is simulation, taken out
    of all of these. `all_goals`: the chance of all goals together, null without goals.
    """

    objective: str
    draws: int
    noise: float | None
    p5: dict[str, float | None] | None
    p50: dict[str, float | None] | None
    p95: dict[str, float | None] | None
    cvar: dict[str, float | None] | None
    all_goals: dict[str, float | None] | None
    words: str


@dataclass(frozen=True)
class Quantile:
    """A quantile with its interval; an end is NaN where the draws do not bound it."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Spread:
    """How a figure lies over draws: quantiles, the mean of the worst fifth with its error.

    What too few draws, or too noisy ones, cannot tell is None; `words` says why.
    """

    draws: int
    noise: float
    p5: Quantile | None
    p50: Quantile | None
    p95: Quantile | None
    worst: tuple[float, float] | None
    words: str


def spread_of(values: Floats, noise: float, turn: int = 1) -> Spread:
    """How `values` [D] lie, so much of whose variance is noise; `turn` −1 where less is better.

    A single draw tells nothing; draws without the figure (NaN) are left out.
    """
    seen = np.isfinite(values)
    draws, calm = int(seen.sum()), without_noise(values[seen], noise)
    words = _words(draws, noise)
    tails = draws > 1 and not noise > NOISIEST
    told = {
        p: quantile(calm, p) if draws > 1 and draws >= least and (tails or p == 0.5) else None
        for p, least in TOLD_FROM.items()
    }
    worst = worst_mean(calm, turn) if tails and draws >= FIFTH_FROM else None
    return Spread(draws, noise, told[0.05], told[0.5], told[0.95], worst, words)


def noise_of(values: Floats, errors: Floats) -> float:
    """The share of simulation in the variance of values [S, D] over draws, pooled over S of them.

    Of few draws each one's share is poorly known, and those of strategies hardly differ. NaN for a
    single draw; draws without the figure (NaN) are left out.
    """
    means = mean_over_worlds(values, errors)
    whole = means.se**2 * means.worlds
    told = (means.worlds > 1) & np.isfinite(whole)
    if not told.any():
        return math.nan
    total = float(whole[told].sum())
    return 1.0 - float((means.spread[told] ** 2).sum()) / total if total else 0.0


def without_noise(values: Floats, noise: float) -> Floats:
    """Values [D] drawn towards their mean until the variance between markets alone is left."""
    if len(values) < 2:
        return values
    return np.asarray(values.mean() + (values - values.mean()) * math.sqrt(1.0 - noise))


def quantile(values: Floats, p: float) -> Quantile:
    """A quantile of draws [D] by their order, with its interval of 95 %."""
    from scipy.stats import binom

    ordered, draws = np.sort(values), len(values)
    at = min(max(p * (draws + 1), 1.0), float(draws)) - 1.0
    value = float(np.interp(at, np.arange(draws), ordered))
    tail = (1 - LEVEL) / 2
    # P(X₍ₖ₎ > quantile) = P(fewer than k draws below it), and from above the same.
    below = int(binom.ppf(tail, draws, p))
    above = int(binom.ppf(1 - tail, draws, p))
    low = float(ordered[below - 1]) if below >= 1 else math.nan
    high = float(ordered[above]) if above < draws else math.nan
    return Quantile(value, low, high)


def worst_mean(values: Floats, turn: int = 1, level: float = FIFTH) -> tuple[float, float]:
    """The mean of the worst `level` of draws [D] with its standard error, in the figure's sign."""
    good = np.sort(turn * values)
    weights = np.clip(level * len(good) - np.arange(len(good)), 0.0, 1.0)
    mean = float((weights * good).sum() / weights.sum())
    edge = float(good[math.ceil(level * len(good)) - 1])
    influence = edge + np.minimum(good - edge, 0.0) / level
    return turn * mean, float(influence.std(ddof=1) / math.sqrt(len(good)))


def all_goals(goals: pd.DataFrame, level: float = LEVEL) -> dict[str, Interval[float]]:
    """By strategy, the share of draws that meet every goal, with Wilson's interval.

    `goals` has the columns `strategy, world, met`; without goals nobody is in it.
    """
    met = goals.groupby(["strategy", "world"], sort=False)["met"].all()
    return {
        str(name): wilson(int(mine.sum()), len(mine), level=level)
        for name, mine in met.groupby(level="strategy", sort=False)
    }


def spreads(outcomes: pd.DataFrame, objective: str) -> dict[str, Spread]:
    """By strategy, how its objective lies over draws; `outcomes` are those of a comparison."""
    rows = outcomes[(outcomes["scope"] == "all") & (outcomes["kpi"] == objective)]
    values, errors = (_wide(rows, name) for name in ("value", "se"))
    noise = noise_of(values.to_numpy(float), errors.to_numpy(float))
    turn = sign(objective)
    return {str(s): spread_of(values.loc[s].to_numpy(float), noise, turn) for s in values.index}


def _wide(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """A row a strategy in the order in which they were run, a column a draw."""
    wide = rows.set_index(["strategy", "world"])[column].unstack("world")  # noqa: PD010
    return wide.reindex(rows["strategy"].drop_duplicates())


def risk_documents(
    outcomes: pd.DataFrame, goals: pd.DataFrame, objective: str
) -> dict[str, RiskDocument]:
    """By strategy, its part of the JSON document."""
    together = all_goals(goals)
    return {
        name: _document(objective, mine, together.get(name))
        for name, mine in spreads(outcomes, objective).items()
    }


def _document(objective: str, mine: Spread, chance: Interval[float] | None) -> RiskDocument:
    worst = mine.worst
    return {
        "objective": objective,
        "draws": mine.draws,
        "noise": mine.noise,
        "p5": _ends(mine.p5),
        "p50": _ends(mine.p50),
        "p95": _ends(mine.p95),
        "cvar": worst and {"level": FIFTH, "value": worst[0], "se": worst[1]},
        "all_goals": chance
        and {"probability": chance.estimate, "low": chance.low, "high": chance.high},
        "words": mine.words,
    }


def _ends(found: Quantile | None) -> dict[str, Any] | None:
    return None if found is None else asdict(found)


def _words(draws: int, noise: float) -> str:
    """What cannot be told, and what it would take."""
    if draws < 2:
        return "one draw has no spread; ask for more replications"
    if noise > NOISIEST:
        return (
            f"{noise:.0%} of what draws differ by is noise of the simulation, which hides the "
            "tails; ask for more customers"
        )
    missing = []
    if draws < FIFTH_FROM:
        missing.append(f"the worst fifth from {FIFTH_FROM} draws on")
    if draws < TOLD_FROM[0.05]:
        missing.append(f"P5 and P95 from {TOLD_FROM[0.05]} on")
    return f"{draws} draws are few: {', '.join(missing)}" if missing else ""
