"""The parameters that a planner cannot know, one by one, and markets in which one is moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

import numpy as np

from experiments.study import StudyError
from scenarios import Scenario, ScenarioError, build_scenario, places
from tiermix.core.arrays import Floats

REACH = 1.2815515655446004
"""Standard deviations from the median to the tenth and the ninetieth percentile."""
SHOCKS = "shocks."


@dataclass(frozen=True)
class Parameter:
    """One uncertain parameter: `path`, its value as written, and the spread of its log.

    A shock that may happen has `chance` in place of a spread; its value is 0 or 1.
    """

    path: str
    value: float
    spread: float = 0.0
    chance: float | None = None

    @property
    def happens(self) -> bool:
        """Whether it is a shock, which happens or not."""
        return self.chance is not None

    @property
    def ends(self) -> tuple[float, float]:
        """The tenth and the ninetieth percentile; of a shock, that it does not happen or does."""
        if self.happens:
            return 0.0, 1.0
        factor = float(np.exp(REACH * self.spread))
        low, high = sorted((self.value / factor, self.value * factor))
        return low, high

    def at(self, step: float) -> float:
        """The value that lies so many standard deviations of the log from its median."""
        return step if self.happens else self.value * float(np.exp(self.spread * step))


def parameters_of(scenario: Scenario, asked: Sequence[str] | None = None) -> list[Parameter]:
    """The uncertain parameters of a scenario, or those that `asked` names (`*` for any).

    One that several lines of `uncertainty` name has their spreads together. What is written as 0
    stays 0 in every draw and is left out. Raises `StudyError` where nothing is left, or nothing
    uncertain has a name that was asked for.
    """
    data = scenario.model_dump(mode="json")
    spreads = _spreads(scenario, data)
    every = [
        Parameter(path, value, float(np.hypot.reduce(mine)))
        for path, mine in spreads.items()
        if (value := float(places(data, path)[0].get())) != 0.0
    ]
    every += [
        Parameter(SHOCKS + shock.name, 0.0, chance=shock.probability)
        for shock in scenario.shocks
        if 0.0 < shock.probability < 1.0
    ]
    if not every:
        raise StudyError(
            "uncertainty: nothing in this scenario is uncertain, so that nothing can turn the "
            "recommendation; add `uncertainty: [{path: channels.*.half, spread: 0.2}]`"
        )
    for pattern in asked or ():
        if not any(fnmatch(one.path, pattern) for one in every):
            raise StudyError(
                f"parameters: nothing uncertain is called {pattern!r}; there is "
                f"{', '.join(one.path for one in every[:12])}"
            )
    return [p for p in every if not asked or any(fnmatch(p.path, pattern) for pattern in asked)]


def _spreads(scenario: Scenario, data: Any) -> dict[str, list[float]]:
    """Spreads by path; a shared factor goes by its own path, with `*`."""
    found = dict[str, list[float]]()
    for item in scenario.uncertainty:
        paths = [item.path] if item.shared else [p.path for p in places(data, item.path)]
        for path in paths:
            found.setdefault(path, []).append(item.spread)
    return found


def steps_of(
    scenario: Scenario, worlds: Sequence[Scenario], parameters: Sequence[Parameter]
) -> Floats:
    """How far each parameter lies from its median in each world, in standard deviations [W, K].

    They are read from the worlds themselves; a shock is 1 where it happens and 0 elsewhere.
    """
    rows = []
    for world in worlds:
        data, shocks = world.model_dump(mode="json"), {s.name for s in world.shocks}
        rows.append([_step(one, data, shocks) for one in parameters])
    return np.array(rows, float).reshape(len(worlds), len(parameters))


def _step(one: Parameter, data: Any, shocks: set[str]) -> float:
    if one.happens:
        return float(one.path.removeprefix(SHOCKS) in shocks)
    now = float(places(data, one.path)[0].get())
    return float(np.log(now / one.value) / one.spread)


def as_written(scenario: Scenario) -> Scenario:
    """The market with every parameter at its median; a shock happens if that is likelier."""
    return _with(scenario, {s.name: s.probability >= 0.5 for s in scenario.shocks}, {})


def moved(scenario: Scenario, one: Parameter, value: float) -> Scenario:
    """The same with one parameter at another value; raises `StudyError` where that cannot be."""
    shocks = {s.name: s.probability >= 0.5 for s in scenario.shocks}
    changes: dict[str, Any] = {}
    if one.happens:
        shocks[one.path.removeprefix(SHOCKS)] = value > 0.5
    else:
        data = scenario.model_dump(mode="json")
        changes = {p.path: p.get() * value / one.value for p in places(data, one.path)}
    try:
        return _with(scenario, shocks, changes)
    except ScenarioError as error:
        raise StudyError(
            f"{one.path}: a market with {value:,.4g} cannot be ({error}); lower its `spread`"
        ) from None


def _with(scenario: Scenario, shocks: dict[str, bool], changes: dict[str, Any]) -> Scenario:
    data = scenario.model_dump(mode="json")
    data["shocks"] = [{**s, "probability": 1.0} for s in data["shocks"] if shocks[s["name"]]]
    for path, value in changes.items():
        places(data, path)[0].put(value)
    return build_scenario(data, {}, scenario.name)
