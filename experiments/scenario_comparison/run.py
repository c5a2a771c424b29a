"""compare_scenarios: strategies in several scenarios, paired by common random numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments.comparison.feasible import check_all_rules
from experiments.comparison.run import check, judged
from experiments.comparison.selection import chosen
from experiments.comparison.strategies import USUAL
from experiments.comparison.strategy import Strategy
from experiments.scenario_comparison.kept import Found, Kept, key_of
from experiments.scenario_comparison.markets import LivedMarket
from experiments.scenario_comparison.result import NoFeasibleVariant, ScenarioComparison
from experiments.scenario_comparison.variants import Variant
from experiments.study import Clock
from optimize import InfeasiblePlan
from sim import RunError, Setting, Workers, checked_customers, checked_seed, warm_up
from tiermix.core.progress import Progress


@dataclass(frozen=True)
class _Asked:
    """A variant with its strategies and its size."""

    variant: Variant
    tried: tuple[Strategy, ...]
    customers: int
    key: str | None

    @property
    def market(self) -> tuple[str, int]:
        """What its past hangs on."""
        return self.variant.scenario.market_hash, self.customers


def compare_scenarios(
    variants: Sequence[Variant],
    strategies: Sequence[str | Strategy] | None = None,
    *,
    replications: int | None = None,
    seed: int = 1,
    customers: int | None = None,
    workers: Workers = None,
    kept: Path | None = None,
    progress: Progress | None = None,
) -> ScenarioComparison:
    """What each strategy earns in each variant, over the same draws; see `ScenarioComparison`.

    `replications` is the most that any of the scenarios asks for unless given; `customers` are each
    scenario's own unless given. Variants that are done are kept in the folder `kept`, and taken
    from there when the same is asked again. A variant whose rules cannot hold together is told and
    the others go on; raises `NoFeasibleVariant` where that is so of all.
    """
    draws = replications or max(v.scenario.defaults.replications for v in variants)
    if draws < 1:
        raise RunError(f"replications: {draws} worlds show nothing; ask for at least 1")
    asked = [_asked(v, strategies, checked_seed(seed), customers, draws) for v in variants]
    clock, store = Clock(progress), Kept(kept)
    found = {n: done for n, one in enumerate(asked) if (done := store.read(one.key, one.tried))}
    reused = len(found)
    found |= _refused_at_once({n: one for n, one in enumerate(asked) if n not in found})
    markets: dict[tuple[str, int], list[int]] = {}
    for n, one in enumerate(asked):
        if n not in found:
            markets.setdefault(one.market, []).append(n)
    for (_, count), numbers in markets.items():
        market = LivedMarket(seed, count, draws, workers, progress)
        for n in numbers:
            found[n] = _lived(asked[n], market, clock)
            store.write(asked[n].key, found[n])
    store.forget([one.key for one in asked])
    every = tuple(found[n] for n in range(len(asked)))
    if all(isinstance(one, InfeasiblePlan) for one in every):
        raise NoFeasibleVariant(variants, [one for one in every if isinstance(one, InfeasiblePlan)])
    counts = tuple(one.customers for one in asked)
    return ScenarioComparison(tuple(variants), every, seed, draws, counts, reused, clock.seconds)


def _asked(
    variant: Variant,
    strategies: Sequence[str | Strategy] | None,
    seed: int,
    customers: int | None,
    draws: int,
) -> _Asked:
    tried = chosen(strategies or USUAL, variant.scenario)
    count = checked_customers(variant.scenario, customers)
    return _Asked(variant, tried, count, key_of(variant.scenario, tried, seed, count, draws))


def _refused_at_once(asked: dict[int, _Asked]) -> dict[int, Found]:
    """Variants whose rules on money cannot hold together, asked before anything is lived."""
    found: dict[int, Found] = {}
    for n, one in asked.items():
        try:
            check(one.variant.scenario, one.tried, None)
        except InfeasiblePlan as refused:
            found[n] = refused
    return found


def _lived(one: _Asked, market: LivedMarket, clock: Clock) -> Found:
    """What came of a variant, or why no plan keeps its rules."""
    scenario = one.variant.scenario
    try:
        known = None
        warm_up(Setting(scenario, one.customers, market.seed), clock.progress)
        clock.lap("compilation")
        if any(strategy.needs_curves for strategy in one.tried):
            known = market.curves(scenario)
        clock.lap("curves")
        check_all_rules(scenario, known)
        pasts = market.pasts(scenario)
        clock.lap("history")
        mine = Clock(_prefixed(clock.progress, one.variant.label))
        done = judged(scenario, one.tried, pasts, known, market.seed, market.workers, mine)
        clock.lap("variants")
        return done.comparison
    except InfeasiblePlan as refused:
        return refused


def _prefixed(progress: Progress | None, label: str) -> Progress | None:
    """Progress that says which variant it is of."""
    if progress is None:
        return None
    report = progress
    return lambda what, done, total: report(f"{label}: {what}", done, total)
