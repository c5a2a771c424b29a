"""How far credit is from the truth: in conversions, in shares, in order; pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import rel_entr

from tiermix.core.arrays import Floats

TOP = 3
SURE = 1.96
"""An effect within so many standard errors of zero counts as none that could be seen."""

MEASURES: Mapping[str, str] = {
    "bias": "mean over channels of credit less truth, conversions",
    "mae": "mean absolute error, conversions",
    "rmse": "root of the mean squared error, conversions",
    "misplaced": "sum of absolute errors, as a share of what all channels bring together",
    "over_credit": "all credit less what all channels bring together, as a share of the latter",
    "total_variation": "half the sum of differences of shares: credit in the wrong place, 0 to 1",
    "jensen_shannon": "divergence of the shares in bits, 0 to 1",
    "kendall": "rank correlation (tau-b) of credit and truth, 1 is the true order",
    "spearman": "correlation of ranks, 1 is the true order",
    "top_3": "share of the three truly best channels among the three most credited",
    "false_credit": "share of credit that goes to channels without an effect that can be seen",
    "sign_errors": "share of channels with a clear effect whose credit has another sign",
}
"""The measures of a whole market, each with its meaning."""
TIER_MEASURES = ("bias", "mae", "rmse")


def credit_error(credit: Floats, truth: Floats, se: Floats, together: float) -> dict[str, float]:
    """All measures for one model in one world; arrays by channel [C], NaN where not defined."""
    return {
        **absolute_error(credit, truth),
        "misplaced": _over(float(np.abs(credit - truth).sum()), together),
        "over_credit": _over(float(credit.sum()) - together, together),
        **share_error(credit, truth),
        **order_error(credit, truth),
        **false_error(credit, truth, se),
    }


def absolute_error(credit: Floats, truth: Floats) -> dict[str, float]:
    """Signed and absolute errors in conversions."""
    gap = credit - truth
    return {
        "bias": float(gap.mean()),
        "mae": float(np.abs(gap).mean()),
        "rmse": float(np.sqrt((gap**2).mean())),
    }


def share_error(credit: Floats, truth: Floats) -> dict[str, float]:
    """Distances of the shares; what is negative counts as nothing, as budgets would have it."""
    p, q = _shares(credit), _shares(truth)
    middle = (p + q) / 2
    # Not `jensenshannon` of SciPy: its root is NaN where rounding makes near equal shares negative.
    divergences = rel_entr(p, middle).sum() + rel_entr(q, middle).sum()
    return {
        "total_variation": float(np.abs(p - q).sum() / 2),
        "jensen_shannon": float(divergences) / 2 / np.log(2.0),
    }


def order_error(credit: Floats, truth: Floats) -> dict[str, float]:
    """Agreement of the order of channels; not defined where one side knows no order."""
    from scipy.stats import kendalltau, spearmanr

    flat = len(credit) < 2 or np.ptp(credit) == 0 or np.ptp(truth) == 0
    best = min(TOP, len(credit))
    found = set(_largest(credit, best)) & set(_largest(truth, best))
    return {
        "kendall": np.nan if flat else float(kendalltau(credit, truth).statistic),
        "spearman": np.nan if flat else float(spearmanr(credit, truth).statistic),
        "top_3": len(found) / best,
    }


def false_error(credit: Floats, truth: Floats, se: Floats) -> dict[str, float]:
    """Credit where there is no effect, and credit of the wrong sign."""
    clear = np.abs(truth) > SURE * np.nan_to_num(se)
    given = np.clip(credit, 0.0, None)
    wrong = np.sign(credit[clear]) != np.sign(truth[clear])
    return {
        "false_credit": _over(float(given[~clear].sum()), float(given.sum())),
        "sign_errors": float(wrong.mean()) if clear.any() else np.nan,
    }


def tier_errors(credit: Floats, truth: Floats, tiers: Sequence[int]) -> dict[int, dict[str, float]]:
    """Errors in conversions within each tier."""
    tier = np.asarray(tiers)
    return {
        int(t): absolute_error(credit[tier == t], truth[tier == t])
        for t in np.unique(tier).tolist()
    }


def _shares(amounts: Floats) -> Floats:
    """Shares of what is positive; even where nothing is."""
    positive = np.clip(amounts, 0.0, None)
    total = positive.sum()
    return np.asarray(positive / total if total > 0 else np.full(len(amounts), 1 / len(amounts)))


def _largest(values: Floats, count: int) -> list[int]:
    return [int(index) for index in np.argsort(-values, kind="stable")[:count]]


def _over(amount: float, whole: float) -> float:
    return amount / whole if whole > 0 else np.nan
