"""The health card on a page: the verdict, figures with their limits, backtests, misfit weeks."""

from __future__ import annotations

from markupsafe import Markup

from experiments.calibration.result import Calibration
from experiments.report.charts.common import themed
from experiments.report.charts.health import backtests_picture
from experiments.report.html import chart, section, table, tag
from tiermix.core.figures import short_number, short_percent

HEAD = ("Figure", "in order", "level", "value")
TESTED = (
    "Last weeks", "error", "a constant", "year before", "scaled CRPS", "a constant", "in 50 %",
    "in 80 %", "in 95 %", "total off by (σ)",
)  # fmt: skip
MISFITS = ("Week", "special", "observed", "fitted", "off by (σ)")
WORDS = (
    "Last weeks, foretold by fits that have not seen them: grey as they were, red as expected, "
    "with 95 % intervals."
)


def health_section(calibration: Calibration) -> Markup:
    """The section of the card, the findings first."""
    card = calibration.health
    findings = [tag("li", finding) for finding in card.findings]
    rows = [(one.figure, one.ok, one.level, one.shown) for one in card.figures]
    return section(
        "health", f"Health: {card.level}", "体检", tag("p", f"Verdict: {card.says}."),
        tag("ul", *findings) if findings else "", table(HEAD, rows, words=3),
        *_backtests(calibration), *_misfits(calibration),
    )  # fmt: skip


def _backtests(calibration: Calibration) -> list[Markup]:
    tested = calibration.health.backtests
    if not tested:
        return [tag("p", "Too few weeks to hold any of them back.")]
    rows = [
        [
            row["horizon"],
            *(_share(row[key]) for key in ("mape", "mape_constant", "mape_seasonal")),
            *(f"{row[key]:.3f}" for key in ("crps", "crps_constant")),
            *(_share(row[f"cover_{level}"]) for level in (50, 80, 95)),
            f"{row['off']:+.1f}",
        ]
        for row in tested
    ]
    picture = chart(themed(backtests_picture(tested)), key="backtests", label=WORDS, caption=WORDS)
    return [picture, table(TESTED, rows, wide=True)]


def _misfits(calibration: Calibration) -> list[Markup]:
    rows = [
        (
            row["week"], ", ".join(row["special"]) or "nothing known",
            short_number(row["conversions"]), short_number(row["fitted"]), f"{row['off']:+.1f}",
        )
        for row in calibration.health.misfit_weeks
    ]  # fmt: skip
    return [table(MISFITS, rows, words=2)] if rows else []


def _share(value: float | None) -> str:
    return "–" if value is None else short_percent(value)
