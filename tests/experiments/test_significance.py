"""Marks of a comparison: corrections for their number, errors that worlds share, the best found."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control

from experiments.comparison.paired import SharedErrors, difference_table
from experiments.comparison.planning import shared_errors
from experiments.comparison.result import BEST_FOUND, OUTCOME_COLUMNS
from experiments.comparison.run import study
from experiments.comparison.significance import benjamini_yekutieli, corrected, holm, p_values
from experiments.stats import t_interval
from tests.experiments.made_up import comparison
from tests.scenes import plain_market


def test_holm_by_hand() -> None:
    """Holm 1979: the smallest times three, the next times two, never falling; at most 1."""
    found = holm(np.array([0.03, 0.01, np.nan, 0.6]))
    assert found[[0, 1, 3]] == pytest.approx([0.06, 0.03, 0.6])
    assert np.isnan(found[2])
    assert holm(np.array([0.9, 0.8])).max() == 1.0


def test_false_discovery_under_any_dependence_is_that_of_scipy() -> None:
    p = np.random.default_rng(1).random(50) ** 3
    assert benjamini_yekutieli(p) == pytest.approx(false_discovery_control(p, method="by"))


def test_p_values_are_those_of_students_interval() -> None:
    steps = np.random.default_rng(2).normal(0.5, 1.0, (40, 8))
    interval = t_interval(steps)
    p = p_values(interval, np.full(40, 7.0))
    assert ((p < 0.05) == ((interval.low > 0) | (interval.high < 0))).all()
    known = t_interval(np.array([[2.0, 2.0], [0.0, 0.0]]))
    assert p_values(known, np.ones(2)).tolist() == [0.0, 1.0]


def noise(cells: int, worlds: int, seed: int) -> pd.DataFrame:
    """Two strategies that do not differ, in many scopes."""
    luck = np.random.default_rng(seed)
    rows = [
        (name, world, "all" if c == 0 else f"channel:{c}", "margin", luck.normal(100, 1), 1.0)
        for name in ("last_year", "other")
        for world in range(worlds)
        for c in range(cells)
    ]
    return pd.DataFrame(rows, columns=list(OUTCOME_COLUMNS))


def test_of_many_cells_without_a_difference_hardly_any_is_marked() -> None:
    """Uncorrected, 5 % of the cells are marked, whatever is compared."""
    tables = [
        difference_table(noise(300, 8, seed), "last_year", 0.95, objective="margin")
        for seed in range(40)
    ]
    marked = [(table["better"] | table["worse"]).any() for table in tables]
    alone = [((t["low"] > 0) | (t["high"] < 0)).mean() for t in tables]
    assert np.mean(alone) == pytest.approx(0.05, abs=0.01)
    assert np.mean(marked) <= 0.1 + 3 * np.sqrt(0.1 * 0.9 / 40)


def test_the_objective_is_a_family_of_its_own() -> None:
    p = np.array([0.02, 0.02, *np.full(500, 0.5)])
    primary = np.arange(502) == 0
    found = corrected(p, primary)
    assert found[0] == pytest.approx(0.02)
    assert found[1] == 1.0


def test_a_clear_loss_is_marked_as_worse_and_not_as_better() -> None:
    table = comparison({"last_year": 1000.0, "equal": 900.0}, within=1.0).against()
    row = table.query("scope == 'all' and kpi == 'margin'").iloc[0]
    assert row["worse"]
    assert not row["better"]
    assert row["p_adjusted"] < 0.05


def test_the_best_found_has_no_regret_that_could_be_uncertain() -> None:
    tried = comparison({"last_year": 1000.0, "lp": 1100.0}, within=1.0)
    rows = tried.regret().set_index("strategy")
    assert rows["best_found"].to_dict() == {"last_year": False, "lp": True}
    assert tried.table().set_index("strategy").loc["lp", "regret"] == BEST_FOUND
    assert BEST_FOUND in repr(tried)
    document = {s["name"]: s["regret"] for s in tried.to_dict()["strategies"]}
    assert document["lp"]["best_found"] is True
    assert document["last_year"]["best_found"] is False


def test_errors_that_worlds_share_widen_intervals_and_do_not_vanish_with_worlds() -> None:
    tried = comparison({"last_year": 1000.0, "lp_known_curves": 1010.0}, worlds=200, within=1.0)
    shared = SharedErrors({("lp_known_curves", "margin"): 5.0}, 12)
    with_it, without = (
        t.against().query("scope == 'all' and kpi == 'margin'").iloc[0]
        for t in (replace(tried, shared=shared), tried)
    )
    assert with_it["se"] == pytest.approx(np.hypot(without["se"], 5.0))
    # Nearly all of it was told by 12 draws, so that Student's t has hardly more than 11 degrees.
    assert with_it["high"] - with_it["difference"] == pytest.approx(2.2 * 5.0, rel=0.02)
    assert without["better"]
    assert not with_it["better"]
    part = replace(tried, shared=shared).against().query("scope == 'tier:1'")
    assert part["se"].tolist() == tried.against().query("scope == 'tier:1'")["se"].tolist()
    lead = replace(tried, shared=shared).best().lead
    assert lead.low < 0 < tried.best().lead.low


def test_the_error_of_measured_curves_reaches_their_strategy_and_no_other() -> None:
    market = plain_market(direct=True)
    few = {"replications": 2, "customers": 600, "workers": 1, "seed": 3}
    found = study(market, ["last_year", "equal", "lp_known_curves"], **few)  # type: ignore[arg-type]
    shared = found.comparison.shared
    assert shared is not None
    assert {name for name, _ in shared.errors} == {"lp_known_curves"}
    assert shared.of("lp_known_curves", "all", "conversions", "last_year") > 0
    assert shared.of("equal", "all", "conversions", "last_year") == 0.0
    assert shared.errors["lp_known_curves", "spend"] == pytest.approx(0.0, abs=1.0)


def test_without_measured_curves_there_is_no_such_error() -> None:
    assert shared_errors(plain_market(), (), None, None) is None  # type: ignore[arg-type]
