"""Validation: what attribution models got right and wrong over many worlds, as tidy tables."""

from __future__ import annotations

import html
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

import numpy as np
import pandas as pd

from experiments.credit import EVERY_TOUCH, convention
from experiments.stats import mean_over_worlds, regret, t_interval
from experiments.validation.credit_error import MEASURES
from experiments.validation.credit_regret import TRUE_CREDIT
from experiments.validation.document import (
    ValidationDocument,
    failed_document,
    model_documents,
    rows_of,
)
from experiments.validation.estimands import truth_in_words
from experiments.validation.references import REFERENCES, TOGETHER
from experiments.validation.standing import standing
from experiments.validation.touch_error import TOUCH_MEASURES
from experiments.validation.world import DrawResult
from tiermix.core.figures import short_money, short_number

__all__ = [
    "GAPS",
    "MEASURES",
    "REFERENCES",
    "TOGETHER",
    "TOUCH_MEASURES",
    "TRUE_CREDIT",
    "Validation",
]

SUMMARY = ("misplaced", "over_credit", "kendall")
MOST_ROWS = 20
"""Rows of a repr; all are in `summary`."""
CELL = ["at", "model", "scope", "measure"]
ENDS = ["mean", "se", "low", "high"]

GAPS = (
    "Credit is given for the conversions that the company observes: who withholds consent is not "
    "in the log, and people whose devices are not linked are several visitors. `observed` against "
    "`conversions` is that gap; it belongs to the log, not to a model.",
    "Rules and chains give all observed conversions away; marketing brings only the incremental "
    "part (`together`). Their over-credit is that gap and no error of order or share.",
    "Credit to channels that cannot be switched off (`direct`) counts as left to the baseline.",
    "Effects are those of the planned year: what the history has left is in every market alike, "
    "and what comes after the year counts on neither side.",
    "Removal effects overlap: they need not add up to what all channels bring together.",
)


