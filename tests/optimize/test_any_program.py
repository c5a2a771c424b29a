"""Random programs of every kind of rule: a plan that keeps them, or an error of ours in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmarks.fakes import FakeScenario, make_curves, make_scenario
from optimize import AllocationError, Plan, ResponseCurves, allocate, anchored, dial, frontier
from optimize.model.response_model import ResponseModel
from optimize.problem.task import GOALS, Task, make_task
from scenarios.parts.goals import Goal
from scenarios.parts.rules import RULES, Rule

KPIS = ("margin", "new_customers", "conversions", "visits")
BUDGET = 90_000.0
STEEP = 311  # a capacity over curves that start endlessly steep
KERNELS: tuple[dict[str, Any], ...] = (
    {}, {"carry_over": 0.4}, {"carry_over": 0.9, "carry_per": "day"}, {"lag": 0.3},
)  # fmt: skip
Luck = np.random.Generator
OBJECTIVES: tuple[Any, ...] = (
    "margin", "margin", "profit", "spend", GOALS, "new_customers",
    {"margin": 1.0, "spend": -1.0}, {"margin": 1.0, "visits": -0.5},
)  # fmt: skip


def _one(luck: Luck, *of: Any) -> Any:
    return of[int(luck.integers(len(of)))]


def _some(luck: Luck, names: Iterable[str]) -> tuple[str, ...]:
    every = list(names)
    return tuple(sorted(luck.choice(every, int(luck.integers(1, len(every))), replace=False)))


def _period(luck: Luck, months: tuple[str, ...]) -> str:
    return str(_one(luck, "year", "year", "month", months[0]))


class Draw:
    """One random rule of each kind, with numbers about what the even plan brings; often 0."""

    def __init__(self, luck: Luck, scenario: FakeScenario, level: dict[str, float]) -> None:
        self.luck, self.scenario, self.level = luck, scenario, level
        self.cell = BUDGET / len(scenario.plannable) / len(scenario.months)

    def rule(self, kind: str, name: str) -> Rule:
        """A rule of that kind."""
        return RULES[kind].model_validate(  # type: ignore[return-value]
            {"kind": kind, "name": name, **getattr(self, kind)()}
        )

    def _times(self, *of: float) -> float:
        return float(_one(self.luck, *of))

    def budget(self) -> dict[str, Any]:
        sense = _one(self.luck, "at_most", "at_least", "exactly")
        share = self._times(0.0, 0.3, 0.9, 1.5)
        period = _period(self.luck, self.scenario.months)
        return {"share": share, "sense": sense, "period": period}

    def channel_bounds(self) -> dict[str, Any]:
        basis = _one(self.luck, "money", "share", "last_year")
        ends = {"money": (0.0, self.cell, 3 * self.cell), "share": (0.0, 0.2, 0.6)}
        least, most = sorted(self._times(*ends.get(basis, (-1.0, -0.3, 0.5))) for _ in range(2))
        some = _some(self.luck, self.scenario.plannable)
        return {"basis": basis, "least": least, "most": most, "channels": some}

    def group_bounds(self) -> dict[str, Any]:
        return self.channel_bounds() | {"group": str(_one(self.luck, "", "短视频"))}

    def tier_share(self) -> dict[str, Any]:
        least, most = sorted(self._times(0.0, 0.1, 0.4, 1.0) for _ in range(2))
        return {"tier": int(self.luck.integers(1, 4)), "least": least, "most": most}

    def ramp(self) -> dict[str, Any]:
        return {
            "up": self._times(0.0, 0.3, 2.0), "down": self._times(0.0, 0.5, 1.0),
            "step": self._times(0.0, 0.2 * self.cell), "step_share": self._times(0.0, 0.2),
            "from_last_year": bool(_one(self.luck, 0, 1)),
        }  # fmt: skip

    def commitment(self) -> dict[str, Any]:
        month = str(_one(self.luck, *self.scenario.months))
        return {
            "channel": str(_one(self.luck, *self.scenario.plannable)),
            "amounts": {month: self._times(0.0, 0.5, 2.0) * self.cell},
            "sense": _one(self.luck, "exactly", "at_least"),
        }

    def flight(self) -> dict[str, Any]:
        some = _some(self.luck, self.scenario.plannable)
        return {"channels": some, "months": _some(self.luck, self.scenario.months)}

    blackout = flight

    def minimum_to_work(self) -> dict[str, Any]:
        some = _some(self.luck, self.scenario.plannable)
        return {"channels": some, "amount": self._times(0.3, 1.2, 5.0) * self.cell}

    def _live(self) -> dict[str, Any]:
        some = _some(self.luck, self.scenario.plannable)
        return {"channels": some, "amount": _one(self.luck, None, 0.3 * self.cell, 2 * self.cell)}

    def flight_length(self) -> dict[str, Any]:
        return self._live() | {"months_on_end": int(self.luck.integers(2, 5))}

    def live_channels(self) -> dict[str, Any]:
        live = self._live()
        ends = sorted(int(x) for x in self.luck.integers(0, len(live["channels"]) + 1, 2))
        months = _one(self.luck, (), self.scenario.months[:1])
        return live | {"least": ends[0], "most": ends[1], "months": months}

    def money_steps(self) -> dict[str, Any]:
        some = _some(self.luck, self.scenario.plannable)
        return {"channels": some, "step": self._times(0.1, 0.7, 2.0) * self.cell}

    def launch(self) -> dict[str, Any]:
        months, first = self.scenario.months, int(self.luck.integers(2))
        learning = self._times(0.1, 1.0, 4.0) * self.cell
        long = int(self.luck.integers(1, len(months) - first + 1))
        return {
            "channel": str(_one(self.luck, *self.scenario.plannable)), "start": months[first],
            "learning": learning, "learning_months": long,
            "most": _one(self.luck, None, learning, 3 * learning),
        }  # fmt: skip

    def test_fund(self) -> dict[str, Any]:
        return {"share": self._times(0.0, 0.1, 0.9)}

    def cac_cap(self) -> dict[str, Any]:
        outcome = _one(self.luck, "new_customers", "conversions")
        return {"outcome": outcome, "cap": BUDGET / self.level[outcome] * self._times(0.5, 1, 2)}

    def roi_floor(self) -> dict[str, Any]:
        even = self.level["margin"] / BUDGET - 1
        return {"floor": max(even * self._times(0.5, 1.0, 1.3), -1.0)}

    def kpi_floor(self) -> dict[str, Any]:
        kpi = _one(self.luck, "margin", "new_customers", "profit", "conversion_rate")
        level = self.level | {
            "profit": self.level["margin"] - BUDGET,
            "conversion_rate": self.level["conversions"] / self.level["visits"],
        }
        tier = _one(self.luck, None, None, 1) if kpi != "conversion_rate" else None
        at_least = level[kpi] * self._times(0.0, 0.5, 0.95, 1.3) / (3 if tier else 1)
        likely = _one(self.luck, *(None,) * 9, 0.8)
        return {"kpi": kpi, "at_least": at_least, "tier": tier, "probability": likely}

    def capacity(self) -> dict[str, Any]:
        most = self.level["visits"] * self._times(0.0, 0.8, 2.0)
        return {"kpi": "visits", "at_most": most, "period": "year"}

    def spend_price(self) -> dict[str, Any]:
        some = _some(self.luck, self.scenario.plannable)
        return {"channels": some, "above": (self.cell,), "factor": (self._times(1.0, 1.3, 2.0),)}

    def discount(self) -> dict[str, Any]:
        return {"rate": self._times(0.0, 0.1, 2.0)}


def program(seed: int) -> tuple[FakeScenario, ResponseCurves, dict[str, Any]]:
    """A random year with two to seven rules, S-shaped or concave, and how to plan it."""
    luck = np.random.default_rng([41, seed])
    scenario = make_scenario(3, int(luck.integers(2, 4)), BUDGET)
    shape = _one(luck, (0.5, 1.0), (0.5, 1.0), (1.2, 3.0))
    kernel = KERNELS[int(luck.integers(len(KERNELS)))]
    family = _one(luck, "hill", "logistic") if shape[1] > 1 else _one(luck, "hill", "power")
    curves = make_curves(scenario, seed=seed, shape=shape, family=family, kpis=KPIS, **kernel)
    model = ResponseModel(scenario, curves)
    even = model.spend_of(scenario.reference_plan)
    level = {kpi: float(model.kpi(kpi, even)[:-1].sum()) for kpi in KPIS}
    if luck.random() < 0.3:
        size = len(scenario.months)
        curves = anchored(curves, scenario, {k: np.full(size, level[k] / size) for k in KPIS})
    curves = replace(curves, last_year=level | {"ltv": 30.0})
    kinds = luck.choice(list(RULES), int(luck.integers(2, 8)), replace=False)
    draw = Draw(luck, scenario, level)
    given = [draw.rule(str(kind), f"{kind} {n}") for n, kind in enumerate(kinds)]
    goals = [
        Goal(name="margin up", kpi="margin", change=0.1, as_rule=bool(luck.random() < 0.2)),
        Goal(name="cheaper", kpi="cac", level=float(BUDGET / level["new_customers"])),
    ]
    how = {"objective": OBJECTIVES[int(luck.integers(len(OBJECTIVES)))]}
    if luck.random() < 0.1:
        curves, how["robust"] = _with_draws(luck, curves), True
    return scenario.under(*given, goals=tuple(goals)), curves, how


def _with_draws(luck: Luck, curves: ResponseCurves) -> ResponseCurves:
    def drawn(curve: Any) -> Any:
        ceilings = curve.ceiling * luck.normal(1, 0.1, 10)
        shapes = [np.full(10, curve.half), np.full(10, curve.shape)]
        return replace(curve, draws=np.column_stack([ceilings, *shapes]))

    return replace(curves, curves=tuple(drawn(curve) for curve in curves.curves))


def outcome(work: Callable[[], Any]) -> Any:
    """What came of it: a result, or an error of ours with its sentence."""
    try:
        return work()
    except AllocationError as error:
        return error


def check(seed: int) -> str:
    """Plan, and for some turn the budget and a rule; what came of it, by name."""
    scenario, curves, how = program(seed)
    quick = {"seconds": 3.0, "gap": 1e-2, "calm": seed % 4 == 0, **how}
    made = outcome(lambda: allocate(scenario, curves, **quick))
    if isinstance(made, Plan):
        kept(scenario, curves, made, how["objective"])
    if seed % 7 == 0 and not how.get("robust"):
        asked = {"objective": how["objective"], "gap": 1e-2}
        outcome(lambda: frontier(scenario, curves, budgets=[0.8 * BUDGET, BUDGET], **asked))
        turned = next((rule for rule in scenario.rules if rule.numbers), None)
        if turned is not None:
            number = turned.numbers[-1]
            now = float(getattr(turned, number) or 0.5)
            outcome(lambda: dial(scenario, curves, turned.name, [now], number=number, **asked))
    return type(made).__name__


def kept(scenario: FakeScenario, curves: ResponseCurves, plan: Plan, objective: Any) -> None:
    """Money and outcomes are finite, and every row of every rule holds on the true curves."""
    task: Task = make_task(ResponseModel(scenario, curves), budget=None, objective=objective)
    soft = [goal.name for goal in scenario.goals] if objective == GOALS else []
    spend = task.response_model.spend_of(plan.media)
    assert np.isfinite(spend).all()
    assert np.isfinite([plan.objective.value, plan.objective.lower, plan.objective.upper]).all()
    if any(getattr(rule, "probability", None) for rule in scenario.rules):
        return
    for row, value in task.judge(spend):
        if row.rule in soft:
            continue
        # Curves that start endlessly steep turn the solver's last digit into a little response.
        size = 5e-6 * max(abs(row.lower or 0.0), abs(row.upper or 0.0), 1e-3)
        size = max(size, 5e-6 * BUDGET if row.unit.startswith(("CNY", "share")) else size)
        assert row.lower is None or value >= row.lower - size, (row.rule, value, row.lower)
        assert row.upper is None or value <= row.upper + size, (row.rule, value, row.upper)


@pytest.mark.long
def test_programs_of_every_kind_of_rule_end_in_a_plan_or_in_words() -> None:
    found = [check(seed) for seed in (*range(14), STEEP)]
    assert {"Plan", "InfeasiblePlan"} <= set(found)


@pytest.mark.long
def test_hundreds_of_programs_end_in_a_plan_or_in_words() -> None:
    found = [check(seed) for seed in range(100, 350)]
    assert found.count("Plan") >= 50
    assert found.count("InfeasiblePlan") >= 50


def test_every_kind_of_rule_is_drawn() -> None:
    assert set(RULES) == {kind for kind in RULES if callable(getattr(Draw, kind, None))}
