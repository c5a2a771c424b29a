"""Files to cells, cells to dates and figures: what is read, what is said of the rest."""

import datetime as dt
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from tiermix.core.errors import TiermixError
from tiermix.core.tables import cells, text
from tiermix.core.tables.cells import read_cells
from tiermix.core.tables.dates import read_dates, readings
from tiermix.core.tables.numbers import marks_of, number

Write = Callable[[str, bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to_file(name: str, data: bytes) -> Path:
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    return to_file


TABLE = 'Käufe,"tv, paid",月\n1,2,3\n\n4,5\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "gb18030"])
def test_a_table_is_the_same_in_every_encoding(encoding: str, write: Write) -> None:
    head = TABLE.replace("Käufe", "Orders") if encoding == "gb18030" else TABLE
    found = read_cells(write("t.csv", head.encode(encoding)))
    assert found.names[1:] == ("tv, paid", "月")
    assert found.rows == [(2, ("1", "2", "3")), (4, ("4", "5", ""))]


def test_western_text_is_read_and_said(write: Write) -> None:
    found = read_cells(write("t.csv", "Käufe;Größe\n1;2\n".encode("cp1252")))
    assert found.names == ("Käufe", "Größe")
    assert found.said == (
        "is not UTF-8: it is read as Western (Windows-1252)",
        "its cells are separated by semicolons",
    )


@pytest.mark.parametrize(
    ("data", "separator"),
    [
        (b"a,b\n1,2\n", ","),
        (b"a;b\n1,5;2,5\n", ";"),
        (b"a\tb\n1,5\t2\n", "\t"),
        (b"a|b\n1|2\n", "|"),
        (b"sep=;\na;b,c\n1;2\n", ";"),
        (b'"a,b";c;d\n1;2;3\n', ";"),
        (b"a\n1\n", ","),
    ],
)
def test_the_separator_is_the_one_that_makes_columns(
    data: bytes, separator: str, write: Write
) -> None:
    assert read_cells(write("t.csv", data)).separator == separator


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("t.csv", b"a,b\n1,2,3\n", "line 2: the cell '3' is under no name"),
        ("t.csv", b"a,A\n1,2\n", "'a' twice"),
        ("t.csv", b"My report\n1,2\n", "line 2: the cell '2' is under no name"),
        ("t.csv", b"a,\n1,x\n", "line 2: the cell 'x' is under no name"),
        ("t.csv", b"a,b\n\x00\x01\xff", "not UTF-8 text"),
        ("t.csv", b"\xef\xbb\xbfa,b\n\xff,1", "not UTF-8 text to its end"),
        ("t.xls", b"\xd0\xcf\x11\xe0rest", "save it as .xlsx"),
        ("t.xlsx", b"PK\x03\x04rest", "as an Excel workbook"),
        ("t.parquet", b"PAR1rest", "as Parquet"),
        ("t.csv.gz", b"\x1f\x8brest", "cannot be unpacked"),
        ("t.csv", ",".join(f"c{n}" for n in range(2001)).encode(), "2,001 columns"),
    ],
)
def test_what_is_no_table_is_told(name: str, data: bytes, words: str, write: Write) -> None:
    path = write(name, data)
    with pytest.raises(TiermixError) as told:
        read_cells(path)
    assert str(path) in str(told.value)
    assert words in str(told.value)


def test_a_file_that_is_too_large_is_refused_before_it_is_read(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text, "LARGEST_BYTES", 100)
    packed = write("t.csv.gz", gzip.compress(b"a,b\n" + b"1,2\n" * 50))
    for path in (write("t.csv", b"a,b\n" + b"1,2\n" * 50), packed):
        with pytest.raises(TiermixError, match="larger than"):
            read_cells(path)
    monkeypatch.undo()
    monkeypatch.setattr(cells, "LARGEST_CELLS", 20)
    with pytest.raises(TiermixError, match="more than 20 cells"):
        read_cells(write("u.csv", b"a,b\n" + b"1,2\n" * 50))


