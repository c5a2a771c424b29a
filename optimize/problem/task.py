"""Task: the question as asked (outlook, rules, objective, budget); programs are built from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
import pyomo.environ as pyo

from optimize.errors import AllocationError
from optimize.model.linearisation import Pieces, Side
from optimize.model.program import Program, Row
from optimize.model.response_model import ResponseModel
from optimize.model.robust import Bundle, Parts, Robust, check_concave, drawn, worst
from optimize.problem import rule_rows
from optimize.problem.goals import from_goal
from scenarios import KPIS, Budget, Rule, check_sum
from tiermix.core.arrays import Floats

LEAST_SPEND = "spend"
GOALS = "goals"
AFTER_YEARS = 1.5  # what comes after the year is discounted as if it came in its middle


@dataclass(frozen=True)
class Task:
    """What to make best, under which rules, with how much money.

    `weights` give the objective as a weighted sum of KPIs ("spend" counts all money), to be made as
    large as possible; `minimise` turns that around.
    """

    response_model: ResponseModel
    rules: tuple[Rule, ...]
    weights: Mapping[str, float]
    name: str
    budget: float
    minimise: bool = False
    robust: Robust | None = None
    bundle: Bundle | None = None

    def program(self, pieces: Pieces, side: Side) -> Program:
        """The Pyomo model with all rules and the objective."""
        program = self._ruled(pieces, side)
        body = self.objective(program)
        (program.minimise if self.minimise else program.maximise)(body)
        return program

    def _ruled(self, pieces: Pieces, side: Side) -> Program:
        """The Pyomo model with all rules."""
        program = Program(
            self.response_model,
            pieces,
            side,
            kpis=self.kpis,
            less=self.less,
            budget=self.budget,
            most=self.most,
            fixed_months=self.fixed_months,
            after=self._by_persona([kpi for kpi in self.weights if kpi != LEAST_SPEND]),
        )
        program.bundle = self.bundle
        for rule in self.ruling:
            program.add(rule_rows.rows(program, rule), on_outcomes=rule.on_outcomes)
        program.tie_switches()
        return program

    @property
    def fixed_months(self) -> int:
        """How many of the planned months have passed."""
        return 0

    @property
    def signed(self) -> Floats | None:
        """The plan [C, M] that people already follow, if there is one."""
        return None

    @property
    def least_scale(self) -> float:
        """Below which size an objective counts as nothing when gaps are measured."""
        return 1e-12

    @property
    def ruling(self) -> tuple[Rule, ...]:
        """The rules that bound plans; discounting only weighs them."""
        return tuple(rule for rule in self.rules if rule.bounds_plans)

    def on_money(self) -> Self:
        """The task of any plan that keeps the rules on money, whatever that money brings."""
        rules = tuple(rule for rule in self.rules if not rule.on_outcomes)
        return replace(self, rules=rules, weights={}, robust=None, bundle=None)

    @property
    def in_money(self) -> bool:
        """Whether the objective is an amount of money: weights are per KPI, and all are money."""
        named = [kpi for kpi in self.weights if kpi != LEAST_SPEND]
        known = all(kpi in KPIS and KPIS[kpi].unit.startswith("money") for kpi in named)
        return known and self.name != GOALS and bool(self.weights)

    @property
    def usual_size(self) -> float:
        """The objective's size under the reference plan: what gaps and losses are shares of.

        What is left after media may be next to nothing: it is no smaller than the money it cost.
        """
        model = self.response_model
        spend = model.spend_of(model.scenario.reference_plan)
        money = self.weights.get(LEAST_SPEND, 0.0) * float(model.total_spend(spend).sum())
        return max(abs(self.value(spend)), abs(money))

    @property
    def cost_of_money(self) -> float | None:
        """What a unit of spend takes from an objective in money that does not count it already."""
        if not self.in_money or self.minimise:
            return None
        return 1.0 + self.weights.get(LEAST_SPEND, 0.0) - self.weights.get("profit", 0.0)

    @property
    def money_rule(self) -> str:
        """The name of the rule that holds the year's budget."""
        yearly = (rule.name for rule in self.rules if rule.holds_budget)
        return next(yearly, "")

    @property
    def kpis(self) -> tuple[str, ...]:
        """The KPIs that the objective or a rule speaks of."""
        asked = [kpi for kpi, weight in self.weights.items() if kpi != LEAST_SPEND and weight > 0]
        ruled = [kpi for rule in self.rules for kpi in rule.increases()]
        return self._by_persona([*asked, *ruled])

    @property
    def less(self) -> tuple[str, ...]:
        """The KPIs of which the objective or a rule wants less."""
        asked = [kpi for kpi, weight in self.weights.items() if kpi != LEAST_SPEND and weight < 0]
        ruled = [kpi for rule in self.rules for kpi in rule.decreases()]
        return self._by_persona([*asked, *ruled])

    def _by_persona(self, kpis: list[str]) -> tuple[str, ...]:
        parts = [part for kpi in kpis for part in self.response_model.curves_for(kpi)]
        return tuple(dict.fromkeys(parts))

    def objective(self, program: Program) -> object:
        """The objective as an expression of a program."""
        months, total = self.month_weights(), 0.0
        for month, share in zip(program.months, months[:-1], strict=True):
            weight = self.weights.get(LEAST_SPEND, 0.0)
            if weight:
                total = total + weight * float(share) * program.all_spend([month])
        if self.robust is not None and self.bundle is not None:
            found = drawn(program, self.bundle, self.parts)
            lean = self.robust.weight
            bad = found.cvar(program, self.robust.tail)
            return total + (1 - lean) * found.mean() + lean * bad
        for kpi, weight in self.weights.items():
            if kpi != LEAST_SPEND:
                total = total + weight * program.kpi(kpi, months, less=weight < 0)
        return total

    @property
    def parts(self) -> Parts:
        """The objective's KPIs with their weights by month."""
        months = self.month_weights()
        pairs = [(kpi, w * months) for kpi, w in self.weights.items() if kpi != LEAST_SPEND]
        return tuple((kpi, tuple(weights.tolist())) for kpi, weights in pairs)

    def learn(self, *plans: Floats) -> None:
        """Remember plans that programs landed on."""
        if self.bundle is not None:
            for spend in plans:
                self.bundle.see(spend)

    def value(self, spend: Floats, months: Floats | None = None) -> float:
        """The objective of a plan [C, M] on the true curves."""
        weights = self.month_weights() if months is None else months
        spent = float(weights[:-1] @ self.response_model.total_spend(spend))
        total = self.weights.get(LEAST_SPEND, 0.0) * spent
        if months is None and self.robust is not None and self.bundle is not None:
            outcomes = self.bundle.outcomes(self.parts, spend)
            lean = self.robust.weight
            bad = worst(outcomes, self.robust.tail)
            return total + (1 - lean) * float(outcomes.mean()) + lean * bad
        for kpi, weight in self.weights.items():
            if kpi != LEAST_SPEND:
                total += weight * self.response_model.total(kpi, spend, weights)
        return total

    def after(self, spend: Floats) -> float:
        """The part of the objective that comes after the planned year."""
        months = self.month_weights()
        return self.value(spend, months) - self.value(spend, np.append(months[:-1], 0.0))

    @property
    def has_integers(self) -> bool:
        """Whether a rule or the bend of a curve needs integers."""
        kinds = any(rule.needs_integers for rule in self.rules)
        effects = [e for kpi in self.kpis for e in self.response_model.effects.get(kpi, [])]
        return kinds or bool(self.less) or any((e.cells.inflection() > 0).any() for e in effects)

    def month_weights(self) -> Floats:
        """What a month's outcome counts, the last one what comes after the year [M + 1]."""
        rate = sum(rule.discount for rule in self.rules)
        length = self.response_model.calendar.lengths
        middle, all_of_it = np.cumsum(length) - 0.5 * length, AFTER_YEARS * length.sum()
        years = np.append(middle, all_of_it) / 12
        weights: Floats = (1 + rate) ** -years if rate else np.ones(len(years))
        return weights

    @cached_property
    def plain_program(self) -> Program:
        """A program that is not solved: what its rules are, whatever the pieces; built once."""
        return self.program(Pieces.bare(self.response_model, self.most), "low")

    def judge(self, spend: Floats) -> list[tuple[Row, float]]:
        """Each row of each rule with its value under a plan, on the true curves."""
        program = self.plain_program
        program.load_plan(spend)
        for switch, on in program.decisions(spend):
            switch.set_value(int(on), skip_validation=True)
        return [(row, float(pyo.value(row.body))) for row in program.rows]

    @property
    def most(self) -> float:
        """More money than any plan of this task could spend."""
        shares = [rule.share for rule in self.rules if isinstance(rule, Budget)]
        amounts = [rule.money for rule in self.rules]
        return max([self.budget, *amounts, *(share * self.budget for share in shares)])


