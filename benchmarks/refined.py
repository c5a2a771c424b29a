"""Table of `docs/reference/allocation.md`: what refining in the drawn world adds to the program.

    python -m benchmarks.refined
    python -m benchmarks.refined retail b2b --objective margin --seed 1 --workers 1

Each row is `tiermix run NAME --set objective=margin --strategies
last_year,lp_known_curves,clairvoyant` with the scenario's own size: the objective of the plan found
in each drawn world less that of the program on curves of the market as written, same people and
random streams.
"""

from __future__ import annotations

import argparse

import pandas as pd

from experiments.comparison.result import Comparison
from experiments.comparison.run import compare
from scenarios import load_scenario
from tiermix.core.figures import short_money

SCENARIOS = ("retail", "b2b", "education", "smart_home_after")
STRATEGIES = ("last_year", "lp_known_curves", "clairvoyant")


def difference(found: Comparison, strategy: str, baseline: str) -> str:
    """What a strategy earns more than another: mean ± standard error, and its interval."""
    table = found.against(baseline)
    here = (table["scope"] == "all") & (table["kpi"] == found.objective)
    row: pd.Series = table[here & (table["strategy"] == strategy)].iloc[0]
    mean, low, high = (
        short_money(row[end], found.currency, signed=True) for end in ("difference", "low", "high")
    )
    return f"{mean} ± {short_money(row['se'], found.currency)} [{low} to {high}]"


def main() -> None:
    """Print the table, row by row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios", nargs="*", default=SCENARIOS)
    parser.add_argument("--objective", default="margin")
    parser.add_argument("--replications", type=int, help="the scenario's own number if left out")
    parser.add_argument("--customers", type=int, help="the scenario's own number if left out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, help="processes; all cores if left out")
    asked = vars(parser.parse_args())
    changes = {"objective": asked.pop("objective")}
    print("| scenario | worlds | customers | `clairvoyant` − `lp_known_curves` | "
          "`lp_known_curves` − last year |\n| --- | --- | --- | --- | --- |")  # fmt: skip
    for name in asked.pop("scenarios"):
        found = compare(load_scenario(name, changes), STRATEGIES, **asked)
        cells = [name, str(found.replications), f"{found.customers:,}"]
        cells += [difference(found, "clairvoyant", "lp_known_curves")]
        cells += [difference(found, "lp_known_curves", "last_year")]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
