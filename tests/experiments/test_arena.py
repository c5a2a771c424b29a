"""The arena of tests: doses that make up any assignment, truth, measures, files and pages."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments import judge_tests, summarise_tests
from experiments.arena import judging
from experiments.arena.conditions import (
    COMMUNITIES,
    CONDITIONS,
    LEAK,
    PEOPLE_CONDITIONS,
    unlike_sizes,
)
from experiments.arena.document import arena_document, as_text, read_document
from experiments.arena.estimators import ESTIMATORS, NAIVE, PEOPLE_ESTIMATORS, cuped
from experiments.arena.estimators import difference_of_means as means
from experiments.arena.market import (
    CHANNEL,
    DOSES,
    KPIS,
    WEEKS,
    WEEKS_BEFORE,
    Dose,
    Outcomes,
    arena_market,
    outcomes_of,
)
from experiments.arena.people import PeopleArm, PeopleTest, people_outcomes
from experiments.arena.regions import region_test
from experiments.arena.summary import MEASURES
from experiments.arena.trials import COLUMNS
from experiments.report.arena import page
from experiments.study import StudyError
from sim import Arm, Setting

PEOPLE = 3 * COMMUNITIES


@pytest.fixture(scope="module")
def setting() -> Setting:
    """A tested market with few people."""
    return Setting(arena_market(), PEOPLE, 5)


@pytest.fixture(scope="module")
def outcomes(setting: Setting) -> Outcomes:
    return outcomes_of(setting)


@pytest.fixture(scope="module")
def judged() -> pd.DataFrame:
    """A few tests of both kinds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(judging.SIZES, "tiny", judging.Size(2, 1))
        patch.setattr(judging, "CUSTOMERS", 20 * COMMUNITIES)
        return judge_tests(size="tiny", conditions=["few_regions", "few_people"], workers=1)


@pytest.mark.parametrize("condition", CONDITIONS.values(), ids=list(CONDITIONS))
def test_doses_make_up_any_assignment(condition, outcomes: Outcomes, setting: Setting) -> None:
    lived = outcomes_of(setting, drifts=True) if condition.drifts else outcomes
    assert condition.communities.sum() == COMMUNITIES
    for number in range(20):
        test = region_test(lived, condition, np.random.default_rng(number))
        seen, untouched = test.panel.outcome, test.untouched.outcome
        assert seen.shape[1] == WEEKS_BEFORE + WEEKS
        np.testing.assert_array_equal(seen[:, :WEEKS_BEFORE], untouched[:, :WEEKS_BEFORE])
        if condition.leak == 0:
            controls = ~test.panel.treated
            np.testing.assert_array_equal(seen[controls], untouched[controls])
            gained = (seen - untouched)[test.panel.treated].sum()
            assert test.truth == pytest.approx(gained)


@pytest.fixture(scope="module")
def plain() -> Outcomes:
    """Outcomes that tell the dose: 100 a week and community, less its share of what is off."""
    shape = (len(KPIS), COMMUNITIES, WEEKS)
    during = {dose: np.full(shape, 100.0 * (1 - dose.off) - 50.0 * dose.rival) for dose in DOSES}
    return Outcomes(np.full((*shape[:2], WEEKS_BEFORE), 100.0), during)


def test_what_leaks_takes_from_controls_and_leaves_to_the_treated(plain: Outcomes) -> None:
    test = region_test(plain, CONDITIONS["spill_over"], np.random.default_rng(1))
    treated = test.panel.treated
    near = (np.roll(treated, 1).astype(int) + np.roll(treated, -1)) * LEAK / 2
    off = np.where(treated, 1 - LEAK, 0.0) + near
    communities = COMMUNITIES / len(treated)
    np.testing.assert_allclose(
        test.panel.outcome[:, WEEKS_BEFORE], 100.0 * communities * (1 - off), atol=1e-9
    )
    assert test.truth == pytest.approx(-100.0 * communities * WEEKS * treated.sum())


def test_inner_regions_of_blocks_are_free_of_what_leaks(plain: Outcomes) -> None:
    rng = np.random.default_rng(1)
    blocks = region_test(plain, CONDITIONS["spill_over_blocks"], rng).panel.treated.reshape(-1, 4)
    assert (blocks.all(axis=1) | (~blocks).all(axis=1)).all()
    inner = region_test(plain, CONDITIONS["spill_over_inner"], rng).panel
    during = inner.outcome[:, WEEKS_BEFORE:] / inner.outcome[:, :1]
    assert set(during[inner.treated].ravel()) == {0.0}
    assert set(during[~inner.treated].ravel()) == {1.0}
    assert 16 <= len(inner.treated) < 32


