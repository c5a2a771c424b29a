"""How long plans over S-shaped curves take under rules: `uv run python -m benchmarks.s_shaped`.

Such plans need integers, so what they take is a matter of luck. Here it is measured as a
distribution over random years, each under six to nine rules and with carry-over or without.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.fakes import FakeScenario, make_curves, make_scenario
from optimize import Plan, ResponseCurves, allocate, anchored
from optimize.model.response_model import ResponseModel
from scenarios.parts import rules
from scenarios.parts.rules import Rule

KERNELS: tuple[dict[str, Any], ...] = (
    {},
    {"carry_over": 0.9, "carry_per": "day"},
    {"carry_over": 0.97, "carry_per": "day"},
    {"carry_over": 0.3},
    {"lag": 0.4},
)
SIZES = ((3, 5), (4, 4), (3, 6), (6, 3), (5, 4), (4, 6), (5, 5), (5, 6), (6, 6), (10, 4))
INSTANCES = 60


def instance(seed: int) -> tuple[FakeScenario, ResponseCurves]:
    """A year of 15 to 40 cells with S-shaped curves, under rules that an even split keeps."""
    rng = np.random.default_rng([12, seed])
    channels, months = SIZES[seed % len(SIZES)]
    money = 1000.0 * 10.0 ** rng.integers(0, 4)
    bare = make_scenario(channels, months, money)
    prices = dict(zip(bare.months, rng.uniform(0.8, 1.4, months).tolist(), strict=True))
    scenario = make_scenario(channels, months, money, prices=prices)
    family = str(rng.choice(["hill", "logistic"]))
    kernel = KERNELS[int(rng.integers(len(KERNELS)))]
    curves = make_curves(scenario, seed=seed, shape=(1.5, 4.0), family=family, **kernel)
    if rng.random() < 0.5:
        level = {
            k: np.full(months, 3 * money / months / d)
            for k, d in (("margin", 1), ("new_customers", 50))
        }
        curves = anchored(curves, scenario, level)
    return scenario.under(*_rules(rng, scenario, curves)), curves


def _rules(rng: np.random.Generator, scenario: FakeScenario, curves: ResponseCurves) -> list[Rule]:
    model = ResponseModel(scenario, curves)
    even = np.full((len(model.channels), len(model.months)), scenario.budget)
    even /= even.size
    customers = float(model.kpi("new_customers", even)[:-1].sum())
    share = sum(model.tiers[c] == 1 for c in model.channels) / len(model.channels)
    month, first = scenario.budget / len(model.months), model.channels[0]
    pool: list[Rule] = [
        rules.TierShare(name="tier 1", tier=1, least=0.8 * share, most=min(1.0, 1.3 * share)),
        rules.TierShare(name="tier 2", tier=2, least=0.1),
        rules.CacCap(name="cac", cap=float(scenario.budget / customers * rng.uniform(0.97, 1.2))),
        rules.KpiFloor(
            name="floor", kpi="new_customers", at_least=float(customers * rng.uniform(0.9, 1.0))
        ),
        rules.TestFund(name="tests", share=float(rng.uniform(0, 0.05))),
        rules.Ramp(name="ramp", up=float(rng.uniform(0.3, 2)), step=0.1 * month),
        rules.ChannelBounds(name="bounds", basis="last_year", least=-0.7, most=1.5),
        rules.Budget(name="month", amount=float(month * rng.uniform(1.1, 1.6)), period="month"),
        rules.Commitment(
            name="promise", channel=first, amounts={scenario.months[0]: 0.9 * even[0, 0]}
        ),
        rules.MinimumToWork(
            name="least", channels=model.channels[-1:], amount=float(0.5 * even[0, 0])
        ),
    ]
    count = int(rng.integers(5, 9))
    return [pool[i] for i in sorted(rng.choice(len(pool), count, replace=False).tolist())]


def measured(seed: int) -> tuple[float, Plan]:
    """Seconds of processor time for an instance, and its plan."""
    scenario, curves = instance(seed)
    started = time.process_time()
    plan = allocate(scenario, curves)
    return time.process_time() - started, plan


def summary(seeds: Sequence[int]) -> str:
    """The distribution of times over instances, and how many reached the gap asked for."""
    found = []
    for seed in seeds:
        seconds, plan = measured(seed)
        found.append((seconds, plan.objective.gap))
        cells, made = plan.media.amounts.size, plan.objective
        print(f"{seed:3d} {cells} cells {seconds:6.2f} s {plan.status} {made.gap:.1e} "
              f"{made.value:.6g} {made.upper:.6g}", flush=True)  # fmt: skip
    times, gaps = np.array(found).T
    low, high = np.quantile(times, [0.5, 0.95])
    return (
        f"{len(seeds)} years: median {low:.1f} s, 95 % {high:.1f} s, longest {times.max():.1f} s; "
        f"gap of 1e-3 reached in {int((gaps <= 1e-3).sum())}, widest {gaps.max():.1e}"
    )


if __name__ == "__main__":
    print(summary([int(seed) for seed in sys.argv[1:]] or range(INSTANCES)))
