"""The run of a study of investments: the answer and every gain."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from experiments.investments.result import Investments
from experiments.tracking.record import RunRecord, finite, safe

PARAMS = ("seed", "customers", "replications", "objective", "budget", "strategy", "answer")


def investment_records(found: Investments, files: Sequence[Path] = ()) -> list[RunRecord]:
    """One run: `gain/…` with its ends, `effect/…`, `media/…` and `cost/…` by package."""
    document = found.to_dict()
    metrics: dict[str, float] = {}
    for one in found.shown:
        name = safe(one.name)
        for end, value in zip(("", "_low", "_high"), (one.gain.estimate, *one.gain[2:]),
                              strict=True):  # fmt: skip
            metrics[f"gain{end}/{name}"] = value
        metrics |= {f"effect/{name}": one.effect.estimate, f"media/{name}": one.media.estimate}
        metrics[f"cost/{name}"] = one.cost
    record = RunRecord(
        name=f"{found.answer} · {found.best.name}",
        tags={
            "kind": "investments",
            "scenario": found.scenario,
            "scenario_hash": found.scenario_hash,
            "plan_hash": found.plan.hash,
        },
        params={name: document[name] for name in PARAMS},
        metrics=finite(metrics),
        texts={"answer.json": json.dumps(document, ensure_ascii=False, indent=1)},
        files=files,
    )
    return [record]
