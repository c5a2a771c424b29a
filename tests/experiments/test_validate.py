"""validate: errors as defined, worlds shared by all models, documents, pages and runs."""

import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from attribution import (
    AttributionModel,
    Hazard,
    Last,
    Linear,
    TouchModel,
    check_attribution_model,
)
from experiments import validate  # type: ignore[attr-defined]
from experiments.report.validation import page
from experiments.study import StudyError
from experiments.tracking.store import Store
from experiments.tracking.validation import validation_records
from experiments.validation.credit_error import credit_error, order_error, share_error
from experiments.validation.credit_regret import (
    LEAST,
    MOST,
    TRUE_CREDIT,
    hill_at_last_year,
    plan_from_credit,
)
from experiments.validation.estimands import ESTIMANDS, effects_of, true_effects
from experiments.validation.result import Validation
from experiments.validation.standing import groups, standing
from experiments.validation.sweeps import SWEEPS, sweep_of
from experiments.validation.touch_error import area_under_curve, calibration
from scenarios import Scenario, load_scenario
from sim import Setting
from sim.market.arms import simulate_histories
from sim.truth.estimands import Question
from tests.scenes import FEW_COMMUNITIES, plain_market
from tiermix.cli.commands.validate import view
from tiermix.cli.output import as_text
from tiermix.cli.tables import rendered

MARKET = plain_market(defaults=FEW_COMMUNITIES)
TRACKED = {"experiment": "x", "tracking_uri": "x", "compare": "x", "study": "x"}


class Oracle(TouchModel):
    """All credit to the second touch: a model of a user's own."""

    def _weights(self, paths: Any) -> Any:
        weights = np.zeros(len(paths.channel))
        weights[np.minimum(paths.start[:-1] + 1, paths.start[1:] - 1)] = 1.0
        return weights


@pytest.fixture(scope="module")
def found() -> Validation:
    models = {"hazard": Hazard(half_life_days=0.33), "last": "last", "own": Oracle()}
    return validate(MARKET, models, replications=2, customers=600, seed=4, workers=1, bootstrap=5)


@pytest.fixture(scope="module")
def turned() -> Validation:
    return validate(
        MARKET, ["last", "linear"], replications=2, customers=300, workers=1,
        sweep="lookback", values=[1.0, 30.0],
    )  # fmt: skip


def test_verbs_are_functions_whatever_was_imported_before() -> None:
    import experiments
    import experiments.comparison.run
    import experiments.validation.run

    assert callable(experiments.compare)
    assert callable(experiments.validate)


amounts = arrays(float, 4, elements=st.floats(-1e5, 1e6))


@given(credit=amounts, truth=amounts)
def test_errors_of_shares_lie_between_0_and_1_and_order_between_minus_1_and_1(
    credit: Any, truth: Any
) -> None:
    shares = share_error(credit, truth)
    assert -1e-9 <= shares["jensen_shannon"] <= 1 + 1e-9
    assert 0 <= shares["total_variation"] <= 1 + 1e-9
    order = order_error(credit, truth)
    assert all(math.isnan(v) or -1 - 1e-9 <= v <= 1 + 1e-9 for v in order.values())


@given(truth=arrays(float, 5, elements=st.floats(1, 1e6), unique=True))
def test_true_credit_has_no_error(truth: Any) -> None:
    error = credit_error(truth, truth, truth / 10, float(truth.sum()))
    right = {"kendall", "spearman", "top_3"}
    for measure, value in error.items():
        assert value == pytest.approx(1.0 if measure in right else 0.0, abs=1e-9), measure


def test_errors_by_hand() -> None:
    credit, truth = np.array([30.0, 10.0, 20.0]), np.array([20.0, 10.0, 0.0])
    error = credit_error(credit, truth, np.array([1.0, 1.0, 0.0]), 25.0)
    assert error["bias"] == pytest.approx(10)
    assert error["rmse"] == pytest.approx(math.sqrt(500 / 3))
    assert error["misplaced"] == pytest.approx(30 / 25)
    assert error["over_credit"] == pytest.approx(35 / 25)
    assert error["total_variation"] == pytest.approx(1 / 3)
    assert error["false_credit"] == pytest.approx(20 / 60)
    assert error["sign_errors"] == 0


