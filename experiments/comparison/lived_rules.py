"""What a market year says of a rule on what the money brings: its value, bound and error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from scenarios import Rule, Scenario, periods
from sim import MarketYear, Scorecard

Figures = dict[str, tuple[float, float]]


class NotJudged(Exception):  # noqa: N818 - an outcome, told by its reader
    """A rule of which the market gives no figure in its scope, or that is not known here."""


class Lived(NamedTuple):
    """A rule in one period of one year: the KPI that it bounds, its value, and the bound.

    `direction` is 1 where the bound is one from above, −1 from below; `se` is the value's error of
    simulation.
    """

    kpi: str
    value: float
    bound: float
    direction: int
    se: float

    @property
    def outside(self) -> float:
        """How far the value lies outside its bound; negative inside."""
        return self.direction * (self.value - self.bound)


def rules_lived(scenario: Scenario, years: Sequence[MarketYear]) -> list[list[list[Lived] | None]]:
    """Of each year the rules on outcomes in their order, in each period; None: not judged."""
    rules = [rule for rule in scenario.rules if rule.on_outcomes]
    cards = [Scorecard(year) for year in years]
    return [[_if_judged(rule, scenario, card) for rule in rules] for card in cards]


def _if_judged(rule: Rule, scenario: Scenario, card: Scorecard) -> list[Lived] | None:
    try:
        return lived(rule, scenario, card)
    except NotJudged:
        return None


def lived(rule: Rule, scenario: Scenario, card: Scorecard) -> list[Lived]:
    """The rule in each of its periods; raises `NotJudged` where the market has no figure for it."""
    value = _VALUES.get(str(getattr(rule, "kind", "")))
    if value is None:
        raise NotJudged(rule.name)
    tier = getattr(rule, "tier", None)
    labels = [label for label, _ in periods(getattr(rule, "period", "year"), scenario.months)]
    scopes = [_scope(label, tier, rule) for label in labels]
    return [value(rule, card.estimates(scope)) for scope in scopes]


def _scope(label: str, tier: int | None, rule: Rule) -> str:
    if tier is not None:
        if label != "year":
            raise NotJudged(rule.name)
        return f"tier:{tier}"
    if label == "year":
        return "all"
    return f"quarter:{label}" if label.startswith("Q") else f"month:{label}"


def _of(figures: Figures, kpi: str) -> tuple[float, float]:
    if kpi not in figures:
        raise NotJudged(kpi)
    return figures[kpi]


def _cac(rule: Any, figures: Figures) -> Lived:
    """All spend per outcome; nothing won for money is infinitely dear."""
    spend, (count, se) = _of(figures, "spend")[0], _of(figures, rule.outcome)
    value = spend / count if count > 0 else (np.inf if spend > 0 else 0.0)
    return Lived("cac", value, rule.cap, 1, value * se / count if count > 0 else 0.0)


def _roi(rule: Any, figures: Figures) -> Lived:
    spend, (outcome, se) = _of(figures, "spend")[0], _of(figures, rule.outcome)
    value = outcome / spend - 1 if spend > 0 else np.inf
    return Lived("roi", value, rule.floor, -1, se / spend if spend > 0 else 0.0)


def _floor(rule: Any, figures: Figures) -> Lived:
    value, se = _of(figures, rule.kpi)
    return Lived(rule.kpi, value, rule.at_least, -1, se)


def _capacity(rule: Any, figures: Figures) -> Lived:
    value, se = _of(figures, rule.kpi)
    return Lived(rule.kpi, value, rule.at_most, 1, se)


_VALUES: dict[str, Callable[[Any, Figures], Lived]] = {
    "cac_cap": _cac,
    "roi_floor": _roi,
    "kpi_floor": _floor,
    "capacity": _capacity,
}
