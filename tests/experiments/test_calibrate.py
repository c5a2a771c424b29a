"""calibrate: parameters come back within their errors, files read back, mistakes are sentences."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

from experiments import calibrate  # type: ignore[attr-defined]
from experiments.calibration.history import HistoryError, history_of, read_history
from experiments.calibration.kept import KeptMarkets
from experiments.calibration.market import daily_spend, simulate_weeks, weeks_within
from experiments.calibration.moments import Moments, series_of
from experiments.calibration.parameters import applied, parameters_of, values_at, yearless
from experiments.calibration.problem import Problem
from experiments.calibration.result import Calibration
from experiments.calibration.write import difference
from experiments.report.calibration import page
from experiments.study import StudyError
from experiments.tracking.calibration import calibration_records
from experiments.tracking.store import Store
from scenarios import load_scenario
from scenarios.load import laid_over
from scenarios.yaml_io import read_yaml, yaml_text
from sim import Setting
from tests.experiments.company import company, money
from tests.experiments.conftest import Call
from tests.scenes import CHANNELS, base, plain_market
from tiermix.cli.commands.calibrate import channel_names
from tiermix.cli.options import UsageError
from tiermix.core.outputs import RECORD

BASE = base(defaults={"customers": 1500, "communities": 4})
TRUTH = {
    "needs": 0.3, "order_value": -0.4, "season sale": 0.5,
    "channels.video.peak": 0.5, "channels.video.engagement": -0.3, "channels.social.half": 0.4,
}  # fmt: skip


@pytest.fixture(scope="module")
def found() -> Calibration:
    """A company that differs from the base in a few things, calibrated from its weeks."""
    parameters = parameters_of(BASE, money(5, told=True))
    truth = np.array([TRUTH.get(p.name, 0.0) for p in parameters])
    history, _ = company(BASE, truth, seed=5, customers=3000)
    return calibrate(history, BASE, customers=1500, seed=2, workers=1)


@pytest.mark.long
def test_what_differs_from_the_base_comes_back_within_four_errors(found: Calibration) -> None:
    names = [p.name for p in found.problem.parameters]
    truth = np.array([TRUTH.get(name, 0.0) for name in names])
    z = (found.whole.theta - truth) / found.whole.spread
    far = {name: value for name, value in zip(names, z.tolist(), strict=True) if abs(value) > 4.0}
    assert far == {}


@pytest.mark.long
def test_what_is_far_from_the_base_is_moved_there_by_the_data(found: Calibration) -> None:
    rows = {row["name"]: row for row in found.parameters}
    for name in ("order_value", "channels.video.peak", "channels.video.engagement"):
        assert not rows[name]["low"] <= rows[name]["base"] <= rows[name]["high"], name
        assert rows[name]["verdict"] == "learned"


def test_no_parameter_is_told_with_more_certainty_than_none_or_less_than_the_prior(
    found: Calibration,
) -> None:
    for row in found.parameters:
        assert 0.0 <= row["learned"] <= 1.0
        assert row["low"] < row["estimate"] < row["high"]
        assert row["prior_low"] < row["base"] < row["prior_high"]


def test_the_fit_tells_its_weeks_and_beats_a_constant_where_the_season_is(
    found: Calibration,
) -> None:
    fit = found.fit
    assert (fit["weeks"], fit["weeks_held_out"], fit["weeks_left_out"]) == (52, 6, 0)
    assert 0.1 < fit["r2"] < 1.0
    assert 0.0 < fit["mape"] < 0.5
    assert 0.0 < fit["mape_held_out"] < 0.5
    assert fit["moments"] > fit["parameters_learned"] > 0
    assert 1e-4 < fit["p_value"] <= 1.0
    assert found.table["held_out"].sum() == 6


def test_the_fitted_scenario_has_the_companys_spend_as_last_years(found: Calibration) -> None:
    last, history = found.scenario.last_year, found.history
    for c, name in enumerate(CHANNELS):
        weekly = history.spend[:, c].mean()
        expected = history.spend[:, c].sum() + weekly / 7.0
        assert last.by_channel[name] == pytest.approx(expected, rel=1e-6)
    ratio = last.total / BASE.last_year.total
    assert found.scenario.budget == pytest.approx(BASE.budget * ratio, rel=1e-6)


def test_the_fitted_market_sells_at_the_companys_level(found: Calibration) -> None:
    ours, theirs = found.history, found.whole.answer
    assert theirs.conversions.sum() == pytest.approx(ours.conversions.sum(), rel=0.15)
    assert theirs.revenue.sum() == pytest.approx(ours.revenue.sum(), rel=0.15)


@pytest.mark.long
def test_a_year_of_the_base_itself_leaves_the_base_as_it_is() -> None:
    history, parameters = company(BASE, None, seed=11, customers=4000)
    z = (fit := calibrate(history, BASE, customers=2000, workers=1).whole).theta / fit.spread
    assert len(z) == len(parameters)
    assert np.abs(z).max() < 4.0


@pytest.mark.long
def test_intervals_hold_the_truth_at_their_nominal_rate() -> None:
    """Truths are drawn from the priors, for which 95 % intervals of a posterior are made."""
    luck, inside, count = np.random.default_rng(77), 0, 0
    for seed in range(300, 310):
        parameters = parameters_of(BASE, money(seed, told=False))
        # Wide priors are drawn from within: a market far outside any company's is no test.
        widths = np.array([min(p.width, 0.5) for p in parameters])
        truth = widths * luck.standard_normal(len(parameters))
        history, _ = company(BASE, truth, seed=seed, customers=4000, told=False)
        fit = calibrate(history, BASE, customers=2000, seed=seed, workers=1)
        for row, parameter, true in zip(fit.parameters, fit.problem.parameters, truth, strict=True):
            inside += row["low"] <= parameter.moved(row["base"], float(true)) <= row["high"]
            count += 1
    # Parameters of one company are tied to one another: half as many count as independent.
    least = binom.ppf(0.001, count // 2, 0.95)
    assert inside / count >= least / (count // 2)


def test_without_figures_of_channels_only_their_effects_are_asked_for() -> None:
    names = [p.name for p in parameters_of(BASE, money(1, told=False))]
    assert names == [
        "needs", "repeat", "order_value", "season sale",
        "channels.video.effect", "channels.social.effect",
    ]  # fmt: skip


def test_a_season_that_the_weeks_have_not_seen_is_not_fitted() -> None:
    early = money(1, told=False).part(slice(0, 22))
    assert "season sale" not in [p.name for p in parameters_of(BASE, early)]


def test_years_of_one_season_are_fitted_as_one() -> None:
    twin = {"name": "sale 2026", "start": "2026-06-01", "end": "2026-06-28", "needs": 1.2}
    scenario = base(seasons=[BASE.seasons[0].model_dump(mode="json"), twin])
    season = next(p for p in parameters_of(scenario, money(1, told=False)) if "sale" in p.name)
    assert values_at(scenario, season) == (1.5, 1.2)
    assert yearless("618 2025 年中") == "618 年中"


def test_at_zero_nothing_moves_and_moves_are_on_their_scales() -> None:
    parameters = parameters_of(BASE, money(1, told=True))
    assert applied(BASE, parameters, np.zeros(len(parameters))).hash == BASE.hash
    names = [p.name for p in parameters]
    moved = applied(BASE, parameters, np.eye(len(names))[names.index("channels.video.engagement")])
    # Half of those who notice engage: odds of 1 become odds of e.
    assert moved.channel("video").engagement == pytest.approx(np.e / (1.0 + np.e))
    doubled = applied(BASE, parameters, np.log(2.0) * np.eye(len(names))[names.index("needs")])
    assert doubled.personas[0].needs_per_year == pytest.approx(4.0)


def test_a_market_that_no_scenario_may_have_is_told() -> None:
    parameters = parameters_of(BASE, money(1, told=False))
    with pytest.raises(HistoryError, match="market_size"):
        applied(BASE, parameters, np.array([20.0, *np.zeros(len(parameters) - 1)]))


def test_a_step_to_a_market_that_no_scenario_may_have_is_halved_until_one_may() -> None:
    history = money(1, told=False)
    problem = Problem(BASE, history, parameters_of(BASE, history), (1, 2), 300)
    here = np.zeros(len(problem.parameters))
    near, far = here.copy(), here.copy()
    near[0], far[0] = 0.1, 20.0
    assert problem.towards(here, near).tolist() == near.tolist()
    found = problem.towards(here, far)
    assert 0.0 < found[0] < 20.0
    applied(BASE, problem.parameters, found)
    with pytest.raises(HistoryError):
        applied(BASE, problem.parameters, 2.0 * found)
    assert problem.towards(here, 30.0 * far).tolist() == here.tolist()


@pytest.mark.long
def test_orders_beyond_any_market_are_fitted_as_far_as_markets_go_and_the_card_stops() -> None:
    """It ended in an error about a market that no scenario may have, minutes after it began."""
    history, _ = company(BASE, None, seed=3, customers=300, told=False)
    many = replace(history, conversions=3000.0 * history.conversions)
    found = calibrate(many, BASE, customers=100, workers=1)
    assert found.health.level == "stop"
    assert "all orders together are fitted with" in " ".join(found.health.findings)


def test_all_money_of_the_weeks_is_spent_on_their_days() -> None:
    history = money(4, told=False)
    days = daily_spend(BASE, history)
    first, count = BASE.day_of(history.weeks[0]), len(history.weeks)
    weeks = days[:3, first : first + 7 * count].reshape(3, count, 7).sum(axis=2).T
    assert np.allclose(weeks, history.spend)


def test_money_of_a_field_channel_goes_to_its_dates() -> None:
    data = BASE.model_dump(mode="json")
    data["channels"][0] |= {
        "delivery": "field", "dates": [{"start": "2025-03-03", "end": "2025-03-09"}],
    }  # fmt: skip
    scenario = type(BASE).model_validate(data)
    history = money(4, told=False)
    days = daily_spend(scenario, history)[0]
    first = scenario.day_of(scenario.channels[0].dates[0].start)
    assert days[first : first + 7].sum() == pytest.approx(days.sum())
    assert days.sum() > history.spend[:8, 0].sum()


def test_weeks_outside_the_base_years_are_left_out_or_refused() -> None:
    history = money(1, told=False)
    inside, outside = weeks_within(BASE, history)
    assert (len(inside.weeks), outside) == (52, 0)
    late = base(start="2026-04-01")
    inside, outside = weeks_within(late, history)
    assert (len(inside.weeks), outside) == (39, 13)
    with pytest.raises(HistoryError, match="set its start"):
        weeks_within(base(start="2028-01-01", seasons=[]), history)


def test_spend_on_what_costs_nothing_is_refused() -> None:
    history = replace(money(1, told=False), channels=("video", "social", "direct"))
    with pytest.raises(HistoryError, match="'direct' has spend"):
        weeks_within(BASE, history)


def test_moments_are_what_their_names_say() -> None:
    history, _ = company(BASE, None, seed=3, customers=400)
    moments = Moments(series_of(BASE, history))
    by_name = {one.name: one.moments(history) for one in moments.series}
    # The level of a series over its own mean is 1 a week; ratios at their own values leave 0.
    assert by_name["conversions"][0] == pytest.approx(np.sqrt(52))
    assert by_name["impressions video"][0] == pytest.approx(np.sqrt(52))
    for name in ("order value", "click rate video"):
        assert by_name[name][0] == pytest.approx(0.0, abs=1e-9)
    more = replace(history, conversions=2.0 * history.conversions)
    assert moments.of(more)[0] == pytest.approx(2.0 * np.sqrt(52))


def test_a_trend_of_ones_own_does_not_move_the_moments_of_conversions() -> None:
    history, _ = company(BASE, None, seed=3, customers=400)
    series = series_of(BASE, history)[0]
    drift = np.linspace(-1.0, 1.0, 52) * history.conversions.mean()
    moved = replace(history, conversions=history.conversions + drift)
    assert np.allclose(series.moments(moved), series.moments(history))


def test_one_market_does_not_tell_its_own_noise() -> None:
    with pytest.raises(StudyError, match="2 or more"):
        calibrate(money(1, told=False), BASE, replications=1, customers=100)


def test_a_base_whose_direct_orders_are_booked_nowhere_is_refused() -> None:
    with pytest.raises(StudyError, match="delivery: direct"):
        calibrate(money(1, told=False), plain_market(), customers=100)


def test_what_differs_is_what_has_to_be_laid_over() -> None:
    below = BASE.model_dump(mode="json")
    above = applied(BASE, parameters_of(BASE, money(1, told=True)), np.full(15, 0.1)).model_dump(
        mode="json"
    )
    changes = difference(below, above)
    assert set(changes) == {"channels", "personas", "seasons"}
    assert laid_over(below, read_yaml(yaml_text(changes), "here")) == above


def test_it_shows_itself_in_a_notebook_and_on_a_page(found: Calibration) -> None:
    shown, text = found._repr_html_(), page(found)
    for row in found.parameters:
        assert row["name"] in shown
        assert row["name"] in text
    assert text.count("data-chart=") == 4
    assert 'src="http' not in text


def test_a_calibration_is_tracked_as_one_run(
    found: Calibration, store: Store, tmp_path: Path
) -> None:
    kept = tmp_path / "fitted.yaml"
    kept.write_text("extends: retail", "utf-8")
    logged = store.log("made up", calibration_records(found, [kept]))
    run = store.client.get_run(logged.run_ids[0])
    assert run.data.metrics["fit/mape"] == pytest.approx(found.fit["mape"])
    assert run.data.params["first_week"] == found.fit["first_week"]
    assert run.data.tags["kind"] == "calibration"
    files = [file.path for file in store.client.list_artifacts(logged.run_ids[0])]
    assert files == ["fitted.yaml"]


@pytest.mark.long
def test_the_command_writes_a_scenario_that_is_accepted_and_lived(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")
    monkeypatch.chdir(tmp_path)
    own = tmp_path / "own.yaml"
    own.write_text(json.dumps(BASE.model_dump(mode="json"), indent=1), "utf-8")
    code, _, _ = call(
        "simulate",
        own,
        "--customers",
        "300",
        "--workers",
        "1",
        "--out",
        tmp_path / "run",
        "--quiet",
    )
    assert code == 0
    table = history_of(tmp_path / "run").replace({"channel": {"video": "Video Ads"}})
    table.assign(impressions="", clicks="").to_csv(tmp_path / "weeks.csv", index=False)
    target = tmp_path / "fitted" / "shop.yaml"
    size = ("--customers", "100", "--workers", "1", "--quiet", "--set", "margin_rate=0.5")
    code, out, err = call(
        "calibrate", tmp_path / "weeks.csv", "--scenario", own, "--map", "Video Ads=video",
        "--out", target, "--json", *size,
    )  # fmt: skip
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert {"scenario", "fit", "parameters"} <= set(document)
    assert {"name", "estimate", "low", "high"} <= set(document["parameters"][0])
    assert document["scenario"] == str(target)
    assert document["mlflow"]["experiment"].endswith("/calibration")
    assert Path(document["page"]).read_text("utf-8").startswith("<!")
    written = load_scenario(target)
    assert written.hash == document["scenario_hash"]
    assert written.margin_rate == 0.5
    assert call("scenarios", "check", target)[0] == 0
    assert len(Setting(written, 100, 1).layout.communities) > 1
    assert target.read_text("utf-8").startswith("# Fitted by `tiermix calibrate` on ")
    assert "extends: ../own.yaml" in target.read_text("utf-8")
    assert [path.name for path in target.parent.glob(".*")] == [RECORD]


@pytest.mark.parametrize("pair", ["Google Ads", "=paid_search", "Google Ads="])
def test_a_pair_of_names_that_is_none_is_refused(pair: str) -> None:
    with pytest.raises(UsageError, match="Google Ads=paid_search"):
        channel_names([pair])


def test_names_may_hold_an_equals_sign_but_stand_once() -> None:
    assert channel_names(["utm=brand=paid_search"]) == {"utm=brand": "paid_search"}
    with pytest.raises(UsageError, match="once"):
        channel_names(["a=b", "a=c"])


def test_a_mistake_in_the_file_is_one_sentence_and_code_2(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "weeks.csv"
    file.write_text("week,channel,spend\n", "utf-8")
    code, out, err = call("calibrate", file, "--scenario", "retail", "--json")
    assert (code, out) == (2, "")
    assert str(file) in err
    assert "'conversions' is missing" in err


def test_a_history_read_from_a_file_is_as_good_as_one_at_hand(tmp_path: Path) -> None:
    history, _ = company(BASE, None, seed=3, customers=300, told=False)
    rows: list[dict[str, Any]] = [
        {"week": week, "channel": name, "spend": float(history.spend[w, c])}
        for w, week in enumerate(history.weeks)
        for c, name in enumerate(history.channels)
    ]
    lines = ["week,channel,spend,conversions,revenue"]
    lines += [f"{r['week']},{r['channel']},{r['spend']!r},," for r in rows]
    lines += [
        f"{week},total,,{float(n)!r},{float(x)!r}"
        for week, n, x in zip(history.weeks, history.conversions, history.revenue, strict=True)
    ]
    file = tmp_path / "weeks.csv"
    file.write_text("\n".join(lines), "utf-8")
    read = read_history(file, CHANNELS)
    for name in ("spend", "conversions", "revenue"):
        assert np.array_equal(getattr(read, name), getattr(history, name))


def test_markets_of_a_fit_are_kept_until_what_they_hang_on_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def market(scenarios: Any, seeds: Any, *rest: Any, **how: Any) -> Any:
        asked.append(len(scenarios))
        if len(asked) == cut:
            raise KeyboardInterrupt
        return simulate_weeks(scenarios, seeds, *rest, **how)

    monkeypatch.setattr("experiments.calibration.problem.simulate_weeks", market)
    history, _ = weeks_within(BASE, money(5, told=True))
    plain = Problem(BASE, history, parameters_of(BASE, history)[:3], (1, 2), 60, workers=1)
    places = [np.full(3, 0.01 * n) for n in range(8)]
    cut = 0
    whole = plain.answers(places, "all")
    problem = replace(plain, kept=KeptMarkets(tmp_path / "fit"))
    asked.clear()
    cut = 2
    with pytest.raises(KeyboardInterrupt):
        problem.answers(places, "cut off")
    cut = 0
    asked.clear()
    found = problem.answers(places, "again")
    assert asked == [2]
    for mine, other in zip(found, whole, strict=True):
        for name in ("spend", "impressions", "clicks", "conversions", "revenue"):
            assert np.array_equal(getattr(mine, name), getattr(other, name), equal_nan=True)
    for other in (
        replace(problem, seeds=(1, 3)), replace(problem, customers=61),
        replace(problem, history=replace(history, spend=history.spend * 2)),
        replace(problem, base=load_scenario("retail")),
    ):  # fmt: skip
        assert {other.key(x) for x in places}.isdisjoint(map(problem.key, places))
    next((tmp_path / "fit").glob("*.npz")).write_bytes(b"half a fi")
    asked.clear()
    problem.answers(places, "spoiled")
    assert asked == [1]
    problem.kept.forget()
    assert not (tmp_path / "fit").exists()
