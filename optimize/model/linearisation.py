"""Straight pieces around the true curves: some that no curve is below, some that none is above.

Where a curve is concave, chords between its knots lie below it and tangents at its knots above;
where it is convex the two change places. Tangents meet between the knots, so each side has bends
of its own; all curves of a cell share the union of theirs.

An S-shaped curve starts as coarse as it can: above, one chord from nothing to where it touches the
curve (the concave envelope, which needs no integers), below, the tangents at the ends of its convex
part. Only where plans land on a convex part is it split there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from scipy.optimize import brentq

from optimize.curves.curve import StockKey
from optimize.model.bent import Bent
from optimize.model.response_model import Effect, ResponseModel
from tiermix.core.arrays import Bools, Floats, Ints

Cell = tuple[StockKey, int]
Use = tuple[str, tuple[float, ...], int | None]
"""A KPI bounded by people, over months with weights, of all tiers or one."""
LinearisationPoints = dict[Cell | Use, list[float]]
Side = Literal["low", "high"]
Splits = dict[tuple[StockKey, int, Side], Floats]

# Where the first knots lie, as multiples of what the reference plan would make of the cell.
_FIRST = (0.1, 0.25, 0.5, 0.75, 1.0, 1.3, 1.7, 2.3, 3.5, 6.0)
# The same for exposures per head, beside nothing at all.
_FIRST_OUTER = (0.01, 0.03, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.4, 2.0, 3.0, 5.0, 8.0, 16.0)
MARGIN, FROM_NOTHING, MOST_KNOTS = 1.4, 30.0, 120
NEAR = 1e-3  # of a convex part: splits nearer to one another add nothing
_CLOSEST = 1e-7  # of a cell's range: knots nearer to one another only spoil the matrix
_LEAST = 1e-10  # the same beside nothing at all, where some curves are endlessly steep
_STEEP = 30.0  # times the first chord: so steep a start has no tangent worth having
_DOWN = np.array([1 / 4, 1 / 32, 1 / 256])  # new knots on the way down to such a start


@dataclass(frozen=True)
class Pieces:
    """Knots of effective spend per cell (lane and place), ascending, from what is fixed upwards.

    `outer` are knots of exposures per head for each use of a KPI that is bounded by people; `steep`
    are cells with a curve that starts endlessly steep (x^s with s < 1 at nothing). Plans spend at
    most `most` in all. `splits` are knots on convex parts, which other knots leave out; none is
    made where the chord misses less than a share `fine` of what the convex part brings. `ranges`
    are known to hold every plan that is still of interest, as far as the pieces above go.
    """

    response_model: ResponseModel
    knots: dict[Cell, Floats] = field(repr=False)
    outer: dict[Use, Floats] = field(repr=False, default_factory=dict)
    steep: frozenset[Cell] = frozenset()
    most: float = 0.0
    splits: Splits = field(repr=False, default_factory=dict)
    fine: float = 1e-5
    ranges: dict[Cell, tuple[float, float]] = field(repr=False, default_factory=dict)
    caps: dict[tuple[str, str], float] = field(repr=False, default_factory=dict)

    @classmethod
    def start(cls, response_model: ResponseModel, most: float) -> Pieces:
        """First knots, for plans that spend at most `most` in all."""
        reference = response_model.spend_of(response_model.scenario.reference_plan)
        even = most / max(reference.size, 1)
        knots = {}
        for stock_key, kernel in response_model.stock_keys.items():
            usual = 0.5 * reference[response_model.channels.index(stock_key[0])] + 0.5 * even
            typical, reach = kernel.weights @ usual, kernel.kept.max(axis=1) * most
            special = _special_knots(response_model, stock_key)
            for place in np.flatnonzero(reach > 0):
                low = kernel.fixed[place]
                high = low + reach[place]
                first = low + typical[place] * np.array(_FIRST)
                inner = np.concatenate([first, special.get(int(place), [])])
                # Beyond the last knot every curve has to be concave.
                knots[stock_key, int(place)] = _between(low, max(high, 2 * inner.max()), inner)
        steep = frozenset(_steep_cells(response_model, knots))
        return cls(response_model, knots, steep=steep, most=most)

    @classmethod
    def bare(cls, response_model: ResponseModel, most: float) -> Pieces:
        """Ends alone, for programs that nobody solves: their rules are what is read."""
        whole = cls.start(response_model, most)
        return replace(whole, knots={cell: knots[[0, -1]] for cell, knots in whole.knots.items()})

    def around(
        self, linearisation_points: LinearisationPoints, sides: tuple[Side, ...] = ("low", "high")
    ) -> Pieces:
        """More knots where programs landed: each piece touched is cut near the landing.

        Convex parts are split for the pieces on these sides alone: each split costs an integer.
        """
        knots = {
            cell: _finer(old, linearisation_points.get(cell, []), cell in self.steep)
            for cell, old in self.knots.items()
        }
        outer = {
            use: _finer(old, linearisation_points.get(use, [])) for use, old in self.outer.items()
        }
        splits = self._split(linearisation_points, sides)
        return replace(self, knots=knots, outer=outer, splits=splits)

    def _split(self, points: LinearisationPoints, sides: tuple[Side, ...]) -> Splits:
        """The splits, and new ones where plans landed on a convex part or on the chord over it."""
        splits = dict(self.splits)
        for effect in (e for group in self.response_model.effects.values() for e in group):
            for (key, place), knots in self.knots.items():
                turn = float(effect.turn[place])
                if key != effect.stock_key or turn <= knots[0] or effect.is_given(place):
                    continue
                for side in sides:
                    known = splits.get((key, place, side), np.zeros(0))
                    for x in points.get((key, place), []):
                        known = _with_split(effect, place, knots, known, x, self.fine)
                    splits[key, place, side] = known
        return splits

    def evenly_split(self, shares: tuple[float, ...]) -> Pieces:
        """Convex parts cut at these shares of them, within the ranges, for the pieces above."""
        splits = dict(self.splits)
        for effect in (e for group in self.response_model.effects.values() for e in group):
            for (key, place), knots in self.knots.items():
                turn = float(effect.turn[place])
                start, last = self.ranges.get((key, place), (float(knots[0]), float(knots[-1])))
                end = min(turn, last)
                if key == effect.stock_key and start < end and not effect.is_given(place):
                    known = splits.get((key, place, "high"), np.zeros(0))
                    new = start + (end - start) * np.array(shares)
                    splits[key, place, "high"] = np.unique(np.concatenate([known, new]))
        return replace(self, splits=splits)

    def over(self, linearisation_points: LinearisationPoints, share: float) -> Pieces:
        """Knots a `share` of each other apart wherever landings lie, and a little beyond."""
        knots = dict(self.knots)
        for cell, old in self.knots.items():
            apart = np.array(linearisation_points[cell]) - old[0]
            low, high = float(apart.min()), float(apart.max())
            if low <= 0 < high:  # somewhere on the way from nothing to the least that was seen
                low = float(apart[apart > 0].min()) / FROM_NOTHING
            if high > low > 0:
                count = int(np.log(MARGIN**2 * high / low) / share) + 1
                new = old[0] + np.geomspace(low / MARGIN, high * MARGIN, min(count, MOST_KNOTS))
                knots[cell] = _between(old[0], old[-1], np.concatenate([old, new]))
        return replace(self, knots=knots)

    def outer_knots(self, use: Use) -> Floats:
        """Exposures per head at which the people reached are bounded, ascending."""
        if use not in self.outer:
            kpi, weights, tier = use
            rest = self.response_model.constants[kpi] @ np.array(weights) if tier is None else 0.0
            first = min(0.0, float(rest) / self.response_model.people[kpi])
            self.outer[use] = np.array([first, *_FIRST_OUTER])
        return self.outer[use]

    def lines(self, effect: Effect, side: Side, *, within: bool = False) -> dict[int, Bent]:
        """An effect's pieces on one side of its curves, by place; `within` the ranges alone."""
        # Pieces are over the weights that programs follow; the curve may be that much further on.
        by = self.response_model.stock_keys[effect.stock_key].missed(self.most)
        by = by if side == "high" else np.zeros_like(by)
        mine = {
            place: self._knots_of(effect, place, float(by[place]), side, within)
            for key, place in self.knots
            if key == effect.stock_key
        }
        lines = bracket(effect, list(mine), list(mine.values()), side)
        ends = {p: self.knots[effect.stock_key, p] for p in lines}
        moved = {p: line._replace(x=line.x - by[p]) for p, line in lines.items()}
        return {p: line.drawn_out(*ends[p][[0, -1]].tolist()) for p, line in moved.items()}

    def _knots_of(self, effect: Effect, place: int, by: float, side: Side, within: bool) -> Floats:
        """The knots of one curve, which has few on its convex part, and none outside its range."""
        cell: Cell = (effect.stock_key, place)
        turn, x = float(effect.turn[place]), self.knots[cell] + by
        if turn <= x[0] or effect.is_given(place):
            return x
        start, last = float(x[0]), float(x[-1])
        if within and cell in self.ranges:
            start, last = (end + by for end in self.ranges[cell])
        cuts = self.splits.get((*cell, side), np.zeros(0)) + by
        cuts = np.append(start, cuts[(cuts > start) & (cuts <= min(turn, last))])
        end = turn if side == "low" else touching(effect, place, float(cuts[-1]), last)
        beyond = x[x > end] if end < last or not within else x[:0]
        return np.unique(np.concatenate([cuts, [max(end, cuts[-1])], beyond]))

    def bends(self, lines: Iterable[dict[int, Bent]], stock_key: StockKey) -> dict[Cell, Floats]:
        """The union of the bends of several effects of a lane, by cell."""
        every = list(lines)
        found = {}
        for cell, knots in self.knots.items():
            if cell[0] == stock_key:
                inner = [line[cell[1]].x for line in every if cell[1] in line]
                found[cell] = _between(knots[0], knots[-1], np.concatenate([*inner, knots[:1]]))
        return found


