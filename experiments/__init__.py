"""Questions asked of all of it: strategies compared, curves measured, everything tracked.

Names are loaded when they are first used, so that the command line starts at once. `compare` and
`validate` are the functions, not the modules of the same name that they live in.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.calibrate import calibrate
    from experiments.compare import compare
    from experiments.history import history_of, read_history
    from experiments.job import main_job
    from experiments.lift import lift
    from experiments.measure import estimate_curves, measure_curves
    from experiments.refine import clairvoyant, refine
    from experiments.validate import validate

_HOMES = {
    "calibrate": "experiments.calibrate",
    "clairvoyant": "experiments.refine",
    "compare": "experiments.compare",
    "estimate_curves": "experiments.measure",
    "lift": "experiments.lift",
    "history_of": "experiments.history",
    "main_job": "experiments.job",
    "measure_curves": "experiments.measure",
    "read_history": "experiments.history",
    "refine": "experiments.refine",
    "validate": "experiments.validate",
}

__all__ = [
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
