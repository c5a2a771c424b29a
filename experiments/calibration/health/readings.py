"""What the weeks of a file say of each channel by themselves, beside the fitted market's word.

The regression whose coefficients a fit matches, on the file alone and by least squares: orders over
their mean on growth, levels of years, seasons, controls, and each channel's pressure over its mean.
A coefficient is the share of orders that goes with the channel's money, read as if in proportion;
its error allows for the memory of weeks. No market and no prior is in it, so it shows where these
two, and not the weeks, say what a channel brings. It is no better than any regression: spend that
follows demand is read as effect.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.stats import norm

from experiments.calibration.contributions import Contribution
from experiments.calibration.health.figure import LOOK, OK, Figure
from experiments.calibration.history import History
from experiments.calibration.judged import Judged
from experiments.calibration.moments import (
    conversions_of,
    demand_columns,
    free_columns,
    media_of_weeks,
)
from experiments.calibration.write import NORMAL, verdict_of
from scenarios import Scenario

CHANCE = 0.01
"""Honest weeks and a market that is the company's are this seldom told apart, of any channel."""
Reading = tuple[float, float]
"""Share of orders and its standard error."""


def readings(base: Scenario, history: History) -> dict[str, Reading]:
    """By channel; none where there are too many channels for so few weeks."""
    media, weeks = media_of_weeks(base, history), len(history.weeks)
    if not media or len(media) > weeks // 3:
        return {}
    others = [*free_columns(history), np.ones(weeks), *demand_columns(base, history).T]
    columns = np.column_stack([*others, *media.values()])
    series = conversions_of(base, history)
    nothing = replace(history, conversions=np.zeros(weeks))
    variance, echo = series.noise(history, nothing)
    inverse = np.linalg.pinv(columns)
    lag = np.abs(np.subtract.outer(np.arange(weeks), np.arange(weeks)))
    errors = np.sqrt(np.diag(inverse @ (variance * np.float64(echo) ** lag) @ inverse.T))
    found = zip(inverse @ series.read(history), errors, strict=True)
    told = [(float(share), float(error)) for share, error in found]
    return dict(zip(media, told[len(others) :], strict=True))


def contribution_rows(calibration: Judged) -> list[dict[str, Any]]:
    """A row for each channel: what it brought by the fitted market, and what weeks say of it."""
    said = readings(calibration.problem.base, calibration.history)
    rows = []
    for one in calibration.brought:
        share, error = said.get(one.channel, (None, None))
        rows.append({**one.to_dict(), "weeks_say": share, "weeks_error": error})
    return rows


def reading_figures(calibration: Judged) -> Iterator[Figure]:
    """Whether weeks by themselves say of channels what the fitted market says."""
    said = readings(calibration.problem.base, calibration.history)
    pairs = [(one, said[one.channel]) for one in calibration.brought if one.channel in said]
    if not pairs:
        return
    limit = float(norm.ppf(1.0 - CHANCE / len(pairs) / 2.0))
    away = [(_errors_apart(*pair), *pair) for pair in pairs]
    far = [(one, reading) for apart, one, reading in away if apart > limit]
    largest = max(apart for apart, _, _ in away)
    listed = ", ".join(_told(*pair) for pair in far)
    says = (
        f"weeks by themselves say something else of channels than the fitted market: {listed}"
        if far
        else "weeks by themselves say of no channel anything else than the fitted market"
    )
    remedy = _remedy(calibration) if far else ""
    shown, ok = f"{largest:.1f} errors apart", f"at most {limit:.1f}"
    yield Figure(
        "channels, weeks beside market", largest, shown, ok, LOOK if far else OK, says, remedy
    )


def _remedy(calibration: Judged) -> str:
    guessed = [x.channel for x in calibration.brought if verdict_of(x.learned) == "prior"]
    named = f" (of {', '.join(guessed)})" if guessed else ""
    return (
        f"what weeks did not teach the market{named} is the base's guess, and few customers teach "
        "little; or spend followed demand, which a regression takes for effect. A test tells "
        "(`lifts`), more customers may"
    )


def _errors_apart(one: Contribution, reading: Reading) -> float:
    share, error = reading
    side = one.high - one.share if share > one.share else one.share - one.low
    return abs(share - one.share) / float(np.hypot(error, side / NORMAL))


def _told(one: Contribution, reading: Reading) -> str:
    share, error = reading
    return (
        f"{one.channel} {share:.1%} ± {error:.1%} of orders, in the market {one.share:.1%} "
        f"[{one.low:.1%}, {one.high:.1%}]"
    )
