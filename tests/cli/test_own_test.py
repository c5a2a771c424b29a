"""`tiermix lift DATA`: tables of tests are read or refused in a sentence, and at once."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.experiments.panels import names_of, planted, start_of, treated_of, written

PANEL, TRUTH = planted(11, regions=12, noise=0.02)
PEOPLE = "group,people,conversions\ntreated,10000,520\ncontrol,10000,450\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A test as GeoLift has it."""
    return written(PANEL, tmp_path / "geo.csv")


ASKED = ("--treated", treated_of(PANEL), "--start", start_of(PANEL), "--quiet")


def test_one_document_has_what_the_contract_names(call: Call, table: Path) -> None:
    code, out, err = call("lift", table, *ASKED, "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert {"estimate", "low", "high", "method", "detectable", "checks"} <= set(found)
    assert found["low"] <= TRUTH <= found["high"]
    assert found["treated"] == treated_of(PANEL).split(",")
    assert {check["check"] for check in found["checks"]} == {"time", "space"}


def test_the_table_may_say_who_was_treated_and_when(
    call: Call, tmp_path: Path, table: Path
) -> None:
    treated = set(treated_of(PANEL).split(","))
    head, *rows = table.read_text("utf-8").splitlines()
    more = [
        f"{row},{int(row.split(',')[0] in treated and row[-10:] >= start_of(PANEL))}"
        for row in rows
    ]
    file = tmp_path / "told.csv"
    file.write_text("\n".join([f"{head},treatment", *more]) + "\n", "utf-8")
    told = json.loads(call("lift", file, "--json", "--quiet")[1])
    typed = json.loads(call("lift", table, *ASKED, "--json")[1])
    assert told["start"] == typed["start"]
    assert told["estimate"] == typed["estimate"]


def test_another_spelling_of_the_same_table_gives_the_same(
    call: Call, tmp_path: Path, table: Path
) -> None:
    rows = [row.split(",") for row in table.read_text("utf-8").splitlines()[1:]]
    lines = ["日期;城市;销售额"]
    lines += [f"{day.replace('-', '/')};{name};{y.replace('.', ',')}" for name, y, day in rows]
    file = tmp_path / "测试.csv"
    file.write_bytes(
        "\r\n".join(reversed(lines[1:])).join([lines[0] + "\r\n", ""]).encode("gb18030")
    )
    found = json.loads(call("lift", file, *ASKED, "--json")[1])
    typed = json.loads(call("lift", table, *ASKED, "--json")[1])
    assert found["kpi"] == "revenue"
    assert found["estimate"] == pytest.approx(typed["estimate"], rel=1e-9)


def test_people_are_compared_by_group(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "ab.csv"
    file.write_text(PEOPLE, "utf-8")
    code, out, _ = call("lift", file, "--share", "0.5", "--json", "--quiet")
    found = json.loads(out)
    assert code == 0
    assert found["estimate"] == pytest.approx(70.0)
    assert found["checks"][0]["check"] == "split"
    single = ["variant,revenue", *("A,1" for _ in range(30)), *("B,2" for _ in range(30))]
    file.write_text("\n".join([*single, "A,3", "B,5"]) + "\n", "utf-8")
    found = json.loads(call("lift", file, "--treated", "B", "--json", "--quiet")[1])
    assert found["estimate"] == pytest.approx(65.0 - 33.0)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "nor when the test began; say it, as in --treated"),
        (("--start", "2025-02-01"), "nothing says which regions were treated; say it"),
        (("--treated", "城市1"), "did you mean"),
        (("--treated", "城市01"), "--start"),
        (("--treated", "城市01", "--start", "2030-01-01"), "lies outside its dates"),
        (("--treated", "城市01", "--start", "2025-01-08"), "2 dates precede the test"),
        (("--treated", "城市01", "--start", "soon"), "is no date"),
        ((*ASKED, "--end", "2025-01-10"), "no date lies between"),
        ((*ASKED, "--method", "guess"), "--method 'guess'"),
        ((*ASKED, "--change", "0"), "no change of money"),
        ((*ASKED, "--design", "geo"), "--design is for a test that is simulated"),
        ((*ASKED, "--kpi", "margin"), "--kpi 'margin'"),
        ((*ASKED, "--kpi", "revenue"), "no column is known to be revenue"),
        ((*ASKED, "--map", "region=place"), "there is no column 'place'"),
        ((*ASKED, "--out", "tests.csv"), "--channel tv"),
    ],
)
def test_a_test_that_cannot_be_is_one_sentence(
    call: Call, table: Path, options: tuple[str, ...], said: str
) -> None:
    code, out, err = call("lift", table, *options, "--quiet")
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no rows"),
        ("location,Y,date\n", "has no rows"),
        ("location,Y\na,1\nb,2\n", "regions and no dates"),
        ("date,Y\n2025-01-01,1\n", "neither regions with dates nor groups"),
        ("location,Y,date\na,x,2025-01-01\nb,2,2025-01-01\n", "'x' is no figure"),
        ("location,Y,date\na,1,2025-01-01\na,2,2025-01-01\n", "a second time"),
        ("location,Y,date\na,1,01/02/2025\nb,2,01/02/2025\n", "--dates"),
        ("location,date\na,2025-01-01\nb,2025-01-01\n", "no column is known to be the outcome"),
        ("group,people,conversions\nu,100,5\nv,100,4\n", "say which was treated"),
        ("group,people,conversions\ntreated,100,500\ncontrol,100,4\n", "one row a person"),
        ("group,people,conversions\ntreated,5,1\ncontrol,100,4\n", "tells nothing"),
        ("group,people,conversions\ntreated,many,1\ncontrol,100,4\n", "no number of people"),
        ("date,group,people,conversions\n2025-01-01,treated,100,1\n", "counts once"),
        ("group,people,conversions\ntreated,100,1\n", "throughout"),
    ],
)
def test_a_file_that_is_no_test_is_one_sentence(
    call: Call, tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "错.csv"
    file.write_text(text, "utf-8")
    code, out, err = call("lift", file, "--treated", "a", "--quiet") if "group" not in text else (
        call("lift", file, "--quiet")
    )  # fmt: skip
    assert (code, out) == (2, "")
    assert said in err
    assert "错.csv" in err or said == "--dates"
    assert err.count("\n") == 1


def test_a_gap_leaves_a_control_out_and_stops_a_treated_region(
    call: Call, tmp_path: Path, table: Path
) -> None:
    treated = treated_of(PANEL).split(",")
    control = next(name for name in names_of(PANEL) if name not in treated)
    lines = table.read_text("utf-8").splitlines()
    file = tmp_path / "gap.csv"
    gap = next(line for line in lines if line.startswith(control))
    file.write_text("\n".join(line for line in lines if line != gap) + "\n", "utf-8")
    found = json.loads(call("lift", file, *ASKED, "--json")[1])
    assert found["regions"] == 11
    assert any(control in remark for remark in found["remarks"])
    gap = next(line for line in lines if line.startswith(treated[0]))
    file.write_text("\n".join(line for line in lines if line != gap) + "\n", "utf-8")
    code, _, err = call("lift", file, *ASKED)
    assert code == 2
    assert treated[0] in err


def test_controls_without_outcome_do_not_count(call: Call, tmp_path: Path, table: Path) -> None:
    treated = treated_of(PANEL).split(",")
    head, *lines = table.read_text("utf-8").splitlines()
    kept = [*treated, *[name for name in names_of(PANEL) if name not in treated][:3]]
    rows = [
        line if line.split(",")[0] in kept else f"{line.split(',')[0]},0,{line[-10:]}"
        for line in lines
    ]
    file = tmp_path / "idle.csv"
    file.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    code, _, err = call("lift", file, *ASKED)
    assert code == 2
    assert "3 regions were not treated" in err


def test_a_scenario_still_needs_a_channel_and_knows_no_options_of_tables(call: Call) -> None:
    for options, said in (((), "--channel is missing"), (("--treated", "a"), "--treated is for")):
        code, out, err = call("lift", "retail", *options)
        assert (code, out) == (2, "")
        assert said in err


def test_a_wrong_table_is_refused_before_anything_heavy_is_loaded(table: Path) -> None:
    code = (
        "import sys; from experiments import Asked, TableError, read_test\n"
        f"try: read_test({str(table)!r}, Asked(treated='nowhere'))\n"
        "except TableError: print(*{name.split('.')[0] for name in sys.modules})"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert loaded
    assert {"numpy", "pandas", "scipy", "numba", "altair"}.isdisjoint(loaded)
