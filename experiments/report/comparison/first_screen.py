"""The first screen: which strategy, how sure, what it costs, which rule binds."""

import math
from typing import NamedTuple

import pandas as pd
from markupsafe import Markup

from experiments.comparison.result import Best, Comparison
from experiments.report.comparison.data import ReportData
from experiments.report.comparison.figures import (
    amount,
    differences,
    of_objective,
    range_in_words,
)
from experiments.report.html import bilingual, join, rich, tag
from experiments.risk import all_goals
from experiments.wording import counted, kpi_name
from tiermix.core.figures import short_money, short_percent


class Summary(NamedTuple):
    """A headline, the sentences under it, and cards of title, figure and remark.

    Words between ** are to be stressed.
    """

    headline: str
    sentences: list[str]
    cards: list[tuple[str, str, str]]


def top(comparison: Comparison, data: ReportData) -> Markup:
    """The title, what was simulated, and what the scenario is about."""
    worlds = counted(comparison.replications, "world")
    made = f"{worlds} of {comparison.customers:,} customers · seed {comparison.seed}"
    title = tag("h1", bilingual(data.title, data.title_zh))
    about = tag("p", data.about, class_="note") if data.about else ""
    return join([tag("header", title, tag("p", made, class_="note")), about])


def first_screen(comparison: Comparison, data: ReportData) -> Markup:
    """The answer: a headline, what surrounds it, and four cards."""
    found = summary(comparison, data)
    cards = [
        tag(
            "div",
            tag("dt", title),
            tag("dd", big, class_="big"),
            tag("dd", small, class_="small"),
            class_="card",
        )
        for title, big, small in found.cards
    ]
    return tag(
        "section",
        tag("div", rich(found.headline), class_="headline", role="heading", aria_level="1"),
        *(tag("p", rich(sentence), class_="lead") for sentence in found.sentences),
        tag("dl", *cards, class_="cards"),
        id="answer",
    )


def summary(comparison: Comparison, data: ReportData) -> Summary:
    """What a reader has to know first."""
    recommended = comparison.recommended()
    best = recommended or comparison.best()
    sentences = [
        _unfit(data),
        _rivals(comparison, best),
        _before(comparison, best),
        _unused(comparison, best),
        _outside(comparison, best),
        _knowing(comparison),
    ]
    return Summary(
        headline=_headline(comparison, best) if recommended else _none(comparison, best),
        sentences=[sentence for sentence in sentences if sentence],
        cards=[
            _sure(comparison, best),
            _cost(comparison, best),
            _binding(data),
            _goals(comparison, best),
        ],
    )


def _unfit(data: ReportData) -> str:
    """What has to be known before all else: the market does not agree with the company's weeks."""
    if not data.unfit:
        return ""
    return f"**This scenario is not to be planned with**: {data.unfit}."


def _step(comparison: Comparison, strategy: str) -> pd.Series | None:
    """The strategy's difference to the baseline in the objective, if both were run."""
    steps = differences(comparison)
    if steps is None or strategy == comparison.baseline:
        return None
    rows = of_objective(steps, comparison)
    mine = rows[rows.index == strategy]
    return None if mine.empty else mine.iloc[0]


def _headline(comparison: Comparison, best: Best) -> str:
    goal, step = kpi_name(comparison.objective), _step(comparison, best.strategy)
    name, old = comparison.label(best.strategy), comparison.label(comparison.baseline).lower()
    if step is None and best.strategy == comparison.baseline:
        return f"Keep **{old}**: nothing that was tried earns more {goal}."
    if step is None:
        return f"**{name}** earns the most {goal}."
    gain = amount(comparison, abs(step["difference"]))
    relative = short_percent(abs(step["relative"])) if math.isfinite(step["relative"]) else ""
    more = f"**{gain}** more {goal} than {old}" + (f" ({relative})" if relative else "")
    if not step["better"]:
        return f"**{name}** leads with {more}, but that may be chance."
    return f"**{name}** earns {more}."


def _rivals(comparison: Comparison, best: Best) -> str:
    step = _step(comparison, best.strategy)
    said = []
    if step is not None and math.isfinite(step["low"]):
        low, high = (amount(comparison, step[end], signed=True) for end in ("low", "high"))
        said.append(f"The difference lies between {low} and {high} (95 % interval).")
    if best.runner_up:
        rival, lead = comparison.label(best.runner_up), amount(comparison, best.lead.estimate)
        verdict = (
            f"It is ahead of every rival; the nearest, {rival.lower()}, is {lead} behind."
            if best.ahead_of_every_rival
            else f"{rival} is only {lead} behind, and that difference is not significant."
        )
        said.append(verdict)
    return " ".join(said)


def _none(comparison: Comparison, best: Best) -> str:
    """Where nothing that was tried can be recommended."""
    why = "breaks rules"
    if best.strategy not in comparison.followable:
        why = "is none that a company can follow"
    elif comparison.standing(best.strategy).allowed:
        why = "found no plan of its own"
    name = comparison.label(best.strategy)
    return f"**Nothing to recommend**: {name.lower()} earns the most, but {why}."


