"""A company's weekly history: what can be read, and the sentence for what cannot."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.calibration.history import OF_CHANNELS, history_of, read_history
from experiments.calibration.history_file import HistoryError
from experiments.company_data.run import check_table
from sim import simulate
from tests.scenes import plain_market

CHANNELS = ("video", "social", "radio", "direct")
HEAD = "week,channel,spend,impressions,clicks,conversions,revenue"
MONDAY = dt.date(2025, 1, 6)

Lines = list[str]


def lines(weeks: int = 30) -> Lines:
    """A sound file: video with its figures, social with spend alone, outcomes."""
    rows = [HEAD]
    for n in range(weeks):
        week = MONDAY + dt.timedelta(7 * n)
        rows.append(f"{week},video,{1000 + n},{90000 + n},800,,")
        rows.append(f"{week},social,500,,,,")
        rows.append(f"{week},total,,,,{100 + n},{9000 + n}")
    return rows


@pytest.fixture
def file(tmp_path: Path) -> Callable[[Lines], Path]:
    def write(rows: Lines) -> Path:
        path = tmp_path / "history.csv"
        path.write_text("\n".join(rows) + "\n", "utf-8")
        return path

    return write


def test_a_history_is_read_week_by_week(file: Callable[[Lines], Path]) -> None:
    history = read_history(file(lines()), CHANNELS)
    assert history.channels == ("video", "social")
    assert history.weeks[:2] == (MONDAY, MONDAY + dt.timedelta(7))
    assert history.spend[2].tolist() == [1002, 500]
    assert history.conversions[:3].tolist() == [100, 101, 102]
    assert history.has_figures("impressions", "video")
    assert not history.has_figures("impressions", "social")
    assert len(history.digest) == 64


def test_the_old_name_of_has_figures_works_and_warns(file: Callable[[Lines], Path]) -> None:
    history = read_history(file(lines()), CHANNELS)
    with pytest.warns(DeprecationWarning, match="now History.has_figures"):
        assert history.told("impressions", "video")
    with pytest.warns(DeprecationWarning, match="now History.has_figures"):
        assert not history.told("impressions", "social")


def test_a_pair_that_is_missing_is_no_spend(file: Callable[[Lines], Path]) -> None:
    rows = [row for row in lines() if not row.startswith(f"{MONDAY},social")]
    assert read_history(file(rows), CHANNELS).spend[0].tolist() == [1000, 0]


def test_iso_weeks_and_names_of_ones_own_are_understood(file: Callable[[Lines], Path]) -> None:
    rows = [row.replace("video", "YouTube Ads") for row in lines()]
    rows = [row.replace("2025-01-06", "2025-W02") for row in rows]
    history = read_history(file(rows), CHANNELS, {"YouTube Ads": "video"})
    assert history.weeks[0] == MONDAY
    assert history.channels == ("video", "social")


def test_columns_of_a_spreadsheet_may_have_capitals_and_a_mark(
    file: Callable[[Lines], Path],
) -> None:
    rows = lines()
    rows[0] = "\ufeff" + HEAD.title()
    assert len(read_history(file(rows), CHANNELS).weeks) == 30


def changed(number: int, text: str) -> Callable[[Lines], Lines]:
    return lambda rows: [*rows[:number], text, *rows[number + 1 :]]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (changed(1, "2025-01-06,vidoe,5,,,,"), ("line 2", "'vidoe'", "'video'?", "names=")),
        (changed(1, "06.01.2025,video,5,,,,"), ("line 2", "'06.01.2025'", "2025-W02")),
        (changed(2, "2025-01-06,video,5,,,,"), ("line 3", "video in week 2025-01-06", "second")),
        (changed(1, "2025-01-06,video,-5,,,,"), ("line 2", "spend '-5'", "at least 0")),
        (changed(1, "2025-01-06,video,inf,,,,"), ("line 2", "spend 'inf'", "finite")),
        (changed(1, "2025-01-06,video,,,,,"), ("line 2", "spend ''", "at least 0")),
        (changed(1, '2025-01-06,video,"1,200",,,,'), ("line 2", "'1,200'", "12500.50")),
        (changed(1, "2025-01-06,video,5,x,,,"), ("line 2", "impressions 'x'")),
        (changed(1, "2025-01-06,video,5,,,7,"), ("line 2", "conversions '7'", "'total'")),
        (changed(1, "2025-01-06,video,1,200,300,,,7"), ("line 2", "'7'", "thousands")),
        (lambda rows: [rows[0] + ",spend", *rows[1:]], ("'spend' twice",)),
        (changed(3, "2025-01-06,total,,,,,5"), ("line 4", "conversions ''")),
        (changed(6, "2025-01-14,total,,,,5,5"), ("2025-01-14 (Tuesday)", "2025-01-06 (Monday)")),
        (lambda rows: rows[:4] + rows[7:], ("week 2025-01-13 is missing", "'total'")),
        (lambda rows: rows[:6] + rows[7:], ("week 2025-01-13 has no outcomes",)),
        (lambda rows: [r for r in rows if "total" not in r], ("no row tells outcomes", "'total'")),
        (lambda rows: rows[: 1 + 3 * 20], ("20 weeks", "at least 26")),
        (lambda rows: [rows[0].replace("spend", "cost"), *rows[1:]], ("'spend' is", "cost")),
        (
            lambda rows: [r if "total" not in r else r[:17] + ",,,0,0" for r in rows],
            ("conversions are 0 in every week",),
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_told_with_file_place_value_and_remedy(
    file: Callable[[Lines], Path], spoil: Callable[[Lines], Lines], words: tuple[str, ...]
) -> None:
    path = file(spoil(lines()))
    with pytest.raises(HistoryError) as told:
        read_history(path, CHANNELS)
    for word in (str(path), *words):
        assert word in str(told.value)


def test_a_file_that_is_not_there_and_one_that_is_no_text_are_told(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="no such file"):
        read_history(tmp_path / "nowhere.csv", CHANNELS)
    binary = tmp_path / "book.xls"
    binary.write_bytes(b"week,\xff\xfe\x00")
    with pytest.raises(HistoryError, match="not UTF-8"):
        read_history(binary, CHANNELS)


def test_a_name_is_mapped_to_channels_that_exist_only(file: Callable[[Lines], Path]) -> None:
    with pytest.raises(HistoryError, match="did you mean 'video'"):
        read_history(file(lines()), CHANNELS, {"YouTube": "vide"})


def test_a_run_folder_becomes_a_history_that_is_read_back_whole(tmp_path: Path) -> None:
    run = simulate(
        plain_market(direct=True), seed=3, customers=200, out=tmp_path / "run", workers=1
    )
    table = history_of(tmp_path / "run")
    table.to_csv(tmp_path / "history.csv", index=False)
    history = read_history(tmp_path / "history.csv", CHANNELS)
    assert len(history.weeks) == 52
    aggregates = run.history.aggregates
    whole = aggregates[aggregates["week"] < aggregates["week"].max()]
    for name in ("conversions", "revenue", "spend", "impressions", "clicks"):
        ours = getattr(history, name).sum()
        assert np.isclose(ours, whole[name].sum()), name
    assert isinstance(table, pd.DataFrame)
    checked = tmp_path / "checked.csv"
    checked.write_text(check_table(tmp_path / "history.csv").history, "utf-8")
    again = read_history(checked, CHANNELS)
    for name in ("conversions", "revenue", "spend", "impressions", "clicks"):
        assert np.allclose(getattr(again, name), getattr(history, name), rtol=1e-11, equal_nan=True)


def test_a_folder_without_a_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="tiermix simulate"):
        history_of(tmp_path)


def test_a_history_may_be_written_as_spreadsheets_write_it(tmp_path: Path) -> None:
    plain = tmp_path / "plain.csv"
    plain.write_text("\n".join(lines()), "utf-8")
    german = [row.replace(",", ";").replace(";500;", ";500,00;") for row in lines()]
    days = [f"{MONDAY + dt.timedelta(7 * n):%d.%m.%Y}" for n in range(30)]
    for n, day in enumerate(days):
        german = [row.replace(str(MONDAY + dt.timedelta(7 * n)), day) for row in german]
    other = tmp_path / "german.csv"
    other.write_text("\n".join(german), "utf-16")
    for name in ("weeks", "spend", "impressions", "clicks", "conversions", "revenue"):
        ours, theirs = (getattr(read_history(file, CHANNELS), name) for file in (plain, other))
        assert np.array_equal(np.array(ours), np.array(theirs), equal_nan=name in OF_CHANNELS)


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (
            HEAD.replace("impressions", "impression"),
            ("'impression' is not known", "'impressions'?"),
        ),
        (HEAD.replace("clicks", "price"), ("'price'", "control.price", "tiermix data check")),
        (HEAD.replace("week", "month"), ("holds months", "weeks")),
        (HEAD.replace("week", "day"), ("'week' is missing", "tiermix data check")),
    ],
)
def test_columns_that_are_not_known_are_refused(
    file: Callable[[Lines], Path], head: str, words: tuple[str, ...]
) -> None:
    with pytest.raises(HistoryError) as told:
        read_history(file([head, *lines()[1:]]), CHANNELS)
    for word in words:
        assert word in str(told.value)


def test_what_a_fit_does_not_use_is_said(file: Callable[[Lines], Path]) -> None:
    more = [f"{row},{word}" for row, word in zip(lines(), ["leads", *"5" * 90], strict=True)]
    history = read_history(file(more), CHANNELS)
    assert history.spend[2].tolist() == [1002, 500]
    assert history.unused == ("columns that a fit does not use: leads.",)


def test_a_control_that_is_no_figure_is_refused_by_its_line(file: Callable[[Lines], Path]) -> None:
    more = [
        f"{row},{word}" for row, word in zip(lines(), ["control.rival", *"5" * 90], strict=True)
    ]
    assert read_history(file(more), CHANNELS).controls["rival"].tolist() == [5.0] * 30
    more[3] = more[3][:-1] + "much"
    with pytest.raises(HistoryError, match=r"line 4: control\.rival 'much' is not a finite number"):
        read_history(file(more), CHANNELS)


def test_dates_that_have_two_readings_are_refused_with_both(
    file: Callable[[Lines], Path],
) -> None:
    days = {str(MONDAY + dt.timedelta(7 * n)): f"0{n % 9 + 1}/01/{2000 + n}" for n in range(30)}
    rows = lines()
    for day, odd in days.items():
        rows = [row.replace(day, odd) for row in rows]
    with pytest.raises(HistoryError, match=r"2001-01-02 .* or 2001-02-01 .*--dates"):
        read_history(file(rows), CHANNELS)


def test_channels_of_theirs_that_stand_for_one_of_ours_are_added_up(tmp_path: Path) -> None:
    """Once refused as a row that is given twice; impressions that one lacks are not given."""
    rows = ["week,channel,spend,impressions,clicks,conversions,revenue"]
    for n in range(30):
        week = dt.date(2025, 1, 6) + dt.timedelta(7 * n)
        rows += [f"{week},Search,5,,1,,", f"{week},PMax,7,20,2,,", f"{week},total,,,,9,900"]
    file = tmp_path / "weeks.csv"
    file.write_text("\n".join(rows), "utf-8")
    both = {"Search": "paid_search", "PMax": "paid_search"}
    found = read_history(file, ["douyin", "paid_search"], both)
    assert found.channels == ("paid_search",)
    assert set(found.spend.ravel().tolist()) == {12.0}
    assert set(found.clicks.ravel().tolist()) == {3.0}
    assert not found.has_figures("impressions", "paid_search")
    file.write_text("\n".join([*rows, rows[2]]), "utf-8")
    with pytest.raises(HistoryError, match="PMax in week 2025-01-06 is given a second time"):
        read_history(file, ["douyin", "paid_search"], both)
