"""Is a scenario believable? What it implies, beside the ranges that it says it ought to lie in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.credit import attribution_against_truth
from scenarios import Belief, Scenario
from sim import Effects, Run, Workers, checked_customers, ground_truth, simulate

if TYPE_CHECKING:
    import pandas as pd

SHARE = 0.1
"""Part of a channel's money that elasticities take away."""
Figure = tuple[float, float]


@dataclass(frozen=True)
class Believability:
    """Figures of one simulated market of a scenario; each is worked out when first asked for.

    `credit` is that of `attribution_against_truth` for the same seed, where it is known already.
    """

    scenario: Scenario
    seed: int
    customers: int | None = None
    workers: Workers = None
    credit: pd.DataFrame | None = None

    @cached_property
    def table(self) -> pd.DataFrame:
        """`figure, value, se, low, high, verdict, source, why, customers_needed`, a row a belief.

        The verdict is `inside`, `near` (within two standard errors of the range), `outside`, or
        `unclear` where two standard errors are more than half the range: so uncertain a figure can
        hardly fail. `customers_needed` are those whose error would tell, 0 where nobody can say.
        """
        import pandas as pd

        rows = []
        for belief in self.scenario.beliefs:
            value, se = self.figure(belief)
            said = (belief.low, belief.high, verdict(value, se, belief), belief.source, belief.why)
            rows.append((belief.figure, value, se, *said, self._needed(se, belief)))
        names = ["figure", "value", "se", "low", "high", "verdict", "source", "why"]
        return pd.DataFrame(rows, columns=[*names, "customers_needed"])

    @property
    def simulated(self) -> int:
        """Customers of the market that is looked at."""
        return checked_customers(self.scenario, self.customers)

    def _needed(self, se: float, belief: Belief) -> int:
        """Errors fall with the root of customers: those at which a figure can be judged."""
        allowed = allowed_error(belief)
        if not np.isfinite(se) or allowed <= 0.0:
            return 0
        wanted = self.simulated * max((se / allowed) ** 2, 1.0)
        return min(int(np.ceil(wanted / 1000.0)) * 1000, int(self.scenario.market_size))

    def figure(self, belief: Belief) -> Figure:
        """A figure and its standard error; not a number where the market has none."""
        if belief.name == "ltv_per_cac":
            return quotient(self._kpi("ltv"), self._kpi("cac"))
        if belief.name == "baseline_share":
            whole, effect, se = self._removed("everything")
            return 1.0 - effect / whole, se / whole
        if belief.name == "lift":
            whole, effect, se = self._removed(belief.scope)
            return effect / (whole - effect), se * whole / (whole - effect) ** 2
        if belief.name == "elasticity":
            whole = self._margins.baseline[0]
            effect, se = _row(self._margins, belief.scope)
            return effect / whole / SHARE, se / whole / SHARE
        if belief.name == "last_click_over_truth":
            return self._over_credit(belief.scope)
        return self._kpi(belief.name, belief.scope or "all")

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of `tiermix scenarios believe`."""
        return {
            "scenario": self.scenario.name,
            "customers": self.simulated,
            "figures": self.table.to_dict("records"),
        }

    @cached_property
    def _run(self) -> Run:
        return simulate(
            self.scenario, seed=self.seed, customers=self.customers, workers=self.workers
        )

    @cached_property
    def _removals(self) -> Effects:
        """Everything off, and each tier and channel that a lift is asked of."""
        scenario = self.scenario
        units: dict[str, list[str]] = {"everything": list(scenario.plannable)}
        for unit in self._scopes("lift"):
            of_tier = [n for n in scenario.plannable if f"tier {scenario.tier_of(n)}" == unit]
            units[unit] = of_tier or [unit]
        return self._truth("removal", units)

    @cached_property
    def _margins(self) -> Effects:
        return self._truth("marginal", {c: [c] for c in self._scopes("elasticity")}, share=SHARE)

    @cached_property
    def _credit(self) -> pd.DataFrame:
        if self.credit is not None:
            return self.credit
        return attribution_against_truth(
            self.scenario, seed=self.seed, customers=self.customers, workers=self.workers
        ).table

    def _truth(self, effect: str, units: dict[str, list[str]], **more: Any) -> Effects:
        return ground_truth(
            self.scenario,
            effect,
            seed=self.seed,
            customers=self.customers,
            over=units,
            workers=self.workers,
            **more,
        )

    def _scopes(self, name: str) -> Iterable[str]:
        return dict.fromkeys(b.scope for b in self.scenario.beliefs if b.name == name)

    def _kpi(self, kpi: str, scope: str = "all") -> Figure:
        return self._run.scorecard.estimates(scope).get(kpi, (np.nan, np.nan))

    def _removed(self, unit: str) -> tuple[float, float, float]:
        return (self._removals.baseline[0], *_row(self._removals, unit))

    def _over_credit(self, channel: str) -> Figure:
        frame = self._credit
        mine = frame[(frame["channel"] == channel) & (frame["model"] == "last")]
        if mine.empty:
            return np.nan, np.nan
        credit, truth, se = (float(mine[name].iloc[0]) for name in ("credit", "truth", "truth_se"))
        return quotient((credit, 0.0), (truth, se))


def quotient(above: Figure, below: Figure) -> Figure:
    """a / b and its error to first order, as if the two were independent."""
    if not below[0]:
        return np.nan, np.nan
    value = above[0] / below[0]
    return value, float(np.hypot(above[1], value * below[1]) / abs(below[0]))


def allowed_error(belief: Belief) -> float:
    """The standard error at which a figure can be judged: two of it are half the range."""
    return (belief.high - belief.low) / 4.0


def verdict(value: float, se: float, belief: Belief) -> str:
    """Whether a figure lies in its range, near it or outside, or is too uncertain to say."""
    if not np.isfinite(value):
        return "not measured"
    far = max(belief.low - value, value - belief.high)
    if np.isfinite(se) and se > allowed_error(belief) and far <= 2.0 * se:
        return "unclear"
    if belief.low <= value <= belief.high:
        return "inside"
    margin = 2.0 * se if np.isfinite(se) else 0.0
    return "near" if belief.low - margin <= value <= belief.high + margin else "outside"


def _row(effects: Effects, unit: str) -> Figure:
    row = effects.table.set_index("unit").loc[unit]
    return float(row["effect"]), float(row["se"])
