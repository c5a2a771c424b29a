"""Which investments to buy out of one budget with media: a program with a binary for each.

    max  Σ gain_i · y_i + Σ together_ij · z_ij
    s.t. Σ cost_i · y_i ≤ budget;  z_ij ≤ y_i, z_ij ≤ y_j, z_ij ≥ y_i + y_j − 1;  y binary

A gain is what buying alone brings against all money in media, media planned again on what is left;
so the media that are given up are in it. `together` is what a pair brings beyond its two gains: the
interplay of the two, and that media give up more the more is taken from them. Of three or more it
is the expansion to second order.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pyomo.environ as pyo

from optimize.solver.highs import Solver
from optimize.solver.standard import compile_model

Pair = frozenset[str]


def best_investments(
    gains: Mapping[str, float],
    together: Mapping[Pair, float],
    costs: Mapping[str, float],
    budget: float,
    *,
    alternatives: Collection[Pair] = (),
    refused: Collection[Pair] = (),
    least: int = 0,
) -> tuple[str, ...] | None:
    """The set of investments with the greatest gain, in the order of `gains`; None without any.

    gains, costs: money by name. Of a pair of `alternatives` at most one is bought; no set is bought
    that holds all of one that is `refused`; at least so many are bought as `least` says. What
    brings nothing is not bought.
    """
    if len(gains) < least:
        return None
    if not least and max([*gains.values(), *together.values()], default=0.0) <= 0:
        return ()
    model = investment_model(
        gains, together, costs, budget, alternatives=alternatives, refused=refused, least=least
    )
    form = compile_model(model)
    solution = Solver(form, gap=0.0).solve()
    if solution.status != "optimal":
        return None
    values = {id(v): x for v, x in zip(form.columns, solution.x, strict=True)}
    found = tuple(name for name in gains if values.get(id(model.buy[name]), 0.0) > 0.5)
    return _without_idle(found, gains, together, least)


def worth(
    names: Collection[str], gains: Mapping[str, float], together: Mapping[Pair, float]
) -> float:
    """What the program says a set brings."""
    pairs = (x for pair, x in together.items() if pair <= set(names))
    return sum(gains[name] for name in names) + sum(pairs)


def _without_idle(
    names: tuple[str, ...], gains: Mapping[str, float], together: Mapping[Pair, float], least: int
) -> tuple[str, ...]:
    """The set without what it is worth as much without."""
    for name in reversed(names):
        rest = tuple(other for other in names if other != name)
        if len(rest) >= least and worth(rest, gains, together) >= worth(names, gains, together):
            names = rest
    return names


def investment_model(
    gains: Mapping[str, float],
    together: Mapping[Pair, float],
    costs: Mapping[str, float],
    budget: float,
    *,
    alternatives: Collection[Pair] = (),
    refused: Collection[Pair] = (),
    least: int = 0,
) -> Any:
    """The Pyomo model; gains are scaled by the largest, costs by the budget."""
    names = list(gains)
    pairs = [
        (a, b) for n, a in enumerate(names) for b in names[n + 1 :] if frozenset({a, b}) in together
    ]
    worth = max((abs(x) for x in (*gains.values(), *together.values())), default=0.0) or 1.0
    model = pyo.ConcreteModel(name="investments")
    model.buy = pyo.Var(names, domain=pyo.Binary)
    model.both = pyo.Var(range(len(pairs)), bounds=(0, 1))
    model.money = pyo.Constraint(
        expr=(None, sum(costs[n] / max(budget, 1e-12) * model.buy[n] for n in names), 1.0)
        if names
        else pyo.Constraint.Feasible
    )
    model.product = pyo.ConstraintList()
    for k, (a, b) in enumerate(pairs):
        model.product.add(model.both[k] <= model.buy[a])
        model.product.add(model.both[k] <= model.buy[b])
        model.product.add(model.both[k] >= model.buy[a] + model.buy[b] - 1)
    model.sets = pyo.ConstraintList()
    for group in (*alternatives, *refused):
        model.sets.add(sum(model.buy[name] for name in sorted(group)) <= len(group) - 1)
    if least:
        model.sets.add(sum(model.buy.values()) >= least)
    alone = sum(gains[name] / worth * model.buy[name] for name in names)
    more = sum(together[frozenset(pair)] / worth * model.both[k] for k, pair in enumerate(pairs))
    model.objective = pyo.Objective(expr=alone + more, sense=pyo.maximize)
    return model
