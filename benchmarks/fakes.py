"""Made-up scenarios and curves with what the optimizer asks of them, at any size."""

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from optimize.curves.curve import Curve
from optimize.curves.curves import ResponseCurves
from scenarios.parts.goals import Goal
from scenarios.parts.rules import Rule
from scenarios.plan import MediaPlan

HISTORY = tuple(f"2025-{m:02d}" for m in range(1, 13))
MONTHS = tuple(f"2026-{m:02d}" for m in range(1, 13))


@dataclass(frozen=True)
class FakeChannel:
    name: str
    tier: int = 1
    retention: float = 0.0
    name_zh: str = ""
    delivery: str = "broadcast"
    ownership: str = "paid"
    capped: bool = False
    plannable: bool = True

    def takes_place(self, day: dt.date) -> bool:
        return True


@dataclass(frozen=True)
class FakeScenario:
    channels: tuple[FakeChannel, ...]
    last_year: MediaPlan
    budget: float
    months: tuple[str, ...] = MONTHS
    rules: tuple[Rule, ...] = ()
    goals: tuple[Goal, ...] = ()
    objective: str = "margin"
    name: str = "fake"
    currency: str = "CNY"
    prices: dict[str, float] = field(default_factory=dict)

    @property
    def plannable(self) -> tuple[str, ...]:
        return tuple(channel.name for channel in self.channels if channel.plannable)

    @property
    def history_months(self) -> tuple[str, ...]:
        return self.last_year.months

    @property
    def reference_plan(self) -> MediaPlan:
        return self.last_year.shifted_to(self.months)

    def price_index(self, channel: str, month: str) -> float:
        return self.prices.get(month, 1.0)

    def days_in(self, month: str) -> int:
        return 28 + (int(month[-2:]) != 2) * 2

    def under(self, *rules: Rule, **changes: Any) -> "FakeScenario":
        return replace(self, rules=rules, **changes)


def make_scenario(
    channels: int = 3, months: int = 3, budget: float = 900.0, **changes: Any
) -> FakeScenario:
    """Channels a, b, c, … over tiers 1, 2, 3, with an even last year that spent the budget."""
    names = [f"c{i}" if channels > 26 else "abcdefghijklmnopqrstuvwxyz"[i] for i in range(channels)]
    kinds = tuple(FakeChannel(name, tier=1 + i % 3) for i, name in enumerate(names))
    even = np.full((channels, months), budget / channels / months)
    last = MediaPlan(names, HISTORY[:months], even)
    return FakeScenario(kinds, last, budget, MONTHS[:months], **changes)


def make_curves(
    scenario: FakeScenario, *, seed: int = 0, kpis: tuple[str, ...] = ("margin", "new_customers"),
    shape: tuple[float, float] = (0.6, 1.0), family: str = "hill", **curve: Any,
) -> ResponseCurves:  # fmt: skip
    """Random curves around the scenario's even spend; later KPIs are about a fiftieth."""
    rng = np.random.default_rng(seed)
    typical = scenario.budget / len(scenario.plannable) / len(scenario.months)
    curves = [
        Curve(
            channel=name,
            kpi=kpi,
            family=family,
            ceiling=float(typical * rng.uniform(2, 8) / (1 if kpi == "margin" else 50)),
            half=float(typical * rng.uniform(0.5, 2)),
            shape=float(rng.uniform(*shape)),
            **curve,
        )
        for name in scenario.plannable
        for kpi in kpis
    ]
    return ResponseCurves(tuple(curves), tuple(scenario.months))
