"""Terms of a sales and service desk: who works when, how long a request takes, who waits how long.

Time on the desk is counted in whole microseconds. Sums of whole numbers are exact, therefore no
answer hangs on how days are bundled, nor does it when two things happen at the same instant.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from scipy.special import ndtri

from sim.engine.draws import PATIENCE, SERVICE, uniforms
from tiermix.core.arrays import Floats, Ints, Keys

LEAD, QUESTION, ISSUE = range(3)
# What a draw is for, in the numbering of sim/luck.py.

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
FOREVER = 2**61


@dataclass(frozen=True)
class DeskTerms:
    """How the desk of one community works.

    `agents` whole; `opens` and `closes` hours of the day; `weekdays` days of a week on which it
    works, from Monday on; `first_weekday` that of day 0 (0 is Monday). By kind of request:
    `service_minutes` mean, `patience_hours` mean until whoever waits gives up (exponential, in
    calendar time: patience runs at night too; inf never ends), `priority` (lower is served first).
    `service_spread` sd of the logarithm of service time, 0 is constant; `speed` divides service
    times. Raises ValueError for terms that no desk can have.
    """

    agents: int
    opens: float
    closes: float
    weekdays: int
    first_weekday: int
    service_minutes: tuple[float, ...]
    service_spread: float
    patience_hours: tuple[float, ...]
    priority: tuple[int, ...]
    speed: float
    service_law: Literal["lognormal", "exponential"] = "lognormal"

    def __post_init__(self) -> None:
        _check_hours(self)
        _check_kinds(self)

    @property
    def kinds(self) -> int:
        """Kinds of request that the desk knows."""
        return len(self.priority)

    @cached_property
    def hours(self) -> OfficeHours:
        """The map between calendar and office time."""
        opens, closes = round(self.opens * HOUR), round(self.closes * HOUR)
        return OfficeHours(opens, closes - opens, self.weekdays, self.first_weekday)

    def service(self, seed: int, community: int, keys: Keys, kinds: Ints) -> Ints:
        """Work that requests take, [n] in microseconds of office time: luck of their keys alone."""
        u = uniforms(seed, keys, SERVICE, community)[:, 0]
        mean = np.array(self.service_minutes)[kinds] * (MINUTE / self.speed)
        spread = self.service_spread
        if self.service_law == "exponential":
            return _whole(mean * -np.log(u))
        return _whole(mean * np.exp(spread * ndtri(u) - spread**2 / 2))

    def patience(self, seed: int, community: int, keys: Keys, kinds: Ints) -> Ints:
        """Time until requests would be given up, [n] in microseconds of calendar time."""
        u = uniforms(seed, keys, PATIENCE, community)[:, 0]
        return _whole(np.array(self.patience_hours)[kinds] * HOUR * -np.log(u))


def _whole(times: Floats) -> Ints:
    """Whole microseconds, at least one, so that nothing ends before it began."""
    return np.minimum(np.maximum(np.rint(times), 1), FOREVER).astype(np.int64)


@dataclass(frozen=True)
class OfficeHours:
    """Calendar time to office time (cumulative open hours) and back, in microseconds.

    Both ways are monotone. All of a night is one instant of office time; on the way back that is
    the closing hour for what ends, the next opening hour for what begins.
    """

    opens: int
    length: int
    weekdays: int
    first_weekday: int

    def office(self, time: Ints) -> Ints:
        """Office time at a calendar time."""
        day, within = np.divmod(time, DAY)
        week, weekday = np.divmod(day + self.first_weekday, 7)
        today = np.minimum(np.maximum(within - self.opens, 0), self.length)
        days = week * self.weekdays + np.minimum(weekday, self.weekdays)
        return np.asarray(days * self.length + today * (weekday < self.weekdays))

    def midnight(self, day: int) -> int:
        """Office time at the midnight that begins a day."""
        week, weekday = divmod(day + self.first_weekday, 7)
        return (week * self.weekdays + min(weekday, self.weekdays)) * self.length

    def begins(self, office: Ints) -> Ints:
        """Calendar time at which something begins that begins at this office time."""
        days, within = office // self.length, office % self.length
        day = days // self.weekdays * 7 + days % self.weekdays - self.first_weekday
        return np.asarray(day * DAY + self.opens + within)

    def ends(self, office: Ints) -> Ints:
        """Calendar time at which something ends that ends at this office time."""
        return self.begins(office - 1) + 1


def _check_hours(terms: DeskTerms) -> None:
    if terms.agents < 0:
        raise ValueError(f"agents is {terms.agents}; a desk needs 0 or more whole agents")
    if not 0 <= terms.opens < terms.closes <= 24:
        raise ValueError(
            f"opens is {terms.opens} and closes is {terms.closes}; "
            "give hours of one day with 0 <= opens < closes <= 24"
        )
    if not 1 <= terms.weekdays <= 7:
        raise ValueError(
            f"weekdays is {terms.weekdays}; give 1 to 7 days, and agents 0 for a desk that rests"
        )
    if not 0 <= terms.first_weekday <= 6:
        raise ValueError(f"first_weekday is {terms.first_weekday}; give 0 (Monday) to 6 (Sunday)")


def _check_kinds(terms: DeskTerms) -> None:
    for name in ("service_minutes", "patience_hours"):
        values = getattr(terms, name)
        if len(values) != terms.kinds:
            raise ValueError(
                f"{name} has {len(values)} values and priority {terms.kinds}; give one of each "
                "for every kind of request"
            )
        if not all(value > 0 for value in values):
            raise ValueError(f"{name} is {values}; give numbers above 0")
    if not all(np.isfinite(terms.service_minutes)):
        raise ValueError(f"service_minutes is {terms.service_minutes}; give finite numbers")
    if not terms.service_spread >= 0:
        raise ValueError(f"service_spread is {terms.service_spread}; give 0 or more")
    if not terms.speed > 0:
        raise ValueError(f"speed is {terms.speed}; give a number above 0")
