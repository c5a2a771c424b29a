"""What is logged of a comparison over scenarios: a run a cell, and one for the study."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from experiments.risk import all_goals
from experiments.scenario_comparison.result import Cell, ScenarioComparison
from experiments.tracking.record import RunRecord, finite, safe, scenario_text


def scenario_records(found: ScenarioComparison, files: Sequence[Path] = ()) -> Iterator[RunRecord]:
    """One record a cell, means over draws, and at the end one for the study with its `files`.

    Metrics are `kpi/…`, `se/…`, `against/…` (the difference to the study's baseline) and `risk/…`;
    parameters what was changed (`set/budget`) and the size.
    """
    steps = {name: dict(zip(rows["kpi"], rows["difference"], strict=True))
             for name, rows in found.steps.groupby("strategy")}  # fmt: skip
    together = all_goals(found.goals)
    for cell in found.cells:
        one = found.compared[cell.variant]
        mine = {kpi: told for (name, kpi), told in found.means.items() if name == cell.name}
        metrics = {f"kpi/{safe(kpi)}": mean for kpi, (mean, _) in mine.items()}
        metrics |= {f"se/{safe(kpi)}": se for kpi, (_, se) in mine.items()}
        against = steps.get(cell.name, {})
        metrics |= {f"against/{safe(str(k))}": float(x) for k, x in against.items()}
        metrics["risk/rules_broken"] = float(len(one.standing(cell.strategy).broken))
        if cell.name in together:
            metrics["risk/all_goals"] = together[cell.name].estimate
        yield RunRecord(
            name=found.label(cell),
            tags=_tags(found, cell),
            params=_params(found, cell.variant),
            metrics=finite(metrics),
            texts={"plan.csv": one.shown_plan(cell.strategy).to_csv(index=False)},
        )
    yield _study(found, files)


def _study(found: ScenarioComparison, files: Sequence[Path]) -> RunRecord:
    texts = {
        f"scenario-{n}.yaml": scenario_text(variant.scenario)
        for n, variant in enumerate(found.variants, start=1)
    }
    return RunRecord(
        name=f"{len(found.variants)} variants",
        tags={"strategy": "all", "scenario": "all", "baseline": found.label(found.baseline)},
        params={"seed": found.seed, "replications": found.replications},
        metrics={},
        texts=texts,
        files=files,
    )


def _tags(found: ScenarioComparison, cell: Cell) -> dict[str, str]:
    one = found.compared[cell.variant]
    return {
        "strategy": cell.strategy,
        "replication": "all",
        "scenario": found.variants[cell.variant].name,
        "scenario_hash": one.scenario_hash,
        "variant": found.variants[cell.variant].label,
        "allowed": str(one.standing(cell.strategy).allowed).lower(),
        "can_be_followed": str(cell.strategy in one.followable).lower(),
    }


def _params(found: ScenarioComparison, variant: int) -> dict[str, float | int | str]:
    one = found.variants[variant]
    changed: dict[str, Any] = {f"set/{safe(path)}": str(x) for path, x in one.changes.items()}
    size = {"seed": found.seed, "customers": found.customers[variant]}
    return {
        **changed,
        **size,
        "replications": found.replications,
        "objective": one.scenario.objective,
    }
