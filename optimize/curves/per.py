"""Curves of another length of time than a month: what a week, a day or a year brings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from optimize.curves.carry_over import WEEK
from optimize.curves.curve import CARRY_PER, Curve
from optimize.errors import AllocationError
from scenarios import plan_periods as periods
from tiermix.core.hints import hint_sentence

MONTH = "month"
DAYS = {"day": 1.0, "week": WEEK, "year": 365.0}


def per_of(text: str, place: str) -> str:
    """What a curve's money and response are of; a month where nothing is said."""
    per = text.strip().lower() or MONTH
    if per not in (MONTH, *DAYS):
        raise AllocationError(
            f"{place}: unknown length of time '{text}'; {hint_sentence(text, (MONTH, *DAYS))} "
            "`per` says how long the money and the response of the row take."
        )
    return per


def carry_of(text: str, per: str, retentions: Iterable[float]) -> str:
    """What a row's retentions are per: that of its money where nothing is said, if they may."""
    if text.strip():
        return text.strip().lower()
    return per if per in CARRY_PER or any(retentions) else MONTH


def share_of(per: str, month: str) -> float:
    """How often the length of time goes into a month; 1 for a month."""
    return 1.0 if per == MONTH else float(periods.days((month,))[0]) / DAYS[per]


def by_month(curves: Sequence[tuple[Curve, str]], months: Sequence[str]) -> list[Curve]:
    """Curves with what they are per, as curves of months: F(x) = s · f(x / s).

    A month holds s weeks, days or years, its money spread evenly over them. Curves for all months
    leave out those that have a row of their own.
    """
    own = defaultdict(set)
    for curve, _ in curves:
        if curve.month is not None:
            own[curve.channel, curve.kpi].add(curve.month)
    found = []
    for curve, per in curves:
        if per == MONTH:
            found.append(curve)
            continue
        named = own[curve.channel, curve.kpi]
        where = [m for m in months if m not in named] if curve.month is None else [curve.month]
        found += [replace(curve.scaled(share_of(per, m)), month=m) for m in where]
    return found
