"""A scenario's figures beside what it ought to imply."""

import datetime as dt
import json
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import special

from experiments.cases.plausibility import Believability, quotient, verdict
from scenarios import Scenario
from scenarios.parts.plausibility import Belief
from sim import simulate
from tests.experiments.conftest import Call
from tests.scenes import DIRECT, STRAIGHT, market, media, shopper
from tests.sim.worlds import assert_near

ORDER = 0.75 / (1 + np.exp(0.5))
"""Chance that a need of a day is looked after (three times a day), and then sells."""


def _scenario(*figures: dict[str, Any]) -> Scenario:
    """One channel that wakes needs, beside needs that come by themselves; straight to our place."""
    people = shopper(
        needs_per_year=3.0, repeat_needs_per_year=3.0, looks_per_day=3.0, need_days=1.0,
        base_utility=-0.5,
    )  # fmt: skip
    return market(
        media("extra", peak=0.05, engagement=0.2, awaken=0.5, themed=False), DIRECT, people=people,
        search=STRAIGHT, behaviour={"experience_order": 0.0}, defaults={"tail_days": 0},
        beliefs=[{"low": 0.0, "high": 1.0, **figure} for figure in figures],
    )  # fmt: skip


@pytest.fixture(scope="module")
def believed() -> Believability:
    """A market whose figures have closed forms."""
    names = ("baseline_share", "lift@extra", "lift@tier 2", "elasticity@extra", "conversion_rate")
    return Believability(_scenario(*({"figure": name} for name in names)), 3, 3000, 1)


def test_figures_have_their_closed_forms(believed: Believability) -> None:
    """Needs 3 a year; the channel wakes 365 * 0.05 * Hill(1) * 0.2 * 0.5 more; all sell alike.

    Hill at half: pressure 1/2; ten percent less money: 0.9 / 1.9.
    """
    woken, own = 365 * 0.05 * 0.5 * 0.1, 3.0
    table = believed.table.set_index("figure")
    share = own / (own + woken)
    last = 1.0 - (0.9 / 1.9) / 0.5
    expected = {
        "baseline_share": share,
        "lift@extra": woken / own,
        "lift@tier 2": woken / own,
        "elasticity@extra": (1 - share) * last / 0.1,
    }
    for figure, value in expected.items():
        row = table.loc[figure]
        assert_near(row["value"], value, np.hypot(row["se"], 0.02 * value))
        assert row["se"] < 0.3 * value


def test_verdicts() -> None:
    belief = Belief(figure="nps", low=20, high=30)
    assert verdict(25.0, 1.0, belief) == "inside"
    assert verdict(31.0, 1.0, belief) == "near"
    assert verdict(33.0, 1.0, belief) == "outside"
    assert verdict(np.nan, np.nan, belief) == "not measured"


def test_a_figure_that_cannot_fail_is_not_called_plausible() -> None:
    """Elasticity of paid search once was -0.012 ± 0.024 in a range of 0.005 to 0.3, and near."""
    belief = Belief(figure="nps", low=20, high=30)
    assert verdict(25.0, 2.5, belief) == "inside"
    assert verdict(25.0, 2.6, belief) == "unclear"
    assert verdict(36.0, 4.0, belief) == "unclear"
    assert verdict(40.0, 4.0, belief) == "outside", "so far off that no error can help"


def test_it_says_how_many_customers_would_tell() -> None:
    few = Believability(_scenario({"figure": "lift@extra", "low": 0.2, "high": 0.4}), 3, 300, 1)
    row = few.table.iloc[0]
    assert row["verdict"] == "unclear"
    assert row["customers_needed"] == pytest.approx(300 * (row["se"] / 0.05) ** 2, abs=1000)
    enough = Believability(few.scenario, 3, 2 * int(row["customers_needed"]), 1).table.iloc[0]
    assert enough["verdict"] != "unclear"


