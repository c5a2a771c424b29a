"""Credit of a few models beside the truth, in the market as written, for the comparison's page."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd

from attribution import MODELS
from scenarios import Scenario
from sim import Setting, simulate
from sim.market.arms import live_pasts
from sim.market.simulate import checked_customers
from sim.parallel import Workers
from sim.truth.ground_truth import removal_effects
from tiermix.core.progress import Progress

CREDITED = ("first", "last", "linear", "markov")
TRUTH_LUCK = 700_001
CREDIT_RULE = (
    "Credit is given as web analytics gives it: for orders of the planned year under the reference "
    "plan, to visits by the channel that led to them, direct visits taken out. The truth is "
    "removal: the same market with the same random numbers without the channel, tail included."
)
"""The convention of `attribution_against_truth`; `tiermix validate` credits all touches."""


def attribution_against_truth(
    scenario: Scenario,
    *,
    seed: int,
    customers: int | None = None,
    workers: Workers = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """`model, channel, credit, truth, truth_se` in conversions, in the market as written.

    Credit is given to visits, by the channel that led to them and direct ones taken out, as web
    analytics does, on the planned year's log under the reference plan. Truth is removal: the same
    market with the same luck without the channel, tail included.
    """
    count = checked_customers(scenario, customers)
    luck = seed + TRUTH_LUCK
    plan = scenario.reference_plan
    with tempfile.TemporaryDirectory(prefix="tiermix-") as folder:
        run = simulate(
            scenario, seed=luck, customers=count, workers=workers, out=Path(folder) / "run"
        )
        weight = scenario.market_size / count
        paths = run.log.paths(outcome="order", kinds=("visit",), without=_direct(scenario))
        credit = {name: MODELS[name]().fit(paths).credit_["conversions"] for name in CREDITED}
    past = live_pasts([Setting(scenario, count, luck)], workers=workers)[0]
    heard = None if progress is None else lambda n: progress("removal truth", n, None)
    truth = removal_effects(past, plan, workers=workers, progress=heard).table
    rows = [
        (name, unit, float(credit[name].get(unit, 0.0)) * weight, effect, se)
        for name in CREDITED
        for unit, effect, se in truth[["unit", "effect", "se"]].itertuples(index=False)
    ]
    return pd.DataFrame(rows, columns=["model", "channel", "credit", "truth", "truth_se"])


def _direct(scenario: Scenario) -> str | None:
    """The channel of direct visits, if the scenario has one."""
    return next((c.name for c in scenario.channels if c.delivery == "direct"), None)
