"""Results: credit that a model gave in every world of a suite, as a CSV of any tool."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.benchmark.folder import SuiteFolder, WorldFolder
from experiments.credit import EVERY_TOUCH, ModelError, give_credit
from experiments.study import StudyError
from experiments.validation.references import check_names
from experiments.validation.world import Models, named_models, with_interval
from sim import Workers, run_tasks
from tiermix.core.files import whole_file
from tiermix.core.progress import Progress

KEY = ("market", "world", "channel")
NEEDED = (*KEY, "conversions")
OPTIONAL = ("model", "low", "high")
COLUMNS = ("model", *KEY, "conversions", "low", "high")
HAVE = "a result has the columns market, world, channel, conversions and, at will, model, low, high"


def give_results(
    suite: SuiteFolder,
    models: Models | Sequence[object] | None = None,
    *,
    draws: int = 0,
    workers: Workers = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Credit by models of the library, or of one's own, in every world: a table of results.

    models: names, objects with `fit(log)`, or a mapping of names to either; all of the library if
    left out. draws: bootstrap samples for intervals of 90 %, none by default. A model that cannot
    be fitted to a world has no rows there.
    """
    chosen = named_models(models)
    tasks = [(world, chosen, draws) for world in suite.worlds()]
    parts = run_tasks(_fitted, tasks, workers=workers, progress=progress, what="logs read")
    return pd.concat(parts, ignore_index=True)


def _fitted(task: tuple[WorldFolder, Models, int]) -> pd.DataFrame:
    world, models, draws = task
    found = []
    for name, model in models.items():
        try:
            given = give_credit(world, name, model, cut=EVERY_TOUCH)
            table = with_interval(given, world.weight, draws, world.number)
        except ModelError:
            continue
        mark: dict[str, Any] = {"model": name, "market": world.market.name, "world": world.number}
        found.append(table.rename(columns={"credit": "conversions"}).assign(**mark))
    return pd.concat(found, ignore_index=True)[list(COLUMNS)] if found else _nothing()


def _nothing() -> pd.DataFrame:
    return pd.DataFrame(columns=list(COLUMNS))


def write_results(table: pd.DataFrame, file: Path) -> Path:
    """Write a table of results whole or not at all."""
    with whole_file(file) as draft:
        table.to_csv(draft, index=False, float_format="%.6g")
    return file


def read_results(file: Path, suite: SuiteFolder) -> pd.DataFrame:
    """A result as it was handed in, checked against the suite: `COLUMNS`.

    A result without a column `model` is of one model, which bears the name of the file. Channels
    that it does not name get no credit. Raises `StudyError` with the file, line and remedy.
    """
    table = _read(file)
    check_names(table["model"].unique())
    _check_cells(file, table)
    known = {
        (world.market.name, world.number): world.scenario.plannable for world in suite.worlds()
    }
    for line, market, number, channel in zip(
        range(2, len(table) + 2), table["market"], table["world"], table["channel"], strict=True
    ):
        if (market, number) not in known:
            raise StudyError(
                f"{file}, line {line}: there is no world {number} of a market '{market}' in this "
                f"suite; its markets are {', '.join(market.name for market in suite.markets)}"
            )
        if channel not in known[market, number]:
            raise StudyError(
                f"{file}, line {line}: '{channel}' is no channel of {market} that can be credited; "
                f"they are {', '.join(known[market, number])}"
            )
    twice = table.duplicated(["model", *KEY])
    if twice.any():
        raise StudyError(
            f"{file}, line {int(np.flatnonzero(twice)[0]) + 2}: this channel is credited a second "
            "time in this world; add the rows up"
        )
    return table


def complete_models(table: pd.DataFrame, suite: SuiteFolder) -> dict[str, list[str]]:
    """The markets by model in all of whose worlds it gave credit: elsewhere it cannot be ranked."""
    given = set(table[["model", "market", "world"]].itertuples(index=False, name=None))
    return {
        model: [
            market.name
            for market in suite.markets
            if all((model, market.name, n) in given for n in range(1, market.worlds + 1))
        ]
        for model in table["model"].unique()
    }


def _read(file: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(file)
    except OSError as error:
        raise StudyError(f"{file}: {error.strerror}; check the path") from error
    except (ValueError, pd.errors.ParserError) as error:
        raise StudyError(f"{file}: is no CSV ({error}); {HAVE}") from error
    table.columns = [str(name).strip() for name in table.columns]
    missing = [name for name in NEEDED if name not in table]
    foreign = [name for name in table if name not in (*NEEDED, *OPTIONAL)]
    if missing or foreign:
        what = f"'{missing[0]}' is missing" if missing else f"'{foreign[0]}' is not known"
        raise StudyError(f"{file}: column {what}; {HAVE}")
    if "model" not in table:
        table["model"] = file.stem
    for name in ("low", "high"):
        if name not in table:
            table[name] = np.nan
    return table[list(COLUMNS)].astype({"model": str, "market": str, "channel": str})


def _check_cells(file: Path, table: pd.DataFrame) -> None:
    """Refuse cells that are no figures where figures belong."""
    if table.empty:
        raise StudyError(f"{file}: has no rows; {HAVE}")
    for name in ("world", "conversions", "low", "high"):
        figures = pd.to_numeric(table[name], errors="coerce")
        wrong = ~np.isfinite(figures) & (table[name].notna() | (name in NEEDED))
        if name == "world":
            wrong |= figures != figures.round()
        if wrong.any():
            line = int(np.flatnonzero(wrong)[0])
            raise StudyError(
                f"{file}, line {line + 2}: {name} is '{table[name].iloc[line]}'; give a "
                f"{'whole number' if name == 'world' else 'number'}"
            )
        table[name] = figures.astype(int) if name == "world" else figures.astype(float)
