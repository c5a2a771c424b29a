"""What a health card looks at in the fit itself: each figure, its limits and their reasons."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.stats import binom

from experiments.calibration import agreement
from experiments.calibration.agreement import FAR, LEVEL, QUIET
from experiments.calibration.health.controls import control_figures
from experiments.calibration.health.figure import LOOK, OK, STOP, Figure, by_limits
from experiments.calibration.health.readings import reading_figures
from experiments.calibration.health.scores import YEAR
from experiments.calibration.health.weeks import BY_CHANCE, misfit_weeks
from experiments.calibration.judged import Judged
from tiermix.core.figures import number

CHANCE = 0.01
"""A count is worth a look where honest weeks would show as many once in a hundred times."""
FAR_FROM_TEST = 2.0
"""Standard errors between a test and the fitted market that are worth a word."""
LEFT, FAR_LEFT = 1.0, 2.0
"""Posterior deviations of a step that is still asked for: intervals of 80 % are 1.28 of them."""
COARSE = 5.0
"""Orders a week of all simulated markets together below which they have no weeks to agree."""


def figures(calibration: Judged) -> Iterator[Figure]:
    """All figures but the backtests, in the order in which they are read."""
    yield _error(calibration)
    yield _r_squared(calibration)
    yield _orders(calibration)
    yield from _seasonal(calibration)
    yield from _moments(calibration)
    yield _weeks(calibration)
    yield _noise(calibration)
    yield from _channels(calibration)
    yield _settled(calibration)
    yield _learned(calibration)
    yield _effects(calibration)
    yield from reading_figures(calibration)
    yield from control_figures(calibration)
    yield _priors(calibration)
    yield from _tests(calibration)
    yield _used(calibration)


def _error(calibration: Judged) -> Figure:
    """The one that decides: a fit that a constant beats, beyond its own noise, fits nothing."""
    fit = calibration.fit
    mine, theirs, noise = fit["mape"], fit["mape_constant"], fit["shown_noise"]
    level = STOP if not fit["agrees"] else by_limits(mine, theirs, theirs + noise)
    says = {
        OK: f"its weeks are off by {mine:.1%}, those of a constant by {theirs:.1%}",
        LOOK: f"its weeks are off by {mine:.1%}, no less than those of a constant, {theirs:.1%}: "
        "nothing but the level is met",
        STOP: "THE FITTED MARKET DOES NOT AGREE WITH THE HISTORY: its weeks are off by "
        f"{mine:.0%}, those of a constant by {theirs:.0%}",
    }[level]
    remedy = {
        OK: "",
        LOOK: "write what moves your demand into the base as seasons, or bring it as columns "
        "`control.NAME`",
        STOP: "do not plan with this scenario; what follows says what may be wrong",
    }[level]
    ok = f"at most {theirs:.1%}, a constant's"
    return Figure("error of weeks", mine, f"{mine:.1%}", ok, level, says, remedy)


def _r_squared(calibration: Judged) -> Figure:
    """Below 0 a constant does better: what others' health cards review too (Meridian's does)."""
    r2 = calibration.fit["r2"]
    says = f"R² of weekly conversions is {r2:.2f}, where 0 is a constant"
    remedy = "" if r2 >= 0 else "look at the picture of the weeks for what the market lacks"
    return Figure("R²", r2, f"{r2:.2f}", "at least 0", OK if r2 >= 0 else LOOK, says, remedy)


def _orders(calibration: Judged) -> Figure:
    real, fitted = calibration.history.own.conversions, calibration.whole.answer.own.conversions
    ratio = float(fitted.sum() / real.sum())
    level = by_limits(abs(ratio - 1.0), FAR, LEVEL)
    says = f"all orders together are fitted with {number(ratio)} of what the history has"
    remedy = "" if level == OK else "the market cannot reach this level: set another `market_size`"
    return Figure("orders", ratio, number(ratio), f"within {FAR:.0%}", level, says, remedy)


def _seasonal(calibration: Judged) -> Iterator[Figure]:
    """The fit beside the weeks of the year before, where there is one: anybody has that."""
    real, fitted = calibration.history.conversions, calibration.whole.answer.conversions
    if len(real) <= YEAR + 3:
        return
    mine = agreement.error(real[YEAR:], fitted[YEAR:])
    naive = agreement.error(real[YEAR:], real[:-YEAR])
    worse = mine > naive + calibration.fit["shown_noise"]
    says = (
        f"from the second year on its weeks are off by {mine:.1%}, those of the year before by "
        f"{naive:.1%}"
    )
    cure = "the base lacks seasons or events that return every year; write them in"
    remedy = cure if worse else ""
    yield Figure(
        "error beside the year before", mine, f"{mine:.1%}", f"at most {naive:.1%}, and noise",
        LOOK if worse else OK, says, remedy,
    )  # fmt: skip


def _moments(calibration: Judged) -> Iterator[Figure]:
    fit = calibration.fit
    if fit["p_value"] is None:
        return
    p, square, free = fit["p_value"], fit["chi_square"], fit["degrees_of_freedom"]
    says = f"the test of moments has p = {p:.2g} (chi-square {square:.0f} on {free:.0f} degrees)"
    remedy = "" if p >= CHANCE else (
        "the moments disagree by more than luck: something moves the history that is not in the "
        "base or among its controls, such as a season or a price, and intervals are too narrow"
    )  # fmt: skip
    level = OK if p >= CHANCE else LOOK
    yield Figure("test of moments, p", p, f"{p:.2g}", f"at least {CHANCE:g}", level, says, remedy)


def _settled(calibration: Judged) -> Figure:
    """Where slopes are mostly noise the fit stays where it began, and its intervals are wrong."""
    away = np.abs(calibration.whole.left)
    worst, name = float(away.max()), calibration.parameters[int(away.argmax())]["name"]
    level = by_limits(worst, LEFT, FAR_LEFT)
    says = (
        f"where the fit ended its slopes ask for a step of {number(worst)} posterior deviations "
        f"(in {name})"
    )
    remedy = "" if level == OK else (
        "no part of it brought the market nearer, so that the slopes are noise, and intervals may "
        "not hold the truth: simulate more customers (`customers`)"
    )  # fmt: skip
    shown, ok = f"{number(worst)} deviations", f"at most {LEFT:g}"
    return Figure("step left", worst, shown, ok, level, says, remedy)


def _weeks(calibration: Judged) -> Figure:
    """Three deviations are rare: as many as chance has once in a hundred histories count."""
    far, weeks = misfit_weeks(calibration), len(calibration.history.weeks)
    most = int(binom.ppf(1.0 - CHANCE, weeks, BY_CHANCE))
    named = "; ".join(
        f"{row['week']} ({', '.join(row['special']) or 'nothing known of it'})" for row in far[:6]
    )
    says = f"{len(far)} of {weeks} weeks are off by more than three deviations" + (
        f": {named}" if far else ""
    )
    level = OK if len(far) <= most else LOOK
    remedy = "" if level == OK else "write what happened then into the base, as a season or a shock"
    return Figure("weeks far off", len(far), str(len(far)), f"at most {most}", level, says, remedy)


def _noise(calibration: Judged) -> Figure:
    """Weeks can be told apart where the market's own noise is at most half of the history's."""
    fit = calibration.fit
    shown, mine = fit["shown_noise"], fit["history_noise"]
    orders = fit["simulated_orders_a_week"]
    together = orders * fit["shown_markets"]
    level = STOP if together < COARSE else LOOK if noisy(calibration) else OK
    needed = fit["customers_needed"]
    people = calibration.base.market_size
    cure = (
        f"say how large the market is (market_size is {people:,.0f})"
        if needed > people
        else f"ask for {needed:,} (`customers`)"
    )
    amount = "hardly any" if level == STOP else "few" if level == LOOK else "enough"
    says = (
        f"{fit['customers']:,} simulated customers have {amount} orders, {number(orders)} a week: "
        f"the noise of one market is {fit['simulated_noise']:.0%}, of the weeks shown {shown:.0%}, "
        f"and the history changes by {mine:.0%} from week to week"
    )
    ok = f"at most {QUIET * mine:.1%}"
    remedy = "" if level == OK else cure
    return Figure("simulation noise", shown, f"{shown:.1%}", ok, level, says, remedy)


def noisy(calibration: Judged) -> bool:
    """Whether the weeks that are shown say more of few customers than of the company."""
    return bool(calibration.fit["shown_noise"] > QUIET * calibration.fit["history_noise"])


def _channels(calibration: Judged) -> Iterator[Figure]:
    rows = calibration.fit_by_channel
    if not rows:
        return
    far = [row for row in rows if abs(row["ratio"] - 1.0) > FAR]
    money = [row for row in rows if row["figure"] == "spend"]
    real, fitted = (sum(row[key] for row in money) for key in ("observed", "fitted"))
    lost = abs(fitted / real - 1.0) > LEVEL if real else False
    largest = max((abs(row["ratio"] - 1.0) for row in rows), default=0.0)
    listed = ", ".join(
        f"{row['figure']} of {row['channel']} {number(row['observed'])} in the file, "
        f"{number(row['fitted'])} fitted"
        for row in far
    )
    says = (
        f"figures that the fitted market misses by more than {FAR:.0%}: {listed}"
        if far
        else f"spend, impressions and clicks of all channels are met within {FAR:.0%}"
    )
    if lost:
        says = f"the fitted market spends {number(fitted)} of {number(real)}; {says}"
    remedy = "" if not far else "leave those figures out of the file if they count other things"
    level = STOP if lost else LOOK if far else OK
    ok = f"within {FAR:.0%}"
    yield Figure("channels, largest gap", largest, f"{largest:.1%}", ok, level, says, remedy)


def _learned(calibration: Judged) -> Figure:
    """Level and order value have figures of their own: where these are not learned nothing is."""
    rows = {row["name"]: row["learned"] for row in calibration.parameters}
    shares = {name: rows[name] for name in ("needs", "order_value") if name in rows}
    least = min(shares.values(), default=0.0)
    told = ", ".join(f"{name} {share:.0%}" for name, share in shares.items()) or "nothing"
    says = f"of the level of demand and the value of an order the weeks taught: {told}"
    level = OK if least >= 0.5 else LOOK
    remedy = "" if level == OK else "bring more weeks, or simulate more customers"
    return Figure("level learned", least, f"{least:.0%}", "at least 50%", level, says, remedy)


def _effects(calibration: Judged) -> Figure:
    """Never a fault of the fit: a year of totals seldom tells. But a plan rests on it."""
    rows = [row for row in calibration.parameters if row["name"].endswith(".effect")]
    told = [row["name"].split(".")[1] for row in rows if row["verdict"] != "prior"]
    rest = [row["name"].split(".")[1] for row in rows if row["verdict"] == "prior"]
    says = f"effects of {len(told)} of {len(rows)} channels are learned at least in part"
    if rest:
        says += f"; what {', '.join(rest)} do to people is still the base's"
    remedy = "bring tests of them (`lifts`)" if rest else ""
    return Figure(
        "effects learned", len(told), f"{len(told)} of {len(rows)}", "to know", OK, says, remedy
    )


def _priors(calibration: Judged) -> Figure:
    out = [
        f"{row['name']} {number(row['estimate'])} (expected {number(row['prior_low'])} to "
        f"{number(row['prior_high'])})"
        for row in calibration.parameters
        if not row["prior_low"] <= row["estimate"] <= row["prior_high"]
    ]
    says = (
        f"beyond what the base would have thought possible: {', '.join(out)}"
        if out
        else "no parameter left what the base thought possible"
    )
    remedy = "check units, or take a base that is nearer to the company" if out else ""
    level = LOOK if out else OK
    return Figure("beyond the prior", len(out), str(len(out)), "none", level, says, remedy)


def _tests(calibration: Judged) -> Iterator[Figure]:
    """Tests that the fitted market contradicts."""
    for row in calibration.lifts:
        errors = float(np.hypot(row["error"], row["fitted_error"]))
        off = (row["lift"] - row["fitted"]) / max(errors, 1e-12)
        far = abs(off) > FAR_FROM_TEST
        says = (
            f"the test of {row['channel']} found {row['lift']:.1%} of orders (standard error "
            f"{row['error']:.1%}), the fitted market {row['fitted']:.1%}"
        )
        remedy = "weeks and base pull it away; look whether the test fits the base's channel"
        yield Figure(
            f"test of {row['channel']}", off, f"{off:+.1f}", "within 2 standard errors",
            LOOK if far else OK, says, remedy if far else "",
        )  # fmt: skip


def _used(calibration: Judged) -> Figure:
    history, left = calibration.history, calibration.left_out
    used, before = len(history.weeks), history.own_first
    says = f"{used} weeks are used" + (
        f", {before} of them of earlier years, each at a level of its own" if before else ""
    )
    says += f"; {left} weeks lie outside the base's years and were not used" if left else ""
    remedy = "" if not left else (
        "let the base's start be the month after the last week; years before its own are used "
        "where no season, offer or rival of the base has a date of one year alone, as in what "
        "`tiermix scenarios from-table` writes"
    )  # fmt: skip
    level = LOOK if left else OK
    return Figure("weeks left out", left, str(left), "0", level, says, remedy)
