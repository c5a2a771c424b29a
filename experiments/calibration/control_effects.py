"""Controls in a fit: which of a history's can be fitted, and what the market knows of them.

A control enters as exp(effect · (value − usual) / unit) on needs: one of noughts and ones as it is,
so that exp(effect) is the factor while it is on; any other about its mean, in standard deviations.
The unit is at least a quarter of the farthest week, so that one week alone never asks for a factor
that no market may have.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from pydantic import ValidationError

from experiments.calibration.history import WEEK, History
from experiments.calibration.history_file import HistoryError
from scenarios import Control, Scenario
from tiermix.core.arrays import Floats

FARTHEST = 4.0
"""Units of a control between its usual value and the week that is farthest from it, at most."""
LARGEST = 8.0
"""The largest factor on needs that a fit gives to one control in any of its weeks."""
LEAST_KNOWN = 0.5
"""Share of weeks that a control has to be known of."""
WEEKS_EACH = 4
"""Weeks for each control; more controls than that could explain whatever happened."""
SAME = 1e-9


def fitted_controls(history: History) -> History:
    """The history with the controls that can be fitted; `unused` says why others are not."""
    refused = {name: why for name in history.controls if (why := _refused(history, name))}
    kept = [name for name in history.controls if name not in refused]
    room = len(history.weeks) // WEEKS_EACH
    refused |= {
        name: f"{len(history.weeks)} weeks tell {room} controls at most, in the order of the file"
        for name in kept[room:]
    }
    told = [f"control {name} is not fitted: {why}." for name, why in refused.items()]
    controls = {name: history.controls[name] for name in kept[:room]}
    told += _assumed(controls)
    return replace(history, controls=controls, unused=(*history.unused, *told))


def _refused(history: History, name: str) -> str:
    """Why a control cannot be fitted; '' where it can."""
    values = history.controls[name]
    known = values[np.isfinite(values)]
    if len(known) < LEAST_KNOWN * len(values):
        return f"{len(known)} of {len(values)} weeks have a value"
    if np.ptp(known) <= SAME * max(float(np.abs(known).max()), 1.0):
        return "it has the same value in every week, so that nothing can follow it"
    return ""


def _assumed(controls: dict[str, Floats]) -> Iterator[str]:
    for name, values in controls.items():
        if lacking := int((~np.isfinite(values)).sum()):
            yield (
                f"control {name} has no value in {lacking} of {len(values)} weeks; its usual value "
                "is assumed there."
            )


def with_controls(base: Scenario, history: History) -> Scenario:
    """The base with the history's controls.

    Those that it has keep effect, usual value, unit, and what it knows of later weeks.
    """
    theirs = {control.name: control for control in base.controls}
    ours = {name: _control(name, history, theirs.get(name)) for name in history.controls}
    return _with(base, tuple((theirs | ours).values()))


def without_effects(scenario: Scenario, history: History) -> Scenario:
    """The scenario as if the history's controls did nothing."""
    still = tuple(
        control.model_copy(update={"effect": 0.0}) if control.name in history.controls else control
        for control in scenario.controls
    )
    return _with(scenario, still)


def _with(scenario: Scenario, controls: tuple[Control, ...]) -> Scenario:
    """The scenario with other controls. Raises `HistoryError` where their factors are none."""
    if controls == scenario.controls:
        return scenario
    data = scenario.model_dump(mode="json")
    data["controls"] = [control.model_dump(mode="json") for control in controls]
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        raise HistoryError(
            f"controls {', '.join(x.name for x in controls)}: {error.errors()[0]['msg']}; leave "
            "the control out, or look at its farthest weeks."
        ) from None


def _control(name: str, history: History, base: Control | None) -> Control:
    own = history.own
    weeks: dict[str, Any] = {"start": own.weeks[0], "values": _values(own.controls[name])}
    if base is not None:
        later = (own.weeks[-1] + WEEK - base.start).days
        more = base.values[later // 7 :] if later % 7 == 0 and later > 0 else ()
        return base.model_copy(update={**weeks, "values": (*weeks["values"], *more)})
    usual, unit = _scale(history.controls[name])
    source = f"the company's own weeks; usual and unit by {len(history.weeks)} of them"
    return Control(name=name, usual=usual, unit=unit, source=source, **weeks)


def _scale(values: Floats) -> tuple[float, float]:
    """The usual value of a control, and how much of it an effect is for."""
    known = values[np.isfinite(values)]
    if set(known.tolist()) <= {0.0, 1.0}:
        return 0.0, 1.0
    usual = float(known.mean())
    farthest = float(np.abs(known - usual).max())
    return _short(usual), _short(max(float(known.std()), farthest / FARTHEST))


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def _values(values: Floats) -> tuple[float | None, ...]:
    return tuple(float(f"{x:.12g}") if np.isfinite(x) else None for x in values.tolist())


def knowing(scenario: Scenario, year: History) -> Scenario:
    """The scenario with the values that its controls had in a year, on the dates of its life."""
    moved = tuple(
        control.model_copy(
            update={"start": year.weeks[0], "values": _values(year.controls[control.name])}
        )
        if control.name in year.controls
        else control
        for control in scenario.controls
    )
    return _with(scenario, moved)


def control_columns(scenario: Scenario, history: History) -> Floats:
    """Each control in its units from the usual [W, controls]; 0 where it is not known."""
    columns = list(controls_of_weeks(scenario, history).values())
    return np.array(columns).reshape(len(columns), len(history.weeks)).T


def controls_of_weeks(scenario: Scenario, history: History) -> dict[str, Floats]:
    """The same by the control's name."""
    return {
        control.name: in_units(control, history.controls[control.name])
        for control in scenario.controls
        if control.name in history.controls
    }


def in_units(control: Control, values: Floats) -> Floats:
    """Units from the usual value; 0 where a value is not known."""
    away = (values - control.usual) / control.unit
    return np.where(np.isfinite(away), away, 0.0)


def bounded(control: dict[str, Any], effect: float) -> float:
    """An effect whose factor on needs is `LARGEST` at most in each of the control's weeks."""
    away = [abs(x - control["usual"]) for x in control["values"] if x is not None]
    most = float(np.log(LARGEST)) * control["unit"] / max([*away, SAME])
    return float(np.clip(effect, -most, most))
