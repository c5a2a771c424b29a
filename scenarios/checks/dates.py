"""What has to hold of days: everything lies in the market's years, and factors stay in bounds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from scenarios.parts.base import Stretch
from scenarios.parts.calendar import product_by_day
from scenarios.parts.controls import controlled_needs
from tiermix.core.arrays import Floats

if TYPE_CHECKING:
    from scenarios.data import ScenarioData
    from scenarios.parts.channels import Channel

MOST, DEAREST = 20.0, 1000.0
"""The largest factor on needs or attention, and on prices, of all that holds on one day."""
DAY = dt.timedelta(1)


def date_problems(scenario: ScenarioData) -> Iterator[str]:
    """Sentences about days."""
    for check in (_calendar, _field, _assets, _investments, _rule_days, _factors):
        yield from check(scenario)


def last_day(scenario: ScenarioData) -> dt.date:
    """The last day that any market lives: a tail takes at most a year."""
    return scenario.start.replace(year=scenario.start.year + 2) - DAY


def _outside(scenario: ScenarioData, field: str, first: dt.date, last: dt.date) -> Iterator[str]:
    end = last_day(scenario)
    if last < scenario.history_start or first > end:
        yield (
            f"{field} ({first} to {last}) lies outside the market's years, "
            f"{scenario.history_start} to {end}; move or remove it"
        )


def _calendar(scenario: ScenarioData) -> Iterator[str]:
    for kind in ("seasons", "rivals", "shocks", "offers", "controls"):
        for part in getattr(scenario, kind):
            yield from _outside(scenario, f"{kind}.{part.name}", part.start, part.end)


def _field(scenario: ScenarioData) -> Iterator[str]:
    for channel in scenario.channels:
        dates = sorted(channel.dates, key=lambda stretch: stretch.start)
        for stretch in dates:
            field = f"channels.{channel.name}.dates"
            yield from _outside(scenario, field, stretch.start, stretch.end)
        for one, other in pairwise(dates):
            if other.start <= one.end:
                yield (
                    f"channels.{channel.name}.dates: {other.start} lies within the stretch from "
                    f"{one.start} to {one.end}; join the two"
                )


def _assets(scenario: ScenarioData) -> Iterator[str]:
    end = last_day(scenario)
    released: dict[tuple[str, dt.date], str] = {}
    for asset in scenario.content.assets:
        field = f"content.assets.{asset.name}"
        last = asset.until or max(asset.release, end)
        yield from _outside(scenario, field, asset.release, last)
        for channel in asset.channels:
            other = released.setdefault((channel, asset.release), asset.name)
            if other != asset.name:
                yield (
                    f"{field}.release: '{other}' is released to '{channel}' on {asset.release} "
                    "too, and a channel carries one at a time; move one of them"
                )


def _investments(scenario: ScenarioData) -> Iterator[str]:
    first, end = scenario.history_start, last_day(scenario)
    for item in scenario.investments:
        if item.start > end or (item.start <= first and item.before):
            yield (
                f"investments.{item.name}.start: {item.start} lies outside the market's years, "
                f"{first} to {end}, in which `before` could be seen; move it, or leave `before` "
                "out of a system that has been there all along"
            )


def _rule_days(scenario: ScenarioData) -> Iterator[str]:
    for rule in scenario.automation.rules:
        field = f"automation.rules.{rule.name}"
        if rule.day is not None:
            yield from _outside(scenario, f"{field}.day", rule.day, rule.day)
            if (rule.day.month, rule.day.day) == (2, 29):
                yield f"{field}.day: {rule.day} is no day of every year; use 28 February or 1 March"
        longest = rule.wait + (scenario.behaviour.lapse_days if rule.when == "lapse" else 0.0)
        if longest > 730:
            yield (
                f"{field}: its message would fall due after {longest:,.0f} days, when both years "
                "are over; shorten `wait` (or `behaviour.lapse_days`), or remove the rule"
            )


def _product(scenario: ScenarioData, stretches: Iterable[Stretch], field: str) -> Floats:
    """Product of a field on each day of the market's years."""
    days = scenario.day_of(last_day(scenario)) + 1
    return product_by_day(stretches, field, scenario.history_start, days)


def needs_and_attention(scenario: ScenarioData) -> dict[str, Floats]:
    """Factor of each day on needs, should every shock happen, and on attention."""
    needs = _product(scenario, [*scenario.seasons, *scenario.shocks], "needs")
    return {
        "needs": needs * controlled_needs(scenario.controls, scenario.history_start, len(needs)),
        "attention": _product(scenario, scenario.seasons, "attention"),
    }


def _factors(scenario: ScenarioData) -> Iterator[str]:
    for name, factors in needs_and_attention(scenario).items():
        if factors.max() > MOST:
            day = scenario.history_start + int(factors.argmax()) * DAY
            told = ", effects of controls among them" if scenario.controls else ""
            yield (
                f"seasons.*.{name}: the factors that hold on {day} come to {factors.max():,.4g}"
                f"{told}, at most {MOST:g}; lower them or let them not overlap"
            )
        if factors.max() == 0.0:
            yield f"seasons.*.{name}: is 0 on every day of all years; leave some days above 0"
    for channel in scenario.channels:
        yield from _price_range(scenario, channel)


def _price_range(scenario: ScenarioData, channel: Channel) -> Iterator[str]:
    shocks = [shock for shock in scenario.shocks if shock.hits(channel.name)]
    prices = _product(scenario, [*scenario.seasons, *scenario.rivals, *shocks], "prices")
    for wrong in (prices.max(), prices.min()):
        if not 1.0 / DEAREST <= wrong <= DEAREST:
            yield (
                f"channels.{channel.name}: what seasons, rivals and shocks do to its prices comes "
                f"to a factor of {wrong:.4g} on some day; keep `prices` between {1 / DEAREST:g} "
                f"and {DEAREST:g}"
            )
