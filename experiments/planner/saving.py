"""What a planner page leaves behind: a scenario, a plan, a workbook, a study."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.planner.desk import Answer, Desk, Question
from experiments.planner.draft import Draft, PlannerError
from experiments.publish.plan import track_plan
from experiments.publish.plan_workbook import write_plan_workbook
from experiments.publish.publication import Opening, TrackedDocument
from optimize import Plan
from scenarios import Scenario, build_scenario, laid_over, library_names, load_scenario
from scenarios import scenario_text as written
from tiermix.core.files import write_text
from tiermix.core.outputs import check_replaceable, replacing

COMMAND = "planner"
NAME = re.compile(r"[\w][\w .-]{0,59}")


def scenario_text(
    asked: Question, draft: Draft, base: Scenario, settings: Mapping[str, Any]
) -> str:
    """The draft as a scenario file: what differs, where it extends one of the library.

    Whatever cannot be said as a difference is written out whole.
    """
    whole = draft.scenario(base)
    plain: dict[str, Any] = whole.model_dump(mode="json")
    if asked.scenario not in library_names() or asked.settings or settings:
        return written(plain)
    below = load_scenario(asked.scenario).model_dump(mode="json")
    short = draft.changes()
    if build_scenario(laid_over(below, short), {}, "the draft").hash != whole.hash:
        return written(plain)
    return written({"extends": asked.scenario, **short})


def save(
    folder: Path, name: str, text: str, plan: Plan, desk: Desk, scenario: Scenario
) -> dict[str, Path]:
    """Write `NAME.yaml`, `NAME.csv` and `NAME.xlsx`; each appears whole or not at all.

    Raises `PlannerError` for a name that is none, and `OutputError` where somebody else's file is.
    """
    known = checked_name(name)
    files = {kind: folder / f"{known}.{kind}" for kind in ("yaml", "csv", "xlsx")}
    check_replaceable(files.values(), COMMAND)
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(files["yaml"], COMMAND) as file:
        write_text(file, text)
    with replacing(files["csv"], COMMAND) as file:
        plan.monthly.to_csv(file)
    with replacing(files["xlsx"], COMMAND) as file:
        write_plan_workbook(file, plan, scenario, desk.curves)
    return files


def checked_name(name: str) -> str:
    """A name that a file can have, and that leads to no other folder."""
    known = name.strip()
    if not NAME.fullmatch(known) or known.endswith("."):
        raise PlannerError(
            f"{name[:60]!r} is no name for files; use up to 60 letters, digits, blanks, - and _."
        )
    return known


def track(answer: Answer, asked: Question, desk: Desk, opening: Opening) -> TrackedDocument:
    """Keep a plan in the tracking store, as `tiermix plan --track` does."""
    if answer.plan is None:
        raise PlannerError("there is no plan to keep; take one of the ways out first.")
    return track_plan(
        answer.plan, answer.scenario, {}, opening, seed=asked.seed, curves=desk.curves.source
    )


def workbook(folder: Path, answer: Answer, desk: Desk) -> bytes:
    """The plan's workbook as it is downloaded."""
    if answer.plan is None:
        raise PlannerError("there is no plan to write down; take one of the ways out first.")
    path = write_plan_workbook(folder / "plan.xlsx", answer.plan, answer.scenario, desk.curves)
    return path.read_bytes()
