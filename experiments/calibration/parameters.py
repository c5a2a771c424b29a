"""What a calibration may move: factors on parts of a scenario, each with a prior and a moment.

A parameter x counts on the log scale (a chance on the scale of its log odds, an appeal as it is),
relative to the base scenario, so that 0 is the base. Its prior is normal around 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from pydantic import ValidationError

from experiments.calibration.control_effects import bounded
from experiments.calibration.history import History
from experiments.calibration.history_file import HistoryError
from scenarios import Channel, Scenario, places
from tiermix.core.arrays import Floats

Scale = Literal["log", "logit", "plain"]

# Widths of priors on the scale of each parameter; all *assumed*. Wide where a company's own
# figures pin the parameter, as narrow as a scenario deserves trust where they hardly can.
WIDTHS = {
    "needs": 1.0, "repeat": 0.25, "order_value": 2.0, "season": 0.3, "control": 0.5,
    "peak": 1.0, "half": 0.7, "unit_cost": 1.5, "engagement": 1.0, "slot_utility": 1.5,
    "effect": 0.5,
}  # fmt: skip
EFFECTS = ("goodwill_seen", "goodwill_engaged", "awaken")
"""What an exposure does to a person: moved together, since totals cannot tell them apart."""
LARGEST_SHARE = 0.999


@dataclass(frozen=True)
class Parameter:
    """One thing that is fitted: where it stands, on which scale it moves, how far it may.

    `own` names the moment that it is there for, as `(kind, channel)`.
    """

    name: str
    paths: tuple[str, ...]
    scale: Scale
    width: float
    own: tuple[str, str] = ("", "")

    def moved(self, value: float, by: float) -> float:
        """The value of one of its places when the parameter stands at `by`."""
        if self.scale == "plain":
            return value + by
        if self.scale == "log":
            return value * float(np.exp(by))
        odds = value / (1.0 - value) * float(np.exp(by))
        return odds / (1.0 + odds)


def parameters_of(scenario: Scenario, history: History) -> tuple[Parameter, ...]:
    """All that this history may tell about this scenario."""
    found = [
        _shared("needs", "personas.*.needs_per_year", "personas.*.repeat_needs_per_year"),
        _shared("repeat", "personas.*.repeat_needs_per_year"),
        _shared("order_value", "personas.*.order_value"),
        *_seasons(scenario, history),
        *_controls(scenario, history),
    ]
    own = history.own
    for name in history.channels:
        if own.spend[:, history.channels.index(name)].sum() > 0:
            found += _of_channel(scenario.channel(name), own)
    return tuple(p for p in found if _moves(scenario, p))


def _shared(name: str, *paths: str) -> Parameter:
    return Parameter(name, paths, "log", WIDTHS[name], (name, ""))


def yearless(name: str) -> str:
    """The name of a season without its year: `618 2025` and `618 2026` are one."""
    return " ".join(re.sub(r"\b(19|20)\d\d\b", "", name).split())


def _seasons(scenario: Scenario, history: History) -> Iterator[Parameter]:
    """A factor on the needs of each season that the history has seen at least half of."""
    seen = [
        yearless(season.name)
        for year in history.years()
        for season in scenario.seasons
        if season.needs > 0
        and season.start >= year.weeks[0]
        and (season.start.toordinal() + season.end.toordinal()) / 2 < year.weeks[-1].toordinal() + 7
    ]
    for name in dict.fromkeys(seen):
        twins = [x.name for x in scenario.seasons if yearless(x.name) == name]
        # Places are found by number: names of seasons may hold a point.
        numbers = [n for n, x in enumerate(scenario.seasons) if x.name in twins]
        paths = tuple(f"seasons.#{n}.needs" for n in numbers)
        yield Parameter(f"season {name}", paths, "log", WIDTHS["season"], ("season", name))


def _controls(scenario: Scenario, history: History) -> Iterator[Parameter]:
    """What each control does to needs, in its units: plain, since it may raise or lower them."""
    for n, control in enumerate(scenario.controls):
        if control.name in history.controls:
            path = f"controls.#{n}.effect"
            own = ("control", control.name)
            yield Parameter(f"control {control.name}", (path,), "plain", WIDTHS["control"], own)


def _of_channel(channel: Channel, history: History) -> Iterator[Parameter]:
    """What the company's own figures of a channel pin, and what the channel does to people."""
    views = history.has_figures("impressions", channel.name)
    clicks = history.has_figures("clicks", channel.name)
    if channel.kind.on_result_page:
        yield from _search(channel, views, clicks)
        return
    if channel.capped and views:
        yield _own(channel, "unit_cost", "log")
    elif views:
        yield _own(channel, "peak", "log")
        yield _own(channel, "half", "log")
    if clicks and views:
        yield _own(channel, "engagement", "logit")
    paths = tuple(f"channels.{channel.name}.{x}" for x in EFFECTS if getattr(channel, x) > 0)
    if paths:
        name = f"channels.{channel.name}.effect"
        yield Parameter(name, paths, "log", WIDTHS["effect"], ("effect", channel.name))


