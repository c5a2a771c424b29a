"""What curves must not be before a plan is made of them: in another unit of money, or all flat."""

from __future__ import annotations

import numpy as np

from optimize.errors import AllocationError
from optimize.model.response_model import Effect, ResponseModel
from optimize.problem.task import LEAST_SPEND, Task
from tiermix.core.arrays import Floats

FAR = 100.0
"""Curves that bend at so many times the usual money, or so small a part of it, are in another unit.

Thousands for units are a factor of 1000; real curves of a whole plan bend within a few times of
what is spent.
"""


def check_curves(task: Task) -> None:
    """Raise `AllocationError` for curves in another unit of money, or of which none rises."""
    response_model = task.response_model
    known = response_model.curves.unit_known
    ratios = [] if known else [ratio for kpi in task.kpis for ratio in _bends(response_model, kpi)]
    typical = float(np.median(ratios)) if ratios else 1.0
    if not 1 / FAR < typical < FAR:
        raise AllocationError(
            f"the curves bend at {typical:.3g} times the money that a month usually has; half of "
            f"them or more seem to be in another unit than {response_model.scenario.currency}. "
            "Give `half` (and `spend` of points) in the same money as the budget."
        )
    named = [kpi for kpi in task.weights if kpi != LEAST_SPEND]
    asked = [part for kpi in named for part in response_model.parts_of(kpi)]
    effects = [effect for kpi in asked for effect in response_model.effects.get(kpi, [])]
    if effects and not any(_rises(effect) for effect in effects):
        raise AllocationError(
            f"no channel's curve for {', '.join(asked)} rises, so every plan is worth the same; "
            "give curves with an effect, or name another objective."
        )


def _bends(response_model: ResponseModel, kpi: str) -> list[float]:
    """Where each channel's curve bends, over the effective money of the reference plan's months."""
    reference = response_model.spend_of(response_model.scenario.reference_plan)
    even = response_model.scenario.budget / max(reference.size, 1)
    inside = np.arange(len(response_model.months)) + response_model.calendar.history
    found = []
    for effect in response_model.effects.get(kpi, []):
        bend = _bend(effect)[inside]
        usual = response_model.effective(effect.stock_key, 0.5 * reference + 0.5 * even)[inside]
        known = np.isfinite(bend) & (usual > 0)
        found += (bend[known] / usual[known]).tolist()
    return found


def _bend(effect: Effect) -> Floats:
    """Half, or the last point of points; none where a curve has no scale (power) or no effect."""
    cells = effect.cells
    bend = np.where((cells.family == 1) | (cells.ceiling <= 0), np.nan, cells.half)
    for i in np.flatnonzero(cells.family == 3):
        table = cells.table[i]
        bend[i] = table[0][-1] if table else np.nan
    return np.asarray(bend, dtype=float)


def _rises(effect: Effect) -> bool:
    """Whether any money of the planned months brings anything."""
    far = np.maximum(_bend(effect), 1.0)
    far = np.where(np.isfinite(far), far, 1.0)
    return bool((effect.cells.value(far) > effect.cells.value(np.zeros_like(far))).any())
