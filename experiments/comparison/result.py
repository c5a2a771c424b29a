"""Comparison: what came of each strategy in each world, and what may be concluded from it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd
from markupsafe import escape

from experiments.comparison.document import ComparisonDocument, StrategyDocument
from experiments.comparison.paired import (
    SharedErrors,
    difference_table,
    goal_table,
    kpi_table,
    sign,
    with_profit,
)
from experiments.comparison.significance import widened
from experiments.comparison.strategies import STRATEGIES
from experiments.comparison.strategy import Choice, Strategy
from experiments.stats import Interval, chosen_elsewhere, regret, t_interval
from tiermix.core.arrays import Floats
from tiermix.core.errors import TiermixError
from tiermix.core.plain import plain

if TYPE_CHECKING:
    from optimize import ResponseCurves

OUTCOME_COLUMNS = ("strategy", "world", "scope", "kpi", "value", "se")
PLAN_COLUMNS = ("strategy", "world", "channel", "month", "amount")
GOAL_COLUMNS = ("strategy", "world", "goal", "kpi", "actual", "target", "met")
GOALS = ["goal", "kpi", "actual", "target", "met", "probability", "low", "high"]
BEST_FOUND = "the best found"
"""What a regret of 0 in every world is: no estimate."""
DIFFERENCES = ["difference", "low", "high", "p_adjusted", "better", "worse"]
SHOWN_WORLD = 0
"""Where plans differ between worlds, the one whose plan is shown and written as a file."""


class ComparisonError(TiermixError):
    """A comparison that was asked for something that it does not hold."""


@dataclass(frozen=True)
class Best:
    """The strategy with the best mean, and how far that can be trusted.

    `lead` is its paired lead over the runner-up, its interval widened for the number of rivals;
    `ahead_of_every_rival` says that the lead over *every* rival excludes zero, adjusted for their
    number; `selection_stability` is the share of worlds whose verdict, had it been made without
    them, would have been the same.
    """

    strategy: str
    runner_up: str | None
    lead: Interval[float]
    ahead_of_every_rival: bool
    selection_stability: float


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Strategies tried in the same worlds, as tidy tables; everything else follows from them.

    `outcomes`: one row per `strategy, world, scope, kpi` with `value` and `se`, the error of
    simulation within the world; scopes are `all`, `tier:1`, `channel:douyin`, `month:2026-03`.
    `plans`: `strategy, world, channel, month, amount`, money in the scenario's currency.
    `goals`: `strategy, world, goal, kpi, actual, target, met`.
    Where profit was not measured itself it is margin less spend.
    `objective` is the KPI that decides; `baseline` the strategy that others are held against;
    `tried` what is said of strategies that are not in the table; `seconds` where the time went.
    `shared` are errors that all worlds have in common: of curves that were measured once.
    """

    scenario: str
    seed: int
    customers: int
    outcomes: pd.DataFrame
    plans: pd.DataFrame
    goals: pd.DataFrame
    objective: str = "margin"
    baseline: str = "last_year"
    currency: str = ""
    scenario_hash: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    tried: tuple[Strategy, ...] = ()
    shared: SharedErrors | None = None

    def __post_init__(self) -> None:
        _check(self.outcomes, "outcomes", OUTCOME_COLUMNS)
        _check(self.plans, "plans", PLAN_COLUMNS)
        _check(self.goals, "goals", GOAL_COLUMNS)
        if self.outcomes.empty:
            raise ComparisonError("there are no outcomes to compare; run at least one strategy.")
        keys = list(OUTCOME_COLUMNS[:4])
        twice = self.outcomes[self.outcomes.duplicated(keys)]
        if not twice.empty:
            row = ", ".join(map(str, twice.iloc[0][keys]))
            raise ComparisonError(f"the outcomes hold {row} twice; give each figure once.")
        object.__setattr__(self, "outcomes", with_profit(self.outcomes))

    @property
    def strategies(self) -> list[str]:
        """Names of the strategies, in the order in which they were run."""
        return list(dict.fromkeys(self.outcomes["strategy"]))

    def strategy(self, name: str) -> Strategy | None:
        """What is known of a strategy; None for outcomes of one that nobody described."""
        mine = (strategy for strategy in self.tried if strategy.name == name)
        return next(mine, STRATEGIES.get(name))

    def label(self, name: str) -> str:
        """A strategy's name in reports."""
        strategy = self.strategy(name)
        return strategy.label if strategy else name

    @property
    def replications(self) -> int:
        """Number of worlds."""
        return int(self.outcomes["world"].nunique())

    def values(self, kpi: str, scope: str = "all") -> pd.DataFrame:
        """One KPI by world (rows) and strategy (columns).

        Raises `ComparisonError` for a KPI that was not measured in this scope.
        """
        rows = self.outcomes.query("kpi == @kpi and scope == @scope")
        if rows.empty:
            known = self.outcomes.loc[self.outcomes["scope"] == scope, "kpi"].unique()
            raise ComparisonError(
                f"{kpi!r} was not measured for the scope {scope!r}; "
                f"there are {', '.join(sorted(known)) or 'no KPIs at all'}."
            )
        wide = rows.pivot_table(index="world", columns="strategy", values="value", dropna=False)
        return wide[[name for name in self.strategies if name in wide]]

    def merit(self, kpi: str) -> pd.DataFrame:
        """The same turned so that more is better: costs and spend with their sign changed."""
        return sign(kpi) * self.values(kpi)

    def kpis(self) -> pd.DataFrame:
        """Every KPI: `strategy, scope, kpi, mean, se, spread, simulation_se, worlds`.

        `se` is the error of the mean over worlds, `spread` how far worlds lie apart, and
        `simulation_se` the part of the error that more customers would remove.
        """
        return kpi_table(self.outcomes)

    def against(self, baseline: str | None = None, *, level: float = 0.95) -> pd.DataFrame:
        """Paired differences to a baseline by strategy, scope and KPI.

        Columns `difference, se, low, high`: Student's interval over worlds, each for itself;
        `relative` to the baseline's mean; `p`, and `p_adjusted` for the number of differences;
        `better` and `worse`: improvements and losses that remain after it (see
        `experiments.comparison.significance`). With a single world the interval covers the error
        of simulation only.
        """
        reference = baseline or self.baseline
        self._require(reference)
        more: dict[str, Any] = {"objective": self.objective, "shared": self.shared}
        return difference_table(self.outcomes, reference, level, **more)

    def regret_by_world(self, kpi: str | None = None) -> pd.DataFrame:
        """What each strategy falls short of the best found, by world (rows) and strategy.

        The best is chosen on other worlds than those that judge it (cross-fitting), see
        `experiments.stats.regret`; a strategy may therefore do better than it here and there.
        """
        names, gains = self._gains(kpi or self.objective)
        worlds = self.values(kpi or self.objective).index
        return pd.DataFrame(regret(gains).T, index=worlds, columns=names)

    def regret(self, kpi: str | None = None) -> pd.DataFrame:
        """Mean regret over worlds: `strategy, mean, se, low, high`; see `regret_by_world`.

        `best_found`: it is what others are held against in every world, so that its regret is 0
        by definition and has no error.
        """
        short = self.regret_by_world(kpi)
        interval = t_interval(short.to_numpy(float).T)
        table = pd.DataFrame(interval._asdict()).rename(columns={"estimate": "mean"})
        table.insert(0, "strategy", short.columns)
        return table.assign(best_found=(short == 0.0).all().to_numpy())

    def best(self, kpi: str | None = None, *, among: list[str] | None = None) -> Best:
        """The strategy with the best mean of a KPI, and how sure that is."""
        names, gains = self._gains(kpi or self.objective, among)
        order = np.argsort(-gains.mean(axis=1), kind="stable")
        first, rivals = int(order[0]), order[1:]
        leads = t_interval(gains[first] - gains[rivals], comparisons=max(len(rivals), 1))
        if self.shared is not None and len(rivals):
            key = ("all", kpi or self.objective)
            common = np.array([self.shared.of(names[first], *key, names[n]) for n in rivals])
            free = np.full(len(rivals), gains.shape[1] - 1.0)
            leads, _ = widened(leads, free, common, self.shared.draws, 0.025 / len(rivals))
        several = gains.shape[1] > 1
        return Best(
            strategy=names[first],
            runner_up=names[rivals[0]] if len(rivals) else None,
            lead=Interval(*(float(part[0]) if len(rivals) else math.nan for part in leads)),
            ahead_of_every_rival=bool(len(rivals)) and bool((leads.low > 0).all()),
            selection_stability=(
                float((chosen_elsewhere(gains) == first).mean()) if several else math.nan
            ),
        )

    @property
    def followable(self) -> list[str]:
        """Strategies that a company could follow, without a simulator's privileged knowledge."""
        known = {name: self.strategy(name) for name in self.strategies}
        return [name for name, strategy in known.items() if not (strategy and strategy.privileged)]

    def goal_probabilities(self, *, level: float = 0.95) -> pd.DataFrame:
        """How likely each strategy meets each goal, over worlds.

        Columns `strategy, goal, kpi, actual, target, probability, low, high, met, worlds`: means
        of outcome and target, the share of worlds that meet the goal with Wilson's interval, and
        whether more than half of them do.
        """
        return goal_table(self.goals, level)

    def spend(self) -> pd.Series:
        """Money spent by strategy, mean over worlds: as measured, or as planned."""
        if "spend" in set(self.outcomes.loc[self.outcomes["scope"] == "all", "kpi"]):
            return self.values("spend").mean()
        totals = self.plans.groupby(["strategy", "world"])["amount"].sum()
        return totals.groupby("strategy").mean().reindex(self.strategies, fill_value=0.0)

    def plan(self, strategy: str, *, world: int | None = None) -> pd.DataFrame:
        """A strategy's plan in a world, or the mean over worlds: `channel, month, amount`."""
        self._require(strategy)
        rows = self.plans[self.plans["strategy"] == strategy]
        if world is not None:
            rows = rows[rows["world"] == world]
        worlds = max(rows["world"].nunique(), 1)
        sums = rows.groupby(["channel", "month"], sort=False)["amount"].sum() / worlds
        return sums.reset_index()

    def shown_plan(self, strategy: str) -> pd.DataFrame:
        """The plan that is shown, and written as `plan.csv`: that of the first world.

        The mean over worlds is no plan of any program, and nobody's recommendation.
        """
        return self.plan(strategy, world=SHOWN_WORLD)

    def plan_differs(self, strategy: str) -> bool:
        """Whether a strategy plans otherwise in other worlds, where a company sees other data."""
        rows = self.plans[self.plans["strategy"] == strategy]
        spread = rows.groupby(["channel", "month"])["amount"].agg(["min", "max"])
        return bool((spread["max"] - spread["min"] > 0.5).any())

    def to_dict(self) -> ComparisonDocument:
        """The comparison's part of the JSON document of `tiermix run`; None where unknown."""
        best = self.best()
        document = {
            "scenario": self.scenario,
            "scenario_hash": self.scenario_hash,
            "seed": self.seed,
            "customers": self.customers,
            "replications": self.replications,
            "baseline": self.baseline,
            "strategies": self._strategy_documents(),
            "best": best.strategy,
            "certainty": {
                "objective": self.objective,
                "runner_up": best.runner_up,
                "lead": best.lead._asdict(),
                "separated": best.ahead_of_every_rival,
                "chosen": best.selection_stability,
                "best_followable": self._best_followable(),
            },
            "seconds": self.seconds,
        }
        return cast(ComparisonDocument, plain(document))

    def table(self) -> pd.DataFrame:
        """A row a strategy: `spend`, the deciding KPI, its lead over the baseline, `regret`.

        Figures are words: means with standard errors, differences with their interval.
        """
        means, steps = (_of_kpi(t, self.objective) for t in (self.kpis(), self._steps()))
        regrets, spend = self.regret().set_index("strategy"), self.spend()
        rows = [
            (name, f"{spend[name]:,.0f}", _with_error(means, name), _with_range(steps, name),
             BEST_FOUND if regrets.loc[name, "best_found"] else _with_error(regrets, name))
            for name in regrets.index
        ]  # fmt: skip
        columns = ["strategy", "spend", self.objective, f"against {self.baseline}", "regret"]
        return pd.DataFrame(rows, columns=columns)

    def _repr_html_(self) -> str:
        return f"<p>{escape(self._title())}</p>{self.table().to_html(index=False, border=0)}"

    def __repr__(self) -> str:
        return f"{self._title()}\n{self.table().to_string(index=False)}"

    def _title(self) -> str:
        return (
            f"Comparison of {', '.join(self.strategies)} on {self.scenario} "
            f"over {self.replications} worlds of {self.customers:,} customers (seed {self.seed})"
        )

    def _strategy_documents(self) -> list[StrategyDocument]:
        kpis, steps, goals = self.kpis(), self._steps(), self.goal_probabilities()
        regrets, spend = self.regret().set_index("strategy"), self.spend()
        return [
            {
                "name": str(name),
                "spend": spend[name],
                "kpis": _by_kpi(kpis, name, ["mean", "se", "spread", "simulation_se"]),
                "regret": {end: regrets.loc[name, end] for end in ("mean", "se", "best_found")},
                "against_baseline": _by_kpi(steps, name, DIFFERENCES),
                "goals": _records(goals.loc[goals["strategy"] == name, GOALS]),
            }
            for name in regrets.index
        ]

    def _gains(self, kpi: str, among: list[str] | None = None) -> tuple[list[str], Floats]:
        """Names and values [S, W] of a KPI, turned so that more is better."""
        wide = self.merit(kpi)
        wide = wide[[name for name in wide if among is None or name in among]]
        incomplete = wide.columns[wide.isna().any()]
        if wide.empty or len(incomplete):
            what = (
                f"is missing for {incomplete[0]} in some world" if len(incomplete) else "is empty"
            )
            raise ComparisonError(
                f"{kpi!r} {what}, so that it cannot decide between strategies; "
                "choose an objective that every strategy has in every world."
            )
        return list(wide.columns), wide.to_numpy(float).T

    def _steps(self) -> pd.DataFrame:
        """Differences to the baseline, or an empty table when it was not run."""
        if self.baseline in self.strategies:
            return self.against()
        return difference_table(self.outcomes, self.strategies[0], 0.95).iloc[:0]

    def _best_followable(self) -> str | None:
        return self.best(among=self.followable).strategy if self.followable else None

    def _require(self, strategy: str) -> None:
        if strategy not in self.strategies:
            raise ComparisonError(
                f"the strategy {strategy!r} was not part of this comparison; "
                f"it has {', '.join(self.strategies)}."
            )