def test_a_rival_campaigns_everywhere_or_in_a_third_of_the_regions(plain: Outcomes) -> None:
    for name, share in (("common_shock", 1.0), ("local_shocks", 1 / 3)):
        test = region_test(plain, CONDITIONS[name], np.random.default_rng(1))
        seen = test.untouched.outcome[:, WEEKS_BEFORE] / test.untouched.outcome[:, 0]
        assert np.mean(seen == 0.5) == pytest.approx(share, abs=0.02)


def test_the_dose_of_everything_is_the_year_without_the_money(
    setting: Setting, outcomes: Outcomes
) -> None:
    """Against a program that knows no doses: money taken away by hand in one community."""
    community = setting.layout.communities[7]
    _, snapshot = setting.history(community)
    first = 7 * WEEKS_BEFORE
    simulation = setting.begun(snapshot, Arm(setting.scenario.reference_plan))
    simulation.advance(first)
    begun = simulation.counted("orders")
    names = [channel.name for channel in setting.scenario.channels]
    simulation.market["money"][names.index(CHANNEL), first:] = 0.0
    simulation.advance(first + 7 * WEEKS)
    orders = KPIS.index("conversions")
    mine = outcomes.during[Dose(1.0)][orders, 7]
    assert mine.sum() == simulation.counted("orders") - begun
    assert outcomes.before[orders].sum() > 0


def test_any_assignment_of_people_is_put_together_unless_they_talk(setting: Setting) -> None:
    held = np.random.default_rng(3).random(PEOPLE) < 0.5
    nobody = np.zeros(PEOPLE, dtype=bool)
    arms = [PeopleArm(nobody), PeopleArm(~nobody), PeopleArm(held)]
    alone = people_outcomes(setting, arms).during
    np.testing.assert_array_equal(np.where(held, alone[1], alone[0]), alone[2])
    talking = replace(setting, scenario=arena_market(talks=True))
    told = people_outcomes(talking, arms).during
    assert (np.where(held, told[1], told[0]) != told[2]).any()


def test_a_few_regions_have_most_people_where_they_are_unlike() -> None:
    sizes = unlike_sizes(32)
    assert sizes.sum() == COMMUNITIES
    assert sizes.min() == 1
    assert sizes[0] == 17
    assert list(sizes) == sorted(sizes, reverse=True)


def test_both_estimators_of_people_find_what_was_done_and_cuped_is_sharper() -> None:
    rng = np.random.default_rng(4)
    count = 4000
    before = rng.poisson(3.0, count).astype(float)
    held = rng.random(count) < 0.5
    outcome = before + rng.normal(0, 0.5, count) - 0.2 * held
    community = np.arange(count) // 40
    test = PeopleTest(community, before, held, outcome, outcome, 0.0)
    truth, plain, sharp = -0.2 * held.sum(), means(test, outcome), cuped(test, outcome)
    for one in (plain, sharp):
        assert one.low < truth < one.high
    assert (sharp.high - sharp.low) < 0.5 * (plain.high - plain.low)


def test_measures_are_those_of_hand() -> None:
    rows = [
        ("regions", "c", 1, 1, "e", -10.0, -12.0, -15.0, -9.0, 0.01, 0.50),
        ("regions", "c", 1, 2, "e", -10.0, 4.0, 1.0, 7.0, 0.04, 0.03),
        ("regions", "c", 2, 1, "e", -10.0, -8.0, -20.0, 4.0, 0.30, 0.60),
        ("regions", "c", 2, 2, "e", -10.0, np.nan, np.nan, np.nan, np.nan, np.nan),
    ]
    (score,) = summarise_tests(pd.DataFrame(rows, columns=list(COLUMNS)))
    found = {name: figure["mean"] for name, figure in score["measures"].items()}
    assert (score["tests"], score["answered"]) == (4, 3)
    assert found["coverage"] == pytest.approx(2 / 3)
    assert found["bias"] == pytest.approx((2 - 14 - 2) / 30)
    assert found["power"] == pytest.approx(2 / 3)
    assert found["false_positives"] == pytest.approx(1 / 3)
    assert found["half_width"] == pytest.approx((3 + 3 + 12) / 30)
    assert found["wrong_sign"] == pytest.approx(1 / 3)
    assert found["wrong_sign_found"] == pytest.approx(1 / 2)
    assert found["exaggeration"] == pytest.approx((12 + 4) / 20)
    # Two markets: half their difference with each left out, as a jackknife of two has it.
    assert score["measures"]["coverage"]["se"] == pytest.approx(abs(1.0 - 0.5) / 2)


