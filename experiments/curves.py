"""Response curves from the market: by designed, paired experiments, or from what a company sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from optimize import (
    UNUSED,
    AllocationError,
    ResponseCurves,
    fit_aggregates,
    fit_curves,
    needed_kpis,
    seasons_of,
    wished_kpis,
)
from scenarios import KPIS, Launch, MediaPlan, Scenario
from sim import (
    Arm,
    Attachment,
    MarketYear,
    Scorecard,
    Setting,
    WarmedUpMarket,
    Workers,
    checked_customers,
    kpi_values,
    measured_kpis,
    simulate_arms,
    simulate_histories,
)
from tiermix.core.arrays import Floats
from tiermix.core.hints import unknown
from tiermix.core.progress import Progress, named

if TYPE_CHECKING:
    from sim import Observed

CURVE_KPIS = ("margin", "revenue", "conversions", "new_customers", "signups")
STEADIER = ("visits", "conversions")
"""KPIs of many events, to whose season those of few are drawn."""
MULTIPLIERS = (0.0, 1.8)
"""Each channel's spend against the reference: none, which pins the curve, and well above."""


def measure_curves(
    scenario: Scenario,
    *,
    seed: int = 1,
    customers: int | None = None,
    kpis: Sequence[str] | None = None,
    objective: str | Mapping[str, float] | None = None,
    multipliers: Sequence[float] = MULTIPLIERS,
    attachments: tuple[Attachment, ...] = (),
    workers: Workers = None,
    progress: Progress | None = None,
) -> ResponseCurves:
    """Curves from paired experiments in the market as written: only a simulator can.

    Without `kpis` those of `curve_kpis`, for another `objective` than the scenario's if given.
    Each channel in turn gets its reference spend times each multiplier, everything else equal and
    with the same luck; what a company would need a year and a twin for. A channel that had no money
    last year gets its `trial_spend`. `attachments` are processes of one's own, as in `simulate`.
    """
    names = curve_kpis(scenario, objective) if kpis is None else kpis
    count = checked_customers(scenario, customers)
    setting = Setting(scenario, count, seed, attachments=attachments)
    past, years = lived_experiments(setting, multipliers, workers, progress)
    return curves_from(past, years, names, multipliers)


def lived_experiments(
    setting: Setting,
    multipliers: Sequence[float] = MULTIPLIERS,
    workers: Workers = None,
    progress: Progress | None = None,
) -> tuple[WarmedUpMarket, list[MarketYear]]:
    """The past and the years of the experiments, for `curves_from`; they know no objective."""
    past = simulate_histories([setting], workers=workers)[0]
    arms = curve_arms(setting.scenario, multipliers)
    named_progress = named(progress, "curve experiments")
    return past, simulate_arms([past], [arms], workers=workers, progress=named_progress)[0]


def curve_kpis(
    scenario: Scenario, objective: str | Mapping[str, float] | None = None
) -> tuple[str, ...]:
    """The usual KPIs, and what rules, goals and the objective name, if it can be measured."""
    asked = (*needed_kpis(scenario, objective), *wished_kpis(scenario))
    can = _with_curves(scenario)
    return tuple(kpi for kpi in dict.fromkeys((*CURVE_KPIS, *asked)) if kpi in can)


def check_plannable(scenario: Scenario, objective: str | Mapping[str, float] | None = None) -> None:
    """Refuse a plan, before experiments are paid for, that would lack curves for what it needs."""
    can = _with_curves(scenario)
    for kpi in needed_kpis(scenario, objective):
        if kpi not in KPIS and kpi not in can:
            raise AllocationError(unknown("objective", "KPI", kpi, sorted({*can, "profit"})))
        if kpi not in can:
            raise AllocationError(
                f"the plan needs curves for {kpi}, which experiments in {scenario.name} do not "
                f"give: they measure what adds up by month and channel, {', '.join(sorted(can))}. "
                "Give curves for it in a table, or leave out the rule, goal or "
                "objective that names it."
            )


def _with_curves(scenario: Scenario) -> frozenset[str]:
    """KPIs that add up and that the market has by month; not profit, which falls with spend."""
    sums = {name for name, kpi in KPIS.items() if kpi.rule == "sum"} - {"profit"}
    return frozenset(sums & measured_kpis(scenario, "month"))


def curve_arms(scenario: Scenario, multipliers: Sequence[float]) -> list[Arm]:
    """The reference plan, then every channel with money times every multiplier."""
    plan, trial = scenario.reference_plan, trial_spend(scenario)
    design = _design(scenario, multipliers)
    return [Arm(plan), *(Arm(_scaled(plan, name, f, trial.get(name))) for name, f in design)]


def trial_spend(scenario: Scenario) -> dict[str, Floats]:
    """What experiments spend by planned month [M] on each channel that had no money last year.

    The learning budget of its launch, evenly over its learning months; without a launch the average
    month of the middle channel of its tier (of all channels where none of the tier had money), in
    every month.
    """
    launched = {rule.channel: rule for rule in scenario.rules if isinstance(rule, Launch)}
    spent = {name: money for name, money in scenario.reference_plan.by_channel.items() if money > 0}
    trials = {}
    for name in scenario.plannable:
        if name in spent:
            continue
        launch = launched.get(name)
        if launch is None:
            tier = [
                m for other, m in spent.items() if scenario.tier_of(other) == scenario.tier_of(name)
            ]
            months, money = scenario.months, float(np.median(tier or list(spent.values())))
        else:
            months, money = launch.learned_in(scenario.months), launch.learning
        trials[name] = np.isin(scenario.months, months) * money / len(months)
    return trials


