"""Calm plans against the best ones to the last digit: how much steadier, and lived, how much worse.

    uv run python -m benchmarks.calm retail b2b education smart_home_after --replications 16

Both are made on the same measured curves and lived in the same drawn worlds with the same random
numbers. Change is what money moves from month to month after each channel's own season of last
year, as a share of the budget.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np

from experiments.comparison.run import study
from experiments.comparison.strategy import Choice, Knowledge, Strategy
from experiments.curves import measure_curves
from optimize import ResponseCurves, allocate
from optimize.plans.calm import season
from scenarios import MediaPlan, Scenario, load_scenario


def jumpy(knows: Knowledge) -> Choice:
    """The best plan on the measured curves, to the last digit."""
    assert knows.known is not None
    plan = allocate(knows.scenario, knows.known, calm=False, explain=False)
    return Choice(plan.media, plan=plan)


def calm(knows: Knowledge) -> Choice:
    """The calm one on the same curves."""
    assert knows.known is not None
    plan = allocate(knows.scenario, knows.known, explain=False)
    return Choice(plan.media, plan=plan)


BOTH = tuple(
    Strategy(plan.__name__, plan, same_in_every_world=True, needs_curves=True)
    for plan in (jumpy, calm)
)


def change(scenario: Scenario, plan: MediaPlan) -> float:
    """Money moved from month to month after season, as a share of the budget; closed months out."""
    total = 0.0
    rows = zip(season(scenario.reference_plan.amounts), scenario.plannable, strict=True)
    for shape, name in rows:
        there = (scenario.reference_plan.of(name) > 0) | (plan.of(name) > 0)
        total += float(np.abs(np.diff((plan.of(name) / shape)[there])).sum())
    return total / scenario.budget


def curves_of(name: str, seed: int) -> ResponseCurves:
    """Measured curves without their errors, which both plans have in common."""
    curves = measure_curves(load_scenario(name), seed=seed)
    return replace(curves, curves=tuple(replace(curve, draws=None) for curve in curves.curves))


def told(name: str, replications: int, seed: int) -> str:
    """One scenario as a row of a table in Markdown."""
    scenario = load_scenario(name)
    found = study(scenario, BOTH, replications=replications, seed=seed, known=curves_of(name, seed))
    moves = {s.name: change(scenario, found.choices[s.name][0].media) for s in BOTH}
    plan = found.choices["calm"][0].plan
    assert plan is not None
    table = found.comparison.against("jumpy")
    mine = (table["strategy"] == "calm") & (table["scope"] == "all")
    lived = table[mine & (table["kpi"] == scenario.objective)].iloc[0]
    ends = " to ".join(f"{lived[end]:+,.0f}" for end in ("low", "high"))
    less = 100 * (moves["calm"] / moves["jumpy"] - 1)
    return (
        f"| {name} | {moves['jumpy']:.2f} | {moves['calm']:.2f} | {less:+.0f} % | "
        f"{100 * plan.objective.loss:.3f} % | "
        f"{lived['difference']:+,.0f} ± {lived['se']:,.0f} [{ends}] |"
    )


def main() -> None:
    """Print the table, row by row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios", nargs="+")
    parser.add_argument("--replications", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    print("| scenario | change, best | calm | | given up | lived, calm − best |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name in asked.scenarios:
        print(told(name, asked.replications, asked.seed), flush=True)


if __name__ == "__main__":
    main()