def bracket(effect: Effect, places: list[int], knots: list[Floats], side: Side) -> dict[int, Bent]:
    """Pieces that are below ("low") or above ("high") the effect's curve at each place."""
    if not places:
        return {}
    sizes = [len(k) for k in knots]
    owner = np.repeat(places, sizes)
    x = np.concatenate(knots)
    curves = effect.cells.take(owner)
    value, slope = curves.value(x) - effect.floor[owner], curves.slope(x)
    bend_x, bend_y, outside = _tangents(effect, owner, x, value, slope, side)
    found, start = {}, 0
    for place, size in zip(places, sizes, strict=True):
        mine = slice(start, start + size)
        bends = bend_x[mine][:-1], bend_y[mine][:-1], outside[mine][:-1]
        beyond = float(slope[mine][-1]) if side == "high" else 0.0
        found[place] = Bent(*_line(x[mine], value[mine], *bends), beyond)
        start += size
    return found


def touching(effect: Effect, place: int, start: float, last: float) -> float:
    """Where a chord from `start` on the convex part touches the curve's concave part.

    `last` where it would do so beyond; `start` itself where the curve is concave from there on.
    """
    turn, cell = float(effect.turn[place]), effect.cells.take(np.array([place]))
    if start >= turn:
        return start
    first = float(cell.value(np.array([start]))[0])

    def misses(x: float) -> float:
        at = np.array([x])
        return float(cell.value(at)[0] - first - cell.slope(at)[0] * (x - start))

    if last <= turn or misses(last) <= 0:
        return last
    if misses(turn) >= 0:  # so near to the turn that rounding decides
        return turn
    return float(brentq(misses, turn, last, xtol=1e-12 * last, rtol=1e-12))


