"""Controls of a history: which are fitted, what the market knows of them, what comes back."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom

from experiments import calibrate  # type: ignore[attr-defined]
from experiments.calibration.control_effects import (
    FARTHEST,
    LARGEST,
    control_columns,
    fitted_controls,
    knowing,
    with_controls,
)
from experiments.calibration.health.controls import SHARED
from experiments.calibration.history import EarlierYear, History
from experiments.calibration.history_file import HistoryError
from experiments.calibration.market import as_history, simulate_weeks
from experiments.calibration.moments import Moments, series_of
from experiments.calibration.parameters import applied, parameters_of
from experiments.calibration.result import Calibration
from experiments.report.calibration import page
from scenarios import Control, Scenario
from tests.experiments.company import money
from tests.scenes import base
from tiermix.core.arrays import Floats

BASE = base(defaults={"customers": 1500, "communities": 4})
PRICE, PROMOTION = -0.3, 0.6
"""Planted: log needs for a standard deviation of price, and while a promotion is on."""
TRUTH = {"control price": PRICE, "control promotion": PROMOTION}


def known(history: History, **controls: Floats | list[float]) -> History:
    return replace(history, controls={k: np.array(x, dtype=float) for k, x in controls.items()})


def year(seed: int, together: float = 0.6) -> History:
    """A year of money whose promotions go along with video's spend, as they use to."""
    rng, spent = np.random.default_rng(seed), money(seed, told=False)
    video = np.log(spent.spend[:, 0])
    moved = together * (video - video.mean()) / video.std()
    moved += np.sqrt(1 - together**2) * rng.standard_normal(52)
    return known(spent, price=20 + 2 * rng.standard_normal(52), promotion=moved > 0.8)


def market(
    seed: int,
    customers: int,
    together: float = 0.6,
    below: Scenario = BASE,
    truth: Mapping[str, float] = TRUTH,
) -> History:
    """A year of a company whose price and promotions move needs as planted."""
    spent = year(seed, together)
    world = with_controls(below, spent)
    parameters = parameters_of(world, spent)
    moved = applied(world, parameters, np.array([truth.get(p.name, 0.0) for p in parameters]))
    lived = simulate_weeks([moved], [seed], customers, spent, workers=1)[0]
    told = {what: getattr(spent, what) for what in ("impressions", "clicks", "spend")}
    return replace(as_history(lived, spent, below), **told)


def strong() -> Scenario:
    """The base with media that make many of its orders: effects that a year can tell."""
    data = BASE.model_dump(mode="json")
    for channel in data["channels"]:
        for field in ("goodwill_seen", "goodwill_engaged", "awaken"):
            channel[field] *= 4
    return Scenario.model_validate(data)


@pytest.fixture(scope="module")
def found() -> Calibration:
    return calibrate(market(2, 3000), BASE, customers=400, seed=2, workers=1)


# ---- what is fitted


def test_a_control_without_variation_is_not_fitted_and_told() -> None:
    history = fitted_controls(known(money(1, told=False), same=[3.0] * 52, price=range(52)))
    assert list(history.controls) == ["price"]
    assert history.unused == (
        "control same is not fitted: it has the same value in every week, so that nothing can "
        "follow it.",
    )


def test_weeks_without_a_value_are_told_and_too_many_of_them_are_no_control() -> None:
    some, few = np.arange(52.0), np.full(52, np.nan)
    some[:3], few[:25] = np.nan, np.arange(25)
    history = fitted_controls(known(money(1, told=False), some=some, few=few))
    assert list(history.controls) == ["some"]
    assert "control few is not fitted: 25 of 52 weeks have a value." in history.unused
    assert any("some has no value in 3 of 52 weeks; its usual" in x for x in history.unused)


def test_more_controls_than_weeks_can_tell_are_left_out_by_name() -> None:
    rng = np.random.default_rng(0)
    many = {f"c{n}": rng.standard_normal(52) for n in range(15)}
    history = fitted_controls(known(money(1, told=False), **many))
    assert list(history.controls) == [f"c{n}" for n in range(13)]
    assert any("control c14 is not fitted: 52 weeks tell 13 controls" in x for x in history.unused)


