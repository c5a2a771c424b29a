"""Fits from experiments: they find curves that are there, and their intervals cover."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmarks.fakes import FakeScenario, make_scenario
from optimize import AllocationError, Curve, ResponseCurves, anchored, fit_curves
from optimize.model.response_model import ResponseModel
from tests.optimize.exact import allocate

MULTIPLIERS = (0.0, 0.5, 1.5, 2.0)
SCENARIO = make_scenario(4, 3, budget=1200.0)


def truth(scenario: FakeScenario, seed: int) -> ResponseCurves:
    luck = np.random.default_rng(seed)
    curves = tuple(
        Curve(
            name,
            "margin",
            "hill",
            luck.uniform(100, 400),
            luck.uniform(50, 300),
            luck.uniform(0.6, 1),
        )
        for name in scenario.plannable
    )
    return anchored(
        ResponseCurves(curves, scenario.months), scenario, {"margin": np.full(3, 1000.0)}
    )


def experiments(
    scenario: FakeScenario, curves: ResponseCurves, se: float, seed: int
) -> pd.DataFrame:
    luck = np.random.default_rng(seed)
    response_model = ResponseModel(scenario, curves)
    reference = response_model.spend_of(scenario.reference_plan)
    rows = []
    for c, name in enumerate(response_model.channels):
        for multiplier in MULTIPLIERS:
            spend = reference.copy()
            spend[c] *= multiplier
            true = (response_model.kpi("margin", spend) - response_model.kpi("margin", reference))[
                :-1
            ].sum()
            rows.append((name, "margin", multiplier, true + se * luck.normal(), se))
    return pd.DataFrame(rows, columns=["channel", "kpi", "multiplier", "difference", "se"])


def fitted(table: pd.DataFrame, **options: object) -> ResponseCurves:
    return fit_curves(table, SCENARIO, {"margin": np.full(3, 1000.0)}, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(3))
def test_sure_experiments_give_back_the_response_between_the_multipliers(seed: int) -> None:
    curves = truth(SCENARIO, seed)
    found = fitted(experiments(SCENARIO, curves, 0.01, seed))
    reference = ResponseModel(SCENARIO, curves).spend_of(SCENARIO.reference_plan)
    for factor in (0.3, 0.8, 1.2, 1.7):
        true, fit = (
            ResponseModel(SCENARIO, c).kpi("margin", factor * reference).sum()
            for c in (curves, found)
        )
        assert fit - 3000 == pytest.approx(true - 3000, rel=0.1)


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    hits = total = 0
    for seed in range(12):
        curves = truth(SCENARIO, seed)
        found = fitted(experiments(SCENARIO, curves, 15.0, seed), draws=100, seed=seed)
        spend = 1.4 * ResponseModel(SCENARIO, curves).spend_of(SCENARIO.reference_plan)
        true, response_model = ResponseModel(SCENARIO, curves), ResponseModel(SCENARIO, found)
        for effect in true.effects["margin"]:
            alone = spend.copy() / 1.4
            alone[true.channels.index(effect.stock_key[0])] *= 1.4
            drawn = response_model.kpi_draws("margin", alone, 100)[:, :-1].sum(axis=1)
            low, high = np.quantile(drawn, [0.05, 0.95])
            hits += low <= true.kpi("margin", alone)[:-1].sum() <= high
            total += 1
    assert hits / total > 0.8


def test_noise_widens_the_intervals() -> None:
    widths = []
    for se in (1.0, 30.0):
        found = fitted(experiments(SCENARIO, truth(SCENARIO, 1), se, 1))
        response_model = ResponseModel(SCENARIO, found)
        more = 1.5 * response_model.spend_of(SCENARIO.reference_plan)
        widths.append(np.std(response_model.kpi_draws("margin", more, 100).sum(axis=1)))
    assert widths[1] > 2 * widths[0]


def test_curves_follow_the_season_of_the_kpi() -> None:
    table = experiments(SCENARIO, truth(SCENARIO, 0), 1.0, 0)
    found = fit_curves(table, SCENARIO, {"margin": [500.0, 1000.0, 1500.0]})
    ceilings = [found.get("a", "margin", m).ceiling for m in SCENARIO.months]  # type: ignore[union-attr]
    assert np.divide(ceilings, ceilings[0]) == pytest.approx([1, 2, 3])


def test_a_channel_that_hurts_is_taken_to_bring_almost_nothing() -> None:
    table = experiments(SCENARIO, truth(SCENARIO, 0), 1.0, 0)
    table.loc[table["channel"] == "a", "difference"] *= -1
    found = fitted(table)
    low, high = (found.get(c, "margin", "2026-01") for c in "ab")
    assert low is not None
    assert high is not None
    assert low.value(100.0)[0] < 0.05 * high.value(100.0)[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.drop(columns="se"), "'se'"),
        (lambda t: t.assign(channel="zz"), "'zz'"),
        (lambda t: t.assign(kpi="visits"), "visits"),
        (lambda t: t.assign(difference=np.nan), "finite"),
        (lambda t: t.assign(multiplier=-1.0), "at least 0"),
    ],
)
def test_tables_that_make_no_sense_are_refused(change: object, words: str) -> None:
    table = experiments(SCENARIO, truth(SCENARIO, 0), 1.0, 0)
    with pytest.raises(AllocationError, match=words):
        fitted(change(table))  # type: ignore[operator]


def test_a_market_in_which_nothing_happens_is_a_sentence() -> None:
    """Nobody bought in any arm, since customers were too few: once a traceback about NaN."""
    table = experiments(SCENARIO, truth(SCENARIO, 0), 0.0, 0).assign(difference=0.0, se=0.0)
    with pytest.raises(AllocationError, match="simulate more customers"):
        fit_curves(table, SCENARIO, {"margin": np.zeros(3)})


def test_a_channel_without_money_last_year_is_held_at_none_and_named() -> None:
    spent = SCENARIO.last_year.with_channel("d", np.zeros(3))
    scenario = replace(SCENARIO, last_year=spent)
    table = experiments(SCENARIO, truth(SCENARIO, 0), 1.0, 0)
    three = table[table["channel"] != "d"]
    curves = fit_curves(three, scenario, {"margin": np.full(3, 1000.0)})
    assert curves.untried == ("d",)
    plan = allocate(scenario, curves)
    assert plan.media.of("d").sum() == 0
    assert plan.to_dict()["untried"] == ["d"]
    assert "nothing is known of them: d" in repr(plan)


def test_a_channel_without_money_last_year_is_fitted_around_its_trial() -> None:
    spent = SCENARIO.last_year.with_channel("d", np.zeros(3))
    scenario = replace(SCENARIO, last_year=spent)
    curves = truth(scenario, 0)
    response_model = ResponseModel(scenario, curves)
    trial, rows = np.array([0.0, 100.0, 100.0]), []
    reference = response_model.spend_of(scenario.reference_plan)
    for factor in (0.5, 1.0, 1.8):
        spend = reference + factor * np.outer([0, 0, 0, 1], trial)
        gained = response_model.kpi("margin", spend) - response_model.kpi("margin", reference)
        rows.append(("d", "margin", factor, gained[:-1].sum(), 0.01))
    table = experiments(scenario, curves, 0.01, 0)
    mine = pd.DataFrame(rows, columns=table.columns)
    table = pd.concat([table[table["channel"] != "d"], mine])
    level = {"margin": np.full(3, 1000.0)}
    found = fit_curves(table, scenario, level, trial={"d": trial})
    assert not found.untried
    for money in (60.0, 100.0, 160.0):
        spend = reference + money * np.outer([0, 0, 0, 1], [1.0, 1.0, 1.0])
        true, fit = (ResponseModel(scenario, c).kpi("margin", spend).sum() for c in (curves, found))
        assert fit - 3000 == pytest.approx(true - 3000, rel=0.1)
    with pytest.raises(AllocationError, match="a `trial` spend"):
        fit_curves(table, scenario, level)
