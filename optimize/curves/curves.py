"""ResponseCurves: what each channel's money brings, per KPI, where it is tied, and how sure."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from optimize.curves import carry_over, curve_file
from optimize.curves.curve import Curve, StockKey
from optimize.errors import AllocationError
from scenarios import plan_periods as periods
from tiermix.core.arrays import Floats
from tiermix.core.figures import number
from tiermix.core.notebook import html_table, text_table

if TYPE_CHECKING:
    import pandas as pd

UNUSED = 0.01
"""From which share of a channel's money on it is told that it is not used."""
PRIOR_ONLY, UNTRIED = "prior only", "no money"
COLUMNS_SHOWN = ("channel", "kpi", "month", "family", "ceiling", "half", "shape", "ceiling 90 %")


@dataclass(frozen=True)
class Anchor:
    """Where curves are tied to what was seen: effective spend per lane, level per KPI, by month."""

    effective: Mapping[StockKey, Floats]
    level: Mapping[str, Floats]


@dataclass(frozen=True, repr=False)
class ResponseCurves:
    """Curves per channel and KPI over planned months, with anchor, base and last year's levels.

    `base` gives, per KPI, what this year's money does not cause, by month [M]; with an `anchor`
    it follows from it, V(x) = V(x⁰) + Σ [f(x) − f(x⁰)]. `last_year` holds KPI levels of last year
    (and of its quarters as "kpi@Q1") for goals relative to it. `people` bounds a KPI by the people
    there are: its curves, base and anchor are then exposures (or chances to be won), and the KPI
    of a period is N · (1 − exp(−all of them / N)). A KPI may be given by persona, as "reach:young",
    each with curves and people of its own: it is their sum. `source` says where curves come from.
    `noise` says how noisy the weeks were that they were estimated from: per KPI, its variance over
    its expectation. `level_error` is the standard error of the level that the curves are tied to,
    per KPI of the year. `usage` says of channels what of so much money of the year was spent: pairs
    of planned and spent, in rising order; the others use all of it. Curves that bend far from the
    usual money are taken to be in another unit, unless that is known to be right (`unit_known`).
    `notes` tell how curves of another tool were read.
    """

    curves: tuple[Curve, ...]
    months: tuple[str, ...]
    base: Mapping[str, Floats] = field(default_factory=dict)
    anchor: Anchor | None = None
    last_year: Mapping[str, float] = field(default_factory=dict)
    people: Mapping[str, float] = field(default_factory=dict)
    source: str = "given"
    noise: Mapping[str, float] = field(default_factory=dict)
    level_error: Mapping[str, float] = field(default_factory=dict)
    usage: Mapping[str, Sequence[tuple[float, float]]] = field(default_factory=dict)
    unit_known: bool = False
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        for kpi, count in self.people.items():
            if not (np.isfinite(count) and count > 0):
                raise AllocationError(
                    f"people for {kpi}: {count} is no number of people above 0; give how many "
                    "there are, or leave it out."
                )

    @cached_property
    def _index(self) -> dict[tuple[str, str, str | None], Curve]:
        found: dict[tuple[str, str, str | None], Curve] = {}
        for curve in self.curves:
            key = (curve.channel, curve.kpi, curve.month)
            if key in found:
                raise AllocationError(
                    f"{curve.channel} has two curves for {curve.kpi} in "
                    f"{curve.month or 'all months'}; keep one of them."
                )
            found[key] = curve
        return found

    @property
    def channels(self) -> tuple[str, ...]:
        """Channels that have a curve, in order of appearance."""
        return tuple(dict.fromkeys(curve.channel for curve in self.curves))

    @property
    def kpis(self) -> tuple[str, ...]:
        """KPIs that have a curve, in order of appearance."""
        return tuple(dict.fromkeys(curve.kpi for curve in self.curves))

    @cached_property
    def groups(self) -> dict[str, tuple[str, ...]]:
        """KPIs that are given by persona, with what adds up to each."""
        found: dict[str, list[str]] = {}
        for kpi in self.kpis:
            name, colon, _ = kpi.partition(":")
            if colon:
                found.setdefault(name, []).append(kpi)
        both = [name for name in found if name in self.kpis]
        if both:
            raise AllocationError(
                f"there are curves for {both[0]} as a whole and by persona "
                f"({', '.join(found[both[0]])}); keep one of the two."
            )
        return {name: tuple(parts) for name, parts in found.items()}

    @property
    def prior_only(self) -> tuple[str, ...]:
        """Channels of which no curve rests on anything but its prior, in order of appearance."""
        known = {curve.channel for curve in self.curves if curve.evidence != PRIOR_ONLY}
        return tuple(name for name in self.channels if name not in known)

    @property
    def untried(self) -> tuple[str, ...]:
        """Channels that had no money, of which nothing is known: their curves are 0."""
        return tuple(dict.fromkeys(c.channel for c in self.curves if c.evidence == UNTRIED))

    @property
    def without_base(self) -> tuple[str, ...]:
        """KPIs of which only what the year's money brings is known, in order of appearance."""
        tied = {*self.base, *(self.anchor.level if self.anchor else ())}
        return tuple(kpi for kpi in self.kpis if kpi not in tied and ":" not in kpi)

    @property
    def draws(self) -> int:
        """How many draws the ensemble holds; 0 without one."""
        return max((len(c.draws) for c in self.curves if c.draws is not None), default=0)

    @property
    def remembers(self) -> bool:
        """Whether any channel's stock outlives the month that it was bought in."""
        return any(curve.carry_over for curve in self.curves)

    def get(self, channel: str, kpi: str, month: str) -> Curve | None:
        """The curve that holds in a month, or None when the channel has none for this KPI.

        Raises `AllocationError` when the channel has curves for other months only.
        """
        curve = self._index.get((channel, kpi, month)) or self._index.get((channel, kpi, None))
        if curve is None and any(c.channel == channel and c.kpi == kpi for c in self.curves):
            raise AllocationError(
                f"{channel} has curves for {kpi}, but none for {month}; add that month, or one row "
                "without a month that holds for all others."
            )
        return curve

    def spent_of(self, channel: str, planned: float) -> float:
        """What a channel is expected to spend of so much planned for the year.

        Between and beyond the amounts that were tried by straight lines, never more than planned.
        """
        tried = self.usage.get(channel)
        if not tried:
            return planned
        plans, spent = np.array([(0.0, 0.0), *tried]).T
        found = float(np.interp(planned, plans, spent))
        if planned > plans[-1]:
            slope = (spent[-1] - spent[-2]) / (plans[-1] - plans[-2])
            found += float(slope) * (planned - float(plans[-1]))
        return min(found, planned)

    def draw(self, index: int) -> ResponseCurves:
        """The curves of one draw of the ensemble, tied to the same anchor."""
        return replace(self, curves=tuple(curve.draw(index) for curve in self.curves))

    def constant(self, kpi: str, spread: Mapping[tuple[float, str], Floats]) -> Floats:
        """What this year's money does not cause, by month [M]; `spread`: the lag matrix per lag."""
        if self.anchor is None or kpi not in self.anchor.level:
            return np.asarray(self.base.get(kpi, np.zeros(len(self.months))), dtype=float)
        level = np.array(self.anchor.level[kpi], dtype=float)
        for m, month in enumerate(self.months):
            for channel in self.channels:
                curve = self.get(channel, kpi, month)
                if curve is not None:
                    at = float(curve.value(self.anchor.effective[curve.stock_key][m])[0])
                    level -= spread[curve.delay][: len(level), m] * at
        return level

    def to_frame(self) -> pd.DataFrame:
        """The curves as the table of the contract; with rows `base` where there is a constant."""
        size = len(self.months)
        days = periods.days(self.months)
        stocks = {curve.delay: carry_over.stock(*curve.delay, days) for curve in self.curves}
        spread = {delay: carry_over.lag(stock, size, 0) for delay, stock in stocks.items()}
        levels = self.anchor.level if self.anchor else {}
        kpis = dict.fromkeys([*levels, *self.base])
        base = {kpi: self.constant(kpi, spread) for kpi in kpis}
        return curve_file.to_frame(self.curves, base, self.people, self.months)

    @classmethod
    def from_frame(
        cls, frame: pd.DataFrame, months: Iterable[str], *, source: str = "the curves table"
    ) -> ResponseCurves:
        """Curves from the contract's table; raises `AllocationError` with row, field and value."""
        when = tuple(months)
        curves, base, people = curve_file.from_frame(frame, when, source)
        return cls(curves, when, base=base, people=people, source=source)

    def to_csv(self, path: str | os.PathLike[str]) -> None:
        """Write the contract's CSV; the file appears whole or not at all."""
        curve_file.write(self.to_frame(), path)

    @classmethod
    def from_csv(cls, path: str | os.PathLike[str], months: Iterable[str]) -> ResponseCurves:
        """Read the contract's CSV; raises `AllocationError` naming file, row, field and value."""
        return cls.from_frame(curve_file.read(path), months, source=str(path))

    def to_dict(self) -> list[dict[str, Any]]:
        """The curves as the JSON of `tiermix curves`."""
        rows = self.to_frame().to_dict(orient="records")
        return [{str(k): v for k, v in row.items() if v is not None and v == v} for row in rows]

    def _rows(self) -> list[tuple[str | float, ...]]:
        return [
            (c.channel, c.kpi, c.month or "all", c.family, c.ceiling, c.half, c.shape, _spread(c))
            for c in self.curves
        ]

    def __repr__(self) -> str:
        return f"{self._caption}\n{text_table(COLUMNS_SHOWN, self._rows())}"

    def _repr_html_(self) -> str:
        return html_table(COLUMNS_SHOWN, self._rows(), caption=self._caption, rest=".curves")

    @property
    def _caption(self) -> str:
        return f"ResponseCurves ({self.source}, {self.draws} draws)"


def _spread(curve: Curve) -> str:
    if curve.draws is None:
        return "-"
    low, high = np.quantile(curve.draws[:, 0], [0.05, 0.95])
    return f"{number(low)} to {number(high)}"
