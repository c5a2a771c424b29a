"""Ground truth: the same market again with the same luck, without a channel, a tier, a tenth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from scenarios import MediaPlan, Scenario
from sim.kpis.measures import kpi_values
from sim.kpis.scorecard import Scorecard
from sim.market.arms import WarmedUpMarket, read_arms
from sim.market.living import Attachment
from sim.market.setting import Setting
from sim.market.simulate import RunError, checked_customers, checked_plan, checked_seed
from sim.output.market_year import MarketYear
from sim.output.year import TAIL
from sim.parallel import Workers
from sim.setup.uncertainty import draw_world
from sim.truth.effects import Effects, check_kpi
from sim.truth.estimands import ESTIMANDS, Question
from sim.truth.stock import stock_of
from sim.truth.tally import Tally, read_sums
from tiermix.core.arrays import Floats
from tiermix.core.progress import Progress
from tiermix.core.seeds import TRUE_WORLDS, seeds_of

Over = str | Sequence[str] | Mapping[str, Sequence[str]]
PAIRED = ("shapley", "synergy")


def ground_truth(
    scenario: Scenario,
    effect: str = "removal",
    *,
    seed: int,
    over: Over = "channels",
    kpi: str = "conversions",
    plan: MediaPlan | None = None,
    customers: int | None = None,
    worlds: int | None = None,
    share: float = 0.05,
    monthly: bool = False,
    permutations: int = 32,
    within_year: bool = False,
    attachments: tuple[Attachment, ...] = (),
    workers: Workers = None,
    progress: Progress | None = None,
) -> Effects:
    """A named effect (see `sim.truth.estimands`) of each unit on a KPI.

    What counts is the planned year and the scenario's tail after it, in which what differed in the
    year is as usual again; `within_year` leaves the tail out, as `validate` does.

    `over` is `channels`, `tiers`, channels by name, or sets of channels by the name of the set.
    `worlds` draws so many from the scenario's uncertainty; without it the scenario is taken as
    written. `share` and `monthly` are for `marginal`, `permutations` for `shapley` of more than six
    units. `attachments` are processes of one's own, as in `simulate`; they live in every arm. Freed
    money is not given to others. Raises `RunError`.
    """
    plan = checked_plan(scenario, plan)
    ask = Question(
        scenario, plan, effect, units_of(scenario, over), share, monthly, permutations, seed
    )
    _check(ask)
    check_kpi(scenario, kpi)
    count = checked_customers(scenario, customers)
    settings = _settings(scenario, count, seed, worlds, attachments)
    tail = 0 if within_year else scenario.defaults.tail_days
    return _answer(ask, settings, kpi, over, tail, workers, progress)


def removal_effects(
    past: WarmedUpMarket,
    plan: MediaPlan,
    kpi: str = "conversions",
    over: Over = "channels",
    workers: Workers = None,
    progress: Progress | None = None,
) -> Effects:
    """Removal in a market whose history has been lived."""
    scenario = past.setting.scenario
    ask = Question(scenario, plan, "removal", units_of(scenario, over))
    tail = scenario.defaults.tail_days
    return _answer(ask, [past], check_kpi(scenario, kpi), over, tail, workers, progress)


def by_community(year: MarketYear, kpi: str) -> Floats:
    """A summable KPI of each community [G], the year and its tail."""
    card = Scorecard(year)
    sums = card.person_sums(slice(0, TAIL + 1), slice(None))
    return np.asarray(kpi_values(sums)[kpi], dtype=float)


def units_of(scenario: Scenario, over: Over) -> dict[str, frozenset[str]]:
    """What is switched on and off together, by name; raises `RunError`."""
    if over == "channels":
        over = scenario.plannable
    if over == "tiers":
        tiers = sorted({scenario.tier_of(name) for name in scenario.plannable})
        over = {
            f"tier {t}": [n for n in scenario.plannable if scenario.tier_of(n) == t] for t in tiers
        }
    if isinstance(over, str):
        raise RunError(f"over: '{over}' is unknown; use channels or tiers, or name the channels")
    sets = over if isinstance(over, Mapping) else {name: (name,) for name in over}
    units = {unit: frozenset(names) for unit, names in sets.items()}
    unknown = sorted(frozenset().union(*units.values()) - set(scenario.plannable))
    if unknown or not units or not all(units.values()):
        what = f"'{unknown[0]}' cannot be switched off" if unknown else "it holds an empty set"
        raise RunError(f"over: {what}; use {', '.join(scenario.plannable)}")
    return units


def _answer(
    ask: Question,
    markets: Sequence[Setting | WarmedUpMarket],
    kpi: str,
    over: Over,
    tail: int,
    workers: Workers,
    progress: Progress | None,
) -> Effects:
    found = read_arms(
        markets,
        ask.arms,
        read_sums,
        tail=tail,
        workers=workers,
        progress=progress,
    )
    settings = [one.setting if isinstance(one, WarmedUpMarket) else one for one in markets]
    tallies = tuple(
        Tally.stack(market, setting.layout.weight)
        for market, setting in zip(found, settings, strict=True)
    )
    stocks = tuple(stock_of(setting) for setting in settings)
    return Effects(ask, tallies, kpi, over if isinstance(over, str) else "sets", tail, stocks)


def _settings(
    scenario: Scenario,
    customers: int,
    seed: int,
    worlds: int | None,
    attachments: tuple[Attachment, ...],
) -> list[Setting]:
    if worlds is None:
        return [Setting(scenario, customers, checked_seed(seed), attachments=attachments)]
    if worlds < 2:
        raise RunError(
            f"worlds: {worlds} has no spread; ask for at least 2, or leave it out for the market "
            "as the scenario says"
        )
    seeds = seeds_of(TRUE_WORLDS, checked_seed(seed), worlds)
    return [
        Setting(draw_world(scenario, mine), customers, mine, attachments=attachments)
        for mine in seeds
    ]


def _check(ask: Question) -> None:
    if ask.effect not in ESTIMANDS:
        raise RunError(f"effect: '{ask.effect}' is unknown; use one of {', '.join(ESTIMANDS)}")
    if not 0.0 < ask.share <= 1.0:
        raise RunError(f"share: {ask.share} is no part of the money; use 0.05 for the last 5 %")
    if ask.monthly and ask.effect != "marginal":
        raise RunError(f"monthly: {ask.effect} is told for the year; leave it out, or ask marginal")
    if ask.permutations < 4 or ask.permutations % 2:
        raise RunError(
            f"permutations: {ask.permutations} are not pairs that an error can be told from; use "
            "an even number, 4 at least"
        )
    if ask.effect in PAIRED:
        _check_apart(ask)


def _check_apart(ask: Question) -> None:
    names = [name for channels in ask.units.values() for name in channels]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise RunError(f"over: '{twice}' is in two sets; {ask.effect} needs sets that do not meet")
    if ask.effect == "synergy" and len(ask.units) < 2:
        raise RunError("over: synergy is of two units; name at least two")
