"""The report on money: baseline and increment, returns, why channels move, other budgets."""

import html
import re
from dataclasses import replace

import pandas as pd
import pytest

from experiments.comparison.result import OUTCOME_COLUMNS
from experiments.comparison.rules_kept import BrokenRule, Standing
from experiments.report.charts.common import wrapped
from experiments.report.comparison.data import ReportData
from experiments.report.comparison.first_screen import summary
from experiments.report.page import page
from tests.experiments.made_up import Price, report_data, story


def _section(name: str, data: ReportData | None = None) -> str:
    text = html.unescape(page(story(), data or report_data()).split(f'id="{name}"')[1])
    return re.sub(r"<script.*?</script>|<[^>]+>", " ", text.split("<section")[0], flags=re.S)


def test_the_baseline_and_what_the_plan_adds_are_told_in_one_sentence() -> None:
    said = _section("effects")
    assert "Of ¥30.4M of margin in the planned year ¥18.0M (59\u00a0%) would come without" in said
    assert "The plan adds ¥12.4M" in said


def test_returns_stand_beside_what_the_last_unit_returns_now_and_planned() -> None:
    row = re.sub(r"\s+", " ", _section("effects").split("marginal ROI planned")[1])
    # 1.2M · √2.8 brought for 2.8M · 1.1 spent; the last ¥1 brings 1.6 − 0.4 · 2.8.
    assert row.split("Paid search ")[1].startswith(
        "¥3.08M 0.65 [0.33, 1.17] 0.48 [0.24, 0.72] ¥2.77M 0.72"
    )


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        ("Paid search", "Less: its last ¥1 brought ¥0.48, below the ¥1.10 that money has to bring"),
        ("Email", "Less, although its last ¥1 brought ¥1.52, above the ¥1.10 asked of money."),
        ("Community group buying", "New: its first ¥1 would bring ¥1.48, its last ¥1 of the plan"),
    ],
)
def test_each_channel_moves_for_a_reason(channel: str, words: str) -> None:
    said = _section("effects").split("Why each channel moves")[1]
    assert words in re.sub(r"\s+", " ", said.split(channel)[1])


def test_a_rule_that_names_a_channel_is_told_beside_it() -> None:
    price = Price("no_jumps", 3.0, "Raising the cap on local life to 201 % adds ¥3 margin.")
    said = _section("effects", replace(report_data(), prices=[price]))
    assert said.count("A rule holds it: no jumps.") == 1


def test_other_budgets_are_told_and_those_without_a_plan_are_called_so() -> None:
    said = re.sub(r"\s+", " ", _section("budget"))
    assert "¥6.00M −50 % no plan keeps the rules – –" in said
    assert "within 0.04 % of the best possible" in said
    assert "¥15.0M +25 %" in said


def test_where_money_stops_to_pay_is_told_on_the_first_screen() -> None:
    found = report_data()
    assert found.budgets is not None
    far = " ".join(summary(story(), found).sentences)
    assert "Beyond ¥13.0M a year the last ¥1 returns less than it costs, as the curves say." in far
    near = replace(found, budgets=replace(found.budgets, pays_until=11e6))
    assert "**Beyond ¥11.0M a year" in " ".join(summary(story(), near).sentences)
    never = replace(found, budgets=replace(found.budgets, pays_until=None))
    assert "Up to ¥15.0M a year" in " ".join(summary(story(), never).sentences)


def test_a_unit_that_does_not_come_back_is_called_less_than_it_costs() -> None:
    found = report_data()
    assert found.budgets is not None
    poor = [replace(plan, marginal=0.6) for plan in found.budgets.plans]
    cards = summary(story(), replace(found, budgets=replace(found.budgets, plans=poor))).cards
    assert ("The last ¥1 brings", "¥0.60", "of margin: it returns less than it costs") in cards


def test_the_gain_is_told_in_profit_where_margin_decides() -> None:
    assert "In profit, net of media, that is +¥" in " ".join(
        summary(story(), report_data()).sentences
    )


def test_where_no_plan_can_be_recommended_the_page_says_so_in_red() -> None:
    broken = Standing((BrokenRule("caps", 5.0, "CNY", "caps: the cap on seo", 12),))
    tried = replace(story(), standings=dict.fromkeys(story().strategies, broken))
    assert 'class="headline stop"' in page(tried, report_data())
    assert 'class="headline stop"' not in page(story(), report_data())


def test_what_was_expected_stands_beside_what_the_market_gave() -> None:
    said = re.sub(r"\s+", " ", _section("strategies")).split("The optimizer expected")[1]
    lived = story().values("margin").mean()["lp"] / 1e6
    assert f"¥29.1M [¥27.0M, ¥31.0M] ¥{lived:.1f}M" in said
    assert f"+¥{(lived - 29.1) * 1e3:.0f}k" in said


def test_quarters_stand_beside_last_years_and_what_is_not_spent_is_told() -> None:
    whole = story()
    planned = whole.shown_plan(whole.shown).groupby("channel")["amount"].sum()["kol"]
    rows = [
        (whole.shown, world, "channel:kol", "spend", 0.5 * planned, 0.0)
        for world in range(whole.replications)
    ]
    more = pd.DataFrame(rows, columns=list(OUTCOME_COLUMNS))
    tried = replace(whole, outcomes=pd.concat([whole.outcomes, more], ignore_index=True))
    text = html.unescape(page(tried, report_data()).split('id="plan"')[1])
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text.split("By quarter")[1]))
    assert "expected unspent" in said
    assert f"¥{planned / 2e3:.0f}k" in said.split("KOL")[1]


def test_assumptions_and_the_command_are_on_the_page() -> None:
    assert "channels.*.half one for each × 0.72 to × 1.39" in re.sub(
        r"\s+", " ", _section("assumptions")
    )
    assert "tiermix run retail --seed 1" in _section("provenance")


@pytest.mark.parametrize(
    "label", ["Community group buying on phones", "稳健规划方案与企业自有数据的对比结果"]
)
def test_labels_are_broken_and_never_cut(label: str) -> None:
    lines = wrapped(label).split("\n")
    assert len(lines) > 1
    assert "".join(lines).replace(" ", "") == label.replace(" ", "")
