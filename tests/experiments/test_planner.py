"""The planner's model: drafts become plans fast, conflicts have ways out, files come back."""

import math
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from experiments.planner.assumptions import assumption, assumptions_of
from experiments.planner.desk import Desk, Desks, Question
from experiments.planner.draft import Draft, PlannerError, name_of
from experiments.planner.market import try_in_market
from experiments.planner.numbers import numbers_of, target_of
from experiments.planner.saving import checked_name, save, scenario_text
from experiments.planner.sheet import MOST, Sheet, Sheets, Version
from experiments.planner.tables import edits, expected_goals, months_table
from optimize import InfeasiblePlan, allocate
from optimize.plans.again import NEAR
from scenarios import MediaPlan, load_scenario, read_plan
from tests.experiments.planning import curves, retail
from tiermix.core.errors import TiermixError
from tiermix.core.language import speaking
from tiermix.core.outputs import OutputError

CELL = ("seo", "2026-03")


@pytest.fixture(scope="module")
def desk() -> Desk:
    made = Desk(retail(), curves())
    assert made.answer(_draft()).plan is not None
    return made


def _draft() -> Draft:
    return Draft.of(retail())


def test_a_draft_that_nobody_moved_is_the_scenario() -> None:
    assert _draft().scenario(retail()).hash == retail().hash


@pytest.mark.parametrize(
    ("written", "meant"),
    [("24m", 24e6), ("80%", 24e6), ("24,000,000", 24e6), ("2400万", 24e6), ("24，000，000", 24e6)],
)
def test_a_budget_is_read_as_people_write_it(written: str, meant: float) -> None:
    assert _draft().with_budget(written).budget == meant


@pytest.mark.parametrize("written", ["", "much", "-5", "0", "nan", "inf", "1e30", "24m24", "１２x"])
def test_what_is_no_budget_is_refused_with_a_sentence(written: str) -> None:
    with pytest.raises(TiermixError, match=r"budget: .*(amount of money)"):
        _draft().with_budget(written)


@pytest.mark.parametrize("amount", [-1.0, math.nan, math.inf, 1e18])
def test_what_is_no_amount_is_refused(amount: float) -> None:
    with pytest.raises(PlannerError, match=r"seo 2026-03: .* no amount of money here"):
        _draft().with_cell(*CELL, amount)


def test_a_fixed_amount_stays_and_the_rest_is_planned_again(desk: Desk) -> None:
    free = desk.answer(_draft()).plan
    kept = desk.answer(_draft().with_cell(*CELL, 123_456.0)).plan
    assert free is not None
    assert kept is not None
    assert kept.media.of("seo")[2] == pytest.approx(123_456.0)
    assert free.media.of("seo")[2] != pytest.approx(123_456.0, rel=0.01)
    assert np.abs(kept.media.amounts - free.media.amounts).sum() > 2 * 1_000
    assert desk.answer(_draft().with_cell(*CELL, 5.0).with_cell(*CELL, None)).plan is free


LONG = pytest.mark.long


@pytest.mark.parametrize(
    "budget", [pytest.param("70%", marks=LONG), "100%", pytest.param("130%", marks=LONG)]
)
def test_plans_made_one_after_the_other_are_as_good_as_each_alone(desk: Desk, budget: str) -> None:
    draft = _draft().with_budget(budget).with_number("tier 2 band", "least", 0.3)
    found = desk.answer(draft).plan
    alone = allocate(draft.scenario(retail()), curves(), calm=False, explain=False)
    assert found is not None
    assert found.objective.gap <= NEAR
    assert found.objective.value == pytest.approx(alone.objective.value, rel=1.1 * NEAR)
    assert found.objective.upper >= alone.objective.value * (1 - 1e-9)


def test_twelve_channels_and_months_are_planned_again_within_a_second(desk: Desk) -> None:
    taken = []
    for share in (0.97, 0.93, 0.89):
        began = time.process_time()
        assert desk.answer(_draft().with_budget(share * 3e7)).plan is not None
        taken.append(time.process_time() - began)
    assert min(taken) < 1.0


def test_going_back_to_a_draft_plans_nothing(desk: Desk) -> None:
    assert desk.answer(_draft()) is desk.answer(_draft())


def test_a_rule_that_is_switched_off_does_not_hold(desk: Desk) -> None:
    held = desk.answer(_draft()).plan
    free = desk.answer(_draft().switched("no channel moves too far", on=False)).plan
    assert held is not None
    assert free is not None
    assert free.objective.value > held.objective.upper * (1 - NEAR)
    bound = 2.0 * retail().last_year.by_channel["xiaohongshu"]
    assert held.monthly.by_channel["xiaohongshu"] <= bound * (1 + 1e-9)
    with pytest.raises(PlannerError, match="cannot be left out"):
        _draft().switched("annual budget", on=False)


