"""What people do to one another and over years: word of mouth, satisfaction, leads, identity."""

import numpy as np
import pytest
from scipy import integrate, special, stats

from sim.desk.bridge import SEVERAL
from sim.desk.terms import DeskTerms
from tests.scenes import DAYS, DIRECT, PEOPLE, STRAIGHT, market, media, shopper
from tests.sim.worlds import Lived, assert_near, assert_share, lived, lived_on, pressure
from tests.theory.test_desk import long_run

STILL = {"experience_order": 0.0, "cart": 0.0, "signup": 0.0}
SURE = 60.0
FRIENDS = {"name": "friends", "tier": 3, "delivery": "earned", "engagement": 0.9999}


def _shop(*channels: dict[str, object], people: int = 3000, **fields: object) -> Lived:
    """So many people who buy whatever they need."""
    settings = {"people": shopper(base_utility=SURE), "search": STRAIGHT, "behaviour": STILL}
    return lived(market(DIRECT, media(peak=0.0), *channels, **{**settings, **fields}), people)


# ---- word of mouth


@pytest.mark.parametrize(("mentions", "told", "awaken"), [(0.5, 1.6, 0.5), (1.0, 1.0, 0.7)])
def test_orders_by_word_of_mouth_are_a_branching_process(
    mentions: float, told: float, awaken: float
) -> None:
    """Total progeny of Poisson ancestors: mean N / (1 - mu), variance N E[T^2] (Harris 1963).

    mu = mentions * told * P(a hearing becomes an order); T has variance s^2 / (1 - mu)^3, where s^2
    is that of offspring. Needs come by themselves in the first two months only, so chains end.
    """
    seasons = [{"name": "rest", "start": "2025-03-02", "end": "2025-12-31", "needs": 0.0}]
    met = 0.2 / (0.2 + 0.1)  # a need of ten days, looked after every five
    chance = awaken * 0.9999 * met
    world = _shop(
        {**FRIENDS, "awaken": awaken},
        people=4000,
        seasons=seasons,
        behaviour={**STILL, "experience_gain": 0.0},
        loyalty={"satisfaction": 10.0, "satisfaction_spread": 0.0},
        word_of_mouth={"channel": "friends", "mentions": mentions, "referrals": told},
    )
    first = 4000 * 6.0 * 60 / 365 * met
    each = told * chance
    mu = mentions * each
    spread = mentions * (each + each**2) - mu**2
    squared = spread / (1 - mu) ** 3 + 1 / (1 - mu) ** 2
    assert_near(world.people("orders"), first / (1 - mu), np.sqrt(first * squared))
    orders = world.people("orders")
    assert_near(world.people("mentions"), mentions * orders, 0.5 * np.sqrt(orders))
    heard = world.people("mentions") * told
    assert_near(world.people("referrals"), heard, np.sqrt(heard))


def test_complaints_are_told_and_harm() -> None:
    """A detractor tells Poisson(complaints) others; each hearing takes `harm` of goodwill."""
    world = _shop(
        FRIENDS,
        people=2000,
        behaviour={**STILL, "goodwill_half_life": 1e12, "goodwill_gain": 0.0},
        loyalty={"satisfaction": 0.0, "satisfaction_spread": 0.0},
        word_of_mouth={"channel": "friends", "complaints": 1.5, "harm": 0.1},
    )
    early = (world.of("order")["time"] < DAYS - 2).sum()
    late = len(world.of("order"))
    heard = -world.population["goodwill"].sum() / 0.1
    assert_near(heard, 1.5 * (early + late) / 2, np.sqrt(1.5 * late) + 1.5 * (late - early) / 2)


# ---- satisfaction


def test_promoters_and_detractors_are_shares_of_a_normal_law() -> None:
    """Answers 9 and 10 promote, 0 to 6 detract (Reichheld 2003): tails beyond 8.5 and 6.5."""
    world = _shop(
        loyalty={"satisfaction": 7.2, "satisfaction_spread": 1.4, "answers": 0.6},
    )
    answers = world.people("answers")
    assert_share(answers, world.people("orders"), 0.6)
    assert_share(world.people("promoters"), answers, stats.norm.sf(8.5, 7.2, 1.4))
    assert_share(world.people("detractors"), answers, stats.norm.cdf(6.5, 7.2, 1.4))


def _leaving(chance: float, gain: float, spread: float, member: float) -> float:
    """E expit(logit p - gain (S - mean) - member), S normal with its ends at 0 and 10."""

    def left(z: float) -> float:
        points = min(max(7.5 + spread * z, 0.0), 10.0) - 7.5
        logit = special.logit(chance) - gain * points - member
        return float(special.expit(logit) * stats.norm.pdf(z))

    return float(integrate.quad(left, -8, 8, points=[-7.5 / spread, 2.5 / spread])[0])


@pytest.mark.parametrize(("gain", "member"), [(0.8, 0.0), (0.0, 1.1), (0.5, 0.6)])
def test_satisfaction_and_membership_shift_the_log_odds_of_leaving(
    gain: float, member: float
) -> None:
    """Every order of a relation is a trial; buyers are members. Nobody has needs after it."""
    people = shopper(base_utility=SURE, dropout=0.2, dropout_concentration=1e6, customers=1.0)
    world = lived(
        market(DIRECT, media(peak=0.0), people=people, search=STRAIGHT, behaviour=STILL,
               loyalty={"satisfaction_spread": 1.5, "dropout_gain": gain, "programme": member}),
        3000,
    )  # fmt: skip
    left = world.population["dropped"].sum()
    assert_share(left, world.people("orders"), _leaving(0.2, gain, 1.5, member))


