"""Credit against truth: what models give, by a named cut of the log, beside what the market knows.

Every study that shows credit beside truth gets it here, so that two of them differ by their cut
and their truth alone, and both are named in the result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np
import pandas as pd

from attribution import MODELS, PathModel, checked_credit
from experiments.study import StudyError
from journeys import JourneyLog, Paths
from scenarios import Scenario
from sim import Run, WarmedUpMarket, Workers, checked_seed, removal_effects, simulate
from tiermix.core.errors import TiermixError
from tiermix.core.progress import Progress, named
from tiermix.core.seeds import REPORTED_TRUTH, seed_of

CREDITED = ("first", "last", "linear", "markov")
"""Models that web analytics knows."""
COLUMNS = ("model", "channel", "credit", "truth", "truth_se")


class ModelError(StudyError):
    """A model that cannot be fitted, or whose credit is none: the sentence names the model."""


@dataclass(frozen=True)
class Cut:
    """What of a log counts for credit: its name, and the sentence that a reader is told.

    `kinds` keeps touches of these kinds only, and `without` takes a channel out of journeys that
    know another one; that makes paths, which models of paths read. Without `kinds` each model
    reads the whole log in its own way.
    """

    name: str
    words: str
    kinds: tuple[str, ...] = ()
    without: str | None = None

    def of(
        self, log: JourneyLog, model: Any, lookback_days: float | None = None
    ) -> JourneyLog | Paths:
        """What a model is fitted to; raises `StudyError` for one that cannot read paths."""
        if self.kinds:
            if not isinstance(model, PathModel):
                raise StudyError(
                    f"cut: '{self.name}' makes paths, which {type(model).__name__} cannot read; "
                    f"use the cut '{EVERY_TOUCH.name}' for it"
                )
            return log.paths(
                outcome="order",
                kinds=self.kinds,
                without=self.without,
                lookback_days=lookback_days,
            )
        if lookback_days is not None and isinstance(model, PathModel):
            return model.cut(log, lookback_days=lookback_days)
        return log


EVERY_TOUCH = Cut(
    "every touch",
    "Credit is given on every touch that the company logged, impressions among them; each model "
    "keeps the touches that it always reads (last click: clicks and visits).",
)


def sessions(scenario: Scenario) -> Cut:
    """Visits only, direct ones taken out of journeys that know another channel: web analytics."""
    direct = next((c.name for c in scenario.channels if c.kind.books == "visits"), None)
    words = "Credit is given to visits, by the channel that led to them"
    if direct is not None:
        words += f"; visits by {direct} count only in journeys that know no other channel"
    return Cut("sessions", f"{words}.", kinds=("visit",), without=direct)


@dataclass(frozen=True)
class Credit:
    """A fitted copy of a model, what it has read, and its credit by plannable channel.

    `conversions` are of the market, not of the simulated customers; what no channel of these is
    credited with counts as left to the baseline.
    """

    fitted: Any
    read: JourneyLog | Paths
    conversions: pd.Series


@dataclass(frozen=True, eq=False)
class CreditAgainstTruth:
    """Credit of several models beside the truth, and by which conventions.

    `table` has `model, channel, credit, truth, truth_se` in conversions of the market; `cut` says
    what of the log counted, `truth` is the sentence for the truth.
    """

    table: pd.DataFrame
    cut: Cut
    truth: str
    given: Mapping[str, Credit] = field(repr=False)

    def convention(self) -> dict[str, str]:
        """The conventions as every JSON document tells them: `cut, words, truth`."""
        return convention(self.cut, self.truth)


def convention(cut: Cut, truth: str) -> dict[str, str]:
    """What travels with every table of credit: name and sentence of the cut, and of the truth."""
    return {"cut": cut.name, "words": cut.words, "truth": truth}


def credit_against_truth(
    run: Run,
    models: Mapping[str, Any],
    effects: pd.DataFrame,
    *,
    cut: Cut,
    truth: str,
    lookback_days: float | None = None,
) -> CreditAgainstTruth:
    """Credit by every model on a run's log, held against true `effects` (`channel, effect, se`).

    Models are fitted as copies. Raises `ModelError` for a model that cannot be fitted.
    """
    given = {
        name: give_credit(run, name, model, cut=cut, lookback_days=lookback_days)
        for name, model in models.items()
    }
    rows = [
        (name, channel, float(credit.conversions[channel]), effect, se)
        for name, credit in given.items()
        for channel, effect, se in effects[["channel", "effect", "se"]].itertuples(index=False)
    ]
    return CreditAgainstTruth(pd.DataFrame(rows, columns=list(COLUMNS)), cut, truth, given)


def attribution_against_truth(
    scenario: Scenario,
    *,
    seed: int,
    customers: int | None = None,
    workers: Workers = None,
    progress: Progress | None = None,
) -> CreditAgainstTruth:
    """Credit of `CREDITED` to visits, beside removal, in the market as written.

    The log is that of the planned year under the reference plan; the history year is lived once.
    """
    market_seed = seed_of(REPORTED_TRUTH, checked_seed(seed))
    run = simulate(scenario, seed=market_seed, customers=customers, workers=workers, keep_past=True)
    past, plan = kept_past(run, logging=False), scenario.reference_plan
    removal = removal_effects(
        past, plan, workers=workers, progress=named(progress, "removal truth")
    ).table
    return credit_against_truth(
        run,
        {name: MODELS[name]() for name in CREDITED},
        removal.rename(columns={"unit": "channel"}),
        cut=sessions(scenario),
        truth="Truth is removal: the same market with the same people and random streams without "
        "the channel, what the planned year leaves behind included.",
    )


class Logged(Protocol):
    """A year as a company saw it: a run, or the folder of a benchmark's world."""

    @property
    def scenario(self) -> Scenario:
        """The market as written."""

    @property
    def log(self) -> JourneyLog:
        """Touches and conversions."""

    @property
    def ledger(self) -> pd.DataFrame:
        """`date, channel, spend`."""

    @property
    def weight(self) -> float:
        """People of the market behind each customer of the log."""


