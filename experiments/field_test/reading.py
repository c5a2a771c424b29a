"""A test's own table, by regions or by people, read by the reader of all tables.

Nothing heavy is imported here: a wrong file is refused at once.
"""

from __future__ import annotations

import os

from experiments.company_data.derived import with_dates
from experiments.company_data.doubts import TableError
from experiments.company_data.vocabulary import DATE, REGION
from experiments.field_test.asked import Asked
from experiments.field_test.columns import PEOPLE, columns_of
from experiments.field_test.people import PeopleTable, people_table
from experiments.field_test.regions import RegionTable, region_table
from tiermix.core.tables.cells import read_cells

WANTED = "a table of a test (CSV, .csv.gz, Excel .xlsx or Parquet)"


def read_test(
    path: str | os.PathLike[str], asked: Asked | None = None
) -> RegionTable | PeopleTable:
    """A test by regions and dates, or by groups of people. Raises `TableError`."""
    wishes = asked or Asked()
    cells = read_cells(path, TableError, wanted=WANTED, sheet=wishes.sheet)
    if not cells.rows:
        raise TableError(f"{cells.source}: has no rows; bring a test with a row a region and date.")
    if not any("date=" in text for text in wishes.columns):
        cells = with_dates(cells)
    columns, remarks = columns_of(cells, wishes.columns, wishes.kpi)
    remarks += [f"{text}." for text in cells.said]
    if columns.one(PEOPLE) or not (columns.one(REGION) and columns.one(DATE)):
        if columns.one(REGION) and not columns.one(PEOPLE):
            raise TableError(
                f"{cells.source}: it has regions and no dates; add a column of dates, or say which "
                "it is, as in --map date=COLUMN."
            )
        return people_table(cells, columns, wishes, remarks)
    return region_table(cells, columns, wishes, remarks)
