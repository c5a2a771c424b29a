"""The run of a sensitivity study."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from experiments.sensitivity.result import Sensitivity
from experiments.tracking.record import RunRecord, finite, safe

PARAMS = ("seed", "customers", "replications", "repeats", "objective", "recommended", "runner_up")


def sensitivity_records(found: Sensitivity, files: Sequence[Path] = ()) -> list[RunRecord]:
    """One run: metrics of the choice, `share/…` and `evpi/…` by parameter where they are told."""
    document = found.to_dict()
    metrics = {"choice/probability_best": found.chance}
    metrics |= {f"choice/best_in_draws_{end}": x for end, x in found.wins._asdict().items()}
    if found.lead is not None:
        metrics |= {f"choice/lead_{end}": x for end, x in found.lead._asdict().items()}
    if found.perfect is not None:
        metrics["evpi/all"] = found.perfect.value
    for row in found.rows:
        path = safe(row.parameter.path)
        metrics |= {f"share/{path}": row.share.value} if row.share else {}
        metrics |= {f"evpi/{path}": row.worth.value} if row.worth else {}
    record = RunRecord(
        name=f"{found.recommended} · {found.replications} draws",
        tags={
            "kind": "sensitivity",
            "scenario": found.scenario,
            "scenario_hash": found.scenario_hash,
            "strategy": found.recommended,
        },
        params={name: document[name] or "" for name in PARAMS},
        metrics=finite({name: float(value) for name, value in metrics.items()}),
        files=files,
    )
    return [record]
