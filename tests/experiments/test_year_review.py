"""A real year reviewed: what follows the plan changes nothing, what is planted is found."""

import html
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from experiments.company_data.run import check_table
from experiments.publish.year_review import replan_job
from experiments.tracking.store import Store
from experiments.year_review.actuals import Actuals, ReviewError, actuals_of, last_year_in
from experiments.year_review.decisions import cost_of_doubt, decisions
from experiments.year_review.expected import expected
from experiments.year_review.findings import DEMAND, Finding, Judgement, judge
from experiments.year_review.moved import moved_curves
from experiments.year_review.outlook import Year, forecasts
from experiments.year_review.result import YearReview
from experiments.year_review.run import year_review
from optimize import by_channel, forecast, marginal_returns
from scenarios import KpiFloor, MediaPlan
from tests.experiments.years import WORTH, curves, lived, plan, scenario, table_of, weeks_of
from tiermix.cli.commands.replan import asked_of
from tiermix.cli.options import UsageError
from tiermix.core.errors import TiermixError

SEEDS = range(12)


def judged(actuals: Actuals) -> Judgement:
    seen = expected(scenario(), curves(), actuals.spent(plan()), actuals, actuals.kpi)
    return judge(seen, actuals)


def reviewed(actuals: Actuals) -> YearReview:
    return year_review(scenario(), curves(), plan(), actuals)


@pytest.mark.parametrize("months", [3, 6, 9])
def test_actuals_that_follow_the_plan_change_nothing(months: int) -> None:
    found = reviewed(lived(None, months))
    assert found.passed == months
    assert found.replan.amounts == pytest.approx(plan().amounts, rel=1e-9)
    assert (found.replan.amounts[:, months:] == plan().amounts[:, months:]).all()
    assert found.moved == 0
    assert {one.decision for one in found.decisions} <= {"hold", "test"}
    assert not found.judgement.findings
    for row in found.money:
        assert row.actual == pytest.approx(row.planned, rel=1e-6)


def test_chance_alone_finds_something_no_more_often_than_said() -> None:
    """5 % of years: of 24, at most 4 with a probability of 99.3 % (binomial)."""
    years = [lived(seed) for seed in SEEDS] + [
        lived(seed, regions=3, wander=0.5, clicks=False) for seed in SEEDS
    ]
    told = [judged(year) for year in years]
    assert sum(bool(one.findings or one.candidates) for one in told) <= 4


def test_a_channel_at_half_effect_from_april_is_found_and_cut_by_june() -> None:
    """By its clicks with the money by week; at the review of May already, for June."""
    found = reviewed(weeks_of(lived(2, factor={"douyin": 0.5}), 5))
    (one,) = found.judgement.findings
    assert one.cause == "douyin"
    assert one.since in ("2026-03", "2026-04", "2026-05")
    assert abs(one.change + 0.5) < 2 * one.error
    june = plan().months.index("2026-06")
    assert found.replan.of("douyin")[june] < 0.7 * plan().of("douyin")[june]
    decided = {one.channel: one for one in found.decisions}
    assert decided["douyin"].decision == "cut"
    assert one.words in decided["douyin"].reason


def test_without_clicks_money_that_differs_between_regions_tells_the_channel() -> None:
    told = [
        judged(lived(seed, factor={"douyin": 0.5}, regions=8, wander=0.8, clicks=False))
        for seed in range(4)
    ]
    causes = [[one.cause for one in each.findings] for each in told]
    assert sum(each[:1] == ["douyin"] for each in causes) >= 3


def test_where_channels_cannot_be_told_apart_none_is_blamed() -> None:
    """One region, even money, no clicks: something is less, and nobody can know what."""
    found = reviewed(lived(None, factor={"seo": 0.5}, clicks=False))
    assert not found.judgement.findings
    assert len(found.judgement.candidates) >= 2
    assert "may be due to" in found.words[1]
    assert found.moved == 0


def test_demand_that_halves_is_no_channels_fault() -> None:
    found = reviewed(lived(3, factor={DEMAND: 0.5}))
    assert [one.cause for one in found.judgement.findings] == [DEMAND]
    assert found.judgement.findings[0].change == pytest.approx(-0.5, abs=0.06)
    later = slice(found.passed, None)
    assert found.replan.amounts[:, later].sum() < 0.8 * plan().amounts[:, later].sum()


def test_reasons_are_the_figures_that_were_known() -> None:
    """Each sentence is made again from the curves and plans of the review."""
    found = reviewed(lived(1, factor={"douyin": 0.5}))
    now = moved_curves(scenario(), curves(), found.judgement.findings)
    known = marginal_returns(scenario(), now, found.plan, "margin", passed=found.passed)
    later = slice(found.passed, None)
    for one in found.decisions:
        brings, error = known[one.channel]
        was, then = (p.of(one.channel)[later].sum() for p in (found.plan, found.replan))
        assert (one.before, one.after) == pytest.approx((was, then))
        assert f"brings {brings:.2f} ± {error:.2f} of margin" in one.reason
        assert one.decision != "scale" or then > was
        assert one.decision != "cut" or then < was
        assert ("proven" in one.reason) == (one.decision == "scale" and brings - 1.64 * error > 1)


