"""A calibration never reports agreement where there is none, and what it writes can be planned."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments import calibrate  # type: ignore[attr-defined]
from experiments.calibration import agreement
from experiments.calibration.history import HistoryError, history_of, read_history
from experiments.calibration.result import Calibration
from experiments.calibration.rules import unfit_rules
from experiments.report.calibration import page
from scenarios import Scenario
from tests.experiments.company import BASE_RULES, company, money
from tests.experiments.conftest import Call
from tests.scenes import base

BASE = base(defaults={"customers": 1500, "communities": 4})


@pytest.fixture(scope="module")
def found() -> Calibration:
    history, _ = company(BASE, None, seed=5, customers=3000)
    return calibrate(history, BASE, customers=600, seed=2, workers=1)


def with_fitted(found: Calibration, factor: np.ndarray | float) -> Calibration:
    """The same calibration with other fitted orders."""
    answer = found.whole.answer
    other = replace(answer, conversions=answer.conversions * factor)
    return replace(found, whole=replace(found.whole, answer=other))


@pytest.mark.long
def test_a_market_that_is_the_company_agrees_with_it(found: Calibration) -> None:
    fit = found.fit
    assert fit["agrees"]
    assert fit["p_value"] is not None
    assert fit["mape"] < fit["mape_constant"] + fit["shown_noise"]


@pytest.mark.parametrize("factor", [0.5, 1.5])
@pytest.mark.long
def test_a_market_at_another_level_agrees_with_nothing(found: Calibration, factor: float) -> None:
    """Its own test of moments cannot see that: the noise in it is what the fit leaves."""
    bad = with_fitted(found, factor)
    assert not bad.fit["agrees"]
    assert bad.fit["p_value"] is None
    first = bad.to_dict()["remarks"][0]
    assert first.startswith("THE FITTED MARKET DOES NOT AGREE")
    assert f"{bad.fit['mape']:.0%}" in first
    assert "does not agree with the history" in page(bad)
    assert json.loads(json.dumps(bad.to_dict()))["fit"]["p_value"] is None


def test_weeks_that_wander_elsewhere_agree_with_nothing(found: Calibration) -> None:
    wave = 1 + 0.9 * np.sign(np.sin(np.arange(52)))
    assert not with_fitted(found, wave).fit["agrees"]


def test_a_constant_has_an_r_squared_of_0() -> None:
    real = np.array([1.0, 2.0, 6.0])
    assert agreement.r_squared(real, np.full(3, 3.0)) == pytest.approx(0.0)
    assert agreement.r_squared(real, np.full(3, 30.0)) < -10


def test_weeks_that_are_all_the_same_have_no_variance_to_explain() -> None:
    """It printed three hundred digits."""
    same = np.full(60, 50.0)
    assert agreement.r_squared(same, same + 3.0) == 0.0
    assert agreement.r_squared(same, same) == 1.0
    assert agreement.r_squared(same + np.arange(60) * 1e-12, same + 3.0) == 0.0
    near = same + np.arange(60) * 1e-3
    assert agreement.r_squared(near, near.mean() + np.zeros(60)) == pytest.approx(0.0, abs=1e-9)


def test_customers_that_are_needed_make_the_noise_half_of_the_histories() -> None:
    luck = np.random.default_rng(0)
    real = luck.poisson(400, 20000).astype(float)
    assert agreement.wandering(real) == pytest.approx(1 / 20, rel=0.05)
    needed = agreement.needed_customers(100.0, 1000, real)
    orders = 100.0 * needed / 1000
    assert 1 / orders**0.5 == pytest.approx(0.5 / 20, rel=0.08)


def test_spend_impressions_and_clicks_stand_beside_those_of_the_file(found: Calibration) -> None:
    rows = {(row["channel"], row["figure"]): row for row in found.fit_by_channel}
    assert set(rows) == {
        (name, figure) for name in ("video", "social", "radio") for figure in agreement.FIGURES
    }
    seen = found.history.clicks[:, 0].sum()
    assert rows["video", "clicks"]["observed"] == pytest.approx(seen)
    answer = found.whole.answer
    less = replace(answer, clicks=answer.clicks * [0.4, 1, 1])
    off = replace(found, whole=replace(found.whole, answer=less))
    named = next(r for r in off.to_dict()["remarks"] if "misses by more than" in r)
    assert "clicks of video" in named
    assert "clicks of video" in page(off)


def test_a_market_of_another_size_is_told_by_orders_and_not_by_spend(found: Calibration) -> None:
    many = replace(found.history, conversions=found.history.conversions * 40)
    other = replace(found, history=many)
    size = next(r for r in other.to_dict()["remarks"] if "market_size" in r and "orders of" in r)
    people = float(size.split("`market_size` to ")[1].split(" or so")[0].replace(",", ""))
    assert people == pytest.approx(40 * BASE.market_size, rel=0.3)
    dear = replace(found, base=base(history={"spend": {"video": [10.0]}, "variation": 0.5}))
    assert not any("set `market_size`" in r for r in dear.to_dict()["remarks"])
    assert any("unit and the currency" in r for r in dear.to_dict()["remarks"])


def test_rules_that_last_year_could_not_keep_are_named() -> None:
    scenario = base(rules=BASE_RULES)
    history = replace(money(1, told=False), conversions=np.full(52, 10.0))
    spent = {"video": 1e6, "social": 0.0, "radio": 0.0}
    assert unfit_rules(scenario, spent, history) == ("promised", "many orders")
    few = replace(history, conversions=np.full(52, 1e6))
    assert unfit_rules(scenario, {**spent, "radio": 1.0}, few) == ()


def test_clicks_on_what_was_not_shown_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "weeks.csv"
    rows = "2025-01-06,video,10,100,101,,\n2025-01-06,total,,,,5,500\n"
    file.write_text(f"week,channel,spend,impressions,clicks,conversions,revenue\n{rows}", "utf-8")
    with pytest.raises(HistoryError, match="line 2: video has clicks 101"):
        read_history(file, ["video"])


@pytest.fixture
def shop(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, pd.DataFrame]:
    """A base with rules as a file, and a year of a company that it could be."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")
    monkeypatch.chdir(tmp_path)
    own = tmp_path / "own.yaml"
    scenario: Scenario = base(rules=BASE_RULES, objective="margin")
    own.write_text(json.dumps(scenario.model_dump(mode="json"), indent=1), "utf-8")
    size = ("--customers", "300", "--workers", "1", "--quiet")
    assert call("simulate", own, "--out", tmp_path / "run", *size)[0] == 0
    return own, history_of(tmp_path / "run")


