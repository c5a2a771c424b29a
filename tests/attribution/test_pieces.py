"""Models fitted on a log in pieces give the credit that they give to the whole log."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attribution import (
    CASV,
    MODELS,
    AttributionError,
    AttributionModel,
    CustomWeights,
    FirstNonDirect,
    Linear,
    Markov,
    Participation,
    PathModel,
    Shapley,
    TimeDecay,
    fit_pieces,
)
from attribution.out_of_core import in_pieces
from attribution.samples import sample_log
from journeys import JourneyLog

ABLE: dict[str, Callable[[], AttributionModel]] = {
    **{name: kind for name, kind in MODELS.items() if in_pieces(kind)},
    "markov 3 by journey": lambda: Markov(order=3, convention="journey"),
    "markov by detour": lambda: Markov(removal="detour"),
    "markov refitted": lambda: Markov(removal="refit"),
    "shapley of rates": lambda: Shapley("rate"),
    "shapley of sampled rates": lambda: Shapley("rate", samples=50),
    "shapley of sequences": lambda: Shapley("ordered"),
    "linear by channel": lambda: Linear(by="channel"),
    "first, not direct": FirstNonDirect,
    "time decay of a day": lambda: TimeDecay(half_life_days=1.0),
    "casv of two states": lambda: CASV(depth=2, patience_days=5),
    "participation": Participation,
    "own weights": lambda: CustomWeights(lambda position, length: position + 1.0),
}
PATH_TABLES = [name for name in ABLE if name not in ("time_decay", "casv", "casv of two states")]
PATH_TABLES.remove("time decay of a day")


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An event table of 400 visitors, in order of time, a third of their visits only ads seen."""
    log = sample_log(400)
    touches = log.touches.drop(columns="theme").astype({"visitor_id": object, "kind": object})
    touches["kind"] = np.where(np.arange(len(touches)) % 3, "visit", "impression")
    conversions = log.conversions.drop(columns="margin").astype({"visitor_id": object})
    file = tmp_path_factory.mktemp("log") / "events.parquet"
    both = pd.concat([touches, conversions.astype({"kind": object})])
    both.sort_values("time").to_parquet(file, index=False)
    return file


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory, events: Path) -> Path:
    """A path table of the same log, whose rows repeat paths."""
    file = tmp_path_factory.mktemp("log") / "paths.csv"
    JourneyLog.open(events).paths().to_frame().to_csv(file, index=False)
    return file


def same(model: AttributionModel, whole: AttributionModel) -> None:
    """Equal credit and baseline, to 1e-9 of all there is."""
    total = whole.credit_.sum() + whole.baseline_.abs()
    assert list(model.credit_.index) == list(whole.credit_.index)
    assert ((model.credit_ - whole.credit_).abs() <= 1e-9 * total).all().all()
    assert ((model.baseline_ - whole.baseline_).abs() <= 1e-9 * total).all()


@pytest.mark.parametrize("lookback", [None, 20.0])
def test_credit_in_pieces_is_credit_on_the_whole_log(events: Path, lookback: float | None) -> None:
    log = JourneyLog.open(events)
    models = [make() for make in ABLE.values()]
    pieces = JourneyLog.pieces(events, 5)
    assert fit_pieces(models, pieces, lookback_days=lookback) == log.paths().weight.sum()
    for make, model in zip(ABLE.values(), models, strict=True):
        whole = make()
        assert isinstance(whole, PathModel)
        same(model, whole.fit(whole.cut(log, lookback_days=lookback)))


def test_credit_in_pieces_of_a_path_table_is_credit_on_the_whole(
    paths: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("journeys.files.BATCH", 100)
    models = [ABLE[name]() for name in PATH_TABLES]
    fit_pieces(models, JourneyLog.pieces(paths, 2))
    log = JourneyLog.open(paths)
    for name, model in zip(PATH_TABLES, models, strict=True):
        same(model, ABLE[name]().fit(log))


def test_one_model_alone_reads_no_other_pieces_than_many(events: Path) -> None:
    for name in ("last_click", "casv", "markov"):
        model = MODELS[name]()
        fit_pieces([model], JourneyLog.pieces(events, 3))
        same(model, MODELS[name]().fit(JourneyLog.open(events)))


def test_pieces_of_a_log_without_touches_give_no_credit(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text("visitor_id,time,channel,kind,value\na,2025-01-01,,order,5\n", "utf-8")
    models = [make() for make in ABLE.values()]
    assert fit_pieces(models, JourneyLog.pieces(file, 3)) == 0
    assert all(model.credit_.empty for model in models)
    assert {tuple(m.baseline_) for m in models if m.efficient} == {(1.0, 5.0)}


def test_models_that_need_the_whole_log_say_which_do_not() -> None:
    def unread() -> Iterator[JourneyLog]:
        raise AssertionError("a piece was read")
        yield

    unable = [name for name, kind in MODELS.items() if not in_pieces(kind)]
    assert unable == ["shapley_incremental", "logistic", "hazard", "mix"]
    for name in unable:
        model = MODELS[name]()
        with pytest.raises(AttributionError, match=rf"^{type(model).__name__}:.*sample.*markov"):
            fit_pieces([MODELS["last"](), model], unread())
