"""Rows of a CSV that somebody wrote: what would be read wrongly in silence is refused."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence

from tiermix.core.errors import TiermixError

Row = dict[str, str]


def csv_rows(
    path: str | os.PathLike[str], wrong: type[TiermixError], wanted: str
) -> tuple[list[str], list[tuple[int, Row]]]:
    """The header's names and each row with its line; names in small letters, cells stripped.

    Empty rows are left out. Raises `wrong`, which tells that the file is to have the columns
    `wanted`, for a file that is not there or no UTF-8 text, and for cells or names too many.
    """
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, skipinitialspace=True)
            names = [name.strip().lower() for name in next(reader, [])]
            _check_names(names, path, wrong)
            return names, list(_rows(reader, names, path, wrong))
    except FileNotFoundError:
        raise wrong(
            f"{path}: there is no such file; give the path of a CSV with the columns {wanted}."
        ) from None
    except UnicodeDecodeError:
        raise wrong(f"{path}: is not UTF-8 text; save it as CSV UTF-8.") from None
    except csv.Error as error:
        raise wrong(f"{path}: is no CSV ({error}); save it as CSV UTF-8.") from None


def _check_names(
    names: Sequence[str], path: str | os.PathLike[str], wrong: type[TiermixError]
) -> None:
    twice = [name for name in names if name and names.count(name) > 1]
    if twice:
        raise wrong(f"{path}: the header names {twice[0]!r} twice; keep one of the columns.")


def _rows(
    reader: Iterator[list[str]],
    names: Sequence[str],
    path: str | os.PathLike[str],
    wrong: type[TiermixError],
) -> Iterator[tuple[int, Row]]:
    for found in reader:
        cells = [cell.strip() for cell in found]
        if not any(cells):
            continue
        line = reader.line_num  # type: ignore[attr-defined]
        padded = [*names, *[""] * (len(cells) - len(names))]
        nameless = [cell for name, cell in zip(padded, cells, strict=False) if cell and not name]
        if nameless:
            raise wrong(
                f"{path}, line {line}: the cell {nameless[0]!r} is under no name of the header; "
                "write numbers without commas between thousands, and put text that holds a comma "
                "in quotes."
            )
        yield line, {**dict.fromkeys(names, ""), **dict(zip(names, cells, strict=False))}
