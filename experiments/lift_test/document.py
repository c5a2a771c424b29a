"""The JSON document of a lift test as a type."""

from __future__ import annotations

from typing import Any, TypedDict

Figures = dict[str, float]


class LiftDocument(TypedDict):
    """A test in its first market, and what repetitions in drawn worlds say where there are any.

    `found` is the share of tests that reject no effect at 5 %, `coverage` that of intervals which
    hold the truth, `error` the mean of estimate less truth; None for a single market.
    """

    scenario: str
    scenario_hash: str
    seed: int
    customers: int
    replications: int
    channel: str
    message: str | None
    design: str
    kpi: str
    share: float | None
    change: float
    start: str
    end: str
    counted_to: str
    units: int
    treated: int
    estimate: float
    se: float
    low: float
    high: float
    p_value: float
    truth: float
    truth_se: float
    covered: bool
    level: float
    spent: float
    per_money: Figures | None
    power: Figures
    coverage: Figures | None
    found: Figures | None
    error: Figures | None
    worlds: list[dict[str, Any]]
    curve: list[dict[str, Any]]
