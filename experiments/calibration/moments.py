"""Moments of a weekly history: what a simulated company's figures have to agree with.

Indirect inference (Gouriéroux, Monfort and Renault 1993): the same auxiliary regressions on the
real and on the simulated weeks, matched in their coefficients. Every series is linear in what was
counted, so that the noise of small markets adds no bias:

    conversions      level, seasons, controls, media that carried over; a trend is partialled out
    order value      revenue less conversions at the observed mean value
    impressions      level, and slope on the channel's own stock of spend
    click rate       clicks less impressions at the observed rate
    price            spend less paid events at the observed price
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from scipy.linalg import block_diag

from experiments.calibration.control_effects import control_columns
from experiments.calibration.history import History
from experiments.calibration.parameters import yearless
from scenarios import Channel, Scenario, days_of
from tiermix.core.arrays import Floats

CARRIED_DAYS = 14.0
"""Half-life of media in the auxiliary regression; a wrong one costs precision, not truth."""
MOST_PERSISTENT = 0.8
COLLINEAR = 1e-3
UNLIKE = 0.03
"""Impressions of no company bend with money just as the market's: what that leaves of a week. They
have next to no noise, and without this a fit gives up orders to come nearer to them."""
LEAST_NOISE = 1e-6
"""No weekly figure is believed to more than a thousandth of itself."""


@dataclass(frozen=True, eq=False)
class Series:
    """One weekly series and its regression on an orthonormal `basis` [W, P].

    `read` makes it from counts; the first `skipped` columns are partialled out, the next `matched`
    are moments, the first of them the level that all weeks share, and what the others explain is
    no noise. `unlike` is by how much of a usual week the market may be another for good.
    """

    name: str
    read: Callable[[History], Floats]
    basis: Floats
    skipped: int
    matched: int
    unlike: float = 0.0

    def moments(self, history: History) -> Floats:
        """Coefficients [matched]."""
        return np.asarray(self._kept.T @ self.read(history))

    def noise(self, real: History, simulated: History) -> tuple[float, float]:
        """Variance of what the simulated weeks lack, and its autocorrelation from week to week."""
        y = self.read(real) - self.read(simulated)
        left = y - self.basis @ (self.basis.T @ y)
        variance = float(left @ left) / max(len(y) - self.basis.shape[1], 1)
        if variance < LEAST_NOISE:
            return LEAST_NOISE, 0.0
        echo = float(left[1:] @ left[:-1]) / float(left @ left)
        # Residuals of a regression seem less persistent than the noise (Marriott and Pope 1954).
        echo += self.basis.shape[1] / len(y) / 2.0
        return variance, float(np.clip(echo, 0.0, MOST_PERSISTENT))

    def covariance(self, variance: float, echo: float, spread: float) -> Floats:
        """Covariance of the moments [matched, matched] under AR(1) noise.

        `spread` is by how much the variance of the level exceeds that of weeks without memory:
        the same people buy again.
        """
        weeks = len(self.basis)
        lag = np.abs(np.subtract.outer(np.arange(weeks), np.arange(weeks)))
        found = variance * self._kept.T @ (np.float64(echo) ** lag) @ self._kept
        found[0, 0] += variance * max(spread - 1.0, 0.0)
        return np.asarray(found + self.unlike**2 * weeks * np.eye(self.matched))

    @property
    def _kept(self) -> Floats:
        return self.basis[:, self.skipped : self.skipped + self.matched]


def series_of(scenario: Scenario, history: History) -> tuple[Series, ...]:
    """All series that this history tells, with the regressions that fit its weeks."""
    own = history.own
    demand = demand_columns(scenario, own)
    found = [_order_value(own)]
    for c, name in enumerate(own.channels):
        if own.spend[:, c].sum() > 0:
            found += _of_channel(scenario.channel(name), c, scenario, own, demand)
    # Prices and rates are those of the scenario's own years; demand is learned from all of them.
    return (conversions_of(scenario, history), *map(_of_own_weeks, found))


def _of_own_weeks(series: Series) -> Series:
    read = series.read
    return replace(series, read=lambda history: read(history.own))


def conversions_of(scenario: Scenario, history: History) -> Series:
    """Weekly conversions over their mean, and all that moves them."""
    weeks = len(history.weeks)
    demand = demand_columns(scenario, history)
    free = free_columns(history)
    media = _leading(media_columns(scenario, history), weeks // 3)
    basis = _orthonormal([*free, np.ones(weeks), *demand.T, *media.T])
    mean, matched = history.conversions.mean(), basis.shape[1] - len(free)
    return Series("conversions", lambda h: h.conversions / mean, basis, len(free), matched)


def free_columns(history: History) -> list[Floats]:
    """Growth, and levels of earlier years: nothing in the scenario would make them."""
    return [_growth(history), *_earlier_columns(history)]


def _growth(history: History) -> Floats:
    """A trend about the middle of each year: over all years it would take the own level with it."""
    parts = history.by_year(np.arange(len(history.weeks), dtype=float))
    found = np.concatenate([part - part.mean() for part in parts])
    return np.asarray(found / np.abs(found).max())


def _earlier_columns(history: History) -> list[Floats]:
    """1 in the weeks of an earlier year, for each of them."""
    columns = np.zeros((len(history.earlier), len(history.weeks)))
    for column, year in zip(columns, history.earlier, strict=True):
        column[year.first : year.last] = 1.0
    return list(columns)


def _order_value(history: History) -> Series:
    value = history.revenue.sum() / history.conversions.sum()
    mean = history.revenue.mean()
    return _level("order value", history, lambda h: (h.revenue - value * h.conversions) / mean)


def _of_channel(
    channel: Channel, c: int, scenario: Scenario, history: History, demand: Floats
) -> Iterator[Series]:
    views, clicks = (history.has_figures(what, channel.name) for what in ("impressions", "clicks"))
    if views and not channel.capped:
        mean = float(history.impressions[:, c].mean())
        columns = [np.ones(len(history.weeks)), _weekly(stock_of(channel, history.spend[:, c]))]
        matched = _orthonormal(columns).shape[1]
        basis = _orthonormal([*columns, *demand.T])
        read = cast(Callable[[History], Floats], lambda h: h.impressions[:, c] / mean)
        yield Series(f"impressions {channel.name}", read, basis, 0, matched, UNLIKE)
    if views and clicks:
        yield _ratio(f"click rate {channel.name}", history, "clicks", "impressions", c)
    if channel.capped and (clicks if channel.kind.billed == "click" else views):
        paid = "clicks" if channel.kind.billed == "click" else "impressions"
        yield _ratio(f"price {channel.name}", history, "spend", paid, c)


def _ratio(name: str, history: History, top: str, bottom: str, c: int) -> Series:
    """What is left of one count when another one times their observed ratio is taken away."""
    above, below = getattr(history, top)[:, c], getattr(history, bottom)[:, c]
    ratio, mean = above.sum() / below.sum(), above.mean()
    return _level(
        name, history, lambda h: (getattr(h, top)[:, c] - ratio * getattr(h, bottom)[:, c]) / mean
    )


def _level(name: str, history: History, read: Callable[[History], Floats]) -> Series:
    weeks = len(history.weeks)
    return Series(name, read, np.full((weeks, 1), weeks**-0.5), 0, 1)


def demand_columns(scenario: Scenario, history: History) -> Floats:
    """What moves needs in each week, media apart [W, seasons and controls]."""
    seasons, controls = season_columns(scenario, history), control_columns(scenario, history)
    return np.concatenate([seasons, controls], axis=1)


def season_columns(scenario: Scenario, history: History) -> Floats:
    """Share of each week's days that each season takes [W, seasons], years of one name together."""
    return _beside(seasons_of_weeks(scenario, history).values(), history)


