"""Questions asked of all of it: strategies compared, curves measured, everything tracked.

Names are loaded when they are first used, so that the command line starts at once. `compare` and
`validate` are the functions, not the modules of the same name that they live in.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.compare import compare
    from experiments.job import main_job
    from experiments.lift import lift
    from experiments.measure import estimate_curves, measure_curves
    from experiments.refine import clairvoyant, refine
    from experiments.validate import validate

_HOMES = {
    "clairvoyant": "experiments.refine",
    "compare": "experiments.compare",
    "estimate_curves": "experiments.measure",
    "lift": "experiments.lift",
    "main_job": "experiments.job",
    "measure_curves": "experiments.measure",
    "refine": "experiments.refine",
    "validate": "experiments.validate",
}

__all__ = [
    "clairvoyant",
    "compare",
    "estimate_curves",
    "lift",
    "main_job",
    "measure_curves",
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
