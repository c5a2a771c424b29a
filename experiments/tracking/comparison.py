"""What is logged of a run: tags, parameters, metrics and files, free of any tracking library."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from experiments.comparison.result import Comparison


@dataclass(frozen=True)
class RunRecord:
    """One run to be logged: `texts` are small files by name, `files` lie on disk already."""

    name: str
    tags: Mapping[str, str]
    params: Mapping[str, float | int | str]
    metrics: Mapping[str, float]
    texts: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[Path] = ()


def comparison_records(
    comparison: Comparison,
    *,
    scenario_yaml: str,
    attribution: pd.DataFrame | None = None,
    files: Sequence[Path] = (),
) -> Iterator[RunRecord]:
    """One record per strategy and world, and at the end one for the study as a whole.

    Metrics are `kpi/…`, `tier/1/…`, `se/…` (error of simulation), `spend/…` by channel and
    `risk/…` (regret, goals met); the spend is a parameter too, which parallel coordinates need.
    The first world comes last: tracking pages show what is newest, and so all strategies side by
    side. Each record carries the scenario and the plan of its world. The study's own carries
    `files` (the report), and the credit of each model against the truth as `attribution/…`;
    `attribution` has the columns `model, channel, credit, truth`.
    """
    short = comparison.regret_by_world().to_dict()
    plans = dict(list(comparison.plans.groupby(["strategy", "world"])))
    goals = comparison.goals.groupby(["strategy", "world"])["met"].mean().to_dict()
    common = {"scenario.yaml": scenario_yaml}
    # A stable sort: within a world the strategies keep their order.
    outcomes = comparison.outcomes.sort_values("world", ascending=False, kind="stable")
    for pair, rows in outcomes.groupby(["strategy", "world"], sort=False):
        strategy, world = map(str, pair)
        plan = plans.get(pair, comparison.plans.iloc[:0])[["channel", "month", "amount"]]
        spend = _spend(plan)
        risk = {"risk/regret": short[pair[0]][pair[1]], "risk/goals_met": goals.get(pair, math.nan)}
        yield RunRecord(
            name=f"{strategy} · world {world}",
            tags=_tags(comparison, strategy, world),
            params={**_params(comparison, world=world), **spend},
            metrics=_finite({**_kpis(rows), **spend, **risk}),
            texts={**common, "plan.csv": plan.to_csv(index=False)},
        )
    yield _study_record(comparison, common, _credit(attribution), files)


def _study_record(
    comparison: Comparison,
    texts: Mapping[str, str],
    credit: Mapping[str, float],
    files: Sequence[Path],
) -> RunRecord:
    best = comparison.best().strategy
    kpis = comparison.kpis()
    overall = kpis[(kpis["strategy"] == best) & (kpis["scope"] == "all")]
    means = {
        f"kpi/{_safe(kpi)}": mean for kpi, mean in zip(overall["kpi"], overall["mean"], strict=True)
    }
    plan = comparison.plan(best).to_csv(index=False)
    return RunRecord(
        name=f"study · best is {best}",
        tags=_tags(comparison, best, "all"),
        params=_params(comparison, world="all"),
        metrics=_finite({**means, **credit}),
        texts={**texts, "plan.csv": plan},
        files=files,
    )


def _tags(comparison: Comparison, strategy: str, replication: str) -> dict[str, str]:
    return {
        "strategy": strategy,
        "replication": replication,
        "scenario": comparison.scenario,
        "scenario_hash": comparison.scenario_hash,
    }


def _params(comparison: Comparison, *, world: str) -> dict[str, float | int | str]:
    return {
        "seed": comparison.seed,
        "customers": comparison.customers,
        "replications": comparison.replications,
        "world": world,
        "objective": comparison.objective,
    }


def _kpis(rows: pd.DataFrame) -> dict[str, float]:
    """`kpi/margin`, its error of simulation `se/margin`, and `tier/1/margin`."""
    found: dict[str, float] = {}
    columns = (rows[name] for name in ("scope", "kpi", "value", "se"))
    for scope, kpi, value, se in zip(*columns, strict=True):
        if scope == "all":
            found |= {f"kpi/{_safe(kpi)}": float(value), f"se/{_safe(kpi)}": float(se)}
        elif scope.startswith("tier:"):
            found[f"tier/{_safe(scope[5:])}/{_safe(kpi)}"] = float(value)
    return found


def _spend(plan: pd.DataFrame) -> dict[str, float]:
    sums = plan.groupby("channel")["amount"].sum()
    return {f"spend/{_safe(str(name))}": float(total) for name, total in sums.items()}


def _credit(attribution: pd.DataFrame | None) -> dict[str, float]:
    """`attribution/last/search`: credit in conversions, beside `attribution/truth/search`."""
    if attribution is None:
        return {}
    columns = (attribution[name] for name in ("model", "channel", "credit", "truth"))
    found: dict[str, float] = {}
    for model, channel, credit, truth in zip(*columns, strict=True):
        found[f"attribution/{_safe(model)}/{_safe(channel)}"] = float(credit)
        found[f"attribution/truth/{_safe(channel)}"] = float(truth)
    return found


def _finite(metrics: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in metrics.items() if math.isfinite(value)}


def _safe(name: str) -> str:
    """A name that MLflow takes: letters, digits, and a few signs."""
    return re.sub(r"[^\w. :-]", "_", name)
