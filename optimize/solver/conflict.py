"""Why there is no plan: rules that cannot hold together, and the least change that would help.

The conflict comes from the program with pieces above the curves, so it is a proof; the relaxation
from the one below, so the relaxed rules can truly be kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyomo.environ as pyo

from optimize.errors import InfeasiblePlan, UndecidedPlan
from optimize.model.linearisation import Pieces
from optimize.problem.task import Task
from optimize.solver.certificate import NothingFits, built, missed
from optimize.solver.elastic import HOLDS, Elastic
from optimize.solver.highs import Solution
from optimize.solver.prices import COUNTED
from tiermix.core import figures
from tiermix.core.arrays import Floats

NOTHING = 1e-7  # relaxations below this share of a rule's number are rounding
ROUNDS = 3


def explain(task: Task, nothing: NothingFits) -> InfeasiblePlan | UndecidedPlan:
    """The error that says which rules are in conflict and what would make them hold.

    Where rules miss each other by less than rounding, the error says that nothing is decided.
    """
    probe, missing = nothing.high.missing or missed(task, nothing.high.program, nothing.high.form)
    if missing.objective <= HOLDS:
        return UndecidedPlan(
            "the rules leave so little room that neither a plan nor a proof that there is none was "
            "found; loosen the tightest one a little."
        )
    conflict, others = irreducible(probe, missing)
    if not conflict:
        return UndecidedPlan(
            "the rules miss each other so narrowly that no set of them could be shown to be in "
            "conflict; loosen the tightest one a little."
        )
    relaxation = least_relaxation(task, nothing.pieces)
    words = "; ".join(item["words"] for item in relaxation)
    more = " There are other conflicts beside this one." if others else ""
    why = "cannot hold together, and can when any one of them is dropped"
    if len(conflict) == 1:
        why = "cannot be kept by any plan, whatever the other rules"
    return InfeasiblePlan(
        f"No plan keeps all rules: {_listed(conflict)} {why}.{more}"
        f" The least change that makes everything feasible: {words}.",
        conflict,
        relaxation,
        others,
    )


def irreducible(probe: Elastic, missing: Solution) -> tuple[list[str], bool]:
    """Names of rules that cannot hold together but can when any one is dropped (deletion filter).

    Only rules on which the proof rests are tried. The set is held against the program without
    slacks, and found again by that alone where they disagree; none where that cannot tell. The
    second answer says whether other conflicts exist beside it.
    """
    every = list(dict.fromkeys(probe.rules.tolist()))
    pressed = probe.pressed(missing)
    kept = pressed if pressed and not probe.holds(pressed) else every
    kept = _filtered(kept, probe.holds)
    if not _is_irreducible(kept, probe.stand):
        kept = _filtered(every, probe.stand)
        if not _is_irreducible(kept, probe.stand):
            return [], False
    without = ([name for name in every if name != rule] for rule in kept)
    return kept, any(probe.stand(rest) is False for rest in without)


def _filtered(rules: list[str], hold: Callable[[list[str]], bool | None]) -> list[str]:
    """What is left when every rule is dropped without which the others still cannot hold."""
    for rule in list(rules):
        rest = [name for name in rules if name != rule]
        if hold(rest) is False:
            rules = rest
    return rules


def _is_irreducible(rules: list[str], stand: Callable[[list[str]], bool | None]) -> bool:
    """Whether these cannot hold together, and all but any one of them can."""
    without = ([name for name in rules if name != rule] for rule in rules)
    return bool(rules) and stand(rules) is False and all(stand(rest) for rest in without)


def least_relaxation(task: Task, pieces: Pieces) -> list[dict[str, Any]]:
    """The least change of rules, relative to each one's own number, after which all can hold."""
    elastic = Elastic(task, *built(task, pieces, "low"), ranges=True)
    for _ in range(ROUNDS):
        solution = elastic.solve()
        if solution.status != "optimal":  # within the ranges nothing helps: let numbers leave them
            elastic = Elastic(task, *built(task, pieces, "low"), ranges=False)
            solution = elastic.solve()
        elastic.put(solution)
        found = _relaxed(elastic, elastic.slack(solution))
        if all(item.pop("within") for item in found):
            break
        # What one step moves depends on the plan: bound the slacks anew where the plan is now.
        elastic.within_ranges()
    return found


def _relaxed(elastic: Elastic, slack: Floats) -> list[dict[str, Any]]:
    """Slacks as changes of the rules' own numbers, the largest for each number."""
    found: dict[tuple[str, float], dict[str, Any]] = {}
    currency = elastic.program.scenario.currency
    for row, by in zip(elastic.program.rows, slack, strict=True):
        moved = float(pyo.value(row.change)) / row.size
        change = float(by / moved if moved else by)
        if abs(change) <= NOTHING * max(abs(row.number), 1e-6):
            continue
        after = row.number + change
        item = {
            "rule": row.rule,
            "by": change,
            "number": float(row.number),
            "words": _words(row.rule, row.number, change, row.unit, currency),
            "within": row.least - NOTHING <= after <= row.most + NOTHING,
        }
        key = (row.rule, row.number)
        if key not in found or abs(change) > abs(found[key]["by"]):
            found[key] = item
    return list(found.values())


def _words(rule: str, number: float, by: float, unit: str, currency: str) -> str:
    verb = "raise" if by > 0 else "lower"
    if unit == "share":
        return (
            f"{verb} {rule} by {abs(by):.2%} points, from {number:.2%} to {number + by:.2%}"
        ).replace("% points", " percentage points")
    step, old, new = (_in_unit(x, unit, currency) for x in (abs(by), number, number + by))
    return f"{verb} {rule} by {step}, from {old} to {new}"


def _in_unit(value: float, unit: str, currency: str) -> str:
    if unit in ("money", currency):
        return figures.money(value, currency, 6)
    one = unit in COUNTED and value == 1.0
    return f"{figures.number(value, 6)} {unit[:-1] if one else unit.replace('_', ' ')}"


def _listed(names: list[str]) -> str:
    quoted = [f"“{name}”" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
