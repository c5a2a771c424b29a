"""Offers, shops, rivals, goods, content, dates, shocks and niches against their closed forms."""

import datetime as dt

import numpy as np
import pytest
from scipy import special, stats

from tests.scenes import (
    DAYS,
    DIRECT,
    NEVER_DIRECT,
    PEOPLE,
    STRAIGHT,
    flat,
    market,
    media,
    shopper,
    slot,
)
from tests.sim.worlds import Lived, assert_near, assert_poisson, assert_share, lived, pressure

STILL = {"experience_order": 0.0, "cart": 0.0, "signup": 0.0}
ALL_YEAR = {"start": "2025-01-01", "end": "2025-12-31"}
SURE = 60.0
"""A utility at which every need is met at the first visit."""


def _shop(**fields: object) -> Lived:
    """People who come directly, in a market where nothing else happens."""
    people = fields.pop("people", shopper(base_utility=-0.7))
    settings = {"search": STRAIGHT, "behaviour": STILL, **fields}
    return lived(market(DIRECT, media(peak=0.0), people=people, **settings), 3000)


def _first_sold(world: Lived) -> tuple[int, int]:
    """Visitors, and those among them whose first visit sold."""
    visits = world.of("visit").groupby("customer")["time"].min()
    orders = world.of("order").groupby("customer")["time"].min()
    return int((orders.reindex(visits.index) == visits).sum()), len(visits)


# ---- the decision: logit(P) = b + offer + shop - rival (McFadden 1974)


def test_an_offer_shifts_the_logit_and_costs_its_share_of_margin() -> None:
    offer = {"name": "all", **ALL_YEAR, "utility": 0.9, "cost": 0.2}
    world = _shop(offers=[offer])
    assert_share(*_first_sold(world), special.expit(-0.7 + 0.9))
    orders = world.of("order")
    np.testing.assert_allclose(orders["margin"], orders["value"] * (0.5 - 0.2), atol=1)


def test_of_two_offers_the_better_counts() -> None:
    offers = [
        {"name": name, **ALL_YEAR, "utility": gain, "cost": cost}
        for name, gain, cost in (("a", 0.3, 0.3), ("b", 0.8, 0.1), ("c", 0.5, 0.4))
    ]
    world = _shop(offers=offers)
    assert_share(*_first_sold(world), special.expit(-0.7 + 0.8))
    orders = world.of("order")
    np.testing.assert_allclose(orders["margin"], orders["value"] * 0.4, atol=1)


def test_a_rival_pulls_the_logit_down() -> None:
    world = _shop(rivals=[{"name": "r", **ALL_YEAR, "pull": 0.6}])
    assert_share(*_first_sold(world), special.expit(-0.7 - 0.6))


def test_a_rival_shows_better_on_the_page() -> None:
    """P(our slot) = e^u / (e^u + e^(rival + added) + 1)."""
    world = lived(
        market(slot("ads", "paid", slot_utility=0.9), DIRECT, people=shopper(base_utility=-SURE),
               search={**NEVER_DIRECT, "competitor_utility": 0.4},
               rivals=[{"name": "r", **ALL_YEAR, "search": 0.8}]), 2000)  # fmt: skip
    total = np.exp([0.9, 0.4 + 0.8, 0.0]).sum()
    assert_share(len(world.of("click", "ads")), world.people("searches"), np.exp(0.9) / total)


def test_a_shop_shifts_the_logit_and_keeps_its_commission() -> None:
    """People come through a channel that lands in the shop, each with a need that it awakened."""
    channel = media(
        peak=0.01, engagement=0.9999, awaken=1.0, click_through=1.0, themed=False, shop="mall"
    )
    world = lived(
        market(channel, DIRECT, people=shopper(base_utility=-0.7, needs_per_year=0.0,
               repeat_needs_per_year=0.0, looks_per_day=0.0, need_days=20.0),
               behaviour=STILL,
               shops=[{"name": "mall", "utility": 0.5, "commission": 0.12}]), 3000)  # fmt: skip
    assert_share(*_first_sold(world), special.expit(-0.7 + 0.5))
    orders = world.of("order")
    np.testing.assert_allclose(orders["margin"], orders["value"] * (0.5 - 0.12), atol=1)


