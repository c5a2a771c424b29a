"""Any model's credit, calibrated by what experiments measured."""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
import pandas as pd

from attribution.base import MEASURES, AttributionModel
from attribution.errors import AttributionError
from journeys import JourneyLog, Paths
from tiermix.core.arrays import Floats


@dataclass(eq=False)
class Calibrated(AttributionModel):
    """A model whose credit for tested channels gives way to measured lift.

    lifts: `channel, conversions, standard_error`, the incremental conversions that A/B or geo
    tests measured for the period of the log. A tested channel gets the precision-weighted mean of
    its lift and its credit, the latter trusted with the coefficient of variation `trust`; an
    untested one is scaled by the tested ones' common ratio of calibrated to model credit. What is
    then missing from all conversions goes to the baseline. Value is scaled like conversions.
    """

    model: AttributionModel
    lifts: pd.DataFrame
    trust: float = 1.0
    factors_: pd.Series = field(init=False, repr=False)

    def fit(self, log: JourneyLog | Paths) -> Self:
        """Fit the model on a log, then calibrate its credit; returns self."""
        self.model.fit(log)
        credit = self.model.credit_
        total = credit.sum().to_numpy() + self.model.baseline_.to_numpy()
        calibrated = self._calibrated(credit["conversions"])
        value = _scaled_value(credit, calibrated)
        self.factors_ = calibrated / credit["conversions"].where(credit["conversions"] != 0)
        both = np.stack([calibrated.to_numpy(), value], axis=1)
        self._settle(tuple(credit.index), both, (float(total[0]), float(total[1])))
        return self

    def _calibrated(self, credit: pd.Series) -> pd.Series:
        lifts = self.lifts.set_index("channel")
        unknown = [str(name) for name in lifts.index if name not in credit.index]
        if unknown:
            raise AttributionError(f"lifts: the log knows no channel {', '.join(unknown)}.")
        if not (lifts["standard_error"] > 0).all():
            raise AttributionError("lifts: every standard_error has to be above zero.")
        own = credit.loc[lifts.index]
        precision_lift = lifts["standard_error"] ** -2.0
        spread = np.maximum(self.trust * own.abs(), 1e-12)
        precision_own = pd.Series(spread, index=own.index).pow(-2.0).where(own != 0, 0.0)
        tested = (lifts["conversions"] * precision_lift + own * precision_own) / (
            precision_lift + precision_own
        )
        ratio = tested.sum() / own.sum() if own.sum() > 0 else 1.0
        result = credit * max(ratio, 0.0)
        result.loc[lifts.index] = tested
        return result


def _scaled_value(credit: pd.DataFrame, calibrated: pd.Series) -> Floats:
    """Value at each channel's value per conversion, or at the mean where it has no credit."""
    total = credit[list(MEASURES)].sum()
    mean = total["value"] / total["conversions"] if total["conversions"] else 0.0
    each = (credit["value"] / credit["conversions"].where(credit["conversions"] != 0)).fillna(mean)
    return (calibrated * each).to_numpy(dtype=np.float64)