@dataclass(frozen=True)
class Study:
    """A comparison with the choices behind it: plan by strategy and world, curves, base year."""

    comparison: Comparison
    choices: dict[str, list[Choice]]
    known: ResponseCurves | None


def _check(table: pd.DataFrame, name: str, columns: tuple[str, ...]) -> None:
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise ComparisonError(
            f"the table of {name} has no column {missing[0]!r}; it needs {', '.join(columns)}."
        )


def _by_kpi(table: pd.DataFrame, strategy: object, columns: list[str]) -> dict[str, Any]:
    rows = table[(table["strategy"] == strategy) & (table["scope"] == "all")]
    return {str(row["kpi"]): {c: row[c] for c in columns} for _, row in rows.iterrows()}


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def _of_kpi(table: pd.DataFrame, kpi: str) -> pd.DataFrame:
    return table[(table["scope"] == "all") & (table["kpi"] == kpi)].set_index("strategy")


def _with_error(table: pd.DataFrame, row: Any) -> str:
    if row not in table.index:
        return ""
    return f"{table['mean'][row]:,.0f} ± {table['se'][row]:,.0f}"


def _with_range(table: pd.DataFrame, row: Any) -> str:
    if row not in table.index:
        return ""
    low, high = table["low"][row], table["high"][row]
    return f"{table['difference'][row]:+,.0f} [{low:+,.0f}, {high:+,.0f}]"
