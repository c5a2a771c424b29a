"""From a checked table to a scenario of the company's own that can be checked and fitted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from experiments.company_data.canonical import history_text
from experiments.company_data.doubts import TableError
from experiments.company_data.result import CheckedTable
from experiments.company_data.vocabulary import ORDERS
from experiments.own_scenario.build import Assumed, Row, body_of
from experiments.own_scenario.channel_kinds import slugs
from experiments.own_scenario.year import LastYear, last_year
from scenarios import Scenario, load_scenario
from sim import Workers, simulate
from tiermix.core import limits
from tiermix.core.progress import Progress

CUSTOMERS, ROUNDS = 1500, 3
"""Customers and rounds of the search for the market's size: a start, which a fit refines."""
SMALLEST, LARGEST = 1000, 1.5e9
"""People of a market; the largest nation has 1.4 thousand million."""
LONGEST_WORD = 40
"""Letters of what a scenario counts."""
MANY = "more people than a nation has would have to buy otherwise; money and shares are the same"
MOST_MET = 3.0
"""People cannot be met much more often than the base has it: the rest is for the fit to say."""


@dataclass(frozen=True)
class OwnScenario:
    """A scenario's file as data, what is assumed in it, and the history in its own names."""

    body: dict[str, Any]
    assumed: tuple[Row, ...]
    history: str
    names: dict[str, str]


def scenario_from_table(
    table: CheckedTable,
    extends: str = "retail",
    *,
    name: str = "company",
    currency: str | None = None,
    market_size: float | None = None,
    seed: int = 1,
    workers: Workers = None,
    progress: Progress | None = None,
) -> OwnScenario:
    """A small scenario with the company's channels, years, seasons, money and size.

    Who the people are and what channels do to them stays the base's, which the file extends.
    Without `market_size` the number of people is the one at which the market's last year has the
    company's orders. Raises `TableError` for a table that cannot be one.
    """
    try:
        year = last_year(table.amounts)
    except TableError as error:
        raise TableError(f"{table.source}: {error}") from None
    _check(table, year)
    names = slugs(list(year.spend))
    base = load_scenario(extends)
    asked: dict[str, Any] = {"name": name, "currency": currency}

    def made(size: Size, assumed: Assumed) -> dict[str, Any]:
        how: dict[str, Any] = {"market_size": size.people, "peaks": size.peaks, "assumed": assumed}
        how["outcome"] = packed(table.counted, size.pack)
        return body_of(base, extends, table.amounts, year.packed(size.pack), names, **how, **asked)

    shown = {names[theirs]: count for theirs, count in year.impressions.items()}
    size = _size(base, made, year.orders, shown, market_size, seed, workers, progress)
    assumed = Assumed()
    body = made(size, assumed)
    _say_size(size, year, table.counted, assumed, given=market_size is not None)
    for left in sorted(set(table.amounts.channels) - set(names)):
        assumed.say(f"channel {left}", "left out", "no money in the last twelve months")
    return OwnScenario(body, tuple(assumed.rows), _history(table, names, size.pack), names)


def _say_size(size: Size, year: LastYear, counted: str, assumed: Assumed, *, given: bool) -> None:
    """Why the market has so many people, and why several of the table's orders count as one."""
    found = f"so many have the table's {year.orders:,.0f} orders a year, if they buy as the base's"
    if size.pack > 1:
        found += f" and an order is {size.pack:,} of the table's"
        assumed.say("outcome", packed(counted, size.pack), MANY)
    assumed.say("market_size", f"{size.people:,.0f}", "you said so" if given else found)


def _check(table: CheckedTable, year: LastYear) -> None:
    count = len(year.spend)
    if not count:
        raise TableError(
            f"{table.source}: no channel has money in the last twelve months; a scenario needs one."
        )
    if count > limits.CHANNELS - 2:
        raise TableError(
            f"{table.source}: {count} channels have money, and a scenario may have "
            f"{limits.CHANNELS - 2}; put some together, as in --map spend.other=COLUMN."
        )
    if not (year.orders > 0 and year.revenue > 0):
        raise TableError(
            f"{table.source}: orders {year.orders:,.0f} and revenue {year.revenue:,.0f} of the "
            "last twelve months; both have to be above 0."
        )


