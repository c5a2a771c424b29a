"""What each channel's money brought in the company's last year, by the fitted market.

The market lives the weeks once more, with the same random streams and without the channel's money
in them: what it sells less is the channel's share, as a hold-out test of a year would find it. What
earlier money left in people stays.

The interval goes along the parameter of the channel that is known least, from one end of its 95 %
to the other, all others moved with it as the posterior has it (their conditional means); the error
of the simulated share is added in squares.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from experiments.calibration.fit import Posterior
from experiments.calibration.history import LiftMoment
from experiments.calibration.problem import Problem
from experiments.calibration.tested import share_without
from experiments.calibration.write import NORMAL, verdict_of
from sim import WeeklyCounts
from tiermix.core.arrays import Floats

YEAR = 52
"""Weeks that are looked at: a year, or the own weeks where they are fewer."""


@dataclass(frozen=True)
class Contribution:
    """The share of orders that a channel's money brought, 0.05 being 5 %, with its 95 % interval.

    `spend` and `revenue` are the file's, of the channel and of the company, in these weeks; `by` is
    the parameter that the interval goes along, `learned` what the weeks told of it.
    """

    channel: str
    weeks: int
    spend: float
    revenue: float
    share: float
    low: float
    high: float
    by: str
    learned: float

    def to_dict(self) -> dict[str, Any]:
        """A row of the document: `return` is revenue for a unit of money, with its interval."""
        ends = ("share", "low", "high")
        back = {f"return_{x}": getattr(self, x) * self.revenue / self.spend for x in ends}
        row = {"channel": self.channel, "weeks": self.weeks, "spend": self.spend}
        row |= {x: getattr(self, x) for x in ends} | {"return": back.pop("return_share"), **back}
        return {**row, "by": self.by, "learned": self.learned, "verdict": verdict_of(self.learned)}


def contributions(
    problem: Problem, posterior: Posterior, quantile: float
) -> tuple[Contribution, ...]:
    """One for each channel with money in the last year of the history, the dearest first.

    `quantile` is how many posterior standard deviations 95 % are.
    """
    own = replace(problem.history.own, lifts=())
    last = own.part(slice(-YEAR, None))
    spent = dict(zip(last.channels, last.spend.sum(axis=0).tolist(), strict=True))
    first, end = len(own.weeks) - len(last.weeks), len(own.weeks)
    asked = replace(problem, history=own)
    middle = asked.seen([posterior.theta], "the fitted market's last year")[0]
    least = 1.0 / max(_simulated_orders(asked, middle, first), 1.0)
    found = []
    for name in sorted((name for name in spent if spent[name] > 0), key=lambda x: -spent[x]):
        k = _least_known(problem, posterior, name)
        places = _places(problem, posterior, k, quantile)
        shares = _shares(asked, LiftMoment(name, first, end, 0.0, 1.0), middle, places)
        known = _known(problem, posterior, k)
        money = (len(last.weeks), spent[name], float(last.revenue.sum()))
        found.append(Contribution(name, *money, *_ends(shares, least), *known))
    return tuple(found)


def _known(problem: Problem, posterior: Posterior, k: int | None) -> tuple[str, float]:
    """The name of parameter k, and the share of its prior's variance that weeks took away."""
    if k is None:
        return "", 0.0
    parameter = problem.parameters[k]
    return parameter.name, 1.0 - float(posterior.covariance[k, k]) / parameter.width**2


def _least_known(problem: Problem, posterior: Posterior, channel: str) -> int | None:
    """The channel's own parameter with the widest posterior; none where it has none."""
    own = [k for k, p in enumerate(problem.parameters) if p.own[1] == channel]
    return max(own, key=lambda k: posterior.spread[k], default=None)


def _places(problem: Problem, posterior: Posterior, k: int | None, quantile: float) -> list[Floats]:
    """Where the fit ended, and both ends of parameter k with all others as they go with it."""
    middle = posterior.theta
    if k is None:
        return [middle]
    way = quantile * posterior.covariance[:, k] / posterior.spread[k]
    return [middle, *(problem.towards(middle, middle + side * way) for side in (-1.0, 1.0))]


def _shares(
    problem: Problem, moment: LiftMoment, middle: list[WeeklyCounts], places: list[Floats]
) -> list[LiftMoment]:
    """The channel's share at each place, the first of which is that of the market in the middle."""
    what = f"what {moment.channel} brought"
    whole = [middle, *(problem.seen(places[1:], what) if places[1:] else ())]
    lacking = problem.seen(places, what, moment)
    return [share_without(moment, *pair) for pair in zip(whole, lacking, strict=True)]


def _simulated_orders(problem: Problem, markets: list[WeeklyCounts], first: int) -> float:
    """Orders that were simulated in the weeks from `first` on, of all markets together."""
    people = problem.base.market_size / problem.customers
    return sum(float(one.of("conversions")[:, first:].sum()) for one in markets) / people


def _ends(shares: list[LiftMoment], least: float) -> tuple[float, float, float]:
    """The share, and both ends of its interval; no error is below `least`, that of one order."""
    share, error = shares[0].lift, NORMAL * max(shares[0].error, least)
    ways = [one.lift - share for one in shares[1:]] or [0.0]
    below, above = min(*ways, 0.0), max(*ways, 0.0)
    return share, share - float(np.hypot(below, error)), share + float(np.hypot(above, error))