@given(credit=amounts, truth=amounts)
def test_the_divergence_of_shares_is_its_formula(credit: Any, truth: Any) -> None:
    """Lin 1991: the mean Kullback-Leibler divergence in bits from the mean of both."""
    sides = [np.clip(x, 0.0, None) for x in (credit, truth)]
    p, q = (x / x.sum() if x.sum() > 0 else np.full(4, 0.25) for x in sides)
    middle = (p + q) / 2
    parts = [(x[x > 0] * np.log2(x[x > 0] / middle[x > 0])).sum() for x in (p, q)]
    assert share_error(credit, truth)["jensen_shannon"] == pytest.approx(sum(parts) / 2, abs=1e-12)


@settings(deadline=None)  # the first call loads scipy.stats
@given(
    score=arrays(float, 30, elements=st.sampled_from([0.0, 0.1, 0.5, 1.0])),
    label=arrays(bool, 30),
)
def test_the_area_under_the_curve_is_a_share_of_pairs(score: Any, label: Any) -> None:
    """Written out: pairs in which the one that was needed has more credit, ties by half."""
    gaps = score[label][:, None] - score[~label][None, :]
    found = area_under_curve(score, label)
    if not gaps.size:
        assert math.isnan(found)
        return
    assert found == pytest.approx(((gaps > 0) + 0.5 * (gaps == 0)).mean(), abs=1e-12)


def test_calibration_of_chances_that_are_true() -> None:
    luck = np.random.default_rng(1)
    chance = luck.random(20_000)
    needed = luck.random(20_000) < chance
    right, wrong = calibration(chance, needed), calibration(1 - chance, needed)
    assert right["slope"] == pytest.approx(1, abs=0.05)
    assert right["auc"] == pytest.approx(5 / 6, abs=0.02)  # ∫∫ of two uniforms
    assert right["log_loss"] < right["flat_log_loss"] < wrong["log_loss"]
    assert wrong["slope"] == pytest.approx(-1, abs=0.05)


def effects_in(estimand: str, worth: Callable[[frozenset[str]], float]) -> list[float]:
    """Effects of the channels of the plain market if a set of channels that are on had a worth."""
    plan, names = MARKET.reference_plan, MARKET.plannable
    ask = Question(MARKET, plan, estimand, {name: frozenset({name}) for name in names})
    values = {arm: np.array([worth(frozenset(names) - arm.off)]) for arm in ask.arms}
    return [float(effect[0]) for effect in effects_of(ask, values)]


@pytest.mark.parametrize("estimand", ["removal", "solo", "shapley"])
def test_an_additive_game_gives_each_channel_its_own_worth(estimand: str) -> None:
    own = dict(zip(MARKET.plannable, (3.0, 5.0, 0.0), strict=True))
    found = effects_in(estimand, lambda on: sum(own[name] for name in on))
    assert found == pytest.approx(list(own.values()))


def test_estimands_tell_substitutes_apart() -> None:
    first, second, _ = MARKET.plannable
    either = lambda on: float(bool(on & {first, second}))  # noqa: E731
    assert effects_in("removal", either) == [0.0, 0.0, 0.0]
    assert effects_in("solo", either) == [1.0, 1.0, 0.0]
    assert effects_in("shapley", either) == pytest.approx([0.5, 0.5, 0.0])


def test_the_last_money_of_a_channel_counts_for_all_of_it() -> None:
    plan, name = MARKET.reference_plan, MARKET.plannable[0]
    ask = Question(MARKET, plan, "marginal", {name: frozenset({name})})
    worth = {arm: np.array([arm.plan.by_channel[name]]) for arm in ask.arms}
    assert effects_of(ask, worth)[0, 0] == pytest.approx(plan.by_channel[name])


def test_a_sweep_of_one_value_has_a_value_and_a_page() -> None:
    once = validate(
        MARKET, ["last"], replications=1, customers=200, workers=1, sweep="lookback", values=[30.0]
    )
    assert once.along().query("model == 'last'")["at"].tolist() == [30.0]
    assert "at 30" in page(once)


@pytest.mark.parametrize("estimand", ESTIMANDS)
def test_every_truth_can_be_asked_for(estimand: str) -> None:
    past = simulate_histories([Setting(MARKET, 200, 3, logging=True)], workers=1)[0]
    truth = true_effects(past, MARKET.reference_plan, estimand)
    effects = truth.effects.set_index("channel")["effect"]
    assert effects["radio"] == 0.0
    assert effects["video"] > 0.0
    asked = {None, *MARKET.plannable} if estimand in ("removal", "shapley") else {None}
    assert set(truth.orders) >= asked


