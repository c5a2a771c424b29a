"""Words of the command line: who says them, how they are spelled, how they are set."""

import ast
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import typer.main

from sim import ClusterError
from tests.cli.conftest import Call
from tiermix.cli import inputs
from tiermix.cli.commands.attribute import model_parameters
from tiermix.cli.main import app
from tiermix.cli.options import UsageError
from tiermix.cli.spelling import for_the_terminal
from tiermix.cli.tables import head_of, rendered, table, value_of

ROOT = Path(__file__).parents[2]
LIBRARIES = ("scenarios", "journeys", "sim", "attribution", "optimize", "experiments")
FLAG = re.compile(r"(?<![\w-])--[a-z]")
NO_MESSAGES = {"experiments/tracking/store.py", "experiments/report/style.py"}
"""Arguments of another program, and names of colours."""


def _commands(command: Any, name: str = "tiermix") -> Iterator[tuple[str, Any]]:
    for word, inner in getattr(command, "commands", {}).items():
        yield from _commands(inner, f"{name} {word}")
    if not getattr(command, "commands", {}):
        yield name, command


COMMANDS = dict(_commands(typer.main.get_command(app)))


def _texts(tree: ast.Module) -> Iterator[str]:
    """Strings of a module that are no docstrings."""
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


def _flags(path: Path) -> list[str]:
    """Texts of a module that name an option, as rows of a table would have no dashes."""
    texts = _texts(ast.parse(path.read_text("utf-8")))
    return [text for text in texts if FLAG.search(text) and "var(--" not in text]


# A table's questions are answered where the table is checked, in a terminal: their remedies are
# typed as they stand.
ANSWERED_IN_A_TERMINAL = (
    "experiments/company_data/",
    "experiments/field_test/",
    "experiments/publish/field_test.py",
    "experiments/own_scenario/",
    "experiments/onboarding/",
    "experiments/calibration/history_file.py",
    "experiments/report/comparison/grounds.py",  # the command that makes a study again
)


def test_no_message_of_a_library_names_a_flag_of_the_command_line() -> None:
    found = {
        name: flags
        for package in LIBRARIES
        for path in (ROOT / package).rglob("*.py")
        if (name := path.relative_to(ROOT).as_posix()) not in NO_MESSAGES
        if not name.startswith(ANSWERED_IN_A_TERMINAL)
        if (flags := _flags(path))
    }
    assert found == {}


def test_the_search_finds_a_flag_in_a_message(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text('"""Not --this."""\nx = f"ask for more --customers than {1}"\n', "utf-8")
    assert _flags(file) == ["ask for more --customers than "]


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_who_takes_workers_takes_a_cluster(name: str) -> None:
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
    assert ("--workers" in options) == ("--cluster" in options)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_option_says_what_it_does_in_a_sentence(name: str) -> None:
    for parameter in COMMANDS[name].params:
        words = getattr(parameter, "help", None) or ""
        assert words.endswith("."), f"{name} {parameter.name}: {words!r}"
    assert COMMANDS[name].get_short_help_str(60).endswith("."), name


def test_a_cluster_without_its_package_is_refused_in_a_sentence(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "find_spec", lambda _: None)
    code, out, err = call("run", "retail", "--cluster", "tcp://a:1")
    assert (code, out) == (2, "")
    assert "install tiermix[cluster]" in err
    assert err.count("\n") == 1


def test_work_runs_on_the_cluster_where_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "find_spec", lambda _: object())
    with socket.socket() as scheduler:
        scheduler.bind(("127.0.0.1", 0))
        scheduler.listen()
        address = f"tcp://127.0.0.1:{scheduler.getsockname()[1]}"
        assert inputs.where(3, address) == address
    with pytest.raises(ClusterError, match="is no address of a Dask scheduler"):
        inputs.where(3, "")
    assert inputs.where(3, None) == 3
    assert inputs.where(None, None) is None


