"""(oracle): in each world the truth of the other worlds, as if it had been measured there.

It needs no further truth: what is true in one world is known once that has been lived, and so the
oracle's own error of measuring is in its intervals. Only its plans have to be lived.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from experiments.validation.estimands import Truth, true_effects
from experiments.validation.references import ORACLE, TOGETHER
from experiments.validation.world import (
    DrawResult,
    DrawTask,
    Rows,
    credit_frame,
    margins_of,
    truth_table,
    values_at,
)
from sim import Setting, simulate_histories


@dataclass(frozen=True)
class OracleTask:
    """One world that has been examined, and what was true in others: `channel, effect`."""

    task: DrawTask
    result: DrawResult
    elsewhere: pd.DataFrame


def oracle_tasks(
    tasks: Sequence[DrawTask], results: Sequence[DrawResult], known: Sequence[pd.DataFrame]
) -> list[OracleTask]:
    """A task for each world; `known` are tables of truth, of these worlds and of others."""
    truths = pd.concat(known, ignore_index=True)
    return [
        OracleTask(task, result, _elsewhere(truths, task))
        for task, result in zip(tasks, results, strict=True)
    ]


def _elsewhere(truths: pd.DataFrame, task: DrawTask) -> pd.DataFrame:
    same = truths["at"].isna() if math.isnan(task.at) else truths["at"] == task.at
    return truths[same & (truths["world"] != task.number) & (truths["channel"] != TOGETHER)]


def elsewhere(known: pd.DataFrame, channels: pd.Series) -> pd.Series:
    """The oracle's credit: the mean of `known` effects of other worlds (`channel, effect`)."""
    return known.groupby("channel")["effect"].mean().reindex(channels)


def with_oracle(asked: OracleTask) -> DrawResult:
    """The result with the oracle's rows added."""
    task, result = asked.task, asked.result
    table, whole = result.truth, result.truth["channel"] == TOGETHER
    effects = table.loc[~whole, ["channel", "effect", "se"]].reset_index(drop=True)
    joint = float(table.loc[whole, "effect"].iloc[0]), float(table.loc[whole, "se"].iloc[0])
    credit = elsewhere(asked.elsewhere, effects["channel"])
    rows = Rows(task, Truth(effects, joint, result.facts["baseline"], {}))
    for at in values_at(task):
        rows.add(ORACLE, credit_frame(credit), at)
    margins = result.margins
    if task.plans is not None:
        plans = rows.plans(result.facts["margin_per_order"])
        judged = margins_of(task, plans).assign(world=task.number, at=task.at)
        margins = pd.concat([margins, judged], ignore_index=True)
    return replace(
        result,
        credit=pd.concat([result.credit, *rows.credit], ignore_index=True),
        errors=pd.concat([result.errors, *rows.errors], ignore_index=True),
        margins=margins,
    )


def truth_alone(task: DrawTask) -> pd.DataFrame:
    """The truth of a world in which no model is examined: for the oracle of a single world."""
    setting = Setting(
        task.world, task.customers, task.seed, logging=True, attachments=task.attachments
    )
    past = simulate_histories([setting], workers=1)[0]
    truth = true_effects(past, task.world.reference_plan, task.estimand)
    return truth_table(truth).assign(world=task.number, at=task.at)
