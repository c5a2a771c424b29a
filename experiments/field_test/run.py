"""analyse_test: a company's own test by regions or by people, analysed by all methods it allows."""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np

from experiments.company_data.doubts import TableError
from experiments.field_test.asked import Asked
from experiments.field_test.difference_of_means import difference_of_means, split_check
from experiments.field_test.estimate import ALPHA, NotApplicable
from experiments.field_test.methods import METHODS
from experiments.field_test.money import Change, money_of
from experiments.field_test.panel import Panel
from experiments.field_test.people import PeopleTable
from experiments.field_test.placebo import in_space, in_time
from experiments.field_test.reading import read_test
from experiments.field_test.regions import RegionTable
from experiments.field_test.result import FieldTest, MethodResult
from tiermix.core.hints import hint
from tiermix.core.progress import Progress

BY_PEOPLE = "difference_of_means"


def analyse_test(
    test: str | os.PathLike[str] | RegionTable | PeopleTable,
    asked: Asked | None = None,
    *,
    method: str | None = None,
    spend: float | None = None,
    change: Change | None = None,
    seed: int = 1,
    progress: Progress | None = None,
) -> FieldTest:
    """Analyse a test of one's own, or the table of one.

    The headline is that of `method`, synthetic control unless said. `spend` is what the test cost
    where the table does not tell; `change` what it did to the channel's money: "on", "off" or a
    relative change. `seed` draws controls for placebo tests. Raises `TableError`.
    """
    wishes = asked or Asked()
    table = test if isinstance(test, RegionTable | PeopleTable) else read_test(test, wishes)
    names = [BY_PEOPLE] if isinstance(table, PeopleTable) else list(METHODS)
    if method is not None and method not in names:
        raise TableError(f"--method {method!r} is none for {table.source}; {hint(method, names)}")
    if spend is not None and not (np.isfinite(spend) and spend != 0):
        raise TableError(f"--spend {spend:g} is no amount; give what the test cost, as 50000.")
    if isinstance(table, PeopleTable):
        return _by_people(table, wishes, spend, change)
    return _by_regions(table, wishes, method, spend, change, seed, progress)


def panel_of(table: RegionTable) -> Panel:
    """The matrix of a table."""
    treated = np.array([region in table.treated for region in table.regions])
    money = None if table.spend is None else np.array(table.spend)
    return Panel(np.array(table.outcome, dtype=float), treated, table.before, money)


def _by_people(
    table: PeopleTable, asked: Asked, spend: float | None, change: Change | None
) -> FieldTest:
    checks = () if asked.share is None else (split_check(table, asked.share),)
    result = MethodResult(BY_PEOPLE, difference_of_means(table), checks=checks)
    remarks = [*table.remarks, *(f"{check.says}." for check in checks if not check.passed)]
    shown = "on" if change is None else change
    return FieldTest(table, BY_PEOPLE, (result,), tuple(remarks), None, spend, shown, asked.channel)


def _by_regions(
    table: RegionTable,
    asked: Asked,
    method: str | None,
    spend: float | None,
    change: Change | None,
    seed: int,
    progress: Progress | None,
) -> FieldTest:
    panel = panel_of(table)
    results = []
    for n, name in enumerate(METHODS):
        results.append(_result(name, panel, seed))
        if progress is not None:
            progress("methods", n + 1, len(METHODS))
    chosen = _chosen(results, method, table.source)
    money = money_of(panel)
    extra = spend if spend is not None or money is None else money.extra
    done = change if change is not None or money is None else money.change
    remarks = (*table.remarks, *_remarks(results, chosen))
    return FieldTest(table, chosen, tuple(results), remarks, money, extra, done, asked.channel)


def _result(name: str, panel: Panel, seed: int) -> MethodResult:
    method = METHODS[name]
    try:
        estimate = method(panel)
    except NotApplicable as why:
        return MethodResult(name, None, str(why))
    checks = (in_time(name, method, panel), in_space(name, method, panel, estimate, seed))
    return MethodResult(name, estimate, checks=checks)


def _chosen(results: list[MethodResult], asked: str | None, source: str) -> str:
    """The method of the headline: the one that is asked for, else the first that can be used."""
    reasons = {one.name: one.why for one in results if one.estimate is None}
    if asked in reasons:
        raise TableError(
            f"{source}: {asked} cannot be used: {reasons[asked]}; name another method."
        )
    able = [one.name for one in results if one.estimate is not None]
    if not able:
        raise TableError(f"{source}: no method can be used: {next(iter(reasons.values()))}.")
    return asked or able[0]


def _remarks(results: list[MethodResult], chosen: str) -> Iterator[str]:
    """What to know of the results: checks that fail, methods that contradict one another."""
    for one in results:
        yield from (f"{one.name}: {check.says}." for check in one.checks if check.passed is False)
        if one.estimate is None:
            yield f"{one.name} is not used: {one.why}."
    mine = next(one.estimate for one in results if one.name == chosen)
    assert mine is not None
    apart = [
        one.name
        for one in results
        if one.estimate and (one.estimate.low > mine.high or one.estimate.high < mine.low)
    ]
    if apart:
        yield f"the interval of {chosen} does not meet that of {', '.join(apart)}."
    if mine.p_value > ALPHA:
        yield (
            "no effect is found; such a test finds one of "
            f"{mine.detectable / mine.expected:.1%} or more four times in five."
        )
