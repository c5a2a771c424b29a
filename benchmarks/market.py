"""How fast a market lives: both engines in one run, and growth with the number of customers.

    uv run python -m benchmarks.market [--quick | --customers N --workers N]

Writing is included, compilation is not. With one worker time is that of the processor, which other
work on the machine hardly changes; with several it is that of the clock, and their start counts.
Figures depend on the machine; ratios travel better.
"""

import argparse
import resource
import time
from collections.abc import Iterable

from scenarios import load_scenario
from sim import Run, Setting, simulate
from sim.market.simulate import warm_up

YEARS = 2
"""A simulated market lives its history and its planned year."""


def batch(sizes: Iterable[int], workers: int) -> None:
    """Customer-years a second and core of the batch engine, at several sizes."""
    scenario = load_scenario("retail")
    clock = time.process_time if workers == 1 else time.perf_counter
    for size in sizes:
        began = clock()
        run = simulate(scenario, seed=1, customers=size, workers=workers)
        seconds = clock() - began
        speed = YEARS * size / seconds / workers
        print(
            f"batch       {size:>9,} customers, {workers} workers: {seconds:7.2f} s, "
            f"{speed:8,.0f} customer-years a second and core, "
            f"{run.planned.year.events / size:.0f} events each, {_written(run):,.0f} MB written, "
            f"at most {_peak():,.0f} MB of memory",
            flush=True,
        )


def _written(run: Run) -> float:
    return sum(p.stat().st_size for p in run.folder.rglob("*") if p.is_file()) / 1e6


def _peak() -> float:
    """Most memory this process has had; a worker's is its own, some hundreds of MB at any size."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def individual(size: int) -> None:
    """The same of the individual engine: one SimPy process a customer."""
    scenario = load_scenario("retail")
    warm = Setting(scenario, 100, 1, "individual", logging=True)
    for community in warm.layout.communities[:1]:
        warm.history(community)
    began = time.process_time()
    simulate(scenario, seed=1, customers=size, engine="individual", workers=1)
    seconds = time.process_time() - began
    print(
        f"individual  {size:>9,} customers, 1 worker:  {seconds:7.2f} s, "
        f"{YEARS * size / seconds:8,.0f} customer-years a second and core"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes only")
    parser.add_argument("--customers", type=int, help="one size only, of the batch engine")
    parser.add_argument("--workers", type=int, default=2, help="with --customers")
    options = parser.parse_args()
    warm_up(Setting(load_scenario("retail"), 2000, 1))
    if options.customers:
        batch([options.customers], options.workers)
        return
    batch([2_000, 8_000] if options.quick else [2_000, 10_000, 30_000, 100_000], workers=1)
    batch([8_000] if options.quick else [100_000], workers=2)
    individual(400 if options.quick else 1_000)


if __name__ == "__main__":
    main()
