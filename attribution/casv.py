"""Counterfactual-adjusted Shapley value on a Markov model of states and actions."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from attribution.base import PathModel
from attribution.errors import AttributionError, positive
from attribution.shared import games
from journeys import Paths, weighted_counts
from tiermix.core.arrays import Floats, Ints


@dataclass(eq=False)
class CASV(PathModel):
    """Shapley value over channels when an absent channel is a day without it, not a dead end.

    After Singal, Besbes, Désir, Goyal and Iyengar (2019, "Shapley meets uniform"): a journey is a
    Markov chain over states in which every period brings an action, a touch by some channel or
    none. v(S) is what journeys earn if channels outside S do nothing, so that whoever would have
    met them moves as in a period without a touch in the same state. Here a state is the number of
    touches so far, up to `depth`; a period is a touch, or a day without one; a conversion belongs
    to its last touch if it comes within a day, else to a day without a touch; a journey that comes
    to nothing ends `patience_days` after its last touch; and a journey that no touch begins never
    begins. The game is solved for all coalitions of up to 20 channels.

    Needs times, so a path table is refused. `actions_` holds, by state and action, how often it
    was taken and what followed.
    """

    depth: int = 4
    patience_days: int = 14
    actions_: pd.DataFrame = field(init=False, repr=False)

    @staticmethod
    def digest(paths: Paths) -> Paths:
        """All paths, with their times."""
        return paths

    def _learn(self, paths: Paths) -> None:
        positive("depth", self.depth)
        positive("patience_days", self.patience_days)
        games.refuse_many(len(paths.channels), "merge channels, or use ShapleyIncremental")
        if paths.age is None:
            raise AttributionError(
                "casv: these paths know no times, so days without a touch cannot be counted; "
                "fit it on a log of touches or events."
            )
        tally = _Tally.of(paths, self.depth + 1, self.patience_days)
        self.actions_ = tally.to_frame(paths.channels)
        worth = tally.worth() * paths.weight.sum()
        self._settle_paths(paths, games.shapley(worth))


@dataclass(frozen=True, eq=False)
class _Tally:
    """What followed each action in each state (state × action; the last action is none).

    on: the journey went on (after a touch in the next state, else in the same); won and value:
    it converted, and for how much; quit: it ended.
    """

    on: Floats
    won: Floats
    value: Floats
    quit: Floats

    @classmethod
    def of(cls, paths: Paths, states: int, patience: int) -> "_Tally":
        """Count touches, and days without one, of all journeys (age: days before the end)."""
        assert paths.age is not None
        position = np.arange(len(paths.channel)) - np.repeat(paths.start[:-1], paths.lengths)
        before, after = (np.minimum(position + i, states - 1) for i in (0, 1))
        inner = np.ones(len(position), dtype=bool)
        inner[paths.start[1:] - 1] = False
        gap = np.floor(paths.age[:-1] - paths.age[1:])[inner[:-1]] if len(position) else position
        count = _Counter(states, len(paths.channels))
        weight = np.repeat(paths.weight, paths.lengths)
        end, channel = np.flatnonzero(~inner), paths.channel
        seen, left = before[end], after[end]
        quick = paths.age[end] < 1.0
        soon, late = (
            np.where(quick, paths.conversions, 0.0),
            np.where(quick, 0.0, paths.conversions),
        )
        wait = np.maximum(np.floor(paths.age[end]) - 1.0, 0.0)
        touched = (paths.nulls + late, soon, np.where(quick, paths.value, 0.0))
        on = count(before[inner], channel[inner], weight[inner]) + count(
            seen, channel[end], touched[0]
        )
        idle = count.idle(after[inner], weight[inner] * gap) + count.idle(
            left, paths.nulls * (patience - 1) + late * wait
        )
        return cls(
            on=on + idle,
            won=count(seen, channel[end], touched[1]) + count.idle(left, late),
            value=count(seen, channel[end], touched[2])
            + count.idle(left, np.where(quick, 0.0, paths.value)),
            quit=count.idle(left, paths.nulls),
        )

    def worth(self) -> Floats:
        """Conversions and value per journey of every coalition (2^n × measure)."""
        taken = self.on + self.won + self.quit
        chance = taken / np.maximum(taken.sum(axis=1, keepdims=True), 1e-300)
        after = (
            np.stack([self.on, self.won, self.value], axis=2) / np.maximum(taken, 1e-300)[..., None]
        )
        states, channels = len(taken), taken.shape[1] - 1
        bits = np.arange(1 << channels)[:, None] >> np.arange(channels) & 1
        present = bits[:, None, :] * chance[None, :, :-1]
        idle = 1.0 - present.sum(axis=2)
        # Nobody waits for ever: where no one was seen to give up, waiting leads to nothing.
        stay = np.minimum(after[:, -1, 0], 1.0 - 1e-9)
        system = np.zeros((len(bits), states, states))
        state = np.arange(states)
        system[:, state, state] = 1.0 - idle * stay
        system[:, state, np.minimum(state + 1, states - 1)] -= (present * after[:, :-1, 0]).sum(
            axis=2
        )
        reward = np.einsum("bsa,sam->bsm", present, after[:, :-1, 1:])
        reward += idle[..., None] * after[:, -1, 1:]
        return np.asarray(np.linalg.solve(system, reward)[:, 0])

    def to_frame(self, channels: tuple[str, ...]) -> pd.DataFrame:
        """Rows by state and action: `taken, converted, value, quit`."""
        index = pd.MultiIndex.from_product(
            [range(len(self.on)), [*channels, "(none)"]], names=["touches_before", "action"]
        )
        columns = {
            "taken": self.on + self.won + self.quit,
            "converted": self.won,
            "value": self.value,
            "quit": self.quit,
        }
        return pd.DataFrame({name: cell.ravel() for name, cell in columns.items()}, index=index)


@dataclass(frozen=True)
class _Counter:
    """Sums weights by state and action."""

    states: int
    channels: int

    def __call__(self, state: Ints, action: Ints, weight: Floats) -> Floats:
        """By state and channel."""
        width = self.channels + 1
        cells = weighted_counts(state * width + action, weight, self.states * width)
        return cells.reshape(self.states, width)

    def idle(self, state: Ints, weight: Floats) -> Floats:
        """Days without a touch, by state."""
        return self(state, np.full(len(state), self.channels), weight)
