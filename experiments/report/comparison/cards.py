"""The cards of the first screen: how sure, what it costs, the last unit, which rule, goals."""

from __future__ import annotations

from experiments.comparison.result import Best, Comparison
from experiments.report.comparison.data import ReportData
from experiments.report.comparison.figures import called, last_year_of, step_of
from experiments.risk import all_goals
from experiments.wording import counted
from tiermix.core.figures import money, short_money, short_percent

Card = tuple[str, str, str]
"""Title, figure, remark."""
WORTH = 0.005
"""What a unit of money returns is called its cost within this much."""


def cards(comparison: Comparison, data: ReportData, best: Best) -> list[Card]:
    """What the first screen says in figures."""
    return [
        _sure(comparison, best),
        _cost(comparison, best),
        *_next_unit(comparison, data),
        _binding(data),
        _goals(comparison, best),
    ]


def _next_unit(comparison: Comparison, data: ReportData) -> list[Card]:
    """What one unit of budget more returns, where that is known."""
    if data.budgets is None or data.budgets.objective not in ("margin", "profit"):
        return []
    sign, worth = money(1, comparison.currency), data.cut_off
    brings = f"{sign.removesuffix('1')}{worth:.2f}"
    pays = "more" if worth > 1 + WORTH else "as much as" if worth >= 1 - WORTH else "less"
    said = (
        f"it returns {pays} than it costs" if pays != "as much as" else "it returns what it costs"
    )
    return [(f"The last {sign} brings", brings, f"of margin: {said}")]


def _sure(comparison: Comparison, best: Best) -> Card:
    worlds = counted(comparison.replications, "world")
    if comparison.replications == 1:
        return "How sure", "one world", "a single world cannot tell chance from merit"
    if step_of(comparison, best.strategy) is None:
        agree = short_percent(best.selection_stability)
        return "How sure", agree, f"of choices made on other worlds agree ({worlds})"
    wide = comparison.merit(comparison.objective)
    wins = int((wide[best.strategy] > wide[comparison.baseline]).sum())
    rivals = (
        "ahead of every rival"
        if best.ahead_of_every_rival
        else "not significantly ahead of every rival"
    )
    old = called(comparison, comparison.baseline)
    return "How sure", f"{wins} of {worlds}", f"better than {old}; {rivals}"


def _cost(comparison: Comparison, best: Best) -> Card:
    total = float(comparison.spend()[best.strategy])
    remark = "spent over the year"
    before = last_year_of(comparison, "spend")
    if before:
        share, money = total / before - 1, short_money(before, comparison.currency)
        as_much = f"as much as last year ({money})"
        more = f"{short_percent(share, signed=True)} on the {money} spent last year"
        remark += f", {as_much if abs(share) < 0.005 else more}"
    if tests := comparison.tests_cost(best.strategy):
        remark += f"; its tests {short_money(tests, comparison.currency)} of last year's margin"
    return "What it costs", short_money(total, comparison.currency), remark


def _binding(data: ReportData) -> Card:
    if data.prices is None:
        return "Which rule binds", "none", "this strategy is not the solution of a program"
    if not data.binding:
        return "Which rule binds", "none", "no rule stands in the way of a better plan"
    first, *others = data.binding
    more = f" ({len(others)} more bind)" if others else ""
    return "Which rule binds", first.rule.replace("_", " "), f"{first.words}{more}"


def _goals(comparison: Comparison, best: Best) -> Card:
    goals = comparison.goal_probabilities()
    mine = goals[goals["strategy"] == best.strategy]
    if mine.empty:
        return "Goals", "none", "the scenario sets no goals"
    least = mine.sort_values("probability").iloc[0]
    together = all_goals(comparison.goals)[best.strategy]
    chance, low, high = (
        short_percent(end) for end in (together.estimate, together.low, together.high)
    )
    return (
        "All goals together",
        chance,
        f"[{low}, {high}]; {int(mine['met'].sum())} of {len(mine)} more likely than not; hardest: "
        f"{str(least['goal']).replace('_', ' ')}, met in {short_percent(least['probability'])}",
    )
