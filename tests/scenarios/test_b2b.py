"""The B2B scenario: what it is made of, and that a small market of it is a plausible one.

Bands are those of the trade, widened by three standard errors (jackknife over communities).
"""

from functools import cache
from pathlib import Path

import pytest

from scenarios import Scenario, load_scenario
from sim import Scorecard, simulate

SEED = 3
CUSTOMERS = 4000


@cache
def b2b() -> Scenario:
    return load_scenario("b2b")


@cache
def card() -> Scorecard:
    return simulate(b2b(), seed=SEED, customers=CUSTOMERS).scorecard


def test_it_speaks_two_languages_and_names_its_sources() -> None:
    scenario = b2b()
    named = (*scenario.channels, *scenario.personas, *scenario.regions)
    content = (*scenario.content.formats, *scenario.content.assets)
    assert all(part.name_zh for part in (*named, *content))
    assert "assumed" in scenario.channel("exhibitions").source
    assert "LocaliQ" in scenario.channel("paid_search").source


def test_it_has_what_a_company_that_sells_to_companies_has() -> None:
    scenario = b2b()
    assert scenario.leads.sells == "desk"
    assert scenario.leads.threshold > 0
    assert scenario.leads.points["download"] > 0
    assert {rule.when for rule in scenario.automation.rules} >= {"download", "signup", "lapse"}
    assert {c.delivery for c in scenario.channels} >= {"field", "search", "earned", "desk"}
    assert {f.name for f in scenario.content.formats} >= {"white_paper", "case_study", "webinar"}
    assert any(asset.adapted_to for asset in scenario.content.assets)
    assert scenario.investments[0].yearly_cost > 0
    assert {goal.kpi for goal in scenario.goals} >= {"leads", "opportunities", "cac"}


def test_money_for_fairs_is_planned_in_months_that_have_fairs() -> None:
    """What is given to a field channel in another month could not be spent."""
    scenario = b2b()
    dates = scenario.channel("exhibitions").dates
    years = {stretch.start.year for stretch in dates}
    assert years >= {scenario.history_start.year, scenario.start.year}
    held = {f"{stretch.start:%Y-%m}" for stretch in dates}
    for plan in (scenario.last_year, scenario.reference_plan):
        money = plan.of("exhibitions")
        assert {m for m, x in zip(plan.months, money, strict=True) if x > 0} <= held


def test_every_agent_has_a_community_of_its_own() -> None:
    """A desk is shared out whole; fewer simulated agents than eight would leave errors vague."""
    scenario = b2b()
    simulated = scenario.desk.agents * scenario.defaults.customers / scenario.market_size
    assert simulated >= 8


@pytest.mark.parametrize(
    ("above", "below", "low", "high"),
    [
        ("leads", "visits", 0.02, 0.08),
        ("opportunities", "leads", 0.10, 0.32),
        ("conversions", "opportunities", 0.15, 0.35),
        ("requests_lost", "requests", 0.03, 0.30),
        ("driven", "engaged_tier_2", 0.15, 0.45),
        ("repeats", "conversions", 0.20, 0.55),
        ("spend", "new_customers", 30_000, 75_000),
        ("revenue", "conversions", 120_000, 260_000),
    ],
)
def test_a_small_market_is_plausible(above: str, below: str, low: float, high: float) -> None:
    value, se = _ratio(above, below)
    assert se < (high - low)
    assert low - 3 * se <= value <= high + 3 * se


def _ratio(above: str, below: str) -> tuple[float, float]:
    """A quotient of sums and its jackknife error over communities (Efron and Stein 1981)."""
    sums = card().sums("all")
    a, b = sums[above], sums[below]
    left = (a.sum() - a) / (b.sum() - b)
    groups = len(a)
    return a.sum() / b.sum(), float(((groups - 1) ** 2 / groups * left.var(ddof=1)) ** 0.5)


@pytest.mark.long
def test_the_main_job_runs_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from experiments import main_job

    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/tracking.db")
    found = main_job(
        b2b(),
        strategies=["last_year", "lp"],
        replications=1,
        customers=CUSTOMERS,
        out=tmp_path / "run",
    )
    assert Path(found["report"]).stat().st_size > 10_000
    assert found["strategies"]
