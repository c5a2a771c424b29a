"""What the money brings: baseline and increment, ROI and marginal ROI, why each channel moves."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd
from markupsafe import Markup

from experiments.comparison.result import Comparison
from experiments.report.charts import money as charts
from experiments.report.charts.common import themed
from experiments.report.comparison.data import ReportData
from experiments.report.comparison.money import Returns
from experiments.report.html import bilingual, chart, join, section, table, tag
from tiermix.core.figures import money, short_money, short_percent

MEANING = (
    "As the curves say, not as the market was lived: effects of channels are taken one by one from "
    "the same curves that the plan was made on, so that they add up. Brackets hold 90 % of the "
    "curves' draws. What comes after the year is part of a return, and no part of the waterfall."
)
SHARES = ("share of spend", "share of effect")
HELD = 0.02
"""A change of a channel's money below is called none."""


def effects(comparison: Comparison, data: ReportData) -> Markup:
    """The section; nothing where no curves speak of margin."""
    found = data.returns
    if found is None:
        return Markup("")
    sign = money(1, comparison.currency)
    return section(
        "effects",
        "What the money brings",
        "增量与回报",
        tag("p", _whole(found, comparison.currency), class_="lead"),
        tag("p", MEANING, class_="note"),
        _waterfall(found, comparison, data),
        tag("h3", bilingual("ROI and marginal ROI by channel", "投资回报与边际回报")),
        tag(
            "p",
            f"Margin that {sign} brings: in the mean of a channel's money, and the last {sign} of "
            "it. Below 1 it returns less than it costs.",
            class_="note",
        ),
        _returns(found, comparison, data),
        tag("h3", bilingual("Share of spend beside share of effect", "花费占比与增量占比")),
        _shares(found, data),
        tag("h3", bilingual("Why each channel moves", "各渠道预算增减的原因")),
        _moves(found, comparison, data),
    )


def _whole(found: Returns, currency: str) -> str:
    whole, base = found.whole_planned, found.baseline
    gained, before = whole - base, found.whole_now - base
    share = short_percent(base / whole) if whole > 0 else "–"
    return (
        f"Of {short_money(whole, currency)} of margin in the planned year "
        f"{short_money(base, currency)} ({share}) would come without any of this money. The plan "
        f"adds {short_money(gained, currency)} for {short_money(_sum(found.planned), currency)} "
        f"spent; last year's plan again would add {short_money(before, currency)} for "
        f"{short_money(_sum(found.now), currency)}."
    )


def _sum(frame: pd.DataFrame) -> float:
    return float(frame["spend"].sum())


def _waterfall(found: Returns, comparison: Comparison, data: ReportData) -> Markup:
    at, rows = found.baseline, [("Baseline", "whole", 0.0, found.baseline)]
    for row in _ordered(found.planned, data).to_dict("records"):
        name, end = str(row["channel"]), at + float(row["in_year"])
        rows.append((data.shown(name), f"tier {data.tier(name)}", at, end))
        at = end
    rows.append(("All margin", "whole", 0.0, at))
    steps = pd.DataFrame(rows, columns=["label", "kind", "start", "end"])
    size = steps["end"] - steps["start"]
    steps["words"] = [
        f"{label}: {short_money(float(x), comparison.currency)}"
        for label, x in zip(steps["label"], size, strict=True)
    ]
    drawing = charts.waterfall(steps, unit=f"margin ({comparison.currency})")
    words = "Margin of the planned year: what comes anyway, and what each channel's money adds."
    return chart(themed(drawing), key="waterfall", label=words, caption=words)


def _ordered(frame: pd.DataFrame, data: ReportData) -> pd.DataFrame:
    """By tier, and within a tier the channel that brings most first."""
    tiers = [data.tier(str(name)) for name in frame["channel"]]
    return frame.assign(tier=tiers).sort_values(["tier", "in_year"], ascending=[True, False])


def _returns(found: Returns, comparison: Comparison, data: ReportData) -> Markup:
    both = found.now.merge(found.planned, on="channel", suffixes=("", "_plan"))
    rows = []
    for row in _ordered(both, data).to_dict("records"):
        cells: list[object] = [bilingual(*data.label(str(row["channel"])))]
        for end in ("", "_plan"):
            one = {key: float(row[f"{key}{end}"]) for key in _FIGURES}
            cells += [
                short_money(one["spend"], comparison.currency),
                _per_unit(one["brought"], one["low"], one["high"], one["spend"]),
                _per_unit(one["marginal"], one["marginal_low"], one["marginal_high"], 1.0),
            ]
        rows.append(cells)
    head = ["Channel", "last year", "ROI", "marginal ROI", "plan", "ROI planned"]
    return table([*head, "marginal ROI planned"], rows)


