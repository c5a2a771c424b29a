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
# # Bring your own data: from a table to a plan
#
# A company keeps its weeks in one wide table: dates, orders, money by channel. Five steps lead from
# it to a plan: the table is understood, a scenario with the company's own channels is made from it,
# it is fitted, its health card says whether it may be believed, and a plan is made. `tiermix
# onboard mytable.csv` does all of it in one command; here each step is looked at.
#
# So that the page runs anywhere, the table is written by a market of our own first. Put the path of
# yours into `TABLE`, and that one is read.

# %% tags=["parameters"]
TABLE = ""  # path of your own table; empty: the one that is made here
CURRENCY = "CNY"
CUSTOMERS = 400

# %%
from pathlib import Path
from tempfile import mkdtemp

import altair as alt
import pandas as pd

from experiments import (
    calibrate,
    check_table,
    history_of,
    measure_curves,
    plan_picture,
    scenario_from_table,
)
from optimize import InfeasiblePlan, allocate
from scenarios import load_scenario, yaml_text
from sim import simulate
from tiermix.core.files import write_text

alt.renderers.enable("svg")  # pictures are drawn here, and need no network
FOLDER = Path(mkdtemp())

# %%
simulate(load_scenario("retail"), seed=5, customers=3000, out=FOLDER / "run", workers=1)
history = history_of(FOLDER / "run")
money = history[history["channel"] != "total"].pivot_table(
    index="week", columns="channel", values="spend"
)
company = history[history["channel"] == "total"].set_index("week")
wide = money.dropna(axis=1, how="all").add_prefix("spend_")
wide.insert(0, "orders", company["conversions"])
wide.insert(1, "revenue", company["revenue"])
wide.to_csv(FOLDER / "weeks.csv")
file = Path(TABLE) if TABLE else FOLDER / "weeks.csv"
pd.read_csv(file).head(3)

# %% [markdown]
# ## What the table is taken for
#
# Every column has a reading and a reason; what has two readings is asked, all in one go, and what
# may spoil a fit is doubted here, before anything is fitted.

# %%
table = check_table(file)
table

# %% [markdown]
# ## A scenario with these channels
#
# Delivery and tier are guessed from names and figures. Each guess is listed; put right what is
# wrong before you go on.

# %%
own = scenario_from_table(table, "retail", currency=CURRENCY, workers=1)
own.assumed

# %% [markdown]
# ## The fit, and whether to believe it
#
# The health card looks at error beside a constant and the year before, at weeks held out, at what
# each parameter learned. `stop` means: do not plan with it.

# %%
write_text(FOLDER / "own.yaml", yaml_text(own.body))
write_text(FOLDER / "own.csv", own.history)
base = load_scenario(str(FOLDER / "own.yaml"))
fitted = calibrate(FOLDER / "own.csv", base, customers=CUSTOMERS, replications=2, workers=1)
fitted.health

# %% [markdown]
# ## A plan
#
# Curves are measured in the fitted market, then the program plans on them. Your rules and goals go
# into the scenario; without any, a plan may do what nobody would sign.

# %%
scenario = fitted.scenario
curves = measure_curves(scenario, customers=CUSTOMERS, workers=1)
refused = None
try:
    plan = allocate(scenario, curves)
except InfeasiblePlan as nothing:
    refused = nothing
plan if refused is None else refused

# %%
plan_picture(plan, scenario)
