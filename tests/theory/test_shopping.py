"""Needs, decisions and orders against their closed forms; repeat buying against BG/NBD."""

import numpy as np
import pytest
from scipy import special, stats

from sim import Setting
from sim.engine.counts import person_counts
from sim.setup.communities import Community
from tests.scenes import (
    DAYS,
    DIRECT,
    MONTH_DAYS,
    NEVER_DIRECT,
    PEOPLE,
    STRAIGHT,
    market,
    media,
    persona,
    shopper,
)
from tests.sim.worlds import Lived, assert_near, assert_poisson, assert_share, lived, pressure

QUIET = media(peak=0.0)
STILL = {"experience_order": 0.0, "cart": 0.0, "signup": 0.0}
"""Nothing that shifts a decision."""


def _shop(**fields: object) -> object:
    """A market of our own shop only, where everyone comes directly."""
    return market(DIRECT, QUIET, **{"search": STRAIGHT, "behaviour": STILL, **fields})


# ---- needs


def test_needs_are_poisson_with_their_season() -> None:
    season = {"name": "feast", "start": "2025-06-01", "end": "2025-06-30", "needs": 2.2}
    lull = {"name": "lull", "start": "2025-02-01", "end": "2025-02-28", "needs": 0.3}
    people = persona(needs_per_year=3.0, looks_per_day=0.0, need_days=0.5)
    world = lived(market(people=people, seasons=[season, lull]), 5000)
    factor = np.ones(12)
    factor[[1, 5]] = 0.3, 2.2
    for seen, mean in zip(
        world.needs_by_month(), 5000 * 3.0 / DAYS * MONTH_DAYS * factor, strict=True
    ):
        assert_poisson(seen, mean)


def test_no_needs_no_orders() -> None:
    world = lived(_shop(people=persona(aware=1.0)), 500)
    assert world.rows.empty


def test_what_is_left_of_an_open_need_is_exponential() -> None:
    """No memory: the rest of a need's life at any moment is like the whole of it."""
    people = persona(needs_per_year=10.0, need_days=12.0, looks_per_day=0.0)
    world = lived(market(people=people), 8000)
    ends = world.population["need_ends"].ravel()
    left = ends[ends > DAYS] - DAYS
    assert stats.kstest(left, "expon", (0, 12.0)).pvalue > 1e-4


def test_a_market_begins_as_if_it_had_gone_on_for_ever() -> None:
    """Needs open at the start follow the law of any later day, and so do looks in every month.

    Looks of a person over T days at rate r for each of n open needs, whose number forgets within a
    life L: their variance is at most r E(n) T + 2 r^2 Var(n) L T.
    """
    rate, life, days = 0.3, 12.0, 31
    people = persona(needs_per_year=36.5, need_days=life, looks_per_day=rate)
    scenario = market(people=people, search=NEVER_DIRECT, open_needs=1.0)
    law = np.array([1.2**n / special.factorial(n) for n in range(4)])
    law /= law.sum()
    population = Setting(scenario, 8000, 7).born(Community(0, 0, 8000)).population
    count = (population["need_ends"] > 0).sum(axis=1)
    assert stats.chisquare(np.bincount(count, minlength=4), 8000 * law).pvalue > 1e-4
    mean = law @ np.arange(4)
    variance = rate * mean * days + 2 * rate**2 * (law @ np.arange(4) ** 2 - mean**2) * life * days
    looks = lived(scenario, 8000).year.people[:12, person_counts.NAMES.index("looks")].sum(axis=1)
    for month in (0, 11):
        assert_near(looks[month], 8000 * rate * mean * days, np.sqrt(8000 * variance))


def test_open_needs_fill_three_places_as_erlangs_loss_system_does() -> None:
    """M/M/3/3 at a = rate · life: P(n) = a^n/n! / sum of a^k/k! (Erlang 1917)."""
    people = persona(needs_per_year=36.5, need_days=12.0, looks_per_day=0.0)
    world = lived(market(people=people), 8000)
    count = (world.population["need_ends"] > DAYS).sum(axis=1)
    law = np.array([1.2**n / special.factorial(n) for n in range(4)])
    law /= law.sum()
    assert stats.chisquare(np.bincount(count, minlength=4), 8000 * law).pvalue > 1e-4
    assert_poisson(world.people("needs"), 8000 * 36.5 * _mean_open(law))


