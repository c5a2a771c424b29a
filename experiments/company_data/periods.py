"""Days, weeks or months: what a table goes by, which periods it lacks, and days as weeks."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import fsum

from experiments.company_data.amounts import Amounts, Key, together
from experiments.company_data.doubts import NOTE, QUESTION, WARNING, Doubt, many, some
from experiments.company_data.vocabulary import ORDERS, OUTCOMES, REVENUE, SPEND
from tiermix.core.tables.dates import MONTH

DAILY, WEEKLY, MONTHLY = "day", "week", "month"
WEEK = dt.timedelta(7)
WEEKEND = (5, 6)


def step_of(days: Iterable[dt.date], grain: str) -> tuple[str, list[Doubt]]:
    """The step of a table by the gaps between its dates; a question where there is none."""
    found = sorted(set(days))
    if grain == MONTH or (len(found) > 2 and _all_months(found)):
        return MONTHLY, []
    gaps = Counter((b - a).days for a, b in pairwise(found))
    if not gaps:
        return WEEKLY, [_few(found)]
    usual = gaps.most_common(1)[0][0]
    if usual == 1:
        return DAILY, [] if len(found) > 13 else [_few(found)]
    if usual % 7 == 0:
        return (
            (WEEKLY, _off_weekday(found))
            if usual == 7 or gaps[7]
            else (WEEKLY, [_gaps(found, usual)])
        )
    return WEEKLY, [_gaps(found, usual)]


def _all_months(days: Sequence[dt.date]) -> bool:
    """Whether all dates are first days of months, or all last days, some months apart."""
    firsts = all(day.day == 1 for day in days)
    lasts = all((day + dt.timedelta(1)).day == 1 for day in days)
    return (firsts or lasts) and min((b - a).days for a, b in pairwise(days)) >= 28


def _few(found: Sequence[dt.date]) -> Doubt:
    return Doubt(
        QUESTION, "", f"it holds {len(found)} dates, which are too few to be days, weeks or months",
        "bring at least 26 weeks, better two years",
    )  # fmt: skip


def _gaps(found: Sequence[dt.date], usual: int) -> Doubt:
    return Doubt(
        QUESTION, "", f"dates are mostly {usual} days apart, from {found[0]} to {found[-1]}: these "
        "are neither days, nor weeks, nor months", "bring one row a day, a week or a month",
    )  # fmt: skip


def _off_weekday(found: Sequence[dt.date]) -> list[Doubt]:
    usual = Counter(day.weekday() for day in found).most_common(1)[0][0]
    odd = [day for day in found if day.weekday() != usual]
    if not odd:
        return []
    like = next(day for day in found if day.weekday() == usual)
    return [
        Doubt(
            QUESTION, f"week {odd[0]}",
            f"it begins on a {odd[0]:%A}, and {like} on a {like:%A}",
            "name each week by the same weekday, best its Monday",
        )
    ]  # fmt: skip


def as_periods(days: Sequence[dt.date], step: str) -> list[dt.date]:
    """Days as the periods of a step: a month by its first day."""
    return [day.replace(day=1) for day in days] if step == MONTHLY else list(days)


def expected(periods: Sequence[dt.date], step: str) -> list[dt.date]:
    """All periods from the first to the last."""
    if step == MONTHLY:
        first, last = (day.year * 12 + day.month - 1 for day in (periods[0], periods[-1]))
        return [dt.date(n // 12, n % 12 + 1, 1) for n in range(first, last + 1)]
    stride = WEEK if step == WEEKLY else dt.timedelta(1)
    return [periods[0] + n * stride for n in range((periods[-1] - periods[0]) // stride + 1)]


def holes(amounts: Amounts) -> list[Doubt]:
    """Periods that a table does not have at all, or not of every region."""
    wanted = expected(amounts.periods, amounts.step)
    missing = sorted(set(wanted) - set(amounts.periods))
    weekends = amounts.step == DAILY and missing
    if weekends and all(day.weekday() in WEEKEND for day in missing):
        return [
            Doubt(NOTE, "", f"{len(missing)} Saturdays and Sundays have no row; they count as days "
                  "without anything", "add them if something happened then")
        ]  # fmt: skip
    doubts = []
    if missing:
        doubts.append(
            Doubt(WARNING, f"{amounts.step} {missing[0]}",
                  f"{many(len(missing), amounts.step)} without a row: {some(missing)}",
                  "add them (0 where nothing was spent); a history must have every week",
                  stops_fit=True)
        )  # fmt: skip
    if len(amounts.regions) > 1:
        doubts += _regions_apart(amounts)
    return doubts


def _regions_apart(amounts: Amounts) -> list[Doubt]:
    seen: dict[str, set[dt.date]] = defaultdict(set)
    for found in amounts.by_kind.values():
        for period, region in found:
            seen[region].add(period)
    short = [name for name in amounts.regions if len(seen[name]) < len(amounts.periods)]
    if not short:
        return []
    name = short[0]
    lacks = sorted(set(amounts.periods) - seen[name])
    return [
        Doubt(WARNING, f"region {name}",
              f"{many(len(short), 'region')} without some {amounts.step}s, {name} without "
              f"{len(lacks)}: {some(lacks)}", "add them, or take the region out", stops_fit=True)
    ]  # fmt: skip


def as_weeks(amounts: Amounts) -> tuple[Amounts, list[Doubt]]:
    """Days summed to whole weeks from Monday; days before and after them are left out, and told."""
    first, last = amounts.periods[0], amounts.periods[-1]
    begin = first + dt.timedelta(-first.weekday() % 7)
    weeks = [begin + n * WEEK for n in range((last + dt.timedelta(1) - begin) // WEEK)]
    if not weeks:
        return amounts, [_few(amounts.periods)]
    end = weeks[-1] + WEEK
    by_kind = {kind: _weekly(kind[0], found, begin, end) for kind, found in amounts.by_kind.items()}
    outside = [day for day in amounts.periods if not begin <= day < end]
    there = {day - dt.timedelta(day.weekday()) for day in amounts.periods if begin <= day < end}
    summed = Amounts(
        WEEKLY, sorted(there), amounts.regions, amounts.channels, amounts.controls, by_kind
    )
    doubts = [
        Doubt(NOTE, "",
              f"days are summed to {many(len(summed.periods), 'week')} from Monday {begin}",
              "nothing to do")
    ]  # fmt: skip
    if outside:
        doubts.append(_cut(amounts, outside))
    return summed, doubts


def _weekly(what: str, found: dict[Key, float], begin: dt.date, end: dt.date) -> dict[Key, float]:
    parts: dict[Key, list[float]] = defaultdict(list)
    mondays = {day: day - dt.timedelta(day.weekday()) for day, _ in found if begin <= day < end}
    for (day, region), value in found.items():
        if day in mondays:
            parts[mondays[day], region].append(value)
    return {key: together(what, values) for key, values in parts.items()}


def _cut(amounts: Amounts, outside: Sequence[dt.date]) -> Doubt:
    days = set(outside)

    def lost(*whats: str) -> float:
        return fsum(
            value
            for (what, _), found in amounts.by_kind.items()
            if what in whats
            for (day, _), value in found.items()
            if day in days
        )

    outcome = next((what for what in (REVENUE, ORDERS, *OUTCOMES) if amounts.has(what)), "")
    said = f" and {outcome} of {lost(outcome):,.0f}" if outcome else ""
    return Doubt(
        NOTE, f"days {some(outside, 1)}",
        f"{many(len(outside), 'day')} at the ends left out for want of a whole week, with spend of "
        f"{lost(SPEND):,.0f}{said}", "add the days that make the weeks whole, if you have them",
    )  # fmt: skip
