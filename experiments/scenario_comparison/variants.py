"""Variants: scenarios as they are asked about, each with the changes that were made to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any

from experiments.study import StudyError
from scenarios import Scenario, budget_of, build_scenario, load_scenario
from tiermix.core import figures

BUDGET = "budget"
LONGEST = 40


@dataclass(frozen=True)
class Variant:
    """A scenario of a study: what the study calls it, and what was changed, by dotted path.

    `varied` are the paths that differ within the study; `alone` says that all its variants are of
    this scenario, whose name then says nothing; `again`, how many before it read the same.
    """

    scenario: Scenario
    name: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    varied: tuple[str, ...] = ()
    alone: bool = False
    again: int = 0

    @property
    def label(self) -> str:
        """What tells it from others: `retail, budget 24,000,000`; numbered where these agree."""
        changes = [f"{path} {_said(self.changes[path])}" for path in self.varied]
        words = ", ".join(changes if self.alone and changes else [self.name, *changes])
        return f"{words} ({self.again + 1})" if self.again else words


def variants_of(
    scenarios: Sequence[str | Path | Scenario],
    changes: Mapping[str, Sequence[Any]] | None = None,
) -> tuple[Variant, ...]:
    """Every scenario with every combination of the `changes`, lists of values by dotted path.

    A value of `budget` may be text: `9.6m`, or `80%` of the scenario's own. Raises `ScenarioError`
    for a value that cannot be, and `StudyError` for two variants that are the same.
    """
    lists = changes or {}
    empty = next((path for path, values in lists.items() if not values), None)
    if not scenarios or empty:
        raise StudyError(f"{empty or 'scenarios'}: there is nothing to compare; give one at least")
    found, named = [], _named(scenarios)
    varied = tuple(path for path, values in lists.items() if len(values) > 1)
    for name, base in named.items():
        for values in product(*lists.values()):
            mine = dict(zip(lists, values, strict=True))
            if isinstance(mine.get(BUDGET), str):
                mine[BUDGET] = budget_of(mine[BUDGET], base.budget)
            scenario = _changed(base, name, mine)
            found.append(Variant(scenario, name, mine, varied, len(named) == 1))
    _check_apart(found)
    labels = [variant.label for variant in found]
    return tuple(replace(v, again=labels[:n].count(v.label)) for n, v in enumerate(found))


def _named(scenarios: Sequence[str | Path | Scenario]) -> dict[str, Scenario]:
    """Scenarios by what they are called; by what was asked for where two have one name."""
    loaded = [(x, x if isinstance(x, Scenario) else load_scenario(x)) for x in scenarios]
    names = [scenario.name for _, scenario in loaded]
    found: dict[str, Scenario] = {}
    for (asked, scenario), name in zip(loaded, names, strict=True):
        called = name if names.count(name) == 1 or isinstance(asked, Scenario) else str(asked)
        if called in found:
            raise StudyError(
                f"scenarios: two are called {called}; give each its own `name`, and each once"
            )
        found[called] = scenario
    return found


def _changed(base: Scenario, name: str, changes: dict[str, Any]) -> Scenario:
    return build_scenario(base.model_dump(mode="json"), changes, name) if changes else base


def _check_apart(variants: Sequence[Variant]) -> None:
    """Refuse what would be lived twice."""
    seen: dict[tuple[str, str], Variant] = {}
    for variant in variants:
        key = (variant.name, variant.scenario.hash)
        if key in seen:
            raise StudyError(
                f"set: {variant.label} is the same as {seen[key].label}; give each value once"
            )
        seen[key] = variant


def _said(value: Any) -> str:
    """A value in a label, cut where it is long."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return figures.number(float(value))
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
