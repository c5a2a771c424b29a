"""Tables of `docs/how-to/validate.md`: every model in every scenario of the library, as Markdown.

    python -m benchmarks.validation
    python -m benchmarks.validation retail b2b --customers 3000 --replications 8 --seed 1

Rows are those of `validate`, references among them, least regret first. Rows that share a letter
are not told apart.
"""

from __future__ import annotations

import argparse

import numpy as np

from experiments.validation.result import REFERENCES, Validation
from experiments.validation.run import validate
from scenarios import load_scenario
from tiermix.core.figures import short_money, short_percent

SCENARIOS = ("retail", "b2b", "education", "smart_home_after")


def told(found: Validation) -> str:
    """One scenario: what marketing brings, and a row for each model and reference."""
    facts, table = found.facts(), found.regret().merge(found.standing, on="plan")
    errors = found.errors()
    whole = errors[errors["scope"] == "all"].set_index(["model", "measure"])["mean"]
    lines = [
        f"### {found.scenario}",
        "",
        f"{found.replications} worlds of {found.customers:,} customers, seed {found.seed}, truth "
        f"{found.estimand}: marketing brings {facts['together']:,.0f} of "
        f"{facts['conversions']:,.0f} conversions, of which the company observes "
        f"{facts['observed']:,.0f}.",
        "",
        "| plan from | margin lost | group | ranks | misplaced | all credit against what marketing "
        "brings | order (Kendall) |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in table.to_dict("records"):
        name = str(row["plan"])
        ends = " to ".join(short_money(row[end], found.currency) for end in ("low", "high"))
        cells = [f"`{name}`" if name not in REFERENCES else name]
        cells += [f"{short_money(row['mean'], found.currency)} [{ends}]", str(row["group"])]
        cells += [f"{row['rank_low']} to {row['rank_high']}"]
        misplaced, over, order = (
            float(whole.get((name, measure), np.nan))
            for measure in ("misplaced", "over_credit", "kendall")
        )
        cells += [f"{misplaced:.2f}", short_percent(over, signed=True), f"{order:.2f}"]
        lines.append(f"| {' | '.join('–' if c in ('nan', 'nan %') else c for c in cells)} |")
    lines += ["", *(f"- {what}" for what in found.failed.values())]
    return "\n".join(lines)


def main() -> None:
    """Print the table of each scenario as soon as it is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios", nargs="*", default=SCENARIOS)
    parser.add_argument("--replications", type=int, default=8)
    parser.add_argument("--customers", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--estimand", default="removal")
    asked = vars(parser.parse_args())
    for name in asked.pop("scenarios"):
        print(told(validate(load_scenario(name), **asked)), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
