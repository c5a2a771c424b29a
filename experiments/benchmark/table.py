"""The table of the benchmark: models × markets × measures, and the mean place of each model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

import numpy as np
import pandas as pd

from experiments.benchmark.scoring import Scores
from experiments.validation.credit_regret import TRUE_CREDIT
from experiments.validation.references import REFERENCES
from experiments.validation.result import Validation

ENDS = ("mean", "se", "low", "high")
SHOWN: Mapping[str, str] = {
    "regret": "margin a year that planning on the credit loses against planning on the truth",
    "misplaced": "sum of absolute errors, as a share of what all channels bring together",
    "over_credit": "all credit beyond what all channels bring together, as a share of it (signed)",
    "kendall": "rank correlation of credit and truth, 1 is the true order",
    "false_credit": "share of credit given to channels without an effect that can be seen",
    "coverage": "share of channels whose interval holds the truth; empty without intervals",
}
"""The measures of the table, each with its meaning."""


class Cell(TypedDict):
    """One model in one market: each measure with its error over worlds, and its place by regret."""

    model: str
    market: str
    reference: bool
    measures: dict[str, dict[str, float]]
    group: str
    rank_low: int
    rank_high: int


class Place(TypedDict):
    """A model over all markets: its mean rank by regret, with the error over worlds."""

    model: str
    reference: bool
    rank: float
    se: float
    markets: int


def cells_of(scores: Scores) -> list[Cell]:
    """Every model in every market, the best of a market first."""
    return [cell for name, sheet in scores.sheets.items() for cell in _market(name, sheet)]


def places_of(scores: Scores) -> list[Place]:
    """Models by their mean rank over the markets that they stand in, the best first.

    In each world all rows are ranked by the margin of their plans (ties share the mean rank); a
    market counts once, and the error is that of the mean over its worlds. A model that did not
    answer everywhere is told with fewer `markets`: its mean is over other ones than its rivals'.
    """
    ranks = {name: _ranks(sheet) for name, sheet in scores.sheets.items()}
    models = dict.fromkeys(model for table in ranks.values() for model in table.index)
    found: list[Place] = []
    for model in models:
        mine = [
            table.loc[model].to_numpy(float) for table in ranks.values() if model in table.index
        ]
        errors = [float(np.var(x, ddof=1)) / len(x) if len(x) > 1 else np.nan for x in mine]
        found.append(
            {
                "model": str(model),
                "reference": model in REFERENCES,
                "rank": float(np.mean([x.mean() for x in mine])),
                "se": float(np.sqrt(np.sum(errors))) / len(mine),
                "markets": len(mine),
            }
        )
    return sorted(found, key=lambda place: place["rank"])


def document_of(scores: Scores) -> dict[str, Any]:
    """What the commands print as JSON."""
    sheet = scores.suite.sheet
    return {
        "suite": sheet["suite"],
        "size": sheet["size"],
        "hidden": sheet["hidden"],
        "hash": sheet["hash"],
        "tiermix": sheet["tiermix"],
        "estimand": scores.estimand,
        "markets": [
            {key: card[key] for key in card if key != "tables"} for card in sheet["markets"]
        ],
        "scores": cells_of(scores),
        "places": places_of(scores),
    }


def _market(name: str, sheet: Validation) -> list[Cell]:
    errors = sheet.errors()
    whole = errors[(errors["scope"] == "all") & errors["measure"].isin(list(SHOWN))]
    known: dict[str, dict[str, dict[str, float]]] = {}
    for row in whole.to_dict("records"):
        figures = {end: float(row[end]) for end in ENDS}
        known.setdefault(str(row["model"]), {})[str(row["measure"])] = figures
    losses = sheet.regret().merge(sheet.standing, on="plan").set_index("plan")
    found: list[Cell] = []
    for model, loss in losses.iterrows():
        if model == TRUE_CREDIT:
            continue
        measures = dict(known.get(str(model), {}))
        measures["regret"] = {end: float(loss[end]) for end in ENDS}
        found.append(
            {
                "model": str(model),
                "market": name,
                "reference": model in REFERENCES,
                "measures": measures,
                "group": str(loss["group"]),
                "rank_low": int(loss["rank_low"]),
                "rank_high": int(loss["rank_high"]),
            }
        )
    return found


def _ranks(sheet: Validation) -> pd.DataFrame:
    """Ranks of all plans but the truth's own, by world: the largest margin is first."""
    margins = sheet.margins.drop(index=TRUE_CREDIT)
    return margins.rank(axis=0, ascending=False, method="average")
