"""Rules of a base that a fitted company cannot have: on money that it has not, at other sizes."""

from __future__ import annotations

from collections.abc import Mapping

from experiments.calibration.history import History
from scenarios import Rule, Scenario, rules

WEEKS = 52.0


def unfit_rules(base: Scenario, money: Mapping[str, float], history: History) -> tuple[str, ...]:
    """Names of rules that last year itself, with its `money` by channel, could not have kept.

    A floor on orders or revenue above the company's own, money for tiers or channels in which the
    company has none: a plan under them is none.
    """
    return tuple(rule.name for rule in base.rules if not _fits(rule, base, money, history))


def _fits(rule: Rule, base: Scenario, money: Mapping[str, float], history: History) -> bool:
    if isinstance(rule, rules.TierShare):
        mine, all_ = _spent(base, money, (rule.tier,)), _spent(base, money, (1, 2, 3))
        alone = mine == all_ and rule.most is not None and rule.most < 1
        return not alone and (mine > 0 or not rule.least)
    if isinstance(rule, rules.Commitment):
        return money.get(rule.channel, 0.0) > 0
    if isinstance(rule, rules.KpiFloor) and rule.kpi in ("conversions", "revenue"):
        year = getattr(history, rule.kpi).sum() * WEEKS / len(history.weeks)
        return rule.tier is None and rule.at_least <= float(year)
    return True


def _spent(base: Scenario, money: Mapping[str, float], tiers: tuple[int, ...]) -> float:
    return sum(x for name, x in money.items() if base.tier_of(name) in tiers)