def _mean_open(law: np.ndarray) -> float:
    """Share of needs that find a place over the year; it begins empty, which fades in weeks."""
    generator = np.zeros((4, 4))
    for n in range(3):
        generator[n, n + 1] = 0.1
        generator[n + 1, n] = (n + 1) / 12.0
    generator -= np.diag(generator.sum(axis=1))
    steps, state, full = 3650, np.array([1.0, 0, 0, 0]), 0.0
    for _ in range(steps):
        full += state[3] / steps
        state = state + state @ generator * (DAYS / steps)
    assert state == pytest.approx(law, rel=1e-3)
    return 1 - full


@pytest.mark.parametrize(("looks", "life"), [(0.1, 5.0), (0.5, 8.0)])
def test_a_need_is_looked_after_at_least_once_with_its_chance(looks: float, life: float) -> None:
    """Looks at rate L against an end at rate 1/D: P = L / (L + 1/D); people thin a Poisson."""
    people = shopper(needs_per_year=1.0, looks_per_day=looks, need_days=life, base_utility=-60.0)
    world = lived(_shop(people=people), 8000)
    visited = (world.by_person("visit") > 0).sum()
    chance, hurry = looks / (looks + 1 / life), looks + 1 / life
    exposed = DAYS - (1 - np.exp(-hurry * DAYS)) / hurry
    assert_share(visited, 8000, 1 - np.exp(-chance * exposed / DAYS))


def test_an_open_need_is_looked_after_at_its_rate() -> None:
    """Looks per need = L · D, with the variance of a geometric count."""
    people = shopper(needs_per_year=2.0, looks_per_day=0.6, need_days=3.0, base_utility=-60.0)
    world = lived(_shop(people=people), 6000)
    needs, mean = world.people("needs"), 0.6 * 3.0
    se = np.sqrt(mean * (1 + mean) / needs)
    assert_near(world.people("looks") / needs, mean * (1 - 3.0 / DAYS), se)


def test_needs_that_time_ends_are_met_elsewhere_by_their_share() -> None:
    people = persona(needs_per_year=4.0, looks_per_day=0.0, need_days=0.2)
    world = lived(market(people=people, search={"elsewhere": 0.35}), 4000)
    assert_share(world.people("elsewhere"), world.people("needs"), 0.35)


def test_engagements_awaken_needs_with_their_chance() -> None:
    channel = media(peak=0.05, engagement=0.5, awaken=0.2)
    world = lived(market(channel, people=persona(need_days=0.01, looks_per_day=0.0)), 4000)
    assert_share(world.people("needs"), world.count("engaged"), 0.2)


# ---- decisions


def _first_visits(world: Lived) -> tuple[np.ndarray, np.ndarray]:
    """Each visitor's first visit: who, and whether it sold."""
    visits = world.of("visit").groupby("customer")["time"].min()
    orders = world.of("order").groupby("customer")["time"].min()
    sold = (orders.reindex(visits.index) == visits).to_numpy()
    return visits.index.to_numpy(), sold


@pytest.mark.parametrize("utility", [-2.5, -0.7, 0.0, 1.3])
def test_the_decision_is_logistic_in_utility(utility: float) -> None:
    world = lived(_shop(people=shopper(base_utility=utility)), 3000)
    _, sold = _first_visits(world)
    assert len(sold) > 2000
    assert_share(sold.sum(), len(sold), special.expit(utility))


def test_goodwill_raises_utility_by_its_gain() -> None:
    """Goodwill that does not fade, exponential over people: calibration by fifths."""
    people = shopper(base_utility=-2.0, goodwill=1.5)
    behaviour = {**STILL, "goodwill_half_life": 1e12, "goodwill_gain": 0.9}
    world = lived(_shop(people=people, behaviour=behaviour), 8000)
    who, sold = _first_visits(world)
    goodwill = world.start["goodwill"][who]
    chance = special.expit(-2.0 + 0.9 * goodwill)
    for fifth in np.array_split(np.argsort(goodwill), 5):
        se = np.sqrt((chance[fifth] * (1 - chance[fifth])).sum())
        assert_near(sold[fifth].sum(), chance[fifth].sum(), se)


