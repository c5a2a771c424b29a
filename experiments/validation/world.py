"""One world of a validation: its log, its truth, every model's credit, touches and plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from attribution import MODELS, AttributionError, bootstrap
from experiments.credit import EVERY_TOUCH, Credit, ModelError, give_credit, kept_past, naming
from experiments.study import StudyError
from experiments.validation.credit_error import credit_error, tier_errors
from experiments.validation.credit_regret import LAST_YEAR, TRUE_CREDIT, judged, plan_from_credit
from experiments.validation.estimands import Truth, true_effects
from experiments.validation.references import TOGETHER, check_names, ignorant_credit
from experiments.validation.touch_error import touch_error
from journeys import JourneyLog
from scenarios import MediaPlan, Scenario
from sim import Attachment, Run, simulate
from tiermix.core.seeds import JUDGED_CREDIT, RESAMPLED_LOGS, seed_of

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
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class DrawResult:
    """Tidy tables of one world, each with the columns `world` and `at`.

    credit: `model, channel, credit, low, high`; truth: `channel, effect, se`; errors: `model,
    scope, measure, value`; touches: `model, measure, value`; margins: `plan, margin`; failures:
    `model, what` happened, for models that have no other rows. Rows of reference are models here.
    """

    credit: pd.DataFrame
    truth: pd.DataFrame
    errors: pd.DataFrame
    touches: pd.DataFrame
    margins: pd.DataFrame
    facts: dict[str, float] = field(default_factory=dict)
    failures: pd.DataFrame = field(default_factory=pd.DataFrame)


def named_models(models: Sequence[Any] | Mapping[str, Any] | None) -> dict[str, Any]:
    """Models by name: names of the library, models of one's own, or a mapping.

    Raises `StudyError` for a name that is not known, or an object without `fit`.
    """
    if isinstance(models, Mapping):
        check_names(map(str, models))
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
    """Live the world, give credit by every model, hold it against the truth, judge the plans.

    A model that cannot be fitted, or credits what is no credit, costs its own rows only.
    """
    asked: dict[str, Any] = {"seed": task.seed, "customers": task.customers}
    asked |= {"attachments": task.attachments, "workers": 1}
    run = simulate(task.world, keep_past=True, **asked)
    truth = true_effects(kept_past(run, logging=True), task.world.reference_plan, task.estimand)
    facts, rows = facts_of(run, truth.baseline), Rows(task, truth)
    for at, lookback in zip(values_at(task), task.lookbacks, strict=True):
        for name, model in task.models.items():
            rows.try_model(name, model, run, at, lookback)
        for name, given in ignorant_credit(task.scenario, facts["observed"]).items():
            rows.add(name, credit_frame(given), at)
    return concluded(task, rows, facts)


def concluded(task: DrawTask, rows: Rows, facts: dict[str, float]) -> DrawResult:
    """What one world comes to: the plans from all its credit judged beside those of reference."""
    each = facts["margin_per_order"]
    margins = judged_plans(task, rows.plans(each), rows.truth, each)
    mark = {"world": task.number, "at": task.at}
    return rows.result(truth_table(rows.truth).assign(**mark), margins.assign(**mark), facts)


def values_at(task: DrawTask) -> list[float]:
    """The value of the sweep that each lookback's rows stand at."""
    return [task.at if lookback is None else lookback for lookback in task.lookbacks]


class Rows:
    """What has been found in one world so far, model by model."""

    def __init__(self, task: DrawTask, truth: Truth) -> None:
        self.task, self.truth = task, truth
        self.credit: list[pd.DataFrame] = []
        self.errors: list[pd.DataFrame] = []
        self.touches: list[pd.DataFrame] = []
        self.failed: dict[str, tuple[float, str]] = {}

    def try_model(self, name: str, model: Any, run: Run, at: float, lookback: float | None) -> None:
        """A model's rows, or what happened instead."""
        try:
            with naming(name):
                given = give_credit(run, name, model, cut=EVERY_TOUCH, lookback_days=lookback)
                table = with_interval(given, run.weight, self.task.draws, self.task.seed)
                single = _single_touches(given.fitted)
                if single is not None:
                    single = long_table(touch_error(single, run.log, run.truth, self.truth))
        except ModelError as error:
            self.failed.setdefault(name, (at, str(error)))
            return
        self.add(name, table, at)
        if single is not None:
            self.touches.append(single.assign(**self._mark(name, at)))

    def add(self, name: str, table: pd.DataFrame, at: float) -> None:
        """Credit (`channel, credit, low, high`) and how far it is from the truth."""
        mark = self._mark(name, at)
        self.credit.append(table.assign(**mark))
        self.errors.append(errors_of(self.task.world, table, self.truth).assign(**mark))

    def plans(self, margin_per_order: float) -> dict[str, MediaPlan]:
        """The plan from each credit; none where planning was left out."""
        found: dict[str, MediaPlan] = {}
        if self.task.plans is None:
            return found
        for table in self.credit:
            name = str(table["model"].iloc[0])
            try:
                with naming(name):
                    found[name] = planned(self.task, table, margin_per_order)
            except ModelError as error:
                self.failed.setdefault(name, (self.task.at, str(error)))
        return found

    def result(
        self, truth: pd.DataFrame, margins: pd.DataFrame, facts: dict[str, float]
    ) -> DrawResult:
        """All of it."""
        return DrawResult(
            credit=pd.concat(self.credit, ignore_index=True),
            truth=truth,
            errors=pd.concat(self.errors, ignore_index=True),
            touches=_stacked(self.touches),
            margins=margins,
            facts=facts,
            failures=pd.DataFrame(
                [(name, what, self.task.number, at) for name, (at, what) in self.failed.items()],
                columns=["model", "what", "world", "at"],
            ),
        )

    def _mark(self, name: str, at: float) -> dict[str, Any]:
        return {"world": self.task.number, "at": at, "model": name}


