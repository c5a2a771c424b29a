"""Where commands write unless told: a folder for each command and each question."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scenarios import Scenario

PLAIN: dict[str, Any] = {
    "budgets": 20,
    "engine": "batch",
    "estimand": "removal",
    "kpi": "conversions",
}
"""What options say that are not given, where that is not nothing."""

NO_PART_OF_IT = {"workers", "cluster", "progress"}


def folder_for(command: str, scenario: Scenario, seed: int, **question: Any) -> Path:
    """`runs/COMMAND/NAME-SEED`, and a short hash where more is asked than that.

    So no question's answer takes the place of another's: a changed scenario, another plan or
    other options have a folder of their own, and the same question again has the same one.
    """
    asked = {
        key: value
        for key, value in question.items()
        if value and key not in NO_PART_OF_IT and value != PLAIN.get(key)
    }
    if not _as_in_library(scenario):
        asked["scenario"] = scenario.hash
    name = f"{scenario.name}-{seed}"
    return Path("runs") / command / (f"{name}-{_digest(asked)}" if asked else name)


def _as_in_library(scenario: Scenario) -> bool:
    from scenarios import library_names, load_scenario

    known = scenario.name in library_names()
    return known and load_scenario(scenario.name).hash == scenario.hash


def _digest(asked: dict[str, Any]) -> str:
    def short(value: Any) -> str:
        return str(getattr(value, "hash", value))

    text = json.dumps(asked, sort_keys=True, default=short)
    return hashlib.sha256(text.encode()).hexdigest()[:8]
