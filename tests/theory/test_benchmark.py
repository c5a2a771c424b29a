"""Truth and regret of the benchmark against small programs that share no code with them.

They know `simulate` with a plan alone: a channel of these markets has no stock, so that it is off
when it gets no money.
"""

from itertools import permutations
from math import factorial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments import SuiteFolder, make_suite, score
from experiments.benchmark.folder import WorldFolder
from experiments.benchmark.truth import truth_of
from experiments.validation.credit_regret import plan_from_credit
from scenarios import MediaPlan
from sim import simulate
from tiermix.core.seeds import JUDGED_CREDIT, seed_of


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> SuiteFolder:
    """Three channels, so that all sets of them are eight years."""
    out = tmp_path_factory.mktemp("suite")
    return make_suite(out, size="tiny", markets=["pure_selection"], workers=1)


def orders(world: WorldFolder, plan: MediaPlan, seed: int) -> pd.DataFrame:
    """The orders of a year under a plan, as they stand in its log."""
    market = world.market
    run = simulate(
        market.drawn[world.number - 1], plan=plan, seed=seed, customers=market.customers, workers=1
    )
    table = run.log.conversions
    return table[table["kind"] == "order"]


def worth(world: WorldFolder, on: frozenset[str]) -> float:
    """Orders of the market with these channels on and the others without money."""
    plan = world.scenario.reference_plan
    amounts = np.array([
        row if name in on else np.zeros_like(row)
        for name, row in zip(plan.channels, plan.amounts, strict=True)
    ])  # fmt: skip
    funded = MediaPlan(plan.channels, plan.months, amounts)
    return len(orders(world, funded, world.market.world_seed(world.number))) * world.weight


@pytest.mark.long
def test_removal_and_shapley_are_those_of_all_sets_of_channels(made: SuiteFolder) -> None:
    world = made.worlds()[0]
    names = world.scenario.plannable
    value = {
        frozenset(order[:size]): 0.0
        for order in permutations(names)
        for size in range(len(names) + 1)
    }
    value = {on: worth(world, on) for on in value}
    everything = frozenset(names)
    removal = {name: value[everything] - value[everything - {name}] for name in names}
    shapley = dict.fromkeys(names, 0.0)
    for order in permutations(names):
        for place, name in enumerate(order):
            before = frozenset(order[:place])
            gain = value[before | {name}] - value[before]
            shapley[name] += gain / factorial(len(names))
    table, _ = made.answers(world)
    for estimand, known in (("removal", removal), ("shapley", shapley)):
        found = truth_of(table, estimand).effects.set_index("channel")["effect"].to_dict()
        assert found == pytest.approx(known)
    assert truth_of(table, "removal").together[0] == pytest.approx(
        value[everything] - value[frozenset()]
    )


@pytest.mark.long
def test_regret_is_what_plans_earn_less_in_the_same_market(made: SuiteFolder) -> None:
    credit = {"video": 10.0, "paid_search": 3e5, "retargeting": 2e5}
    rows, losses = [], []
    for world in made.worlds():
        table, facts = made.answers(world)
        effects = truth_of(table, "removal").effects
        truth = dict(zip(effects["channel"], effects["effect"], strict=True))
        earned = []
        for given in (truth, credit):
            plan = plan_from_credit(world.scenario, given, facts["margin_per_order"])
            seed = seed_of(JUDGED_CREDIT, world.market.world_seed(world.number))
            earned.append(float(orders(world, plan, seed)["margin"].sum()) * world.weight)
        losses.append(earned[0] - earned[1])
        rows += [("mine", world.market.name, world.number, name, x) for name, x in credit.items()]
    columns = ["model", "market", "world", "channel", "conversions"]
    mine = pd.DataFrame(rows, columns=columns).assign(low=np.nan, high=np.nan)
    found = score(made, mine, workers=1).sheets["pure_selection"].regret().set_index("plan")
    assert found.loc["mine", "mean"] == pytest.approx(np.mean(losses), rel=1e-6)
    assert found.loc["mine", "mean"] > 0


@pytest.mark.long
def test_the_world_on_disk_is_the_one_that_is_lived_again(
    made: SuiteFolder, tmp_path: Path
) -> None:
    world = made.worlds()[1]
    plan = world.scenario.reference_plan
    again = orders(world, plan, world.market.world_seed(world.number))
    table = world.log.conversions
    assert len(table[table["kind"] == "order"]) == len(again)
