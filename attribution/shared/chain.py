"""Absorbing Markov chains of order k on coded paths: counts, and what survives a removal."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from attribution.errors import AttributionError
from attribution.shared.linear_solver import absorbed
from journeys import Paths, offsets, weighted_counts
from tiermix.core.arrays import Bools, Floats, Ints

DENSE_STATES = 400
MOST_REMOVED = 1_000
"""Channels that are taken out one at a time: each is a chain of its own to solve."""
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Chain:
    """A chain whose states are windows of the last k channels.

    moves: row-stochastic with the missing mass absorbed (states × states, dense or CSR). entry:
    chance to start in each state. reward: expected conversions and value on leaving a state for
    good (states × 2). digits: the window of each state, codes of channels + 1, 0 where padded.
    """

    moves: Any
    entry: Floats
    reward: Floats
    digits: Ints
    channels: int

    def meeting(self, channel: int) -> Bools:
        """States whose window holds the channel."""
        return np.asarray((self.digits == channel + 1).any(axis=1))


def build(paths: Paths, order: int) -> Chain:
    """The maximum-likelihood chain of order k ≥ 1 over all journeys with at least one touch.

    A journey starts in the window of its first k channels and moves window by window; one shorter
    than k is a single window, padded in front. Windows are equivalent to growing prefixes: both
    give a journey the same probability.
    """
    lived = (paths.lengths > 0) & (paths.weight > 0)
    paths = paths if lived.all() else paths.select(lived)
    digits, state, start = _windows(paths, order)
    size, weight = len(digits), paths.weight
    entry = np.bincount(state[start[:-1]], weight, size)
    per_visit = np.repeat(weight, np.diff(start))
    visits = weighted_counts(state, per_visit, size)
    inside = np.ones(len(state), dtype=bool)
    inside[start[1:] - 1] = False
    step = np.flatnonzero(inside)
    moves = _moves(state[step], state[step + 1], per_visit[step], visits)
    last = state[start[1:] - 1]
    ends = [np.bincount(last, measure, size) for measure in (paths.conversions, paths.value)]
    reward = np.stack(ends, axis=1) / visits[:, None]
    return Chain(moves, entry / max(weight.sum(), 1e-300), reward, digits, len(paths.channels))


def _windows(paths: Paths, order: int) -> tuple[Ints, Ints, Ints]:
    """Channels (+ 1; 0 pads) of each state, the states along all journeys, and their offsets."""
    base = len(paths.channels) + 1
    if base**order >= 2**63:
        raise AttributionError(
            f"order: {len(paths.channels)} channels at order {order} have more windows than can "
            "be numbered; use a lower order."
        )
    step = paths.channel + 1
    code, position = step.copy(), np.arange(len(step)) - np.repeat(paths.start[:-1], paths.lengths)
    for back in range(1, order):
        code[back:] += np.where(position[back:] >= back, step[:-back], 0) * base**back
    kept = position >= order - 1
    short = paths.lengths < order
    kept[paths.start[1:][short] - 1] = True
    windows, state = _compressed(code[kept], base**order)
    powers = base ** np.arange(order - 1, -1, -1, dtype=np.int64)
    digits = windows[:, None] // powers % base
    return digits, state, offsets(np.where(short, 1, paths.lengths - order + 1))


def _compressed(code: Ints, bound: int) -> tuple[Ints, Ints]:
    """Codes that occur, ascending, and the place of each code among them."""
    if bound > 4_000_000:
        return np.unique(code, return_inverse=True)
    seen = np.zeros(bound, dtype=bool)
    seen[code] = True
    place = np.cumsum(seen) - 1
    return np.flatnonzero(seen), place[code]


def _moves(source: Ints, target: Ints, weight: Floats, visits: Floats) -> Any:
    size = len(visits)
    if size <= DENSE_STATES:
        counts = np.bincount(source * size + target, weight, size * size).reshape(size, size)
        return counts / visits[:, None]
    from scipy import sparse

    matrix = sparse.coo_array((weight, (source, target)), shape=(size, size)).tocsr()
    return sparse.diags_array(1.0 / visits) @ matrix


def expected(chain: Chain) -> Floats:
    """Conversions and value per journey."""
    return np.asarray(chain.entry @ _absorbed(chain.moves, chain.reward))


def lost_to_null(chain: Chain) -> Floats:
    """Share of conversions and of value lost if whoever comes to a channel is lost.

    Channel × measure; RE = 1 − v without / v (Anderl et al. 2016). Small chains take one inverse
    N = (I − Q)⁻¹ for all channels: the loss is N[s, C] · N[C, C]⁻¹ · v[C] over the states C that
    hold the channel, at order 1 N[s, c] / N[c, c] · v[c]. Larger ones are solved once per channel.
    """
    _check_removable(chain.channels)
    if not isinstance(chain.moves, np.ndarray):
        return _share_lost(chain, [_without(chain, c) for c in range(chain.channels)])
    fundamental = np.linalg.inv(np.eye(len(chain.moves)) - chain.moves)
    reach, worth = chain.entry @ fundamental, fundamental @ chain.reward
    lost = np.zeros((chain.channels, 2))
    for channel in range(chain.channels):
        met = chain.meeting(channel)
        if met.any():
            lost[channel] = reach[met] @ np.linalg.solve(fundamental[np.ix_(met, met)], worth[met])
    return _ratio(lost, chain.entry @ worth)


def _check_removable(channels: int) -> None:
    if channels > MOST_REMOVED:
        raise AttributionError(
            f"channels: {channels:,} are more than the {MOST_REMOVED:,} that a chain can be solved "
            "without, one at a time; merge small ones, or use removal 'refit'."
        )


def lost_to_detour(chain: Chain) -> Floats:
    """Share lost if whoever would come to a channel goes where the others of that state go.

    Channel × measure; negative where the others do better. Without others the journey ends.
    """
    _check_removable(chain.channels)
    return _share_lost(chain, [_around(chain, c) for c in range(chain.channels)])


def _share_lost(chain: Chain, remaining: list[Floats]) -> Floats:
    whole = expected(chain)
    kept = np.array(remaining).reshape(chain.channels, 2)
    return _ratio(whole - kept, whole)


def _ratio(lost: Floats, whole: Floats) -> Floats:
    return np.divide(lost, whole, out=np.zeros_like(lost), where=whole != 0)


def _without(chain: Chain, channel: int) -> Floats:
    """Conversions and value per journey if nobody gets past the channel."""
    free = ~chain.meeting(channel)
    return np.asarray(chain.entry[free] @ _absorbed(chain.moves[free][:, free], chain.reward[free]))


def _around(chain: Chain, channel: int) -> Floats:
    """Conversions and value per journey if the channel is passed by."""
    free = ~chain.meeting(channel)
    inner, entry = chain.moves[free][:, free], chain.entry[free]
    into = np.asarray(chain.moves[free][:, ~free].sum(axis=1)).ravel()
    others = 1.0 - into
    scale = np.where(others > ROUNDING, 1.0 / np.maximum(others, ROUNDING), 0.0)
    entry = entry / entry.sum() if entry.sum() > ROUNDING else np.zeros_like(entry)
    ends = _can_end(inner, others)
    moves = _scaled_rows(inner, scale)[ends][:, ends]
    reward = chain.reward[free] * scale[:, None]
    return np.asarray(entry[ends] @ _absorbed(moves, reward[ends]))


def _can_end(moves: Any, mass: Floats) -> Bools:
    """States from which a journey can end; a detour may close a loop that only the channel left."""
    ends: Bools = mass - np.asarray(moves.sum(axis=1)).ravel() > ROUNDING
    while True:
        more = ends | (np.asarray(moves @ ends.astype(np.float64)) > 0)
        if (more == ends).all():
            return ends
        ends = more


def _scaled_rows(moves: Any, scale: Floats) -> Any:
    if isinstance(moves, np.ndarray):
        return moves * scale[:, None]
    return moves.multiply(scale[:, None]).tocsr()


def _absorbed(moves: Any, reward: Floats) -> Floats:
    """(I − Q)⁻¹ r: dense LU for small chains, certified iteration for large ones."""
    if isinstance(moves, np.ndarray):
        return np.asarray(np.linalg.solve(np.eye(len(moves)) - moves, reward))
    return np.stack([absorbed(moves, column) for column in reward.T], axis=1)


def to_frame(chain: Chain, channels: tuple[str, ...]) -> Any:
    """Transition probabilities as rows `source, target, probability`, names joined by ` > `.

    Sources are (start) and the states; targets the states, (conversion) and (null).
    """
    import pandas as pd

    names = np.array(["", *channels], dtype=object)
    state = np.array([" > ".join(filter(None, row)) for row in names[chain.digits]], dtype=object)
    source, target = chain.moves.nonzero()
    begun = np.flatnonzero(chain.entry)
    moving = np.asarray(chain.moves[source, target]).ravel()
    won = chain.reward[:, 0]
    left = 1.0 - np.asarray(chain.moves.sum(axis=1)).ravel() - won
    start = np.full(len(begun), "(start)", dtype=object)
    ends = [np.full(len(state), name, dtype=object) for name in ("(conversion)", "(null)")]
    frame = pd.DataFrame(
        {
            "source": np.concatenate([start, state[source], state, state]),
            "target": np.concatenate([state[begun], state[target], *ends]),
            "probability": np.concatenate([chain.entry[begun], moving, won, left.clip(0.0)]),
        }
    )
    return frame[frame["probability"] > 0].reset_index(drop=True)
