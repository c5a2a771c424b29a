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
# # Go or no-go, before the money is spent
#
# An analyst's hour: somebody wants to spend next year's budget by the optimizer's plan. The plan is
# lived in drawn worlds beside last year's split and an even one, and five questions decide: does it
# keep the rules, is it ahead, how bad can it get, are the goals reached, and would it be worth to
# know more first? The market below is small, so that the page runs at once. Raise `CUSTOMERS` and
# `DRAWS` before you sign.

# %% tags=["parameters"]
SCENARIO = "retail"
BUDGET = "90%"
CUSTOMERS = 500
DRAWS = 4
SEED = 1
LOSS = 0.0  # a lead below this is no-go
GOALS = 0.5  # chance that each goal is to have

# %%
from experiments import compare
from scenarios import load_scenario
from tiermix.core import figures

scenario = load_scenario(SCENARIO, {"budget": BUDGET})
found = compare(
    scenario,
    ["last_year", "equal_within_rules", "lp"],
    replications=DRAWS,
    customers=CUSTOMERS,
    seed=SEED,
    workers=1,
)
found

# %% [markdown]
# ## Does the plan keep the rules?
#
# Rules on money are held against every plan, exactly. Rules on what money brings are held against
# the years that were lived, so that a small market may break one by luck.

# %%
PLAN = "lp"
standing = found.standing(PLAN)
for rule in (*standing.broken, *standing.lived):
    print(rule.words)
allowed = PLAN in found.eligible
print("allowed and can be followed:", allowed)

# %% [markdown]
# ## Is it ahead of what was done last year?
#
# The difference is paired: the same people with the same luck live both plans. An interval that
# holds 0 says that these draws cannot tell, not that there is no difference.

# %%
lead = found.ahead(PLAN, "last_year")
print(
    f"{found.objective}: {figures.number(lead.estimate)} "
    f"[{figures.number(lead.low)}, {figures.number(lead.high)}] {found.currency}"
)
ahead = lead.low > 0

# %% [markdown]
# ## How bad can it get?
#
# The worst world that was drawn, for the plan and for last year's split.

# %%
worlds = found.values(found.objective)
worst = worlds[[PLAN, "last_year"]].min()
worst.round(0)

# %% [markdown]
# ## Are the goals reached?

# %%
chances = found.goal_probabilities()
mine = chances[chances["strategy"] == PLAN].set_index("goal")
mine[["probability", "low", "high"]]

# %% [markdown]
# ## What would it be worth to know more first?
#
# A plan on the scenario's own curves knows what only a simulator can know. Its lead is the most
# that tests and better data could bring. It is asked here only where that plan was among those
# that were lived; add `lp_known_curves` to the list above to see it.

# %%
more = found.knowing_more()
print("not asked" if more is None else f"{more[0]}: {figures.number(more[1].estimate)}")

# %% [markdown]
# ## The verdict
#
# *Go* needs all of it; *no-go* is said where the plan may not be followed or is surely behind;
# what is left is *wait*: more draws, or a test, before the money is spent.

# %%
reasons = []
if not allowed:
    reasons.append("the plan breaks a rule, or cannot be followed")
if lead.high < LOSS:
    reasons.append("it is surely behind last year's split")
verdict = "no-go" if reasons else "go"
if not reasons:
    if not ahead:
        reasons.append("these draws cannot tell it from last year's split")
    low = mine[mine["probability"] < GOALS]
    reasons += [f"{goal} is reached in less than half of the draws" for goal in low.index]
    verdict = "wait" if reasons else "go"
print(verdict, *reasons, sep="\n- ")
