"""A scenario whose planned year begins in another month, each date where it belongs.

What is bound to the calendar (seasons, festivals, offers, rivals, fairs, months of rules) stays in
its month: what lies before the new beginning comes a year later, so that the history year and the
planned year have what they had. The Spring Festival moves with the moon. What the company decided
(when a system was bought) stays as far from the planned year as it was. `scenarios.years` moves a
scenario by whole years.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from scenarios.parts.festivals import spring_festival
from scenarios.years import FESTIVAL, years_later

YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}$")
MONTH = re.compile(r"\d{4}-\d{2}$")


@dataclass(frozen=True)
class Move:
    """From a planned year that began on `old` to one that begins on `new`: firsts of months."""

    old: dt.date
    new: dt.date

    @property
    def months(self) -> int:
        return 12 * (self.new.year - self.old.year) + self.new.month - self.old.month

    def years(self, day: dt.date) -> int:
        """By how many years a day of the calendar moves: into the same one of the two years."""
        since = 12 * (day.year - self.old.year) + day.month - self.old.month
        whole, rest = divmod(self.months, 12)
        return whole + (since % 12 < rest and since >= -12)

    def decided(self, day: dt.date) -> dt.date:
        """The day of a decision: one at the start of a year, or before both, keeps its distance."""
        years = (self.old, years_later(self.old, -1))
        if day in years or day < years[1]:
            return self.distant(day)
        return years_later(day, self.years(day))

    def distant(self, day: dt.date) -> dt.date:
        """A day as many months from the start of the planned year as it was."""
        months = 12 * day.year + day.month - 1 + self.months
        return _in_month(months // 12, months % 12 + 1, day.day)

    def month(self, text: str) -> str:
        """A month of the planned year, in the year where it is planned now."""
        first = dt.date.fromisoformat(f"{text}-01")
        return f"{first.year + self.years(first)}{text[4:]}"


def begun_later(data: dict[str, Any], move: Move) -> dict[str, Any]:
    """Plain data of a scenario (dates as text) with its dates moved."""
    names: dict[str, str] = {}
    found = {key: _moved(value, move, names) for key, value in data.items() if key != "start"}
    found = _told(found, names)
    turned = move.months % 12
    # A system was bought when it was bought: its effect is as old as it was.
    found["investments"] = [
        {**one, "start": move.distant(dt.date.fromisoformat(one["start"])).isoformat()}
        for one in data["investments"]
    ]
    history = found["history"]
    history["profile"] = _turned(history["profile"], turned)
    history["spend"] = {name: _turned(x, turned) for name, x in history["spend"].items()}
    return {**found, "start": move.new.isoformat()}


def _moved(value: Any, move: Move, names: dict[str, str]) -> Any:
    """Data with its dates moved; `names` hears of parts that are named for their year."""
    if isinstance(value, dict):
        return _part(value, move, names)
    if isinstance(value, list):
        return _once([_moved(item, move, names) for item in value])
    return move.month(value) if isinstance(value, str) and MONTH.match(value) else value


def _part(part: dict[str, Any], move: Move, names: dict[str, str]) -> dict[str, Any]:
    """One part: its stretch of the calendar, or the date of a decision, and all within it."""
    days = {k: dt.date.fromisoformat(v) for k, v in part.items() if _is_day(v)}
    rest = {
        _moved(k, move, names): _moved(v, move, names) for k, v in part.items() if k not in days
    }
    first = days.get("release") or days.get("day") or ("end" in days and days["start"])
    if not first:
        return {**rest, **{k: move.decided(day).isoformat() for k, day in days.items()}}
    years, name = move.years(first), str(part.get("name", ""))
    later = _later(first, years) if FESTIVAL.search(name) else 0
    dates = {k: years_later(day, years) + dt.timedelta(later) for k, day in days.items()}
    told = {k: _renamed(rest[k], years) for k in ("name", "name_zh") if k in rest}
    if name:
        names[name] = told["name"]
    return {**rest, **{k: day.isoformat() for k, day in dates.items()}, **told}


def _once(parts: list[Any]) -> list[Any]:
    """Parts of the calendar without those that another of the same name covers.

    A season that the history year cut off at its beginning would stand beside the whole of it.
    """
    longest: dict[str, int] = {}
    for part in parts:
        if isinstance(part, dict) and "end" in part and "name" in part:
            longest[part["name"]] = max(longest.get(part["name"], 0), _days(part))
    return [
        part
        for part in parts
        if not (isinstance(part, dict) and part.get("name") in longest)
        or _days(part) == longest[part["name"]]
    ]


def _days(part: dict[str, Any]) -> int:
    first, last = (dt.date.fromisoformat(part[key]) for key in ("start", "end"))
    return (last - first).days + 1


def _told(value: Any, names: dict[str, str]) -> Any:
    """Data in which parts that were renamed are called by their names, also after an @."""
    if isinstance(value, dict):
        return {
            key: inner if key == "name" else _told(inner, names) for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_told(inner, names) for inner in value]
    if not isinstance(value, str):
        return value
    head, at, name = value.rpartition("@")
    return f"{head}{at}{names.get(name, name)}"


def _is_day(value: Any) -> bool:
    return isinstance(value, str) and DAY.match(value) is not None


def _later(day: dt.date, years: int) -> int:
    """Days by which the Spring Festival is later in the new year than in the old one."""
    old, new = spring_festival(day.year), spring_festival(day.year + years)
    return (new - years_later(old, years)).days if old and new else 0


def _in_month(year: int, month: int, day: int) -> dt.date:
    """That day, or the month's last one."""
    last = (dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(1)).day
    return dt.date(year, month, min(day, last))


def _renamed(name: str, years: int) -> str:
    return YEAR.sub(lambda found: str(int(found.group()) + years), name)


def _turned(values: list[Any], months: int) -> list[Any]:
    """Twelve figures that begin so many months later in the year."""
    return [*values[months:], *values[:months]] if len(values) == 12 else values
