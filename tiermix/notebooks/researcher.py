# ---
# jupyter:
#   jupytext:
#     formats: py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Bring your own attribution model
#
# A researcher's hour: write a model in ten lines, run it on a log of your own, and read where it
# fails in a market whose truth is known. Everything here also runs on more worlds and more
# customers: raise the two numbers below, and the intervals narrow.

# %% tags=["parameters"]
SCENARIO = "retail"
WORLDS = 2
CUSTOMERS = 400

# %%
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from attribution import TouchModel, check_attribution_model
from experiments import give_results, make_suite, score, validate
from journeys import JourneyLog
from scenarios import load_scenario

# %% [markdown]
# ## A model is one small class
#
# A model that only weighs the touches of a journey says how; conversions, value, the baseline,
# credit of single touches and intervals follow. `start` holds where each journey begins, `age` the
# days from each touch to the end of its journey. This one gives half of the credit to whoever
# opened the door, and half to the last week.


# %%
class OpenerAndLastWeek(TouchModel):
    """Half to the first touch, half evenly to the touches of the last seven days."""

    def _weights(self, paths):
        opener = np.zeros(len(paths.channel))
        opener[paths.start[:-1]] = 0.5
        journey, recent = paths.journey, paths.age <= 7.0
        count = np.bincount(journey, recent, len(paths))[journey]
        late = np.divide(0.5 * recent, count, out=np.zeros(len(recent)), where=count > 0)
        return (opener + late) / np.bincount(journey, opener + late, len(paths))[journey]


# %% [markdown]
# The list of checks that every model of the library has to pass: sums, order of rows, names of
# visitors and channels, empty logs, channels never met, another currency. It says what is wrong.

# %%
check_attribution_model(OpenerAndLastWeek())

# %% [markdown]
# ## On a log of your own
#
# An event table has `visitor_id, time, channel, kind[, value]`; `JourneyLog.open(path)` reads CSV
# and Parquet files. The model knows nothing but such a log.

# %%
events = pd.DataFrame(
    [
        ("ann", "2026-03-01 09:00", "video", "impression", None),
        ("ann", "2026-03-20 20:00", "search", "click", None),
        ("ann", "2026-03-20 20:05", "search", "order", 120.0),
        ("bob", "2026-03-02 12:00", "video", "click", None),
        ("bob", "2026-03-03 12:00", "mail", "open", None),
    ],
    columns=["visitor_id", "time", "channel", "kind", "value"],
)
OpenerAndLastWeek().fit(JourneyLog.from_events(events)).credit_

# %% [markdown]
# ## Where it fails
#
# The same worlds and the same luck for all models. `misplaced` is the sum of absolute errors as a
# share of what marketing brings; `over_credit` what is given away beyond that; `regret` the margin
# that a plan on this credit loses against a plan on true credit made in the same way.

# %%
scenario = load_scenario(SCENARIO)
models = {"mine": OpenerAndLastWeek(), "last_click": "last_click"}
found = validate(scenario, models, replications=WORLDS, customers=CUSTOMERS, seed=1)
found

# %% [markdown]
# Credit over truth by channel: above 1 is too much. Which channels does the model flatter?

# %%
credit = found.credit()
ratio = (credit["mean"] / credit["truth"]).where(credit["truth"] > 0)
credit.assign(ratio=ratio).pivot_table(index="channel", columns="model", values="ratio", sort=False)

# %% [markdown]
# Single orders: `slope` is 1 for a model whose credit is the chance that the order would be missing
# without the channel, and 0 for one whose credit says nothing about it.

# %%
found.touches().pivot_table(index="model", columns="measure", values="mean", sort=False)

# %% [markdown]
# ## In the benchmark
#
# The frozen suite has twelve markets, each made for one question; here a tiny one in which search
# and retargeting harvest what would have come anyway. `size="full"` and no `markets` is the whole
# of it, `answers.to_csv` a result to hand in.

# %%
with tempfile.TemporaryDirectory() as folder:
    suite = make_suite(Path(folder), size="tiny", markets=["pure_selection"], workers=1)
    answers = give_results(suite, {"mine": OpenerAndLastWeek()}, workers=1)
    standing = score(suite, answers, workers=1).sheets["pure_selection"].summary()
standing

# %% [markdown]
# ## Along a sweep
#
# What if devices were linked better? Turn one thing, leave everything else alone.

# %%
turned = validate(
    scenario,
    models,
    replications=WORLDS,
    customers=CUSTOMERS,
    sweep="integration.resolution",
    values=[0.0, 1.0],
)
turned.along("total_variation")

# %% [markdown]
# The page with all pictures: `tiermix validate retail --models last_click,markov`. A model of your
# own is written to a page by `experiments.report.validation.write_validation(path, found)`.
