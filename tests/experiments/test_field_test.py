"""A company's own test: known effects lie in the intervals, placebo tests tell, money is right."""

import contextlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import binom, norm

from experiments import Asked, TableError, analyse_test, read_lifts  # type: ignore[attr-defined]
from experiments.field_test.difference_of_means import difference_of_means
from experiments.field_test.estimate import Estimate, NotApplicable
from experiments.field_test.methods import METHODS
from experiments.field_test.money import cost_of_one, measured_share, money_of, per_money
from experiments.field_test.panel import Panel
from experiments.field_test.people import Arm, PeopleTable
from experiments.field_test.placebo import in_space, in_time
from experiments.field_test.synthetic import simplex_weights
from experiments.field_test.time_based import time_based_regression
from experiments.publish.field_test import publish_field_test
from experiments.report.field_test import page
from tests.experiments.panels import planted, start_of, treated_of, written

FAST = {"synthetic_control": 100, "augmented_synthetic_control": 40}
MANY = {"trimmed_match": {"treated": 12}}
"""Methods that need another test than one of few regions."""


def _made(name: str, seed: int, **wishes: float) -> tuple[Panel, float]:
    return planted(seed, **(MANY.get(name, {}) | wishes))  # type: ignore[arg-type]


def _least(count: int, share: float = 0.95) -> float:
    """What a share of `count` tests has to reach: one in a thousand falls short by chance.

    Methods are approximations: two points are theirs.
    """
    return float(binom.ppf(0.001, count, share - 0.02)) / count


@pytest.mark.parametrize("name", METHODS)
def test_intervals_hold_the_planted_effect_at_nearly_their_nominal_rate(name: str) -> None:
    count = FAST.get(name, 300)
    inside = 0
    for seed in range(count):
        panel, truth = _made(name, seed)
        found = METHODS[name](panel)
        inside += found.low <= truth <= found.high
    assert inside / count >= _least(count)


@pytest.mark.long
@pytest.mark.parametrize("echo", [0.0, 0.6])
@pytest.mark.parametrize("name", METHODS)
def test_intervals_hold_whatever_the_memory_of_regions(name: str, echo: float) -> None:
    count = 300
    hits = []
    for seed in range(count):
        panel, truth = _made(name, 1000 + seed, echo=echo)
        found = METHODS[name](panel)
        hits.append(found.low <= truth <= found.high)
    assert _least(count) <= np.mean(hits)


@pytest.mark.parametrize("name", METHODS)
def test_nothing_is_found_where_nothing_was_done(name: str) -> None:
    count = FAST.get(name, 300)
    found = [
        METHODS[name](_made(name, seed, effect=0.0)[0], interval=False) for seed in range(count)
    ]
    false = sum(one.p_value <= 0.05 for one in found)
    assert false <= binom.ppf(0.999, count, 0.07)
    effects = np.array([one.percent[0] for one in found])
    assert abs(effects.mean()) < 4 * effects.std() / np.sqrt(count)


@pytest.mark.parametrize("name", [name for name in METHODS if name not in FAST])
def test_an_effect_that_is_detectable_is_found_four_times_in_five(name: str) -> None:
    count, found = 200, 0
    for seed in range(count):
        quiet = METHODS[name](_made(name, seed, effect=0.0)[0])
        effect = quiet.detectable / quiet.expected
        found += METHODS[name](_made(name, seed, effect=effect)[0]).p_value <= 0.05
    se = np.sqrt(0.8 * 0.2 / count)
    assert abs(found / count - 0.8) < 4 * se


def test_synthetic_weights_are_the_best_of_all_that_sum_to_one() -> None:
    rng = np.random.default_rng(4)
    donors, target = rng.normal(size=(6, 30)), rng.normal(size=30)
    found = simplex_weights(donors, target)
    assert found.min() >= 0
    assert found.sum() == pytest.approx(1.0)
    slow = minimize(
        lambda w: ((w @ donors - target) ** 2).sum(), np.full(6, 1 / 6), method="SLSQP",
        bounds=[(0, 1)] * 6, constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
    )  # fmt: skip
    assert ((found @ donors - target) ** 2).sum() <= slow.fun * (1 + 1e-6)


