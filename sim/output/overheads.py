"""Overheads: the money beside media - content, systems that integrate, the desk - by day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from scenarios import Asset, Scenario
from sim.output.market_year import MarketYear
from tiermix.core.arrays import Floats

KINDS = ("content", "integration", "desk")


@dataclass(frozen=True)
class Overhead:
    """What one thing costs on each of the `days` of a year: money of the whole market."""

    kind: str
    name: str
    amounts: Floats


def overheads(scenario: Scenario, *, planned: bool) -> tuple[Overhead, ...]:
    """All overheads of the planned year, or of the history year; no luck is in them.

    An asset is paid on its day of release, with `adapt_cost` of its cost for each adaptation; an
    investment by the day from its start on, so that a whole year costs what it says, and once on
    that day; the desk by the office hours of all agents on its working days.
    """
    first = scenario.history_days if planned else 0
    days = scenario.year_days if planned else scenario.history_days
    found = (*_content(scenario, first, days), *_integration(scenario, first, days))
    return tuple(o for o in (*found, *_desk(scenario, first, days)) if o.amounts.any())


def overhead_by_day(year: MarketYear) -> Floats:
    """Money of the whole market on each day of the year's twelve months; 0 on days to come."""
    planned = year.first_day > 0
    scenario = year.scenario
    total = np.zeros(scenario.year_days if planned else scenario.history_days)
    for overhead in overheads(scenario, planned=planned):
        total += overhead.amounts
    total[year.days :] = 0.0
    return total


def overhead_by_month(year: MarketYear) -> Floats:
    """The same by month [12]."""
    ends = np.cumsum([year.scenario.days_in(month) for month in year.months])[:-1]
    return np.array([part.sum() for part in np.split(overhead_by_day(year), ends)])


def asset_cost(scenario: Scenario, asset: Asset) -> float:
    """Making it, and adapting it to its other channels."""
    return asset.cost * (1.0 + scenario.content.adapt_cost * len(asset.adapted_to))


def _content(scenario: Scenario, first: int, days: int) -> Iterator[Overhead]:
    for asset in scenario.content.assets:
        day = scenario.day_of(asset.release) - first
        if 0 <= day < days:
            amounts = np.zeros(days)
            amounts[day] = asset_cost(scenario, asset)
            yield Overhead("content", asset.name, amounts)


def _integration(scenario: Scenario, first: int, days: int) -> Iterator[Overhead]:
    for investment in scenario.investments:
        day = np.arange(days) + first - scenario.day_of(investment.start)
        amounts = np.where(day >= 0, investment.yearly_cost / days, 0.0)
        amounts[day == 0] += investment.one_off_cost
        yield Overhead("integration", investment.name, amounts)


def _desk(scenario: Scenario, first: int, days: int) -> Iterator[Overhead]:
    desk = scenario.desk
    weekday = (scenario.history_start.weekday() + first + np.arange(days)) % 7
    daily = desk.agents * (desk.closes - desk.opens) * desk.hourly_wage
    yield Overhead("desk", desk.channel or "desk", np.where(weekday < desk.weekdays, daily, 0.0))
