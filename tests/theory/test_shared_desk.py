"""A community's part of a desk waits as the company's customers do (Erlang C), however small."""

from dataclasses import replace
from math import inf

import numpy as np
import pytest

from sim.desk.desk import ANSWERED, REQUEST, Desk
from sim.desk.shared import SharedDesk
from tests.theory.test_desk import ROUND_THE_CLOCK, erlang_c

DAYS = 800
AGENTS, LOAD, WORK = 6, 0.8, 4 / 24
"""Six agents at 80 % load, four hours a request: 28.8 requests a day in all."""
TERMS = replace(
    ROUND_THE_CLOCK, agents=AGENTS, service_minutes=(60.0 * 24 * WORK,), patience_hours=(inf,)
)


def _waits(desk: SharedDesk, a_day: float, seed: int) -> np.ndarray:
    """Days that a community's own requests wait, Poisson at so many a day."""
    luck = np.random.default_rng(seed)
    waits = []
    for day in range(DAYS):
        requests = np.zeros(luck.poisson(a_day), REQUEST)
        requests["time"] = day + np.sort(luck.random(len(requests)))
        requests["customer"] = np.arange(len(requests))
        requests["key"] = 1 + np.arange(len(requests)) + 1000 * day
        answers = desk.settle(requests, day + 1)
        assert (answers["outcome"] == ANSWERED).all()
        waits.append(answers["waited"])
    return np.concatenate(waits[100:])


def _shared(share: float, told: bool, seed: int) -> tuple[SharedDesk, float]:
    a_day = AGENTS * LOAD / WORK * share
    desk = SharedDesk(Desk(TERMS, seed, 3), 1.0 / share - 1.0, np.ones(DAYS))
    if told:
        desk.usual = np.array([a_day])
    return desk, a_day


@pytest.mark.parametrize("share", [0.05, 0.5])
def test_a_small_part_of_a_desk_waits_as_the_whole_does(share: float) -> None:
    means = []
    for seed in range(6):
        desk, a_day = _shared(share, True, seed)
        means.append(_waits(desk, a_day, seed).mean())
    error = np.std(means, ddof=1) / np.sqrt(len(means))
    expected = erlang_c(AGENTS, AGENTS * LOAD) / (AGENTS * (1 - LOAD))
    assert np.mean(means) / WORK == pytest.approx(expected, abs=4 * error / WORK)
    assert error / np.mean(means) < 0.12


def test_one_slow_agent_would_wait_much_longer() -> None:
    """What a part of a desk was before: its load, and nobody beside."""
    share = 1 / AGENTS
    alone = Desk(replace(TERMS, agents=1), 1, 3)
    waits = _waits(SharedDesk(alone, 0.0, np.ones(DAYS)), LOAD / WORK, 1)
    desk, a_day = _shared(share, True, 1)
    assert waits.mean() > 3 * _waits(desk, a_day, 1).mean()


def test_only_the_communitys_own_answers_come_back() -> None:
    desk, a_day = _shared(0.1, True, 5)
    requests = np.zeros(3, REQUEST)
    requests["time"], requests["key"], requests["customer"] = 0.1, [1, 2, 3], [4, 5, 6]
    answers = np.concatenate([desk.settle(requests if d == 0 else requests[:0], d + 1)
                              for d in range(9)])  # fmt: skip
    assert sorted(answers["customer"]) == [4, 5, 6]
    assert desk.desk.tally.served.sum() > 3 + 9 * 0.5 * a_day / 0.1


def test_a_restored_desk_goes_on_as_the_unbroken_one_does() -> None:
    whole, a_day = _shared(0.2, True, 2)
    first = _days(whole, range(40), a_day)
    state = whole.state()
    rest = _days(whole, range(40, 80), a_day)
    again, _ = _shared(0.2, False, 2)
    again.desk.day = 40
    again.restore(state)
    np.testing.assert_array_equal(_days(again, range(40, 80), a_day), rest)
    assert len(first) > 40


def _days(desk: SharedDesk, days: range, a_day: float) -> np.ndarray:
    found = []
    for day in days:
        luck = np.random.default_rng(day)
        requests = np.zeros(luck.poisson(a_day), REQUEST)
        requests["time"] = day + np.sort(luck.random(len(requests)))
        requests["key"] = np.arange(len(requests)) + 1000 * day
        found.append(desk.settle(requests, day + 1))
    return np.concatenate(found)
