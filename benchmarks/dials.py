"""Tables of dials and of coverage in `docs/how-to/validate.md`, as Markdown.

    python -m benchmarks.dials
    python -m benchmarks.dials selection lookback --replications 3 --customers 1500 --workers 1
    python -m benchmarks.dials --coverage --draws 39 --customers 1000

Each row is `tiermix validate retail --dial NAME` at one value. Where `selection` is swept, last
click's credit of paid search stands below beside its truth.
"""

from __future__ import annotations

import argparse

from experiments.validation.result import Validation
from experiments.validation.run import validate
from experiments.validation.sweeps import CUSTOMERS, SWEEPS
from scenarios import load_scenario

SCENARIO = "retail"
MODELS = ("last", "last_click", "markov", "logistic", "shapley_incremental")


def along(found: Validation) -> list[str]:
    """`misplaced` of every model at each value of the dial, a row each."""
    table = found.along()
    wide = table.pivot_table(index="at", columns="model", values="mean")
    lines = []
    for at, row in wide.iterrows():
        value = round(at * found.customers) if found.sweep == CUSTOMERS else f"{at:g}"
        cells = [f"{row[name]:.2f}" for name in MODELS]
        lines.append(f"| `{found.sweep}` | {value} | {' | '.join(cells)} |")
    return lines


def order_at(found: Validation) -> str:
    """Kendall of every model at each value, and how wide intervals of `misplaced` are."""
    table = found.along("kendall").pivot_table(index="at", columns="model", values="mean")
    mine = found.along()
    half = ((mine["high"] - mine["low"]) / 2)[mine["model"].isin(MODELS)]
    ends = f"{half.min():.2f}, {half.median():.2f}, {half.max():.2f}"
    return f"{table[list(MODELS)].round(2).to_string()}\nhalf-widths: least, median, most {ends}"


def search_clicks(found: Validation) -> str:
    """Last click's credit of paid search and what it truly brings, by value of the dial."""
    table = found.credit()
    mine = table[(table["model"] == "last_click") & (table["channel"] == "paid_search")]
    words = [
        f"at {row['at']:g} credit {row['mean']:,.0f} over truth {row['truth']:,.0f} is "
        f"{row['mean'] / row['truth']:.1f}"
        for row in mine.to_dict("records")
    ]
    return f"last click, paid search: {'; '.join(words)}"


def coverage(found: Validation) -> str:
    """Share of channels whose truth lies in the 90 % interval, by model, with its error."""
    table = found.along("coverage").dropna(subset=["mean"]).set_index("model")
    table = table.sort_values("mean", ascending=False)
    return "; ".join(f"`{n}` {row['mean']:.2f} ± {row['se']:.2f}" for n, row in table.iterrows())


def main() -> None:
    """Print each dial as soon as it is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dials", nargs="*", default=list(SWEEPS))
    parser.add_argument("--coverage", action="store_true", help="coverage in place of dials")
    parser.add_argument("--draws", type=int, default=39)
    parser.add_argument("--replications", type=int, default=3)
    parser.add_argument("--customers", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, help="processes; all cores if left out")
    asked = vars(parser.parse_args())
    dials, told, draws = asked.pop("dials"), asked.pop("coverage"), asked.pop("draws")
    scenario = load_scenario(SCENARIO)
    if told:
        year = {"sweep": "lookback", "values": [365], "bootstrap": draws}
        print(coverage(validate(scenario, **year, **asked)))
        return
    print(f"| dial | at | {' | '.join(f'`{name}`' for name in MODELS)} |")
    print(f"| --- | --- |{' --- |' * len(MODELS)}")
    for dial in dials:
        found = validate(scenario, list(MODELS), sweep=dial, **asked)
        print("\n".join(along(found)), flush=True)
        if dial == "lookback":
            print(order_at(found), flush=True)
        if dial == "selection":
            print(search_clicks(found), flush=True)


if __name__ == "__main__":
    main()
