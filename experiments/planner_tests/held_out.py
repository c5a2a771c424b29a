"""Lift tests of a planner: money held back from a part of the people, for half of last year.

A plan moves money, so it is money that is held back, not the channel. Search results are not
tested: they rank without money for longer than that, and whether money is there says little of what
more of it would change. What people remember of a channel goes on working, so outcomes are counted
in the second quarter of a test: what is missed then is about what a year without the money would
miss, and is taken as that. (Counted from the first day, less than half of it was missed for brand
channels.)

Each test is lived twice by the same people with the same random streams: with the money and
without it. The difference is what the whole market would lose, its error that of simulating it. A
company sees less: only a part of its people is held out, and both parts vary. Therefore chance is
added as it is in a company of the scenario's size, with a standard error of

    √(φ / (N h (1 − h)))     relative to sales; N outcomes in those weeks, h the part held out,
                             φ how much more than Poisson's the outcomes of people vary

and as few people are held out as give 1.5 % of sales, since who is held out buys less. Tests by
place (offline channels, and what lasts) are made with as many people and lose
precision by it (*assumed*: errors are twice as large).

Tests of the planned year (`Window.plan`) are read the same way, in weeks that leave time to use
what they find.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from scenarios import Channel, MediaPlan, Scenario
from sim import Arm, Community, CommunitySimulation, Setting
from tiermix.core.arrays import Floats
from tiermix.core.seeds import HELD_OUT_TESTS, TEST_ERRORS, seed_of

WEEKS, SKIPPED = 26, 13
"""How long a test lasts, and how much of it passes before outcomes are counted."""
SAMPLE = 24_000
"""Customers by whom tests are lived: the error of simulating is then near the company's own."""
FIRST_MONTH, MONTHS = 3, 6
"""The months of the history year with tests in them: its second and third quarter."""
PARTS_HELD_OUT = (0.1, 0.2, 0.5)
PRECISE = 0.015  # of sales
BY_PLACE = 2.0  # *assumed*
OUTCOMES = {"conversions": "orders", "leads": "leads"}
"""What tests count, and what the simulation calls it: sales, or what leads to them where half of
the people held out would not tell 5 % of sales."""
ROUGH = 0.05


@dataclass(frozen=True)
class HeldOut:
    """What a test of a channel told the company, and what it cost.

    `share` of the outcome was missed without the channel's money; `se` is its standard error, of
    chance in a company of this size and of simulating. `held` is the part of the people held out
    for so many `weeks`, `cost` the margin that was lost with them.
    """

    channel: str
    outcome: str
    share: float
    se: float
    weeks: int
    held: float
    cost: float


@dataclass(frozen=True)
class Window:
    """When tests take place: from the midnight of day `first` on, for so many `weeks`.

    Outcomes of the `skipped` weeks are not counted. `plan` is the planned year's, None for a test
    of the history year; days count from the history's start in both.
    """

    first: int
    weeks: int
    skipped: int = 0
    plan: MediaPlan | None = None

    @property
    def last(self) -> int:
        """The midnight at which it is over."""
        return self.first + 7 * self.weeks


def of_last_year(scenario: Scenario) -> Window:
    """The window of tests before planning."""
    first = sum(scenario.days_in(month) for month in scenario.history_months[:FIRST_MONTH])
    return Window(first, WEEKS, SKIPPED)


@dataclass(frozen=True)
class _Counts:
    """Outcomes of the counted weeks, and margin of all weeks of a test, by community [G].

    `dispersion`: how much more people's orders vary than Poisson's.
    """

    outcomes: dict[str, Floats]
    margin: Floats
    dispersion: float


def hold_outs(
    drawn: Setting,
    channels: Sequence[str],
    window: Window | None = None,
    held: Mapping[str, float] | None = None,
) -> tuple[HeldOut, ...]:
    """A test of each channel in a drawn market, by a sample of its own; in last year unless said.

    All run in the same weeks, each on people drawn for it alone, so that they do not disturb one
    another. `held` are the parts of the people held out, chosen here where none are given.
    """
    scenario = drawn.scenario
    when = window or of_last_year(scenario)
    sample = min(max(SAMPLE, drawn.customers), round(scenario.market_size))
    setting = replace(drawn, customers=sample, seed=seed_of(HELD_OUT_TESTS, drawn.seed))
    if not channels:
        return ()
    with_all, *without = _lived(setting, (None, *channels), when)
    asked = held or {}
    return tuple(
        _told(setting, scenario.channel(name), with_all, lost, when, asked.get(name))
        for name, lost in zip(channels, without, strict=True)
    )


def can_be_tested(scenario: Scenario) -> tuple[str, ...]:
    """Channels with money in all months of the tests, search results left out."""
    months = slice(FIRST_MONTH, FIRST_MONTH + MONTHS)
    plan = scenario.last_year
    return tuple(
        name
        for name in scenario.plannable
        if name in plan.channels
        and (plan.of(name)[months] > 0).all()
        and scenario.channel(name).slot != "organic"
    )


