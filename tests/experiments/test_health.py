"""The health card: scores as their definitions have them, levels where they belong, warnings."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from experiments import calibrate  # type: ignore[attr-defined]
from experiments.calibration.fit import Fit
from experiments.calibration.health.backtests import noise
from experiments.calibration.health.figure import LOOK, OK, STOP, Figure, worst
from experiments.calibration.health.figures import LEFT
from experiments.calibration.health.foretold import backtest_figures
from experiments.calibration.health.scores import Forecast, constant, seasonal, worse_by
from experiments.calibration.health.special_days import special_days
from experiments.calibration.health.weeks import deviations
from experiments.calibration.history import History, read_history
from experiments.calibration.levels import warm_start
from experiments.calibration.market import as_history
from experiments.calibration.moments import Moments, series_of
from experiments.calibration.parameters import parameters_of
from experiments.calibration.problem import Problem
from experiments.calibration.result import Calibration
from experiments.report.calibration import page
from scenarios import Scenario, load_scenario
from tests.experiments.company import company, money
from tests.experiments.conftest import Call
from tests.scenes import base

BASE = base(defaults={"customers": 1500, "communities": 4})


@pytest.fixture(scope="module")
def found() -> Calibration:
    history, _ = company(BASE, None, seed=5, customers=3000)
    return calibrate(history, BASE, customers=600, seed=2, workers=1)


def figure(found: Calibration, name: str) -> Figure:
    return next(one for one in found.health.figures if one.figure == name)


def with_history(found: Calibration, history: History) -> Calibration:
    return replace(found, history=history)


# ---- scores


def test_the_score_is_the_integral_that_defines_it() -> None:
    """∫ (F(x) − 1{x ≥ y})² dx, by the trapezoid rule."""
    made, seen = Forecast(np.array([3.0, -1.0]), np.array([2.0, 0.5])), np.array([4.5, -1.0])
    x = np.linspace(-30.0, 30.0, 400_001)
    for n in range(2):
        steps = norm.cdf(x, made.mean[n], made.spread[n]) - (x >= seen[n])
        assert made.crps(seen)[n] == pytest.approx(np.trapezoid(steps**2, x), abs=1e-4)


def test_a_forecast_without_spread_scores_its_absolute_error() -> None:
    assert Forecast(np.array([3.0]), np.array([0.0])).crps(np.array([5.0]))[0] == pytest.approx(2)


def test_the_true_spread_scores_best() -> None:
    seen = np.random.default_rng(1).normal(0.0, 2.0, 20_000)
    ones = np.ones(len(seen))
    scores = [Forecast(0 * ones, s * ones).crps(seen).mean() for s in (1.0, 2.0, 4.0)]
    assert min(scores) == scores[1]
    assert Forecast(0 * ones, 2 * ones).covered(seen, 0.8) == pytest.approx(0.8, abs=0.01)


def test_naive_forecasts_are_the_mean_and_the_week_of_the_year_before() -> None:
    known = np.arange(60.0)
    assert constant(known, 3).mean.tolist() == [29.5] * 3
    year = seasonal(known, 3)
    assert year is not None
    assert year.mean.tolist() == [8.0, 9.0, 10.0]  # week 60 is foretold by week 8
    assert seasonal(known[:51], 3) is None


def test_a_rival_that_is_better_in_every_week_is_noticed_and_chance_is_not() -> None:
    luck = np.random.default_rng(3)
    theirs = 1.0 + 0.1 * luck.random(26)
    more, errors = worse_by(theirs + 0.5 + 0.1 * luck.random(26), theirs)
    assert more > 0.4
    assert errors > 2
    false = [worse_by(luck.random(26), luck.random(26))[1] > 2 for _ in range(400)]
    assert np.mean(false) < 0.06  # nominally 2.3 %; small samples and an estimated echo add some


def test_noise_knows_how_long_it_lasts() -> None:
    luck = np.random.default_rng(4).standard_normal(5000)
    slow = np.zeros(5000)
    for n in range(1, 5000):
        slow[n] = 0.6 * slow[n - 1] + luck[n]
    variance, echo = noise(slow)
    assert echo == pytest.approx(0.6, abs=0.05)
    assert variance == pytest.approx(1 / (1 - 0.36), rel=0.1)


# ---- weeks


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2025-04-20", "Easter"), ("2026-04-05", "Easter"), ("2024-11-29", "Black Friday"),
        ("2025-11-28", "Black Friday"), ("2025-01-29", "Spring Festival"), ("2025-06-18", "618"),
        ("2026-12-25", "Christmas"),
    ],
)  # fmt: skip
def test_known_days_are_known(day: str, name: str) -> None:
    first = dt.date.fromisoformat(day)
    assert name in special_days(first, 1)
    assert name in special_days(first - dt.timedelta(6))
    assert name not in special_days(first - dt.timedelta(7))


def test_one_wild_week_does_not_hide_itself_in_the_spread() -> None:
    left = np.random.default_rng(0).standard_normal(52)
    left[7] = 12.0
    off = deviations(left)
    assert np.argmax(np.abs(off)) == 7
    assert off[7] > 8
    assert deviations(np.ones(5)).tolist() == [0.0] * 5


def test_a_week_that_does_not_fit_is_named_with_what_was_special(found: Calibration) -> None:
    real = found.history
    n = next(n for n, week in enumerate(real.weeks) if "Singles' Day" in special_days(week))
    orders, promo = real.conversions.copy(), np.zeros(len(real.weeks))
    orders[n], promo[n] = 4 * orders[n], 1.0
    other = with_history(found, replace(real, conversions=orders, controls={"promo": promo}))
    (row, *_) = other.health.misfit_weeks
    assert row["week"] == real.weeks[n].isoformat()
    assert {"Singles' Day", "promo"} <= set(row["special"])
    assert row["week"] in figure(other, "weeks far off").says


def test_controls_of_a_file_are_known_and_cut_with_its_weeks(tmp_path: Path) -> None:
    file = tmp_path / "weeks.csv"
    rows = [
        f"{dt.date(2025, 1, 6) + dt.timedelta(7 * n)},{what},{figures}"
        for n in range(30)
        for what, figures in (("video", "10,,,,"), ("total", f",,,5,500,{n}"))
    ]
    head = "week,channel,spend,impressions,clicks,conversions,revenue,control.price"
    file.write_text("\n".join([head, *(row + "," * (7 - row.count(",")) for row in rows)]), "utf-8")
    history = read_history(file, ["video"])
    assert history.controls["price"].tolist() == list(range(30))
    assert history.part(slice(2, 5)).controls["price"].tolist() == [2, 3, 4]


# ---- levels


def test_the_worst_figure_is_the_level_of_all() -> None:
    assert worst([]) == "ok"
    assert worst(["ok", "look", "ok"]) == "look"
    assert worst(["stop", "look"]) == "stop"


def test_a_fit_that_agrees_with_nothing_stops_and_says_so_first(found: Calibration) -> None:
    answer = found.whole.answer
    bad = replace(found, whole=replace(found.whole, answer=replace(
        answer, conversions=0.4 * answer.conversions)))  # fmt: skip
    assert bad.health.level == "stop"
    assert bad.health.findings[0].startswith("THE FITTED MARKET DOES NOT AGREE")
    assert bad.to_dict()["remarks"][0] == bad.health.findings[0]
    assert figure(bad, "orders").level == "stop"
    assert bad.scenario.health.level == "stop"
    assert "Health: stop" in page(bad)


def test_a_market_that_spends_other_money_stops(found: Calibration) -> None:
    """Clicks that nobody sells: the fitted market then spends a third of the file's money."""
    answer = found.whole.answer
    less = replace(found.whole, answer=replace(answer, spend=0.3 * answer.spend))
    row = figure(replace(found, whole=less), "channels, largest gap")
    assert row.level == "stop"
    assert "the fitted market spends" in row.says


