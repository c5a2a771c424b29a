"""What a year has brought so far: money by channel and outcomes of the company, by period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from experiments.company_data.result import CheckedTable
from experiments.company_data.vocabulary import CLICKS, LEADS, ORDERS, REVENUE, SPEND
from experiments.year_review.controls import demand_of, remarks_on
from scenarios import MediaPlan, Scenario
from tiermix.core.arrays import Floats
from tiermix.core.errors import TiermixError
from tiermix.core.hints import hint

if TYPE_CHECKING:
    import pandas as pd

OUTCOMES = {"conversions": ORDERS, "revenue": REVENUE, "leads": LEADS}
"""KPIs that a company's table may have, and what they are called there."""
CUT = 6  # days that a month may lack where weeks are cut by its ends
LEAST_PERIODS = 4
NO_COMPANY = ("direct", "friends")
"""Names under which the market books what no channel is paid for."""


class ReviewError(TiermixError):
    """Actuals that a year cannot be reviewed by: the sentence names the value and the remedy."""


@dataclass(frozen=True)
class Actuals:
    """P periods (weeks or months) that lie in the planned year, over R regions.

    `days` [P, M] are the days that each period has in each planned month; `spend` [R, P, C] is by
    plannable channel, `clicks` [P, C] of all regions (not a number where none are given),
    `outcomes` [R, P] by KPI. `remarks` say what was left out. `demand` [P] is by how much demand
    is another by the controls that periods had than by those that the scenario assumes of them.
    """

    source: str
    step: str
    months: tuple[str, ...]
    channels: tuple[str, ...]
    regions: tuple[str, ...]
    starts: tuple[dt.date, ...]
    days: Floats
    lengths: Floats
    spend: Floats
    clicks: Floats
    outcomes: Mapping[str, Floats]
    remarks: tuple[str, ...] = ()
    demand: Floats = field(default_factory=lambda: np.ones(1))

    @property
    def passed(self) -> int:
        """How many planned months are over: all their days are there, but for cut weeks."""
        lacking = self.lengths - self.days.sum(axis=0)
        return int(np.argmax(np.append(lacking > CUT, True)))

    def nation(self) -> Actuals:
        """The same with all regions added up."""
        outcomes = {kpi: seen.sum(axis=0, keepdims=True) for kpi, seen in self.outcomes.items()}
        spend = self.spend.sum(axis=0, keepdims=True)
        return replace(self, regions=("",), spend=spend, outcomes=outcomes)

    @property
    def kpi(self) -> str:
        """The outcome that channels are judged by: orders, which scatter less than money."""
        return next(kpi for kpi in OUTCOMES if kpi in self.outcomes)

    def spent(self, plan: MediaPlan) -> MediaPlan:
        """The plan with the passed months as they were spent.

        A week's money lies in its months as the plan's daily money does; a month that lacks days
        is filled up at its own rate.
        """
        amounts, passed = plan.amounts.copy(), self.passed
        for c, name in enumerate(self.channels):
            row = plan.channels.index(name)
            month = self.money_shares(plan.of(name)).T @ self.spend[..., c].sum(axis=0)
            amounts[row, :passed] = month[:passed] / self.covered[:passed]
        return MediaPlan(plan.channels, plan.months, amounts)

    def money_shares(self, planned: Floats) -> Floats:
        """Which share of each period's money is of which month [P, M], as a plan has it [M]."""
        weight = self.days * (planned / self.lengths)
        weight = np.where(weight.sum(axis=1, keepdims=True) > 0, weight, self.days)
        share: Floats = weight / weight.sum(axis=1, keepdims=True)
        return share

    @property
    def covered(self) -> Floats:
        """The share of each month's days that the periods have [M]."""
        share: Floats = np.maximum(self.days.sum(axis=0) / self.lengths, 1e-9)
        return share

    def by_month(self, kpi: str) -> Floats:
        """An outcome by passed month [passed], all regions, each month filled up."""
        daily = self.days / self.days.sum(axis=1, keepdims=True)
        found: Floats = (daily.T @ self.outcomes[kpi].sum(axis=0)) / self.covered
        return found[: self.passed]


