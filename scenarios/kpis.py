"""The KPIs: one table that the simulator, the optimizer, goals and reports all read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tiermix.core.hints import hint

Direction = Literal["up", "down"]
RuleKind = Literal["sum", "cap", "ratio", "reach", "score"]


@dataclass(frozen=True, slots=True)
class Kpi:
    """What a KPI is called, counted in, judged by, and how a linear program can carry it.

    `rule` is `sum` (adds over channels and months), `cap` (spend against an outcome), `ratio`
    (needs a surplus curve at a given level), `reach` (concave in total exposure) or `score`
    (measured, never a rule). `parts` are numerator and denominator of a cap or ratio where both
    are KPIs. `tier` is None where the KPI belongs to all tiers.
    """

    name: str
    unit: str
    direction: Direction
    tier: int | None
    rule: RuleKind
    definition: str
    parts: tuple[str, ...] = ()

    @property
    def can_be_rule(self) -> bool:
        """Whether a linear program can hold this KPI at a level."""
        return self.rule != "score"


def _row(
    name: str,
    unit: str,
    tier: int | None,
    rule: RuleKind,
    definition: str,
    direction: Direction = "up",
    parts: tuple[str, ...] = (),
) -> Kpi:
    return Kpi(name, unit, direction, tier, rule, definition, parts)


_TABLE = (
    _row("conversions", "orders", None, "sum", "orders, won deals or enrolments"),
    _row("revenue", "money", None, "sum", "value of the conversions"),
    _row("margin", "money", None, "sum", "value less cost of goods, commission and offers"),
    _row(
        "profit",
        "money",
        None,
        "sum",
        "margin less media, messages, content, integration and desk",
    ),
    _row("new_customers", "people", 1, "sum", "first orders"),
    _row("signups", "people", 1, "sum", "new registered users"),
    _row("leads", "leads", 2, "sum", "leads"),
    _row("opportunities", "leads", 1, "sum", "leads that the desk qualified"),
    _row("downloads", "downloads", 1, "sum", "content downloads"),
    _row("visits", "visits", 1, "sum", "visits to own places"),
    _row("impressions", "impressions", 2, "sum", "served impressions"),
    _row(
        "cac",
        "money per person",
        1,
        "cap",
        "all spend per new customer",
        "down",
        ("spend", "new_customers"),
    ),
    _row(
        "cost_per_signup",
        "money per person",
        1,
        "cap",
        "all spend per new registered user",
        "down",
        ("spend", "signups"),
    ),
    _row(
        "ltv",
        "money per person",
        1,
        "ratio",
        "discounted margin of a new customer over the stated horizon, expected at acquisition",
    ),
    _row("roi", "share", 1, "cap", "(margin − spend) / spend", "up", ("margin", "spend")),
    _row(
        "conversion_rate",
        "share",
        1,
        "ratio",
        "conversions per visit",
        parts=("conversions", "visits"),
    ),
    _row("lead_conversion_rate", "share", 1, "ratio", "leads that became customers per lead"),
    _row(
        "cross_lead_conversion_rate",
        "share",
        1,
        "ratio",
        "the same among leads who engaged on two or more channels within the year",
    ),
    _row(
        "repurchase_rate",
        "share",
        1,
        "ratio",
        "customers with a second order within the year per customer",
    ),
    _row(
        "active_customers",
        "people",
        1,
        "sum",
        "customers with an order or a visit in the last 90 days",
    ),
    _row("reach", "people", 2, "reach", "people with at least one noticed exposure"),
    _row("awareness", "people", 2, "reach", "people who are at least aware"),
    _row(
        "niche_penetration",
        "share",
        3,
        "reach",
        "niche members who are at least aware per niche member",
    ),
    _row("engagement_rate", "share", 2, "ratio", "engaged touches per noticed touch"),
    _row("click_rate", "share", 2, "ratio", "clicks per served impression"),
    _row(
        "cross_channel_engagement",
        "share",
        2,
        "ratio",
        "engaged people with engagements on two or more channels per engaged person",
    ),
    _row(
        "drive_to_core",
        "share",
        2,
        "ratio",
        "engaged tier-2 touches followed by a tier-1 visit of the same customer within 7 days",
    ),
    _row("mentions", "mentions", 2, "sum", "reviews, referrals and shares by customers"),
    _row(
        "market_share",
        "share",
        None,
        "ratio",
        "our conversions per need that ended in an order anywhere",
    ),
    _row(
        "insight",
        "share",
        3,
        "score",
        "share of the prior variance about exploratory channels that the year's data take away",
    ),
    _row("nps", "points", 3, "score", "promoters less detractors in percent"),
    _row("satisfaction", "points", 3, "score", "mean satisfaction of those who answer, 0 to 10"),
    _row(
        "brand_consistency",
        "share",
        None,
        "score",
        "heard touches whose theme agrees with the last one heard on another channel",
    ),
    _row("email_click_rate", "share", 2, "ratio", "clicks per email delivered"),
    _row("email_sales", "money", 2, "sum", "revenue of orders whose last touch is an email click"),
    _row(
        "false_new_visitors",
        "share",
        None,
        "score",
        "visitor ids new in the year whose customer had been seen in it per new visitor id",
        "down",
    ),
)

KPIS: dict[str, Kpi] = {kpi.name: kpi for kpi in _TABLE}
"""Every KPI by name, in the order in which scorecards show them."""


def check_known(kpi: str) -> str:
    """The name itself; raises ValueError with the known names when there is no such KPI."""
    if kpi not in KPIS:
        raise ValueError(f"unknown KPI {kpi!r}; {hint(kpi, KPIS)}")
    return kpi


def check_sum(kpi: str) -> str:
    """The name itself; raises ValueError when the KPI does not add up over channels."""
    known = [name for name, row in KPIS.items() if row.rule == "sum"]
    if kpi not in known:
        raise ValueError(f"{kpi!r} is not a KPI that adds up; use one of {', '.join(known)}")
    return kpi


def check_rule(kpi: str) -> str:
    """The name itself; raises ValueError when no linear program can hold the KPI at a level."""
    if not KPIS[check_known(kpi)].can_be_rule:
        raise ValueError(
            f"{kpi} is a score that is measured after the fact, and no linear program can hold "
            "it; keep it as a goal (as_rule: false) or choose another KPI"
        )
    return kpi


def check_floor(kpi: str) -> str:
    """The name itself; raises ValueError when a floor is not how this KPI is held."""
    if KPIS[check_known(kpi)].rule == "cap":
        remedy = "roi_floor" if kpi == "roi" else "cac_cap"
        raise ValueError(f"{kpi} is spend against an outcome; write it as a rule of kind {remedy}")
    return check_rule(kpi)
