"""A peer that knows nothing of pieces: scaled SLSQP on the true curves, from several starts."""

from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize

from benchmarks.peer import gradient
from optimize.model.response_model import ResponseModel
from optimize.problem.task import Task
from scenarios.parts import rules
from scenarios.parts.rules import Rule
from tiermix.core.arrays import Floats

Slack = Callable[[Floats], float]


def slacks(task: Task, rule: Rule) -> list[Slack]:
    """A rule written again, straight from its definition: what has to be at least 0."""
    response_model = task.response_model
    every, tier = (
        np.ones(len(response_model.months)),
        np.array([response_model.tiers[c] for c in response_model.channels]),
    )
    if isinstance(rule, rules.Budget):
        amount = task.budget * rule.share if rule.amount is None else rule.amount
        return [lambda s: amount - s.sum()]
    if isinstance(rule, rules.TierShare):
        mine, least, most = tier == rule.tier, rule.least or 0.0, rule.most or 1.0
        return [
            lambda s: s[mine].sum() - least * s.sum(),
            lambda s: most * s.sum() - s[mine].sum(),
        ]
    if isinstance(rule, rules.CacCap):
        outcome, cap = rule.outcome, rule.cap
        return [lambda s: cap * response_model.kpi(outcome, s)[:-1] @ every - s.sum()]
    if isinstance(rule, rules.KpiFloor):
        kpi, level = rule.kpi, rule.at_least
        return [lambda s: response_model.kpi(kpi, s)[:-1] @ every - level]
    if isinstance(rule, rules.SpendPrice):
        return []  # the true curves know it
    if isinstance(rule, rules.TestFund):
        share = rule.share
        return [lambda s: (1 - share) * task.budget - s[tier < 3].sum()]
    if isinstance(rule, rules.Ramp):
        up = rule.up or 0.0
        pairs = [(c, m) for c in range(len(response_model.channels)) for m in range(1, len(every))]
        return [lambda s, c=c, m=m: (1 + up) * s[c, m - 1] - s[c, m] for c, m in pairs]
    raise AssertionError(f"the peer does not know {rule.kind}")


def best_of(task: Task, starts: int, seed: int = 0, *, exact: bool = True) -> tuple[float, Floats]:
    """The best objective that SLSQP finds while keeping the rules to 1e-7 of the budget.

    With `exact` it is told the objective's gradient; otherwise it takes differences, as usual.
    """
    response_model: ResponseModel = task.response_model
    shape = (len(response_model.channels), len(response_model.months))
    unit = task.budget / np.prod(shape)
    luck = np.random.default_rng(seed)
    checks = [slack for rule in task.rules for slack in slacks(task, rule)]
    size = [max(abs(check(np.full(shape, unit))), 1e-3 * task.budget) for check in checks]
    worth = max(abs(task.value(np.full(shape, unit))), 1e-9)
    found: list[tuple[float, Floats]] = []

    def slope(x: Floats) -> Floats:
        return -gradient(task, x.reshape(shape) * unit).ravel() * unit / worth

    for start in range(starts):
        first = (
            np.ones(shape)
            if start == 0
            else luck.dirichlet(np.ones(np.prod(shape))) * np.prod(shape)
        )
        result = minimize(
            lambda x: -task.value(x.reshape(shape) * unit) / worth,
            np.ravel(first) * 0.95,
            jac=slope if exact else None,
            method="SLSQP",
            bounds=[(0, None)] * int(np.prod(shape)),
            constraints=[
                {"type": "ineq", "fun": lambda x, k=k, s=s: k(x.reshape(shape) * unit) / s}
                for k, s in zip(checks, size, strict=True)
            ],
            options={"maxiter": 200, "ftol": 1e-11},
        )
        spend = np.maximum(result.x, 0.0).reshape(shape) * unit
        if all(check(spend) >= -1e-6 * s for check, s in zip(checks, size, strict=True)):
            found.append((task.value(spend), spend))
    return max(found, key=lambda pair: pair[0], default=(-np.inf, np.zeros(shape)))
