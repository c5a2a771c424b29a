"""What is decided of each channel at a review, and why, in the figures that were known then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, isfinite, pi, sqrt
from typing import Any

from scipy.special import ndtr

from experiments.year_review.findings import Finding
from optimize import ResponseCurves, changed, marginal_returns
from scenarios import MediaPlan, Scenario, TestFund
from tiermix.core import figures

SCALE, HOLD, CUT, TEST = "scale", "hold", "cut", "test"
MOVED = 0.1
"""Of a channel's money for the months to come: a smaller change is none."""
TESTS = 2
"""Channels that are named for a test at once, where no rule sets a test fund apart."""
SURE = 1.64  # standard errors on either side: 90 %


@dataclass(frozen=True)
class Decision:
    """One channel at one review: what is decided, the sentence that says why, and its figures.

    `before` and `after` are its money in the months to come, `brings` what the next unit of money
    brings under the plan so far and `error` its standard error (not a number where curves have no
    draws), `hurdle` what it has to bring, `doubt` what not knowing it may cost.
    """

    channel: str
    tier: int
    decision: str
    reason: str
    before: float
    after: float
    brings: float
    error: float
    hurdle: float
    evidence: str
    doubt: float
    finding: Finding | None = None

    @property
    def proven(self) -> bool:
        """Whether its next unit brings more than it has to, at the low end of what is known."""
        return isfinite(self.error) and self.brings - SURE * self.error > self.hurdle

    def to_dict(self) -> dict[str, Any]:
        """The decision as JSON: `known` are the figures of the time."""
        known = {
            "money_before": self.before, "money_after": self.after, "next_unit_brings": self.brings,
            "error": self.error if isfinite(self.error) else None, "hurdle": self.hurdle,
            "evidence": self.evidence, "doubt_costs": self.doubt, "proven": self.proven,
        }  # fmt: skip
        if self.finding is not None:
            one = self.finding
            known |= {"since": one.since, "change": one.change, "change_error": one.error}
        return {
            "channel": self.channel, "tier": self.tier, "decision": self.decision,
            "reason": self.reason, "known": known,
        }  # fmt: skip


def decisions(
    scenario: Scenario,
    curves: ResponseCurves,
    before: MediaPlan,
    after: MediaPlan,
    passed: int,
    findings: Sequence[Finding] = (),
    tests: Mapping[str, str] | None = None,
    results: Mapping[str, str] | None = None,
) -> tuple[Decision, ...]:
    """Scale, hold, cut or test, of each plannable channel in the scenario's order.

    `before` is the plan so far with its passed months as they were spent, `after` the one that is
    followed from now on, `curves` those that it was made of. A channel is tested where its money
    is held, it cannot be told whether the next unit pays, and that costs most among all; among
    tier 3 where a rule holds a test fund, which lies there. Where `tests` are made those channels
    are, for the reason given; `results` say what earlier ones found.
    """
    kpi = currency_of_returns(scenario)
    returns = marginal_returns(scenario, curves, before, kpi, passed=passed)
    money = changed(before, after, scenario.months[passed:])
    hurdle = hurdle_of(scenario, returns, {name: was for name, (was, _) in money.items()})
    doubt = {n: cost_of_doubt(*returns[n], hurdle, money[n][1]) for n in scenario.plannable}
    tested = _tested(scenario, returns, money, hurdle, doubt) if tests is None else tests
    found = {one.cause: one for one in findings}
    evidence = _evidence(curves)
    made = []
    for name in scenario.plannable:
        was, now = money[name]
        what = TEST if name in tested else _moved(was, now)
        brings, error = returns[name]
        one = Decision(
            name, scenario.tier_of(name), what, "", was, now, brings, error, hurdle,
            evidence.get(name, ""), doubt[name], found.get(name),
        )  # fmt: skip
        made.append(
            _reasoned(one, kpi, scenario, (tests or {}).get(name), (results or {}).get(name))
        )
    return tuple(made)


def currency_of_returns(scenario: Scenario) -> str:
    """The KPI in which a unit of money is to pay: margin where the objective is money."""
    return "margin" if scenario.objective in ("profit", "margin") else scenario.objective


