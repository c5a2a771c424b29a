"""`tiermix planner`: what is wrong is said before a page is served, and who the page talks to."""

import json
import socket
from collections.abc import Mapping
from pathlib import Path

import pytest

from experiments.tracking.store import Store
from scenarios import load_scenario
from tests.cli.test_plan import table as table
from tests.experiments.conftest import Call
from tests.experiments.conftest import call as call
from tests.experiments.conftest import store as store
from tiermix.cli.commands import planner


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], Mapping[str, str]]]:
    """What would be served."""
    started: list[tuple[list[str], Mapping[str, str]]] = []

    def serve(command: list[str], environment: Mapping[str, str]) -> int:
        started.append((command, environment))
        return 0

    monkeypatch.setattr(planner, "serve", serve)
    monkeypatch.setattr(planner, "find_spec", lambda _: object())
    return started


def _free_port() -> str:
    with socket.socket() as tried:
        tried.bind((planner.HOST, 0))
        return str(tried.getsockname()[1])


def test_the_page_is_served_to_this_machine_only_and_tells_nobody(
    call: Call, served: list[tuple[list[str], Mapping[str, str]]]
) -> None:
    port = _free_port()
    asked = ("--budget", "80%", "--set", "currency=EUR", "--language", "zh", "--port", port)
    code, _, said = call("planner", "retail", *asked)
    assert code == 0
    assert f"http://127.0.0.1:{port}" in said
    (command, environment), *_ = served
    assert {"--server.address=127.0.0.1", "--browser.gatherUsageStats=false"} <= set(command)
    told = json.loads(environment["TIERMIX_PLANNER"])
    assert told["language"] == "zh"
    assert told["question"]["settings"] == {"currency": "EUR", "budget": "80%"}


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (("nothing_like_it",), "there is no scenario 'nothing_like_it'"),
        (("retail", "--set", "budget=-1"), "budget"),
        (("retail", "--curves", "none.csv"), "none.csv"),
    ],
)
def test_what_is_wrong_is_said_before_a_page_is_served(
    call: Call,
    served: list[object],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    asked: tuple[str, ...],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, said = call("planner", *asked, "--port", _free_port())
    assert code == 2
    assert words in said
    assert served == []


def test_without_streamlit_the_extra_is_named(
    call: Call, served: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planner, "find_spec", lambda _: None)
    code, _, said = call("planner")
    assert code == 2
    assert "install tiermix[planner]" in said


def test_a_plan_that_was_kept_is_opened_as_it_was_asked(
    call: Call,
    shop: Path,
    table: Path,
    store: Store,
    served: list[tuple[list[str], Mapping[str, str]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With the budget and the objective of its options, not with those of its scenario."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store.uri)
    asked = ("--budget", "80%", "--objective", "margin", "--set", "rules=[]", "--quiet", "--json")
    code, out, said = call("plan", shop, "--curves", table, "--track", *asked)
    assert code == 0, said
    study = json.loads(out)["mlflow"]["study"]
    assert call("planner", study, "--port", _free_port())[0] == 0
    question = json.loads(served[0][1]["TIERMIX_PLANNER"])["question"]
    opened, own = load_scenario(question["scenario"]), load_scenario(str(shop))
    assert (opened.budget, opened.objective) == (0.8 * own.budget, "margin")
    assert own.objective != "margin"
    assert store.client.get_run(study).data.params["budget"] == f"{opened.budget:.15g}"
