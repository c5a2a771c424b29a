"""Comparison: what it concludes from outcomes whose law is known."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from experiments.comparison.result import Comparison, ComparisonError
from tests.experiments.made_up import comparison, goals, outcomes, plans

MEANS = {"last_year": 1000.0, "equal": 980.0, "lp": 1020.0}


def test_pairing_removes_what_worlds_share() -> None:
    tried = comparison(MEANS, between=500.0, within=2.0)
    alone = tried.kpis().query("scope == 'all' and kpi == 'margin'").set_index("strategy")
    paired = tried.against().query("scope == 'all' and kpi == 'margin'").set_index("strategy")
    assert paired["se"]["lp"] < alone["se"]["lp"] / 20
    assert paired["low"]["lp"] < 20 < paired["high"]["lp"]


def test_an_improvement_has_the_sign_that_the_kpi_wants() -> None:
    steps = comparison(MEANS, within=1.0).against().query("scope == 'all'")
    lp = steps[steps["strategy"] == "lp"].set_index("kpi")
    equal = steps[steps["strategy"] == "equal"].set_index("kpi")
    assert lp["difference"]["cac"] < 0
    assert lp["better"]["cac"]
    assert lp["better"]["margin"]
    assert not equal["better"][["cac", "margin"]].any()


def test_the_baseline_is_not_compared_with_itself() -> None:
    assert "last_year" not in set(comparison(MEANS).against()["strategy"])


def test_every_scope_is_compared() -> None:
    assert set(comparison(MEANS).against()["scope"]) == {"all", "tier:1"}


def test_one_world_gives_intervals_from_the_error_of_simulation() -> None:
    steps = comparison(MEANS, worlds=1, within=3.0).against()
    row = steps.query("strategy == 'lp' and scope == 'all' and kpi == 'margin'").iloc[0]
    assert row["se"] == pytest.approx(3.0 * np.sqrt(2))
    assert row["low"] < row["difference"] < row["high"]


def test_the_best_is_ahead_of_every_rival_when_it_is_far_ahead() -> None:
    best = comparison(MEANS, within=1.0).best()
    assert (best.strategy, best.runner_up, best.ahead_of_every_rival) == ("lp", "last_year", True)
    assert best.selection_stability == 1.0
    assert best.lead.low < 20 < best.lead.high


def test_the_best_of_equals_is_rarely_called_ahead() -> None:
    same = dict.fromkeys(["last_year", "equal", "lp", "tiered", "last_click"], 1000.0)
    called = [
        comparison(same, worlds=8, seed=seed).best().ahead_of_every_rival for seed in range(100)
    ]
    assert np.mean(called) < 0.05 + 4 * np.sqrt(0.05 * 0.95 / 100)


def test_a_strategy_that_only_a_simulator_can_follow_is_told_apart() -> None:
    tried = comparison(MEANS | {"lp_known_curves": 1100.0})
    assert tried.best().strategy == "lp_known_curves"
    assert tried.to_dict()["certainty"]["best_followable"] == "lp"


def test_regret_is_least_for_the_best_and_grows_with_the_distance() -> None:
    short = comparison(MEANS, within=1.0).regret().set_index("strategy")
    assert short["mean"]["lp"] == 0
    assert short["low"]["equal"] < 40 < short["high"]["equal"]


def test_profit_is_margin_less_spend_where_it_was_not_measured() -> None:
    tried = comparison(MEANS)
    expected = tried.values("margin") - 100
    assert np.allclose(tried.values("profit"), expected)
    assert tried.best("profit").strategy == "lp"
    assert "profit" in set(tried.against()["kpi"])
    measured = tried.outcomes.assign(value=7.0)
    assert (replace(tried, outcomes=measured).values("profit") == 7).all(axis=None)


def test_a_kpi_that_is_better_when_low_is_judged_so() -> None:
    assert comparison(MEANS, within=1.0).best("cac").strategy == "lp"


def test_goals_have_a_probability_over_worlds_that_contains_the_share() -> None:
    tried = comparison({"last_year": 1000.0, "lp": 2000.0}, worlds=20)
    table = tried.goal_probabilities().set_index("strategy")
    assert table["probability"]["lp"] == 1.0
    assert table["low"]["lp"] < 1.0
    assert table["met"]["lp"]
    assert 0 < table["probability"]["last_year"] < 1


def test_more_customers_do_not_make_a_goal_certain() -> None:
    noisy = comparison({"lp": 1000.0}, worlds=2000, within=20.0).goal_probabilities()
    exact = comparison({"lp": 1000.0}, worlds=2000, within=0.001).goal_probabilities()
    assert 0.4 < exact["probability"][0] < 0.6
    assert exact["probability"][0] == pytest.approx(noisy["probability"][0], abs=0.05)


def test_spend_is_measured_or_else_planned() -> None:
    tried = comparison(MEANS)
    assert tried.spend()["lp"] == pytest.approx(100)
    table = tried.outcomes.query("kpi != 'spend'")
    planned = Comparison("made up", 1, 500, table, tried.plans, tried.goals)
    assert planned.spend()["lp"] == pytest.approx(100)


def test_the_plan_of_a_strategy_is_the_mean_over_worlds() -> None:
    tried = comparison(MEANS)
    tried.plans.loc[tried.plans["world"] == 0, "amount"] *= 13
    assert tried.plan("lp")["amount"].sum() == pytest.approx(200)


def test_the_document_has_what_the_contract_names_and_is_json() -> None:
    document = json.loads(json.dumps(comparison(MEANS).to_dict(), allow_nan=False))
    assert {"scenario", "scenario_hash", "seed", "customers", "replications"} <= set(document)
    lp = next(entry for entry in document["strategies"] if entry["name"] == "lp")
    assert {"mean", "se"} <= set(lp["kpis"]["margin"])
    assert {"mean", "se"} <= set(lp["regret"])
    assert {"difference", "low", "high"} <= set(lp["against_baseline"]["margin"])
    assert {"goal", "met", "probability"} <= set(lp["goals"][0])
    assert document["best"] == "lp"


def test_what_is_unknown_is_none_in_the_document() -> None:
    document = comparison(MEANS, worlds=1).to_dict()
    assert document["strategies"][0]["regret"]["se"] is None


def test_a_comparison_without_its_baseline_still_gives_a_document() -> None:
    document = comparison({"equal": 1.0, "lp": 2.0}).to_dict()
    assert document["strategies"][0]["against_baseline"] == {}


def test_a_notebook_shows_a_table_with_names_escaped() -> None:
    shown = comparison({"last_year": 1000.0, "<lp>": 1010.0})._repr_html_()
    assert "&lt;lp&gt;" in shown
    assert "<lp>" not in shown


@pytest.mark.parametrize("ask", ["clairvoyant", "Lp"])
def test_an_unknown_strategy_is_refused_by_name(ask: str) -> None:
    with pytest.raises(ComparisonError, match=ask):
        comparison(MEANS).against(ask)


def test_an_unmeasured_kpi_is_refused_with_those_that_were() -> None:
    with pytest.raises(ComparisonError, match=r"'nps'.*cac, margin, profit, spend"):
        comparison(MEANS).best("nps")


def test_an_objective_that_some_world_lacks_cannot_decide() -> None:
    tried = comparison(MEANS)
    tried.outcomes.loc[tried.outcomes.index[0], "value"] = np.nan
    with pytest.raises(ComparisonError, match="last_year"):
        tried.best()


def test_a_table_without_a_column_is_refused() -> None:
    table = outcomes(MEANS)
    with pytest.raises(ComparisonError, match="scope"):
        Comparison("x", 1, 500, table.drop(columns="scope"), plans(table), goals(table, 1.0))


def test_a_figure_that_is_given_twice_is_refused() -> None:
    table = outcomes(MEANS)
    double = pd.concat([table, table.iloc[[0]]])
    with pytest.raises(ComparisonError, match="last_year, 0, all, margin twice"):
        Comparison("x", 1, 500, double, plans(table), goals(table, 1.0))
