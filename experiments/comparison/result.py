"""Comparison: what came of each strategy in each world, and what may be concluded from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pandas as pd
from markupsafe import escape

from experiments.comparison.cells import BEST_FOUND as BEST_FOUND
from experiments.comparison.cells import in_words, of_kpi
from experiments.comparison.document import (
    ComparisonDocument,
    StrategyDocument,
    Tables,
    last_year_document,
    strategy_documents,
    tests_cost,
)
from experiments.comparison.last_year import AS_IT_WAS as AS_IT_WAS
from experiments.comparison.last_year import against, means_of, unused
from experiments.comparison.paired import (
    SharedErrors,
    difference_table,
    goal_table,
    kpi_table,
    no_differences,
    sign,
    with_profit,
)
from experiments.comparison.planning import Lived
from experiments.comparison.rules_kept import Standing
from experiments.comparison.strategies import STRATEGIES
from experiments.comparison.strategy import Choice, Strategy
from experiments.comparison.verdict import Best as Best
from experiments.comparison.verdict import best_of
from experiments.risk import risk_documents
from experiments.stats import Interval, regret, t_interval
from tiermix.core.arrays import Floats
from tiermix.core.errors import TiermixError
from tiermix.core.plain import plain

if TYPE_CHECKING:
    from optimize import ResponseCurves

OUTCOME_COLUMNS = ("strategy", "world", "scope", "kpi", "value", "se")
PLAN_COLUMNS = ("strategy", "world", "channel", "month", "amount")
GOAL_COLUMNS = ("strategy", "world", "goal", "kpi", "actual", "target", "met")
SHOWN_WORLD = 0
"""Where plans differ between worlds, the one whose plan is shown and written as a file."""


class ComparisonError(TiermixError):
    """A comparison that was asked for something that it does not hold."""


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Strategies tried in the same worlds, as tidy tables; everything else follows from them.

    `outcomes`: one row per `strategy, world, scope, kpi` with `value` and `se`, the error of
    simulation within the world; scopes are `all`, `tier:1`, `channel:douyin`, `month:2026-03`.
    `plans`: `strategy, world, channel, month, amount`, money in the scenario's currency.
    `last_year`: `world, scope, kpi, value, se` of the year before, as each world lived it.
    `goals`: `strategy, world, goal, kpi, actual, target, met`.
    Where profit was not measured itself it is margin less spend.
    `objective` is the KPI that decides; `baseline` the strategy that others are held against;
    `tried` what is said of strategies that are not in the table; `seconds` where the time went.
    `shared` are errors that all worlds have in common: of curves that were measured once.
    `standings` say which of the scenario's rules each strategy keeps; whoever is not named there is
    taken to keep all. `notes` are what strategies had to say of their plans, `tests` the lift tests
    that they made for them (means over draws by channel), `diaries` their reviews, draw by draw.
    """

    scenario: str
    seed: int
    customers: int
    outcomes: pd.DataFrame
    plans: pd.DataFrame
    goals: pd.DataFrame
    objective: str = "profit"
    baseline: str = "last_year"
    currency: str = ""
    scenario_hash: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    tried: tuple[Strategy, ...] = ()
    shared: SharedErrors | None = None
    standings: Mapping[str, Standing] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    tests: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    diaries: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    last_year: pd.DataFrame = field(default_factory=pd.DataFrame)

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

    def before(self) -> pd.DataFrame:
        """Last year as it was, over worlds: `scope, kpi, mean, se, spread, …`; empty if unknown."""
        return means_of(self.last_year)

    def against_last_year(self, *, level: float = 0.95) -> pd.DataFrame:
        """Differences to last year as it was, as in `against`; empty where it is not known."""
        return against(self.outcomes, self.last_year, level)

    def unused(self) -> pd.DataFrame:
        """Money that capped channels leave: `strategy, channel, planned, spent`, over worlds."""
        return unused(self.outcomes, self.plans)

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
        return best_of(names, gains, kpi or self.objective, self.shared)

    @property
    def followable(self) -> list[str]:
        """Strategies that a company could follow, without a simulator's privileged knowledge."""
        known = {name: self.strategy(name) for name in self.strategies}
        return [name for name, strategy in known.items() if not (strategy and strategy.privileged)]

    def standing(self, name: str) -> Standing:
        """How a strategy stands to the scenario's rules."""
        return self.standings.get(name, Standing())

    @property
    def eligible(self) -> list[str]:
        """Strategies that keep all rules and that a company could follow: one of them is best."""
        mine = ((name, self.standing(name)) for name in self.followable)
        return [name for name, standing in mine if standing.allowed and standing.has_plan]

    def recommended(self) -> Best | None:
        """The best of the strategies that are allowed and can be followed; None without any."""
        return self.best(among=self.eligible) if self.eligible else None

    @property
    def shown(self) -> str:
        """The strategy whose plan is shown: the recommended one, else the best of all."""
        best = self.recommended() or self.best()
        return best.strategy

    def ahead(self, strategy: str, other: str) -> Interval[float]:
        """By how much of the objective a strategy is better than another, paired over worlds."""
        step, turn = of_kpi(self.against(other), self.objective).loc[strategy], sign(self.objective)
        low, high = sorted((turn * float(step["low"]), turn * float(step["high"])))
        return Interval(turn * float(step["difference"]), float(step["se"]), low, high)

    def knowing_more(self) -> tuple[str, Interval[float]] | None:
        """The best strategy that no company can follow, and what it earns beyond the shown one."""
        others = [name for name in self.strategies if name not in self.followable]
        privileged = [name for name in others if self.standing(name).has_plan]
        if not privileged or self.shown in privileged:
            return None
        best = self.best(among=privileged).strategy
        return best, self.ahead(best, self.shown)

    def tests_cost(self, name: str) -> float:
        """What a strategy's lift tests cost of last year's margin, in the mean over worlds."""
        return tests_cost(self.tests.get(name, ()), self.replications)

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
        best, more = self.recommended() or self.best(), self.knowing_more()
        among = self.followable
        document = {
            "scenario": self.scenario,
            "scenario_hash": self.scenario_hash,
            "seed": self.seed,
            "customers": self.customers,
            "replications": self.replications,
            "baseline": self.baseline,
            "last_year": last_year_document(self.before()),
            "strategies": self._strategy_documents(),
            "best": best.strategy if self.eligible else None,
            "best_of_all": self.best().strategy,
            "certainty": {
                "objective": self.objective,
                "runner_up": best.runner_up,
                "lead": best.lead._asdict(),
                "separated": best.ahead_of_every_rival,
                "chosen": best.selection_stability,
                "best_followable": self.best(among=among).strategy if among else None,
                "knowing_more": more and {"strategy": more[0], **more[1]._asdict()},
            },
            "seconds": self.seconds,
        }
        return cast(ComparisonDocument, plain(document))

    def table(self) -> pd.DataFrame:
        """A row a strategy: `spend`, the deciding KPI, its lead over the baseline, `regret`.

        Figures are words: means with standard errors, differences with their interval.
        """
        means, steps = (of_kpi(t, self.objective) for t in (self.kpis(), self._steps()))
        regrets = self.regret().set_index("strategy")
        return in_words(means, steps, regrets, self.spend(), self.objective, self.baseline)

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
        tables = Tables(
            self.kpis(), self._steps(), self.goal_probabilities(),
            self.regret().set_index("strategy"), self.spend(), self.against_last_year(),
            self.unused(),
        )  # fmt: skip
        said = (self.notes, self.tests, self.diaries, self.replications)
        found = strategy_documents(tables, self.standings, self.followable, *said)
        risk = risk_documents(self.outcomes, self.goals, self.objective)
        return [{**mine, "risk": risk[mine["name"]]} for mine in found]

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
        return no_differences(self.outcomes)

    def _require(self, strategy: str) -> None:
        if strategy not in self.strategies:
            raise ComparisonError(
                f"the strategy {strategy!r} was not part of this comparison; "
                f"it has {', '.join(self.strategies)}."
            )


@dataclass(frozen=True)
class Study:
    """A comparison with what is behind it: plan by strategy and world, curves, lived years."""

    comparison: Comparison
    choices: dict[str, list[Choice]]
    known: ResponseCurves | None
    lived: Lived


def _check(table: pd.DataFrame, name: str, columns: tuple[str, ...]) -> None:
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise ComparisonError(
            f"the table of {name} has no column {missing[0]!r}; it needs {', '.join(columns)}."
        )