_FIGURES = ("spend", "brought", "low", "high", "marginal", "marginal_low", "marginal_high")


def _per_unit(brought: float, low: float, high: float, spend: float) -> Markup:
    """What a unit brings with its interval, coloured where that says that it pays or loses."""
    if spend <= 0:
        return tag("span", "–", class_="even")
    value, ends = brought / spend, [end / spend for end in (low, high)]
    style = "up" if ends[0] > 1 else "down" if ends[1] < 1 else None
    shown = tag("span", f"{value:.2f}", class_=style)
    if not all(map(math.isfinite, ends)):
        return shown
    words = f" [{_signed(ends[0])}, {_signed(ends[1])}]"
    return join([shown, tag("span", words, class_="even")])


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _shares(found: Returns, data: ReportData) -> Markup:
    frame = _ordered(found.planned, data)
    sums = [max(float(frame[key].sum()), 1e-12) for key in ("spend", "brought")]
    rows = [
        (data.shown(str(row["channel"])), what, float(row[key]) / whole)
        for row in frame.to_dict("records")
        for what, key, whole in zip(SHARES, ("spend", "brought"), sums, strict=True)
    ]
    drawing = charts.shares(pd.DataFrame(rows, columns=["label", "what", "share"]), names=SHARES)
    words = "Each channel's share of the planned money beside its share of what the money brings."
    return chart(themed(drawing), key="shares", label=words, caption=words)


class _Move(NamedTuple):
    """A channel's money before and after, what its last unit brings, the cut-off of the plan."""

    before: float
    after: float
    was: float
    now: float
    cut: float


def _moves(found: Returns, comparison: Comparison, data: ReportData) -> Markup:
    both = found.now.merge(found.planned, on="channel", suffixes=("", "_plan"))
    currency, rows = comparison.currency, []
    for row in _ordered(both, data).to_dict("records"):
        name = str(row["channel"])
        before, after, was, now = (
            float(row[k]) for k in ("spend", "spend_plan", "marginal", "marginal_plan")
        )
        move = _Move(before, after, was, now, data.cut_off)
        change = short_percent(move.after / move.before - 1, signed=True) if move.before else "new"
        said = join(tag("span", line, " ") for line in _why(move, name, data, currency))
        spent = [short_money(x, currency) for x in (move.before, move.after)]
        rows.append([bilingual(*data.label(name)), said, *spent, change])
    return table(["Channel", "why", "last year", "plan", "change"], rows, words=2)


def _why(move: _Move, channel: str, data: ReportData, currency: str) -> Iterator[str]:
    """What a colleague would say of a channel's change."""
    sign = money(1, currency)
    was, now, cut = (_of_unit(x, currency) for x in (move.was, move.now, move.cut))
    grows, pays = move.after > move.before, move.was >= move.cut
    if move.before <= 0:
        yield f"New: its first {sign} would bring {was}, its last {sign} of the plan brings {now}."
    elif abs(move.after / move.before - 1) < HELD:
        yield f"Held: its last {sign} brings {was}; money has to bring {cut} in this plan."
    elif grows and pays:
        yield f"More: its last {sign} brought {was}, above the {cut} that money has to bring."
    elif not grows and not pays:
        yield f"Less: its last {sign} brought {was}, below the {cut} that money has to bring."
    elif grows:
        yield f"More, although its last {sign} brought {was}, below the {cut} asked of money."
    else:
        yield f"Less, although its last {sign} brought {was}, above the {cut} asked of money."
    if move.before > 0 and abs(move.after / move.before - 1) >= HELD:
        yield f"With the planned money it brings {now}."
    for rule in _rules_of(channel, data):
        yield f"A rule holds it: {rule}."


def _of_unit(value: float, currency: str) -> str:
    """What a unit of money brings, to hundredths of it."""
    return f"{money(1, currency).removesuffix('1')}{_signed(value)}"


def _rules_of(channel: str, data: ReportData) -> list[str]:
    """Binding rules whose price names the channel."""
    names = "|".join(map(re.escape, {channel, channel.replace("_", " ")}))
    pattern = re.compile(rf"(?<!\w)({names})(?!\w)")
    mine = [p.rule.replace("_", " ") for p in data.binding if pattern.search(p.words)]
    return list(dict.fromkeys(mine))
