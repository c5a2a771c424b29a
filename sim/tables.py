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

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Array = np.ndarray[Any, Any]
DAY_US = 86_400_000_000
FIRST_OUTCOME = s.SIGNUP
PER_CUSTOMER = 8


def visitors(rows: Array, community: Community, seed: int) -> tuple[Array, list[str]]:
    """Visitor of each row: codes [rows] and the names they stand for.

    A name is 64 bits of keyed luck: nothing in it tells which identifiers are one person.
    """
    code = rows["customer"].astype(np.int64) * PER_CUSTOMER + rows["identifier"]
    present, codes = np.unique(code, return_inverse=True)
    keys = np.empty(len(present), dtype=np.uint64)
    _visitor_keys(np.uint64(seed), community.number, present, keys)
    return codes, [f"v{key:016x}" for key in keys.tolist()]


@entry
def _visitor_keys(seed: np.uint64, community: int, codes: np.ndarray, out: np.ndarray) -> None:
    for n in range(len(codes)):
        customer, identifier = codes[n] // PER_CUSTOMER, codes[n] % PER_CUSTOMER
        key = (np.uint64(community) << np.uint64(32)) | np.uint64(customer)
        out[n] = child(seed, key, CHILD, identifier)


def community_tables(
    scenario: Scenario, community: Community, rows: Array, seed: int
) -> tuple[pa.Table, pa.Table]:
    """Touches and conversions of one community, as the contract names their columns."""
    import pyarrow as pa

    codes, names = visitors(rows, community, seed)
    touch = rows["kind"] < FIRST_OUTCOME
    channels = [c.name for c in scenario.channels]
    time = _times(scenario, rows["time"])
    touches = pa.table(
        {
            "visitor_id": _words(codes[touch], names),
            "time": pa.array(time[touch]),
            "channel": _words(rows["channel"][touch], channels),
            "kind": _words(rows["kind"][touch], list(s.KINDS)),
            "theme": _words(rows["theme"][touch], list(scenario.pillars), none="off_core"),
        }
    )
    outcome = ~touch
    conversions = pa.table(
        {
            "visitor_id": _words(codes[outcome], names),
            "time": pa.array(time[outcome]),
            "kind": _words(rows["kind"][outcome], list(s.KINDS)),
            "value": rows["value"][outcome] / 100.0,
            "margin": rows["margin"][outcome] / 100.0,
        }
    )
    return touches, conversions


def _times(scenario: Scenario, days: Array) -> Array:
    start = np.datetime64(scenario.history_start, "us")
    return start + (days * DAY_US).astype(np.int64).astype("timedelta64[us]")


def _words(codes: Array, names: Sequence[str], none: str | None = None) -> pa.Array:
    """Codes as dictionary-encoded text; a negative code is `none`, or empty."""
    import pyarrow as pa

    codes = codes.astype(np.int32)
    if none is not None:
        names = [*names, none]
        codes = np.where(codes < 0, len(names) - 1, codes).astype(np.int32)
    found = pa.array(codes, mask=codes < 0)
    return pa.DictionaryArray.from_arrays(found, pa.array(names, type=pa.string()))


def shard(tables: Sequence[pa.Table]) -> pa.Table:
    """One table of several communities', in order of time within each."""
    import pyarrow as pa

    whole = pa.concat_tables(tables).unify_dictionaries()
    return whole.take(_time_order(whole))


def _time_order(table: pa.Table) -> Array:
    """Stable order by time: customers and happenings keep theirs."""
    return np.argsort(table["time"].to_numpy(), kind="stable")


def write_parquet(table: pa.Table, path: Path) -> None:
    """Write a table whole or not at all."""
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        pq.write_table(table, draft, compression="zstd", compression_level=1)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def ledger_frame(year: MarketYear) -> pd.DataFrame:
    """`date, channel, spend`: money out by day, the planned (or history) year."""
    import pandas as pd

    start = np.datetime64(year.scenario.history_start, "D") + year.first_day
    names = [c.name for c in year.scenario.channels]
    spend = year.ledger[:, :, : year.days].sum(axis=0)
    return pd.DataFrame(
        {
            "date": np.tile(start + np.arange(year.days), len(names)),
            "channel": pd.Categorical(np.repeat(names, year.days), categories=names),
            "spend": spend.ravel(),
        }
    )


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
    week = (year.first_day + np.arange(year.days)) // 7 - first_week
    out = np.zeros((weeks, len(year.scenario.regions), year.ledger.shape[1]))
    for region in range(out.shape[1]):
        daily = year.ledger[year.region == region][:, :, : year.days].sum(axis=0)
        np.add.at(out[:, region, :], week, daily.T)
    return out.ravel()


def customers_frame(
    scenario: Scenario, community: Community, crowd: Array, seed: int
) -> pd.DataFrame:
    """The truth behind each visitor: `visitor_id, customer_id, community, persona, region`."""
    import pandas as pd

    count = crowd["identifiers"] + 1
    rows = np.zeros(int(count.sum()), s.ROW)
    rows["customer"] = np.repeat(crowd["index"], count)
    rows["identifier"] = np.concatenate([np.arange(n) for n in count])
    codes, names = visitors(rows, community, seed)
    personas = np.array([p.name for p in scenario.personas])
    return pd.DataFrame(
        {
            "visitor_id": np.array(names)[codes],
            "customer_id": [f"{community.number}-{i}" for i in rows["customer"]],
            "community": community.number,
            "region": scenario.regions[community.region].name,
            "persona": personas[crowd["persona"][rows["customer"]]],
        }
    )