# ---- what the market knows


def test_noughts_and_ones_stay_and_others_are_in_standard_deviations() -> None:
    spent = known(money(1, told=False), on=[0.0, 1.0] * 26, price=[8.0, 12.0] * 26)
    on, price = with_controls(BASE, spent).controls
    assert (on.usual, on.unit, on.effect) == (0.0, 1.0, 0.0)
    assert (price.usual, price.unit) == (10.0, 2.0)
    assert price.start == spent.weeks[0]
    assert control_columns(with_controls(BASE, spent), spent)[:2].tolist() == [[0, -1], [1, 1]]


def test_a_lonely_week_is_never_farther_than_four_units() -> None:
    spike = np.zeros(52)
    spike[9] = 30.0
    spent = known(money(1, told=False), spike=spike)
    assert control_columns(with_controls(BASE, spent), spent).max() == pytest.approx(FARTHEST, 1e-3)


def test_an_effect_beyond_what_a_market_may_have_is_held_there() -> None:
    spent = known(money(1, told=False), on=[0.0, 1.0] * 26)
    world = with_controls(BASE, spent)
    parameters = parameters_of(world, spent)
    at = np.array([50.0 * (p.name == "control on") for p in parameters])
    assert applied(world, parameters, at).controls[0].factors(spent.weeks[0], 14).max() == (
        pytest.approx(LARGEST)
    )


def test_factors_that_are_too_large_together_are_one_short_sentence() -> None:
    """A season and a control may each be what a scenario may have, and their product not."""
    spent = known(money(1, told=False), on=[0.0, 1.0] * 26)
    world = with_controls(BASE, spent)
    parameters = parameters_of(world, spent)
    far = {"season sale": 2.5, "control on": 50.0}
    with pytest.raises(HistoryError, match="asks for a market that no scenario may have") as told:
        applied(world, parameters, np.array([far.get(p.name, 0.0) for p in parameters]))
    assert "at most 20" in str(told.value)
    assert "market_size" in str(told.value)
    assert len(str(told.value)) < 500


def test_a_week_that_is_not_known_moves_nothing() -> None:
    price = np.array([8.0, 12.0] * 26)
    price[5] = np.nan
    spent = known(money(1, told=False), price=price)
    world = with_controls(BASE, spent)
    assert control_columns(world, spent)[5, 0] == 0.0
    assert world.controls[0].values[5] is None


def test_a_base_keeps_its_scale_and_effect_and_what_it_knows_of_later_weeks() -> None:
    spent = known(money(1, told=False), price=range(52))
    theirs = Control(name="price", effect=-0.2, usual=7.0, unit=3.0, start=dt.date(2025, 1, 1),
                     values=(*[0.0] * 52, 11.0, 12.0))  # fmt: skip
    own = Scenario.model_validate({**BASE.model_dump(), "controls": [theirs.model_dump()]})
    (price,) = with_controls(own, spent).controls
    assert (price.effect, price.usual, price.unit) == (-0.2, 7.0, 3.0)
    assert price.values[-4:] == (50.0, 51.0, 11.0, 12.0)


def test_earlier_years_live_the_values_that_they_had() -> None:
    spent = known(money(1, told=False), price=range(52))
    earlier = replace(spent, earlier=(EarlierYear(0, 20, 140),))
    world = with_controls(BASE, earlier)
    assert world.controls[0].values[0] == 20.0
    first = knowing(world, earlier.years()[0]).controls[0]
    assert (first.start, first.values[:2]) == (spent.weeks[20], (0.0, 1.0))
    assert knowing(BASE, earlier) is BASE


def test_factors_that_no_market_may_have_are_a_sentence() -> None:
    theirs = Control(name="price", effect=3.0, start=dt.date(2025, 1, 1), values=(0.0,))
    own = Scenario.model_validate({**BASE.model_dump(), "controls": [theirs.model_dump()]})
    with pytest.raises(HistoryError, match=r"controls price: .*at most 20.*farthest weeks"):
        with_controls(own, known(money(1, told=False), price=range(52)))


