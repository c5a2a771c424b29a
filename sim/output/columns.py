"""Rows of the engine → columns of touches and conversions, as codes, in order of time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.engine.counts import row_kinds
from sim.engine.jit import entry
from sim.output.row_sort import time_order
from tiermix.core.arrays import Bools, Codes, Floats, Ints, Records

DAY_US = 86_400_000_000
PER_CUSTOMER = 8
"""Identifiers that a customer may show."""


class Coded(NamedTuple):
    """Rows of a shard: microsecond since the start, customer of the shard, identifier [rows].

    Codes are as short as their numbers allow (`i4`, `i1`).
    `present` [customers, PER_CUSTOMER]: which identifiers are met.
    """

    time: Ints
    customer: Codes
    identifier: Codes
    present: Bools


class Touches(NamedTuple):
    """Columns of touches, as short codes (`i4`, `i1`); times in microseconds."""

    visitor: Codes
    time: Ints
    channel: Codes
    kind: Codes
    theme: Codes


class Conversions(NamedTuple):
    """Columns of conversions, as short codes; money in the currency."""

    visitor: Codes
    time: Ints
    kind: Codes
    value: Floats
    margin: Floats


def code(rows: Records, ends: Ints, heads: Ints) -> Coded:
    """Rows of communities, one after another, that end at `ends` and whose people begin at `heads`.

    `heads` has the number of all customers at its end.
    """
    time, customer, identifier = (np.empty(len(rows), kind) for kind in ("i8", "i4", "i1"))
    present = np.zeros((heads[-1], PER_CUSTOMER), np.bool_)
    coded = Coded(time, customer, identifier, present)
    _code(rows, ends, heads, coded)
    return coded


def gathered(
    rows: Records, coded: Coded, visitors: Codes, start: int, off_core: int
) -> tuple[Touches, Conversions]:
    """Columns in order of time, then customer, then as it happened.

    `visitors` [customers, PER_CUSTOMER] are the numbers of visitors, `start` is the microsecond at
    which time begins; what has no theme is `off_core`.
    """
    count = int(np.count_nonzero(rows["kind"] < row_kinds.FIRST_OUTCOME))
    rest = len(rows) - count
    touches = Touches(*(np.empty(count, kind) for kind in ("i4", "i8", "i1", "i1", "i1")))
    conversions = Conversions(*(np.empty(rest, kind) for kind in ("i4", "i8", "i1", "f8", "f8")))
    order = time_order(coded.time, coded.customer)
    _gather(rows, order, coded, visitors, start, off_core, touches, conversions)
    return touches, conversions


@entry
def _code(rows: Records, ends: Ints, heads: Ints, out: Coded) -> None:
    part = 0
    for n in range(len(rows)):
        row = rows[n]
        while n >= ends[part]:
            part += 1
        out.time[n] = int(row.time * DAY_US)
        out.customer[n] = heads[part] + row.customer
        out.identifier[n] = row.identifier
        out.present[out.customer[n], row.identifier] = True


@entry
def _gather(
    rows: Records,
    order: Ints,
    coded: Coded,
    visitors: Codes,
    start: int,
    off_core: int,
    touches: Touches,
    conversions: Conversions,
) -> None:
    a, b = 0, 0
    for n in order:
        row = rows[n]
        visitor = visitors[coded.customer[n], coded.identifier[n]]
        if row.kind < row_kinds.FIRST_OUTCOME:
            touches.visitor[a] = visitor
            touches.time[a] = start + coded.time[n]
            touches.channel[a] = row.channel
            touches.kind[a] = row.kind
            touches.theme[a] = row.theme if row.theme >= 0 else off_core
            a += 1
        else:
            conversions.visitor[b] = visitor
            conversions.time[b] = start + coded.time[n]
            conversions.kind[b] = row.kind
            conversions.value[b] = row.value / 100.0
            conversions.margin[b] = row.margin / 100.0
            b += 1
