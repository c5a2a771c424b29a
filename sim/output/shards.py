"""Rows of the engine → touches, conversions and people of a run folder, a shard at a time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scenarios import Scenario
from sim.engine.counts import row_kinds
from sim.engine.draws import CHILD, child
from sim.engine.jit import entry
from sim.output.columns import Conversions, Touches, code, gathered
from sim.output.row_sort import joined
from sim.setup.communities import Community, customer_keys
from tiermix.core.arrays import Bools, Codes, Ints, Keys, Records
from tiermix.core.files import whole_file

if TYPE_CHECKING:
    import pyarrow as pa

MAY_BE_EMPTY = {"channel"}
"""Columns of shards with cells that nothing can be said in."""
NAME = 17
"""Letters of a visitor's name."""


def community_tables(
    scenario: Scenario, community: Community, rows: Records, seed: int
) -> tuple[pa.Table, pa.Table]:
    """Touches and conversions of one community, as the contract names their columns."""
    return shard_tables(scenario, [(community, rows)], seed)


def shard_tables(
    scenario: Scenario, parts: Sequence[tuple[Community, Records]], seed: int
) -> tuple[pa.Table, pa.Table]:
    """The same of several communities: by time, then community and customer, then as happened."""
    communities = [community for community, _ in parts]
    ends = np.cumsum([len(rows) for _, rows in parts])
    heads = np.cumsum([0, *(community.people for community in communities)])
    rows = joined([rows for _, rows in parts])
    coded = code(rows, ends, heads)
    visitors, names = _visitors(communities, coded.present, seed)
    start = int(np.datetime64(scenario.history_start, "us").astype(np.int64))
    touches, conversions = gathered(rows, coded, visitors, start, len(scenario.pillars))
    return _touches(scenario, names, touches), _conversions(names, conversions)


def _visitors(
    communities: Sequence[Community], present: Bools, seed: int
) -> tuple[Codes, pa.Array]:
    """Numbers of the visitors that are `present` [customers, identifiers], and their names.

    A name is 64 bits of keyed luck: nothing in it tells which identifiers are one person.
    """
    keys = np.concatenate([customer_keys(community) for community in communities])
    customer, identifier = np.nonzero(present)
    place = np.zeros(present.shape, np.int32)
    place[present] = np.arange(len(customer))
    return place, names_of(visitor_keys(seed, keys[customer], identifier))


def visitor_keys(seed: int, customers: Keys, identifiers: Ints) -> Keys:
    """Keys of visitors, from their customers' keys and the numbers of their identifiers."""
    keys = np.empty(len(customers), dtype=np.uint64)
    _fill_keys(np.uint64(seed), customers, identifiers, keys)
    return keys


@entry
def _fill_keys(seed: np.uint64, customers: Keys, identifiers: Ints, out: Keys) -> None:
    for n in range(len(out)):
        out[n] = child(seed, customers[n], CHILD, identifiers[n])


def names_of(keys: Keys) -> pa.Array:
    """Keys as text: a v and sixteen hexadecimal digits."""
    import pyarrow as pa

    digits = np.frombuffer(b"0123456789abcdef", np.uint8)
    octets = keys.astype(">u8").view(np.uint8).reshape(-1, 8)
    text = np.full((len(keys), NAME), ord("v"), np.uint8)
    text[:, 1::2], text[:, 2::2] = digits[octets >> 4], digits[octets & 15]
    ends = np.arange(0, NAME * len(keys) + 1, NAME, dtype=np.int32)
    return pa.StringArray.from_buffers(len(keys), pa.py_buffer(ends), pa.py_buffer(text))


def _touches(scenario: Scenario, names: pa.Array, x: Touches) -> pa.Table:
    import pyarrow as pa

    return pa.table(
        {
            "visitor_id": _words(x.visitor, names),
            "time": _times(x.time),
            "channel": _words(x.channel, [c.name for c in scenario.channels]),
            "kind": _words(x.kind, row_kinds.NAMES),
            "theme": _words(x.theme, [*scenario.pillars, "off_core"]),
        }
    )


def _conversions(names: pa.Array, x: Conversions) -> pa.Table:
    import pyarrow as pa

    return pa.table(
        {
            "visitor_id": _words(x.visitor, names),
            "time": _times(x.time),
            "kind": _words(x.kind, row_kinds.NAMES),
            "value": x.value,
            "margin": x.margin,
        }
    )


def _times(microseconds: Ints) -> pa.Array:
    import pyarrow as pa

    return pa.array(microseconds).view(pa.timestamp("us"))


def _words(codes: Codes, names: Sequence[str] | pa.Array) -> pa.Array:
    """Codes as dictionary-encoded text; a negative code is empty."""
    import pyarrow as pa

    missing = codes < 0
    words = names if isinstance(names, pa.Array) else pa.array(names, type=pa.string())
    empty = missing if missing.any() else None
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

    full = [field.with_nullable(field.name in MAY_BE_EMPTY) for field in table.schema]
    table = pa.Table.from_arrays(table.columns, schema=pa.schema(full))
    times = [f.name for f in table.schema if pa.types.is_timestamp(f.type)]
    words = [f.name for f in table.schema if pa.types.is_dictionary(f.type)]
    with whole_file(path, sync=False) as draft:
        pq.write_table(
            table,
            draft,
            compression={f.name: "none" if f.name in times else "zstd" for f in table.schema},
            compression_level={f.name: 1 for f in table.schema if f.name not in times},
            use_dictionary=words,
            write_statistics=times,
            column_encoding=dict.fromkeys(times, "DELTA_BINARY_PACKED"),
        )


def people_table(
    scenario: Scenario, populations: Sequence[tuple[Community, Records]], seed: int
) -> pa.Table:
    """The truth behind each visitor: `visitor_id, customer_id, community, region, persona`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    population = np.concatenate(
        [population[["index", "persona", "identifiers"]] for _, population in populations]
    )
    keys = np.concatenate([customer_keys(community) for community, _ in populations])
    numbers, regions = (
        np.repeat(
            [getattr(c, name) for c, _ in populations],
            [len(population) for _, population in populations],
        )
        for name in ("number", "region")
    )
    count = population["identifiers"] + 1
    who = np.repeat(np.arange(len(population)), count)
    identifier = np.arange(len(who)) - np.repeat(np.cumsum(count) - count, count)
    number, customer = (pa.array(x[who]).cast(pa.string()) for x in (numbers, population["index"]))
    return pa.table(
        {
            "visitor_id": names_of(visitor_keys(seed, keys[who], identifier)),
            "customer_id": pc.binary_join_element_wise(number, customer, "-"),
            "community": numbers[who],
            "region": pa.array([r.name for r in scenario.regions]).take(pa.array(regions[who])),
            "persona": pa.array([p.name for p in scenario.personas]).take(
                pa.array(population["persona"][who])
            ),
        }
    )