def test_curves_pass_through_the_credit_at_last_years_money() -> None:
    credit = {"video": 1000.0, "social": -50.0}
    curves = hill_at_last_year(MARKET, credit, 40.0)
    plan = MARKET.reference_plan
    worth = {c.channel: float(c.value(plan.of(c.channel)).sum()) for c in curves.curves}
    assert worth == pytest.approx({"video": 40_000.0, "social": 0.0, "radio": 0.0})


def test_credit_for_a_single_channel_that_bends_far_off_is_planned_on() -> None:
    """A model lost its row in two of eight b2b worlds: its curves, all made by the study's own
    mapping, were taken to be in another unit of money."""
    far = plain_market(market_size=1e9)
    plan = plan_from_credit(far, {"video": 5000.0}, 40.0).by_channel
    assert plan["video"] > far.reference_plan.by_channel["video"]


def test_a_plan_from_credit_keeps_budget_and_bounds_and_follows_the_credit() -> None:
    plan = plan_from_credit(MARKET, {"video": 5000.0, "social": 1000.0}, 40.0).by_channel
    last = MARKET.last_year.by_channel
    assert sum(plan.values()) <= MARKET.budget * (1 + 1e-6)
    for name, amount in plan.items():
        assert (1 + LEAST) * last[name] - 1 <= amount <= (1 + MOST) * last[name] + 1
    assert plan["video"] > plan["social"] > plan["radio"]


@pytest.mark.long
def test_the_hazard_is_nearer_to_the_truth_than_last_touch(found: Validation) -> None:
    errors = found.by_world.query("scope == 'all' and measure == 'misplaced'")
    wide = errors.pivot_table(index="world", columns="model", values="value")
    assert (wide["hazard"] < wide["last"]).all()
    touch = found.touches().pivot_table(index="model", columns="measure", values="mean")
    assert touch.loc["hazard", "auc"] > touch.loc["last", "auc"]
    assert touch.loc["hazard", "slope"] > touch.loc["last", "slope"]


@pytest.mark.long
def test_a_channel_that_does_nothing_gets_false_credit_from_rules(found: Validation) -> None:
    truth = found.truth().set_index("channel")
    assert truth.loc["radio", "mean"] == 0.0
    false = found.along("false_credit").set_index("model")["mean"]
    assert false["last"] > 0.05
    assert false["hazard"] < false["last"]


@pytest.mark.long
def test_a_model_alone_and_among_others_gets_the_same_figures(found: Validation) -> None:
    alone = validate(MARKET, {"last": Last()}, replications=2, customers=600, seed=4, workers=1)
    both = found.credit().query("model == 'last'")["mean"].to_numpy()
    assert alone.credit().query("model == 'last'")["mean"].to_numpy() == pytest.approx(
        both, rel=1e-12
    )
    assert alone.margins.loc[TRUE_CREDIT].tolist() == found.margins.loc[TRUE_CREDIT].tolist()


def test_models_that_are_given_are_left_as_they_were(found: Validation) -> None:
    assert found.without_touches == ()
    model = Linear()
    validate(
        MARKET, [model], replications=1, customers=120, workers=1, sweep="customers", values=[1]
    )
    assert not hasattr(model, "credit_")


def test_regret_is_paired_with_the_plan_from_true_credit(found: Validation) -> None:
    regret = found.regret().set_index("plan")
    by_hand = found.margins.loc[TRUE_CREDIT] - found.margins.loc["last"]
    assert regret.loc["last", "mean"] == pytest.approx(by_hand.mean())
    assert regret.loc["last", "se"] == pytest.approx(by_hand.std(ddof=1) / math.sqrt(2))
    assert regret.loc[TRUE_CREDIT, "mean"] == 0.0
    assert len(found.separated()) == math.comb(len(found.margins), 2)


def test_coverage_is_told_when_intervals_were_drawn(found: Validation, turned: Validation) -> None:
    coverage = found.along("coverage").set_index("model")["mean"]
    assert coverage[list(found.models)].between(0, 1).all()
    assert turned.along("coverage")["mean"].isna().all()


