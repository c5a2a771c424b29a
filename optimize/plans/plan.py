"""Plan: money by channel and month, what it is worth, how good it is, and what each rule costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from optimize.solver.integers import OPTIMAL, TIME_LIMIT
from optimize.solver.prices import Price
from scenarios import MediaPlan
from scenarios import plan_periods as periods
from tiermix.core.figures import number, percent
from tiermix.core.notebook import bullets, html_table, paragraph

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Objective:
    """What was made best: its value on the true curves, bounds around the best possible, the gap.

    `gap` is the optimizer's: how far the best plan found can be from the best possible. `loss` is
    the share that was given up beside it, for a plan that is calm and round. `after` is the part of
    the value that comes after the planned year.
    """

    name: str
    value: float
    lower: float
    upper: float
    gap: float
    after: float = 0.0
    loss: float = 0.0


@dataclass(frozen=True, repr=False)
class Plan:
    """The annual plan with its certificate and prices.

    `status` is "optimal", or "time_limit" where time was over before the gap asked for was reached
    ("feasible": where finer pieces came no nearer): then it is the best plan found, and
    `objective.gap` says how far from the best possible it may be. `media` is money by channel and
    planned period, months or weeks; markets take months: `monthly`.
    `kpis` are expected over the planned year on the true curves, `intervals` say how well the
    curves are known (90 %), `binding` names the rules that cost something. A robust plan's
    `robustness` compares it with the plan for the average: mean and CVaR of both, the price paid
    in the mean and the gain in the bad draws. `ranges` say how far each channel's year can move,
    the others making up for it, before 1 % of the objective is lost (of plans by month); amounts
    are multiples of `step` (0: not rounded), and `remarks` tell what of that could not be had.
    `unused` is money, by channel, that is not expected to be spent: it comes back.
    `prior_only` names channels whose curves rest on what was held of such channels before any data,
    `untried` those that had no money last year and get none of their own accord.
    """

    media: MediaPlan
    objective: Objective
    kpis: Mapping[str, float]
    by_month: Mapping[str, list[float]]
    intervals: Mapping[str, tuple[float, float]]
    shadow_prices: tuple[Price, ...]
    binding: tuple[str, ...]
    seconds: float
    status: str = "optimal"
    provenance: Mapping[str, Any] = field(default_factory=dict)
    robustness: Mapping[str, float] = field(default_factory=dict)
    prior_only: tuple[str, ...] = ()
    untried: tuple[str, ...] = ()
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    step: float = 0.0
    remarks: tuple[str, ...] = ()
    unused: Mapping[str, float] = field(default_factory=dict)

    @property
    def spend(self) -> pd.DataFrame:
        """Money as a table, channels down, months (or weeks) across."""
        import pandas as pd

        return pd.DataFrame(
            self.media.amounts, index=list(self.media.channels), columns=list(self.media.months)
        )

    @property
    def monthly(self) -> MediaPlan:
        """The plan by month, as a market takes it: each month with the money of its weeks."""
        return self.media.monthly()

    @property
    def unit(self) -> str:
        """What the plan's periods are: month or week."""
        return self.media.unit

    @property
    def gap(self) -> float:
        """How far the plan can be from the best possible, relative."""
        return self.objective.gap

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of `tiermix plan`."""
        made = self.objective
        return {
            "status": self.status,
            "objective": {
                "name": made.name, "value": made.value, "lower": made.lower, "upper": made.upper,
                "gap": made.gap, "after": made.after, "loss": made.loss,
            },
            "spend": self._cells(),
            "kpis": dict(self.kpis),
            "intervals": {kpi: list(bounds) for kpi, bounds in self.intervals.items()},
            "shadow_prices": [
                {"rule": p.rule, "price": p.price, "words": p.words, "unique": p.unique}
                | ({"counts": True} if p.counts else {})
                for p in self.shadow_prices
            ],
            "binding": list(self.binding),
            "robustness": dict(self.robustness),
            "prior_only": list(self.prior_only),
            "untried": list(self.untried),
            "ranges": {channel: list(ends) for channel, ends in self.ranges.items()},
            "unused": [{"channel": c, "amount": left} for c, left in self.unused.items()],
            "step": self.step,
            "remarks": list(self.remarks),
            "seconds": self.seconds,
            "provenance": dict(self.provenance),
        }  # fmt: skip

    def _cells(self) -> list[dict[str, Any]]:
        """One row for each amount, with its month, and its week where the plan is by week."""
        frame, by_week = self.media.to_frame(), self.unit == "week"
        return [
            {"channel": str(c), "month": periods.month_of(p)}
            | ({"week": str(p)} if by_week else {})
            | {"amount": float(a)}
            for c, p, a in zip(frame["channel"], frame["month"], frame["amount"], strict=True)
        ]

    def __repr__(self) -> str:
        made = self.objective
        lines = [
            f"Plan ({self.status}): {made.name} {number(made.value, 6)}, at most "
            f"{number(made.upper, 6)} possible (gap {made.gap:.1e}{self._asked()}){self._given()}, "
            f"in {self.seconds:.1f} s",
            self._table(),
            *(f"  {name}: {number(value)}{self._range(name)}" for name, value in self.kpis.items()),
            *(f"  {price.words}" for price in self.shadow_prices if price.rule in self.binding),
            *(f"  {line}" for line in self._guessed()),
        ]
        return "\n".join(lines)

    def _guessed(self) -> list[str]:
        """What could not be had, and which channels the plan knows nothing of, in sentences."""
        said = {
            "prior only, no data behind their curves": self.prior_only,
            "no money last year, so nothing is known of them": self.untried,
        }
        guessed = [f"{what}: {', '.join(names)}" for what, names in said.items() if names]
        return [*self.remarks, *guessed]

    def _given(self) -> str:
        """What calm and round amounts cost."""
        if not self.objective.loss > 0:
            return ""
        return f", {percent(self.objective.loss, 2)} given for calm months"

    def _asked(self) -> str:
        """The gap that was asked for, where it was not reached."""
        if self.status == OPTIMAL:
            return ""
        why = "time was over" if self.status == TIME_LIMIT else "finer pieces come no nearer"
        return f", not the {self.provenance['gap_asked']:.0e} asked for: {why}"

    def _table(self) -> str:
        """Months across; weeks, of which there are many, down."""
        if self.unit == "month":
            return repr(self.media)
        return str(self.spend.T.to_string(float_format=lambda x: f"{x:,.0f}"))

    def _repr_html_(self) -> str:
        first, *_ = repr(self).split("\n", 1)
        prices = [p.words for p in self.shadow_prices if p.rule in self.binding]
        kpis = [(name, value, self._range(name)) for name, value in self.kpis.items()]
        known = html_table(("KPI", "value", "interval"), kpis, rest=".kpis")
        return paragraph(first) + self._money() + known + bullets(prices + self._guessed())

    def _money(self) -> str:
        """Months across; weeks down, of which the first are shown."""
        if self.unit == "month":
            return self.media._repr_html_()
        frame = self.spend.T.round()
        head = ("week", *map(str, frame.columns))
        rows = [(str(week), *row) for week, *row in frame.itertuples()]
        return html_table(head, rows, rest=".spend")

    def _range(self, kpi: str) -> str:
        if kpi not in self.intervals:
            return ""
        low, high = self.intervals[kpi]
        return f" ({number(low)} to {number(high)})"
