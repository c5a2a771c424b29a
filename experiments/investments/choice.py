"""Which package is chosen: gains and interplay as they were measured, put into the program."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from experiments.investments.markets import Cell, InvestmentMarkets
from experiments.investments.packages import NOTHING, Package, Packages
from experiments.stats import Interval, t_interval
from optimize import best_investments
from tiermix.core.arrays import Floats

NOT_MEASURED = "not measured: taken to add up"


@dataclass(frozen=True)
class Interplay:
    """What a pair brings beyond its two gains; None with the reason where it was not measured."""

    pair: Package
    together: Interval[float] | None
    why: str = ""


@dataclass(frozen=True)
class Chosen:
    """What the program chose on the draws that were lived for it.

    `best` is the best package that buys something, `buys` whether it beats all money in media,
    `rival` the best single candidate.
    """

    best: Package
    buys: bool
    rival: Package
    pairs: tuple[Interplay, ...]


def gain(markets: InvestmentMarkets, package: Package) -> Floats:
    """What a package brings against all money in media, draw by draw [D]."""
    return markets.merit(Cell.of(package)) - markets.merit(Cell())


def choose(packages: Packages, markets: InvestmentMarkets, pairs: int) -> Chosen:
    """Measure each candidate alone and so many pairs, and take the best set of all.

    Pairs are measured in the order of their two gains' sum: those first that lack least to pay
    together. The others are taken to add up.
    """
    singles = packages.singles
    markets.live([Cell(), *map(Cell.of, singles)], "candidates alone")
    alone = {name: float(gain(markets, (name,)).mean()) for (name,) in singles}
    possible = [packages.of(pair) for pair in combinations(alone, 2)]
    possible = [pair for pair in possible if packages.refused(pair) is None]
    ranked = sorted(possible, key=lambda pair: -sum(alone[name] for name in pair))
    measured = ranked[:pairs]
    markets.live([Cell.of(pair) for pair in measured], "pairs")
    beyond = {pair: _beyond(markets, pair) for pair in measured}
    together = {frozenset(pair): float(x.mean()) for pair, x in beyond.items()}
    told = tuple(
        Interplay(pair, interval_of(beyond[pair]))
        if pair in beyond
        else Interplay(pair, None, packages.refused(pair) or NOT_MEASURED)
        for pair in map(packages.of, combinations(alone, 2))
    )
    best = _affordable(packages, alone, together, least=1)
    rival = max(singles, key=lambda one: alone[one[0]])
    return Chosen(best, bool(_affordable(packages, alone, together, least=0)), rival, told)


def _beyond(markets: InvestmentMarkets, pair: Package) -> Floats:
    return gain(markets, pair) - sum(gain(markets, (name,)) for name in pair)


def _affordable(
    packages: Packages,
    alone: dict[str, float],
    together: dict[frozenset[str], float],
    *,
    least: int,
) -> Package:
    """The program's best set; one that leaves too little for the rules on media is ruled out."""
    costs = {name: packages.cost((name,)) for name in alone}
    refused: list[frozenset[str]] = []
    while True:
        found = best_investments(
            alone, together, costs, packages.scenario.budget,
            alternatives=_within(packages.alternatives, alone), refused=refused, least=least,
        )  # fmt: skip
        if not found:
            return NOTHING
        if packages.refused(found) is None:
            return found
        refused.append(frozenset(found))


def _within(pairs: Iterable[frozenset[str]], names: dict[str, float]) -> list[frozenset[str]]:
    return [pair for pair in pairs if pair <= set(names)]


def interval_of(values: Floats) -> Interval[float]:
    """The 95 % interval of the mean over draws [D]."""
    told = t_interval(np.atleast_2d(values))
    return Interval(*(float(part[0]) for part in told))
