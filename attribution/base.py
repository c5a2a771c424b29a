"""What every model is: parameters in, `fit` a log, credit by channel out."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

import numpy as np
import pandas as pd

from attribution.errors import AttributionError
from journeys import JourneyLog, Paths
from tiermix.core.arrays import Floats, Ints

MEASURES = ("conversions", "value")


@dataclass(eq=False)
class AttributionModel(ABC):
    """A model of who gets the credit. Parameters in `__init__`, results end in `_`.

    After `fit`: `credit_`, a frame indexed by channel with `conversions` and `value` (the log's
    currency), and `baseline_`, the same two of what no channel gets credit for. A model that is
    `efficient` promises that credit and baseline together are all conversions and all value.
    """

    efficient: ClassVar[bool] = True
    credit_: pd.DataFrame = field(init=False, repr=False)
    baseline_: pd.Series = field(init=False, repr=False)

    @abstractmethod
    def fit(self, log: JourneyLog | Paths) -> Self:
        """Learn from a log (or its paths, cut as wanted) and give credit. Returns self."""

    def roas(
        self, ledger: pd.DataFrame, tiers: Mapping[str, int | str] | None = None
    ) -> pd.DataFrame:
        """Return on spend by channel, or by tier where `tiers` (channel → tier) is given.

        ledger: `channel, spend` with any number of rows a channel. Columns: `spend, conversions,
        value, roas` (value per unit of spend), `cost_per_conversion`; NaN without spend or credit.
        """
        spend = ledger.groupby(ledger["channel"].astype(str))["spend"].sum()
        table = self.credit_.join(spend.rename("spend"), how="outer").fillna(0.0)
        table.index.name = "channel"
        if tiers is not None:
            unknown = sorted(set(table.index) - set(tiers))
            if unknown:
                raise AttributionError(
                    f"tiers: no tier for {', '.join(unknown)}; name one for each."
                )
            table = table.groupby(table.index.map(dict(tiers)).rename("tier")).sum()
        spent, bought = table["spend"].where(table["spend"] > 0), table["conversions"]
        return pd.DataFrame(
            {
                "spend": table["spend"],
                "conversions": bought,
                "value": table["value"],
                "roas": table["value"] / spent,
                "cost_per_conversion": spent / bought.where(bought > 0),
            }
        )

    def _settle(
        self, channels: tuple[str, ...], credit: Floats, total: tuple[float, float]
    ) -> None:
        """Set `credit_` from an array (channel × measure), and `baseline_` to what is left."""
        index = pd.Index(channels, name="channel", dtype=object)
        self.credit_ = pd.DataFrame(credit, index=index, columns=list(MEASURES))
        self.baseline_ = pd.Series(np.array(total) - credit.sum(axis=0), index=list(MEASURES))


@dataclass(eq=False)
class PathModel(AttributionModel):
    """A model that reads nothing but paths. A log given to `fit` is cut with `cut`."""

    def fit(self, log: JourneyLog | Paths) -> Self:
        """Learn from a log or from paths. The baseline is what no path leads to."""
        self._learn(log if isinstance(log, Paths) else self.cut(log))
        return self

    def cut(self, log: JourneyLog, *, lookback_days: float | None = None) -> Paths:
        """The paths that this model reads in a log, nothing left out unless it looks back less."""
        return log.paths(lookback_days=lookback_days)

    @staticmethod
    def digest(paths: Paths) -> Paths:
        """Fewer paths that teach the model the same: all that is kept of a piece of a large log.

        Here equal sequences count together, without their times; a model that reads times, or
        less than sequences, has its own. See `fit_pieces`.
        """
        return paths.grouped()

    @abstractmethod
    def _learn(self, paths: Paths) -> None: ...

    def _settle_paths(self, paths: Paths, credit: Floats) -> None:
        """`_settle` with the baseline that is exact: conversions that no path leads to."""
        self._settle(paths.channels, credit, paths.total)
        if self.efficient:
            self.baseline_ = pd.Series(paths.untouched, index=list(MEASURES), dtype=np.float64)


@dataclass(eq=False)
class TouchModel(PathModel):
    """A model that shares each journey's conversions among its touches by weights."""

    _touches: tuple[Ints, Floats, Floats] = field(init=False, repr=False)

    @property
    def credit_by_touch_(self) -> pd.DataFrame:
        """Credit of single touches, indexed by their row in `log.touches`; others get nothing.

        For path tables, which have no touches, rows count the steps of all paths in turn.
        """
        row, conversions, value = self._touches
        index = pd.Index(row, name="touch")
        return pd.DataFrame({"conversions": conversions, "value": value}, index=index).sort_index()

    @staticmethod
    def digest(paths: Paths) -> Paths:
        """The journeys that have something to share."""
        return paths.select((paths.conversions > 0) | (paths.value != 0))

    @abstractmethod
    def _weights(self, paths: Paths) -> Floats:
        """One weight per touch; an efficient model's add up to one in every journey."""

    def _learn(self, paths: Paths) -> None:
        row = np.arange(len(paths.channel)) if paths.row is None else paths.row
        won = self._prepared(TouchModel.digest(replace_row(paths, row)))
        weights, lengths = self._weights(won), won.lengths
        conversions = weights * np.repeat(won.conversions, lengths)
        value = weights * np.repeat(won.value, lengths)
        assert won.row is not None
        self._touches = (won.row, conversions, value)
        self._settle_paths(paths, by_channel(won, conversions, value))

    def _prepared(self, paths: Paths) -> Paths:
        """What a model does to paths before it weighs them."""
        return paths


def replace_row(paths: Paths, row: Ints) -> Paths:
    """The same paths with positions of touches."""
    return replace(paths, row=row)


def by_channel(paths: Paths, *measures: Floats) -> Floats:
    """Sums of touch-level numbers by channel: an array channel × measure."""
    count = len(paths.channels)
    sums = [np.bincount(paths.channel, measure, count) for measure in measures]
    return np.stack(sums, axis=1).astype(np.float64, copy=False)
