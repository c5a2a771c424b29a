"""The desk against queueing theory: Erlang C, Erlang A, priorities, general service, no queue.

Open round the clock, so that office time is calendar time. Requests come as a Poisson process;
rates are per hour, waits in hours. Customers who wait one after another are alike, therefore
standard errors come from means of long batches (Law and Kelton 2000, section 9.5.3).
"""

from dataclasses import dataclass, replace
from math import exp, inf

import numpy as np
import pytest
from scipy import stats

from sim.desk.desk import ANSWERED, LOST, REQUEST, Desk
from sim.desk.terms import HOUR, DeskTerms

ROUND_THE_CLOCK = DeskTerms(
    agents=3,
    opens=0,
    closes=24,
    weekdays=7,
    first_weekday=0,
    service_minutes=(60.0,),
    service_spread=0.0,
    patience_hours=(inf,),
    priority=(0,),
    speed=1.0,
    service_law="exponential",
)
REQUESTS = 100_000
BATCHES = 50
WARM_UP = 2_000
ERRORS = 4.0


@dataclass(frozen=True)
class Seen:
    """A desk in the long run: by request in order of coming, with the first left out."""

    kind: np.ndarray
    hours: np.ndarray
    lost: np.ndarray

    def mean(self, what: np.ndarray, kind: int = 0) -> tuple[float, float]:
        """Mean of `what` over one kind of request, and its standard error."""
        mine = what[self.kind == kind].astype(float)
        batches = np.array([batch.mean() for batch in np.array_split(mine, BATCHES)])
        return float(mine.mean()), float(batches.std(ddof=1) / np.sqrt(BATCHES))


def long_run(terms: DeskTerms, *rates: float, seed: int = 11) -> Seen:
    """Requests of each kind at a rate per hour, settled a month at a time."""
    luck = np.random.default_rng(seed)
    requests = np.zeros(REQUESTS, REQUEST)
    requests["time"] = np.cumsum(luck.exponential(1 / sum(rates), REQUESTS)) / 24
    requests["kind"] = luck.choice(len(rates), REQUESTS, p=np.array(rates) / sum(rates))
    requests["customer"] = requests["key"] = np.arange(REQUESTS)
    desk, answers = Desk(terms, seed, 0), []
    for until in range(30, int(requests["time"][-1]) + 365, 30):
        month = (requests["time"] >= until - 30) & (requests["time"] < until)
        answers.append(desk.settle(requests[month], until))
    by_coming = np.sort(np.concatenate(answers), order="customer")
    assert len(by_coming) == REQUESTS
    after = by_coming[WARM_UP:]
    return Seen(after["kind"], after["waited"] * 24, after["outcome"] == LOST)


def assert_near(seen: tuple[float, float], expected: float) -> None:
    mean, error = seen
    assert 0 < error < 0.1 * expected, "too short a run to tell anything"
    assert abs(mean - expected) < ERRORS * error, (mean, expected, error)


