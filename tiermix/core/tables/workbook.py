"""A sheet of an Excel workbook as cells of text."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from tiermix.core.errors import TiermixError
from tiermix.core.hints import hint
from tiermix.core.tables.columnar import cell_text
from tiermix.core.tables.text import LARGEST_BYTES

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

Rows = list[tuple[int, list[str]]]
SWELL = 4 * LARGEST_BYTES
"""Bytes that a workbook may have unpacked: its XML says little in much."""


def workbook_rows(
    data: bytes,
    path: str | os.PathLike[str],
    wrong: type[TiermixError],
    sheet: str | None,
    *,
    usual: Sequence[str] = (),
    formulas: bool = False,
) -> tuple[Iterator[tuple[int, list[str]]], tuple[str, ...]]:
    """Rows of the one sheet that holds cells, or of the one that is named, and what to say of it.

    Where none is named, one of the `usual` names is taken before all others.
    With `formulas` a formula that was never computed is a cell that says so itself. Raises `wrong`
    in a sentence, for several sheets and without it for such formulas too.
    """
    try:
        _check_size(data, path, wrong)
        found = _sheets(data, path, wrong, sheet, usual)
        name, rows = _chosen(found, path, wrong)
        if formulas:
            rows = _with_formulas(data, name, rows)
        else:
            _check_formulas(data, name, rows, path, wrong)
    except TiermixError:
        raise
    except Exception as error:  # openpyxl raises what its parsers raise
        raise wrong(
            f"{path}: cannot be read as an Excel workbook ({_short(error)}); save it again as "
            ".xlsx, or as CSV UTF-8."
        ) from None
    said = (f"its sheet {name!r} is read",) if len(found) > 1 or sheet else ()
    return iter(rows), said


def _with_formulas(data: bytes, name: str, rows: Rows) -> Rows:
    """The rows with the text of each formula that no program has computed."""
    known, page = dict(rows), _book(data, values=False)[name]
    page.reset_dimensions()
    found = []
    for n, row in enumerate(page.iter_rows(values_only=True), start=1):
        mine = known.get(n, [])
        mine = mine + [""] * (len(row) - len(mine))
        cells = [
            value if isinstance(value, str) and value.startswith("=") and not text else text
            for value, text in zip(row, mine, strict=False)
        ]
        found.append((n, cells))
    return [(n, cells) for n, cells in found if any(cells)]


def _short(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:120]


def _check_size(data: bytes, path: str | os.PathLike[str], wrong: type[TiermixError]) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        if sum(part.file_size for part in parts.infolist()) > SWELL:
            raise wrong(
                f"{path}: is larger than {SWELL // 2**20} MB unpacked; save the sheet that is "
                "needed as CSV UTF-8."
            )


def _sheets(
    data: bytes,
    path: str | os.PathLike[str],
    wrong: type[TiermixError],
    sheet: str | None,
    usual: Sequence[str],
) -> dict[str, Rows]:
    """Sheets that hold cells, by name; with `sheet`, or one of the `usual` ones, that one alone."""
    book = _book(data, values=True)
    names = [page.title for page in book.worksheets]
    if sheet is None:
        by_small = {name.lower(): name for name in names}
        sheet = next((by_small[name] for name in usual if name in by_small), None)
    if sheet is not None and sheet not in names:
        raise wrong(f"{path}: has no sheet {sheet!r}; {hint(sheet, names)}")
    pages = [page for page in book.worksheets if sheet in (None, page.title)]
    found = {page.title: _texts(page) for page in pages}
    return {name: rows for name, rows in found.items() if rows}


def _book(data: bytes, *, values: bool) -> Any:
    import warnings

    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and extensions that nobody needs here
        return load_workbook(io.BytesIO(data), read_only=True, data_only=values)


def _texts(page: Worksheet) -> Rows:
    page.reset_dimensions()  # type: ignore[attr-defined]
    rows = (
        (n, [cell_text(value) for value in row])
        for n, row in enumerate(page.iter_rows(values_only=True), start=1)
    )
    return [(n, row) for n, row in rows if any(row)]


def _chosen(
    found: dict[str, Rows], path: str | os.PathLike[str], wrong: type[TiermixError]
) -> tuple[str, Rows]:
    if len(found) > 1:
        raise wrong(
            f"{path}: has cells in the sheets {', '.join(map(repr, found))}; say which one holds "
            f"the history, as in --sheet {next(iter(found))!r}."
        )
    return next(iter(found.items()), ("", []))


def _check_formulas(
    data: bytes, name: str, rows: Rows, path: str | os.PathLike[str], wrong: type[TiermixError]
) -> None:
    """Refuse a formula without a value: its cell would pass for an empty one."""
    width = max((len(row) for _, row in rows), default=0)
    if all(len(row) == width and all(row) for _, row in rows):
        return
    known = dict(rows)
    page = _book(data, values=False)[name]
    page.reset_dimensions()
    for n, row in enumerate(page.iter_rows(values_only=True), start=1):
        computed = known.get(n, [])
        for c, value in enumerate(row):
            is_formula = isinstance(value, str) and value.startswith("=")
            if is_formula and not any(computed[c : c + 1]):
                raise wrong(
                    f"{path}, row {n}: the formula {value!r} has no value, since no program has "
                    "computed it; open the workbook in Excel, save it, and try again."
                )
