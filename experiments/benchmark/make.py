"""make: every world of the suite lived and written, with its truths and its hashes."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from experiments.benchmark.folder import SHEET, SuiteFolder, answer_file, world_folder
from experiments.benchmark.identity import TABLES, combined, tables_of
from experiments.benchmark.suite import SUITE, Market, load_suite
from experiments.benchmark.truth import truth_of, truth_table
from experiments.study import StudyError
from experiments.validation.world import facts_of
from sim import Setting, Workers, run_tasks, simulate, warm_up
from tiermix.core.files import whole_file, whole_folder, write_text
from tiermix.core.outputs import check_folder
from tiermix.core.progress import Progress

SECRET_BITS = 62


@dataclass(frozen=True)
class WorldTask:
    """One world to be made: its tables go to `out`, its answers to `truth`."""

    market: Market
    number: int
    out: Path
    truth: Path
    hidden: bool

    @property
    def asked(self) -> dict[str, Any]:
        """What the world is made from: another question may not take what lies there."""
        market = self.market
        return {
            "suite": SUITE,
            "scenario": market.drawn[self.number - 1].hash,
            "seed": market.world_seed(self.number),
            "customers": market.customers,
        }


def make_suite(
    out: Path,
    *,
    size: str = "full",
    markets: Sequence[str] | None = None,
    hidden: Path | None = None,
    workers: Workers = None,
    progress: Progress | None = None,
) -> SuiteFolder:
    """Make the suite in a folder, or go on where it was cut off.

    hidden: a folder for the answers of a suite of a seed that nobody knows, apart from what
    participants get; without it the seed is the suite's own, and the answers lie in `out/truth`.
    Raises `StudyError` for a folder that holds another suite.
    """
    check_folder(out)
    seed = _seed_of(hidden) if hidden else None
    chosen = load_suite(markets, size=size, seed=seed)
    truth = hidden or out / "truth"
    tasks = [
        WorldTask(market, number, out, truth, hidden is not None)
        for market in chosen
        for number in range(1, market.worlds + 1)
    ]
    _check_same(out, size, chosen, hidden is not None)
    first = chosen[0]
    warm_up(Setting(first.scenario, first.customers, first.seed, logging=True), progress)
    longest_first = sorted(
        tasks, key=lambda task: len(task.market.scenario.plannable), reverse=True
    )
    run_tasks(make_world, longest_first, workers=workers, progress=progress, what="worlds")
    sheet = sheet_of(chosen, tasks, size, hidden is not None)
    write_text(out / SHEET, json.dumps(sheet, indent=1, ensure_ascii=False))
    return SuiteFolder(out, truth, tuple(chosen), sheet)


def make_world(task: WorldTask) -> None:
    """One world's tables and answers; what is there already is kept."""
    file = answer_file(task.truth, task.market.name, task.number)
    record = file.with_suffix(".json")
    if record.is_file() and json.loads(record.read_text("utf-8"))["asked"] == task.asked:
        return
    market, world = task.market, task.market.drawn[task.number - 1]
    size: dict[str, Any] = {"seed": task.asked["seed"], "customers": market.customers}
    folder = world_folder(task.out, market.name, task.number)
    whole = file.with_suffix("") / "run" if task.hidden else folder
    run = simulate(world, out=whole, workers=1, **size)
    table = truth_table(world, **size)
    with whole_file(file) as draft:
        table.to_csv(draft, index=False)
    facts = facts_of(run, truth_of(table, "removal").baseline)
    if task.hidden:
        _publish(whole, folder)
    told = {"asked": task.asked, "tables": tables_of(folder), "facts": facts}
    write_text(record, json.dumps(told, indent=1))


def sheet_of(
    markets: Sequence[Market], tasks: Sequence[WorldTask], size: str, hidden: bool
) -> dict[str, Any]:
    """What `suite.json` says: the cards, and the hash of every table, world, market and of all."""
    cards = []
    for market in markets:
        tables = {
            f"world-{task.number}": _recorded(task)["tables"]
            for task in tasks
            if task.market.name == market.name
        }
        worlds = {name: combined(found) for name, found in tables.items()}
        cards.append({**market.card(), "hash": combined(worlds), "worlds_made": worlds,
                      "tables": tables})  # fmt: skip
    return {
        "suite": SUITE,
        "size": size,
        "hidden": hidden,
        "seed": None if hidden else markets[0].seed,
        "tiermix": metadata.version("tiermix"),
        "hash": combined({card["name"]: card["hash"] for card in cards}),
        "markets": cards,
    }


def _recorded(task: WorldTask) -> dict[str, Any]:
    file = answer_file(task.truth, task.market.name, task.number).with_suffix(".json")
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found


def _publish(whole: Path, folder: Path) -> None:
    """What a company would see of a world; who is behind each visitor and the seed stay away."""
    with whole_folder(folder) as draft:
        for name in TABLES:
            for year in ("", "history"):
                place = whole / year / f"{name}.parquet"
                copy = shutil.copytree if place.is_dir() else shutil.copy2
                (draft / year).mkdir(exist_ok=True)
                copy(place, draft / year / place.name)


def _seed_of(hidden: Path) -> int:
    """The secret seed of a folder of answers; drawn once, then kept there."""
    check_folder(hidden)
    file = hidden / SHEET
    if not file.is_file():
        write_text(file, json.dumps({"suite": SUITE, "seed": secrets.randbits(SECRET_BITS)}))
    return int(json.loads(file.read_text("utf-8"))["seed"])


def _check_same(out: Path, size: str, markets: Sequence[Market], hidden: bool) -> None:
    """Refuse a folder in which another suite was made."""
    if not (out / SHEET).is_file():
        return
    there = json.loads((out / SHEET).read_text("utf-8"))
    names = [market["name"] for market in there["markets"]]
    same = there["size"] == size and there["hidden"] == hidden
    if not same or not set(names) <= {market.name for market in markets}:
        what = f"{there['size']}, {'hidden' if there['hidden'] else 'open'}, {', '.join(names)}"
        raise StudyError(f"out: {out} holds another suite ({what}); name another folder")