@pytest.mark.long
def test_a_company_with_two_channels_gets_a_plan_and_a_comparison(
    call: Call, shop: tuple[Path, pd.DataFrame]
) -> None:
    own, weeks = shop
    weeks[weeks["channel"] != "radio"].to_csv("two.csv", index=False)
    size = ("--customers", "200", "--workers", "1", "--quiet", "--json")
    code, out, err = call("calibrate", "two.csv", "--scenario", own, "--out", "two.yaml", *size)
    assert (code, err) == (0, "")
    assert any("radio" in remark for remark in json.loads(out)["remarks"])
    code, out, err = call("scenarios", "check", "two.yaml")
    assert code == 0
    assert "radio" in out + err  # planned on what the base says of it, and doubted
    code, out, err = call("plan", "two.yaml", *size)
    assert code == 0, err
    plan = json.loads(out)
    assert sum(x["amount"] for x in plan["spend"]) > 0
    code, out, err = call(
        "run", "two.yaml", "--replications", "2", "--strategies", "last_year,lp,lp_known_curves",
        "--out", "out", *size,
    )  # fmt: skip
    assert code == 0, err
    assert len(json.loads(out)["strategies"]) == 3


@pytest.mark.long
def test_a_market_that_is_far_too_coarse_is_a_sentence_and_no_traceback(
    call: Call, shop: tuple[Path, pd.DataFrame]
) -> None:
    own, weeks = shop
    weeks[["conversions", "revenue"]] *= 1e-4
    weeks[["spend"]] *= 1e-6
    weeks[["impressions", "clicks"]] = ""
    weeks.to_csv("small.csv", index=False)
    size = ("--customers", "100", "--workers", "1", "--quiet", "--json")
    code, out, _ = call("calibrate", "small.csv", "--scenario", own, "--out", "small.yaml", *size)
    assert code == 0
    document = json.loads(out)
    assert not document["fit"]["agrees"]
    assert document["fit"]["p_value"] is None
    # A plan needs curves before anything; a run asks first whether its rules on money can hold.
    for command, asked, said in (
        ("plan", 2, "simulate more customers"),
        ("run", 3, "No plan keeps all rules"),
    ):
        code, _, err = call(command, "small.yaml", "--customers", "12", "--workers", "1", "--quiet")
        assert code == asked, err
        assert said in err
        assert "Traceback" not in err
