"""Agreement with published tools, where they are installed (dependency group `oracles`)."""

import warnings
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attribution import First, Last, Linear, Markov, Shapley, TimeDecay, UShaped
from journeys import JourneyLog

CHANNELS = ["affiliate", "display", "email", "search", "social", "video"]


def optional(name: str) -> ModuleType:
    """The module, or the test is skipped; what it warns about on import is not our business."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module: ModuleType = pytest.importorskip(name)
    return module


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """1,500 generated journeys, one a row, of which some 30 % convert."""
    random = np.random.default_rng(11)
    paths = [
        " > ".join(random.choice(CHANNELS, size=length, p=[0.1, 0.3, 0.1, 0.25, 0.15, 0.1]))
        for length in random.geometric(0.35, 1500)
    ]
    won = (random.random(1500) < 0.3).astype(int)
    value = won * random.gamma(2.0, 30.0, 1500)
    return pd.DataFrame({"path": paths, "conversions": won, "value": value, "nulls": 1 - won})


@pytest.fixture(scope="module")
def log(table: pd.DataFrame) -> JourneyLog:
    return JourneyLog.from_paths(table)


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize(("theirs", "ours"), [("redirect_to_null", "null"), ("fail", "refit")])
def test_removal_effects_agree_with_do_attribution(
    theirs: str, ours: str, order: int, table: pd.DataFrame, log: JourneyLog
) -> None:
    oracle = optional("do_attribution").MarkovAttribution(order=order, removal_strategy=theirs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = oracle.fit(table["path"].tolist(), table["conversions"].tolist())
    found = Markov(order=order, removal=ours).fit(log).removal_effects_["conversions"]
    np.testing.assert_allclose(
        found, [expected["removal_effects"][channel] for channel in found.index], atol=1e-10
    )


def events(table: pd.DataFrame) -> pd.DataFrame:
    """The same journeys as sessions of one visitor each, an hour apart."""
    steps = table["path"].str.split(" > ")
    long = table.assign(channel=steps, visitor=[f"v{i:05}" for i in range(len(table))])
    long = long.explode("channel", ignore_index=True)
    hour = long.groupby("visitor").cumcount()
    return long.assign(time=pd.Timestamp("2025-01-01") + pd.to_timedelta(hour, "h"))


@pytest.fixture(scope="module")
def sessions(table: pd.DataFrame) -> pd.DataFrame:
    return events(table)


def mam(sessions: pd.DataFrame) -> Any:
    core = optional("mam.core")
    return core.MAM(
        sessions.assign(won=sessions["conversions"] > 0),
        format_type="session",
        channels_colname="channel",
        journey_with_conv_colname="won",
        datetime_colname="time",
        user_id_colname="visitor",
    )


def totals(result: Any) -> pd.Series:
    frame = result.to_pandas()
    return frame.set_index(frame.columns[0]).iloc[:, 0].astype(float)


def test_markov_agrees_with_mam(sessions: pd.DataFrame, log: JourneyLog) -> None:
    mam(sessions)
    markov = optional("mam.models.markov").MarkovModel()
    markov._compute_markov(mam(sessions).unified_df)
    model = Markov(convention="journey").fit(log)
    expected = markov.removal_effect_df["removal_effect"].astype(float)
    found = model.removal_effects_["conversions"]
    np.testing.assert_allclose(found, expected[found.index], atol=1e-10)
    credit = totals(mam(sessions).run_markov())
    np.testing.assert_allclose(model.credit_["conversions"], credit[found.index], rtol=1e-9)


@pytest.mark.parametrize(
    ("run", "model"),
    [
        ("run_first_click", First()),
        ("run_last_click", Last()),
        ("run_linear", Linear()),
        ("run_position_based", UShaped()),
    ],
)
def test_rules_agree_with_mam(run: str, model, sessions: pd.DataFrame, log: JourneyLog) -> None:
    expected = totals(getattr(mam(sessions), run)())
    found = model.fit(log).credit_["conversions"]
    np.testing.assert_allclose(found, expected.reindex(found.index, fill_value=0.0), rtol=1e-9)


def test_time_decay_agrees_with_mam(sessions: pd.DataFrame) -> None:
    orders = sessions[sessions["conversions"] > 0].groupby("visitor").tail(1)
    ours = JourneyLog(
        sessions.rename(columns={"visitor": "visitor_id"}).assign(kind="visit")[
            ["visitor_id", "time", "channel", "kind"]
        ],
        orders.rename(columns={"visitor": "visitor_id"}).assign(kind="order")[
            ["visitor_id", "time", "kind"]
        ],
    )
    expected = totals(mam(sessions).run_time_decay(half_life_hours=24.0))
    found = TimeDecay(half_life_days=1.0).fit(ours).credit_["conversions"]
    np.testing.assert_allclose(found, expected.reindex(found.index, fill_value=0.0), rtol=1e-9)


def test_the_game_of_rates_agrees_with_mam(sessions: pd.DataFrame, log: JourneyLog) -> None:
    shapley = optional("mam.models.shapley").ShapleyModel(max_size=None)
    rows = shapley._compute_shapley(mam(sessions).unified_df).to_dicts()
    expected = pd.Series(0.0, index=CHANNELS)
    for row in rows:
        for channel, share in zip(
            row["combinations"].split(" > "), row[shapley.model_name], strict=True
        ):
            expected[channel] += share
    found = Shapley("rate").fit(log).credit_["conversions"]
    np.testing.assert_allclose(found, expected[found.index], rtol=1e-9, atol=1e-9)


def test_rules_agree_with_channelattribution(table: pd.DataFrame, log: JourneyLog) -> None:
    tool = optional("ChannelAttribution")
    theirs = tool.heuristic_models(table, "path", "conversions", var_value="value", flg_pro=False)
    theirs = theirs.set_index("channel_name")
    for model, name in (
        (First(), "first_touch"),
        (Last(), "last_touch"),
        (Linear(), "linear_touch"),
    ):
        credit = model.fit(log).credit_
        expected = theirs.loc[credit.index, [f"{name}_conversions", f"{name}_value"]]
        np.testing.assert_allclose(credit, expected, rtol=1e-9, atol=1e-9)
