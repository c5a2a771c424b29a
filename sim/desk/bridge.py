"""Between the market and its desk: who works there, what is asked, when answers arrive."""

from __future__ import annotations

from typing import Literal

import numpy as np

from scenarios import REQUESTS, Scenario
from sim.desk.desk import ANSWERED, REQUEST, Desk
from sim.desk.shared import SharedDesk
from sim.desk.terms import DeskTerms
from sim.engine import state as s
from tiermix.core.arrays import Floats, Records

SEVERAL = 6
"""Agents, or as many as the company has, that a community shares with others, where its own part of
the desk is smaller: with six, waiting for one of them is near enough to waiting for one of many."""

FIRST_ANSWERS = 8.0 / 24.0
"""Answers reach people between eight and nine o'clock of the next morning."""


def desk_of(
    scenario: Scenario,
    *,
    community: int,
    people: int,
    seed: int,
    start: int,
    season: Floats | None = None,
    engine: Literal["batch", "individual"] = "batch",
) -> SharedDesk | None:
    """The desk of the community of this number, or None where a scenario has none.

    Its `people` have their part of the agents, each of them standing for many of the market. Where
    that is but a few, they share a larger desk with others; what rounding to whole agents adds or
    takes, the speed of service makes good. `season` [days] is the need of each day, level unless
    given.
    """
    if not scenario.desk.agents:
        return None
    exact = scenario.simulated_agents(people)
    together = max(exact, min(scenario.desk.agents, SEVERAL))
    agents = max(1, round(together))
    terms = _terms(scenario, agents, together / agents)
    desk = Desk(terms, seed, community, start, engine=engine)
    needs = np.ones(s.DAYS) if season is None else season
    return SharedDesk(desk, together / exact - 1.0, needs)


def _terms(scenario: Scenario, agents: int, speed: float) -> DeskTerms:
    desk = scenario.desk
    return DeskTerms(
        agents=agents,
        opens=desk.opens,
        closes=desk.closes,
        weekdays=desk.weekdays,
        first_weekday=scenario.history_start.weekday(),
        service_minutes=tuple(desk.service_minutes[kind] for kind in REQUESTS),
        service_spread=desk.service_spread,
        patience_hours=tuple(desk.patience_hours[kind] for kind in REQUESTS),
        priority=tuple(desk.priority.index(kind) for kind in REQUESTS),
        speed=speed,
    )


def take_requests(market: np.record) -> Records:
    """What was asked since midnight; the list is emptied."""
    asks = int(market["asks"])
    requests = np.zeros(asks, REQUEST)
    if not asks:
        return requests
    for name in ("time", "customer", "kind", "key"):
        requests[name] = market[f"ask_{name}"][:asks]
    market["asks"] = 0
    return requests


def answer_events(answers: Records, day: int) -> Records:
    """Answers of the day that ended as events of the morning of `day`, in their order."""
    events = np.zeros(len(answers), s.EVENT)
    if not len(events):
        return events
    events["time"] = day + FIRST_ANSWERS + np.mod(answers["time"], 1.0) / 24.0
    events["since"] = answers["time"] - answers["waited"]
    events["key"] = answers["key"]
    events["customer"] = answers["customer"]
    events["kind"] = s.ANSWER
    events["channel"] = answers["kind"]
    events["detail"] = answers["outcome"] == ANSWERED
    return events
