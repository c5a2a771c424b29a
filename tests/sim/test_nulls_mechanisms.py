"""Absence is exact, mechanism by mechanism: offers, rivals, shops, desks, loyalty, tests, ..."""

from typing import Any

import pytest

from scenarios import Scenario
from scenarios.load import build_scenario
from tests.scenes import busy
from tests.sim.worlds import Lived, lived, same

RULES = busy().model_dump(mode="json")["automation"]["rules"]
TESTS = busy().model_dump(mode="json")["variants"]
Changes = dict[str, Any]
"""Dotted paths into the busy scenario, and what is put there."""

FILM = {"name": "film", "made_for": "video", "adapted_to": ["notes"], "release": "2025-01-10"}
OFF_CORE: Changes = {
    "integration.discipline": 0.0,
    "investments": [],
    "content.reuse": 1.0,
    "content.wear_out": 0.0,
    "content.formats": [],
    "content.assets": [],
}
"""Plain content off the core, as an asset without a pillar is: only its strength can tell."""
DAYS = {"start": "2025-03-01", "end": "2025-06-30"}
SILENT: Changes = {
    "word_of_mouth.mentions": 0.0,
    "word_of_mouth.referrals": 0.0,
    "word_of_mouth.complaints": 0.0,
}
NO_LEADS: Changes = {"leads.form": 0.0, "leads.points": {"signup": 1e-9}, "leads.threshold": 1e6}
"""Neither a form nor a score that anybody reaches; and so no cart is a lead."""
NO_DESK: Changes = {"desk.agents": 0, "desk.questions": 0.0, "desk.issues": 0.0}
NO_DOWNLOADS: Changes = {
    "automation.rules": [{**r, "when": "cart"} if r["when"] == "download" else r for r in RULES],
    "leads.download": 0.0,
}
ALL_DAYS = [{"start": "2025-01-01", "end": "2028-12-31"}]
SCORES = {"visit": 1, "click": 1}
SAME_AS_AFTER = {
    "resolution": 0.7, "seamless": 0.85, "personalisation": 0.4, "discipline": 0.8,
    "automation": 1.0,
}  # fmt: skip


def _film(**fields: Any) -> Changes:
    return {"content.assets": [{**FILM, **fields}]}


def _mall(**fields: Any) -> Changes:
    return {"shops": [{"name": "mall", **fields}]}


def _rule(**fields: Any) -> Changes:
    late = {"name": "late", "when": "lapse", "channel": "mail", **fields}
    return {"automation.rules": [*RULES, late]}


def _tested(**fields: Any) -> Changes:
    return {"variants": [{"name": "test", **fields}]}


