"""A plan as an Excel workbook: the answer, months with formulas, goals, prices, curves, grounds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from optimize import Plan, ResponseCurves
from scenarios import KPIS, MediaPlan, Scenario
from tiermix.core import figures
from tiermix.core.tables.sheets import (
    FIGURE,
    MONEY,
    SHARE,
    Formula,
    Sheet,
    column_letter,
    write_workbook,
)

BEFORE = ("channel", "name", "tier", "last year", "plan", "change")
FIRST = len(BEFORE)
"""Where the months begin."""
TO_USE_IT = "change months in the sheet 'plan' and save; the file is read as a plan"
CONFIDENCE = "90 % interval: how well the curves are known"


def write_plan_workbook(
    path: str | os.PathLike[str], plan: Plan, scenario: Scenario, curves: ResponseCurves
) -> Path:
    """The plan as a workbook, which `tiermix simulate --plan` and others read back.

    Its sheet `plan` has a column for each month; sums are formulas, so that they follow edits.
    """
    sheets = [
        Sheet("answer", ("", scenario.name), list(_answer(plan, scenario)), fixed=1),
        months_sheet(plan.monthly, scenario),
        *_weeks(plan),
        Sheet("goals", _GOALS, list(_goals(plan, scenario)), {1: FIGURE, 2: FIGURE, 3: FIGURE}),
        Sheet("prices", ("rule", "binds", "price", "in words"), list(_prices(plan)), {2: FIGURE}),
        _curves(curves),
        Sheet("assumptions", ("", ""), list(_grounds(plan, scenario, curves))),
    ]
    return write_workbook(path, sheets)


def _answer(plan: Plan, scenario: Scenario) -> Iterator[tuple[object, object]]:
    made, currency = plan.objective, scenario.currency
    money = plan.media.total
    yield "budget", figures.money(plan.provenance["budget"], currency)
    yield "planned", figures.money(money, currency)
    yield "last year", figures.money(scenario.last_year.total, currency)
    yield f"expected {made.name}", figures.number(made.value)
    if made.after:
        yield "of it after the year", figures.number(made.after)
    yield "best possible", f"at most {figures.number(made.upper)} on these curves"
    yield "certificate", _certificate(plan)
    if made.name in plan.intervals:
        low, high = plan.intervals[made.name]
        yield CONFIDENCE, f"{figures.number(low)} to {figures.number(high)}"
    if made.loss > 0:
        yield "given up for calm months", figures.percent(made.loss, 2)
    for price in plan.shadow_prices:
        if price.rule in plan.binding:
            yield "rule that costs something", price.words
    for channel, left in plan.unused.items():
        yield "not expected to be spent", f"{channel}: {figures.money(left, currency)}"
    for remark in plan.remarks:
        yield "remark", remark
    if plan.prior_only:
        yield "prior only, no data behind their curves", ", ".join(plan.prior_only)
    if plan.untried:
        yield "no money last year, so nothing is known", ", ".join(plan.untried)
    yield "to use it", TO_USE_IT


def _certificate(plan: Plan) -> str:
    asked = figures.percent(plan.provenance["gap_asked"], 2)
    words = f"within {figures.percent(plan.objective.gap, 2)} of the best possible"
    return words if plan.status == "optimal" else f"{words} ({asked} was asked for: {plan.status})"


def months_sheet(media: MediaPlan, scenario: Scenario) -> Sheet:
    """A plan by month: a row for each channel, quarters beside the months; sums are formulas."""
    ends = FIRST + len(media.months)
    before = scenario.last_year.by_channel
    names = {channel.name: channel.name_zh for channel in scenario.channels}
    quarters = _quarters(media.months)
    rows: list[list[object]] = []
    for r, channel in enumerate(media.channels, start=2):
        who = channel, names.get(channel, ""), scenario.tier_of(channel), before.get(channel, 0.0)
        year = _sum(_cell(FIRST, r), _cell(ends - 1, r))
        rows.append([*who, year, _change(r), *media.of(channel).tolist(), *_sums(r, quarters)])
    last = len(rows) + 1
    sums = [_sum(_cell(c, 2), _cell(c, last)) for c in range(3, ends + len(quarters))]
    sums[5 - 3] = _change(last + 1)
    total = ["total", "", "", *sums]
    head = [*BEFORE, *media.months, *quarters]
    formats = dict.fromkeys(range(3, len(head)), MONEY) | {5: SHARE}
    return Sheet("plan", head, [*rows, total], formats, fixed=2, bold=frozenset({len(rows)}))


def _sum(first: str, last: str) -> Formula:
    return Formula(f"=SUM({first}:{last})")


def _cell(column: int, row: int) -> str:
    return f"{column_letter(column)}{row}"


def _change(row: int) -> Formula:
    """Plan against last year, nothing where there was no money."""
    before, now = _cell(3, row), _cell(4, row)
    return Formula(f'=IF({before}>0,{now}/{before}-1,"")')


def _quarters(months: tuple[str, ...]) -> dict[str, list[int]]:
    """Places of the months of each quarter; none where the year does not begin with one."""
    numbers = [int(month[5:7]) for month in months]
    if len(months) != 12 or numbers[0] % 3 != 1:
        return {}
    found: dict[str, list[int]] = {}
    for place, number in enumerate(numbers):
        found.setdefault(f"Q{(number + 2) // 3}", []).append(place)
    return found


def _sums(row: int, quarters: dict[str, list[int]]) -> list[Formula]:
    """The quarters of a row."""
    ranges = [(FIRST + places[0], FIRST + places[-1]) for places in quarters.values()]
    return [_sum(_cell(a, row), _cell(b, row)) for a, b in ranges]


def _weeks(plan: Plan) -> Iterator[Sheet]:
    """The weeks of a plan by week."""
    if plan.unit == "week":
        cells = plan.media.to_frame().itertuples(index=False)
        rows = [(str(c), str(week), float(amount)) for c, week, amount in cells]
        yield Sheet("weeks", ("channel", "week", "amount"), rows, {2: MONEY})


_GOALS = ("expected over the year", "value", "low", "high", "unit", "goal")


def _goals(plan: Plan, scenario: Scenario) -> Iterator[tuple[object, ...]]:
    """Every KPI with its interval, and the goals on it."""
    wanted: dict[str, list[str]] = {}
    for goal in scenario.goals:
        level = f"{goal.level:g}" if goal.level is not None else ""
        target = level or f"{goal.change:+.0%} on last year"
        wanted.setdefault(goal.kpi, []).append(f"{goal.name}: {target}")
    for kpi, value in plan.kpis.items():
        low, high = plan.intervals.get(kpi, (None, None))
        unit = KPIS[kpi].unit.replace("money", scenario.currency) if kpi in KPIS else ""
        yield kpi, value, low, high, unit, "; ".join(wanted.pop(kpi, []))
    for kpi, goals in wanted.items():
        yield kpi, None, None, None, "not forecast", "; ".join(goals)


def _prices(plan: Plan) -> Iterator[tuple[object, ...]]:
    for price in plan.shadow_prices:
        yield price.rule, "yes" if price.rule in plan.binding else "no", price.price, price.words


def _curves(curves: ResponseCurves) -> Sheet:
    table = curves.to_frame()
    rows = [list(row) for row in table.itertuples(index=False)]
    return Sheet("curves", [str(name) for name in table.columns], rows, fixed=2)


def _grounds(
    plan: Plan, scenario: Scenario, curves: ResponseCurves
) -> Iterator[tuple[object, object]]:
    yield "scenario", f"{scenario.name} ({scenario.hash})"
    yield "curves", curves.source
    yield "plan", plan.provenance["plan_hash"]
    yield "objective", plan.objective.name
    for rule in scenario.rules:
        fields = rule.model_dump(mode="json", exclude_defaults=True, exclude={"name", "source"})
        yield f"rule {rule.name}", ", ".join(f"{key} {value}" for key, value in fields.items())
        yield "  its source", getattr(rule, "source", "") or "assumed"
    yield "interval", CONFIDENCE
