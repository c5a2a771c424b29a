"""Journeys as sorted, cut and integer-coded paths: what attribution models read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd

from journeys.errors import JourneyError
from tiermix.core.arrays import Bools, Codes, Floats, Ints
from tiermix.core.figures import number

TRANSFORMS = ("unique", "exposure", "first", "frequency")


@dataclass(frozen=True, eq=False, repr=False)
class Paths:
    """Many journeys in flat arrays; journey i is `channel[start[i]:start[i + 1]]`.

    channels: names by code. start: n + 1 offsets. channel: code of each touch, in order of time.
    conversions, value, nulls: how often the journey ended in a conversion, what these were worth
    in all, and how often it ended in nothing (one of each for journeys of single visitors).
    age: days from the touch to the end of its journey (None for path tables, which know no time).
    row: position of the touch in the log's table of touches; visitor: code of the visitor.
    untouched: conversions and value that no journey leads to.
    """

    channels: tuple[str, ...]
    start: Ints
    channel: Ints
    conversions: Floats
    value: Floats
    nulls: Floats
    age: Floats | None = None
    row: Ints | None = None
    visitor: Ints | None = None
    untouched: tuple[float, float] = (0.0, 0.0)

    def __len__(self) -> int:
        return len(self.conversions)

    def __repr__(self) -> str:
        return (
            f"Paths({len(self):,} journeys, {len(self.channel):,} touches, "
            f"{len(self.channels)} channels, {number(self.conversions.sum())} conversions, "
            f"{number(self.nulls.sum())} nulls)"
        )

    @property
    def lengths(self) -> Ints:
        """Touches per journey."""
        return np.diff(self.start)

    @property
    def journey(self) -> Ints:
        """Journey of each touch."""
        return np.repeat(np.arange(len(self)), self.lengths)

    @property
    def weight(self) -> Floats:
        """How often each journey was travelled, with or without success."""
        return self.conversions + self.nulls

    @property
    def total(self) -> tuple[float, float]:
        """All conversions and their value, those that no journey leads to among them."""
        return (
            float(self.conversions.sum()) + self.untouched[0],
            float(self.value.sum()) + self.untouched[1],
        )

    def code(self, channel: str) -> int:
        """Code of a channel, or -1 if no journey could have met it."""
        return self.channels.index(channel) if channel in self.channels else -1

    def select(self, keep: Bools) -> "Paths":
        """The journeys where `keep` is true."""
        return self._with_touches(np.repeat(keep, self.lengths), keep)

    def without(self, channel: str) -> "Paths":
        """Journeys with a channel taken out; where it is alone it stays.

        So `direct` loses its share to what brought the visitor before, yet no conversion is lost.
        """
        touch_keeps = self.channel != self.code(channel)
        others = _sums(touch_keeps, self.start)
        return self._with_touches(touch_keeps | np.repeat(others == 0, self.lengths))

    def transformed(self, how: str) -> "Paths":
        """Journeys with repeated touches taken out, by the names that fractribution gives it.

        unique: all stay. exposure: of the same channel in a row the first. first: of each channel
        the first of its journey. frequency: as first, with how often the channel was met beside
        its name, as in search(3). Raises JourneyError for another name.
        """
        if how not in TRANSFORMS:
            raise JourneyError(
                f"transform: {how!r} is not known; use one of {', '.join(TRANSFORMS)}."
            )
        if how == "unique" or not len(self.channel):
            return self
        if how == "exposure":
            fresh = np.append(True, self.channel[1:] != self.channel[:-1])
            fresh[self.start[:-1][self.lengths > 0]] = True
            return self.keep_touches(fresh)
        label = self.journey * len(self.channels) + self.channel
        _, first, counts = np.unique(label, return_index=True, return_counts=True)
        keep = np.zeros(len(label), dtype=bool)
        keep[first] = True
        kept = self.keep_touches(keep)
        return kept if how == "first" else kept._counted(counts[np.argsort(first)])

    def _counted(self, times: Ints) -> "Paths":
        """Touches under their channel's name and how often it was met, one entry a touch."""
        pairs, codes = np.unique(
            np.column_stack([self.channel, times]), axis=0, return_inverse=True
        )
        names = tuple(f"{self.channels[code]}({number})" for code, number in pairs)
        order = np.argsort(np.array(names, dtype=object))
        place = np.argsort(order)
        return replace(self, channels=tuple(names[i] for i in order), channel=place[codes.ravel()])

    def keep_touches(self, keep: Bools) -> "Paths":
        """All journeys, with those touches only where `keep` is true (one entry per touch)."""
        return self._with_touches(keep)

    def _with_touches(self, touches: Bools, journeys: Bools | None = None) -> "Paths":
        """The touches (and journeys) where the masks are true; kept journeys may get shorter."""
        lengths = _sums(touches, self.start)
        pick = np.ones(len(self), dtype=bool) if journeys is None else journeys
        return replace(
            self,
            start=offsets(lengths[pick]),
            channel=self.channel[touches],
            conversions=self.conversions[pick],
            value=self.value[pick],
            nulls=self.nulls[pick],
            age=None if self.age is None else self.age[touches],
            row=None if self.row is None else self.row[touches],
            visitor=None if self.visitor is None else self.visitor[pick],
        )

    def reweighted(self, times: Floats) -> "Paths":
        """The same journeys, each counted `times` over (one number per journey)."""
        return replace(
            self,
            conversions=self.conversions * times,
            value=self.value * times,
            nulls=self.nulls * times,
        )

    def grouped(self) -> "Paths":
        """Equal sequences of channels counted together; times, rows and visitors are lost."""
        label = _sequence_labels(self)
        first, group = np.unique(label, return_index=True, return_inverse=True)[1:]
        lengths = self.lengths[first]
        touch = stretches(self.start[first], lengths)
        count = len(first)
        return replace(
            self,
            start=offsets(lengths),
            channel=self.channel[touch],
            conversions=weighted_counts(group, self.conversions, count),
            value=weighted_counts(group, self.value, count),
            nulls=weighted_counts(group, self.nulls, count),
            age=None,
            row=None,
            visitor=None,
        )

    def to_frame(self, separator: str = " > ") -> pd.DataFrame:
        """A path table: `path, conversions, value, nulls`, one row a journey.

        Raises JourneyError where a channel's name holds the separator, as paths could not be read.
        """
        torn = [name for name in self.channels if separator.strip() and separator.strip() in name]
        if torn:
            raise JourneyError(
                f"separator: {separator.strip()!r} is part of the name {torn[0]!r}; name another."
            )
        names = np.asarray(self.channels, dtype=object)[self.channel].tolist()
        bounds = self.start.tolist()
        text = [separator.join(names[a:b]) for a, b in pairwise(bounds)]
        columns = {"conversions": self.conversions, "value": self.value, "nulls": self.nulls}
        return pd.DataFrame({"path": text, **columns})


