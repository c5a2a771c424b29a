"""Whether any plan keeps the rules: asked before years are simulated, said as `plan` says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from experiments.comparison.strategy import Choice
from optimize import ResponseCurves, UndecidedPlan, allocate, nearest
from scenarios import Scenario

GAP = 0.05
"""Whether there is a plan is asked, not for the best one."""


def check_money_rules(scenario: Scenario) -> None:
    """Raise `InfeasiblePlan` where the rules on money cannot hold together; needs no curves."""
    nearest(scenario, scenario.reference_plan)


def check_all_rules(scenario: Scenario, known: ResponseCurves | None) -> None:
    """Raise `InfeasiblePlan` where no plan keeps all rules on the scenario's own curves.

    What cannot be decided is let pass: strategies say it of their plans.
    """
    if known is None or not _on_outcomes(scenario):
        return
    try:
        allocate(scenario, known, gap=GAP, calm=False, explain=False)
    except UndecidedPlan:
        return


def check_estimates(choices: Mapping[str, Sequence[Choice]], known: ResponseCurves | None) -> None:
    """Raise `InfeasiblePlan` where estimates decide, and allow no plan in any draw.

    With curves of the scenario's own they do not decide: what a company estimates may be wrong.
    """
    refused = [[choice.refused for choice in mine] for mine in choices.values()]
    asked = [mine for mine in refused if any(mine)]
    everywhere = [mine[0] for mine in asked if mine[0] is not None and all(mine)]
    if known is None and everywhere and len(everywhere) == len(asked):
        raise everywhere[0]


def _on_outcomes(scenario: Scenario) -> bool:
    ruled = any(rule.on_outcomes for rule in scenario.rules)
    return ruled or any(goal.as_rule for goal in scenario.goals)