def test_experience_of_orders_raises_utility_by_its_gain() -> None:
    """The n-th order's need met utility b + gain · n · step; needs never met again are dropped."""
    behaviour = {**STILL, "experience_order": 1.0, "experience_gain": 1.5}
    people = shopper(base_utility=-1.0, need_days=1.0, looks_per_day=60.0, needs_per_year=3.0,
                     repeat_needs_per_year=3.0)  # fmt: skip
    world = lived(_shop(people=people, behaviour=behaviour), 8000)
    first, second = _sold_by_need(world)
    assert_share(first.sum(), len(first), special.expit(-1.0))
    assert_share(second.sum(), len(second), special.expit(0.5))


def _sold_by_need(world: Lived) -> tuple[np.ndarray, np.ndarray]:
    """Outcome of each person's first need, and of the first need after the first order.

    Needs last a day and are looked after sixty times in it: visits more than twelve days apart are
    of different needs.
    """
    first, second = [], []
    orders = set(zip(world.of("order")["customer"], world.of("order")["time"], strict=True))
    for customer, rows in world.of("visit").groupby("customer"):
        times = rows["time"].to_numpy()
        starts = times[np.diff(times, prepend=-100.0) > 12.0]
        sold = [(customer, t) in orders for t in starts]
        first.append(sold[0])
        if sold[0] and len(sold) > 1:
            second.append(sold[1])
    return np.array(first), np.array(second)


def test_visits_are_no_lottery_tickets() -> None:
    """A need that did not sell at its first visit does not sell at the sixtieth."""
    people = shopper(needs_per_year=0.1, need_days=30.0, looks_per_day=2.0)
    world = lived(_shop(people=people), 8000)
    visits = world.by_person("visit")
    who, sold = _first_visits(world)
    assert visits[who[~sold]].mean() > 30
    later = (world.by_person("order")[who[~sold]] > 0).mean()
    assert later < 0.1  # second needs of the year: half of 1 - e^(-0.1) at most


def test_only_a_visit_with_a_need_sells() -> None:
    """People without needs click through to us and never buy, however much they like us."""
    channel = media(engagement=0.5, click_through=1.0, goodwill_seen=5.0)
    world = lived(market(channel, DIRECT, people=persona(base_utility=9.0)), 200)
    assert world.count("visits") > 1000
    assert world.of("order").empty


def test_an_order_ends_the_need() -> None:
    """One order to a need at most, and no visit for it afterwards."""
    world = lived(_shop(people=shopper(base_utility=60.0, looks_per_day=3.0)), 3000)
    assert world.people("orders") <= world.people("needs")
    assert len(world.of("visit")) == len(world.of("order")) == world.people("orders")


# ---- money


def test_order_values_are_lognormal_with_the_personas_mean() -> None:
    """mean m, variance m² (e^(σ²) - 1), log normal with ln m - σ²/2 and σ."""
    people = shopper(base_utility=60.0, needs_per_year=8.0, order_value=240.0, order_spread=0.6)
    values = lived(_shop(people=people), 3000).of("order")["value"].to_numpy() / 100
    n, variance = len(values), 240.0**2 * np.expm1(0.36)
    assert n > 10_000
    assert_near(values.mean(), 240.0, np.sqrt(variance / n))
    fourth = ((values - 240.0) ** 4).mean()
    assert_near(values.var(ddof=1), variance, np.sqrt((fourth - variance**2) / n))
    logs = (np.log(values) - np.log(240.0) + 0.18) / 0.6
    assert stats.kstest(logs, "norm").pvalue > 1e-4


def test_without_spread_every_order_has_the_same_value() -> None:
    world = lived(_shop(people=shopper(base_utility=60.0, order_spread=0.0)), 300)
    assert set(world.of("order")["value"]) == {10_000}
    assert set(world.of("order")["margin"]) == {5_000}


