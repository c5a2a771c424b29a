"""Measured lifts: files read back, mistakes are sentences, curves and calibration learn of them."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from experiments import calibrate  # type: ignore[attr-defined]
from experiments.calibration.history import LiftMoment
from experiments.calibration.history_file import HistoryError
from experiments.calibration.market import simulate_weeks
from experiments.calibration.moments import Moments, series_of
from experiments.calibration.parameters import applied, parameters_of
from experiments.calibration.tested import share_without, with_lifts
from experiments.lifts import LiftsError, MeasuredLift, MeasuredLifts, lifts_text, read_lifts
from sim import WeeklyCounts
from tests.experiments.company import company, money
from tests.experiments.conftest import Call
from tests.scenes import CHANNELS, base

BASE = base()
DAY = dt.timedelta(1)
HEAD = "channel,start,end,lift,error\n"


def _line(
    channel: str = "video", first: int = 10, last: int = 36, **figures: float
) -> MeasuredLift:
    weeks = money(5, told=False).weeks
    told = {"lift": 0.1, "error": 0.01} | figures
    return MeasuredLift(channel, weeks[first], weeks[last] - DAY, told["lift"], told["error"])


def test_lines_read_back_as_they_were_written(tmp_path: Path) -> None:
    file = tmp_path / "tests.csv"
    lines = (_line(), _line("抖音", lift=-0.0123456, error=0.5))
    file.write_text(lifts_text(lines), "utf-8")
    assert read_lifts(file) == lines


def test_several_tests_of_a_channel_count_by_their_precision() -> None:
    lines = MeasuredLifts((_line(first=0, last=4, lift=0.1, error=0.01), _line(first=4, last=12,
                          lift=0.2, error=0.02), _line("social", lift=0.3, error=0.1)))  # fmt: skip
    share, error, weeks = lines.shares["video"]
    assert share == pytest.approx((0.1 * 4 + 0.2) / 5)
    assert error == pytest.approx(0.01 / np.sqrt(1.25))
    assert weeks == pytest.approx((4 * 4 + 8) / 5)
    assert lines.shares["social"] == pytest.approx((0.3, 0.1, 26))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("channel,start,end,lift\n", "column 'error' is missing"),
        ("channel,start,end,lift,error,note\nv,2025-01-01,2025-02-01,0.1,0.1,x\n", "'note'"),
        (HEAD, "holds no test"),
        (HEAD + "v,soon,2025-02-01,0.1,0.1\n", "line 2"),
        (HEAD + "v,2025-01,2025-02,0.1,0.1\n", "no plain day"),
        (HEAD + "v,2025-03-01,2025-02-01,0.1,0.1\n", "swap them"),
        (HEAD + "v,2025-01-01,2025-02-01,5.4,0.1\n", "lift '5.4'"),
        (HEAD + "v,2025-01-01,2025-02-01,x,0.1\n", "lift 'x'"),
        (HEAD + "v,2025-01-01,2025-02-01,0.1,0\n", "error '0'"),
        (HEAD + ",2025-01-01,2025-02-01,0.1,0.1\n", "channel ''"),
    ],
)
def test_a_file_of_tests_that_cannot_be_is_one_sentence(
    tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "tests.csv"
    file.write_text(text, "utf-8")
    with pytest.raises(LiftsError) as told:
        read_lifts(file)
    assert said in str(told.value)
    assert "tests.csv" in str(told.value)
    assert "\n" not in str(told.value)


def test_calibrate_refuses_tests_before_it_reads_anything_else(call: Call, tmp_path: Path) -> None:
    tests, history = tmp_path / "tests.csv", tmp_path / "nothing.csv"
    tests.write_text(HEAD + "v,2025-01-01,2025-02-01,7,0.1\n", "utf-8")
    code, out, err = call("calibrate", history, "--scenario", "retail", "--lift", tests)
    assert (code, out) == (2, "")
    assert "lift '7'" in err


def test_tests_outside_the_weeks_or_of_a_channel_without_money_are_refused() -> None:
    history = money(5, told=False)
    early = replace(_line(), start=history.weeks[0] - 7 * DAY)
    with pytest.raises(HistoryError, match="does not lie in the weeks"):
        with_lifts(history, [early])
    with pytest.raises(HistoryError, match="no spend"):
        with_lifts(history, [_line("radio_of_others")])
    short = replace(_line(), start=history.weeks[3] + 5 * DAY, end=history.weeks[3] + 6 * DAY)
    with pytest.raises(HistoryError, match="does not lie in the weeks"):
        with_lifts(history, [short])


def test_a_week_counts_as_tested_when_most_of_it_is() -> None:
    history = money(5, told=False)
    one = replace(_line(), start=history.weeks[4] + 3 * DAY, end=history.weeks[8] + 2 * DAY)
    found = with_lifts(history, [one]).lifts[0]
    assert (found.first, found.last) == (4, 8)


def test_tests_are_moments_after_all_others_and_only_where_their_weeks_are() -> None:
    history = with_lifts(money(5, told=False), [_line(lift=0.07)])
    moments = Moments(series_of(BASE, history))
    assert moments.of(history)[-1] == 0.07
    answer = replace(history, lifts=(replace(history.lifts[0], error=0.02),))
    noise = moments.covariance(history, answer, [1.0] * len(moments.series))
    assert noise[-1, -1] == pytest.approx(0.01**2 + 0.02**2)
    assert not noise[-1, :-1].any()
    assert history.part(slice(0, 36)).lifts == history.lifts
    assert history.part(slice(0, 35)).lifts == ()
    assert (history.part(slice(4, None)).lifts[0].first) == 6


def test_the_share_is_what_markets_sell_less_and_its_error_that_between_communities() -> None:
    rng, found, told = np.random.default_rng(2), [], []
    moment = LiftMoment("video", 1, 3, 0.0, 1.0)
    for _ in range(200):
        whole = rng.poisson(50.0, (20, 4, 5, 3)).astype(float)
        lost = rng.binomial(whole.astype(int), 0.1)
        markets = [
            WeeklyCounts(x, np.zeros((4, 3)), np.ones(20), np.zeros(20))
            for x in (whole, whole - lost)
        ]
        one = share_without(moment, markets[:1], markets[1:])
        found.append(one.lift)
        told.append(one.error)
    assert np.mean(found) == pytest.approx(0.1, abs=4 * np.std(found) / np.sqrt(200))
    assert np.mean(told) == pytest.approx(np.std(found), rel=0.25)


@pytest.mark.long
def test_a_test_teaches_an_effect_that_weeks_alone_do_not() -> None:
    parameters = parameters_of(BASE, money(5, told=False))
    at = [p.name for p in parameters].index("channels.video.effect")
    truth = np.zeros(len(parameters))
    truth[at] = 0.6
    history, _ = company(BASE, truth, seed=5, customers=3000, told=False)
    moment = with_lifts(history, [_line()]).lifts[0]
    market, seeds = applied(BASE, parameters, truth), (1, 2, 3, 4)
    lived = [
        simulate_weeks([market], seeds, 3000, history, without=which, workers=1)[0]
        for which in (None, moment)
    ]
    share = share_without(moment, *lived)
    line = _line(lift=share.lift, error=0.015)
    plain = calibrate(history, BASE, customers=1000, seed=2, workers=1)
    taught = calibrate(history, BASE, lifts=[line], customers=1000, seed=2, workers=1)
    before, after = (fit.parameters[at]["learned"] for fit in (plain, taught))
    assert after > max(0.8, before + 0.2)
    z = (taught.whole.theta[at] - truth[at]) / taught.whole.spread[at]
    assert abs(z) < 4
    assert taught.lifts[0]["channel"] == "video"
    far = taught.lifts[0]["fitted"] - line.lift
    assert abs(far) < 4 * np.hypot(line.error, 3 * taught.lifts[0]["fitted_error"])


def test_every_channel_of_the_base_can_be_tested() -> None:
    history = money(5, told=False)
    lines = [_line(name) for name in CHANNELS]
    assert [one.channel for one in with_lifts(history, lines).lifts] == list(CHANNELS)
