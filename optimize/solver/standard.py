"""A program as matrices: what Pyomo states, with the block of numbers beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from pyomo.core.base.objective import maximize
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler
from scipy import sparse

from optimize.model.block import Block
from tiermix.core.arrays import Bools, Floats, Ints

INFINITY = np.inf


@dataclass(frozen=True)
class Standard:
    """A program as matrices: sense·cost @ x + offset with `lower` ≤ A x ≤ `upper`.

    Rows are scaled to a largest coefficient of 1 by `row_scale`. Pyomo's come first: `names` are
    its constraints', `columns` its variables; a block's rows and columns follow without either.
    """

    matrix: Any
    lower: Floats
    upper: Floats
    cost: Floats
    offset: float
    maximise: bool
    column_lower: Floats
    column_upper: Floats
    integer: Bools
    row_scale: Floats
    names: tuple[str, ...]
    columns: tuple[Any, ...]

    def of_block(self, columns: Ints) -> Ints:
        """Where columns of the block stand among all of them."""
        return len(self.columns) + columns


def compile_model(model: Any, block: Block | None = None) -> Standard:
    """Translate a linear Pyomo model with one objective, and what a block says beside it."""
    form = LinearStandardFormCompiler().write(model, mixed_form=True, set_sense=None)
    sense = np.array([row[1] for row in form.rows])
    rhs = np.asarray(form.rhs, dtype=float)
    columns = tuple(form.columns)
    stated = Standard(
        matrix=sparse.csr_array(form.A),
        lower=np.where(sense <= 0, rhs, -INFINITY),
        upper=np.where(sense >= 0, rhs, INFINITY),
        cost=np.asarray(sparse.csr_array(form.c).toarray()).ravel(),
        offset=float(form.c_offset[0]),
        maximise=form.objectives[0].sense == maximize,
        **_kinds(columns),
        row_scale=np.ones(len(rhs)),
        names=tuple(row[0].name for row in form.rows),
        columns=columns,
    )
    return _scaled(stated if block is None else _beside(stated, block))


def _kinds(columns: tuple[Any, ...]) -> dict[str, Any]:
    """Bounds of Pyomo's variables, and which of them are whole."""
    ends = [(v.value, v.value) if v.fixed else v.bounds for v in columns]
    return {
        "column_lower": np.array([_bound(low, -INFINITY) for low, _ in ends], dtype=float),
        "column_upper": np.array([_bound(high, INFINITY) for _, high in ends], dtype=float),
        "integer": np.array([not v.is_continuous() for v in columns], dtype=bool),
    }


def _beside(stated: Standard, block: Block) -> Standard:
    """The program with the rows and columns of a block after those of Pyomo."""
    terms, (row, column, value) = block.terms, block.entries
    places = {id(variable): place for place, variable in enumerate(stated.columns)}
    # Pyomo leaves out what none of its own rows speaks of.
    more = {id(v): v for _, _, v in terms if id(v) not in places}
    places |= {name: len(places) + k for k, name in enumerate(more)}
    columns, rows = (*stated.columns, *more.values()), stated.matrix.shape[0]
    lower, upper = block.bounds
    kinds, ends = _kinds(tuple(more.values())), block.ends
    mine = stated.matrix.tocoo()
    matrix = sparse.coo_array(
        (
            np.concatenate([mine.data, value, [c for _, c, _ in terms]]),
            (
                np.concatenate([mine.row, rows + row, [rows + r for r, _, _ in terms]]),
                np.concatenate(
                    [mine.col, len(columns) + column, [places[id(v)] for _, _, v in terms]]
                ),
            ),
        ),
        shape=(rows + len(ends[0]), len(columns) + block.columns),
    )
    cost = np.zeros(len(columns) + block.columns)
    cost[: len(stated.cost)] = stated.cost
    return replace(
        stated,
        matrix=sparse.csr_array(matrix),
        lower=np.append(stated.lower, ends[0]),
        upper=np.append(stated.upper, ends[1]),
        cost=cost,
        column_lower=np.concatenate([stated.column_lower, kinds["column_lower"], lower]),
        column_upper=np.concatenate([stated.column_upper, kinds["column_upper"], upper]),
        integer=np.concatenate(
            [stated.integer, kinds["integer"], np.zeros(block.columns, dtype=bool)]
        ),
        columns=columns,
    )


def _scaled(form: Standard) -> Standard:
    """Every row divided by its largest coefficient."""
    largest = abs(form.matrix).max(axis=1).toarray().ravel() if len(form.lower) else np.zeros(0)
    scale = np.where(largest > 0, largest, 1.0)
    return replace(
        form,
        matrix=sparse.csr_array(sparse.diags_array(1 / scale) @ form.matrix),
        lower=form.lower / scale,
        upper=form.upper / scale,
        row_scale=scale,
    )


def _bound(value: float | None, default: float) -> float:
    return default if value is None else float(value)