def actuals_of(table: CheckedTable, scenario: Scenario) -> Actuals:
    """The part of a checked table that lies in the scenario's planned year.

    Raises `ReviewError` for channels that the scenario does not know, a table without money or
    outcomes, and one that does not start with the planned year.
    """
    amounts = table.amounts.renamed(scenario.other_names)
    spends = [name for name in amounts.channels if amounts.total(SPEND, name) > 0]
    _check_channels(spends, scenario, table.source)
    kept = [p for p in amounts.periods if _inside(p, amounts.step, scenario)]
    regions = tuple(amounts.regions)

    def grid(what: str, name: str = "") -> Floats:
        given = amounts.of(what, name)
        return np.array([[given.get((p, r), 0.0) for p in kept] for r in regions])

    outcomes = {kpi: grid(what) for kpi, what in OUTCOMES.items() if amounts.has(what)}
    if not outcomes or not spends:
        lacks = "spend of any channel" if outcomes else "orders, revenue or leads"
        raise ReviewError(f"{table.source}: has no {lacks}; a year is reviewed by both.")
    names = tuple(scenario.plannable)
    spend = np.stack([grid(SPEND, name) for name in names], axis=-1)
    clicks = [
        grid(CLICKS, n).sum(axis=0) if amounts.of(CLICKS, n) else np.full(len(kept), np.nan)
        for n in names
    ]
    others = [name for name in spends if name not in names]
    left = (f"not planned, so left as it is: {', '.join(others)}",) if others else ()
    remarks = (*left, *remarks_on(scenario, amounts))
    made = _made(
        scenario, table.source, amounts.step, regions, kept,
        spend, np.stack(clicks, axis=-1), outcomes, remarks,
    )  # fmt: skip
    lengths = [_length(start, amounts.step) for start in kept]
    demand = demand_of(scenario, amounts, kept, lengths)
    return _checked(replace(made, demand=demand), scenario)


def last_year_in(table: CheckedTable, scenario: Scenario) -> dict[str, float]:
    """Outcomes of the year before and of its quarters (`revenue@Q4`), where the table has them all.

    For goals that are a change on last year.
    """
    amounts, months = table.amounts, tuple(scenario.history_months)
    day_count = np.array([scenario.days_in(month) for month in months], dtype=float)
    days = np.array([_days_by_month(p, amounts.step, months) for p in amounts.periods])
    covered = days.sum(axis=0)
    if len(months) != 12 or (day_count - covered > CUT).any():
        return {}
    share = days / np.array([_length(p, amounts.step) for p in amounts.periods])[:, None]
    found = {}
    for kpi, what in OUTCOMES.items():
        if amounts.has(what):
            seen = np.nan_to_num(np.array(amounts.national(what)))
            month = (share.T @ seen) * day_count / covered
            found[kpi] = float(month.sum())
            found |= {f"{kpi}@Q{q + 1}": float(x) for q, x in enumerate(month.reshape(4, 3).sum(1))}
    return found


def actuals_from(aggregates: pd.DataFrame, scenario: Scenario, until: dt.date) -> Actuals:
    """The same from the weekly aggregates of a market that has lived up to the day `until`.

    Nothing but what a company sees: spend, clicks, and outcomes by region, whatever channel the
    session came from.
    """
    import pandas as pd

    table = aggregates.assign(week=pd.to_datetime(aggregates["week"]).dt.date)
    weeks = [w for w in sorted(table["week"].unique()) if _inside(w, "week", scenario)]
    weeks = [w for w in weeks if w + dt.timedelta(7) <= until]
    regions = tuple(sorted(table["region"].astype(str).unique()))
    index = pd.MultiIndex.from_product([regions, weeks])
    keys = [table["region"].astype(str), "week"]
    sums = table.groupby(keys)[["conversions", "revenue"]].sum().reindex(index).fillna(0.0)
    shape = (len(regions), len(weeks))
    outcomes: dict[str, Floats] = {
        str(kpi): sums[kpi].to_numpy(float).reshape(shape) for kpi in sums
    }
    names = tuple(scenario.plannable)
    spend, clicks = np.zeros((*shape, len(names))), np.zeros((*shape, len(names)))
    for c, name in enumerate(names):
        mine = table[table["channel"].astype(str) == name]
        found = mine.groupby([mine["region"].astype(str), "week"])[["spend", "clicks"]].sum()
        both = found.reindex(index).fillna(0.0)
        spend[..., c] = both["spend"].to_numpy(float).reshape(shape)
        clicks[..., c] = both["clicks"].to_numpy(float).reshape(shape)
    return _made(
        scenario, "the year so far", "week", regions, weeks, spend, clicks.sum(axis=0), outcomes, ()
    )


