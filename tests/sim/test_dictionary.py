"""The data dictionary says of every table of a run what is there, and no more."""

import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim import Run, simulate
from sim.output.dictionary import FORMAT, TABLES, Table, page
from tests.scenes import busy
from tests.sim.dictionary import PAGE

KINDS = {
    "text": lambda kind: pa.types.is_dictionary(kind) or pa.types.is_string(kind),
    "time": pa.types.is_timestamp,
    "number": pa.types.is_floating,
    "whole": pa.types.is_integer,
}  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A market with every mechanism."""
    out = tmp_path_factory.mktemp("run") / "out"
    return simulate(busy(), seed=1, customers=120, workers=1, out=out)


def parts(folder: Path, table: Table) -> list[Path]:
    path = folder / f"{table.name}.parquet"
    return sorted(path.glob("*.parquet")) if path.is_dir() else [path]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_has_the_columns_types_and_empty_cells_that_it_is_said_to_have(
    run: Run, table: Table
) -> None:
    for folder in (run.folder, run.folder / "history")[: 1 + table.history]:
        for file in parts(folder, table):
            schema = pq.read_schema(file)
            assert schema.names == [column.name for column in table.columns]
            cells = pd.read_parquet(file)
            for column in table.columns:
                assert KINDS[column.kind](schema.field(column.name).type), column.name
                if not column.empty:
                    assert not cells[column.name].isna().any(), column.name


def test_no_table_of_a_run_is_missing_from_the_dictionary(run: Run) -> None:
    found = {
        path.relative_to(run.folder).as_posix().partition(".parquet")[0].removeprefix("history/")
        for path in run.folder.rglob("*.parquet")
    }
    assert found == {table.name for table in TABLES}


def test_kinds_of_rows_are_those_that_are_named(run: Run) -> None:
    for name, log in (("touches", run.log.touches), ("conversions", run.log.conversions)):
        table = next(table for table in TABLES if table.name == name)
        words = next(c.words for c in table.columns if c.name == "kind")
        assert set(log["kind"].astype(str)) <= set(words.split(", "))


def test_the_folder_tells_its_version(run: Run) -> None:
    told = json.loads((run.folder / "provenance.json").read_text("utf-8"))
    assert told["format"] == FORMAT


def test_the_page_is_the_dictionary() -> None:
    assert PAGE.read_text("utf-8") == page(), "uv run python -m tests.sim.dictionary"