NULLS: dict[str, tuple[Changes, Changes, Changes, Changes]] = {
    # name: (for all three, the mechanism at null, the market without it, a value that bites)
    "quality": (OFF_CORE, _film(quality=1.0), {}, _film(quality=3.0)),
    "reuse": (OFF_CORE, _film(), {}, {**_film(), "content.reuse": 0.2}),
    "wear_out": (OFF_CORE, _film(), {}, {**_film(), "content.wear_out": 0.2}),
    "format": (
        OFF_CORE,
        {**_film(format="clip"), "content.formats": [{"name": "clip"}]},
        {},
        {
            **_film(format="clip"),
            "content.formats": [{"name": "clip", "stage_fit": {"aware": 3.0}}],
        },
    ),
    "cost_of_content": (
        OFF_CORE,
        {**_film(cost=1e6), "content.adapt_cost": 0.9},
        _film(),
        _film(quality=0.1),
    ),
    "offers": (
        {},
        {"offers": [{"name": "none", **DAYS, "utility": 0.0}]},
        {"offers": []},
        {"offers": [{"name": "some", **DAYS, "utility": 0.5, "cost": 0.5}]},
    ),
    "rivals": (
        {},
        {"rivals": [{"name": "none", **DAYS}]},
        {"rivals": []},
        {"rivals": [{"name": "some", **DAYS, "pull": 0.5}]},
    ),
    "rivals_search": (
        {},
        {"rivals": [{"name": "none", **DAYS, "search": 0.0}]},
        {"rivals": []},
        {"rivals": [{"name": "some", **DAYS, "search": 1.0}]},
    ),
    "rivals_prices": (
        {},
        {"rivals": [{"name": "none", **DAYS, "prices": 1.0}]},
        {"rivals": []},
        {"rivals": [{"name": "some", **DAYS, "prices": 2.0}]},
    ),
    "shocks": (
        {},
        {"shocks": [{"name": "none", **DAYS}, {"name": "here", **DAYS, "channel": "video"}]},
        {"shocks": []},
        {"shocks": [{"name": "dark", **DAYS, "channel": "video", "outage": True}]},
    ),
    "unsure_shocks": (
        {},
        {"shocks": [{"name": "dark", **DAYS, "channel": "video", "outage": True, "needs": 0.5,
                     "prices": 3.0, "probability": 0.9}]},
        {"shocks": []},
        {"shocks": [{"name": "dear", **DAYS, "needs": 0.5}]},
    ),
    "shops": (
        {},
        _mall(commission=0.0, utility=0.0, registers=1.0),
        {"channels.notes.shop": "", "shops": []},
        _mall(commission=0.1),
    ),
    "shops_utility": ({}, _mall(), {"channels.notes.shop": "", "shops": []}, _mall(utility=9.0)),
    "shops_registers": (
        {}, _mall(), {"channels.notes.shop": "", "shops": []}, _mall(registers=0.0),
    ),
    "out_of_stock": (
        {},
        {"inventory": {"out_of_stock": 0.0, "waits": 0.1, "experience": -9.0}},
        {"inventory": {}},
        {"inventory": {"out_of_stock": 0.5}},
    ),
    "pooling": (
        {},
        {"inventory": {"out_of_stock": 0.4, "places": 1000, "pooling": 1.0}},
        {"inventory": {}},
        {"inventory": {"out_of_stock": 0.4, "places": 1000, "pooling": 0.0}},
    ),
    "downloads": (
        NO_DOWNLOADS,
        {"leads.download": 0.0},
        {"leads.download": 1e-12},
        {"leads.download": 0.5},
    ),
    "form": ({}, {"leads.form": 0.0}, {"leads.form": 1e-12}, {"leads.form": 0.9}),
    "points": (
        {},
        {"leads.points": {"visit": 1e-9}},
        {"leads.threshold": 1e6},
        {"leads.points": {"visit": 9}},
    ),
    "desk": ({}, {**NO_DESK, "desk.goodwill_answer": 5.0}, {"desk": {}}, {}),
    "nobody_asks": (
        NO_LEADS,
        {"desk.questions": 0.0, "desk.issues": 0.0},
        {**NO_DESK, "desk.channel": "calls"},
        {"desk.questions": 0.5},
    ),
    "satisfaction": (
        SILENT,
        {"loyalty": {"satisfaction": 3.0, "satisfaction_gain": 3.0, "satisfaction_spread": 5.0,
                     "answers": 0.9}},
        {"loyalty": {}},
        {"loyalty": {"dropout_gain": 1.0}},
    ),
    "programme": (
        {},
        {"loyalty.programme": 0.0, "loyalty.programme_cost": 0.0},
        {"loyalty.programme": 1e-12, "loyalty.programme_cost": 0.0},
        {"loyalty.programme": 2.0},
    ),
    "mentions": (
        {}, {**SILENT, "word_of_mouth.harm": 5.0}, {"word_of_mouth": {}}, {},
    ),
    "harm": (
        {},
        {"word_of_mouth.harm": 0.0},
        {"word_of_mouth.complaints": 0.0},
        {"word_of_mouth.harm": 3.0},
    ),
    "test_of_content": (
        {}, _tested(channel="video"), {"variants": []}, _tested(channel="video", heard=3.0),
    ),
    "held_back": (
        {},
        _tested(channel="video", shows=True),
        {"variants": []},
        _tested(channel="video", shows=False),
    ),
    "test_of_a_rule": (
        {}, _tested(rule="cart"), {"variants": []}, _tested(rule="cart", wait=2.0),
    ),
    "test_of_an_offer": (
        {"automation.open_rate": 1.0, "channels.mail.engagement": 0.7, "behaviour.cart": 0.9},
        _tested(rule="cart"), {"variants": []}, _tested(rule="cart", offer=4.0),
    ),
    "investments": (
        {},
        {"investments.platform.before": SAME_AS_AFTER},
        {"investments": []},
        {"investments.platform.before": {"resolution": 0.1}},
    ),
    "niches": (
        {"personas.*.niche": "keen", "personas.*.niche_share": 1.0},
        {"channels.fair.niches": ["keen"]},
        {"channels.fair.niches": []},
        {"channels.fair.niches": ["keen"], "personas.*.niche_share": 0.3},
    ),
    "dates": (
        {},
        {"channels.fair.dates": ALL_DAYS},
        {"channels.fair.dates": [], "channels.fair.delivery": "broadcast"},
        {},
    ),
    "a_rule_that_never_fires": ({}, _rule(wait=400), {"automation.rules": RULES}, _rule(wait=0)),
    "automation_switched_off": (
        {"variants": TESTS[:2]},
        {"investments.platform.before": {"automation": 0.0},
         "investments.platform.start": "2026-06-01"},
        {"automation.rules": [], "investments.platform.before": {}},
        {"investments.platform.before": {}},
    ),
    "seamless": (
        {"integration.seamless": 1.0, "investments": []},
        {"behaviour.experience_seamed": -5.0},
        {"behaviour.experience_seamed": 0.0},
        {"integration.seamless": 0.5},
    ),
}  # fmt: skip


def _scenario(*changes: Changes) -> Scenario:
    together = {path: value for some in changes for path, value in some.items()}
    return build_scenario(busy().model_dump(mode="json"), together, "busy")


_worlds: dict[str, Lived] = {}


def _world(*changes: Changes) -> Lived:
    """The market after these changes; markets that several mechanisms share are lived once."""
    scenario = _scenario(*changes)
    if scenario.hash not in _worlds:
        _worlds[scenario.hash] = lived(scenario, 300)
    return _worlds[scenario.hash]


@pytest.mark.parametrize("name", NULLS)
def test_a_mechanism_at_null_is_the_market_without_it(name: str) -> None:
    base, without, absence, effect = NULLS[name]
    null, absent = _world(base, without), _world(base, absence)
    biting = lived(_scenario(base, effect), 300, like=null)
    assert len(null.rows) > 3000
    assert same(null, absent)
    assert not same(null, biting)
