"""What a health card looks at in the backtests, with the limits of each and their reasons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from experiments.calibration.health.figure import LOOK, OK, STOP, Figure, worst

NOTICED, CERTAIN = 0.5, 2.0
"""A rival is better where ours are half as bad again as its scores, by two standard errors.

After half a year the level is uncertain, and a constant has it for nothing: of fourteen histories
that the market itself had made (see docs) the furthest was 0.44 worse.
"""
TWICE = 1.0
"""Scores above twice a constant's: the scenario knows less than nothing."""
LEAST_COVERED = 0.75
"""Share of weeks in 95 % intervals below which they are too narrow; see docs for its measure."""
FAR_TOTAL = 2.58
"""Standard deviations that the total may be off: 1 in 100 honest forecasts is further."""
LONG = 13
"""Weeks from which on a forecast alone can stop a plan; in four weeks much is luck."""


def backtest_figures(rows: list[dict[str, Any]], *, noisy: bool) -> Iterator[Figure]:
    """A figure for each horizon.

    Where the market itself is `noisy`, what it foretells is off for that reason alone: no stop.
    """
    for row in rows:
        found = [*_scores(row, noisy), *_intervals(row)]
        level = worst([level for level, _, _ in found])
        told = [said for mine, said, _ in found if mine != OK]
        cures = [cure for mine, _, cure in found if mine != OK]
        says = "; ".join([_summary(row), *told])
        yield Figure(
            f"last {row['horizon']} weeks", row["crps"], f"{row['crps']:.3f}",
            f"about {_best(row):.3f}, the best naive forecast's", level, says,
            "; ".join(dict.fromkeys(cures)),
        )  # fmt: skip


def _best(row: dict[str, Any]) -> float:
    rivals = (row["crps_constant"], row["crps_seasonal"])
    return min(float(one) for one in rivals if one is not None)


def _summary(row: dict[str, Any]) -> str:
    others = [f"a constant {row['mape_constant']:.1%}"]
    if row["mape_seasonal"] is not None:
        others.append(f"the year before {row['mape_seasonal']:.1%}")
    return (
        f"the last {row['horizon']} weeks, unseen, are foretold with an error of {row['mape']:.1%} "
        f"({', '.join(others)}), and {row['cover_95']:.0%} of them lie in 95 % intervals"
    )


def _scores(row: dict[str, Any], noisy: bool) -> Iterator[tuple[str, str, str]]:
    unknown = "demand has moved in a way that the base does not know: a trend, a price, a rival"
    cure = "simulate more customers before anything else is believed of it" if noisy else unknown
    for name, words in (("constant", "a constant"), ("seasonal", "the year before")):
        more, errors = row[f"worse_than_{name}"], row[f"worse_than_{name}_errors"]
        if more is None or more <= NOTICED or errors <= CERTAIN:
            continue
        grave = name == "constant" and more > TWICE and row["horizon"] >= LONG and not noisy
        yield (
            STOP if grave else LOOK,
            f"{words} would have foretold them better (scaled CRPS {row[f'crps_{name}']:.3f}, "
            f"here {row['crps']:.3f})",
            cure,
        )


def _intervals(row: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    cure = "take intervals of plans as too narrow"
    if row["horizon"] >= LONG and row["cover_95"] < LEAST_COVERED:
        yield LOOK, "that is fewer weeks than intervals promise", cure
    if abs(row["off"]) > FAR_TOTAL:
        yield (
            LOOK,
            f"all together they have {row['total']:,.0f} orders where {row['total_expected']:,.0f} "
            f"were expected, {abs(row['off']):.1f} standard deviations away",
            cure,
        )
