"""Figures of `docs/how-to/replan.md`: how often a planted fault is found in a simulated market.

    python -m benchmarks.planted
    python -m benchmarks.planted --channel douyin --replications 8 --customers 3000

From April on a channel's money buys half of what it bought; nobody is told, and the books have the
whole of it. The year is reviewed at the end of May and of June, against curves measured in the
scenario as written; each market is reviewed without the fault as well.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np

from experiments.curves import measure_curves
from experiments.study import seeds_of_worlds
from experiments.year_review.actuals import Actuals, actuals_from
from experiments.year_review.result import YearReview
from experiments.year_review.run import year_review
from optimize import ResponseCurves, allocate
from scenarios import MediaPlan, Scenario, load_scenario
from sim import Market

FROM = 3  # April


def lived(
    scenario: Scenario, plan: MediaPlan, seed: int, customers: int, channel: str, until: int
) -> Actuals:
    """The months so far of a market in which a channel's money buys half from April on."""
    market = Market(scenario, seed, customers, plan)
    market.advance(scenario.months[FROM - 1])
    if channel:
        half = np.where(np.arange(12) >= FROM, 0.5, 1.0)
        market.set_plan(plan.with_channel(channel, plan.of(channel) * half))
    market.advance(scenario.months[until - 1])
    seen = actuals_from(market.observe().aggregates, scenario, market.today)
    if not channel:
        return seen
    late = seen.days[:, FROM:].sum(axis=1) / seen.days.sum(axis=1)
    books = seen.spend.copy()
    books[..., seen.channels.index(channel)] *= 1 + late  # what was paid, not what it bought
    return replace(seen, spend=books)


def told(found: YearReview, channel: str, plan: MediaPlan) -> str:
    """What was found, and what became of the channel's money for the next month."""
    causes = ", ".join(one.words for one in found.judgement.findings) or "nothing"
    if found.judgement.candidates:
        causes += f"; candidates {found.judgement.candidates}"
    was, now = (float(p.of(channel)[found.passed]) for p in (plan, found.replan))
    return f"{causes}; {channel} in {plan.months[found.passed]}: {was:,.0f} to {now:,.0f}"


def main() -> None:
    """Print what each market's reviews say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--channel", default="douyin")
    parser.add_argument("--replications", type=int, default=8)
    parser.add_argument("--customers", type=int, default=3000)
    asked = parser.parse_args()
    scenario = load_scenario("retail")
    curves: ResponseCurves = measure_curves(scenario, customers=asked.customers, workers=1)
    plan = allocate(scenario, curves, gap=1e-3, explain=False).media
    for seed in seeds_of_worlds(1, asked.replications):
        for channel in (asked.channel, ""):
            for until in (5, 6):
                year = lived(scenario, plan, seed, asked.customers, channel, until)
                found = year_review(scenario, curves, plan, year)
                name = channel or "no fault"
                print(f"{seed} {name}, {until} months: {told(found, asked.channel, plan)}",
                      flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
