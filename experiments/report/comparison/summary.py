"""The answer in sentences: which strategy, how sure, what it costs, which rule binds."""

import math
from typing import NamedTuple

import pandas as pd

from experiments.comparison.result import PRIVILEGED, Best, Comparison
from experiments.report.comparison.data import Evidence
from experiments.wording import counted, in_unit, kpi_name, money, percent, strategy_name


class Answer(NamedTuple):
    """A headline, the sentences under it, and cards of title, figure and remark.

    Words between ** are to be stressed.
    """

    headline: str
    sentences: list[str]
    cards: list[tuple[str, str, str]]


def answer(comparison: Comparison, evidence: Evidence) -> Answer:
    """What a reader has to know first."""
    best = comparison.best()
    sentences = [_rivals(comparison, best), _follow(comparison, best)]
    return Answer(
        headline=_headline(comparison, best),
        sentences=[sentence for sentence in sentences if sentence],
        cards=[
            _sure(comparison, best),
            _cost(comparison, best),
            _binding(evidence),
            _goals(comparison, best),
        ],
    )


def _step(comparison: Comparison, strategy: str) -> pd.Series | None:
    """The strategy's difference to the baseline in the objective, if both were run."""
    if comparison.baseline not in comparison.strategies or strategy == comparison.baseline:
        return None
    steps = comparison.against()
    here = (steps["strategy"] == strategy) & (steps["scope"] == "all")
    rows = steps[here & (steps["kpi"] == comparison.objective)]
    return None if rows.empty else rows.iloc[0]


def _amount(comparison: Comparison, value: float, *, signed: bool = False) -> str:
    return in_unit(comparison.objective, value, comparison.currency, signed=signed)


def _headline(comparison: Comparison, best: Best) -> str:
    goal, step = kpi_name(comparison.objective), _step(comparison, best.strategy)
    name, old = strategy_name(best.strategy), strategy_name(comparison.baseline).lower()
    if step is None and best.strategy == comparison.baseline:
        return f"Keep **{old}**: nothing that was tried earns more {goal}."
    if step is None:
        return f"**{name}** earns the most {goal}."
    gain = _amount(comparison, abs(step["difference"]))
    relative = percent(abs(step["relative"])) if math.isfinite(step["relative"]) else ""
    more = f"**{gain}** more {goal} than {old}" + (f" ({relative})" if relative else "")
    if not step["better"]:
        return f"**{name}** leads with {more}, but that may be luck."
    return f"**{name}** earns {more}."


def _rivals(comparison: Comparison, best: Best) -> str:
    step = _step(comparison, best.strategy)
    said = []
    if step is not None and math.isfinite(step["low"]):
        low, high = (_amount(comparison, step[end], signed=True) for end in ("low", "high"))
        said.append(f"The difference lies between {low} and {high} (95 % interval).")
    if best.runner_up:
        rival, lead = strategy_name(best.runner_up), _amount(comparison, best.lead.estimate)
        verdict = (
            f"It is ahead of every rival; the nearest, {rival.lower()}, is {lead} behind."
            if best.separated
            else f"{rival} is only {lead} behind and cannot be told apart from it."
        )
        said.append(verdict)
    return " ".join(said)


def _follow(comparison: Comparison, best: Best) -> str:
    """What a company could follow when the best rests on what only a simulator knows."""
    if best.strategy not in PRIVILEGED or not comparison.followable:
        return ""
    other = comparison.best(among=comparison.followable)
    means = comparison.values(comparison.objective).mean()
    worth = _amount(comparison, float(means[best.strategy] - means[other.strategy]))
    name = strategy_name(other.strategy).lower()
    step = _step(comparison, other.strategy)
    gain = "" if step is None else f" ({_amount(comparison, step['difference'], signed=True)})"
    return (
        "It plans on response curves measured in the market itself, which only a simulator can do. "
        f"Of what a company can do with its own data, **{name}** is best{gain}; "
        f"knowing the curves is worth {worth} on top."
    )


def _sure(comparison: Comparison, best: Best) -> tuple[str, str, str]:
    worlds = counted(comparison.replications, "world")
    if comparison.replications == 1:
        return "How sure", "one world", "a single world cannot tell luck from merit"
    step = _step(comparison, best.strategy)
    if step is None:
        return (
            "How sure",
            f"{percent(best.chosen)}",
            f"of choices made on other worlds agree ({worlds})",
        )
    wide = comparison.values(comparison.objective)
    wins = int((wide[best.strategy] > wide[comparison.baseline]).sum())
    sure = "not proven against every rival" if not best.separated else "ahead of every rival"
    old = strategy_name(comparison.baseline).lower()
    return "How sure", f"{wins} of {worlds}", f"better than {old}; {sure}"


def _cost(comparison: Comparison, best: Best) -> tuple[str, str, str]:
    spend = comparison.spend()
    amount = float(spend[best.strategy])
    remark = "spent over the year"
    if comparison.baseline in spend.index and best.strategy != comparison.baseline:
        step = amount - float(spend[comparison.baseline])
        share = step / float(spend[comparison.baseline]) if spend[comparison.baseline] else math.nan
        same = abs(share) < 0.005
        remark += (
            ", as much as last year" if same else f", {percent(share, signed=True)} on last year"
        )
    return "What it costs", money(amount, comparison.currency), remark


def _binding(evidence: Evidence) -> tuple[str, str, str]:
    if evidence.prices is None:
        return "Which rule binds", "none", "this strategy is not the solution of a program"
    if not evidence.binding:
        return "Which rule binds", "none", "no rule stands in the way of a better plan"
    first, *others = evidence.binding
    more = f" ({len(others)} more bind)" if others else ""
    return "Which rule binds", first.rule.replace("_", " "), f"{first.words}{more}"


def _goals(comparison: Comparison, best: Best) -> tuple[str, str, str]:
    goals = comparison.goal_probabilities()
    mine = goals[goals["strategy"] == best.strategy]
    if mine.empty:
        return "Goals", "none", "the scenario sets no goals"
    least = mine.sort_values("probability").iloc[0]
    chance = percent(least["probability"])
    return (
        "Goals",
        f"{int(mine['met'].sum())} of {len(mine)} likely",
        f"hardest: {str(least['goal']).replace('_', ' ')}, met in {chance} of worlds",
    )
