"""Data-driven models in worlds where the answer is known."""

import numpy as np
import pandas as pd
import pytest

from attribution import (
    CASV,
    AttributionError,
    Calibrated,
    Hazard,
    Last,
    Linear,
    Logistic,
    Mix,
    ShapleyIncremental,
)
from attribution.logistic import removal_shares, shapley_shares
from attribution.shared import games
from attribution.shared.exposure_history import Pairs, watch
from attribution.shared.logit import Rows, fit, sigmoid
from journeys import JourneyLog

START = pd.Timestamp("2025-01-01")
TRUTH = {"ads": 0.10, "mail": 0.03, "idle": 0.0}
BASE = 0.0005
HALF_LIFE = 3.0


def hazard_world(visitors: int = 6000, days: float = 200.0, seed: int = 1) -> JourneyLog:
    """Every touch brings orders of its own at the rate of TRUTH, delays fade by HALF_LIFE."""
    random = np.random.default_rng(seed)
    count = random.poisson(3.0, visitors)
    visitor = np.repeat(np.arange(visitors), count)
    channel = random.integers(3, size=len(visitor))
    day = random.uniform(0, days, len(visitor))
    causes = random.random(len(visitor)) < np.array(list(TRUTH.values()))[channel]
    delay = random.exponential(HALF_LIFE / np.log(2.0), len(visitor))
    own = random.poisson(BASE * days, visitors)
    who = np.concatenate([visitor[causes], np.repeat(np.arange(visitors), own)])
    when = np.concatenate([(day + delay)[causes], random.uniform(0, days, own.sum())])
    kept = when < days
    touches = pd.DataFrame(
        {
            "visitor_id": visitor,
            "time": START + pd.to_timedelta(day, "D"),
            "channel": pd.Categorical.from_codes(channel, list(TRUTH)),
            "kind": "click",
        }
    )
    orders = pd.DataFrame(
        {
            "visitor_id": who[kept],
            "time": START + pd.to_timedelta(when[kept], "D"),
            "kind": "order",
            "value": 10.0,
        }
    )
    return JourneyLog(touches, orders)


@pytest.fixture(scope="module")
def world() -> JourneyLog:
    return hazard_world()


def true_credit(log: JourneyLog) -> pd.Series:
    """Expected orders by channel, those that would come after the end left out."""
    day = (log.touches["time"] - START) / pd.Timedelta(days=1)
    inside = 1.0 - np.exp2(-(200.0 - day) / HALF_LIFE)
    rate = log.touches["channel"].astype(str).map(TRUTH) * inside
    return rate.groupby(log.touches["channel"], observed=False).sum()


def test_the_hazard_finds_what_every_channel_brings(world: JourneyLog) -> None:
    model = Hazard(half_life_days=HALF_LIFE).fit(world)
    truth = true_credit(world)
    # Orders are Poisson, and what is not told apart from the baseline adds its own share.
    tolerance = 4.0 * np.sqrt(truth + 2.0 * BASE * 200 * 6000 / 10)
    found = model.credit_["conversions"]
    assert ((found - truth[found.index]).abs() < tolerance[found.index]).all()
    assert model.rates_["(baseline)"] == pytest.approx(BASE, rel=0.15)


def test_the_hazard_finds_the_half_life(world: JourneyLog) -> None:
    assert Hazard().fit(world).half_life_ == 3.0


def test_the_hazard_is_at_a_maximum_of_the_likelihood(world: JourneyLog) -> None:
    model = Hazard(half_life_days=HALF_LIFE).fit(world)
    # At the maximum every rate explains as many conversions as it is credited with.
    credit, rates = model.credit_["conversions"], model.rates_
    day = (world.touches["time"] - START) / pd.Timedelta(days=1)
    end = max(world.touches["time"].max(), world.conversions["time"].max())
    inside = 1.0 - np.exp2(-((end - START) / pd.Timedelta(days=1) - day) / HALF_LIFE)
    exposure = inside.groupby(world.touches["channel"], observed=False).sum()
    np.testing.assert_allclose(
        credit, rates[credit.index] * exposure[credit.index], rtol=1e-5, atol=1e-3
    )


def test_credit_by_touch_of_the_hazard_adds_up(world: JourneyLog) -> None:
    model = Hazard(half_life_days=HALF_LIFE).fit(world)
    channel = world.touches["channel"].iloc[model.credit_by_touch_.index].to_numpy()
    summed = model.credit_by_touch_.groupby(channel, observed=False).sum()
    np.testing.assert_allclose(summed.loc[model.credit_.index], model.credit_, rtol=1e-9, atol=1e-9)


