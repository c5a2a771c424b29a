"""Rows of the engine → the tables of the run folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scenarios import Scenario
from sim import state as s
from sim.book import MarketYear
from sim.communities import Community
from sim.kernel import entry
from sim.luck import CHILD, child
from sim.order import merged
from sim.overheads import overheads

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Array = np.ndarray[Any, Any]
DAY_US = 86_400_000_000
FIRST_OUTCOME = s.SIGNUP
PER_CUSTOMER = 8
WORDS = ("channel", "kind", "theme")
WRITTEN = ("time", *WORDS, "value", "margin")
MAY_BE_EMPTY = {"channel"}
"""Columns of shards with cells that nothing can be said in."""
NAME = 17
"""Letters of a visitor's name."""


def visitors(rows: Array, community: Community, seed: int) -> tuple[Array, Array]:
    """Visitor of each row: codes [rows] and the keys they stand for, those present only.

    A key is 64 bits of keyed luck: nothing in it tells which identifiers are one person.
    """
    code = rows["customer"].astype(np.int32) * PER_CUSTOMER + rows["identifier"]
    present = np.flatnonzero(np.bincount(code, minlength=community.people * PER_CUSTOMER))
    place = np.zeros(community.people * PER_CUSTOMER, np.int32)
    place[present] = np.arange(len(present))
    keys = np.empty(len(present), dtype=np.uint64)
    _visitor_keys(np.uint64(seed), community.number, present, keys)
    return place.take(code), keys


@entry
def _visitor_keys(seed: np.uint64, community: int, codes: np.ndarray, out: np.ndarray) -> None:
    for n in range(len(codes)):
        customer, identifier = codes[n] // PER_CUSTOMER, codes[n] % PER_CUSTOMER
        key = (np.uint64(community) << np.uint64(32)) | np.uint64(customer)
        out[n] = child(seed, key, CHILD, identifier)


def names_of(keys: Array) -> pa.Array:
    """Keys as text: a v and sixteen hexadecimal digits."""
    import pyarrow as pa

    digits = np.frombuffer(b"0123456789abcdef", np.uint8)
    octets = keys.astype(">u8").view(np.uint8).reshape(-1, 8)
    text = np.full((len(keys), NAME), ord("v"), np.uint8)
    text[:, 1::2], text[:, 2::2] = digits[octets >> 4], digits[octets & 15]
    ends = np.arange(0, NAME * len(keys) + 1, NAME, dtype=np.int32)
    return pa.StringArray.from_buffers(len(keys), pa.py_buffer(ends), pa.py_buffer(text))


def community_tables(
    scenario: Scenario, community: Community, rows: Array, seed: int
) -> tuple[pa.Table, pa.Table]:
    """Touches and conversions of one community, as the contract names their columns."""
    return shard_tables(scenario, [(community, rows)], seed)


def shard_tables(
    scenario: Scenario, parts: Sequence[tuple[Community, Array]], seed: int
) -> tuple[pa.Table, pa.Table]:
    """The same of several communities: rows by time, then community, then as they are."""
    found = [visitors(rows, community, seed) for community, rows in parts]
    before = np.cumsum([0, *(len(keys) for _, keys in found)])
    columns = {name: np.concatenate([rows[name] for _, rows in parts]) for name in WRITTEN}
    columns["visitor"] = np.concatenate(
        [codes + np.int32(n) for (codes, _), n in zip(found, before, strict=False)]
    )
    columns["time"] = (columns["time"] * DAY_US).astype(np.int64)
    order = merged(columns["time"])
    touch = columns["kind"].take(order) < FIRST_OUTCOME
    names = names_of(np.concatenate([keys for _, keys in found]))
    return (
        _touches(scenario, names, columns, order[touch]),
        _conversions(scenario, names, columns, order[~touch]),
    )


def _touches(
    scenario: Scenario, names: pa.Array, columns: dict[str, Array], order: Array
) -> pa.Table:
    import pyarrow as pa

    x = {name: columns[name].take(order) for name in ("time", "visitor", *WORDS)}
    return pa.table(
        {
            "visitor_id": _words(x["visitor"], names),
            "time": pa.array(_times(scenario, x["time"])),
            "channel": _words(x["channel"], [c.name for c in scenario.channels]),
            "kind": _words(x["kind"], s.KINDS),
            "theme": _words(x["theme"], scenario.pillars, none="off_core"),
        }
    )


def _conversions(
    scenario: Scenario, names: pa.Array, columns: dict[str, Array], order: Array
) -> pa.Table:
    import pyarrow as pa

    x = {name: column.take(order) for name, column in columns.items()}
    return pa.table(
        {
            "visitor_id": _words(x["visitor"], names),
            "time": pa.array(_times(scenario, x["time"])),
            "kind": _words(x["kind"], s.KINDS),
            "value": x["value"] / 100.0,
            "margin": x["margin"] / 100.0,
        }
    )


def _times(scenario: Scenario, microseconds: Array) -> Array:
    start = np.datetime64(scenario.history_start, "us")
    return start + microseconds.view("timedelta64[us]")