def test_a_channel_of_tier_3_that_proves_itself_is_scaled_up() -> None:
    found = reviewed(lived(2, factor={"group_buying": 2.2}))
    one = next(each for each in found.decisions if each.channel == "group_buying")
    assert (one.tier, one.decision, one.proven) == (3, "scale", True)
    assert "proven" in one.reason


def test_tests_go_where_not_knowing_costs_most() -> None:
    """The unit normal loss against its own integral, and the two largest of those held."""
    rng = np.random.default_rng(0)
    lost = np.maximum(1.0 - (1.2 + 0.4 * rng.standard_normal(400_000)), 0.0).mean()
    assert cost_of_doubt(1.2, 0.4, 1.0, 100.0) == pytest.approx(100 * lost, rel=0.02)
    assert cost_of_doubt(1.2, 0.0, 1.0, 100.0) == 0.0
    made = decisions(scenario(), curves(), plan(), plan(), 3)
    cost = sorted(made, key=lambda one: -one.doubt)
    assert {one.channel for one in cost[:2]} == {o.channel for o in made if o.decision == "test"}


def test_curves_move_by_what_was_found_and_nothing_else() -> None:
    """From the month on, by the channel alone; what comes without money stays."""
    here, known = scenario(), curves()
    finding = Finding("douyin", "2026-04", -0.5, 0.1, 0.95, "outcomes")
    moved = moved_curves(here, known, [finding])
    before, after = (by_channel(here, c, plan(), "revenue") for c in (known, moved))
    for name in before:
        factor = np.where(np.arange(12) >= 3, 0.5, 1.0) if name == "douyin" else np.ones(12)
        assert after[name] == pytest.approx(before[name] * factor)
    none = plan().scale(0.0)
    revenue = [forecast(here, c, none)["revenue"] for c in (known, moved)]
    assert revenue[1] == pytest.approx(revenue[0])
    halved = moved_curves(here, known, [replace(finding, cause=DEMAND, since="2026-01")])
    assert forecast(here, halved, plan())["revenue"] == pytest.approx(
        0.5 * forecast(here, known, plan())["revenue"]
    )
    assert moved_curves(here, known, []) is known


def test_goals_are_forecast_from_what_has_happened() -> None:
    """With nine months over and no doubt of the rest, the year is their sum."""
    year = lived(None, 9)
    sure = Year(scenario(), curves(), year, (0.0, 0.0), 0.0)
    by_name = {one.goal: one for one in forecasts(sure, plan())}
    revenue = by_name["revenue up 5 %"]
    counted = year.by_month("conversions").sum() * WORTH
    assert revenue.so_far == pytest.approx(counted)
    assert revenue.mean == pytest.approx(
        forecast(scenario(), curves(), plan())["revenue"], rel=0.01
    )
    assert revenue.probability is not None
    assert by_name["tier-2 engagement"].probability is None
    assert by_name["tier-2 engagement"].note
    roi, total = by_name["return of 1.2"], plan().total
    profit = by_name["profit"].mean
    assert roi.mean is not None
    assert profit is not None
    assert roi.mean == pytest.approx(profit / total, rel=0.02)


def test_a_table_is_read_as_any_of_the_companys(tmp_path: Path) -> None:
    year = lived(1, regions=2)
    file = tmp_path / "actuals.csv"
    file.write_text(table_of(year), "utf-8")
    read = actuals_of(check_table(file), scenario())
    assert read.starts == year.starts
    assert read.passed == 6
    assert read.spend == pytest.approx(year.spend, abs=1e-3)
    assert read.outcomes["conversions"] == pytest.approx(year.outcomes["conversions"], abs=1e-3)
    assert read.clicks == pytest.approx(year.clicks, abs=1e-3)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace("douyin", "tiktok"), "'tiktok'"),
        (lambda text: text.replace("2026-", "2023-"), "2026-01"),
        (lambda text: text.replace("2026-03-02", "2026-03-99"), "2026-03-99"),
    ],
)
def test_tables_that_are_not_of_this_year_are_refused(
    tmp_path: Path, change: Callable[[str], str], words: str
) -> None:
    file = tmp_path / "actuals.csv"
    file.write_text(change(table_of(lived(1))), "utf-8")
    with pytest.raises(TiermixError, match=words):
        actuals_of(check_table(file), scenario())


