"""The table of KPIs is whole and consistent with itself."""

import re

from scenarios.kpis import KPIS

CONTRACT = """
conversions, revenue, margin, profit, new_customers, cac, cost_per_signup, ltv, roi,
conversion_rate, lead_conversion_rate, cross_lead_conversion_rate,
reach, impressions, visits, downloads, awareness,
click_rate, engagement_rate, cross_channel_engagement, leads, opportunities, signups,
drive_to_core, insight, nps, satisfaction, niche_penetration, market_share, mentions,
active_customers, repurchase_rate, brand_consistency, email_click_rate, email_sales,
false_new_visitors
"""


def test_every_kpi_of_the_contract_is_in_the_table() -> None:
    assert set(re.findall(r"\w+", CONTRACT)) <= set(KPIS)


def test_what_costs_is_better_down_and_nothing_else_but_errors_of_identity() -> None:
    down = {kpi.name for kpi in KPIS.values() if kpi.direction == "down"}
    assert down == {"cac", "cost_per_signup", "false_new_visitors"}


def test_parts_of_caps_and_ratios_are_sums_or_spend() -> None:
    for kpi in KPIS.values():
        for part in kpi.parts:
            assert part == "spend" or KPIS[part].rule == "sum"
        assert not kpi.parts or kpi.rule in ("cap", "ratio")


def test_scores_are_no_rules() -> None:
    assert not any(KPIS[name].can_be_rule for name in ("insight", "nps", "brand_consistency"))
    assert KPIS["margin"].can_be_rule
