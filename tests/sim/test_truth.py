"""Ground truth: exact zeros, honest signs, standard errors that say what they promise."""

import numpy as np
import pandas as pd
import pytest

from scenarios import Scenario, load_scenario
from sim import Arm, Effects, Setting, ground_truth
from sim.kpis.scorecard import Scorecard
from sim.market.arms import simulate_arms, simulate_histories
from sim.truth.ground_truth import by_community
from tests.scenes import DIRECT, PEOPLE, busy, flat, market, media, persona, shopper
from tests.sim.worlds import assert_near

INERT = media("inert", peak=0.4, themed=False)
PLACEBO = media("placebo", peak=0.6, themed=False, attention=2.0)
CUSTOMERS = 2000


def _with(scenario: Scenario, *channels: dict[str, object]) -> Scenario:
    data = scenario.model_dump(mode="json")
    data["channels"] += channels
    for channel in channels:
        data["history"]["spend"][channel["name"]] = flat(3 * scenario.market_size)
    return Scenario.model_validate(data)


@pytest.fixture(scope="module")
def retail_truth() -> Effects:
    """Removal effects in retail with an inert and a placebo channel put in."""
    scenario = _with(load_scenario("retail"), INERT, PLACEBO)
    return ground_truth(scenario, seed=2, customers=CUSTOMERS, workers=1)


def _row(effects: Effects, unit: str) -> pd.Series:
    return effects.table.set_index("unit").loc[unit]


def test_an_inert_channel_has_effect_exactly_0(retail_truth: Effects) -> None:
    row = _row(retail_truth, "inert")
    assert row["effect"] == 0.0
    assert row["orders_differ"] == 0.0
    assert row["low"] == -row["high"] < 0.0, "nothing was seen, which bounds it and proves nothing"


def test_a_placebo_that_takes_attention_has_no_positive_effect(retail_truth: Effects) -> None:
    row = _row(retail_truth, "placebo")
    assert row["se"] > 0
    assert row["effect"] < 3 * row["se"]


def test_a_strong_placebo_hurts() -> None:
    people = shopper(base_utility=-2.0, looks_per_day=0.5)
    good = media("good", peak=0.5, goodwill_seen=0.3, attention=0.5)
    scenario = market(
        good, DIRECT, PLACEBO, people=people, behaviour={"fatigue_weight": 1.0},
        spend={"placebo": 2e6}, defaults={"tail_days": 30},
    )  # fmt: skip
    row = _row(ground_truth(scenario, seed=2, customers=3000, workers=1), "placebo")
    assert row["effect"] < -4 * row["se"] < 0


def test_common_luck_cuts_the_variance_of_every_effect(retail_truth: Effects) -> None:
    """Paired against independent runs, for every paid channel that does something."""
    ratios = retail_truth.table.set_index("unit")["variance_ratio"]
    assert ratios["inert"] == np.inf
    assert (ratios.drop("inert") >= 5).all(), ratios.to_dict()
    assert ratios.median() >= 20


@pytest.mark.long
def test_effects_need_not_add_up_but_tiers_hold_their_channels() -> None:
    """Removing a tier takes at least as much as removing its largest channel, within error."""
    scenario = busy()
    channels, tiers = (
        ground_truth(scenario, seed=2, customers=2000, over=over, workers=1)
        for over in ("channels", "tiers")
    )
    assert tiers.table["unit"].tolist() == ["tier 1", "tier 2", "tier 3"]
    second = _row(tiers, "tier 2")
    largest = channels.table[channels.table["unit"].isin(["video", "notes"])]["effect"].max()
    assert second["effect"] > largest - 3 * second["se"]
    assert channels.baseline == tiers.baseline


