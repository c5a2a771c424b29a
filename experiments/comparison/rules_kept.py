"""Which of the scenario's rules each strategy keeps, over the draws in which it was tried.

Rules on money are judged on the plan itself, exactly, in every draw: one plan that breaks a rule is
enough. Rules on what the money brings (CAC caps, floors of KPIs and ROI, capacities, goals that are
rules) are judged by what was lived. Such a rule counts as broken where the mean over draws lies
outside its bound by more than chance explains: Student's one-sided 95 % over draws, shared among
the periods that the rule speaks of. One that no draw keeps, of more draws than that happens in by
chance (five), is broken as well. Beside it stands in how many draws it was kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from experiments.comparison.lived_rules import Lived, rules_lived
from experiments.comparison.paired import sign
from experiments.comparison.strategy import Choice
from experiments.wording import counted, in_unit
from optimize import Broken, rule_judge
from scenarios import MediaPlan, Scenario, periods
from sim import MarketYear, Workers, run_here
from tiermix.core import figures
from tiermix.core.arrays import Bools, Floats

CHANCE = 0.05


@dataclass(frozen=True)
class BrokenRule:
    """A rule that a strategy breaks: by how much at worst, in `unit`, and in how many draws.

    `bounds` are the bounds of the rule that are broken, each with its own amount: a rule on every
    channel has many.
    """

    rule: str
    by: float
    unit: str
    words: str
    draws: int
    bounds: tuple[tuple[str, float], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Its part of the JSON document."""
        bounds = [{"what": what, "by": by} for what, by in self.bounds]
        return {"rule": self.rule, "by": self.by, "unit": self.unit, "words": self.words,
                "draws": self.draws, "bounds": bounds}  # fmt: skip


@dataclass(frozen=True)
class LivedRule:
    """A rule on what the money brings, with what came of it: the mean over draws, and its bound.

    `kept` of `draws` draws kept it; `broken` says that the mean is outside by more than chance.
    """

    rule: str
    value: float
    bound: float
    kept: int
    draws: int
    broken: bool
    words: str

    def to_dict(self) -> dict[str, Any]:
        """Its part of the JSON document."""
        return {"rule": self.rule, "value": self.value, "bound": self.bound, "kept": self.kept,
                "draws": self.draws, "broken": self.broken, "words": self.words}  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """How a strategy stands to the rules.

    `lived` are the rules on what the money brings, whether kept or not; `unjudged` those of which
    the market gives no figure. In `fallback_draws` of `draws` the strategy made no plan of its own
    and kept last year's.
    """

    broken: tuple[BrokenRule, ...] = ()
    lived: tuple[LivedRule, ...] = ()
    unjudged: tuple[str, ...] = ()
    fallback_draws: int = 0
    draws: int = 0

    @property
    def allowed(self) -> bool:
        """Whether it keeps all rules."""
        return not self.broken

    @property
    def has_plan(self) -> bool:
        """Whether it made a plan of its own in any draw."""
        return not self.draws or self.fallback_draws < self.draws

    def to_dict(self) -> dict[str, Any]:
        """Its part of a strategy's JSON document."""
        return {
            "allowed": self.allowed,
            "rules_broken": [rule.to_dict() for rule in self.broken],
            "rules_lived": [rule.to_dict() for rule in self.lived],
            "rules_unjudged": list(self.unjudged),
            "fallback_draws": self.fallback_draws,
        }


@dataclass
class _Found:
    """The bounds of one rule on money that plans break, the worst over draws, and the draws."""

    bounds: dict[str, float] = field(default_factory=dict)
    draws: set[int] = field(default_factory=set)


def standings(
    scenario: Scenario,
    choices: Mapping[str, Sequence[Choice]],
    years: Sequence[Sequence[MarketYear]],
    goals: pd.DataFrame,
    workers: Workers = None,
) -> dict[str, Standing]:
    """How each strategy stands to the scenario's rules: by its plans, and by `years` [W][S].

    `goals` is the comparison's table of goals by strategy and draw.
    """
    found, judge = {}, rule_judge(scenario)
    rules = run_here(partial(rules_lived, scenario), years, workers=workers)
    for place, (name, mine) in enumerate(choices.items()):
        outcomes = [each[place] for each in rules]
        told, unjudged = _lived(scenario, outcomes, goals[goals["strategy"] == name])
        money = _on_money(scenario, [choice.media for choice in mine], judge)
        by_rule = {rule.rule: rule for rule in money}
        for rule in told:
            if rule.broken:
                by_rule.setdefault(rule.rule, _as_broken(rule))
        fallbacks = sum(choice.fallback for choice in mine)
        broken = tuple(by_rule.values())
        found[name] = Standing(broken, tuple(told), tuple(unjudged), fallbacks, len(mine))
    return found


def broken_by(scenario: Scenario, plan: MediaPlan) -> list[BrokenRule]:
    """The rules on money that a plan breaks, exactly."""
    return _on_money(scenario, [plan], rule_judge(scenario))


