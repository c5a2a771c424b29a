"""Strategies by name, of the table or of a user's own module, and what they choose."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterable
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from types import ModuleType

from experiments.comparison.own_plan import PREFIX, own_plan
from experiments.comparison.strategies import STRATEGIES
from experiments.comparison.strategy import Choice, Knowledge, Strategy, StrategyError
from scenarios import MediaPlan, Scenario, TiermixError, plan_periods


def known(name: str) -> Strategy:
    """The strategy of this name; raises `StrategyError` for one that does not exist."""
    if name not in STRATEGIES:
        near = get_close_matches(name, STRATEGIES, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(STRATEGIES)}"
        raise StrategyError(f"strategies: there is no strategy '{name}'; {hint}")
    return STRATEGIES[name]


def chosen(
    asked: Iterable[str | Strategy], scenario: Scenario | None = None
) -> tuple[Strategy, ...]:
    """Strategies by name, by `module:name`, by `plan:FILE`, or as they are, once each.

    A file's plan is one of the `scenario`. Raises `StrategyError` for one that does not exist, and
    for two of one name; `PlanError` for a file that holds no plan of the scenario.
    """
    found = dict.fromkeys(_one(item, scenario) for item in asked)
    names = [strategy.name for strategy in found]
    for name in names:
        if names.count(name) > 1:
            raise StrategyError(f"strategies: two are named '{name}'; give each its own name")
    return tuple(found)


def _one(item: str | Strategy, scenario: Scenario | None) -> Strategy:
    if isinstance(item, Strategy):
        return item
    kind, colon, rest = item.partition(":")
    if colon and kind == PREFIX and scenario is not None:
        return own_plan(rest, scenario)
    return imported(item) if colon else known(item)


def imported(path: str) -> Strategy:
    """The strategy `name` of a user's own module: `module:name`, found in the working folder too.

    Raises `StrategyError` where that cannot be imported or is no strategy.
    """
    module, _, name = path.partition(":")
    loaded = _module(module, path)
    found = getattr(loaded, name, None)
    if isinstance(found, Strategy):
        return found
    where = getattr(loaded, "__file__", module)
    there = [key for key, value in vars(loaded).items() if isinstance(value, Strategy)]
    if found is not None:
        remedy = f"write {name} = Strategy('{name}', plan=…), imported from experiments"
    elif there:
        remedy = f"it has {', '.join(there)}"
    else:
        remedy = "it has no strategies at all"
    what = "is no Strategy" if found is not None else "is not there"
    raise StrategyError(f"strategies: {path}: '{name}' {what} in {where}; {remedy}")


def _module(name: str, path: str) -> ModuleType:
    """A module by name, from the working folder too: the command's own path does not have it."""
    here = str(Path.cwd())
    if here not in sys.path:
        # Last, so that no file in the folder hides a package; workers are given the same path.
        sys.path.append(here)
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name == name.partition(".")[0]:
            raise StrategyError(
                f"strategies: {path}: there is no module '{name}' in {here} or among the installed "
                "packages; run from the folder of its file, and write MODULE:NAME without .py"
            ) from None
        raise StrategyError(f"strategies: {path}: {_told(error)}") from error
    except Exception as error:
        raise StrategyError(f"strategies: {path}: {_told(error)}") from error


def choice_of(strategy: Strategy, knows: Knowledge) -> Choice:
    """What a strategy chooses from what it may know.

    Raises `StrategyError` where a strategy that is not ours fails, or makes no plan of the
    scenario; a failure of one of ours is passed on as it is.
    """
    try:
        choice = strategy.plan(knows.lent_to(strategy))
    except TiermixError:
        raise
    except Exception as error:
        if strategy == STRATEGIES.get(strategy.name):
            raise
        raise StrategyError(f"the strategy '{strategy.name}' failed: {_told(error)}") from error
    if not isinstance(choice, Choice):
        raise StrategyError(
            f"the strategy '{strategy.name}' returned {type(choice).__name__}; "
            "return Choice(plan), with a MediaPlan on the scenario's channels and months"
        )
    _check_plan(strategy, choice.media, knows.scenario)
    return choice


def _check_plan(strategy: Strategy, plan: MediaPlan, scenario: Scenario) -> None:
    strange = [name for name in plan.channels if name not in scenario.plannable]
    if strange:
        raise StrategyError(
            f"the strategy '{strategy.name}' plans money for '{strange[0]}'; "
            f"plan for {', '.join(scenario.plannable)}"
        )
    if not plan_periods.fill(plan.months, scenario.months):
        raise StrategyError(
            f"the strategy '{strategy.name}' plans the months {plan.months[0]} to "
            f"{plan.months[-1]}; plan {scenario.months[0]} to {scenario.months[-1]}, each "
            "once, or the weeks of which they are made"
        )


def _told(error: Exception) -> str:
    """An error of somebody's code with the line where it happened."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({Path(last.filename).name}, line {last.lineno})"
