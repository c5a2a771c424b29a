"""The page of a calibration: fitted beside observed weeks, spend, parameters, and what to know."""

from __future__ import annotations

from collections.abc import Callable
from math import exp
from typing import Any

from markupsafe import Markup

from experiments.calibration.result import Calibration
from experiments.report.charts.calibration import parameters_picture, spend_picture, weeks_picture
from experiments.report.charts.common import themed
from experiments.report.frame import document
from experiments.report.health import health_section
from experiments.report.html import chart, masthead, section, table, tag
from tiermix.core.figures import short_number, short_percent

HEAD = ("Parameter", "base", "estimate", "95 %", "moved (σ)", "learned", "verdict")


def page(calibration: Calibration) -> str:
    """The calibration as one HTML document that opens without a network."""
    title = f"Calibration: {calibration.scenario.name}"
    return document(
        title, _top(calibration, title), health_section(calibration), _weeks(calibration),
        _spend(calibration), *_contributions(calibration), *_tests(calibration),
        *_controls(calibration), _parameters(calibration), _remarks(calibration),
    )  # fmt: skip


def _top(calibration: Calibration, title: str) -> Markup:
    fit = calibration.fit
    base = calibration.base
    made = (
        f"{fit['weeks']} weeks from {fit['first_week']} · base {base.name} {base.hash} · "
        f"{fit['replications']} markets of {fit['customers']:,} customers · seed {calibration.seed}"
    )
    errors = [short_percent(fit[key]) for key in ("mape", "mape_held_out", "mape_held_out_naive")]
    said = (
        f"{'' if fit['agrees'] else 'The fitted market does not agree with the history. '}"
        f"Health: {calibration.health.level}. "
        f"Weekly {base.counted} are fitted with a mean error of {errors[0]} (a constant: "
        f"{short_percent(fit['mape_constant'])}); of the last "
        f"{fit['weeks_held_out']} weeks, which the fit had not seen, with "
        f"{errors[1]} (a constant: {errors[2]})"
    )
    return masthead(title, made, said)


def _contributions(calibration: Calibration) -> list[Markup]:
    found = calibration.contributions
    if not found:
        return []
    rows = [
        (
            row["channel"], row["verdict"], short_number(row["spend"]),
            _span(short_percent, row, ""), _span(short_number, row, "return"),
            "–" if row["weeks_say"] is None
            else f"{short_percent(row['weeks_say'])} ± {short_percent(row['weeks_error'])}",
        )
        for row in found
    ]  # fmt: skip
    head = ("Channel", "learned", "spend", "share of orders [95 %]", "revenue for 1 spent [95 %]",
            "share, by weeks alone ± se")  # fmt: skip
    told = (
        f"The last {found[0]['weeks']} weeks once more without the channel's money: what the "
        "fitted market sells less. Where nothing was learned the share is what the base expects. "
        "The last column is a regression of the file's weeks, with no market and no prior in it."
    )
    title = "What channels brought"
    return [section("contributions", title, "渠道贡献", table(head, rows, words=2), tag("p", told))]


def _span(shown: Callable[[float], str], row: dict[str, Any], of: str) -> str:
    """A figure with its interval."""
    low, high = (row[f"{of}_{end}" if of else end] for end in ("low", "high"))
    return f"{shown(row[of or 'share'])} [{shown(low)}, {shown(high)}]"


def _tests(calibration: Calibration) -> list[Markup]:
    if not calibration.lifts:
        return []
    rows = [
        (
            row["channel"], f"{row['start']} to {row['end']}",
            f"{short_percent(row['lift'])} ± {short_percent(row['error'])}",
            f"{short_percent(row['fitted'])} ± {short_percent(row['fitted_error'])}",
        )
        for row in calibration.lifts
    ]  # fmt: skip
    head = ("Test of", "weeks", "share of orders ± se", "in the fitted market")
    return [section("tests", "Tests", "实验", table(head, rows, words=2))]


def _controls(calibration: Calibration) -> list[Markup]:
    if not calibration.controls:
        return []
    rows = [
        (
            row["control"], f"{short_number(row['usual'])}, {short_number(row['unit'])}",
            f"{row['factor']:.2f} [{exp(row['low']):.2f}, {exp(row['high']):.2f}]",
            short_percent(row["learned"]), f"{row['shared']:.2f}",
            f"{row['beside']} {row['like']:+.2f}" if row["beside"] else "–",
        )
        for row in calibration.controls
    ]  # fmt: skip
    head = (
        "Control", "usual, unit", "needs, for a unit above [95 %]", "learned", "R² on all else",
        "most like (correlation)",
    )  # fmt: skip
    bare = calibration.without_controls
    found = [[x["channel"], *(f"{x[key]:.2f}" for key in ("with", "without"))]
             for x in bare["effects"]]  # fmt: skip
    told = (
        f"Without controls R² would be {bare['r2']:.2f} in place of {calibration.fit['r2']:.2f}. "
        "Effects of channels, as factors on the base's:"
    )
    effects = table(("Effect of", "with controls", "without"), found)
    parts = (table(head, rows, words=2), tag("p", told), effects)
    return [section("controls", "Controls", "控制变量", *parts)]


def _picture(drawing: Any, key: str, words: str) -> Markup:
    return chart(themed(drawing), key=key, label=words, caption=words)


def _weeks(calibration: Calibration) -> Markup:
    fit = calibration.fit
    drawing = weeks_picture(calibration).properties(width="container", height=260)
    counted = calibration.base.counted.capitalize()
    words = f"{counted} a week: observed, fitted, and expected by a fit without the last weeks."
    tested = (
        f"chi-square {short_number(fit['chi_square'])} on "
        f"{short_number(fit['degrees_of_freedom'])} degrees of freedom, p = {fit['p_value']:.3f}."
        if fit["agrees"]
        else "no test of fit, since the fitted weeks do not agree with the history."
    )
    agreed = f"R² {short_number(fit['r2'])} (0 is a constant); {tested}"
    return section("weeks", "Weeks", "逐周", _picture(drawing, "weeks", words), tag("p", agreed))


def _spend(calibration: Calibration) -> Markup:
    words = "Spend a week by channel: the company's, and as the fitted market was billed."
    rows = [
        [row["channel"], row["figure"], short_number(row["observed"]), short_number(row["fitted"]),
         short_percent(row["ratio"] - 1.0, signed=True)]
        for row in calibration.fit_by_channel
    ]  # fmt: skip
    told = table(("Channel", "figure", "in the file", "fitted", "off by"), rows)
    picture = _picture(spend_picture(calibration), "spend", words)
    return section("spend", "Spend, impressions, clicks", "花费、曝光、点击", picture, told)


def _parameters(calibration: Calibration) -> Markup:
    rows = [
        [row["name"], short_number(row["base"]), short_number(row["estimate"]),
         f"[{short_number(row['low'])}, {short_number(row['high'])}]",
         f"{row['moved']:+.1f}", short_percent(row["learned"]), row["verdict"]]
        for row in calibration.parameters
    ]  # fmt: skip
    drawing = parameters_picture(calibration).properties(width="container")
    words = "Each parameter: pale its prior, dark its 95 % interval after the data."
    picture = _picture(drawing, "parameters", words)
    return section("parameters", "Parameters", "参数", picture, table(HEAD, rows))


def _remarks(calibration: Calibration) -> Markup:
    items = [tag("li", remark) for remark in calibration.to_dict()["remarks"]]
    return section("remarks", "What to know", "须知", tag("ul", *items) if items else "–")
