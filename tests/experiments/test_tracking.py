"""What is logged of a study: flat runs, findable, and enough to make each of them again."""

import io
import os
import socket
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from experiments.comparison.result import Comparison
from experiments.publish.comparison import main_job
from experiments.tracking.comparison import comparison_records
from experiments.tracking.record import RunRecord
from experiments.tracking.store import (
    Store,
    Tracked,
    TrackingError,
    check_reachable,
    tracking_uri,
    ui,
)
from tests.experiments.made_up import comparison
from tests.scenes import base
from tiermix.core.processes import own_mark

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:mlflow")

YAML = "name: made up\n"
CREDIT = pd.DataFrame(
    [("last", "search", 30.0, 12.0), ("last", "douyin", 5.0, 14.0)],
    columns=["model", "channel", "credit", "truth"],
)


@pytest.fixture(scope="module")
def tried() -> Comparison:
    return comparison({"last_year": 1000.0, "lp": 1020.0}, worlds=3)


@pytest.fixture(scope="module")
def tracked(store: Store, tried: Comparison, tmp_path_factory: pytest.TempPathFactory) -> Tracked:
    report = tmp_path_factory.mktemp("report") / "report.html"
    report.write_text("<p>the answer</p>", "utf-8")
    records = comparison_records(tried, scenario_yaml=YAML, attribution=CREDIT, files=[report])
    return store.log("made up", records)


def _run(store: Store, tracked: Tracked, strategy: str, world: str):  # type: ignore[no-untyped-def]
    where = f"tags.strategy = '{strategy}' and tags.replication = '{world}'"
    (run,) = store.client.search_runs([tracked.experiment_id], where)
    return run


def test_there_is_one_run_per_strategy_and_world_and_one_for_the_study(tracked: Tracked) -> None:
    assert len(tracked.run_ids) == 2 * 3 + 1


def test_runs_are_flat_finished_and_tagged(store: Store, tracked: Tracked) -> None:
    run = _run(store, tracked, "lp", "2")
    assert run.info.status == "FINISHED"
    assert "mlflow.parentRunId" not in run.data.tags
    assert run.data.tags["study"] == "made up"
    assert run.data.tags["scenario_hash"] == "abc123"


def test_metrics_are_grouped_by_name(store: Store, tried: Comparison, tracked: Tracked) -> None:
    metrics = _run(store, tracked, "lp", "0").data.metrics
    assert metrics["kpi/margin"] == pytest.approx(tried.values("margin")["lp"][0])
    assert metrics["tier/1/margin"] == pytest.approx(0.6 * metrics["kpi/margin"])
    assert {"risk/regret", "risk/goals_met", "spend/search"} <= set(metrics)


def test_a_run_can_be_made_again_from_what_was_logged(
    store: Store, tried: Comparison, tracked: Tracked, tmp_path: Path
) -> None:
    run = _run(store, tracked, "lp", "1")
    folder = Path(store.client.download_artifacts(run.info.run_id, "", str(tmp_path)))
    assert (folder / "scenario.yaml").read_text("utf-8") == YAML
    plan = pd.read_csv(io.StringIO((folder / "plan.csv").read_text("utf-8")))
    assert plan["amount"].sum() == pytest.approx(tried.plan("lp")["amount"].sum())
    assert {"seed", "customers", "world"} <= set(run.data.params)


def test_the_study_carries_report_and_credit(store: Store, tracked: Tracked) -> None:
    study = _run(store, tracked, "lp", "all")
    names = {file.path for file in store.client.list_artifacts(study.info.run_id)}
    assert names == {"report.html", "scenario.yaml", "plan.csv"}
    assert study.data.metrics["attribution/last/search"] == 30
    assert study.data.metrics["attribution/truth/search"] == 12


def test_the_link_compares_all_strategies_in_one_world(store: Store, tracked: Tracked) -> None:
    compared = [_run(store, tracked, name, "0").info.run_id for name in ("last_year", "lp")]
    assert {run for run in tracked.run_ids if run in tracked.compare_url} == set(compared)
    assert f"/experiments/{tracked.experiment_id}/" in tracked.chart_url


def test_the_study_and_the_first_world_are_the_newest(tried: Comparison) -> None:
    records = list(comparison_records(tried, scenario_yaml=YAML))
    assert [record.tags["replication"] for record in records[-3:]] == ["0", "0", "all"]


def test_the_spend_is_a_parameter_too(store: Store, tracked: Tracked) -> None:
    run = _run(store, tracked, "lp", "0")
    assert float(run.data.params["spend/search"]) == run.data.metrics["spend/search"]


def test_the_cost_of_logging_is_measured(tracked: Tracked) -> None:
    assert 0 < tracked.seconds_per_run < 5


def test_a_name_that_was_deleted_is_taken_again(store: Store) -> None:
    record = RunRecord("one", {"replication": "0"}, {}, {"kpi/margin": 1.0})
    first = store.log("taken again", [record])
    store.client.delete_experiment(first.experiment_id)
    assert store.log("taken again", [record]).experiment_id == first.experiment_id


def test_a_store_that_cannot_be_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(TrackingError, match="cannot be used") as caught:
        Store("nothing://here")
    assert "\n" not in str(caught.value)