def test_a_treated_region_that_is_a_mixture_of_controls_is_found_exactly() -> None:
    panel, _ = planted(3, effect=0.0)
    outcome = panel.outcome.copy()
    controls = np.flatnonzero(~panel.treated)[:3]
    treated = np.flatnonzero(panel.treated)
    mixture = np.array([0.5, 0.3, 0.2]) @ outcome[controls]
    outcome[treated] = mixture + 500.0
    outcome[treated, panel.before :] += 40.0
    found = METHODS["synthetic_control"](replace(panel, outcome=outcome))
    assert found.effect == pytest.approx(40.0 * panel.days * len(treated), rel=1e-6)


def test_time_based_regression_is_least_squares_and_its_interval_that_of_a_prediction() -> None:
    """With errors without memory the variance is that of Kerman, Wang and Vaver's formula."""
    panel, _ = planted(8, echo=0.0)
    found = time_based_regression(panel)
    y = panel.outcome[panel.treated].sum(axis=0)
    x = panel.outcome[~panel.treated].sum(axis=0)
    slope, level = np.polyfit(x[: panel.before], y[: panel.before], 1)
    assert found.effect == pytest.approx((y - level - slope * x)[panel.before :].sum(), rel=1e-6)
    left = (y - level - slope * x)[: panel.before]
    n, m = panel.before, panel.days
    away = x[panel.before :].mean() - x[:n].mean()
    spread = ((x[:n] - x[:n].mean()) ** 2).sum()
    se = np.sqrt(left @ left / (n - 2) * (m + m**2 * (1 / n + away**2 / spread)))
    assert 0.9 < found.se / se < 2.0  # memory that residuals show by chance widens it


@pytest.mark.parametrize("name", METHODS)
def test_methods_do_not_depend_on_the_order_of_regions_or_the_unit(name: str) -> None:
    panel, _ = _made(name, 5)
    order = np.random.default_rng(1).permutation(len(panel.treated))
    moved = Panel(panel.outcome[order] * 1000.0, panel.treated[order], panel.before)
    one, two = METHODS[name](panel), METHODS[name](moved)
    for key in ("effect", "low", "high", "detectable"):
        assert getattr(two, key) == pytest.approx(1000.0 * getattr(one, key), rel=5e-3), key


def test_one_wild_pair_does_not_move_a_trimmed_match() -> None:
    panel, truth = planted(2, treated=12, noise=0.02)
    wild = panel.outcome.copy()
    wild[np.flatnonzero(panel.treated)[0], panel.before :] *= 3.0
    found = METHODS["trimmed_match"](replace(panel, outcome=wild))
    plain = METHODS["difference_in_differences"](replace(panel, outcome=wild))
    assert abs(found.effect - truth) < truth / 2 < abs(plain.effect - truth)


def test_a_trimmed_match_goes_by_money_where_pairs_had_it_one_way() -> None:
    """Effects in proportion to money that has nothing to do with size are held, pair by pair."""
    rng, name, inside, count = np.random.default_rng(6), "trimmed_match", 0, 200
    for seed in range(count):
        panel, _ = planted(seed, treated=12, effect=0.0)
        spend = np.full(panel.outcome.shape, 100.0)
        extra = rng.uniform(500.0, 1500.0, 12)
        spend[panel.treated, panel.before :] += extra[:, None]
        outcome = panel.outcome.copy()
        outcome[panel.treated, panel.before :] += 0.1 * extra[:, None]
        found = METHODS[name](replace(panel, outcome=outcome, spend=spend))
        inside += found.low <= 0.1 * extra.sum() * panel.days <= found.high
    assert inside / count >= _least(count)
    mixed = replace(panel, spend=rng.uniform(0.0, 1.0, panel.outcome.shape))
    assert METHODS[name](mixed).effect == METHODS[name](panel).effect


def test_methods_say_why_they_are_not_made_for_a_test() -> None:
    panel, _ = planted(1, treated=2)
    with pytest.raises(NotApplicable, match="6 pairs"):
        METHODS["trimmed_match"](panel)
    few, _ = planted(1, regions=4, treated=2)
    with pytest.raises(NotApplicable, match="4 controls"):
        METHODS["difference_in_differences"](few)
    short, _ = planted(1, before=10, days=4)
    with pytest.raises(NotApplicable, match="24 dates"):
        METHODS["synthetic_control"](short)


