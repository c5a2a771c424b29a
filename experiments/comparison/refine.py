"""refine: a plan made better with the market in the loop, and the best plan found for a world.

Effects are measured around the plan with common random numbers, a linear program takes the best
step in a region of trust, and the market says whether it was one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from experiments.curves import levels_of, measure_curves
from optimize import InfeasiblePlan, UndecidedPlan, allocate, best_step, linear_curves
from scenarios import MediaPlan, Scenario
from sim import (
    Arm,
    MarketYear,
    Scorecard,
    Setting,
    WarmedUpMarket,
    Workers,
    checked_customers,
    checked_seed,
    kpi_values,
    simulate_arms,
    simulate_histories,
)
from tiermix.core.arrays import Floats
from tiermix.core.progress import Progress
from tiermix.core.seeds import REFINED_FROM, REFINED_PLANS, seed_of

NUDGE = 0.25  # of a channel's money: small beside its curve, large beside the noise
RADIUS, SMALLEST, LARGEST = 0.3, 0.05, 0.6
LEFT_OUT = "; rules on outcomes were left out of some steps, as none of these could keep them"


@dataclass(frozen=True)
class Step:
    """One step that was tried: its radius, what was predicted and what the market said."""

    radius: float
    predicted: float
    gain: float
    se: float
    accepted: bool


@dataclass(frozen=True)
class Refined:
    """The best plan found, its gain over the start with standard error, and the steps to it.

    `note` says why it stopped. Gains are those of the luck that the plan was refined with.
    """

    media: MediaPlan
    gain: float
    se: float
    steps: tuple[Step, ...]
    note: str
    label: str = field(default="the best found", init=False)


def refine(
    scenario: Scenario,
    plan: MediaPlan,
    *,
    world: Scenario | None = None,
    seed: int = 1,
    customers: int | None = None,
    steps: int = 8,
    workers: Workers = None,
    progress: Progress | None = None,
) -> Refined:
    """The plan improved in the market as long as a step earns more than its standard error.

    Rules are the scenario's; the market is `world`, the scenario as written unless given. Rules on
    outcomes are held at what the market shows, and left out where even the plan breaks them.
    """
    market = world or scenario
    count = checked_customers(market, customers)
    own_seed = seed_of(REFINED_PLANS, checked_seed(seed))
    setting = Setting(market, count, own_seed)
    past = simulate_histories([setting], workers=workers)[0]

    def live(plans: Sequence[MediaPlan]) -> list[MarketYear]:
        return simulate_arms([past], [[Arm(p) for p in plans]], workers=workers)[0]

    return climb(scenario, plan, past, live, steps, progress)


def climb(
    scenario: Scenario,
    plan: MediaPlan,
    past: WarmedUpMarket,
    live: Callable[[Sequence[MediaPlan]], list[MarketYear]],
    steps: int,
    progress: Progress | None = None,
) -> Refined:
    """The same in a market whose history has been lived; `live` gives the years of plans."""
    radius, tried, note = RADIUS, list[Step](), "all steps were used"
    free = False
    first, *arms = live([plan, *nudged(scenario, plan)])
    here, effects = first, Effects.of(scenario, plan, first, arms, past)
    for number in range(steps):
        if progress:
            progress("refining", number, steps)
        there, kept = effects.step(radius)
        free = free or not kept
        predicted, doubt = effects.predicted(there)
        if predicted <= doubt:
            note = "no step promises more than its standard error"
            break
        (year,) = live([there])
        gain, se = paired(scenario.objective, year, here)
        tried.append(Step(radius, predicted, gain, se, gain > se))
        if gain > se:
            plan, here, radius = there, year, min(radius * 1.5, LARGEST)
            effects = Effects.of(scenario, plan, here, live(nudged(scenario, plan)), past)
        else:
            radius /= 2
        if radius < SMALLEST:
            note = "no significant step is left"
            break
    gain, se = paired(scenario.objective, here, first)
    note += LEFT_OUT if free else ""
    return Refined(plan, gain, se, tuple(tried), note)


def nudged(scenario: Scenario, plan: MediaPlan) -> list[MediaPlan]:
    """The plan with a quarter more for each channel that has money, in order."""
    spent = plan.by_channel
    return [
        plan.with_channel(name, plan.of(name) * (1 + NUDGE))
        for name in scenario.plannable
        if spent.get(name, 0.0) > 0
    ]


@dataclass(frozen=True)
class Effects:
    """What a unit of money more brings around a plan, per KPI, channel and community [G]."""

    scenario: Scenario
    plan: MediaPlan
    per_unit: dict[str, dict[str, Floats]]
    level: dict[str, Floats]
    last_year: dict[str, float]

    @classmethod
    def of(
        cls,
        scenario: Scenario,
        plan: MediaPlan,
        base: MarketYear,
        arms: Sequence[MarketYear],
        past: WarmedUpMarket,
    ) -> Effects:
        """From the year under the plan and under each channel's nudge, paired by community."""
        spent = plan.by_channel
        names = [name for name in scenario.plannable if spent.get(name, 0.0) > 0]
        kpis = _needed(scenario)
        whole, card = _sums(base), Scorecard(base)
        per_unit = {
            kpi: {
                name: (_sums(year)[kpi] - whole[kpi]) / (NUDGE * spent[name])
                for name, year in zip(names, arms, strict=True)
            }
            for kpi in kpis
        }
        level = {kpi: card.monthly(kpi) for kpi in kpis}
        return cls(scenario, plan, per_unit, level, levels_of(Scorecard(past.year)))

    def step(self, radius: float) -> tuple[MediaPlan, bool]:
        """The best plan in the region, and whether it keeps the rules on outcomes.

        These give way where no plan of the region keeps them.
        """
        slopes = {k: {c: float(x.sum()) for c, x in by.items()} for k, by in self.per_unit.items()}
        curves = linear_curves(self.scenario, self.plan, slopes, self.level, self.last_year)
        money = tuple(rule for rule in self.scenario.rules if not rule.on_outcomes)
        free = self.scenario.model_copy(update={"rules": money, "goals": ()})
        for asked, kept in ((self.scenario, True), (free, False)):
            with suppress(InfeasiblePlan, UndecidedPlan):
                return best_step(asked, curves, self.plan, radius), kept
        return self.plan, True

    def predicted(self, there: MediaPlan) -> tuple[float, float]:
        """The gain in the objective that the effects promise, with its standard error."""
        before, after = self.plan.by_channel, there.by_channel
        kpi = "margin" if self.scenario.objective == "profit" else self.scenario.objective
        moved = {name: after[name] - before[name] for name in self.per_unit[kpi]}
        gained = sum(moved[name] * effect for name, effect in self.per_unit[kpi].items())
        total, se = _total(np.asarray(gained, dtype=float))
        return total - (sum(moved.values()) if kpi != self.scenario.objective else 0.0), se


