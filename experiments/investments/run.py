"""invest: should we buy a system, or more media, for the same money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from experiments.comparison.own_plan import OwnPlan
from experiments.comparison.run import check
from experiments.comparison.selection import chosen
from experiments.comparison.strategy import Strategy
from experiments.investments.choice import Chosen, choose, gain, interval_of
from experiments.investments.markets import Cell, InvestmentMarkets, forget
from experiments.investments.packages import NOTHING, Package, Packages
from experiments.investments.result import BUY, Investments, Judged
from experiments.study import Clock, StudyError
from scenarios import Scenario
from sim import Setting, Workers, checked_customers, checked_seed, draw_world, warm_up
from tiermix.core.progress import Progress
from tiermix.core.seeds import INVESTMENTS_CHOSEN, INVESTMENTS_JUDGED, seeds_of

DRAWS, PAIRS, PLANNER = 16, 6, "lp"
"""Draws that choose, and as many others that judge; pairs that are measured; who plans media."""


def invest(
    scenario: Scenario,
    *,
    strategy: str | Strategy = PLANNER,
    pairs: int = PAIRS,
    replications: int | None = None,
    seed: int = 1,
    customers: int | None = None,
    workers: Workers = None,
    kept: Path | None = None,
    progress: Progress | None = None,
) -> Investments:
    """Which of the scenario's candidates to buy, or none, out of the same money; see `Investments`.

    Each candidate is lived alone, and so many `pairs`, with media planned again by `strategy` on
    the money that is left, against all money in media: the same people with the same random streams
    in `replications` draws (16 unless given). A program with a binary for each takes the best set;
    it is judged in as many other draws. Pieces that are done are kept in the folder `kept` and
    taken from there. Raises `StudyError`, and `InfeasiblePlan` where no plan keeps the rules even
    with all money in media.
    """
    planner, draws = _planner(scenario, strategy), DRAWS if replications is None else replications
    if draws < 2 or pairs < 0:
        raise StudyError("replications: at least 2 draws tell an error; pairs: at least 0")
    check(scenario, (planner,), None)
    packages = Packages(scenario)
    packages.check()
    count, clock = checked_customers(scenario, customers), Clock(progress)
    choosing, judging = (
        InvestmentMarkets(
            packages, planner, count, seeds_of(purpose, checked_seed(seed), draws), workers, clock,
            kept,
        )
        for purpose in (INVESTMENTS_CHOSEN, INVESTMENTS_JUDGED)
    )  # fmt: skip
    warm_up(Setting(draw_world(scenario, choosing.seeds[0]), count, seed), progress)
    clock.lap("compilation")
    picked = choose(packages, choosing, pairs)
    clock.lap("choosing")
    judging.live(_cells([*packages.singles, picked.best]), "draws that judge")
    clock.lap("judging")
    forget(kept, choosing.keys | judging.keys)
    found = _answered(packages, judging, picked, seed)
    reused = choosing.reused + judging.reused
    return replace(found, reused=reused, seconds=clock.seconds)


def _answered(
    packages: Packages, markets: InvestmentMarkets, picked: Chosen, seed: int
) -> Investments:
    """What the draws that judge say of what the others chose."""
    scenario, best = packages.scenario, _judged(packages, markets, picked.best)
    lead = gain(markets, picked.best) - gain(markets, picked.rival)
    refused = {name: packages.refused((name,)) for name in packages.names}
    return Investments(
        scenario=scenario.name,
        scenario_hash=scenario.hash,
        currency=scenario.currency,
        objective=scenario.objective,
        budget=scenario.budget,
        strategy=markets.strategy.name,
        seed=seed,
        customers=markets.customers,
        draws=len(markets.seeds),
        alone=tuple(_judged(packages, markets, one) for one in packages.singles),
        best=best,
        chosen_to_buy=picked.buys,
        rival=picked.rival[0],
        lead=interval_of(lead) if len(picked.best) > 1 else None,
        pairs=picked.pairs,
        plan=markets.plan(Cell.of(best.package if best.answer == BUY else NOTHING)),
        refused={name: why for name, why in refused.items() if why is not None},
        fallbacks=markets.fallbacks(),
    )


def invest_cost(candidates: int, pairs: int, replications: int | None) -> tuple[int, int]:
    """Draws, and planned years that are lived in all of them, at most."""
    draws = DRAWS if replications is None else replications
    some = min(pairs, candidates * (candidates - 1) // 2)
    years = (1 + candidates + some) + (1 + 2 * candidates + 2 * (some > 0))
    return 2 * draws, draws * years


def _planner(scenario: Scenario, asked: str | Strategy) -> Strategy:
    (planner,) = chosen([asked], scenario)
    if planner.privileged or planner.needs_curves or planner.needs_market:
        raise StudyError(
            f"strategy: {planner.name} needs what no company has before the year; let media be "
            "planned by lp, last_year or another that makes its plan from last year alone"
        )
    if isinstance(planner.plan, OwnPlan):
        raise StudyError(
            f"strategy: {planner.name} is one plan, whatever money is left; choose a strategy that "
            "plans media again, such as lp"
        )
    return planner


def _cells(packages: Sequence[Package]) -> list[Cell]:
    """All in media; each package; and media on what it leaves, without it."""
    every = list(dict.fromkeys(packages))
    return [Cell(), *map(Cell.of, every), *(Cell(NOTHING, one) for one in every)]


def _judged(packages: Packages, markets: InvestmentMarkets, package: Package) -> Judged:
    alone, without = markets.merit(Cell.of(package)), markets.merit(Cell(NOTHING, package))
    return Judged(
        package,
        packages.cost(package),
        gain=interval_of(gain(markets, package)),
        effect=interval_of(alone - without),
        media=interval_of(markets.merit(Cell()) - without),
    )
