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
# # Sweeps and sensitivity: what the answer hangs on
#
# A recommendation comes out of a scenario in which much is assumed. Three ways of asking what it
# hangs on: a *sweep* turns one or two things and looks at each, a *sensitivity study* asks which of
# all that is uncertain could turn the choice, and a *dial* turns a rule of the plan and reads its
# price. Sizes are small here, so that the page runs soon; raise them before you believe it.

# %% tags=["parameters"]
SCENARIO = "retail"
CUSTOMERS = 500
DRAWS = 4
SEED = 1
SETTINGS = {"budget": ["80%", "100%", "120%"], "price_inflation": ["0.02", "0.10"]}
STRATEGIES = ["last_year_within_rules", "equal_within_rules"]
UNCERTAIN = ["channels.douyin.half", "channels.xiaohongshu.half", "behaviour.goodwill_gain"]

# %%
import altair as alt

from experiments import (
    compare_scenarios,
    frontier_picture,
    measure_curves,
    sensitivity,
    variants_of,
)
from optimize import allocate, dial
from scenarios import CacCap, load_scenario

alt.renderers.enable("svg")  # pictures are drawn here, and need no network
SIZE = {"replications": DRAWS, "customers": CUSTOMERS, "seed": SEED, "workers": 1}

# %% [markdown]
# ## A sweep over two things
#
# Every combination is a variant; all of them live through the same draws with the same people, so
# that differences between them are paired and narrow.

# %%
swept = compare_scenarios(variants_of([SCENARIO], SETTINGS), ["last_year"], **SIZE)
swept

# %%
profit = swept.against()
profit = profit[profit["kpi"] == "profit"].copy()
labels = {cell.name: swept.label(cell) for cell in swept.cells}
profit["variant"] = profit["strategy"].map(labels)
alt.Chart(profit, width=420, height=180).mark_rule(strokeWidth=3).encode(
    x=alt.X("low", title="profit against the first variant (95 % interval)"),
    x2="high",
    y=alt.Y("variant", title=None, sort=None),
)

# %% [markdown]
# ## What could turn the choice
#
# A scenario's `uncertainty` lists what a planner cannot know. Over draws of it, which share of the
# lead does each parameter explain, and would another strategy win at some value of it? Below 24
# draws no shares are told: it says so, rather than tell noise.

# %%
hangs = sensitivity(
    load_scenario(SCENARIO),
    STRATEGIES,
    parameters=UNCERTAIN,
    replications=DRAWS,
    customers=CUSTOMERS,
    moves=2,
    repeats=2,
    seed=SEED,
    workers=1,
)
hangs

# %%
hangs.table()[["name", "value", "low", "high", "turns_at"]].round(3)

# %% [markdown]
# ## A dial over a rule
#
# What does each step of a cap on CAC cost? The curves are measured once; each point is a plan with
# its own certificate.

# %%
scenario = load_scenario(SCENARIO)
money_rules = tuple(rule for rule in scenario.rules if not rule.on_outcomes)
year = scenario.model_copy(update={"rules": money_rules, "goals": ()})
curves = measure_curves(scenario, customers=400, workers=1)
free = allocate(year, curves)
cac = free.kpis["cac"]
capped = year.model_copy(update={"rules": (*money_rules, CacCap(name="CAC cap", cap=cac))})
steps = dial(capped, curves, "CAC cap", [share * cac for share in (0.9, 0.95, 1.0, 1.05)], gap=1e-3)
frontier_picture(steps)

# %% [markdown]
# The same as commands: `tiermix compare retail --budget 80%,100%,120%`, and
# `tiermix sensitivity retail`, which keeps what it has done when it is cut off.
