"""What a table's columns leave open: two for one role, what is lacking, and what nobody uses."""

from __future__ import annotations

import re
import shlex
from collections import defaultdict
from collections.abc import Iterator, Sequence

from experiments.company_data.columns import Column, Understood, is_figures, sample_of
from experiments.company_data.doubts import NOTE, QUESTION, WARNING, Doubt, some
from experiments.company_data.vocabulary import (
    CHANNEL,
    CLICKS,
    CONTROL,
    DATE,
    IGNORED,
    IMPRESSIONS,
    MEDIA,
    NAMELESS_OUTCOMES,
    ORDERS,
    OUTCOME_WORDS,
    OUTCOMES,
    REVENUE,
    SPEND,
    UNKNOWN,
    guess,
    words_of,
)
from tiermix.core.tables.cells import Cells
from tiermix.core.tables.dates import looks_like_dates

LOGS = {"user_pseudo_id", "visitor_id", "event_timestamp", "event_name", "ga_session_id"}
PATHS = {"path", "journey"}
SINGLE_ORDERS = {
    "order id", "order_id", "order number", "order_number", "order no", "financial status",
    "lineitem name", "lineitem_name", "lineitem quantity", "订单编号", "订单号", "买家会员名",
}  # fmt: skip
PLANS = ({"channel", "month", "amount"}, {"渠道", "月份", "金额"})
"""All columns of a plan: with more of them it may be a history by months."""
OWN_TABLES: tuple[tuple[set[str], str, str], ...] = (
    ({"channel", "family", "ceiling"}, "a table of curves", "`tiermix plan SCENARIO --curves`"),
    ({"channel", "start", "lift", "error"}, "a list of tests", "`tiermix calibrate --lift`"),
)
"""Tables that other commands of ours read, by columns that they have."""
QUARTER = re.compile(
    r"(q[1-4][ /-]*\d{4}|\d{4}[ /-]*q[1-4]|\d{4}年?第?[1-4一二三四]季度)", re.IGNORECASE
)


MOST = 8
"""Columns that are named in an example to be copied."""


def option(pairs: str) -> str:
    """`--map` as it is typed in a terminal."""
    return (
        f"--map {shlex.quote(pairs)}" if not pairs.isascii() or " " in pairs else f"--map {pairs}"
    )


def other_kind(names: Sequence[str]) -> Doubt | None:
    """The question for tables that are no histories: logs of events, paths, plans, curves."""
    small = {name.lower() for name in names}
    plans = [(plan, "a media plan", "`tiermix simulate SCENARIO --plan`") for plan in PLANS]
    for columns, kind, command in (*OWN_TABLES, *plans):
        if columns == small if columns in PLANS else columns <= small:
            return Doubt(
                QUESTION, f"columns {', '.join(sorted(columns))}", f"it is {kind}, not a history",
                f"{command} reads it; here bring spend and outcomes by day, week or month",
            )  # fmt: skip
    if len(small & LOGS) >= 2 or (small & LOGS and "time" in small):
        kind, here = "a log of events", some(sorted(small & LOGS))
    elif small & PATHS and "date" not in small:
        kind, here = "a table of paths", some(sorted(small & PATHS))
    elif small & SINGLE_ORDERS:
        return Doubt(
            QUESTION, f"column {some(sorted(small & SINGLE_ORDERS))}",
            "it is a list of single orders, not a history", "count the orders and add up their "
            "revenue by day or week, and put the spend of each channel beside them",
        )  # fmt: skip
    else:
        return None
    return Doubt(
        QUESTION, f"column {here}", f"it is {kind}, not a history",
        "`tiermix attribute` reads those; here bring spend and outcomes by day, week or month",
    )  # fmt: skip


def column_doubts(known: Understood, cells: Cells) -> list[Doubt]:
    """All that is doubted of the columns."""
    columns = known.columns
    return [*_twice(columns), *_lacking(columns, cells), *_left(columns, cells), *_assumed(columns)]


def _twice(columns: Sequence[Column]) -> Iterator[Doubt]:
    """Roles that two columns have, where there can be one; the user may have channels added up."""
    groups: dict[tuple[str, str], list[Column]] = defaultdict(list)
    for column in columns:
        if column.role not in (UNKNOWN, IGNORED):
            of = column.of.lower() if column.role in (*MEDIA, CONTROL) else ""
            groups[column.role, of].append(column)
    for (role, of), found in groups.items():
        if len(found) < 2 or all(column.asked for column in found):
            continue
        names = ", ".join(repr(column.name) for column in found)
        what = f"{role} of {of}" if of else role
        key = f"{role}.{found[0].of}" if of else role
        one = f"{key}={found[0].name},ignore={found[1].name}"
        both = ",".join(f"{key}={column.name}" for column in found)
        yield Doubt(
            QUESTION, f"columns {names}", f"each may be {what}",
            f"say which, as in {option(one)}" + (f", or {option(both)} for the sum" if of else ""),
        )  # fmt: skip


def _lacking(columns: Sequence[Column], cells: Cells) -> Iterator[Doubt]:
    """What a history has to have, and which columns might be it."""
    figures = [
        c.name for c in columns if c.role == UNKNOWN and is_figures(sample_of(cells, c.name))
    ]
    nameless = [name for name in figures if name.lower() in NAMELESS_OUTCOMES]
    candidates = [name for name in figures if name not in nameless]
    if not any(column.role == DATE for column in columns):
        yield _no_date(cells)
    if not any(column.role in OUTCOMES for column in columns):
        yield _no_outcome(nameless, candidates)
    if not any(column.role in (SPEND, IMPRESSIONS, CLICKS) for column in columns):
        yield _no_spend(candidates, any(guess(c.name).role == CHANNEL for c in columns))


