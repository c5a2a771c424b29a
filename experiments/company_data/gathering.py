"""Rows put together: one figure for each kind, period and region; nothing counted twice."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from math import isnan

from experiments.company_data.amounts import Amounts, Key, Kind, together
from experiments.company_data.canonical import TOTAL
from experiments.company_data.columns import LONG, Column, Understood
from experiments.company_data.doubts import NOTE, QUESTION, WARNING, Doubt, many, some
from experiments.company_data.reading import Rows, told_apart_by
from experiments.company_data.vocabulary import (
    CONTROL,
    IMPRESSIONS,
    MEDIA,
    ORDER_VALUE,
    ORDERS,
    OUTCOMES,
    POPULATION,
    REVENUE,
    SPEND,
)
from tiermix.core.tables.cells import Cells

OF_COMPANY = (*OUTCOMES, CONTROL, POPULATION)

Parts = dict[Kind, dict[Key, list[float]]]
"""All figures of a kind for a period and region, before they are put together."""


def gather(
    cells: Cells, known: Understood, rows: Rows, days: Sequence[dt.date], step: str
) -> tuple[Amounts, list[Doubt]]:
    """The amounts of a table by its own periods, and what is doubted."""
    doubts: list[Doubt] = []
    keys = list(zip(days, rows.regions, strict=True))
    parts: Parts = defaultdict(lambda: defaultdict(list))
    columns = known.of_role(*MEDIA, *OF_COMPANY)
    company = [column for column in columns if column.role in OF_COMPANY]
    if known.layout == LONG:
        doubts += _long(cells, known, rows, keys, columns, parts)
    else:
        doubts += _repeated(cells, known, rows, keys, step)
        _wide(rows, keys, [c for c in columns if c not in company], parts)
        _wide(rows, keys, company, parts)
    doubts += _empty(rows, known, columns)
    doubts += _negative(cells, rows, columns)
    regions, channels = sorted(set(rows.regions)), _channels(known, rows)
    amounts = Amounts(
        step,
        sorted(set(days)),
        regions,
        channels,
        sorted({column.of for column in known.of_role(CONTROL)}),
        {kind: _together(kind[0], found) for kind, found in parts.items()},
    )
    _value_orders(amounts)
    return amounts, doubts


def _together(what: str, found: dict[Key, list[float]]) -> dict[Key, float]:
    joined = {key: together(what, values) for key, values in found.items()}
    return {key: value for key, value in joined.items() if not isnan(value)}


def _channels(known: Understood, rows: Rows) -> list[str]:
    if known.layout == LONG:
        return sorted(set(rows.channels) - {TOTAL})
    return sorted({column.of for column in known.of_role(*MEDIA)})


def _wide(rows: Rows, keys: Sequence[Key], columns: Sequence[Column], parts: Parts) -> None:
    for column in columns:
        mine = parts[column.role, column.of]
        empty = 0.0 if column.role == SPEND else None
        for key, value in zip(keys, rows.figures[column.name], strict=True):
            if not isnan(value):
                mine[key].append(value)
            elif empty is not None:
                mine[key].append(empty)


def _long(
    cells: Cells, known: Understood, rows: Rows, keys: Sequence[Key], columns: Sequence[Column],
    parts: Parts,
) -> Iterator[Doubt]:  # fmt: skip
    """Rows of channels have media, rows of the total have outcomes; or one is told in each row."""
    has_total = TOTAL in rows.channels
    for column in columns:
        figures = rows.figures[column.name]
        if column.role in MEDIA:
            for key, channel, value in zip(keys, rows.channels, figures, strict=True):
                if channel != TOTAL and not (isnan(value) and column.role != SPEND):
                    parts[column.role, channel][key].append(0.0 if isnan(value) else value)
            if has_total:
                yield from _spend_of_total(column, rows, figures)
        elif has_total:
            yield from _on_totals(cells, column, rows, keys, figures, parts)
        else:
            yield from _on_channels(cells, column, rows, keys, figures, parts)
    yield from _several_rows(cells, known, rows, keys)


def _spend_of_total(column: Column, rows: Rows, figures: Sequence[float]) -> Iterator[Doubt]:
    found = [
        (line, value)
        for line, channel, value in zip(rows.lines, rows.channels, figures, strict=True)
        if channel == TOTAL and value and not isnan(value)
    ]
    if found:
        yield Doubt(
            WARNING, f"column {column.name}, row of {TOTAL} at {found[0][0]}",
            f"{many(len(found), 'row')} of the channel {TOTAL!r} with {column.role}, which is not "
            "added to that of the channels",
            f"take it out, or give the channel another name than {TOTAL}",
        )  # fmt: skip


def _on_totals(
    cells: Cells, column: Column, rows: Rows, keys: Sequence[Key], figures: Sequence[float],
    parts: Parts,
) -> Iterator[Doubt]:  # fmt: skip
    mine = parts[column.role, column.of]
    for line, key, channel, value in zip(rows.lines, keys, rows.channels, figures, strict=True):
        if isnan(value):
            continue
        if channel == TOTAL:
            mine[key].append(value)
        elif value and column.role in OUTCOMES:
            yield Doubt(
                QUESTION, f"column {column.name}, {cells.unit} {line}",
                f"{column.role} stands in a row of {channel}, beside rows of {TOTAL}",
                f"a company cannot see what a channel brings: give outcomes in rows of {TOTAL} "
                f"alone, or say --map ignore={column.name}",
            )  # fmt: skip
            return


def _on_channels(
    cells: Cells, column: Column, rows: Rows, keys: Sequence[Key], figures: Sequence[float],
    parts: Parts,
) -> Iterator[Doubt]:  # fmt: skip
    """The company's outcome repeated in the row of each channel is one; what differs is a claim."""
    first: dict[Key, float] = {}
    for line, key, value in zip(rows.lines, keys, figures, strict=True):
        if isnan(value):
            continue
        if first.setdefault(key, value) != value:
            yield Doubt(
                QUESTION, f"column {column.name}, {cells.unit} {line}",
                f"{column.role} differs between the channels of one date, so it is what platforms "
                "claim and not what the company sold",
                f"give the company's own in rows of a channel {TOTAL!r}, and say --map "
                f"ignore={column.name} for this one",
            )  # fmt: skip
            return
    parts[column.role, column.of].update({key: [value] for key, value in first.items()})
    if first and len(set(rows.channels)) > 1:
        yield Doubt(
            NOTE, f"column {column.name}", "it is the same in the rows of all channels of a date, "
            "and is counted once", "nothing to do",
        )  # fmt: skip


