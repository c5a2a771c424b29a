"""Credit of single touches against potential outcomes: would this order be missing?

The same people live the same year again without a channel. For those who ordered once, each channel
either was needed for the order (it is missing then) or was not; the credit that a model gives the
channel's touches on the way to that order is read as the chance that it was. The joint law of
potential outcomes depends on which draws the two worlds share: here all, common random numbers.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from experiments.validation.estimands import Truth
from journeys import JourneyLog
from tiermix.core.arrays import Bools, Floats, Ints

EDGE = 1e-3
"""Chances are kept so far from 0 and 1: a rule that is sure and wrong has a finite loss."""

TOUCH_MEASURES: Mapping[str, str] = {
    "credited": "mean credit of a channel at an order",
    "needed": "share of orders for which the channel was needed",
    "slope": "slope of what was needed on what was credited; 1 is calibrated, 0 says nothing",
    "auc": "chance that an order that needed the channel has more credit than one that did not",
    "log_loss": "mean surprise at what was needed, credit taken as the chance",
    "flat_log_loss": "the same for a model that credits every order alike, at the true mean",
}


def owners(people: pd.DataFrame, width: int) -> pd.Series:
    """Visitor → flat position of the customer in `Truth.orders` [communities, width]."""
    person = people["customer_id"].str.rpartition("-")[2].astype(int)
    flat = (people["community"] * width + person).to_numpy()
    return pd.Series(flat, index=people["visitor_id"].astype(str))


def touch_error(
    touches: pd.DataFrame, log: JourneyLog, people: pd.DataFrame, truth: Truth
) -> dict[str, float]:
    """Calibration of `credit_by_touch_` (a frame by row of `log.touches`) in one world.

    Pooled over channels and customers with exactly one order in the log and in truth. Empty where
    the truth holds no market without a channel, or nobody ordered once.
    """
    channels = [name for name in truth.orders if name is not None]
    bought = truth.orders[None]
    place = owners(people, bought.shape[1])
    once = _buyers(log, place, bought.ravel())
    if not channels or not len(once):
        return {}
    given = _credit(touches, log, place, channels, bought.size)[:, once]
    needed = np.stack([truth.orders[name].ravel()[once] == 0 for name in channels])
    return calibration(given.ravel(), needed.ravel())


def calibration(given: Floats, needed: Bools) -> dict[str, float]:
    """The measures of `TOUCH_MEASURES` for credits and what was needed, both [n]."""
    chance = np.clip(given, EDGE, 1 - EDGE)
    share = float(np.clip(needed.mean(), EDGE, 1 - EDGE))
    spread = float(given.var())
    return {
        "credited": float(given.mean()),
        "needed": float(needed.mean()),
        "slope": float(np.cov(given, needed, ddof=0)[0, 1] / spread) if spread > 0 else np.nan,
        "auc": area_under_curve(given, needed.astype(bool)),
        "log_loss": _surprise(chance, needed),
        "flat_log_loss": _surprise(np.full(len(given), share), needed),
    }


def _buyers(log: JourneyLog, place: pd.Series, bought: Floats) -> Ints:
    """Flat positions of customers with one order in truth, which the log shows."""
    orders = log.conversions.loc[log.conversions["kind"] == "order", "visitor_id"].astype(str)
    seen = np.unique(place.reindex(orders).to_numpy(dtype=np.int64))
    return np.asarray(seen[bought[seen] == 1])


def _credit(
    touches: pd.DataFrame,
    log: JourneyLog,
    place: pd.Series,
    channels: list[str],
    width: int,
) -> Floats:
    """Credit in conversions by channel and flat position of the customer."""
    rows = log.touches.iloc[touches.index.to_numpy()]
    channel = pd.Categorical(rows["channel"].astype(str), categories=channels).codes
    known = channel >= 0
    person = place.reindex(rows["visitor_id"].astype(str)).to_numpy(dtype=np.int64)
    cell = channel[known].astype(np.int64) * width + person[known]
    amount = touches["conversions"].to_numpy(dtype=float)[known]
    credit = np.bincount(cell, amount, minlength=len(channels) * width)
    return np.asarray(credit, dtype=float).reshape(-1, width)


def area_under_curve(score: Floats, label: Bools) -> float:
    """Area under the ROC curve (Mann and Whitney 1947); ties count half, NaN with one class."""
    from scipy.stats import mannwhitneyu

    wins, losses = score[label], score[~label]
    if not len(wins) or not len(losses):
        return float("nan")
    statistic = mannwhitneyu(wins, losses, method="asymptotic").statistic
    return float(statistic) / (len(wins) * len(losses))


def _surprise(chance: Floats, needed: Bools) -> float:
    return float(-np.where(needed, np.log(chance), np.log1p(-chance)).mean())