def test_a_year_that_is_over_has_nothing_to_be_planned_again(tmp_path: Path) -> None:
    file = tmp_path / "actuals.csv"
    rows = [f"2026-{m:02d},{name},1000,10," for m in range(1, 13) for name in ("douyin", "total")]
    rows = [row.replace("total,1000,10,", "total,,,500") for row in rows]
    file.write_text("month,channel,spend,clicks,conversions\n" + "\n".join(rows), "utf-8")
    with pytest.raises(ReviewError, match="is over"):
        actuals_of(check_table(file), scenario())
    file.write_text("month,channel,spend,clicks,conversions\n" + "\n".join(rows[:8]), "utf-8")
    assert actuals_of(check_table(file), scenario()).passed == 4


def test_a_floor_that_the_year_cannot_reach_any_more_is_given_up_and_said() -> None:
    floor = KpiFloor(name="orders", kpi="conversions", at_least=0.9e6)
    here = scenario().model_copy(update={"rules": (floor,)})
    found = year_review(here, curves(), plan(), lived(3, factor={DEMAND: 0.5}))
    assert found.given_up == ("orders",)
    assert "orders" in found.words[-1]
    assert found.moved > 0
    kept = year_review(here, curves(), plan(), lived(None))
    assert kept.given_up == ()


def test_the_command_writes_the_plan_of_the_rest_and_a_page_and_keeps_its_reasons(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store.uri)
    file = tmp_path / "actuals.csv"
    file.write_text(table_of(lived(1, factor={"douyin": 0.5})), "utf-8")
    made = replan_job(scenario(), plan(), check_table(file), curves, out=tmp_path / "out")
    again = MediaPlan.from_csv(made["csv"], scenario().plannable, scenario().months)
    assert again.of("douyin")[6:].sum() < 0.7 * plan().of("douyin")[6:].sum()
    assert {"month", "channel", "kpi", "planned", "actual"} <= set(made["plan_against_actual"][0])
    text = Path(made["report"]).read_text("utf-8")
    for one in made["decisions"]:
        assert html.escape(one["reason"]) in text
    assert "How the year will end" in text
    experiment = store.client.get_experiment_by_name(made["mlflow"]["experiment"])
    (run,) = store.client.search_runs([experiment.experiment_id])
    assert run.data.tags["kind"] == "review"
    douyin = run.data.metrics["money_after/douyin"]
    assert douyin == pytest.approx(again.of("douyin")[6:].sum(), abs=1)
    kept = store.client.download_artifacts(run.info.run_id, "decisions.json")
    assert json.loads(Path(kept).read_text("utf-8")) == made["decisions"]


def test_files_and_scenario_are_given_in_one_of_two_ways() -> None:
    wanted = ("retail", Path("p.csv"), Path("a.csv"))
    assert asked_of(["p.csv", "a.csv"], "retail", None, None) == wanted
    assert asked_of(["retail"], None, Path("p.csv"), Path("a.csv")) == wanted
    for files, name in ((["p.csv", "a.csv"], None), (["p.csv"], "retail"), (["a"] * 3, "retail")):
        with pytest.raises(UsageError, match=r"PLAN\.csv ACTUALS\.csv --scenario retail"):
            asked_of(files, name, None, None)


def test_last_year_in_the_table_is_what_goals_are_a_change_on(tmp_path: Path) -> None:
    file = tmp_path / "actuals.csv"
    rows = [
        f"{year}-{m:02d},{line}"
        for year, months in ((2025, 12), (2026, 5))
        for m in range(1, months + 1)
        for line in ("douyin,1000,", f"total,,{m * 100}")
    ]
    file.write_text("month,channel,spend,revenue\n" + "\n".join(rows), "utf-8")
    table = check_table(file)
    found = last_year_in(table, scenario())
    assert found["revenue"] == pytest.approx(7800)
    assert found["revenue@Q4"] == pytest.approx(3300)
    assert actuals_of(table, scenario()).passed == 5
    file.write_text("month,channel,spend,revenue\n" + "\n".join(rows[8:]), "utf-8")
    assert last_year_in(check_table(file), scenario()) == {}


def test_channels_go_by_their_chinese_names_too(tmp_path: Path) -> None:
    """As a table of the company may have them."""
    told, names = table_of(lived(1)), scenario().other_names
    ours, theirs = tmp_path / "ours.csv", tmp_path / "theirs.csv"
    ours.write_text(told, "utf-8")
    for chinese, name in names.items():
        told = told.replace(f",{name},", f",{chinese},")
    theirs.write_text(told, "utf-8")
    assert "抖音" in told
    one, other = (actuals_of(check_table(file), scenario()) for file in (ours, theirs))
    assert other.channels == one.channels
    np.testing.assert_array_equal(other.spend, one.spend)
    np.testing.assert_array_equal(other.clicks, one.clicks)
