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
# # B2B: leads wait for the sales desk
#
# A vendor of software for factories pays for fairs, search and trade media to get leads. Each lead
# that qualifies is called by a desk of a few people. More media bring more leads, and at some point
# these wait until they have bought elsewhere. Are more people at the desk worth more than more
# leads?

# %% tags=["parameters"]
CUSTOMERS = 1000
DRAWS = 3
SEED = 1
AGENTS = [4, 8, 12]
BUDGETS = ["80%", "100%"]

# %%
import altair as alt

from experiments import compare_scenarios, variants_of
from scenarios import load_scenario

alt.renderers.enable("svg")  # pictures are drawn here, and need no network
scenario = load_scenario("b2b")
print(scenario.desk.agents, "at the desk today")
scenario

# %% [markdown]
# ## Fewer and more people at the desk
#
# The same draws of the market, the same buyers, the same media; only the desk differs. Differences
# are to the first size, paired draw by draw, with 95 % intervals.

# %%
desk = compare_scenarios(
    variants_of(["b2b"], {"desk.agents": [str(n) for n in AGENTS]}),
    ["last_year"],
    replications=DRAWS,
    customers=CUSTOMERS,
    seed=SEED,
    workers=1,
)
desk

# %%
KPIS = ["leads", "opportunities", "conversions", "revenue", "profit"]
steps = desk.against()
steps = steps[steps["kpi"].isin(KPIS)].assign(
    agents=steps["strategy"].str.partition(":")[0].astype(int).map(dict(enumerate(AGENTS)))
)
steps[["agents", "kpi", "difference", "low", "high"]].round(0)

# %%
shown = steps[steps["kpi"] == "conversions"]
alt.Chart(shown, width=420, height=120).mark_rule(strokeWidth=3).encode(
    x=alt.X("low", title=f"deals more than with {AGENTS[0]} at the desk (95 % interval)"),
    x2="high",
    y=alt.Y("agents:N", title="at the desk"),
)

# %% [markdown]
# ## More leads, same desk
#
# The same question asked of media: what does a fifth of the budget bring, with the desk as it is?

# %%
media = compare_scenarios(
    variants_of(["b2b"], {"budget": BUDGETS}),
    ["last_year"],
    replications=DRAWS,
    customers=CUSTOMERS,
    seed=SEED,
    workers=1,
)
more = media.against()
more = more[more["kpi"].isin(KPIS)]
more[["kpi", "difference", "low", "high"]].round(0)

# %% [markdown]
# ## Which is it?
#
# Both in profit, which counts wages and media alike. An interval that holds 0 says that these draws
# cannot tell: raise `DRAWS` and `CUSTOMERS`.

# %%
people = steps[(steps["kpi"] == "profit") & (steps["agents"] == AGENTS[-1])].iloc[0]
money = more[more["kpi"] == "profit"].iloc[0]
for words, one in ((f"{AGENTS[-1]} at the desk, not {AGENTS[0]}", people), ("media", money)):
    sure = one["low"] > 0 or one["high"] < 0
    told = "" if sure else ", which may be nothing"
    print(f"{words}: {one['difference']:+,.0f} [{one['low']:+,.0f}, {one['high']:+,.0f}]{told}")

# %% [markdown]
# `tiermix invest b2b` asks which of the scenario's candidates (people, content, personalisation)
# to buy out of the media budget, and says how sure it is.
