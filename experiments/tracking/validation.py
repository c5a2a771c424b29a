"""The runs of a validation: one for each model and value of a sweep, and one for the study."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.tracking.record import RunRecord, finite
from experiments.validation.result import Validation


def validation_records(validation: Validation, files: Sequence[Path] = ()) -> Iterator[RunRecord]:
    """Metrics `error/…`, `rank/…`, `tier/…`, `touch/…`, `regret/…` of each model.

    The last run is the study's own and carries the files, the truth and the facts.
    """
    document, sweep = validation.to_dict(), validation.sweep
    for model in document["models"]:
        place = "" if sweep is None else f" · {sweep} {model['at']:g}"
        yield RunRecord(
            name=f"{model['model']}{place}",
            tags=_tags(validation, model["model"]),
            params={**_params(validation), "model": model["model"], "at": model.get("at", "")},
            metrics=_floats(_metrics(model)),
        )
    truth = {f"truth/{row['channel']}": row["effect"] for row in document["truth"]}
    truth = {name.replace("(", "").replace(")", ""): value for name, value in truth.items()}
    facts = {f"facts/{name}": value for name, value in document["facts"].items()}
    yield RunRecord(
        name=f"validation · {len(validation.models)} models",
        tags=_tags(validation, "all"),
        params=_params(validation),
        metrics=_floats({**truth, **facts, "half_width": validation.half_width}),
        files=files,
    )


def _metrics(model: Mapping[str, Any]) -> dict[str, float]:
    metrics = {f"error/{m}": cell["mean"] for m, cell in model["credit_error"].items()}
    metrics |= {f"rank/{m}": cell["mean"] for m, cell in model["rank"].items()}
    metrics |= {
        f"tier/{row['scope'].removeprefix('tier:')}/{row['measure']}": row["mean"]
        for row in model["by_tier"]
    }
    metrics |= {f"touch/{m}": value for m, value in (model["touch_calibration"] or {}).items()}
    return metrics | {f"regret/{m}": value for m, value in model.get("regret", {}).items()}


def _tags(validation: Validation, model: str) -> dict[str, str]:
    return {
        "kind": "validation",
        "model": model,
        "scenario": validation.scenario,
        "scenario_hash": validation.scenario_hash,
    }


def _params(validation: Validation) -> dict[str, float | int | str]:
    return {
        "seed": validation.seed,
        "customers": validation.customers,
        "replications": validation.replications,
        "estimand": validation.estimand,
        "dial": validation.sweep or "",
    }


def _floats(metrics: dict[str, float]) -> dict[str, float]:
    return finite({name: float(value) for name, value in metrics.items()})
