"""The page of a sensitivity study: how sure the recommendation is, and what it hangs on."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from experiments.report.charts import sensitivity as charts
from experiments.report.charts.common import themed
from experiments.report.frame import document
from experiments.report.html import chart, facts, masthead, rich, section, table, tag
from experiments.sensitivity.result import UNTOLD, Row, Sensitivity, Share
from experiments.wording import counted, in_unit, kpi_name
from tiermix.core import figures

SHARES = (
    "Share: of the variance of the recommended strategy's lead over the runner-up, each parameter "
    "by itself (RBD-FAST), with its standard error. What is not above the noise of an unrelated "
    "parameter is in brackets; it may be negative. Worth of knowing: what choosing between these "
    "strategies would gain if the parameter were known beforehand (expected value of partial "
    "perfect information); it counts no better plan, only a better choice."
)


def page(found: Sensitivity) -> str:
    """The study as one HTML document that opens without a network."""
    parts = (_top, _sure, _tornado, _parameters, _left_out)
    return document(_title(found), *(part(found) for part in parts))


def _title(found: Sensitivity) -> str:
    return f"What the recommendation hangs on: {found.scenario}"


def _top(found: Sensitivity) -> Markup:
    made = (
        f"{counted(found.replications, 'draw')} of {found.customers:,} customers · seed "
        f"{found.seed} · scenario {found.scenario_hash}"
    )
    said = f"**{found.recommended}** is best with **{figures.chance(found.chance)}**"
    turning = [row for row in found.rows if row.turns_at is not None]
    if turning:
        said += f"; {', '.join(row.parameter.path for row in turning)} can turn that"
    elif found.runner_up is not None:
        said += "; no single parameter is seen to turn that"
    return masthead(_title(found), made, rich(said))


def _sure(found: Sensitivity) -> Markup:
    wins, lead, goal = found.wins, found.lead, kpi_name(found.objective)
    pairs: dict[str, object] = {
        "best on average over all markets": figures.chance(found.chance),
        "best in a single draw": f"{wins.estimate:.0%} [{wins.low:.0%}, {wins.high:.0%}]",
    }
    if lead is not None:
        ends = (_money(found, x) for x in (lead.estimate, lead.low, lead.high))
        pairs[f"lead in {goal} over {found.runner_up}"] = "{} [{}, {}]".format(*ends)
    if found.perfect is not None:
        value, se = (_money(found, x) for x in (found.perfect.value, found.perfect.se))
        pairs["worth of knowing everything, luck included"] = f"{value} ± {se}"
    words = [tag("p", line + ".", class_="note") for line in found.words()]
    return section("sure", "How sure it is", "把握有多大", facts(pairs), *words)


def _tornado(found: Sensitivity) -> Markup:
    rows = [
        {"parameter": row.parameter.path, "end": end, "swing": swing.estimate, "low": swing.low,
         "high": swing.high}
        for row, bar in found.bars
        for end, swing in zip(("low", "high"), bar.swings, strict=True)
    ]  # fmt: skip
    if not rows:
        return Markup("")
    words = (
        f"The {kpi_name(found.objective)} of {found.recommended} with one parameter at its tenth "
        f"or ninetieth percentile and all else as written, with {found.repeats} lots of the same "
        "people; lines are 95 % intervals."
    )
    unit = f"change in {kpi_name(found.objective)}"
    drawn = charts.tornado(pd.DataFrame(rows), unit=unit)
    picture = chart(themed(drawn), key="tornado", label=words, caption=words)
    body = [
        [row.parameter.path, *(f"{x:,.4g}" for x in row.parameter.ends),
         *(_money(found, x) for x in bar.outcome),
         *(_range(found, lead.low, lead.high) for lead in bar.leads), *bar.best]
        for row, bar in found.bars
    ]  # fmt: skip
    over = f"lead over {found.runner_up}" if found.runner_up else "lead"
    head = ["Parameter", "low", "high", "at low", "at high", f"{over}, low", "high", "best, low"]
    return section(
        "tornado",
        "One at a time",
        "逐一变动",
        picture,
        table([*head, "best, high"], body, wide=True),
    )


def _parameters(found: Sensitivity) -> Markup:
    ranked = sorted(found.rows, key=lambda row: -(row.share.value if row.share else -1.0))
    body = [_row(found, row) for row in ranked]
    head = ["Parameter", "as written", "share", "share in the outcome", "worth of knowing"]
    return section(
        "parameters",
        "What it hangs on",
        "结论取决于什么",
        tag("p", SHARES, class_="note"),
        table([*head, "conclusion"], body, wide=True),
    )


def _row(found: Sensitivity, row: Row) -> list[object]:
    worth: object = UNTOLD
    if row.worth is not None:
        said = f"{_money(found, row.worth.value)} ± {_money(found, row.worth.se)}"
        worth = said if row.worth.told else f"({said})"
    value = "may happen" if row.parameter.happens else f"{row.parameter.value:,.4g}"
    return [
        row.parameter.path,
        value,
        _share(row.share),
        _share(row.of_outcome),
        worth,
        row.words(),
    ]


def _share(mine: Share | None) -> str:
    if mine is None:
        return UNTOLD
    said = f"{mine.value:.0%} ± {mine.se:.0%}".replace("-", "−")
    return said if mine.told else f"({said})"


def _left_out(found: Sensitivity) -> Markup:
    if not found.left_out:
        return Markup("")
    body = [[name, why] for name, why in found.left_out.items()]
    return section(
        "left-out", "Never recommended", "不予推荐", table(["Strategy", "why"], body, words=2)
    )


def _money(found: Sensitivity, value: float) -> str:
    return in_unit(found.objective, value, found.currency)


def _range(found: Sensitivity, low: float, high: float) -> str:
    return f"[{_money(found, low)}, {_money(found, high)}]"
