"""Scenarios for tests, each made for one question.

`market()` has one region, flat prices, people who need nothing and channels that do nothing: a test
adds what it asks about. `busy()` has every mechanism on. `plain_market()` is one in which an
incremental model can be right: three media, one kind of person, no traps; `radio` is a channel
without effect. There effects add up: an engagement awakens a need with a chance that is the
channel's own, and the order comes after an exponential delay, as an additive hazard assumes. In
`goodwill_market()` they multiply, as a logistic hazard assumes: an exposure leaves goodwill that
fades, and goodwill adds to the log odds of buying. `base()` is the plain market with a season.
"""

from __future__ import annotations

import calendar
from functools import cache
from typing import Any

import numpy as np

from scenarios import Scenario
from scenarios.parts.deliveries import DELIVERIES

DAYS = 365
MONTH_DAYS = np.array([calendar.monthrange(2025, m)[1] for m in range(1, 13)])
PEOPLE = 1_000_000
"""People in the market: a channel with `half: 1` and this much money a year has pressure 1/2."""


def flat(yearly: float) -> list[float]:
    """A year's money, the same every day."""
    return [yearly * days / DAYS for days in MONTH_DAYS.tolist()]


def media(name: str = "media", **fields: Any) -> dict[str, Any]:
    """A broadcast channel that everybody meets daily at full pressure, and that does nothing."""
    return {"name": name, "tier": 2, "delivery": "broadcast", "peak": 1.0, **fields}


def persona(name: str = "person", **fields: Any) -> dict[str, Any]:
    """Somebody without needs, who knows nothing of us."""
    return {
        "name": name,
        "share": 1.0,
        "needs_per_year": 0.0,
        "repeat_needs_per_year": 0.0,
        "need_days": 10.0,
        "looks_per_day": 0.2,
        "base_utility": 0.0,
        "order_value": 100.0,
        "identifiers": 1,
        **fields,
    }


def shopper(name: str = "person", **fields: Any) -> dict[str, Any]:
    """Somebody with needs who knows us."""
    wants = {"needs_per_year": 6.0, "repeat_needs_per_year": 6.0, "repeat_shape": 1e6, "aware": 1.0}
    return persona(name, **{**wants, "dropout": 0.0, **fields})


DIRECT = {"name": "direct", "tier": 1, "delivery": "direct", "ownership": "owned"}
STRAIGHT = {"direct_base": 40.0}
"""Search settings under which everybody who knows us comes directly."""
NEVER_DIRECT = {"direct_base": -40.0, "nobody_utility": 0.0, "competitor_sale": 0.0}


def slot(name: str, where: str, **fields: Any) -> dict[str, Any]:
    """A place on the result page that is always shown, given any money."""
    price = {"unit_cost": 1e-9} if where == "paid" else {}
    place = {"tier": 1, "delivery": "search", "slot": where, "half": 1e-9}
    return {"name": name, **place, **price, **fields}


def mail(name: str = "mail", **fields: Any) -> dict[str, Any]:
    """A channel for automatic messages that cost next to nothing."""
    return {"name": name, "tier": 1, "delivery": "triggered", "unit_cost": 1e-9, **fields}


def market(
    *channels: dict[str, Any],
    people: dict[str, Any] | list[dict[str, Any]] | None = None,
    spend: dict[str, float | list[float]] | None = None,
    open_needs: float = 0.0,
    **fields: Any,
) -> Scenario:
    """A scenario of these channels; each gets a million a year, flat, unless `spend` says."""
    parts = channels or (media(peak=0.0),)
    people = people or persona()
    money = {c["name"]: 1e6 for c in parts if DELIVERIES[c["delivery"]].is_media} | (spend or {})
    data = {
        "name": "made",
        "title": "made for a test",
        "start": "2026-01-01",
        "market_size": PEOPLE,
        "budget": 1e6,
        "margin_rate": 0.5,
        "channels": list(parts),
        "personas": people if isinstance(people, list) else [people],
        "regions": [{"name": "all", "share": 1.0}],
        "history": {
            "spend": {k: flat(v) if np.isscalar(v) else v for k, v in money.items()},
            "open_needs": open_needs,
        },
        **fields,
    }
    return Scenario.model_validate(data)


