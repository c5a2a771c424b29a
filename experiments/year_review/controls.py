"""Controls of a year so far: how far demand had reason to be other than the plan took it to be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import numpy as np

from experiments.company_data.amounts import Amounts
from experiments.company_data.vocabulary import CONTROL
from scenarios import Control, Scenario
from tiermix.core.arrays import Floats


def demand_of(
    scenario: Scenario, amounts: Amounts, starts: Sequence[dt.date], lengths: Sequence[int]
) -> Floats:
    """Demand of each period [P] by the controls that it had, over that by those assumed for it.

    exp(effect · (value − usual) / unit) for each control of the scenario that the table has; a
    period without a value is as assumed.
    """
    found = np.ones(len(starts))
    for control in _known(scenario, amounts):
        told = dict(zip(amounts.periods, amounts.national(CONTROL, control.name), strict=True))
        for n, (start, length) in enumerate(zip(starts, lengths, strict=True)):
            value = told.get(start, np.nan)
            if np.isfinite(value):
                mine = np.exp(control.effect * (value - control.usual) / control.unit)
                found[n] *= mine / control.factors(start, length).mean()
    return found


def _known(scenario: Scenario, amounts: Amounts) -> list[Control]:
    return [one for one in scenario.controls if one.name in amounts.controls and one.effect]


def remarks_on(scenario: Scenario, amounts: Amounts) -> Iterator[str]:
    """What the table's controls are used for, and what is assumed of others."""
    known = [one.name for one in _known(scenario, amounts)]
    if known:
        yield f"what was to be expected follows {', '.join(known)} as the table has them"
    if absent := [c.name for c in scenario.controls if c.effect and c.name not in amounts.controls]:
        yield (
            f"of {', '.join(absent)} the table tells nothing: taken as in the plan; bring them as "
            "columns `control.NAME`"
        )
    ours = [control.name for control in scenario.controls if control.effect]
    if others := [name for name in amounts.controls if name not in ours]:
        yield f"not used, as {scenario.name} knows no effect of them: {', '.join(others)}"
