"""Rules on money: one function per rule, its formula as rows of the program.

In the formulas s is spend, S all spend of the period.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from optimize.model.program import Program, Row
from optimize.model.rows import (
    average_month,
    check_channel,
    check_month,
    had_money,
    last_year,
    money,
    periods_of,
    planned_channels,
    points,
)
from scenarios import rules
from tiermix.core import figures


def budget(program: Program, rule: rules.Budget) -> Iterator[Row]:
    """S ≤, ≥ or = amount."""
    amount = rule.share * program.budget if rule.amount is None else rule.amount
    for _, months in periods_of(program, rule):
        body = program.all_spend(months)
        lower = None if rule.sense == "at_most" else amount
        upper = None if rule.sense == "at_least" else amount
        yield money(program, rule.name, body, _budget_words(rule), amount, lower, upper)


def _budget_words(rule: rules.Budget) -> str:
    each = "each " if rule.period in ("quarter", "month") else ""
    when = "" if rule.period == "year" else f" of {each}{rule.period}"
    return f"{'the least spend' if rule.sense == 'at_least' else 'the budget'}{when}"


def channel_bounds(program: Program, rule: rules.ChannelBounds) -> Iterator[Row]:
    """least ≤ s_c ≤ most, in money, as share of S, or against last year's s_c."""
    names = planned_channels(program, rule.channels)
    if rule.basis == "last_year" and not rule.channels:  # a change on nothing says nothing
        names = tuple(name for name in names if had_money(program, name))
    for name in names:
        yield from _bounds(program, rule, (name,), name)


def group_bounds(program: Program, rule: rules.GroupBounds) -> Iterator[Row]:
    """least ≤ Σ s_c ≤ most over the group, in money, as share of S, or against last year's."""
    names = planned_channels(program, rule.channels)
    yield from _bounds(program, rule, names, rule.called)


def _bounds(
    program: Program,
    rule: rules.ChannelBounds | rules.GroupBounds,
    names: tuple[str, ...],
    what: str,
) -> Iterator[Row]:
    for _, months in periods_of(program, rule):
        spend = program.spend(names, months)
        if rule.basis == "share":
            yield from _share_band(program, rule, spend, months, what)
        elif rule.basis == "last_year":
            base = sum(last_year(program, name, months) for name in names)
            yield from _change_band(rule, spend, base, what)
        else:
            yield from _money_band(program, rule, spend, what)


def _money_band(
    program: Program, rule: rules.ChannelBounds | rules.GroupBounds, spend: Any, name: str
) -> Iterator[Row]:
    least, most = rule.least, rule.most
    if least is not None:
        yield money(program, rule.name, spend, f"the minimum for {name}", least, least, None)
    if most is not None:
        yield money(program, rule.name, spend, f"the cap on {name}", most, None, most)


def _change_band(
    rule: rules.ChannelBounds | rules.GroupBounds, spend: Any, base: float, name: str
) -> Iterator[Row]:
    for number, low, word in ((rule.least, True, "minimum for"), (rule.most, False, "cap on")):
        if number is not None:
            bound = (1 + number) * base
            lower, upper = (bound, None) if low else (None, bound)
            asked = (rule.name, spend, f"the {word} {name}", number, lower, upper, base)
            yield points(*asked, (-1.0, np.inf), base=1.0, of=" of last year's spend")


def tier_share(program: Program, rule: rules.TierShare) -> Iterator[Row]:
    """least · S ≤ s_tier ≤ most · S."""
    names = program.tier_channels(rule.tier)
    for _, months in periods_of(program, rule):
        spend = program.spend(names, months)
        yield from _share_band(program, rule, spend, months, f"tier {rule.tier}")


def _share_band(
    program: Program,
    rule: rules.TierShare | rules.ChannelBounds | rules.GroupBounds,
    spend: Any,
    months: tuple[str, ...],
    what: str,
) -> Iterator[Row]:
    total = program.all_spend(months)
    least, most, of = rule.least, rule.most, " of all spend"
    if least is not None:
        body, words = spend - least * total, f"the minimum for {what}"
        yield points(rule.name, body, words, least, 0.0, None, total, of=of)
    if most is not None:
        body, words = spend - most * total, f"the cap on {what}"
        yield points(rule.name, body, words, most, None, 0.0, total, of=of)


