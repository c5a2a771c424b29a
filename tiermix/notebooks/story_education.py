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
# # Education: the season decides, and so does who calls back
#
# Parents and learners ask when a term is near. Most of the year's leads come in a few weeks, in
# which media are dear and course advisors are busy. When do leads come, when do they enrol, and
# what happens when there are fewer advisors to call back?

# %% tags=["parameters"]
CUSTOMERS = 1000
DRAWS = 3
SEED = 1
ADVISORS = [40, 80]

# %%
import altair as alt
import pandas as pd

from experiments import compare_scenarios, variants_of
from scenarios import load_scenario
from sim import simulate

alt.renderers.enable("svg")  # pictures are drawn here, and need no network
scenario = load_scenario("education")
scenario

# %% [markdown]
# ## The year, month by month

# %%
run = simulate(scenario, seed=SEED, customers=CUSTOMERS, workers=1)
card = run.scorecard
months = pd.DataFrame(
    {
        "month": scenario.months,
        "leads": card.monthly("leads"),
        "enrolments": card.monthly("conversions"),
    }
)
months

# %%
tidy = months.melt("month", var_name="what", value_name="people")
alt.Chart(tidy, width=480, height=200).mark_line(point=True).encode(
    x=alt.X("month", title=None), y="people", color=alt.Color("what", title=None)
)

# %% [markdown]
# ## A quarter's price of a customer
#
# Media prices rise with the season, since everybody advertises then. The cost per new customer by
# quarter says whether the season pays for its prices.

# %%
quarters = [scope for scope in card.scopes() if scope.startswith("quarter:")]
by_quarter = card.table(quarters)
by_quarter[by_quarter["kpi"].isin(["leads", "conversions", "cac", "spend"])].pivot_table(
    index="scope", columns="kpi", values="value"
).round(0)

# %% [markdown]
# ## Fewer who call back
#
# The same families in the same markets; the desk differs, and with it how long a lead waits. The
# difference of the larger desk to the smaller one, paired, with 95 % intervals.

# %%
desk = compare_scenarios(
    variants_of(["education"], {"desk.agents": [str(n) for n in ADVISORS]}),
    ["last_year"],
    replications=DRAWS,
    customers=CUSTOMERS,
    seed=SEED,
    workers=1,
)
steps = desk.against()
KPIS = ["leads", "conversions", "lead_conversion_rate", "satisfaction", "profit"]
steps = steps[steps["kpi"].isin(KPIS)].set_index("kpi")[["difference", "low", "high"]]
steps.round(3)

# %%
enrolled = steps.loc["conversions"]
print(
    f"{ADVISORS[1]} advisors, not {ADVISORS[0]}: {enrolled['difference']:+,.0f} enrolments "
    f"[{enrolled['low']:+,.0f}, {enrolled['high']:+,.0f}]"
)

# %% [markdown]
# `tiermix plan education` plans the months around these seasons; its rules let open days take place
# only in the run-up to a term.
