"""Slow and obvious versions of the models, on path tables, to hold the fast ones against."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise, permutations

import numpy as np
import pandas as pd

Row = tuple[tuple[str, ...], float, float, float]
Credit = dict[str, float]


def rows(table: pd.DataFrame) -> list[Row]:
    return [
        (tuple(row.path.split(" > ")), row.conversions, row.value, row.nulls)
        for row in table.itertuples()
    ]


def by_rule(table: pd.DataFrame, shares: Callable[[Sequence[str]], Sequence[float]]) -> Credit:
    """Conversions by channel, where `shares` gives each step's share of one journey."""
    credit: Credit = defaultdict(float)
    for path, conversions, _, _ in rows(table):
        for channel, share in zip(path, shares(path), strict=True):
            credit[channel] += conversions * float(share)
    return credit


def first(path: Sequence[str]) -> list[float]:
    return [1.0] + [0.0] * (len(path) - 1)


def last(path: Sequence[str]) -> list[float]:
    return [0.0] * (len(path) - 1) + [1.0]


def last_non_direct(path: Sequence[str]) -> list[float]:
    others = [i for i, channel in enumerate(path) if channel != "direct"]
    winner = others[-1] if others else len(path) - 1
    return [float(i == winner) for i in range(len(path))]


def linear(path: Sequence[str]) -> list[Fraction]:
    return [Fraction(1, len(path))] * len(path)


def linear_by_channel(path: Sequence[str]) -> list[Fraction]:
    return [Fraction(1, len(set(path)) * path.count(channel)) for channel in path]


def positions(start: Fraction, end: Fraction) -> Callable[[Sequence[str]], list[Fraction]]:
    def shares(path: Sequence[str]) -> list[Fraction]:
        if len(path) == 1:
            return [Fraction(1)]
        if len(path) == 2:
            return [start / (start + end), end / (start + end)]
        return [start, *[(1 - start - end) / (len(path) - 2)] * (len(path) - 2), end]

    return shares


def w_shaped(path: Sequence[str]) -> list[Fraction]:
    n = len(path)
    if n <= 3:
        return [Fraction(1, n)] * n
    corners = {0, (n + 1) // 2 - 1, n - 1}
    return [Fraction(3, 10) if i in corners else Fraction(1, 10 * (n - 3)) for i in range(n)]


def participation(path: Sequence[str]) -> list[Fraction]:
    return [Fraction(1, path.count(channel)) for channel in path]


def conversion_rate(
    table: pd.DataFrame, order: int, removed: str | None = None
) -> tuple[float, float]:
    """Conversions and value per journey of the chain on growing prefixes, by plain iteration.

    The state is the last `order` channels, fewer at the beginning; who comes to the removed
    channel is lost.
    """
    steps: dict[tuple[str, ...], dict[tuple[str, ...], float]] = defaultdict(
        lambda: defaultdict(float)
    )
    won: dict[tuple[str, ...], float] = defaultdict(float)
    worth: dict[tuple[str, ...], float] = defaultdict(float)
    visits: dict[tuple[str, ...], float] = defaultdict(float)
    for path, conversions, value, nulls in rows(table):
        states = [path[max(0, i - order) : i] for i in range(len(path) + 1)]
        for state in states:
            visits[state] += conversions + nulls
        for source, target in pairwise(states):
            steps[source][target] += conversions + nulls
        won[states[-1]] += conversions
        worth[states[-1]] += value
    chance = dict.fromkeys(visits, (0.0, 0.0))
    for _ in range(3000):
        chance = {
            state: tuple(
                (
                    end[state]
                    + sum(
                        n * chance[t][k]
                        for t, n in steps[state].items()
                        if not t or t[-1] != removed
                    )
                )
                / max(visits[state], 1e-300)
                for k, end in enumerate((won, worth))
            )
            for state in visits
        }
    return chance[()]


def permutation_shapley(
    players: Sequence[str], worth: Callable[[tuple[str, ...]], float]
) -> Credit:
    """Average marginal contribution over all orders of joining; coalitions as sorted tuples."""
    credit: Credit = defaultdict(float)
    orders = list(permutations(players))
    for order in orders:
        for i, player in enumerate(order):
            gain = worth(tuple(sorted(order[: i + 1]))) - worth(tuple(sorted(order[:i])))
            credit[player] += gain / len(orders)
    return credit


def closed_coalitions(table: pd.DataFrame) -> Callable[[tuple[str, ...]], float]:
    """v(S): conversions of journeys that met no channel outside S."""
    return lambda coalition: sum(c for path, c, _, _ in rows(table) if set(path) <= set(coalition))


def met_in_order(path: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(path))


def rate_shapley(table: pd.DataFrame, *, ordered: bool) -> Credit:
    """Each observed set (or sequence) with conversions, shared by its own game of exact rates."""
    key = met_in_order if ordered else lambda path: tuple(sorted(set(path)))
    won: dict[tuple[str, ...], float] = defaultdict(float)
    travelled: dict[tuple[str, ...], float] = defaultdict(float)
    for path, conversions, _, nulls in rows(table):
        won[key(path)] += conversions
        travelled[key(path)] += conversions + nulls
    credit: Credit = defaultdict(float)
    for members in [k for k in won if won[k] > 0]:
        rank = {channel: place for place, channel in enumerate(members)}

        def worth(coalition: tuple[str, ...], rank: dict[str, int] = rank) -> float:
            known = tuple(sorted(coalition, key=rank.__getitem__))
            return won[known] / travelled[known] if travelled.get(known) else 0.0

        for channel, share in permutation_shapley(members, worth).items():
            credit[channel] += travelled[members] * share
    return credit


def as_series(credit: Credit, channels: Sequence[str]) -> np.ndarray:
    return np.array([credit.get(channel, 0.0) for channel in channels])