def _words(codes: Array, names: Sequence[str] | pa.Array, none: str | None = None) -> pa.Array:
    """Codes as dictionary-encoded text; a negative code is `none`, or empty."""
    import pyarrow as pa

    missing = codes < 0
    if none is not None:
        codes = np.where(missing, codes.dtype.type(len(names)), codes)
        names = [*names, none]
    empty = missing if none is None and missing.any() else None
    words = names if isinstance(names, pa.Array) else pa.array(names, type=pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=empty), words)


def write_parquet(table: pa.Table, path: Path) -> None:
    """Write a table whole or not at all.

    Measured on rows of a market: dictionaries for text only, differences for times and statistics
    for times only take a fifth of the time of the defaults and six tenths of their room. Squeezing
    the differences once more would take a seventh longer for a fiftieth of the room. Columns that
    cannot be empty say so, which spares a look at each cell.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    full = [field.with_nullable(field.name in MAY_BE_EMPTY) for field in table.schema]
    table = pa.Table.from_arrays(table.columns, schema=pa.schema(full))
    times = [f.name for f in table.schema if pa.types.is_timestamp(f.type)]
    words = [f.name for f in table.schema if pa.types.is_dictionary(f.type)]
    try:
        pq.write_table(
            table,
            draft,
            compression={f.name: "none" if f.name in times else "zstd" for f in table.schema},
            compression_level={f.name: 1 for f in table.schema if f.name not in times},
            use_dictionary=words,
            write_statistics=times,
            column_encoding=dict.fromkeys(times, "DELTA_BINARY_PACKED"),
        )
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def ledger_frame(year: MarketYear) -> pd.DataFrame:
    """`date, channel, spend`: money out by day, the planned (or history) year."""
    import pandas as pd

    start = np.datetime64(year.scenario.history_start, "D") + year.first_day
    names = [c.name for c in year.scenario.channels]
    spend = year.ledger[..., : year.days].sum(axis=0)
    return pd.DataFrame(
        {
            "date": np.tile(start + np.arange(year.days), len(names)),
            "channel": pd.Categorical(np.repeat(names, year.days), categories=names),
            "spend": spend.ravel(),
        }
    )


def costs_frame(year: MarketYear) -> pd.DataFrame:
    """`date, kind, name, amount`: money beside media by day: content, integration, desk."""
    import pandas as pd

    start = np.datetime64(year.scenario.history_start, "D") + year.first_day
    rows = [
        (start + day, cost.kind, cost.name, cost.amounts[day])
        for cost in overheads(year.scenario, planned=year.first_day > 0)
        for day in np.flatnonzero(cost.amounts[: year.days])
    ]
    kinds = {"date": "datetime64[s]", "kind": "string", "name": "string", "amount": "float64"}
    return pd.DataFrame(rows, columns=list(kinds)).astype(kinds)


def aggregates_frame(year: MarketYear) -> pd.DataFrame:
    """`week, region, channel, spend, impressions, clicks, visits, conversions, revenue`.

    Conversions are booked on the channel of the session that they happened in. Figures are those
    of the market: counts times the people behind each customer. A week begins every seven days
    from the start of the history year; the first and last of a year may be cut.
    """
    import pandas as pd

    scenario = year.scenario
    channels = [c.name for c in scenario.channels]
    first_week = year.first_day // 7
    weeks = year.weekly.shape[1]
    starts = np.datetime64(scenario.history_start, "D") + 7 * (first_week + np.arange(weeks))
    index = pd.MultiIndex.from_product(
        [list(starts), [r.name for r in scenario.regions], channels],
        names=["week", "region", "channel"],
    )
    counts = year.weekly.transpose(1, 0, 3, 2).reshape(-1, s.WEEKLY) * year.weight
    frame = pd.DataFrame(counts, index=index, columns=list(s.CHANNEL_COUNTS[: s.WEEKLY]))
    frame["revenue"] /= 100.0
    frame.insert(0, "spend", _weekly_spend(year, first_week, weeks))
    return frame.reset_index()


def _weekly_spend(year: MarketYear, first_week: int, weeks: int) -> Array:
    regions, channels, _ = year.ledger.shape
    week = (year.first_day + np.arange(year.days)) // 7 - first_week
    out = np.zeros((weeks, regions, channels))
    np.add.at(out, week, year.ledger[..., : year.days].transpose(2, 0, 1))
    return out.ravel()


def customers_table(scenario: Scenario, community: Community, crowd: Array, seed: int) -> pa.Table:
    """The truth behind each visitor: `visitor_id, customer_id, community, persona, region`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    count = crowd["identifiers"] + 1
    rows = np.zeros(int(count.sum()), s.ROW)
    rows["customer"] = np.repeat(crowd["index"], count)
    rows["identifier"] = np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count)
    codes, keys = visitors(rows, community, seed)
    customer = pa.array(rows["customer"]).cast(pa.string())
    personas = pa.array([p.name for p in scenario.personas])
    return pa.table(
        {
            "visitor_id": names_of(keys[codes]),
            "customer_id": pc.binary_join_element_wise(str(community.number), customer, "-"),
            "community": np.full(len(rows), community.number),
            "region": pa.repeat(scenario.regions[community.region].name, len(rows)),
            "persona": personas.take(pa.array(crowd["persona"][rows["customer"]])),
        }
    )
