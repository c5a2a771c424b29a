"""What is logged of a run: tags, parameters, metrics and files, free of any tracking library."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scenarios import Scenario


@dataclass(frozen=True)
class RunRecord:
    """One run to be logged: `texts` are small files by name, `files` lie on disk already.

    A run with `files`, or that is said to be `whole`, stands for the study as a whole.
    """

    name: str
    tags: Mapping[str, str]
    params: Mapping[str, float | int | str]
    metrics: Mapping[str, float]
    texts: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[Path] = ()
    whole: bool = False


def finite(metrics: Mapping[str, float]) -> dict[str, float]:
    """Metrics without those that are no number: tracking stores refuse them or make them 0."""
    return {name: value for name, value in metrics.items() if math.isfinite(value)}


def safe(name: str) -> str:
    """A name that MLflow takes: letters, digits, and a few signs."""
    return re.sub(r"[^\w. :-]", "_", name)


def scenario_text(scenario: Scenario) -> str:
    """The scenario as it is kept with each run: JSON, which is YAML too."""
    return json.dumps(scenario.model_dump(mode="json"), ensure_ascii=False, indent=1)
