"""All models pass the shipped checks, and models with a fault do not."""

from collections.abc import Callable
from typing import Self

import numpy as np
import pandas as pd
import pytest

import attribution
from attribution import (
    LABELS,
    MODELS,
    AttributionModel,
    Calibrated,
    FirstNonDirect,
    Hazard,
    InverseJ,
    JShaped,
    Linear,
    Logistic,
    Markov,
    Participation,
    Shapley,
    TouchModel,
    check_attribution_model,
)
from journeys import JourneyLog, Paths

LIFTS = pd.DataFrame({"channel": ["direct"], "conversions": [12.0], "standard_error": [4.0]})
VARIANTS: list[AttributionModel] = [
    Markov(2),
    Markov(4),
    Markov(convention="journey"),
    Markov(removal="detour"),
    Markov(removal="refit"),
    Shapley("rate"),
    Shapley("ordered"),
    Logistic(credit="shapley"),
    Logistic(credit="last_ad"),
    Hazard(half_life_days=5.0, credit="last_ad"),
    Linear(by="channel"),
    FirstNonDirect(),
    JShaped(),
    InverseJ(),
    Participation(),
]


@pytest.mark.parametrize("name", MODELS)
def test_every_model_of_the_registry_passes_the_checks(name: str) -> None:
    check_attribution_model(MODELS[name](), rtol=1e-12)


@pytest.mark.parametrize("model", VARIANTS, ids=repr)
def test_every_variant_passes_the_checks(model: AttributionModel) -> None:
    check_attribution_model(model, rtol=1e-12)


def test_every_name_that_users_type_is_still_there() -> None:
    assert set(MODELS) >= {
        "first",
        "last",
        "last_non_direct",
        "last_click",
        "linear",
        "time_decay",
        "u_shaped",
        "w_shaped",
        "markov",
        "shapley",
        "shapley_incremental",
        "casv",
        "logistic",
        "hazard",
        "mix",
    }


def test_reports_call_no_two_models_alike() -> None:
    assert len(set(LABELS.values())) == len(LABELS) == len(MODELS)


def test_the_face_gives_the_class_of_every_model_of_the_registry() -> None:
    for model in MODELS.values():
        assert getattr(attribution, model.__name__) is model


class Mine:
    """A user's own model: equal credit for all that appear, in the least code that passes."""

    def fit(self, log: JourneyLog) -> Self:
        counts = log.touches["channel"].value_counts(sort=False)
        orders = log.conversions[["value"]].assign(conversions=1.0)
        total = orders[["conversions", "value"]].sum()
        share = counts / max(counts.sum(), 1)
        self.credit_ = pd.DataFrame({name: share * total[name] for name in total.index})
        return self


def test_a_users_own_model_of_ten_lines_passes() -> None:
    check_attribution_model(Mine())


class ReturnsNothing(Mine):
    def fit(self, log: JourneyLog) -> None:
        super().fit(log)


class Greedy(Mine):
    efficient = True
    baseline_ = (5.0, 0.0)


class ByRow(Mine):
    def fit(self, log: JourneyLog) -> Self:
        super().fit(log)
        top = log.touches["channel"].iloc[:1].astype(str)
        self.credit_.loc[top, "conversions"] += 1.0
        return self


class ByVisitor(Mine):
    def fit(self, log: JourneyLog) -> Self:
        super().fit(log)
        self.credit_ *= 1.0 + 0.01 * log.touches["visitor_id"].astype(str).str.endswith("x").mean()
        return self


class ByName(Mine):
    def fit(self, log: JourneyLog) -> Self:
        super().fit(log)
        self.credit_.loc[min(self.credit_.index), "conversions"] *= 1.5
        return self


class Scribbles(Mine):
    def fit(self, log: JourneyLog) -> Self:
        super().fit(log)
        log.conversions["value"] = 0.0
        return self


class Remembers(Mine):
    seen = 0

    def fit(self, log: JourneyLog) -> Self:
        super().fit(log)
        self.credit_ *= 1.0 + self.seen
        self.seen += 1
        return self


class Ghostly(Mine):
    def fit(self, log: JourneyLog) -> Self:
        super().fit(log)
        self.credit_["conversions"] = len(log.conversions) / max(len(self.credit_), 1)
        return self


class Fixed(Mine):
    def fit(self, log: JourneyLog) -> Self:
        super().fit(log)
        self.credit_["conversions"] = np.where(self.credit_["conversions"] > 0, 3.0, 0.0)
        return self


class InEuro(Mine):
    def fit(self, log: JourneyLog) -> Self:
        super().fit(log)
        price = log.conversions["value"].mean() if len(log.conversions) else 0.0
        self.credit_["conversions"] *= 1.0 - np.exp(-price / 100.0)
        return self


@pytest.mark.parametrize(
    ("faulty", "words"),
    [
        (ReturnsNothing, "return the model"),
        (Greedy, "not all conversions"),
        (ByRow, "order of rows"),
        (ByVisitor, "names of visitors"),
        (ByName, "names of channels"),
        (Scribbles, "changes the log"),
        (Remembers, "parameters"),
        (Ghostly, "never met"),
        (Fixed, "twice"),
        (InEuro, "currency"),
    ],
)
def test_a_model_with_a_fault_is_told_which(faulty: Callable[[], object], words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        check_attribution_model(faulty())


def test_checks_do_not_fit_the_model_that_is_given() -> None:
    model = Markov()
    check_attribution_model(model)
    assert not hasattr(model, "credit_")


def test_a_model_of_weights_needs_one_method() -> None:
    class Second(TouchModel):
        def _weights(self, paths: Paths) -> np.ndarray:
            weights = np.zeros(len(paths.channel))
            weights[np.minimum(paths.start[:-1] + 1, paths.start[1:] - 1)] = 1.0
            return weights

    check_attribution_model(Second())


def test_calibration_keeps_its_promises_too(sample: JourneyLog) -> None:
    fitted = Calibrated(Linear(), LIFTS).fit(sample)
    orders = sample.conversions[["value"]].assign(conversions=1.0)
    total = orders[["conversions", "value"]].sum()
    np.testing.assert_allclose(fitted.credit_.sum() + fitted.baseline_, total, rtol=1e-12)
