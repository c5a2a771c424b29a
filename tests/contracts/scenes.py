"""A scenario with every mechanism on at small size, and what a run of it wrote."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from scenarios import Scenario
from tests.sim.worlds import DIRECT, flat, mail, market, media, shopper, slot


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
            shopper("young", share=0.6, niche="keen", niche_share=0.4, **kind),
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


def fingerprints(folder: Path) -> dict[str, str]:
    """A hash of each file of a run folder that has to be reproducible."""
    files = [p for p in sorted(folder.rglob("*")) if p.is_file() and p.name != "provenance.json"]
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}