def test_the_document_has_what_the_contract_names(found: Validation) -> None:
    document = json.loads(as_text(found.to_dict()))
    for model in document["models"]:
        assert {"model", "credit_error", "rank", "over_credit", "regret"} <= set(model)
        assert {"mean", "se"} <= set(model["regret"])
        assert isinstance(model["over_credit"], float)
    assert [model["model"] for model in document["models"]] == ["hazard", "last", "own"]
    assert {row["channel"] for row in document["truth"]} == {*MARKET.plannable, "(together)"}
    assert document["convention"]["cut"] == "every touch"
    assert "without the channel" in document["convention"]["truth"]


def test_a_lookback_changes_credit_and_not_the_truth(turned: Validation) -> None:
    credit = turned.credit().pivot_table(index=["model", "channel"], columns="at", values="mean")
    given = credit.groupby("model").sum().loc[list(turned.models)]
    assert (given[1.0] < given[30.0]).all()
    assert turned.credit()["truth"].notna().all()
    assert turned.regret().empty
    assert [entry["at"] for entry in turned.to_dict()["models"]] == [1.0, 1.0, 30.0, 30.0]


def test_pages_hold_every_model_and_need_no_network(found: Validation, turned: Validation) -> None:
    for validation in (found, turned):
        text = page(validation)
        assert all(name in text for name in validation.models)
        assert "data-chart" in text
        assert 'src="http' not in text
        assert all(words in text for words in validation.convention.values())
    assert "own" in found._repr_html_()
    assert "<i>" not in replace(found, scenario="<i>")._repr_html_()
    assert re.search(r"\de[+-]?\d", repr(found)) is None, "no powers of ten"


def test_runs_are_tracked_one_for_each_model(found: Validation, store: Store) -> None:
    logged = store.log("made up", validation_records(found))
    assert len(logged.run_ids) == len(found.models) + 1
    run = store.client.get_run(logged.run_ids[0])
    assert run.data.metrics["regret/mean"] == pytest.approx(
        found.regret().set_index("plan").loc["hazard", "mean"]
    )
    assert run.data.tags["kind"] == "validation"


@pytest.mark.long
def test_worlds_are_added_until_the_interval_is_narrow() -> None:
    asked: dict[str, Any] = {"replications": 2, "customers": 200, "workers": 1}
    asked |= {"sweep": "customers", "values": [1.0]}
    first = validate(MARKET, ["last"], **asked)
    more = validate(MARKET, ["last"], until=first.half_width * 0.7, **asked)
    assert more.half_width <= first.half_width * 0.7
    assert more.replications > first.replications
    same = more.by_world[more.by_world["world"] < 2].reset_index(drop=True)
    pd.testing.assert_frame_equal(same, first.by_world)


def test_old_names_of_sweeps_work_and_warn(turned: Validation) -> None:
    from experiments.validation import estimands, sweeps

    with pytest.warns(DeprecationWarning, match="now sweep"):
        old = validate(
            MARKET, ["last"], replications=1, customers=100, workers=1,
            dial="lookback", values=[7.0],
        )  # fmt: skip
    assert old.sweep == "lookback"
    with pytest.warns(DeprecationWarning, match="Validation.sweep"):
        assert turned.dial == "lookback"
    with pytest.warns(DeprecationWarning, match="sweep_of"):
        assert sweeps.dial_of is sweep_of
    with pytest.warns(DeprecationWarning, match="StudyError"):
        assert estimands.ValidationError is StudyError


@pytest.mark.parametrize("name", sorted(SWEEPS))
def test_every_sweep_changes_the_retail_market_or_its_log(name: str) -> None:
    retail, sweep = load_scenario("retail"), sweep_of(name)
    hashes = {sweep.at(retail, value).hash for value in sweep.values}
    sizes = {sweep.customers(1000, value) for value in sweep.values}
    assert len(sweep.values) >= 3
    assert name == "lookback" or len(hashes) == len(sweep.values) or len(sizes) == len(sweep.values)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"models": ["lst"]}, "'lst' is not known"),
        ({"models": []}, "none are named"),
        ({"models": [object()]}, "no method"),
        ({"estimand": "magic"}, "use one of removal"),
        ({"sweep": "behaviour.signup"}, "has no values"),
        ({"until": 0.0}, "half-width"),
    ],
)
def test_what_cannot_be_validated_is_refused_by_name(asked: dict[str, Any], words: str) -> None:
    with pytest.raises(StudyError, match=words):
        validate(MARKET, **asked)


