"""What a scenario assumes of its market, as somebody may assume it otherwise."""

from __future__ import annotations

import json
from typing import Any

from experiments.planner.draft import PlannerError
from experiments.sensitivity.parameters import parameters_of
from experiments.study import StudyError
from scenarios import Scenario

RULED = ("budget", "objective", "rules", "goals")
"""Fields that the page moves itself, without another market."""


def assumptions_of(scenario: Scenario) -> dict[str, float]:
    """By dotted path, what is uncertain in the scenario and its value as written."""
    try:
        return {one.path: one.value for one in parameters_of(scenario) if not one.happens}
    except StudyError:  # nothing is uncertain in it; any path can be written
        return {}


def assumption(text: str) -> tuple[str, Any]:
    """Path and value from `channels.douyin.peak=0.2`; raises `PlannerError`."""
    path, equals, value = (part.strip() for part in text.partition("="))
    if not (path and equals and value):
        raise PlannerError(
            f"{text[:80]!r} assumes nothing; write it as channels.douyin.peak=0.2, with the path "
            "of a field and its value."
        )
    if path.split(".")[0] in RULED:
        raise PlannerError(f"{path} is no assumption on the market; move it where it stands here.")
    try:
        return path, json.loads(value)
    except (ValueError, RecursionError):
        return path, value
