"""onboard: a table becomes a history, a scenario, a fit, a plan and a report, step by step."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from experiments.onboarding.questions import Settled
from experiments.onboarding.result import OnboardingDocument
from experiments.onboarding.steps import Steps
from scenarios import load_scenario, scenario_text
from sim import Workers
from tiermix.core.files import write_text
from tiermix.core.outputs import check_folder, replacing
from tiermix.core.progress import Progress

COMMAND = "onboard"
TABLE, FITTED, SCENARIO, REPORT = "table.yaml", "fitted.yaml", "scenario.yaml", "onboarding.html"
ANSWERED = ("margin_rate", "budget", "currency")
"""What the answers say, so that it is no guess of the scenario's."""


def onboard(
    settled: Settled,
    *,
    extends: str = "retail",
    name: str = "company",
    out: str | os.PathLike[str] | None = None,
    market_size: float | None = None,
    seed: int = 1,
    customers: int | None = None,
    anyway: bool = False,
    workers: Workers = None,
    progress: Progress | None = None,
) -> OnboardingDocument:
    """From a settled table to a plan and a report in a folder; steps that are done are kept.

    A fit of level stop gets no plan, unless `anyway`. Raises what the steps raise.
    """
    folder = Path(out) if out is not None else Path("runs") / "onboard" / _stem(settled)
    check_folder(folder)
    steps = Steps(folder)
    size: dict[str, Any] = {"seed": seed, "workers": workers, "progress": progress}
    checked = _check(steps, settled, folder)
    made = _scenario(steps, settled, extends, name, market_size, folder, size)
    fitted = _fitted(steps, made, folder, customers, size)
    scenario, health = _own(steps, settled, folder)["scenario"], fitted["health"]
    may = anyway or health["level"] != "stop"
    plan = _plan(steps, scenario, folder, customers, size) if may else None
    document: OnboardingDocument = {
        "scenario": scenario,
        "health": health,
        "plan": plan,
        "not_learned": health["not_learned"],
        "answers": asdict(settled.answers),
        "assumed": [*settled.assumed, *_guesses(made)],
        "doubts": [*checked["doubts"], *_scenario_doubts(scenario)],
        "steps": steps.log,
        "files": _files(checked, made, fitted, plan),
        "report": str(folder / REPORT),
    }
    _write_report(document, folder)
    return document


def _stem(settled: Settled) -> str:
    return Path(settled.table.source).name.partition(".")[0] or "table"


def _check(steps: Steps, settled: Settled, folder: Path) -> dict[str, Any]:
    def work() -> Mapping[str, Any]:
        from experiments.publish.company_data import publish_table

        return publish_table(settled.table, folder / "data")

    asked = {"table": settled.table.to_dict()}
    files = [settled.table.source]
    return steps.take("check", work, asked=asked, reads=files, writes=("canonical", "page"))


def _scenario(
    steps: Steps,
    settled: Settled,
    extends: str,
    name: str,
    market_size: float | None,
    folder: Path,
    size: Mapping[str, Any],
) -> dict[str, Any]:
    """The company's own scenario before any fit, with the history in its channels' names."""
    asked: dict[str, Any] = {"name": name, "currency": settled.answers.currency}
    asked["market_size"] = market_size

    def work() -> Mapping[str, Any]:
        from experiments.own_scenario.run import scenario_from_table
        from experiments.publish.own_scenario import publish_own_scenario

        made = scenario_from_table(settled.table, extends, **asked, **size)
        return publish_own_scenario(made, settled.table, folder / TABLE)

    question = {**asked, "base": settled.base.hash, "seed": size["seed"]}
    question["history"] = settled.table.history
    return steps.take("scenario", work, asked=question, writes=("scenario", "history"))


def _fitted(
    steps: Steps,
    made: Mapping[str, Any],
    folder: Path,
    customers: int | None,
    size: Mapping[str, Any],
) -> dict[str, Any]:
    def work() -> Mapping[str, Any]:
        from experiments.publish.calibration import calibration_job

        base = load_scenario(made["scenario"])
        history, target = Path(made["history"]), folder / FITTED
        return calibration_job(
            history, base, made["scenario"], out=target, customers=customers, **size
        )

    files = (made["scenario"], made["history"])
    asked = {"customers": customers, "seed": size["seed"], "base": _hash_of(made["scenario"])}
    return steps.take("calibrate", work, asked=asked, reads=files, writes=("scenario", "page"))


def _own(steps: Steps, settled: Settled, folder: Path) -> dict[str, Any]:
    """The file to go on with: the fitted one with the company's answers, and room for its rules."""
    answers = {"margin_rate": settled.answers.margin_rate, "budget": settled.answers.budget}
    head = (
        "# Written by `tiermix onboard`: what you answered, over what was fitted. Write rules and\n"
        "# goals of your own here; a plan that rests on it is made again when this file changes.\n"
    )

    def work() -> Mapping[str, Any]:
        with replacing(folder / SCENARIO, COMMAND) as place:
            write_text(place, head + scenario_text({"extends": FITTED, **answers}))
        load_scenario(folder / SCENARIO)
        return {"scenario": str(folder / SCENARIO)}

    asked = {**answers, "folder": str(folder)}
    return steps.take("answers", work, asked=asked, writes=("scenario",))


def _plan(
    steps: Steps,
    scenario: str,
    folder: Path,
    customers: int | None,
    size: Mapping[str, Any],
) -> dict[str, Any]:
    def work() -> Mapping[str, Any]:
        from experiments.curves import measure_curves
        from experiments.publish.plan import write_plan
        from optimize import allocate

        market = load_scenario(scenario)
        curves = measure_curves(market, objective=None, customers=customers, **size)
        made = allocate(market, curves, progress=size["progress"])
        files = write_plan(made, market, folder, command=COMMAND)
        last = {"last_year": market.last_year.by_channel, "currency": market.currency}
        last["outcome"] = market.outcome
        return {**made.to_dict(), **last, **files}

    asked = {"customers": customers, "seed": size["seed"], "scenario": _hash_of(scenario)}
    return steps.take("plan", work, asked=asked, writes=("csv", "picture"))


def _hash_of(scenario: str) -> str:
    """All that a scenario says, wherever in the files that it extends it stands."""
    return str(load_scenario(scenario).hash)


def _scenario_doubts(scenario: str) -> list[dict[str, str]]:
    """What `tiermix scenarios check` doubts; what the health card says stands with the card."""
    doubts = [one for one in load_scenario(scenario).doubts if not one.startswith("health (")]
    rows = [one.partition(": ") for one in doubts]
    return [
        {"severity": "warning", "where": where, "says": says, "remedy": ""}
        for where, _, says in rows
    ]


def _guesses(made: Mapping[str, Any]) -> list[dict[str, str]]:
    return [row for row in made["assumed"] if row["field"] not in ANSWERED]


def _files(
    checked: Mapping[str, Any],
    made: Mapping[str, Any],
    fitted: Mapping[str, Any],
    plan: Mapping[str, Any] | None,
) -> dict[str, str]:
    """What lies where, by what it is."""
    found = {
        "data": checked["page"],
        "history": made["history"],
        "table_scenario": made["scenario"],
        "fitted_scenario": fitted["scenario"],
        "calibration": fitted["page"],
    }
    return found if plan is None else {**found, "plan": plan["csv"], "picture": plan["picture"]}


def _write_report(document: OnboardingDocument, folder: Path) -> None:
    from experiments.report.frame import write_page
    from experiments.report.onboarding import page

    with replacing(folder / REPORT, COMMAND) as place:
        write_page(place, page(document))