def test_margin_is_the_margin_rate_of_every_order() -> None:
    orders = lived(_shop(people=shopper(), margin_rate=0.37), 1000).of("order")
    assert len(orders) > 1000
    assert (abs(orders["margin"] - 0.37 * orders["value"]) <= 1).all()


def test_books_add_up_to_the_log() -> None:
    world = lived(_shop(people=shopper()), 1000)
    orders = world.of("order")
    assert world.people("orders") == world.count("conversions") == len(orders)
    assert world.people("revenue") == world.count("revenue") == orders["value"].sum()
    assert world.people("margin") == world.count("margin") == orders["margin"].sum()
    assert world.people("new_customers") == orders["customer"].nunique()


# ---- repeat buying: Fader, Hardie and Lee (2005), "Counting your customers" the easy way

BG_NBD = {"repeat_needs_per_year": 6.0, "repeat_shape": 0.8, "dropout": 0.2}
CONCENTRATION = 4.0


@pytest.fixture(scope="module")
def loyal() -> Lived:
    """Customers whose every need is met at once and here: BG/NBD, year one."""
    people = persona(
        customers=1.0, looks_per_day=1.25, need_days=1e5, base_utility=60.0,
        dropout_concentration=CONCENTRATION, **BG_NBD,
    )  # fmt: skip
    return lived(_shop(people=people), 8000)


def _bg_nbd() -> tuple[float, float, float, float]:
    """r, α (in years), a, b."""
    r = BG_NBD["repeat_shape"]
    a = BG_NBD["dropout"] * CONCENTRATION
    return r, r / BG_NBD["repeat_needs_per_year"], a, CONCENTRATION - a


def test_repeat_orders_have_the_expectation_of_bg_nbd(loyal: Lived) -> None:
    """Equation 9: E[X(t)] = (a+b-1)/(a-1) · [1 - (α/(α+t))^r ₂F₁(r, b; a+b-1; t/(α+t))]."""
    r, alpha, a, b = _bg_nbd()
    t = 1.0
    mean = (a + b - 1) / (a - 1)
    mean *= 1 - (alpha / (alpha + t)) ** r * special.hyp2f1(r, b, a + b - 1, t / (alpha + t))
    counts = loyal.by_person("order")
    assert_near(counts.mean(), mean, counts.std(ddof=1) / np.sqrt(len(counts)))


def test_repeat_orders_have_the_distribution_of_bg_nbd(loyal: Lived) -> None:
    """Equation 8: P(X(t) = x) with r, α, a, b."""
    r, alpha, a, b = _bg_nbd()
    t, most = 1.0, 12
    law = [_bg_nbd_chance(x, t, r, alpha, a, b) for x in range(most)]
    law.append(1 - sum(law))
    counts = np.bincount(np.minimum(loyal.by_person("order"), most), minlength=most + 1)
    assert stats.chisquare(counts, np.array(law) * counts.sum()).pvalue > 1e-4


def _bg_nbd_chance(x: int, t: float, r: float, alpha: float, a: float, b: float) -> float:
    def negative_binomial(n: int) -> float:
        return float(stats.nbinom.pmf(n, r, alpha / (alpha + t)))

    alive = special.beta(a, b + x) / special.beta(a, b) * negative_binomial(x)
    if x == 0:
        return alive
    ended = special.beta(a + 1, b + x - 1) / special.beta(a, b)
    return alive + ended * (1 - sum(negative_binomial(n) for n in range(x)))


def test_repeat_orders_grow_over_the_year_as_bg_nbd_says(loyal: Lived) -> None:
    """The same expectation at each quarter, against a direct simulation of the model."""
    luck = np.random.default_rng(11)
    r, alpha, a, b = _bg_nbd()
    n = 40_000
    rate, ends = luck.gamma(r, 1 / alpha, n), luck.beta(a, b, n)
    last = luck.geometric(np.maximum(ends, 1e-12))
    times = np.cumsum(luck.exponential(1, (n, 80)) / rate[:, None], axis=1)
    alive = np.arange(80) < last[:, None]
    assert (times[:, -1][alive[:, -1]] > 1).all()
    orders = loyal.of("order")
    for quarter in (0.25, 0.5, 0.75, 1.0):
        expected = ((times <= quarter) & alive).sum(axis=1)
        ours = np.bincount(
            orders["customer"][orders["time"] <= quarter * DAYS], minlength=len(loyal.population)
        )
        se = np.sqrt(ours.var() / len(ours) + expected.var() / n)
        assert_near(ours.mean(), expected.mean(), se)


