"""Effects: answers to questions of truth, with errors of simulation, sampling and worlds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from scenarios import KPIS, Scenario
from sim.kpis.jackknife import jackknife
from sim.kpis.measures import ratio, summed_kpis
from sim.kpis.mechanisms import needs_of
from sim.market.simulate import RunError
from sim.truth.estimands import Question
from sim.truth.estimate import FEW, Estimate, Sum, counted_interval, estimate
from sim.truth.tally import Tally
from tiermix.core.arrays import Floats
from tiermix.core.figures import number
from tiermix.core.notebook import frame_rows, html_table, text_table

if TYPE_CHECKING:
    import pandas as pd

WITH_MONEY = ("removal", "unfunded", "solo", "marginal", "shapley")
SWITCHED = ("removal", "solo", "shapley")
"""Effects of what is switched off, which takes away the stock as well; money alone leaves it."""
PER_ORDER = ("revenue", "margin", "profit")
LEAST = 10
"""With fewer simulated orders that differ an effect is a bound, and no result."""
CENT = 0.01
NO_DRAWS = np.zeros(1)
NORMAL = 1.96


@dataclass(frozen=True)
class Effects:
    """One KPI's effects of each unit, with standard errors.

    `table` has a row per unit (pair, or unit and month): `effect, se, low, high` (95 %, Student's
    t over communities, or over worlds where there are several; where few orders differ by the law
    of counts), `orders_differ` (simulated orders that differ between the years, net in each
    community), `independent_se` and `variance_ratio` (how many times common luck cuts the variance
    against independent runs); `money, per_money, per_money_se` where an effect can be held against
    what is spent for it, and `stock`, the money of earlier years that *off* takes away as well and
    that `per_money` counts too; `sampling_se` where orders were sampled (part of `se`); `spread,
    simulation_se` over worlds. Effects need not add up to the baseline. `of(kpi)` tells another KPI
    of the same arms. `tail_days`: days after the year that count too. `remarks`: what to know
    before a figure is used.
    """

    question: Question
    tallies: tuple[Tally, ...]
    kpi: str
    over: str
    tail_days: int = 0
    stocks: tuple[Mapping[str, float], ...] = ()

    def of(self, kpi: str) -> Effects:
        """The same for another KPI; nothing is simulated again. Raises `RunError`."""
        return replace(self, kpi=check_kpi(self.question.scenario, kpi))

    @property
    def window(self) -> str:
        """Which days count."""
        more = f" and {self.tail_days} days after it" if self.tail_days else ""
        return f"the planned year{more}"

    @property
    def remarks(self) -> tuple[str, ...]:
        """Which effects are bounds only, and what would make a result of them."""
        table = self.table
        few = list(dict.fromkeys(table.loc[table["orders_differ"] < LEAST, "unit"]))
        if not few:
            return ()
        people = int(self.tallies[0].people.sum())
        named = ", ".join(map(str, few))
        return (
            f"fewer than {LEAST} simulated orders differ for {named}: the interval is a bound and "
            f"the effect no result. Ask for more customers than {people:,}"
            + (", or a larger share." if self.question.effect == "marginal" else "."),
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
        return pd.DataFrame(
            [{**c.labels, **self._row(x, c.labels["unit"].split(" + "))} for c, x in pairs]
        )

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of `tiermix truth`, without the time."""
        (value, se), (total, total_se), ask = self.baseline, self.total, self.question
        return {
            "effect": ask.effect,
            "kpi": self.kpi,
            "window": self.window,
            "tail_days": self.tail_days,
            "over": self.over,
            "effects": self.table.to_dict("records"),
            "baseline": {"name": self.baseline_name, "value": value, "se": se},
            "remarks": list(self.remarks),
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
        base = f"{self.baseline_name}: {number(value)} ± {number(se, 2)}"
        return " ".join([f"{head}{base}", *self.remarks])

    @property
    def baseline_name(self) -> str:
        """What effects are told against, and in which days."""
        name = self.question.baseline_name
        return f"{name}, with the {self.tail_days} days after it" if self.tail_days else name

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

    def _row(self, added: Sum, units: Sequence[str]) -> dict[str, float]:
        found, differ = self._estimate(added, self._values, self._draws(added)), self._differ(added)
        low, high, se = self._interval(added, found, differ)
        row = {"effect": found.value, "se": se, "low": low, "high": high, "orders_differ": differ}
        if self.question.sampled:
            row["sampling_se"] = found.sampling_se
        if self.question.effect in WITH_MONEY and adds_up(self.kpi):
            spent = self._estimate(added, self._spend, NO_DRAWS)
            row |= self._money(found, spent, self._stock(units))
            if se > found.se and row["money"]:
                row["per_money_se"] = se / abs(row["money"] + row.get("stock", 0.0))
        return row | self._simulation(added)

    def _differ(self, added: Sum) -> float:
        """Simulated orders on which the arms differ, net in each community."""
        return float(sum(np.abs(added.added(t.sums["conversions"])).sum() for t in self.tallies))

    def _interval(
        self, added: Sum, estimated: Estimate, differ: float
    ) -> tuple[float, float, float]:
        """`low, high, se`: Student's, or by the law of counts where few orders differ.

        There the standard error is one that would make so wide an interval.
        """
        usual = estimated.value - estimated.reach, estimated.value + estimated.reach, estimated.se
        if differ >= FEW or not adds_up(self.kpi) or self.kpi == "spend":
            return usual
        kpi, worlds = ("margin" if self.kpi == "profit" else self.kpi), len(self.tallies)
        parts = np.concatenate([added.added(t.parts(kpi)) for t in self.tallies]) / worlds
        unit = self._size(kpi) / worlds
        if np.abs(parts).sum() > FEW * unit:
            return usual
        low, high = counted_interval(parts, unit, estimated.se, len(estimated.left) - 1)
        known = estimated.value - float(parts.sum())  # of profit: money that is spent, not drawn
        se = max(estimated.se, (high - low) / 2 / NORMAL) if differ < LEAST else estimated.se
        return low + known, high + known, se

    def _size(self, kpi: str) -> float:
        """What one simulated event is of a KPI: people behind it, or their money of an order."""
        tally = self.tallies[0]
        if kpi not in PER_ORDER:
            return tally.weight
        money, orders = (tally.parts(name).sum() for name in (kpi, "conversions"))
        return float(tally.weight * money / orders) if orders > 0 and money > 0 else tally.weight

    def _stock(self, units: Iterable[str]) -> float:
        """Money of earlier years in the stocks of units, mean over worlds."""
        if self.question.effect not in SWITCHED or not self.stocks:
            return 0.0
        channels = frozenset[str]().union(*(self.question.units[unit] for unit in units))
        # In one order: that of a set differs from process to process, and so would the last digit.
        return float(np.mean([sum(one[name] for name in sorted(channels)) for one in self.stocks]))

    def _estimate(self, added: Sum, values: list[Floats], draws: Floats) -> Estimate:
        return estimate([added.added(mine) for mine in values], draws)

    def _draws(self, added: Sum) -> Floats:
        """What each sampled pair of orders says, in the mean over worlds [D]."""
        return np.asarray(np.mean([added.by_draw(v[:, 0]) for v in self._values], axis=0))

    def _money(self, effect: Estimate, spent: Estimate, stock: float) -> dict[str, float]:
        """What is spent for the effect, by all channels together, and the effect per money."""
        under = spent.value + stock
        row = {"stock": stock} if self.question.effect in SWITCHED else {}
        if abs(under) < CENT:
            return {**row, "money": 0.0, "per_money": float("nan"), "per_money_se": float("nan")}
        sampling = effect.sampling_se / abs(under)
        each = Estimate(effect.value / under, ratio(effect.left, spent.left + stock), sampling)
        return {**row, "money": spent.value, "per_money": each.value, "per_money_se": each.se}

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


def adds_up(kpi: str) -> bool:
    """Whether a KPI is a sum over people or events."""
    return KPIS[kpi].rule in ("sum", "reach")


def check_kpi(scenario: Scenario, kpi: str) -> str:
    """The name itself; raises `RunError` for a KPI that does not follow from what is counted."""
    known = [name for name in KPIS if name in summed_kpis(scenario)]
    if kpi not in known:
        raise RunError(
            f"kpi: '{kpi}' is not counted in the market{needs_of(kpi)}; use one of "
            f"{', '.join(known)}"
        )
    return kpi
