"""Table of `docs/how-to/calibrate.md`: a scenario fitted to a year that it has lived itself.

    python -m benchmarks.own_year retail --customers 8000 --seed 7 --workers 1

The truth of every parameter is the base's value, so intervals can be held against it. They are told
as factors on the base (on its odds for click rates).
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy.stats import t

from experiments.calibration.history import history_of
from experiments.calibration.result import Calibration
from experiments.calibration.run import calibrate
from scenarios import load_scenario
from sim import simulate


def calibrated(name: str, customers: int, seed: int, workers: int | None) -> Calibration:
    """The scenario fitted to its own history year, as a company would have it on file."""
    scenario = load_scenario(name)
    with tempfile.TemporaryDirectory() as folder:
        run, file = Path(folder) / "run", Path(folder) / "history.csv"
        simulate(scenario, customers=customers, seed=seed, out=run, workers=workers)
        history_of(run).to_csv(file, index=False)
        return calibrate(file, scenario, workers=workers)


def rows(found: Calibration) -> list[str]:
    """Prior and posterior of each parameter as factors, and whether the base's value is held."""
    whole, lines = found.whole, []
    half = float(t.ppf(0.975, found.free)) * np.asarray(whole.spread)
    for n, parameter in enumerate(found.problem.parameters):
        if parameter.scale == "plain":
            continue
        at, wide = float(whole.theta[n]), 1.96 * parameter.width
        prior = f"{np.exp(-wide):.2f} to {np.exp(wide):.2f}"
        after = f"{np.exp(at - half[n]):.3f} to {np.exp(at + half[n]):.3f}"
        verdict = found.parameters[n]["verdict"]
        held = "" if abs(at) <= half[n] else "does not hold 1"
        lines.append(f"| {parameter.name} | {prior} | {after} | {verdict} | {held} |")
    return lines


def main() -> None:
    """Print the table, and below it how well weeks agree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenario", nargs="?", default="retail")
    parser.add_argument("--customers", type=int, default=8000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--workers", type=int, help="processes; all cores if left out")
    asked = parser.parse_args()
    began = time.perf_counter()
    found = calibrated(asked.scenario, asked.customers, asked.seed, asked.workers)
    taken, fit, theta = time.perf_counter() - began, found.fit, np.asarray(found.whole.theta)
    half = float(t.ppf(0.975, found.free)) * np.asarray(found.whole.spread)
    print("| | prior 95 % (factor) | after the year, 95 % | | |\n| --- | --- | --- | --- | --- |")
    print("\n".join(rows(found)))
    print(
        f"\n{int((np.abs(theta) <= half).sum())} of {len(theta)} intervals hold the base's value; "
        f"R² {fit['r2']:.2f}; held out {fit['mape_held_out']:.1%}, a constant "
        f"{fit['mape_held_out_naive']:.1%}; {fit['simulated_orders_a_week']:.0f} orders a week; "
        f"p {fit['p_value']}; {taken:.0f} s"
    )


if __name__ == "__main__":
    main()
