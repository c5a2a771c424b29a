"""How far back the next step depends: the order of a Markov chain by held-out likelihood."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from attribution.errors import AttributionError, positive
from journeys import JourneyLog, Paths
from tiermix.core.arrays import Floats, Ints


def choose_order(
    log: JourneyLog | Paths,
    orders: Sequence[int] = (1, 2, 3, 4),
    *,
    folds: int = 5,
    seed: int = 0,
) -> pd.DataFrame:
    """Held-out log-likelihood per journey of chains of several orders; larger is better.

    Every journey falls into one of `folds`; each fold is predicted from the others, step by step:
    the next channel, conversion or end. A chain of order k falls back on order k − 1 as if that
    had been seen once in each context (Dirichlet with that mean), so rare contexts do no harm.
    Counts of path tables are split among the folds as whole numbers. Returns a frame indexed by
    order: `log_likelihood` and `best`.
    """
    positive("folds", folds - 1)
    paths = (log if isinstance(log, Paths) else log.paths()).grouped()
    if not len(paths) or min(orders) < 1:
        raise AttributionError(
            f"orders: {list(orders)} cannot be compared; need journeys and k ≥ 1."
        )
    event, counts, journey = _events(paths)
    split = np.random.default_rng(seed).multinomial(counts, np.full(folds, 1.0 / folds))[journey]
    likelihood = np.zeros(max(orders) + 1)
    for held in split.T:
        rest = (counts[journey] - held).astype(np.float64)
        likelihood += _held_out(
            event, journey, rest, held.astype(np.float64), len(paths.channels), max(orders)
        )
    mean = likelihood[list(orders)] / max(counts.sum(), 1)
    index = pd.Index(orders, name="order")
    return pd.DataFrame({"log_likelihood": mean, "best": mean == mean.max()}, index=index)


def _held_out(
    event: Ints, journey: Ints, learnt: Floats, held: Floats, channels: int, highest: int
) -> Floats:
    """Log-likelihood of the held weights by order 0 … highest, learnt from the others."""
    chance = np.full(len(event), 1.0 / (channels + 2))
    result = np.zeros(highest + 1)
    context = np.zeros(len(event), dtype=np.int64)
    for order in range(highest + 1):
        if order:
            context = context * (channels + 3) + _back(event, journey, order)
            context = np.unique(context, return_inverse=True)[1]
        joint = np.unique(context * (channels + 2) + event, return_inverse=True)[1]
        seen, total = np.bincount(joint, learnt), np.bincount(context, learnt)
        chance = (seen[joint] + chance) / (total[context] + 1.0)
        result[order] = held @ np.log(chance)
    return result


def _events(paths: Paths) -> tuple[Ints, Ints, Ints]:
    """Every journey as its channels and its end, how often it was travelled, whose event it is.

    A sequence that was travelled with and without success stands for two journeys.
    """
    some = [paths.select(paths.conversions >= 0.5), paths.select(paths.nulls >= 0.5)]
    event = [np.insert(p.channel, p.start[1:], len(p.channels) + end) for end, p in enumerate(some)]
    lengths = np.concatenate([p.lengths + 1 for p in some])
    counts = np.rint(np.concatenate([some[0].conversions, some[1].nulls])).astype(np.int64)
    return np.concatenate(event), counts, np.repeat(np.arange(len(lengths)), lengths)


def _back(event: Ints, journey: Ints, steps: int) -> Ints:
    """The event so many steps before, + 1; 0 where the journey had not begun."""
    earlier = np.zeros(len(event), dtype=np.int64)
    same = journey[steps:] == journey[:-steps]
    # An end is never followed within its journey, so it never enters a context.
    earlier[steps:] = np.where(same, event[:-steps] + 1, 0)
    return earlier
