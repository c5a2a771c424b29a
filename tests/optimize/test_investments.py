"""Which investments to buy: the program against all sets tried one by one."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from optimize import best_investments
from optimize.plans.investments import investment_model
from tests.optimize.test_golden import GOLDEN, check

NAMES = ("cdp", "desk", "film", "loyalty", "rules")
Pair = frozenset[str]


def test_nothing_to_buy_and_nothing_that_pays_buy_nothing() -> None:
    assert best_investments({}, {}, {}, 1.0) == ()
    assert best_investments({}, {}, {}, 1.0, least=1) is None
    assert best_investments({"cdp": -1.0}, {}, {"cdp": 0.5}, 1.0) == ()
    assert best_investments({"cdp": 0.0, "desk": 1.0}, {}, {"cdp": 0, "desk": 0}, 1.0) == ("desk",)
    assert best_investments({"cdp": -1.0}, {}, {"cdp": 0.5}, 1.0, least=1) == ("cdp",)
    assert best_investments({"cdp": 1.0}, {}, {"cdp": 2.0}, 1.0, least=1) is None


def test_a_pair_that_only_pays_together_is_found() -> None:
    gains, costs = {"cdp": -3e5, "rules": -2e5}, {"cdp": 9e5, "rules": 6e5}
    pair = {frozenset(gains): 8e5}
    assert best_investments(gains, pair, costs, 2e7) == ("cdp", "rules")
    assert best_investments(gains, pair, costs, 1e6) == ()
    assert best_investments(gains, {frozenset(gains): 4e5}, costs, 2e7) == ()


@pytest.mark.parametrize("seed", range(40))
def test_the_program_is_as_good_as_trying_every_set(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, len(NAMES) + 1))
    names = NAMES[:count]
    gains = dict(zip(names, rng.normal(0, 1e6, count).tolist(), strict=True))
    costs = dict(zip(names, rng.uniform(0, 1e6, count).tolist(), strict=True))
    pairs = [frozenset(p) for p in combinations(names, 2)]
    together = {p: float(rng.normal(0, 1e6)) for p in pairs if rng.random() < 0.7}
    apart = [p for p in pairs if rng.random() < 0.15]
    refused = [p for p in pairs if rng.random() < 0.1]
    least, budget = int(rng.integers(0, 2)), float(rng.uniform(2e5, 3e6))

    def allowed(some: tuple[str, ...]) -> bool:
        paid = sum(costs[n] for n in some) <= budget
        return paid and not any(p <= set(some) for p in [*apart, *refused])

    def worth(some: tuple[str, ...]) -> float:
        return sum(gains[n] for n in some) + sum(x for p, x in together.items() if p <= set(some))

    every = [c for k in range(least, count + 1) for c in combinations(names, k) if allowed(c)]
    found = best_investments(
        gains, together, costs, budget, alternatives=apart, refused=refused, least=least
    )
    if not every:
        assert found is None
    else:
        assert found is not None
        assert allowed(found)
        assert len(found) >= least
        assert worth(found) == pytest.approx(max(map(worth, every)), abs=1.0)


def test_the_program_is_written_as_it_was(tmp_path: Path) -> None:
    gains = {"cdp": -3e5, "film": 1e5, "rules": -2e5}
    costs = {"cdp": 9e5, "film": 3e5, "rules": 6e5}
    model = investment_model(
        gains, {frozenset({"cdp", "rules"}): 8e5}, costs, 2e6,
        alternatives=[frozenset({"film", "rules"})], refused=[frozenset(gains)], least=1,
    )  # fmt: skip
    path = tmp_path / "investments.lp"
    model.write(str(path), io_options={"symbolic_solver_labels": True})
    check(path.read_text(), GOLDEN / "programs" / "investments.lp")