def test_what_a_control_explains_is_no_noise_of_the_moments() -> None:
    spent = known(money(1, told=False), price=np.sin(np.arange(52.0)))
    world = with_controls(BASE, spent)
    series = series_of(world, spent)[0]
    moved = replace(spent, conversions=spent.conversions + 0.3 * spent.controls["price"])
    assert series.noise(moved, spent)[0] < 1e-5
    moments = Moments((series,))
    assert np.abs(moments.of(moved) - moments.of(spent)).max() > 0.1
    assert series_of(BASE, spent)[0].noise(moved, spent)[0] > 1e-3


# ---- what comes back


def test_planted_effects_come_back_with_their_intervals(found: Calibration) -> None:
    rows = {row["control"]: row for row in found.controls}
    for name, truth in (("price", PRICE), ("promotion", PROMOTION)):
        error = (rows[name]["high"] - rows[name]["low"]) / 4
        assert abs(rows[name]["effect"] - truth) < 4 * error
        assert rows[name]["verdict"] == "learned"
        assert not rows[name]["low"] <= 0.0 <= rows[name]["high"]


@pytest.mark.long
def test_intervals_hold_what_was_planted_and_media_are_read_better_with_controls() -> None:
    """Promotions go along with video's spend: who does not know them takes them for its effect.

    Nine companies with strong media; the truth of video's effect is the base's, 0 on its scale.
    """
    base, inside, better = strong(), 0, []
    for seed in range(500, 509):
        truth = {"control promotion": 0.5}
        history = market(seed, 6000, 0.9, base, truth)
        known = replace(history, controls={"promotion": history.controls["promotion"]})
        fit = calibrate(known, base, customers=1500, seed=seed, workers=1)
        (row,) = fit.controls
        inside += row["low"] <= truth["control promotion"] <= row["high"]
        video = next(x for x in fit.without_controls["effects"] if x["channel"] == "video")
        better.append(abs(np.log(video["without"])) - abs(np.log(video["with"])))
        assert fit.without_controls["r2"] < fit.fit["r2"]
    assert inside >= binom.ppf(0.01, 9, 0.95)
    assert np.mean(better) > 2.0 * np.std(better, ddof=1) / 3.0


def test_the_scenario_that_is_written_knows_them(found: Calibration) -> None:
    price, promotion = found.scenario.controls
    assert price.effect < 0.0 < promotion.effect
    assert len(price.values) == 52
    # The planned year repeats what the year before had, week by week.
    days = found.scenario.history_days
    first = found.history.weeks[0]
    assert np.array_equal(
        promotion.factors(first, 300), promotion.factors(first + dt.timedelta(364), 300)
    )
    assert days in (365, 366)


def test_the_card_and_the_page_tell_them_apart_from_spend(found: Calibration) -> None:
    figure = next(one for one in found.health.figures if one.figure == "controls")
    assert figure.level == "ok"
    assert "price 0." in figure.says
    assert "promotion 1." in figure.says
    row = next(row for row in found.controls if row["control"] == "promotion")
    assert row["beside"] == "spend of video"
    assert row["like"] > 0.3
    assert 0.0 <= row["shared"] < SHARED
    bare = found.without_controls
    assert bare["r2"] < found.fit["r2"] - 0.2
    assert [one["channel"] for one in bare["effects"]] == ["video", "social"]
    assert f"without them R² would be {bare['r2']:.2f}" in figure.says
    assert 'id="controls"' in page(found)
    assert found.to_dict()["controls"] == found.controls
    assert any("nothing is known after 2025-12-30" in x for x in found.to_dict()["remarks"])


def test_a_control_that_is_a_channels_spend_is_told(found: Calibration) -> None:
    """Posterior and parameters as they are; the weeks of the promotion are those of the spend."""
    twin = found.history.spend[:, 0] / 1000
    other = replace(found, history=known(found.history, price=twin, promotion=twin > twin.mean()))
    figure = next(one for one in other.health.figures if one.figure == "controls")
    assert figure.level == "look"
    assert "Not to be told from what else moves the weeks: price" in figure.says
    assert "spend of video" in figure.says
