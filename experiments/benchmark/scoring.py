"""Scores: a result held against the truth of every world, and the plans that are made from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from experiments.benchmark.folder import SuiteFolder, WorldFolder
from experiments.benchmark.results import complete_models
from experiments.benchmark.suite import ESTIMANDS, Market
from experiments.benchmark.truth import truth_of
from experiments.study import StudyError
from experiments.validation.oracle import elsewhere
from experiments.validation.references import ORACLE, TOGETHER, ignorant_credit
from experiments.validation.result import Validation
from experiments.validation.world import DrawResult, DrawTask, Rows, concluded, credit_frame
from sim import Workers, run_tasks
from tiermix.core.progress import Progress


@dataclass(frozen=True)
class ScoreTask:
    """One world: credit by model (`channel, credit, low, high`), and what is true of it."""

    draw: DrawTask
    truths: pd.DataFrame
    others: pd.DataFrame
    facts: dict[str, float]
    given: Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Scores:
    """A score sheet for each market, by its name; models that a market lacks were not complete."""

    suite: SuiteFolder
    estimand: str
    sheets: Mapping[str, Validation]


def score(
    suite: SuiteFolder,
    results: pd.DataFrame,
    *,
    estimand: str = "removal",
    workers: Workers = None,
    progress: Progress | None = None,
) -> Scores:
    """Hold results (`read_results`, `give_results`) against the truth, beside the references.

    A model counts in the markets in all of whose worlds it gave credit. Raises `StudyError` where
    the truth is hidden.
    """
    if estimand not in ESTIMANDS:
        raise StudyError(f"estimand: '{estimand}' is not known; use one of {', '.join(ESTIMANDS)}")
    complete = complete_models(results, suite)
    tasks = [
        task
        for market in suite.markets
        for task in _tasks(suite, market, results, complete, estimand)
    ]
    found = run_tasks(score_world, tasks, workers=workers, progress=progress, what="worlds judged")
    by_market: dict[str, list[DrawResult]] = {market.name: [] for market in suite.markets}
    for task, result in zip(tasks, found, strict=True):
        by_market[task.draw.scenario.name].append(result)
    return Scores(suite, estimand, {
        market.name: _sheet(market, by_market[market.name], estimand) for market in suite.markets
    })  # fmt: skip


def score_world(task: ScoreTask) -> DrawResult:
    """Errors of all credit in one world, and the margins of the plans that are made from it."""
    rows = Rows(task.draw, truth_of(task.truths, task.draw.estimand))
    for name, table in task.given.items():
        rows.add(name, table, task.draw.at)
    for name, credit in ignorant_credit(task.draw.scenario, task.facts["observed"]).items():
        rows.add(name, credit_frame(credit), task.draw.at)
    channels = rows.truth.effects["channel"]
    rows.add(ORACLE, credit_frame(elsewhere(task.others, channels)), task.draw.at)
    return concluded(task.draw, rows, task.facts)


def _tasks(
    suite: SuiteFolder,
    market: Market,
    results: pd.DataFrame,
    complete: Mapping[str, Sequence[str]],
    estimand: str,
) -> list[ScoreTask]:
    worlds = [world for world in suite.worlds() if world.market.name == market.name]
    answers = [suite.answers(world) for world in worlds]
    models = [name for name, markets in complete.items() if market.name in markets]
    tasks = []
    for place, (world, (truths, facts)) in enumerate(zip(worlds, answers, strict=True)):
        others = [table for n, (table, _) in enumerate(answers) if n != place]
        known = pd.concat(others, ignore_index=True)
        tasks.append(
            ScoreTask(
                draw=_draw(world, estimand),
                truths=truths,
                others=known[known["estimand"] == estimand],
                facts=facts,
                given={name: _credit(results, name, world) for name in models},
            )
        )
    return tasks


def _draw(world: WorldFolder, estimand: str) -> DrawTask:
    market = world.market
    return DrawTask(
        number=world.number,
        scenario=market.scenario,
        world=market.drawn[world.number - 1],
        customers=market.customers,
        seed=market.world_seed(world.number),
        models={},
        estimand=estimand,
        plans={},
    )


def _credit(results: pd.DataFrame, model: str, world: WorldFolder) -> pd.DataFrame:
    """One model's credit in one world; channels that it does not name get none."""
    here = (results["model"] == model) & (results["market"] == world.market.name)
    mine = results[here & (results["world"] == world.number)].set_index("channel")
    table = mine[["conversions", "low", "high"]].reindex(list(world.scenario.plannable))
    table["conversions"] = table["conversions"].fillna(0.0)
    return table.rename(columns={"conversions": "credit"}).rename_axis("channel").reset_index()


def _sheet(market: Market, draws: Sequence[DrawResult], estimand: str) -> Validation:
    """All worlds of a market as one validation: means, intervals, regret, groups."""
    given = dict.fromkeys(name for draw in draws for name in draw.credit["model"])
    beside = {*ignorant_credit(market.scenario, 0.0), ORACLE, TOGETHER}
    return Validation(
        scenario=market.name,
        scenario_hash=market.scenario.hash,
        seed=market.seed,
        customers=market.customers,
        models=tuple(str(name) for name in given if name not in beside),
        estimand=estimand,
        draws=tuple(draws),
        currency=market.scenario.currency,
    )
