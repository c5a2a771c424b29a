"""Tables as files: CSV and Parquet, single or in shards; what cannot be read is said in words."""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from journeys.errors import JourneyError

DICTIONARIES = ["visitor_id", "channel", "kind", "theme"]
AS_TEXT: dict[Hashable, type[str]] = dict.fromkeys([*DICTIONARIES, "path"], str)
"""Names stay text: as numbers visitor 007 would be 7, and channel 1 beside an empty cell 1.0."""


def read_table(path: str | Path) -> pd.DataFrame:
    """A table from a CSV or Parquet file, as it stands; a CSV's rows are labelled by line."""
    path = Path(path)
    if not path.exists():
        raise JourneyError(f"{path}: there is no such file; check the path.")
    if path.suffix.lower() == ".csv":
        return _read_csv(path)
    if path.suffix.lower() == ".parquet":
        return read_parquet(path)
    raise JourneyError(f"{path}: '{path.suffix}' is no known kind of table; use .csv or .parquet.")


def _read_csv(path: Path) -> pd.DataFrame:
    """A CSV with a header, names as text, each row labelled by its line in the file."""
    with _readable(path, "a table of cells separated by commas, in UTF-8, with a header"):
        frame = pd.read_csv(path, dtype=AS_TEXT)
    if not isinstance(frame.index, pd.RangeIndex):
        raise JourneyError(
            f"{path}: rows have more cells than the header has names; name every column, "
            "and put text that holds a comma in quotes."
        )
    return frame.set_axis(pd.RangeIndex(2, len(frame) + 2, name="line"))


@contextmanager
def _readable(path: Path, wanted: str) -> Iterator[None]:
    """Whatever a reader of files says of bad ones, as a sentence with the file."""
    try:
        yield
    except (ValueError, OSError, pa.ArrowException) as error:
        reason = (str(error).strip().splitlines() or ["no reason given"])[0]
        raise JourneyError(f"{path}: cannot be read ({reason}); bring {wanted}.") from error


def shards(path: str | Path) -> list[Path]:
    """The Parquet files of a table that is one file, or a folder of shards `part-*.parquet`."""
    path = Path(path)
    if path.is_file():
        return [path]
    found = sorted(path.glob("part-*.parquet")) if path.is_dir() else []
    if not found:
        raise JourneyError(
            f"{path}: there is neither such a file nor a folder of shards part-*.parquet; "
            "name a run folder with touches.parquet and conversions.parquet."
        )
    return found


def read_parquet(path: str | Path) -> pd.DataFrame:
    """One table from a file or its shards; text comes dictionary-coded, hence as categories."""
    found = shards(path)
    with _readable(Path(path), "Parquet files with the same columns"):
        tables = [_with_dictionaries(shard) for shard in found]
        table = pa.concat_tables(tables, promote_options="permissive").unify_dictionaries()
    return cast(pd.DataFrame, table.to_pandas(split_blocks=True, self_destruct=True))


def _with_dictionaries(path: Path) -> pa.Table:
    schema = pq.read_schema(path)
    coded = [
        name for name in DICTIONARIES if name in schema.names and _is_text(schema.field(name).type)
    ]
    return pq.read_table(path, read_dictionary=coded)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def write_parquet(table: pd.DataFrame, path: Path) -> None:
    """A typed table as Parquet, visitors as text, times in microseconds."""
    if table["visitor_id"].cat.categories.inferred_type != "string":
        names = table["visitor_id"].cat.categories.astype(str)
        table = table.assign(visitor_id=table["visitor_id"].cat.rename_categories(names))
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False), path)
