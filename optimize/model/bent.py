"""A line of straight pieces, which stands for a curve on one side of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tiermix.core.arrays import Floats

_APART = 1e-12  # of a line's range: bends nearer to one another are one


class Bent(NamedTuple):
    """A line of straight pieces: bends at `x`, ascending, values `y`, slope `beyond` the last."""

    x: Floats
    y: Floats
    beyond: float

    def drawn_out(self, first: float, last: float) -> Bent:
        """The line from `first` to `last`, its end pieces going on where it is shorter."""
        apart = np.append(True, np.diff(self.x) > _APART * (last - first))
        x, y = self.x[apart], self.y[apart]
        if len(x) < 2:
            return self
        if x[0] > first + _APART * abs(first):
            slope = (y[1] - y[0]) / (x[1] - x[0])
            x[0], y[0] = first, y[0] - slope * (x[0] - first)
        if x[-1] < last - _APART * abs(last):
            slope = (y[-1] - y[-2]) / (x[-1] - x[-2])
            return Bent(np.append(x, last), np.append(y, y[-1] + slope * (last - x[-1])), slope)
        return Bent(x, y, self.beyond)

    def at(self, bends: Floats, *, above: bool) -> Floats:
        """The line's values at the bends that its cell has.

        A bend too close to another is none of them; the line is moved by what leaving it out costs,
        so that it stays on its side of the curve.
        """
        values = np.interp(bends, self.x, self.y)
        missed = self.y - np.interp(self.x, bends, values)
        moved: Floats = values + (max(missed.max(), 0.0) if above else min(missed.min(), 0.0))
        return moved
