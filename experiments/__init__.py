"""Questions asked of all of it: strategies compared, curves measured, everything tracked.

Names are loaded when they are first used, so that the command line starts at once. `compare` and
`validate` are the functions, not the modules of the same name that they live in.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.calibration.history import history_of, read_history
    from experiments.calibration.run import calibrate
    from experiments.comparison.refine import Refined, clairvoyant, refine
    from experiments.comparison.result import Best, Comparison
    from experiments.comparison.run import compare
    from experiments.comparison.strategies import STRATEGIES
    from experiments.comparison.strategy import Choice, Knowledge, Strategy
    from experiments.curves import estimate_curves, measure_curves
    from experiments.lift_test.run import lift
    from experiments.publish import main_job
    from experiments.validation.run import validate

_HOMES = {
    "Best": "experiments.comparison.result",
    "Choice": "experiments.comparison.strategy",
    "Comparison": "experiments.comparison.result",
    "Knowledge": "experiments.comparison.strategy",
    "Refined": "experiments.comparison.refine",
    "STRATEGIES": "experiments.comparison.strategies",
    "Strategy": "experiments.comparison.strategy",
    "calibrate": "experiments.calibration.run",
    "clairvoyant": "experiments.comparison.refine",
    "compare": "experiments.comparison.run",
    "estimate_curves": "experiments.curves",
    "lift": "experiments.lift_test.run",
    "history_of": "experiments.calibration.history",
    "main_job": "experiments.publish",
    "measure_curves": "experiments.curves",
    "read_history": "experiments.calibration.history",
    "refine": "experiments.comparison.refine",
    "validate": "experiments.validation.run",
}

__all__ = [
    "STRATEGIES",
    "Best",
    "Choice",
    "Comparison",
    "Knowledge",
    "Refined",
    "Strategy",
    "calibrate",
    "clairvoyant",
    "compare",
    "estimate_curves",
    "history_of",
    "lift",
    "main_job",
    "measure_curves",
    "read_history",
    "refine",
    "validate",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'experiments' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)


class _Verbs(ModuleType):
    """This package: importing a submodule does not hide the function of the same name."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Verbs
