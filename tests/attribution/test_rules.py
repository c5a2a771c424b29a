"""Rules against their slow versions, and what they keep."""

from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from attribution import (
    AttributionError,
    AttributionModel,
    CustomWeights,
    First,
    InverseJ,
    JShaped,
    Last,
    LastClick,
    LastNonDirect,
    LastTouch,
    Linear,
    Participation,
    Positions,
    TimeDecay,
    UShaped,
    WShaped,
    bootstrap,
)
from journeys import JourneyLog
from tests.attribution import naive
from tests.journeys.strategies import few, logs, path_tables

TENTH = Fraction(1, 10)
RULES: list[tuple[AttributionModel, Callable[[Sequence[str]], Sequence[float]]]] = [
    (First(), naive.first),
    (Last(), naive.last),
    (LastNonDirect(), naive.last_non_direct),
    (LastClick(), naive.last_non_direct),
    (Linear(), naive.linear),
    (Linear(by="channel"), naive.linear_by_channel),
    (UShaped(), naive.positions(4 * TENTH, 4 * TENTH)),
    (JShaped(), naive.positions(2 * TENTH, 6 * TENTH)),
    (InverseJ(), naive.positions(6 * TENTH, 2 * TENTH)),
    (Positions(first=0.1, last=0.5), naive.positions(TENTH, 5 * TENTH)),
    (WShaped(), naive.w_shaped),
    (Participation(), naive.participation),
    (CustomWeights(lambda position, length: np.ones(len(length))), naive.linear),
]


@pytest.mark.parametrize(
    ("model", "shares"), RULES, ids=lambda x: getattr(x, "__name__", type(x).__name__)
)
@few
@given(table=path_tables)
def test_a_rule_gives_what_its_slow_version_gives(model, shares, table: pd.DataFrame) -> None:
    credit = model.fit(JourneyLog.from_paths(table)).credit_["conversions"]
    expected = naive.as_series(naive.by_rule(table, shares), list(credit.index))
    np.testing.assert_allclose(credit, expected, rtol=1e-12, atol=1e-12)


@few
@given(table=path_tables)
def test_value_is_shared_like_conversions(table: pd.DataFrame) -> None:
    priced = table.assign(value=table["conversions"] * 12.5)
    credit = UShaped().fit(JourneyLog.from_paths(priced)).credit_
    np.testing.assert_allclose(credit["value"], credit["conversions"] * 12.5, rtol=1e-12)


@few
@given(table=path_tables)
def test_grouped_and_ungrouped_tables_agree(table: pd.DataFrame) -> None:
    paths = JourneyLog.from_paths(table).paths()
    for model in (First(), Linear(), WShaped()):
        single = model.fit(paths).credit_.to_numpy()
        np.testing.assert_allclose(
            model.fit(paths.grouped()).credit_, single, rtol=1e-12, atol=1e-12
        )


@few
@given(log=logs)
def test_credit_by_touch_adds_up_to_credit(log: JourneyLog) -> None:
    model = TimeDecay().fit(log)
    channel = log.touches["channel"].iloc[model.credit_by_touch_.index]
    grouped = model.credit_by_touch_.groupby(channel.to_numpy(), observed=True).sum()
    summed = grouped.reindex(model.credit_.index, fill_value=0.0)
    np.testing.assert_allclose(summed, model.credit_, rtol=1e-12, atol=1e-12)


def decayed(days: list[float], half_life: float) -> pd.Series:
    start = pd.Timestamp("2025-01-01")
    touches = pd.DataFrame(
        {
            "visitor_id": "a",
            "time": [start + pd.Timedelta(days=day) for day in days[:-1]],
            "channel": [f"c{i}" for i in range(len(days) - 1)],
            "kind": "visit",
        }
    )
    order = pd.DataFrame(
        {"visitor_id": ["a"], "time": [start + pd.Timedelta(days=days[-1])], "kind": ["order"]}
    )
    return (
        TimeDecay(half_life_days=half_life).fit(JourneyLog(touches, order)).credit_["conversions"]
    )


def test_a_touch_one_half_life_older_earns_half() -> None:
    credit = decayed([0.0, 3.0, 4.5], half_life=3.0)
    assert credit["c1"] == pytest.approx(2 * credit["c0"])


def test_time_decay_of_very_old_journeys_does_not_vanish() -> None:
    credit = decayed([0.0, 1.0, 30_000.0], half_life=1.0)
    assert credit.tolist() == pytest.approx([1 / 3, 2 / 3])


def test_time_decay_refuses_paths_without_times() -> None:
    log = JourneyLog.from_paths(pd.DataFrame({"path": ["a > b"], "conversions": [1]}))
    with pytest.raises(AttributionError, match="no times"):
        TimeDecay().fit(log)


@pytest.mark.parametrize(
    ("model", "word"),
    [
        (Linear(by="day"), "by"),
        (Positions(first=0.8, last=0.8), "at most 1"),
        (Positions(first=-0.1, last=0.5), "not negative"),
        (TimeDecay(half_life_days=0.0), "half_life_days"),
        (CustomWeights(lambda position, length: position * 0.0), "all zero"),
        (CustomWeights(lambda position, length: -1.0 - position), "negative"),
    ],
    ids=lambda x: x if isinstance(x, str) else type(x).__name__,
)
def test_settings_that_make_no_sense_are_refused(
    model: AttributionModel, word: str, sample
) -> None:
    with pytest.raises(AttributionError, match=word):
        model.fit(sample)


def test_last_touch_is_last() -> None:
    assert LastTouch is Last


def test_last_click_sees_what_visitors_did_and_not_what_they_were_shown() -> None:
    rows = [
        ("a", "2026-01-01", "search", "click"),
        ("a", "2026-01-02", "video", "impression"),
        ("a", "2026-01-03", "direct", "visit"),
        ("a", "2026-01-04", "search", "order"),
        ("b", "2026-01-01", "video", "impression"),
        ("b", "2026-01-02", "video", "order"),
    ]
    log = JourneyLog.from_events(
        pd.DataFrame(rows, columns=["visitor_id", "time", "channel", "kind"])
    )
    model = LastClick().fit(log)
    assert model.credit_["conversions"].to_dict() == {"direct": 0.0, "search": 1.0, "video": 0.0}
    assert model.baseline_["conversions"] == 1.0
    assert model.credit_by_touch_.index.tolist() == [0]
    drawn = bootstrap(model, log, replications=20)
    assert drawn.loc["video", "conversions_high"] == 0.0


def test_a_rule_looks_back_as_far_as_its_cut() -> None:
    rows = [
        ("a", "2026-01-01", "video", "click"),
        ("a", "2026-01-20", "search", "click"),
        ("a", "2026-01-21", "search", "order"),
    ]
    log = JourneyLog.from_events(
        pd.DataFrame(rows, columns=["visitor_id", "time", "channel", "kind"])
    )
    short = First().cut(log, lookback_days=7)
    assert First().fit(short).credit_["conversions"].to_dict() == {"search": 1.0, "video": 0.0}
    assert First().fit(log).credit_["conversions"].to_dict() == {"search": 0.0, "video": 1.0}
