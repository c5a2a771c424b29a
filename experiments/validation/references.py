"""Credit that knows nothing, as rows to hold models against; none of it reads a journey.

A model that is no better than `(even)` or `(by spend)` has learnt nothing from the log, however
elaborate it is. `(oracle)` is the truth of other worlds (`experiments.validation.oracle`): no
attribution can be expected to do better than that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from experiments.study import StudyError
from experiments.validation.credit_regret import LAST_YEAR, MEASURED, TRUE_CREDIT
from scenarios import Scenario

NOTHING, EVEN, BY_SPEND, ORACLE = "(nothing)", "(even)", "(by spend)", "(oracle)"
TOGETHER = "(together)"
REFERENCES: Mapping[str, str] = {
    NOTHING: "no credit at all; its plan keeps last year",
    EVEN: "all observed conversions, the same for every channel",
    BY_SPEND: "all observed conversions, by last year's spend",
    ORACLE: "the truth, as it was in the other worlds",
    LAST_YEAR: "last year's plan, no credit",
    MEASURED: "the plan on curves measured in the scenario as written, no credit",
    TRUE_CREDIT: "the plan from this world's own truth: what regret is told against",
}
"""Rows that are there beside the models, each with what it is."""


def ignorant_credit(scenario: Scenario, observed: float) -> dict[str, pd.Series]:
    """Credit by channel of those that know nothing; `observed` conversions of the market."""
    channels = pd.Index(scenario.plannable, name="channel")
    spent = pd.Series(scenario.reference_plan.by_channel).reindex(channels).fillna(0.0)
    total = float(spent.sum())
    even = pd.Series(1.0 / len(channels), index=channels)
    shares = {NOTHING: 0.0 * even, EVEN: even, BY_SPEND: spent / total if total > 0 else even}
    return {name: observed * share for name, share in shares.items()}


def check_names(names: Iterable[str]) -> None:
    """Raise `StudyError` for a model that is called as a reference is."""
    for name in names:
        if name in REFERENCES or name == TOGETHER:
            raise StudyError(f"models: '{name}' is the name of a row of reference; use another")