def test_what_was_not_learned_is_told_and_is_no_fault(found: Calibration) -> None:
    effects = figure(found, "effects learned")
    prior = [row["name"] for row in found.parameters if row["verdict"] == "prior"]
    assert list(found.health.not_learned) == prior
    assert effects.level == "ok"
    for name in prior:
        assert not name.endswith(".effect") or name.split(".")[1] in effects.says


def test_weeks_that_were_left_out_are_worth_a_look(found: Calibration) -> None:
    assert figure(found, "weeks left out").level == "ok"
    row = figure(replace(found, left_out=154), "weeks left out")
    assert row.level == "look"
    assert "154 weeks lie outside" in row.sentence


def test_horizons_leave_enough_weeks_and_have_what_the_document_says(found: Calibration) -> None:
    tested = found.health.backtests
    assert [row["horizon"] for row in tested] == [4, 13, 26]
    for row in tested:
        assert len(row["weeks"]) == row["horizon"]
        assert row["crps"] < row["mape"]  # a spread that is honest scores better than none
        assert 0.0 <= row["cover_50"] <= row["cover_80"] <= row["cover_95"] <= 1.0
        assert row["crps_seasonal"] is None  # a year has none before it


def test_a_forecast_far_below_a_constant_stops_and_one_off_in_total_does_not() -> None:
    row = {
        "horizon": 13, "mape": 0.4, "crps": 0.3, "mape_constant": 0.1, "crps_constant": 0.08,
        "mape_seasonal": None, "crps_seasonal": None, "worse_than_constant": 2.7,
        "worse_than_constant_errors": 5.0, "worse_than_seasonal": None,
        "worse_than_seasonal_errors": None, "cover_95": 0.3, "off": 6.0, "total": 10.0,
        "total_expected": 15.0,
    }  # fmt: skip
    (stop,) = backtest_figures([row], noisy=False)
    assert stop.level == "stop"
    (coarse,) = backtest_figures([row], noisy=True)
    assert coarse.level == "look"
    assert "more customers" in coarse.remedy
    good = {"worse_than_constant": -0.2, "off": 1.0, "cover_95": 0.9}
    for other, level in (
        ({"horizon": 4}, "look"),
        ({"worse_than_constant": 0.6}, "look"),
        (good, "ok"),
    ):
        assert next(backtest_figures([{**row, **other}], noisy=False)).level == level


