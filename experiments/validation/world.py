"""One world of a validation: its log, its truth, every model's credit, touches and plans."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from attribution import MODELS, AttributionError, bootstrap
from experiments.credit import EVERY_TOUCH, Credit, credit_against_truth, kept_past
from experiments.study import StudyError
from experiments.validation.credit_error import credit_error, tier_errors
from experiments.validation.credit_regret import LAST_YEAR, TRUE_CREDIT, judged, plan_from_credit
from experiments.validation.estimands import Truth, true_effects, truth_in_words
from experiments.validation.touch_error import touch_error
from journeys import JourneyLog
from scenarios import MediaPlan, Scenario
from sim import Run, simulate
from tiermix.core.seeds import JUDGED_CREDIT

"""Plans are judged with luck so far from that in which the credit was given."""
LEVEL = 0.9
NORMAL = 1.645

Models = Mapping[str, Any]


@dataclass(frozen=True)
class DrawTask:
    """What to do in one world. The planner knows `scenario`; the market lives in `world`.

    at: the value of the sweep. lookbacks: how far models of paths look back, each in turn. plans:
    further plans to judge; None leaves planning out. draws: of the bootstrap, 0 for none.
    """

    number: int
    scenario: Scenario
    world: Scenario
    customers: int
    seed: int
    models: Models
    estimand: str
    at: float = np.nan
    lookbacks: tuple[float | None, ...] = (None,)
    plans: Mapping[str, MediaPlan] | None = None
    draws: int = 0


@dataclass(frozen=True)
class DrawResult:
    """Tidy tables of one world, each with the columns `world` and `at`.

    credit: `model, channel, credit, low, high`; truth: `channel, effect, se`; errors: `model,
    scope, measure, value`; touches: `model, measure, value`; margins: `plan, margin`.
    """

    credit: pd.DataFrame
    truth: pd.DataFrame
    errors: pd.DataFrame
    touches: pd.DataFrame
    margins: pd.DataFrame
    facts: dict[str, float] = field(default_factory=dict)


def named_models(models: Sequence[Any] | Mapping[str, Any] | None) -> dict[str, Any]:
    """Models by name: names of the library, models of one's own, or a mapping.

    Raises `StudyError` for a name that is not known, or an object without `fit`.
    """
    if isinstance(models, Mapping):
        return {str(name): _model(model) for name, model in models.items()}
    found: dict[str, Any] = {}
    for model in models if models is not None else list(MODELS):
        name = model if isinstance(model, str) else type(model).__name__
        found[name if name not in found else repr(model)] = _model(model)
    if not found:
        raise StudyError("models: none are named; leave it out for all of the library")
    return found


def _model(model: Any) -> Any:
    if isinstance(model, str):
        if model not in MODELS:
            raise StudyError(f"models: '{model}' is not known; use some of {', '.join(MODELS)}")
        return MODELS[model]()
    if not callable(getattr(model, "fit", None)):
        raise StudyError(f"models: {model!r} has no method `fit(log)`; see AttributionModel")
    return model


def examine(task: DrawTask) -> DrawResult:
    """Live the world, give credit by every model, hold it against the truth, judge the plans."""
    run = simulate(task.world, seed=task.seed, customers=task.customers, workers=1, keep_past=True)
    truth = true_effects(kept_past(run, logging=True), task.world.reference_plan, task.estimand)
    credits, errors, touches = [], [], []
    for lookback in task.lookbacks:
        at = task.at if lookback is None else lookback
        beside = credit_against_truth(
            run, task.models, truth.effects, cut=EVERY_TOUCH,
            truth=truth_in_words(task.estimand), lookback_days=lookback,
        )  # fmt: skip
        for name, given in beside.given.items():
            mark: dict[str, Any] = {"world": task.number, "at": at, "model": name}
            table = _with_interval(name, given, run, task)
            credits.append(table.assign(**mark))
            errors.append(_errors(task.world, table, truth).assign(**mark))
            single = _single_touches(given.fitted)
            if single is not None:
                touched = touch_error(single, run.log, run.truth, truth)
                touches.append(_long(touched).assign(**mark))
    mark = {"world": task.number, "at": task.at}
    first = pd.concat(credits[: len(task.models)])
    return DrawResult(
        credit=pd.concat(credits, ignore_index=True),
        truth=_truth_table(truth).assign(**mark),
        errors=pd.concat(errors, ignore_index=True),
        touches=pd.concat(touches, ignore_index=True) if touches else pd.DataFrame(),
        margins=_margins(task, first, truth, run).assign(**mark),
        facts=_facts(task, run, truth),
    )


def _with_interval(name: str, given: Credit, run: Run, task: DrawTask) -> pd.DataFrame:
    """`channel, credit, low, high` in conversions of the market, with the bootstrap's interval."""
    try:
        drawn = _interval(given.fitted, given.read, task)
    except AttributionError as error:
        raise StudyError(f"models: {name} cannot be fitted to this log: {error}") from error
    table = given.conversions.rename("credit").to_frame()
    scaled = drawn.reindex(table.index) * run.planned.year.weight
    return table.join(scaled).rename_axis("channel").reset_index()


