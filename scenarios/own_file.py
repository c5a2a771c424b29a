"""A file of one's own: the lines that a strategist changes, over a scenario that has the rest."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scenarios.begun_later import DAY, Move, begun_later
from scenarios.load import build_scenario, whole
from scenarios.schema import Scenario
from scenarios.without import without_channels
from scenarios.yaml_io import flow
from scenarios.years import moved
from tiermix.core.errors import ScenarioError
from tiermix.core.hints import hint

HEAD = """\
# What differs from `{base}`, which has the rest: people, channels, behaviour, sources of figures.
# `tiermix scenarios check FILE` sums it up.
"""
LINES = {
    "budget": "money for the planned year, in the currency above",
    "history": "what was spent last year, by channel: the year's money, or twelve months of it",
    "channels": "`channel: null` takes one out; other fields change what it is like",
    "rules": "what a plan has to keep; names come back in prices and conflicts",
    "goals": "what the year is judged by: a KPI, by how much, by when",
}
"""What is said above a part of the file."""
FIRST = (
    *("name", "title", "title_zh", "currency", "start", "budget"),
    *("history", "channels", "rules", "goals"),
)


def own_text(
    base: str,
    *,
    file: Path,
    start: dt.date | None = None,
    currency: str | None = None,
    budget: float | None = None,
    channels: Sequence[str] | None = None,
) -> str:
    """YAML of a scenario that extends `base` and begins with what is changed most.

    With `channels` the others are taken out, with all that is about them. With `start` everything
    that has a date moves to the new planned year. Raises `ScenarioError`.
    """
    raw = whole(base)[1]
    theirs = build_scenario(raw, {}, base)
    gone = _left_out(theirs, channels)
    before = without_channels(theirs.model_dump(mode="json"), gone)
    after = without_channels(_begun(theirs, start), gone)
    after |= {"name": _name(file), "budget": budget or after["budget"]}
    after["currency"] = currency or after["currency"]
    own = _difference(before, after)
    mine = without_channels(raw, gone)
    own |= {
        key: own.get(key, mine.get(key, after[key]))
        for key in FIRST
        if key not in ("history", "channels")
    }
    own["history"] = {**own.get("history", {}), "spend": after["history"]["spend"]}
    own["channels"] = {**own.get("channels", {}), **dict.fromkeys(gone)}
    ordered = [*FIRST, *(key for key in own if key not in FIRST)]
    said = {**LINES, **dict.fromkeys(ordered[len(FIRST) :], "")}
    text = "".join(_lines(key, own[key], said.get(key)) for key in ordered if own.get(key) != {})
    build_scenario(after, {}, str(file))
    below = os.path.relpath(base, file.parent) if Path(base).is_file() else base
    return f"{HEAD.format(base=below)}extends: {flow(below)}\n{text}"


def _name(file: Path) -> str:
    """A name for the scenario from that of its file, in small English letters."""
    found = re.sub(r"[^a-z0-9]+", "_", file.stem.lower()).strip("_")[:40]
    return found if re.match(r"[a-z]", found) else "mine"


def _left_out(scenario: Scenario, channels: Sequence[str] | None) -> list[str]:
    """Channels that money is given to and that are not among those to keep."""
    for name in channels or ():
        if name not in scenario.plannable:
            near = hint(name, list(scenario.plannable))
            raise ScenarioError(f"channels: '{name}' is no channel to plan; {near}")
    return [name for name in scenario.plannable if channels is not None and name not in channels]


def _begun(scenario: Scenario, start: dt.date | None) -> dict[str, Any]:
    """Plain data of the scenario with its planned year begun on that day."""
    if start is None:
        return scenario.model_dump(mode="json")
    early = start.month < scenario.start.month
    there = moved(scenario, start.year - early)
    data = there.model_dump(mode="json")
    return data if there.start == start else begun_later(data, Move(there.start, start))


def _difference(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """What has to be laid over `below` so that it is `above`."""
    gone = {key: None for key in below if key not in above}
    changed = {k: _changed(below.get(k), v) for k, v in above.items() if below.get(k) != v}
    return {**changed, **gone}


def _changed(below: Any, above: Any) -> Any:
    if isinstance(below, dict) and isinstance(above, dict):
        return _difference(below, above)
    if isinstance(below, list) and isinstance(above, list) and above:
        old, new = ({x["name"]: x for x in side} if _named(side) else {} for side in (below, above))
        if new and list(new) == [name for name in old if name in new]:
            return _difference(old, new)
    return _told(above)


def _named(parts: list[Any]) -> bool:
    return all(isinstance(part, dict) and "name" in part for part in parts)


def _told(value: Any) -> Any:
    """Data without what is left to its default of nothing."""
    if isinstance(value, dict):
        told = {key: _told(inner) for key, inner in value.items()}
        return {key: inner for key, inner in told.items() if inner not in (None, "", [], {})}
    return [_told(inner) for inner in value] if isinstance(value, list) else value


def _lines(key: str, value: Any, said: str | None, deep: int = 0) -> str:
    """A key of the file with what is below it: mappings open, what is in lists one a line."""
    space = "  " * deep
    above = "" if said is None else f"\n{space}# {said}\n" if said else "\n"
    if isinstance(value, dict) and value and (deep == 0 or key == "spend"):
        inner = "".join(_lines(name, one, None, deep + 1) for name, one in value.items())
        return f"{above}{space}{flow(key)}:\n{inner}"
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        inner = "".join(f"{space}  - {flow(_dates(one))}\n" for one in value)
        return f"{above}{space}{flow(key)}:\n{inner}"
    return f"{above}{space}{flow(key)}: {flow(_dates(value))}\n"


def _dates(value: Any) -> Any:
    """Days as dates, which YAML writes without quotes; whole amounts without a point."""
    if isinstance(value, dict):
        return {key: _dates(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_dates(inner) for inner in value]
    if isinstance(value, str) and DAY.match(value):
        return dt.date.fromisoformat(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value
