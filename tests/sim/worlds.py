"""What happened in a small market, as plain tables.

`lived()` takes one community through the history year and hands back its rows and counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from scenarios import Scenario
from sim import Arm, Setting
from sim.engine.counts import channel_counts, person_counts, row_kinds
from sim.market.usual import Usual
from sim.output.year import PEOPLE_STATE, CommunityYear
from sim.setup.communities import Community, population_of
from tests.scenes import PEOPLE


@dataclass(frozen=True)
class Lived:
    """One community's history year: its rows as a table, its counts by name, its people."""

    scenario: Scenario
    year: CommunityYear
    population: np.ndarray[Any, Any]
    start: np.ndarray[Any, Any]
    first: int = 0
    usual: Usual | None = None

    @cached_property
    def rows(self) -> pd.DataFrame:
        """`time, customer, channel, kind, theme, identifier, value, margin`, in order."""
        rows = self.year.rows
        names = np.array([*(c.name for c in self.scenario.channels), None], dtype=object)
        return pd.DataFrame(
            {
                "time": rows["time"],
                "customer": rows["customer"].astype(int),
                "channel": names[np.maximum(rows["channel"], -1)],
                "kind": np.array(row_kinds.NAMES, dtype=object)[rows["kind"]],
                "theme": rows["theme"].astype(int),
                "identifier": rows["identifier"].astype(int),
                "value": rows["value"],
                "margin": rows["margin"],
            }
        )

    def of(self, kind: str, channel: str | None = None) -> pd.DataFrame:
        """The rows of one kind (and channel)."""
        mine = self.rows["kind"] == kind
        if channel is not None:
            mine &= self.rows["channel"] == channel
        return self.rows[mine]

    def by_person(self, kind: str, channel: str | None = None) -> np.ndarray[Any, Any]:
        """How many such rows each customer has."""
        return np.bincount(self.of(kind, channel)["customer"], minlength=len(self.population))

    def count(self, what: str, channel: str | None = None) -> int:
        """A count by channel, over the twelve months."""
        numbers = self.year.channel[:12, channel_counts.NAMES.index(what)].sum(axis=0)
        names = [c.name for c in self.scenario.channels]
        return int(numbers.sum() if channel is None else numbers[names.index(channel)])

    def people(self, what: str) -> int:
        """A count by persona, over the twelve months."""
        return int(self.year.people[:12, person_counts.NAMES.index(what)].sum())

    def end_states(self, what: str) -> int:
        """People in a state when the year ends."""
        return int(self.year.end_states[PEOPLE_STATE.index(what)].sum())

    def needs_by_month(self) -> np.ndarray[Any, Any]:
        """Needs that began, by month."""
        return self.year.people[:12, person_counts.NAMES.index("needs")].sum(axis=1)


def lived(
    scenario: Scenario, people: int = 2000, *, seed: int = 7, like: Lived | None = None
) -> Lived:
    """The history year of one community of so many people, alone in the market.

    What is usual in the market is asked of its pilot, or taken from a world `like` this one.
    """
    setting = Setting(scenario, people, seed, logging=True)
    if like:
        vars(setting)["usual"] = like.usual
    community = Community(0, 0, people)
    year, snapshot = setting.history(community)
    start = population_of(scenario, community, seed)
    return Lived(scenario, year, snapshot.population, start, usual=setting.usual)


def lived_on(scenario: Scenario, people: int = 2000, *, seed: int = 7, off: str = "") -> Lived:
    """The planned year of the same community, perhaps with a channel switched off."""
    setting = Setting(scenario, people, seed, logging=True)
    _, snapshot = setting.history(Community(0, 0, people))
    arm = Arm(scenario.reference_plan, frozenset({off} - {""}))
    year = setting.planned(snapshot, arm)
    return Lived(scenario, year, snapshot.population, snapshot.population, scenario.history_days)


def same(one: Lived, other: Lived, without: str = "") -> bool:
    """Whether two worlds have the same rows, one channel's own left out."""
    a, b = (w.rows[w.rows["channel"] != without].reset_index(drop=True) for w in (one, other))
    return a.equals(b)


def pressure(spend: float, half: float = 1.0, slope: float = 1.0) -> float:
    """Hill's law of a year's money, spent evenly over the market's people."""
    level = (spend / PEOPLE / half) ** slope
    return level / (1.0 + level)


def assert_near(value: float, expected: float, se: float, k: float = 4.0) -> None:
    """Within k standard errors; says by how many it is off."""
    assert se > 0
    z = (value - expected) / se
    assert abs(z) < k, f"{value:.6g} is {z:+.1f} standard errors from {expected:.6g}"


def assert_poisson(count: float, mean: float) -> None:
    """A count is as near to its mean as a Poisson count is."""
    assert_near(count, mean, np.sqrt(mean))


def assert_share(hits: float, of: float, chance: float) -> None:
    """A number of hits among trials is as near to its chance as a binomial count is."""
    assert of > 0
    assert_near(hits / of, chance, np.sqrt(max(chance * (1 - chance), 1e-12) / of))
