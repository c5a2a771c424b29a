"""The education scenario: a market of courses with enrolment seasons and a desk of advisors.

Bands are broad, and widened by the standard errors of the run (over communities, jackknife).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from scenarios import Scenario, load_scenario
from scenarios.parts.operations import REQUESTS
from sim import Arm, Scorecard, Setting
from sim.market.arms import simulate_arms, simulate_histories
from sim.setup.communities import layout_of
from tiermix.core.arrays import Floats

CUSTOMERS = 2000
ERRORS = 4.0
"""Standard errors that a figure of a small run may lie outside its band."""

FILE = Path(__file__).parent.parent.parent / "scenarios" / "library" / "education.yaml"


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("education")


@pytest.fixture(scope="module")
def cards(scenario: Scenario) -> dict[str, Scorecard]:
    """A small market under last year's plan, without any marketing, and with a fifth more."""
    plan = scenario.reference_plan
    arms = [Arm(plan), Arm(plan, off=frozenset(scenario.plannable)), Arm(plan.scale(1.2))]
    past = simulate_histories([Setting(scenario, CUSTOMERS, 1)], workers=1)[0]
    years = simulate_arms([past], [arms], workers=1)[0]
    return dict(zip(("usual", "nothing", "more"), map(Scorecard, years), strict=True))


def test_regions_shops_and_content_have_both_names_too(scenario: Scenario) -> None:
    assert all(region.name_zh for region in scenario.regions)
    assert all(shop.name_zh for shop in scenario.shops)
    assert all(form.name_zh for form in scenario.content.formats)
    assert all(asset.name_zh for asset in scenario.content.assets)


def test_the_file_says_that_numbers_without_a_source_are_assumed() -> None:
    text = FILE.read_text("utf-8")
    header = " ".join(line.lstrip("# ") for line in text.splitlines() if line.startswith("#"))
    assert "Every number carries a source" in header
    assert "is *assumed*" in header
    data = yaml.safe_load(text)
    named = [part["source"] for part in (*data["channels"], *data["shops"]) if "source" in part]
    assert all(len(source) > 20 for source in named)
    assert len(named) >= 3


def test_both_years_have_their_terms_open_days_rivals_and_content(scenario: Scenario) -> None:
    years = (scenario.start.year - 1, scenario.start.year)
    dated = {
        "seasons": [s.start for s in scenario.seasons if s.needs > 1],
        "open days": [d.start for d in scenario.channel("open_days").dates],
        "rivals": [r.start for r in scenario.rivals],
        "offers": [o.start for o in scenario.offers],
        "assets": [a.release for a in scenario.content.assets],
    }
    for what, days in dated.items():
        first, second = (sum(day.year == year for day in days) for year in years)
        assert first == second > 0 or what == "seasons", what
    assert {a.pillar for a in scenario.content.assets} == set(scenario.pillars)


def test_open_days_are_paid_in_the_months_in_which_they_take_place(scenario: Scenario) -> None:
    """In other months the money would not be spent."""
    months = {f"{d:%Y-%m}" for s in scenario.channel("open_days").dates for d in (s.start, s.end)}
    plan = scenario.reference_plan
    paid = [m for m, x in zip(plan.months, plan.of("open_days"), strict=True) if x > 0]
    assert set(paid) <= months
    flight = next(rule for rule in scenario.rules if rule.kind == "flight")
    assert set(paid) <= set(flight.months) <= months


def test_automation_answers_what_parents_do(scenario: Scenario) -> None:
    when = {rule.when for rule in scenario.automation.rules}
    assert {"signup", "download", "cart", "lapse", "date", "order"} <= when


def test_each_region_has_two_simulated_advisors(scenario: Scenario) -> None:
    customers = scenario.defaults.customers
    agents = scenario.desk.agents * customers / scenario.market_size
    assert agents >= 2 * len(scenario.regions)
    communities = layout_of(scenario, customers).communities
    for number in range(len(scenario.regions)):
        assert sum(c.region == number for c in communities) >= 2


BANDS = {
    "conversion_rate": (0.02, 0.09),
    "lead_conversion_rate": (0.10, 0.25),
    "engagement_rate": (0.01, 0.10),
    "email_click_rate": (0.01, 0.08),
    "repurchase_rate": (0.10, 0.40),
    "market_share": (0.10, 0.35),
    "cac": (700.0, 1700.0),
}


@pytest.mark.parametrize("kpi", BANDS)
def test_a_figure_is_one_that_such_a_company_could_have(
    kpi: str, cards: dict[str, Scorecard]
) -> None:
    low, high = BANDS[kpi]
    value, se = cards["usual"].estimates()[kpi]
    assert low - ERRORS * se <= value <= high + ERRORS * se


