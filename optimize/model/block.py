"""Columns and rows of a program that are written as numbers, beside what Pyomo states.

Money, responses, rules and the objective are Pyomo's: rules speak of them, and people read them.
The pieces that stand for curves are thousands of columns that nobody names, and other ones in every
refinement; as arrays they take a fraction of the time that objects take.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tiermix.core.arrays import Floats, Ints

Term = tuple[float, Any]
"""A coefficient and a variable of the Pyomo model."""
NONE = np.zeros(0, dtype=np.int64)


class Block:
    """Columns with their bounds, and rows over them and over variables of a Pyomo model."""

    def __init__(self) -> None:
        self.columns = 0
        self._bounds: list[tuple[Floats, Floats]] = []
        self._rows: list[tuple[Ints, Floats, Sequence[Term]]] = []
        self._ends: list[tuple[float, float]] = []

    def add_columns(self, lower: Floats, upper: Floats) -> Ints:
        """New columns between these bounds, and their numbers."""
        self._bounds.append((lower, upper))
        self.columns += len(lower)
        return np.arange(self.columns - len(lower), self.columns)

    def add_row(
        self,
        columns: Ints,
        coefficients: Floats,
        terms: Sequence[Term] = (),
        lower: float = -np.inf,
        upper: float = np.inf,
    ) -> None:
        """A row: `lower` ≤ coefficients · columns + terms ≤ `upper`."""
        self._rows.append((columns, coefficients, terms))
        self._ends.append((lower, upper))

    @property
    def bounds(self) -> tuple[Floats, Floats]:
        """Lower and upper bounds of all columns."""
        lower, upper = zip(*self._bounds, strict=True) if self._bounds else ((), ())
        return np.concatenate([*lower, np.zeros(0)]), np.concatenate([*upper, np.zeros(0)])

    @property
    def ends(self) -> tuple[Floats, Floats]:
        """Lower and upper bounds of all rows."""
        ends = np.array(self._ends).reshape(-1, 2)
        return ends[:, 0], ends[:, 1]

    @property
    def entries(self) -> tuple[Ints, Ints, Floats]:
        """Row, column and value of all that the rows say of columns."""
        sizes = [len(columns) for columns, _, _ in self._rows]
        rows = np.repeat(np.arange(len(sizes)), sizes)
        columns = np.concatenate([*(row[0] for row in self._rows), NONE])
        return rows, columns, np.concatenate([*(row[1] for row in self._rows), np.zeros(0)])

    @property
    def terms(self) -> list[tuple[int, float, Any]]:
        """Row, coefficient and variable of all that the rows say of the Pyomo model."""
        return [
            (row, coefficient, variable)
            for row, (_, _, terms) in enumerate(self._rows)
            for coefficient, variable in terms
        ]
