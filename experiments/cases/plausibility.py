"""Is a scenario believable? What it implies, beside the ranges that it says it ought to lie in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.cases.price_reaction import price_elasticity
from experiments.credit import attribution_against_truth
from scenarios import IMPLIED, Belief, Scenario
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
        if belief.name in IMPLIED:
            return _MEASURES[belief.name](self, belief.scope)
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
        """Everything off, and each tier and channel that a lift or a return is asked of."""
        scenario = self.scenario
        units: dict[str, list[str]] = {"everything": list(scenario.plannable)}
        for unit in self._scopes("lift"):
            of_tier = [n for n in scenario.plannable if f"tier {scenario.tier_of(n)}" == unit]
            units[unit] = of_tier or [unit]
        units |= {channel: [channel] for channel in self._scopes("return")}
        return self._truth("removal", units)

    @cached_property
    def _tenths(self) -> Effects:
        """The last tenth of the money of channels, or of them all."""
        units = {unit: [unit] for unit in self._scopes("elasticity")}
        if "all" in units:
            units["all"] = list(self.scenario.plannable)
        return self._truth("marginal", units, share=SHARE)

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

    def _ltv_per_cac(self, _: str) -> Figure:
        return quotient(self._kpi("ltv"), self._kpi("cac"))

    def _share_of_people(self, kpi: str) -> Figure:
        value, se = self._kpi(kpi)
        return value / self.scenario.market_size, se / self.scenario.market_size

    def _media_share(self, _: str) -> Figure:
        return quotient(self._kpi("spend"), self._kpi("revenue"))

    def _baseline_share(self, _: str) -> Figure:
        whole, effect, se = self._removed("everything")
        return 1.0 - effect / whole, se / whole

    def _lift(self, unit: str) -> Figure:
        whole, effect, se = self._removed(unit)
        return effect / (whole - effect), se * whole / (whole - effect) ** 2

    def _elasticity(self, unit: str) -> Figure:
        whole, _ = self._kpi("conversions")
        effect, se = _row(self._tenths, unit)
        return effect / whole / SHARE, se / whole / SHARE

    def _price_elasticity(self, offer: str) -> Figure:
        return price_elasticity(
            self.scenario,
            offer,
            self._run,
            seed=self.seed,
            customers=self.simulated,
            workers=self.workers,
        )

    def _return(self, channel: str) -> Figure:
        """What a company would save is what it spent in the year."""
        margin = _row(self._removals.of("margin"), channel)
        return quotient(margin, self._kpi("spend", f"channel:{channel}"))

    def _over_credit(self, channel: str) -> Figure:
        frame = self._credit
        mine = frame[(frame["channel"] == channel) & (frame["model"] == "last")]
        if mine.empty:
            return np.nan, np.nan
        credit, truth, se = (float(mine[name].iloc[0]) for name in ("credit", "truth", "truth_se"))
        return quotient((credit, 0.0), (truth, se))

    def _removed(self, unit: str) -> tuple[float, float, float]:
        """Orders of a year; those that a year without the unit costs, then and later; the error."""
        return (self._kpi("conversions")[0], *_row(self._removals, unit))


_MEASURES: dict[str, Callable[[Believability, str], Figure]] = {
    "ltv_per_cac": Believability._ltv_per_cac,
    "reach_share": lambda market, _: market._share_of_people("reach"),
    "awareness_share": lambda market, _: market._share_of_people("awareness"),
    "media_share": Believability._media_share,
    "baseline_share": Believability._baseline_share,
    "elasticity": Believability._elasticity,
    "price_elasticity": Believability._price_elasticity,
    "lift": Believability._lift,
    "return": Believability._return,
    "last_click_over_truth": Believability._over_credit,
}
"""How each of `IMPLIED` is measured."""


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
