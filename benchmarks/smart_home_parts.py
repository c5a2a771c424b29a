"""Table of `docs/how-to/smart-home.md`: the case with one part of the integration taken back.

    python -m benchmarks.smart_home_parts --customers 6000 --replications 10 --workers 1

Changes are those from before to after, paired by world, with intervals of 95 %; every row is
`tiermix scenarios case smart_home` with one `--set`.
"""

from __future__ import annotations

import argparse

import pandas as pd

from experiments.cases.smart_home import PAIR, smart_home_case
from scenarios import load_scenario

FIGURES = {
    "email click rate": "email clicks",
    "all sales": "all sales",
    "profit net of integration": "profit",
}
PARTS = ("personalisation", "resolution", "seamless")


def taken_back() -> dict[str, dict[str, float]]:
    """Changes of the scenario after, by name: nothing, then each part as it was before."""
    before = load_scenario(PAIR[0]).integration
    parts = {f"integration.{part}": float(getattr(before, part)) for part in PARTS}
    return {"(nothing)": {}} | {f"`{path}={old:g}`": {path: old} for path, old in parts.items()}


def percents(row: pd.Series) -> str:
    """A change with its interval, in percent: +38 % (+32 % to +45 %)."""
    change, low, high = (f"{100 * row[end]:+.2g} %" for end in ("change", "low", "high"))
    return f"{change} ({low} to {high})".replace("-", "−")


def main() -> None:
    """Print the table, row by row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=6000)
    parser.add_argument("--replications", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, help="processes; all cores if left out")
    asked = vars(parser.parse_args())
    print(f"| taken back | {' | '.join(FIGURES.values())} |")
    print(f"| --- |{' --- |' * len(FIGURES)}")
    for name, changes in taken_back().items():
        table = smart_home_case(changes=changes, **asked).table.set_index("figure")
        cells = [percents(table.loc[figure]) for figure in FIGURES]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
