"""Models that failed: what is told of them, and results without them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import pandas as pd

from experiments.validation.world import DrawResult


def failures(results: Sequence[DrawResult]) -> dict[str, str]:
    """What happened by model: in how many worlds, and the first sentence."""
    table = pd.concat([result.failures for result in results], ignore_index=True)
    worlds = len({world for result in results for world in result.truth["world"]})
    sentences = {}
    for name, rows in table.groupby("model", sort=False):
        count = rows["world"].nunique()
        sentences[str(name)] = f"{rows['what'].iloc[0]} (in {count} of {worlds} worlds)"
    return sentences


def without(result: DrawResult, failed: Collection[str]) -> DrawResult:
    """The result without the rows of models that failed anywhere.

    The worlds in which a model works are not a fair sample of all, so that it is not compared.
    """
    names = list(failed)
    return replace(
        result,
        credit=_left(result.credit, "model", names),
        errors=_left(result.errors, "model", names),
        touches=_left(result.touches, "model", names),
        margins=_left(result.margins, "plan", names),
    )


def _left(table: pd.DataFrame, column: str, names: list[str]) -> pd.DataFrame:
    return table if table.empty else table[~table[column].isin(names)].reset_index(drop=True)
