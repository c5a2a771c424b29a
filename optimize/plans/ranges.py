"""How far each channel's money may move while the plan stays nearly as good as the best one.

For each channel the least and the most of its year among all plans that keep the rules and lose no
more than a small share of the objective, every other channel free to make up for it: two linear
programs on the pieces below the curves, so that what is promised is truly so. Integers stay as the
plan has them. (The faces of the near-optimal set, as in "modelling to generate alternatives".)
"""

from __future__ import annotations

import numpy as np

from optimize.model.linearisation import Pieces
from optimize.plans.turned import closely, scale_of, worse
from optimize.problem.task import Task
from optimize.solver.certificate import Certified
from optimize.solver.integers import held
from tiermix.core.arrays import Floats

LOSS = 0.01


def ranges(task: Task, best: Certified, plan: Floats) -> Floats:
    """Least and most money of each channel's year [C, 2]; a plan [C, M] lies inside."""
    year = plan.sum(axis=1)
    found = np.column_stack([year, year])
    pieces = closely(task, Pieces.start(task.response_model, task.most), best.spend)
    solved = held(task, pieces, best.spend)
    if solved is None:
        return found
    program, solver = solved.program, solved.solver
    columns = {id(variable): place for place, variable in enumerate(solved.form.columns)}
    solver.with_least(worse(task, best.value, LOSS * scale_of(task, best)))
    solver.next_from("looser")
    for c in range(len(year)):
        cost = np.zeros(len(solved.form.cost))
        cost[[columns[id(program.model.spend[c, m])] for m in range(plan.shape[1])]] = 1.0
        for end, maximise in enumerate((False, True)):
            solver.with_cost(cost, maximise)
            solution = solver.solve(patient=False)
            if solution.status == "optimal":
                found[c, end] = solution.objective * program.money
    return np.column_stack([np.minimum(found[:, 0], year), np.maximum(found[:, 1], year)])