# ---- leads


def test_a_lead_is_the_first_time_that_a_fading_score_reaches_its_threshold() -> None:
    """A slow reading of the log: score = sum of 2^(-(t - t_i) / half-life) points."""
    people = shopper(base_utility=-SURE, looks_per_day=0.5)
    leads = {"points": {"visit": 1.0}, "threshold": 3.0, "half_life": 6.0}
    world = lived(
        market(DIRECT, media(peak=0.0), people=people, search=STRAIGHT,
               behaviour={**STILL, "signup": 1.0},
               leads=leads), 800)  # fmt: skip
    expected = {}
    for who, times in world.of("visit").groupby("customer")["time"]:
        score, last = 0.0, 0.0
        for t in times:
            score = score * 2 ** (-(t - last) / 6.0) + 1.0
            last = t
            if score >= 3.0:
                expected[who] = t
                break
    leads = world.of("lead")
    assert 100 < len(expected) < world.of("visit")["customer"].nunique()
    assert dict(zip(leads["customer"], leads["time"], strict=True)) == pytest.approx(expected)


# ---- the desk


def test_in_a_market_a_desk_loses_as_many_as_the_same_desk_alone() -> None:
    """Every order has an issue: a Poisson stream, as needs are Poisson and looks take a while.

    The desk alone is held to queueing theory in test_desk; here a long run of it is what a
    market's desk is compared with.
    """
    people, patience, minutes = 3000, 4.0, 30.0
    desk = {"agents": 2 * PEOPLE // people, "issues": 1.0, "opens": 0.0, "closes": 24.0,
            "service_minutes": dict.fromkeys(("lead", "question", "issue"), minutes),
            "patience_hours": dict.fromkeys(("lead", "question", "issue"), patience)}  # fmt: skip
    wants = shopper(base_utility=SURE, needs_per_year=12.0, repeat_needs_per_year=12.0)
    world = lived(
        market(DIRECT, media(peak=0.0), people=wants, search=STRAIGHT, behaviour=STILL, desk=desk),
        people,
    )
    asked, lost = world.people("requests"), world.people("requests_lost")
    assert asked == world.people("orders")
    exact = desk["agents"] * people / PEOPLE
    terms = DeskTerms(
        agents=SEVERAL, opens=0, closes=24, weekdays=7, first_weekday=0,
        service_minutes=(minutes,), service_spread=0.6, patience_hours=(patience,), priority=(0,),
        speed=1.0,
    )  # fmt: skip
    alone = long_run(terms, asked / DAYS / 24 * SEVERAL / exact)
    share, error = alone.mean(alone.lost)
    year = len(alone.lost) / asked
    # Waits hang together: the error of a shorter run follows from that of the long one.
    assert_near(lost / asked, share, error * np.sqrt(1 + year))


# ---- identity


@pytest.mark.parametrize("resolution", [0.0, 0.4, 1.0])
def test_false_new_visitors_follow_from_touches_on_unlinked_identifiers(resolution: float) -> None:
    """Touches of Poisson mean m fall on K identifiers alike; L linked ones show as one person.

    Ids met: 1 - e^(-m L / K), and K - L times 1 - e^(-m / K); the first one is a true visitor.
    """
    k, people = 4, 4000
    scenario = market(
        media(peak=0.02), people=shopper(identifiers=k, looks_per_day=0.0),
        integration={"resolution": resolution},
    )  # fmt: skip
    world = lived(scenario, people)
    m = 0.02 * DAYS * pressure(1e6)
    linked = np.bitwise_count(world.start["linked"].astype(np.uint64)).astype(float)
    ids = (1 - np.exp(-m * linked / k)) + (k - linked) * (1 - np.exp(-m / k))
    seen = 1 - np.exp(-m)
    new, false = world.people("new_ids"), world.people("false_ids")
    # The variance of a count of ids is at most that of as many independent coins.
    error = np.sqrt(people * k * 0.25)
    assert_near(new, ids.sum(), error)
    assert_share(new - false, people, seen)
    assert_near(false, ids.sum() - people * seen, 2 * error)
    if resolution == 1.0:
        assert false == 0


def test_an_identity_system_recognises_people_from_its_start_on() -> None:
    """Before it identifiers look like strangers, after it like one person; by `resolution` each."""
    system = {"name": "cdp", "start": "2025-06-01", "before": {"resolution": 0.2}}
    scenario = market(
        media(peak=0.2), people=shopper(identifiers=3, looks_per_day=0.0),
        integration={"resolution": 0.7}, investments=[system],
    )  # fmt: skip
    world = lived(scenario, 1500)
    day = 151
    rows = world.rows
    for part, share in ((rows[rows["time"] < day], 0.2), (rows[rows["time"] >= day], 0.7)):
        known = (part["identifier"] == 0).groupby(part["customer"]).mean()
        assert_near(known.mean(), share, known.std(ddof=1) / np.sqrt(len(known)))
    np.testing.assert_array_equal(world.population["linked"], world.population["linked_later"])
    after = lived_on(scenario, 300).rows
    by_person = (after["identifier"] == 0).groupby(after["customer"]).mean()
    assert_near(by_person.mean(), 0.7, by_person.std(ddof=1) / np.sqrt(len(by_person)))
