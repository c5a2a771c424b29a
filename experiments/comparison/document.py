"""The JSON document of a comparison as a type: what `Comparison.to_dict` gives, None if unknown."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple, TypedDict, cast

import pandas as pd

from experiments.comparison.rules_kept import Standing
from experiments.risk import RiskDocument

Figures = dict[str, float | None]


class BrokenDocument(TypedDict):
    """A rule that a strategy breaks: by how much at worst, in `unit`, in how many draws."""

    rule: str
    by: float | None
    unit: str
    words: str
    draws: int
    bounds: list[dict[str, Any]]


class StrategyFigures(TypedDict):
    """What is said of a strategy: figures, regret, chances of goals, which rules it keeps.

    `allowed`: it keeps all rules. `rules_lived` are the rules on what the money brings with what
    came of them, kept or not, `rules_unjudged` those that the market has no figure for.
    `against_last_year` are differences to last year as it was. `unused` is money of the plan that
    capped channels leave: it comes back.
    `fallback_draws`: in how many draws it found no plan of its own and kept last year's.
    `tests` are the lift tests that it made, means over draws; `tests_cost` is the margin that they
    cost in last year, in the mean over draws, which is not in the strategy's figures. `diary` are
    its reviews, draw by draw: what was decided of each channel, the reason, and what was known.
    """

    spend: float
    kpis: dict[str, Figures]
    regret: Figures
    against_baseline: dict[str, Figures]
    against_last_year: dict[str, Figures]
    unused: list[dict[str, Any]]
    goals: list[dict[str, Any]]
    allowed: bool
    can_be_followed: bool
    rules_broken: list[BrokenDocument]
    rules_lived: list[dict[str, Any]]
    rules_unjudged: list[str]
    fallback_draws: int
    note: str
    tests: list[dict[str, Any]]
    tests_cost: float
    risk: RiskDocument
    diary: list[dict[str, Any]]


class StrategyDocument(StrategyFigures):
    """One strategy, with its name."""

    name: str


class Certainty(TypedDict):
    """How sure the verdict is; `lead` is the best strategy's over the runner-up.

    Rivals are those that are allowed and can be followed, as the best is; all of them where none
    is. `separated`: it is ahead of every rival, adjusted for their number. `chosen`: the share of
    worlds without which the verdict would have been the same (selection stability).
    `best_followable` is the best that can be followed, whatever rules it breaks. `knowing_more` is
    what the best strategy that only a simulator can follow earns beyond it.
    """

    objective: str
    runner_up: str | None
    lead: Figures
    separated: bool
    chosen: float | None
    best_followable: str | None
    knowing_more: dict[str, Any] | None


class ComparisonDocument(TypedDict):
    """A comparison; `against_baseline` of each strategy is against the strategy `baseline`.

    `last_year` has the KPIs of last year as it was, `kpis`: means over draws.

    `best` is the best strategy that keeps all rules and that a company can follow, null where none
    does; `best_of_all` the best of all that were tried.
    """

    scenario: str
    scenario_hash: str
    seed: int
    customers: int
    replications: int
    baseline: str
    last_year: dict[str, dict[str, Figures]]
    strategies: list[StrategyDocument]
    best: str | None
    best_of_all: str
    certainty: Certainty
    seconds: dict[str, float]


GOALS = ["goal", "kpi", "actual", "target", "met", "probability", "low", "high"]
DIFFERENCES = ["difference", "low", "high", "p_adjusted", "better", "worse"]
MEANS = ["mean", "se", "spread", "simulation_se"]


class Tables(NamedTuple):
    """What the documents of strategies are read from; `regret` and `spend` are by strategy.

    `before` are differences to last year as it was, `unused` is money that channels leave.
    """

    kpis: pd.DataFrame
    steps: pd.DataFrame
    goals: pd.DataFrame
    regret: pd.DataFrame
    spend: pd.Series
    before: pd.DataFrame
    unused: pd.DataFrame


def strategy_documents(
    tables: Tables,
    standings: Mapping[str, Standing],
    followable: Collection[str],
    notes: Mapping[str, str],
    tests: Mapping[str, Sequence[Mapping[str, Any]]],
    diaries: Mapping[str, Sequence[Mapping[str, Any]]],
    draws: int,
) -> list[StrategyDocument]:
    """One document a strategy, in the order of the table of regrets."""
    goals = tables.goals
    found = [
        {
            "name": str(name),
            "spend": tables.spend[name],
            "kpis": _by_kpi(tables.kpis, name, MEANS),
            "regret": {end: tables.regret.loc[name, end] for end in ("mean", "se", "best_found")},
            "against_baseline": _by_kpi(tables.steps, name, DIFFERENCES),
            "against_last_year": _by_kpi(tables.before, name, [*DIFFERENCES, "relative"]),
            "unused": _records(_unused_of(tables.unused, name)),
            "goals": _records(goals.loc[goals["strategy"] == name, GOALS]),
            "can_be_followed": name in followable,
            **standings.get(str(name), Standing()).to_dict(),
            "note": notes.get(str(name), ""),
            "tests": [dict(test) for test in tests.get(str(name), ())],
            "diary": [dict(one) for one in diaries.get(str(name), ())],
            "tests_cost": tests_cost(tests.get(str(name), ()), draws),
        }
        for name in tables.regret.index
    ]
    return cast(list[StrategyDocument], found)


def last_year_document(before: pd.DataFrame) -> dict[str, dict[str, Figures]]:
    """Last year as it was, by KPI of the whole company."""
    rows = before[before["scope"] == "all"]
    return {"kpis": {str(row["kpi"]): {m: row[m] for m in MEANS} for _, row in rows.iterrows()}}


def _unused_of(table: pd.DataFrame, name: object) -> pd.DataFrame:
    return table.loc[table["strategy"] == name, ["channel", "planned", "spent"]]


def tests_cost(tests: Sequence[Mapping[str, Any]], draws: int) -> float:
    """What tests cost, in the mean over draws."""
    return float(sum(test["cost"] * test["draws"] for test in tests)) / max(draws, 1)


def _by_kpi(table: pd.DataFrame, strategy: object, columns: list[str]) -> dict[str, Any]:
    rows = table[(table["strategy"] == strategy) & (table["scope"] == "all")]
    return {str(row["kpi"]): {c: row[c] for c in columns} for _, row in rows.iterrows()}


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]