@pytest.mark.parametrize(
    ("hits", "words"), [(950, "as stated"), (900, "too narrow"), (1000, "too wide")]
)
def test_coverage_is_told_apart_from_what_is_stated(hits: int, words: str) -> None:
    low = np.where(np.arange(1000) < hits, -1.0, 0.5)
    table = pd.DataFrame(
        {"kind": "regions", "condition": "c", "market": np.arange(1000) % 50, "test": 1,
         "estimator": "e", "truth": 0.1, "estimate": 0.0, "low": low, "high": 1.0,
         "p_value": 0.5, "untouched_p": 0.5}
    )  # fmt: skip
    assert summarise_tests(table)[0]["intervals"] == words


def test_every_estimator_has_a_row_or_says_nothing(judged: pd.DataFrame) -> None:
    assert tuple(judged.columns) == COLUMNS
    by_regions = judged[judged["kind"] == "regions"]
    assert set(by_regions["estimator"]) == set(ESTIMATORS)
    assert set(judged[judged["kind"] == "people"]["estimator"]) == set(PEOPLE_ESTIMATORS)
    # Eight regions make four pairs, for which trimmed match is not made.
    silent = judged.loc[judged["estimate"].isna(), "estimator"]
    assert set(silent) == {"trimmed_match"}
    tests = judged.groupby(["kind", "market", "test"])["truth"]
    assert (tests.max() == tests.min()).all()


def test_a_document_is_read_again_and_a_newer_one_is_refused(
    judged: pd.DataFrame, tmp_path: Path
) -> None:
    found = arena_document(judged, "tiny", 1)
    file = tmp_path / "tests.json"
    file.write_text(as_text(found), "utf-8")
    again = read_document(file)
    assert page(again) == page(found)
    assert list(again["conditions"]["people"]) == ["few_people"]
    newer = {**json.loads(file.read_text("utf-8")), "format": 2}
    file.write_text(json.dumps(newer), "utf-8")
    with pytest.raises(StudyError, match="format 2 is not 1"):
        read_document(file)
    file.write_text("[]", "utf-8")
    with pytest.raises(StudyError, match="run it again"):
        read_document(file)


def test_the_page_shows_every_measure_of_both_kinds(judged: pd.DataFrame) -> None:
    drawn = page(arena_document(judged, "tiny", 1))
    for kind in ("regions", "people"):
        for measure in MEASURES:
            assert f'id="{kind}-{measure}"' in drawn
    assert "nan" not in drawn.replace("nance", "")
    assert "http" not in drawn.replace("http-equiv", "")
    assert NAIVE in drawn


@pytest.mark.parametrize(
    ("asked", "words"),
    [({"size": "huge"}, "size: 'huge'"), ({"conditions": ["spillover"]}, "did you mean")],
)
def test_unknown_names_are_refused(asked, words: str) -> None:
    with pytest.raises(StudyError, match=words):
        judge_tests(**asked)


@pytest.mark.long
def test_tests_are_the_same_whoever_makes_them() -> None:
    asked = {"size": "tiny", "conditions": ["drifting_regions", "few_people"]}
    pd.testing.assert_frame_equal(judge_tests(**asked, workers=1), judge_tests(**asked, workers=2))


@pytest.mark.long
def test_intervals_of_tests_that_nothing_disturbs_are_as_stated_or_wide(monkeypatch) -> None:
    monkeypatch.setitem(judging.SIZES, "tiny", judging.Size(12, 8))
    table = judge_tests(size="tiny", conditions=["no_interference"], workers=2)
    for score in summarise_tests(table):
        found = score["measures"]["coverage"]
        # Nine estimators are looked at: three standard errors and a half of 96 tests.
        chance = max(found["se"], np.sqrt(0.95 * 0.05 / score["answered"]))
        held = found["mean"] > 0.95 - 3.5 * chance
        assert held == (score["estimator"] != NAIVE), (score["estimator"], found)


def test_conditions_say_what_they_are() -> None:
    for known in (CONDITIONS, PEOPLE_CONDITIONS):
        assert all(name == one.name and one.about for name, one in known.items())
        assert "no_interference" in known
