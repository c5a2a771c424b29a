"""Curve: one channel's effect on one KPI."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from optimize.curves import families
from optimize.curves.families import Cells, Table
from optimize.errors import AllocationError
from tiermix.core.arrays import Floats

StockKey = tuple[str, float, str]
CARRY_PER = ("month", "week", "day")


@dataclass(frozen=True, slots=True)
class Curve:
    """One channel's effect on one KPI as a function of effective monthly spend.

    `carry_over` is the retention of stock before the curve and `lag` that of the response after it,
    both per `carry_per` (month, week or day); `month` is set where the curve belongs to one month
    (or week) only. `draws` [D, 3] are draws of (ceiling, half, shape) that say how sure it is, and
    `evidence` says what an estimate rests on: data, partly, test, or prior only.
    """

    channel: str
    kpi: str
    family: str
    ceiling: float
    half: float = 1.0
    shape: float = 1.0
    carry_over: float = 0.0
    lag: float = 0.0
    month: str | None = None
    carry_per: str = "month"
    points: Table | None = None
    draws: Floats | None = field(default=None, compare=False)
    evidence: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        where = f"the curve of {self.channel} for {self.kpi}"
        try:
            families.check(self.family, self.ceiling, self.half, self.shape, self.points)
        except AllocationError as error:
            raise AllocationError(f"{where}: {error}.") from None
        for name, value in (("carry_over", self.carry_over), ("lag", self.lag)):
            if not 0 <= value < 1:
                raise AllocationError(f"{where}: {name} {value} is no retention; use [0, 1).")
        if self.carry_per not in CARRY_PER:
            raise AllocationError(
                f"{where}: carry_per {self.carry_per!r} is not {', '.join(CARRY_PER[:-1])} or "
                f"{CARRY_PER[-1]}."
            )

    @property
    def stock_key(self) -> StockKey:
        """The effective spend that the curve reads: channel and stock kernel."""
        return (self.channel, self.carry_over, self.carry_per)

    @property
    def delay(self) -> tuple[float, str]:
        """How the response lags behind: its retention, and per what."""
        return (self.lag, self.carry_per)

    @property
    def cells(self) -> Cells:
        """The curve as one cell, ready to be evaluated."""
        code = families.FAMILIES.index(self.family)
        return Cells(
            np.array([code]),
            np.array([self.ceiling], dtype=float),
            np.array([self.half], dtype=float),
            np.array([self.shape], dtype=float),
            (self.points,),
        )

    def value(self, spend: Iterable[float] | float) -> Floats:
        """Response at effective monthly spends, same shape."""
        x = np.atleast_1d(np.asarray(spend, dtype=float))
        return self.cells.take(np.zeros(x.size, dtype=np.int64)).value(x.ravel()).reshape(x.shape)

    def scaled(self, share: float) -> Curve:
        """The curve over periods longer by a factor: share · f(x / share), its carry-over kept."""
        x, y = np.array(self.points) * share if self.points else (np.zeros(0), np.zeros(0))
        return replace(
            self,
            ceiling=share * self.ceiling,
            half=share * self.half,
            points=(tuple(x.tolist()), tuple(y.tolist())) if self.points else None,
            draws=None if self.draws is None else self.draws * [share, share, 1.0],
        )

    def draw(self, index: int) -> Curve:
        """The curve with its `index`-th draw of parameters (itself when it has none)."""
        if self.draws is None:
            return self
        ceiling, half, shape = (float(x) for x in self.draws[index % len(self.draws)])
        return replace(self, ceiling=ceiling, half=half, shape=shape, draws=None)