def seasons_of_weeks(scenario: Scenario, history: History) -> dict[str, Floats]:
    """The same by the season's name without its year, for seasons that the weeks have seen."""
    names = dict.fromkeys(yearless(season.name) for season in scenario.seasons)
    columns = {
        name: np.concatenate([_season(scenario, name, year) for year in history.years()])
        for name in names
    }
    return {name: column for name, column in columns.items() if column.any()}


def _beside(columns: Iterable[Floats], history: History) -> Floats:
    kept = list(columns)
    return np.array(kept).reshape(len(kept), len(history.weeks)).T


def _season(scenario: Scenario, name: str, year: History) -> Floats:
    """Share of each week's days that seasons of a name take, in one year of the history."""
    weeks = len(year.weeks)
    days = np.zeros(7 * weeks)
    for season in scenario.seasons:
        if yearless(season.name) == name:
            days[days_of(season, year.weeks[0])] += 1.0
    return np.asarray(days.reshape(weeks, 7).mean(axis=1))


def media_columns(scenario: Scenario, history: History) -> Floats:
    """Weekly pressure of each channel that works on people, carried over [W, channels]."""
    return _beside(media_of_weeks(scenario, history).values(), history)


def media_of_weeks(scenario: Scenario, history: History) -> dict[str, Floats]:
    """The same by the channel's name."""
    keep = 2.0 ** (-1.0 / CARRIED_DAYS)
    columns = {}
    for c, name in enumerate(history.channels):
        channel = scenario.channel(name)
        if channel.kind.on_result_page or history.spend[:, c].sum() == 0:
            continue
        stocks = [stock_of(channel, year.spend[:, c]) for year in history.years()]
        if not channel.capped:
            usual = usual_level(scenario, channel, history.spend[:, c])
            levels = [stock / np.concatenate(stocks).mean() * usual for stock in stocks]
            stocks = [level**channel.slope / (1.0 + level**channel.slope) for level in levels]
        # Each year of the history is a market from its beginning, and nothing reaches into it.
        carried = np.concatenate([carried_over(stock, keep) for stock in stocks])
        columns[name] = _weekly(carried) / carried.mean()
    return columns


