"""The annual plan as a Pyomo model: spend, effective spend in pieces, responses, rules, objective.

`side` "low" uses pieces below the curves: what it promises, the plan truly brings. "high" uses
pieces above them: what it cannot reach, no plan can. Money and responses are scaled to about 1
inside; everything that rules see is in natural units.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyomo.environ as pyo
from pyomo.core.expr.numeric_expr import LinearExpression

from optimize.errors import AllocationError
from optimize.model.linearisation import Pieces, Side
from optimize.model.response_model import ResponseModel
from optimize.model.responses import Responses
from scenarios import plan_periods as periods
from tiermix.core.arrays import Floats

NOTHING = 1e-6  # of a month's money: what a solver leaves where nothing is meant


@dataclass(frozen=True)
class Row:
    """One inequality of a rule: `lower` ≤ `body` ≤ `upper` in natural units.

    `number` is the rule's own number in `unit`. When it grows by `size`, which `step` says in
    words ("raising the cap on seo by ¥1"), the bound moves by `change`; so dual × change is the
    rule's price. From `least` to `most` is the number's natural range, which a relaxation does not
    leave. A row that `links` only ties a switch to money: spend ≤ M · on, M the money of the year.
    `what` is it that the number bounds ("the cap on seo"), where that is known.
    """

    rule: str
    body: Any
    lower: float | None = None
    upper: float | None = None
    change: Any = 1.0
    step: str = ""
    number: float = 0.0
    unit: str = ""
    size: float = 1.0
    least: float = -np.inf
    most: float = np.inf
    links: bool = False
    what: str = ""


class Program:
    """A Pyomo model of the plan, with what rules and objectives may speak of.

    `months` are the planned periods, `by_month` the periods of each month that rules speak of.
    `budget` is the money of the planned year, `most` what no plan can exceed, `kpis` are those
    that rules or objective speak of, `less` those of which a rule wants less: their pieces lie on
    the other side of the curves, and integers keep them in order. Rules no longer speak of the
    first `fixed_months` months: what has happened cannot be changed.
    """

    def __init__(
        self,
        response_model: ResponseModel,
        pieces: Pieces,
        side: Side,
        *,
        kpis: Iterable[str],
        budget: float,
        most: float,
        less: Iterable[str] = (),
        fixed_months: int = 0,
        after: Iterable[str] = (),
    ) -> None:
        self.response_model, self.pieces, self.side = response_model, pieces, side
        self.budget, self.most, self.fixed_months = budget, most, fixed_months
        self.scenario = response_model.scenario
        self.channels, self.months = response_model.channels, response_model.months
        self.by_month = periods.by_month(self.months)
        self.money = max(budget, 1e-12) / max(len(self.months), 1)
        self.rows: list[Row] = []
        self.model = _model(side, len(self.channels), len(self.months))
        self.bundle: Any = None
        self._switches: dict[tuple[str, str], Any] = {}
        self._counts: dict[tuple[str, str, float], Any] = {}
        self.responses = Responses(
            self.model,
            response_model,
            pieces,
            side,
            kpis=kpis,
            less=less,
            money=self.money,
            most=most,
            after=after,
        )
        self.block = self.responses.block

    def spend(self, channels: Iterable[str], months: Sequence[str]) -> Any:
        """Money of plannable channels in these months."""
        where = [self.months.index(month) for month in months]
        rows = [self.channels.index(name) for name in channels]
        cells = [self.model.spend[c, m] for c in rows for m in where]
        return LinearExpression(linear_coefs=[self.money] * len(cells), linear_vars=cells)

    def all_spend(self, months: Sequence[str]) -> Any:
        """All money in these months, that of channels that are not planned included."""
        fixed = sum(self.response_model.fixed_spend[self.months.index(month)] for month in months)
        return self.spend(self.channels, months) + float(fixed)

    def tier_channels(self, *tiers: int) -> tuple[str, ...]:
        """Plannable channels of these tiers."""
        return tuple(name for name in self.channels if self.response_model.tiers[name] in tiers)

    def kpi(self, kpi: str, weights: Floats, tier: int | None = None, *, less: bool = False) -> Any:
        """A KPI over months with `weights` [M + 1] (the last one: what comes after the year).

        With `tier` only what that tier's channels bring; with `less` the expression is one that a
        rule wants less of. Raises `AllocationError` without curves.
        """
        if kpi == "profit" and not self.response_model.has_curves(kpi):
            return self.kpi("margin", weights, tier, less=less) - self._spent(weights, tier)
        personas = self.response_model.parts_of(kpi)
        if personas != (kpi,):
            return sum(self.kpi(part, weights, tier, less=less) for part in personas)
        parts = self.responses.of(kpi, less)
        if tier is not None and tier not in parts:
            raise AllocationError(f"no channel of tier {tier} has a curve for {kpi}; add one.")
        scale = self.responses.scale(kpi)
        total = sum(
            float(weights[b]) * scale * part[b]
            for level, part in parts.items()
            if tier in (None, level)
            for b in np.flatnonzero(weights)
        )
        if tier is None:
            total = total + float(weights @ self.response_model.constants[kpi])
        if kpi not in self.response_model.people:
            return total
        return self.responses.saturated((kpi, tuple(weights.tolist()), tier), total, less)

    def _spent(self, weights: Floats, tier: int | None) -> Any:
        """Spend over periods with weights [M + 1]: all of it, or that of a tier's channels."""
        total: Any = 0.0
        for month, weight in zip(self.months, weights.tolist(), strict=False):
            if weight and tier is None:
                total = total + weight * self.all_spend([month])
            elif weight:
                total = total + weight * self.spend(self.tier_channels(tier or 0), [month])
        return total

    def switch(self, channel: str, month: str) -> Any:
        """A binary that says whether the channel runs in the month."""
        if (channel, month) not in self._switches:
            self._switches[channel, month] = self.model.switch.add()
        return self._switches[channel, month]

    def most_in(self, channel: str, month: str) -> float:
        """More money than a channel has in a month, in any plan that is of interest."""
        return min(self.pieces.caps.get((channel, month), self.most), self.most)

    @property
    def switched(self) -> tuple[tuple[str, str], ...]:
        """Channels and months whose running or not is decided by a switch."""
        return tuple(self._switches)

    def tie_switches(self) -> None:
        """No piece of a channel's effect without its switch: nothing new, and far tighter.

        Said of the money alone, a tenth of a switch lets through a tenth of the year's; said of
        each piece, it brings a tenth of what the whole month does (the perspective of the curve:
        Frangioni and Gentile 2006). Only where what works in a month is that month's money alone.
        """
        for channel, month, pieces, ends in self.responses.of_one_period():
            on = self._switches.get((channel, periods.month_of(month)))
            for piece, end in zip(pieces, ends.tolist(), strict=True) if on is not None else ():
                self.block.add_row(np.array([piece]), np.ones(1), [(-end, on)], upper=0.0)

    def count(self, channel: str, month: str, step: float) -> Any:
        """A whole number: how many steps of money the channel has in the month."""
        if (channel, month, step) not in self._counts:
            self._counts[channel, month, step] = self.model.count.add()
        return self._counts[channel, month, step]

    def decisions(self, spend: Floats) -> list[tuple[Any, int]]:
        """Every variable that is whole with what it is under a plan [C, M]."""
        found = [(full, int(test(spend))) for full, test in self.responses.decided]
        for (channel, month), on in self._switches.items():
            found.append((on, int(self._spent_in(spend, channel, month) > NOTHING * self.money)))
        for (channel, month, step), count in self._counts.items():
            found.append((count, round(self._spent_in(spend, channel, month) / step)))
        return found

    def _spent_in(self, spend: Floats, channel: str, month: str) -> float:
        """What a plan [C, M] gives a channel in a month."""
        where = [self.months.index(period) for period in self.by_month[month]]
        return float(spend[self.channels.index(channel), where].sum())

    def passed(self, spend: Floats) -> list[tuple[Any, int]]:
        """Switches of months that are over, and whether a plan [C, M] has any money there."""
        return [
            (on, int(self._spent_in(spend, channel, month) > 0.0))
            for (channel, month), on in self._switches.items()
            if self._has_passed(month)
        ]

    def _has_passed(self, month: str) -> bool:
        return self.months.index(self.by_month[month][-1]) < self.fixed_months

    def over(self, months: Sequence[str]) -> Floats:
        """Weights [M + 1] that pick these months."""
        return np.array([*(float(month in months) for month in self.months), 0.0])

    def add(self, rows: Iterable[Row], *, on_outcomes: bool = True) -> None:
        """Add a rule's rows; raises `AllocationError` where a response has the wrong sign.

        Rows that speak of money alone are not looked at for responses.
        """
        for row in rows:
            if self.fixed_months and self._is_over(row):
                continue
            if on_outcomes:
                self._check_sign(row)
            for lower, upper in self.sides(row):
                if lower is not None and upper is not None:
                    self.model.rules.add(row.body == upper)
                else:
                    self.model.rules.add(row.body >= lower if upper is None else row.body <= upper)
                self.rows.append(row)

    def _is_over(self, row: Row) -> bool:
        """Whether nothing that a row speaks of can still be changed."""
        from pyomo.repn import generate_standard_repn

        over = {id(v) for (_, m), v in self.model.spend.items() if m < self.fixed_months}
        over |= {id(on) for (_, month), on in self._switches.items() if self._has_passed(month)}
        over |= {id(n) for (_, month, _), n in self._counts.items() if self._has_passed(month)}
        for tiers in self.responses.by_tier.values():
            for buckets in tiers.values():
                over |= {id(variable) for variable in buckets[: self.fixed_months]}
        return all(id(v) in over for v in generate_standard_repn(row.body).linear_vars)

    @staticmethod
    def sides(row: Row) -> list[tuple[float | None, float | None]]:
        """A row as constraints of one bound each, or as an equation."""
        if row.lower is None or row.upper is None or row.lower == row.upper:
            return [(row.lower, row.upper)]
        return [(row.lower, None), (None, row.upper)]

    def maximise(self, body: Any) -> None:
        """What to make as large as possible."""
        self._check_sign(Row("the objective", body, lower=0.0))
        self.model.objective = pyo.Objective(expr=body, sense=pyo.maximize)

    def minimise(self, body: Any) -> None:
        """What to make as small as possible."""
        self._check_sign(Row("the objective", body, upper=0.0))
        self.model.objective = pyo.Objective(expr=body, sense=pyo.minimize)

    def load_plan(self, spend: Floats) -> None:
        """Set the model to a plan [C, M] with responses from the true curves, to read rows off."""
        for (c, m), variable in self.model.spend.items():
            variable.set_value(float(spend[c, m]) / self.money, skip_validation=True)
        for switch in self._switches.values():
            switch.set_value(1, skip_validation=True)  # a rule's amount counts where there is money
        for (channel, month, step), count in self._counts.items():
            count.set_value(round(self._spent_in(spend, channel, month) / step))
        self.responses.load_plan(spend)
        for variable in self.model.component_data_objects(pyo.Var):
            if variable.value is None:  # what only makes up for the rest: shortfalls, moves
                variable.set_value(0, skip_validation=True)

    def planned(self) -> Floats:
        """The spend [C, M] that the solver left in the model, in natural units."""
        shape = (len(self.channels), len(self.months))
        values = [
            self.model.spend[c, m].value or 0.0 for c in range(shape[0]) for m in range(shape[1])
        ]
        return np.maximum(np.array(values).reshape(shape) * self.money, 0.0)

    def _check_sign(self, row: Row) -> None:
        """More of a response has to help: only then do pieces bound the curve on the right side."""
        from pyomo.repn import generate_standard_repn

        linear = generate_standard_repn(row.body)
        signs = [
            c * sign
            for c, v in zip(linear.linear_coefs, linear.linear_vars, strict=True)
            if (sign := self.responses.sign_of(v))
        ]
        wrong = (row.lower is not None and min(signs, default=0.0) < 0) or (
            row.upper is not None and max(signs, default=0.0) > 0
        )
        if wrong:
            raise AllocationError(
                f"{row.rule} caps a response where this program carries only rules that ask for "
                "more (it would simply promise less than the money brings). Bound the spend that "
                "causes it instead, or turn the rule around."
            )


def _model(side: Side, channels: int, months: int) -> Any:
    """A Pyomo model with room for everything that a plan is made of."""
    model = pyo.ConcreteModel(name=f"plan_{side}")
    model.spend = pyo.Var(range(channels), range(months), bounds=(0, None))
    model.response = pyo.VarList()
    model.responses = pyo.ConstraintList()
    model.rules = pyo.ConstraintList()
    model.switch = pyo.VarList(domain=pyo.Binary)
    model.count = pyo.VarList(domain=pyo.NonNegativeIntegers)
    model.order = pyo.ConstraintList()
    model.bought = pyo.VarList(domain=pyo.NonNegativeReals)
    return model
