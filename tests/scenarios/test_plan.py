"""MediaPlan: arithmetic, CSV there and back, and refusals that say what to do."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from scenarios.plan import MediaPlan, PlanError

CHANNELS = ("search", "douyin", "forum")
MONTHS = tuple(f"2026-{m:02d}" for m in range(1, 13))

plans = arrays(
    float, (3, 12), elements=st.floats(0, 1e9, allow_nan=False, allow_subnormal=False)
).map(lambda money: MediaPlan(CHANNELS, MONTHS, money))


def one_plan() -> MediaPlan:
    return MediaPlan(CHANNELS, MONTHS, np.arange(36.0).reshape(3, 12))


@given(plans)
def test_margins_add_up_to_the_total(plan: MediaPlan) -> None:
    assert sum(plan.by_channel.values()) == pytest.approx(plan.total)
    assert sum(plan.by_month.values()) == pytest.approx(plan.total)


@given(plans)
def test_frame_there_and_back_is_the_same_plan(plan: MediaPlan) -> None:
    again = MediaPlan.from_frame(plan.to_frame(), CHANNELS, MONTHS)
    assert again == plan
    assert again.hash == plan.hash


def test_csv_there_and_back_is_the_same_plan(tmp_path: Path) -> None:
    plan = one_plan().scale(1 / 3)
    path = plan.to_csv(tmp_path / "plan.csv")
    assert MediaPlan.from_csv(path, CHANNELS, MONTHS) == plan
    assert [file.name for file in tmp_path.iterdir()] == ["plan.csv"]


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    target = tmp_path / "plan.csv"
    target.mkdir()
    with pytest.raises(OSError, match="plan"):
        one_plan().to_csv(target)
    assert [file.name for file in tmp_path.iterdir()] == ["plan.csv"]


def test_missing_pairs_are_zero() -> None:
    frame = pd.DataFrame({"channel": ["douyin"], "month": ["2026-03"], "amount": [5.0]})
    plan = MediaPlan.from_frame(frame, CHANNELS, MONTHS)
    assert plan.of("douyin")[2] == plan.total == 5.0


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("tiktok,2026-01,5", ["row 3", "tiktok", "search, douyin, forum"]),
        ("douyin,2027-01,5", ["row 3", "2027-01", "2026-01"]),
        ("douyin,2026-01,-5", ["row 3", "-5", "at least 0"]),
        ("douyin,2026-01,nan", ["row 3", "nan"]),
        ("douyin,2026-01,inf", ["row 3", "inf"]),
        ('douyin,2026-01,"1,000"', ["row 3", "1,000", "12500.50"]),
        ("douyin,2026-01,", ["row 3", "amount"]),
        ("search,2026-01,7", ["row 3", "second time"]),
    ],
)
def test_a_bad_row_is_refused_with_its_place_value_and_remedy(
    tmp_path: Path, row: str, words: list[str]
) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(f"channel,month,amount\nsearch,2026-01,0\n{row}\n", encoding="utf-8")
    with pytest.raises(PlanError) as error:
        MediaPlan.from_csv(path, CHANNELS, MONTHS)
    assert all(word in str(error.value) for word in ["mine.csv", *words])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("channel,month,amount\ndouyin,2026-01,1,000,000\n", ["line 2", "'000'", "thousands"]),
        ("channel,month,amount,\n\ndouyin,2026-01,1,000\n", ["line 3", "'000'"]),
        ("channel,month,amount,Amount\ndouyin,2026-01,1,2\n", ["'amount' twice"]),
        ("channel,month,amount\n", ["no rows"]),
        ("channel,month,amount\n抖音,2026-01,1\n", ["channel", "抖音"]),
        ("channel,month,amount\n\ndouyin,2026-01,x\n", ["row 3", "'x'"]),
    ],
)
def test_what_would_be_read_wrongly_is_refused(tmp_path: Path, text: str, words: list[str]) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(text.encode("gbk"))
    with pytest.raises(PlanError) as error:
        MediaPlan.from_csv(path, CHANNELS, MONTHS)
    assert all(word in str(error.value) for word in ["mine.csv", *words])


def test_spaces_around_names_and_empty_cells_at_the_end_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("channel , Month,amount ,\n douyin ,2026-01,5,,\n,,,\n", encoding="utf-8-sig")
    assert MediaPlan.from_csv(path, CHANNELS, MONTHS).total == 5.0


def test_a_table_with_a_column_twice_is_refused() -> None:
    frame = pd.DataFrame([["douyin", "2026-01", 1.0, 2.0]])
    frame.columns = pd.Index(["channel", "month", "amount", "amount"])
    with pytest.raises(PlanError, match="'amount' is there twice"):
        MediaPlan.from_frame(frame)


def test_a_missing_column_and_a_missing_file_are_named(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("channel,month,spend\n", encoding="utf-8")
    with pytest.raises(PlanError, match="'amount' is missing"):
        MediaPlan.from_csv(path, CHANNELS, MONTHS)
    with pytest.raises(PlanError, match="no such file"):
        MediaPlan.from_csv(tmp_path / "none.csv", CHANNELS, MONTHS)


@pytest.mark.parametrize("money", [[[-1.0]], [[np.nan]], [[np.inf]], [[1.0, 2.0]]])
def test_unusable_amounts_and_shapes_are_refused(money: list[list[float]]) -> None:
    with pytest.raises(PlanError):
        MediaPlan(["search"], ["2026-01"], money)


def test_scaling_keeps_the_split_and_hits_the_total() -> None:
    plan = one_plan()
    scaled = plan.scaled_to(100.0)
    assert scaled.total == pytest.approx(100.0)
    assert np.allclose(scaled.amounts / scaled.total, plan.amounts / plan.total)
    with pytest.raises(PlanError, match="spends nothing"):
        MediaPlan.zeros(CHANNELS, MONTHS).scaled_to(1.0)


def test_shifting_moves_each_month_to_its_namesake() -> None:
    late = tuple(f"2026-{m:02d}" for m in range(7, 13)) + tuple(
        f"2027-{m:02d}" for m in range(1, 7)
    )
    plan = one_plan().shifted_to(late)
    assert plan.months == late
    assert plan.of("search")[0] == one_plan().of("search")[6]
    with pytest.raises(PlanError, match="shifted"):
        MediaPlan(["a"], ["2025-01"], [[1.0]]).shifted_to(["2026-02"])


def test_a_channel_is_replaced_or_added() -> None:
    plan = one_plan().with_channel("douyin", 2.0).with_channel("new", np.ones(12))
    assert plan.by_channel["douyin"] == 24.0
    assert plan.channels[-1] == "new"
    assert plan.of("new").sum() == 12.0


def test_plans_add_only_on_one_grid() -> None:
    assert (one_plan() + one_plan()).total == 2 * one_plan().total
    with pytest.raises(PlanError, match="one grid"):
        one_plan() + MediaPlan.zeros(CHANNELS[:2], MONTHS)


def test_the_hash_sees_money_and_not_order() -> None:
    plan = one_plan()
    turned = MediaPlan(CHANNELS[::-1], MONTHS, plan.amounts[::-1])
    assert turned.hash == plan.hash
    assert plan.with_channel("forum", 1.0).hash != plan.hash


def test_plans_are_immutable() -> None:
    money = np.ones((1, 1))
    plan = MediaPlan(["a"], ["2026-01"], money)
    money[0, 0] = 5.0
    assert plan.total == 1.0
    with pytest.raises(ValueError, match="read-only"):
        plan.amounts[0, 0] = 2.0


def test_text_and_html_show_every_channel_and_the_total() -> None:
    plan = one_plan()
    for text in (repr(plan), plan._repr_html_()):
        assert all(name in text for name in (*CHANNELS, "630"))