def test_the_error_of_a_quotient() -> None:
    """Relative variances add up."""
    value, se = quotient((10.0, 1.0), (5.0, 0.5))
    assert (value, se) == (2.0, pytest.approx(2.0 * np.sqrt(0.02)))
    assert np.isnan(quotient((1.0, 0.1), (0.0, 0.0))[0])


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"figure": "happiness"}, "happiness: is neither a KPI nor one of"),
        ({"figure": "nps", "low": 3, "high": 2}, "`low` 3 is above `high` 2"),
        ({"figure": "elasticity"}, "needs a channel or all after `@`"),
        ({"figure": "price_elasticity"}, "needs a offer after `@`"),
        ({"figure": "media_share@video"}, "has no scope"),
    ],
)
def test_what_nobody_can_believe(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Belief(**{"low": 0, "high": 1, **fields})


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        ("elasticity@vidoe", "unknown scope 'vidoe'"),
        ("price_elasticity@summer", "unknown scope 'summer'"),
        ("click_rate@channel:vidoe", "unknown scope 'channel:vidoe'"),
        ("lift@tier 9", "unknown scope 'tier 9'"),
    ],
)
def test_a_scope_that_is_not_there_is_found_before_anything_is_simulated(
    figure: str, words: str
) -> None:
    with pytest.raises(ValidationError, match=words):
        _scenario({"figure": figure})


def test_a_kpi_may_have_every_scope_of_the_scorecard() -> None:
    """Months were once taken for a slip of the pen."""
    run = simulate(_scenario(), seed=3, customers=100, workers=1)
    for scope in run.scorecard.scopes():
        assert len(_scenario({"figure": f"visits@{scope}"}).beliefs) == 1


def test_shares_of_people_and_of_revenue() -> None:
    """Reach is 1 - e^(-mean) of those who do not live apart; all spend per all revenue."""
    people = shopper(unreached=0.3, aware=0.5, needs_per_year=6.0, base_utility=1.0)
    scenario = market(
        media("extra", peak=0.005, themed=False), DIRECT, people=people, search=STRAIGHT,
        defaults={"tail_days": 0},
        beliefs=[{"figure": name, "low": 0, "high": 1} for name in
                 ("reach_share", "awareness_share", "media_share")],
    )  # fmt: skip
    found = Believability(scenario, 3, 6000, 1)
    table = found.table.set_index("figure")
    reach = table.loc["reach_share"]
    assert_near(reach["value"], 0.7 * (1 - np.exp(-365 * 0.005 / 2)), reach["se"])
    card = found._run.scorecard
    assert table.loc["awareness_share", "value"] == card.value("awareness") / scenario.market_size
    assert table.loc["media_share", "value"] == card.value("spend") / card.value("revenue")


def test_a_coupon_sells_as_the_logit_says() -> None:
    """Each need is decided once: orders rise by expit(u + g) / expit(u), for a price cut of c."""
    gain, cost, base = 0.4, 0.1, -1.0
    first, last = dt.date(2026, 3, 1), dt.date(2026, 8, 31)
    people = shopper(
        needs_per_year=12.0, repeat_needs_per_year=12.0, repeat_shape=1e6, dropout=0.0,
        looks_per_day=50.0, need_days=1.0, base_utility=base,
    )  # fmt: skip
    scenario = market(
        media("extra", peak=0.0, themed=False), DIRECT, people=people, search=STRAIGHT,
        behaviour={"experience_order": 0.0}, defaults={"tail_days": 0},
        offers=[{"name": "coupon", "start": first, "end": last, "utility": gain, "cost": cost}],
        beliefs=[{"figure": "price_elasticity@coupon", "low": -9, "high": 0}],
    )  # fmt: skip
    row = Believability(scenario, 3, 3000, 1).table.iloc[0]
    expected = -(special.expit(base + gain) / special.expit(base) - 1) / cost
    assert_near(row["value"], expected, row["se"])
    assert row["se"] < 0.1 * abs(expected)


def test_the_return_of_a_channel_is_margin_per_unit_of_its_money() -> None:
    scenario = _scenario({"figure": "return@extra"}, {"figure": "lift@extra"})
    found = Believability(scenario, 3, 3000, 1)
    table = found.table.set_index("figure")
    card = found._run.scorecard
    lost = table.loc["lift@extra", "value"]
    expected = card.value("margin") * lost / (1 + lost) / card.value("spend", "channel:extra")
    assert_near(table.loc["return@extra", "value"], expected, table.loc["return@extra", "se"])


def test_the_command_prints_one_document(call: Call) -> None:
    code, out, _ = call(
        "scenarios", "believe", "retail", "--customers", "200", "--json", "--quiet",
        "--set", 'beliefs=[{"figure": "conversion_rate", "low": 0.0, "high": 1.0}]',
    )  # fmt: skip
    assert code == 0
    row = json.loads(out)["figures"][0]
    assert row["verdict"] == "inside"
    assert row["value"] > 0