def _single_touches(fitted: Any) -> pd.DataFrame | None:
    """Credit of single touches, or None for a model that gives channels as a whole theirs."""
    try:
        found: pd.DataFrame | None = getattr(fitted, "credit_by_touch_", None)
    except AttributionError:
        return None
    return found


def _interval(model: Any, log: Any, task: DrawTask) -> pd.DataFrame:
    """Ends of the bootstrap's interval by channel; NaN where none was asked for."""
    if not task.draws:
        return pd.DataFrame(columns=["low", "high"], dtype=float)
    found = bootstrap(model, log, replications=task.draws, level=LEVEL, seed=task.seed)
    names = {"conversions_low": "low", "conversions_high": "high"}
    return found[list(names)].rename(columns=names)


def _errors(world: Scenario, given: pd.DataFrame, truth: Truth) -> pd.DataFrame:
    """`scope, measure, value` of one model: the market as a whole, and each tier."""
    credit = given["credit"].to_numpy(dtype=float)
    effect, se = (truth.effects[name].to_numpy(dtype=float) for name in ("effect", "se"))
    whole = credit_error(credit, effect, se, truth.together[0])
    whole["coverage"] = _coverage(given, effect, se)
    tiers = [world.tier_of(str(name)) for name in given["channel"]]
    parts = {"all": whole}
    parts |= {f"tier:{t}": e for t, e in tier_errors(credit, effect, tiers).items()}
    return pd.concat(
        [_long(part).assign(scope=scope) for scope, part in parts.items()], ignore_index=True
    )


def _coverage(given: pd.DataFrame, effect: Any, se: Any) -> float:
    """Share of channels whose interval holds the truth, the truth's own error allowed for."""
    if given["low"].isna().all():
        return float("nan")
    room = NORMAL * np.nan_to_num(se)
    below = np.hypot(given["credit"] - given["low"], room)
    above = np.hypot(given["high"] - given["credit"], room)
    gap = effect - given["credit"]
    return float(((gap >= -below) & (gap <= above)).mean())


def _truth_table(truth: Truth) -> pd.DataFrame:
    together = pd.DataFrame([("(together)", *truth.together)], columns=["channel", "effect", "se"])
    return pd.concat([truth.effects, together], ignore_index=True)


def _margins(task: DrawTask, credit: pd.DataFrame, truth: Truth, run: Run) -> pd.DataFrame:
    """`plan, margin` of the plan from each model's credit and of the plans to compare with."""
    if task.plans is None:
        return pd.DataFrame(columns=["plan", "margin"])
    scenario, each = task.scenario, _margin_per_order(run.log)
    planned: Callable[[pd.Series], MediaPlan] = lambda given: plan_from_credit(  # noqa: E731
        scenario, {str(name): float(x) for name, x in given.items()}, each
    )
    plans = {
        str(name): planned(rows.set_index("channel")["credit"])
        for name, rows in credit.groupby("model", sort=False)
    }
    plans[TRUE_CREDIT] = planned(truth.effects.set_index("channel")["effect"])
    plans[LAST_YEAR] = scenario.reference_plan.scaled_to(scenario.budget)
    plans |= task.plans
    seed = task.seed + JUDGED_CREDIT
    found = judged(task.world, plans, customers=task.customers, seed=seed)
    return pd.DataFrame(found.items(), columns=["plan", "margin"])


def _margin_per_order(log: JourneyLog) -> float:
    orders = log.conversions[log.conversions["kind"] == "order"]
    return float(orders["margin"].mean()) if len(orders) else 0.0


def _facts(task: DrawTask, run: Run, truth: Truth) -> dict[str, float]:
    """What the company sees of all that happened."""
    seen = float((run.log.conversions["kind"] == "order").sum())
    return {"observed": seen * task.world.market_size / task.customers, "baseline": truth.baseline}


def _long(values: Mapping[str, float]) -> pd.DataFrame:
    return pd.DataFrame({"measure": list(values), "value": list(values.values())})
