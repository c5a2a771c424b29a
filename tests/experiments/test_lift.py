"""lift: what it computes, against formulas, against ground truth, and what it refuses."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from attribution import Linear
from attribution.calibrated import Calibrated
from attribution.samples import sample_log
from experiments.lift_test.design import ROWS, LiftError, designed
from experiments.lift_test.estimate import (
    Estimate,
    assign_pairs,
    estimate_communities,
    estimate_people,
)
from experiments.lift_test.result import Lift
from experiments.lift_test.run import lift, outcome
from experiments.lift_test.simulation import CommunityOutcome, Experiment, simulate_tests
from experiments.report.lift import page
from experiments.tracking.lift import lift_records
from experiments.tracking.store import Store
from scenarios import MediaPlan, Scenario, load_scenario
from sim import ground_truth
from tests.experiments.conftest import Call
from tests.scenes import DIRECT, mail, market, media, shopper, slot

LUCK = np.random.default_rng(11)
INERT = {
    "attention": 0.0,
    "awareness": 0.0,
    "engagement": 0.0,
    "goodwill_seen": 0.0,
    "goodwill_engaged": 0.0,
    "themed": False,
}


def _market(**more: Any) -> Scenario:
    """Two channels, no word of mouth, no tail; one does much, the other nothing."""
    strong = {"engagement": 0.1, "goodwill_engaged": 0.3, "awaken": 0.1, "click_through": 0.3}
    fields: dict[str, Any] = {
        "people": shopper(base_utility=-0.5),
        "defaults": {"communities": 16, "customers": 160, "tail_days": 0},
    }
    return market(media(peak=0.3, **strong), media("inert"), DIRECT, **{**fields, **more})


def _field(scenario: Scenario, channel: str, kind: str, **options: Any) -> Experiment:
    plan = scenario.reference_plan
    design = designed(scenario, channel, kind, plan=plan, **options)
    return Experiment(scenario, design, plan, scenario.defaults.customers, 3)


def _found(field: Experiment) -> list[CommunityOutcome]:
    return simulate_tests([field], workers=1)[0]


# --- the arithmetic of readings ---------------------------------------------------------------


def _sums(y: np.ndarray[Any, Any], x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """`n, y, x, xx, xy` of people whose outcomes y and x have shape [communities, 2, people]."""
    return np.stack([np.ones_like(y), y, x, x**2, x * y], axis=-1).sum(axis=2)


def test_without_a_past_a_reading_of_people_is_a_difference_of_means() -> None:
    y = LUCK.poisson(1.0, (12, 2, 30)).astype(float)
    found = estimate_people(_sums(y, np.zeros_like(y)))
    assert found.effect == pytest.approx(y[:, 0].mean() - y[:, 1].mean())
    left = [np.delete(y, g, axis=0).mean(axis=(0, 2)) for g in range(12)]
    each = np.array([shown - held for shown, held in left])
    assert found.se == pytest.approx(np.sqrt(11 / 12 * ((each - each.mean()) ** 2).sum()))
    assert found.freedom == 11


def test_a_past_that_tells_all_leaves_no_error() -> None:
    x = LUCK.poisson(2.0, (10, 2, 20)).astype(float)
    y = 3.0 * x + np.array([1.5, 0.0])[:, None]
    found = estimate_people(_sums(y, x))
    assert_allclose((found.effect, found.se), (1.5, 0.0), atol=1e-9)


def test_a_reading_of_places_has_the_error_of_two_means() -> None:
    """HC2 without a covariate is Neyman's variance, s1² / n1 + s0² / n0 (Samii and Aronow 2012)."""
    y, treated = LUCK.normal(size=20), np.arange(20) < 8
    found = estimate_communities(y, np.zeros(20), treated)
    arms = y[treated], y[~treated]
    assert found.effect == pytest.approx(arms[1].mean() - arms[0].mean())
    assert found.se == pytest.approx(np.sqrt(sum(a.var(ddof=1) / len(a) for a in arms)))
    assert found.freedom == 18


def test_a_reading_of_places_is_the_regression_on_their_past() -> None:
    before, treated = LUCK.normal(size=24), np.arange(24) % 2 == 0
    y = 2.0 + 0.7 * before - 0.4 * treated + LUCK.normal(0.0, 0.1, 24)
    columns = np.column_stack([np.ones(24), treated, before])
    slopes = np.linalg.lstsq(columns, y, rcond=None)[0]
    found = estimate_communities(y, before, treated)
    assert found.effect == pytest.approx(-slopes[1])
    assert found.freedom == 21


