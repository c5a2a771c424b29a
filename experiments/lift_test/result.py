"""Lift: what a test estimates, beside the truth, and how much such a test can detect."""

from __future__ import annotations

import datetime as dt
import html
import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from experiments.lift_test.design import Design, LiftError
from experiments.lift_test.document import LiftDocument
from experiments.lift_test.estimate import Estimate
from experiments.lift_test.outcome import Outcome
from experiments.stats import Interval, t_interval, wilson
from experiments.wording import counted, in_unit, kpi_name
from scenarios import Scenario
from tiermix.core.figures import p_value, short_money, short_number, short_percent


@dataclass(frozen=True, eq=False)
class Lift:
    """An experiment, in one market or repeated in several; headline figures are the first one's.

    Effects are what the side with more of the channel has more, in all people whom the channel can
    reach. `curve` tells them week by week, `worlds` every repetition, `power` what such a test can
    detect; `lifts` is what `attribution.Calibrated` takes.
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
        """The effect that the test estimates."""
        return self.first.final.effect

    @property
    def low(self) -> float:
        """Lower end of its 95 % interval."""
        return self.first.final.low

    @property
    def high(self) -> float:
        """Upper end of its 95 % interval."""
        return self.first.final.high

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
            (self.date(mark - 1), estimate.effect, estimate.low, estimate.high, truth)
            for mark, estimate, truth in zip(
                self.first.marks, self.first.estimates, self.first.truth.tolist(), strict=True
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
    def rejected(self) -> Interval[float] | None:
        """Share of tests that reject no effect: the power that was seen; None for one market."""
        return self._share(one.significant for one in self.outcomes)

    @property
    def found(self) -> Interval[float] | None:
        """The old name of `rejected`."""
        warnings.warn("Lift.found is now Lift.rejected", DeprecationWarning, stacklevel=2)
        return self.rejected

    @property
    def error(self) -> Interval[Any] | None:
        """Mean of estimate less truth over markets, by Student's t: the bias of the design."""
        table = self.worlds
        off = (table["estimate"] - table["truth"]).to_numpy(float)
        return t_interval(off) if len(off) > 1 else None

    @property
    def power(self) -> dict[str, float]:
        """What such a test can detect.

        `detectable` is the minimum detectable effect (80 % power, two-sided 5 %), and `share` that
        as a part of the KPI; `chance` is the power at the true effect, and `customers` how many
        would have to be simulated for a power of 80 %: the panel of the test.
        """
        se = float(np.sqrt(np.mean([one.final.se**2 for one in self.outcomes])))
        typical = Estimate(0.0, se, self.first.final.freedom)
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
        spent, final = self.first.spent, self.first.final
        if spent < 0.01:
            return None
        each = (final.effect, final.se, final.low, final.high)
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
        weight, final = self.first.weight, self.first.final
        row = (self.design.channel, final.effect / weight, final.se / weight)
        return pd.DataFrame([row], columns=["channel", "conversions", "standard_error"])

    def date(self, day: int) -> dt.date:
        """The date of a day counted from the start of the history year."""
        return self.scenario.history_start + dt.timedelta(int(day))

    def to_dict(self) -> LiftDocument:
        """The JSON document of `tiermix lift`, without the time."""
        design, first, curve = self.design, self.first, self.curve
        figures: dict[str, Any] = {
            "scenario": self.scenario.name,
            "scenario_hash": self.scenario.hash,
            "seed": self.seed,
            "customers": self.customers,
            "replications": len(self.outcomes),
            "channel": design.channel,
            "message": design.message or None,
            "design": design.kind,
            "kpi": design.kpi,
            "share": design.share if design.kind == "ab" else None,
            "change": design.change,
            "start": str(self.date(design.first)),
            "end": str(self.date(design.last - 1)),
            "counted_to": str(self.date(design.until - 1)),
            "units": first.units,
            "treated": first.treated,
            **first.to_dict(),
            "level": first.level,
            "spent": first.spent,
            "per_money": _ends(self.per_money),
            "power": self.power,
            "coverage": _ends(self.coverage),
            "found": _ends(self.rejected),
            "error": _ends(self.error),
            "worlds": self.worlds.to_dict("records"),
            "curve": curve.assign(date=curve["date"].astype(str)).to_dict("records"),
        }
        return cast(LiftDocument, figures)

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
        """Names and figures in the order in which they are read."""
        first, power, kpi = self.first, self.power, kpi_name(self.design.kpi)
        inside = "inside" if self.covered else "outside"
        truth = f"{self.figure(self.truth)} ± {self.figure(float(first.truth_se[-1]))}"
        rows = [
            ("estimate", f"{self.in_words(first.final)} {kpi}, {_p_value(first.final.p_value)}"),
            ("truth", f"{truth}, {inside} the interval"),
        ]
        if (each := self.per_money) is not None:
            rows.append(("money", self._worth(each)))
        least = f"{self.figure(power['detectable'])} ({_percent(power['share'])} of {kpi})"
        rows.append(("detectable", f"{least} at least, with 80\u00a0% power at two-sided 5\u00a0%"))
        chance = (
            f"{short_percent(power['chance'])} at the true effect; 80\u00a0% with {self._panel()}"
        )
        return [*rows, ("power", chance), *self._repeated(), *self._note()]

    def in_words(self, estimate: Estimate | Interval[Any]) -> str:
        """An estimate with its interval in the KPI's unit: `1.24k [0.80k, 1.68k]`."""
        middle = estimate.effect if isinstance(estimate, Estimate) else estimate.estimate
        ends = (self.figure(float(end)) for end in (estimate.low, estimate.high))
        return f"{self.figure(float(middle))} [{', '.join(ends)}]"

    def figure(self, value: float) -> str:
        """A figure in the KPI's unit."""
        return in_unit(self.design.kpi, value, self.scenario.currency)

    def __repr__(self) -> str:
        rows = self.rows()
        width = max(len(name) for name, _ in rows)
        return "\n".join([self.title(), *(f"{name:<{width}}  {text}" for name, text in rows)])

    def _repr_html_(self) -> str:
        table = pd.DataFrame(self.rows(), columns=["", self.design.kpi])
        shown = table.to_html(index=False, border=0, justify="left")
        return f"<p>{html.escape(self.title())}</p>{shown}"

    def _worth(self, each: Interval[float]) -> str:
        """What the channel's money brought: money for each unit of it, counts for a thousand."""
        currency, kpi = self.scenario.currency, self.design.kpi
        unit = 1.0 if kpi in ("revenue", "margin") else 1000.0
        middle, low, high = (short_number(unit * x) for x in (each.estimate, each.low, each.high))
        spent = short_money(self.first.spent, currency)
        each_of = short_money(unit, currency)
        return f"{spent}; {middle} {kpi_name(kpi)} for each {each_of}, {low} to {high}"

    def _panel(self) -> str:
        needed, most = self.power["customers"], self.scenario.market_size
        if needed > most:
            return f"more customers than the market has people ({most:,.0f})"
        return f"{needed:,.0f} simulated customers"

    def _repeated(self) -> list[tuple[str, str]]:
        """What repetition tells: coverage, power, bias."""
        held, rejected, error = self.coverage, self.rejected, self.error
        if held is None or rejected is None or error is None:
            return []
        worlds = counted(len(self.outcomes), "world")
        return [
            ("coverage", f"{_share(held)} of the intervals in {worlds} hold the truth"),
            ("rejected", f"{_share(rejected)} of the tests reject no effect at 5\u00a0%"),
            ("bias", f"{self.in_words(error)} on average (estimate less truth)"),
        ]

    def _note(self) -> list[tuple[str, str]]:
        """What to beware of where a platform may let a test on people disturb itself."""
        channel = self.scenario.channel(self.design.channel)
        if self.design.kind != "ab" or not channel.capped or self.design.message:
            return []
        words = (
            "the money of the held-out is saved here; a platform that spends it on the others "
            "makes such a test find too much, and a geo test is not disturbed by that"
        )
        return [("beware", f"{channel.name} is paid per event: {words}")]

    def _share(self, hits: Iterator[bool]) -> Interval[float] | None:
        count = len(self.outcomes)
        return wilson(sum(hits), count) if count > 1 else None


def _ends(interval: Interval[Any] | None) -> dict[str, float] | None:
    if interval is None:
        return None
    return {name: float(value) for name, value in interval._asdict().items()}


def _share(share: Interval[float]) -> str:
    return (
        f"{short_percent(share.estimate)} [{short_percent(share.low)}, {short_percent(share.high)}]"
    )


def _percent(share: float) -> str:
    """A share that may be small: 4.20 %."""
    return f"{short_number(100 * share)}\u00a0%" if math.isfinite(share) else "–"


def _p_value(p: float) -> str:
    told = p_value(p)
    return f"p {told}" if told.startswith("<") else f"p = {told}"
