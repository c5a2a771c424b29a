"""How fast a market lives: both engines in one run, and growth with the number of customers.

    uv run python -m benchmarks.market [--quick]

Writing is included, compilation is not. Figures depend on the machine; ratios travel better.
"""

import argparse
import time
from collections.abc import Iterable

from scenarios import load_scenario
from sim import Setting, simulate
from sim.simulate import warm_up

YEARS = 2
"""A simulated market lives its history and its planned year."""


def batch(sizes: Iterable[int], workers: int) -> None:
    """Customer-years a second and core of the batch engine, at several sizes."""
    scenario = load_scenario("retail")
    for size in sizes:
        run = simulate(scenario, seed=1, customers=size, workers=workers)
        speed = YEARS * size / run.seconds / workers
        events = run.planned.year.lived / size
        print(
            f"batch       {size:>9,} customers, {workers} workers: {run.seconds:7.2f} s, "
            f"{speed:8,.0f} customer-years a second and core, {events:.0f} events each"
        )


def individual(size: int) -> None:
    """The same of the individual engine: one SimPy process a customer."""
    scenario = load_scenario("retail")
    warm = Setting(scenario, 100, 1, "individual", logging=True)
    for community in warm.layout.communities[:1]:
        warm.history(community)
    began = time.perf_counter()
    run = simulate(scenario, seed=1, customers=size, engine="individual", workers=1)
    speed = YEARS * size / run.seconds
    print(
        f"individual  {size:>9,} customers, 1 worker:  {time.perf_counter() - began:7.2f} s, "
        f"{speed:8,.0f} customer-years a second and core"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes only")
    quick = parser.parse_args().quick
    warm_up(Setting(load_scenario("retail"), 2000, 1))
    batch([2_000, 8_000] if quick else [2_000, 10_000, 30_000, 100_000], workers=1)
    batch([8_000] if quick else [100_000], workers=2)
    individual(400 if quick else 1_000)


if __name__ == "__main__":
    main()