def _outside(comparison: Comparison, best: Best) -> str:
    """What earns more than the recommended strategy, but breaks rules."""
    others = [name for name in comparison.followable if not comparison.standing(name).allowed]
    if not others or not comparison.eligible:
        return ""
    other = comparison.best(among=others).strategy
    lead = comparison.ahead(other, best.strategy)
    if not lead.estimate > 0:
        return ""
    broken = comparison.standing(other).broken
    rules = f"{counted(len(broken), 'rule')} ({', '.join(rule.rule for rule in broken)})"
    return (
        f"{comparison.label(other)} earns {amount(comparison, lead.estimate)} more, but breaks "
        f"{rules}."
    )


def _last_year(comparison: Comparison, kpi: str) -> float | None:
    """A KPI of last year as it was, in the mean over worlds; None where it is not known."""
    rows = comparison.before()
    found = rows.loc[(rows["scope"] == "all") & (rows["kpi"] == kpi), "mean"]
    return None if found.empty else float(found.iloc[0])


def _before(comparison: Comparison, best: Best) -> str:
    """Last year as it was, and what this plan and the same plan again make of the year to come."""
    before, spent = (_last_year(comparison, kpi) for kpi in (comparison.objective, "spend"))
    if before is None or spent is None:
        return ""
    steps = of_objective(comparison.against_last_year(), comparison)
    names = dict.fromkeys([best.strategy, *{comparison.baseline} & set(comparison.strategies)])
    told = [
        f"{comparison.label(name).lower()} {range_in_words(comparison, steps.loc[name])}"
        for name in names
    ]
    goal, money = kpi_name(comparison.objective), short_money(spent, comparison.currency)
    return (
        f"Last year as it was: {amount(comparison, before)} {goal} with {money} spent. Against it "
        f"the year to come brings with {'; with '.join(told)}."
    )


def _unused(comparison: Comparison, best: Best) -> str:
    """Money of the plan that channels leave, which comes back."""
    table = comparison.unused()
    mine = table[table["strategy"] == best.strategy]
    if mine.empty:
        return ""
    left = mine["planned"] - mine["spent"]
    each = ", ".join(
        f"{name} {short_money(float(money), comparison.currency)}"
        for name, money in zip(mine["channel"].str.replace("_", " "), left, strict=True)
    )
    whole = short_money(float(left.sum()), comparison.currency)
    return f"{whole} of the plan will not be used, as there is no more to be bought: {each}."


def _knowing(comparison: Comparison) -> str:
    """What knowing more is worth: the best of who knows what only a simulator can know."""
    found = comparison.knowing_more()
    if found is None:
        return ""
    name, gain = found
    strategy = comparison.strategy(name)
    explains = strategy.explains if strategy else ""
    what = f"**{comparison.label(name)}** earns {amount(comparison, gain.estimate, signed=True)}"
    if math.isfinite(gain.low):
        low, high = (amount(comparison, end, signed=True) for end in (gain.low, gain.high))
        what += f" [{low}, {high}]"
    return (
        f"What knowing more is worth: {what} beside it. "
        f"{explains or 'It knows what only a simulator can know.'}"
    )


def _sure(comparison: Comparison, best: Best) -> tuple[str, str, str]:
    worlds = counted(comparison.replications, "world")
    if comparison.replications == 1:
        return "How sure", "one world", "a single world cannot tell chance from merit"
    if _step(comparison, best.strategy) is None:
        agree = short_percent(best.selection_stability)
        return "How sure", agree, f"of choices made on other worlds agree ({worlds})"
    wide = comparison.merit(comparison.objective)
    wins = int((wide[best.strategy] > wide[comparison.baseline]).sum())
    rivals = (
        "ahead of every rival"
        if best.ahead_of_every_rival
        else "not significantly ahead of every rival"
    )
    old = comparison.label(comparison.baseline).lower()
    return "How sure", f"{wins} of {worlds}", f"better than {old}; {rivals}"


def _cost(comparison: Comparison, best: Best) -> tuple[str, str, str]:
    total = float(comparison.spend()[best.strategy])
    remark = "spent over the year"
    before = _last_year(comparison, "spend")
    if before:
        share, money = total / before - 1, short_money(before, comparison.currency)
        as_much = f"as much as last year ({money})"
        more = f"{short_percent(share, signed=True)} on the {money} spent last year"
        remark += f", {as_much if abs(share) < 0.005 else more}"
    if tests := comparison.tests_cost(best.strategy):
        remark += f"; its tests {short_money(tests, comparison.currency)} of last year's margin"
    return "What it costs", short_money(total, comparison.currency), remark


def _binding(data: ReportData) -> tuple[str, str, str]:
    if data.prices is None:
        return "Which rule binds", "none", "this strategy is not the solution of a program"
    if not data.binding:
        return "Which rule binds", "none", "no rule stands in the way of a better plan"
    first, *others = data.binding
    more = f" ({len(others)} more bind)" if others else ""
    return "Which rule binds", first.rule.replace("_", " "), f"{first.words}{more}"


def _goals(comparison: Comparison, best: Best) -> tuple[str, str, str]:
    goals = comparison.goal_probabilities()
    mine = goals[goals["strategy"] == best.strategy]
    if mine.empty:
        return "Goals", "none", "the scenario sets no goals"
    least = mine.sort_values("probability").iloc[0]
    chance = short_percent(least["probability"])
    together = short_percent(all_goals(comparison.goals)[best.strategy].estimate)
    return (
        "Goals",
        f"{int(mine['met'].sum())} of {len(mine)} likely",
        f"all together in {together} of worlds; hardest: "
        f"{str(least['goal']).replace('_', ' ')}, met in {chance}",
    )
