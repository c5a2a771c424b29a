"""What several commands read before they start: scenarios, plans, curves, and where work runs.

Heavy libraries are imported inside, so that `tiermix --help` does not wait for them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from math import isfinite, nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tiermix.cli import spelling
from tiermix.cli.options import UsageError, settings
from tiermix.cli.output import remark

if TYPE_CHECKING:
    from optimize import ResponseCurves
    from scenarios import MediaPlan, Scenario


def scenario_of(
    name: str, changes: list[str] | None = None, budget: str | None = None
) -> "Scenario":
    """The scenario of that name or file, with changes from `--set`, and from `--budget`.

    One that was fitted to a history with which it does not agree is said to be one, first of all:
    also where remarks are not wanted, since every figure that follows rests on it.
    """
    from scenarios import load_scenario

    found = load_scenario(name, with_budget(settings(changes), budget))
    if found.health.level == "stop":
        remark(spelling.for_the_terminal(f"STOP: {name}: {stopped(found)}"))
    return found


def shifted(scenario: "Scenario", year: int | None) -> "Scenario":
    """The scenario moved to the year of `--shift-to`; as it is where none is given."""
    from scenarios import moved

    return scenario if year is None else moved(scenario, year)


def with_budget(changes: dict[str, Any], budget: Any) -> dict[str, Any]:
    """Changes from `--set`, and the budget of `--budget` where one is given."""
    if budget is None:
        return changes
    if "budget" in changes:
        raise UsageError("--budget and --set budget are the same; give one of them.")
    return {**changes, "budget": budget}


def stopped(scenario: "Scenario") -> str:
    """Why a calibrated scenario is not to be planned with, and how to go on nevertheless."""
    found = scenario.health.findings
    why = found[0].rstrip(".") if found else "its health card says stop"
    return f"{why}. (`health: null` in the file takes this warning out.)"


def plan_of(path: Path | None, scenario: "Scenario") -> "MediaPlan | None":
    """The plan of a table on the scenario's channels and months; None if none was given."""
    from scenarios import read_plan

    if path is None:
        return None
    return read_plan(path, scenario.plannable, scenario.months, scenario.other_names)


def pairs_of(option: str, texts: list[str] | None, example: str) -> dict[str, str]:
    """What an option says in pairs `KEY=VALUE`, each key once."""
    found: dict[str, str] = {}
    for text in texts or []:
        key, equals, value = (part.strip() for part in text.rpartition("="))
        if not (key and equals and value):
            raise UsageError(f"{option} {text!r} names no pair; write {example}.")
        if key in found:
            raise UsageError(f"{option} gives {key!r} twice; give it once.")
        found[key] = value
    return found


@dataclass(frozen=True)
class CurvesSource:
    """Where curves come from: a file and what is said of it; the market where there is none."""

    path: Path | None = None
    given: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, path: Path | None, given: list[str] | None = None, names: list[str] | None = None
    ) -> "CurvesSource":
        """From the options `--curves`, `--given` and `--map`."""
        if path is None and (given or names):
            raise UsageError("--given and --map speak of the file of --curves; give it too.")
        if path is not None and not path.exists():
            raise UsageError(f"--curves {path}: there is no such file or folder; check the path.")
        said = pairs_of("--given", given, "model=1_102_2")
        called = pairs_of("--map", names, '"Google Ads=paid_search"')
        if path is not None:  # before a scenario, and all that plans, are loaded
            from optimize import check_curves_file

            check_curves_file(path, said)
        return cls(path, said, called)


def curves_of(
    source: CurvesSource,
    scenario: "Scenario",
    objective: str | Mapping[str, float] | None,
    **measuring: Any,
) -> "ResponseCurves":
    """Curves from a file, or measured in the market where that gives all that the plan needs."""
    from experiments import check_plannable, measure_curves
    from optimize import read_curves

    if source.path is not None:
        return read_curves(source.path, scenario, given=source.given, names=source.names)
    check_plannable(scenario, objective)
    measured: ResponseCurves = measure_curves(scenario, objective=objective, **measuring)
    return measured


def facts_of(curves: "ResponseCurves") -> dict[str, list[str]]:
    """What a document tells of its curves: how they were read, which KPIs have no base."""
    return {"notes": list(curves.notes), "without_base": list(curves.without_base)}


def objective_of(asked: str | None) -> str | dict[str, float] | None:
    """What `--objective` asks for: a name, or a weighted sum such as margin=1,spend=-1."""
    if asked is None or "=" not in asked:
        return asked
    found: dict[str, float] = {}
    for pair in asked.split(","):
        name, _, weight = (part.strip() for part in pair.partition("="))
        try:
            number = float(weight)
        except ValueError:
            number = nan
        if not name or not isfinite(number) or name in found:
            raise UsageError(
                f"--objective {asked!r}: {pair.strip()!r} is no KPI with its weight; write a sum "
                "as margin=1,spend=-1, each KPI once."
            )
        found[name] = number
    return found


def where(workers: int | None, cluster: str | None) -> int | str | None:
    """Where work runs: a number of processes, the address of a scheduler, None for all cores."""
    if cluster is None:
        return workers
    if find_spec("distributed") is None:
        raise UsageError(
            f"--cluster {cluster!r} needs the package distributed; install tiermix[cluster]."
        )
    return cluster