QUICK = ("an amount", "a share that goes to nothing")
CONFLICTS = {
    "an amount": _draft().with_cell(*CELL, 2e7),
    "a cap": _draft().with_number("CAC cap", "cap", 5.0),
    "a share": _draft().with_number("tier 2 band", "least", 0.55).with_number(
        "tier 1 keeps its ground", "least", 0.60
    ),
    "a goal": _draft().with_goal("margin up 8 %", as_rule=True, change=1.5),
    "the budget": _draft().with_budget("20%"),
    "a share that goes to nothing": _draft().with_budget("15%"),
}  # fmt: skip


@pytest.mark.parametrize(
    "draft",
    [
        pytest.param(
            draft,
            id=name,
            marks=() if name in ("an amount", "a share that goes to nothing") else LONG,
        )
        for name, draft in CONFLICTS.items()
    ],
)
def test_the_least_change_leads_out_of_a_conflict(desk: Desk, draft: Draft) -> None:
    found = desk.answer(draft)
    assert found.plan is None
    assert found.refused.startswith("No plan keeps all rules")
    least, *others = found.ways_out
    assert least.words in found.refused
    assert desk.answer(least.draft).plan is not None
    told = [way.words.removeprefix("leave out ").removeprefix("release ") for way in others]
    assert [name for name in told if name not in found.conflict] == []


def test_a_change_less_than_the_least_leads_nowhere(desk: Desk) -> None:
    found = desk.answer(_draft().with_cell(*CELL, 2e7))
    amount = dict(found.ways_out[0].draft.fixed)[CELL]
    assert desk.answer(_draft().with_cell(*CELL, 1.01 * amount)).plan is None
    assert desk.answer(_draft().with_cell(*CELL, amount)).plan is not None


def test_each_rule_in_conflict_can_be_left_out_and_amounts_released() -> None:
    draft = _draft().with_cell(*CELL, 2e7)
    with pytest.raises(InfeasiblePlan) as refused:
        allocate(draft.scenario(retail()), curves())
    assert name_of(CELL) in refused.value.conflict
    ways = Desk(retail(), curves()).answer(draft).ways_out
    assert f"release {name_of(CELL)}" in [way.words for way in ways]
    assert next(way for way in ways if way.words.startswith("release")).draft.fixed == ()


def test_bounds_are_added_and_taken_out(desk: Desk) -> None:
    fields = {"kind": "group_bounds", "name": "social", "channels": ("douyin", "kol")}
    draft = _draft().with_rule({**fields, "basis": "money", "most": 4e6})
    found = desk.answer(draft).plan
    assert found is not None
    assert found.monthly.by_channel["douyin"] + found.monthly.by_channel["kol"] <= 4e6 * (1 + 1e-9)
    assert draft.without_rule("social").rules == _draft().rules
    with pytest.raises(PlannerError, match="there is a rule “social” already"):
        draft.with_rule({**fields, "most": 1.0})


def test_a_bound_that_a_scenario_would_refuse_is_refused() -> None:
    fields = {"kind": "channel_bounds", "name": "x", "channels": ("nobody",), "most": 1.0}
    with pytest.raises(TiermixError, match="nobody"):
        _draft().with_rule(fields).scenario(retail())
    with pytest.raises(TiermixError, match="least"):
        _draft().with_number("tier 2 band", "least", 7.0).scenario(retail())


def test_numbers_are_shown_in_percent_and_meant_as_shares() -> None:
    least, _ = numbers_of(_draft().rule("no channel moves too far"))
    assert (least.field, least.shown, least.unit) == ("least", -60.0, "percent")
    assert least.meant(-50.0) == -0.5
    assert numbers_of(_draft().rule("annual budget")) == []
    assert [one.unit for one in numbers_of(_draft().rule("CAC cap"))] == ["money"]
    assert [target_of(goal).shown for goal in _draft().goals[:3]] == [5.0, 8.0, 95.0]


def test_goals_are_held_against_the_curves() -> None:
    told = expected_goals(_draft().goals, {"revenue": 2e8, "cac": 99.0}, {"revenue": 1e8})
    by_name = {one.goal.name: (one.target, one.reached) for one in told}
    assert by_name["revenue up 5 %"] == (1.05e8, True)
    assert by_name["CAC below 95"] == (95.0, False)
    assert by_name["margin up 8 %"] == (None, None)


def test_edits_are_amounts_that_moved_and_cells_that_were_emptied() -> None:
    media = MediaPlan(("a", "b"), ("2026-01", "2026-02"), [[1.2, 2.0], [3.0, 4.0]])
    rows = {0: {"2026-01": 1.0, "2026-02": 7.0}, 1: {"2026-01": None, "channel": "x", "year": 1}}
    rows |= {1: {**rows[1], "2026-02": "text"}}
    assert edits(rows, media) == [("a", "2026-02", 7.0), ("b", "2026-01", None)]


