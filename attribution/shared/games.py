"""Shapley values of games over few players: exact by bitmask, or sampled with their error."""

from collections.abc import Callable, Iterator

import numpy as np

from attribution.errors import AttributionError
from tiermix.core.arrays import Floats, Ints

MOST_PLAYERS = 20


def refuse_many(players: int, remedy: str) -> None:
    """Raise AttributionError where exact values would take more than 2^20 coalitions."""
    if players > MOST_PLAYERS:
        raise AttributionError(
            f"channels: {players} are more than the {MOST_PLAYERS} whose coalitions can all be "
            f"counted; {remedy}."
        )


def sizes(players: int) -> Ints:
    """Number of members of each coalition 0 … 2^n - 1."""
    count = np.zeros(1, dtype=np.int64)
    for _ in range(players):
        count = np.concatenate([count, count + 1])
    return count


def shapley(worth: Floats) -> Floats:
    """Shapley value of each player of the game `worth` (2^n entries by bitmask, × measures).

    φ_i = Σ over S without i of |S|! (n − |S| − 1)! / n! · (v(S ∪ i) − v(S)) (Shapley 1953).
    """
    players = len(worth).bit_length() - 1
    coalition, size = np.arange(1 << players), sizes(players)
    weight = _weights(players)
    values = [
        np.tensordot(weight[size[out]], worth[out | 1 << player] - worth[out], axes=1)
        for player in range(players)
        for out in [coalition[coalition >> player & 1 == 0]]
    ]
    return np.array(values).reshape(players, *worth.shape[1:])


def _weights(players: int) -> Floats:
    """|S|! (n − |S| − 1)! / n! by |S|."""
    from math import comb

    return np.array([1.0 / (players * comb(players - 1, size)) for size in range(players)])


def subset_sums(worth: Floats) -> Floats:
    """Σ over R ⊆ S of worth(R), for every S (the zeta transform)."""
    return _transformed(worth, 1.0)


def dividends(worth: Floats) -> Floats:
    """Harsanyi dividends Σ over R ⊆ S of (−1)^|S − R| · worth(R) (the Möbius transform)."""
    return _transformed(worth, -1.0)


def _transformed(worth: Floats, sign: float) -> Floats:
    result = worth.copy()
    for player in range(len(worth).bit_length() - 1):
        halves = result.reshape(-1, 2, 1 << player, *worth.shape[1:])
        halves[:, 1] += sign * halves[:, 0]
    return result


def sampled_shapley(
    worth: Callable[[Ints], Floats], players: int, samples: int, seed: int
) -> tuple[Floats, Floats]:
    """Shapley values and their standard errors, from `samples` random orders of joining.

    worth: coalitions as bitmasks → their worth (× measures). Every order adds up to v(N) − v(∅),
    so the estimates do as well.
    """
    draws = np.array([_marginals(worth, order) for order in _orders(players, samples, seed)])
    return draws.mean(axis=0), draws.std(axis=0, ddof=1) / np.sqrt(samples)


def _orders(players: int, samples: int, seed: int) -> Iterator[Ints]:
    random = np.random.default_rng(seed)
    return (random.permutation(players) for _ in range(samples))


def _marginals(worth: Callable[[Ints], Floats], order: Ints) -> Floats:
    joined = np.concatenate(([0], np.bitwise_or.accumulate(np.int64(1) << order)))
    gains = np.diff(worth(joined), axis=0)
    result = np.empty_like(gains)
    result[order] = gains
    return result


def additive_shapley(link: Callable[[Floats], Floats], base: Floats, parts: Floats) -> Floats:
    """Shapley values of v(S) = link(base + Σ over S of parts), one game a row.

    base: games; parts: games × players (at most 20). Exact, all coalitions of all rows together.
    """
    games, players = parts.shape
    member = (np.arange(1 << players)[:, None] >> np.arange(players) & 1).astype(np.float64)
    values = np.empty((games, players))
    block = max(1, 4_000_000 >> players)
    for first in range(0, games, block):
        piece = slice(first, first + block)
        worth = link(base[piece, None] + parts[piece] @ member.T)
        values[piece] = shapley(worth.T).T
    return values