def test_last_ad_credit_is_no_more_than_all_ads(world: JourneyLog) -> None:
    whole = Hazard(half_life_days=HALF_LIFE).fit(world).credit_
    last = Hazard(half_life_days=HALF_LIFE, credit="last_ad").fit(world).credit_
    assert (last <= whole + 1e-9).all().all()
    assert last["conversions"].sum() < whole["conversions"].sum()


@pytest.mark.parametrize(
    "model", [Logistic(half_life_days=HALF_LIFE), ShapleyIncremental(window_days=9.0)], ids=repr
)
def test_logistic_models_leave_to_the_baseline_what_is_not_caused(model, world: JourneyLog) -> None:
    credit = model.fit(world).credit_["conversions"]
    truth = true_credit(world)
    # Presence and log(1 + x) only come near the additive truth: a fifth of it, and the noise.
    tolerance = 0.2 * truth + 4.0 * np.sqrt(truth + 2.0 * BASE * 200 * 6000 / 10)
    assert ((credit - truth[credit.index]).abs() < tolerance[credit.index]).all()
    assert Last().fit(world).credit_.loc["idle", "conversions"] > 3 * abs(credit["idle"])


def test_with_every_interaction_the_game_is_played_with_observed_rates(world: JourneyLog) -> None:
    channels, window, step = len(TRUTH), 9.0, 3.0
    model = ShapleyIncremental(window, penalty=1e-12, step_days=step, interactions=channels)
    panel = watch(world, outcome="order", memory_days=window, step_days=step, model="naive")
    won = sets_met(panel.at_conversions, len(panel.value), channels)
    lost = sets_met(panel.at_instants, panel.seen, channels)
    lost[0] += panel.unseen
    rate = won / (lost * step)
    expected = np.zeros(channels)
    for met in np.flatnonzero(won):
        inside = np.array([rate[met & other] for other in range(1 << channels)])
        expected += won[met] / rate[met] * games.shapley(inside)
    np.testing.assert_allclose(model.fit(world).credit_["conversions"], expected, rtol=1e-4)


def sets_met(pairs: Pairs, moments: int, channels: int) -> np.ndarray:
    """How many moments come after each set of channels."""
    met = np.zeros(moments, dtype=np.int64)
    np.bitwise_or.at(met, pairs.moment, 1 << pairs.channel)
    return np.bincount(met, minlength=1 << channels).astype(float)


def test_interactions_tell_a_pair_from_its_parts() -> None:
    log = hazard_world(visitors=1500)
    model = ShapleyIncremental(window_days=9.0, interactions=2).fit(log)
    assert list(model.coefficients_.index[1:]) == [
        "ads", "mail", "idle", "ads × mail", "ads × idle", "mail × idle",
    ]  # fmt: skip
    # Effects add up, so a pair brings less than the product of its factors.
    assert model.coefficients_["ads × mail"] < 0


def test_a_linear_response_finds_the_slope_of_a_multiplying_exposure() -> None:
    random = np.random.default_rng(3)
    visitors, days, base, slope = 4000, 100, 0.004, 1.2
    day = random.uniform(0, days, visitors)
    time = random.uniform(0, days, (visitors, 50))
    age = time - day[:, None]
    exposure = np.where(age > 0, np.exp2(-age / 5.0), 0.0)
    # Thinning: each of 50 looks ends in an order with the chance that makes the rate right.
    ordered = random.random(time.shape) < base * days / 50 * np.exp(slope * exposure)
    who, which = np.nonzero(ordered)
    touches = pd.DataFrame(
        {
            "visitor_id": np.arange(visitors),
            "time": START + pd.to_timedelta(day, "D"),
            "channel": "x",
            "kind": "visit",
        }
    )
    when = START + pd.to_timedelta(time[who, which], "D")
    orders = pd.DataFrame({"visitor_id": who, "time": when, "kind": "order"})
    log = JourneyLog(touches, orders)
    model = Logistic(half_life_days=5.0, response="linear", step_days=1.0).fit(log)
    # The error of a slope is about one over the root of the orders that were raised.
    assert model.coefficients_["x"] == pytest.approx(slope, abs=4.0 / np.sqrt(100))
    assert model.coefficients_["(intercept)"] == pytest.approx(np.log(base), abs=0.15)


