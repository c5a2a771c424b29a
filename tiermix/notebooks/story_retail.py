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
# # Retail: search harvests what social platforms sow
#
# A brand pays for search, and for posts on Xiaohongshu and short videos on Douyin. Who reads web
# analytics sees search sell nearly everything, and asks why the rest is paid for at all. This page
# takes each channel away in turn, in the same market with the same people and the same random
# numbers, and holds what is then missing against what the last click says.

# %% tags=["parameters"]
CUSTOMERS = 1200
SEED = 1

# %%
import altair as alt

from attribution import LastClick
from scenarios import load_scenario
from sim import ground_truth, simulate

alt.renderers.enable("svg")  # pictures are drawn here, and need no network
scenario = load_scenario("retail")
scenario

# %% [markdown]
# ## What the last click says
#
# A year is simulated, and the model gets what a company sees: the log.

# %%
run = simulate(scenario, seed=SEED, customers=CUSTOMERS, workers=1)
credit = LastClick().fit(run.log).credit_
credit

# %% [markdown]
# ## What would be missing
#
# The same market without one channel at a time. `effect` counts orders of the whole market with
# its standard error; what is freed is not spent elsewhere.

# %%
CHANNELS = ["seo", "paid_search", "retargeting", "douyin", "xiaohongshu", "kol"]
truth = ground_truth(
    scenario,
    "removal",
    over=CHANNELS,
    seed=SEED,
    customers=CUSTOMERS,
    workers=1,
)
truth

# %%
orders = run.scorecard.value("conversions")
claimed = credit["conversions"] / credit["conversions"].sum()
beside = truth.table.assign(
    truth=truth.table["effect"] / orders,
    last_click=truth.table["unit"].map(claimed).fillna(0.0),
)
beside[["unit", "truth", "last_click"]].round(3)

# %%
both = beside.melt(["unit"], ["truth", "last_click"], "what", "share of orders")
alt.Chart(both, height=220, width=480).mark_bar().encode(
    x=alt.X("share of orders", axis=alt.Axis(format="%")),
    y=alt.Y("unit", sort=CHANNELS, title=None),
    yOffset="what",
    color=alt.Color("what", title=None),
)

# %% [markdown]
# ## And the channels together
#
# People who come by search have often seen something before. Where tier 2 is taken away as a whole
# more is missing than its last clicks say, as its work is harvested in tier 1.

# %%
tiers = ground_truth(scenario, "removal", over="tiers", seed=SEED, customers=CUSTOMERS, workers=1)
tiers

# %%
tier_of = {channel.name: f"tier:{channel.tier}" for channel in scenario.channels}
by_tier = claimed.groupby(tier_of).sum()
taken = tiers.table.set_index("unit")["effect"] / orders
print(f"tier 2: {by_tier.get('tier:2', 0.0):.0%} of last clicks")
taken.round(3)

# %% [markdown]
# From here: `tiermix truth retail`, the page *How to ask the market what a channel is truly worth*,
# and the notebook `researcher` for a model of your own.
