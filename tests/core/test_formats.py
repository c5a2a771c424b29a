"""Versions of files: older ones are read, newer ones refused in a sentence, whoever reads them."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from experiments import check_table, read_history
from journeys import JourneyLog
from optimize import ResponseCurves
from scenarios import load_scenario, scenario_text
from tests.scenes import base
from tiermix.core.errors import TiermixError
from tiermix.core.tables.formats import check_format

MONTHS = base().months


def scenario(folder: Path, said: str) -> object:
    file = folder / "own.yaml"
    file.write_text(f"{said and f'format: {said}'}\nextends: retail\n", "utf-8")
    return load_scenario(file)


def curves(folder: Path, said: str) -> object:
    file = folder / "curves.csv"
    file.write_text(
        f"channel,kpi,family,ceiling,half,shape{said and ',format'}\n"
        f"video,margin,hill,10,5,1{said and f',{said}'}\n",
        "utf-8",
    )
    return ResponseCurves.from_csv(file, MONTHS)


def history(folder: Path, said: str) -> object:
    file = folder / "weeks.csv"
    end, last = (",format", f",{said}") if said else ("", "")
    rows = [
        f"{day},{channel},{figures}{last}"
        for day in pd.date_range("2025-01-06", periods=26, freq="7D").strftime("%Y-%m-%d")
        for channel, figures in (("video", "10,,"), ("total", ",5,50"))
    ]
    file.write_text("\n".join([f"week,channel,spend,conversions,revenue{end}", *rows]), "utf-8")
    return read_history(file, None)


def run_folder(folder: Path, said: str) -> object:
    time = pd.to_datetime(["2026-01-01"]).astype("datetime64[us]")
    rows = pd.DataFrame({"visitor_id": ["a"], "time": time, "channel": ["video"]})
    rows.assign(kind="click", theme="core").to_parquet(folder / "touches.parquet")
    orders = rows.drop(columns="channel").assign(kind="order", value=1.0, margin=1.0)
    orders.to_parquet(folder / "conversions.parquet")
    if said:
        (folder / "provenance.json").write_text(f'{{"format": {said}}}', "utf-8")
    return JourneyLog.open(folder)


READERS = (scenario, curves, history, run_folder)


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("said", ["", "1"])
def test_files_without_a_version_and_of_the_first_are_read(
    read: Callable[[Path, str], object], said: str, tmp_path: Path
) -> None:
    assert read(tmp_path, said) is not None


@pytest.mark.parametrize("read", READERS)
def test_a_newer_file_is_refused_in_one_sentence(
    read: Callable[[Path, str], object], tmp_path: Path
) -> None:
    with pytest.raises(TiermixError, match="format: 2 is newer than 1") as told:
        read(tmp_path, "2")
    assert str(tmp_path) in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("said", ["0", "-1", "1.5", "two", True, [1]])
def test_what_is_no_version_is_refused(said: object) -> None:
    with pytest.raises(TiermixError, match="is no version"):
        check_format(said, 1, "here")


def test_what_is_written_says_its_version_and_is_the_same_when_read(tmp_path: Path) -> None:
    curves(tmp_path, "").to_csv(tmp_path / "again.csv")
    assert set(pd.read_csv(tmp_path / "again.csv")["format"]) == {1}
    again = ResponseCurves.from_csv(tmp_path / "again.csv", MONTHS)
    pd.testing.assert_frame_equal(again.to_frame(), curves(tmp_path, "").to_frame())
    file = tmp_path / "whole.yaml"
    file.write_text(scenario_text(base().model_dump(mode="json")), "utf-8")
    assert file.read_text("utf-8").startswith("format: 1\n")
    assert load_scenario(file).hash == base().hash


def test_a_canonical_history_says_its_version_and_raises_no_doubt(tmp_path: Path) -> None:
    file = tmp_path / "weeks.csv"
    weeks = pd.date_range("2025-01-06", periods=40, freq="7D").strftime("%Y-%m-%d")
    rows = [f"{week},{100 + n},{10 + n % 3}" for n, week in enumerate(weeks)]
    file.write_text("\n".join(["date,video_spend,orders", *rows]), "utf-8")
    again = tmp_path / "canonical.csv"
    again.write_text(check_table(file).history, "utf-8")
    assert set(pd.read_csv(again)["format"]) == {1}
    assert "format" not in json.dumps(check_table(again).to_dict()["doubts"])
    again.write_text(again.read_text("utf-8").replace(",1\n", ",2\n"), "utf-8")
    with pytest.raises(TiermixError, match="format: 2 is newer than 1"):
        check_table(again)


def test_formats_of_ads_are_no_version(tmp_path: Path) -> None:
    file = tmp_path / "weeks.csv"
    weeks = pd.date_range("2025-01-06", periods=40, freq="7D").strftime("%Y-%m-%d")
    rows = [f"{week},{100 + n},{10 + n % 3},film" for n, week in enumerate(weeks)]
    file.write_text("\n".join(["date,video_spend,orders,format", *rows]), "utf-8")
    assert "format" in {column["name"] for column in check_table(file).to_dict()["columns"]}
