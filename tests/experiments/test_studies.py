"""Studies that were tracked are found again, told apart, compared and made again."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from experiments.tracking.labels import labelled
from experiments.tracking.record import RunRecord
from experiments.tracking.store import Store, TrackingError
from experiments.tracking.studies import Studies, StudyRun, differences, unlike
from tests.scenes import base
from tiermix.core.invocation import Invocation, invocation, invoked

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:mlflow")

Logged = Callable[..., StudyRun]


@pytest.fixture(scope="module")
def studies(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Studies:
    page = tmp_path_factory.mktemp("pages") / "report.html"
    page.write_text("<p>the answer</p>", "utf-8")
    for budget, margin in ((24.0, 10.0), (30.0, 11.5)):
        scenario = base(budget=budget)
        records = [
            RunRecord("lp · world 0", {"strategy": "lp"}, {"seed": 1}, {"kpi/margin": margin}),
            RunRecord("best is lp", {}, {"seed": 1}, {"kpi/margin": margin}, files=[page]),
        ]
        words = ("run", "shop.yaml", "--set", f"budget={budget}")
        with invoked(Invocation(words, {"budget": str(budget)})):
            store.log("tiermix/shop", labelled(records, "run", scenario))
        time.sleep(0.01)  # stores tell time by the millisecond
    return Studies(store.uri)


def _ours(studies: Studies) -> list[StudyRun]:
    return studies.all(scenario="shop")


def test_a_study_is_listed_once_newest_first(studies: Studies) -> None:
    names = [study.name for study in _ours(studies)]
    assert len(names) == 2
    assert "budget=30.0" in names[0]
    assert "best is lp" in names[0]
    assert "budget=24.0" in names[1]


def test_budget_and_changes_are_parameters_of_every_run(store: Store, studies: Studies) -> None:
    (experiment,) = {study.experiment for study in _ours(studies)}
    found = store.client.get_experiment_by_name(experiment)
    runs = store.client.search_runs([found.experiment_id])
    assert len(runs) == 4
    for run in runs:
        assert float(run.data.params["budget"]) == float(run.data.params["set/budget"])
        assert run.data.tags["command_line"].startswith("tiermix run shop.yaml --set budget=")
    assert len({run.data.tags["invocation"] for run in runs}) == 2


def test_the_ui_opens_the_experiment_on_its_runs(store: Store, studies: Studies) -> None:
    found = store.client.get_experiment_by_name("tiermix/shop")
    assert found.tags["mlflow.experimentKind"] == "custom_model_development"
    link = studies.links(port=5055)["tiermix/shop"]
    assert link.startswith(f"http://127.0.0.1:5055/#/experiments/{found.experiment_id}/runs?")
    assert "study_run" in link


def test_a_study_is_named_by_its_first_letters(studies: Studies) -> None:
    newest, older = _ours(studies)
    assert studies.named(older.id[:12]) == older
    assert studies.named(newest.id) == newest
    assert studies.named("last").began >= newest.began


@pytest.mark.parametrize("letters", ["zz", "", "%", "' or 1"])
def test_an_unknown_study_is_told_with_those_that_are(studies: Studies, letters: str) -> None:
    with pytest.raises(TrackingError, match="stud") as told:
        studies.named(letters)
    assert "\n" not in str(told.value)


def test_its_page_lies_on_this_disk(studies: Studies) -> None:
    study = _ours(studies)[0]
    assert studies.files(study) == ["report.html"]
    page = studies.page(study)
    assert page.read_text("utf-8") == "<p>the answer</p>"
    assert page == studies.page(study)  # it is opened where it lies, and copied nowhere


def test_what_was_asked_otherwise_is_told_and_what_came_out(studies: Studies) -> None:
    newest, older = _ours(studies)
    told = differences([older, newest])
    assert told["set/budget"] == ["24.0", "30.0"]
    assert told["kpi/margin"] == [10.0, 11.5]
    assert "seed" not in told
    assert unlike(older, newest) == {"kpi/margin": (10.0, 11.5)}
    assert unlike(older, older) == {}


def test_a_command_that_tracked_nothing_was_not_made_again(studies: Studies) -> None:
    newest, older = _ours(studies)
    with pytest.raises(TrackingError, match="tracked no study"):
        studies.made_again(newest)
    with pytest.raises(TrackingError, match="tracked no study"):
        studies.made_again(older)  # the newer one is of another command


def test_looking_makes_no_store(tmp_path: Path) -> None:
    with pytest.raises(TrackingError, match="tiermix run retail"):
        Studies(f"sqlite:///{tmp_path / 'mlflow.db'}")
    assert list(tmp_path.iterdir()) == []


def test_a_document_has_no_tags_of_the_store_itself(studies: Studies) -> None:
    document = _ours(studies)[0].to_dict()
    assert json.loads(json.dumps(document)) == document
    assert not any(name.startswith("mlflow.") for name in document["tags"])


def test_python_has_no_command() -> None:
    assert invocation() is None
    (record,) = labelled([RunRecord("one", {}, {}, {})], "run", None)
    assert record.tags == {"command": "run"}