def _on_money(
    scenario: Scenario, mine: Sequence[MediaPlan], judge: Callable[[MediaPlan], tuple[Broken, ...]]
) -> list[BrokenRule]:
    """The rules on money that the plans of the draws break."""
    by_plan: dict[str, tuple[Broken, ...]] = {}
    found: dict[str, _Found] = {}
    for draw, media in enumerate(mine):
        key = media.hash
        if key not in by_plan:
            by_plan[key] = judge(media.monthly())
        for bound in by_plan[key]:
            rule = found.setdefault(bound.rule, _Found())
            what = bound.what or bound.rule
            rule.bounds[what] = max(rule.bounds.get(what, 0.0), bound.by)
            rule.draws.add(draw)
    return [_told(scenario, name, rule, len(mine)) for name, rule in found.items()]


def _told(scenario: Scenario, name: str, found: _Found, draws: int) -> BrokenRule:
    bounds = tuple(sorted(found.bounds.items(), key=lambda pair: -pair[1]))
    what, by = bounds[0]
    amount = figures.money(by, scenario.currency)
    more = len(bounds) - 1
    others = f", and {counted(more, 'other bound')} of the rule" if more else ""
    when = "" if len(found.draws) == draws else f", in {len(found.draws)} of {draws} draws"
    words = f"{name}: {what} is broken by {amount}{others}{when}"
    return BrokenRule(name, by, scenario.currency, words, len(found.draws), bounds)


def _lived(
    scenario: Scenario, draws: Sequence[Sequence[list[Lived] | None]], goals: pd.DataFrame
) -> tuple[list[LivedRule], list[str]]:
    """The rules on outcomes, each at its worst period, and those that cannot be judged."""
    told: list[LivedRule] = []
    unjudged: list[str] = []
    months = scenario.months
    for place, rule in enumerate(rule for rule in scenario.rules if rule.on_outcomes):
        rows = [one for draw in draws if (one := draw[place]) is not None]
        if len(rows) < len(draws):
            unjudged.append(rule.name)
            continue
        told.append(_worst(scenario, rule.name, rows, getattr(rule, "probability", None)))
    for goal in (goal for goal in scenario.goals if goal.as_rule):
        labels = [goal.name, *(f"{goal.name} {at}" for at, _ in periods(goal.period, months))]
        mine = goals[goals["goal"].isin(labels)]
        rows = [_of_goal(part) for _, part in mine.groupby("world")]
        told.append(_worst(scenario, goal.name, rows, None))
    return told, unjudged


def _of_goal(rows: pd.DataFrame) -> list[Lived]:
    """A draw's periods of a goal that is a rule; the error of simulation is not known of it."""
    cells = zip(rows["kpi"], rows["actual"], rows["target"], strict=True)
    return [Lived(str(kpi), float(now), float(to), -sign(kpi), 0.0) for kpi, now, to in cells]


def _worst(
    scenario: Scenario, name: str, draws: Sequence[Sequence[Lived]], probability: float | None
) -> LivedRule:
    """The period of a rule that lies furthest outside its bound, relative to its error."""
    by_period = list(zip(*draws, strict=True))
    outside = [np.array([one.outside for one in period]) for period in by_period]
    reach = _reach(CHANCE / len(by_period), len(draws))
    far = [
        float(by.mean()) - reach * _error([one.se for one in period], by)
        for period, by in zip(by_period, outside, strict=True)
    ]
    place = int(np.argmax(far))
    sample = by_period[place]
    value, bound = (float(np.mean([getattr(o, key) for o in sample])) for key in ("value", "bound"))
    each: Bools = np.all([by <= 0 for by in outside], axis=0)
    broken = far[place] > 1e-9 * max(abs(bound), 1e-9)
    never = not any(by <= 0 for by in outside[place])
    broken = broken or (never and 0.5 ** len(draws) * len(by_period) < CHANCE)
    if probability is not None:
        broken = _rarely(int(each.sum()), len(each), probability)
    words = _words(scenario, name, sample[0], value, bound, int(each.sum()), len(draws))
    return LivedRule(name, value, bound, int(each.sum()), len(draws), bool(broken), words)


def _rarely(kept: int, draws: int, probability: float) -> bool:
    """Whether so few draws kept a rule that its probability is not what chance explains."""
    from scipy.stats import binom

    return bool(binom.cdf(kept, draws, probability) < CHANCE)


def _error(simulated: Sequence[float], outside: Floats) -> float:
    """The error of the mean over draws; with one draw, that of simulating it."""
    error = float(simulated[0])
    if len(outside) > 1 and np.isfinite(outside).all():
        error = float(outside.std(ddof=1) / math.sqrt(len(outside)))
    return error if math.isfinite(error) else 0.0


def _reach(level: float, draws: int) -> float:
    """How many errors the mean may lie outside by chance."""
    return float(stdtrit(draws - 1 if draws > 1 else 1e6, 1 - level))


def _words(
    scenario: Scenario, name: str, one: Lived, value: float, bound: float, kept: int, draws: int
) -> str:
    side = "at most" if one.direction > 0 else "at least"
    now, asked = (in_unit(one.kpi, x, scenario.currency) for x in (value, bound))
    return f"{name}: {now} where it is to be {side} {asked}; kept in {kept} of {draws} draws"


def _as_broken(rule: LivedRule) -> BrokenRule:
    outside = abs(rule.value - rule.bound)
    return BrokenRule(rule.rule, outside, "", rule.words, rule.draws - rule.kept)
