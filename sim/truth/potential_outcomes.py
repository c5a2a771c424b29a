"""Potential outcomes: what each customer would have bought with a unit and without it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from scenarios import MediaPlan, Scenario
from sim.engine.counts import row_kinds
from sim.market.arms import read_arms
from sim.market.living import Attachment
from sim.market.setting import Arm, Setting
from sim.market.simulate import checked_customers, checked_plan, checked_seed
from sim.output.year import CommunityYear
from sim.parallel import Workers
from sim.setup.communities import population_of
from sim.truth.ground_truth import Over, units_of
from tiermix.core.arrays import Bools, Codes, Floats, Ints
from tiermix.core.figures import number
from tiermix.core.notebook import frame_rows, html_table, text_table
from tiermix.core.progress import Progress

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("both", "only_with", "only_without", "neither")


@dataclass(frozen=True)
class PotentialOutcomes:
    """Orders and value [1 + U, N] of each of N customers: with everything, then without each unit.

    The planned year and `tail_days` after it; a customer who moves away hands the place on to a
    newcomer, as everywhere in the market. `weight` people stand behind each customer. Only one of
    two outcomes could ever be seen, so how they go together depends on the coupling: here both
    years share all luck that the unit does not touch. Differences of totals are `removal` and need
    no coupling; counts of who buys *only* with or without a unit do, and another coupling would
    give others.
    """

    scenario: Scenario
    units: tuple[str, ...]
    community: Ints
    number: Ints
    persona: Codes
    orders: Codes
    value: Floats
    weight: float
    tail_days: int = 0

    def frame(self, unit: str) -> pd.DataFrame:
        """A row per customer; `customer_id` is that of the table of truth of a run of this seed."""
        import pandas as pd

        place = 1 + self.units.index(unit)
        names = np.array([persona.name for persona in self.scenario.personas])
        pairs = zip(self.community, self.number, strict=True)
        return pd.DataFrame(
            {
                "customer_id": [f"{community}-{number}" for community, number in pairs],
                "community": self.community,
                "persona": names[self.persona],
                "orders_with": self.orders[0],
                "orders_without": self.orders[place],
                "value_with": self.value[0],
                "value_without": self.value[place],
            }
        )

    @cached_property
    def table(self) -> pd.DataFrame:
        """People of the market by unit: `both, only_with, only_without, neither`, each with `_se`.

        `both` buy in either market, `neither` in none. Errors are over communities.
        """
        import pandas as pd

        rows = []
        for place, unit in enumerate(self.units, start=1):
            row: dict[str, Any] = {"unit": unit}
            for kind, members in zip(KINDS, self._members(place), strict=True):
                row[kind] = float(members.sum()) * self.weight
                row[f"{kind}_se"] = self._se(members)
            rows.append(row)
        return pd.DataFrame(rows)

    def __repr__(self) -> str:
        return f"{self._caption}\n{text_table(*frame_rows(self.table))}"

    def _repr_html_(self) -> str:
        return html_table(*frame_rows(self.table), caption=self._caption, rest=".table")

    @property
    def _caption(self) -> str:
        more = f" and {self.tail_days} days after it" if self.tail_days else ""
        people = f"{len(self.number):,} customers, each for {number(self.weight)} people"
        return f"{people}; the planned year{more}"

    def _members(self, place: int) -> tuple[Bools, Bools, Bools, Bools]:
        with_it, without = self.orders[0] > 0, self.orders[place] > 0
        return with_it & without, with_it & ~without, ~with_it & without, ~with_it & ~without

    def _se(self, members: Bools) -> float:
        """Of a sum over communities, whose sizes are not noise (ratio estimator)."""
        found, people = np.bincount(self.community, members), np.bincount(self.community)
        residual = found - found.sum() / people.sum() * people
        groups = len(people)
        return float(self.weight * np.sqrt(groups / (groups - 1) * (residual**2).sum()))


def potential_outcomes(
    scenario: Scenario,
    *,
    seed: int,
    over: Over = "channels",
    plan: MediaPlan | None = None,
    customers: int | None = None,
    within_year: bool = False,
    attachments: tuple[Attachment, ...] = (),
    workers: Workers = None,
    progress: Progress | None = None,
) -> PotentialOutcomes:
    """Every customer's year with everything and without each unit; `over` as in `ground_truth`.

    The year and its tail, `within_year` without the tail; `attachments` as in `simulate`.
    Raises `RunError`.
    """
    plan, units = checked_plan(scenario, plan), units_of(scenario, over)
    count = checked_customers(scenario, customers)
    setting = Setting(
        everybody_seen(scenario), count, checked_seed(seed), logging=True, attachments=attachments
    )
    asked = [Arm(plan), *(Arm(plan, off) for off in units.values())]
    tail = 0 if within_year else scenario.defaults.tail_days
    found = read_arms([setting], asked, _bought, tail=tail, workers=workers, progress=progress)[0]
    orders, value = (
        np.concatenate([np.stack([arm[k] for arm in arms]) for arms in found], axis=1)
        for k in (0, 1)
    )
    communities = setting.layout.communities
    return PotentialOutcomes(
        scenario=scenario,
        units=tuple(units),
        community=np.repeat([c.number for c in communities], [c.people for c in communities]),
        number=np.concatenate([np.arange(c.people) for c in communities]),
        persona=np.concatenate([population_of(scenario, c, seed)["persona"] for c in communities]),
        orders=orders,
        value=value,
        weight=setting.layout.weight,
        tail_days=tail,
    )


def _bought(_: Setting, year: CommunityYear) -> tuple[Codes, Floats]:
    """Orders and their value by customer of a community, from its log."""
    sold = year.raw_rows[year.raw_rows["kind"] == row_kinds.ORDER]
    people = year.community.people
    orders = np.bincount(sold["customer"], minlength=people).astype(np.int16)
    value = np.bincount(sold["customer"], sold["value"] / 100.0, minlength=people)
    return orders, np.asarray(value, dtype=float)


def everybody_seen(scenario: Scenario) -> Scenario:
    """The same market with everybody's consent: who is seen changes nothing that happens."""
    data = scenario.model_dump(mode="json")
    data["integration"]["consent"] = 1.0
    return Scenario.model_validate(data)
