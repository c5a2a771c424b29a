"""Same scenario and seed, same rows: on any engine, worker count and subset, compiled or not."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from scenarios import Scenario, library_names, load_scenario
from scenarios.parts.deliveries import DELIVERIES
from sim import Arm, Run, Setting, simulate
from sim.market.community import CommunitySimulation, Snapshot
from sim.market.engines import Engine
from sim.output.row_sort import in_order
from sim.output.shards import community_tables
from tests.contracts.few_days import fingerprint, give, simulation_of
from tests.contracts.run_folders import fingerprints
from tests.scenes import busy

ROOT = Path(__file__).parent.parent.parent
NAMES = ["busy", *library_names()]
FEW = {"defaults.communities": 3}
"""Communities of some size, so that people of a community are many enough to meet."""


def _scenario(name: str) -> Scenario:
    if name == "busy":
        return busy()
    return load_scenario(name, FEW)


def _run(name: str, folder: Path, **options: object) -> Run:
    return simulate(_scenario(name), seed=5, customers=60, workers=1, out=folder, **options)


@pytest.fixture(scope="session")
def batch_runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """A small run of each scenario on the usual engine."""
    folder = tmp_path_factory.mktemp("batch")
    return {name: _run(name, folder / name) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_both_engines_write_the_same_tables(
    name: str, batch_runs: dict[str, Run], tmp_path: Path
) -> None:
    """Touches, conversions, ledger, aggregates, scorecard and truth of both years, byte by byte."""
    ours = fingerprints(_run(name, tmp_path / "run", engine="individual").folder)
    theirs = fingerprints(batch_runs[name].folder)
    assert len(ours) >= 10
    assert ours == theirs
    assert len(batch_runs[name].log.touches) > 500


@pytest.mark.parametrize("delivery", DELIVERIES)
def test_every_delivery_of_the_table_is_lived_in_the_busy_scene(
    delivery: str, batch_runs: dict[str, Run]
) -> None:
    """A new kind of delivery has to be met by somebody there: all contracts are tested on it."""
    run = batch_runs["busy"]
    names = [c.name for c in run.scenario.channels if c.delivery == delivery]
    assert names, f"give the scene a channel with `delivery: {delivery}`"
    assert set(names) <= set(run.log.touches["channel"])


def test_two_workers_write_the_same_bytes_as_one(
    batch_runs: dict[str, Run], tmp_path: Path
) -> None:
    one = simulate(busy(), seed=5, customers=60, workers=2, out=tmp_path / "two")
    assert fingerprints(one.folder) == fingerprints(batch_runs["busy"].folder)


def test_another_seed_gives_other_tables(batch_runs: dict[str, Run], tmp_path: Path) -> None:
    other = simulate(busy(), seed=6, customers=60, workers=1, out=tmp_path / "other")
    ours, theirs = (fingerprints(run.folder) for run in (other, batch_runs["busy"]))
    same = {name for name in ours.keys() & theirs.keys() if ours[name] == theirs[name]}
    assert same == {"costs.parquet", "history/costs.parquet"}  # no luck is in them


def test_a_run_is_made_again_from_its_provenance(
    batch_runs: dict[str, Run], tmp_path: Path
) -> None:
    """So it is with the same seed, customers and engine: what is not kept changes nothing."""
    kept = batch_runs["busy"].provenance
    scenario = busy()
    assert (kept["scenario"], kept["scenario_hash"]) == (scenario.name, scenario.hash)
    assert kept["plan_hash"] == scenario.reference_plan.hash
    again = simulate(
        scenario,
        seed=kept["seed"],
        customers=kept["customers"],
        engine=kept["engine"],
        workers=1,
        out=tmp_path / "again",
    )
    assert fingerprints(again.folder) == fingerprints(batch_runs["busy"].folder)


@pytest.mark.parametrize("name", NAMES)
def test_a_community_alone_lives_as_within_the_whole(name: str, batch_runs: dict[str, Run]) -> None:
    """Its touches and conversions in the run's log are those that it makes on its own."""
    run = batch_runs[name]
    setting = Setting(run.scenario, 60, 5, logging=True)
    community = setting.layout.communities[len(setting.layout.communities) // 2]
    _, snapshot = setting.history(community)
    alone = setting.planned(snapshot, Arm(run.plan))
    members = run.truth.loc[run.truth["community"] == community.number, "visitor_id"]
    tables = community_tables(run.scenario, community, alone.rows, 5)
    for kind, table in zip(("touches", "conversions"), tables, strict=True):
        frames = [_plain(frame) for frame in (_stored(run, kind), table.to_pandas())]
        within = frames[0][frames[0]["visitor_id"].isin(members)]
        assert len(within) == len(frames[1])
        assert within.reset_index(drop=True).equals(frames[1])


def _stored(run: Run, kind: str) -> pd.DataFrame:
    return pd.read_parquet(run.folder / f"{kind}.parquet")


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    words = frame.select_dtypes("category").columns
    return frame.astype(dict.fromkeys(words, object))


def test_visitors_of_different_people_are_different(batch_runs: dict[str, Run]) -> None:
    truth = batch_runs["busy"].truth
    assert truth["visitor_id"].is_unique
    assert truth["customer_id"].nunique() == 60
    assert set(batch_runs["busy"].log.touches["visitor_id"]) <= set(truth["visitor_id"])


@pytest.mark.parametrize(
    ("name", "engine"),
    [
        pytest.param("busy", "individual", marks=pytest.mark.long),
        ("busy", "batch"),
        *(pytest.param(name, "batch", marks=pytest.mark.long) for name in library_names()),
    ],
)
def test_the_market_lives_the_same_without_the_compiler(name: str, engine: Engine) -> None:
    """In a process of its own, as plain Python, event for event."""
    days = {"busy": 22, "b2b": 100}.get(name, 40)  # in which something happens
    command = [sys.executable, "-m", "tests.contracts.few_days", name, "40", str(days), engine]
    plain = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    compiled = fingerprint(name, 40, days, engine)
    assert int(compiled.split()[0]) > 100
    assert plain.stdout.strip() == compiled


@pytest.mark.parametrize("engine", ["batch", "individual"])
def test_advancing_in_pieces_is_advancing_at_once(engine: Engine) -> None:
    whole, pieces = (simulation_of(busy(), 60, engine) for _ in range(2))
    whole.advance(120)
    for day in (1, 17, 17, 90, 120):
        pieces.advance(day)
    assert pieces.market.day == 120
    assert _rows_equal(whole.take_rows(), pieces.take_rows())


@pytest.mark.parametrize("engine", ["batch", "individual"])
def test_a_restored_snapshot_goes_on_as_if_never_stopped(engine: Engine) -> None:
    """Any number of times: the second restoration lives as the first did."""
    whole, stopped = (simulation_of(busy(), 60, engine) for _ in range(2))
    whole.advance(100)
    whole.take_rows()
    whole.advance(200)
    stopped.advance(100)
    snapshot = stopped.snapshot()
    stopped.advance(130)  # what is restored is a copy: going on changes nothing in it
    rows = whole.take_rows()
    for _ in range(2):
        again = _restored(snapshot, engine)
        again.advance(200)
        assert _rows_equal(again.take_rows(), rows)


def _restored(snapshot: Snapshot, engine: Engine) -> CommunitySimulation:
    setting = Setting(busy(), 60, 5, engine, logging=True)
    desk = setting.desk(snapshot.community, 0)
    simulation = CommunitySimulation.restored(
        setting.world, snapshot, engine=engine, logging=True, desk=desk
    )
    give(simulation, setting)
    return simulation


def _rows_equal(one: np.ndarray, other: np.ndarray) -> bool:
    names = one.dtype.names or ()
    one, other = in_order(one), in_order(other)
    return len(one) == len(other) > 100 and all((one[n] == other[n]).all() for n in names)


def test_logging_changes_nothing_but_the_log() -> None:
    loud, quiet = (Setting(busy(), 200, 5, logging=logging) for logging in (True, False))
    for community in loud.layout.communities[:2]:
        one, other = loud.history(community)[0], quiet.history(community)[0]
        assert len(one.rows) > 100
        assert len(other.rows) == 0
        np.testing.assert_array_equal(one.channel, other.channel)
        np.testing.assert_array_equal(one.people, other.people)
        np.testing.assert_array_equal(one.ledger, other.ledger)


def test_the_history_is_the_same_under_every_plan(
    batch_runs: dict[str, Run], tmp_path: Path
) -> None:
    """Plans differ from the first day of the planned year on, not before."""
    plan = busy().reference_plan.scale(3)
    richer = _run("busy", tmp_path / "richer", plan=plan)
    ours, theirs = (fingerprints(r.folder / "history") for r in (richer, batch_runs["busy"]))
    assert len(ours) >= 5
    assert ours == theirs
    assert len(richer.log.touches) > 1.1 * len(batch_runs["busy"].log.touches)
