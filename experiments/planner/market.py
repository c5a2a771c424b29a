"""Plans that were kept, tried side by side in the market: the same draws, the same people."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from experiments.comparison.own_plan import OwnPlan
from experiments.comparison.run import compare
from experiments.comparison.strategy import Strategy
from experiments.planner.desk import Question
from scenarios import MediaPlan, Scenario, build_scenario
from tiermix.core.progress import Progress

LAST_YEAR = "last_year"
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Tried:
    """What the market gave of one plan: means over draws with their 95 % interval.

    `ahead` is the difference from last year's split, `goals` the chance of each goal and
    `all_goals` that of all together, each with its interval.
    """

    name: str
    mean: float
    se: float
    ahead: tuple[float, float, float]
    goals: Mapping[str, tuple[float, float, float]]
    all_goals: tuple[float, float, float] | None


@dataclass(frozen=True)
class MarketAnswer:
    """Every plan in the same draws; `plans` says of which amounts this is told."""

    objective: str
    draws: int
    customers: int
    tried: tuple[Tried, ...]
    plans: Mapping[str, str]


def try_in_market(
    scenario: Scenario,
    plans: Mapping[str, MediaPlan],
    asked: Question,
    progress: Progress | None = None,
) -> MarketAnswer:
    """The plans and last year's split, in drawn markets; raises `TiermixError`.

    They are judged by the scenario's goals; rules are the optimizer's and have no say here. One
    market is simulated at a time: who asks meanwhile waits.
    """
    free = build_scenario({**scenario.model_dump(mode="json"), "rules": []}, {}, scenario.name)
    if free.objective in ("spend", "goals"):
        free = build_scenario({**free.model_dump(mode="json"), "objective": "profit"}, {}, "")
    strategies: list[str | Strategy] = [
        LAST_YEAR,
        *(
            Strategy(name, OwnPlan(media), same_in_every_world=True)
            for name, media in plans.items()
        ),
    ]
    with _one_at_a_time:
        found = compare(
            free, strategies, replications=asked.replications, seed=asked.seed,
            customers=asked.customers, workers=asked.workers, progress=progress,
        )  # fmt: skip
    document = found.to_dict()
    tried = tuple(_tried(one, found.objective) for one in document["strategies"])
    hashes = {name: media.hash for name, media in plans.items()}
    return MarketAnswer(found.objective, found.replications, found.customers, tried, hashes)


def _tried(one: Mapping[str, Any], objective: str) -> Tried:
    """A strategy's document in short."""
    mean = one["kpis"][objective]
    ahead = one["against_baseline"].get(objective) or {}
    chance = one["risk"]["all_goals"]
    return Tried(
        one["name"],
        float(mean["mean"]),
        float(mean["se"]),
        _three(ahead, "difference"),
        {goal["goal"]: _three(goal, "probability") for goal in one["goals"]},
        None if not chance else _three(chance, "probability"),
    )


def _three(figures: Mapping[str, Any], middle: str) -> tuple[float, float, float]:
    """A figure with the ends of its interval; NaN for what is not told."""
    low, high = (figures.get(end) for end in ("low", "high"))
    found = (figures.get(middle), low, high)
    return tuple(math.nan if x is None else float(x) for x in found)  # type: ignore[return-value]