def test_one_of_each_pair_that_was_alike_is_treated() -> None:
    before, region = LUCK.normal(size=30), np.repeat([0, 1], [14, 16])
    order = np.lexsort((before, region))
    for seed in range(20):
        treated = assign_pairs(before, region, np.random.default_rng(seed))
        assert (treated[order].reshape(-1, 2).sum(axis=1) == 1).all()
    several = [assign_pairs(before, region, np.random.default_rng(n))[0] for n in range(200)]
    assert 60 < sum(several) < 140  # a coin: binomial, 5 standard deviations


def test_what_is_detectable_is_found_four_times_in_five() -> None:
    reading = Estimate(0.0, 2.0, 30)
    assert reading.power(reading.detectable) == pytest.approx(0.8, abs=0.005)
    assert reading.power(0.0) == pytest.approx(0.05)
    assert Estimate(0.0, 0.0, 9).p_value == 1.0


# --- what the field shows ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["ab", "geo"])
def test_the_truth_of_a_whole_year_is_the_removal_effect(kind: str) -> None:
    scenario = _market()
    field = _field(scenario, "media", kind)
    removal = ground_truth(scenario, seed=3, over=["media"], customers=160, workers=1)
    told = outcome(field, _found(field))
    row = removal.table.iloc[0]
    assert told.truth[-1] == pytest.approx(row["effect"])
    assert told.truth_se[-1] == pytest.approx(row["se"])
    assert told.truth[-1] > 0
    assert told.spent == pytest.approx(1e6)


@pytest.mark.parametrize(
    "kpi",
    [pytest.param(k, marks=() if k == "leads" else pytest.mark.long) for k in sorted(ROWS)],
)
def test_people_add_up_to_what_the_market_counts(kpi: str) -> None:
    """Of a channel that does nothing both arms together are the market as planned."""
    name, channel = (
        ("b2b", "qa_communities") if kpi in ("leads", "downloads") else ("retail", "kol")
    )
    changes = {f"channels.{channel}.{field}": value for field, value in INERT.items()}
    scenario = load_scenario(name, changes)
    field = _field(scenario, channel, "ab", kpi=kpi, start="2026-02-01", weeks=9, watch=2)
    found = simulate_tests([replace(field, customers=300)], workers=1)[0]
    counted = np.array([one.planned for one in found])
    seen = np.array([one.arms[:, :, 1].sum(axis=1) for one in found])
    assert_allclose(seen, counted, rtol=1e-12)
    assert_allclose([one.without for one in found], counted)
    assert counted[:, -1].sum() > 0
    assert (np.diff(counted, axis=1) >= 0).all()


@pytest.mark.parametrize("kind", ["ab", "geo"])
def test_a_channel_that_does_nothing_has_no_effect(kind: str) -> None:
    told = lift(_market(), "inert", kind, weeks=20, seed=3, workers=1)
    assert told.truth == 0.0
    assert told.power["customers"] == math.inf
    assert abs(told.estimate) < 5 * told.first.final.se


def test_people_are_held_out_by_the_share_and_only_in_the_test() -> None:
    """With and without are the same markets, whoever is kept from it and however."""
    when = {"start": "2026-04-01", "weeks": 8}
    found = _found(_field(_market(), "media", "ab", share=0.2, **when))
    held = sum(one.arms[-1, 1, 0] for one in found)
    assert 10 < held < 60  # of 160, binomial, five standard deviations
    whole = _found(_field(_market(), "media", "geo", **when))
    assert [one.before for one in found] == [one.before for one in whole]
    assert_allclose([one.planned for one in found], [one.planned for one in whole])
    assert_allclose([one.without for one in found], [one.without for one in whole])


def test_more_money_is_told_as_what_it_adds() -> None:
    more = lift(_market(), "media", "geo", change=1.0, weeks=26, seed=3, workers=1)
    less = lift(_market(), "media", "geo", change=-0.5, weeks=26, seed=3, workers=1)
    off = lift(_market(), "media", "geo", weeks=26, seed=3, workers=1)
    assert 0 < more.truth < off.truth
    assert 0 < less.truth < off.truth
    assert more.first.spent == pytest.approx(off.first.spent)
    assert less.first.spent == pytest.approx(off.first.spent / 2)