# ---- what the scenario keeps of it


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("stopped") / "店.yaml"
    health = "health: {level: stop, findings: [THE MARKET DOES NOT AGREE., and a season lacks.]}"
    file.write_text(f"extends: retail\nname: shop\n{health}\n", "utf-8")
    return file


def test_health_moves_no_market_and_goes_with_the_file(stopped: Path) -> None:
    plain = load_scenario("retail", {"name": "shop"})
    sick = load_scenario(stopped)
    assert sick.health.level == "stop"
    assert (sick.hash, sick.market_hash) == (plain.hash, plain.market_hash)
    assert sick.doubts[0] == "health (stop): THE MARKET DOES NOT AGREE."
    child = stopped.with_name("child.yaml")
    child.write_text(f"extends: {stopped.name}\nmarket_size: 5000\n", "utf-8")
    assert load_scenario(child).health.level == "stop"
    child.write_text(f"extends: {stopped.name}\nhealth: null\n", "utf-8")
    assert load_scenario(child).health.level == "unknown"


@pytest.mark.parametrize(
    "command", [("plan", "--objective", "x"), ("run", "--strategies", "x"), ("scenarios", "check")]
)
def test_commands_say_stop_before_anything_else(
    call: Call, stopped: Path, command: tuple[str, ...]
) -> None:
    more = () if command[0] == "scenarios" else ("--quiet",)
    where = command[:2] if command[0] == "scenarios" else command[:1]
    _, out, err = call(*where, stopped, *command[len(where) :], *more)
    first = err.splitlines()[0]
    assert first.startswith(f"STOP: {stopped}: THE MARKET DOES NOT AGREE.")
    assert "health: null" in first
    assert "STOP" not in out