def ramp(program: Program, rule: rules.Ramp) -> Iterator[Row]:
    """s_m ≤ (1 + up) · s_(m−1) + free,  s_m ≥ (1 − down) · s_(m−1) − free.

    free = step + step_share · the channel's average month last year.
    """
    for name in planned_channels(program, rule.channels):
        free = rule.step + rule.step_share * average_month(program, name)
        before: Any = _last_month(program, name) if rule.from_last_year else None
        for mine in program.by_month.values():
            now = program.spend([name], mine)
            if before is not None and rule.up is not None:
                body, most = now - (1 + rule.up) * before, free
                asked = (rule.name, body, "the largest monthly rise", rule.up, None, most, before)
                yield points(*asked, (0.0, np.inf))
            if before is not None and rule.down is not None:
                body, down = now - (1 - rule.down) * before, rule.down
                what = "the largest monthly fall"
                yield points(rule.name, body, what, down, -free, None, -1.0 * before)
            before = now


def commitment(program: Program, rule: rules.Commitment) -> Iterator[Row]:
    """s_c,m = (or ≥) the amount promised."""
    for month, amount in rule.amounts.items():
        check_channel(program, rule.name, rule.channel)
        check_month(program, rule.name, month)
        body = program.spend([rule.channel], program.by_month[month])
        upper = amount if rule.sense == "exactly" else None
        what = f"the commitment to {rule.channel} in {month}"
        yield money(program, rule.name, body, what, amount, amount, upper)


def money_steps(program: Program, rule: rules.MoneySteps) -> Iterator[Row]:
    """s_c,m = step · n,  n a whole number."""
    unit = program.scenario.currency
    step = f"raising the step of money by {figures.money(1.0, unit)}"
    for name in planned_channels(program, rule.channels):
        for month, mine in program.by_month.items():
            count = program.count(name, month, rule.step)
            body = program.spend([name], mine) - rule.step * count
            # Another step for one month alone would be none: the row does not give way.
            ends = (rule.step, rule.step)
            yield Row(rule.name, body, 0.0, 0.0, count, step, rule.step, unit, 1.0, *ends)


def test_fund(program: Program, rule: rules.TestFund) -> Iterator[Row]:
    """S − s_tier3 ≤ (1 − share) · budget: the rest is for tests, spent in tier 3 or not at all."""
    tests = program.spend(program.tier_channels(3), program.months)
    body = program.all_spend(program.months) - tests
    upper, share = (1 - rule.share) * program.budget, rule.share
    asked = (rule.name, body, "the share held for tests", share, None, upper, -program.budget)
    yield points(*asked, of=" of the budget")


def spend_price(program: Program, rule: rules.SpendPrice) -> Iterator[Row]:
    """volume ≤ Σ_k money in band k / factor_k, in every month (or week)."""
    for name in planned_channels(program, rule.channels):
        rates = 1 / np.array([1.0, *rule.factor])
        for m in range(len(program.months)):
            parts = [program.money * part for part in program.responses.bands[name, m]]
            bought = sum(float(r) * part for r, part in zip(rates, parts, strict=True))
            # d(1 / factor) = −1 / factor²: what a higher price takes from each dear band.
            lost = sum(float(r * r) * part for r, part in zip(rates[1:], parts[1:], strict=True))
            volume, number = program.responses.volume[name, m], rule.factor[-1]
            body = program.money * volume - bought
            what = f"the prices of {name} above its first step"
            asked = (rule.name, body, what, number, None, 0.0, -1.0 * lost, (1.0, np.inf))
            yield points(*asked, of=" of the price below")


BUILDERS: dict[str, Callable[..., Iterator[Row]]] = {
    "budget": budget,
    "channel_bounds": channel_bounds,
    "group_bounds": group_bounds,
    "tier_share": tier_share,
    "ramp": ramp,
    "commitment": commitment,
    "money_steps": money_steps,
    "test_fund": test_fund,
    "spend_price": spend_price,
}


def _last_month(program: Program, channel: str) -> float:
    plan = program.scenario.last_year
    if channel not in plan.channels:
        return 0.0
    return float(plan.monthly().of(channel)[-1])