def test_places_that_a_channel_does_not_reach_are_left_out() -> None:
    regions = [{"name": "here", "share": 0.5}, {"name": "there", "share": 0.5}]
    scenario = market(
        media(regions=["here"], engagement=0.1, awaken=0.2, click_through=0.3),
        DIRECT,
        people=shopper(),
        regions=regions,
        defaults={"communities": 32, "customers": 160},
    )
    field = _field(scenario, "media", "geo")
    assert {one.region for one in field.communities} == {0}
    assert len(field.communities) == 16


def test_a_single_message_can_be_withheld() -> None:
    rules = [
        {"name": name, "when": "order", "wait": wait, "channel": "mail", "offer": 1.0}
        for name, wait in (("soon", 1.0), ("late", 9.0))
    ]
    scenario = market(
        mail(engagement=0.5, goodwill_engaged=0.5, click_through=0.9),
        DIRECT,
        people=shopper(needs_per_year=20.0, repeat_needs_per_year=20.0),
        behaviour={"signup": 1.0},
        automation={"rules": rules, "weekly_cap": 9, "open_rate": 1.0},
        defaults={"communities": 16, "customers": 160, "tail_days": 0},
    )
    one = lift(scenario, "mail", message="soon", seed=3, workers=1)
    both = lift(scenario, "mail", seed=3, workers=1)
    assert 0 < one.first.spent < both.first.spent
    assert one.truth != both.truth
    with pytest.raises(LiftError, match="whole channels"):
        _ = one.lifts


# --- the answer -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def told() -> Lift:
    return lift(_market(), "media", weeks=30, replications=3, seed=5, workers=1)


def test_the_answer_is_the_first_world_and_the_curve_ends_in_it(told: Lift) -> None:
    last = told.curve.iloc[-1]
    assert (last["estimate"], last["truth"]) == (told.estimate, told.truth)
    assert told.worlds["estimate"].iloc[0] == told.estimate
    assert len(told.worlds) == 3
    assert len(told.curve) == 30
    assert told.low < told.estimate < told.high


def test_repetition_tells_coverage_and_one_test_does_not(told: Lift) -> None:
    assert told.coverage is not None
    assert told.coverage.estimate == pytest.approx(told.worlds["covered"].mean())
    once = lift(_market(), "media", weeks=4, seed=5, workers=1)
    assert (once.coverage, once.rejected, once.error) == (None, None, None)
    assert once.to_dict()["coverage"] is None


def test_a_larger_panel_of_the_size_that_is_told_has_the_power(told: Lift) -> None:
    """Errors fall with the root of the number of customers."""
    power = told.power
    factor = np.sqrt(told.customers / power["customers"])
    mean_truth = told.worlds["truth"].mean()
    assert power["detectable"] * factor == pytest.approx(mean_truth, rel=0.01)


def test_the_test_calibrates_any_model(told: Lift) -> None:
    log = sample_log(50)
    channel = log.channels[0]
    lifts = told.lifts.assign(channel=channel)
    model = Calibrated(Linear(), lifts).fit(log)
    assert np.isfinite(model.credit_.to_numpy()).all()
    weight = told.scenario.market_size / told.customers
    assert told.lifts["conversions"].iloc[0] == pytest.approx(told.estimate / weight)


def test_it_prints_in_a_terminal_a_notebook_and_a_page(told: Lift) -> None:
    shown = repr(told)
    assert "50% of people held out of media" in shown
    assert "coverage" in shown
    shown = told._repr_html_()
    assert "<table" in shown
    assert "detectable" in shown
    named = told.scenario.model_copy(update={"name": "<i>"})
    assert "<i>" not in replace(told, scenario=named)._repr_html_()
    text = page(told)
    assert text.count("data-chart=") == 2
    assert "The test says" in text


def test_a_test_is_tracked_as_one_run(told: Lift, store: Store) -> None:
    logged = store.log("made up", lift_records(told))
    run = store.client.get_run(logged.run_ids[0])
    assert run.data.metrics["lift/estimate"] == pytest.approx(told.estimate)
    assert run.data.params["channel"] == "media"
    assert run.data.tags["kind"] == "lift"


# --- the command ------------------------------------------------------------------------------


