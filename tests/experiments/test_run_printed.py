"""What `tiermix run` prints and writes: one small run of three strategies, without last year's."""

import html
import io
import re
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import pandas as pd
import pytest
from mlflow import MlflowClient

from experiments import STRATEGIES as BUILT_IN
from scenarios import MediaPlan, load_scenario
from tests.experiments.conftest import Call
from tiermix.cli.main import main

# What the default run of the tests asks of a run stands in test_job.py.
pytestmark = pytest.mark.long

STRATEGIES = ("last_click", "equal", "lp")
COMMAND = ["run", "retail", "--customers", "500", "--replications", "2", "--workers", "1"]


class Made(NamedTuple):
    """The folder of a run, what it printed, its page, and the tracking store."""

    folder: Path
    printed: str
    page: str
    client: MlflowClient


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("run")
    printed = io.StringIO()
    arguments = [*COMMAND, "--quiet", "--strategies", ",".join(STRATEGIES), "--out", "out"]
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed):
        patch.chdir(folder)
        # A path of its own: MLflow keeps a store open by its address, whatever folder that was in.
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{folder / 'mlflow.db'}")
        patch.setattr(sys, "argv", ["tiermix", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code, printed.getvalue()
        text = (folder / "out" / "report.html").read_text("utf-8")
        client = MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")
        yield Made(folder, printed.getvalue(), _words(text), client)


def _words(text: str) -> str:
    """The page without styles and scripts, entities as their signs."""
    return html.unescape(re.sub(r"<s(tyle|cript).*?</s(tyle|cript)>", "", text, flags=re.S))


def _section(page: str, key: str) -> str:
    found = re.search(rf'<section id="{key}">(.*?)</section>', page, flags=re.S)
    assert found, f"the page has no section {key}"
    return found[1]


def _best(made: Made) -> str:
    (best,) = re.findall(r"^best: (\w+)$", made.printed, flags=re.M)
    assert best in STRATEGIES
    return str(best)


def _study(made: Made) -> tuple[str, dict[str, str]]:
    """The id and tags of the study's own run."""
    experiment = made.client.get_experiment_by_name("tiermix/retail")
    assert experiment is not None
    (run,) = made.client.search_runs([experiment.experiment_id], "tags.replication = 'all'")
    return run.info.run_id, run.data.tags


def test_the_baseline_that_is_printed_is_the_one_that_was_used(made: Made) -> None:
    assert "against last_click" in made.printed
    assert "against last year" not in made.printed
    assert "against last-click chaser [95 %]" in made.page


def test_the_link_that_compares_runs_is_printed_and_opens_those_of_one_world(made: Made) -> None:
    (link,) = re.findall(r"^compare \(after `tiermix ui`\): (\S+)$", made.printed, flags=re.M)
    linked = re.findall(r"\b[0-9a-f]{32}\b", unquote(link))
    tags = [made.client.get_run(run).data.tags for run in linked]
    assert {tag["strategy"] for tag in tags} == set(STRATEGIES)
    assert {tag["replication"] for tag in tags} == {"0"}


def test_figures_are_printed_with_separators_and_never_as_powers(made: Made) -> None:
    assert re.search(r"\d,\d{3},\d{3}", made.printed)
    assert re.search(r"\de[+-]?\d", made.printed.split("report:")[0]) is None


def test_the_page_shows_what_is_expected_of_the_market(made: Made) -> None:
    beliefs = load_scenario("retail").beliefs
    rows = re.findall(r"<tr>.*?</tr>", _section(made.page, "plausibility"))
    assert len(rows) == 1 + len(beliefs) > 10
    assert any(re.search(r">(inside|near|outside)<", row) for row in rows[1:])
    assert re.search(r"\bnan\b", made.page) is None


def test_the_plan_beside_the_page_the_page_and_the_tracked_plan_are_one(made: Made) -> None:
    scenario = load_scenario("retail")
    plan = MediaPlan.from_csv(made.folder / "out" / "plan.csv", scenario.plannable, scenario.months)
    run, tags = _study(made)
    kept = Path(made.client.download_artifacts(run, "plan.csv", str(made.folder)))
    assert kept.read_bytes() == (made.folder / "out" / "plan.csv").read_bytes()
    first = _tracked_plan(made, _best(made), tags["plan_world"])
    assert first == pytest.approx(list(plan.to_frame()["amount"]))
    planned, before = (_money(made.page, head) for head in ("year", "last year"))
    assert planned == pytest.approx(sorted(plan.by_channel.values()), rel=6e-3)
    meant = sorted(scenario.reference_plan.by_channel.values())
    assert len(before) == len(meant)
    assert 0.9 * sum(meant) < sum(before) < 1.02 * sum(meant)  # what was spent of it


def _money(page: str, head: str) -> list[float]:
    """A column of the table of the plan, smallest first."""
    cell = rf'<td data-label="{head}">¥([\d.,]+)([kM]?)</td>'
    sizes = {"k": 1e3, "M": 1e6, "": 1}
    found = re.findall(cell, _section(page, "plan"))
    return sorted(float(size.replace(",", "")) * sizes[unit] for size, unit in found)


def _tracked_plan(made: Made, strategy: str, world: str) -> list[float]:
    experiment = made.client.get_experiment_by_name("tiermix/retail")
    assert experiment is not None
    where = f"tags.strategy = '{strategy}' and tags.replication = '{world}'"
    (run,) = made.client.search_runs([experiment.experiment_id], where)
    file = made.client.download_artifacts(run.info.run_id, "plan.csv")
    return [float(amount) for amount in pd.read_csv(file)["amount"]]


def test_page_and_terminal_say_of_which_world_the_plan_is(made: Made) -> None:
    differs = _best(made) != "equal"
    said = "the first of 2 worlds (world 0 of the tracked runs)" in _section(made.page, "plan")
    assert said == differs
    assert (", as planned in world 0)" in made.printed) == differs
    assert f"plan: {Path('out') / 'plan.csv'} ({_best(made)}" in made.printed


def test_page_terminal_and_tracking_say_which_rules_are_broken_and_name_one_best(
    made: Made,
) -> None:
    assert "rules broken" in made.printed.splitlines()[0]
    assert "equal breaks no channel moves too far: the cap on forums" in made.printed
    assert "no channel moves too far: the cap on forums" in _section(made.page, "strategies")
    headline = re.search(r'class="headline"[^>]*>(.*?)</div>', made.page)
    assert headline is not None
    assert BUILT_IN[_best(made)].label in headline[1]
    _, tags = _study(made)
    assert (tags["strategy"], tags["allowed"]) == (_best(made), "true")


def test_the_page_says_by_which_convention_credit_is_given(made: Made) -> None:
    said = _section(made.page, "attribution")
    assert "visits by direct count only in journeys that know no other channel" in said
    assert "removal" in said


@pytest.mark.long
def test_validate_prints_the_link_too(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")
    monkeypatch.chdir(tmp_path)
    size = ("--customers", "200", "--replications", "1", "--workers", "1", "--quiet")
    code, out, err = call("validate", "retail", "--models", "last,linear", *size)
    assert code == 0, err
    assert "\ncompare (after `tiermix ui`): http" in out
