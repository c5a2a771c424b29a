"""Tables of `docs/how-to/lift.md`: bias and coverage of both designs, and how large to test.

    python -m benchmarks.lift_tests
    python -m benchmarks.lift_tests --replications 40 --customers 4000 --panel 40000 --workers 1

The first table repeats tests of a whole year in drawn worlds, the second makes tests of several
lengths in retail as written. Between them stands how much of its money a channel that is paid per
event still spends when half of the people are held out of it.
"""

from __future__ import annotations

import argparse

import numpy as np

from experiments.lift_test.design import HELD_OUT, designed
from experiments.lift_test.result import Lift
from experiments.lift_test.run import lift
from experiments.lift_test.simulation import Experiment
from scenarios import Scenario, load_scenario
from sim import Arm, Snapshot, checked_plan
from tiermix.core.figures import short_number, short_percent

SCENARIO, PAID_PER_EVENT, BROADCAST = "retail", "paid_search", "xiaohongshu"
DESIGNS = ("ab", "geo")
TESTS = (
    ("ab", 8, 4, 1.0), ("geo", 8, 4, 1.0), ("ab", 26, 0, 0.2), ("ab", 26, 0, 1.0),
    ("geo", 26, 0, 1.0), ("ab", 52, 0, 1.0), ("geo", 52, 0, 1.0),
)  # fmt: skip
"""Design, weeks, for how many more its outcomes count, and the part of the panel in it."""


def in_drawn_worlds(found: Lift) -> str:
    """One design repeated, as a row: bias, coverage, power as it turned out, and the mean truth."""
    error, held, seen = found.error, found.coverage, found.rejected
    assert error is not None
    assert held is not None
    assert seen is not None
    ends = " to ".join(short_number(end, signed=True) for end in (error.low, error.high))
    sure = " to ".join(short_percent(end) for end in (held.low, held.high))
    cells = [found.design.channel, found.design.kind, short_number(found.worlds["truth"].mean())]
    cells += [f"{short_number(error.estimate, signed=True)} [{ends}]"]
    cells += [f"{short_percent(held.estimate)} [{sure}]", short_percent(seen.estimate)]
    return f"| {' | '.join(cells)} |"


def as_written(found: Lift, weeks: int, watch: int) -> str:
    """One test of the scenario as written, as a row: estimate, truth, and what it can detect."""
    ends = " to ".join(short_number(end) for end in (found.low, found.high))
    more = f" and {watch} more" if watch else ""
    power, truth_se = found.power, short_number(float(found.first.truth_se[-1]))
    cells = [f"{found.design.kind}, {weeks} weeks{more}", f"{found.customers:,}"]
    cells += [f"{short_number(found.estimate)} [{ends}]"]
    cells += [f"{short_number(found.truth)} ± {truth_se}"]
    cells += [f"{100 * power['share']:.1f} %", short_percent(power["chance"])]
    cells += [f"{power['customers']:,.0f}"]
    return f"| {' | '.join(cells)} |"


def still_spent(scenario: Scenario, channel: str, customers: int, seed: int) -> float:
    """The channel's money with half of the people held out of it, over its money with nobody."""
    asked = designed(
        scenario, channel, "ab", plan=checked_plan(scenario, None), kpi="conversions", share=None,
        change=None, message=None, start=None, weeks=None, watch=0,
    )  # fmt: skip
    test = Experiment(scenario, asked, checked_plan(scenario, None), customers, seed)
    rng, whole, half = np.random.default_rng(seed), 0.0, 0.0
    for community in test.communities:
        _, snapshot = test.past.history(community)
        held = rng.permutation(community.people) < community.people / 2
        whole += _money(test, snapshot, np.zeros(len(held), np.int32))
        half += _money(test, snapshot, held.astype(np.int32))
    return half / whole


def _money(test: Experiment, snapshot: Snapshot, held: np.ndarray) -> float:
    """What the channel costs in the test while these people [0 or 1] are held out."""
    simulation = test.present.begun(snapshot, Arm(test.plan))
    names = [variant.name for variant in test.present.scenario.variants]
    simulation.population["variants"] |= held << names.index(HELD_OUT)
    simulation.advance(test.design.last)
    return float(simulation.spent(test.channel, test.design.first, test.design.last))


def main() -> None:
    """Print both tables, row by row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=40)
    parser.add_argument("--customers", type=int, default=4000, help="in each drawn world")
    parser.add_argument("--panel", type=int, default=40000, help="in the scenario as written")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, help="processes; all cores if left out")
    asked = parser.parse_args()
    scenario, same = load_scenario(SCENARIO), {"seed": asked.seed, "workers": asked.workers}
    size = {"customers": asked.customers, "replications": asked.replications}
    print("| channel | design | truth, mean | estimate less truth, mean | intervals that hold the "
          "truth | tests that found it |\n| --- | --- | --- | --- | --- | --- |")  # fmt: skip
    for channel in (PAID_PER_EVENT, BROADCAST):
        for design in DESIGNS:
            print(in_drawn_worlds(lift(scenario, channel, design, **same, **size)), flush=True)
    left = still_spent(scenario, PAID_PER_EVENT, 2 * asked.customers, asked.seed)
    print(f"\n{PAID_PER_EVENT}, half of {2 * asked.customers:,} customers held out: "
          f"{short_percent(left)} of its money is spent all the same\n")  # fmt: skip
    print("| test | customers | estimate | truth | detectable, of orders | power | customers for "
          "80 % |\n| --- | --- | --- | --- | --- | --- | --- |")  # fmt: skip
    for design, weeks, watch, part in TESTS:
        when = {"weeks": weeks, "watch": watch, "customers": round(part * asked.panel)}
        print(
            as_written(lift(scenario, BROADCAST, design, **same, **when), weeks, watch), flush=True
        )


if __name__ == "__main__":
    main()
