"""What every attribution model has to keep, ours and yours: `check_attribution_model(model)`."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
import pandas as pd

from attribution.base import MEASURES
from attribution.credit_table import credit_problem
from attribution.samples import CHANNELS, sample_log
from journeys import JourneyLog
from tiermix.core.arrays import Floats

Check = Callable[[Any, float], None]


def check_attribution_model(model: Any, *, rtol: float = 1e-9) -> None:
    """Run all checks on a model; raises AssertionError with a sentence at the first that fails.

    model: any object with `fit(log)` returning itself, and `credit_` after it, a frame indexed by
    channel with `conversions` and `value`. It may have `baseline_` and `efficient` (see
    AttributionModel); without `efficient` nothing is promised about sums. The model that is given
    is copied, never fitted. rtol: how far two answers that have to be equal may differ,
    relative to all conversions.
    """
    for check in CHECKS:
        check(model, rtol)


def check_credit_is_a_table_by_channel(model: Any, rtol: float) -> None:
    """One finite row for each channel of the log, and the model itself comes back from `fit`."""
    log, copy = sample_log(), deepcopy(model)
    _require(copy.fit(log) is copy, "fit has to return the model itself")
    wrong = credit_problem(copy, needed=CHANNELS)
    _require(wrong is None, str(wrong))


def check_credit_adds_up(model: Any, rtol: float) -> None:
    """Credit and baseline are all conversions and all value, where the model is `efficient`."""
    if not getattr(model, "efficient", False):
        return
    log = sample_log()
    fitted = deepcopy(model).fit(log)
    given = _array(fitted.credit_).sum(axis=0) + np.asarray(fitted.baseline_, dtype=np.float64)
    total = np.array([len(log.conversions), log.conversions["value"].sum()])
    _same(given, total, rtol, "credit and baseline together are not all conversions and value")


def check_order_of_rows_does_not_matter(model: Any, rtol: float) -> None:
    """Shuffled tables give the same credit."""
    log = sample_log()
    shuffled = JourneyLog(
        log.touches.sample(frac=1.0, random_state=1),
        log.conversions.sample(frac=1.0, random_state=2),
    )
    _equal_credit(model, log, shuffled, rtol, "the order of rows changes the credit")


def check_names_of_visitors_do_not_matter(model: Any, rtol: float) -> None:
    """Visitors under other ids, sorted otherwise, give the same credit."""
    log = sample_log()

    def renamed(table: pd.DataFrame) -> pd.DataFrame:
        names = table["visitor_id"].astype(str).str[::-1] + "x"
        return table.assign(visitor_id=names)

    other = JourneyLog(renamed(log.touches), renamed(log.conversions))
    _equal_credit(model, log, other, rtol, "the names of visitors change the credit")


def check_names_of_channels_do_not_matter(model: Any, rtol: float) -> None:
    """Channels under other names (`direct` keeps its own), sorted otherwise: the same credit."""
    log = sample_log()
    names = {"search": "zeta", "video": "alpha", "email": "mail", "direct": "direct"}
    touches = log.touches.assign(channel=log.touches["channel"].astype(str).map(names))
    other = deepcopy(model).fit(JourneyLog(touches, log.conversions)).credit_
    ours = deepcopy(model).fit(log).credit_
    _same(
        _array(other.loc[[names[channel] for channel in ours.index]]),
        _array(ours),
        rtol,
        "the names of channels change the credit",
    )


def check_the_log_is_left_alone(model: Any, rtol: float) -> None:
    """Fitting changes neither table of the log, nor the model's parameters."""
    log = sample_log()
    tables = [log.touches.copy(deep=True), log.conversions.copy(deep=True)]
    copy = deepcopy(model)
    copy.fit(log)
    kept = all(a.equals(b) for a, b in zip(tables, (log.touches, log.conversions), strict=True))
    _require(kept, "fit changes the log that it is given")
    _require(_parameters(copy) == _parameters(model), "fit changes the model's parameters")


def check_one_channel_gets_what_there_is(model: Any, rtol: float) -> None:
    """With a single channel, credit is finite and no more than all conversions."""
    log = sample_log(channels=("only",))
    credit = _array(deepcopy(model).fit(log).credit_)
    _require(credit.shape == (1, 2), "a log of one channel gives other than one row")
    _require(
        bool(np.isfinite(credit).all()), "a log of one channel gives credit that is not finite"
    )
    most = len(log.conversions) * (1 + rtol)
    _require(credit[0, 0] <= most, f"one channel gets {credit[0, 0]} of {len(log.conversions)}")