def test_shapley_of_many_channels_is_refused_with_its_price() -> None:
    with pytest.raises(StudyError, match="4,096 market years"):
        validate(load_scenario("retail"), ["last"], estimand="shapley")


def test_a_model_that_cannot_be_fitted_is_named() -> None:
    class Broken(AttributionModel):
        def fit(self, log: Any) -> Any:
            from attribution import AttributionError

            raise AttributionError("no idea")

    with pytest.raises(StudyError, match="broken cannot be fitted to this log: no idea"):
        validate(
            MARKET, {"broken": Broken()}, replications=1, customers=100, workers=1,
            sweep="customers", values=[1.0],
        )  # fmt: skip


def test_hand_offs_stay_possible_when_they_are_doubled() -> None:
    retail: Scenario = sweep_of("hand_offs").at(load_scenario("retail"), 10.0)
    for channel in retail.channels:
        assert channel.click_through + sum(channel.hand_offs.values()) <= 1 + 1e-9


# ---- models that fail, references, groups


class Nothing:
    """No credit for anybody: the first control that a referee asks for."""

    def fit(self, log: Any) -> Any:
        fitted = Last().fit(log)
        self.credit_ = fitted.credit_ * 0.0
        return self


class Bent(Nothing):
    """A model with a bug: its credit is passed through `bend`."""

    def __init__(self, bend: Callable[[pd.DataFrame], Any]) -> None:
        self.bend = bend

    def fit(self, log: Any) -> Any:
        self.credit_ = self.bend(Last().fit(log).credit_.copy())
        return self


def _raised(credit: pd.DataFrame) -> Any:
    raise RuntimeError("my bug")


def _with(channel: str, value: Any) -> Callable[[pd.DataFrame], Any]:
    def bend(credit: pd.DataFrame) -> pd.DataFrame:
        credit = credit.astype(type(value)) if isinstance(value, str) else credit
        credit.loc[channel] = value
        return credit

    return bend


BUGS: dict[str, tuple[Callable[[pd.DataFrame], Any], str]] = {
    "nan": (_with("video", math.nan), "conversions of video is nan"),
    "infinite": (_with("video", math.inf), "conversions of video is inf"),
    "left out": (lambda credit: credit.drop(index="video"), "no row for video"),
    "unknown": (_with("tv", 3.0), "names tv"),
    "twice": (lambda credit: pd.concat([credit, credit.iloc[:1]]), "more than one row for"),
    "text": (_with("video", "much"), "no numbers"),
    "a series": (lambda credit: credit["conversions"], "is a Series"),
    "a dict": (lambda credit: credit["conversions"].to_dict(), "is a dict"),
    "no column": (lambda credit: credit[["value"]], "column conversions not"),
    "raises": (_raised, "raised RuntimeError: my bug"),
}
FAST: dict[str, Any] = {"replications": 2, "customers": 300, "seed": 4, "workers": 1}


@pytest.fixture(scope="module")
def buggy() -> Validation:
    models: dict[str, Any] = {name: Bent(bend) for name, (bend, _) in BUGS.items()}
    return validate(MARKET, {**models, "none": Nothing(), "last": "last"}, **FAST)


@pytest.mark.long
def test_a_model_with_a_bug_costs_its_own_row_only(buggy: Validation) -> None:
    assert buggy.models == ("none", "last")
    assert set(buggy.failed) == set(BUGS)
    for name, (_, words) in BUGS.items():
        assert buggy.failed[name].startswith(f"models: {name} ")
        assert words in buggy.failed[name]
        assert "2 of 2 worlds" in buggy.failed[name]
    alone = validate(MARKET, ["last"], **FAST)
    whole = buggy.regret().set_index("plan")["mean"]
    assert whole["last"] == pytest.approx(alone.regret().set_index("plan")["mean"]["last"])


def test_a_failed_model_has_its_row_in_the_document_and_on_the_page(buggy: Validation) -> None:
    document = json.loads(as_text(buggy.to_dict()))
    entries = {entry["model"]: entry for entry in document["models"]}
    assert set(entries) == {*BUGS, "none", "last"}
    assert entries["last"]["failed"] is None
    for name in BUGS:
        assert entries[name]["failed"] == buggy.failed[name]
        assert entries[name]["credit_error"]["misplaced"]["mean"] is None
        assert entries[name]["regret"]["mean"] is None
    assert "raised RuntimeError: my bug" in page(buggy)
    shown = rendered(view(document | {"report": "x", "mlflow": TRACKED}, "CNY"))
    assert "failed: models: nan " in shown
    assert "(even)" in shown