def test_visitors_register_in_a_shop_by_its_share() -> None:
    channel = media(peak=0.02, engagement=0.9999, click_through=1.0, shop="mall")
    world = lived(
        market(channel, behaviour={"signup": 0.4}, shops=[{"name": "mall", "registers": 0.25}]),
        2000,
    )
    first = world.of("visit").groupby("customer")["time"].min()
    signed = world.of("signup").groupby("customer")["time"].min()
    assert_share((signed.reindex(first.index) == first).sum(), len(first), 0.4 * 0.25)


# ---- goods that are missing


@pytest.mark.parametrize(("pooling", "places"), [(0.0, 5), (0.6, 3), (1.0, 2)])
def test_pooled_goods_are_missing_with_their_chance(pooling: float, places: int) -> None:
    """P = out (1 - pooling (1 - out^(places - 1))): own shelf empty, and no other helps."""
    out = 0.4
    stock = {"out_of_stock": out, "pooling": pooling, "places": places, "waits": 0.0}
    world = _shop(people=shopper(base_utility=SURE), inventory=stock)
    missing = world.people("stock_outs")
    chance = out * (1 - pooling * (1 - out ** (places - 1)))
    assert_share(missing, missing + world.people("orders"), chance)
    assert world.people("elsewhere") >= missing


def test_who_waits_for_goods_gets_them_after_an_exponential_time() -> None:
    """And a share `waits` waits: of those whose first visit comes early enough in the year, so many
    have their goods before they come again."""
    stock = {"out_of_stock": 1.0, "waits": 0.7, "delay_days": 5.0}
    people = shopper(base_utility=SURE, needs_per_year=0.4, repeat_needs_per_year=0.0)
    world = _shop(people=people, inventory=stock)
    times = world.of("visit").groupby("customer")["time"].apply(sorted)
    times = times[times.str[0] < DAYS - 100]
    got = world.of("order").groupby("customer")["time"].min().reindex(times.index)
    got = (got[got < times.str[1].fillna(DAYS)] - times.str[0]).reindex(times.index)
    assert_share(got.notna().sum(), len(got), 0.7)
    assert stats.kstest(got.dropna(), "expon", args=(0, 5.0)).pvalue > 1e-3


# ---- content


def test_engagement_wears_out_with_exposures_a_head() -> None:
    """Odds = o q e^(-w n), n exposures a head since release, counted at midnight."""
    channel = media(peak=0.2, engagement=0.3, themed=False)
    film = {"name": "film", "made_for": "media", "release": "2025-03-02", "quality": 1.6}
    people = 1500
    world = lived(market(channel, content={"assets": [film], "wear_out": 0.08}), people)
    day = world.of("impression")["time"].to_numpy().astype(int)
    new = np.bincount(day, minlength=DAYS) * (np.arange(DAYS) >= 60)
    heads = np.concatenate([[0], np.cumsum(new)[:-1]]) / people
    odds = 0.3 / 0.7 * np.where(np.arange(DAYS) >= 60, 1.6 * np.exp(-0.08 * heads), 1.0)
    chance = odds / (1 + odds)
    clicks = np.bincount(world.of("click")["time"].astype(int), minlength=DAYS)
    shown = np.bincount(day, minlength=DAYS)
    for days in (slice(0, 60), slice(60, 120), slice(120, 240), slice(240, 365)):
        p, n = chance[days], shown[days]
        assert_near(clicks[days].sum(), (p * n).sum(), np.sqrt((p * (1 - p) * n).sum()))


def test_an_adaptation_keeps_a_share_of_its_quality() -> None:
    both = [media(name, peak=0.2, engagement=0.3, themed=False) for name in ("home", "other")]
    film = {"name": "film", "made_for": "home", "adapted_to": ["other"],
            "release": "2025-01-01", "quality": 2.0}  # fmt: skip
    world = lived(market(*both, content={"assets": [film], "reuse": 0.3}), 800)
    for name, quality in (("home", 2.0), ("other", 0.6)):
        odds = 0.3 / 0.7 * quality
        assert_share(
            len(world.of("click", name)), len(world.of("impression", name)), odds / (1 + odds)
        )


def test_a_format_suits_a_stage() -> None:
    film = {"name": "film", "made_for": "media", "release": "2025-01-01", "format": "clip"}
    content = {"assets": [film], "formats": [{"name": "clip", "stage_fit": {"unaware": 2.5}}]}
    world = lived(market(media(peak=0.2, engagement=0.1, themed=False), content=content), 800)
    odds = 2.5 * 0.1 / 0.9
    assert_share(len(world.of("click")), len(world.of("impression")), odds / (1 + odds))


# ---- days and people


