"""Absence is exact: a mechanism at its null value leaves every row as it is without it."""

import math
from functools import cache
from typing import Any

import numpy as np
import pytest

from scenarios import Scenario, load_scenario
from sim import Arm, Setting
from sim.engine.counts.row_kinds import ORDER
from sim.market.community import Snapshot
from sim.setup.communities import Community
from tests.scenes import DIRECT, PEOPLE, busy, flat, mail, market, media, shopper, slot
from tests.sim.worlds import assert_near, lived, same

INERT = media("inert", peak=0.4, themed=False)


def _changed(scenario: Scenario, *extra: dict[str, Any], at: int = 0, **fields: Any) -> Scenario:
    """The scenario with channels put in, and blocks of fields replaced."""
    data = scenario.model_dump(mode="json")
    data["channels"][at:at] = list(extra)
    for channel in extra:
        data["history"]["spend"][channel["name"]] = flat(scenario.market_size)
    for block, values in fields.items():
        data[block] = {**data[block], **values} if isinstance(data[block], dict) else values
    return Scenario.model_validate(data)


# ---- an inert channel


@pytest.mark.parametrize("at", [0, 3])
@pytest.mark.parametrize("name", ["busy", "retail"])
def test_an_inert_channel_taken_out_of_the_scenario_leaves_every_other_row(
    name: str, at: int
) -> None:
    base = busy() if name == "busy" else load_scenario(name)
    with_it = _changed(base, INERT, at=at)
    without = with_it.without("inert")
    ours, theirs = lived(with_it, 500), lived(without, 500)
    assert len(ours.of("impression", "inert")) > 10_000
    assert len(theirs.rows) > 10_000
    assert same(ours, theirs, without="inert")


def test_a_channel_taken_out_is_as_if_it_had_never_been() -> None:
    assert _changed(busy(), INERT).without("inert").hash == busy().hash


@pytest.mark.parametrize(
    "effect",
    [
        {"attention": 0.5},
        {"awareness": 0.5},
        {"goodwill_seen": 0.05},
        {"engagement": 0.1, "goodwill_engaged": 0.5},
        {"engagement": 0.3, "awaken": 0.3},
        {"engagement": 0.3, "click_through": 0.3},
        {"themed": True},
    ],
    ids=lambda effect: "-".join(effect),
)
def test_a_channel_that_does_anything_does_leave_traces(effect: dict[str, Any]) -> None:
    """The test above is not blind: each effect by itself changes other rows."""
    ours = _changed(busy(), {**INERT, **effect})
    assert not same(lived(ours, 500), lived(ours.without("inert"), 500), without="inert")


# ---- dials at null

KNOWN = {"integration": {"personalisation": 0.5}}
PRICE = {"name": "price", "start": "2025-01-06", "values": [1.0, 3.0] * 26, "usual": 2.0}
NEVER_ASKED = {"loyalty": {"satisfaction_gain": 0.0}}
"""Satisfaction with an order that no experience changes."""
NO_TEST_OF_RULES = [v for v in busy().model_dump(mode="json")["variants"] if not v["rule"]]
RULE = {"name": "care", "when": "visit", "wait": 1.0, "channel": "mail"}

