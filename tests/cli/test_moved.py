"""`--shift-to`: a scenario of the library in other years."""

import datetime as dt
from pathlib import Path

import pandas as pd

from experiments.calibration.history import read_history
from experiments.calibration.market import weeks_within
from scenarios import load_scenario, moved
from tests.experiments.conftest import Call


def test_new_writes_a_scenario_of_another_year(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    assert call("scenarios", "new", file, "--like", "b2b", "--shift-to", "2021")[0] == 0
    assert load_scenario(file).start == dt.date(2021, 1, 1)
    code, _, err = call("scenarios", "new", tmp_path / "x.yaml", "--shift-to", "2045")
    assert (code, err.count("\n")) == (2, 1)
    assert not (tmp_path / "x.yaml").exists()


def test_calibrate_says_which_year_a_history_asks_for(call: Call, tmp_path: Path) -> None:
    """The remedy was a start at which no scenario of the library could be."""
    weeks = pd.date_range("2018-11-19", periods=52, freq="7D").strftime("%Y-%m-%d")
    rows = ["week,channel,spend,impressions,clicks,conversions,revenue"]
    rows += [f"{week},douyin,500,,,,\n{week},total,,,,9,900" for week in weeks]
    file = tmp_path / "weeks.csv"
    file.write_text("\n".join(rows), "utf-8")
    code, out, err = call("calibrate", file, "--scenario", "retail")
    assert (code, out) == (2, "")
    assert "with its festivals: --shift-to 2020" in err
    base = moved(load_scenario("retail"), 2020)
    used, left = weeks_within(base, read_history(file, [c.name for c in base.channels]))
    assert (len(used.weeks), left) == (45, 7)
    code, _, err = call("calibrate", file, "--scenario", "retail", "--shift-to", "1800")
    assert code == 2
    assert "cannot be moved to 1800" in err
