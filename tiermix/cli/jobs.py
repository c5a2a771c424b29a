"""What each command does, as functions from plain values to documents.

Heavy libraries are imported inside, so that `tiermix --help` does not wait for them.
"""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tiermix.cli.output import Document
from tiermix.core.progress import Progress, named

if TYPE_CHECKING:
    from experiments.publish import RunDocument
    from optimize import ResponseCurves
    from scenarios import MediaPlan, Scenario


def loaded(scenario: str, settings: dict[str, Any]) -> "Scenario":
    """The scenario by name or path, with changes by dotted path."""
    from scenarios import load_scenario

    return load_scenario(scenario, settings)


def plan_from(path: Path | None, scenario: "Scenario") -> "MediaPlan | None":
    """The plan of a CSV on the scenario's channels and months."""
    from scenarios import MediaPlan

    if path is None:
        return None
    return MediaPlan.from_csv(path, scenario.plannable, scenario.months)


def on_workers(options: dict[str, Any]) -> dict[str, Any]:
    """Options with `--cluster` in the place of `--workers`: both say where work runs."""
    rest = {name: value for name, value in options.items() if name != "cluster"}
    return {**rest, "workers": options.get("cluster") or options.get("workers")}


def run(
    scenario: "Scenario", *, strategies: list[str] | None, progress: Progress | None, **more: Any
) -> "RunDocument":
    """The main job: compare strategies, track them, write the report."""
    from experiments import main_job

    return main_job(scenario, strategies=strategies, progress=progress, **on_workers(more))


def simulate(
    scenario: "Scenario", *, out: Path | None, seed: int, progress: Progress | None, **more: Any
) -> Document:
    """One market year; without `out` its folder is that of the question, in `runs/simulate`."""
    from experiments.folders import folder_for
    from sim import simulate

    folder = out or folder_for("simulate", scenario, seed, **more)
    asked = on_workers(more)
    return simulate(scenario, seed=seed, out=folder, progress=progress, **asked).summary()


def truth(scenario: "Scenario", effect: str, *, progress: Progress | None, **more: Any) -> Document:
    """A named effect of each channel or tier, in the market itself."""
    from sim import ground_truth

    started, heard = time.perf_counter(), named(progress, f"{effect} truth")
    found = ground_truth(scenario, effect, progress=heard, **on_workers(more))
    return {**found.to_dict(), "seconds": time.perf_counter() - started}


def validate(scenario: "Scenario", **more: Any) -> Document:
    """Attribution models against the truth; the page and the runs are written on the way."""
    from experiments.publish import validation_job

    sweep = more.pop("dial", None)
    return dict(validation_job(scenario, sweep=sweep, **more))


def curves(
    scenario: "Scenario", *, out: Path | None, progress: Progress | None, **more: Any
) -> Document:
    """Response curves from paired experiments in the market; with `out` a CSV of them too."""
    found = _measured(scenario, progress, more)
    document: Document = {"curves": found.to_dict()}
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        found.to_csv(out / "curves.csv")
        document["csv"] = str(out / "curves.csv")
    return document


def plan(
    scenario: "Scenario",
    *,
    curves: Path | None,
    budget: float | None,
    objective: str | None,
    robust: bool,
    weeks: bool,
    out: Path | None,
    progress: Progress | None,
    **more: Any,
) -> Document:
    """The annual plan on curves from a file, or measured in the market.

    With `out` the plan by month as a CSV and its pictures are written there, and the weeks' CSV.
    """
    from optimize import allocate, weekly

    known = _known(scenario, curves, progress, more, objective)
    asked = weekly(scenario, known) if weeks else (scenario, known)
    made = allocate(*asked, budget=budget, objective=objective, robust=robust)
    document: Document = made.to_dict()
    if out is not None:
        from experiments.report.charts.plan import plan_page, save

        out.mkdir(parents=True, exist_ok=True)
        document["csv"] = str(made.monthly.to_csv(out / "plan.csv"))
        if weeks:
            document["weeks"] = str(made.media.to_csv(out / "weeks.csv", unit="week"))
        page = plan_page(made, scenario)
        document["picture"] = str(save(page, out / "plan.html", f"Plan: {scenario.name}"))
    return document


def frontier(
    scenario: "Scenario",
    *,
    budgets: int,
    curves: Path | None,
    objective: str | None,
    out: Path | None,
    seed: int,
    progress: Progress | None,
    **more: Any,
) -> Document:
    from experiments.report.charts.plan import frontier_picture, save

    """The best outcome for each budget; its picture lies in `out`, or in `runs/frontier`."""
    from experiments.folders import folder_for
    from optimize import frontier as traced

    known = _known(scenario, curves, progress, {**more, "seed": seed}, objective)
    found = traced(scenario, known, budgets=budgets, objective=objective)
    asked = {**more, "budgets": budgets, "objective": objective}
    if curves is not None:
        asked["curves"] = curves.read_text("utf-8-sig")
    folder = out or folder_for("frontier", scenario, seed, **asked)
    title = f"Frontier: {scenario.name}"
    picture = save(frontier_picture(found), folder / "frontier.html", title)
    document: Document = found.to_dict()
    return {**document, "objective": found.objective, "picture": str(picture)}


def _known(
    scenario: "Scenario",
    path: Path | None,
    progress: Progress | None,
    more: dict[str, Any],
    objective: str | None,
) -> "ResponseCurves":
    """Curves from a CSV, or measured in the market where that gives all that the plan needs."""
    from experiments import check_plannable
    from optimize import ResponseCurves

    if path is None:
        check_plannable(scenario, objective)
        return _measured(scenario, progress, {**more, "objective": objective})
    return ResponseCurves.from_csv(path, scenario.months)


def _measured(
    scenario: "Scenario", progress: Progress | None, more: dict[str, Any]
) -> "ResponseCurves":
    from experiments import measure_curves

    found: ResponseCurves = measure_curves(scenario, progress=progress, **on_workers(more))
    return found


def believe(
    scenario: "Scenario", *, seed: int, customers: int | None, workers: int | None
) -> Document:
    """What the scenario implies beside what it ought to."""
    from experiments import Believability

    return Believability(scenario, seed, customers, workers).to_dict()
