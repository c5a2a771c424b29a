"""Figures of `docs/how-to/replan.md`: what reviews earn, with and without a shock, and find.

    python -m benchmarks.reviews
    python -m benchmarks.reviews --replications 16 --customers 2000 --every 3

Each draw is lived four times by the same people with the same random streams: under the plan of
`lp` left alone, and reviewed as `lp_review` does, in the market as drawn and in one whose needs are
halved from April on, which no planner knows of.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np

from experiments.comparison.review import QUARTER, curves_of_last_year, review
from experiments.stats import t_interval
from experiments.study import draw_worlds, seeds_of_worlds
from optimize import allocate
from scenarios import MediaPlan, Scenario, load_scenario
from sim import Market
from tiermix.core.figures import short_money

SHOCK = {
    "name": "needs are halved", "start": "2026-04-01", "end": "2026-12-31", "needs": 0.5,
    "probability": 1.0,
}  # fmt: skip


def shocked(world: Scenario) -> Scenario:
    """The drawn world whose needs are halved from April on."""
    fields = world.model_dump(mode="json")
    return type(world).model_validate({**fields, "shocks": [*fields["shocks"], SHOCK]})


MARKETS: dict[str, Callable[[Scenario], Scenario]] = {
    "halved": shocked,
    "as drawn": lambda world: world,
}


def first_plan(scenario: Scenario, market: Market, seed: int) -> MediaPlan:
    """The plan of `lp` on what the company saw of last year."""
    curves = curves_of_last_year(scenario, market.observe(), seed)
    return allocate(scenario, curves, gap=1e-3, explain=False).media


def profit(market: Market, scenario: Scenario) -> float:
    """Profit of the whole planned year, which is lived to its end."""
    if not market.over:
        market.advance(scenario.months[-1])
    return float(market.observe().scorecard.value("profit"))


def gained(
    scenario: Scenario, world: Scenario, seed: int, customers: int, every: int, tests: bool
) -> float:
    """What the reviewed year earns more than the same year under its first plan."""
    alone = Market(world, seed, customers)
    plan = first_plan(scenario, alone, seed)
    alone.set_plan(plan)
    lived = Market(world, seed, customers, plan)
    found = review(scenario, lived, every=every, seed=seed, tests=tests)
    earned = profit(lived, scenario) - profit(alone, scenario)
    causes = [(page.month, one.cause) for page in found.reviews for one in page.found]
    begun = [(page.month, one.channel) for page in found.reviews for one in page.tests]
    print(f"  seed {seed}: {earned:+,.0f} found {causes} tested {begun}", flush=True)
    return earned


def main() -> None:
    """Print the mean differences with their 95 % intervals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenario", nargs="?", default="retail")
    parser.add_argument("--replications", type=int, default=16)
    parser.add_argument("--customers", type=int, default=2000)
    parser.add_argument("--every", type=int, default=QUARTER, help="months between reviews")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without-tests", action="store_true", help="no lift tests in the year")
    parser.add_argument("--market", choices=MARKETS, help="one of the two markets only")
    asked = parser.parse_args()
    scenario = load_scenario(asked.scenario)
    worlds = draw_worlds(scenario, asked.seed, asked.replications)
    seeds = seeds_of_worlds(asked.seed, len(worlds))
    for name in [asked.market] if asked.market else MARKETS:
        print(name, flush=True)
        found = np.array([
            gained(
                scenario, MARKETS[name](world), seed, asked.customers, asked.every,
                not asked.without_tests,
            )
            for world, seed in zip(worlds, seeds, strict=True)
        ])  # fmt: skip
        mean = t_interval(found)
        ends = (float(x) for x in (mean.estimate, mean.low, mean.high))
        told = [short_money(x, scenario.currency, signed=True) for x in ends]
        print(f"{name}: {told[0]} [{told[1]}, {told[2]}]", flush=True)


if __name__ == "__main__":
    main()