def test_every_model_failing_is_an_error_that_names_one() -> None:
    with pytest.raises(StudyError, match="models: mine raised RuntimeError: my bug"):
        validate(MARKET, {"mine": Bent(_raised)}, **FAST | {"replications": 1})


def test_the_check_of_a_fitted_model_is_that_of_the_checks_of_models() -> None:
    for bend, words in (
        (lambda credit: credit.astype(str), "no numbers"),
        (lambda credit: credit.iloc[1:], "no row for"),
        (lambda credit: pd.concat([credit, credit.iloc[:1]]), "more than one row"),
        (lambda credit: credit["conversions"], "is a Series"),
        (lambda credit: credit / 0.0, "no finite number"),
    ):
        with pytest.raises(AssertionError, match=words):
            check_attribution_model(Bent(bend))


def test_a_model_that_credits_nothing_keeps_last_year(buggy: Validation) -> None:
    margins = buggy.margins
    assert margins.loc["none"].tolist() == margins.loc["(last year)"].tolist()
    none = plan_from_credit(MARKET, dict.fromkeys(MARKET.plannable, 0.0), 40.0)
    assert none == MARKET.reference_plan.scaled_to(MARKET.budget)
    assert plan_from_credit(MARKET, {"video": -5.0}, 40.0) == none


def test_references_are_always_there_and_are_what_they_say(
    buggy: Validation, turned: Validation
) -> None:
    names = {"(nothing)", "(even)", "(by spend)", "(oracle)"}
    assert names | {"(last year)", TRUE_CREDIT} <= set(buggy.regret()["plan"])
    assert [entry["model"] for entry in buggy.to_dict()["references"]] == sorted(
        names, key=["(nothing)", "(even)", "(by spend)", "(oracle)"].index
    )
    assert names <= set(turned.errors()["model"])
    credit = buggy.credit().set_index(["model", "channel"])["mean"]
    observed = buggy.facts()["observed"]
    assert credit["(nothing)"].eq(0).all()
    assert credit["(even)"].to_numpy() == pytest.approx(observed / 3)
    assert credit["(by spend)"].sum() == pytest.approx(observed)


def test_the_oracle_is_the_truth_of_the_other_worlds(buggy: Validation) -> None:
    truth = pd.concat([draw.truth for draw in buggy.draws])
    credit = pd.concat([draw.credit for draw in buggy.draws])
    for world in (0, 1):
        there = truth[truth["world"] != world].set_index("channel")["effect"].drop("(together)")
        mine = credit[(credit["world"] == world) & (credit["model"] == "(oracle)")]
        assert mine.set_index("channel")["credit"].to_dict() == pytest.approx(there.to_dict())


def test_a_single_world_has_an_oracle_from_one_more() -> None:
    single = validate(MARKET, ["last"], **FAST | {"replications": 1})
    credit = single.credit().query("model == '(oracle)'")
    assert credit["mean"].abs().sum() > 0
    assert not np.allclose(credit["mean"], credit["truth"])
    assert set(single.standing["group"]) == {"a"}


def test_a_model_may_not_be_called_as_a_reference() -> None:
    with pytest.raises(StudyError, match=r"'\(even\)' is the name of a row of reference"):
        validate(MARKET, {"(even)": "last"}, **FAST)


@given(st.data())
def test_groups_hold_exactly_those_that_are_not_told_apart(data: st.DataObject) -> None:
    order = list("abcdefg")[: data.draw(st.integers(1, 7))]
    pairs = list(combinations(order, 2))
    apart = data.draw(st.sets(st.sampled_from(pairs))) if pairs else set()
    found = standing(order, apart).set_index("plan")
    for first, second in pairs:
        shared = set(found.loc[first, "group"]) & set(found.loc[second, "group"])
        assert bool(shared) == ((first, second) not in apart)
    assert found["group"].ne("").all()
    assert (found["rank_low"] <= found["rank_high"]).all()
    sets = [set(one) for one in groups(order, apart)]
    assert not any(a < b for a in sets for b in sets), "a set within another says nothing"


@pytest.mark.long
def test_every_model_of_the_library_passes_the_check_on_a_market_of_the_library() -> None:
    found = validate(load_scenario("education"), replications=1, customers=300, workers=1)
    assert found.failed == {}