def concat(parts: Iterable[Paths]) -> Paths:
    """Journeys of several pieces as one; channels are matched by name.

    Times, rows and visitors survive only if they stay meaningful: times when every piece has
    them, rows and visitors never, because each piece counts its own.
    """
    pieces = list(parts)
    if not pieces:
        raise JourneyError("There is no piece to put together: give at least one.")
    channels = all_channels([piece.channels for piece in pieces])
    codes = [np.array([channels.index(c) for c in p.channels], dtype=np.int64) for p in pieces]
    ages = [piece.age for piece in pieces if piece.age is not None]
    return Paths(
        channels=channels,
        start=offsets(np.concatenate([piece.lengths for piece in pieces])),
        channel=np.concatenate([c[p.channel] for c, p in zip(codes, pieces, strict=True)]),
        conversions=np.concatenate([piece.conversions for piece in pieces]),
        value=np.concatenate([piece.value for piece in pieces]),
        nulls=np.concatenate([piece.nulls for piece in pieces]),
        age=np.concatenate(ages) if len(ages) == len(pieces) else None,
        untouched=(
            sum(piece.untouched[0] for piece in pieces),
            sum(piece.untouched[1] for piece in pieces),
        ),
    )


def all_channels(parts: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Names of the channels of several pieces: sorted if every piece's are, else as first met."""
    parts = list(parts)
    names = tuple(dict.fromkeys(name for part in parts for name in part))
    return tuple(sorted(names)) if all(list(part) == sorted(part) for part in parts) else names


def offsets(lengths: Sequence[int] | Codes | Bools) -> Ints:
    """Where each of several stretches starts, and where the last one ends."""
    start = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=start[1:])
    return start


def weighted_counts(label: Codes, weight: Floats, count: int) -> Floats:
    """Sum of the weights by label 0 … count - 1."""
    return np.bincount(label, weight, count).astype(np.float64, copy=False)


def _sums(marks: Bools, start: Ints) -> Ints:
    """Marks set in each stretch (stretches may be empty, which `reduceat` gets wrong)."""
    running = offsets(marks)
    return running[start[1:]] - running[start[:-1]]


def stretches(first: Ints, lengths: Ints) -> Ints:
    """Positions first[i], first[i] + 1, … for each stretch, one after the other."""
    start = offsets(lengths)
    return np.arange(start[-1]) + np.repeat(first - start[:-1], lengths)


def _sequence_labels(paths: Paths) -> Ints:
    """A number per journey, equal exactly where the sequences of channels are equal.

    Walks down the tree of prefixes, one level a turn, with those journeys that go on.
    """
    label = np.zeros(len(paths), dtype=np.int64)
    lengths, width = paths.lengths, len(paths.channels) + 1
    used, depth = 1, 0
    going = np.flatnonzero(lengths > 0)
    while len(going):
        step = paths.channel[paths.start[going] + depth]
        prefix = np.unique(label[going] * width + step, return_inverse=True)[1]
        label[going] = used + prefix
        used += int(prefix.max()) + 1
        depth += 1
        going = going[lengths[going] > depth]
    return label
