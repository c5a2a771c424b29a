"""The families of response curves, evaluated for many cells at once.

    hill      ceiling · x^shape / (half^shape + x^shape)             Jin et al. 2017
    power     ceiling · (x / half)^shape, shape ≤ 1
    logistic  ceiling · (σ(shape·(x/half − 1)) − σ(−shape)) / (1 − σ(−shape))
    points    straight lines between given points, flat after the last
    tanh      ceiling · tanh(x / half), which has no shape

All start at 0 for x = 0 (points where their first point says) and rise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimize.errors import AllocationError
from tiermix.core.arrays import Floats, Ints

FAMILIES = ("hill", "power", "logistic", "points", "tanh")
POINTS = FAMILIES.index("points")
Table = tuple[tuple[float, ...], tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Cells:
    """Parameters of n curves as arrays [n]; `table` holds the points of the family `points`."""

    family: Ints
    ceiling: Floats
    half: Floats
    shape: Floats
    table: tuple[Table | None, ...]

    def take(self, index: Ints) -> Cells:
        """The curves at these positions, with repeats."""
        return Cells(
            self.family[index],
            self.ceiling[index],
            self.half[index],
            self.shape[index],
            tuple(self.table[i] for i in index) if any(self.table) else (None,) * len(index),
        )

    def value(self, x: Floats) -> Floats:
        """Response of each curve at its own x, both [n]."""
        with np.errstate(over="ignore"):
            power = (x / self.half) ** self.shape
            unit = np.where(np.isinf(power), 1.0, power / (1 + power))
        if self.family.any():
            kinds = [unit, power, self._logistic(x), unit, np.tanh(x / self.half)]
            unit = np.choose(self.family, kinds)
        return self._with_points(self.ceiling * unit, x, _interpolate)

    def _logistic(self, x: Floats) -> Floats:
        floor = _sigmoid(-self.shape)
        scaled: Floats = (_sigmoid(self.shape * (x / self.half - 1)) - floor) / (1 - floor)
        return scaled

    def slope(self, x: Floats) -> Floats:
        """Derivative of each curve at its own x (to the right at kinks), both [n]."""
        z = np.maximum(x / self.half, 1e-300)
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            rise = self.shape * z ** (self.shape - 1)
            hill = rise / (1 + z**self.shape) ** 2
            hill = np.where(np.isfinite(hill), hill, 0.0)
            sigmoid = _sigmoid(self.shape * (z - 1))
            logistic = self.shape * sigmoid * (1 - sigmoid) / (1 - _sigmoid(-self.shape))
        tanh = 1 - np.tanh(z) ** 2
        unit = np.choose(self.family, [hill, rise, logistic, hill, tanh])
        return self._with_points(self.ceiling / self.half * unit, x, _piece_slope)

    def inflection(self) -> Floats:
        """Where each curve turns from convex to concave, [n]; 0 where it is concave throughout.

        Hill: half · ((s − 1) / (s + 1))^(1/s) for s > 1; logistic: half.
        """
        s = np.maximum(self.shape, 1.0)
        hill = self.half * ((s - 1) / (s + 1)) ** (1 / s)
        none = np.zeros_like(hill)
        where = np.choose(self.family, [hill, none, self.half, none, none])
        for i in np.flatnonzero(self.family == POINTS):
            where[i] = _last_convex_knot(self.table[i])
        return np.asarray(where, dtype=float)

    def _with_points(self, unit: Floats, x: Floats, method: object) -> Floats:
        for i in np.flatnonzero(self.family == POINTS):
            unit[i] = method(self.table[i], x[i])  # type: ignore[operator]
        return unit


def stack(parts: Sequence[Cells]) -> Cells:
    """Several sets of curves one after the other."""
    return Cells(
        np.concatenate([p.family for p in parts]),
        np.concatenate([p.ceiling for p in parts]),
        np.concatenate([p.half for p in parts]),
        np.concatenate([p.shape for p in parts]),
        tuple(table for p in parts for table in p.table),
    )


def check(family: str, ceiling: float, half: float, shape: float, table: Table | None) -> None:
    """Raise `AllocationError` for parameters that give no rising, finite curve."""
    if family not in FAMILIES:
        raise AllocationError(f"family {family!r} is not known; use one of {', '.join(FAMILIES)}")
    if family == "points":
        _check_table(table)
        return
    if not np.isfinite([ceiling, half, shape]).all():
        raise AllocationError(
            f"ceiling {ceiling}, half {half} and shape {shape} have to be finite numbers"
        )
    if ceiling < 0:
        raise AllocationError(
            f"ceiling {ceiling:g} is negative: a program that wants more of a response cannot "
            "carry a channel that takes it away; set it to 0, or leave the channel out of this KPI"
        )
    if half <= 0 or shape <= 0:
        raise AllocationError(f"half {half:g} and shape {shape:g} have to be above 0")
    if family == "power" and shape > 1:
        raise AllocationError(
            f"shape {shape:g} makes a power curve grow faster and faster without end; use at most "
            "1, or the family hill"
        )


def _check_table(table: Table | None) -> None:
    if table is None or len(table[0]) < 2:
        raise AllocationError("a curve of points needs at least two points (spend, response)")
    x, y = np.array(table[0]), np.array(table[1])
    if not np.isfinite([x, y]).all() or (np.diff(x) <= 0).any() or (np.diff(y) < 0).any():
        raise AllocationError(
            "the points of a curve have to be finite, with rising spend and a response that does "
            "not fall; sort them, and drop or merge the ones that go down"
        )
    if x[0] < 0:
        raise AllocationError(f"the first point has spend {x[0]:g}; spend is at least 0")


def _sigmoid(x: Floats) -> Floats:
    return 0.5 * (1 + np.tanh(x / 2))


def _interpolate(table: Table, x: float) -> float:
    return float(np.interp(x, table[0], table[1]))


def _piece_slope(table: Table, x: float) -> float:
    slopes = np.diff(table[1]) / np.diff(table[0])
    piece = int(np.searchsorted(table[0], x, side="right")) - 1
    return float(slopes[piece]) if 0 <= piece < len(slopes) else 0.0


def _last_convex_knot(table: Table | None) -> float:
    assert table is not None
    slopes = np.concatenate(
        [[0.0] if table[0][0] > 0 else [], np.diff(table[1]) / np.diff(table[0])]
    )
    knots = table[0] if table[0][0] > 0 else table[0][1:]
    rising = np.flatnonzero(np.diff(slopes) > 1e-9 * np.abs(slopes).max(initial=0))
    return float(knots[rising[-1]]) if len(rising) else 0.0