@pytest.mark.parametrize(
    ("model", "word"),
    [
        (Logistic(response="cubic"), "response"),
        (ShapleyIncremental(interactions=0), "interactions"),
    ],
)
def test_settings_that_do_not_exist_are_refused(model, word: str, sample: JourneyLog) -> None:
    with pytest.raises(AttributionError, match=word):
        model.fit(sample)


def test_newton_finds_the_maximum_of_the_likelihood() -> None:
    from scipy import sparse

    random = np.random.default_rng(0)
    features = random.normal(size=(400, 3)) * (random.random((400, 3)) < 0.5)
    wins = (random.random(400) < sigmoid(-1.0 + features @ [1.0, -2.0, 0.0])).astype(float)
    rows = Rows(sparse.csr_array(features), wins, 1.0 - wins, penalty=0.01)
    intercept, slopes = fit(rows)
    best = np.array([intercept, *slopes])
    around = [best + step for step in 1e-4 * np.vstack([np.eye(4), -np.eye(4)])]
    assert all(rows.loss(near) > rows.loss(best) for near in around)
    assert sigmoid(rows.score(best)).sum() == pytest.approx(wins.sum())


def test_newton_survives_data_that_can_be_told_apart_perfectly() -> None:
    from scipy import sparse

    features = sparse.csr_array(np.array([[0.0], [0.0], [1.0], [1.0]]))
    wins = np.array([0.0, 0.0, 1.0, 1.0])
    intercept, slopes = fit(Rows(features, wins, 1.0 - wins, penalty=1e-6))
    assert np.isfinite(intercept)
    assert slopes[0] > 5


def test_shares_of_a_single_channel_are_its_whole_increment() -> None:
    parts = np.array([[1.5, 0.0]])
    increment = 1.0 - np.exp(-1.5)
    for shares in (removal_shares(parts), shapley_shares(parts)):
        np.testing.assert_allclose(shares, [[increment, 0.0]], rtol=1e-12)


def test_removal_shares_that_cancel_are_not_blown_up() -> None:
    shares = removal_shares(np.array([[2.0, -2.0001]]))
    assert np.abs(shares).max() < 5.0


def two_step_world(visitors: int = 4000) -> JourneyLog:
    """All meet `start`; half of them `push` a day later; push alone brings orders, at once."""
    random = np.random.default_rng(2)
    pushed = random.random(visitors) < 0.5
    won = pushed & (random.random(visitors) < 0.4)
    loose = ~won & (random.random(visitors) < 0.05)
    everyone = np.arange(visitors)
    touches = pd.DataFrame(
        {
            "visitor_id": np.concatenate([everyone, everyone[pushed]]),
            "time": START + pd.to_timedelta(np.repeat([0.0, 1.5], [visitors, pushed.sum()]), "D"),
            "channel": np.repeat(["start", "push"], [visitors, pushed.sum()]),
            "kind": "click",
        }
    )
    orders = pd.DataFrame(
        {
            "visitor_id": np.concatenate([everyone[won], everyone[loose]]),
            "time": START + pd.to_timedelta(np.repeat([1.6, 4.5], [won.sum(), loose.sum()]), "D"),
            "kind": "order",
            "value": 1.0,
        }
    )
    return JourneyLog(touches, orders)


def test_casv_gives_a_channel_what_days_without_it_would_not_have_brought() -> None:
    log = two_step_world()
    casv, linear = (m.fit(log).credit_["conversions"] for m in (CASV(), Linear()))
    assert casv.sum() == pytest.approx(len(log.conversions))
    # Linear halves every pushed order; the counterfactual knows that waiting rarely ends in one,
    # but that nothing begins without start: start keeps half of push's work and all of its own.
    assert casv["push"] < linear["push"]
    assert casv["push"] > 0.3 * len(log.conversions)


def test_casv_in_a_world_small_enough_for_paper() -> None:
    # One journey in two converts right after its only touch; the other gives up.
    frame = pd.DataFrame(
        {
            "visitor_id": ["a", "b", "a"],
            "time": [START, START, START + pd.Timedelta(hours=1)],
            "channel": ["x", "x", None],
            "kind": ["click", "click", "order"],
        }
    )
    model = CASV(depth=2, patience_days=3).fit(JourneyLog.from_events(frame))
    assert model.credit_.loc["x", "conversions"] == pytest.approx(1.0)
    taken = model.actions_["taken"]
    assert taken[(0, "x")] == 2
    assert taken[(1, "(none)")] == 3
    assert model.actions_.loc[(1, "(none)"), "quit"] == 1


