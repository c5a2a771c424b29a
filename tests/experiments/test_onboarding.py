"""Onboarding: all questions at once, steps that are kept, what is redone when something changes."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.company_data.doubts import TableError
from experiments.onboarding.answers import Answers
from experiments.onboarding.questions import settle
from experiments.onboarding.steps import Steps
from experiments.own_scenario.year import months_of_spend
from experiments.report.onboarding import page
from tests.experiments.conftest import Call
from tests.scenes import base
from tests.test_architecture import HEAVY, ROOT
from tiermix.cli.commands.onboard import view
from tiermix.cli.tables import rendered
from tiermix.core.errors import TiermixError

MONTHS = "\n".join(
    ["month,tv spend,orders,revenue", *(f"2024-{m:02d},{m},5,6" for m in range(1, 13))]
)
LATE = HEAVY - {"numpy", "pydantic"}
"""Figures of a table are arrays, and Typer itself asks whether pydantic is there."""
HOW: dict[str, Any] = {"columns": ()}


def table(path: Path, outcome: str = "订单数,销售额", weeks: int = 60, scale: float = 1.0) -> Path:
    """Weeks of a company that keeps its table in Chinese; a year and some weeks."""
    luck = np.random.default_rng(3)
    rows = [f"日期,抖音花费,Google Ads cost,{outcome}"]
    for n in range(weeks):
        day = np.datetime64("2024-01-01") + 7 * n
        money = luck.uniform(5e3, 5e4, 2).round()
        orders = round(300 + 100 * np.sin(n / 8) + luck.normal(0, 15))
        told = {"订单数": orders, "销售额": 80 * orders * scale, "y": orders}
        cells = [str(told[name]) for name in outcome.split(",")]
        rows.append(",".join([str(day), *map(str, money), *cells]))
    path.write_text("\n".join(rows), "utf-8")
    return path


# ---- questions


def test_what_no_table_tells_is_asked_together_with_what_this_one_does_not(tmp_path: Path) -> None:
    file = table(tmp_path / "销售.csv", "销售额")
    with pytest.raises(TableError) as refused:
        settle(file, HOW, Answers())
    said = str(refused.value)
    assert "4 things have to be settled first" in said
    for option in ("--order-value 60", "--margin-rate 0.42", "--budget 2", "--currency CNY"):
        assert option in said
    assert "--assume" in said
    assert [one.where for one in refused.value.questions] == [
        "order value", "margin", "budget", "currency",
    ]  # fmt: skip


def test_columns_that_nobody_knows_are_asked_with_the_rest(tmp_path: Path) -> None:
    file = table(tmp_path / "t.csv", "y")
    with pytest.raises(TableError) as refused:
        settle(file, HOW, Answers(currency="CNY", margin_rate=0.3))
    said = str(refused.value)
    assert "--map orders=y" in said
    assert "--order-value" in said
    assert "--budget AMOUNT" in said
    assert "currency" not in said.partition("then,")[0]
    how = {"columns": ("orders=y",), "order_value": 80.0}
    assert settle(file, how, Answers(0.3, 1e6, "CNY")).assumed == ()


def test_what_is_proposed_can_be_taken_and_is_told_as_assumed(tmp_path: Path) -> None:
    file = table(tmp_path / "t.csv")
    settled = settle(file, HOW, Answers(margin_rate=0.25), assume=True)
    spent = sum(map(sum, months_of_spend(settled.table.amounts)[1].values()))
    assert settled.answers == Answers(0.25, float(f"{spent:.0f}"), "CNY")
    assert [row["field"] for row in settled.assumed] == ["budget", "currency"]
    with pytest.raises(TableError, match="order value"):
        settle(table(tmp_path / "u.csv", "销售额"), HOW, Answers(), assume=True)


def test_what_a_fit_would_refuse_later_is_among_the_first_questions(tmp_path: Path) -> None:
    file = table(tmp_path / "t.csv")
    lines = file.read_text("utf-8").splitlines()
    day, _, rest = lines[20].split(",", 2)
    file.write_text("\n".join([*lines[:19], f"{day},-5,{rest}", *lines[21:]]), "utf-8")
    with pytest.raises(TableError) as refused:
        settle(file, HOW, Answers(), assume=True)
    assert "1 week without a row: 2024-05-06" in str(refused.value)
    assert "spend of 1 week is below 0 in all, first in 2024-05-13" in str(refused.value)
    with pytest.raises(TableError, match="holds 20 weeks"):
        settle(table(tmp_path / "u.csv", weeks=20), HOW, Answers(), assume=True)


def test_a_table_of_regions_without_spend_is_refused_with_the_command_that_reads_it(
    tmp_path: Path,
) -> None:
    days = [np.datetime64("2024-01-01") + n for n in range(40)]
    rows = [f"{city},{n},{day}" for n, day in enumerate(days) for city in "ab"]
    file = tmp_path / "geo.csv"
    file.write_text("\n".join(["location,Y,date", *rows]), "utf-8")
    with pytest.raises(TableError) as refused:
        settle(file, HOW, Answers())
    said = str(refused.value)
    assert "no column is spend" in said
    assert "`tiermix lift`" in said
    assert "margin" not in said


@pytest.mark.parametrize(
    ("given", "said"),
    [({"margin_rate": 40.0}, "0.4 for 40 %"), ({"budget": "0"}, "0"), ({"budget": "x"}, "x")],
)
def test_answers_that_are_none_are_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(TiermixError, match=said):
        Answers(**given).in_money(1e6)


def test_a_budget_is_written_as_people_say_it() -> None:
    assert Answers(budget="2.5m").in_money(1e6).budget == 2.5e6
    assert Answers(budget="80%").in_money(1e6).budget == pytest.approx(8e5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has 0 columns"), ("event_name,user_pseudo_id\na,b\n", "a log of events"),
        (MONTHS, "goes by months"),
    ],
)  # fmt: skip
def test_wrong_files_are_refused_before_anything_heavy_is_loaded(
    tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "wrong.csv"
    file.write_text(text, "utf-8")
    script = (
        "import sys\nfrom tiermix.cli.main import app\n"
        f"try: app(['onboard', {str(file)!r}], standalone_mode=False)\n"
        "except Exception as error: print(error)\n"
        f"print(sorted(set(sys.modules) & {LATE!r}))"
    )
    began = time.perf_counter()
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout
    assert time.perf_counter() - began < 10  # a second on a machine that does nothing else
    assert said in told
    assert told.splitlines()[-1] == "[]"


# ---- steps


def test_a_step_is_kept_until_its_question_its_files_or_its_answer_change(tmp_path: Path) -> None:
    source, written = tmp_path / "表.csv", tmp_path / "out.txt"
    source.write_text("a", "utf-8")
    done = []

    def work() -> dict[str, Any]:
        done.append(1)
        written.write_text("x", "utf-8")
        return {"file": str(written), "n": np.float64(len(done))}

    def take(**asked: Any) -> dict[str, Any]:
        steps = Steps(tmp_path)
        return steps.take("one", work, asked=asked, reads=[source], writes=("file",))

    assert take(a=1) == take(a=1) == {"file": str(written), "n": 1.0}
    assert take(a=2)["n"] == 2.0
    source.write_text("b", "utf-8")
    assert take(a=2)["n"] == 3.0
    written.write_text("mine", "utf-8")  # changed by hand: it is there, and it stays
    assert take(a=2)["n"] == 3.0
    written.unlink()
    assert take(a=2)["n"] == 4.0
    next((tmp_path / ".steps").iterdir()).write_text("{half", "utf-8")
    assert take(a=2)["n"] == 5.0


def test_a_step_that_is_cut_off_leaves_nothing_to_be_taken_for_done(tmp_path: Path) -> None:
    def cut() -> dict[str, Any]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Steps(tmp_path).take("one", cut, asked={})
    assert Steps(tmp_path).take("one", lambda: {"n": 1}, asked={}) == {"n": 1}


# ---- what is shown

CARD: dict[str, Any] = {
    "level": "stop", "says": "do not plan with this scenario", "findings": ["<b>ALL</b> is off."],
    "figures": [{"figure": "R²", "shown": "-3", "ok": "at least 0", "level": "stop"}],
    "backtests": [], "misfit_weeks": [], "not_learned": ["channels.tv.effect"],
}  # fmt: skip
ONBOARDED: dict[str, Any] = {
    "scenario": "a/scenario.yaml", "health": CARD, "plan": None,
    "not_learned": ["channels.tv.effect"], "answers": {}, "doubts": [],
    "assumed": [{"field": "budget", "value": "1", "because": "said"}],
    "steps": [{"step": "check", "kept": True, "seconds": 0.0}],
    "files": {"data": "a/data/data.html"}, "report": "a/onboarding.html",
}  # fmt: skip


def test_a_table_that_no_market_fits_gets_no_plan_and_says_so_first() -> None:
    text = rendered(view(ONBOARDED))
    assert text.startswith("STOP: <b>ALL</b> is off.")
    assert "no plan was made" in text
    assert "not learned, still the base's: channels.tv.effect" in text
    drawn = page(ONBOARDED)  # type: ignore[arg-type]
    assert "No plan was made" in drawn
    assert "<b>ALL" not in drawn
    assert 'href="data/data.html"' in drawn


# ---- all of it


@pytest.mark.long
def test_a_table_becomes_a_plan_is_cut_off_goes_on_and_redoes_what_hangs_on_a_change(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")
    (tmp_path / "别处").mkdir()
    monkeypatch.chdir(tmp_path / "别处")
    shop = tmp_path / "shop.yaml"
    shop.write_text(json.dumps(base().model_dump(mode="json")), "utf-8")
    file = table(tmp_path / "销售.csv")
    size = ("--customers", "200", "--workers", "1", "--quiet", "--json", "--anyway")
    asked = ("--scenario", shop, "--market-size", "20000", "--assume", *size)

    def onboard(*more: Any) -> dict[str, Any]:
        code, out, err = call("onboard", file, *asked, *more)
        assert code == 0, err
        document: dict[str, Any] = json.loads(out)
        return document

    def kept(document: dict[str, Any]) -> list[str]:
        return [one["step"] for one in document["steps"] if one["kept"]]

    with monkeypatch.context() as patch:
        patch.setattr("experiments.curves.measure_curves", _cut_off)
        code, out, err = call("onboard", file, *asked)
        assert code not in (0, 2)
        assert out == ""
        assert "the same command goes on from there" in err
    first = onboard()
    assert kept(first) == ["check", "scenario", "calibrate", "answers"]
    assert sum(x["amount"] for x in first["plan"]["spend"]) > 0
    assert first["not_learned"] == first["health"]["not_learned"]
    folder = Path("runs/onboard/销售")
    for name in ("scenario.yaml", "fitted.yaml", "plan.csv", "plan.html", "onboarding.html"):
        assert (folder / name).is_file(), name
    assert "抖音" in (folder / "table.yaml").read_text("utf-8")

    assert kept(onboard()) == ["check", "scenario", "calibrate", "answers", "plan"]
    assert kept(onboard("--margin-rate", "0.3")) == ["check", "scenario", "calibrate"]
    table(file, scale=1.5)
    assert kept(onboard()) == []
    code, out, _ = call("scenarios", "check", folder / "scenario.yaml")
    assert code == 0, out


def _cut_off(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt


# A shell may start what runs behind it with Ctrl-C ignored.
HEARD = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from tiermix.cli.main import main
main()
"""


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
def test_ctrl_c_in_a_real_process_is_one_sentence_and_leaves_no_half_file(tmp_path: Path) -> None:
    shop = tmp_path / "shop.yaml"
    shop.write_text(json.dumps(base().model_dump(mode="json")), "utf-8")
    file = table(tmp_path / "t.csv")
    command = [
        sys.executable, "-c", HEARD, "onboard", str(file),
        "--scenario", str(shop), "--assume", "--market-size", "20000", "--customers", "2000",
        "--workers", "1",
    ]  # fmt: skip
    process = subprocess.Popen(
        command, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MLFLOW_TRACKING_URI": "sqlite:///m.db"},
    )  # fmt: skip
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        if line.startswith("slopes"):
            break
    process.send_signal(2)
    rest = process.communicate(timeout=60)[1]
    assert "the same command goes on from there" in rest
    assert process.returncode != 0
    folder = tmp_path / "runs" / "onboard" / "t"
    assert (folder / "table.yaml").is_file()
    assert not (folder / "fitted.yaml").exists()
    assert not list(folder.rglob(".*.tmp"))
