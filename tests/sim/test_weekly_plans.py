"""Plans by week are lived: the same money spread evenly is the monthly plan."""

from pathlib import Path

import numpy as np
import pytest

from scenarios import MediaPlan, PlanError, Scenario, load_scenario
from scenarios.parts.plan_periods import cut, fill, union
from sim import Market, RunError, simulate

SIZE = {"seed": 3, "customers": 60, "workers": 1}


@pytest.fixture(scope="module")
def market() -> Scenario:
    return load_scenario("retail")


def weeks_of(scenario: Scenario) -> tuple[str, ...]:
    """Mondays, cut where months begin."""
    return cut(_mondays(scenario), scenario.months)[0]


def _mondays(scenario: Scenario) -> list[str]:
    first = np.datetime64(scenario.start) - 3
    return [str(first + 7 * n) for n in range(53)]


def evenly(plan: MediaPlan, weeks: tuple[str, ...]) -> MediaPlan:
    return plan.by_periods_of(MediaPlan.zeros(plan.channels, weeks))


def test_the_same_money_spread_evenly_gives_the_same_rows(market: Scenario) -> None:
    monthly = market.reference_plan
    by_week = evenly(monthly, weeks_of(market))
    assert by_week.unit == "week"
    assert len(by_week.months) > 52
    one, other = (simulate(market, plan=plan, **SIZE) for plan in (monthly, by_week))
    for table in ("touches", "conversions"):
        rows = [getattr(run.log, table).reset_index(drop=True) for run in (one, other)]
        assert len(rows[0])
        # A day's money may differ in its last digit, which no draw of luck has come near to.
        assert rows[0].equals(rows[1])
    assert one.ledger["spend"].to_numpy() == pytest.approx(other.ledger["spend"].to_numpy())


def test_money_is_spent_in_its_week(market: Scenario) -> None:
    weeks = weeks_of(market)
    plan = MediaPlan.zeros(market.plannable, weeks)
    money = plan.amounts.copy()
    money[:, weeks.index("2026-06-08")] = 70_000.0
    run = simulate(market, plan=MediaPlan(plan.channels, weeks, money), **SIZE)
    spent = run.ledger[run.ledger["spend"] > 0]
    days = sorted({str(day)[:10] for day in spent["date"]})
    assert days[0] == "2026-06-08"
    assert [day for day in days if day <= "2026-06-14"] == [
        str(np.datetime64("2026-06-08") + n) for n in range(7)
    ]
    # A capped channel may use the rest of the month's money later, as it may in a monthly plan.
    assert days[-1] <= "2026-06-30"


def test_a_week_that_lies_in_two_months_is_cut_by_days() -> None:
    months = ("2026-01", "2026-02")
    starts = ["2025-12-29", *(f"2026-01-{day:02d}" for day in (5, 12, 19, 26)),
              *(f"2026-02-{day:02d}" for day in (2, 9, 16, 23))]  # fmt: skip
    periods, share = cut(starts, months)
    assert periods[:2] == ("2026-01-01", "2026-01-05")
    assert "2026-02-01" in periods
    assert share.sum(axis=1) == pytest.approx(1)
    split = share[starts.index("2026-01-26")]
    assert split[periods.index("2026-01-26")] == pytest.approx(6 / 7)
    assert split[periods.index("2026-02-01")] == pytest.approx(1 / 7)
    assert fill(periods, months)
    assert union(months, periods) == periods


@pytest.mark.parametrize(
    ("left_out", "words"),
    [("2026-06-08", "the week after 2026-06-01 is missing"), ("2025-12-29", "the first week is")],
)
def test_weeks_that_are_missing_are_named(
    market: Scenario, tmp_path: Path, left_out: str, words: str
) -> None:
    lines = [f"seo,{week},10" for week in _mondays(market) if week != left_out]
    file = tmp_path / "weeks.csv"
    file.write_text("channel,week,amount\n" + "\n".join(lines), "utf-8")
    with pytest.raises(PlanError, match=words):
        MediaPlan.from_csv(file, market.plannable, market.months)


def test_a_file_by_week_is_read_and_written(market: Scenario, tmp_path: Path) -> None:
    lines = [f"seo,{week},{10 + n}" for n, week in enumerate(_mondays(market))]
    file = tmp_path / "weeks.csv"
    file.write_text("channel,week,amount\n" + "\n".join(lines), "utf-8")
    plan = MediaPlan.from_csv(file, market.plannable, market.months)
    assert plan.total == pytest.approx(sum(10 + n for n in range(53)))
    assert plan.monthly().months == market.months
    assert plan.monthly().total == pytest.approx(plan.total)
    again = MediaPlan.from_csv(plan.to_csv(tmp_path / "again.csv"), market.plannable, market.months)
    assert again.months == plan.months
    assert again.amounts == pytest.approx(plan.amounts)


@pytest.mark.parametrize("week", ["2026-13-01", "week 3", "2027-03-01"])
def test_what_is_no_week_of_the_year_is_refused(
    market: Scenario, tmp_path: Path, week: str
) -> None:
    file = tmp_path / "weeks.csv"
    lines = [f"seo,{one},10" for one in [*_mondays(market), week]]
    file.write_text("channel,week,amount\n" + "\n".join(lines), "utf-8")
    with pytest.raises(PlanError, match=week):
        MediaPlan.from_csv(file, market.plannable, market.months)


def test_weeks_that_do_not_fill_the_months_are_no_plan_for_a_market(market: Scenario) -> None:
    some = weeks_of(market)[1:]
    with pytest.raises(RunError, match="weeks of which they are made"):
        simulate(market, plan=MediaPlan.zeros(market.plannable, some), **SIZE)


def test_a_plan_by_week_is_followed_from_the_middle_of_a_year(market: Scenario) -> None:
    """Half of June under the old plan, half under twice the money, by week or by month alike."""
    monthly, weeks = market.reference_plan, weeks_of(market)
    told = []
    for plan in (monthly.scale(2), evenly(monthly, weeks).scale(2)):
        lived = Market(market, **SIZE).advance("2026-06-14")
        lived.set_plan(plan)
        told.append((lived.plan, lived.advance("2026-12").observe()))
    by_month, by_week = (plan for plan, _ in told)
    assert by_week.unit == "week"
    assert by_week.monthly().amounts == pytest.approx(by_month.amounts)
    one, other = (seen.aggregates for _, seen in told)
    assert one["spend"].to_numpy() == pytest.approx(other["spend"].to_numpy())
    assert one["conversions"].to_numpy() == pytest.approx(other["conversions"].to_numpy())
