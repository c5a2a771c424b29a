"""Any table of a company: the same history whatever the form, and a sentence for what is none."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.calibration.history import read_history
from experiments.company_data.doubts import TableError
from experiments.company_data.run import check_table
from tests.experiments.company_tables import (
    CHANNELS,
    DATES,
    ENCODINGS,
    FILES,
    MONTHS,
    WEEKS,
    WRITTEN,
    Form,
    blank,
    comma,
    shown,
    summed,
    write,
)

ANY_FORM = st.builds(
    lambda layout, step, date, written, encoding, file: Form(
        layout, step, False, date, written[0], encoding, written[1], file
    ),
    st.sampled_from(["wide", "long"]),
    st.sampled_from(["day", "week"]),
    st.sampled_from(DATES),
    st.sampled_from(WRITTEN),
    st.sampled_from(ENCODINGS),
    st.sampled_from(FILES),
)
RELAXED = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def histories(tmp_path_factory: pytest.TempPathFactory) -> dict[Any, str]:
    """The history of the plainest form, national and by region."""
    folder = tmp_path_factory.mktemp("plain")
    return {
        regional: check_table(write(folder, Form(regional=regional))).history
        for regional in (False, True)
    }


@RELAXED
@given(form=ANY_FORM, regional=st.booleans())
def test_every_form_gives_the_same_history(
    form: Form, regional: bool, histories: dict[Any, str], tmp_path: Path
) -> None:
    found = check_table(write(tmp_path, shown(form, regional=regional)))
    assert found.history == histories[regional]
    assert found.layout == form.layout
    assert found.step == form.step


@RELAXED
@given(
    date=st.sampled_from(MONTHS),
    layout=st.sampled_from(["wide", "long"]),
    written=st.sampled_from(WRITTEN),
)
def test_every_form_of_months_gives_the_same_history(
    date: Any, layout: str, written: Any, tmp_path: Path
) -> None:
    plain = check_table(write(tmp_path, Form(step="month")))
    other = Form(layout, "month", False, date, written[0], "utf-8", written[1])
    found = check_table(write(tmp_path, other))
    assert found.history == plain.history
    assert found.kind.startswith("monthly")
    assert found.history.startswith("month,")


def test_the_history_says_what_the_table_said(histories: dict[Any, str]) -> None:
    figures = summed(Form())
    rows = [row.split(",") for row in histories[False].splitlines()]
    assert rows[0] == [
        "week",
        "channel",
        "spend",
        "impressions",
        "clicks",
        "conversions",
        "revenue",
        "format",
    ]
    assert len(rows) == 1 + WEEKS * (len(CHANNELS) + 1)
    for (week, _), told in figures.items():
        mine = {row[1]: row for row in rows if row[0] == str(week)}
        assert float(mine["tv"][2]) == told["tv", "spend"]
        assert float(mine["抖音"][3]) == told["抖音", "impressions"]
        assert float(mine["total"][5]) == told["", "orders"]
        assert float(mine["total"][6]) == told["", "revenue"]


def test_a_history_is_its_own_history(histories: dict[Any, str], tmp_path: Path) -> None:
    for regional, text in histories.items():
        file = tmp_path / f"{regional}.csv"
        file.write_text(text, "utf-8")
        assert check_table(file).history == text


def test_regions_are_added_up_by_a_fit(histories: dict[Any, str], tmp_path: Path) -> None:
    read = {}
    for regional, text in histories.items():
        file = tmp_path / "history.csv"
        # Twice the weeks, since a fit asks for half a year.
        later = [
            f"{dt.date.fromisoformat(row[:10]) + dt.timedelta(7 * WEEKS)}{row[10:]}"
            for row in text.splitlines()[1:]
        ]
        file.write_text("\n".join([text.strip(), *later]), "utf-8")
        read[regional] = read_history(file, CHANNELS)
    assert (read[False].spend == read[True].spend).all()
    assert (read[False].revenue == read[True].revenue).all()
    assert read[False].unused == ()
    assert read[True].unused == ("2 regions are added up: the fit is to the whole.",)


def refusal(file: Path) -> str | None:
    """What is said of a table that cannot be read; anything but a sentence is raised."""
    try:
        check_table(file).to_dict()
    except TableError as refused:
        return str(refused)
    return None


def spoiled(text: str, cuts: list[tuple[int, str]]) -> str:
    for place, piece in cuts:
        at = place % max(len(text), 1)
        text = text[:at] + piece + text[at + len(piece) % 3 :]
    return text


PIECES = st.sampled_from(
    [",", ";", "\t", "\n", '"', "-", ".", "\x00", "nan", "1e999", "-1", "抖", "'", "€", "2025",
     "31/12/1999", "total", "\r", "{", "=1+1", "%s", "1,234", "spend", " ", "9" * 400, "week", "1.",
     "٣", "²", "1_000", "0x1", "T25:61", "2025-W99", "inf", "+08:00"]
)  # fmt: skip


@settings(RELAXED, max_examples=60)
@given(cuts=st.lists(st.tuples(st.integers(0, 10**6), PIECES), max_size=6), wide=st.booleans())
def test_a_spoiled_table_is_read_or_refused_in_words(
    cuts: list[tuple[int, str]], wide: bool, tmp_path: Path
) -> None:
    form = Form("wide" if wide else "long")
    file = write(tmp_path, form)
    text = "".join(file.read_text("utf-8").splitlines(keepends=True)[:40])
    file.write_text(spoiled(text, cuts), "utf-8", newline="")
    refused = refusal(file)
    assert refused is None or str(file) in refused


@settings(RELAXED, max_examples=40)
@given(noise=st.binary(max_size=200), kind=st.sampled_from(FILES), at=st.integers(0, 4000))
def test_spoiled_bytes_are_refused_in_words_too(
    noise: bytes, kind: str, at: int, tmp_path: Path
) -> None:
    file = tmp_path / f"bytes.{kind}"
    if not (tmp_path / f"table.{kind}").exists():
        write(tmp_path, Form(file=kind))
    data = (tmp_path / f"table.{kind}").read_bytes()
    file.write_bytes(data[:at] + noise + data[at + len(noise) :])
    refused = refusal(file)
    assert refused is None or str(file) in refused


def test_german_and_french_figures_are_what_they_look_like(tmp_path: Path) -> None:
    assert (comma(1234.5), blank(1234.5)) == ("1.234,50", "1 234,50")