def usual_level(scenario: Scenario, channel: Channel, spend: Floats) -> float:
    """Mean yearly money per head relative to the channel's half-saturation."""
    reached = sum(r.share for r in scenario.regions if r.name in channel.regions) or 1.0
    heads = scenario.market_size * reached
    return float(spend.mean() / 7.0 * 365.0 / heads / channel.half)


def stock_of(channel: Channel, spend: Floats) -> Floats:
    """Daily content stock that weekly spend builds up; money of the first week went on before."""
    return carried_over(np.repeat(spend / 7.0, 7), channel.retention)


def carried_over(daily: Floats, keep: float) -> Floats:
    """Geometric carry-over of a daily series that was always as in its first week."""
    out, stock = np.empty_like(daily), float(daily[:7].mean())
    for day, amount in enumerate(daily.tolist()):
        stock = keep * stock + (1.0 - keep) * amount
        out[day] = stock
    return out


def _weekly(daily: Floats) -> Floats:
    return np.asarray(daily.reshape(-1, 7).mean(axis=1))


def _leading(columns: Floats, most: int) -> Floats:
    """The columns, or their leading principal components if there are more than `most`."""
    if columns.shape[1] <= most:
        return columns
    centred = columns - columns.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    return np.asarray((left * sizes)[:, :most])


def _orthonormal(columns: Sequence[Floats]) -> Floats:
    """Gram–Schmidt in the order given [W, P]; what the columns before explain is left out."""
    basis = np.zeros((len(columns[0]), 0))
    for column in columns:
        rest = column - basis @ (basis.T @ column)
        rest -= basis @ (basis.T @ rest)
        size = float(np.linalg.norm(rest))
        if size > COLLINEAR * float(np.linalg.norm(column)):
            basis = np.column_stack([basis, rest / size])
    return basis


@dataclass(frozen=True, eq=False)
class Moments:
    """All moments of a history, stacked [M]."""

    series: tuple[Series, ...]

    def of(self, history: History) -> Floats:
        """The moments of a real or simulated history; what tests found comes last."""
        lifts = np.array([one.lift for one in history.lifts])
        return np.concatenate([*(x.moments(history) for x in self.series), lifts])

    def covariance(self, real: History, simulated: History, spreads: Sequence[float]) -> Floats:
        """Their covariance, series by series, by the noise that the weeks themselves show."""
        blocks = [
            one.covariance(*one.noise(real, simulated), spread)
            for one, spread in zip(self.series, spreads, strict=True)
        ]
        # A test has its own error, the market's answer to it that of so many customers.
        pairs = zip(real.lifts, simulated.lifts, strict=True)
        blocks += [np.array([[mine.error**2 + other.error**2]]) for mine, other in pairs]
        return np.asarray(block_diag(*blocks))