def check_an_empty_log_gives_no_credit(model: Any, rtol: float) -> None:
    """No touches and no conversions: no credit; and touches without conversions: none either."""
    log = sample_log()
    for touches in (log.touches.iloc[:0], log.touches):
        nothing = JourneyLog(touches, log.conversions.iloc[:0])
        credit = _array(deepcopy(model).fit(nothing).credit_)
        _require(bool((credit == 0.0).all()), "a log without conversions gives credit")


def check_a_channel_that_never_appears_gets_nothing(model: Any, rtol: float) -> None:
    """A channel known by name but never met gets exactly nothing, and changes nothing."""
    log = sample_log()
    more = log.touches.assign(channel=log.touches["channel"].cat.add_categories(["ghost"]))
    credit = deepcopy(model).fit(JourneyLog(more, log.conversions)).credit_
    _require("ghost" in credit.index, "a channel that never appears is missing from credit_")
    _require(bool((_array(credit.loc[["ghost"]]) == 0).all()), "a channel never met gets credit")
    ours = deepcopy(model).fit(log).credit_
    _same(_array(credit.loc[ours.index]), _array(ours), rtol, "a channel never met changes others")


def check_twice_the_visitors_twice_the_credit(model: Any, rtol: float) -> None:
    """Every visitor there twice, under two ids: twice the credit."""
    log = sample_log()
    times = np.full(len(log.touches["visitor_id"].cat.categories), 2, dtype=np.int64)
    double = deepcopy(model).fit(log.resampled(times)).credit_
    ours = deepcopy(model).fit(log).credit_
    _same(_array(double), 2.0 * _array(ours), rtol, "twice the visitors give other than twice")


def check_fitting_twice_is_fitting_once(model: Any, rtol: float) -> None:
    """The same log again gives exactly the same; another log in between leaves no trace."""
    log, other = sample_log(), sample_log(seed=5, visitors=100)
    copy = deepcopy(model)
    first = _array(copy.fit(log).credit_).copy()
    copy.fit(other)
    _require(
        bool((_array(copy.fit(log).credit_) == first).all()), "a second fit gives other credit"
    )


def check_value_scales(model: Any, rtol: float) -> None:
    """Another currency scales the credited value, and leaves conversions alone."""
    log = sample_log()
    dear = log.conversions.assign(value=log.conversions["value"] * 7.0)
    ours = _array(deepcopy(model).fit(log).credit_)
    theirs = _array(deepcopy(model).fit(JourneyLog(log.touches, dear)).credit_)
    _same(theirs[:, 0], ours[:, 0], rtol, "the currency changes credited conversions")
    _same(theirs[:, 1], 7.0 * ours[:, 1], rtol, "value in another currency is not scaled")


CHECKS: tuple[Check, ...] = (
    check_credit_is_a_table_by_channel,
    check_credit_adds_up,
    check_order_of_rows_does_not_matter,
    check_names_of_visitors_do_not_matter,
    check_names_of_channels_do_not_matter,
    check_the_log_is_left_alone,
    check_one_channel_gets_what_there_is,
    check_an_empty_log_gives_no_credit,
    check_a_channel_that_never_appears_gets_nothing,
    check_twice_the_visitors_twice_the_credit,
    check_fitting_twice_is_fitting_once,
    check_value_scales,
)


def _equal_credit(model: Any, log: JourneyLog, other: JourneyLog, rtol: float, words: str) -> None:
    ours, theirs = deepcopy(model).fit(log).credit_, deepcopy(model).fit(other).credit_
    _same(_array(theirs.loc[ours.index]), _array(ours), rtol, words)


def _array(credit: pd.DataFrame) -> Floats:
    return np.asarray(credit[list(MEASURES)].to_numpy(dtype=np.float64))


def _same(found: Floats, expected: Floats, rtol: float, words: str) -> None:
    scale = max(float(np.abs(expected).sum()), 1e-300)
    worst = float(np.abs(found - expected).max(initial=0.0)) / scale
    _require(worst <= rtol, f"{words} (off by {worst:.1e} of the total, {rtol:.0e} allowed)")


def _require(holds: bool, words: str) -> None:
    if not holds:
        raise AssertionError(f"{words}.")


def _parameters(model: Any) -> str:
    """Public parameters as text; results and inner state do not count."""
    names = sorted(n for n in vars(model) if not n.startswith("_") and not n.endswith("_"))
    return repr([(name, vars(model)[name]) for name in names])
