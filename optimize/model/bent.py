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

        A bend too close to another is none of them; the nearer of its neighbours is moved by what
        leaving it out costs, so that the line stays on its side of the curve. The rest of it stays:
        where a curve starts steeply, a unit of money is worth thousands.
        """
        values = np.interp(bends, self.x, self.y)
        missed = self.y - np.interp(self.x, bends, values)
        lost = np.flatnonzero(missed > 0 if above else missed < 0)
        if not len(lost):
            return values
        after = np.clip(np.searchsorted(bends, self.x[lost]), 1, len(bends) - 1)
        share = np.clip(
            (self.x[lost] - bends[after - 1]) / (bends[after] - bends[after - 1]), 0.0, 1.0
        )
        moves = np.zeros(len(bends))
        move = np.maximum if above else np.minimum
        nearer = np.where(share < 0.5, after - 1, after)
        move.at(moves, nearer, missed[lost] / np.maximum(share, 1 - share))
        moved: Floats = values + moves
        return moved
