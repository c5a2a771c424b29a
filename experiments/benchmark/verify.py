"""verify: whether the tables of the suite are, cell by cell, those that were frozen."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from experiments.benchmark.folder import SuiteFolder
from experiments.benchmark.identity import combined, read_lines, suite_hash, tables_of
from experiments.benchmark.suite import SUITE, Market, load_suite, markets_folder
from experiments.study import StudyError
from sim import Engine, Setting, Workers, run_tasks, simulate, warm_up
from tiermix.core.progress import Progress


class VerifiedWorld(TypedDict):
    """One world: its hash, and the frozen one (empty where none is: a secret seed)."""

    world: str
    hash: str
    frozen: str
    same: bool


class Verified(TypedDict):
    """The document of `verify`: `same` where every world is the frozen one."""

    suite: str
    size: str
    hash: str
    same: bool
    differing: list[str]
    worlds: list[VerifiedWorld]


@dataclass(frozen=True)
class _Simulated:
    market: Market
    number: int
    engine: Engine


def frozen_file(size: str = "full") -> Path:
    """Where the frozen hashes of a size of the suite stand."""
    return markets_folder() / (f"{SUITE}.sha256" if size == "full" else f"{SUITE}-{size}.sha256")


def frozen(size: str = "full") -> dict[str, str]:
    """The frozen hashes of a size of the suite: `MARKET/world-N` → SHA-256."""
    return read_lines(frozen_file(size).read_text("utf-8"))


def hashes_of(suite: SuiteFolder) -> dict[str, str]:
    """The hash of each world's tables as they lie on disk."""
    worlds = suite.worlds()
    return {f"{w.market.name}/world-{w.number}": combined(tables_of(w.folder)) for w in worlds}


def verify_folder(suite: SuiteFolder) -> Verified:
    """A suite on disk against the frozen hashes, or those of its own sheet where it is hidden."""
    sheet = suite.sheet
    known = frozen(sheet["size"])
    if sheet["hidden"]:
        known = {
            f"{card['name']}/{world}": digest
            for card in sheet["markets"]
            for world, digest in card["worlds_made"].items()
        }
    return _compared(hashes_of(suite), known, sheet["size"])


def verify(
    *,
    size: str = "full",
    markets: Sequence[str] | None = None,
    engine: Engine = "batch",
    workers: Workers = None,
    progress: Progress | None = None,
) -> Verified:
    """Simulate the suite without its truths, and hold its tables against the frozen hashes."""
    found = hashes_simulated(
        size=size, markets=markets, engine=engine, workers=workers, progress=progress
    )
    return _compared(found, frozen(size), size)


def hashes_simulated(
    *,
    size: str = "full",
    markets: Sequence[str] | None = None,
    engine: Engine = "batch",
    workers: Workers = None,
    progress: Progress | None = None,
) -> dict[str, str]:
    """The hash of each world's tables as they are simulated here and now."""
    chosen = load_suite(markets, size=size)
    first = chosen[0]
    warm_up(Setting(first.scenario, first.customers, first.seed, engine, logging=True), progress)
    tasks = [_Simulated(m, number, engine) for m in chosen for number in range(1, m.worlds + 1)]
    found = run_tasks(_hashed, tasks, workers=workers, progress=progress, what="worlds")
    names = [f"{task.market.name}/world-{task.number}" for task in tasks]
    return dict(zip(names, found, strict=True))


def _hashed(task: _Simulated) -> str:
    market, number = task.market, task.number
    with tempfile.TemporaryDirectory(prefix="tiermix-") as folder:
        run = simulate(
            market.drawn[number - 1],
            seed=market.world_seed(number),
            customers=market.customers,
            engine=task.engine,
            workers=1,
            out=Path(folder) / "run",
        )
        return combined(tables_of(run.folder))


def _compared(found: dict[str, str], known: dict[str, str], size: str) -> Verified:
    unknown = [name for name in found if name not in known]
    if unknown:
        raise StudyError(f"{unknown[0]}: no hash of it is frozen; make the suite again")
    worlds: list[VerifiedWorld] = [
        {"world": name, "hash": digest, "frozen": known[name], "same": digest == known[name]}
        for name, digest in found.items()
    ]
    differing = [world["world"] for world in worlds if not world["same"]]
    return {
        "suite": SUITE,
        "size": size,
        "hash": suite_hash(found),
        "same": not differing,
        "differing": differing,
        "worlds": worlds,
    }
