"""`tiermix lift DATA.csv`: a company's own test, as a page and a line of measured lifts."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Any

from experiments.company_data.doubts import TableError
from experiments.field_test.result import FieldTest
from experiments.lifts import LiftsError, MeasuredLift, MeasuredLifts, lifts_text, read_lifts
from tiermix.core.files import write_text
from tiermix.core.outputs import check_replaceable, replacing

COMMAND = "lift"
TESTS = "tests.csv"


def publish_field_test(
    found: FieldTest,
    out: str | os.PathLike[str] | None = None,
    span: tuple[dt.date, dt.date] | None = None,
    xlsx: Path | None = None,
) -> dict[str, Any]:
    """The document of a test; with `out`, a page, and its line beside the lifts that are there.

    `out` is a CSV file, or a folder for `tests.csv` and the page; a folder gets no line of a test
    that does not say all that a line needs. `span` tells first and last day of a test by people.
    With `xlsx` the answer is a workbook too.
    """
    check_replaceable([xlsx] if xlsx else [], COMMAND)
    document = found.to_dict()
    if xlsx is not None:
        document["workbook"] = _workbook(found, xlsx)
    if out is None:
        return {**document, "tests": None, "page": None}
    target = Path(out)
    named = target.suffix.lower() == ".csv"
    file = target if named else target / TESTS
    lacking = lacks(found, span)
    if named and lacking:
        raise TableError(f"{found.table.source}: {lacking}.")
    drawing = file.with_name(f"lift-{Path(found.table.source).name.partition('.')[0]}.html")
    check_replaceable([drawing], COMMAND)
    if not lacking:
        line = found.lift(*(found.span or span or ()))
        others = [one for one in _kept(file) if _key(one) != _key(line)]
        write_text(file, lifts_text([*others, line]))
    with replacing(drawing, COMMAND) as place:
        _draw(found, place)
    if lacking:
        document["remarks"].append(f"no line of {TESTS} is written: {lacking}.")
    return {**document, "tests": None if lacking else str(file), "page": str(drawing)}


def _workbook(found: FieldTest, xlsx: Path) -> str:
    from experiments.publish.lift_workbook import write_field_test_workbook

    with replacing(xlsx, COMMAND):
        write_field_test_workbook(xlsx, found)
    return str(xlsx)


def _draw(found: FieldTest, place: Path) -> None:
    # What draws takes seconds to load: a test that is only asked about does not wait for it.
    from experiments.report.field_test import page
    from experiments.report.frame import write_page

    write_page(place, page(found))


def lacks(found: FieldTest, span: tuple[dt.date, dt.date] | None) -> str:
    """What a line of lifts needs and the test does not say; empty where it says all."""
    if not found.channel:
        return f"a line of {TESTS} needs a channel; name it, as in --channel tv"
    if found.change is None:
        return (
            "nothing says what the test did to the channel's money; say it: --change on (it ran "
            "where it was tested and nowhere else), --change off, or as in --change +50%"
        )
    if found.span is None and span is None:
        return (
            "nothing says when the test was; give its first and last day, as in --start 2026-03-01 "
            "--end 2026-03-28"
        )
    if found.estimate.se <= 0 or found.estimate.expected <= 0:
        return "without an outcome there is no share of it; bring a test that has some"
    return ""


def _kept(file: Path) -> MeasuredLifts:
    """Lines of a file that is there already; one that holds anything else is refused."""
    if not file.exists():
        return MeasuredLifts()
    try:
        return read_lifts(file)
    except LiftsError as error:
        raise LiftsError(f"out: {error} It is not written over; name another file.") from None


def _key(line: MeasuredLift) -> tuple[str, dt.date, dt.date]:
    return line.channel, line.start, line.end
