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
# # The annual plan, asked the way it is asked in meetings
#
# A strategist's hour: make the plan, then ask it. What if the budget is cut by 20 %? What does the
# CAC cap cost us? Which goal binds? Every answer comes with a bound that no plan exceeds. The
# curves below are measured on few customers, so that the page runs at once; raise the number and
# the figures settle.

# %% tags=["parameters"]
SCENARIO = "retail"
CUSTOMERS = 400
LESS = 0.8  # of the budget

# %%
import altair as alt

from experiments import binding_picture, frontier_picture, measure_curves, plan_picture
from optimize import InfeasiblePlan, allocate, dial, frontier
from scenarios import CacCap, Goal, load_scenario

alt.renderers.enable("svg")  # pictures are drawn here, and need no network
scenario = load_scenario(SCENARIO)
curves = measure_curves(scenario, customers=CUSTOMERS, workers=1)

# %% [markdown]
# ## The plan
#
# Rules about outcomes (a CAC cap, a floor on orders) depend on the curves; where they cannot be
# kept, the program names the rules in conflict and the least change that helps. Here we start with
# the rules about money and add the others one by one. The objective here is margin before media,
# under which a plan spends its whole budget; the scenario's own is profit, which leaves unspent
# what would not come back.

# %%
money_rules = tuple(rule for rule in scenario.rules if not rule.on_outcomes)
year = scenario.model_copy(update={"rules": money_rules, "goals": (), "objective": "margin"})
plan = allocate(year, curves)
plan

# %%
plan_picture(plan, year)

# %%
binding_picture(plan)

# %% [markdown]
# ## “What if we get 20 % less?”
#
# The same rules with four fifths of the money: what is lost, and where it is taken from. It is
# less than 20 %, because the last unit of money brings the least.

# %%
less = allocate(year, curves, budget=LESS * scenario.budget)
lost = 1 - less.objective.value / plan.objective.value
taken = (plan.spend.sum(axis=1) - less.spend.sum(axis=1)).sort_values(ascending=False)
print(f"{plan.objective.name}: {lost:.1%} less for {1 - LESS:.0%} less money")
taken.round(0)

# %%
budgets = frontier(year, curves, budgets=7, gap=1e-3)
frontier_picture(budgets)

# %% [markdown]
# ## “What does the CAC cap cost us?”
#
# A cap a little below what the plan would pay for a new customer, then a dial over it. The price
# in words is the slope of the dial.

# %%
cac = plan.kpis["cac"]
capped = year.model_copy(update={"rules": (*money_rules, CacCap(name="CAC cap", cap=0.97 * cac))})
with_cap = allocate(capped, curves)
price = next(p for p in with_cap.shadow_prices if p.rule == "CAC cap")
print(price.words)
print(f"in all it costs {plan.objective.value - with_cap.objective.value:,.0f}")

# %%
caps = dial(capped, curves, "CAC cap", [0.94 * cac, 0.97 * cac, cac, 1.03 * cac], gap=1e-3)
frontier_picture(caps)

# %% [markdown]
# ## “Which goal binds?”
#
# Goals become rules with `as_rule`. One that the plan reaches anyway costs nothing, one that
# competes with the objective has a price, and one that is out of reach is told with the rules that
# stand against it.

# %%
goals = (
    Goal(name="orders as planned", kpi="conversions", level=0.98 * plan.kpis["conversions"],
         as_rule=True),
    Goal(name="cheaper customers", kpi="cac", level=0.98 * cac, as_rule=True),
)  # fmt: skip
asked = allocate(year.model_copy(update={"goals": goals}), curves)
names = {goal.name for goal in goals}
for one in asked.shadow_prices:
    if one.rule in names:
        print(one.words)

# %%
far = Goal(
    name="twice the orders", kpi="conversions", level=2 * plan.kpis["conversions"], as_rule=True
)
refused = None
try:
    allocate(year.model_copy(update={"goals": (far,)}), curves)
except InfeasiblePlan as nothing:
    refused = nothing
print(refused)
