"""The JSON document of a comparison as a type: what `Comparison.to_dict` gives, None if unknown."""

from __future__ import annotations

from typing import Any, TypedDict

Figures = dict[str, float | None]


class StrategyDocument(TypedDict):
    """One strategy: figures by KPI, regret, and how likely it meets each goal."""

    name: str
    spend: float
    kpis: dict[str, Figures]
    regret: Figures
    against_baseline: dict[str, Figures]
    goals: list[dict[str, Any]]


class Certainty(TypedDict):
    """How sure the verdict is; `lead` is the best strategy's over the runner-up.

    `separated`: it is ahead of every rival, adjusted for their number. `chosen`: the share of
    worlds without which the verdict would have been the same (selection stability).
    """

    objective: str
    runner_up: str | None
    lead: Figures
    separated: bool
    chosen: float | None
    best_followable: str | None


class ComparisonDocument(TypedDict):
    """A comparison; `against_baseline` of each strategy is against the strategy `baseline`."""

    scenario: str
    scenario_hash: str
    seed: int
    customers: int
    replications: int
    baseline: str
    strategies: list[StrategyDocument]
    best: str
    certainty: Certainty
    seconds: dict[str, float]
