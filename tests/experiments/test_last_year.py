"""Last year as it was, beside the planned year; money that channels leave."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from experiments import measure_curves
from experiments.comparison.last_year import AS_IT_WAS, named_for_budget, unused
from experiments.comparison.result import Comparison
from experiments.comparison.run import study
from experiments.comparison.strategies import STRATEGIES
from experiments.report.comparison.first_screen import summary
from experiments.report.comparison.strategies import strategies
from scenarios import load_scenario
from tests.experiments.made_up import comparison, report_data
from tests.scenes import plain_market


@pytest.fixture(scope="module")
def made() -> Comparison:
    """Two strategies with 40 % less money than last year, in two worlds."""
    scenario = plain_market(budget=1.8e6)
    size = {"replications": 2, "customers": 300, "seed": 3, "workers": 1}
    return study(scenario, ["last_year", "equal"], **size).comparison


def test_last_year_is_the_year_that_each_market_lived(made: Comparison) -> None:
    scenario = plain_market(budget=1.8e6)
    assert set(made.last_year["world"]) == {0, 1}
    whole = made.before().query("scope == 'all'").set_index("kpi")
    # The plan of last year was lived by the money of last year, not by that of the budget.
    assert whole.loc["spend", "mean"] == pytest.approx(3e6, rel=1e-6)
    assert made.spend()["last_year"] == pytest.approx(1.8e6, rel=1e-6)
    assert whole.loc["profit", "mean"] == pytest.approx(
        whole.loc["margin", "mean"] - whole.loc["spend", "mean"]
    )
    found = made.against_last_year().query("scope == 'all' and kpi == 'profit'")
    by_hand = made.values("profit")["last_year"].mean() - whole.loc["profit", "mean"]
    mine = found.set_index("strategy").loc["last_year"]
    assert mine["difference"] == pytest.approx(by_hand)
    assert mine["low"] < mine["difference"] < mine["high"]
    assert scenario.objective == "profit"
    assert AS_IT_WAS not in made.strategies


def test_the_document_and_the_page_have_it(made: Comparison) -> None:
    document = made.to_dict()
    assert document["last_year"]["kpis"]["spend"]["mean"] == pytest.approx(3e6, rel=1e-6)
    for one in document["strategies"]:
        assert one["against_last_year"]["spend"]["difference"] == pytest.approx(-1.2e6, rel=1e-5)
    found = summary(made, report_data())
    assert any("Last year as it was" in sentence for sentence in found.sentences)
    (cost,) = (card for card in found.cards if card[0] == "What it costs")
    assert "−40\xa0%" in cost[2]
    assert "Last year as it was" in str(strategies(made, report_data()))


def test_without_last_year_nothing_is_said_of_it() -> None:
    blank = comparison({"last_year": 900.0, "lp": 950.0})
    assert blank.before().empty
    assert blank.against_last_year().empty
    assert not any("Last year as it was" in s for s in summary(blank, report_data()).sentences)


def test_last_years_split_with_another_budget_says_so(made: Comparison) -> None:
    assert "scaled to" in made.label("last_year")
    same = named_for_budget([STRATEGIES["last_year"]], plain_market())
    assert same[0].label == STRATEGIES["last_year"].label


def test_money_that_is_left_is_told_by_channel() -> None:
    blank = comparison({"last_year": 900.0, "lp": 950.0}, worlds=3)
    rows = [
        (name, world, f"channel:{channel}", "spend", spent + world - 1, 0.0)
        for name in ("last_year", "lp")
        for world in range(3)
        for channel, spent in (("search", 30.0 if name == "lp" else 50.0), ("douyin", 49.9))
    ]
    lived = pd.DataFrame(rows, columns=list(blank.outcomes.columns))
    found = unused(pd.concat([blank.outcomes, lived]), blank.plans)
    assert found[["strategy", "channel"]].to_numpy().tolist() == [["lp", "search"]]
    assert found.loc[0, "planned"] == pytest.approx(50.0)
    assert found.loc[0, "spent"] == pytest.approx(30.0)
    told = replace(blank, outcomes=pd.concat([blank.outcomes, lived], ignore_index=True))
    mine = next(s for s in told.to_dict()["strategies"] if s["name"] == "lp")
    assert mine["unused"] == [{"channel": "search", "planned": 50.0, "spent": 30.0}]
    assert any(
        "will not be used" in sentence for sentence in summary(told, report_data()).sentences
    )


@pytest.mark.long
def test_usage_is_what_experiments_saw_spent() -> None:
    curves = measure_curves(load_scenario("retail"), customers=600, seed=2, kpis=("margin",))
    assert "messages" in curves.usage
    planned, spent = np.array(curves.usage["messages"]).T
    assert (np.diff(planned) > 0).all()
    assert (spent <= planned * (1 + 1e-9)).all()
    assert spent[-1] < 0.9 * planned[-1]
    assert curves.level_error["margin"] > 0
