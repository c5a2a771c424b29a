"""calibrate: a scenario fitted to a company's own weekly history.

What a company can see of itself pins prices, rates and levels; what its spend does to people is
learned as far as conversions followed it, and stays with the base scenario otherwise. Both are
told, with intervals (`experiments.calibration.fit` has the method).
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from scipy.stats import t

from experiments.calibration.contributions import contributions
from experiments.calibration.control_effects import (
    fitted_controls,
    with_controls,
    without_effects,
)
from experiments.calibration.fit import Fit, Posterior, level_spreads
from experiments.calibration.history import LEAST_WEEKS, History, read_history
from experiments.calibration.judged import Foretold
from experiments.calibration.kept import KeptMarkets
from experiments.calibration.levels import warm_start
from experiments.calibration.market import weeks_within
from experiments.calibration.moments import Moments, series_of
from experiments.calibration.parameters import parameters_of
from experiments.calibration.problem import Problem, Slope
from experiments.calibration.result import MORE, Calibration
from experiments.calibration.smooth import smoothed, weekly_noise
from experiments.calibration.tested import with_lifts
from experiments.lifts import MeasuredLift
from experiments.study import StudyError
from scenarios import Scenario
from sim import WeeklyCounts, Workers, checked_customers, checked_seed
from tiermix.core.arrays import Floats
from tiermix.core.progress import Progress
from tiermix.core.seeds import FITTED_MARKETS, SHOWN_MARKETS, seeds_of

CUSTOMERS, REPLICATIONS = 8000, 2
PASSES = ("first", "second")
"""Slopes are measured where the fit begins, and again where it has led."""
LEAST_FREE, LEAST_HELD, HELD_SHARE = 5, 4, 1 / 8
HORIZONS = (4, 13, 26)
"""Weeks that backtests foretell: a month, a quarter, half a year, where enough weeks are left."""


def calibrate(
    history: History | str | os.PathLike[str],
    base: Scenario,
    *,
    names: Mapping[str, str] | None = None,
    lifts: Sequence[MeasuredLift] = (),
    seed: int = 1,
    customers: int | None = None,
    replications: int | None = None,
    workers: Workers = None,
    progress: Progress | None = None,
    kept: str | os.PathLike[str] | None = None,
) -> Calibration:
    """Fit `base` to a history, or to the CSV of one (`names` maps its channels to the
    base's, which are also known by their Chinese names).

    `replications` markets (2 or more) of `customers` are simulated under its spend, each with
    random streams of its own; `lifts` are tests in its weeks (`read_lifts`), which count as what
    they measured: shares, with their errors. `workers` is a number of processes or the address of a
    scheduler. With a folder in `kept` markets that are done are kept there, and a fit that was cut
    off goes on from them. Raises `HistoryError` for the history and `StudyError` for what is asked
    of it.
    """
    began = time.perf_counter()
    if not isinstance(history, History):
        known = [channel.name for channel in base.channels]
        history = read_history(history, known, base.other_names | dict(names or {}))
    used, left_out = weeks_within(base, history)
    used = fitted_controls(with_lifts(used, lifts))
    problem = _problem(with_controls(base, used), used, checked_seed(seed), customers, replications)
    markets = KeptMarkets(Path(kept) if kept is not None else None)
    problem = replace(problem, workers=workers, progress=progress, kept=markets)
    own = len(used.weeks) - used.own_first
    held = max(LEAST_HELD, int(own * HELD_SHARE))
    horizons = [h for h in HORIZONS if h != held and own - h >= LEAST_WEEKS]
    whole, (blind, *others), bare, regressors = _fits(problem, [held, *horizons])
    foretold = sorted([blind, *others], key=lambda one: one.horizon)
    foretold = [one for one in foretold if one.horizon in HORIZONS]
    free = max(len(used.weeks) - regressors, LEAST_FREE)
    brought = contributions(problem, whole, float(t.ppf(0.975, free)))
    seconds = {"total": time.perf_counter() - began}
    return Calibration(
        base, used, problem, whole, blind.posterior, tuple(foretold), held, left_out, free, seed,
        seconds, bare, brought,
    )  # fmt: skip


def _problem(
    base: Scenario, history: History, seed: int, customers: int | None, replications: int | None
) -> Problem:
    count = REPLICATIONS if replications is None else replications
    if count < 2:
        raise StudyError(
            f"replications: {count} market does not tell its own noise; ask for 2 or more."
        )
    if not any(channel.kind.books == "visits" for channel in base.channels):
        raise StudyError(
            f"channels: none of {base.name} has `delivery: direct`, so orders of people who come "
            "by themselves stand nowhere in its weekly figures; add such a channel to the base."
        )
    usual = max(base.defaults.customers, min(CUSTOMERS, int(base.market_size)))
    size = checked_customers(base, usual if customers is None else customers)
    seeds = tuple(seeds_of(FITTED_MARKETS, seed, count))
    return Problem(base, history, parameters_of(base, history), seeds, size)


def _fits(
    problem: Problem, horizons: Sequence[int]
) -> tuple[Posterior, list[Foretold], Posterior | None, int]:
    """The fit to all weeks, those to all but the last, and one to all without controls.

    Last comes how many columns explain the weeks.
    """
    place = warm_start(problem)
    for name in PASSES:
        start, slopes = place, problem.slopes(place, f"slopes, {name} time")
        markets = problem.seen([place], "noise")[0]
        fit = _fit(problem, slice(None), markets)
        whole = fit.solve(place, slopes, f"fit, {name} time")
        place = whole.theta
    noise = weekly_noise(problem, markets)
    blind = []
    for h in horizons:
        earlier = _fit(problem, slice(0, -h), markets)
        solved = earlier.solve(start, slopes, f"fit without the last {h} weeks")
        blind.append(Foretold(h, _shown(problem, solved, noise), start, slopes))
    bare = _without_controls(problem, start, slopes, markets)
    return _shown(problem, whole, noise), blind, bare, fit.moments.series[0].basis.shape[1]


def _without_controls(
    problem: Problem, start: Floats, slopes: Sequence[Slope], markets: Sequence[WeeklyCounts]
) -> Posterior | None:
    """The same fit as if nothing were known of controls; none where nothing is."""
    kept = [n for n, p in enumerate(problem.parameters) if p.own[0] != "control"]
    if len(kept) == len(problem.parameters):
        return None
    blind = replace(problem.history, controls={})
    parameters = tuple(problem.parameters[n] for n in kept)
    base = without_effects(problem.base, problem.history)
    bare = replace(problem, base=base, history=blind, parameters=parameters)
    mine = [slopes[n] for n in kept]
    solved = _fit(bare, slice(None), markets).solve(start[kept], mine, "fit without controls")
    return _shown(bare, solved, weekly_noise(bare, markets))


def _fit(problem: Problem, weeks: slice, markets: Sequence[WeeklyCounts]) -> Fit:
    series = series_of(problem.base, problem.history.part(weeks))
    spreads = level_spreads(series, problem, markets, weeks)
    return Fit(problem, Moments(series), spreads, weeks)


def _shown(problem: Problem, posterior: Posterior, noise: float) -> Posterior:
    """The same with the mean of more markets as its answer, and without most of their noise."""
    more = tuple(n for seed in problem.seeds for n in seeds_of(SHOWN_MARKETS, seed, MORE))
    answer = replace(problem, seeds=more).answers([posterior.theta], "the fitted market")[0]
    answer, noise_left = smoothed(problem, answer, noise / len(more))
    return replace(posterior, answer=answer, noise_left=noise_left)