def made_robust(task: Task, robust: Robust) -> Task:
    """The task with its objective over draws; raises `AllocationError` without concave ones."""
    bounded = [kpi for kpi in task.kpis if kpi in task.response_model.people]
    if bounded or task.less:
        raise AllocationError(
            f"robust planning cannot carry {', '.join([*bounded, *task.less])}: what is bounded by "
            "people, or wanted less of, is not a sum of concave draws. Plan without robust."
        )
    check_concave(task.response_model, tuple(kpi for kpi, _ in task.parts))
    bundle = task.bundle or Bundle(
        task.response_model, min(robust.draws, task.response_model.curves.draws)
    )
    bundle.see(task.response_model.spend_of(task.response_model.scenario.reference_plan))
    return replace(task, robust=robust, bundle=bundle)


def make_task(
    response_model: ResponseModel,
    *,
    budget: float | None,
    objective: str | Mapping[str, float] | None,
) -> Task:
    """The task that a scenario states, with another budget or objective if given.

    Without a yearly budget rule the scenario's budget is one. `objective` is a KPI, "spend" (least
    spend), or weights per KPI. Raises `AllocationError` for what cannot be an objective.
    """
    scenario = response_model.scenario
    money = scenario.budget if budget is None else float(budget)
    if not np.isfinite(money) or money <= 0:
        raise AllocationError(
            f"budget {money} is no amount above 0; give one in {scenario.currency}."
        )
    asked = scenario.objective if objective is None else objective
    weights, name = _weights(asked, response_model)
    given = list(scenario.rules)
    _check_names(given)
    if not any(rule.holds_budget for rule in given):
        given.insert(0, Budget(name="budget"))
    goals = [from_goal(response_model, goal) for goal in scenario.goals if goal.as_rule]
    rule_rows.check_carried((*given, *goals))
    _check_discount(given, weights, response_model)
    return Task(
        response_model, (*given, *goals), weights, name, money, asked in (LEAST_SPEND, GOALS)
    )