@pytest.mark.long
def test_the_command_gives_one_document_and_a_page(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call("lift", "--help")[0] == 0
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")
    monkeypatch.chdir(tmp_path)
    size = ("--customers", "200", "--workers", "1", "--weeks", "4", "--quiet")
    asked = ("lift", "retail", "--channel", "douyin", "--design", "geo", "--change", "-50%")
    code, out, err = call(*asked, *size, "--json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert {"estimate", "low", "high", "truth", "covered"} <= set(document)
    assert document["change"] == -0.5
    assert Path(document["report"]).exists()
    assert document["mlflow"]["experiment"] == "tiermix/retail/lift"
    assert "/#/compare-runs?runs=" in document["mlflow"]["compare"]
    assert "\ncompare (after `tiermix ui`): http" in call(*asked, *size)[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--channel", "douyn"], "did you mean 'douyin'"),
        (["--channel", "direct"], "nobody can switch direct off"),
        (["--channel", "friends"], "nobody can switch friends off"),
        (["--channel", "local_life"], "use the design geo"),
        (["--channel", "seo"], "organic results"),
        (["--channel", "douyin", "--share", "1"], "share: 1"),
        (["--channel", "douyin", "--share", "0"], "share: 0"),
        (["--channel", "douyin", "--change", "-50%"], "use the design geo"),
        (["--channel", "douyin", "--change", "half"], "--change 'half'"),
        (["--channel", "douyin", "--start", "2027-03-01"], "not in the planned year"),
        (["--channel", "douyin", "--start", "soon"], "start: 'soon'"),
        (["--channel", "douyin", "--start", "2026-12-20", "--weeks", "3"], "weeks: 3"),
        (["--channel", "douyin", "--weeks", "0"], "weeks: 0"),
        (["--channel", "douyin", "--watch", "99"], "watch: 99"),
        (["--channel", "douyin", "--kpi", "nps"], "kpi: 'nps'"),
        (["--channel", "messages", "--message", "welcom"], "did you mean 'welcome'"),
        (["--channel", "douyin", "--design", "geo", "--share", "0.3"], "share: 0.3"),
        (["--channel", "douyin", "--design", "geo", "--change", "0%"], "change: +0%"),
        (["--channel", "douyin", "--design", "geo", "--message", "care"], "use the design ab"),
        (["--channel", "douyin", "--design", "triangle"], "triangle"),
        (["--channel", "douyin", "--replications", "0"], "replications"),
    ],
)
def test_what_cannot_be_tested_is_said_in_a_sentence(
    call: Call, arguments: list[str], words: str
) -> None:
    code, out, err = call("lift", "retail", *arguments, "--quiet")
    assert (code, out) == (2, "")
    assert words in err
    assert "Traceback" not in err


def test_too_few_communities_are_no_geography(call: Call) -> None:
    size = ("--customers", "5000", "--quiet")
    code, _, err = call("lift", "education", "--channel", "kol", "--design", "geo", *size)
    assert code == 2
    assert "geo needs 8 communities" in err


def test_what_has_no_money_or_no_dates_cannot_be_tested() -> None:
    scenario = _market()
    plan = MediaPlan.zeros(scenario.plannable, scenario.months)
    with pytest.raises(LiftError, match="no money in the plan"):
        lift(scenario, "media", plan=plan, workers=1)
    fair = {
        "name": "fair",
        "tier": 3,
        "delivery": "field",
        "peak": 1.0,
        "dates": [{"start": "2026-09-01", "end": "2026-09-05"}],
    }
    with pytest.raises(LiftError, match="does not take place"):
        lift(market(fair), "fair", "geo", weeks=4, workers=1)


def test_a_paid_slot_can_be_withheld_from_people() -> None:
    """The page then shows the others: no more orders than with it."""
    scenario = market(
        slot("ads", "paid", slot_utility=1.0, click_through=1.0, engagement=0.0),
        slot("pages", "organic", slot_utility=0.0, click_through=1.0),
        people=shopper(),
        search={"direct_base": -40.0, "nobody_utility": 1.0, "competitor_sale": 0.0},
        defaults={"communities": 16, "customers": 160},
    )
    told = lift(scenario, "ads", seed=3, workers=1)
    assert told.truth > 0
    assert told.first.spent > 0
    assert "paid per event" in repr(told)
