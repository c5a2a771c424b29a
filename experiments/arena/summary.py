"""Measures of estimators over many tests, with errors over markets.

Every measure is a ratio of two sums over tests. Tests of one market share its people, so that
errors are a jackknife over markets (Efron and Stein 1981).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

import numpy as np
import pandas as pd

from experiments.field_test.estimate import ALPHA, LEVEL
from sim import jackknife
from tiermix.core.arrays import Floats

MEASURES: Mapping[str, str] = {
    "coverage": "share of 95 % intervals that hold the truth",
    "bias": "mean estimate beyond the mean truth, as a share of it; below 0 understates",
    "power": "share of tests that reject no effect at 5 %",
    "false_positives": "the same share where nothing was done, in the same regions and weeks",
    "half_width": "mean half width of the 95 % interval, as a share of the mean truth",
    "wrong_sign": "share of estimates whose sign is not that of the truth",
    "wrong_sign_found": "the same among tests that reject no effect",
    "exaggeration": "mean size of the estimates that reject no effect, over that of the truth",
}
"""The measures, each with its meaning."""
SURE = 1.96


class Figure(TypedDict):
    """A measure with its standard error; not numbers where no test tells it."""

    mean: float
    se: float


class TestScore(TypedDict):
    """One estimator under one condition; `answered` is how many of the tests it is made for.

    `intervals` says whether coverage is within its error of 95 %: as stated, too narrow, too wide.
    """

    kind: str
    condition: str
    estimator: str
    tests: int
    answered: int
    intervals: str
    measures: dict[str, Figure]


def summarise_tests(table: pd.DataFrame) -> list[TestScore]:
    """A score for each kind, condition and estimator of a table of tests, in its order."""
    groups = table.groupby(["kind", "condition", "estimator"], sort=False)
    return [_score(*map(str, names), rows=rows) for names, rows in groups]


def _score(kind: str, condition: str, estimator: str, *, rows: pd.DataFrame) -> TestScore:
    known = rows[rows["estimate"].notna()]
    measures = {name: _ratio(known["market"], *parts) for name, parts in _parts(known).items()}
    return {
        "kind": kind,
        "condition": condition,
        "estimator": estimator,
        "tests": len(rows),
        "answered": len(known),
        "intervals": _intervals(measures["coverage"], len(known)),
        "measures": measures,
    }


def _parts(rows: pd.DataFrame) -> dict[str, tuple[Floats, Floats]]:
    """Of each measure what is summed above and below the line [tests]."""
    truth, estimate, low, high, p_value, untouched = (
        rows[name].to_numpy(float)
        for name in ("truth", "estimate", "low", "high", "p_value", "untouched_p")
    )
    every, size = np.ones(len(rows)), np.abs(truth)
    found = (p_value <= ALPHA).astype(float)
    wrong = (np.sign(estimate) != np.sign(truth)).astype(float)
    told = np.isfinite(untouched).astype(float)
    return {
        "coverage": (((low <= truth) & (truth <= high)).astype(float), every),
        "bias": ((estimate - truth) * np.sign(truth), size),
        "power": (found, every),
        "false_positives": ((untouched <= ALPHA).astype(float), told),
        "half_width": ((high - low) / 2, size),
        "wrong_sign": (wrong, every),
        "wrong_sign_found": (wrong * found, found),
        "exaggeration": (np.abs(estimate) * found, size * found),
    }


def _ratio(market: pd.Series, above: Floats, below: Floats) -> Figure:
    """A ratio of sums over markets with its jackknife error."""
    numbers = market.to_numpy()
    sums = pd.DataFrame({"above": above, "below": below}).groupby(numbers).sum().to_numpy()
    whole = sums.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = float(np.divide(whole[0], whole[1])) if len(sums) else np.nan
        without = (whole[0] - sums[:, 0]) / (whole[1] - sums[:, 1])
    sure = len(sums) > 1 and bool(np.isfinite(without).all())
    return {"mean": mean, "se": float(jackknife(without)) if sure else np.nan}


def _intervals(coverage: Figure, tests: int) -> str:
    """Whether intervals are what they say; chance alone gives the error that 95 % has."""
    if tests == 0:
        return ""
    chance = float(np.sqrt(LEVEL * ALPHA / tests))
    error = SURE * max(chance, np.nan_to_num(coverage["se"]))
    if coverage["mean"] < LEVEL - error:
        return "too narrow"
    return "too wide" if coverage["mean"] > LEVEL + error else "as stated"