def test_the_effect_of_the_only_source_of_needs_is_all_there_is() -> None:
    """Closed form: needs are awakened by one channel only, so that it explains every order."""
    channel = media("only", peak=0.1, engagement=0.2, awaken=0.5, themed=False)
    scenario = market(
        channel,
        DIRECT,
        people=persona(aware=1.0, base_utility=0.0, looks_per_day=2.0, need_days=1.0),
        search={"direct_base": 40.0},
        defaults={"tail_days": 60},
    )
    effects = ground_truth(scenario, seed=2, customers=2000, workers=1)
    row = _row(effects, "only")
    # Off in the year and on again in the tail: the year's part of all orders is what is missing.
    # (Needs live a day, so next to nothing crosses midnight at either end.)
    assert_near(row["effect"] / effects.baseline[0], 365 / (365 + 60), 0.004)
    # orders = exposures · engaged · awakened · looked after in time · logistic(0), tail included
    people, days = PEOPLE, 365 + 60
    looked = 2.0 / (2.0 + 1.0)
    expected = people * days * 0.1 * 0.5 * 0.2 * 0.5 * looked * 0.5
    rises = 1.0 + 0.03  # an order leaves an experience, which raises utility a little
    assert effects.baseline[0] == pytest.approx(expected * rises, rel=0.1)


def test_a_standing_effect_has_its_closed_form() -> None:
    """One channel, no interaction: it awakens needs beside others; effect = awakened · P(order)."""
    channel = media("extra", peak=0.05, engagement=0.2, awaken=0.5, themed=False)
    people = shopper(
        needs_per_year=3.0, repeat_needs_per_year=3.0, looks_per_day=3.0, need_days=1.0,
        base_utility=-0.5,
    )  # fmt: skip
    scenario = market(
        channel, DIRECT, people=people, search={"direct_base": 40.0},
        behaviour={"experience_order": 0.0}, defaults={"tail_days": 30},
    )  # fmt: skip
    effects = ground_truth(scenario, seed=4, customers=6000, workers=1)
    row = _row(effects, "extra")
    awakened = PEOPLE * 365 * 0.05 * 0.5 * 0.2 * 0.5
    # An open need of one's own shares its looks with the awakened one, 0.8 % of the time: no more
    # than that is lost or won.
    expected = awakened * 3.0 / 4.0 / (1 + np.exp(0.5))
    assert_near(row["effect"], expected, np.hypot(row["se"], 0.015 * expected))


def test_in_the_tail_a_removed_channel_is_on_again() -> None:
    """What lasts no longer than its exposure leaves nothing behind: the tail adds no effect."""
    channel = media("brief", peak=0.1, engagement=0.2, awaken=0.5, themed=False)
    people = persona(aware=1.0, base_utility=0.0, looks_per_day=2.0, need_days=0.2)
    effects = [
        _row(
            ground_truth(
                market(
                    channel, DIRECT, people=people, search={"direct_base": 40.0},
                    behaviour={"experience_order": 0.0}, defaults={"tail_days": days},
                ),
                seed=3, customers=1000, workers=1,
            ),
            "brief",
        )["effect"]
        for days in (0, 60)
    ]  # fmt: skip
    assert effects[1] == pytest.approx(effects[0], rel=0.01)


@pytest.mark.long
def test_standard_errors_of_effects_agree_with_their_spread_over_seeds() -> None:
    """24 seeds: the mean squared error of the table against the variance of the effects."""
    scenario = _quick()
    rows = [
        _row(ground_truth(scenario, seed=seed, customers=400, workers=1), "video")
        for seed in range(100, 124)
    ]
    effects, errors = (np.array([row[name] for row in rows]) for name in ("effect", "se"))
    ratio = effects.var(ddof=1) / (errors**2).mean()
    # chi-square with 23 degrees of freedom over 23: sd 0.29
    assert 0.35 < ratio < 2.2


def _quick() -> Scenario:
    """A small market with an effect that varies; little to compute."""
    channel = media("video", peak=0.05, engagement=0.1, goodwill_engaged=0.6, awaken=0.1,
                    click_through=0.2)  # fmt: skip
    return market(channel, DIRECT, people=shopper(base_utility=-1.5, goodwill=0.5),
                  defaults={"tail_days": 10, "communities": 20})  # fmt: skip


