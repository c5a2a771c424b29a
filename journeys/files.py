"""Tables as files: CSV and Parquet, single or in shards; what cannot be read is said in words."""

import csv
import json
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from journeys import json_lines
from journeys.dialect import Dialect, dialect_of
from journeys.errors import JourneyError
from tiermix.core.files import whole_file
from tiermix.core.tables.formats import FIELD, RUN_FOLDER, check_format
from tiermix.core.tables.text import check_ordinary

TOUCHES, CONVERSIONS = "touches.parquet", "conversions.parquet"
DICTIONARIES = ["visitor_id", "channel", "kind", "theme", "session"]
CSV_WANTED = "a table of cells separated by commas, with a header"
CSV_ENDINGS = (".csv", ".tsv", ".txt")
PACKED = ".gz"
REMARKS = "remarks"
"""Under this name a table carries what was found out about its file."""
JSON_WANTED = "JSON with one row a line"
PARQUET_WANTED = "Parquet files with the same columns"
PACKED_ROW = 12
"""Bytes of a row in a packed file, about."""
MISREAD = (
    *(ValueError, OSError, EOFError, zlib.error, csv.Error, pa.ArrowException),
    *(OverflowError, RecursionError),
)
"""What readers of files say of bad ones, each in its own way."""
BATCH = 250_000
"""Rows that are read at once where a table is read in batches."""


def read_table(path: str | Path) -> pd.DataFrame:
    """A table from a CSV or Parquet file, or a folder of Parquet shards, as it stands.

    Rows of a CSV are labelled by line.
    """
    path = Path(path)
    if _is_json(path):
        with _readable(path, JSON_WANTED):
            return pd.concat(json_lines.batches(path, BATCH))
    if not _is_csv(path):
        return read_parquet(path)
    with _readable(path, CSV_WANTED):
        dialect = dialect_of(path)
        return _lined(pd.read_csv(path, **dialect.how), path, dialect)


def batches(path: str | Path) -> Iterator[pd.DataFrame]:
    """The table that `read_table` reads, in batches of rows with the same labels; one at least."""
    path = Path(path)
    if _is_json(path):
        return _json_batches(path, BATCH)
    return _csv_batches(path, BATCH) if _is_csv(path) else _parquet_batches(path, BATCH)


def rows_about(path: str | Path) -> int:
    """How many rows a table has: counted in Parquet, estimated from the first ones of a CSV."""
    path = Path(path)
    if not _is_json(path) and not _is_csv(path):
        with _readable(path, PARQUET_WANTED):
            return sum(pq.read_metadata(shard).num_rows for shard in shards(path))
    if path.suffix.lower() == PACKED:
        return path.stat().st_size // PACKED_ROW
    with path.open("rb") as file:
        start = file.read(1_000_000)
    return path.stat().st_size * start.count(b"\n") // max(len(start), 1)


def _is_json(path: Path) -> bool:
    """Whether a file that is there holds JSON by its name."""
    name = path.name.lower().removesuffix(PACKED)
    return path.is_file() and name.endswith(json_lines.ENDINGS)


def _is_csv(path: Path) -> bool:
    """Whether a table is a CSV; raises where it is none, and no Parquet file or folder either."""
    if path.is_dir():
        return False
    check_ordinary(path, JourneyError, "check the path")
    if path.suffix.lower() == ".parquet":
        return False
    if path.name.lower().removesuffix(PACKED).endswith(CSV_ENDINGS):
        return True
    raise JourneyError(
        f"{path}: '{path.suffix}' is no known kind of table; use .csv, .tsv, .txt or .json (packed "
        "or not, as .csv.gz) or .parquet."
    )


def _json_batches(path: Path, rows: int) -> Iterator[pd.DataFrame]:
    with _readable(path, JSON_WANTED):
        yield from json_lines.batches(path, rows)


def _csv_batches(path: Path, rows: int) -> Iterator[pd.DataFrame]:
    with _readable(path, CSV_WANTED):
        dialect = dialect_of(path)
        with pd.read_csv(path, **dialect.how, chunksize=rows) as reader:
            for frame in reader:
                yield _lined(frame, path, dialect)


def _lined(frame: pd.DataFrame, path: Path, dialect: Dialect) -> pd.DataFrame:
    """Rows of a CSV with a header, each labelled by its line in the file."""
    if not isinstance(frame.index, pd.RangeIndex):
        raise JourneyError(
            f"{path}: rows have more cells than the header has names; name every column, "
            "and put text that holds a comma in quotes."
        )
    nameless = [name for name in frame if str(name).startswith("Unnamed: ")]
    if frame[nameless].notna().any(axis=None):
        raise JourneyError(
            f"{path}: there are cells under no name of the header; name every column, write "
            "numbers without commas between thousands, and put text that holds a comma in quotes."
        )
    first = frame.index.start + 2
    lined = frame.set_axis(pd.RangeIndex(first, first + len(frame), name="line"))
    lined.attrs[REMARKS] = dialect.remarks
    return lined


