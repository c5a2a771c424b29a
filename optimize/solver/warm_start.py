"""One program solved again and again while a number moves: the budget, or that of any rule.

Pyomo writes the program once. Bounds and coefficients of the rows that the number moves are
straight lines in it, read off at two of its values; the simplex starts from where it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from pyomo.repn import generate_standard_repn

from optimize.model.linearisation import Pieces, Side
from optimize.model.program import Program, Row
from optimize.problem.task import Task
from optimize.solver.certificate import built, rule_places
from optimize.solver.highs import Solution, Solver
from tiermix.core.arrays import Floats, Ints


@dataclass(frozen=True)
class Move:
    """A number that moves between `first` and `second`.

    `rows` gives the rows that it may move, as they are at one of its values, and `place` where the
    first of them stands among all rows of the program.
    """

    first: float
    second: float
    rows: Callable[[Program, float], list[Row]]
    place: Callable[[Program], int]


@dataclass(frozen=True)
class _Lines:
    """Bounds [rows, 2] and coefficients [entries] of the rows that move, at `first`, and slopes."""

    rows: Ints
    bounds: Floats
    slopes: Floats
    entries: list[tuple[int, int]]
    coefficients: Floats
    steepness: Floats


class Warm:
    """One side's program with the number free to move."""

    def __init__(self, task: Task, pieces: Pieces, side: Side, move: Move) -> None:
        self.move = move
        self.program, form = built(task, pieces, side)
        self.solver = Solver(form)
        self.columns = {id(variable): i for i, variable in enumerate(form.columns)}
        self.lines = self._lines(rule_places(self.program, form))
        shape = (len(task.response_model.channels), len(task.response_model.months))
        spend = [self.columns[id(v)] for v in self.program.model.spend.values()]
        self.spend = np.array(spend).reshape(shape)

    def at(self, number: float) -> tuple[Solution, Floats, float]:
        """What is best at a number: the solution, its spend [C, M], and the number's price."""
        lines, by = self.lines, number - self.move.first
        bounds = lines.bounds + by * lines.slopes
        self.solver.with_rows(lines.rows, bounds[:, 0], bounds[:, 1])
        for entry, value in zip(
            lines.entries, lines.coefficients + by * lines.steepness, strict=True
        ):
            self.solver.with_coefficient(*entry, float(value))
        solution = self.solver.solve()
        if solution.status != "optimal":
            return solution, np.zeros(self.spend.shape), np.nan
        spend = np.maximum(solution.x[self.spend] * self.program.money, 0.0)
        return solution, spend, self._price(solution)

    def _price(self, solution: Solution) -> float:
        """Derivative of the objective in the number: Σ dual · (d bound − Σ d coefficient · x).

        NaN with integers, where there are no duals.
        """
        if self.solver.integer:
            return np.nan
        lines = self.lines
        # Both bounds move alike where both are finite; the slope of an endless one is 0.
        both = np.isfinite(lines.bounds).all(axis=1)
        moved = np.where(both, lines.slopes[:, 1], lines.slopes.sum(axis=1))
        price = float(solution.duals[lines.rows] @ moved)
        for (row, column), slope in zip(lines.entries, lines.steepness, strict=True):
            price -= float(solution.duals[row] * slope * solution.x[column])
        return price

    def _lines(self, places: Ints) -> _Lines:
        move = self.move
        one, two = (self._read(move.rows(self.program, x)) for x in (move.first, move.second))
        span = move.second - move.first
        rows, bounds, slopes, entries, coefficients, steepness = [], [], [], [], [], []
        for k, ((low, high, mine), (low2, high2, other)) in enumerate(zip(one, two, strict=True)):
            row = int(places[move.place(self.program) + k])
            rows.append(row)
            bounds.append([low, high])
            slopes.append([_slope(low, low2, span), _slope(high, high2, span)])
            for column in mine.keys() | other.keys():
                before, after = mine.get(column, 0.0), other.get(column, 0.0)
                if before != after:
                    entries.append((row, column))
                    coefficients.append(before)
                    steepness.append((after - before) / span)
        return _Lines(
            np.array(rows, dtype=np.int64),
            np.array(bounds).reshape(-1, 2),
            np.array(slopes).reshape(-1, 2),
            entries,
            np.array(coefficients),
            np.array(steepness),
        )

    def _read(self, rows: list[Row]) -> list[tuple[float, float, dict[int, float]]]:
        """Bounds of the linear part and coefficients by column, for each side of each row."""
        found = []
        for row in rows:
            linear = generate_standard_repn(row.body)
            by: dict[int, float] = {}
            for c, v in zip(linear.linear_coefs, linear.linear_vars, strict=True):
                by[self.columns[id(v)]] = by.get(self.columns[id(v)], 0.0) + float(c)
            for lower, upper in self.program.sides(row):
                low = -np.inf if lower is None else lower - linear.constant
                found.append((low, np.inf if upper is None else upper - linear.constant, by))
        return found


def _slope(before: float, after: float, span: float) -> float:
    return (after - before) / span if np.isfinite(before) else 0.0