@pytest.mark.parametrize("level", ["everywhere", "in controls", "in treated"])
def test_regions_that_never_change_are_no_trouble(level: str) -> None:
    panel, _ = planted(1, regions=10)
    outcome = panel.outcome.copy()
    still = {"everywhere": slice(None), "in controls": ~panel.treated, "in treated": panel.treated}
    outcome[still[level]] = 7.0
    for method in METHODS.values():
        with contextlib.suppress(NotApplicable):
            found = method(replace(panel, outcome=outcome))
            assert found.low <= found.effect <= found.high
            assert level != "everywhere" or abs(found.effect) < 1e-6


def test_placebo_tests_in_time_see_regions_that_drift() -> None:
    name = "time_based_regression"
    still, adrift = [], []
    for seed in range(25):
        panel, _ = planted(seed, before=120, days=10, treated=2)
        walk = np.cumsum(np.random.default_rng([3, seed]).normal(0, 0.05, 130))
        moved = panel.outcome.copy()
        moved[panel.treated] *= np.exp(walk)
        still.append(in_time(name, METHODS[name], panel))
        adrift.append(in_time(name, METHODS[name], replace(panel, outcome=moved)))
    assert {check.tests for check in still + adrift} == {11}
    quiet, loud = (np.mean([check.rejected or 0 for check in one]) / 11 for one in (still, adrift))
    assert loud > quiet + 3 * np.sqrt(0.05 * 0.95 / (25 * 11))
    assert sum(check.passed is False for check in still) <= 4


def test_placebo_tests_in_time_fail_where_more_is_found_than_chance_finds() -> None:
    panel, _ = planted(1, before=120, days=10)

    def always(panel: Panel, *, interval: bool = True) -> Estimate:
        return replace(time_based_regression(panel, interval=interval), p_value=0.01)

    assert in_time("always", always, panel).passed is False
    assert in_time("time", time_based_regression, panel).passed is True
    assert in_time("short", time_based_regression, planted(1, before=12)[0]).passed is None


def test_placebo_tests_in_space_rank_a_large_effect_first_and_none_somewhere() -> None:
    method = METHODS["synthetic_control"]
    large, _ = planted(6, treated=1, effect=0.5)
    found = in_space("x", method, large, method(large), seed=1)
    assert found.p_value == pytest.approx(1 / 24)
    ranks = []
    for seed in range(30):
        panel, _ = planted(seed, treated=1, effect=0.0)
        check = in_space("x", method, panel, method(panel, interval=False), seed=1)
        assert check.p_value is not None
        ranks.append(check.p_value)
    assert abs(np.mean(ranks) - 0.52) < 4 * np.sqrt(1 / 12 / 30)


def test_money_is_what_the_test_cost_beyond_what_would_have_been_spent() -> None:
    panel, _ = planted(1)
    spend = np.full(panel.outcome.shape, 10.0)
    spend[:, panel.before :] = 12.0  # everywhere a fifth more
    spend[panel.treated, panel.before :] = 36.0
    money = money_of(replace(panel, spend=spend))
    assert money is not None
    days = panel.days * 4
    assert (money.spent, money.usual, money.extra) == pytest.approx(
        (36 * days, 12 * days, 24 * days)
    )
    assert money.change == pytest.approx(2.0)
    found = METHODS["difference_in_differences"](panel)
    rate, cost = per_money(found, money.extra), cost_of_one(found, money.extra)
    assert rate["estimate"] * money.extra == pytest.approx(found.effect)
    assert cost["estimate"] == pytest.approx(1 / rate["estimate"])


def _estimate(effect: float, expected: float):  # type: ignore[no-untyped-def]
    return replace(
        METHODS["difference_in_differences"](planted(1)[0]),
        effect=effect, low=effect - 1.96 * 10, high=effect + 1.96 * 10, expected=expected,
    )  # fmt: skip


