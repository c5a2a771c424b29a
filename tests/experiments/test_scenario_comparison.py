"""Scenarios compared: one history where nothing else differs, paired draws, and going on."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.comparison.paired import SharedErrors
from experiments.comparison.result import Comparison
from experiments.comparison.rules_kept import BrokenRule, LivedRule, Standing
from experiments.comparison.run import compare
from experiments.comparison.selection import chosen
from experiments.comparison.strategies import last_year
from experiments.comparison.strategy import Strategy
from experiments.report.html import join
from experiments.report.scenario_comparison import SECTIONS
from experiments.scenario_comparison import markets, run
from experiments.scenario_comparison.kept import Kept, key_of, packed, unpacked
from experiments.scenario_comparison.result import (
    Cell,
    CellErrors,
    NoFeasibleVariant,
    ScenarioComparison,
)
from experiments.scenario_comparison.run import compare_scenarios
from experiments.scenario_comparison.variants import Variant, variants_of
from experiments.study import StudyError, draw_worlds
from optimize import InfeasiblePlan
from scenarios import Scenario, build_scenario
from sim import Arm, Setting, settings_of, simulate_arms, simulate_histories
from tests.experiments.made_up import comparison
from tests.scenes import base, busy

SIZE: dict[str, Any] = {"replications": 2, "customers": 60, "workers": 1, "seed": 3}
TRIED = ["last_year", "equal"]
MEASURED = [*TRIED, "lp_known_curves"]
CAP = {"kind": "channel_bounds", "name": "cap on video", "channels": ["video"], "most": 4e5}
FLOOR = {"kind": "channel_bounds", "name": "floor of video", "channels": ["video"], "least": 5e5}
GOAL = {"name": "more orders", "kpi": "conversions", "change": 0.01}
UNSURE = [
    {"path": "personas.*.needs_per_year", "spread": 0.3},
    {"path": "channels.*.half", "spread": 0.3},
]


def _scenario(**changes: Any) -> Scenario:
    return build_scenario(base().model_dump(mode="json"), {"goals": [GOAL], **changes}, "base")


def _budgets(**changes: Any) -> tuple[Variant, ...]:
    return variants_of([_scenario(**changes)], {"budget": ["80%", "100%", "120%"]})


def _page(found: ScenarioComparison) -> str:
    """The page without its scripts, which take seconds to make."""
    return str(join(part(found) for part in SECTIONS))


@pytest.fixture(scope="module")
def found() -> ScenarioComparison:
    """Three budgets."""
    return compare_scenarios(_budgets(uncertainty=UNSURE), TRIED, **SIZE)


# --- what shares a past -----------------------------------------------------------------------


def test_what_is_asked_of_the_year_changes_no_market_and_all_else_does() -> None:
    one = _scenario()
    asked = {"budget": 1e6, "rules": [CAP], "goals": [], "objective": "revenue", "name": "other"}
    for path, value in {**asked, "title": "x", "defaults.customers": 77}.items():
        assert _scenario(**{path: value}).market_hash == one.market_hash, path
    for path, value in {"margin_rate": 0.2, "uncertainty": UNSURE, "defaults.communities": 5,
                        "history.variation": 0.1, "channels.video.half": 2.0}.items():  # fmt: skip
        assert _scenario(**{path: value}).market_hash != one.market_hash, path


@pytest.mark.parametrize("made", [base, pytest.param(busy, marks=pytest.mark.long)])
def test_variants_that_share_a_market_hash_live_the_same_years_to_the_last_count(
    made: Callable[[], Scenario],
) -> None:
    plain = made()
    data = plain.model_dump(mode="json")
    changes = {"budget": plain.budget * 2, "rules": [], "goals": [], "objective": "revenue",
               "name": "other", "tier_shares": [0.2, 0.3, 0.5]}  # fmt: skip
    asked = build_scenario(data, changes, "busy")
    pasts = simulate_histories([Setting(s, 60, 5) for s in (plain, asked)], workers=1)
    pasts.append(pasts[0].under(asked))
    years = simulate_arms(pasts, [[Arm(plain.reference_plan)]] * 3, workers=1)
    for other in (1, 2):
        for ours, theirs in ((pasts[0].year, pasts[other].year), (years[0][0], years[other][0])):
            for name in ("channel", "people", "end_states", "spend", "weekly"):
                np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))


def test_a_past_is_not_lent_to_another_market() -> None:
    (past,) = simulate_histories(settings_of([base()], 60, [1]), workers=1)
    with pytest.raises(ValueError, match="another market"):
        past.under(_scenario(margin_rate=0.2))


def test_a_draw_that_differs_between_variants_is_lived_for_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain, asked, counts = _scenario(), _scenario(budget=1e6), []
    real = markets.simulate_histories

    def draws(scenario: Scenario, seed: int, count: int) -> list[Scenario]:
        second = scenario if scenario is plain else _scenario(budget=1e6, margin_rate=0.2)
        return [scenario, second]

    def counted(settings: Any, **more: Any) -> Any:
        counts.append(len(settings))
        return real(settings, **more)

    monkeypatch.setattr(markets, "draw_worlds", draws)
    monkeypatch.setattr(markets, "simulate_histories", counted)
    market = markets.LivedMarket(1, 60, 2, 1, None)
    for scenario in (plain, asked, plain):
        pasts = market.pasts(scenario)
        assert [p.setting.scenario for p in pasts] == draws(scenario, 1, 2)
    assert counts == [2, 1]


def test_a_changed_market_draws_alike_what_both_have() -> None:
    plain, dear = _scenario(uncertainty=UNSURE), _scenario(uncertainty=UNSURE, price_inflation=0.1)
    less = _scenario(uncertainty=UNSURE[:1])
    for ours, theirs, fewer in zip(
        *(draw_worlds(s, 3, 3) for s in (plain, dear, less)), strict=True
    ):
        assert [c.half for c in ours.channels] == [c.half for c in theirs.channels]
        needs = [[p.needs_per_year for p in s.personas] for s in (ours, theirs, fewer)]
        assert needs[0] == needs[1] == needs[2]


@pytest.mark.parametrize("tried", [TRIED, pytest.param(MEASURED, marks=pytest.mark.long)])
def test_history_and_experiments_are_lived_once_for_all_budgets(
    monkeypatch: pytest.MonkeyPatch, tried: list[str]
) -> None:
    lived: list[str] = []

    def counted(name: str) -> Any:
        real = getattr(markets, name)

        def call(*arguments: Any, **options: Any) -> Any:
            lived.append(name)
            return real(*arguments, **options)

        return call

    for name in ("simulate_histories", "lived_experiments"):
        monkeypatch.setattr(markets, name, counted(name))
    compare_scenarios(_budgets()[:2], tried, **SIZE)
    once = ["lived_experiments"] if tried == MEASURED else []
    assert sorted(lived) == [*once, "simulate_histories"]
    lived.clear()
    variants = variants_of([_scenario()], {"margin_rate": [0.3, 0.4]})
    compare_scenarios(variants, ["last_year"], **SIZE)
    assert lived == ["simulate_histories"] * 2


def test_a_variant_alone_says_the_same(found: ScenarioComparison) -> None:
    _same(found.compared[2], compare(found.variants[2].scenario, TRIED, **SIZE))


@pytest.mark.long
def test_a_variant_alone_says_the_same_of_measured_curves() -> None:
    variants = _budgets(uncertainty=UNSURE)
    found = compare_scenarios(variants, MEASURED, **SIZE)
    _same(found.compared[2], compare(variants[2].scenario, MEASURED, **SIZE))
    assert found.shared is not None
    assert set(found.shared.curves.values()) == {found.shared.curves["0:lp_known_curves"]}


def _same(mine: Comparison, alone: Comparison) -> None:
    for name in ("outcomes", "plans", "goals"):
        pd.testing.assert_frame_equal(getattr(mine, name), getattr(alone, name))
    assert mine.standings == alone.standings
    assert mine.shared == alone.shared


# --- differences ------------------------------------------------------------------------------


def test_differences_are_paired_over_draws(found: ScenarioComparison) -> None:
    assert found.baseline == Cell(0, "last_year")
    steps = found.steps.set_index(["strategy", "kpi"])
    for n, name in ((2, "last_year"), (1, "equal")):
        theirs, ours = (
            found.compared[v].values("margin")[s] for v, s in ((n, name), (0, "last_year"))
        )
        row = steps.loc[(f"{n}:{name}", "margin")]
        assert row["difference"] == pytest.approx((theirs - ours).mean())
        assert row["se"] == pytest.approx((theirs - ours).std(ddof=1) / np.sqrt(2))


def test_errors_of_curves_are_shared_where_the_curves_are() -> None:
    key = [(f"{n}:lp", "margin") for n in range(3)]
    drawn = {key[0]: (1.0, 3.0), key[1]: (2.0, 4.0), key[2]: (2.0, 5.0)}
    errors = {k: float(np.std(x, ddof=1)) for k, x in drawn.items()}
    told = CellErrors(errors, 2, drawn, {"0:lp": "a", "1:lp": "a", "2:lp": "b"})
    assert told.of("1:lp", "all", "margin", "0:lp") == 0.0
    apart = np.hypot(errors[key[0]], errors[key[2]])
    assert told.of("2:lp", "all", "margin", "0:lp") == pytest.approx(apart)
    assert told.of("1:lp", "all", "margin", "0:equal") == pytest.approx(errors[key[1]])
    assert told.of("1:lp", "tier:1", "margin", "0:lp") == 0.0


def _of(*found: Comparison | InfeasiblePlan, **more: Any) -> ScenarioComparison:
    every = tuple(Variant(_scenario(), f"market{n}") for n in range(len(found)))
    return ScenarioComparison(every, found, 1, 12, (500,) * len(found), **more)


def test_no_money_is_compared_in_two_currencies_and_counts_are() -> None:
    yuan = comparison({"last_year": 1000.0, "lp": 1100.0})
    told = _of(yuan, replace(yuan, currency="USD"))
    steps = told.steps
    ours, theirs = (steps[steps["strategy"] == name] for name in ("0:lp", "1:lp"))
    assert "margin" in set(ours["kpi"])
    assert set(theirs["kpi"]).isdisjoint({"margin", "profit", "spend", "cac"})
    assert any("USD" in line and "no differences in money" in line for line in told.not_compared)
    assert "no differences in money" in _page(told)


def test_another_objective_and_missing_kpis_are_said() -> None:
    one = comparison({"last_year": 1000.0, "lp": 1100.0})
    lacks = one.outcomes[one.outcomes["kpi"] != "cac"]
    said = _of(one, replace(one, outcomes=lacks, objective="profit")).not_compared
    assert any("is decided by profit" in line for line in said)
    assert any("do not both have CAC" in line for line in said)


def test_the_recommended_of_each_variant_keeps_its_rules() -> None:
    rule = BrokenRule("cap", 5.0, "CNY", "cap: broken", 12)
    one = comparison({"last_year": 1000.0, "lp": 1100.0}, within=1.0)
    told = _of(one, replace(one, standings={"lp": Standing((rule,))}))
    assert told.recommended(0) == Cell(0, "lp")
    assert told.recommended(1) == Cell(1, "last_year")
    first, second = told.to_dict()["variants"]
    assert (first["against_first"], second["recommended"]) == (None, "last_year")
    assert second["against_first"]["difference"] == pytest.approx(-100.0, abs=3)


# --- rules that cannot hold -------------------------------------------------------------------


def test_a_variant_without_a_plan_is_told_and_the_others_go_on() -> None:
    variants = variants_of([_scenario()], {"rules": [[CAP], [CAP, FLOOR]]})
    found = compare_scenarios(variants, ["last_year"], **SIZE)
    told = found.to_dict()
    good, bad = told["variants"]
    assert (good["status"], bad["status"]) == ("compared", "infeasible")
    assert set(bad["conflict"]) == {"cap on video", "floor of video"}
    assert {cell["label"] for cell in told["cells"]} == {good["label"]}
    assert "cap on video" in _page(found)


def test_where_no_variant_has_a_plan_all_conflicts_are_told() -> None:
    variants = variants_of([_scenario(rules=[CAP, FLOOR])], {"budget": ["90%", "100%"]})
    with pytest.raises(NoFeasibleVariant) as told:
        compare_scenarios(variants, ["last_year"], **SIZE)
    document = told.value.to_dict()
    assert document["status"] == "infeasible"
    assert [one["set"]["budget"] for one in document["variants"]] == [2.7e6, 3e6]
    again = told.value.__reduce__()
    assert again[0](*again[1]).to_dict() == document


# --- cut off, and going on --------------------------------------------------------------------


def test_a_study_cut_off_goes_on_and_says_the_same(
    found: ScenarioComparison, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    variants, real, done = _budgets(uncertainty=UNSURE), run.judged, []

    def cut_off(scenario: Scenario, *rest: Any) -> Any:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(scenario.budget)
        return real(scenario, *rest)

    monkeypatch.setattr(run, "judged", cut_off)
    with pytest.raises(KeyboardInterrupt):
        compare_scenarios(variants, TRIED, kept=tmp_path, **SIZE)
    done.clear()
    again = compare_scenarios(variants, TRIED, kept=tmp_path, **SIZE)
    assert (done, again.reused) == ([variants[2].scenario.budget], 2)
    same = dict.fromkeys(("seconds", "reused"))
    assert {**again.to_dict(), **same} == {**found.to_dict(), **same}
    pd.testing.assert_frame_equal(again.table(), found.table())


def test_what_is_kept_is_the_same_when_it_is_read(tmp_path: Path) -> None:
    lived = LivedRule("floor", 5.0, 4.0, 2, 3, False, "kept")
    broken = BrokenRule("cap", 1.5, "CNY", "cap: broken", 2, (("seo", 1.5),))
    one = replace(
        comparison({"last_year": 1000.0, "lp": 1100.0}),
        standings={"lp": Standing((broken,), (lived,), ("other",), 1, 3)},
        shared=SharedErrors({("lp", "margin"): 3.0}, 2, {("lp", "margin"): (1.0, float("inf"))}),
        notes={"lp": "in 1 of 3 worlds: 说明"},
        tests={"lp": [{"channel": "seo", "draws": 2, "cost": np.float64(3.5)}]},
    )
    store, tried = Kept(tmp_path), chosen(["last_year", "lp"])
    store.write("a" * 24, one)
    again = store.read("a" * 24, tried)
    assert isinstance(again, Comparison)
    assert again.to_dict() == one.to_dict()
    for name in ("outcomes", "plans", "goals"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(one, name))
    assert (again.standings, again.shared) == (one.standings, one.shared)


def test_what_cannot_be_kept_is_refused_and_what_cannot_be_read_is_lived_again(
    tmp_path: Path,
) -> None:
    with pytest.raises(TypeError, match="cannot be kept"):
        packed({"a": object()})
    assert unpacked(json.loads(json.dumps(packed({("a", 1): (1.5, None, [True])})))) == {
        ("a", 1): (1.5, None, [True])
    }
    (tmp_path / ("b" * 24)).mkdir()
    (tmp_path / ("b" * 24) / "rest.json").write_text("{", "utf-8")
    assert Kept(tmp_path).read("b" * 24, ()) is None
    assert Kept(None).read("b" * 24, ()) is None


def test_a_finished_study_drops_what_it_kept_of_others_and_nothing_else(tmp_path: Path) -> None:
    store = Kept(tmp_path)
    refused = InfeasiblePlan("no", ["a"], [{"rule": "a", "by": 1.0, "words": "w"}], True)
    for key in ("c" * 24, "d" * 24):
        store.write(key, refused)
    (tmp_path / "mine").mkdir()
    store.forget(["c" * 24])
    assert {path.name for path in tmp_path.iterdir()} == {"c" * 24, "mine"}
    again = store.read("c" * 24, ())
    assert isinstance(again, InfeasiblePlan)
    assert again.to_dict() == refused.to_dict()


def test_a_key_hangs_on_all_that_figures_hang_on(monkeypatch: pytest.MonkeyPatch) -> None:
    one, tried = _scenario(), chosen(["last_year", "equal"])
    asked = [
        (one, tried, 1, 60, 2),
        (_scenario(budget=1e6), tried, 1, 60, 2),
        (one, tried[:1], 1, 60, 2),
        (one, tried, 2, 60, 2),
        (one, tried, 1, 61, 2),
        (one, tried, 1, 60, 3),
    ]
    keys = {key_of(*question) for question in asked}
    monkeypatch.setattr("experiments.scenario_comparison.kept.sources_hash", lambda: "changed")
    assert len({*keys, key_of(*asked[0])}) == len(asked) + 1
    assert key_of(one, (Strategy("mine", last_year),), 1, 60, 2) is None


# --- variants ---------------------------------------------------------------------------------


def test_several_lists_make_all_combinations() -> None:
    made = variants_of(["retail", "b2b"], {"margin_rate": [0.3, 0.4], "budget": ["100%", 2e7]})
    assert len(made) == 8
    assert made[0].label == "retail, margin_rate 0.3, budget 30,000,000"
    assert made[4].scenario.budget == made[4].changes["budget"] == 12_500_000
    (alone,) = variants_of(["retail"])
    assert alone.label == "retail"


def test_long_values_are_numbered_where_they_read_the_same() -> None:
    rules = [[{**CAP, "most": most}] for most in (1e5, 2e5)]
    labels = [v.label for v in variants_of([_scenario()], {"rules": rules})]
    assert labels[1] == f"{labels[0]} (2)"


@pytest.mark.parametrize(
    ("names", "changes", "said"),
    [
        (["retail", "retail"], {}, "two are called retail"),
        (["retail"], {"budget": ["100%", 3e7]}, "is the same as"),
        ([], {}, "nothing to compare"),
        (["retail"], {"budget": []}, "nothing to compare"),
    ],
)
def test_what_would_be_lived_twice_or_not_at_all_is_refused(
    names: list[Any], changes: dict[str, list[Any]], said: str
) -> None:
    with pytest.raises(StudyError, match=said):
        variants_of(names, changes)


@pytest.mark.long
def test_intervals_between_budgets_are_narrower_than_those_of_separate_runs() -> None:
    size = {**SIZE, "replications": 12, "customers": 400, "workers": 2}
    variants = variants_of([_scenario(uncertainty=UNSURE)], {"budget": ["80%", "120%"]})
    here, there = (
        compare_scenarios(variants, ["last_year"], **{**size, "seed": seed}) for seed in (1, 2)
    )
    step = here.steps.set_index(["strategy", "kpi"]).loc[("1:last_year", "margin")]
    low, high = (
        found.compared[n].values("margin")["last_year"] for n, found in ((0, here), (1, there))
    )
    apart = float(np.sqrt((low.var(ddof=1) + high.var(ddof=1)) / 12))
    # The ratio of two standard errors from twelve draws each is told to a third, or so.
    assert apart / step["se"] > 2.0
