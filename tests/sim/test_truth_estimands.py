"""Estimands: exact zeros, exact sums, errors by hand, and what cannot be asked."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from scenarios import Scenario, load_scenario
from sim import Effects, RunError, Scorecard, Setting, draw_world, ground_truth
from sim.kpis.measures import summed_kpis
from sim.market.arms import simulate_arms, simulate_histories
from sim.truth import estimands
from sim.truth.estimands import ESTIMANDS, Question
from tests.scenes import DIRECT, busy, market, media, shopper
from tiermix.core.seeds import TRUE_WORLDS, seeds_of

CUSTOMERS = 600


def small(**fields: Any) -> Scenario:
    """Three media that work on one another, and one that does nothing."""
    goods = {"engagement": 0.1, "goodwill_engaged": 0.5, "awaken": 0.1, "click_through": 0.2}
    return market(
        media("video", peak=0.05, hand_offs={"notes": 0.3, "search": 0.1}, **goods),
        media("notes", peak=0.03, **goods),
        media("inert", peak=0.2, themed=False),
        {**media("shop", peak=0.02, **goods), "tier": 1},
        DIRECT,
        people=shopper(base_utility=-1.5, goodwill=0.5),
        defaults={"tail_days": 20, "communities": 20},
        **fields,
    )


def asked(effect: str, scenario: Scenario | None = None, **options: Any) -> Effects:
    options = {"seed": 1, "customers": CUSTOMERS, "workers": 1} | options
    return ground_truth(scenario or small(), effect, **options)


@pytest.fixture(scope="module")
def answers() -> dict[str, Effects]:
    return {effect: asked(effect) for effect in ESTIMANDS}


@pytest.mark.parametrize("effect", ["removal", "solo", "marginal", "shapley", "direct", "mediated"])
def test_what_does_nothing_has_effect_exactly_0(answers: dict[str, Effects], effect: str) -> None:
    rows = answers[effect].table.set_index("unit")
    assert (rows.loc["inert", ["effect", "orders_differ"]] == 0.0).all()
    assert rows.loc["video", "orders_differ"] > 0.0


def test_pairs_with_what_does_nothing_have_no_synergy(answers: dict[str, Effects]) -> None:
    rows = answers["synergy"].table.set_index("unit")
    assert len(rows) == 6
    mine = rows[rows.index.str.contains("inert")]
    assert (mine[["effect", "orders_differ"]] == 0.0).all(axis=None)
    assert rows.loc["video + notes", "effect"] != 0.0


def test_shapley_values_add_up_to_all_against_nothing(answers: dict[str, Effects]) -> None:
    together = asked("removal", over={"all": small().plannable})
    shapley = answers["shapley"]
    assert len(shapley.question.arms) == 16
    assert shapley.total == pytest.approx(together.total, rel=1e-9)
    assert shapley.baseline == answers["solo"].baseline
    assert shapley.question.baseline_name == "nothing on"
    assert not shapley.question.sampled


def test_shapley_values_are_those_of_the_formula(answers: dict[str, Effects]) -> None:
    """Mean gain over all 24 orders, one by one."""
    from itertools import permutations

    shapley = answers["shapley"]
    values = shapley.tallies[0].values("conversions")[:, 0]
    worth = dict(zip((arm.off for arm in shapley.question.arms), values, strict=True))
    everyone, names = frozenset(small().plannable), list(small().plannable)
    gains = dict.fromkeys(names, 0.0)
    for order in permutations(names):
        for place, name in enumerate(order):
            before = everyone - set(order[:place])
            gains[name] += (worth[before - {name}] - worth[before]) / 24
    found = shapley.table.set_index("unit")["effect"].to_dict()
    assert found == pytest.approx(gains, rel=1e-9)


def test_removal_is_direct_and_mediated_together(answers: dict[str, Effects]) -> None:
    direct, mediated, removal = (
        answers[effect].table.set_index("unit")["effect"]
        for effect in ("direct", "mediated", "removal")
    )
    np.testing.assert_allclose(direct + mediated, removal, rtol=1e-9)
    # Only video hands on to others: the rest have nothing that is mediated.
    assert (mediated.drop("video") == 0.0).all()


def test_sampled_orders_agree_with_all_orders(
    answers: dict[str, Effects], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both live the same arms, so that they differ by the error of sampling alone."""
    monkeypatch.setattr(estimands, "EXACT_UNITS", 2)
    exact = answers["shapley"].table.set_index("unit")
    sampled = asked("shapley", permutations=16)
    rows = sampled.table.set_index("unit")
    off = (rows["effect"] - exact["effect"]).drop("inert") / rows["sampling_se"].drop("inert")
    # Student's t with 7 degrees of freedom: beyond 5.4 in 1 of 1,000.
    assert (off.abs() < 5.4).all()
    assert (rows["se"] >= rows["sampling_se"]).all()
    assert rows.loc["inert", ["effect", "orders_differ", "sampling_se"]].eq(0.0).all()
    assert sampled.total == pytest.approx(answers["shapley"].total, rel=1e-9)


