"""One function per rule: its formula as rows of the program.

In the formulas s is spend, S all spend of the period, y a KPI over the period.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimize.errors import AllocationError
from optimize.program import Program, Row
from optimize.robust import drawn
from scenarios import rules
from scenarios.kpis import KPIS
from scenarios.rules import Rule, periods

ONE_POINT = 0.01  # a percentage point


def budget(program: Program, rule: rules.Budget) -> Iterator[Row]:
    """S ≤, ≥ or = amount."""
    amount = rule.share * program.budget if rule.amount is None else rule.amount
    for _, months in _periods(program, rule):
        body = program.all_spend(months)
        lower = None if rule.sense == "at_most" else amount
        upper = None if rule.sense == "at_least" else amount
        yield _money(program, rule.name, body, "of it", amount, lower, upper)


def channel_bounds(program: Program, rule: rules.ChannelBounds) -> Iterator[Row]:
    """least ≤ s_c ≤ most, in money, as share of S, or against last year's s_c."""
    for name in _channels(program, rule.channels):
        for _, months in _periods(program, rule):
            spend = program.spend([name], months)
            if rule.basis == "share":
                yield from _share_band(program, rule, spend, months, f"{name}'s share")
            elif rule.basis == "last_year":
                yield from _change_band(rule, spend, _last_year(program, name, months), name)
            else:
                yield from _money_band(program, rule, spend, name)


def _money_band(
    program: Program, rule: rules.ChannelBounds, spend: Any, name: str
) -> Iterator[Row]:
    least, most = rule.least, rule.most
    if least is not None:
        yield _money(program, rule.name, spend, f"as least for {name}", least, least, None)
    if most is not None:
        yield _money(program, rule.name, spend, f"as most for {name}", most, None, most)


def _change_band(rule: rules.ChannelBounds, spend: Any, base: float, name: str) -> Iterator[Row]:
    for number, low, word in ((rule.least, True, "least"), (rule.most, False, "most")):
        if number is not None:
            bound = (1 + number) * base
            lower, upper = (bound, None) if low else (None, bound)
            what = f"of last year as {word} for {name}"
            yield _points(rule.name, spend, what, number, lower, upper, base)


def tier_share(program: Program, rule: rules.TierShare) -> Iterator[Row]:
    """least · S ≤ s_tier ≤ most · S."""
    names = program.tier_channels(rule.tier)
    for _, months in _periods(program, rule):
        spend = program.spend(names, months)
        yield from _share_band(program, rule, spend, months, f"tier {rule.tier}'s share")


def _share_band(
    program: Program,
    rule: rules.TierShare | rules.ChannelBounds,
    spend: Any,
    months: tuple[str, ...],
    what: str,
) -> Iterator[Row]:
    total = program.all_spend(months)
    least, most = rule.least, rule.most
    if least is not None:
        body = spend - least * total
        yield _points(rule.name, body, f"as least for {what}", least, 0.0, None, total)
    if most is not None:
        body = spend - most * total
        yield _points(rule.name, body, f"as most for {what}", most, None, 0.0, total)


def ramp(program: Program, rule: rules.Ramp) -> Iterator[Row]:
    """s_m ≤ (1 + up) · s_(m−1) + step,  s_m ≥ (1 − down) · s_(m−1) − step."""
    for name in _channels(program, rule.channels):
        before: Any = _last_month(program, name) if rule.from_last_year else None
        for month in program.months:
            now = program.spend([name], [month])
            if before is not None and rule.up is not None:
                body = now - (1 + rule.up) * before
                yield _points(rule.name, body, "to rise by", rule.up, None, rule.step, before)
            if before is not None and rule.down is not None:
                body = now - (1 - rule.down) * before
                down = rule.down
                yield _points(rule.name, body, "to fall by", down, -rule.step, None, -1.0 * before)
            before = now


def commitment(program: Program, rule: rules.Commitment) -> Iterator[Row]:
    """s_c,m = (or ≥) the amount promised."""
    for month, amount in rule.amounts.items():
        _known(program, rule.name, rule.channel, month)
        body = program.spend([rule.channel], [month])
        upper = amount if rule.sense == "exactly" else None
        yield _money(program, rule.name, body, f"promised for {month}", amount, amount, upper)


def flight(program: Program, rule: rules.Flight) -> Iterator[Row]:
    """s_c,m = 0 outside the windows (flight) or inside them (blackout)."""
    closed = [m for m in program.months if (m in rule.months) == (rule.kind == "blackout")]
    for name in _channels(program, rule.channels):
        for month in closed:
            body = program.spend([name], [month])
            yield _money(program, rule.name, body, "allowed where there is none", 0.0, None, 0.0)


def minimum_to_work(program: Program, rule: rules.MinimumToWork) -> Iterator[Row]:
    """s_c,m = 0 or s_c,m ≥ amount:  s − amount · on ≥ 0,  s − M · on ≤ 0."""
    for name in _channels(program, rule.channels):
        for month in program.months:
            spend, on = program.spend([name], [month]), program.switch(name, month)
            step = f"one more {program.scenario.currency} needed to work"
            body = spend - rule.amount * on
            yield Row(rule.name, body, 0.0, None, on, step, rule.amount, program.scenario.currency)
            yield Row(rule.name, spend - program.most * on, None, 0.0, 0.0, step)


