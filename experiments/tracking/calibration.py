"""The run of a calibration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from experiments.calibration.result import Calibration
from experiments.tracking.record import RunRecord, finite, safe


def calibration_records(calibration: Calibration, files: Sequence[Path] = ()) -> list[RunRecord]:
    """One run: where it comes from as parameters, metrics `fit/…` and `parameter/…`.

    The files (the page, the fitted scenario) are kept with it.
    """
    document = calibration.to_dict()
    fit = {
        name: value for name, value in document["fit"].items() if not isinstance(value, str | None)
    }
    metrics = {f"fit/{name}": float(value) for name, value in fit.items()}
    metrics |= {
        f"parameter/{safe(x['name'])}": float(x["estimate"]) for x in calibration.parameters
    }
    weeks = {name: document["fit"][name] for name in ("first_week", "last_week")}
    return [
        RunRecord(
            name=f"calibration · {document['name']}",
            tags={
                "kind": "calibration",
                "scenario": document["base"]["name"],
                "scenario_hash": document["base"]["hash"],
                "fitted_hash": document["scenario_hash"],
                "health": document["health"]["level"],
            },
            params={
                "history": document["history"]["file"],
                "sha256": document["history"]["sha256"],
                "seed": calibration.seed,
                "customers": fit["customers"],
                "replications": fit["replications"],
                **weeks,
            },
            metrics=finite(metrics),
            files=files,
        )
    ]
