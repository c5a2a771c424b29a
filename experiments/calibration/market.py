"""The market under a company's own weekly spend, told by the company's own weeks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from experiments.calibration.control_effects import knowing
from experiments.calibration.history import LEAST_WEEKS, WEEK, History, LiftMoment
from experiments.calibration.history_file import HistoryError
from experiments.calibration.years import earlier_years, years_are_alike
from scenarios import Channel, Scenario
from sim import Setting, WeeklyCounts, Workers, open_days, watch_weeks
from tiermix.core.arrays import Floats
from tiermix.core.limits import MARKET_DAYS
from tiermix.core.progress import Progress
from tiermix.core.seeds import EARLIER_YEARS, seed_of

FIGURES = ("impressions", "clicks", "conversions", "revenue")
HEADROOM = 1.5
"""Messages are sent as rules ask and paid by number: in the market their money is no cap."""


def weeks_within(scenario: Scenario, history: History) -> tuple[History, int]:
    """The weeks that the market can live, and how many it cannot; `HistoryError`.

    Those in the scenario's two years; where its years are alike also the years before.
    """
    first, last = scenario.history_start, scenario.start.replace(year=scenario.start.year + 1)
    inside = [first <= week and week + WEEK <= last for week in history.weeks]
    count = sum(inside)
    if count < LEAST_WEEKS:
        year = _year_after(scenario, history)
        raise HistoryError(
            f"{history.source}: {count} of its weeks, {history.weeks[0]} to {history.weeks[-1]}, "
            f"lie in the years of {scenario.name}, {first} to {last - dt.timedelta(1)}; at least "
            f"{LEAST_WEEKS} are needed. Move it there by whole years, with its festivals: "
            f"moved(scenario, {year}); or, where nothing in it has a date, set its start to the "
            "first day of the month after the history's last."
        )
    for name in history.channels:
        if name not in scenario.plannable and history.spend[:, history.channels.index(name)].any():
            raise HistoryError(
                f"{history.source}: channel {name!r} has spend, but in {scenario.name} it is "
                f"{scenario.channel(name).delivery} and takes none; book the money on another "
                f'channel: names={{"{name}": "NAME"}}.'
            )
    start, end = inside.index(True), inside.index(True) + count
    years = earlier_years(scenario, history.weeks, start) if years_are_alike(scenario) else ()
    begin = years[0].first if years else start
    shifted = tuple(replace(y, first=y.first - begin, last=y.last - begin) for y in years)
    used = replace(history.part(slice(begin, end)), earlier=shifted)
    return used, len(history.weeks) - len(used.weeks)


def _year_after(scenario: Scenario, history: History) -> int:
    """The planned year of which the history's last weeks are the year before."""
    last = history.weeks[-1]
    return last.year + (scenario.start.replace(year=last.year) <= last)


