"""What a table's columns leave open: two for one role, what is lacking, and what nobody uses."""

from __future__ import annotations

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

LOGS = {"user_pseudo_id", "visitor_id", "event_timestamp", "event_name", "ga_session_id"}
PATHS = {"path", "journey"}


def option(pairs: str) -> str:
    """`--map` as it is typed in a terminal."""
    return (
        f"--map {shlex.quote(pairs)}" if not pairs.isascii() or " " in pairs else f"--map {pairs}"
    )


def other_kind(names: Sequence[str]) -> Doubt | None:
    """The question for tables that are no histories: logs of events, and paths."""
    small = {name.lower() for name in names}
    if len(small & LOGS) >= 2 or (small & LOGS and "time" in small):
        kind, here = "a log of events", some(sorted(small & LOGS))
    elif small & PATHS and "date" not in small:
        kind, here = "a table of paths", some(sorted(small & PATHS))
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
        first = cells.names[0] if cells.names else "COLUMN"
        yield Doubt(
            QUESTION, "", f"no column is known to hold dates (found: {some(cells.names, 8)})",
            f"add a column of dates, or say which it is, as in {option(f'date={first}')}",
        )  # fmt: skip
    if not any(column.role in OUTCOMES for column in columns):
        yield _no_outcome(nameless, candidates)
    if not any(column.role in (SPEND, IMPRESSIONS, CLICKS) for column in columns):
        yield _no_spend(candidates, any(guess(c.name).role == CHANNEL for c in columns))


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
    )  # fmt: skip


def _no_spend(candidates: Sequence[str], long: bool) -> Doubt:
    if not candidates:
        return Doubt(
            WARNING, "", "no column is spend, impressions or clicks of a channel",
            "add a column of spend for each channel; without one no channel can be planned",
        )  # fmt: skip
    pairs = ",".join(f"spend.{name}={name}" for name in candidates[:2])
    pairs = f"spend={candidates[0]}" if long else pairs
    return Doubt(
        QUESTION, "", f"no column is known to be spend; it may be {some(candidates, 6)}",
        f"say which, as in {option(pairs)}, and of the others control=COLUMN or ignore=COLUMN",
    )  # fmt: skip


def _left(columns: Sequence[Column], cells: Cells) -> Iterator[Doubt]:
    """Columns that nobody uses are named, each with how it could be used."""
    for column in columns:
        if column.role == IGNORED:
            yield Doubt(
                NOTE, f"column {column.name}", "it is ignored, as you said", "nothing to do"
            )
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
