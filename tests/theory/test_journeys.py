"""Hand-offs, automation and identity: what ties channels into journeys."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.engine.counts import person_counts
from tests.scenes import (
    DAYS,
    DIRECT,
    NEVER_DIRECT,
    PEOPLE,
    STRAIGHT,
    mail,
    market,
    media,
    persona,
    shopper,
    slot,
)
from tests.sim.worlds import (
    Lived,
    assert_near,
    assert_poisson,
    assert_share,
    lived,
    lived_on,
    pressure,
)

BUSY = media("busy", peak=0.5, engagement=0.3, click_through=0.4, hand_offs={"search": 0.2})


# ---- hand-offs


@pytest.fixture(scope="module")
def seamed() -> Lived:
    """Seven in ten hand-offs arrive, after half a day in the mean."""
    return lived(market(BUSY, integration={"seamless": 0.7, "hand_off_days": 0.5}), 500)


def test_engaged_people_go_on_by_their_shares(seamed: Lived) -> None:
    engaged = seamed.count("engaged")
    assert_share(seamed.count("visits"), engaged, 0.4 * 0.7)
    assert_share(seamed.people("searches"), engaged, 0.2 * 0.7)
    assert_share(seamed.people("lost_hand_offs"), engaged, 0.6 * 0.3)


def test_hand_offs_take_an_exponential_time(seamed: Lived) -> None:
    """Visits follow the last clicks of their person; the superposed delays have the right mean."""
    clicks = seamed.of("click").groupby("customer")["time"].sum()
    once = media("once", peak=0.01, engagement=0.9, click_through=1.0)
    world = lived(market(once, integration={"hand_off_days": 0.5}), 4000)
    assert len(clicks) == 500
    single = world.by_person("click") == 1
    click, visit = (
        world.of(kind).set_index("customer")["time"][lambda t: t.index.isin(np.nonzero(single)[0])]
        for kind in ("click", "visit")
    )
    delays = (visit - click).dropna()
    delays = delays[click.reindex(delays.index) < DAYS - 10]
    assert len(delays) > 800
    assert stats.kstest(delays, "expon", (0, 0.5)).pvalue > 1e-4


@pytest.mark.parametrize("seamless", [0.0, 1.0])
def test_seamless_is_exact_at_both_ends(seamless: float) -> None:
    world = lived(market(BUSY, integration={"seamless": seamless, "hand_off_days": 0.0}), 300)
    assert (world.count("visits") == 0) == (seamless == 0.0)
    assert (world.people("lost_hand_offs") == 0) == (seamless == 1.0)


def test_broken_hand_offs_leave_an_experience() -> None:
    behaviour = {"experience_seamed": -0.25}
    world = lived(
        market(BUSY, integration={"seamless": 0.5, "hand_off_days": 0.0}, behaviour=behaviour), 500
    )
    assert world.population["experience"].sum() == -0.25 * world.people("lost_hand_offs")


def test_a_hand_off_to_content_is_an_exposure_there() -> None:
    first = media("first", peak=0.3, engagement=0.4, hand_offs={"second": 0.5})
    second = media("second", peak=0.0)
    world = lived(market(first, second, integration={"seamless": 0.8, "hand_off_days": 0.0}), 500)
    shown = len(world.of("impression", "second"))
    assert_share(shown, world.count("engaged", "first"), 0.5 * 0.8)


def test_who_finds_the_next_channel_off_finds_another_way_by_substitution() -> None:
    first = media("first", peak=0.3, engagement=0.4, hand_offs={"second": 0.5})
    ties = {"seamless": 1.0, "substitution": 0.35, "hand_off_days": 0.0}
    scenario = market(first, media("second", peak=0.1), integration=ties)
    on, off = (lived_on(scenario, 500, off=name) for name in ("", "second"))
    assert on.people("searches") == 0
    assert off.of("impression", "second").empty
    assert_share(off.people("searches"), off.count("engaged", "first"), 0.5 * 0.35)


def test_a_chain_of_hand_offs_multiplies_its_chances() -> None:
    """Absorbing chain: arrivals at the third place are q1 · q2 of the engagements at the first."""
    ties = {"seamless": 1.0, "hand_off_days": 0.0}
    chain = [
        media("a", peak=0.2, engagement=0.5, hand_offs={"b": 0.6}),
        media("b", peak=0.0, engagement=0.4, hand_offs={"c": 0.7}),
        media("c", peak=0.0, engagement=0.3, click_through=0.5),
    ]
    world = lived(market(*chain, integration=ties), 2000)
    visits = world.count("visits")
    assert_share(visits, world.count("noticed", "a"), 0.5 * 0.6 * 0.4 * 0.7 * 0.3 * 0.5)


def test_goodwill_of_engagements_upstream_brings_visits_downstream() -> None:
    """Paths are endogenous: media without any link raise direct visits through goodwill."""
    people = shopper(looks_per_day=1.0, base_utility=-60.0)
    search = {"direct_base": -2.0, "direct_gain": 1.0}
    quiet, loud = (
        lived(market(media(peak=0.2, goodwill_seen=x), DIRECT, people=people, search=search), 1000)
        for x in (0.0, 0.2)
    )
    gain = len(loud.of("visit")) - len(quiet.of("visit"))
    assert gain > 6 * np.sqrt(len(loud.of("visit")))


# ---- automation


def _automated(*rules: dict[str, object], **fields: object) -> Lived:
    """Visits, carts and orders of registered people, and messages by these rules."""
    people = fields.pop("people", shopper(looks_per_day=0.4, base_utility=-0.5))
    behaviour = {"signup": 1.0, "cart": 0.6}
    automation = {"weekly_cap": 20, "rules": list(rules), **fields.pop("automation", {})}
    scenario = market(
        fields.pop("channel", mail()), DIRECT, people=people, search=STRAIGHT,
        behaviour=behaviour, automation=automation, **fields,
    )  # fmt: skip
    return lived(scenario, 1500)


def _rule(when: str, wait: float, **fields: object) -> dict[str, object]:
    return {"name": f"after_{when}", "when": when, "wait": wait, "channel": "mail", **fields}


def _expected(world: Lived, when: str, wait: float, unless: str = "none") -> pd.DataFrame:
    """The messages that a rule should send, by a slow reading of the log."""
    causes = world.of(when)[["customer", "time"]]
    if when == "visit":
        answered = world.rows[world.rows["kind"].isin(["cart", "order"])]
        pairs = set(zip(answered["customer"], answered["time"], strict=True))
        causes = causes[[p not in pairs for p in zip(*causes.to_numpy().T, strict=True)]]
    due = causes.assign(due=causes["time"] + wait)
    due = due[due["due"] < DAYS]
    if unless != "none":
        times = world.of(unless).groupby("customer")["time"].apply(np.array).to_dict()
        calls = [
            any(since < x <= at for x in times.get(who, ()))
            for who, since, at in due[["customer", "time", "due"]].itertuples(index=False)
        ]
        due = due[~np.array(calls)]
    return due.sort_values(["due", "customer"])


@pytest.mark.parametrize("unless", ["none", "order", "visit"])
@pytest.mark.parametrize(
    ("when", "wait"), [("signup", 3.0), ("visit", 2.0), ("cart", 0.5), ("order", 14.0)]
)
def test_a_rule_sends_after_its_wait_unless_called_off(when: str, wait: float, unless: str) -> None:
    world = _automated(_rule(when, wait, unless=unless))
    expected = _expected(world, when, wait, unless)
    sent = world.of("message").sort_values(["time", "customer"])
    assert len(sent) > 50
    assert sent["customer"].tolist() == expected["customer"].tolist()
    np.testing.assert_allclose(sent["time"], expected["due"], rtol=0, atol=1e-9)


def test_a_rule_that_is_called_off_by_visits_sends_less() -> None:
    """The condition above bites: it is not empty."""
    sent = [len(_automated(_rule("cart", 3.0, unless=u)).of("message")) for u in ("none", "visit")]
    assert sent[1] < 0.8 * sent[0]


@pytest.mark.parametrize("cap", [1, 2, 5])
def test_nobody_gets_more_messages_a_week_than_the_cap(cap: int) -> None:
    rules = [_rule(when, 0.1) for when in ("visit", "cart", "order", "signup")]
    people = shopper(looks_per_day=3.0, needs_per_year=20.0, base_utility=-0.5)
    world = _automated(*rules, people=people, automation={"weekly_cap": cap})
    sent = world.of("message")
    week = (sent["time"] // 7).astype(int)
    assert sent.groupby(["customer", week]).size().max() == cap


def test_with_a_cap_of_none_no_message_is_sent() -> None:
    world = _automated(_rule("visit", 0.5), automation={"weekly_cap": 0})
    assert world.of("message").empty
    assert len(world.of("visit")) > 500


def test_messages_are_opened_and_clicked_with_their_chances() -> None:
    world = _automated(
        _rule("visit", 0.5), channel=mail(engagement=0.2), automation={"open_rate": 0.3}
    )
    assert_share(world.count("opens"), world.count("messages"), 0.3)
    assert_share(len(world.of("click", "mail")), len(world.of("open")), 0.2)


def test_only_recognised_people_get_messages() -> None:
    world = _automated(_rule("visit", 0.5), integration={"resolution": 0.4})
    linked = world.population["linked"] == 1
    sent = world.by_person("message")
    assert (sent[linked] > 0).mean() > 0.5
    assert sent[~linked].sum() == 0


def test_unregistered_people_get_no_messages() -> None:
    people = shopper(base_utility=-60.0)
    scenario = market(
        mail(), DIRECT, people=people, search=STRAIGHT, behaviour={"signup": 0.0},
        automation={"rules": [_rule("visit", 0.5)]},
    )  # fmt: skip
    world = lived(scenario, 300)
    assert len(world.of("visit")) > 300
    assert world.of("message").empty


def test_an_offer_costs_margin_on_every_redemption_and_sells_more() -> None:
    """Utility rises by the offer while it holds; the margin falls by its cost."""
    offer = {"offer": 1.5, "offer_cost": 0.2, "offer_days": 20.0}
    channel = mail(engagement=0.999999)
    people = shopper(looks_per_day=0.3, need_days=30.0, base_utility=-1.5)
    worlds = [
        _automated(_rule("cart", 0.5, **x), channel=channel, people=people,
                   automation={"open_rate": 1.0})
        for x in ({}, offer)
    ]  # fmt: skip
    plain, sweet = (world.of("order") for world in worlds)
    assert len(sweet) > len(plain) + 6 * np.sqrt(len(sweet))
    clicks = worlds[1].of("click").groupby("customer")["time"].apply(np.array)
    redeemed = np.zeros(len(sweet), dtype=bool)
    last = {}
    for n, (who, t) in enumerate(zip(sweet["customer"], sweet["time"], strict=True)):
        mine = clicks.get(who, np.zeros(0))
        mine = mine[(mine <= t) & (mine > last.get(who, -1.0))]
        redeemed[n] = len(mine) > 0 and t < mine[-1] + 20.0
        last[who] = t
    share = (sweet["margin"] / sweet["value"]).to_numpy()
    assert redeemed.sum() > 100
    np.testing.assert_allclose(share[redeemed], 0.3, atol=0.001)
    np.testing.assert_allclose(share[~redeemed], 0.5, atol=0.001)


def test_messages_cost_their_price_as_long_as_money_lasts() -> None:
    """A cap of money: with half of it about half are sent, and never more is billed."""
    rich = _automated(_rule("visit", 0.5), channel=mail(unit_cost=2.0), spend={"mail": 1e9})
    sent, weight = len(rich.of("message")), PEOPLE / 1500
    assert rich.year.ledger.sum() == pytest.approx(2.0 * sent * weight, rel=1e-9)
    poor = _automated(
        _rule("visit", 0.5), channel=mail(unit_cost=2.0), spend={"mail": sent * weight}
    )
    assert len(poor.of("message")) / sent == pytest.approx(0.5, abs=0.06)
    assert poor.year.ledger.sum() <= sent * weight * (1 + 1e-9)


# ---- identity


def test_identifiers_are_linked_with_the_chance_of_resolution() -> None:
    people = persona(identifiers=5)
    world = lived(market(media(), people=people, integration={"resolution": 0.35}), 4000)
    linked = [(world.population["linked"] >> n) & 1 for n in range(5)]
    assert_share(np.sum(linked), 5 * 4000, 0.35)
    np.testing.assert_array_equal(world.population["linked"] >> 5, 0)


def test_touches_show_on_any_identifier_alike_and_linked_ones_as_one() -> None:
    """Identifier 0 is the person; n > 0 an unlinked device, each with a share 1/5."""
    people = persona(identifiers=5)
    world = lived(market(media(), people=people, integration={"resolution": 0.35}), 500)
    rows = world.of("impression")
    linked = world.population["linked"][rows["customer"]]
    bits = sum((linked >> n) & 1 for n in range(5))
    known = (rows["identifier"] == 0).to_numpy()
    chance = bits / 5
    assert_near(known.sum(), chance.sum(), np.sqrt((chance * (1 - chance)).sum()))
    number = rows["identifier"].to_numpy()
    assert not ((linked >> np.maximum(number - 1, 0)) & 1)[number > 0].any()


@pytest.mark.parametrize("resolution", [0.0, 1.0])
def test_resolution_is_exact_at_both_ends(resolution: float) -> None:
    scenario = market(media(), people=persona(identifiers=3),
                      integration={"resolution": resolution})  # fmt: skip
    numbers = set(lived(scenario, 100).rows["identifier"])
    assert numbers == ({0} if resolution else {1, 2, 3})


def test_the_log_holds_the_people_who_consent() -> None:
    world = lived(market(media(peak=0.2), integration={"consent": 0.8}), 4000)
    seen = world.by_person("impression") > 0
    assert_share(seen.sum(), 4000, 0.8)
    assert_poisson(world.count("impressions"), 4000 * DAYS * 0.2 * pressure(PEOPLE))


def test_the_log_sees_impressions_by_view_visibility_and_every_click() -> None:
    channel = media(peak=0.5, engagement=0.2)
    world = lived(market(channel, integration={"view_visibility": 0.6}), 500)
    assert_share(len(world.of("impression")), world.count("impressions"), 0.6)
    assert len(world.of("click")) == world.count("clicks")


def test_what_the_log_misses_happens_all_the_same() -> None:
    """Consent and visibility change what is written, never what is done."""
    people = shopper(identifiers=3)
    channel = media(peak=0.1, engagement=0.2, goodwill_seen=0.1, click_through=0.5)
    clear, dim = (
        lived(market(channel, slot("seo", "organic"), DIRECT, people=people, integration=ties,
                     search={"direct_base": -1.0}), 800)
        for ties in ({}, {"consent": 0.3, "view_visibility": 0.2})
    )  # fmt: skip
    np.testing.assert_array_equal(clear.year.channel, dim.year.channel)
    done = [n for n, name in enumerate(person_counts.NAMES) if not name.endswith("_ids")]
    np.testing.assert_array_equal(clear.year.people[:, done], dim.year.people[:, done])
    assert dim.people("new_ids") < clear.people("new_ids")
    assert len(dim.rows) < 0.5 * len(clear.rows)


def test_nobody_comes_directly_under_the_settings_that_say_so() -> None:
    """The setting that other tests of search rest on."""
    world = lived(
        market(DIRECT, slot("seo", "organic"), people=shopper(), search=NEVER_DIRECT), 300
    )
    assert world.count("visits", "direct") == 0
