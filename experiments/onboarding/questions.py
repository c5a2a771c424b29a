"""What has to be settled before a table becomes a plan: all questions at once, none by a guess.

What the table leaves open is asked by the check of the table; what no table tells (an order's
value, the margin, the budget, the currency) is asked here, with what could be taken.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from experiments.company_data.column_doubts import column_doubts
from experiments.company_data.columns import Understood, is_figures, sample_of, understand
from experiments.company_data.doubts import QUESTION, Doubt, TableError, refuse_questions
from experiments.company_data.mapping import mapping_of
from experiments.company_data.periods import MONTHLY
from experiments.company_data.result import CheckedTable
from experiments.company_data.run import check_table
from experiments.company_data.vocabulary import (
    LEADS,
    MEDIA,
    NAMELESS_OUTCOMES,
    ORDERS,
    REVENUE,
    UNKNOWN,
)
from experiments.onboarding.answers import Answers
from tiermix.core.tables.cells import read_cells

if TYPE_CHECKING:
    from scenarios import Scenario


@dataclass(frozen=True)
class Settled:
    """A table without open questions, its base, and the answers with what was taken for them."""

    table: CheckedTable
    base: Scenario
    answers: Answers
    assumed: tuple[dict[str, str], ...]


def settle(
    path: str | os.PathLike[str],
    how: dict[str, Any],
    answers: Answers,
    *,
    scenario: str = "retail",
    assume: bool = False,
) -> Settled:
    """The table once all is answered; with `assume` what is proposed counts as an answer.

    Raises `TableError` with every question and a command that answers them.
    """
    table, doubts = _checked(path, how)
    known, lacking = _told(table) if table else _by_header(path, how)
    doubts += [replace(one, severity=QUESTION) for one in lacking]
    if not known & {*MEDIA, UNKNOWN} or (table is not None and table.amounts.step == MONTHLY):
        refuse_questions(str(path), doubts)  # no answer makes a plan without channels, or of months
    doubts += _order_value(known, how)
    money = _last_year(table)
    from scenarios import load_scenario  # not before the table could be read

    base, answers = load_scenario(scenario), answers.in_money(money)
    proposed = answers.proposals(base, money)
    open_ = [] if assume else [one for one in proposed if getattr(answers, one.name) is None]
    doubts += [Doubt(QUESTION, one.title, one.asks, one.remedy) for one in open_]
    if doubts:
        _refuse(path, how, doubts, open_)
    assert table is not None
    taken = [one for one in proposed if getattr(answers, one.name) is None]
    assumed = [
        {"field": one.name, "value": str(one.value), "because": f"--assume: {one.because}"}
        for one in taken
    ]
    return Settled(table, base, answers.completed(taken), tuple(assumed))


def _checked(
    path: str | os.PathLike[str], how: dict[str, Any]
) -> tuple[CheckedTable | None, list[Doubt]]:
    """The table, or what it leaves open; other errors of the file are raised as they are."""
    try:
        return check_table(path, **how), []
    except TableError as error:
        if not error.questions:
            raise
        return None, list(error.questions)


def _told(table: CheckedTable) -> tuple[set[str], list[Doubt]]:
    """The kinds of figures that a table has, and what a fit to it would be refused for."""
    known = {what for (what, _), figures in table.amounts.by_kind.items() if figures}
    return known, [one for one in table.doubts if one.stops_fit]


def _by_header(path: str | os.PathLike[str], how: dict[str, Any]) -> tuple[set[str], list[Doubt]]:
    """The same by the columns alone, of a table that cannot be read whole yet."""
    cells = read_cells(path, TableError, sheet=how.get("sheet"))
    known: Understood = understand(cells, mapping_of(how.get("columns", ()), cells.names))
    lacking = [one for one in column_doubts(known, cells) if one.stops_fit]
    figures = [c for c in known.columns if is_figures(sample_of(cells, c.name))]
    nameless = [c for c in figures if c.role == UNKNOWN and c.name.lower() in NAMELESS_OUTCOMES]
    return {column.role for column in figures if column not in nameless}, lacking


def _order_value(known: set[str], how: dict[str, Any]) -> list[Doubt]:
    """Orders or revenue alone make no market: what an order is worth gives the other."""
    if how.get("order_value") is not None or {ORDERS, REVENUE} <= known:
        return []
    if known & {ORDERS, REVENUE}:
        (has,) = known & {ORDERS, REVENUE}
        says = f"the table has {has} alone"
        return [
            Doubt(QUESTION, "order value", says, "say what an order is worth, as --order-value 60")
        ]
    if LEADS in known:
        says = "the table has leads alone, which are counted then"
        cure = "say what a lead is worth, as --order-value 60"
        return [Doubt(QUESTION, "order value", says, cure)]
    says = "orders and revenue are both needed, and one of them can be made of the other"
    cure = "where the table has one alone, say what an order is worth, as --order-value 60"
    return [Doubt(QUESTION, "order value", says, cure)]


def _last_year(table: CheckedTable | None) -> float | None:
    """Money of the last twelve months; None for a table that cannot be read yet."""
    from experiments.own_scenario.year import months_of_spend

    if table is None:
        return None
    return sum(map(sum, months_of_spend(table.amounts)[1].values()))


def _refuse(
    path: str | os.PathLike[str], how: dict[str, Any], doubts: list[Doubt], open_: Sequence[Any]
) -> None:
    try:
        refuse_questions(str(path), doubts)
    except TableError as error:
        line = " ".join(one.typed for one in open_)
        rest = (
            f"\nthen, with your own figures: tiermix onboard {shlex.quote(str(path))} … {line}"
            "\nor add --assume to take what is proposed here; it is listed as assumed."
            if open_
            else ""
        )
        raise TableError(f"{error}{rest}", error.questions) from None
