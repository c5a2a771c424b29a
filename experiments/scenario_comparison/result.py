"""ScenarioComparison: what came of each strategy in each variant, against one cell of them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, cast

import numpy as np
import pandas as pd
from markupsafe import escape

from experiments.comparison.cells import of_kpi, with_range
from experiments.comparison.document import DIFFERENCES
from experiments.comparison.paired import SharedErrors, difference_table, kpi_table
from experiments.comparison.result import Comparison
from experiments.risk import all_goals
from experiments.scenario_comparison.comparable import kpis_apart, sentences
from experiments.scenario_comparison.document import (
    CellDocument,
    ScenarioComparisonDocument,
    VariantDocument,
)
from experiments.scenario_comparison.markets import curves_key
from experiments.scenario_comparison.variants import Variant
from optimize import InfeasiblePlan
from tiermix.core.plain import plain


@dataclass(frozen=True)
class Cell:
    """A strategy in a variant: the variant's number, and the strategy's name."""

    variant: int
    strategy: str

    @property
    def name(self) -> str:
        """What it is called in tables that hold all cells."""
        return f"{self.variant}:{self.strategy}"


def cell_of(name: str) -> Cell:
    """The cell of that name."""
    variant, _, strategy = name.partition(":")
    return Cell(int(variant), strategy)


class NoFeasibleVariant(InfeasiblePlan):
    """No variant has a plan that keeps its rules: each of them with its conflict."""

    def __init__(self, variants: Sequence[Variant], refused: Sequence[InfeasiblePlan]) -> None:
        said = [f"{v.label}: {one}" for v, one in zip(variants, refused, strict=True)]
        first = refused[0]
        super().__init__("\n".join(said), first.conflict, first.relaxation, first.others)
        self.variants, self.refused = tuple(variants), tuple(refused)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.variants, self.refused)

    def to_dict(self) -> dict[str, Any]:
        """The JSON document: that of the first conflict, and all of them by variant."""
        each = [
            {"scenario": v.name, "set": dict(v.changes), **one.to_dict()}
            for v, one in zip(self.variants, self.refused, strict=True)
        ]
        return {**super().to_dict(), "variants": each}


@dataclass(frozen=True)
class CellErrors(SharedErrors):
    """Errors of measured curves over cells: cells on the same curves share these errors."""

    curves: Mapping[str, str] = field(default_factory=dict)

    def of(self, strategy: str, scope: str, kpi: str, reference: str) -> float:
        """That of a difference between two cells."""
        if self.curves.get(strategy) == self.curves.get(reference):
            return super().of(strategy, scope, kpi, reference)
        return replace(self, forecasts={}, curves={}).of(strategy, scope, kpi, reference)


@dataclass(frozen=True, eq=False, repr=False)
class ScenarioComparison:
    """Strategies tried in several variants over the same draws.

    `found` has each variant's comparison, or why no plan keeps its rules; `customers` their sizes.
    `reused` variants were taken from an earlier run that was cut off. Differences are against
    `baseline`: the baseline strategy of the first variant that could be compared.
    """

    variants: tuple[Variant, ...]
    found: tuple[Comparison | InfeasiblePlan, ...]
    seed: int
    replications: int
    customers: tuple[int, ...]
    reused: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def compared(self) -> dict[int, Comparison]:
        """The comparisons by the number of their variant."""
        return {n: one for n, one in enumerate(self.found) if isinstance(one, Comparison)}

    @cached_property
    def cells(self) -> list[Cell]:
        """All that was lived, variant by variant."""
        return [Cell(n, name) for n, one in self.compared.items() for name in one.strategies]

    @property
    def baseline(self) -> Cell:
        """What all others are held against."""
        first = next(iter(self.compared))
        return Cell(first, self.compared[first].baseline)

    @property
    def objective(self) -> str:
        """The KPI that decides in the baseline's variant."""
        return self.compared[self.baseline.variant].objective

    @property
    def currency(self) -> str:
        """The money of the baseline's variant."""
        return self.compared[self.baseline.variant].currency

    def label(self, cell: Cell) -> str:
        """A cell in words."""
        return f"{self.variants[cell.variant].label} · {cell.strategy}"

    def recommended(self, variant: int) -> Cell | None:
        """The best strategy of a variant that keeps all rules and can be followed; None without."""
        best = self.compared[variant].recommended() if variant in self.compared else None
        return None if best is None else Cell(variant, best.strategy)

    @cached_property
    def outcomes(self) -> pd.DataFrame:
        """`strategy, world, scope, kpi, value, se` of the whole company; strategies are cells."""
        frames = []
        for n, one in self.compared.items():
            here = one.outcomes[one.outcomes["scope"] == "all"]
            frames.append(here.assign(strategy=[f"{n}:{name}" for name in here["strategy"]]))
        return pd.concat(frames, ignore_index=True)

    @cached_property
    def means(self) -> dict[tuple[str, str], tuple[float, float]]:
        """Mean over draws and its standard error, by cell and KPI."""
        table = kpi_table(self.outcomes)
        columns = (table[name] for name in ("strategy", "kpi", "mean", "se"))
        rows = zip(*columns, strict=True)
        return {(str(s), str(kpi)): (float(mean), float(se)) for s, kpi, mean, se in rows}

    @cached_property
    def goals(self) -> pd.DataFrame:
        """`strategy, world, goal, …, met` of all cells."""
        frames = [
            one.goals.assign(strategy=[f"{n}:{name}" for name in one.goals["strategy"]])
            for n, one in self.compared.items()
        ]
        return pd.concat(frames, ignore_index=True)

    @cached_property
    def shared(self) -> CellErrors | None:
        """Errors of measured curves, of all cells that plan on them."""
        told = {n: one.shared for n, one in self.compared.items() if one.shared is not None}
        if not told:
            return None
        errors = {
            (f"{n}:{s}", k): e for n, mine in told.items() for (s, k), e in mine.errors.items()
        }
        drawn = {
            (f"{n}:{s}", k): values
            for n, mine in told.items()
            for (s, k), values in mine.forecasts.items()
        }
        curves = {name: self._curves(int(name.partition(":")[0])) for name, _ in errors}
        return CellErrors(errors, min(mine.draws for mine in told.values()), drawn, curves)

    def against(
        self, reference: Cell | None = None, among: Sequence[Cell] | None = None
    ) -> pd.DataFrame:
        """Paired differences of cells to one of them, as `Comparison.against`, by `strategy`.

        Money is left out where the currency is another, and so is what was not measured in both.
        """
        base = reference or self.baseline
        names = {cell.name for cell in (among or self.cells)} | {base.name}
        rows = self.outcomes[self.outcomes["strategy"].isin(names)]
        apart = kpis_apart(self.compared, base.variant)
        number = rows["strategy"].str.partition(":")[0].astype(int)
        lost = [kpi in apart.get(n, ()) for n, kpi in zip(number, rows["kpi"], strict=True)]
        objective = self.compared[base.variant].objective
        more: dict[str, Any] = {"objective": objective, "shared": self.shared}
        return difference_table(rows[~np.array(lost, dtype=bool)], base.name, 0.95, **more)

    @cached_property
    def steps(self) -> pd.DataFrame:
        """`against` the baseline."""
        return self.against()

    @cached_property
    def shown(self) -> list[Cell]:
        """Each variant's recommended cell; where there is none, the one that earns most."""
        return [Cell(n, one.shown) for n, one in self.compared.items()]

    @cached_property
    def best(self) -> list[Cell]:
        """The recommended cells of all variants that have one."""
        return [cell for cell in self.shown if self.recommended(cell.variant)]

    @cached_property
    def between(self) -> pd.DataFrame:
        """The shown cells against the first of them, by `strategy` and KPI."""
        return self.against(self.shown[0], self.shown)

    @property
    def not_compared(self) -> list[str]:
        """What no difference can be told of, in sentences."""
        return sentences(self.variants, self.compared, self.baseline.variant)

    def to_dict(self) -> ScenarioComparisonDocument:
        """The JSON document of `tiermix compare`, without its files; None where unknown."""
        base = self.baseline
        document = {
            "seed": self.seed,
            "replications": self.replications,
            "baseline": {**self._place(base.variant), "strategy": base.strategy},
            "objective": self.objective,
            "variants": [self._variant(n) for n in range(len(self.variants))],
            "cells": self._cells(),
            "not_compared": self.not_compared,
            "reused": self.reused,
            "seconds": dict(self.seconds),
        }
        return cast(ScenarioComparisonDocument, plain(document))

    def table(self) -> pd.DataFrame:
        """A row a cell: `variant, strategy, spend`, objective, its lead, the chance of goals."""
        steps, together = of_kpi(self.steps, self.objective), all_goals(self.goals)
        rows = [
            (self.variants[c.variant].label, c.strategy, f"{one.spend()[c.strategy]:,.0f}",
             f"{one.values(one.objective)[c.strategy].mean():,.0f}", with_range(steps, c.name),
             f"{together[c.name].estimate:.0%}" if c.name in together else "")
            for c in self.cells for one in [self.compared[c.variant]]
        ]  # fmt: skip
        head = ["variant", "strategy", "spend", "objective", "against the baseline", "all goals"]
        return pd.DataFrame(rows, columns=head)

    def _repr_html_(self) -> str:
        title = f"against {self.label(self.baseline)}"
        return f"<p>{escape(title)}</p>{self.table().to_html(index=False, border=0)}"

    def __repr__(self) -> str:
        return f"against {self.label(self.baseline)}\n{self.table().to_string(index=False)}"

    def _place(self, variant: int) -> dict[str, Any]:
        mine = self.variants[variant]
        return {"scenario": mine.name, "set": dict(mine.changes), "label": mine.label}

    def _curves(self, variant: int) -> str:
        scenario = self.variants[variant].scenario
        return f"{curves_key(scenario)}:{self.customers[variant]}"

    def _variant(self, n: int) -> VariantDocument:
        scenario, one = self.variants[n].scenario, self.found[n]
        document: dict[str, Any] = {
            **self._place(n),
            "scenario_hash": scenario.hash,
            "customers": self.customers[n],
            "currency": scenario.currency,
            "budget": scenario.budget,
            "objective": scenario.objective,
            "status": "compared",
            "recommended": None,
            "against_first": None,
        }
        if isinstance(one, InfeasiblePlan):
            return cast(VariantDocument, {**document, **one.to_dict()})
        best = self.recommended(n)
        if best is not None:
            lead = of_kpi(self.between, self.objective)
            document["recommended"] = best.strategy
            document["against_first"] = _records(lead).get(best.name)
        return cast(VariantDocument, document)

    def _cells(self) -> list[CellDocument]:
        steps = dict(list(self.steps.groupby("strategy")))
        found = []
        for n, one in self.compared.items():
            for mine in one.to_dict()["strategies"]:
                rest = {key: value for key, value in mine.items() if key != "name"}
                rows = steps.get(Cell(n, mine["name"]).name, self.steps.iloc[:0])
                against = _records(rows.set_index("kpi"))
                place = {**self._place(n), "strategy": mine["name"]}
                found.append({**place, **rest, "against": against})
        return cast(list[CellDocument], found)


def _records(steps: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Differences by what the rows are named."""
    rows = steps[DIFFERENCES].to_dict("index")
    return {str(name): {str(key): x for key, x in row.items()} for name, row in rows.items()}