def test_more_orders_make_less_error_of_sampling(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard error falls as one over the root of the number of pairs: here by 4."""
    monkeypatch.setattr(estimands, "EXACT_UNITS", 2)
    few, many = (
        asked("shapley", permutations=n).table.set_index("unit")["sampling_se"] for n in (8, 128)
    )
    assert 1.5 < few.sum() / many.sum() < 9.0


def test_orders_come_with_their_reverse() -> None:
    plan, names = small().reference_plan, {name: frozenset([name]) for name in small().plannable}
    ask = Question(small(), plan, "shapley", names, permutations=2)
    steps = estimands._sampled(ask)
    for unit, (one, other) in steps.items():
        assert one.weight == other.weight == 0.5
        assert one.plus.off & other.plus.off == frozenset()
        assert one.plus.off | other.plus.off | {unit} == set(names)


def test_units_that_are_not_asked_about_stay_on() -> None:
    found = asked("shapley", over=["video", "notes"])
    assert found.question.baseline_name == "only inert, shop on"
    assert len(found.question.arms) == 4
    both = asked("removal", over={"both": ["video", "notes"]})
    assert found.total == pytest.approx(both.total, rel=1e-9)


def test_tiers_are_sets_of_channels() -> None:
    tiers = asked("removal", over="tiers").table
    sets = {"tier 1": ["shop"], "tier 2": ["video", "notes", "inert"]}
    pd.testing.assert_frame_equal(tiers, asked("removal", over=sets).table)


def test_the_last_money_is_the_share_that_was_asked_for() -> None:
    """Spent as planned, so that what is kept is the share; the tail has all its money."""
    found = asked("marginal", share=0.08).table.set_index("unit")
    np.testing.assert_allclose(found["money"], 0.08 * 1e6, rtol=1e-9)
    months = asked("marginal", monthly=True, over=["video"])
    rows, plan = months.table, small().reference_plan
    assert rows["month"].tolist() == list(plan.months)
    np.testing.assert_allclose(rows["money"], 0.05 * plan.of("video"), rtol=1e-9)
    np.testing.assert_allclose(rows["per_money"], rows["effect"] / rows["money"], rtol=1e-9)


def test_the_last_money_brings_less_than_the_first() -> None:
    """Pressure is concave here: a unit of the last half earns less than the mean one."""
    last, whole = (
        asked(effect, customers=8000, over=["video"], share=0.5).table.loc[0]
        for effect in ("marginal", "removal")
    )
    error = np.hypot(last["per_money_se"], whole["per_money_se"])
    assert last["per_money"] < whole["per_money"] - 2 * error


# ---- errors


def test_errors_of_a_ratio_are_those_of_a_jackknife_by_hand() -> None:
    """Difference of two rates, all communities and each left out, from the books themselves."""
    scenario = small()
    scenario = Scenario.model_validate(
        {**scenario.model_dump(mode="json"), "defaults": {"tail_days": 0, "communities": 20}}
    )
    found = asked("removal", scenario, kpi="conversion_rate", over=["video"])
    past = simulate_histories([Setting(scenario, CUSTOMERS, 1)], workers=1)[0]
    cards = [Scorecard(year) for year in simulate_arms([past], [found.question.arms], workers=1)[0]]
    rates = [card.value("conversion_rate") for card in cards]
    assert found.table.loc[0, "effect"] == pytest.approx(rates[0] - rates[1], rel=1e-9)
    left = []
    for out in range(20):
        kept = [{n: np.delete(x, out).sum() for n, x in card.sums("all").items()} for card in cards]
        each = [sums["conversions"] / sums["visits"] for sums in kept]
        left.append(each[0] - each[1])
    se = np.sqrt(19 / 20 * ((np.array(left) - np.mean(left)) ** 2).sum())
    assert found.table.loc[0, "se"] == pytest.approx(se, rel=1e-9)


@pytest.mark.long
def test_every_counted_kpi_has_an_effect() -> None:
    """Sums and ratios alike; nothing is simulated again."""
    whole = asked("removal", busy(), over=["video", "mail"], customers=4 * CUSTOMERS)
    for kpi in sorted(summed_kpis(busy()) - {"spend"}):
        found = whole.of(kpi)
        assert found.kpi == kpi
        assert np.isfinite(found.table.loc[0, ["effect", "se"]].astype(float)).all(), kpi
        assert found.tallies is whole.tallies
    pd.testing.assert_frame_equal(whole.of("conversions").table, whole.table)


def test_effects_on_profit_are_those_on_margin_less_money(answers: dict[str, Effects]) -> None:
    profit, margin = (answers["removal"].of(kpi).table for kpi in ("profit", "margin"))
    np.testing.assert_allclose(profit["effect"], margin["effect"] - margin["money"], rtol=1e-9)


def test_worlds_are_averaged_and_their_spread_is_the_error() -> None:
    uncertain = [{"path": "channels.video.awaken", "spread": 0.5}]
    scenario = small(uncertainty=uncertain)
    found = asked("removal", scenario, worlds=4, over=["video"], seed=5)
    seeds = seeds_of(TRUE_WORLDS, 5, 4)
    each = [asked("removal", draw_world(scenario, s), seed=s, over=["video"]) for s in seeds]
    effects = np.array([one.table.loc[0, "effect"] for one in each])
    errors = np.array([one.table.loc[0, "se"] for one in each])
    row = found.table.loc[0]
    assert row["effect"] == pytest.approx(effects.mean(), rel=1e-9)
    assert row["se"] == pytest.approx(effects.std(ddof=1) / 2.0, rel=1e-9)
    assert row["simulation_se"] == pytest.approx(np.sqrt((errors**2).sum()) / 4.0, rel=1e-9)
    spread = np.sqrt(max(effects.var(ddof=1) - (errors**2).mean(), 0.0))
    assert row["spread"] == pytest.approx(spread, rel=1e-9)
    # Student's t with 3 degrees of freedom
    assert row["high"] - row["effect"] == pytest.approx(3.182 * row["se"], rel=1e-3)
    assert found.baseline[0] == pytest.approx(np.mean([one.baseline[0] for one in each]), rel=1e-9)
    assert found.to_dict()["worlds"] == 4


@pytest.mark.long
def test_answers_are_the_same_on_any_number_of_workers() -> None:
    one, two = (asked("shapley", busy(), over="tiers", workers=n).table for n in (1, 2))
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_progress_is_heard_piece_by_piece() -> None:
    heard: list[tuple[str, int, int | None]] = []
    asked("removal", over=["video"], progress=lambda *said: heard.append(said))
    assert heard == [("groups of communities", n, len(heard)) for n in range(1, len(heard) + 1)]
    assert len(heard) > 5


# ---- what cannot be asked


@pytest.mark.parametrize(
    ("effect", "options", "words"),
    [
        ("magic", {}, "effect: 'magic' is unknown; use one of removal"),
        (
            "removal",
            {"kpi": "nps"},
            "kpi: 'nps' is not counted in the market; it needs buyers",
        ),
        ("removal", {"over": "personas"}, "over: 'personas' is unknown; use channels or tiers"),
        ("removal", {"over": ["direct"]}, "over: 'direct' cannot be switched off; use video"),
        ("removal", {"over": {"none": []}}, "over: it holds an empty set"),
        ("removal", {"over": []}, "over: it holds an empty set"),
        ("removal", {"monthly": True}, "monthly: removal is told for the year"),
        ("removal", {"worlds": 1}, "worlds: 1 has no spread"),
        ("marginal", {"share": 0.0}, "share: 0.0 is no part of the money"),
        ("shapley", {"permutations": 5}, "permutations: 5 are not pairs"),
        ("shapley", {"over": {"a": ["video"], "b": ["video"]}}, "over: 'video' is in two sets"),
        ("synergy", {"over": ["video"]}, "over: synergy is of two units"),
        ("removal", {"customers": 1}, "customers: 1 are too few"),
    ],
)
def test_what_cannot_be_told_is_refused_with_a_remedy(
    effect: str, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(RunError, match=words):
        asked(effect, **options)


def test_a_plan_of_other_channels_is_refused() -> None:
    with pytest.raises(RunError, match="plan:"):
        asked("removal", plan=load_scenario("retail").reference_plan)