def daily_spend(scenario: Scenario, history: History) -> Floats:
    """Money of the market by channel and day [C, days] from the first of the history year on.

    A week's money is spread over its days, that of a field channel over the dates in it (or kept
    for the next one). Days that the file does not cover get its mean.
    """
    first = scenario.day_of(history.weeks[0])
    money = np.zeros((len(scenario.channels), MARKET_DAYS))
    for c, channel in enumerate(scenario.channels):
        if channel.name in history.channels:
            weekly = history.spend[:, history.channels.index(channel.name)]
            days = np.full(MARKET_DAYS, weekly.mean() / 7.0)
            covered = np.arange(max(first, 0), min(first + 7 * len(weekly), MARKET_DAYS))
            days[covered] = weekly[(covered - first) // 7] / 7.0
            money[c] = _on_open_days(days, scenario, channel)
            money[c] *= HEADROOM if channel.kind.sends_messages else 1.0
    return money


def _on_open_days(days: Floats, scenario: Scenario, channel: Channel) -> Floats:
    """Money moved on to days on which the channel is there, week by week."""
    there = open_days(scenario, channel)
    if there.all():
        return days
    moved, left = np.zeros_like(days), 0.0
    for start in range(0, len(days), 7):
        week = slice(start, start + 7)
        left += days[week].sum()
        if there[week].any():
            moved[week] = left * there[week] / there[week].sum()
            left = 0.0
    return moved


def simulate_weeks(
    scenarios: Sequence[Scenario],
    seeds: Sequence[int],
    customers: int,
    history: History,
    *,
    without: LiftMoment | None = None,
    workers: Workers = None,
    progress: Progress | None = None,
    what: str = "markets",
) -> list[list[WeeklyCounts]]:
    """Each scenario with each seed, under the money and by the weeks of the history.

    Earlier years are markets of their own, with random streams of their own. With `without` the
    tested channel has no money while its test lasts; weeks are the own ones then, and end with it.
    """
    years = [history.own] if without is not None else history.years()
    parts = []
    for n, year in enumerate(years):
        own = n == len(years) - 1
        mine = list(seeds) if own else [seed_of(EARLIER_YEARS, seed, n) for seed in seeds]
        skipped = history.own_first if own else 0
        how: dict[str, Any] = {"workers": workers, "progress": _shared(progress, n, len(years))}
        parts.append(_lived(scenarios, mine, customers, year, without, skipped, what, **how))
    return [
        [_joined(lived) for lived in zip(*one, strict=True)] for one in zip(*parts, strict=True)
    ]


def _shared(progress: Progress | None, part: int, parts: int) -> Progress | None:
    """Progress of one of several parts as that of the whole."""
    if progress is None:
        return None
    report = progress

    def told(what: str, done: int, total: int | None) -> None:
        each = total or 0
        report(what, part * each + done, parts * each if total is not None else None)

    return told


def _lived(
    scenarios: Sequence[Scenario],
    seeds: Sequence[int],
    customers: int,
    history: History,
    without: LiftMoment | None,
    skipped: int,
    what: str,
    **how: Any,
) -> list[list[WeeklyCounts]]:
    """The same for weeks that one market lives; `skipped` weeks lie before them."""
    money, first = daily_spend(scenarios[0], history), scenarios[0].day_of(history.weeks[0])
    weeks = len(history.weeks)
    if without is not None:
        c = [channel.name for channel in scenarios[0].channels].index(without.channel)
        begin, weeks = first + 7 * (without.first - skipped), without.last - skipped
        money[c, max(begin, 0) : first + 7 * weeks] = 0.0
    told = [knowing(scenario, history) for scenario in scenarios]
    settings = [Setting(scenario, customers, seed) for scenario in told for seed in seeds]
    counts = watch_weeks(settings, money, first, weeks, what=what, **how)
    return [counts[n : n + len(seeds)] for n in range(0, len(counts), len(seeds))]


def _joined(years: Sequence[WeeklyCounts]) -> WeeklyCounts:
    """Weeks of several markets one after the other."""
    counts = np.concatenate([one.counts for one in years], axis=1)
    spend = np.concatenate([one.spend for one in years], axis=0)
    return replace(years[-1], counts=counts, spend=spend)


def as_history(seen: Sequence[WeeklyCounts], like: History, scenario: Scenario) -> History:
    """Mean of several simulated companies, in the shape of the history that they answer to."""
    names = [channel.name for channel in scenario.channels]
    mine = [names.index(name) for name in like.channels]
    mean = {what: np.mean([x.total(what) for x in seen], axis=0) for what in FIGURES}
    return replace(
        like,
        spend=np.mean([x.spend for x in seen], axis=0)[:, mine],
        impressions=mean["impressions"][:, mine],
        clicks=mean["clicks"][:, mine],
        conversions=mean["conversions"].sum(axis=1),
        revenue=mean["revenue"].sum(axis=1),
        source="the simulated market",
        digest="",
    )
