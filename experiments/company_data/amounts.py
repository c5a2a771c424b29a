"""The figures of a table once they are read: by what they are, of whom, when and where."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import fsum, isnan

from experiments.company_data.vocabulary import CONTROL, ORDER_VALUE, POPULATION

Key = tuple[dt.date, str]
"""A period by its first day, and a region; '' where a table has no regions."""
Kind = tuple[str, str]
"""What is measured, and of which channel or control; '' of the company."""
MEANS = (CONTROL, POPULATION, ORDER_VALUE)
"""What is averaged where periods are put together; all else is added up."""


@dataclass
class Amounts:
    """Figures by kind and by period and region; what is not given is not there.

    `periods` in their order, each there if a row of the table is in it; `step` is day, week or
    month.
    """

    step: str = ""
    periods: list[dt.date] = field(default_factory=list)
    regions: list[str] = field(default_factory=list)
    channels: list[str] = field(default_factory=list)
    controls: list[str] = field(default_factory=list)
    by_kind: dict[Kind, dict[Key, float]] = field(default_factory=dict)

    def renamed(self, names: Mapping[str, str]) -> Amounts:
        """The same with channels called by these names; one that is there already keeps its own."""
        ours = {
            theirs: name
            for theirs, name in names.items()
            if theirs in self.channels and name not in self.channels
        }
        return replace(
            self,
            channels=[ours.get(name, name) for name in self.channels],
            by_kind={
                (what, name if what == CONTROL else ours.get(name, name)): figures
                for (what, name), figures in self.by_kind.items()
            },
        )

    def of(self, what: str, name: str = "") -> dict[Key, float]:
        """The figures of a kind; empty where there are none."""
        return self.by_kind.get((what, name), {})

    def has(self, what: str) -> bool:
        """Whether there is any figure of that kind, of whatever channel."""
        return any(kind == what and found for (kind, _), found in self.by_kind.items())

    def national(self, what: str, name: str = "") -> list[float]:
        """Figures by period over all regions, not a number where none is given."""
        mine: dict[dt.date, list[float]] = {period: [] for period in self.periods}
        for (period, _), value in self.of(what, name).items():
            mine[period].append(value)
        return [together(what, values) for values in mine.values()]

    def total(self, what: str, name: str = "") -> float:
        """The sum of all figures of a kind."""
        return fsum(self.of(what, name).values())

    def places(self) -> list[Key]:
        """Periods and regions in their order."""
        return [(period, region) for period in self.periods for region in self.regions]


def together(what: str, values: Sequence[float]) -> float:
    """Figures of one kind put together: sums, exact whatever their order; means of levels."""
    if len(values) == 1:
        return values[0]
    given = [value for value in values if not isnan(value)]
    if not given:
        return float("nan")
    return fsum(given) / len(given) if what in MEANS else fsum(given)