def _made(
    scenario: Scenario,
    source: str,
    step: str,
    regions: tuple[str, ...],
    starts: Sequence[dt.date],
    spend: Floats,
    clicks: Floats,
    outcomes: Mapping[str, Floats],
    remarks: tuple[str, ...],
) -> Actuals:
    months = tuple(scenario.months)
    days = np.array([_days_by_month(p, step, months) for p in starts]).reshape(-1, len(months))
    lengths = np.array([scenario.days_in(month) for month in months], dtype=float)
    return Actuals(
        source, step, months, tuple(scenario.plannable), regions, tuple(starts), days, lengths,
        spend, clicks, outcomes, remarks,
    )  # fmt: skip


def _last(start: dt.date, step: str) -> dt.date:
    """A period's last day."""
    if step == "month":
        return (start.replace(day=1) + dt.timedelta(32)).replace(day=1) - dt.timedelta(1)
    return start + dt.timedelta(6)


def _inside(start: dt.date, step: str, scenario: Scenario) -> bool:
    """Whether a period lies in the planned year; a week that its ends cut does not."""
    first, last = scenario.months[0], scenario.months[-1]
    return f"{start:%Y-%m}" >= first and f"{_last(start, step):%Y-%m}" <= last


def _length(start: dt.date, step: str) -> int:
    return (_last(start, step) - start).days + 1


def _days_by_month(start: dt.date, step: str, months: Sequence[str]) -> list[int]:
    count = _length(start, step)
    named = [f"{start + dt.timedelta(n):%Y-%m}" for n in range(count)]
    return [named.count(month) for month in months]


def _check_channels(names: Sequence[str], scenario: Scenario, source: str) -> None:
    known = [channel.name for channel in scenario.channels]
    for name in names:
        if name not in known and name not in NO_COMPANY:
            raise ReviewError(
                f"{source}: has money of {name!r}, a channel that {scenario.name} does not have; "
                f"{hint(name, known)}. Call it there as here, or take it out."
            )


def _checked(actuals: Actuals, scenario: Scenario) -> Actuals:
    """The actuals, if they begin with the planned year, have no hole, and the year is not over."""
    months, source = scenario.months, actuals.source
    if actuals.passed == 0:
        there = f"{actuals.starts[0]} to {actuals.starts[-1]}" if actuals.starts else "none"
        raise ReviewError(
            f"{source}: no planned month is there from its first day to its last (periods of the "
            f"year {months[0]} to {months[-1]}: {there}); bring all periods from {months[0]} on, "
            "or use the scenario whose year it is."
        )
    if actuals.passed == len(months):
        raise ReviewError(
            f"{source}: all of {months[0]} to {months[-1]} is over, and nothing is left to be "
            "planned again; leave out the months to come, or plan the next year."
        )
    if actuals.step == "week" and len(actuals.starts) < LEAST_PERIODS:
        raise ReviewError(
            f"{source}: has {len(actuals.starts)} weeks; bring at least {LEAST_PERIODS}."
        )
    last = actuals.starts[-1]
    if (gap := _hole(actuals)) is not None:
        raise ReviewError(f"{source}: {gap} is missing before {last}; add it, with 0 for nothing.")
    return actuals


def _hole(actuals: Actuals) -> dt.date | None:
    """The first period that lacks between the first and the last one."""
    ends = [_last(start, actuals.step) + dt.timedelta(1) for start in actuals.starts]
    pairs = zip(ends, actuals.starts[1:], strict=False)
    return next((end for end, start in pairs if end != start), None)