def test_months_bear_the_names_of_the_language() -> None:
    media = retail().reference_plan
    with speaking("zh"):
        assert months_table(media, retail())["channel"].tolist()[0] != "seo"
    assert months_table(media, retail())["channel"].tolist()[0] == "seo"


def test_a_saved_scenario_is_the_draft_and_a_saved_plan_the_plan(
    desk: Desk, tmp_path: Path
) -> None:
    draft = _draft().with_budget("90%").switched("CAC cap", on=False).with_cell(*CELL, 2e5)
    draft = draft.with_goal("CAC below 95", level=90.0)
    found = desk.answer(draft, whole=True)
    assert found.plan is not None
    assert found.plan.media.of("seo")[2] == 2e5  # to the last digit, in a calm and round plan
    assert found.plan.step > 0
    assert found.plan.shadow_prices
    text = scenario_text(Question("retail"), draft, retail(), {})
    files = save(tmp_path, "my plan", text, found.plan, desk, found.scenario)
    assert text.startswith("format: 1\nextends: retail\n")
    again = load_scenario(files["yaml"])
    assert again.hash == draft.scenario(retail()).hash
    for kind in ("csv", "xlsx"):
        back = read_plan(files[kind], again.plannable, again.months)
        assert np.allclose(back.amounts, found.plan.monthly.amounts)
    save(tmp_path, "my plan", text, found.plan, desk, found.scenario)  # its own files
    files["csv"].write_text("somebody else's")
    with pytest.raises(OutputError):
        save(tmp_path, "my plan", text, found.plan, desk, found.scenario)


def test_a_scenario_with_other_assumptions_is_saved_whole(tmp_path: Path) -> None:
    settings = {"channels.douyin.peak": 0.2}
    base = load_scenario("retail", settings)
    text = scenario_text(Question("retail"), Draft.of(base), base, settings)
    (tmp_path / "a.yaml").write_text(text, "utf-8")
    assert load_scenario(tmp_path / "a.yaml").hash == base.hash


@pytest.mark.parametrize(
    "name", ["", " ", "../x", "a/b", "a\\b", ".hidden", "a" * 61, "x.", "a\nb"]
)
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(PlannerError, match="is no name for files"):
        checked_name(name)


def test_assumptions_are_paths_with_values() -> None:
    assert assumption("channels.douyin.peak = 0.2") == ("channels.douyin.peak", 0.2)
    assert assumption("currency=EUR") == ("currency", "EUR")
    for text in ("", "peak", "=1", "a=", "budget=1", "rules.CAC cap.cap=3"):
        with pytest.raises(PlannerError):
            assumption(text)
    assert assumptions_of(retail())
    assert assumptions_of(load_scenario("retail", {"uncertainty": [], "shocks": []})) == {}


def test_curves_are_measured_once_for_a_market_whatever_its_rules(tmp_path: Path) -> None:
    file = tmp_path / "curves.csv"
    curves().to_csv(file)
    asked, desks = Question("retail", curves=str(file)), Desks()
    one = desks.desk(asked, retail())
    assert desks.desk(asked, retail()) is one
    file.unlink()
    other = load_scenario("retail", {"rules.CAC cap.cap": 100.0})
    assert desks.desk(asked, other).curves is one.curves


def test_pages_are_apart_and_the_oldest_are_forgotten() -> None:
    sheets, sheet = Sheets(), Sheet.of(retail())
    one, two = sheets.new_key(), sheets.new_key()
    sheets.put(one, sheet)
    sheets.put(two, sheet.with_draft(_draft().with_budget("50%")))
    assert sheets.get(one) == sheet
    for _ in range(MOST):
        sheets.put(sheets.new_key(), sheet)
    assert sheets.get(one) is None


@pytest.mark.long
def test_plans_are_tried_in_the_same_draws() -> None:
    base = load_scenario("retail", {"rules.CAC cap.cap": 1e-3})  # rules have no say in the market
    plan = base.reference_plan
    asked = Question("retail", customers=60, replications=2, workers=1)
    heard: list[str] = []
    more = MediaPlan(plan.channels, plan.months, 1.5 * plan.amounts)
    found = try_in_market(
        base, {"A": plan, "B": plan, "C": more}, asked, lambda w, *_: heard.append(w)
    )
    last, a, b, c = found.tried
    assert (a.mean, a.ahead, a.goals) == (b.mean, b.ahead, b.goals)
    assert a.mean != c.mean
    assert last.name == "last_year"
    assert heard
    sheet = Sheet.of(base).simulated(found)
    assert not sheet.told
    version = Version(_draft(), plan, "profit", {})
    for letter, media in (("A", plan), ("B", plan), ("C", more)):
        sheet = sheet.keeping(letter, replace(version, media=media))
    assert sheet.told
    assert not sheet.without("C").told