def cost_of_doubt(brings: float, error: float, hurdle: float, money: float) -> float:
    """What not knowing whether a channel pays costs: the unit normal loss, times its money.

    error · (φ(t) − t · Φ(−t)) with t = |brings − hurdle| / error (Raiffa and Schlaifer, 1961).
    """
    if not (isfinite(error) and error > 0):
        return 0.0
    t = abs(brings - hurdle) / error
    return float(error * (exp(-t * t / 2) / sqrt(2 * pi) - t * ndtr(-t)) * money)


def fund_for_tests(scenario: Scenario) -> float:
    """The money that rules set apart for tests, which lies in tier 3 or is not allocated yet."""
    shares = [rule.share for rule in scenario.rules if isinstance(rule, TestFund)]
    return max(shares, default=0.0) * scenario.budget


def hurdle_of(
    scenario: Scenario, returns: Mapping[str, tuple[float, float]], money: Mapping[str, float]
) -> float:
    """What the next unit has to bring: itself where profit is made best, else what it does now."""
    if scenario.objective == "profit":
        return 1.0
    total = sum(money.values())
    weighed = sum(returns[name][0] * money[name] for name in scenario.plannable)
    return weighed / total if total > 0 else 0.0


def _moved(was: float, now: float) -> str:
    if abs(now - was) <= MOVED * max(was, 1e-9):
        return HOLD
    return SCALE if now > was else CUT


def _tested(
    scenario: Scenario,
    returns: Mapping[str, tuple[float, float]],
    money: Mapping[str, tuple[float, float]],
    hurdle: float,
    doubt: Mapping[str, float],
) -> set[str]:
    """The channels whose doubt costs most, of those that are held and may or may not pay."""
    fund = fund_for_tests(scenario) > 0
    open_ = [
        name
        for name in scenario.plannable
        if (scenario.tier_of(name) == 3 or not fund)
        and _moved(*money[name]) == HOLD
        and doubt[name] > 0
        and abs(returns[name][0] - hurdle) < SURE * returns[name][1]
    ]
    return set(sorted(open_, key=lambda name: -doubt[name])[:TESTS])


def _evidence(curves: ResponseCurves) -> dict[str, str]:
    return {curve.channel: curve.evidence for curve in reversed(curves.curves)}


def _reasoned(
    one: Decision, kpi: str, scenario: Scenario, test: str | None, result: str | None
) -> Decision:
    """The decision with its reason in a sentence."""
    told = [_money(one, scenario.currency), _brings(one, kpi)]
    if one.finding is not None:
        told.append(one.finding.words)
    told += [said for said in (result, test) if said]
    if one.decision == TEST and not test:
        cost = figures.money(one.doubt, scenario.currency)
        told.append(f"whether it pays cannot be told, and not knowing it may cost {cost}")
        if fund := fund_for_tests(scenario):
            told.append(f"the test fund of {figures.money(fund, scenario.currency)} is for this")
    against = one.decision == CUT and one.brings > one.hurdle
    if against or (one.decision == SCALE and one.brings < one.hurdle):
        told.append("not for its return: rules, or other months and channels, ask for it")
    if one.decision == SCALE and one.proven:
        told.append("that is proven: the low end of what is known pays as well")
    return replace(one, reason="; ".join(told))


def _money(one: Decision, currency: str) -> str:
    was, now = (figures.money(amount, currency) for amount in (one.before, one.after))
    if one.decision in (SCALE, CUT):
        return f"from {was} to {now} in the months to come"
    if abs(one.after - one.before) < 1:
        return f"{now} in the months to come, as planned"
    return f"{now} in the months to come, near the {was} planned"


def _brings(one: Decision, kpi: str) -> str:
    error = f" ± {one.error:.2f}" if isfinite(one.error) else ""
    side = "more" if one.brings > one.hurdle else "less"
    end = "" if one.evidence in ("", "data") else f" ({one.evidence})"
    return (
        f"the next unit of money brings {one.brings:.2f}{error} of {kpi.replace('_', ' ')}{end}, "
        f"{side} than the {one.hurdle:.2f} it has to"
    )