def _several_rows(
    cells: Cells, known: Understood, rows: Rows, keys: Sequence[Key]
) -> Iterator[Doubt]:
    """Several rows of a channel and date are added up; of the company's outcome they are asked."""
    seen: dict[tuple[Key, str], list[int]] = defaultdict(list)
    for line, key, channel in zip(rows.lines, keys, rows.channels, strict=True):
        seen[key, channel].append(line)
    parted = {at: lines for at, lines in seen.items() if len(lines) > 1}
    for (key, channel), lines in parted.items():
        if channel == TOTAL:
            yield Doubt(
                QUESTION, f"{cells.unit}s {some(lines)}", f"{TOTAL} of {_said(key)} is told twice",
                "keep one of the rows, or name the column that tells them apart",
            )  # fmt: skip
            return
    if parted:
        (key, channel), lines = next(iter(parted.items()))
        apart = told_apart_by(known, cells)
        yield Doubt(
            NOTE if apart else WARNING, f"{cells.unit}s {some(lines)}",
            f"{channel} has several rows for {_said(key)}, and so in {many(len(parted), 'case')}; "
            "they are added up",
            "nothing to do if they are parts; if they are repeated, take them out",
        )  # fmt: skip


def _said(key: Key) -> str:
    return f"{key[0]} in {key[1]}" if key[1] else str(key[0])


def _repeated(
    cells: Cells, known: Understood, rows: Rows, keys: Sequence[Key], step: str
) -> Iterator[Doubt]:
    """Two rows of one date and region in a wide table: parts of it, or one row too parted."""
    seen: dict[tuple[str, str], int] = {}
    days: dict[Key, int] = {}
    for line, when, key in zip(rows.lines, rows.when, keys, strict=True):
        earlier = seen.get((when, key[1]), 0 if step == "day" else days.get(key, 0))
        if earlier:
            apart = told_apart_by(known, cells)
            yield Doubt(
                QUESTION, f"{cells.unit}s {earlier} and {line}", f"{_said(key)} is told twice",
                f"say --map region={apart} if that tells them apart, or keep one of the rows"
                if apart else "keep one of the rows",
            )  # fmt: skip
            return
        seen[when, key[1]] = days[key] = line


def _empty(rows: Rows, known: Understood, columns: Sequence[Column]) -> Iterator[Doubt]:
    """Cells without a figure: no spend, not known, or a hole in what the fit is to explain."""
    long = known.layout == LONG
    for column in columns:
        of_total = long and column.role in OF_COMPANY and TOTAL in rows.channels
        lines = [
            line
            for line, channel, value in zip(
                rows.lines, rows.channels, rows.figures[column.name], strict=True
            )
            if isnan(value) and (not long or (channel == TOTAL) == of_total)
        ]
        if (
            not lines
            or len(lines) == len(rows.lines)
            or (long and column.role not in (SPEND, *OUTCOMES))
        ):
            continue
        what = "is read as no spend" if column.role == SPEND else "is not known"
        severity = NOTE if column.role in (IMPRESSIONS, CONTROL) else WARNING
        yield Doubt(
            severity, f"column {column.name}, from {lines[0]} on",
            f"{many(len(lines), 'empty cell')}: what would stand there {what}",
            "write 0 where there was nothing, and the figure where there was something",
        )  # fmt: skip


def _negative(cells: Cells, rows: Rows, columns: Sequence[Column]) -> Iterator[Doubt]:
    """Credit notes and refunds are netted in their period, and are named."""
    for column in columns:
        if column.role == CONTROL:
            continue
        found = [
            (line, value)
            for line, value in zip(rows.lines, rows.figures[column.name], strict=True)
            if value < 0
        ]
        if not found:
            continue
        kind = "credit notes" if column.role == SPEND else "refunds or corrections"
        yield Doubt(
            WARNING, f"column {column.name}, {cells.unit} {found[0][0]}",
            f"{many(len(found), 'negative figure')}, {sum(v for _, v in found):,.0f} in all "
            f"({kind}?); each is taken off its own period",
            "book them into the period of what they take back, if that is another",
        )  # fmt: skip


def _value_orders(amounts: Amounts) -> None:
    """Revenue where a table has orders and what one is worth."""
    rate, orders = amounts.by_kind.pop((ORDER_VALUE, ""), {}), amounts.of(ORDERS)
    if rate and orders and not amounts.of(REVENUE):
        amounts.by_kind[REVENUE, ""] = {
            key: value * rate[key] for key, value in orders.items() if key in rate
        }