def test_the_share_of_all_money_follows_from_what_was_done() -> None:
    assert measured_share(_estimate(-50, 1000), "off") == pytest.approx((0.05, 0.01), rel=1e-4)
    assert measured_share(_estimate(50, 1000), "on")[0] == pytest.approx(50 / 1050)
    # Half as much again: 1.5 (1 + h) / (1.5 + h) - 1 of the share, h around 1.
    share, error = measured_share(_estimate(10, 1000), 0.5)
    assert 3 < share / 0.01 < 6
    assert error > 0.01 * share / 0.01
    saved = measured_share(_estimate(-50, 1000), -0.999)[0]
    assert saved == pytest.approx(0.05, rel=0.01)


def test_a_test_of_people_has_the_interval_of_two_shares() -> None:
    """Newcombe (1998), table II: 56/70 against 48/80 is 0.20, 0.0524 to 0.3339."""
    table = PeopleTable("x", "", "conversions", "y", ("a", "b"), Arm(70, 56, 56), Arm(80, 48, 48))
    found = difference_of_means(table)
    ends = [x / 70 for x in (found.effect, found.low, found.high)]
    assert ends == pytest.approx([0.2, 0.0524, 0.3339], abs=1e-4)
    pooled = 104 / 150
    z = 0.2 / np.sqrt(pooled * (1 - pooled) * (1 / 70 + 1 / 80))
    assert found.p_value == pytest.approx(2 * norm.sf(z))


def test_a_test_of_people_holds_the_truth_at_its_nominal_rate() -> None:
    rng, inside, count = np.random.default_rng(5), 0, 400
    for _ in range(count):
        values = [rng.lognormal(0.0, 1.0, 300) * (rng.random(300) < 0.3) for _ in range(2)]
        arms = [Arm(300, float(v.sum()), float((v**2).sum())) for v in values]
        found = difference_of_means(PeopleTable("x", "", "revenue", "y", ("a", "b"), *arms))
        inside += found.low <= 0 <= found.high
    assert inside / count >= _least(count)


def test_a_table_as_geolift_has_it_gives_what_its_matrix_gives(tmp_path: Path) -> None:
    panel, truth = planted(11, regions=14, noise=0.02)
    file = written(panel, tmp_path / "test.csv")
    asked = Asked(treated=treated_of(panel), start=start_of(panel), channel="电视")
    found = analyse_test(file, asked, change="on", spend=5000.0)
    plain = METHODS["synthetic_control"](panel)
    assert found.method == "synthetic_control"
    assert found.estimate.effect == pytest.approx(plain.effect, rel=1e-5)
    assert found.estimate.low <= truth <= found.estimate.high
    document = publish_field_test(found, tmp_path / "out")
    assert {one["method"] for one in document["methods"]} == set(METHODS)
    assert document["detectable"] > 0
    line = read_lifts(tmp_path / "out" / "tests.csv")[0]
    assert (line.channel, str(line.start)) == ("电视", start_of(panel))
    assert line.lift == pytest.approx(document["share"]["lift"], rel=1e-5)
    assert "电视" in page(found)


def test_another_test_is_added_and_the_same_one_takes_its_own_place(tmp_path: Path) -> None:
    panel, _ = planted(11, regions=10)
    file = written(panel, tmp_path / "test.csv")
    out = tmp_path / "tests.csv"
    for channel in ("tv", "radio", "tv"):
        asked = Asked(treated=treated_of(panel), start=start_of(panel), channel=channel)
        publish_field_test(analyse_test(file, asked, change="on"), out)
    assert [line.channel for line in read_lifts(out)] == ["radio", "tv"]
    out.write_text("notes of my own\n", "utf-8")
    with pytest.raises(TableError.__base__, match="not written over"):  # type: ignore[arg-type]
        publish_field_test(analyse_test(file, asked, change="on"), out)
    assert out.read_text("utf-8") == "notes of my own\n"


def test_a_line_of_lifts_asks_for_what_it_needs(tmp_path: Path) -> None:
    panel, _ = planted(11, regions=10)
    file = written(panel, tmp_path / "test.csv")
    asked = Asked(treated=treated_of(panel), start=start_of(panel))
    for wishes, said in ((asked, "--channel tv"), (replace(asked, channel="tv"), "--change off")):
        with pytest.raises(TableError, match=said):
            publish_field_test(analyse_test(file, wishes), tmp_path / "tests.csv")
    document = publish_field_test(analyse_test(file, asked), tmp_path / "out")
    assert document["tests"] is None
    assert any("--channel" in remark for remark in document["remarks"])