@pytest.mark.parametrize(
    ("data", "separator", "said"),
    [
        (b"My report\na,b\nx,2\n", ",", "its first line ('My report') is a title"),
        (b"My report,,\n\na,b,c\nx,2,3\n", ",", "its first line ('My report') is a title"),
        (b'Costs\n"Jan 1, 2025 - Dec 1"\na\tb\n1,234\t5,5\n', "\t", "2 lines (from 'Costs' on)"),
        (b"# From: Jan 1, 2025\n#\n\na;b;c;d\nx;2;3;4\n", ";", "2 lines (from '# From: Jan 1"),
    ],
)  # fmt: skip
def test_titles_above_the_header_are_read_past_and_said(
    data: bytes, separator: str, said: str, write: Write
) -> None:
    found = read_cells(write("t.csv", data))
    assert found.names[:2] == ("a", "b")
    assert len(found.rows) == 1
    assert found.separator == separator
    assert said in found.said[-1]


@pytest.mark.parametrize("data", [b"#a,b\n1,2\n", b"a,b\n1,2\n3,4\n", b"a\n1\n2\n"])
def test_a_header_is_no_title(data: bytes, write: Write) -> None:
    found = read_cells(write("t.csv", data))
    assert found.said == ()
    assert found.names[0] in ("#a", "a")


def test_a_first_column_without_a_name_is_kept_if_it_is_full(write: Write) -> None:
    found = read_cells(write("t.csv", b",a,b\n2025-01-06,5,6\n2025-01-13,6,7\n"))
    assert found.names == ("column 1", "a", "b")
    assert found.said == ("its first column has no name; here it is called 'column 1'",)


def test_numbers_of_rows_are_left_out_and_said(write: Write) -> None:
    found = read_cells(write("t.csv", b",a\n0,5\n1,6\n"))
    assert found.names == ("a",)
    assert found.rows == [(2, ("5",)), (3, ("6",))]
    assert found.said == ("column 1 has no name and numbers the rows; it is left out",)


def book(path: Path, **sheets: list[list[Any]]) -> Path:
    made = Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        page = made.create_sheet(name)
        for row in rows:
            page.append(row)
    made.save(path)
    return path


def test_a_workbook_gives_days_and_figures_as_text(tmp_path: Path) -> None:
    rows = [["day", "spend"], [dt.datetime(2025, 1, 6), 1234.5], [dt.date(2025, 1, 7), None]]
    found = read_cells(book(tmp_path / "t.xlsx", one=rows, empty=[]))
    assert found.rows == [(2, ("2025-01-06", "1234.5")), (3, ("2025-01-07", ""))]
    assert found.place(3).endswith("t.xlsx, row 3")


def test_a_sheet_is_named_where_several_hold_cells(tmp_path: Path) -> None:
    path = book(tmp_path / "t.xlsx", one=[["a", "b"], [1, 2]], two=[["c", "d"], [3, 4]])
    with pytest.raises(TiermixError, match="sheets 'one', 'two'"):
        read_cells(path)
    assert read_cells(path, sheet="two").names == ("c", "d")
    with pytest.raises(TiermixError, match="did you mean 'two'"):
        read_cells(path, sheet="twu")


def test_a_formula_that_nobody_computed_is_no_empty_cell(tmp_path: Path) -> None:
    path = book(tmp_path / "t.xlsx", one=[["a", "b"], [1, "=A2*2"]])
    with pytest.raises(TiermixError, match="row 2: the formula '=A2\\*2' has no value"):
        read_cells(path)


def test_parquet_keeps_zones_and_whole_numbers(tmp_path: Path) -> None:
    moments = pd.to_datetime(["2025-01-05 16:00", "2025-01-06 16:00"], utc=True)
    frame = pd.DataFrame({"t": moments.tz_convert("Asia/Shanghai"), "n": [2**53 + 1, 7]})
    frame.to_parquet(tmp_path / "t.parquet")
    found = read_cells(tmp_path / "t.parquet")
    assert found.rows[0] == (1, ("2025-01-06 00:00:00+08:00", str(2**53 + 1)))