def curves_from(
    past: WarmedUpMarket,
    years: Sequence[MarketYear],
    kpis: Sequence[str],
    multipliers: Sequence[float],
) -> ResponseCurves:
    """Curves from the years of `curve_arms`, tied to the reference plan."""
    scenario = past.setting.scenario
    base, *rest = years
    card = Scorecard(base)
    level = {kpi: card.monthly(kpi) for kpi in kpis}
    # What does not happen at all in a small market has no curve; without orders there is no plan.
    seen = [kpi for kpi in kpis if level[kpi].any() or kpi in ("conversions", scenario.objective)]
    table = experiment_table(base, rest, _design(scenario, multipliers), seen)
    fitted = fit_curves(
        table,
        scenario,
        {kpi: level[kpi] for kpi in seen},
        last_year=levels_of(Scorecard(past.year)),
        seasons=_seasons(past, base, kpis),
        seed=past.setting.seed,
        source="paired experiments in the market",
        trial=trial_spend(scenario),
    )
    error = {kpi: se for kpi, (_, se) in card.estimates().items() if kpi in seen}
    usage = _usage(scenario, curve_arms(scenario, multipliers), years)
    return replace(fitted, level_error=error, usage=usage)


def _usage(
    scenario: Scenario, arms: Sequence[Arm], years: Sequence[MarketYear]
) -> dict[str, list[tuple[float, float]]]:
    """What channels that leave money unused spent of it, wherever their own money was moved."""
    found: dict[str, dict[float, float]] = {}
    names = [channel.name for channel in scenario.channels]
    for arm, year in zip(arms, years, strict=True):
        spent = year.spend[:, :12].sum(axis=(0, 1))  # without what the tail spends
        for name, planned in arm.plan.by_channel.items():
            if planned > 0:
                found.setdefault(name, {})[planned] = float(spent[names.index(name)])
    return {
        name: sorted(pairs.items())
        for name, pairs in found.items()
        if any(spent < (1 - UNUSED) * planned for planned, spent in pairs.items())
    }


def experiment_table(
    base: MarketYear,
    years: Sequence[MarketYear],
    design: Sequence[tuple[str, float]],
    kpis: Sequence[str],
) -> pd.DataFrame:
    """`channel, kpi, multiplier, difference, se`: paired by community."""
    whole = kpi_values(Scorecard(base).sums("all"))
    rows = []
    for (channel, factor), year in zip(design, years, strict=True):
        sums = kpi_values(Scorecard(year).sums("all"))
        for kpi in kpis:
            gained = sums[kpi] - whole[kpi]
            se = float(np.sqrt(len(gained)) * gained.std(ddof=1))
            rows.append((channel, kpi, factor, float(gained.sum()), se))
    return pd.DataFrame(rows, columns=["channel", "kpi", "multiplier", "difference", "se"])


def estimate_curves(
    history: Observed,
    *,
    priors: Mapping[str, tuple[float, float]] | None = None,
    lift: Mapping[str, tuple[float, ...]] | None = None,
    seed: int = 0,
) -> ResponseCurves:
    """What a company could learn from last year's aggregates, with intervals.

    `lift` and `priors` are what tests found of channels, as in `fit_aggregates`.
    """
    return estimated(history.year, history.aggregates, priors=priors, lift=lift, seed=seed)


def estimated(
    year: MarketYear,
    aggregates: pd.DataFrame,
    *,
    priors: Mapping[str, tuple[float, float]] | None = None,
    lift: Mapping[str, tuple[float, ...]] | None = None,
    seed: int = 0,
    since: pd.DataFrame | None = None,
) -> ResponseCurves:
    """The same from a market year and its aggregates, and those `since` it if there are any."""
    levels = levels_of(Scorecard(year))
    known: dict[str, Any] = {"last_year": levels, "priors": priors, "lift": lift, "since": since}
    people = year.weight  # behind each customer: their weeks vary as those of so many fewer
    return fit_aggregates(aggregates, year.scenario, seed=seed, people=people, **known)


def _seasons(past: WarmedUpMarket, base: MarketYear, kpis: Sequence[str]) -> dict[str, Floats]:
    """Each KPI's season by month [12], from last year and the planned one: twice the events."""
    cards = [Scorecard(year) for year in (past.year, base)]
    tables = [[card.estimates(f"month:{month}") for month in card.year.months] for card in cards]
    level, error = {}, {}
    for kpi in dict.fromkeys((*kpis, *STEADIER)):
        told = np.array([[month[kpi] for month in months] for months in tables])
        level[kpi], error[kpi] = told[..., 0].sum(axis=0), np.hypot(*told[..., 1])
    return seasons_of(level, error)


def levels_of(card: Scorecard) -> dict[str, float]:
    """KPI levels of a year and of its quarters (`conversions@Q4`), for goals relative to them."""
    levels = {kpi: value for kpi, (value, _) in card.estimates().items()}
    for quarter in ("Q1", "Q2", "Q3", "Q4"):
        found = card.estimates(f"quarter:{quarter}")
        levels |= {f"{kpi}@{quarter}": value for kpi, (value, _) in found.items()}
    return {name: value for name, value in levels.items() if np.isfinite(value)}


def _design(scenario: Scenario, multipliers: Sequence[float]) -> list[tuple[str, float]]:
    """Channels with what their money is multiplied by; a trial is multiplied by 1, not by 0."""
    trials = trial_spend(scenario)
    tried = tuple(dict.fromkeys((1.0, *(f for f in multipliers if f))))
    return [
        (name, f) for name in scenario.plannable for f in (tried if name in trials else multipliers)
    ]


def _scaled(plan: MediaPlan, channel: str, factor: float, trial: Floats | None) -> MediaPlan:
    return plan.with_channel(channel, (plan.of(channel) if trial is None else trial) * factor)