def _with_split(
    effect: Effect, place: int, knots: Floats, known: Floats, x: float, fine: float
) -> Floats:
    """The splits of a cell with one where a plan landed, if the chord there misses the curve."""
    turn, start = float(effect.turn[place]), float(knots[0])
    cuts = np.append(start, known[known <= turn])
    ends = np.append(cuts, touching(effect, place, float(cuts[-1]), float(knots[-1])))
    if not ends[0] < x < ends[-1]:
        return known
    at = int(np.searchsorted(ends, x))
    left, right = ends[at - 1], ends[at]
    first, low, high, true = effect.cells.take(np.full(4, place)).value(
        np.array([start, left, right, x])
    )
    chord = low + (high - low) * (x - left) / (right - left)
    x = min(x, turn)
    if chord - true <= fine * (high - first) or np.abs(cuts - x).min() <= NEAR * (turn - start):
        return known
    return np.sort(np.append(known, x))


def outer_pieces(knots: Floats, side: Side) -> list[tuple[float, float]]:
    """Lines (slope, constant) around 1 − exp(−u): chords between knots, or tangents at them."""
    value = 1 - np.exp(-knots)
    if side == "low":
        slope, at, y = np.diff(value) / np.diff(knots), knots[:-1], value[:-1]
        slope, at, y = np.append(slope, 0.0), np.append(at, knots[-1]), np.append(y, value[-1])
    else:
        slope, at, y = np.append(np.exp(-knots), 0.0), np.append(knots, 0.0), np.append(value, 1.0)
    return list(zip(slope.tolist(), (y - slope * at).tolist(), strict=True))


