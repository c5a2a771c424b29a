"""Tables of `docs/how-to/validate.md`: every model in every scenario of the library, as Markdown.

    python -m benchmarks.validation
    python -m benchmarks.validation retail b2b:6000 --replications 8 --seed 1 --workers 1

A number after a name is how many customers are simulated, else it is the scenario's own. Rows are
those of `validate`, references among them, least regret first. Rows that share a letter are not
told apart. Where several scenarios are asked, a table of all of them side by side ends it.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
import pandas as pd

from experiments.validation.result import REFERENCES, TRUE_CREDIT, Validation
from experiments.validation.run import validate
from scenarios import load_scenario
from tiermix.core.figures import short_money, short_percent

SCENARIOS = ("retail", "b2b", "education", "smart_home_after")


def told(found: Validation) -> str:
    """One scenario: what marketing brings, and a row for each model and reference."""
    facts, table, whole = found.facts(), rows_of(found), errors_of(found)
    lines = [
        f"### {found.scenario}",
        "",
        f"{found.replications} worlds of {found.customers:,} customers, seed {found.seed}, truth "
        f"{found.estimand}: marketing brings {facts['together']:,.0f} of "
        f"{facts['conversions']:,.0f} conversions, of which the company observes "
        f"{facts['observed']:,.0f}. The plan from true credit earns "
        f"{short_money(found.margins.loc[TRUE_CREDIT].mean(), found.currency)} of margin.",
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
    lines += ["", *(f"- {what}" for what in told_apart(found) + list(found.failed.values()))]
    return "\n".join(lines)


def rows_of(found: Validation) -> pd.DataFrame:
    """Regret and standing of each plan, least regret first."""
    return found.regret().merge(found.standing, on="plan")


def errors_of(found: Validation) -> pd.Series:
    """Mean errors over all channels, by model and measure."""
    errors = found.errors()
    return errors[errors["scope"] == "all"].set_index(["model", "measure"])["mean"]


def told_apart(found: Validation) -> list[str]:
    """How many pairs of models are told apart, and which models from knowing nothing."""
    pairs, models = found.separated(), found.models
    ours = pairs[pairs["first"].isin(models) & pairs["second"].isin(models)]
    apart = pairs[pairs["low"] > 0]
    lines = [f"{int((ours['low'] > 0).sum())} of {len(ours)} pairs of models are told apart"]
    for reference in ("(even)", "(last year)"):
        better = [n for n in apart[apart["second"] == reference]["first"] if n in models]
        worse = [n for n in apart[apart["first"] == reference]["second"] if n in models]
        lines.append(
            f"surely better than {reference}: {', '.join(better) or 'none'}; "
            f"surely worse: {', '.join(worse) or 'none'}"
        )
    return lines


def side_by_side(found: Sequence[Validation]) -> str:
    """All scenarios in one table: margin lost with interval, group, misplaced credit."""
    tables = [rows_of(each).set_index("plan") for each in found]
    ranks = pd.concat([table["mean"].rank() for table in tables], axis=1).mean(axis=1)
    lines = [
        f"| plan from | {' | '.join(each.scenario for each in found)} |",
        f"| --- |{' --- |' * len(found)}",
    ]
    for name in ranks.sort_values(kind="stable").index:
        cells = [
            _cell(table.loc[name], errors_of(each).get((name, "misplaced"), np.nan), each.currency)
            if name in table.index
            else "–"
            for each, table in zip(found, tables, strict=True)
        ]
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(row: pd.Series, misplaced: float, currency: str) -> str:
    mean, low, high = (short_money(row[end], currency) for end in ("mean", "low", "high"))
    wrong = "" if np.isnan(misplaced) else f"; {misplaced:.2f}"
    return f"{mean} [{low} to {high}] {row['group']}{wrong}"


def main() -> None:
    """Print the table of each scenario as soon as it is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios", nargs="*", default=SCENARIOS)
    parser.add_argument("--replications", type=int, default=8)
    parser.add_argument("--customers", type=int, help="where no number follows the name")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--estimand", default="removal")
    parser.add_argument("--workers", type=int, help="processes; all cores if left out")
    asked = vars(parser.parse_args())
    found = []
    size = asked.pop("customers")
    for each in asked.pop("scenarios"):
        name, _, own = each.partition(":")
        customers = int(own) if own else size
        found.append(validate(load_scenario(name), customers=customers, **asked))
        print(told(found[-1]), end="\n\n", flush=True)
    if len(found) > 1:
        print(side_by_side(found))


if __name__ == "__main__":
    main()
