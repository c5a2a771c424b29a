"""What is logged of a comparison: a run per strategy and world, and one for the study."""

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from experiments.comparison.result import SHOWN_WORLD, Comparison
from experiments.tracking.record import RunRecord, finite, safe


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
    `files` (the report, and the best strategy's plan that is shown there as `plan.csv`), and the
    credit of each model against the truth as `attribution/…`; `attribution` has the columns
    `model, channel, credit, truth`.
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
        risk = {
            "risk/regret": short[pair[0]][pair[1]],
            "risk/goals_met": goals.get(pair, math.nan),
            "risk/rules_broken": float(len(comparison.standing(strategy).broken)),
        }
        yield RunRecord(
            name=f"{strategy} · world {world}",
            tags=_tags(comparison, strategy, world) | _standing(comparison, strategy),
            params={**_params(comparison, world=world), **spend},
            metrics=finite({**_kpis(rows), **spend, **risk}),
            texts={**common, "plan.csv": plan.to_csv(index=False)},
        )
    yield _study_record(comparison, common, _credit(attribution), files)


def _study_record(
    comparison: Comparison,
    texts: Mapping[str, str],
    credit: Mapping[str, float],
    files: Sequence[Path],
) -> RunRecord:
    best = comparison.shown
    kpis = comparison.kpis()
    overall = kpis[(kpis["strategy"] == best) & (kpis["scope"] == "all")]
    means = {
        f"kpi/{safe(kpi)}": mean for kpi, mean in zip(overall["kpi"], overall["mean"], strict=True)
    }
    texts = dict(texts)
    if not any(path.name == "plan.csv" for path in files):
        texts["plan.csv"] = comparison.shown_plan(best).to_csv(index=False)
    return RunRecord(
        name=f"best is {best}",
        tags={
            **_tags(comparison, best, "all"),
            **_standing(comparison, best),
            "plan_world": str(SHOWN_WORLD),
        },
        params=_params(comparison, world="all"),
        metrics=finite({**means, **credit}),
        texts=texts,
        files=files,
    )


def _tags(comparison: Comparison, strategy: str, replication: str) -> dict[str, str]:
    return {
        "strategy": strategy,
        "replication": replication,
        "scenario": comparison.scenario,
        "scenario_hash": comparison.scenario_hash,
    }


def _standing(comparison: Comparison, strategy: str) -> dict[str, str]:
    """Whether a strategy keeps all rules and can be followed, to filter runs by."""
    return {
        "allowed": str(comparison.standing(strategy).allowed).lower(),
        "can_be_followed": str(strategy in comparison.followable).lower(),
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
            found |= {f"kpi/{safe(kpi)}": float(value), f"se/{safe(kpi)}": float(se)}
        elif scope.startswith("tier:"):
            found[f"tier/{safe(scope[5:])}/{safe(kpi)}"] = float(value)
    return found


def _spend(plan: pd.DataFrame) -> dict[str, float]:
    sums = plan.groupby("channel")["amount"].sum()
    return {f"spend/{safe(str(name))}": float(total) for name, total in sums.items()}


def _credit(attribution: pd.DataFrame | None) -> dict[str, float]:
    """`attribution/last/search`: credit in conversions, beside `attribution/truth/search`."""
    if attribution is None:
        return {}
    columns = (attribution[name] for name in ("model", "channel", "credit", "truth"))
    found: dict[str, float] = {}
    for model, channel, credit, truth in zip(*columns, strict=True):
        found[f"attribution/{safe(model)}/{safe(channel)}"] = float(credit)
        found[f"attribution/truth/{safe(channel)}"] = float(truth)
    return found