@pytest.mark.parametrize(
    ("message", "typed"),
    [
        ("drop them with bad='drop'.", "drop them with --drop."),
        ("a number (JourneyLog.pieces(folder, count=8)).", "a number (--pieces 8)."),
        ('say so: names={"Google Ads": "NAME"}.', 'say so: --map "Google Ads=NAME".'),
        ("Move it: set its start to May.", "Move it: set its start (--set start=VALUE) to May."),
        ("festivals: moved(scenario, 2020); or", "festivals: --shift-to 2020; or"),
        ("1 lead; ask for outcome='lead'.", "1 lead; ask for --outcome lead."),
        ("customers: 0 are too few", "customers: 0 are too few"),
    ],
)
def test_parameters_are_told_as_they_are_typed(message: str, typed: str) -> None:
    assert for_the_terminal(message) == typed


def test_an_unknown_name_in_a_history_is_answered_with_the_option(
    call: Call, tmp_path: Path
) -> None:
    file = tmp_path / "weeks.csv"
    weeks = pd.date_range("2025-01-06", periods=30, freq="7D").strftime("%Y-%m-%d")
    rows = ["week,channel,spend,impressions,clicks,conversions,revenue"]
    rows += [f"{week},x,5,,,," for week in weeks]
    rows += [f"{week},total,,,,9,900" for week in weeks]
    file.write_text("\n".join(rows) + "\n", "utf-8")
    code, _, err = call("calibrate", file, "--scenario", "retail")
    assert code == 2
    assert '--map "x=NAME"' in err


def test_a_page_in_a_pipe_is_aligned_whole_and_without_colours() -> None:
    rows = [["商品", 24_000_000.0, "w" * 300], ["b", None, "short"]]
    text = rendered(["[bold]x[/]", table(["name", "spend", "why"], rows, ["why"])])
    first, head, _, one, two = text.splitlines()
    assert first == "[bold]x[/]"
    assert head == "name       spend  why"
    assert one.endswith("24,000,000  " + "w" * 300)
    assert two == "b              –  short"
    assert "\x1b" not in text


def test_a_page_on_a_terminal_is_no_wider_and_loses_nothing() -> None:
    text = rendered([table(["name", "why"], [["a", "word " * 40]], ["why"])], width=40)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert max(map(len, plain.splitlines())) <= 40
    assert plain.count("word") == 40
    assert "…" not in plain


def test_heads_have_units_and_shares_are_percent() -> None:
    assert head_of("margin", "CNY") == "margin (CNY)"
    assert head_of("cac", "USD") == "cac (USD per person)"
    assert head_of("click_rate", "CNY") == "click rate (%)"
    assert head_of("shortfall of goals", "CNY") == "shortfall of goals"
    assert value_of("click_rate", 0.25) == 25.0
    assert value_of("margin", 0.25) == 0.25


def test_parameters_go_to_the_models_that_are_named() -> None:
    found = model_parameters(
        ["time_decay.half_life_days=3", "markov.removal=loop"], {"order": 2}, ["markov"]
    )
    assert found == {
        "time_decay": {"half_life_days": 3},
        "markov": {"removal": "loop", "order": 2},
    }
    with pytest.raises(UsageError, match="say the same"):
        model_parameters(["markov.order=1"], {"order": 2}, ["markov"])
    with pytest.raises(UsageError, match=r"markov\.order=2"):
        model_parameters(["order=2"], {}, ["markov"])


@pytest.mark.parametrize(
    ("parameter", "words"),
    [
        ("u_shaped.frist=1", "its parameters are first, last"),
        ("linear.by=3", "3 is not a text"),
        ("shapley.samples=2.5", "2.5 is not a whole number"),
        ("casv.depth=2", "casv is not among the models"),
    ],
)
def test_a_parameter_that_cannot_be_is_one_sentence(
    call: Call, tmp_path: Path, parameter: str, words: str
) -> None:
    file = tmp_path / "paths.csv"
    file.write_text("path,conversions,value,nulls\na > b,3,30,10\n", "utf-8")
    models = "u_shaped,linear,shapley"
    code, out, err = call("attribute", file, "--model", models, "--parameter", parameter)
    assert (code, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1


def test_a_parameter_changes_the_credit(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "paths.csv"
    file.write_text("path,conversions,value,nulls\na > b > c,3,30,10\n", "utf-8")
    asked = ("attribute", file, "--model", "u_shaped", "--json")
    assert call(*asked)[1] != call(*asked, "--parameter", "u_shaped.first=0.1")[1]