@dataclass(frozen=True)
class Size:
    """People of a market, and by how much each channel meets them more often than the base's.

    An order of the market is `pack` of the table's.
    """

    people: float
    peaks: Mapping[str, float]
    pack: int = 1


def _size(
    base: Scenario,
    made: Callable[[Size, Assumed], dict[str, Any]],
    orders: float,
    shown: Mapping[str, float],
    given: float | None,
    seed: int,
    workers: Workers,
    progress: Progress | None,
) -> Size:
    """The size at which the company would have its orders and its impressions of a year.

    If people bought as the base's do; where the number of people is given it stays.
    """
    size = Size(given or max(base.market_size, float(SMALLEST)), {})
    if given and not shown:
        return size
    for step in range(ROUNDS):
        if progress:
            progress("market size", step, ROUNDS)
        scenario = Scenario.model_validate(_laid(base, made(size, Assumed())))
        customers = int(min(CUSTOMERS, size.people))
        run = simulate(scenario, seed=seed, customers=customers, workers=workers)
        seen = run.history.aggregates.groupby("channel", observed=True)["impressions"].sum()
        sold = float(run.history.aggregates["conversions"].sum())
        if not sold > 0:
            raise TableError("no simulated customer orders anything; choose another base.")
        wanted = size.people * orders / (sold * size.pack)
        pack = size.pack if given else _pack(size, wanted, seen, shown)
        people = given or max(float(f"{wanted * size.pack / pack:.3g}"), float(SMALLEST))
        grown = people / size.people
        peaks = {
            name: _peak(size.peaks.get(name, 1.0), count, grown * float(seen.get(name, 0.0)))
            for name, count in shown.items()
        }
        size = Size(people, peaks, pack)
    if progress:
        progress("market size", ROUNDS, ROUNDS)
    return size


def _pack(size: Size, wanted: float, seen: Any, shown: Mapping[str, float]) -> int:
    """How many of the table's orders are one: several where no nation has the people `wanted`.

    There are then as many people as the table's impressions meet as often as the base's, else as
    many as in the base.
    """
    if wanted <= LARGEST or size.pack > 1:
        return size.pack
    met = [count / float(seen[name]) for name, count in shown.items() if seen.get(name, 0.0) > 0]
    people = size.people * float(np.median(met)) if met else size.people
    people = min(max(people, float(SMALLEST)), LARGEST)
    return max(int(float(f"{wanted / people:.1g}")), 1)


def packed(counted: str, pack: int) -> str:
    """What is counted, where several of the table's are one."""
    return counted if pack == 1 else f"packs of {pack:,} {counted}"[:LONGEST_WORD].rstrip()


def _peak(now: float, wanted: float, seen: float) -> float:
    """A factor on a channel's peak that brings it the impressions that are wanted."""
    return float(f"{min(now * wanted / seen, MOST_MET):.3g}") if seen > 0 else now


def _laid(base: Scenario, body: dict[str, Any]) -> dict[str, Any]:
    """The body over its base, as a file that extends it is read."""
    from scenarios import laid_over

    above = {key: value for key, value in body.items() if key != "extends"}
    return dict(laid_over(base.model_dump(mode="json"), above))


def _history(table: CheckedTable, names: dict[str, str], pack: int) -> str:
    """The history in the scenario's names; channels that it does not have are left out."""
    by_kind = {
        (what, names.get(name, name)): found
        for (what, name), found in table.amounts.by_kind.items()
    }
    if pack > 1:
        whole = by_kind[ORDERS, ""]
        by_kind[ORDERS, ""] = {key: value / pack for key, value in whole.items()}
    return history_text(replace(table.amounts, channels=sorted(names.values()), by_kind=by_kind))
