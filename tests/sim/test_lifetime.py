"""Lifetime value against BG/NBD, against integrals by hand, and against a market's two years."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import dblquad, quad
from scipy.special import hyp2f1
from scipy.stats import beta, gamma

from scenarios import Scenario
from sim import simulate
from sim.engine.counts.person_counts import REPEAT_NEEDS, REPEATS
from sim.kpis.lifetime_value import Relation, discounted_repeats
from tests.scenes import DIRECT, STRAIGHT, market, media, shopper
from tests.sim.worlds import assert_near

RELATION = Relation(needs=3.0, shape=0.8, dropout=0.25, concentration=2.5, horizon=3.0)
ALL = np.array(1.0)


def bg_nbd(r: float, alpha: float, a: float, b: float, t: float) -> float:
    """Expected repeat orders by time t (Fader, Hardie and Lee 2005, equation 9)."""
    z = hyp2f1(r, b, a + b - 1, t / (alpha + t))
    return float((a + b - 1) / (a - 1) * (1 - (alpha / (alpha + t)) ** r * z))


@pytest.mark.parametrize("horizon", [0.5, 3.0, 10.0])
@pytest.mark.parametrize("shape", [0.4, 1.2, 6.0])
def test_without_discount_and_turnover_it_is_bg_nbd(shape: float, horizon: float) -> None:
    """There the first order ends nothing: E[(1-p) g(p)] = b/(a+b) E[g] with p ~ Beta(a, b+1)."""
    terms = replace(RELATION, shape=shape, horizon=horizon)
    a = terms.dropout * terms.concentration
    b = terms.concentration - a
    theirs = b / (a + b) * bg_nbd(shape, shape / terms.needs, a, b + 1, horizon)
    assert float(terms.repeats(ALL)) == pytest.approx(theirs, rel=2e-4)


def test_unmet_needs_thin_out_the_orders() -> None:
    """Met with chance q, needs are a Poisson process of rate lambda * q."""
    for met in (0.03, 0.2, 0.77):
        thin = replace(RELATION, needs=RELATION.needs * met)
        assert float(RELATION.repeats(np.array(met))) == pytest.approx(
            float(thin.repeats(ALL)), rel=1e-3
        )


@pytest.mark.parametrize(("rate", "p"), [(4.0, 0.3), (4.0, 0.0), (0.0, 0.3), (12.0, 0.9)])
def test_the_closed_form_is_the_integral(rate: float, p: float) -> None:
    terms = replace(RELATION, discount=0.1, turnover=0.2)
    alive = quad(lambda t: np.exp(-(rate * p + 0.3) * t), 0, terms.horizon)[0]
    ours = discounted_repeats(terms, np.array(rate), np.array(p))
    assert float(ours) == pytest.approx(rate * (1 - p) * alive, rel=1e-9)
    patient = replace(terms, discount=0.0, turnover=0.0)
    if p == 0:
        assert float(discounted_repeats(patient, np.array(rate), np.array(p))) == 3.0 * rate


@pytest.mark.long
def test_with_everything_it_is_the_double_integral_over_both_laws() -> None:
    terms = replace(RELATION, discount=0.1, turnover=0.2, programme=0.5, shape=1.5)
    rate = gamma(1.5, scale=3.0 / 1.5)
    leaves = beta(0.25 * 2.5, 0.75 * 2.5)

    def of(p: float, needs: float) -> float:
        odds = p / (1 - p) * np.exp(-0.5)
        each = discounted_repeats(terms, np.array(0.6 * needs), np.array(odds / (1 + odds)))
        return float(each) * leaves.pdf(p) * rate.pdf(needs)

    whole = dblquad(of, 0, 60, 1e-9, 1 - 1e-9, epsabs=1e-5)[0]
    assert float(terms.repeats(np.array(0.6))) == pytest.approx(whole, rel=5e-4)


def test_a_certain_law_is_its_mean() -> None:
    sure = replace(RELATION, shape=1e6, dropout=0.0)
    assert float(sure.repeats(ALL)) == pytest.approx(9.0, rel=1e-3)


def _shop(**fields: object) -> Scenario:
    people = shopper(
        base_utility=40.0, needs_per_year=2.0, repeat_needs_per_year=4.0, repeat_shape=1.5,
        dropout=0.3, dropout_concentration=3.0, need_days=2.0, looks_per_day=40.0,
    )  # fmt: skip
    return market(
        DIRECT, media(peak=0.0), people=people, search=STRAIGHT, discount_rate=0.0, **fields
    )


def test_customers_of_a_market_order_again_as_often_as_expected() -> None:
    """Each new customer's repeat orders until the end against the expectation over that time."""
    scenario = _shop()
    run = simulate(scenario, seed=8, customers=2500, workers=1)
    parts = [run.history.log.conversions, run.log.conversions]
    orders = pd.concat([pd.DataFrame(part) for part in parts])
    orders = orders[orders["kind"] == "order"]
    met = orders.groupby(orders["visitor_id"].astype(str))["time"].agg(["min", "size"])
    years = (pd.Timestamp("2027-01-01") - met["min"]).dt.total_seconds() / (365 * 86_400)
    terms = Relation.of(scenario, scenario.personas[0])
    grid = np.linspace(0.01, 2.0, 60)
    curve = [float(replace(terms, horizon=h).repeats(ALL)) for h in grid]
    error = met["size"] - 1 - np.interp(years, grid, curve)
    assert len(met) > 2000
    assert_near(error.mean(), 0.0, error.std() / np.sqrt(len(met)))


def test_ltv_is_margin_per_order_times_expected_orders() -> None:
    """All needs are met; the longer the horizon, the higher; interest lowers it."""
    run = simulate(_shop(), seed=9, customers=600, workers=1)
    card = run.scorecard
    value, se = card.estimates()["ltv"]
    each = card.value("margin") / card.value("conversions")
    counts = run.planned.year.people[:, :12].sum(axis=(0, 1, 3))
    met = counts[REPEATS] / counts[REPEAT_NEEDS]
    assert 0.9 < met <= 1.05
    terms = Relation.of(run.scenario, run.scenario.personas[0])
    assert value == pytest.approx(each * (1 + float(terms.repeats(np.array(met)))), rel=1e-9)
    assert 0 < se < 0.1 * value


def test_ltv_of_all_is_weighted_by_new_customers() -> None:
    kind = {"base_utility": 40.0, "share": 0.5}
    people = [shopper("rich", order_value=300.0, needs_per_year=1.0, **kind),
              shopper("poor", order_value=50.0, needs_per_year=4.0, **kind)]  # fmt: skip
    scenario = market(
        DIRECT, media(peak=0.0), people=people, search=STRAIGHT, behaviour={"turnover": 0.5}
    )
    card = simulate(scenario, seed=2, customers=400, workers=1).scorecard
    found = {p: card.estimates(f"persona:{p}") for p in ("rich", "poor")}
    new = {p: x["new_customers"][0] for p, x in found.items()}
    mean = sum(new[p] * found[p]["ltv"][0] for p in new) / sum(new.values())
    assert found["rich"]["ltv"][0] > 3 * found["poor"]["ltv"][0]
    assert card.value("ltv") == pytest.approx(mean, rel=1e-12)


def test_who_needs_nothing_again_is_worth_the_first_order() -> None:
    people = shopper(base_utility=40.0, repeat_needs_per_year=0.0, needs_per_year=1.0)
    scenario = market(DIRECT, media(peak=0.0), people=people, search=STRAIGHT)
    card = simulate(scenario, seed=2, customers=300, workers=1).scorecard
    assert card.value("ltv") == pytest.approx(card.value("margin") / card.value("conversions"))
