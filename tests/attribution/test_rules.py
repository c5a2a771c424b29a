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
    LastNonDirect,
    LastTouch,
    Linear,
    Participation,
    Positions,
    TimeDecay,
    UShaped,
    WShaped,
)
from journeys import JourneyLog
from tests.attribution import naive
from tests.journeys.strategies import few, logs, path_tables

TENTH = Fraction(1, 10)
RULES: list[tuple[AttributionModel, Callable[[Sequence[str]], Sequence[float]]]] = [
    (First(), naive.first),
    (Last(), naive.last),
    (LastNonDirect(), naive.last_non_direct),
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


@pytest.mark.parametrize(("model", "shares"), RULES, ids=lambda x: repr(x))
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
    ids=lambda x: str(x),
)
def test_settings_that_make_no_sense_are_refused(
    model: AttributionModel, word: str, sample
) -> None:
    with pytest.raises(AttributionError, match=word):
        model.fit(sample)


def test_last_touch_is_last() -> None:
    assert LastTouch is Last
