"""The run of a plan, and that of a frontier."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.tracking.record import RunRecord, finite, safe, scenario_text

if TYPE_CHECKING:
    from optimize import Frontier, Plan
    from scenarios import Scenario


def plan_record(
    made: Plan, scenario: Scenario, *, seed: int, curves: str, files: Sequence[Path] = ()
) -> RunRecord:
    """`kpi/…` forecast, `low/…` and `high/…` their 90 % interval, `spend/…`, `price/…` of rules.

    The spend is a parameter too, which parallel coordinates need; `curves` says where they are of.
    """
    spend = {f"spend/{safe(name)}": money for name, money in made.monthly.by_channel.items()}
    metrics = {f"kpi/{safe(kpi)}": value for kpi, value in made.kpis.items()}
    for kpi, (low, high) in made.intervals.items():
        metrics |= {f"low/{safe(kpi)}": low, f"high/{safe(kpi)}": high}
    metrics |= {f"price/{safe(one.rule)}": one.price for one in made.shadow_prices if one.binds}
    metrics |= {"objective/value": made.objective.value, "objective/gap": made.objective.gap}
    return RunRecord(
        name=f"plan for {made.objective.name}",
        tags={"kind": "plan", "status": made.status, **_scenario(scenario)},
        params={"seed": seed, "objective": made.objective.name, "curves": curves, **spend},
        metrics=finite({**metrics, **spend}),
        texts={
            "plan.csv": made.monthly.to_frame().to_csv(index=False),
            "plan.json": json.dumps(made.to_dict(), ensure_ascii=False, default=str),
            "scenario.yaml": scenario_text(scenario),
        },
        files=files,
        whole=True,
    )


def frontier_record(
    found: Frontier, scenario: Scenario, *, seed: int, curves: str, files: Sequence[Path] = ()
) -> RunRecord:
    """`budget/pays_until` and, by point, `value/…` at so many percent of the scenario's budget."""
    metrics: dict[str, float] = {}
    for point in found.points:
        share = f"{100 * point.budget / scenario.budget:.0f}"
        metrics |= {f"value/{share}": point.value, f"marginal/{share}": point.marginal}
    if found.pays_until is not None:
        metrics["budget/pays_until"] = found.pays_until
    return RunRecord(
        name=f"{len(found.points)} budgets",
        tags={"kind": "frontier", **_scenario(scenario)},
        params={"seed": seed, "objective": found.objective, "curves": curves},
        metrics=finite(metrics),
        texts={
            "frontier.json": json.dumps(found.to_dict(), ensure_ascii=False, default=str),
            "scenario.yaml": scenario_text(scenario),
        },
        files=files,
        whole=True,
    )


def _scenario(scenario: Scenario) -> dict[str, str]:
    return {"scenario": scenario.name, "scenario_hash": scenario.hash}
