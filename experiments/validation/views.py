"""A validation for other eyes: a JSON document, runs to be tracked, one page."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from experiments.tracking.record import RunRecord

if TYPE_CHECKING:
    import pandas as pd

    from experiments.validation.result import Validation

RANKS = ("kendall", "spearman", "top_3")


def document(found: Validation) -> dict[str, Any]:
    """The JSON document of `tiermix validate`; figures are means over worlds."""
    errors, touches = found.errors(), found.touches()
    regrets = found.regret().set_index("plan")
    values = [float(at) for at in errors["at"].unique()]  # not a dict: NaN differs from NaN
    models = [
        _model(found, errors[same_place(errors["at"], at)], touches, regrets, name, at)
        for at in values
        for name in found.models
    ]
    truth = found.truth()
    return {
        "scenario": found.scenario,
        "scenario_hash": found.scenario_hash,
        "seed": found.seed,
        "customers": found.customers,
        "replications": found.replications,
        "estimand": found.estimand,
        "convention": found.convention,
        "dial": found.dial,
        "half_width": found.half_width,
        "until": found.until,
        "models": models,
        "truth": truth.rename(columns={"mean": "effect"}).to_dict("records"),
        "plans": regrets.reset_index().to_dict("records"),
        "facts": found.facts(),
        "seconds": dict(found.seconds),
    }


def same_place(values: pd.Series, at: float) -> pd.Series:
    """Where the dial stood at `at`, or nowhere."""
    return values.isna() if math.isnan(at) else values == at


def _model(
    found: Validation,
    errors: pd.DataFrame,
    touches: pd.DataFrame,
    regrets: pd.DataFrame,
    name: str,
    at: float,
) -> dict[str, Any]:
    mine = errors[errors["model"] == name]
    whole = mine[mine["scope"] == "all"].set_index("measure")[["mean", "se", "low", "high"]]
    cells = whole.to_dict("index")
    tiers = mine[mine["scope"] != "all"]
    touches = touches[(touches["model"] == name) & same_place(touches["at"], at)]
    described = {
        "model": name,
        "credit_error": {m: cell for m, cell in cells.items() if m not in RANKS},
        "by_tier": list(tiers.drop(columns=["at", "model"]).to_dict("records")),
        "rank": {measure: cells[measure] for measure in RANKS},
        "over_credit": cells["over_credit"]["mean"],
        "touch_calibration": touches.set_index("measure")["mean"].to_dict() or None,
    }
    if found.dial is not None:
        return {**described, "at": at}
    return {**described, "regret": regrets.loc[name].to_dict()}


def records(found: Validation, files: tuple[Any, ...] = ()) -> Iterator[RunRecord]:
    """One run per model and place of the dial, metrics `error/…`, `tier/…`, `touch/…`, `regret/…`.

    The last run is the study's own and carries the files.
    """
    described = document(found)
    for model in described["models"]:
        place = "" if found.dial is None else f" · {found.dial} {model['at']:g}"
        yield RunRecord(
            name=f"{model['model']}{place}",
            tags=_tags(found, model["model"]),
            params={**_params(found), "model": model["model"], "at": model.get("at", "")},
            metrics=_finite(_metrics(model)),
        )
    truth = {f"truth/{row['channel']}": row["effect"] for row in described["truth"]}
    truth = {name.replace("(", "").replace(")", ""): value for name, value in truth.items()}
    facts = {f"facts/{name}": value for name, value in described["facts"].items()}
    yield RunRecord(
        name=f"validation · {len(found.models)} models",
        tags=_tags(found, "all"),
        params=_params(found),
        metrics=_finite({**truth, **facts, "half_width": found.half_width}),
        files=files,
    )


def _metrics(model: dict[str, Any]) -> dict[str, float]:
    metrics = {f"error/{m}": cell["mean"] for m, cell in model["credit_error"].items()}
    metrics |= {f"rank/{m}": cell["mean"] for m, cell in model["rank"].items()}
    metrics |= {
        f"tier/{row['scope'].removeprefix('tier:')}/{row['measure']}": row["mean"]
        for row in model["by_tier"]
    }
    metrics |= {f"touch/{m}": value for m, value in (model["touch_calibration"] or {}).items()}
    return metrics | {f"regret/{m}": value for m, value in model.get("regret", {}).items()}


def _tags(found: Validation, model: str) -> dict[str, str]:
    return {
        "kind": "validation",
        "model": model,
        "scenario": found.scenario,
        "scenario_hash": found.scenario_hash,
    }


def _params(found: Validation) -> dict[str, float | int | str]:
    return {
        "seed": found.seed,
        "customers": found.customers,
        "replications": found.replications,
        "estimand": found.estimand,
        "dial": found.dial or "",
    }


def _finite(metrics: dict[str, float]) -> dict[str, float]:
    return {name: float(value) for name, value in metrics.items() if math.isfinite(value)}
