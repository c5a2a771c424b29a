"""Lift tests as moments: what a channel brought in the weeks of its test, in file and market.

The market lives the company's weeks once more, the channel without money while the test lasted,
with the same random streams: what is lacking then is the share that the test measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from experiments.calibration.history import WEEK, History, LiftMoment
from experiments.calibration.history_file import HistoryError
from experiments.lifts import MeasuredLift
from sim import WeeklyCounts
from tiermix.core.arrays import Floats

MOST_OF_A_WEEK = 4
"""Days of a week that have to lie in a test for the week to count as tested."""


def with_lifts(history: History, lifts: Sequence[MeasuredLift]) -> History:
    """The history with what tests found in its weeks. Raises `HistoryError`."""
    return replace(history, lifts=tuple(_moment(history, one) for one in lifts))


def _moment(history: History, one: MeasuredLift) -> LiftMoment:
    told = f"the test of {one.channel!r} from {one.start} to {one.end}"
    last = history.weeks[-1] + WEEK
    inside = [
        n
        for n, week in enumerate(history.weeks)
        if n >= history.own_first
        if min(7, (one.end - week).days + 1) - max(0, (one.start - week).days) >= MOST_OF_A_WEEK
    ]
    begin = history.weeks[history.own_first]
    if not inside or one.start < begin or one.end >= last:
        raise HistoryError(
            f"{history.source}: {told} does not lie in the weeks that are fitted, "
            f"{begin} to {last - WEEK / 7}; leave its line out, or bring its weeks."
        )
    first, end = inside[0], inside[-1] + 1
    spent = (
        one.channel in history.channels
        and history.spend[first:end, history.channels.index(one.channel)].any()
    )
    if not spent:
        raise HistoryError(
            f"{history.source}: {told} says what its money brought, and the history has no spend "
            "of it in those weeks; add it, or leave the test's line out."
        )
    return LiftMoment(one.channel, first, end, one.lift, one.error)


def share_without(
    moment: LiftMoment,
    whole: Sequence[WeeklyCounts],
    without: Sequence[WeeklyCounts],
    skipped: int = 0,
) -> LiftMoment:
    """The same in the market: what markets sell less without the channel's money, as a share.

    Its error is between communities, which are independent of one another. The market without has
    not lived the first `skipped` weeks, which are of earlier years.
    """
    own = replace(moment, first=moment.first - skipped, last=moment.last - skipped)
    pairs = [
        (_orders(one, moment), _orders(other, own))
        for one, other in zip(whole, without, strict=True)
    ]
    sold = sum(float(one.sum()) for one, _ in pairs)
    if sold <= 0:
        return replace(moment, lift=0.0, error=1.0)
    share = sum(float((one - other).sum()) for one, other in pairs) / sold
    squares = 0.0
    for one, other in pairs:
        away, count = one - other - share * one, len(one)
        squares += float(((away - away.mean()) ** 2).sum()) * count / max(count - 1, 1)
    return replace(moment, lift=share, error=float(np.sqrt(squares)) / sold)


def _orders(market: WeeklyCounts, moment: LiftMoment) -> Floats:
    """Orders of each community in the weeks of a test."""
    weeks = slice(moment.first, moment.last)
    return np.asarray(market.of("conversions")[:, weeks].sum(axis=(1, 2)))
