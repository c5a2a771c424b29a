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
# # Smart home: what it is worth to tie channels together
#
# A brand for connected lights and locks lived on search ads, every channel a silo: nobody was
# recognised from one to the next, and emails had nothing to do with what people looked at. It tied
# everything together, with the same money for media. The library has the year before and after,
# which differ in integration only. What did it bring, and which part of it?

# %% tags=["parameters"]
CUSTOMERS = 800
DRAWS = 3
SEED = 1
PARTS = {
    "integration.personalisation": 0,
    "integration.resolution": 0.3,
    "integration.seamless": 0.7,
}

# %%
import altair as alt

from experiments import Variant, compare_scenarios, variants_of
from scenarios import load_scenario

alt.renderers.enable("svg")  # pictures are drawn here, and need no network
after = load_scenario("smart_home_after")
after

# %% [markdown]
# ## Before and after
#
# The same people with the same random numbers, the same plan and the same prices.

# %%
SIZE = {"replications": DRAWS, "customers": CUSTOMERS, "seed": SEED, "workers": 1}
pair = compare_scenarios(
    variants_of(["smart_home_before", "smart_home_after"], {}), ["last_year"], **SIZE
)
pair

# %%
KPIS = [
    "conversions",
    "revenue",
    "email_click_rate",
    "brand_consistency",
    "repurchase_rate",
    "spend",
]
steps = pair.against()
steps = steps[steps["kpi"].isin(KPIS)].set_index("kpi")
steps[["difference", "low", "high", "relative"]].round(3)

# %% [markdown]
# ## Which part does it
#
# One part at a time is put back to what it was before, and all else stays tied together. What a
# part does depends on the others, so that the losses need not add up.

# %%
taken = [
    Variant(load_scenario("smart_home_after", {path: was}), f"without {path.partition('.')[2]}")
    for path, was in PARTS.items()
]
parts = compare_scenarios([Variant(after, "all of it"), *taken], ["last_year"], **SIZE)
losses = parts.against()
losses = losses[losses["kpi"] == "revenue"].copy()
names = dict(enumerate(["all of it", *(one.label for one in taken)]))
losses["part"] = losses["strategy"].str.partition(":")[0].astype(int).map(names)
losses[["part", "difference", "low", "high", "relative"]].round(3)

# %%
alt.Chart(losses, width=420, height=140).mark_bar().encode(
    x=alt.X("relative", title="revenue, against all of it", axis=alt.Axis(format="%")),
    y=alt.Y("part", title=None, sort="x"),
)

# %% [markdown]
# `tiermix scenarios case smart_home` holds the case's published figures beside the simulated ones;
# the page *How to read the smart-home case* says where they differ and why.
