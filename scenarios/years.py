"""A scenario moved by whole years: the same dates of another year, festivals where they are then.

Dates and months move by whole years. What is named after the Spring Festival keeps its distance
from it. A year in a name is that of the part's new dates; sources stay as they are.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from scenarios.load import load_scenario, whole
from scenarios.parts.festivals import SPRING_FESTIVALS, spring_festival
from scenarios.schema import Scenario
from scenarios.yaml_io import yaml_text
from tiermix.core.errors import ScenarioError

FESTIVAL = re.compile(r"spring festival|春节|after the festival|开工", re.IGNORECASE)
DATE, MONTH = re.compile(r"\d{4}-\d{2}-\d{2}"), re.compile(r"\d{4}-\d{2}")
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
NAMES = ("name", "name_zh", "figure")
"""Texts whose years are those of dates."""
AS_WRITTEN = ("source", "about", "title", "title_zh", "health")


def moved(scenario: Scenario, year: int) -> Scenario:
    """The scenario with its planned year begun in that year. Raises `ScenarioError`."""
    by = year - scenario.start.year
    if not by:
        return scenario
    data = scenario.model_dump(mode="json")
    try:
        return Scenario.model_validate(_moved("", data, by))
    except (ValidationError, ValueError) as error:
        found = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise ScenarioError(f"{scenario.name}: cannot be moved to {year}: {found}") from None


def moved_text(name_or_path: str | os.PathLike[str], year: int) -> str:
    """The same as the text of a scenario's file, with what its own file or the library says."""
    found = load_scenario(name_or_path)
    moved(found, year)
    _, data = whole(name_or_path)
    return yaml_text(_moved("", data, year - found.start.year))


def _moved(key: str, value: Any, by: int) -> Any:
    if key in AS_WRITTEN:
        return value
    if isinstance(value, dt.date):
        return years_later(value, by)
    if isinstance(value, list | tuple):
        return [_moved(key, part, by) for part in value]
    if isinstance(value, dict):
        day = _festive(value, by) if FESTIVAL.search(str(value.get("name", ""))) else None
        found = {_text("", name, by): _moved(name, part, by) for name, part in value.items()}
        festive = {} if day is None else {k: day(str(value[k])) for k in ("start", "end")}
        return {**found, **festive}
    return _text(key, value, by) if isinstance(value, str) else value


def _text(key: str, text: str, by: int) -> str:
    """A date or a month moved; a name with the year that it has then."""
    if DATE.fullmatch(text):
        return str(years_later(dt.date.fromisoformat(text), by))
    if MONTH.fullmatch(text):
        return f"{int(text[:4]) + by}{text[4:]}"
    if key in NAMES:
        return YEAR.sub(lambda found: str(int(found[0]) + by), text)
    return text


def years_later(day: dt.date, by: int) -> dt.date:
    """The same day of another year; the 28th of February for one that is not there."""
    last = day.month == 2 and day.day == 29
    return (day - dt.timedelta(1) if last else day).replace(year=day.year + by)


def _festive(part: dict[str, Any], by: int) -> Callable[[str], str] | None:
    """How dates move that lie about the Spring Festival; None where it is not known."""
    if not all(DATE.fullmatch(str(part.get(field, ""))) for field in ("start", "end")):
        return None
    year = dt.date.fromisoformat(str(part["start"])).year
    old, new = spring_festival(year), spring_festival(year + by)
    if old is None or new is None:
        raise ValueError(
            f"{part['name']}: the Spring Festival is known from {min(SPRING_FESTIVALS)} to "
            f"{max(SPRING_FESTIVALS)}; choose a year between, or write its dates yourself"
        )
    days = new - old
    return lambda text: str(dt.date.fromisoformat(text) + days)
