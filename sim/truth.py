"""Ground truth: the same market again with the same luck, without a channel, a tier, a tenth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from scenarios import MediaPlan, Scenario
from sim.arms import Past, live_arms, live_pasts
from sim.book import MarketYear
from sim.parallel import Progress, Workers
from sim.scorecard import Scorecard, kpi_values
from sim.setting import Arm, Setting
from sim.simulate import RunError, warm_up
from sim.years import TAIL

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]
SUMMABLE = ("conversions", "revenue", "margin", "new_customers", "signups", "leads")


@dataclass(frozen=True)
class Effects:
    """What would be missing: one KPI's effect of each unit with its standard error.

    `table` has `unit, effect, se, independent_se, variance_ratio`; `ratio` says how many times the
    common luck cuts the variance of the difference against independent runs. Effects need not add
    up to the baseline.
    """

    kpi: str
    over: str
    baseline: tuple[float, float]
    table: pd.DataFrame

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of `tiermix truth`, without the time."""
        return {
            "effects": self.table[["unit", "effect", "se", "variance_ratio"]].to_dict("records"),
            "baseline": {"value": self.baseline[0], "se": self.baseline[1]},
            "total": float(self.table["effect"].sum()),
        }

    def __repr__(self) -> str:
        value, se = self.baseline
        return f"{self.kpi} {value:,.0f} ± {se:,.0f}\n{self.table.to_string(index=False)}"


def removal_truth(
    scenario: Scenario,
    *,
    seed: int,
    customers: int | None = None,
    plan: MediaPlan | None = None,
    kpi: str = "conversions",
    over: str = "channels",
    workers: Workers = None,
    progress: Progress | None = None,
) -> Effects:
    """Effect of every plannable channel (or tier) on a KPI: the year with it less without it.

    The unit is silent from the first day of the planned year (goodwill of the history stays), its
    money is not given to others, and what would have come in the tail counts. Raises `RunError`
    for a KPI that is not a sum.
    """
    if kpi not in SUMMABLE:
        raise RunError(f"kpi: '{kpi}' is not a sum of outcomes; use one of {', '.join(SUMMABLE)}")
    setting = Setting(scenario, customers or scenario.defaults.customers, seed)
    warm_up(setting)
    past = live_pasts([setting], workers=workers)[0]
    return removal_effects(past, plan or scenario.reference_plan, kpi, over, workers, progress)


def removal_effects(
    past: Past,
    plan: MediaPlan,
    kpi: str = "conversions",
    over: str = "channels",
    workers: Workers = None,
    progress: Progress | None = None,
) -> Effects:
    """The same for a market whose history has been lived."""
    scenario = past.setting.scenario
    units = _units(scenario, over)
    arms = [Arm(plan), *(Arm(plan, frozenset(names)) for names in units.values())]
    tail = scenario.defaults.tail_days
    years = live_arms([past], [arms], tail=tail, workers=workers, progress=progress)[0]
    return effects_of(kpi, over, list(units), years[0], years[1:])


def effects_of(
    kpi: str, over: str, units: Sequence[str], base: MarketYear, without: Sequence[MarketYear]
) -> Effects:
    """Paired differences by community, summed to the market (tail included)."""
    import pandas as pd

    whole, people = by_community(base, kpi), base.standing[:, 0].sum(axis=1)
    rows = []
    for unit, year in zip(units, without, strict=True):
        less = by_community(year, kpi)
        se = _spread(whole - less, people)
        independent = float(np.hypot(_spread(whole, people), _spread(less, people)))
        gain = (independent / se) ** 2 if se > 0 else float("inf")
        rows.append((unit, float((whole - less).sum()), se, independent, gain))
    columns = ["unit", "effect", "se", "independent_se", "variance_ratio"]
    baseline = (float(whole.sum()), _spread(whole, people))
    return Effects(kpi, over, baseline, pd.DataFrame(rows, columns=columns))


def by_community(year: MarketYear, kpi: str) -> Array:
    """A summable KPI of each community [G], the year and its tail."""
    card = Scorecard(year)
    sums = card.person_sums(slice(0, TAIL + 1), slice(None))
    return np.asarray(kpi_values(sums)[kpi], dtype=float)


def _units(scenario: Scenario, over: str) -> dict[str, tuple[str, ...]]:
    if over == "channels":
        return {name: (name,) for name in scenario.plannable}
    if over == "tiers":
        tiers = sorted({scenario.tier_of(name) for name in scenario.plannable})
        return {
            f"tier {t}": tuple(n for n in scenario.plannable if scenario.tier_of(n) == t)
            for t in tiers
        }
    raise RunError(f"over: '{over}' is unknown; use channels or tiers")


def _spread(values: Array, people: Array) -> float:
    """Standard error of a sum over communities, whose sizes are not noise (ratio estimator)."""
    if len(values) < 2:
        return float("nan")
    residual = values - values.sum() / people.sum() * people
    return float(np.sqrt(len(values) / (len(values) - 1) * (residual**2).sum()))