def test_a_field_channel_is_met_on_its_dates_and_costs_on_them() -> None:
    """A month's money goes out on the month's days of the event; without any, nothing does."""
    dates = [
        {"start": "2025-03-03", "end": "2025-03-09"},
        {"start": "2025-06-30", "end": "2025-07-01"},
    ]
    world = lived(market(media(delivery="field", peak=0.4, dates=dates)), 4000)
    there = np.zeros(DAYS, dtype=bool)
    for stretch in dates:
        first, last = (dt.date.fromisoformat(x).timetuple().tm_yday for x in stretch.values())
        there[first - 1 : last] = True
    ledger = world.year.ledger[0]
    assert set(np.flatnonzero(ledger > 0)) == set(np.flatnonzero(there))
    plan = np.array(flat(1e6))[[2, 5, 6]]
    np.testing.assert_allclose(ledger.sum(), plan.sum(), rtol=1e-6)
    met = np.bincount(world.of("impression")["time"].astype(int), minlength=DAYS)
    assert met[~there].sum() == 0
    for days, money in ((slice(61, 68), plan[0] / 7), (slice(180, 181), plan[1])):
        expected = 4000 * 0.4 * pressure(365 * money) * (days.stop - days.start)
        assert_poisson(met[days].sum(), expected)


def test_in_an_outage_a_channel_delivers_and_costs_nothing() -> None:
    """The month's money goes out on its other days."""
    shock = {"name": "dark", "start": "2025-04-11", "end": "2025-04-20", "channel": "media",
             "outage": True}  # fmt: skip
    world = lived(market(media(peak=0.3), media("other", peak=0.3), shocks=[shock]), 2000)
    dark = slice(100, 110)
    for name, row in (("media", 0), ("other", 1)):
        times = world.of("impression", name)["time"]
        met = ((times >= 100) & (times < 110)).sum()
        spent = world.year.ledger[row]
        np.testing.assert_allclose(spent[90:120].sum(), flat(1e6)[3], rtol=1e-6)
        assert (met == 0) == (name == "media")
        assert (spent[dark].sum() == 0) == (name == "media")
    times = world.of("impression", "media")["time"]
    rest = ((times >= 110) & (times < 120)).sum()
    assert_poisson(rest, 2000 * 0.3 * 10 * pressure(PEOPLE * 1.5))


def test_shocks_change_prices_of_their_channel_and_needs_of_all() -> None:
    shock = {"name": "dear", **ALL_YEAR, "channel": "media", "prices": 4.0, "needs": 0.5}
    world = lived(
        market(media(peak=0.3), media("other", peak=0.3), people=shopper(looks_per_day=0.0),
               shocks=[shock]), 1000)  # fmt: skip
    assert_poisson(len(world.of("impression", "media")), 1000 * DAYS * 0.3 * pressure(PEOPLE / 4))
    assert_poisson(len(world.of("impression", "other")), 1000 * DAYS * 0.3 * pressure(PEOPLE))
    # Three places for needs of ten days at 3 a year: hardly ever all taken.
    assert_poisson(world.people("needs"), 1000 * 3.0)


def test_a_niche_channel_meets_its_niche_and_nobody_else() -> None:
    """P(member) = share; members of Poisson mean m are reached with chance 1 - e^(-m)."""
    people = shopper(niche="keen", niche_share=0.3, looks_per_day=0.0)
    world = lived(market(media(peak=0.01, niches=["keen"]), people=people), 5000)
    members = world.population["niche"] >= 0
    met = world.by_person("impression") > 0
    assert_share(members.sum(), 5000, 0.3)
    assert not met[~members].any()
    assert_share(met[members].sum(), members.sum(), 1 - np.exp(-0.01 * DAYS * pressure(PEOPLE)))
    assert world.end_states("niche_members") == members.sum()


def test_hand_offs_to_a_niche_channel_arrive_with_its_niche_only() -> None:
    """Engaged members of a Poisson number go on with the share handed on; others find nothing."""
    people = shopper(niche="keen", niche_share=0.3, looks_per_day=0.0)
    first = media("first", peak=0.05, engagement=0.4, hand_offs={"club": 0.5})
    world = lived(market(first, media("club", peak=0.0, niches=["keen"]), people=people), 4000)
    members = np.flatnonzero(world.population["niche"] >= 0)
    clicks, met = world.of("click", "first"), world.of("impression", "club")
    assert np.isin(met["customer"], members).all()
    assert_share(len(met), np.isin(clicks["customer"], members).sum(), 0.5)