def test_fund(program: Program, rule: rules.TestFund) -> Iterator[Row]:
    """S − s_tier3 ≤ (1 − share) · budget: the rest is for tests, spent in tier 3 or not at all."""
    tests = program.spend(program.tier_channels(3), program.months)
    body = program.all_spend(program.months) - tests
    upper, share = (1 - rule.share) * program.budget, rule.share
    yield _points(rule.name, body, "held for tests", share, None, upper, -program.budget)


def cac_cap(program: Program, rule: rules.CacCap) -> Iterator[Row]:
    """S − cap · y ≤ 0."""
    unit = f"{program.scenario.currency} per {rule.outcome}"
    for _, months in _periods(program, rule):
        outcome = program.kpi(rule.outcome, program.over(months))
        body = program.all_spend(months) - rule.cap * outcome
        step = f"a cap higher by 1 {unit}"
        yield Row(rule.name, body, None, 0.0, outcome, step, rule.cap, unit)


def roi_floor(program: Program, rule: rules.RoiFloor) -> Iterator[Row]:
    """y − (1 + floor) · S ≥ 0."""
    for _, months in _periods(program, rule):
        spend = program.all_spend(months)
        body = program.kpi(rule.outcome, program.over(months)) - (1 + rule.floor) * spend
        yield _points(rule.name, body, "of ROI", rule.floor, 0.0, None, spend)


def kpi_floor(program: Program, rule: rules.KpiFloor) -> Iterator[Row]:
    """y ≥ level, overall or what a tier's channels bring."""
    if KPIS[rule.kpi].rule == "ratio":
        raise AllocationError(
            f"{rule.name}: {rule.kpi} is a ratio. A linear program holds it at a level only "
            "through its surplus (numerator − level · denominator), and no such curves were given; "
            "hold the numerator instead, or score the plan by it."
        )
    for _, months in _periods(program, rule):
        body, level = _outcome(program, rule, program.over(months)), rule.at_least
        step = f"one more of {rule.kpi}"
        yield Row(rule.name, body, level, None, 1.0, step, level, KPIS[rule.kpi].unit)


def _outcome(program: Program, rule: rules.KpiFloor, weights: NDArray[np.float64]) -> Any:
    """The KPI itself, or the mean of its worst draws where a probability is asked for."""
    if rule.probability is None:
        return program.kpi(rule.kpi, weights, rule.tier)
    if program.bundle is None or rule.tier is not None:
        raise AllocationError(
            f"{rule.name}: a floor with a probability is held over the curves' draws for a KPI as "
            "a whole; plan with `robust`, and without a tier."
        )
    found = drawn(program, program.bundle, ((rule.kpi, tuple(weights.tolist())),))
    return found.cvar(program, rule.probability)


def _money(
    program: Program,
    rule: str,
    body: Any,
    what: str,
    number: float,
    lower: float | None,
    upper: float | None,
) -> Row:
    """A row whose number is an amount of money."""
    unit = program.scenario.currency
    return Row(rule, body, lower, upper, 1.0, f"one more {unit} {what}", number, unit)


def _points(
    rule: str,
    body: Any,
    what: str,
    number: float,
    lower: float | None,
    upper: float | None,
    whole: Any,
) -> Row:
    """A row whose number is a share of `whole`, stepped by percentage points."""
    step = f"one percentage point more {what}"
    return Row(rule, body, lower, upper, ONE_POINT * whole, step, number, "share", ONE_POINT)


def rows(program: Program, rule: Rule) -> Iterator[Row]:
    """The rows of any rule; raises `AllocationError` for one that this program cannot carry."""
    build = BUILDERS.get(rule.kind)
    if build is None:
        refuse(rule)
    else:
        yield from build(program, rule)


def refuse(rule: Rule) -> None:
    """Raise `AllocationError` for a rule that programs cannot carry."""
    raise AllocationError(
        f"{rule.name}: rules of kind {rule.kind} cannot be carried by this program yet; take it "
        "out to plan without it."
    )


BUILDERS: dict[str, Callable[..., Iterator[Row]]] = {
    "budget": budget,
    "channel_bounds": channel_bounds,
    "tier_share": tier_share,
    "ramp": ramp,
    "commitment": commitment,
    "flight": flight,
    "blackout": flight,
    "minimum_to_work": minimum_to_work,
    "test_fund": test_fund,
    "cac_cap": cac_cap,
    "roi_floor": roi_floor,
    "kpi_floor": kpi_floor,
}


def _periods(program: Program, rule: Any) -> list[tuple[str, tuple[str, ...]]]:
    found = periods(rule.period, program.months)
    if not found:
        raise AllocationError(
            f"{rule.name}: period {rule.period!r} does not lie in the planned months "
            f"{program.months[0]} to {program.months[-1]}; use one of them."
        )
    return found


def _channels(program: Program, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if name in program.channels) if names else program.channels


def _known(program: Program, rule: str, channel: str, month: str) -> None:
    for field, value, known in (
        ("channel", channel, program.channels),
        ("month", month, program.months),
    ):
        if value not in known:
            raise AllocationError(
                f"{rule}: {field} {value!r} cannot be planned; use one of {', '.join(known)}."
            )


def _last_year(program: Program, channel: str, months: tuple[str, ...]) -> float:
    plan = program.scenario.reference_plan
    if channel not in plan.channels:
        return 0.0
    return float(np.sum([plan.of(channel)[plan.months.index(month)] for month in months]))


def _last_month(program: Program, channel: str) -> float:
    plan = program.scenario.last_year
    return float(plan.of(channel)[-1]) if channel in plan.channels else 0.0
