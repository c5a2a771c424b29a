"""The run of a lift test."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.lift_test.result import Lift
from experiments.tracking.record import RunRecord, finite

PARAMS = ("channel", "message", "design", "kpi", "share", "change", "start", "end", "seed")
SIZES = ("customers", "replications")
TAGS = ("scenario", "scenario_hash", "channel", "design")


def lift_records(lift: Lift, files: Sequence[Path] = ()) -> list[RunRecord]:
    """One run: the design as parameters, metrics `lift/…`, `power/…`, `coverage/…` and so on."""
    document: dict[str, Any] = {**lift.to_dict()}
    metrics = {
        f"lift/{name}": document[name] for name in ("estimate", "se", "low", "high", "truth")
    }
    metrics |= {"lift/covered": float(document["covered"]), "lift/spent": document["spent"]}
    metrics |= {f"power/{name}": value for name, value in document["power"].items()}
    for name in ("coverage", "found", "error"):
        metrics |= {f"{name}/{key}": value for key, value in (document[name] or {}).items()}
    record = RunRecord(
        name=f"{document['channel']} · {document['design']}",
        tags={key: str(document[key]) for key in TAGS} | {"kind": "lift"},
        params={name: document[name] or "" for name in (*PARAMS, *SIZES)},
        metrics=finite({name: float(value) for name, value in metrics.items()}),
        files=files,
    )
    return [record]