def give_credit(
    run: Logged, name: str, model: Any, *, cut: Cut, lookback_days: float | None = None
) -> Credit:
    """One model's credit on a run's log; raises `ModelError` with its name if it has none.

    A model that wants the company's ledger and has none gets the run's. What it credits is checked
    as `check_attribution_model` does: channels of the log each once, and finite numbers.
    """
    with naming(name):
        copy = deepcopy(model)
        if getattr(copy, "ledger", run) is None:
            copy.ledger = run.ledger  # a company has its ledger beside its log
        read = cut.of(run.log, copy, lookback_days)
        fitted = copy.fit(read)
        known = [channel.name for channel in run.scenario.channels]
        credit = checked_credit(fitted, needed=_met(read), known=known)["conversions"]
    ours = credit.reindex(run.scenario.plannable).fillna(0.0)  # a channel that nobody met
    return Credit(fitted, read, ours * run.weight)


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Whatever a model raises is told with its name, as a `ModelError`."""
    try:
        yield
    except ModelError:
        raise
    except TiermixError as error:
        raise ModelError(f"models: {name} cannot be fitted to this log: {error}") from error
    except Exception as error:
        raise ModelError(
            f"models: {name} raised {type(error).__name__}: {error}; `check_attribution_model` "
            "shows it on a log of a few hundred visitors"
        ) from error


def _met(read: JourneyLog | Paths) -> list[str]:
    """Channels that have a touch in what a model read."""
    if isinstance(read, Paths):
        return [read.channels[code] for code in np.unique(read.channel)]
    return [str(name) for name in read.touches["channel"].unique()]


def kept_past(run: Run, *, logging: bool) -> WarmedUpMarket:
    """The market between the two years of a run that kept it, ready for arms of the planned year.

    With `logging` each arm tells its rows, which is slower and needs more memory.
    """
    assert run.past is not None, "simulate was not asked to keep the past"
    return replace(run.past, setting=replace(run.past.setting, logging=logging))
