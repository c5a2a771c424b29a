"""Dials: one thing about a market or its log, turned step by step, everything else left alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.study import StudyError
from scenarios import Scenario, build_scenario

CUSTOMERS, LOOKBACK, HAND_OFFS = "customers", "lookback", "hand_offs"


@dataclass(frozen=True)
class Dial:
    """A dial and where it is set: what it is in words, its values, the fields that it sets.

    `customers` takes multiples of the customers asked for; `lookback` takes days; `hand_offs`
    multiplies the chances of all hand-offs between channels.
    """

    name: str
    words: str
    values: tuple[float, ...]
    paths: tuple[str, ...] = ()

    def turned(self, world: Scenario, value: float) -> Scenario:
        """The world with the dial at a value."""
        if self.name == HAND_OFFS:
            return _with_hand_offs(world, value)
        if not self.paths:
            return world
        data = world.model_dump(mode="json")
        return build_scenario(data, dict.fromkeys(self.paths, value), f"dial {self.name}")

    def customers(self, count: int, value: float) -> int:
        """How many customers are simulated at a value."""
        return max(round(count * value), 2) if self.name == CUSTOMERS else count


SHARES = (0.0, 0.5, 1.0)
DIALS: dict[str, Dial] = {
    dial.name: dial
    for dial in (
        Dial(
            "selection",
            "how far search and retargeting meet those who would buy anyway",
            SHARES,
            ("search.selection", "channels.*.selection"),
        ),
        Dial(
            "integration.resolution",
            "chance that an identifier is linked to its person",
            (0.0, 0.5, 1.0),
            ("integration.resolution",),
        ),
        Dial(
            "integration.view_visibility",
            "share of impressions that the log can see",
            (0.0, 0.5, 1.0),
            ("integration.view_visibility",),
        ),
        Dial(HAND_OFFS, "hand-offs between channels, relative to the scenario", (0.0, 1.0, 2.0)),
        Dial("synergy", "gain when themes agree", (0.0, 0.25, 0.5), ("behaviour.theme_gain",)),
        Dial(CUSTOMERS, "sample size, relative to the customers asked for", (0.25, 1.0, 4.0)),
        Dial(LOOKBACK, "days that models of paths look back", (1.0, 7.0, 30.0, 365.0)),
    )
}


def dial_of(name: str, values: Sequence[float] | None = None) -> Dial:
    """A dial by name, or any number of the scenario by its dotted path; with values of one's own.

    Raises `StudyError` for a path without values.
    """
    known = DIALS.get(name)
    if known is None and not values:
        raise StudyError(
            f"dial: '{name}' has no values of its own; give some, or use one of {', '.join(DIALS)}"
        )
    if known is None:
        return Dial(name, name, tuple(values or ()), (name,))
    return Dial(known.name, known.words, tuple(values or known.values), known.paths)


def _with_hand_offs(world: Scenario, factor: float) -> Scenario:
    """Every hand-off times a factor, kept below what is left beside the way to our own place."""
    overrides = {}
    for channel in world.channels:
        total = sum(channel.hand_offs.values())
        room = (1.0 - channel.click_through) / total if total > 0 else factor
        for name, share in channel.hand_offs.items():
            path = f"channels.{channel.name}.hand_offs.{name}"
            overrides[path] = share * min(factor, room)
    return build_scenario(world.model_dump(mode="json"), overrides, "dial hand_offs")
