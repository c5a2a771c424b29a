"""What the weeks of a table leave in doubt before anything is fitted to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import isnan

import numpy as np

from experiments.company_data.amounts import Amounts
from experiments.company_data.channels import correlations, inflations, spend_of
from experiments.company_data.doubts import NOTE, WARNING, Doubt, many, some
from experiments.company_data.vocabulary import (
    CLICKS,
    IMPRESSIONS,
    LEADS,
    ORDERS,
    OUTCOMES,
    REVENUE,
    SPEND,
)
from tiermix.core.arrays import Floats

LEAST_WEEKS, ENOUGH_WEEKS = 26, 104
STILL = 0.05
"""Standard deviation over mean below which a channel's spend hardly varies."""
FEW_LIVE = 8
"""Periods with spend below which a channel tells little."""
COLLINEAR, INFLATED = 0.9, 10.0
"""Correlation of two channels, and variance inflation factor (1 / (1 - R²)), that are too high."""
FAR = 8.0
"""Robust standard deviations (1.4826 MAD) from the median that make an outlier."""
TIMES = 5.0
"""How often the median a cost per unit, or a value per order, may be."""
ROWS_PER_CHANNEL = 10


def check(amounts: Amounts) -> list[Doubt]:
    """All that is doubted of the weeks."""
    looks: tuple[Callable[[Amounts], Iterator[Doubt]], ...] = (
        _length, _outcomes, _channels, _collinear, _outliers, _units, _clicks, _below_zero,
    )  # fmt: skip
    return [doubt for look in looks for doubt in look(amounts)]


def _length(amounts: Amounts) -> Iterator[Doubt]:
    count, step = len(amounts.periods), amounts.step
    weeks = count * (52 / 12 if step == "month" else 1)
    if weeks < LEAST_WEEKS:
        yield Doubt(
            WARNING, "", f"it holds {many(count, step)}; at least {LEAST_WEEKS} weeks are needed "
            "to tell spend from season", "bring a year or more", stops_fit=True,
        )  # fmt: skip
    elif weeks < ENOUGH_WEEKS:
        yield Doubt(
            NOTE, "", f"it holds {many(count, step)}: a season that comes once cannot be told from "
            "a trend", "bring two years or more, if you have them",
        )  # fmt: skip
    if step == "month":
        yield Doubt(
            WARNING, "", "it goes by months, and a fit needs weeks",
            "bring the same table by weeks or days; months cannot be made into weeks",
            stops_fit=True,
        )  # fmt: skip
    live = sum(amounts.total(SPEND, name) > 0 for name in amounts.channels)
    if live and count * max(len(amounts.regions), 1) < ROWS_PER_CHANNEL * live:
        yield Doubt(
            WARNING, "", f"{many(count, step)} are few for {many(live, 'channel')}: most of their "
            "effects will stay those of the base", "put channels together that are bought together",
        )  # fmt: skip


def _outcomes(amounts: Amounts) -> Iterator[Doubt]:
    for what in (ORDERS, REVENUE, LEADS):
        found = amounts.national(what)
        if all(map(isnan, found)):
            continue
        zero = [period for period, x in zip(amounts.periods, found, strict=True) if x == 0]
        lost = [period for period, x in zip(amounts.periods, found, strict=True) if isnan(x)]
        if len(zero) == len(found):
            own = "bring the company's own figures"
            yield Doubt(WARNING, what, "it is 0 throughout", own, stops_fit=True)
        elif zero:
            yield Doubt(
                WARNING, what, f"it is 0 in {many(len(zero), amounts.step)}: {some(zero)}",
                "leave those cells empty if the figure is missing",
            )  # fmt: skip
        if lost:
            yield Doubt(
                WARNING, what, f"it is not given in {many(len(lost), amounts.step)}: {some(lost)}",
                "add it; a fit needs the outcome of each week", stops_fit=True,
            )  # fmt: skip
    yield from _one_outcome(amounts)