def _parquet_batches(path: Path, rows: int) -> Iterator[pd.DataFrame]:
    done = 0
    with _readable(path, PARQUET_WANTED):
        for table in _tables(path, rows):
            frame = _to_frame(table)
            yield frame.set_axis(pd.RangeIndex(done, done + len(frame)))
            done += len(frame)
        if not done:
            yield read_parquet(path)


def _tables(path: Path, rows: int) -> Iterator[pa.Table]:
    """Row groups of all shards, small ones together, large ones cut: about so many rows a table."""
    held: list[pa.Table] = []
    for shard in shards(path):
        # Without the buffer a file's whole row group is held at once.
        with pq.ParquetFile(shard, read_dictionary=_texts(shard), buffer_size=1 << 20) as file:
            for batch in file.iter_batches(batch_size=rows):
                held.append(pa.Table.from_batches([batch]))
                if sum(table.num_rows for table in held) >= rows:
                    yield pa.concat_tables(held, promote_options="permissive")
                    held = []
    if held:
        yield pa.concat_tables(held, promote_options="permissive")


@contextmanager
def naming(path: str | Path) -> Iterator[None]:
    """Put the path before what is said of a bad file that does not name it yet."""
    try:
        yield
    except JourneyError as error:
        said = str(error)
        raise JourneyError(said if said.startswith(f"{path}") else f"{path}: {said}") from error


@contextmanager
def _readable(path: Path, wanted: str) -> Iterator[None]:
    """Whatever a reader of files says of bad ones, as a sentence with the file."""
    try:
        yield
    except JourneyError:
        raise
    except MISREAD as error:
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


UNNAMED = re.compile(r"__index_level_\d+__")
"""Rows by number, as pandas writes them where nobody named them."""


def check_run_folder(folder: Path) -> None:
    """Refuse a run folder of a newer layout; its provenance says which it has."""
    provenance = folder / "provenance.json"
    if not provenance.is_file():
        return
    try:
        said = json.loads(provenance.read_text("utf-8")).get(FIELD)
    except (ValueError, AttributeError):
        raise JourneyError(
            f"{provenance}: is not what a run writes; take it away, or simulate again."
        ) from None
    check_format(said, RUN_FOLDER, str(provenance), JourneyError)


def read_parquet(path: str | Path) -> pd.DataFrame:
    """One table from a file or its shards; text comes dictionary-coded, hence as categories."""
    found = shards(path)
    with _readable(Path(path), PARQUET_WANTED):
        tables = [pq.read_table(shard, read_dictionary=_texts(shard)) for shard in found]
        return _to_frame(pa.concat_tables(tables, promote_options="permissive"))


def _texts(path: Path) -> list[str]:
    """Names of the columns that hold visitors, channels and the like as text."""
    schema = pq.read_schema(path)
    twice = [name for name in schema.names if schema.names.count(name) > 1]
    if twice:
        raise JourneyError(f"{path}: has the column {twice[0]!r} twice; keep one of them.")
    return [n for n in DICTIONARIES if n in schema.names and _is_text(schema.field(n).type)]


def _to_frame(table: pa.Table) -> pd.DataFrame:
    """A frame whose text is coded; whole numbers that name something become text.

    Beside an empty cell pandas would make them fractions, and visitors beyond 2^53 one another.
    What pandas noted when it wrote the file may be damaged, and says nothing that types do not.
    """
    table = table.drop_columns([name for name in table.column_names if UNNAMED.fullmatch(name)])
    for place, field in enumerate(table.schema):
        if field.name in DICTIONARIES and pa.types.is_integer(field.type):
            text = table.column(place).cast(pa.string()).dictionary_encode()
            table = table.set_column(place, field.name, text)
    table = table.unify_dictionaries()
    frame = table.to_pandas(split_blocks=True, self_destruct=True, ignore_metadata=True)
    return cast(pd.DataFrame, frame)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def write_parquet(table: pd.DataFrame, path: Path) -> None:
    """A typed table as Parquet, whole or not at all: visitors as text, times in microseconds."""
    if table["visitor_id"].cat.categories.inferred_type != "string":
        names = table["visitor_id"].cat.categories.astype(str)
        table = table.assign(visitor_id=table["visitor_id"].cat.rename_categories(names))
    with whole_file(path) as draft:
        pq.write_table(pa.Table.from_pandas(table, preserve_index=False), draft)
