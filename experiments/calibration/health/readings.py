"""What the weeks of a file say of each channel by themselves, beside the fitted market's word.

Orders over their mean are regressed, by least squares, on growth, levels of years, seasons,
controls, and each channel's spend, carried over and saturated, over its mean. A coefficient is the
share of orders that goes with the channel's money; it is told for the last year. How long money
works and how soon it saturates nobody knows, and a wrong guess moves the share: so all shapes of a
grid are tried and weighted by how well they fit (Bayesian model averaging: Hoeting, Madigan,
Raftery and Volinsky 1999), and what they differ by is in the error, as is the memory of weeks.

No market and no prior is in it, so it shows where these two, and not the weeks, say what a channel
brings. It is no better than any regression: spend that follows demand is read as effect.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from scipy.stats import norm

from experiments.calibration.contributions import YEAR, Contribution
from experiments.calibration.health.figure import LOOK, OK, Figure
from experiments.calibration.history import History
from experiments.calibration.judged import Judged
from experiments.calibration.moments import (
    MOST_PERSISTENT,
    carried_over,
    demand_columns,
    free_columns,
    media_of_weeks,
)
from experiments.calibration.write import NORMAL, verdict_of
from scenarios import Scenario
from tiermix.core.arrays import Floats

CHANCE = 0.01
"""Honest weeks and a market that is the company's are this seldom told apart, of any channel."""
DAYS = (2.0, 4.0, 7.0, 14.0, 28.0)
"""Half-lives of what money does that are tried."""
BENDS = (0.0, 0.5, 1.0, 2.0, 4.0)
"""Usual spend over that of half saturation: in proportion, bent, and bent a good deal."""
SHAPES = tuple((days, bend) for days in DAYS for bend in BENDS)
SWEEPS = 2
"""Over all channels, until each has the shape that fits best."""
LEAST = 1e-9
"""Squares that are left are never believed to be less."""
Reading = tuple[float, float]
"""Share of orders and its standard error."""


def readings(base: Scenario, history: History) -> dict[str, Reading]:
    """By channel; none where there are too many channels for so few weeks."""
    named = [*media_of_weeks(base, history)]
    others = [*free_columns(history), np.ones(len(history.weeks))]
    demand = demand_columns(base, history)
    return shares_by_weeks(history, named, np.column_stack([*others, demand]))


def shares_by_weeks(history: History, named: Sequence[str], others: Floats) -> dict[str, Reading]:
    """The same of the channels that are named, beside other columns [W, P]."""
    if not named or len(named) > len(history.weeks) // 3:
        return {}
    shapes = {name: [_pressure(history, name, *how) for how in SHAPES] for name in named}
    best = _best_shapes(history, others, shapes)
    found = {}
    for k, name in enumerate(named):
        # The channel in all shapes, the others in those that fit best.
        media = [shapes[other][best[other]] for other in named]
        tried = [
            _read(history, others, [*media[:k], shape, *media[k + 1 :]], k)
            for shape in shapes[name]
        ]
        found[name] = _averaged(tried, len(history.weeks))
    return found


def _best_shapes(
    history: History, others: Floats, shapes: dict[str, list[Floats]]
) -> dict[str, int]:
    """The shape of each channel that fits best beside those of the others, in turn."""
    best = dict.fromkeys(shapes, 0)
    orders = history.conversions / history.conversions.mean()
    for _ in range(SWEEPS):
        for name, tried in shapes.items():
            beside = [shapes[other][best[other]] for other in shapes if other != name]
            basis, _ = np.linalg.qr(np.column_stack([others, *beside]))
            left = orders - basis @ (basis.T @ orders)
            rests = [shape - basis @ (basis.T @ shape) for shape in tried]
            gains = [float(rest @ left) ** 2 / max(float(rest @ rest), LEAST) for rest in rests]
            best[name] = int(np.argmax(gains))
    return best


def _averaged(tried: Sequence[tuple[float, float, float]], weeks: int) -> Reading:
    """The mean of shares (share, error, squares left) by how likely they are, and its error."""
    shares, errors, left = np.array(tried).T
    weights = np.exp(-0.5 * weeks * np.log(left / left.min()))
    weights = weights / weights.sum()
    mean = float(weights @ shares)
    return mean, float(np.sqrt(weights @ (errors**2 + (shares - mean) ** 2)))


def _pressure(history: History, channel: str, days: float, bend: float) -> Floats:
    """A channel's weekly spend, carried over and saturated, over its mean [W]."""
    c, keep = history.channels.index(channel), 2.0 ** (-1.0 / days)
    years = [carried_over(np.repeat(x.spend[:, c] / 7.0, 7), keep) for x in history.years()]
    level = np.concatenate(years)
    level = level / level.mean()
    found = np.asarray((level / (1.0 + bend * level)).reshape(-1, 7).mean(axis=1))
    return np.asarray(found / found.mean())


def _read(
    history: History, others: Floats, media: Sequence[Floats], k: int
) -> tuple[float, float, float]:
    """Share of the last year of the k-th channel, its error, and the squares that are left."""
    columns = np.column_stack([others, *media])
    y, inverse = history.conversions / history.conversions.mean(), np.linalg.pinv(columns)
    left = y - columns @ (inverse @ y)
    squares = max(float(left @ left), LEAST)
    rank = float(np.trace(columns @ inverse))
    echo = float(left[1:] @ left[:-1]) / squares + rank / len(y) / 2.0
    lag = np.abs(np.subtract.outer(np.arange(len(y)), np.arange(len(y))))
    memory = np.float64(np.clip(echo, 0.0, MOST_PERSISTENT)) ** lag
    row = inverse[others.shape[1] + k]
    error = float(np.sqrt(squares / max(len(y) - rank, 1.0) * (row @ memory @ row)))
    last = slice(-min(YEAR, len(history.own.weeks)), None)
    scale = float(media[k][last].mean() / y[last].mean())
    return scale * float(row @ y), scale * error, squares


def contribution_rows(calibration: Judged) -> list[dict[str, Any]]:
    """A row for each channel: what it brought by the fitted market, and what weeks say of it."""
    said, rows = calibration.readings, []
    for one in calibration.brought:
        share, error = said.get(one.channel, (None, None))
        rows.append({**one.to_dict(), "weeks_say": share, "weeks_error": error})
    return rows


def reading_figures(calibration: Judged) -> Iterator[Figure]:
    """Whether weeks by themselves say of channels what the fitted market says."""
    said = calibration.readings
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
