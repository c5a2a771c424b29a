"""How sure a model's credit is: intervals from logs drawn anew, visitor by visitor."""

from copy import deepcopy

import numpy as np
import pandas as pd

from attribution.base import AttributionModel, PathModel
from attribution.errors import AttributionError, positive
from journeys import JourneyLog, Paths
from tiermix.core.arrays import Floats, Ints

BASELINE = "(baseline)"


def bootstrap(
    model: AttributionModel,
    log: JourneyLog | Paths,
    *,
    replications: int = 200,
    level: float = 0.9,
    seed: int = 0,
) -> pd.DataFrame:
    """Credit with percentile intervals, the whole visitor being what is drawn (Efron 1979).

    Returns a frame by channel, and `(baseline)` in the last row: `conversions, conversions_low,
    conversions_high, value, value_low, value_high`. Models that read paths are fitted anew to
    reweighted paths (conversions that no path leads to are taken as known); others to a resampled
    log. The model itself is left as it was. Raises
    AttributionError for a path table, whose rows are no visitors.
    """
    positive("replications", replications)
    if not 0 < level < 1:
        raise AttributionError(f"level: {level!r} is no probability; use 0.9 for 90 %.")
    random = np.random.default_rng(seed)
    centre = _fitted(model, log)
    if isinstance(log, JourneyLog) and isinstance(model, PathModel):
        log = model.cut(log)
    draws = np.array([_fitted(model, _drawn(log, random)) for _ in range(replications)])
    tail = 50.0 * (1.0 - level)
    # At rank p · (n + 1) the interval keeps its level on average however few draws there are.
    low, high = np.percentile(draws, [tail, 100.0 - tail], axis=0, method="weibull")
    return _table(model, log, centre, low, high)


def _fitted(model: AttributionModel, log: JourneyLog | Paths) -> Floats:
    """Credit of all channels and the baseline below."""
    fresh = deepcopy(model).fit(log)
    return np.vstack([fresh.credit_.to_numpy(), fresh.baseline_.to_numpy()])


def _drawn(log: JourneyLog | Paths, random: np.random.Generator) -> JourneyLog | Paths:
    """As many visitors as there are, drawn with replacement."""
    if isinstance(log, Paths):
        if log.visitor is None:
            raise AttributionError(
                "bootstrap: a path table does not tell visitors; bring an event table."
            )
        count = int(log.visitor.max(initial=-1)) + 1
        return log.reweighted(_times(np.unique(log.visitor), count, random)[log.visitor])
    if not log.has_times:
        raise AttributionError("bootstrap: a path table does not tell visitors; bring events.")
    codes = [table["visitor_id"].cat.codes for table in (log.touches, log.conversions)]
    seen = np.unique(np.concatenate(codes))
    count = len(log.touches["visitor_id"].cat.categories)
    return log.resampled(_times(seen, count, random).astype(np.int64))


def _times(seen: Ints, count: int, random: np.random.Generator) -> Floats:
    drawn = seen[random.integers(len(seen), size=len(seen))] if len(seen) else seen
    return np.bincount(drawn, minlength=count).astype(np.float64)


def _table(
    model: AttributionModel, log: JourneyLog | Paths, centre: Floats, low: Floats, high: Floats
) -> pd.DataFrame:
    index = pd.Index([*log.channels, BASELINE], name="channel", dtype=object)
    columns = {}
    for place, measure in enumerate(("conversions", "value")):
        columns[measure] = centre[:, place]
        columns[f"{measure}_low"] = low[:, place]
        columns[f"{measure}_high"] = high[:, place]
    return pd.DataFrame(columns, index=index)
