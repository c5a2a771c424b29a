"""Rows into tables: the order of rows, the names of visitors, and what a file keeps."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios import load_scenario
from sim import Setting, simulate
from sim.market.run import count_rows
from sim.output.row_sort import time_order
from sim.output.shards import community_tables, names_of, shard_tables, write_parquet
from tests.scenes import busy

TIMES = st.one_of(st.floats(0.0, 1000.0), st.sampled_from([0.0, 7.25, 7.25, 364.0]))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(TIMES, st.integers(0, 40)), max_size=80))
def test_rows_are_put_in_the_order_of_a_stable_sort_by_time_then_customer(
    rows: list[tuple[float, int]],
) -> None:
    time = np.array([t for t, _ in rows], dtype=float)
    customer = np.array([c for _, c in rows], dtype=np.int32)
    np.testing.assert_array_equal(time_order(time, customer), np.lexsort((customer, time)))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 2**64 - 1), max_size=20))
def test_a_visitors_name_is_its_key_in_hexadecimal(keys: list[int]) -> None:
    names = names_of(np.array(keys, dtype=np.uint64)).to_pylist()
    assert names == [f"v{key:016x}" for key in keys]


def test_a_shard_is_its_communities_tables_sorted_by_time() -> None:
    """The quick way against the plain one: table by table, then a stable sort."""
    setting = Setting(busy(), 300, 5, logging=True)
    parts = [(c, setting.history(c)[0].rows) for c in setting.layout.communities[:3]]
    quick = shard_tables(setting.scenario, parts, 5)
    single = [community_tables(setting.scenario, *part, 5) for part in parts]
    for together, apart in zip(quick, zip(*single, strict=True), strict=True):
        plain = pd.concat([_text(table) for table in apart], ignore_index=True)
        plain = plain.sort_values("time", kind="stable", ignore_index=True)
        assert len(plain) > 30
        pd.testing.assert_frame_equal(_text(together), plain)


def test_nothing_lived_gives_tables_without_rows() -> None:
    setting = Setting(busy(), 300, 5, logging=True)
    community = setting.layout.communities[0]
    rows = setting.history(community)[0].rows[:0]
    touches, conversions = community_tables(setting.scenario, community, rows, 5)
    assert (touches.num_rows, conversions.num_rows) == (0, 0)


def test_a_written_table_reads_as_it_was(tmp_path: Path) -> None:
    setting = Setting(busy(), 300, 5, logging=True)
    community = setting.layout.communities[0]
    tables = community_tables(setting.scenario, community, setting.history(community)[0].rows, 5)
    for number, table in enumerate(tables):
        path = tmp_path / f"{number}.parquet"
        write_parquet(table, path)
        pd.testing.assert_frame_equal(_text(pq.read_table(path)), _text(table))
        assert [p.name for p in tmp_path.glob(".*")] == []


@pytest.mark.parametrize("workers", [1, 2])
def test_the_summary_counts_the_rows_that_the_log_holds(workers: int, tmp_path: Path) -> None:
    run = simulate(busy(), seed=5, customers=120, workers=workers, out=tmp_path / "run")
    assert run.summary()["touches"] == len(run.log.touches) > 100
    assert count_rows(run.folder / "conversions.parquet") == len(run.log.conversions)


def test_money_by_month_is_money_by_day_summed_over_months() -> None:
    """What is kept by community and month, and by region and day, are the same money."""
    scenario = load_scenario("retail")
    year = simulate(scenario, seed=2, customers=600, workers=1).planned.year
    days = pd.date_range(scenario.start, periods=year.days).strftime("%Y-%m")
    daily = pd.DataFrame(year.ledger.sum(axis=0).T, index=days)
    monthly = daily.groupby(level=0).sum().to_numpy()
    assert monthly.sum() > 0
    np.testing.assert_allclose(year.spend.sum(axis=0)[:12], monthly, rtol=1e-12)
    np.testing.assert_array_equal(year.spend[:, 12], 0.0)


def _text(table: pa.Table) -> pd.DataFrame:
    frame = table.to_pandas()
    words = frame.select_dtypes("category").columns
    return frame.astype(dict.fromkeys(words, object))


@pytest.mark.parametrize("customers", [60, 1000, 20_000, 100_000])
def test_every_community_has_its_place_in_one_shard(customers: int) -> None:
    layout = Setting(load_scenario("retail"), customers, 5).layout
    assert [c for group in layout.groups for c in group] == list(layout.communities)
    people = [sum(c.people for c in group) for group in layout.groups]
    assert max(people) < 2 * 2400
    assert max(len(group) for group in layout.groups) <= 8