def _one_outcome(amounts: Amounts) -> Iterator[Doubt]:
    orders, revenue = amounts.has(ORDERS), amounts.has(REVENUE)
    if orders != revenue:
        has, lacks = (ORDERS, REVENUE) if orders else (REVENUE, ORDERS)
        yield Doubt(
            WARNING, "", f"it has {has} and no {lacks}; a fit needs both",
            "add them, or say what an order is worth, as in --order-value 60",
        )  # fmt: skip
    if amounts.has(LEADS) and not orders:
        yield Doubt(
            WARNING, "", "its outcome is leads; a fit counts orders",
            "to have leads counted, say so, as in --map orders=COLUMN"
            if revenue
            else "to have leads counted, say what one is worth, as in --order-value 60",
        )  # fmt: skip


def _channels(amounts: Amounts) -> Iterator[Doubt]:
    for name in amounts.channels:
        spend = np.nan_to_num(amounts.national(SPEND, name))
        shown = amounts.total(IMPRESSIONS, name) > 0
        live = int((spend > 0).sum())
        if not live and not amounts.of(SPEND, name) and shown:
            yield Doubt(
                NOTE, f"channel {name}", "it has impressions and no spend, so it counts as unpaid",
                f"if it costs money, add its spend, as in --map spend.{name}=COLUMN",
            )  # fmt: skip
        elif not live:
            yield Doubt(
                WARNING, f"channel {name}", "it never spends", "leave it out, or add its spend"
            )
        elif live < FEW_LIVE and live < len(spend):
            yield Doubt(
                WARNING, f"channel {name}",
                f"it spends in {live} of {many(len(spend), amounts.step)}",
                "little can be learned of it; put it together with a channel like it",
            )  # fmt: skip
        elif (moves := spend.std() / spend.mean()) < STILL:
            yield Doubt(
                WARNING, f"channel {name}", f"its spend hardly varies ({moves:.1%} of its mean): "
                "its effect cannot be told from the level of demand",
                "vary it, best in a test by regions",
            )  # fmt: skip


def _collinear(amounts: Amounts) -> Iterator[Doubt]:
    names, spend = spend_of(amounts)
    if len(names) < 2:
        return
    table, factors = correlations(spend), inflations(spend)
    pairs = [
        (abs(table[a, b]), a, b)
        for a in range(len(names))
        for b in range(a)
        if abs(table[a, b]) >= COLLINEAR
    ]
    for _, a, b in sorted(pairs, reverse=True):
        yield Doubt(
            WARNING, f"channels {names[b]} and {names[a]}",
            f"their spend moves together (correlation {table[a, b]:.2f}): what one does cannot be "
            "told from what the other does", "put them together, or vary one of them alone",
        )  # fmt: skip
    paired = {n for _, *pair in pairs for n in pair}
    for c, name in enumerate(names):
        if factors[c] > INFLATED and c not in paired:
            yield Doubt(
                WARNING, f"channel {name}", "its spend follows from that of the others (variance "
                f"inflation factor {factors[c]:.0f})", "put channels together, or vary it alone",
            )  # fmt: skip


def far_from_usual(values: Floats) -> Floats:
    """Robust standard deviations from the median; 0 where nothing can be said."""
    known = values[np.isfinite(values)]
    if len(known) < 8:
        return np.zeros(len(values))
    middle = np.median(known)
    spread = 1.4826 * np.median(np.abs(known - middle))
    if not spread > 0:
        return np.zeros(len(values))
    return np.asarray(np.nan_to_num((values - middle) / spread), dtype=float)