def test_a_new_store_is_there_whole_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One that was cut off while its tables were made could never be opened again."""
    file = tmp_path / "runs.db"

    def cut_off(*_: object, tracking_uri: str) -> None:
        Path(tracking_uri.removeprefix("sqlite:///")).write_text("half")
        assert not file.exists()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("mlflow.MlflowClient", cut_off)
        with pytest.raises(KeyboardInterrupt):
            Store(f"sqlite:///{file}")
    assert not list(tmp_path.iterdir())
    first = Store(f"sqlite:///{file}").client.create_experiment("kept")
    assert [path.name for path in tmp_path.glob("*.db*")] == ["runs.db"]
    assert not list(tmp_path.glob(".*"))
    assert Store(f"sqlite:///{file}").client.get_experiment(first).name == "kept"


def test_the_environment_names_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert tracking_uri() == "sqlite:///mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    assert tracking_uri() == "http://127.0.0.1:1"


def test_the_ui_of_a_server_is_its_own() -> None:
    with pytest.raises(TrackingError, match="its own UI"):
        ui(uri="http://127.0.0.1:1")


def test_nothing_is_sent_to_anybody(store: Store) -> None:
    assert store.uri.startswith("sqlite")
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"


def test_only_the_file_in_this_folder_is_written_behind_a_log(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    chosen = tmp_path / "chosen.db"
    for path in (tmp_path / "mlflow.db", chosen):
        sqlite3.connect(path).executescript("CREATE TABLE kept (x)")
    told = []
    monkeypatch.setattr("mlflow.MlflowClient", lambda tracking_uri: told.append(tracking_uri))
    for uri in (None, f"sqlite:///{chosen}"):
        with pytest.raises(TrackingError):  # the client above answers nothing
            Store(uri)
    modes = [_journal_mode(path) for path in (tmp_path / "mlflow.db", chosen)]
    assert (modes, len(told)) == (["wal", "delete"], 2)


def test_each_folder_has_a_store_of_its_own_within_one_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """MLflow keeps open stores by address: two folders need two, though both are `mlflow.db`."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    told: list[str] = []
    monkeypatch.setattr("mlflow.MlflowClient", lambda tracking_uri: told.append(tracking_uri))
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mlflow.db").touch()
        monkeypatch.chdir(tmp_path / name)
        with pytest.raises(TrackingError, match=r"sqlite:///mlflow\.db"):
            Store()
    assert told == [f"sqlite:///{tmp_path / name / 'mlflow.db'}" for name in ("here", "there")]


def _journal_mode(path: Path) -> str:
    with closing(sqlite3.connect(path)) as file:
        return str(file.execute("PRAGMA journal_mode").fetchone()[0])


class Gone(BaseException):
    """The process ends while it logs."""


def test_a_run_that_is_cut_off_does_not_stay_running(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(*_: object) -> None:
        raise Gone

    monkeypatch.setattr(Store, "_fill", cut_off)
    with pytest.raises(Gone):
        store.log("cut off", [RunRecord("one", {}, {}, {}, {}, ())])
    assert _statuses(store, "cut off") == ["KILLED"]


def test_what_a_killed_process_was_logging_is_ended_by_the_next(store: Store) -> None:
    experiment = store.client.create_experiment("killed")
    gone = f"{own_mark().partition('-')[0]}-{'9' * 12}"
    for mark in (gone, own_mark(), ""):
        store.client.create_run(experiment, tags={"process": mark})
    store.log("killed", [])
    assert _statuses(store, "killed") == ["KILLED", "RUNNING", "RUNNING"]


def test_each_invocation_has_a_tag_of_its_own(store: Store) -> None:
    record = RunRecord("one", {}, {}, {}, {}, ())
    ids = [store.log("twice", [record, record]).run_ids for _ in range(2)]
    tags = [[store.client.get_run(i).data.tags["invocation"] for i in runs] for runs in ids]
    assert tags[0][0] == tags[0][1] != tags[1][0] == tags[1][1]


def _statuses(store: Store, name: str) -> list[str]:
    experiment = store.client.get_experiment_by_name(name)
    return sorted(run.info.status for run in store.client.search_runs([experiment.experiment_id]))


def test_a_store_that_cannot_be_there_is_refused_in_seconds(tmp_path: Path) -> None:
    (tmp_path / "folder.db").mkdir()
    (tmp_path / "text.db").write_text("no database, but a text of some length", "utf-8")
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{free.getsockname()[1]}"
    began = time.perf_counter()
    for uri in (dead, f"sqlite:///{tmp_path}/folder.db", f"sqlite:///{tmp_path}/text.db"):
        with pytest.raises(TrackingError, match="cannot be used"):
            check_reachable(uri)
    assert time.perf_counter() - began < 10
    check_reachable(f"sqlite:///{tmp_path}/new.db")
    check_reachable("sqlite:///:memory:")


def test_no_market_lives_for_a_store_that_cannot_be_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "mlflow.db").mkdir()
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "experiments.publish.comparison.study", lambda *_, **__: pytest.fail("it lived")
    )
    with pytest.raises(TrackingError, match="is a folder"):
        main_job(base(), seed=1, customers=300, replications=1)
    assert [path.name for path in tmp_path.iterdir()] == ["mlflow.db"]
