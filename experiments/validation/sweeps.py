"""Sweeps: one thing about a market or its log over several values, everything else left alone."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from experiments.study import StudyError
from scenarios import Scenario, build_scenario

CUSTOMERS, LOOKBACK, HAND_OFFS = "customers", "lookback", "hand_offs"


@dataclass(frozen=True)
class Sweep:
    """One swept thing: what it is in words, its values, the fields of the scenario that it sets.

    `customers` takes multiples of the customers asked for; `lookback` takes days; `hand_offs`
    multiplies the chances of all hand-offs between channels.
    """

    name: str
    words: str
    values: tuple[float, ...]
    paths: tuple[str, ...] = ()

    def at(self, world: Scenario, value: float) -> Scenario:
        """The world at a value of the sweep."""
        if self.name == HAND_OFFS:
            return _with_hand_offs(world, value)
        if not self.paths:
            return world
        data = world.model_dump(mode="json")
        return build_scenario(data, dict.fromkeys(self.paths, value), f"sweep {self.name}")

    def customers(self, count: int, value: float) -> int:
        """How many customers are simulated at a value."""
        return max(round(count * value), 2) if self.name == CUSTOMERS else count


SHARES = (0.0, 0.5, 1.0)
SWEEPS: dict[str, Sweep] = {
    sweep.name: sweep
    for sweep in (
        Sweep(
            "selection",
            "how far search and retargeting meet those who would buy anyway",
            SHARES,
            ("search.selection", "channels.*.selection"),
        ),
        Sweep(
            "integration.resolution",
            "chance that an identifier is linked to its person",
            (0.0, 0.5, 1.0),
            ("integration.resolution",),
        ),
        Sweep(
            "integration.view_visibility",
            "share of impressions that the log can see",
            (0.0, 0.5, 1.0),
            ("integration.view_visibility",),
        ),
        Sweep(HAND_OFFS, "hand-offs between channels, relative to the scenario", (0.0, 1.0, 2.0)),
        Sweep("synergy", "gain when themes agree", (0.0, 0.25, 0.5), ("behaviour.theme_gain",)),
        Sweep(CUSTOMERS, "sample size, relative to the customers asked for", (0.25, 1.0, 4.0)),
        Sweep(LOOKBACK, "days that models of paths look back", (1.0, 7.0, 30.0, 365.0)),
    )
}


def sweep_of(name: str, values: Sequence[float] | None = None) -> Sweep:
    """A sweep by name, or any number of the scenario by its dotted path; with values of one's own.

    Raises `StudyError` for a path without values.
    """
    known = SWEEPS.get(name)
    if known is None and not values:
        raise StudyError(
            f"sweep: '{name}' has no values of its own; give some, or use one of "
            f"{', '.join(SWEEPS)}"
        )
    if known is None:
        return Sweep(name, name, tuple(values or ()), (name,))
    return Sweep(known.name, known.words, tuple(values or known.values), known.paths)


def __getattr__(name: str) -> Any:
    """Old names."""
    new = {"DIALS": "SWEEPS", "Dial": "Sweep", "dial_of": "sweep_of"}.get(name)
    if new is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    warnings.warn(f"{__name__}.{name} is now {new}", DeprecationWarning, stacklevel=2)
    return globals()[new]


def _with_hand_offs(world: Scenario, factor: float) -> Scenario:
    """Every hand-off times a factor, kept below what is left beside the way to our own place."""
    overrides = {}
    for channel in world.channels:
        total = sum(channel.hand_offs.values())
        room = (1.0 - channel.click_through) / total if total > 0 else factor
        for name, share in channel.hand_offs.items():
            path = f"channels.{channel.name}.hand_offs.{name}"
            overrides[path] = share * min(factor, room)
    return build_scenario(world.model_dump(mode="json"), overrides, "sweep hand_offs")