@pytest.mark.parametrize(
    ("text", "point", "comma"),
    [
        ("1234.5", 1234.5, None), ("1,234.50", 1234.5, None), ("1.234,50", None, 1234.5),
        ("1 234,50", None, 1234.5), ("1'234.50", 1234.5, None), ("1,234,567", 1234567, None),
        ("(12.5)", -12.5, None), ("-12", -12, -12), ("12-", -12, -12), ("−3", -3, -3),
        ("¥1,200.00", 1200, None), ("12 EUR", 12, 12), ("-$5", -5, -5), ("1e3", 1000, 1000),
        (".5", 0.5, None), ("12%", None, None), ("1 2", None, None), ("nan", None, None),
        ("inf", None, None), ("1e400", None, None), ("1_000", None, None), ("٣", None, None),
        ("1,23.4", None, None), ("abc", None, None), ("", None, None), ("1.2.3", None, None),
    ],
)  # fmt: skip
def test_a_figure_under_each_decimal_mark(
    text: str, point: float | None, comma: float | None
) -> None:
    assert number(text, ".") == point
    assert number(text, ",") == comma


@given(
    value=st.floats(-1e9, 1e9).map(lambda x: round(x, 2)),
    style=st.sampled_from(["{:.2f}", "{:,.2f}", "¥{:,.2f}"]),
)
def test_a_figure_written_with_a_point_is_read_back(value: float, style: str) -> None:
    assert number(style.format(value), ".") == value


@pytest.mark.parametrize(
    ("texts", "decimal"),
    [
        (["1", "2"], "."), (["1.5", "1.234"], "."), (["1,5"], ","), (["1,234", "0.5"], "."),
        (["1.234", "2,5"], ","), (["1.234.567"], ","), (["1,234"], ""), (["1.234"], ""),
        (["1.5", "1,5"], ""), (["0,123"], ","), (["12,3456"], ","),
    ],
)  # fmt: skip
def test_the_whole_file_tells_its_decimal_mark(texts: list[str], decimal: str) -> None:
    marks = marks_of(texts)
    assert marks.decimal == decimal
    if not decimal:
        assert texts[0] in marks.question()


@pytest.mark.parametrize(
    ("texts", "order", "first"),
    [
        (["2025-01-06", "2025/1/7", "20250108", "2025-W03"], "ymd", dt.date(2025, 1, 6)),
        (["06.01.2025"], "dmy", dt.date(2025, 1, 6)),
        (["1/2/2025", "13/2/2025"], "dmy", dt.date(2025, 2, 1)),
        (["1/2/2025", "1/13/2025"], "mdy", dt.date(2025, 1, 2)),
        (["6 Jan 2025", "January 7, 2025", "8-Sept-25"], "named", dt.date(2025, 1, 6)),
        (["Jan-26", "February 2026"], "named", dt.date(2026, 1, 1)),
        (["2025年1月6日"], "ymd", dt.date(2025, 1, 6)),
        (["1/1/2025", "2/2/2025"], "dmy", dt.date(2025, 1, 1)),
        (["03/06/21", "13/06/21", "28/06/21", "31/05/21"], "dmy", dt.date(2021, 6, 3)),
    ],
)
def test_a_column_of_dates_has_one_order(texts: list[str], order: str, first: dt.date) -> None:
    found = read_dates(texts)
    assert (found.question, found.order) == ("", order)
    assert found.stamps[texts[0]].day == first


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["1/2/2025", "3/4/2025"], ("2025-02-01 (day", "2025-01-02 (month", "--dates dmy")),
        (["2025-01-06", "07.01.2025"], ("'07.01.2025'", "order of '2025-01-06'")),
        (["2025-01-06", "2025-13-01"], ("'2025-13-01' is no date",)),
        (["2025-01", "2025-01-06"], ("is a", "write all of them alike")),
        (["13/13/2025"], ("is no date",)),
        (["1736121600"], ("count of seconds",)),
        (["45663"], ("Excel's number for 2025-01-06",)),
        (["01/02/03"], ("2003-02-01", "2003-01-02", "2001-02-03")),
        ([""], ("'' is no date",)),
    ],
)
def test_a_doubt_about_dates_shows_every_reading(texts: list[str], words: tuple[str, ...]) -> None:
    found = read_dates(texts)
    assert not found.stamps
    assert found.odd in texts
    for word in words:
        assert word in found.question


@given(day=st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1)))
def test_a_date_is_among_its_own_readings(day: dt.date) -> None:
    for order, form in {"ymd": "%Y/%m/%d", "dmy": "%d/%m/%Y", "mdy": "%m/%d/%Y"}.items():
        assert readings(day.strftime(form))[order].day == day
