"""Two users' seeds share no market, no draw of the world and no generator, in any study.

Every study runs with seeds beside one another and a thousand apart. What is written down is each
seed that a market was given and each key that a generator was made from; two studies of one kind
are independent when they have none in common.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
import pytest

from attribution import Markov
from experiments.calibration.history import History
from experiments.calibration.run import calibrate
from experiments.cases.plausibility import Believability
from experiments.cases.smart_home import smart_home_case
from experiments.comparison.refine import refine
from experiments.comparison.run import compare
from experiments.comparison.strategies import TABLE
from experiments.credit import attribution_against_truth
from experiments.curves import measure_curves
from experiments.lift_test.run import lift
from experiments.validation.run import validate
from sim import Setting, ground_truth, potential_outcomes, simulate
from tests.experiments.company import company
from tests.scenes import FEW_COMMUNITIES, base, plain_market
from tiermix.core.seeds import PLAIN_CONTENT, WANDERING_SPEND

OF_THE_SCENARIO = (WANDERING_SPEND, PLAIN_CONTENT)
"""What a scenario has drawn once and for all, whatever the user's seed."""
SEEDS = (7, 8, 1007)
SIZE = 60
MARKET = plain_market(
    direct=True,
    defaults=FEW_COMMUNITIES,
    regions=[{"name": "north", "share": 0.5}, {"name": "south", "share": 0.5}],
    uncertainty=[{"path": "channels.*.awaken", "spread": 0.2}],
    beliefs=[
        {"figure": "lift@video", "low": 0.0, "high": 1.0, "source": "assumed"},
        {"figure": "last_click_over_truth@video", "low": 0.0, "high": 9.0, "source": "assumed"},
    ],
)
FEW: dict[str, Any] = {"customers": SIZE, "workers": 1}
MORE: dict[str, Any] = {"customers": 600, "workers": 1}  # so that some curve rises
EVERY_STRATEGY = [strategy.name for strategy in TABLE]


@cache
def weeks() -> History:
    """A company's year; made when a study asks for it, since it has to be simulated."""
    return company(base(), None, seed=5, customers=200)[0]


class Streams:
    """Seeds of markets and keys of generators that were asked for."""

    def __init__(self) -> None:
        self.markets: set[int] = set()
        self.generators: set[tuple[int, ...]] = set()


@contextmanager
def recorded() -> Iterator[Streams]:
    found, make, begin = Streams(), np.random.default_rng, Setting.__init__

    def generator(key: Any = None) -> np.random.Generator:
        assert key is not None, "a generator without a key cannot be made again"
        words = tuple(int(word) for word in np.atleast_1d(key))
        if words[0] not in OF_THE_SCENARIO:
            found.generators.add(words)
        return make(key)

    def setting(self: Setting, *arguments: Any, **named: Any) -> None:
        begin(self, *arguments, **named)
        found.markets.add(self.seed)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(np.random, "default_rng", generator)
        patch.setattr(Setting, "__init__", setting)
        yield found


Study = Callable[[int], Any]
STUDIES: dict[str, Study] = {
    "simulate": lambda s: simulate(MARKET, seed=s, **FEW),
    "compare": lambda s: compare(MARKET, EVERY_STRATEGY, seed=s, replications=2, **MORE),
    "lift": lambda s: lift(MARKET, "video", "geo", seed=s, replications=3, **FEW),
    "lift as written": lambda s: lift(MARKET, "video", "geo", seed=s, **FEW),
    "validate": lambda s: validate(
        MARKET, {"own": Markov()}, seed=s, replications=2, bootstrap=5, **MORE
    ),
    "truth": lambda s: ground_truth(MARKET, seed=s, **FEW),
    "truth over draws": lambda s: ground_truth(MARKET, seed=s, worlds=3, **FEW),
    "potential outcomes": lambda s: potential_outcomes(MARKET, seed=s, **FEW),
    "credit of the report": lambda s: attribution_against_truth(MARKET, seed=s, **FEW),
    "case": lambda s: smart_home_case(SIZE, 3, 1, seed=s),
    "believe": lambda s: Believability(MARKET, s, **FEW).table,
    "measured curves": lambda s: measure_curves(MARKET, seed=s, **FEW),
    "calibrate": lambda s: calibrate(weeks(), base(), seed=s, customers=20, workers=1),
    "refine": lambda s: refine(MARKET, MARKET.reference_plan, seed=s, steps=1, **FEW),
}


def streams_of(name: str, seed: int) -> Streams:
    with recorded() as found:
        STUDIES[name](seed)
    return found


LONG = ("calibrate", "case", "compare", "validate")


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=pytest.mark.long) if n in LONG else n for n in STUDIES],
)
def test_two_seeds_share_nothing(name: str) -> None:
    found = [streams_of(name, seed) for seed in SEEDS]
    assert all(one.markets for one in found)
    for n, one in enumerate(found):
        for other in found[:n]:
            assert not one.markets & other.markets
            assert not one.generators & other.generators