def _search(channel: Channel, views: bool, clicks: bool) -> Iterator[Parameter]:
    if channel.capped and clicks:
        yield replace(_own(channel, "unit_cost", "log"), own=("click_cost", channel.name))
    if views and not channel.capped:
        yield _own(channel, "half", "log")
    if views and clicks:
        yield _own(channel, "slot_utility", "plain")


def _own(channel: Channel, field: str, scale: Scale) -> Parameter:
    path = f"channels.{channel.name}.{field}"
    return Parameter(path, (path,), scale, WIDTHS[field], (field, channel.name))


def _moves(scenario: Scenario, parameter: Parameter) -> bool:
    """Whether it stands anywhere above 0 (and a chance below 1), where a factor does something."""
    if parameter.scale == "plain":
        return True
    most = 1.0 if parameter.scale == "logit" else np.inf
    return any(0.0 < value < most for value in values_at(scenario, parameter))


def values_at(scenario: Scenario, parameter: Parameter) -> tuple[float, ...]:
    """The scenario's own values at the parameter's places."""
    data = scenario.model_dump(mode="json")
    return tuple(v for path in parameter.paths for v in _values(data, path))


def _values(data: Any, path: str) -> list[float]:
    return [holder[key] for holder, key in _holders(data, path)]


def _holders(data: Any, path: str) -> list[tuple[Any, Any]]:
    """Containers and keys that a path names; `seasons.#3.needs` goes by number."""
    if numbered := re.fullmatch(r"(\w+)\.#(\d+)\.(\w+)", path):
        parts, number, key = numbered.groups()
        return [(data[parts][int(number)], key)]
    return [(place.holder, place.key) for place in places(data, path)]


def applied(scenario: Scenario, parameters: Sequence[Parameter], at: Floats) -> Scenario:
    """The scenario with each parameter moved by `at` [K]; raises `HistoryError` out of range."""
    data = scenario.model_dump(mode="json")
    for parameter, by in zip(parameters, at.tolist(), strict=True):
        for path in parameter.paths:
            for holder, key in _holders(data, path):
                holder[key] = _possible(holder, key, parameter.moved(holder[key], by))
    return _validated(data)


def _possible(holder: Any, key: str, value: float) -> float:
    """A value within what any scenario may have, where a fit may step beyond."""
    if key == "awaken":
        return min(value, LARGEST_SHARE)
    return bounded(holder, value) if key == "effect" else value


def _validated(data: Any) -> Scenario:
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        # What holds between parts has no field, and its input is the whole scenario.
        asked = f"{where}: the history asks for {first.get('input')!r}, which" if where else (
            "the history asks for a market that"
        )  # fmt: skip
        raise HistoryError(
            f"{asked} no scenario may have ({first['msg']}); choose a base that is nearer to the "
            "company, or set `market_size` to the people in its market."
        ) from None