def paired(kpi: str, year: MarketYear, other: MarketYear) -> tuple[float, float]:
    """A KPI's difference between two years of the same people and luck, with its error."""
    return _total(_sums(year)[kpi] - _sums(other)[kpi])


def clairvoyant(
    scenario: Scenario,
    world: Scenario,
    plan: MediaPlan,
    *,
    seed: int = 1,
    customers: int | None = None,
    steps: int = 8,
    workers: Workers = None,
    progress: Progress | None = None,
) -> Refined:
    """The best plan found in the very world that was drawn, under the scenario's rules.

    It is refined with random numbers of its own; regret is measured against it with those of
    judging.
    """
    return refine(
        scenario,
        plan,
        world=world,
        seed=seed,
        customers=customers,
        steps=steps,
        workers=workers,
        progress=progress,
    )


def best_found(
    scenario: Scenario,
    world: Scenario,
    *,
    seed: int = 1,
    customers: int | None = None,
    steps: int = 8,
    workers: Workers = None,
) -> Refined:
    """The best plan of one who knows the world: made on curves measured there, then refined there.

    Where those curves leave no plan it starts from last year's.
    """
    curves = measure_curves(
        world, seed=seed_of(REFINED_FROM, seed), customers=customers, workers=workers
    )
    start = scenario.reference_plan.scaled_to(scenario.budget)
    with suppress(InfeasiblePlan, UndecidedPlan):
        start = allocate(scenario, curves, gap=1e-3, calm=False, explain=False).media
    return clairvoyant(
        scenario, world, start, seed=seed, customers=customers, steps=steps, workers=workers
    )


def regret(
    past: WarmedUpMarket, best: MediaPlan, plans: dict[str, MediaPlan], *, workers: Workers = None
) -> pd.DataFrame:
    """`strategy, regret, se`: what each plan earns less than the best found, in one market.

    The market's luck has to differ from that of refining.
    """
    years = simulate_arms([past], [[Arm(best), *map(Arm, plans.values())]], workers=workers)[0]
    kpi = past.setting.scenario.objective
    rows = [
        (name, *paired(kpi, years[0], year)) for name, year in zip(plans, years[1:], strict=True)
    ]
    return pd.DataFrame(rows, columns=["strategy", "regret", "se"])


def _needed(scenario: Scenario) -> list[str]:
    """KPIs that the objective or a rule speaks of and that add up."""
    objective = "margin" if scenario.objective == "profit" else scenario.objective
    ruled = [kpi for rule in scenario.rules for kpi in rule.mentions().kpis]
    asked = [rule for goal in scenario.goals if goal.as_rule for rule in (goal.kpi,)]
    extra = {"cac": "new_customers", "cost_per_signup": "signups", "roi": "margin"}
    return list(dict.fromkeys([objective, *ruled, *(extra.get(kpi, kpi) for kpi in asked)]))


def _sums(year: MarketYear) -> dict[str, Floats]:
    """KPIs that add up, of each community [G]."""
    return {
        k: np.asarray(v, dtype=float) for k, v in kpi_values(Scorecard(year).sums("all")).items()
    }


def _total(values: Floats) -> tuple[float, float]:
    """Sum over communities with its standard error."""
    return float(values.sum()), float(np.sqrt(len(values)) * values.std(ddof=1))