def erlang_c(agents: int, load: float) -> float:
    """Chance to wait in M/M/c with `load` = rate · mean service (Erlang 1917), from Erlang B."""
    blocked = 1.0
    for n in range(1, agents + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked / (1 - load / agents * (1 - blocked))


def erlang_a(agents: int, rate: float, service: float, patience: float) -> tuple[float, float]:
    """Chance to wait and share lost in M/M/c+M (Palm 1957; Garnett, Mandelbaum, Reiman 2002).

    From its birth and death chain: with n requests at the desk, one leaves it at rate
    min(n, c) / service + max(n − c, 0) / patience. Share lost = mean queue / (patience · rate).
    """
    n = np.arange(1, 2000)
    deaths = np.minimum(n, agents) / service + np.maximum(n - agents, 0) / patience
    logs = np.concatenate([[0.0], np.cumsum(np.log(rate / deaths))])
    chance = np.exp(logs - logs.max())
    chance /= chance.sum()
    queue = (np.maximum(np.arange(2000) - agents, 0) * chance).sum()
    return float(chance[agents:].sum()), float(queue / (patience * rate))


def test_our_formulas_give_the_values_of_closed_forms() -> None:
    """M/M/1: chance to wait ρ. M/M/2: 2ρ²/(1 + ρ). M/M/c+M with patience = service: M/M/∞."""
    assert erlang_c(1, 0.7) == pytest.approx(0.7)
    assert erlang_c(2, 1.2) == pytest.approx(2 * 0.36 / 1.6)
    waits, _ = erlang_a(3, 2.5, 1.0, 1.0)
    assert waits == pytest.approx(stats.poisson.sf(2, 2.5))
    assert erlang_a(3, 2.4, 1.0, 1e6)[0] == pytest.approx(erlang_c(3, 2.4), rel=1e-3)


@pytest.mark.parametrize(("agents", "rate"), [(1, 0.6), (3, 2.4), (8, 6.8)])
def test_waiting_is_erlang_c(agents: int, rate: float) -> None:
    """P(wait) = C(c, a), mean wait C(c, a) / (c µ − λ), and who waits does so exponentially."""
    seen = long_run(replace(ROUND_THE_CLOCK, agents=agents), rate)
    chance, left = erlang_c(agents, rate), agents - rate
    assert_near(seen.mean(seen.hours > 0), chance)
    assert_near(seen.mean(seen.hours), chance / left)
    assert_near(seen.mean(seen.hours > 1 / left), chance * exp(-1))


@pytest.mark.parametrize(
    ("rate", "patience"), [(2.4, 2.0), (3.0, 0.5), (4.5, 1.0)], ids=["calm", "busy", "overloaded"]
)
def test_who_gives_up_is_erlang_a(rate: float, patience: float) -> None:
    """Also overloaded, where no queue would settle without losses."""
    seen = long_run(replace(ROUND_THE_CLOCK, patience_hours=(patience,)), rate)
    waits, lost = erlang_a(3, rate, 1.0, patience)
    assert_near(seen.mean(seen.lost), lost)
    assert_near(seen.mean(seen.hours > 0), waits)
    # By Little's law the mean wait of all, served or lost, is patience · share lost.
    assert_near(seen.mean(seen.hours), patience * lost)


def test_the_urgent_wait_as_cobham_says() -> None:
    """Non-preemptive M/M/c with one service law (Cobham 1954):

    W_k = C(c, a) / (c µ) / ((1 − σ_{k−1}) (1 − σ_k)), σ_k the load per agent of kinds up to k.
    Priorities are told in another order than kinds, so that it is they that count.
    """
    rates, priority = (0.8, 0.9, 0.8), (5, 1, 3)
    terms = replace(
        ROUND_THE_CLOCK,
        service_minutes=(60.0,) * 3,
        patience_hours=(inf,) * 3,
        priority=priority,
    )
    seen = long_run(terms, *rates)
    base, loaded = erlang_c(3, sum(rates)) / 3, 0.0
    for kind in np.argsort(priority):
        before, loaded = loaded, loaded + rates[kind] / 3
        assert_near(seen.mean(seen.hours, kind), base / ((1 - before) * (1 - loaded)))


def test_lognormal_service_waits_as_pollaczek_and_khinchine_say() -> None:
    """M/G/1: W = λ E[S²] / (2 (1 − ρ)), and E[S²] = m² e^(s²) of a lognormal with mean m."""
    terms = replace(ROUND_THE_CLOCK, agents=1, service_law="lognormal", service_spread=0.6)
    seen = long_run(terms, 0.6)
    assert_near(seen.mean(seen.hours > 0), 0.6)
    assert_near(seen.mean(seen.hours), 0.6 * exp(0.36) / (2 * 0.4))


def test_constant_service_waits_half_as_long_as_exponential() -> None:
    """M/D/1: W = λ m² / (2 (1 − ρ))."""
    seen = long_run(replace(ROUND_THE_CLOCK, agents=1, service_law="lognormal"), 0.6)
    assert_near(seen.mean(seen.hours), 0.6 / (2 * 0.4))


def test_service_and_patience_follow_their_laws() -> None:
    """Kolmogorov and Smirnov at the level of one in a thousand; independent of one another."""
    keys, kinds = np.arange(20_000, dtype=np.uint64), np.zeros(20_000, dtype=int)
    terms = replace(
        ROUND_THE_CLOCK,
        service_law="lognormal",
        service_spread=0.8,
        patience_hours=(3.0,),
        speed=2.0,
    )
    service, patience = (law(7, 0, keys, kinds) / HOUR for law in (terms.service, terms.patience))
    assert stats.kstest(service, stats.lognorm(0.8, scale=0.5 * exp(-0.32)).cdf).pvalue > 1e-3
    assert stats.kstest(patience, stats.expon(scale=3.0).cdf).pvalue > 1e-3
    assert stats.spearmanr(service, patience).pvalue > 1e-3
    error = service.std(ddof=1) / np.sqrt(len(service))
    assert abs(service.mean() - 0.5) < ERRORS * error


def test_agents_are_busy_for_the_work_that_comes_in() -> None:
    """Utilisation of M/M/c is λ m / c (Little's law); its error is mostly that of the work."""
    luck = np.random.default_rng(3)
    requests = np.zeros(40_000, REQUEST)
    requests["time"] = np.cumsum(luck.exponential(1 / 2.4, len(requests))) / 24
    requests["key"] = np.arange(len(requests))
    days = int(requests["time"][-1])
    desk = Desk(ROUND_THE_CLOCK, 5, 0)
    answers = desk.settle(requests[requests["time"] < days], days)
    assert (answers["outcome"] == ANSWERED).all()
    used = desk.tally.busy.sum() / desk.staffed(0, days)
    # A compound Poisson sum of exponential work has variance 2 n m².
    error = 0.8 * np.sqrt(2 / len(requests))
    assert abs(used - 0.8) < ERRORS * error
