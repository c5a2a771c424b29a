"""Lift: what an experiment found, beside the truth, and how much such an experiment can find."""

from __future__ import annotations

import datetime as dt
import html
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.lift_test.design import Design, LiftError
from experiments.lift_test.estimate import Reading
from experiments.report.html import table as html_table
from experiments.stats import Interval, t_interval, wilson
from scenarios import Scenario

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Outcome:
    """A test in one market, in people of the market: readings and truth at each mark [M].

    `level` is the KPI over the test at the side that has the channel, for everybody; `spent` the
    channel's money that the effect cost; `units` are people or communities, of which `treated` were
    held out or changed; `weight` people stand behind each simulated customer.
    """

    marks: tuple[int, ...]
    readings: tuple[Reading, ...]
    truth: Array
    truth_se: Array
    level: float
    spent: float
    units: int
    treated: int
    weight: float

    @property
    def reading(self) -> Reading:
        """What the test says in the end."""
        return self.readings[-1]

    @property
    def covered(self) -> bool:
        """Whether the interval holds the truth."""
        return bool(self.reading.low <= self.truth[-1] <= self.reading.high)

    @property
    def told(self) -> bool:
        """Whether the interval leaves out 0: an effect has been found."""
        return self.reading.p_value < 0.05

    def to_dict(self) -> dict[str, Any]:
        """Estimate, interval and truth."""
        found = self.reading
        return {
            "estimate": found.effect,
            "se": found.se,
            "low": found.low,
            "high": found.high,
            "p_value": found.p_value,
            "truth": float(self.truth[-1]),
            "truth_se": float(self.truth_se[-1]),
            "covered": self.covered,
        }


@dataclass(frozen=True, eq=False)
class Lift:
    """An experiment, in one market or repeated in several; headline figures are the first one's.

    Effects are what the side with more of the channel has more, in all people whom the channel can
    reach. `curve` tells them week by week, `worlds` every repetition, `power` what such a test can
    see; `lifts` is what `attribution.Calibrated` takes.
    """

    scenario: Scenario
    design: Design
    customers: int
    seed: int
    outcomes: tuple[Outcome, ...]

    @property
    def first(self) -> Outcome:
        """The test in the first market."""
        return self.outcomes[0]

    @property
    def estimate(self) -> float:
        """The effect that the test found."""
        return self.first.reading.effect

    @property
    def low(self) -> float:
        """Lower end of its 95 % interval."""
        return self.first.reading.low

    @property
    def high(self) -> float:
        """Upper end of its 95 % interval."""
        return self.first.reading.high

    @property
    def truth(self) -> float:
        """The effect that the market knows of: everybody with the channel less nobody with it."""
        return float(self.first.truth[-1])

    @property
    def covered(self) -> bool:
        """Whether the interval holds the truth."""
        return self.first.covered

    @property
    def curve(self) -> pd.DataFrame:
        """The first test as it adds up: `date` (last day counted), `estimate, low, high, truth`."""
        rows = [
            (self.date(mark - 1), reading.effect, reading.low, reading.high, truth)
            for mark, reading, truth in zip(
                self.first.marks, self.first.readings, self.first.truth.tolist(), strict=True
            )
        ]
        return pd.DataFrame(rows, columns=["date", "estimate", "low", "high", "truth"])

    @property
    def worlds(self) -> pd.DataFrame:
        """A row for each repetition: `world, estimate, se, low, high, p_value, truth, ...`."""
        rows = [{"world": n, **one.to_dict()} for n, one in enumerate(self.outcomes, start=1)]
        return pd.DataFrame(rows)

    @property
    def coverage(self) -> Interval[float] | None:
        """Share of intervals that hold the truth, with Wilson's interval; None for one market."""
        return self._share(one.covered for one in self.outcomes)

    @property
    def found(self) -> Interval[float] | None:
        """Share of tests that found an effect: the power that was seen; None for one market."""
        return self._share(one.told for one in self.outcomes)

    @property
    def error(self) -> Interval[Any] | None:
        """Mean of estimate less truth over markets, by Student's t: the bias of the design."""
        table = self.worlds
        off = (table["estimate"] - table["truth"]).to_numpy(float)
        return t_interval(off) if len(off) > 1 else None

    @property
    def power(self) -> dict[str, float]:
        """What such a test can see.

        `detectable` is the smallest effect that it finds four times in five, and `share` that as a
        part of the KPI; `chance` is how often it finds the true effect, and `customers` how many
        would have to be simulated to find that four times in five: the panel of the test.
        """
        se = float(np.sqrt(np.mean([one.reading.se**2 for one in self.outcomes])))
        typical = Reading(0.0, se, self.first.reading.freedom)
        truth = float(np.mean([one.truth[-1] for one in self.outcomes]))
        level = float(np.mean([one.level for one in self.outcomes]))
        least = typical.detectable
        needed = self.customers * (least / truth) ** 2 if truth else math.inf
        return {
            "detectable": least,
            "share": least / level if level else math.nan,
            "chance": typical.power(truth),
            "customers": float(np.ceil(needed)),
        }

    @property
    def per_money(self) -> Interval[float] | None:
        """The effect for each unit of the channel's money; None where it costs nothing."""
        spent, reading = self.first.spent, self.first.reading
        if spent < 0.01:
            return None
        each = (reading.effect, reading.se, reading.low, reading.high)
        return Interval(*(value / spent for value in each))

    @property
    def lifts(self) -> pd.DataFrame:
        """`channel, conversions, standard_error` as simulated customers, as a run's log counts.

        Raises `LiftError` where the test was not of all of the channel, in conversions.
        """
        if not self.design.whole or self.design.kpi != "conversions":
            raise LiftError(
                f"lifts: the test was of {self.design.words()} on {self.design.kpi}; calibrate by "
                "tests of whole channels on conversions"
            )
        weight, reading = self.first.weight, self.first.reading
        row = (self.design.channel, reading.effect / weight, reading.se / weight)
        return pd.DataFrame([row], columns=["channel", "conversions", "standard_error"])

    def date(self, day: int) -> dt.date:
        """The date of a day counted from the start of the history year."""
        return self.scenario.history_start + dt.timedelta(int(day))

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of `tiermix lift`, without the time."""
        from experiments.lift_test.views import document

        return document(self)

    def title(self) -> str:
        """What was tested, on how many, when."""
        design, first = self.design, self.first
        units = "customers" if design.kind == "ab" else "communities"
        until = "" if design.until == design.last else f", counted to {self.date(design.until - 1)}"
        return (
            f"{self.scenario.name}, {design.kind}: {design.words()}, {self.date(design.first)} to "
            f"{self.date(design.last - 1)}{until}; {first.treated:,} of {first.units:,} {units}"
        )

    def rows(self) -> list[tuple[str, str]]:
        """Names and figures, as a terminal or a notebook shows them."""
        from experiments.lift_test.views import figures

        return figures(self)

    def __repr__(self) -> str:
        rows = self.rows()
        width = max(len(name) for name, _ in rows)
        return "\n".join([self.title(), *(f"{name:<{width}}  {text}" for name, text in rows)])

    def _repr_html_(self) -> str:
        head = html_table(["", self.design.kpi], self.rows())
        return f"<p>{html.escape(self.title())}</p>{head}"

    def _share(self, hits: Iterator[bool]) -> Interval[float] | None:
        count = len(self.outcomes)
        return wilson(sum(hits), count) if count > 1 else None