def _no_date(cells: Cells) -> Doubt:
    """Which columns hold dates, if several do; quarters are told to be none."""
    samples = {name: sample_of(cells, name) for name in cells.names}
    like = [
        name
        for name, sample in samples.items()
        if not any(text.isdigit() for text in sample) and looks_like_dates(sample)
    ]
    if like:
        says = f"columns {some([*map(repr, like)])} hold dates, and none is called so"
        return Doubt(QUESTION, "", says, f"say which counts, as in {option(f'date={like[0]}')}")
    quarters = [n for n, sample in samples.items() if sample and QUARTER.fullmatch(sample[0])]
    if quarters:
        says = "it goes by quarters, and a fit needs weeks"
        return Doubt(QUESTION, f"column {quarters[0]}", says, "bring the table by weeks or days")
    says = f"no column holds dates (found: {some(cells.names, 8)})"
    return Doubt(QUESTION, "", says, "add a column of the first days of weeks, as 2025-01-06")


def _no_outcome(nameless: Sequence[str], candidates: Sequence[str]) -> Doubt:
    """An outcome of an unknown kind is asked for, and so is one that a name hints at."""
    if nameless:
        name = nameless[0]
        return Doubt(
            QUESTION, f"column {name}", "it is an outcome, but its kind is not told",
            f"say {option(f'orders={name}')}, {option(f'revenue={name}')} or "
            f"{option(f'leads={name}')}",
        )  # fmt: skip
    likely = [n for n in candidates if OUTCOME_WORDS & {word.lower() for word in words_of(n)}]
    if likely:
        return Doubt(
            QUESTION, "", f"no column is known to be the outcome; it may be {some(likely, 6)}",
            f"say which, as in {option('orders=' + likely[0])} or "
            f"{option('revenue=' + likely[-1])}",
        )  # fmt: skip
    return Doubt(
        WARNING, "", "no column is known to be an outcome (orders, revenue or leads)",
        "add one, or say which it is, as in --map orders=COLUMN; nothing can be fitted without one",
        stops_fit=True,
    )  # fmt: skip


def _no_spend(candidates: Sequence[str], long: bool) -> Doubt:
    if not candidates:
        return Doubt(
            WARNING, "", "no column is spend, impressions or clicks of a channel",
            "add a column of spend for each channel; without one no channel can be planned (a test "
            "by regions without spend is read by `tiermix lift`)", stops_fit=True,
        )  # fmt: skip
    pairs = ",".join(f"spend.{name}={name}" for name in candidates[:MOST])
    pairs = f"spend={candidates[0]}" if long else pairs
    return Doubt(
        QUESTION, "", f"no column is known to be spend; it may be {some(candidates, 6)}",
        f"say which, as in {option(pairs)}, and of the others control=COLUMN or ignore=COLUMN",
    )  # fmt: skip


def _left(columns: Sequence[Column], cells: Cells) -> Iterator[Doubt]:
    """Columns that nobody uses are named, each with how it could be used."""
    for column in columns:
        if column.role == IGNORED:
            says = f"it is ignored{', as you said' if column.asked else f': {column.why}'}"
            yield Doubt(NOTE, f"column {column.name}", says, "nothing to do")
        if column.role != UNKNOWN or column.name.lower() in NAMELESS_OUTCOMES:
            continue
        sample = sample_of(cells, column.name)
        if not sample:
            yield Doubt(NOTE, f"column {column.name}", "it is empty", "nothing to do")
            continue
        kind = "figures" if is_figures(sample) else f"text ({some(list(dict.fromkeys(sample)))})"
        roles = (
            ("spend.NAME", "control", "ignore")
            if kind == "figures"
            else ("control", "region", "ignore")
        )
        can = " or ".join(option(f"{role}={column.name}") for role in roles)
        yield Doubt(
            WARNING, f"column {column.name}", f"it holds {kind} and is not used: {column.why}",
            f"say what it is: {can}",
        )  # fmt: skip


def _assumed(columns: Sequence[Column]) -> Iterator[Doubt]:
    """Readings of names that might be meant otherwise."""
    for column in columns:
        if column.role == REVENUE and column.name.lower() == "sales" and not column.asked:
            yield Doubt(
                NOTE, f"column {column.name}", "it is read as revenue in money",
                f"if it counts orders, say --map orders={column.name}",
            )  # fmt: skip
        if (
            column.role == ORDERS
            and column.name.lower().startswith("conversion")
            and not column.asked
        ):
            yield Doubt(
                NOTE, f"column {column.name}", "it is read as orders",
                f"if it counts leads, say --map leads={column.name}",
            )  # fmt: skip
    clicks_only = {c.of for c in columns if c.role == CLICKS} - {
        c.of for c in columns if c.role == SPEND
    }
    for name in sorted(filter(None, clicks_only)):
        yield Doubt(
            WARNING, f"channel {name}", "it has clicks and no spend",
            f"add its spend, or say which column it is, as in {option(f'spend.{name}=COLUMN')}",
        )  # fmt: skip
