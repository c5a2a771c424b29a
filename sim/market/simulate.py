"""simulate: one market, two years, into a run folder."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from scenarios import MediaPlan, Scenario, TiermixError, plan_periods
from sim.market.arms import WarmedUpMarket
from sim.market.community import Snapshot
from sim.market.compiled import warm_up
from sim.market.engines import Engine
from sim.market.living import Attachment
from sim.market.provenance import content_hash, provenance, table_hashes
from sim.market.run import ObservedFolder, Run, write_json, write_tables
from sim.market.setting import Arm, Setting
from sim.output.market_year import YearlyCounts
from sim.output.shards import people_table, shard_tables, write_parquet
from sim.output.year import CommunityYear
from sim.parallel import Workers, stream_tasks
from sim.setup.communities import Community
from tiermix.core.arrays import Records
from tiermix.core.files import draft_folder, publish_folder
from tiermix.core.outputs import check_folder
from tiermix.core.progress import Progress

OF_A_RUN = re.compile(
    r"(history/)?((touches|conversions)\.parquet/part-\d+\.parquet"
    r"|(ledger|costs|aggregates)\.parquet|scorecard\.json)"
    r"|export/[a-z0-9_]+\.csv|truth/customers\.parquet/part-\d+\.parquet|provenance\.json"
)
"""Every file that a run writes, from its folder."""


class RunError(TiermixError):
    """A run that cannot be made as asked: the sentence names the argument and the remedy."""


def simulate(
    scenario: Scenario,
    *,
    plan: MediaPlan | None = None,
    seed: int,
    customers: int | None = None,
    engine: Engine = "batch",
    workers: Workers = None,
    out: str | os.PathLike[str] | None = None,
    attachments: tuple[Attachment, ...] = (),
    keep_past: bool = False,
    progress: Progress | None = None,
) -> Run:
    """The market of `scenario` under `plan` (last year's amounts unless given), same luck per seed.

    Without `out` the tables lie in a temporary folder that goes with the run. With `keep_past` the
    run's `past` is the market at the end of its history, from which other arms can be lived.
    Raises `RunError`.
    """
    count, seed = checked_customers(scenario, customers), checked_seed(seed)
    setting = Setting(scenario, count, seed, engine, logging=True, attachments=attachments)
    arm = Arm(checked_plan(scenario, plan))
    keep = tempfile.TemporaryDirectory(prefix="tiermix-") if out is None else None
    target = _place(keep.name if keep else out or "")
    _check_free(target)
    draft = draft_folder(target)
    warm_up(setting, progress)
    began = time.perf_counter()
    ready = _ready(setting, arm)
    tasks = [
        Task(ready, arm, number, group, draft, keep_past)
        for number, group in enumerate(setting.layout.groups)
    ]
    try:
        what = "groups of customers"
        groups = stream_tasks(simulate_group, tasks, workers=workers, progress=progress, what=what)
        run = _gather(setting, arm, groups, draft)
        return _finish(run, draft, target, time.perf_counter() - began, keep)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


@dataclass(frozen=True)
class Task:
    """One group of communities, lived and written by one worker."""

    setting: Setting
    arm: Arm
    number: int
    communities: tuple[Community, ...]
    folder: Path
    keep_past: bool = False


Group = tuple[list[CommunityYear], list[CommunityYear], list[Snapshot], dict[str, str]]
"""Years of history, planned years, states between them, and hashes of shards by their path."""


def simulate_group(task: Task) -> Group:
    """History and planned year of a group, and its state between them where it is to be kept.

    Rows go to shards, books come back.
    """
    histories, planned, people, kept = [], [], [], []
    setting = task.setting
    for community in task.communities:
        history, snapshot = setting.history(community)
        histories.append(history)
        planned.append(setting.planned(snapshot, task.arm))
        people.append((community, snapshot.population))
        if task.keep_past:
            kept.append(snapshot)
    written = {
        **_write_shard(task, histories, "history/"),
        **_write_shard(task, planned, ""),
        **_write_people(task, people),
    }
    histories, planned = ([year.without_rows() for year in years] for years in (histories, planned))
    return histories, planned, kept, written


def _write_shard(task: Task, years: Sequence[CommunityYear], folder: str) -> dict[str, str]:
    """Touches and conversions of a group; the hash of each by its path in the run's folder."""
    setting = task.setting
    parts = [(year.community, year.raw_rows) for year in years]
    tables = shard_tables(setting.scenario, parts, setting.seed)
    written = {}
    for name, table in zip(("touches", "conversions"), tables, strict=True):
        path = f"{folder}{name}.parquet/part-{task.number:05d}.parquet"
        write_parquet(table, task.folder / path)
        written[path] = content_hash(table)
    return written


def _write_people(task: Task, people: Sequence[tuple[Community, Records]]) -> dict[str, str]:
    table = people_table(task.setting.scenario, people, task.setting.seed)
    path = f"truth/customers.parquet/part-{task.number:05d}.parquet"
    write_parquet(table, task.folder / path)
    return {path: content_hash(table)}


def _ready(setting: Setting, arm: Arm) -> Setting:
    """A setting that has worked out what every group needs: sent with each, not made for each.

    Without the layout, which is long and of which a group knows its part.
    """
    ready = replace(setting)
    vars(ready).update(
        world=setting.world,
        history_money=setting.history_money,
        usual=setting.usual,
        _money={arm.plan.hash: setting.money(arm.plan)},
    )
    return ready


def _gather(
    setting: Setting,
    arm: Arm,
    groups: Iterable[Group],
    folder: Path,
) -> Run:
    scenario, layout = setting.scenario, setting.layout
    history = YearlyCounts(scenario, layout, planned=False)
    planned = YearlyCounts(scenario, layout, planned=True)
    kept: list[Snapshot] = []
    written: list[dict[str, str]] = []
    for before, after, snapshots, hashes in groups:
        for books, years in ((history, before), (planned, after)):
            for year in years:
                books.add(year)
        kept += snapshots
        written.append(hashes)
    past_year = history.closed()
    return Run(
        scenario=scenario,
        plan=arm.plan,
        planned=ObservedFolder(planned.closed(), folder),
        history=ObservedFolder(past_year, folder / "history"),
        provenance=provenance(setting, arm) | {"tables": table_hashes(written)},
        seconds=0.0,
        folder=folder,
        past=WarmedUpMarket(setting, past_year, tuple(kept)) if kept else None,
    )


def _finish(run: Run, draft: Path, target: Path, seconds: float, keep: Any) -> Run:
    """Write what is small, then let the folder appear whole under its name."""
    tables = run.provenance["tables"] | {
        **{name: content_hash(table) for name, table in write_tables(run.planned).items()},
        **{f"history/{n}": content_hash(t) for n, t in write_tables(run.history).items()},
    }
    run = replace(run, provenance=run.provenance | {"tables": dict(sorted(tables.items()))})
    write_json(draft / "provenance.json", run.provenance | {"seconds": seconds})
    _check_free(target)
    publish_folder(draft, target)
    return replace(
        run,
        planned=ObservedFolder(run.planned.year, target),
        history=ObservedFolder(run.history.year, target / "history"),
        seconds=seconds,
        folder=target,
        _keep=keep,
    )


def _place(out: str | os.PathLike[str]) -> Path:
    """The folder itself where a link leads to it: a folder takes the place of a folder."""
    target = Path(out)
    if target.resolve() == Path.cwd():
        raise RunError(f"out: {target} is the folder in which you are; name one below it")
    return target.resolve() if target.is_symlink() else target


def checked_customers(scenario: Scenario, customers: int | None) -> int:
    """Customers to simulate, the default if None; raises `RunError` for too few or many."""
    count = scenario.defaults.customers if customers is None else customers
    least = 2 * len(scenario.regions)
    if count < least:
        raise RunError(
            f"customers: {count} are too few for {len(scenario.regions)} regions with two "
            f"communities each; ask for at least {least}"
        )
    if count > scenario.market_size:
        raise RunError(
            f"customers: {count:,} are more than the market has people "
            f"({scenario.market_size:,.0f}); ask for fewer"
        )
    return count


def checked_seed(seed: int) -> int:
    """A seed that the generator can take; raises `RunError`."""
    if not 0 <= seed < 2**63:
        raise RunError(f"seed: {seed} is not between 0 and 2**63 - 1; choose one that is")
    return seed


def checked_plan(scenario: Scenario, plan: MediaPlan | None) -> MediaPlan:
    """The plan, last year's amounts if None; raises `RunError` when it does not fit."""
    if plan is None:
        return scenario.reference_plan
    unknown = sorted(set(plan.channels) - set(scenario.plannable))
    if unknown or not plan_periods.fill(plan.months, scenario.months):
        raise RunError(
            f"plan: {'unknown channels ' + ', '.join(unknown) if unknown else 'its months'} do not "
            f"belong to {scenario.name}; use {', '.join(scenario.plannable)} and the months "
            f"{scenario.months[0]} to {scenario.months[-1]}, or weeks of which they are made"
        )
    return plan


def _check_free(target: Path) -> None:
    """Refuse a target with anything in it that a run does not write: it would be gone."""
    check_folder(target)
    if not target.exists():
        return
    found = [path.relative_to(target) for path in target.rglob("*") if not path.is_dir()]
    foreign = sorted(str(path) for path in found if not OF_A_RUN.fullmatch(path.as_posix()))
    if foreign or (found and not (target / "provenance.json").exists()):
        what = f"holds {foreign[0]}, which is no part of" if foreign else "is not the whole of"
        raise RunError(f"out: {target} {what} a run; name another folder, or empty it")