def test_a_scenario_that_agrees_says_nothing(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "well.yaml"
    file.write_text("extends: retail\nhealth: {level: ok}\n", "utf-8")
    code, out, err = call("scenarios", "check", file)
    assert (code, err) == (0, "")
    assert "in order" in out


# ---- long: what the card says of markets that are known


@pytest.mark.long
def test_a_history_that_the_market_made_is_never_stopped_and_mostly_ok() -> None:
    """With held-out weeks in their intervals as often as these promise, within the error of that.

    Weeks of one history are no independent trials, so the error is between histories.
    """
    covered: dict[int, list[float]] = {4: [], 13: [], 26: []}
    levels, off = [], []
    for seed in range(40, 50):
        card = _made(seed).health
        levels.append(card.level)
        off += [row["off"] for row in card.backtests]
        for row in card.backtests:
            covered[row["horizon"]].append(row["cover_80"])
    assert "stop" not in levels
    assert levels.count("ok") >= 5
    for horizon, shares in covered.items():
        error = np.std(shares, ddof=1) / len(shares) ** 0.5
        assert abs(np.mean(shares) - 0.8) < 3 * max(error, 0.03), horizon
    assert np.mean(np.abs(off) > 2.58) < 0.15


def _made(seed: int) -> Calibration:
    """A company with figures of its channels whose true market is near the base."""
    parameters = parameters_of(BASE, money(seed, told=True))
    luck = np.random.default_rng(seed)
    truth = luck.normal(0, [min(p.width, 0.4) for p in parameters])
    history, _ = company(BASE, truth, seed=seed, customers=4000)
    found: Calibration = calibrate(history, BASE, customers=1500, seed=seed, workers=1)
    return found


@pytest.mark.long
def test_outcomes_that_no_spend_of_the_file_made_are_stopped(tmp_path: Path) -> None:
    """As in public files of other tools: outcomes in another unit, spend scaled to 1."""
    scenario: Scenario = BASE
    made, _ = company(scenario, None, seed=9, customers=2000)
    luck = np.random.default_rng(9)
    wild = 1e-3 * np.exp(1.2 * luck.standard_normal(len(made.weeks)))
    strange = replace(
        made, spend=made.spend / made.spend.max(), impressions=made.impressions * np.nan,
        clicks=made.clicks * np.nan, conversions=wild, revenue=100 * wild,
    )  # fmt: skip
    card = calibrate(strange, scenario, customers=300, workers=1).health
    assert card.level == "stop"
    assert card.findings[0].startswith("THE FITTED MARKET DOES NOT AGREE")


@pytest.mark.parametrize(("left", "level"), [(0.4, OK), (-1.5, LOOK), (3.0, STOP)])
def test_a_step_that_is_left_is_told(found: Calibration, left: float, level: str) -> None:
    steps = np.zeros(len(found.problem.parameters))
    steps[0] = left
    told = figure(replace(found, whole=replace(found.whole, left=steps)), "step left")
    assert told.level == level
    assert told.value == abs(left)
    assert found.problem.parameters[0].name in told.says
    assert ("`customers`" in told.remedy) == (level != OK)


# ---- channels


def test_a_channel_brought_what_is_lacking_without_its_money(found: Calibration) -> None:
    """The slow way: a history without a channel's money, lived by the fitted market."""
    problem, at = found.problem, [found.whole.theta]
    sold = as_history(problem.seen(at, "all")[0], found.history, BASE).conversions.sum()
    for one in found.contributions:
        spend = found.history.spend.copy()
        spend[:, found.history.channels.index(one["channel"])] = 0.0
        less = replace(problem, history=replace(found.history, spend=spend)).seen(at, "less")[0]
        lacking = sold - as_history(less, found.history, BASE).conversions.sum()
        assert one["share"] == pytest.approx(lacking / sold, abs=1e-9)
        assert one["low"] < one["share"] < one["high"]
        assert one["return"] == pytest.approx(
            one["share"] * found.history.revenue.sum() / one["spend"]
        )
        assert one["weeks"] == 52
        assert one["by"].startswith(f"channels.{one['channel']}.")


def test_weeks_that_say_more_of_a_channel_than_the_market_are_told(found: Calibration) -> None:
    name = "channels, weeks beside market"
    assert figure(found, name).level == OK
    real, channel = found.history, found.contributions[0]["channel"]
    spent = real.spend[:, real.channels.index(channel)]
    made = real.conversions.mean() * (0.3 + 0.7 * spent / spent.mean())
    told = figure(with_history(found, replace(real, conversions=made)), name)
    assert told.level == LOOK
    assert channel in told.says
    assert "`lifts`" in told.remedy


def test_a_fit_whose_slopes_are_wrong_stays_where_it_began_and_knows_it() -> None:
    """Slopes that were noise left effects at exactly 0, with intervals that did not hold them."""
    history, _ = company(BASE, None, seed=5, customers=3000)
    problem = Problem(BASE, history, parameters_of(BASE, history), (1, 2), 150, workers=1)
    place = warm_start(problem)
    slopes = problem.slopes(place, "slopes")
    series = series_of(problem.base, problem.history)
    fit = Fit(problem, Moments(series), (1.0,) * len(series))
    honest = fit.solve(place, slopes, "fit")
    assert np.abs(honest.left).max() < LEFT
    turned = fit.solve(place, [replace(one, gap=-one.gap) for one in slopes], "fit")
    assert (turned.theta == place).all()
    assert np.abs(turned.left).max() > np.abs(honest.left).max()
