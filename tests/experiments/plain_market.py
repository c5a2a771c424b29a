"""Markets in which an incremental model can be right: three media, one kind of person, no traps.

No hand-offs, fatigue, themes, automation or selection; identifiers, consent and views are whole.
People look after their needs by themselves, in visits that no log of channels shows. `radio` is a
channel without effect. In one market effects add up: an engagement awakens a need with a chance
that is the channel's own, and the order comes after an exponential delay, as an additive hazard
assumes. In the other they multiply: an exposure leaves goodwill that fades, and goodwill adds to
the log odds of buying, as a logistic hazard assumes.
"""

from typing import Any

from scenarios import Scenario

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
