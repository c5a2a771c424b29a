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
from numpy.typing import NDArray
from pyomo.core.expr.numeric_expr import LinearExpression

from optimize.errors import AllocationError
from optimize.outlook import Effect, Outlook
from optimize.pieces import Bent, Cell, Pieces, Side

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Row:
    """One inequality of a rule: `lower` ≤ `body` ≤ `upper` in natural units.

    `number` is the rule's own number in `unit`. When it grows by `size`, which `step` says in
    words, the bound moves by `change`; so dual × change is the rule's price.
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


class Program:
    """A Pyomo model of the plan, with what rules and objectives may speak of.

    `budget` is the money of the planned year, `most` what no month can exceed, `kpis` are those
    that rules or objective speak of.
    """

    def __init__(
        self,
        outlook: Outlook,
        pieces: Pieces,
        side: Side,
        *,
        kpis: Iterable[str],
        budget: float,
        most: float,
    ) -> None:
        self.outlook, self.pieces, self.side = outlook, pieces, side
        self.budget, self.most = budget, most
        self.scenario = outlook.scenario
        self.channels, self.months = outlook.channels, outlook.months
        self.money = max(budget, 1e-12) / max(len(self.months), 1)
        self.rows: list[Row] = []
        self.model = pyo.ConcreteModel(name=f"plan_{side}")
        self.model.spend = pyo.Var(
            range(len(self.channels)), range(len(self.months)), bounds=(0, None)
        )
        self.model.response = pyo.VarList()
        self.model.responses = pyo.ConstraintList()
        self.model.rules = pyo.ConstraintList()
        self.model.switch = pyo.VarList(domain=pyo.Binary)
        self.model.order = pyo.ConstraintList()
        self.bundle: Any = None
        self._switches: dict[tuple[str, str], Any] = {}
        self._responses: dict[str, dict[int, list[Any]]] = {}
        self.lines = {kpi: self._lines(kpi) for kpi in kpis}
        self._add_pieces()

    def spend(self, channels: Iterable[str], months: Sequence[str]) -> Any:
        """Money of plannable channels in these months."""
        where = [self.months.index(month) for month in months]
        rows = [self.channels.index(name) for name in channels]
        cells = [self.model.spend[c, m] for c in rows for m in where]
        return LinearExpression(linear_coefs=[self.money] * len(cells), linear_vars=cells)

    def all_spend(self, months: Sequence[str]) -> Any:
        """All money in these months, that of channels that are not planned included."""
        fixed = sum(self.outlook.fixed_spend[self.months.index(month)] for month in months)
        return self.spend(self.channels, months) + float(fixed)

    def tier_channels(self, *tiers: int) -> tuple[str, ...]:
        """Plannable channels of these tiers."""
        return tuple(name for name in self.channels if self.outlook.tiers[name] in tiers)

    def kpi(self, kpi: str, weights: Array, tier: int | None = None) -> Any:
        """A KPI over months with `weights` [M + 1] (the last one: what comes after the year).

        With `tier` only what that tier's channels bring. Raises `AllocationError` without curves.
        """
        if kpi not in self._responses:
            self._responses[kpi] = self._add_responses(kpi)
        parts = self._responses[kpi]
        if tier is not None and tier not in parts:
            raise AllocationError(f"no channel of tier {tier} has a curve for {kpi}; add one.")
        buckets = np.flatnonzero(weights)
        scale = self.scale(kpi)
        total = sum(
            float(weights[b]) * scale * part[b]
            for level, part in parts.items()
            if tier in (None, level)
            for b in buckets
        )
        if tier is None:
            total = total + float(weights @ self.outlook.constants[kpi])
        return total

    def scale(self, kpi: str) -> float:
        """A typical year of the KPI, by which its variables are scaled."""
        spend = self.outlook.spend_of(self.scenario.reference_plan)
        return max(float(np.abs(self.outlook.kpi(kpi, spend)).sum()), 1e-9) / len(self.months)

    def switch(self, channel: str, month: str) -> Any:
        """A binary that says whether the channel runs in the month."""
        if (channel, month) not in self._switches:
            self._switches[channel, month] = self.model.switch.add()
        return self._switches[channel, month]

    def over(self, months: Sequence[str]) -> Array:
        """Weights [M + 1] that pick these months."""
        return np.array([*(float(month in months) for month in self.months), 0.0])

    def add(self, rows: Iterable[Row]) -> None:
        """Add a rule's rows; raises `AllocationError` where a response has the wrong sign."""
        for row in rows:
            self._check_sign(row)
            for lower, upper in self.sides(row):
                if lower is not None and upper is not None:
                    self.model.rules.add(row.body == upper)
                else:
                    self.model.rules.add(row.body >= lower if upper is None else row.body <= upper)
                self.rows.append(row)

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

    def suppose(self, spend: Array) -> None:
        """Set the model to a plan [C, M] with responses from the true curves, to read rows off."""
        for (c, m), variable in self.model.spend.items():
            variable.set_value(float(spend[c, m]) / self.money, skip_validation=True)
        for kpi, tiers in self._responses.items():
            for tier, buckets in tiers.items():
                true = self.outlook.kpi(kpi, spend, tier) / self.scale(kpi)
                for variable, value in zip(buckets, true, strict=True):
                    variable.set_value(float(value), skip_validation=True)

    def planned(self) -> Array:
        """The spend [C, M] that the solver left in the model, in natural units."""
        shape = (len(self.channels), len(self.months))
        values = [
            self.model.spend[c, m].value or 0.0 for c in range(shape[0]) for m in range(shape[1])
        ]
        return np.maximum(np.array(values).reshape(shape) * self.money, 0.0)

    def _lines(self, kpi: str) -> list[tuple[Effect, dict[int, Bent]]]:
        """Each effect of a KPI with its pieces on this program's side."""
        effects = self.outlook.effects.get(kpi)
        if effects is None:
            raise AllocationError(
                f"the plan needs {kpi}, for which there is no curve; measured are "
                f"{', '.join(self.outlook.effects)}. Add curves for it, or leave it out."
            )
        return [(effect, self.pieces.lines(effect, self.side)) for effect in effects]

    def _add_pieces(self) -> None:
        """Each cell's effective spend as a sum of pieces, each between 0 and its width."""
        model, money = self.model, self.money
        self.bends: dict[Cell, Array] = {}
        for lane in self.outlook.lanes:
            mine = [line for group in self.lines.values() for e, line in group if e.lane == lane]
            self.bends |= self.pieces.bends(mine, lane)
        self.cells: dict[Cell, int] = {cell: i for i, cell in enumerate(self.bends)}
        # The last piece has no end: how far money can go is for the rules to say.
        widths = {i: [*np.diff(self.bends[c]) / money, None] for c, i in self.cells.items()}
        bound = {(i, p): (0.0, w) for i, row in widths.items() for p, w in enumerate(row)}
        model.piece = pyo.Var(list(bound), bounds=lambda _, i, p: bound[i, p])
        model.effective = pyo.ConstraintList()
        for (lane, place), i in self.cells.items():
            weights = self.outlook.lanes[lane].weights[place]
            channel, used = self.channels.index(lane[0]), np.flatnonzero(weights)
            pieces = [model.piece[i, p] for p in range(len(widths[i]))]
            spends = [model.spend[channel, m] for m in used]
            coefficients = [1.0] * len(pieces) + [-float(weights[m]) for m in used]
            model.effective.add(
                LinearExpression(linear_coefs=coefficients, linear_vars=pieces + spends) == 0
            )
        self._keep_order()

    def _keep_order(self) -> None:
        """Where a curve is convex, a piece is used only when the one before it is full.

        Incremental form: z_p = 1 says that piece p is full; only the convex part needs binaries,
        since from there on the steepest piece is the next one anyway.
        """
        for (lane, place), i in self.cells.items():
            mine = [e for group in self.lines.values() for e, _ in group if e.lane == lane]
            turn = max((float(e.cells.inflection()[place]) for e in mine), default=0.0)
            bends = self.bends[lane, place]
            width = np.diff(bends) / self.money
            convex = int(np.sum(bends[1:] <= turn * (1 + 1e-12)))
            pieces = [self.model.piece[i, p] for p in range(len(width) + 1)]
            for p in range(convex):
                full = self.model.switch.add()
                self.model.order.add(pieces[p] >= width[p] * full)
                if p + 1 < convex:
                    self.model.order.add(pieces[p + 1] <= width[p + 1] * full)
                else:
                    self.model.order.add(sum(pieces[convex:]) <= 2 * float(width.sum()) * full)

    def _add_responses(self, kpi: str) -> dict[int, list[Any]]:
        """Variables per tier for what its channels bring each month and after the year."""
        tiers = self.outlook.tiers
        found = {}
        for tier in sorted({tiers[effect.lane[0]] for effect, _ in self.lines[kpi]}):
            mine = [pair for pair in self.lines[kpi] if tiers[pair[0].lane[0]] == tier]
            found[tier] = self._tier_responses(kpi, mine)
        return found

    def _tier_responses(self, kpi: str, effects: list[tuple[Effect, dict[int, Bent]]]) -> list[Any]:
        size, scale = len(self.months) + 1, self.scale(kpi)
        coefficients: list[list[float]] = [[] for _ in range(size)]
        variables: list[list[Any]] = [[] for _ in range(size)]
        constant = np.zeros(size)
        for effect, lines in effects:
            still = effect.cells.value(self.outlook.lanes[effect.lane].fixed) - effect.floor
            for place, line in lines.items():
                i, bends = self.cells[effect.lane, place], self.bends[effect.lane, place]
                values = np.interp(bends, line.x, line.y)
                still[place] = values[0]
                slopes = np.append(np.diff(values) / np.diff(bends), line.beyond)
                for b in np.flatnonzero(effect.spread[:, place]):
                    share = effect.spread[b, place] * self.money / scale
                    coefficients[b] += (share * slopes).tolist()
                    variables[b] += [self.model.piece[i, p] for p in range(len(slopes))]
            constant += effect.spread @ still
        return [
            self._define(c, v, k / scale)
            for c, v, k in zip(coefficients, variables, constant, strict=True)
        ]

    def _define(self, coefficients: list[float], variables: list[Any], constant: float) -> Any:
        response = self.model.response.add()
        self.model.responses.add(
            LinearExpression(
                constant=constant,
                linear_coefs=[*coefficients, -1.0],
                linear_vars=[*variables, response],
            )
            == 0
        )
        return response

    def _check_sign(self, row: Row) -> None:
        """More of a response has to help: only then do pieces bound the curve on the right side."""
        from pyomo.repn import generate_standard_repn

        linear = generate_standard_repn(row.body)
        mine = {id(v) for v in self.model.response.values()}
        signs = [
            c for c, v in zip(linear.linear_coefs, linear.linear_vars, strict=True) if id(v) in mine
        ]
        wrong = (row.lower is not None and min(signs, default=0.0) < 0) or (
            row.upper is not None and max(signs, default=0.0) > 0
        )
        if wrong:
            raise AllocationError(
                f"{row.rule} wants less of a response, which concave pieces cannot carry (the "
                "program would simply promise less than the money brings). Bound the spend that "
                "causes it instead, or turn the rule around."
            )