def _tangents(
    effect: Effect, owner: Ints, x: Floats, value: Floats, slope: Floats, side: Side
) -> tuple[Floats, Floats, Bools]:
    """Between neighbouring knots: where their tangents meet, and whether they are needed there."""
    a, b, fa, fb = x[:-1], x[1:], value[:-1], value[1:]
    da, db = slope[:-1], slope[1:]
    width = b - a
    with np.errstate(all="ignore"):
        # From the left knot on; an endless slope there (x^s at 0, s < 1) has no tangent.
        step = np.where(np.isfinite(da), (fb - fa - db * width) / (da - db), 0.0)
        step = np.clip(step, 0.0, width)
        meet = fb - db * (width - step)
        chord = (fb - fa) / width
        middle = effect.cells.take(owner[:-1]).value(np.maximum(a + 0.5 * width, 0.0))
        bulge = middle - effect.floor[owner[:-1]] - 0.5 * (fa + fb)
        straight = np.abs(da - db) <= 1e-12 * np.abs(chord)
    given = effect.cells.take(owner[:-1]).family == 3
    outside = (bulge > 0) == (side == "high")
    outside &= ~straight & ~given & np.isfinite(meet) & (bulge != 0)
    last = np.zeros(1)
    return np.append(a + step, last), np.append(meet, last), np.append(outside, False)


def _line(
    x: Floats, y: Floats, bend_x: Floats, bend_y: Floats, outside: Bools
) -> tuple[Floats, Floats]:
    """Knots and the bends between them; a knot between two tangents is no bend and is left out."""
    needed = np.ones(len(x), dtype=bool)
    needed[1:-1] = ~(outside[:-1] & outside[1:])
    every_x = np.concatenate([x[needed], bend_x[outside]])
    every_y = np.concatenate([y[needed], bend_y[outside]])
    # Without a tangent at the first knot, or one too steep to have a piece, start above it.
    if outside[0] and bend_x[0] - x[0] <= _LEAST * (x[-1] - x[0]):
        every_x, every_y = every_x[1:], every_y[1:]
    order = np.argsort(every_x, kind="stable")
    return every_x[order], every_y[order]


def _special_knots(response_model: ResponseModel, stock_key: StockKey) -> dict[int, Floats]:
    """Knots that a lane's curves need: inflections and given points."""
    found: dict[int, list[float]] = {}
    effects = [
        e for group in response_model.effects.values() for e in group if e.stock_key == stock_key
    ]
    for effect in effects:
        turn = effect.cells.inflection()
        for place in range(len(turn)):
            table = effect.cells.table[place]
            extra = list(table[0]) if table else [turn[place]]
            found.setdefault(place, []).extend(x for x in extra if x > 0)
    return {place: np.array(points) for place, points in found.items()}


def _between(low: float, high: float, points: Floats) -> Floats:
    """The points inside, in order, with both ends, and none too close to another."""
    least, close = _LEAST * (high - low), _CLOSEST * (high - low)
    inner = np.sort(points[(points > low + least) & (points < high - close)])
    apart = np.diff(inner, prepend=low) > np.minimum(close, 0.1 * (inner - low))
    return np.concatenate([[low], inner[apart], [high]])


def _steep_cells(response_model: ResponseModel, knots: dict[Cell, Floats]) -> Iterator[Cell]:
    """Cells with a curve whose slope at the first knot is far above its first chord."""
    for effect in (e for group in response_model.effects.values() for e in group):
        places = [place for stock_key, place in knots if stock_key == effect.stock_key]
        if not places:
            continue
        first = np.array([knots[effect.stock_key, place][:2] for place in places])
        cells = effect.cells.take(np.repeat(places, 2))
        value, slope = cells.value(first.ravel()), cells.slope(first.ravel())
        rise = np.diff(value.reshape(-1, 2)).ravel()
        steep = (slope[::2] * np.diff(first).ravel() > _STEEP * rise) & (rise > 0)
        yield from ((effect.stock_key, places[at]) for at in np.flatnonzero(steep))


def _finer(old: Floats, points: list[float], steep: bool = False) -> Floats:
    if not points:
        return old
    down = old[0] + (old[1] - old[0]) * _DOWN
    start = old[0] + 0.02 * (old[1] - old[0])
    new = np.concatenate([down if steep and x <= start else _cuts(old, x) for x in points])
    return _between(old[0], old[-1], np.concatenate([old, new]))


def _cuts(knots: Floats, x: float) -> Floats:
    """Points that cut the piece where x lies, or both pieces beside it when x is a knot."""
    place = int(np.searchsorted(knots, x))
    left, right = knots[max(place - 1, 0)], knots[min(place, len(knots) - 1)]
    width = max(right - left, 1e-300)
    if min(x - left, right - x) > 0.02 * width:
        return np.array([x, x - (x - left) / 4, x + (right - x) / 4])
    nearest = int(np.argmin(np.abs(knots - x)))
    knot, before = knots[nearest], knots[max(nearest - 1, 0)]
    after = knots[min(nearest + 1, len(knots) - 1)]
    return np.array([knot - (knot - before) / 4, knot + (after - knot) / 4])