def _stacked(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def credit_frame(given: pd.Series) -> pd.DataFrame:
    """Credit by channel as `channel, credit, low, high`, without an interval."""
    table = given.rename("credit").to_frame().assign(low=np.nan, high=np.nan)
    return table.rename_axis("channel").reset_index()


def with_interval(given: Credit, weight: float, draws: int, seed: int) -> pd.DataFrame:
    """`channel, credit, low, high` in conversions of the market, with the bootstrap's interval."""
    drawn = _interval(given.fitted, given.read, draws, seed)
    table = given.conversions.rename("credit").to_frame()
    scaled = drawn.reindex(table.index) * weight
    return table.join(scaled).rename_axis("channel").reset_index()


def _single_touches(fitted: Any) -> pd.DataFrame | None:
    """Credit of single touches, or None for a model that gives channels as a whole theirs."""
    try:
        found: pd.DataFrame | None = getattr(fitted, "credit_by_touch_", None)
    except AttributionError:
        return None
    return found


def _interval(model: Any, log: Any, draws: int, seed: int) -> pd.DataFrame:
    """Ends of the bootstrap's interval by channel; NaN where none was asked for."""
    if not draws:
        return pd.DataFrame(columns=["low", "high"], dtype=float)
    key = seed_of(RESAMPLED_LOGS, seed)
    found = bootstrap(model, log, replications=draws, level=LEVEL, seed=key)
    names = {"conversions_low": "low", "conversions_high": "high"}
    return found[list(names)].rename(columns=names)


def errors_of(world: Scenario, given: pd.DataFrame, truth: Truth) -> pd.DataFrame:
    """`scope, measure, value` of one model's credit: the market as a whole, and each tier."""
    credit = given["credit"].to_numpy(dtype=float)
    effect, se = (truth.effects[name].to_numpy(dtype=float) for name in ("effect", "se"))
    whole = credit_error(credit, effect, se, truth.together[0])
    whole["coverage"] = _coverage(given, effect, se)
    tiers = [world.tier_of(str(name)) for name in given["channel"]]
    parts = {"all": whole}
    parts |= {f"tier:{t}": e for t, e in tier_errors(credit, effect, tiers).items()}
    return pd.concat(
        [long_table(part).assign(scope=scope) for scope, part in parts.items()], ignore_index=True
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


def truth_table(truth: Truth) -> pd.DataFrame:
    """`channel, effect, se`, and all channels together in the last row."""
    together = pd.DataFrame([(TOGETHER, *truth.together)], columns=["channel", "effect", "se"])
    return pd.concat([truth.effects, together], ignore_index=True)


def planned(task: DrawTask, credit: pd.DataFrame, margin_per_order: float) -> MediaPlan:
    """The plan from credit (`channel, credit`)."""
    given = {
        str(name): float(x) for name, x in zip(credit["channel"], credit["credit"], strict=True)
    }
    return plan_from_credit(task.scenario, given, margin_per_order)


def judged_plans(
    task: DrawTask, plans: dict[str, MediaPlan], truth: Truth, margin_per_order: float
) -> pd.DataFrame:
    """`plan, margin` of these plans and of those to compare with."""
    if task.plans is None:
        return pd.DataFrame(columns=["plan", "margin"])
    scenario = task.scenario
    known = truth.effects.rename(columns={"effect": "credit"})
    plans = plans | {
        TRUE_CREDIT: planned(task, known, margin_per_order),
        LAST_YEAR: scenario.reference_plan.scaled_to(scenario.budget),
        **task.plans,
    }
    return margins_of(task, plans)


def margins_of(task: DrawTask, plans: Mapping[str, MediaPlan]) -> pd.DataFrame:
    """`plan, margin` in the world of a task, with the luck that all its plans are judged with."""
    seed = seed_of(JUDGED_CREDIT, task.seed)
    size: dict[str, Any] = {"customers": task.customers, "attachments": task.attachments}
    found = judged(task.world, plans, seed=seed, **size)
    return pd.DataFrame(found.items(), columns=["plan", "margin"])


def _margin_per_order(log: JourneyLog) -> float:
    orders = log.conversions[log.conversions["kind"] == "order"]
    return float(orders["margin"].mean()) if len(orders) else 0.0


def facts_of(run: Run, baseline: float) -> dict[str, float]:
    """What the company sees of all that happened; `baseline` are all orders of the market."""
    seen = float((run.log.conversions["kind"] == "order").sum())
    return {
        "observed": seen * run.planned.year.weight,
        "baseline": baseline,
        "margin_per_order": _margin_per_order(run.log),
    }


def long_table(values: Mapping[str, float]) -> pd.DataFrame:
    """`measure, value`."""
    return pd.DataFrame({"measure": list(values), "value": list(values.values())})
