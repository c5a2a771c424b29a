"""What commands show and write with `--language zh`: Chinese but for names; JSON stays English."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pytest

from experiments.tracking.store import Store
from scenarios import read_plan
from tests.cli.conftest import Call
from tests.cli.test_attribute import LOG
from tests.cli.test_own_test import ASKED, PANEL, PEOPLE
from tests.cli.test_plan import table as table
from tests.experiments import years
from tests.experiments.conftest import store as store
from tests.experiments.in_chinese import CHINESE, cells_of, english_sentences, texts_of
from tests.experiments.panels import written
from tests.scenes import base

SMALL = ("--customers", "60", "--replications", "2", "--workers", "1")
OWN = [goal.name for goal in years.scenario().goals]
"""Names that a user gave and has no Chinese for."""


class Case(NamedTuple):
    """A command, the files that it writes, and words that have to be there."""

    command: tuple[str, ...]
    page: str = ""
    book: str = ""
    words: tuple[str, ...] = ()


CASES = {
    "check": Case(("scenarios", "check", "retail"), words=("检查通过", "付费搜索、")),
    "check, in doubt": Case(("scenarios", "check", "new.yaml"), words=("检查通过",)),
    "frontier": Case(
        ("frontier", "shop.yaml", "--curves", "curves.csv", "--budgets", "2", "--out", "out",
         "--set", "rules=[]"),
        page="out/frontier.html", words=("再增加 1 CNY 带来", "最后一单位投入的回报低于其成本"),
    ),
    "attribute": Case(
        ("attribute", "log.csv", "--model", "first,last,linear,markov", "--drop", "--out", "out"),
        book="credit.xlsx", words=("归因单位：成交数，共 2 条旅程", "未使用的列：page"),
    ),
    "lift of a market": Case(
        ("lift", "shop.yaml", "--channel", "video", *SMALL, "--out", "out"),
        page="out/lift-video-ab.html", book="lift.xlsx", words=("对 50% 的人停投", "检验功效"),
    ),
    "lift of communities": Case(
        ("lift", "shop.yaml", "--channel", "video", "--design", "geo", *SMALL, "--out", "out"),
        page="out/lift-video-geo.html", words=("在一半社区停投",),
    ),
    "lift of regions": Case(
        ("lift", "geo.csv", *ASKED[:-1], "--channel", "tv", "--change", "off", "--spend", "5000",
         "--out", "out"),
        page="out/lift-geo.html", book="geo.xlsx",
        words=("合成控制法", "测试花费", "至少需要 6 对"),
    ),
    "lift of people": Case(
        ("lift", "ab.csv", "--share", "0.5", "--out", "out"),
        page="out/lift-ab.html", book="ab.xlsx",
        words=("均值差：增量成交数", "写入 tests.csv 需要"),
    ),
    "replan": Case(
        ("replan", "years.yaml", "--plan", "plan.csv", "--actuals", "actuals.csv", "--curves",
         "years.csv", "--out", "out"),
        page="out/replan.html", book="replan.xlsx", words=("削减抖音", "较预期低", "年末预测"),
    ),
    "run": Case(
        ("run", "shop.yaml", "--strategies", "last_year,equal", *SMALL, "--out", "out"),
        page="out/report.html", book="run.xlsx", words=("相对去年方案", "方案文件："),
    ),
    "compare": Case(
        ("compare", "shop.yaml", "--budget", "80%,90%", "--strategies", "last_year,equal", *SMALL,
         "--out", "out"),
        page="out/compare.html", book="compare.xlsx", words=("相对第一组", "推荐方案"),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, shop: Path, table: Path) -> Path:
    """A folder with what the commands are asked about."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "curves.csv").write_bytes(table.read_bytes())
    (folder / "log.csv").write_text(LOG, "utf-8")
    (folder / "ab.csv").write_text(PEOPLE, "utf-8")
    written(PANEL, folder / "geo.csv")
    (folder / "shop.yaml").write_bytes(shop.read_bytes())
    new = base().model_dump(mode="json")
    new["history"]["spend"]["video"] = [0.0] * 12
    (folder / "new.yaml").write_text(json.dumps(new), "utf-8")
    (folder / "years.yaml").write_text(
        json.dumps(years.scenario().model_dump(mode="json")), "utf-8"
    )
    years.curves().to_csv(folder / "years.csv")
    years.plan().to_csv(folder / "plan.csv")
    told = years.table_of(years.lived(2, factor={"douyin": 0.5}))
    (folder / "actuals.csv").write_text(told, "utf-8")
    return folder


@pytest.fixture
def made(
    desk: Path, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Call, Case], str]:
    """Runs a case in a folder of its own; gives what the terminal shows."""
    for file in desk.iterdir():
        (tmp_path / file.name).symlink_to(file)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store.uri)

    def run(call: Call, case: Case) -> str:
        more = ("--xlsx", case.book) if case.book else ()
        quiet = () if "check" in case.command else ("--quiet",)
        code, shown, said = call(*case.command, *more, *quiet, "--language", "zh")
        assert code == 0, said
        return shown + said

    return run


LONG = ("lift of communities", "run")


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.long if n in LONG else ()) for n in CASES]
)
def test_no_english_sentence_but_in_names(
    name: str, call: Call, made: Callable[[Call, Case], str]
) -> None:
    case = CASES[name]
    shown = made(call, case)
    assert english_sentences(shown.splitlines(), OWN) == []
    assert [words for words in case.words if words not in shown] == []
    if case.page:
        page = Path(case.page).read_text("utf-8")
        assert english_sentences(texts_of(page), OWN) == []
        assert '<html lang="zh">' in page
    if case.book:
        assert english_sentences(cells_of(Path(case.book)), OWN) == []
        assert openpyxl.load_workbook(case.book).sheetnames[0] in ("结论", "方案组")
    if name == "replan":
        _is_the_plan(Path(case.book), Path("out/plan.csv"))


def _is_the_plan(book: Path, csv: Path) -> None:
    """The workbook is read back as the plan that was written beside it."""
    here = years.scenario()
    back = read_plan(book, here.plannable, here.months, here.other_names)
    assert (back.amounts == read_plan(csv, here.plannable, here.months).amounts).all()


@pytest.mark.parametrize("name", ["check", "attribute", "lift of people"])
def test_json_is_the_same_in_both_languages(
    name: str, call: Call, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(desk)
    asked = [word for word in CASES[name].command if word not in ("--out", "out")]
    told = [
        json.loads(call(*asked, "--json", "--language", language)[1]) for language in ("en", "zh")
    ]
    one, other = ({**each, "seconds": 0} for each in told)
    assert one == other
    assert name == "check" or not CHINESE.search(json.dumps(one, ensure_ascii=False))


def test_a_channel_that_looks_like_a_formula_is_a_text(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("log.csv").write_text(LOG.replace("ads", "=1+1"), "utf-8")
    code, _, said = call("attribute", "log.csv", "--outcome", "lead", "--xlsx", "credit.xlsx")
    assert code == 0, said
    book = openpyxl.load_workbook("credit.xlsx")
    assert book.sheetnames[0] == "answer"
    (cell,) = [c for c in book["conversions"]["A"] if c.value == "=1+1"]
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    sums = [c for row in book["conversions"].iter_rows() for c in row if c.data_type == "f"]
    assert [c.value for c in sums] == [f"=SUM({x}2:{x}6)" for x in "BCD"]