def _told(
    setting: Setting,
    channel: Channel,
    with_all: _Counts,
    without: _Counts,
    window: Window,
    part: float | None,
) -> HeldOut:
    """What the company sees of a test: what would be missed, and chance."""
    weight, place = setting.layout.weight, setting.scenario.channels.index(channel)
    outcome = _outcome(with_all, weight)
    sales, lost = with_all.outcomes[outcome], with_all.outcomes[outcome] - without.outcomes[outcome]
    whole = float(sales.sum())
    many, spread = whole * weight, with_all.dispersion
    held, chance = (
        (part, error_of(channel, many, part, spread)) if part else _design(channel, many, spread)
    )
    simulated = float(np.sqrt(len(lost)) * lost.std(ddof=1)) / whole if whole else np.inf
    luck = np.random.default_rng([TEST_ERRORS, setting.seed, place]).standard_normal()
    share = float(lost.sum()) / whole + chance * luck if whole else 0.0
    cost = held * weight * float((with_all.margin - without.margin).sum())
    return HeldOut(
        channel.name, outcome, min(share, 0.99), float(np.hypot(chance, simulated)), window.weeks,
        held, cost,
    )  # fmt: skip


def _outcome(counts: _Counts, weight: float) -> str:
    """Sales, where half of a company's people tell enough of them."""
    for name, values in counts.outcomes.items():
        if values.sum() and _error(float(values.sum()) * weight, 0.5, counts.dispersion) <= ROUGH:
            return name
    return max(counts.outcomes, key=lambda name: float(counts.outcomes[name].sum()))


def _design(channel: Channel, outcomes: float, dispersion: float) -> tuple[float, float]:
    """The part of the people held out, as few as tell enough, and the error of chance."""
    for held in PARTS_HELD_OUT:
        error = error_of(channel, outcomes, held, dispersion)
        if error <= PRECISE:
            break
    return held, error


def error_of(channel: Channel, outcomes: float, held: float, dispersion: float) -> float:
    """The error of chance of a channel's test, relative to the `outcomes` that it counts."""
    factor = BY_PLACE if _by_place(channel) else 1.0
    return factor * _error(outcomes, held, dispersion)


def _error(outcomes: float, held: float, dispersion: float) -> float:
    return float(np.sqrt(dispersion / (max(outcomes, 1.0) * held * (1 - held))))


def _by_place(channel: Channel) -> bool:
    """Whether it cannot be done by people: what is offline, and what money leaves behind."""
    return channel.place == "offline" or channel.kind.has_dates or channel.retention > 0


def _lived(setting: Setting, unfunded: Sequence[str | None], window: Window) -> list[_Counts]:
    """The weeks of tests in all communities: with all money (None), and without a channel's."""
    parts = [_community(setting, one, unfunded, window) for one in setting.layout.communities]
    return [_together(mine) for mine in zip(*parts, strict=True)]


def _together(parts: Sequence[tuple[dict[str, float], float, Floats]]) -> _Counts:
    counted, margins, orders = zip(*parts, strict=True)
    bought = np.concatenate(orders)
    mean = float(bought.mean())
    names = list(counted[0])
    return _Counts(
        {name: np.array([one[name] for one in counted]) for name in names},
        np.array(margins),
        max(float(bought.var()) / mean, 1.0) if mean else 1.0,
    )


def _community(
    setting: Setting, community: Community, unfunded: Sequence[str | None], window: Window
) -> list[tuple[dict[str, float], float, Floats]]:
    """One community's weeks again and again, by the same people with the same random streams."""
    if window.plan is None:
        return [_weeks(setting, setting.born(community), name, window) for name in unfunded]
    _, snapshot = setting.history(community)
    arm = Arm(window.plan)
    return [_weeks(setting, setting.begun(snapshot, arm), name, window) for name in unfunded]


def _weeks(
    setting: Setting, simulation: CommunitySimulation, unfunded: str | None, window: Window
) -> tuple[dict[str, float], float, Floats]:
    """Outcomes of the counted weeks, margin of all, and people's orders."""
    first, last = window.first, window.last
    simulation.advance(first)
    margin = simulation.counted("margin")
    if unfunded is not None:
        place = [channel.name for channel in setting.scenario.channels].index(unfunded)
        simulation.market["money"][place, first:last] = 0.0
    simulation.advance(first + 7 * window.skipped)
    before = {name: simulation.counted(name) for name in OUTCOMES.values()}
    orders = simulation.population["orders"].astype(float)
    simulation.advance(last)
    found = {kpi: float(simulation.counted(n) - before[n]) for kpi, n in OUTCOMES.items()}
    earned = (simulation.counted("margin") - margin) / 100.0
    # Who moved away is somebody new, with orders counted from the first.
    bought = np.maximum(simulation.population["orders"] - orders, 0.0)
    return found, earned, bought