def weekly_world(weeks: int = 104) -> tuple[JourneyLog, float]:
    """Daily touches of two channels that come and go; each click of `tv` brings 0.2 orders."""
    random = np.random.default_rng(4)
    level = {"tv": random.integers(0, 40, weeks), "radio": random.integers(0, 40, weeks)}
    touches = pd.concat(
        [
            pd.DataFrame({"week": np.repeat(np.arange(weeks), n), "channel": name, "kind": "click"})
            for name, n in level.items()
        ]
    )
    number = 100 + random.poisson(0.2 * level["tv"] * 10)
    day = random.uniform(0, 7, len(touches))
    touches["time"] = START + pd.to_timedelta(touches["week"] * 7 + day, "D")
    touches["visitor_id"] = [f"v{i}" for i in range(len(touches))]
    orders = pd.DataFrame(
        {"week": np.repeat(np.arange(weeks), number), "kind": "order", "value": 2.0}
    )
    orders["time"] = START + pd.to_timedelta(
        orders["week"] * 7 + random.uniform(0, 7, len(orders)), "D"
    )
    orders["visitor_id"] = [f"w{i}" for i in range(len(orders))]
    return JourneyLog(touches, orders), float((0.2 * level["tv"] * 10).sum())


def test_the_mix_finds_the_channel_that_moves_sales() -> None:
    log, truth = weekly_world()
    model = Mix().fit(log)
    credit = model.credit_["conversions"]
    assert credit["tv"] == pytest.approx(truth, rel=0.25)
    assert credit["radio"] < 0.15 * truth
    np.testing.assert_allclose(model.credit_["value"], 2.0 * credit, rtol=1e-9)


def test_the_mix_reads_spend_from_a_ledger() -> None:
    log, truth = weekly_world()
    week = log.touches["time"].dt.floor("7D")
    ledger = (
        log.touches.groupby([week, "channel"], observed=True).size().rename("spend").reset_index()
    )
    ledger = ledger.rename(columns={"time": "date"}).assign(spend=lambda f: 3.0 * f["spend"])
    credit = Mix(ledger=ledger).fit(log).credit_["conversions"]
    assert credit["tv"] == pytest.approx(truth, rel=0.3)


@pytest.mark.parametrize(
    "model", [Hazard(), Logistic(), ShapleyIncremental(), Mix(), CASV()], ids=repr
)
def test_path_tables_are_refused_where_times_are_needed(model) -> None:
    log = JourneyLog.from_paths(pd.DataFrame({"path": ["a > b"], "conversions": [1]}))
    with pytest.raises(AttributionError, match="fit it on a log"):
        model.fit(log)


def lifts(conversions: float, error: float) -> pd.DataFrame:
    return pd.DataFrame(
        {"channel": ["video"], "conversions": [conversions], "standard_error": [error]}
    )


def test_a_sharp_experiment_overrules_the_model(sample: JourneyLog) -> None:
    fitted = Calibrated(Last(), lifts(5.0, 1e-6)).fit(sample)
    plain = Last().fit(sample).credit_
    assert fitted.credit_.loc["video", "conversions"] == pytest.approx(5.0, rel=1e-6)
    ratio = 5.0 / plain.loc["video", "conversions"]
    assert fitted.credit_.loc["email", "conversions"] == pytest.approx(
        ratio * plain.loc["email", "conversions"], rel=1e-6
    )


def test_a_vague_experiment_leaves_the_model_alone(sample: JourneyLog) -> None:
    fitted = Calibrated(Last(), lifts(5.0, 1e9)).fit(sample)
    np.testing.assert_allclose(fitted.credit_, Last().fit(sample).credit_, rtol=1e-6)


@pytest.mark.parametrize(
    ("table", "word"),
    [(lifts(1.0, 0.0), "standard_error"), (lifts(1.0, 1.0).replace("video", "tv"), "tv")],
)
def test_lifts_that_cannot_be_used_are_refused(table, word: str, sample: JourneyLog) -> None:
    with pytest.raises(AttributionError, match=word):
        Calibrated(Last(), table).fit(sample)