def test_click_rates_of_media_are_those_of_the_trade(cards: dict[str, Scorecard]) -> None:
    """Paid social 0.5 to 5 %; retargeting 0.5 to 3.5 %."""
    for channel, high in (("douyin", 0.05), ("xiaohongshu", 0.05), ("retargeting", 0.035)):
        value, se = cards["usual"].estimates(f"channel:{channel}")["click_rate"]
        assert 0.005 - ERRORS * se <= value <= high + ERRORS * se


def test_a_customer_earns_a_multiple_of_what_it_costs(cards: dict[str, Scorecard]) -> None:
    """Margin of the year per new customer over CAC: what LTV : CAC is in a steady state."""
    sums = cards["usual"].sums("all")
    assert 2.0 <= sums["margin"].sum() / sums["spend"].sum() <= 5.0


def test_some_would_enrol_without_any_marketing(cards: dict[str, Scorecard]) -> None:
    """Between a fifth and three fifths of enrolments, paired on the same people and luck."""
    usual, nothing = (cards[name].sums("all")["conversions"] for name in ("usual", "nothing"))
    share, se = _share(nothing, usual)
    assert 0.2 - ERRORS * se <= share <= 0.6 + ERRORS * se


def test_a_fifth_more_money_brings_a_few_percent_more(cards: dict[str, Scorecard]) -> None:
    """Elasticity of all media together 0.05 to 0.5; single media have 0.1 (Sethuraman et al.)."""
    usual, more = (cards[name].sums("all")["conversions"] for name in ("usual", "more"))
    share, se = _share(more - usual, usual)
    assert 0.05 * 0.18 - ERRORS * se <= share <= 0.5 * 0.18 + ERRORS * se


def test_advisors_are_busy_but_not_lost(scenario: Scenario, cards: dict[str, Scorecard]) -> None:
    """Work asked of the desk over hours paid: 50 to 90 % in the year, more in the season."""
    desk, sums = scenario.desk, cards["usual"].sums("all")
    asked = {"lead": sums["leads"], "issue": sums["conversions"] * desk.issues}
    asked["question"] = sums["requests"] - asked["lead"] - asked["issue"]
    per_kind = [asked[kind] * desk.service_minutes[kind] / 60.0 for kind in REQUESTS]
    work = np.sum(per_kind, axis=0)
    hours = desk.agents * (desk.closes - desk.opens) * 365 * desk.weekdays / 7
    load, se = work.sum() / hours, len(work) ** 0.5 * work.std(ddof=1) / hours
    assert 0.5 - ERRORS * se <= load <= 0.9 + ERRORS * se
    assert sums["requests_lost"].sum() < 0.4 * sums["requests"].sum()


def test_more_people_recommend_than_warn(cards: dict[str, Scorecard]) -> None:
    """NPS between 10 and 60; standard error of a share, binomial."""
    sums = {name: x.sum() for name, x in cards["usual"].sums("all").items()}
    nps = (sums["promoters"] - sums["detractors"]) / sums["answers"]
    se = (sums["answers"] / cards["usual"].year.weight) ** -0.5
    assert 0.1 - ERRORS * se <= nps <= 0.6 + ERRORS * se
    assert sums["referrals"] > 0


def test_families_look_for_courses_before_summer_not_at_spring_festival(
    cards: dict[str, Scorecard],
) -> None:
    """Needs of June against those of February; their difference has the error of two Poissons."""
    weight = cards["usual"].year.weight
    june, february = (
        cards["usual"].sums(f"month:2026-{m}")["needs"].sum() / weight for m in ("06", "02")
    )
    assert june - february > ERRORS * (june + february) ** 0.5


def _share(above: Floats, below: Floats) -> tuple[float, float]:
    """Sum over sum, and its standard error over communities (delta method)."""
    share = above.sum() / below.sum()
    rest = above - share * below
    return float(share), float(len(rest) ** 0.5 * rest.std(ddof=1) / below.sum())


@pytest.mark.long
def test_the_main_job_answers_for_the_strategist(scenario: Scenario, tmp_path: Path) -> None:
    """Every strategy has a plan within the rules' budget, goals are judged, the report is there."""
    from experiments import main_job

    found = main_job(
        scenario, strategies=["last_year", "lp"], customers=800, replications=2, out=tmp_path / "r"
    )
    assert Path(found["report"]).is_file()
    for strategy in found["strategies"]:
        assert 0 < strategy["kpis"]["spend"]["mean"] <= scenario.budget * 1.001
        assert len(strategy["goals"]) >= len(scenario.goals)
