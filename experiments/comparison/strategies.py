"""How each strategy makes its plan for the year, from what it may know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from optimize import InfeasiblePlan, Plan, ResponseCurves, UndecidedPlan, allocate
from scenarios import MediaPlan, Scenario, TiermixError

if TYPE_CHECKING:
    import pandas as pd


class StrategyError(TiermixError):
    """A strategy that does not exist: the sentence names those that do."""


class World(Protocol):
    """The drawn world as strategies that are tried in it may use it."""

    def best_found(self) -> Choice: ...
    def reviewed(self, plan: MediaPlan) -> Choice: ...


@dataclass(frozen=True)
class Knowledge:
    """What a planner may know: the scenario as written, and last year as the company saw it.

    `last_click` is last year's revenue by the channel of the session; `estimated` makes curves from
    the company's aggregates when asked; `known` are the curves measured in the scenario as
    written, which only a simulator can have. `explain` asks programs for prices and intervals.
    """

    scenario: Scenario
    last_click: dict[str, float]
    estimated: Callable[[], ResponseCurves]
    known: ResponseCurves | None = None
    explain: bool = True
    world: World | None = None


@dataclass(frozen=True)
class Choice:
    """A strategy's plan; for programs also the plan's certificate and prices, or why none."""

    media: MediaPlan
    plan: Plan | None = None
    note: str = ""
    curves: ResponseCurves | None = field(default=None, repr=False)


def last_year(knows: Knowledge) -> Choice:
    """Last year's split, scaled to this year's budget."""
    return Choice(knows.scenario.reference_plan.scaled_to(knows.scenario.budget))


def equal(knows: Knowledge) -> Choice:
    """The same money for every channel, and in each month in which it takes place."""
    scenario = knows.scenario
    count = len(scenario.plannable)
    return Choice(_spread(scenario, np.full(count, 1.0 / count), np.ones(12)))


def last_click(knows: Knowledge) -> Choice:
    """Money where last year's last clicks were: shares of last-click revenue."""
    names = knows.scenario.plannable
    credit = np.array([max(knows.last_click.get(name, 0.0), 0.0) for name in names])
    if credit.sum() <= 0:
        return Choice(last_year(knows).media, note="no last click last year; kept last year's plan")
    return Choice(_split(knows.scenario, credit / credit.sum()))


def tiered(knows: Knowledge) -> Choice:
    """Fixed shares per tier (the scenario's, 60 / 30 / 10), inside a tier as last year."""
    scenario = knows.scenario
    spent = np.array([scenario.reference_plan.by_channel[name] for name in scenario.plannable])
    tier = np.array([scenario.tier_of(name) for name in scenario.plannable])
    share = np.zeros(len(spent))
    for number, part in enumerate(scenario.tier_shares, start=1):
        inside = tier == number
        weight = spent * inside if spent[inside].sum() > 0 else inside.astype(float)
        if weight.sum() > 0:
            share += part * weight / weight.sum()
    return Choice(_split(scenario, share / share.sum()))


def lp(knows: Knowledge) -> Choice:
    """The program on what the company can estimate from its own history.

    Its gap is a tenth of a percent: the estimates are not worth a finer one.
    """
    return _programmed(knows, knows.estimated(), gap=1e-3)


def lp_robust(knows: Knowledge) -> Choice:
    """The same with the bad draws of the estimates counted as well: mean and CVaR."""
    return _programmed(knows, knows.estimated(), robust=True)


def lp_known_curves(knows: Knowledge) -> Choice:
    """The program on curves measured in the market as written: the value of knowing."""
    if knows.known is None:
        raise StrategyError("lp_known_curves needs measured curves; measure_curves gives them")
    return _programmed(knows, knows.known)


def clairvoyant(knows: Knowledge) -> Choice:
    """The best plan found by one who knows the very world that was drawn."""
    if knows.world is None:
        raise StrategyError("clairvoyant needs the world that was drawn; compare lends it")
    return knows.world.best_found()


def lp_review(knows: Knowledge) -> Choice:
    """The program on the company's data, made again each quarter from what the year has shown."""
    if knows.world is None:
        raise StrategyError("lp_review needs a world to follow its plan in; compare lends it")
    start = lp(knows)
    found = knows.world.reviewed(start.media)
    return replace(found, note="; ".join(filter(None, [start.note, found.note])))


STRATEGIES: dict[str, Callable[[Knowledge], Choice]] = {
    "last_year": last_year,
    "equal": equal,
    "last_click": last_click,
    "tiered": tiered,
    "lp": lp,
    "lp_robust": lp_robust,
    "lp_known_curves": lp_known_curves,
    "lp_review": lp_review,
    "clairvoyant": clairvoyant,
}
USUAL = ("last_year", "equal", "last_click", "tiered", "lp", "lp_known_curves")
"""What is compared unless asked: the others live the year again and again, and take minutes."""
SAME_IN_EVERY_WORLD = frozenset({"last_year", "equal", "tiered", "lp_known_curves"})
"""Strategies that look at nothing that differs between worlds: planned once."""


def check_names(names: list[str]) -> list[str]:
    """The names, once each; raises `StrategyError` for one that does not exist."""
    from difflib import get_close_matches

    for name in names:
        if name not in STRATEGIES:
            near = get_close_matches(name, STRATEGIES, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(STRATEGIES)}"
            raise StrategyError(f"strategies: there is no strategy '{name}'; {hint}")
    return list(dict.fromkeys(names))


def _programmed(
    knows: Knowledge, curves: ResponseCurves, gap: float | None = None, robust: bool = False
) -> Choice:
    """The program's plan; where its estimates allow none, last year's plan and the reason."""
    try:
        plan = allocate(knows.scenario, curves, gap=gap, explain=knows.explain, robust=robust)
    except (InfeasiblePlan, UndecidedPlan) as nothing:
        kept = last_year(knows).media
        return Choice(kept, note=f"kept last year's plan: {nothing}", curves=curves)
    return Choice(plan.media, plan=plan, curves=curves)


def _split(scenario: Scenario, share: np.ndarray) -> MediaPlan:
    """The budget by channel shares, over months as last year's money was."""
    return _spread(scenario, share, np.array(list(scenario.reference_plan.by_month.values())))


def _spread(scenario: Scenario, share: np.ndarray, month: np.ndarray) -> MediaPlan:
    """The budget by shares of channels, over weights of the months in which each takes place.

    A channel that takes place in none of the weighted months keeps its money for all of them.
    """
    rows = [month * scenario.takes_place(name) for name in scenario.plannable]
    weights = np.array([row if row.sum() > 0 else month for row in rows])
    weights /= weights.sum(axis=1, keepdims=True)
    return MediaPlan(
        scenario.plannable, scenario.months, share[:, None] * weights * scenario.budget
    )


def last_click_revenue(aggregates: pd.DataFrame) -> dict[str, float]:
    """Revenue by the channel of the session that sold, summed over weeks and regions."""
    total = aggregates.groupby("channel", observed=True)["revenue"].sum()
    return {str(name): float(value) for name, value in total.items()}