NULLS: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    # name: (fields with the mechanism at null, the same without it, a value that bites)
    "match_gain": (
        {"behaviour": {"match_gain": 0.0}, **KNOWN},
        {"behaviour": {"match_gain": 0.0}, "integration": {"personalisation": 0.0}},
        {"behaviour": {"match_gain": 1.0}, **KNOWN},
    ),
    "theme_gain": (
        {"behaviour": {"theme_gain": 0.0, "theme_pillar": -3.0, "theme_off_core": -9.0}},
        {"behaviour": {"theme_gain": 0.0, "theme_half_life": 1.0}},
        {"behaviour": {"theme_gain": 1.0, "theme_half_life": 30.0}},
    ),
    "goodwill_gain": (
        {"behaviour": {"goodwill_gain": 0.0, "goodwill_half_life": 3.0, "stage_gain": 0.0},
         "search": {"brand_gain": 0.0, "direct_gain": 0.0}},
        {"behaviour": {"goodwill_gain": 0.0, "goodwill_half_life": 90.0, "stage_gain": 0.0},
         "search": {"brand_gain": 0.0, "direct_gain": 0.0}},
        {"behaviour": {"goodwill_gain": 1.0, "goodwill_half_life": 3.0}},
    ),
    "experience_gain": (
        {"behaviour": {"experience_gain": 0.0, "experience_seamed": -5.0}, **NEVER_ASKED},
        {"behaviour": {"experience_gain": 0.0, "experience_seamed": 0.0}, **NEVER_ASKED},
        {"behaviour": {"experience_gain": 1.0, "experience_seamed": -5.0}, **NEVER_ASKED},
    ),
    "weekly_cap": (
        {"automation": {"weekly_cap": 0}},
        {"automation": {"rules": []}, "variants": NO_TEST_OF_RULES},
        {"automation": {"weekly_cap": 7}},
    ),
    "turnover": (
        {"behaviour": {"turnover": 0.0}},
        {"behaviour": {"turnover": 1e-9}},
        {"behaviour": {"turnover": 0.9}},
    ),
    "win_back": (
        {"behaviour": {"win_back": 0.0}},
        {"behaviour": {"win_back": 1e-12}},
        {"behaviour": {"win_back": 1.0}},
    ),
    "substitution": (
        {"integration": {"substitution": 0.0}},
        {"integration": {"substitution": 1.0}},
        {"integration": {"seamless": 0.1}},
    ),
    "price_inflation": (
        {"price_inflation": 0.0},
        {},
        {"price_inflation": 0.5},
    ),
    "controls": (
        {"controls": [{**PRICE, "effect": 0.0}]},
        {"controls": []},
        {"controls": [{**PRICE, "effect": 0.5}]},
    ),
    "seasons": (
        {"seasons": [{"name": "none", "start": "2025-02-01", "end": "2025-03-15"}]},
        {"seasons": []},
        {"seasons": [{"name": "some", "start": "2025-02-01", "end": "2025-03-15", "needs": 2.0}]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NULLS)
def test_a_dial_at_null_is_the_scenario_without_it(name: str) -> None:
    without, absence, effect = (_changed(busy(), **fields) for fields in NULLS[name])
    null, absent = lived(without, 400), lived(absence, 400)
    biting = lived(effect, 400, like=null)
    assert len(null.rows) > 5000
    assert same(null, absent)
    assert not same(null, biting)


def test_a_control_of_noughts_and_ones_is_a_season_in_its_weeks() -> None:
    """Needs times exp(effect) from the week's first day to its last, and the same luck."""
    on = {"name": "on", "start": "2025-02-03", "values": [1.0, 1.0, 0.0], "effect": 0.7}
    season = {"name": "on", "start": "2025-02-03", "end": "2025-02-16", "needs": math.exp(0.7)}
    known, dated = (_changed(busy(), controls=[on]), _changed(busy(), seasons=[season]))
    known = _changed(known, seasons=[])
    one, other = lived(known, 400), lived(dated, 400)
    assert same(one, other)
    assert not same(one, lived(_changed(known, controls=[]), 400))


def _with_channel(name: str, fields: dict[str, Any]) -> Scenario:
    data = busy().model_dump(mode="json")
    channels = [{**c, **fields} if c["name"] == name else c for c in data["channels"]]
    return Scenario.model_validate({**data, "channels": channels})


CHANNEL_NULLS: dict[str, tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "hand_offs": ("video", {"hand_offs": {"search": 0.0, "notes": 0.0}}, {"hand_offs": {}}, {}),
    "affinity": ("video", {"affinity": {"young": 1.0, "old": 1.0}}, {"affinity": {}}, {}),
    "stage_fit": ("notes", {"stage_fit": {"customer": 1.0}}, {"stage_fit": {}}, {}),
    "regions": ("notes", {"regions": ["east", "west"]}, {"regions": []}, {}),
    "awaken": ("video", {"awaken": 0.0}, {"awaken": 1e-12}, {"awaken": 0.5}),
    "names": ("video", {"name_zh": "视频"}, {"name_zh": "", "source": "a study"}, {"awaken": 0.4}),
}


@pytest.mark.parametrize("name", CHANNEL_NULLS)
def test_a_channels_dial_at_null_is_the_channel_without_it(name: str) -> None:
    channel, *variants = CHANNEL_NULLS[name]
    without, absence, effect = (_with_channel(channel, fields) for fields in variants)
    null, absent = lived(without, 400), lived(absence, 400)
    biting = lived(effect, 400, like=null)
    assert same(null, absent)
    assert not same(null, biting)


def test_without_weight_fatigue_is_absent_however_much_attention_is_taken() -> None:
    light, heavy, tiring = (
        lived(
            market(
                media(peak=0.2, engagement=0.2, goodwill_seen=0.1, click_through=0.5, attention=a),
                DIRECT,
                people=shopper(),
                behaviour={"fatigue_weight": weight},
            ),
            400,
        )
        for a, weight in ((0.0, 0.0), (5.0, 0.0), (5.0, 0.5))
    )
    assert same(light, heavy)
    assert not same(light, tiring)


def test_one_channel_has_no_other_to_agree_with() -> None:
    """Themes work between channels: alone, a channel's theme gains nothing."""
    worlds = [
        lived(market(media(peak=0.2, engagement=0.2), behaviour={"theme_gain": x}), 200)
        for x in (0.0, 2.0)
    ]
    assert same(*worlds)


def test_rules_that_offer_nothing_cost_nothing() -> None:
    """An offer of 0 is never held, however long."""
    rules = [[{**RULE, "offer": 0.0, "offer_days": days}] for days in (1.0, 300.0)]
    worlds = [
        lived(
            market(mail(engagement=0.5), DIRECT, people=shopper(), automation={"rules": r},
                   search={"direct_base": 2.0}), 400)
        for r in rules
    ]  # fmt: skip
    assert len(worlds[0].of("message")) > 300
    assert same(*worlds)


# ---- one change stays one change


def test_exposures_are_nested_in_spend_person_by_person() -> None:
    """Acceptance is u < pressure: who is met for little money is met for more, and then too."""
    met: set[tuple[int, float]] = set()
    for spend in (0.1, 0.4, 1.0, 5.0):
        rows = lived(market(media(peak=0.2), spend={"media": spend * PEOPLE}), 300).of("impression")
        more = set(zip(rows["customer"], rows["time"], strict=True))
        assert met < more
        met = more


def test_exposures_are_nested_in_seasons_of_attention() -> None:
    """A stronger season adds exposures on its days and moves none of the rest.

    As long as it does not become the strongest of all: that one sets the bound of the streams.
    """
    season = {"name": "s", "start": "2025-03-01", "end": "2025-03-31"}
    feast = {"name": "feast", "start": "2025-11-01", "end": "2025-11-30", "attention": 3.0}
    quiet, loud = (
        lived(market(media(peak=0.2), seasons=[{**season, "attention": x}, feast]), 300)
        for x in (1.5, 2.0)
    )
    one, other = (set(zip(w.rows["customer"], w.rows["time"], strict=True)) for w in (quiet, loud))
    assert one < other
    assert all(59 <= t < 90 for _, t in other - one)


@pytest.mark.parametrize("name", ["video", "notes", "seo"])
def test_taking_a_channel_out_moves_no_exposure_of_another_broadcast_channel(name: str) -> None:
    """Draws are keyed by the channel's name: what stands beside it does not matter."""
    base = _changed(busy(), media("steady", peak=0.2))
    ours, theirs = lived(base, 300), lived(base.without(name), 300)
    times = [w.of("impression", "steady")[["time", "customer"]].to_numpy() for w in (ours, theirs)]
    assert len(times[0]) > 5000
    np.testing.assert_array_equal(*times)


def test_needs_come_when_they_come_whatever_is_advertised() -> None:
    """People who never buy have the same needs under any plan."""
    people = shopper(base_utility=-60.0)
    worlds = [
        lived(
            market(media(goodwill_seen=0.2, engagement=0.2, click_through=0.3, attention=1.0),
                   slot("seo", "organic"), DIRECT, people=people, spend={"media": x}), 500)
        for x in (0.0, 1e7)
    ]  # fmt: skip
    assert len(worlds[1].rows) > 2 * len(worlds[0].rows)
    np.testing.assert_array_equal(worlds[0].needs_by_month(), worlds[1].needs_by_month())


@cache
def _past() -> tuple[Setting, Snapshot]:
    """Retail at the end of its history."""
    setting = Setting(load_scenario("retail"), 4000, 9, logging=True)
    return setting, setting.history(Community(0, 0, 4000))[1]


@cache
def _buyers(off: str) -> set[int]:
    """Who buys in the planned year, perhaps with a channel off."""
    setting, snapshot = _past()
    arm = Arm(setting.scenario.reference_plan, frozenset({off} - {""}))
    rows = setting.planned(snapshot, arm).rows
    return set(rows["customer"][rows["kind"] == ORDER].tolist())


@pytest.mark.parametrize("name", ["paid_search", "retargeting", "douyin", "seo"])
def test_few_people_buy_only_without_a_channel(name: str) -> None:
    """They exist (fatigue, other times of orders), but are a small part of those it sells to."""
    buyers = _buyers(""), _buyers(name)
    only_with, only_without = len(buyers[0] - buyers[1]), len(buyers[1] - buyers[0])
    assert only_with > 0
    assert only_without <= 0.01 * len(buyers[0])
    if name in ("paid_search", "douyin"):
        assert only_with > 3 * only_without


def test_goodwill_helps_no_competitor() -> None:
    """More liking never lowers the number of orders beyond noise."""
    plain, liked = (
        lived(
            market(media(peak=0.3, goodwill_seen=g), slot("seo", "organic"), DIRECT,
                   people=shopper(base_utility=-1.0), search={"brand_gain": 0.5}), 1000)
        for g in (0.0, 0.3)
    )  # fmt: skip
    gain = len(liked.of("order")) - len(plain.of("order"))
    assert gain > 0
    with pytest.raises(AssertionError):
        assert_near(gain, 0.0, np.sqrt(len(plain.of("order"))))