@dataclass(frozen=True, eq=False)
class Validation:
    """Results of all drawn worlds, and what they come to.

    Each table has a row per thing asked and `mean, se, low, high` over worlds (95 %, Student's t);
    one world has no interval. With a `sweep`, `at` is its value. Rows of reference
    (`REFERENCES`: credit that knows nothing, or everything) stand among the models in the tables;
    `models` names the models alone, without those that `failed`.
    """

    scenario: str
    scenario_hash: str
    seed: int
    customers: int
    models: tuple[str, ...]
    estimand: str
    draws: tuple[DrawResult, ...]
    sweep: str | None = None
    currency: str = "CNY"
    until: float | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)

    @property
    def replications(self) -> int:
        """Worlds in which everything was tried (at every value of the sweep)."""
        return len({number for f in self.draws for number in f.truth["world"]})

    @property
    def convention(self) -> dict[str, str]:
        """By which cut of the log credit is given, and against which truth: `cut, words, truth`."""
        return convention(EVERY_TOUCH, truth_in_words(self.estimand))

    @property
    def dial(self) -> str | None:
        """The old name of `sweep`."""
        warnings.warn("Validation.dial is now Validation.sweep", DeprecationWarning, stacklevel=2)
        return self.sweep

    @cached_property
    def by_world(self) -> pd.DataFrame:
        """Every error as it was found: `world, at, model, scope, measure, value`."""
        return pd.concat([f.errors for f in self.draws], ignore_index=True)

    def errors(self) -> pd.DataFrame:
        """Credit error: `at, model, scope, measure, mean, se, low, high`; see `MEASURES`."""
        return _over_worlds(self.by_world, CELL)

    def truth(self) -> pd.DataFrame:
        """`at, channel, mean, se, low, high` in conversions, `(together)` in the last rows.

        `simulation_se` is the part of the error that more customers would remove.
        """
        table = pd.concat([f.truth for f in self.draws], ignore_index=True)
        keys = ["at", "channel"]
        found = _over_worlds(table.rename(columns={"effect": "value"}), keys)
        wide, errors = _wide(table, keys, "effect"), _wide(table, keys, "se")
        own = mean_over_worlds(wide.to_numpy(float), errors.to_numpy(float)).simulation_se
        return found.assign(simulation_se=own)

    def credit(self) -> pd.DataFrame:
        """`at, model, channel, mean, se, low, high, truth`: credit in conversions."""
        table = pd.concat([f.credit for f in self.draws], ignore_index=True)
        given = _over_worlds(
            table.drop(columns=["low", "high"]).rename(columns={"credit": "value"}),
            ["at", "model", "channel"],
        )
        truth = self.truth()[["at", "channel", "mean"]].rename(columns={"mean": "truth"})
        if self.sweep == "lookback":  # the market does not change, only the log that is read
            return given.merge(truth.drop(columns="at"), on="channel", how="left")
        return given.merge(truth, on=["at", "channel"], how="left")

    def touches(self) -> pd.DataFrame:
        """Calibration of single touches: `at, model, measure, mean, …`; see `TOUCH_MEASURES`."""
        found = [f.touches for f in self.draws if not f.touches.empty]
        if not found:
            return pd.DataFrame(columns=["at", "model", "measure", *ENDS])
        return _over_worlds(pd.concat(found, ignore_index=True), ["at", "model", "measure"])

    @property
    def without_touches(self) -> tuple[str, ...]:
        """Models that give no credit to single touches, so that theirs cannot be calibrated."""
        return tuple(name for name in self.models if name not in set(self.touches()["model"]))

    @cached_property
    def margins(self) -> pd.DataFrame:
        """Margin of each plan (rows) in each world (columns); empty along a sweep."""
        table = pd.concat([f.margins for f in self.draws], ignore_index=True)
        if table.empty:
            return pd.DataFrame()
        return _wide(table, ["plan"], "margin")

    def regret(self) -> pd.DataFrame:
        """What planning on each credit loses in margin, least first.

        `mean, se, low, high` against the plan from true credit through the same mapping, paired by
        world; `best_mean, best_se` against the best plan found, chosen in other worlds.
        """
        if self.margins.empty:
            return pd.DataFrame(columns=["plan", *ENDS, "best_mean", "best_se"])
        values = self.margins.to_numpy(float)
        steps = self.margins.loc[TRUE_CREDIT].to_numpy(float) - values
        found, best = t_interval(steps), t_interval(regret(values))
        table = pd.DataFrame(
            {
                "plan": self.margins.index,
                "mean": found.estimate,
                "se": found.se,
                "low": found.low,
                "high": found.high,
                "best_mean": best.estimate,
                "best_se": best.se,
            }
        )
        return table.sort_values("mean", kind="stable").reset_index(drop=True)

    def separated(self) -> pd.DataFrame:
        """Pairs of plans: how much more the second loses than the first, paired by world.

        `first, second, mean, se, low, high`; intervals hold for all pairs together (Bonferroni),
        those with rows of reference among them.
        """
        order = list(self.regret()["plan"])
        pairs = list(combinations(order, 2))
        if not pairs:
            return pd.DataFrame(columns=["first", "second", *ENDS])
        table = self.margins
        steps = np.array([(table.loc[a] - table.loc[b]).to_numpy(float) for a, b in pairs])
        found = t_interval(steps, comparisons=len(pairs))
        columns = dict(zip(ENDS, found, strict=True))
        names = {"first": [a for a, _ in pairs], "second": [b for _, b in pairs]}
        return pd.DataFrame({**names, **columns})

    @cached_property
    def standing(self) -> pd.DataFrame:
        """`plan, group, rank_low, rank_high`: plans that share a letter are not told apart."""
        pairs = self.separated()
        apart = pairs[pairs["low"] > 0]
        names = list(zip(apart["first"], apart["second"], strict=True))
        return standing(list(self.regret()["plan"]), names)

    def along(self, measure: str = "misplaced") -> pd.DataFrame:
        """One measure as a function of what is swept: `at, model, mean, se, low, high`."""
        table = self.errors()
        here = (table["scope"] == "all") & (table["measure"] == measure)
        return table.loc[here, ["at", "model", *ENDS]].reset_index(drop=True)

    @property
    def half_width(self) -> float:
        """Widest half-width of the intervals of `misplaced`; infinite with a single world."""
        table = self.along()
        table = table[table["model"].isin(self.models)]
        widths = (table["high"] - table["low"]).to_numpy(float) / 2
        return float(np.nanmax(widths)) if np.isfinite(widths).any() else float("inf")

    def facts(self) -> dict[str, float]:
        """Means over worlds: all conversions, those observed, what all channels bring together."""
        table = pd.DataFrame([f.facts for f in self.draws])
        truth = self.truth()
        together = truth.loc[truth["channel"] == TOGETHER, "mean"].mean()
        return {
            "conversions": float(table["baseline"].mean()),
            "observed": float(table["observed"].mean()),
            "together": float(together),
        }

    def to_dict(self) -> ValidationDocument:
        """The JSON document of `tiermix validate`; figures are means over worlds."""
        errors, touches = self.errors(), self.touches()
        regret = self.regret().merge(self.standing, on="plan").set_index("plan")
        judged = regret if self.sweep is None else None
        beside = [name for name in REFERENCES if name in set(errors["model"])]
        return {
            "scenario": self.scenario,
            "scenario_hash": self.scenario_hash,
            "seed": self.seed,
            "customers": self.customers,
            "replications": self.replications,
            "estimand": self.estimand,
            "convention": self.convention,
            "dial": self.sweep,
            "half_width": self.half_width,
            "until": self.until,
            "models": [
                *model_documents(self.models, errors, touches, judged),
                *(failed_document(name, what, errors) for name, what in self.failed.items()),
            ],
            "references": model_documents(beside, errors, touches, judged),
            "truth": rows_of(self.truth().rename(columns={"mean": "effect"})),
            "plans": rows_of(regret.reset_index()),
            "facts": self.facts(),
            "seconds": dict(self.seconds),
        }

    def summary(
        self, measures: Sequence[str] = ("misplaced", "over_credit", "kendall")
    ) -> pd.DataFrame:
        """One row per model and reference: mean errors; regret and group where plans were judged.

        Rows that share a letter of their `group` are not told apart by what they lose.
        """
        table = self.errors()
        whole = table[table["scope"] == "all"]
        wide = whole.pivot_table(index=["at", "model"], columns="measure", values="mean",
                                 sort=False, dropna=False)  # fmt: skip
        wide = wide.reindex(columns=list(measures)).dropna(how="all")
        if self.sweep is None:
            wide = wide.droplevel("at")
        if not self.margins.empty:
            losses = self.regret().merge(self.standing, on="plan").set_index("plan")
            wide = wide.assign(regret=losses["mean"], regret_se=losses["se"], group=losses["group"])
            wide = wide.sort_values("regret")
        return wide

    def __repr__(self) -> str:
        return f"{self._caption()}\n{self._shown().to_string(index=False)}"

    def _repr_html_(self) -> str:
        shown = self._shown()
        words = "; ".join(f"{name}: {MEASURES[name]}" for name in MEASURES if name in shown)
        table = shown.to_html(index=False, border=0, justify="right")
        return f"<p>{html.escape(self._caption())}</p>{table}<p>{html.escape(words)}.</p>"

    def _caption(self) -> str:
        return (
            f"Validation({self.scenario}, {self.estimand}, {self.replications} worlds of "
            f"{self.customers:,} customers)"
        )

    def _shown(self) -> pd.DataFrame:
        """The summary in words: money with its unit, and no powers of ten."""
        table: pd.DataFrame = self.summary().reset_index().head(MOST_ROWS)
        for name in table.columns:
            if name.startswith("regret"):
                table[name] = [short_money(value, self.currency) for value in table[name]]
            elif name not in ("model", "group"):
                table[name] = [short_number(value) for value in table[name]]
        return table


def _over_worlds(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Mean over worlds of `value`, with its t interval, by the keys."""
    wide = _wide(table, keys, "value")
    found = t_interval(wide.to_numpy(float))
    ends = dict(zip(ENDS, found, strict=True))
    return pd.DataFrame(ends, index=wide.index).reset_index()


def _wide(table: pd.DataFrame, keys: list[str], value: str) -> pd.DataFrame:
    """Keys down in order of appearance, worlds across; refuses what was given twice."""
    index = pd.MultiIndex.from_frame(table[[*keys, "world"]])
    order = table[keys].drop_duplicates()
    cells = pd.Series(table[value].to_numpy(float), index=index)
    wide = cells.unstack("world")  # noqa: PD010 (pivot_table would average what is there twice)
    names = pd.MultiIndex.from_frame(order) if len(keys) > 1 else pd.Index(order[keys[0]])
    return wide.reindex(names)
