"""Modules and nouns under the names that they had before: they still work, and say so."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

MOVED = {
    "attribution.lift": "attribution.calibrated",
    "attribution.models": "attribution.registry",
    "experiments.case_study": "experiments.cases.smart_home",
    "experiments.cli": "tiermix.cli.main",
    "experiments.plots_plan": "experiments.report.charts.plan",
    "experiments.report_validation": "experiments.report.validation",
    "experiments.review": "experiments.comparison.review",
    "scenarios.rules": "scenarios.parts.rules",
}
"""Names that documentation and notebooks used. One that a verb has now cannot be among them."""

RENAMED = {
    "sim.Inside": "CommunityHandle",
    "sim.LivedYear": "CommunityYear",
    "sim.Seen": "Observed",
}
"""Names that a package offered, by package; what they are called there now."""


def current_name(package: str, name: str) -> str:
    """What a package calls this now; an old name warns whoever asks for it."""
    new = RENAMED.get(f"{package}.{name}")
    if new is None:
        return name
    warnings.warn(
        f"{package}.{name} is now {package}.{new}; the old name will go with the next edition",
        DeprecationWarning,
        stacklevel=3,
    )
    return new


class _Moved(MetaPathFinder, Loader):
    """Asked last of all, when no file has the name; what it gives is the module itself."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return ModuleSpec(fullname, self) if fullname in MOVED else None

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        old = module.__name__
        warnings.warn(
            f"{old} is now {MOVED[old]}; the old name will go with the next edition",
            DeprecationWarning,
            stacklevel=2,
        )
        sys.modules[old] = import_module(MOVED[old])


def know_old_names() -> None:
    """Let old names be imported in this process; more than once does nothing more."""
    if not any(isinstance(finder, _Moved) for finder in sys.meta_path):
        sys.meta_path.append(_Moved())
