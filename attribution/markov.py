"""Markov attribution: what would be lost if a channel were not there, by the chain of journeys."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from attribution.base import MEASURES, TouchModel
from attribution.errors import AttributionError, one_of
from attribution.heuristics import normalised
from attribution.shared import chain
from journeys import Paths
from tiermix.core.arrays import Floats

REMOVALS = ("null", "detour", "refit")


@dataclass(eq=False)
class Markov(TouchModel):
    """Removal effects of an absorbing chain of order 1 to 4, exact, shared out as credit.

    order: how many channels back the next step depends on. removal: `null` (whoever comes to the
    channel is lost; Anderl et al. 2016), `detour` (goes where the others of that state go), or
    `refit` (journeys through the channel fail and the chain is fitted again; a maximum-likelihood
    chain then loses exactly the channel's share of the converting journeys). convention: `global`
    shares all conversions in proportion to removal effects, `journey` shares each journey's among
    its touches in that proportion. Negative effects (detours that do better) earn no credit.

    Conversions and value each have their own removal effects in `removal_effects_`.
    `credit_by_touch_` exists for the convention `journey`.
    """

    order: int = 1
    convention: str = "global"
    removal: str = "null"
    removal_effects_: pd.DataFrame = field(init=False, repr=False)
    _chain: chain.Chain = field(init=False, repr=False)

    @staticmethod
    def digest(paths: Paths) -> Paths:
        """All sequences: the chain learns from journeys that came to nothing as well."""
        return paths.grouped()

    def _learn(self, paths: Paths) -> None:
        one_of("order", self.order, (1, 2, 3, 4))
        one_of("convention", self.convention, ("global", "journey"))
        one_of("removal", self.removal, REMOVALS)
        self._chain = chain.build(paths, self.order)
        effects = self._effects(paths)
        index = pd.Index(paths.channels, name="channel", dtype=object)
        self.removal_effects_ = pd.DataFrame(effects, index=index, columns=list(MEASURES))
        if self.convention == "journey":
            super()._learn(paths)
        else:
            touched = np.array([paths.conversions.sum(), paths.value.sum()])
            self._settle_paths(paths, _shares(effects) * touched)

    @property
    def transition_matrix_(self) -> pd.DataFrame:
        """The chain as rows `source, target, probability`; see `chain.to_frame`."""
        frame: pd.DataFrame = chain.to_frame(self._chain, tuple(self.credit_.index))
        return frame

    def _effects(self, paths: Paths) -> Floats:
        if self.removal == "null":
            return chain.lost_to_null(self._chain)
        if self.removal == "detour":
            return chain.lost_to_detour(self._chain)
        return participation(paths)

    def _weights(self, paths: Paths) -> Floats:
        effect = np.maximum(self.removal_effects_["conversions"].to_numpy(), 0.0)[paths.channel]
        none = np.bincount(paths.journey, effect, len(paths)) == 0
        return normalised(paths, np.where(none[paths.journey], 1.0, effect))

    @property
    def credit_by_touch_(self) -> pd.DataFrame:
        """Credit of single touches, for the convention `journey` only."""
        if self.convention != "journey":
            raise AttributionError(
                "convention: 'global' gives credit to channels, not to touches; use 'journey'."
            )
        return super().credit_by_touch_


def participation(paths: Paths) -> Floats:
    """Share of conversions and of value in whose journeys each channel took part."""
    won = paths.select((paths.conversions > 0) | (paths.value != 0))
    pair = np.unique(won.journey * max(len(paths.channels), 1) + won.channel)
    journey, channel = np.divmod(pair, max(len(paths.channels), 1))
    measures = [won.conversions, won.value]
    joint = [np.bincount(channel, m[journey], len(paths.channels)) for m in measures]
    totals = [m.sum() for m in measures]
    shares = [j / t if t else np.zeros_like(j) for j, t in zip(joint, totals, strict=True)]
    return np.asarray(np.stack(shares, axis=1), dtype=np.float64)


def _shares(effects: Floats) -> Floats:
    """Effects scaled to add up to one by measure; value falls back on the shares of conversions."""
    gains = np.maximum(effects, 0.0)
    total = gains.sum(axis=0)
    shares: Floats = np.divide(gains, total, out=np.zeros_like(gains), where=total > 0)
    if total[0] > 0 and not total[1] > 0:
        shares[:, 1] = shares[:, 0]
    return shares