def _weights(
    asked: str | Mapping[str, float], response_model: ResponseModel
) -> tuple[dict[str, float], str]:
    if isinstance(asked, str):
        if asked in (LEAST_SPEND, GOALS):
            return {LEAST_SPEND: 1.0}, asked
        return _made_of(asked, response_model), "ltv of new customers" if asked == "ltv" else asked
    total: dict[str, float] = {}
    for name, weight in asked.items():
        if not np.isfinite(weight):
            raise AllocationError(f"the objective weighs {name} with {weight}; give a number.")
        for kpi, part in _made_of(name, response_model).items():
            total[kpi] = total.get(kpi, 0.0) + weight * part
    if not any(total.values()):
        raise AllocationError(
            f"the objective {dict(asked)} weighs nothing, so every plan is worth the same; give at "
            "least one KPI a weight that is not 0."
        )
    return {kpi: weight for kpi, weight in total.items() if weight}, _sum_in_words(asked)


def _made_of(kpi: str, response_model: ResponseModel) -> dict[str, float]:
    """What one of an objective is made of: KPIs with curves, and spend, each with its weight."""
    if kpi == LEAST_SPEND:
        return {LEAST_SPEND: 1.0}
    if kpi == "ltv":
        return _lifetimes(response_model)
    _check_objective(kpi)
    if kpi == "profit" and not response_model.has_curves(kpi):
        return {"margin": 1.0, LEAST_SPEND: -1.0}
    return {kpi: 1.0}


def _sum_in_words(asked: Mapping[str, float]) -> str:
    """A weighted sum as one writes it: margin - spend, 2 margin + 20 new_customers."""
    sizes = {1.0: ""}
    terms = [
        ("-" if weight < 0 else "+", f"{sizes.get(abs(weight), f'{abs(weight):g} ')}{kpi}")
        for kpi, weight in asked.items()
        if weight
    ]
    said = " ".join(f"{sign} {term}" for sign, term in terms)
    return said.removeprefix("+ ")


def _lifetimes(response_model: ResponseModel) -> dict[str, float]:
    """New customers, each counted with last year's lifetime value."""
    worth = response_model.curves.last_year.get("ltv")
    if worth is None or not worth > 0:
        raise AllocationError(
            "the objective ltv counts new customers with last year's lifetime value, which is not "
            "known to the curves; give `ltv` in `last_year`, or weights such as "
            "{'new_customers': 300}."
        )
    return {"new_customers": float(worth)}


def _check_objective(kpi: str) -> None:
    try:
        check_sum(kpi) if kpi not in KPIS or KPIS[kpi].rule != "reach" else None
    except ValueError as error:
        raise AllocationError(f"the objective {error}, or `spend` for least spend.") from None


def _check_discount(
    given: list[Rule], weights: Mapping[str, float], response_model: ResponseModel
) -> None:
    bounded = [
        kpi for kpi in weights if set(response_model.parts_of(kpi)) & set(response_model.people)
    ]
    if bounded and any(not rule.bounds_plans for rule in given):
        raise AllocationError(
            f"{bounded[0]} counts people once over the whole year, so its months cannot be "
            "discounted; take the discount out, or name another objective."
        )


def _check_names(given: list[Rule]) -> None:
    names = [rule.name for rule in given]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise AllocationError(
            f"two rules are called {min(twice)!r}; prices and conflicts speak of rules by name, so "
            "give each its own."
        )
