"""How well a company's own weeks tell what channels bring, against the truth of each drawn world.

    uv run python -m benchmarks.estimates retail b2b education --worlds 8
    uv run python -m benchmarks.estimates retail --tests 0.01 --keep FOLDER

In every world last year is lived by `--customers`; other people (`--truth`) live the planned year
once as it is and once without each channel's money, with the same luck: the difference over the
level is the channel's share. Estimates answer the same question with the curves of
`fit_aggregates`. `--tests E` adds hold-outs of all channels with a standard error of E of sales,
which stand for tests that the company made. `--keep` stores what was lived, so that another commit
can be held against the same worlds.

The truth has an error of its own. Shares are therefore drawn towards their mean over worlds by as
much as that error explains of their spread; coverage is of these.
"""

from __future__ import annotations

import argparse
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.curves import curve_arms, experiment_table, levels_of
from experiments.study import draw_worlds
from optimize import ResponseCurves, fit_aggregates
from optimize.model.response_model import ResponseModel
from scenarios import Scenario, load_scenario
from sim import Scorecard, Setting, simulate_arms, simulate_histories
from sim.output.tables import aggregates_frame
from tiermix.core.arrays import Floats

KPIS = ("conversions", "margin")
HISTORY_SEED, TRUTH_SEED = 41_000, 83_000  # people of the history, and others for the truth


@dataclass(frozen=True)
class World:
    """What a company sees of one drawn world, and what each channel was worth there."""

    aggregates: pd.DataFrame
    levels: dict[str, float]
    truth: pd.DataFrame


@dataclass(frozen=True)
class Shares:
    """Shares of one KPI by world and channel [W, C]: true ones, estimates and their 90 %."""

    channels: tuple[str, ...]
    true: Floats
    estimate: Floats
    low: Floats
    high: Floats

    @property
    def figures(self) -> dict[str, float]:
        """RMSE and width in percentage points, correlation within a world, coverage."""
        pairs = zip(self.true, self.estimate, strict=True)
        return {
            "rmse": 100 * float(np.sqrt(((self.estimate - self.true) ** 2).mean())),
            "correlation": float(np.mean([np.corrcoef(*pair)[0, 1] for pair in pairs])),
            "coverage": float(((self.low <= self.true) & (self.true <= self.high)).mean()),
            "width": 100 * float((self.high - self.low).mean()),
            "sum": 100 * float(self.estimate.sum(axis=1).mean()),
            "true_sum": 100 * float(self.true.sum(axis=1).mean()),
        }


def lived(scenario: Scenario, worlds: int, customers: int, others: int) -> list[World]:
    """Each drawn world's history, and the truth of its planned year."""
    found = []
    for number, world in enumerate(draw_worlds(scenario, 1, worlds)):
        seen = simulate_histories([Setting(world, customers, HISTORY_SEED + number)])[0].year
        year = replace(seen, scenario=scenario)
        past = simulate_histories([Setting(world, others, TRUTH_SEED + number)])[0]
        base, *without = simulate_arms([past], [curve_arms(world, (0.0,))])[0]
        spent = world.reference_plan.by_channel
        design = [(name, 0.0) for name in world.plannable if spent[name] > 0]
        table = experiment_table(base, without, design, KPIS)
        level = table["kpi"].map({kpi: Scorecard(base).monthly(kpi).sum() for kpi in KPIS})
        table["share"], table["error"] = -table["difference"] / level, table["se"] / level
        found.append(World(aggregates_frame(year), levels_of(Scorecard(year)), table))
    return found


def shares(scenario: Scenario, worlds: list[World], kpi: str, error: float) -> Shares:
    """Estimates of every world beside the truth; with tests of this `error` where it is above 0."""
    truths = [w.truth[w.truth["kpi"] == kpi].set_index("channel") for w in worlds]
    names = tuple(map(str, truths[0].index))
    true = settled(*(np.array([t[c].to_numpy() for t in truths]) for c in ("share", "error")))
    estimate, low, high = (np.zeros_like(true) for _ in range(3))
    for w, world in enumerate(worlds):
        luck = np.random.default_rng(w)
        met = true[w] + error * luck.normal(size=len(names))
        tests = {name: (float(x), error, 52) for name, x in zip(names, met, strict=True)}
        given: Mapping[str, object] = {"lift": tests} if error else {}
        curves = fit_aggregates(world.aggregates, scenario, last_year=world.levels, seed=w, **given)  # type: ignore[arg-type]
        for c, name in enumerate(names):
            draws, estimate[w, c] = without_money(scenario, curves, kpi, name)
            low[w, c], high[w, c] = np.quantile(draws, [0.05, 0.95])
    return Shares(names, true, estimate, low, high)


def settled(seen: Floats, error: Floats) -> Floats:
    """Shares [W, C] drawn towards their mean over worlds by what their errors explain."""
    mean = seen.mean(axis=0)
    between = np.maximum(seen.var(axis=0, ddof=1) - (error**2).mean(axis=0), 0.0)
    kept = between / np.maximum(between + error**2, 1e-300)
    return np.asarray(mean + kept * (seen - mean))


def without_money(
    scenario: Scenario, curves: ResponseCurves, kpi: str, channel: str
) -> tuple[Floats, float]:
    """What the curves say that a planned year without a channel's money loses, over its level."""
    model = ResponseModel(scenario, curves)
    usual = model.spend_of(scenario.reference_plan)
    bare = usual.copy()
    bare[model.channels.index(channel)] = 0.0
    assert curves.anchor is not None
    level = curves.anchor.level[kpi].sum()
    draws = [model.kpi_draws(kpi, x, curves.draws)[:, :-1].sum(axis=1) for x in (usual, bare)]
    point = [float(model.kpi(kpi, x)[:-1].sum()) for x in (usual, bare)]
    return (draws[0] - draws[1]) / level, (point[0] - point[1]) / level


def kept(folder: Path | None, name: str, args: argparse.Namespace) -> list[World]:
    """Worlds from the folder, or lived and put there."""
    file = None if folder is None else folder / f"{name}-{args.customers}-{args.worlds}.pickle"
    if file is not None and file.exists():
        return list(pickle.loads(file.read_bytes()))
    worlds = lived(load_scenario(name), args.worlds, args.customers, args.truth)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(pickle.dumps(worlds))
    return worlds


def table(found: Shares) -> pd.DataFrame:
    """Percentage points by channel, means over worlds."""
    rows = {
        "true": found.true, "estimate": found.estimate, "low": found.low, "high": found.high
    }  # fmt: skip
    return pd.DataFrame(
        {name: 100 * x.mean(axis=0) for name, x in rows.items()}, index=list(found.channels)
    ).T.round(1)


def main() -> None:
    parser = argparse.ArgumentParser(description="Estimates from weekly aggregates, beside truth.")
    parser.add_argument("scenarios", nargs="+")
    parser.add_argument("--worlds", type=int, default=8)
    parser.add_argument("--customers", type=int, default=3000)
    parser.add_argument("--truth", type=int, default=8000, help="customers of the truth")
    parser.add_argument("--tests", type=float, default=0.0, help="error of hold-outs, of sales")
    parser.add_argument("--keep", type=Path)
    args = parser.parse_args()
    for name in args.scenarios:
        worlds = kept(args.keep, name, args)
        for kpi in KPIS:
            found = shares(load_scenario(name), worlds, kpi, args.tests)
            told = ", ".join(f"{key} {value:.2f}" for key, value in found.figures.items())
            print(f"{name}, {kpi}: {told}\n{table(found).to_string()}\n", flush=True)


if __name__ == "__main__":
    main()