@cache
def busy() -> Scenario:
    """Every delivery, every dial, two regions, two personas, three rules, a season."""
    channels = [
        DIRECT,
        slot("seo", "organic", half=0.3, retention=0.9, engagement=0.05, click_through=0.9),
        slot("ads", "paid", half=1.0, unit_cost=1.5, goodwill_engaged=0.1, click_through=0.9),
        mail(unit_cost=0.05, attention=0.3, engagement=0.2, goodwill_seen=0.05, click_through=0.8),
        {
            "name": "again", "tier": 1, "delivery": "retargeted", "peak": 0.5, "unit_cost": 0.03,
            "engagement": 0.05, "attention": 0.4, "goodwill_seen": 0.01, "click_through": 0.7,
            "selection": 0.7, "viewability": 0.6,
        },
        media(
            "video", peak=0.2, engagement=0.05, attention=1.0, awareness=0.05, goodwill_seen=0.05,
            goodwill_engaged=0.3, awaken=0.1, click_through=0.2, viewability=0.6,
            hand_offs={"search": 0.2, "notes": 0.2}, affinity={"young": 1.5, "old": 0.5},
        ),
        media(
            "notes", peak=0.1, engagement=0.1, attention=0.5, goodwill_seen=0.1, retention=0.9,
            click_through=0.3, regions=["east"], stage_fit={"customer": 0.5}, slope=1.5,
            shop="mall",
        ),
        media(
            "fair", tier=3, delivery="field", peak=0.5, engagement=0.2, goodwill_seen=0.1,
            click_through=0.4, niches=["keen"],
            dates=[{"start": "2025-03-03", "end": "2025-03-09"},
                   {"start": "2026-03-02", "end": "2026-03-08"}],
        ),
        {"name": "friends", "tier": 3, "delivery": "earned", "awareness": 0.5, "engagement": 0.3,
         "goodwill_seen": 0.2, "click_through": 0.4},
        {"name": "calls", "tier": 1, "delivery": "desk", "ownership": "owned"},
    ]  # fmt: skip
    kind: dict[str, Any] = {
        "needs_per_year": 5.0, "repeat_needs_per_year": 8.0, "repeat_shape": 1.2, "dropout": 0.15,
        "base_utility": -0.5, "identifiers": 3, "customers": 0.3, "aware": 0.5, "goodwill": 0.7,
    }  # fmt: skip
    rule = {"channel": "mail", "offer": 0.4, "offer_cost": 0.05}
    return market(
        *channels,
        people=[
            shopper("young", share=0.6, niche="keen", niche_share=0.4, unreached=0.1, **kind),
            shopper("old", share=0.4, **kind),
        ],
        regions=[{"name": "east", "share": 0.55}, {"name": "west", "share": 0.45}],
        open_needs=1.0,
        spend={"ads": flat(2e6), "again": flat(2e5), "mail": flat(4e4), "video": flat(2e6),
               "fair": flat(2e5)},
        defaults={"communities": 6},
        pillars=["one", "two"],
        seasons=[
            {"name": "feast", "start": "2025-02-01", "end": "2025-02-15", "needs": 1.8,
             "attention": 1.3, "prices": 1.2},
        ],
        rivals=[{"name": "sale", "start": "2025-02-10", "end": "2025-03-10", "search": 0.5,
                 "pull": 0.3, "prices": 1.2}],
        shocks=[{"name": "dark", "start": "2025-02-20", "end": "2025-02-24", "channel": "video",
                 "outage": True},
                {"name": "dear", "start": "2025-03-01", "end": "2025-03-31", "channel": "ads",
                 "prices": 1.5, "needs": 0.9}],
        offers=[{"name": "spring", "start": "2025-02-15", "end": "2025-03-01", "utility": 0.3,
                 "cost": 0.1, "personas": ["young"]}],
        shops=[{"name": "mall", "commission": 0.08, "utility": 0.2, "registers": 0.5}],
        content={
            "formats": [{"name": "clip", "stage_fit": {"unaware": 1.5, "customer": 0.7}}],
            "assets": [
                {"name": "film", "pillar": "one", "format": "clip", "made_for": "video",
                 "adapted_to": ["notes"], "release": "2025-01-10", "quality": 1.5, "cost": 1e5},
                {"name": "gag", "made_for": "video", "release": "2025-02-05",
                 "until": "2025-02-12"},
            ],
            "reuse": 0.8, "adapt_cost": 0.2, "wear_out": 0.1,
        },
        variants=[
            {"name": "louder", "channel": "video", "heard": 1.5},
            {"name": "hidden", "channel": "again", "share": 0.3, "shows": False},
            {"name": "richer", "rule": "cart", "offer": 0.3, "offer_cost": 0.05, "wait": 0.5},
        ],
        investments=[{"name": "platform", "start": "2025-02-08", "yearly_cost": 1e5,
                      "before": {"resolution": 0.3, "seamless": 0.6, "personalisation": 0.0,
                                 "discipline": 0.5, "automation": 0.0}}],
        inventory={"out_of_stock": 0.1, "pooling": 0.3},
        leads={"download": 0.2, "form": 0.1, "threshold": 6.0,
               "points": {"visit": 1, "click": 1, "open": 1, "download": 3, "cart": 2}},
        desk={"channel": "calls", "agents": 4000, "questions": 0.1, "issues": 0.1,
              "goodwill_answer": 0.2, "experience_answer": 0.2, "experience_lost": -0.3,
              "patience_hours": {"lead": 24, "question": 6, "issue": 12}, "weekdays": 6},
        loyalty={"satisfaction_gain": 2.0, "answers": 0.5, "dropout_gain": 0.3, "programme": 0.3,
                 "programme_cost": 0.02},
        word_of_mouth={"channel": "friends", "mentions": 0.5, "referrals": 1.5, "complaints": 1.0,
                       "harm": 0.1},
        search={"selection": 0.8, "competitor_utility": 0.3, "brand_gain": 0.5, "direct_base": -1,
                "direct_gain": 0.4, "direct_customer": 0.6},
        behaviour={"fatigue_weight": 0.2, "theme_gain": 0.3, "match_gain": 0.3, "turnover": 0.3,
                   "win_back": 0.3, "cart": 0.5, "signup": 0.3, "lapse_days": 30},
        integration={"resolution": 0.7, "consent": 0.95, "view_visibility": 0.8,
                     "discipline": 0.8, "seamless": 0.85, "personalisation": 0.4},
        automation={"weekly_cap": 2, "open_rate": 0.4, "rules": [
            {"name": "welcome", "when": "signup", "wait": 1, "channel": "mail"},
            {"name": "cart", "when": "cart", "wait": 0.5, "unless": "order", **rule},
            {"name": "care", "when": "order", "wait": 14, "unless": "visit", "channel": "mail"},
            {"name": "more", "when": "download", "wait": 2, "unless": "order", "channel": "mail",
             "pillar": "two"},
            {"name": "back", "when": "lapse", "channel": "mail"},
            {"name": "feast", "when": "date", "day": "2026-02-14", "channel": "mail"},
        ]},
    )  # fmt: skip