def test_win_back_gives_lost_customers_needs_again() -> None:
    """Dropout 1 (nearly): after the first order needs come at `win_back` times the first rate."""
    people = shopper(
        customers=1.0, base_utility=60.0, looks_per_day=1.25, need_days=1e5, needs_per_year=3.0,
        repeat_needs_per_year=0.0, dropout=0.99, dropout_concentration=1e6,
    )  # fmt: skip
    lost = shopper(**{**people, "customers": 0.0})
    behaviour = {**STILL, "win_back": 0.4}
    never = lived(_shop(people=lost), 4000)
    again = lived(_shop(people=lost, behaviour=behaviour), 4000)
    assert (never.by_person("order") <= 1).mean() > 0.95  # needs may have been open by then
    luck = np.random.default_rng(3)
    gaps = luck.exponential(1 / 3, (200_000, 30)) / np.where(np.arange(30) > 0, 0.4, 1.0)
    counts = (np.cumsum(gaps, axis=1) <= 1).sum(axis=1)
    ours = again.by_person("order")
    se = np.sqrt(ours.var() / 4000 + counts.var() / 200_000)
    assert_near(ours.mean(), counts.mean(), se + 0.01)


def test_turnover_replaces_people_at_its_rate() -> None:
    """P(still there after a year) = e^(-turnover); newcomers have no past."""
    world = lived(
        market(people=persona(customers=1.0, aware=0.4), behaviour={"turnover": 0.3}), 8000
    )
    stayed = world.population["orders"] > 0
    assert_share(stayed.sum(), 8000, np.exp(-0.3))
    assert_share((world.population["stage"][~stayed] > 0).sum(), (~stayed).sum(), 0.4)


def test_without_turnover_everybody_stays() -> None:
    world = lived(market(people=persona(customers=1.0)), 500)
    assert (world.population["orders"] == 1).all()


# ---- signups and carts


def test_visits_register_with_their_chance() -> None:
    """Registrations at first visits, of people who never buy."""
    people = shopper(base_utility=-60.0)
    world = lived(_shop(people=people, behaviour={**STILL, "signup": 0.3}), 4000)
    first = world.of("visit").groupby("customer")["time"].min()
    signed = world.of("signup").set_index("customer")["time"].reindex(first.index)
    assert_share((signed == first).sum(), len(first), 0.3)
    assert world.of("signup")["customer"].is_unique


def test_visits_with_a_need_and_no_order_leave_carts_with_their_chance() -> None:
    people = shopper(base_utility=-60.0)
    world = lived(_shop(people=people, behaviour={**STILL, "cart": 0.45}), 2000)
    assert_share(len(world.of("cart")), len(world.of("visit")), 0.45)


def test_who_buys_is_registered() -> None:
    world = lived(_shop(people=shopper()), 2000)
    buyers = set(world.of("order")["customer"])
    assert buyers
    assert buyers == set(world.of("signup")["customer"])


def test_a_lead_is_the_first_cart_of_a_registered_person() -> None:
    world = lived(_shop(people=shopper(), behaviour={**STILL, "cart": 1.0, "signup": 0.4}), 2000)
    signed = world.of("signup").groupby("customer")["time"].min()
    carts = world.of("cart")
    known = carts[carts["time"] >= carts["customer"].map(signed).fillna(np.inf)]
    first = known.groupby("customer")["time"].min()
    leads = world.of("lead").set_index("customer")["time"].sort_index()
    assert len(leads) > 500
    assert leads.equals(first.sort_index())


def test_reach_of_pressure_is_what_the_helper_says() -> None:
    """The helper of these tests states Hill's law: half the pressure at `half`."""
    assert pressure(PEOPLE) == 0.5
    assert pressure(2 * PEOPLE, 2.0, 3.0) == 0.5
