"""Coverage of a comparison's intervals: repeated studies against the mean of all of them.

    python -m benchmarks.coverage --studies 20 --replications 6 --customers 800

Each study has a seed of its own, hence draws and people of its own. An interval of 95 % holds the
mean over studies in about that share of them (which is itself known to 0.05 with 20 studies, and
a little favoured, as a study is part of the mean).
"""

from __future__ import annotations

import argparse

import pandas as pd

from experiments.comparison.run import compare
from scenarios import load_scenario

KPIS = ("margin", "conversions", "revenue", "new_customers", "cac")
STRATEGIES = ("last_year", "equal", "tiered", "last_click", "lp_known_curves")


def studied(scenario: str, studies: int, replications: int, customers: int) -> pd.DataFrame:
    """`study, strategy, kpi, difference, se, low, high` against last year."""
    tables = []
    for study in range(studies):
        found = compare(
            load_scenario(scenario), STRATEGIES,
            replications=replications, customers=customers, seed=1 + study,
        ).against()  # fmt: skip
        here = (found["scope"] == "all") & found["kpi"].isin(KPIS)
        tables.append(found[here].assign(study=study))
    return pd.concat(tables, ignore_index=True)


def coverage(table: pd.DataFrame) -> pd.DataFrame:
    """By strategy and KPI: share of intervals that hold the mean, spread over reported error."""
    keys = ["strategy", "kpi"]
    mean = table.groupby(keys, sort=False)["difference"].transform("mean")
    table = table.assign(held=(table["low"] <= mean) & (mean <= table["high"]))
    found = table.groupby(keys, sort=False).agg(
        held=("held", "mean"), spread=("difference", "std"), se=("se", "mean")
    )
    return found.assign(ratio=found["spread"] / found["se"]).reset_index()


def main() -> None:
    """Print both tables as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", default="retail")
    parser.add_argument("--studies", type=int, default=20)
    parser.add_argument("--replications", type=int, default=6)
    parser.add_argument("--customers", type=int, default=800)
    asked = parser.parse_args()
    found = coverage(studied(asked.scenario, asked.studies, asked.replications, asked.customers))
    held = found.pivot_table(index="strategy", columns="kpi", values="held", sort=False)
    ratio = found.pivot_table(index="strategy", columns="kpi", values="ratio", sort=False)
    for title, table in (("share of intervals that hold the mean", held), ("sd / se", ratio)):
        print(f"{title}\n\n{table.round(2).to_string()}\n")


if __name__ == "__main__":
    main()
