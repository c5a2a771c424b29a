"""The benchmark: a suite that is the same everywhere, answers that can be hidden, fair scores."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments import (
    Scores,
    SuiteFolder,
    give_results,
    make_suite,
    read_results,
    score,
    verify,
    verify_folder,
    write_results,
)
from experiments.benchmark.identity import combined, lines, read_lines, table_hash
from experiments.benchmark.suite import load_suite, market_names
from experiments.benchmark.table import cells_of, document_of, places_of
from experiments.benchmark.truth import truth_of
from experiments.report.benchmark import page
from experiments.study import StudyError

MARKET = "pure_selection"
MODELS = ["last_click", "linear", "hazard"]
KINDS = ("adds_up", "multiplies", "pure_selection", "carry_over", "hand_offs", "low_consent",
         "several_devices", "flighted", "rival_shock", "retail", "b2b", "education")  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> SuiteFolder:
    """One market of the tiny suite, made once."""
    out = tmp_path_factory.mktemp("suite")
    return make_suite(out, size="tiny", markets=[MARKET], workers=1)


@pytest.fixture(scope="module")
def results(made: SuiteFolder) -> pd.DataFrame:
    return give_results(made, MODELS, workers=1)


@pytest.fixture(scope="module")
def scores(made: SuiteFolder, results: pd.DataFrame) -> Scores:
    return score(made, pd.concat([results, truths(made, "truth<b>")]), workers=1)


def truths(suite: SuiteFolder, name: str, factor: float = 1.0) -> pd.DataFrame:
    """The truth itself, handed in as a result."""
    found = []
    for world in suite.worlds():
        effects = truth_of(suite.answers(world)[0], "removal").effects
        table = effects.rename(columns={"effect": "conversions"})[["channel", "conversions"]]
        table["conversions"] *= factor
        mark = {"model": name, "market": world.market.name, "world": world.number}
        found.append(table.assign(**mark, low=-1e9, high=1e9))
    return pd.concat(found, ignore_index=True)


def test_the_suite_has_its_markets_with_cards() -> None:
    assert market_names() == KINDS
    for market in load_suite():
        card = market.card()
        assert card["about"]
        assert card["breaks"]
        assert len(card["channels"]) >= 3
        assert market.worlds >= 3


def test_a_market_keeps_its_people_whatever_else_is_asked_for() -> None:
    alone, among = load_suite(["retail"])[0], load_suite()[market_names().index("retail")]
    assert [alone.world_seed(n) for n in (1, 2)] == [among.world_seed(n) for n in (1, 2)]
    seeds = [m.world_seed(n) for m in load_suite() for n in range(1, m.worlds + 1)]
    assert len(set(seeds)) == len(seeds)


def test_a_market_is_the_frozen_one() -> None:
    found = verify(size="tiny", markets=["adds_up", MARKET], workers=1)
    assert found["same"], found["differing"]
    assert len(found["worlds"]) == 4


@pytest.mark.release
@pytest.mark.parametrize("how", [{"workers": 2}, {"engine": "individual", "workers": 2}])
def test_the_tiny_suite_is_the_frozen_one_however_it_is_simulated(how) -> None:
    assert verify(size="tiny", **how)["differing"] == []


def test_what_was_written_is_verified_and_a_changed_cell_is_found(
    made: SuiteFolder, tmp_path: Path
) -> None:
    assert verify_folder(made)["same"]
    assert verify_folder(made)["hash"] == made.sheet["hash"]  # one suite has one hash
    copy = shutil.copytree(made.out, tmp_path / "copy")
    file = copy / "markets" / MARKET / "world-2" / "ledger.parquet"
    table = pd.read_parquet(file)
    table.loc[3, "spend"] += 1
    table.to_parquet(file)
    found = verify_folder(SuiteFolder.open(copy))
    assert found["differing"] == [f"{MARKET}/world-2"]
    assert not found["same"]


def test_the_hash_is_of_what_a_table_says_and_not_of_how_it_is_packed(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "time": pd.to_datetime(["2026-01-01", "2026-01-02"]).astype("datetime64[us]"),
            "channel": pd.Categorical(["视频", None]),
            "spend": [0.1 + 0.2, 1e9],
        }
    )
    table.to_parquet(tmp_path / "one.parquet")
    shards = tmp_path / "many.parquet"
    shards.mkdir()
    table.assign(channel=table["channel"].astype(object)).iloc[:1].to_parquet(
        shards / "part-0.parquet"
    )
    table.iloc[1:].to_parquet(shards / "part-1.parquet", compression="gzip")
    assert table_hash(tmp_path / "one.parquet") == table_hash(shards)
    table.assign(spend=[0.3001, 1e9]).to_parquet(tmp_path / "one.parquet")
    assert table_hash(tmp_path / "one.parquet") != table_hash(shards)


def test_hashes_are_told_as_sha256sum_tells_them() -> None:
    known = {"b/world-1": "0" * 64, "a/world-2": "1" * 64}
    assert read_lines(lines(known)) == known
    assert lines(known).startswith("1" * 64 + "  a/world-2\n")
    assert combined(known) == combined(dict(reversed(known.items())))


def test_what_is_made_already_is_kept_and_another_suite_is_refused(made: SuiteFolder) -> None:
    file = made.truth / MARKET / "world-1.csv"
    before = file.stat().st_mtime_ns
    again = make_suite(made.out, size="tiny", markets=[MARKET], workers=1)
    assert again.sheet["hash"] == made.sheet["hash"]
    assert file.stat().st_mtime_ns == before
    with pytest.raises(StudyError, match="holds another suite"):
        make_suite(made.out, size="full", markets=[MARKET], workers=1)


def test_every_world_has_four_truths_whose_parts_agree(made: SuiteFolder) -> None:
    for world in made.worlds():
        table, facts = made.answers(world)
        assert set(table["estimand"]) == {"removal", "unfunded", "marginal", "shapley", "all"}
        whole = truth_of(table, "shapley")
        assert whole.effects["effect"].sum() == pytest.approx(whole.together[0])
        removal, unfunded = (truth_of(table, name).effects for name in ("removal", "unfunded"))
        # No channel of this market has a stock: without money it is off.
        pd.testing.assert_frame_equal(removal, unfunded)
        assert facts["observed"] == pytest.approx(facts["baseline"])  # everybody consents


def test_references_behave(scores: Scores) -> None:
    cells = {cell["model"]: cell for cell in cells_of(scores)}
    assert {"(nothing)", "(even)", "(by spend)", "(oracle)", "(last year)"} <= set(cells)
    nothing = cells["(nothing)"]["measures"]["over_credit"]
    assert (nothing["mean"], nothing["low"], nothing["high"]) == (-1.0, -1.0, -1.0)
    oracle = cells["(oracle)"]["measures"]["regret"]
    assert oracle["low"] <= 0 <= oracle["high"]
    assert cells["(nothing)"]["measures"]["regret"] == cells["(last year)"]["measures"]["regret"]


def test_the_truth_as_a_result_has_no_error(scores: Scores) -> None:
    cell = next(c for c in cells_of(scores) if c["model"] == "truth<b>")
    assert cell["measures"]["misplaced"]["mean"] == 0
    assert cell["measures"]["regret"]["mean"] == 0
    assert cell["measures"]["coverage"]["mean"] == 1
    assert cell["measures"]["kendall"]["mean"] == pytest.approx(1)


def test_models_that_credit_searches_misplace_where_search_harvests(scores: Scores) -> None:
    cells = {cell["model"]: cell["measures"] for cell in cells_of(scores)}
    assert cells["last_click"]["misplaced"]["low"] > 0


def test_places_are_ranks_of_all_rows(scores: Scores) -> None:
    places = places_of(scores)
    assert [p["rank"] for p in places] == sorted(p["rank"] for p in places)
    count = len(places)
    assert np.mean([p["rank"] for p in places]) == pytest.approx((count + 1) / 2)
    json.dumps(document_of(scores))


def test_the_page_sorts_without_a_network_and_text_stays_text(scores: Scores) -> None:
    drawn = page(scores)
    assert "http" not in drawn.replace("http-equiv", "")
    assert "truth<b>" not in drawn
    assert "truth&lt;b&gt;" in drawn
    assert "data-by=" in drawn
    assert scores.suite.sheet["hash"] in drawn


def test_a_result_is_the_same_when_it_is_read_again(
    made: SuiteFolder, results: pd.DataFrame, tmp_path: Path
) -> None:
    file = write_results(results, tmp_path / "ours.csv")
    again = read_results(file, made)
    assert again["conversions"].to_numpy() == pytest.approx(
        results["conversions"].to_numpy(), rel=1e-5
    )
    assert list(again["model"]) == list(results["model"])


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (["market,world,channel", f"{MARKET},1,video"], "'conversions' is missing"),
        (["market,world,channel,conversions,sales", f"{MARKET},1,video,1,2"], "'sales' is not"),
        (
            ["market,world,channel,conversions", f"{MARKET},3,video,1"],
            "line 2: there is no world 3",
        ),
        (["market,world,channel,conversions", f"{MARKET},1,vidoe,1"], "line 2: 'vidoe' is no"),
        (["market,world,channel,conversions", f"{MARKET},1,video,much"], "line 2: conversions is"),
        (["market,world,channel,conversions", f"{MARKET},1.5,video,1"], "whole number"),
        (
            ["market,world,channel,conversions", *[f"{MARKET},1,video,1"] * 2],
            "line 3: this channel",
        ),
        (["market,world,channel,conversions"], "has no rows"),
        (["model,market,world,channel,conversions", f"(oracle),{MARKET},1,video,1"], "reference"),
        ([""], "is no CSV"),
    ],
)
def test_a_wrong_result_is_refused_with_its_line(
    made: SuiteFolder, tmp_path: Path, rows: list[str], words: str
) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("\n".join(rows) + "\n", "utf-8")
    with pytest.raises(StudyError) as told:
        read_results(file, made)
    assert words in str(told.value)
    assert "mine.csv" in str(told.value) or words == "reference"


def test_a_model_is_ranked_where_it_answered_every_world(
    made: SuiteFolder, results: pd.DataFrame
) -> None:
    part = results[(results["model"] == "linear") & (results["world"] == 1)]
    found = score(made, pd.concat([truths(made, "whole"), part]), workers=1)
    assert {cell["model"] for cell in cells_of(found) if not cell["reference"]} == {"whole"}


@pytest.mark.long
def test_hidden_answers_stay_hidden(tmp_path: Path) -> None:
    out, answers = tmp_path / "public", tmp_path / "answers"
    made = make_suite(out, size="tiny", markets=["adds_up"], hidden=answers, workers=1)
    handed_out = {path.name for path in out.rglob("*") if path.is_file()}
    assert not handed_out & {"provenance.json", "scorecard.json", "world-1.csv"}
    assert not any("truth" in path.parts for path in out.rglob("*"))
    seed = json.loads((answers / "suite.json").read_text("utf-8"))["seed"]
    assert str(seed) not in (out / "suite.json").read_text("utf-8")
    assert made.sheet["seed"] is None
    assert verify_folder(SuiteFolder.open(out))["same"]
    results = give_results(SuiteFolder.open(out), ["linear"], workers=1)
    with pytest.raises(StudyError, match="hidden"):
        score(SuiteFolder.open(out), results, workers=1)
    shown = score(SuiteFolder.open(out, answers), results, workers=1)
    assert "linear" in {cell["model"] for cell in cells_of(shown)}
    assert SuiteFolder.open(out, answers).sheet["hash"] != frozen_hash()


def frozen_hash() -> str:
    """The hash of the open market of that name."""
    return verify(size="tiny", markets=["adds_up"], workers=1)["hash"]
