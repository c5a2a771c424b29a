"""Rules on when channels run: one function per rule, its formula as rows of the program.

In the formulas s is spend, `on` the binary that says whether a channel is live in a month, M more
money than any plan has. A month is live when it has money, and then it has at least what the rule
asks of a live month.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from optimize.errors import AllocationError
from optimize.model.program import Program, Row
from optimize.model.rows import (
    average_month,
    check_channel,
    check_month,
    money,
    planned_channels,
)
from scenarios import rules
from tiermix.core import figures


def flight(program: Program, rule: rules.Flight) -> Iterator[Row]:
    """s_c,m = 0 outside the windows (flight) or inside them (blackout)."""
    closed = [m for m in program.by_month if (m in rule.months) == (rule.kind == "blackout")]
    for name in planned_channels(program, rule.channels):
        yield from _closed(program, rule.name, name, closed, "the spend allowed in closed months")


def _closed(
    program: Program, rule: str, channel: str, months: list[str], what: str
) -> Iterator[Row]:
    for month in months:
        body = program.spend([channel], program.by_month[month])
        yield money(program, rule, body, what, 0.0, None, 0.0)


def minimum_to_work(program: Program, rule: rules.MinimumToWork) -> Iterator[Row]:
    """s_c,m = 0 or s_c,m ≥ amount:  s − amount · on ≥ 0,  s − M · on ≤ 0."""
    for name in planned_channels(program, rule.channels):
        yield from _live(program, rule.name, name, (), rule.amount, "the least amount that works")


def _live(
    program: Program,
    rule: str,
    channel: str,
    months: tuple[str, ...],
    amount: float,
    what: str,
    least: float = 0.0,
) -> Iterator[Row]:
    """What ties a channel's switches to its money: nothing, or at least the amount.

    The amount gives way down to `least`.
    """
    unit = program.scenario.currency
    step = f"raising {what} by {figures.money(1.0, unit)}"
    for month in months or program.by_month:
        spend, on = (
            program.spend([channel], program.by_month[month]),
            program.switch(channel, month),
        )
        most = program.most_in(channel, month)
        yield Row(
            rule, spend - amount * on, 0.0, None, on, step, amount, unit, least=least, what=what
        )
        yield Row(rule, spend - most * on, None, 0.0, 0.0, step, links=True)


def _live_amount(
    program: Program, rule: rules.FlightLength | rules.LiveChannels, channel: str
) -> tuple[float, str, float]:
    """From how much money on a month is live, how it is called, and the least that it could be."""
    usual, what = rule.usual * average_month(program, channel), "the least amount of a live month"
    if rule.amount is None:
        return usual, f"{what} of {channel}", usual
    return rule.amount, what, min(usual, rule.amount)


def flight_length(program: Program, rule: rules.FlightLength) -> Iterator[Row]:
    """on_m − on_(m−1) ≤ on_(m+j),  0 < j < months on end, within the year;  on_0 = 0."""
    months, long = tuple(program.by_month), rule.months_on_end
    for name in planned_channels(program, rule.channels):
        yield from _live(program, rule.name, name, (), *_live_amount(program, rule, name))
        on = [program.switch(name, month) for month in months]
        for m in range(len(months)):
            begins = on[m] - on[m - 1] if m else on[m]
            for j in range(1, min(long, len(months) - m)):
                # Where the row gives way, flights of j months do; so much the number falls.
                gives = 1.0 / (j - long)
                step = "making the shortest flight a month longer"
                body, number = begins - on[m + j], float(long)
                yield Row(rule.name, body, None, 0.0, gives, step, number, "months", least=1.0)


def live_channels(program: Program, rule: rules.LiveChannels) -> Iterator[Row]:
    """least ≤ Σ_c on_c,m ≤ most, in every month (or those named)."""
    names = planned_channels(program, rule.channels)
    for month in rule.months:
        check_month(program, rule.name, month)
    for name in names:
        amount = _live_amount(program, rule, name)
        yield from _live(program, rule.name, name, rule.months, *amount)
    for month in rule.months or program.by_month:
        live = sum(program.switch(name, month) for name in names)
        if rule.least is not None:
            yield _counted(rule.name, live, "least", rule.least, rule.least, None, len(names))
        if rule.most is not None:
            yield _counted(rule.name, live, "largest", rule.most, None, rule.most, len(names))


def _counted(
    rule: str, live: Any, word: str, number: int, lower: int | None, upper: int | None, most: int
) -> Row:
    """A row whose number is a number of channels."""
    step = f"raising the {word} number of live channels by 1"
    return Row(rule, live, lower, upper, 1.0, step, number, "channels", least=0.0, most=float(most))


def launch(program: Program, rule: rules.Launch) -> Iterator[Row]:
    """s_c,m = 0 before the start;  learning ≤ Σ s_c,m ≤ most over the learning months."""
    check_channel(program, rule.name, rule.channel)
    check_month(program, rule.name, rule.start)
    months = tuple(program.by_month)
    if misfits := rule.misfits(program.channels, months):
        raise AllocationError(f"{rule.name}: {misfits[0]}.")
    before, name = list(months[: months.index(rule.start)]), rule.channel
    yield from _closed(
        program, rule.name, name, before, f"the spend allowed on {name} before its launch"
    )
    periods = [p for month in rule.learned_in(months) for p in program.by_month[month]]
    spend = program.spend([name], periods)
    learning, most = rule.learning, rule.most
    words = f"the learning budget of {name}"
    yield money(program, rule.name, spend, words, learning, learning, None)
    if most is not None:
        words = f"the cap on what learning with {name} costs"
        yield money(program, rule.name, spend, words, most, None, most)


BUILDERS: dict[str, Callable[..., Iterator[Row]]] = {
    "flight": flight,
    "blackout": flight,
    "minimum_to_work": minimum_to_work,
    "flight_length": flight_length,
    "live_channels": live_channels,
    "launch": launch,
}