def _outliers(amounts: Amounts) -> Iterator[Doubt]:
    series = [(what, what, amounts.national(what)) for what in (ORDERS, REVENUE, LEADS)]
    series += [
        (f"channel {name}", SPEND, amounts.national(SPEND, name)) for name in amounts.channels
    ]
    for where, what, found in series:
        values = np.array(found)
        if what == SPEND:
            values = np.where(values > 0, values, np.nan)
        far = far_from_usual(values)
        places = np.flatnonzero(np.abs(far) > FAR)
        if len(places):
            said = some([f"{amounts.periods[n]} ({values[n]:,.0f})" for n in places])
            yield Doubt(
                WARNING, where, f"{what} is far from its usual in "
                f"{many(len(places), amounts.step)}: {said}",
                "correct it if it is a mistake; if it is real, a control may tell why",
            )  # fmt: skip


def _units(amounts: Amounts) -> Iterator[Doubt]:
    """Costs per unit and values per order that jump: a change of unit, or a wrong cell."""
    for name in amounts.channels:
        spend = np.array(amounts.national(SPEND, name))
        for what, unit, per in (
            (IMPRESSIONS, "1,000 impressions", 1000.0),
            (CLICKS, "a click", 1.0),
        ):
            count = np.array(amounts.national(what, name))
            cost = f"cost of {unit}"
            yield from _jumps(amounts, f"channel {name}", cost, per * spend, count)
            paid = (spend > 0) & (count == 0)
            if paid.any() and not paid.all() and np.nansum(count) > 0:
                yield Doubt(
                    NOTE, f"channel {name}", f"it spends without {what} in "
                    f"{many(int(paid.sum()), amounts.step)}",
                    "add them, or leave the cells empty if they are not known",
                )  # fmt: skip
    orders = [what for what in (ORDERS,) if amounts.has(what)]
    for what in orders:
        revenue, count = np.array(amounts.national(REVENUE)), np.array(amounts.national(what))
        yield from _jumps(amounts, REVENUE, "value of an order", revenue, count)


def _jumps(
    amounts: Amounts, where: str, what: str, money: Floats, count: Floats
) -> Iterator[Doubt]:
    told = (money > 0) & (count > 0)
    if told.sum() < 8:
        return
    price = np.full(len(money), np.nan)
    price[told] = money[told] / count[told]
    middle = float(np.nanmedian(price))
    with np.errstate(invalid="ignore"):
        far = np.flatnonzero((price > TIMES * middle) | (price < middle / TIMES))
    if len(far):
        said = some([f"{amounts.periods[n]} ({price[n]:,.4g})" for n in far])
        yield Doubt(
            WARNING, where, f"the {what} is mostly {middle:,.4g}, but not in "
            f"{many(len(far), amounts.step)}: {said}",
            "look for figures in another unit, or in a wrong row",
        )  # fmt: skip


def _clicks(amounts: Amounts) -> Iterator[Doubt]:
    for name in amounts.channels:
        shown = amounts.of(IMPRESSIONS, name)
        over = sorted(
            key
            for key, clicks in amounts.of(CLICKS, name).items()
            if clicks > shown.get(key, np.inf)
        )
        if over:
            at = " in ".join(map(str, filter(None, over[0])))
            yield Doubt(
                WARNING, f"channel {name}", f"it has more clicks than impressions in "
                f"{many(len(over), amounts.step)}, first in {at}",
                "correct them, or leave the impressions out: a fit refuses them", stops_fit=True,
            )  # fmt: skip


def _below_zero(amounts: Amounts) -> Iterator[Doubt]:
    for (what, name), found in amounts.by_kind.items():
        if what not in (SPEND, IMPRESSIONS, CLICKS, *OUTCOMES):
            continue
        below = sorted(key for key, value in found.items() if value < 0)
        if below:
            where = f"channel {name}" if name else what
            yield Doubt(
                WARNING, where, f"{what} of {many(len(below), amounts.step)} is below 0 in all, "
                f"first in {below[0][0]}",
                "book what was taken back into the period that it belongs to: a fit refuses "
                "amounts below 0", stops_fit=True,
            )  # fmt: skip
