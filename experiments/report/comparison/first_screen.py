"""The first screen: which strategy, how sure, what it costs, which rule binds."""

import math
from typing import NamedTuple

from markupsafe import Markup

from experiments.comparison.result import Best, Comparison
from experiments.report.comparison.cards import cards
from experiments.report.comparison.data import ReportData
from experiments.report.comparison.figures import (
    amount,
    called,
    last_year_of,
    of_objective,
    range_in_words,
    step_of,
)
from experiments.report.html import bilingual, join, rich, tag
from experiments.wording import counted, in_unit, kpi_name
from tiermix.core.figures import money, short_money, short_percent

FIRST = 2
"""Sentences above the cards: what has to be seen without scrolling."""


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
    shown = [
        tag(
            "div",
            tag("dt", title),
            tag("dd", big, class_="big"),
            tag("dd", small, class_="small"),
            class_="card",
        )
        for title, big, small in found.cards
    ]
    style = "headline" if comparison.recommended() else "headline stop"
    warned = "lead stop" if data.unfit else "lead"
    said = [
        tag("p", rich(sentence), class_="lead" if place else warned)
        for place, sentence in enumerate(found.sentences)
    ]
    return tag(
        "section",
        tag("div", rich(found.headline), class_=style, role="heading", aria_level="1"),
        *said[:FIRST],
        tag("dl", *shown, class_="cards"),
        *said[FIRST:],
        id="answer",
    )


def summary(comparison: Comparison, data: ReportData) -> Summary:
    """What a reader has to know first."""
    recommended = comparison.recommended()
    best = recommended or comparison.best()
    sentences = [
        _unfit(data),
        _rivals(comparison, best),
        _pays_until(comparison, data),
        _before(comparison, best),
        _in_profit(comparison, best),
        _unused(comparison, best),
        _outside(comparison, best),
        _knowing(comparison),
    ]
    return Summary(
        headline=_headline(comparison, best) if recommended else _none(comparison, best),
        sentences=[sentence for sentence in sentences if sentence],
        cards=cards(comparison, data, best),
    )


def _unfit(data: ReportData) -> str:
    """What has to be known before all else: the market does not agree with the company's weeks."""
    if not data.unfit:
        return ""
    return f"**This scenario is not to be planned with**: {data.unfit}."


def _headline(comparison: Comparison, best: Best) -> str:
    goal, step = kpi_name(comparison.objective), step_of(comparison, best.strategy)
    name, old = comparison.label(best.strategy), called(comparison, comparison.baseline)
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
    step = step_of(comparison, best.strategy)
    said = []
    if step is not None and math.isfinite(step["low"]):
        low, high = (amount(comparison, step[end], signed=True) for end in ("low", "high"))
        said.append(f"The difference lies between {low} and {high} (95 % interval).")
    if best.runner_up:
        rival, lead = comparison.label(best.runner_up), amount(comparison, best.lead.estimate)
        nearest = called(comparison, best.runner_up)
        verdict = (
            f"It is ahead of every rival; the nearest, {nearest}, is {lead} behind."
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
    name = called(comparison, best.strategy)
    return f"**Nothing to recommend**: {name} earns the most, but {why}."


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


def _before(comparison: Comparison, best: Best) -> str:
    """Last year as it was, and what this plan and the same plan again make of the year to come."""
    before, spent = (last_year_of(comparison, kpi) for kpi in (comparison.objective, "spend"))
    if before is None or spent is None:
        return ""
    steps = of_objective(comparison.against_last_year(), comparison)
    names = dict.fromkeys([best.strategy, *{comparison.baseline} & set(comparison.strategies)])
    told = [
        f"{called(comparison, name)} {range_in_words(comparison, steps.loc[name])}"
        for name in names
    ]
    goal, money = kpi_name(comparison.objective), short_money(spent, comparison.currency)
    return (
        f"Last year as it was: {amount(comparison, before)} {goal} with {money} spent. Against it "
        f"the year to come brings with {'; with '.join(told)}."
    )


def _in_profit(comparison: Comparison, best: Best) -> str:
    """The gain net of media, where another KPI decides."""
    baseline = comparison.baseline
    if comparison.objective == "profit" or baseline not in comparison.strategies:
        return ""
    steps = comparison.against()
    mine = steps[
        (steps["scope"] == "all")
        & (steps["kpi"] == "profit")
        & (steps["strategy"] == best.strategy)
    ]
    if mine.empty or best.strategy == baseline:
        return ""
    step, low, high = (
        in_unit("profit", float(mine[key].iloc[0]), comparison.currency, signed=True)
        for key in ("difference", "low", "high")
    )
    old = called(comparison, baseline)
    return f"In profit, net of media, that is {step} [{low}, {high}] against {old}."


def _pays_until(comparison: Comparison, data: ReportData) -> str:
    """The budget beyond which the last unit of money returns less than it costs."""
    found = data.budgets
    known = [plan for plan in found.plans if plan.spend] if found else []
    if found is None or not known or found.objective not in ("margin", "profit"):
        return ""
    sign, currency = money(1, comparison.currency), comparison.currency
    if found.pays_until is None:
        most = short_money(known[-1].budget, currency)
        return f"Up to {most} a year the last {sign} returns more than it costs, as the curves say."
    where = short_money(found.pays_until, currency)
    if found.pays_until < found.usual * 0.995:
        return (
            f"**Beyond {where} a year the last {sign} returns less than it costs**: this budget of "
            f"{short_money(found.usual, currency)} lies beyond it, as the curves say."
        )
    return f"Beyond {where} a year the last {sign} returns less than it costs, as the curves say."


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
