"""Effects: answers to questions of truth, with errors of simulation, sampling and worlds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from scenarios import KPIS, Scenario
from sim.kpis.jackknife import jackknife
from sim.kpis.measures import ratio, summed_kpis
from sim.kpis.mechanisms import needs_of
from sim.market.simulate import RunError
from sim.truth.estimands import Question
from sim.truth.estimate import Estimate, Sum, estimate
from sim.truth.tally import Tally
from tiermix.core.arrays import Floats
from tiermix.core.figures import number
from tiermix.core.notebook import frame_rows, html_table, text_table

if TYPE_CHECKING:
    import pandas as pd

WITH_MONEY = ("removal", "solo", "marginal", "shapley")
CENT = 0.01
NO_DRAWS = np.zeros(1)


@dataclass(frozen=True)
class Effects:
    """One KPI's effects of each unit, with standard errors.

    `table` has a row per unit (pair, or unit and month): `effect, se, low, high` (95 %, Student's
    t over communities, or over worlds where there are several), `independent_se` and
    `variance_ratio` (how many times common luck cuts the variance against independent runs);
    `money, per_money, per_money_se` where an effect can be held against what is spent for it;
    `sampling_se` where orders were sampled (part of `se`); `spread, simulation_se` over worlds.
    Effects need not add up to the baseline. `of(kpi)` tells another KPI of the same arms.
    """

    question: Question
    tallies: tuple[Tally, ...]
    kpi: str
    over: str

    def of(self, kpi: str) -> Effects:
        """The same for another KPI; nothing is simulated again. Raises `RunError`."""
        return Effects(
            self.question, self.tallies, check_kpi(self.question.scenario, kpi), self.over
        )

    @cached_property
    def baseline(self) -> tuple[float, float]:
        """The KPI in the market that effects are told against, and its standard error."""
        place = self.question.arms.index(self.question.baseline)
        found = estimate([values[place] for values in self._values], NO_DRAWS)
        return found.value, found.se

    @cached_property
    def total(self) -> tuple[float, float]:
        """All effects added up, and the standard error of that."""
        worlds = [np.sum([x.added(v) for x in self._sums], axis=0) for v in self._values]
        found = estimate(worlds, np.sum([self._draws(x) for x in self._sums], axis=0))
        return found.value, found.se

    @cached_property
    def table(self) -> pd.DataFrame:
        """The rows."""
        import pandas as pd

        pairs = zip(self.question.contrasts, self._sums, strict=True)
        return pd.DataFrame([{**contrast.labels, **self._row(x)} for contrast, x in pairs])

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of `tiermix truth`, without the time."""
        (value, se), (total, total_se), ask = self.baseline, self.total, self.question
        return {
            "effect": ask.effect,
            "kpi": self.kpi,
            "over": self.over,
            "effects": self.table.to_dict("records"),
            "baseline": {"name": ask.baseline_name, "value": value, "se": se},
            "total": total,
            "total_se": total_se,
            "arms": len(ask.arms),
            "worlds": len(self.tallies),
            "permutations": ask.permutations if ask.sampled else None,
        }

    @property
    def _caption(self) -> str:
        value, se = self.baseline
        head = f"{self.question.effect} of {self.over} on {self.kpi}; "
        base = f"{self.question.baseline_name}: {number(value)} ± {number(se, 2)}"
        return f"{head}{base}"

    def __repr__(self) -> str:
        return f"{self._caption}\n{text_table(*frame_rows(self.table))}"

    def _repr_html_(self) -> str:
        return html_table(*frame_rows(self.table), caption=self._caption, rest=".table")

    @cached_property
    def _sums(self) -> list[Sum]:
        places = {arm: place for place, arm in enumerate(self.question.arms)}
        return [Sum.of(contrast.steps, places) for contrast in self.question.contrasts]

    @cached_property
    def _values(self) -> list[Floats]:
        """The KPI by world: of each arm, and with each community left out [A, 1 + G]."""
        return [tally.values(self.kpi) for tally in self.tallies]

    @cached_property
    def _spend(self) -> list[Floats]:
        return [tally.values("spend") for tally in self.tallies]

    def _row(self, added: Sum) -> dict[str, float]:
        found = self._estimate(added, self._values, self._draws(added))
        low, high = found.value - found.reach, found.value + found.reach
        row = {"effect": found.value, "se": found.se, "low": low, "high": high}
        if self.question.sampled:
            row["sampling_se"] = found.sampling_se
        if self.question.effect in WITH_MONEY and KPIS[self.kpi].rule in ("sum", "reach"):
            row |= self._money(found, self._estimate(added, self._spend, NO_DRAWS))
        return row | self._simulation(added)

    def _estimate(self, added: Sum, values: list[Floats], draws: Floats) -> Estimate:
        return estimate([added.added(mine) for mine in values], draws)

    def _draws(self, added: Sum) -> Floats:
        """What each sampled pair of orders says, in the mean over worlds [D]."""
        return np.asarray(np.mean([added.by_draw(v[:, 0]) for v in self._values], axis=0))

    def _money(self, effect: Estimate, spent: Estimate) -> dict[str, float]:
        """What is spent for the effect, by all channels together, and the effect per money."""
        if abs(spent.value) < CENT:
            return {"money": 0.0, "per_money": float("nan"), "per_money_se": float("nan")}
        sampling = effect.sampling_se / abs(spent.value)
        each = Estimate(effect.value / spent.value, ratio(effect.left, spent.left), sampling)
        return {"money": spent.value, "per_money": each.value, "per_money_se": each.se}

    def _simulation(self, added: Sum) -> dict[str, float]:
        """Errors of simulation alone: in each world, and against arms that share no luck."""
        worlds = [added.added(mine) for mine in self._values]
        paired = sum(jackknife(world[1:]) ** 2 for world in worlds)
        errors = [np.array([jackknife(arm[1:]) for arm in values]) for values in self._values]
        apart = sum(added.independent(mine) for mine in errors)
        count = len(worlds)
        row = {
            "independent_se": float(np.sqrt(apart)) / count,
            "variance_ratio": apart / paired if paired != 0 else float("inf"),
        }
        if count > 1:
            between = float(np.var([world[0] for world in worlds], ddof=1))
            row["spread"] = float(np.sqrt(max(between - paired / count, 0.0)))
            row["simulation_se"] = float(np.sqrt(paired)) / count
        return row


def check_kpi(scenario: Scenario, kpi: str) -> str:
    """The name itself; raises `RunError` for a KPI that does not follow from what is counted."""
    known = [name for name in KPIS if name in summed_kpis(scenario)]
    if kpi not in known:
        raise RunError(
            f"kpi: '{kpi}' is not counted in the market{needs_of(kpi)}; use one of "
            f"{', '.join(known)}"
        )
    return kpi