AWAKEN = {"video": 0.10, "social": 0.05, "radio": 0.0}
TIERS = {"video": 2, "social": 2, "radio": 3}


def plain_market(direct: bool = False, **more: Any) -> Scenario:
    """The market; with `direct`, visits that come by themselves are logged too."""
    medium = {"delivery": "broadcast", "peak": 0.04, "half": 1.0, "engagement": 0.5}
    channels: list[dict[str, Any]] = [
        {**medium, "name": name, "tier": TIERS[name], "awaken": chance}
        for name, chance in AWAKEN.items()
    ]
    if direct:
        channels.append({"name": "direct", "tier": 1, "delivery": "direct"})
    data = {
        "name": "plain",
        "title": "Plain",
        "start": "2026-01-01",
        "market_size": 1e6,
        "budget": 3e6,
        "margin_rate": 0.4,
        "channels": channels,
        "personas": [PERSON],
        "regions": [{"name": "all", "share": 1.0}],
        "search": {"direct_base": 3.0, "competitor_sale": 0.0, "elsewhere": 0.0},
        "behaviour": PLAIN_BEHAVIOUR,
        "history": {"spend": {name: [1e6] for name in AWAKEN}},
        "defaults": {"customers": 1500, "replications": 2},
    }
    return Scenario.model_validate(data | more)


FEW_COMMUNITIES = {"customers": 1500, "replications": 2, "communities": 12}
"""`defaults` for what asks nothing of standard errors: the same people in a third as many."""

SEEN = {"video": 1.5, "social": 0.8, "radio": 0.0}
GOODWILL_HALF_LIFE = 3.0


def goodwill_market() -> Scenario:
    """The market in which effects multiply: goodwill raises the odds of buying at a need.

    Needs are many, short and looked after at once, and few end in an order: so an order comes at
    the rate of needs times nearly e^goodwill, and neither effects nor logs know a delay.
    """
    medium = {"delivery": "broadcast", "peak": 0.04, "half": 1.0, "engagement": 0.0}
    channels = [
        {**medium, "name": name, "tier": TIERS[name], "goodwill_seen": gain}
        for name, gain in SEEN.items()
    ]
    often = {"needs_per_year": 240.0, "repeat_needs_per_year": 240.0, "need_days": 0.02}
    rare = {"looks_per_day": 200.0, "base_utility": -5.0}
    behaviour = {"goodwill_gain": 1.0, "goodwill_half_life": GOODWILL_HALF_LIFE}
    return plain_market(
        channels=channels,
        personas=[PERSON | often | rare],
        behaviour=PLAIN_BEHAVIOUR | behaviour,
    )


PLAIN_BEHAVIOUR = {
    "goodwill_gain": 0.0,
    "stage_gain": 0.0,
    "experience_gain": 0.0,
    "signup": 0.0,
    "cart": 0.0,
    "win_back": 1.0,
}

PERSON = {
    "name": "one",
    "share": 1.0,
    "needs_per_year": 0.5,
    "repeat_needs_per_year": 0.5,
    "repeat_shape": 1000.0,
    "dropout": 0.0,
    "need_days": 5.0,
    "looks_per_day": 2.0,
    "base_utility": 0.5,
    "order_value": 100.0,
    "identifiers": 1,
    "aware": 1.0,
}


CHANNELS = ("video", "social", "radio")
SALE = {"name": "sale 2025", "start": "2025-06-01", "end": "2025-06-28", "needs": 1.5}


# Needs that come by themselves make most of the orders, as they do for established companies.
OWN_NEEDS = {"needs_per_year": 2.0, "repeat_needs_per_year": 2.0}


def base(**more: Any) -> Scenario:
    """The plain market with a season, told by a channel of direct visits."""
    history = {"spend": {name: [1e6] for name in CHANNELS}, "variation": 0.5}
    parts: dict[str, Any] = {"history": history, "seasons": [SALE]}
    parts |= {"personas": [PERSON | OWN_NEEDS], "defaults": {"customers": 1500, "communities": 12}}
    return plain_market(direct=True, **{**parts, **more})