def test_the_tail_counts() -> None:
    """Goodwill of the year's last weeks sells after it: more effect with a longer tail."""
    data = _quick().model_dump(mode="json")
    effects = [
        _row(
            ground_truth(
                Scenario.model_validate({**data, "defaults": {"tail_days": days}}),
                seed=1, customers=2000, workers=1,
            ),
            "video",
        )["effect"]
        for days in (0, 90)
    ]  # fmt: skip
    assert effects[1] > 1.05 * effects[0] > 0


def test_truth_is_the_same_on_any_number_of_workers() -> None:
    one, two = (
        ground_truth(_quick(), seed=1, customers=400, workers=count).table for count in (1, 2)
    )
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_the_baseline_is_what_the_scorecard_says() -> None:
    """Orders of the year, and of the tail, by community."""
    setting = Setting(_quick(), 800, 1)
    past = simulate_histories([setting], workers=1)[0]
    plan = setting.scenario.reference_plan
    year = simulate_arms([past], [[Arm(plan)]], workers=1)[0][0]
    orders = by_community(year, "conversions")
    assert len(orders) == 20
    assert orders.sum() == pytest.approx(Scorecard(year).value("conversions"), rel=1e-12)


# ---- size changes noise, not what is true


def _card(scenario: Scenario, customers: int, seed: int) -> dict[str, tuple[float, float]]:
    setting = Setting(scenario, customers, seed)
    past = simulate_histories([setting], workers=1)[0]
    arm = Arm(scenario.reference_plan)
    return Scorecard(simulate_arms([past], [[arm]], workers=1)[0][0]).estimates()


@pytest.fixture(scope="module")
def two_sizes() -> tuple[dict[str, tuple[float, float]], ...]:
    """Retail with 2,000 and with 10,000 customers, other luck."""
    retail = load_scenario("retail")
    return _card(retail, 2000, 21), _card(retail, 10_000, 22)


@pytest.mark.parametrize(
    "kpi", ["cac", "conversions", "revenue", "margin", "new_customers", "visits", "leads",
            "conversion_rate", "click_rate", "awareness", "signups", "market_share"]
)  # fmt: skip
def test_customers_change_noise_not_figures(
    two_sizes: tuple[dict[str, tuple[float, float]], ...], kpi: str
) -> None:
    (few, noise), (many, less) = (card[kpi] for card in two_sizes)
    assert noise > 1.3 * less > 0
    assert_near(few, many, np.hypot(noise, less))


def test_jackknife_errors_agree_with_the_spread_over_seeds() -> None:
    """40 seeds of a small market; chi-square/39 has a standard deviation of 0.23."""
    settings = [Setting(_quick(), 400, seed) for seed in range(40)]
    cards = [Scorecard(past.year).estimates() for past in simulate_histories(settings, workers=1)]
    for kpi in ("conversions", "revenue", "cac", "conversion_rate", "click_rate", "reach"):
        values, errors = (np.array([card[kpi][n] for card in cards]) for n in (0, 1))
        ratio = values.var(ddof=1) / (errors**2).mean()
        assert 0.3 < ratio < 2.1, (kpi, ratio)


@pytest.mark.parametrize("customers", [800, 810, 10_000])
def test_communities_of_different_sizes_do_not_pass_for_noise(customers: int) -> None:
    """People who know us are a binomial count; sizes of communities are known, and no luck."""
    scenario = market(
        people=persona(aware=0.9),
        regions=[{"name": name, "share": x} for name, x in (("a", 0.4), ("b", 0.35), ("c", 0.25))],
    )
    settings = [Setting(scenario, customers, seed) for seed in range(4)]
    cards = [Scorecard(past.year).estimates() for past in simulate_histories(settings, workers=1)]
    expected = PEOPLE * np.sqrt(0.9 * 0.1 / customers)
    error = np.sqrt(np.mean([card["awareness"][1] ** 2 for card in cards]))
    # chi-square with about 4 · 39 degrees of freedom: sd of the root is 6 %
    assert error == pytest.approx(expected, rel=0.25)
