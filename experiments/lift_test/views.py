"""An experiment for other eyes: words and figures, a JSON document, a run to be tracked, a page."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from experiments.report.html import chart, join, rich, section, table, tag
from experiments.stats import Interval
from experiments.tracking.record import RunRecord
from experiments.wording import counted, in_unit, kpi_name, money, percent

if TYPE_CHECKING:
    from experiments.lift_test.result import Lift

INTERFERENCE = {
    "ab": (
        "Who is held out hears by word of mouth from who is not, and capped money that they do not "
        "use goes to the others: the test compares the two groups as they are, the truth a market "
        "with the channel and one without it. Errors are over communities, within which people "
        "influence one another."
    ),
    "geo": (
        "Communities are closed to one another: what happens in a treated one does not leak into "
        "its control. Communities of one pair were alike before the test; errors are those of the "
        "regression, robust to unequal spread (HC2)."
    ),
}


def figures(found: Lift) -> list[tuple[str, str]]:
    """Names and figures in the order in which they are read."""
    first, power = found.first, found.power
    kpi, reading = kpi_name(found.design.kpi), first.reading
    rows = [
        ("estimate", f"{_interval(found, reading)} {kpi}, p = {reading.p_value:.2g}"),
        ("truth", f"{_figure(found, found.truth)} ± {_figure(found, float(first.truth_se[-1]))}, "
                  f"{'inside' if found.covered else 'outside'} the interval"),
    ]  # fmt: skip
    if (each := found.per_money) is not None:
        rows.append(("money", _worth(found, each)))
    rows.append(("can see", f"effects from {_figure(found, power['detectable'])} on "
                 f"({percent_of(power['share'])} of {kpi}), four times in five"))  # fmt: skip
    chance = f"{percent(power['chance'])} to find the true effect; four in five with "
    rows.append(("chance", chance + _panel(found)))
    return [*rows, *_repeated(found), *_note(found)]


def _note(found: Lift) -> list[tuple[str, str]]:
    """What to beware of where a test on people disturbs itself."""
    channel = found.scenario.channel(found.design.channel)
    if found.design.kind != "ab" or not channel.capped or found.design.message:
        return []
    words = "money that the held-out do not use may go to the others; geo is not disturbed by that"
    return [("beware", f"{channel.name} is paid per event: {words}")]


def _worth(found: Lift, each: Interval[float]) -> str:
    """What the channel's money brought: money for each unit of it, counts for each thousand."""
    currency, kpi = found.scenario.currency, found.design.kpi
    unit = 1.0 if kpi in ("revenue", "margin") else 1000.0
    middle, low, high = (f"{unit * x:,.3g}" for x in (each.estimate, each.low, each.high))
    spent = money(found.first.spent, currency)
    return f"{spent}; {middle} {kpi} for each {money(unit, currency)}, {low} to {high}"


def _panel(found: Lift) -> str:
    """The panel that is needed, in words."""
    needed, most = found.power["customers"], found.scenario.market_size
    if needed > most:
        return f"more customers than the market has people ({most:,.0f})"
    return f"{needed:,.0f} simulated customers"


def percent_of(share: float) -> str:
    """A share with two significant digits: 4.2 %."""
    return f"{100 * share:.2g}\u00a0%" if math.isfinite(share) else "–"


def _repeated(found: Lift) -> list[tuple[str, str]]:
    """What repetition tells: coverage, power, bias."""
    held, told, off = found.coverage, found.found, found.error
    if held is None or told is None or off is None:
        return []
    worlds = counted(len(found.outcomes), "world")
    return [
        ("coverage", f"{_share(held)} of the intervals in {worlds} hold the truth"),
        ("found", f"{_share(told)} of the tests tell an effect from none"),
        ("off by", f"{_interval(found, off)} in the mean (estimate less truth)"),
    ]


def _share(share: Interval[float]) -> str:
    return f"{percent(share.estimate)} [{percent(share.low)}, {percent(share.high)}]"


def _interval(found: Lift, reading: Any) -> str:
    value = getattr(reading, "effect", None)
    ends = (reading.estimate if value is None else value, reading.low, reading.high)
    middle, low, high = (_figure(found, float(end)) for end in ends)
    return f"{middle} [{low}, {high}]"


def _figure(found: Lift, value: float) -> str:
    return in_unit(found.design.kpi, value, found.scenario.currency)


def document(found: Lift) -> dict[str, Any]:
    """The JSON document of `tiermix lift`, without the time."""
    design, first = found.design, found.first
    each, held, told, off = found.per_money, found.coverage, found.found, found.error
    return {
        "scenario": found.scenario.name,
        "scenario_hash": found.scenario.hash,
        "seed": found.seed,
        "customers": found.customers,
        "replications": len(found.outcomes),
        "channel": design.channel,
        "message": design.message or None,
        "design": design.kind,
        "kpi": design.kpi,
        "share": design.share if design.kind == "ab" else None,
        "change": design.change,
        "start": str(found.date(design.first)),
        "end": str(found.date(design.last - 1)),
        "counted_to": str(found.date(design.until - 1)),
        "units": first.units,
        "treated": first.treated,
        **first.to_dict(),
        "level": first.level,
        "spent": first.spent,
        "per_money": each and each._asdict(),
        "power": found.power,
        "coverage": held and held._asdict(),
        "found": told and told._asdict(),
        "error": off and {name: float(value) for name, value in off._asdict().items()},
        "worlds": found.worlds.to_dict("records"),
        "curve": found.curve.assign(date=found.curve["date"].astype(str)).to_dict("records"),
    }


def record(found: Lift, files: tuple[Path, ...] = ()) -> RunRecord:
    """One run: the design as parameters, what was found as metrics `lift/…` and `power/…`."""
    told = document(found)
    params = ("channel", "message", "design", "kpi", "share", "change", "start", "end", "seed")
    metrics = {f"lift/{name}": told[name] for name in ("estimate", "se", "low", "high", "truth")}
    metrics |= {"lift/covered": float(told["covered"]), "lift/spent": told["spent"]}
    metrics |= {f"power/{name}": value for name, value in told["power"].items()}
    for name in ("coverage", "found", "error"):
        metrics |= {f"{name}/{key}": value for key, value in (told[name] or {}).items()}
    return RunRecord(
        name=f"{told['channel']} · {told['design']}",
        tags={key: str(told[key]) for key in ("scenario", "scenario_hash", "channel", "design")}
        | {"kind": "lift"},
        params={name: told[name] or "" for name in (*params, "customers", "replications")},
        metrics={name: float(value) for name, value in metrics.items() if math.isfinite(value)},
        files=files,
    )


def page(found: Lift) -> str:
    """The experiment as one HTML document that opens without a network."""
    from experiments.report.charts import lift
    from experiments.report.charts.common import themed
    from experiments.report.page import document as html_document

    words = "The estimate as it adds up, with its 95 % interval; the dashed line is the truth."
    drawing = lift.adding_up(found.curve, unit=kpi_name(found.design.kpi))
    parts = [
        section(
            "curve",
            "Week by week",
            "逐周累计",
            chart(themed(drawing), key="curve", label=words, caption=words),
            tag("p", INTERFERENCE[found.design.kind], class_="note"),
        ),
        section("figures", "Figures", "数字", table(["", found.design.kpi], found.rows(), words=2)),
    ]
    if len(found.outcomes) > 1:
        parts.append(_worlds(found))
    title = f"A test of {found.design.channel} in {found.scenario.name}"
    return html_document(title, _top(found, title), *parts)


def _top(found: Lift, title: str) -> Markup:
    made = f"{found.customers:,} customers · seed {found.seed} · scenario {found.scenario.hash}"
    head = tag("header", tag("h1", title), tag("p", f"{found.title()} · {made}", class_="note"))
    said = (
        f"The test says **{_interval(found, found.first.reading)}** "
        f"{kpi_name(found.design.kpi)}; the truth is {_figure(found, found.truth)}"
    )
    return join([head, tag("div", rich(said), class_="headline", role="heading")])


def _worlds(found: Lift) -> Markup:
    from experiments.report.charts import lift
    from experiments.report.charts.common import themed

    words = "Each world's interval; the tick is the truth of that world."
    drawing = lift.worlds(found.worlds, unit=kpi_name(found.design.kpi))
    picture = chart(themed(drawing), key="worlds", label=words, caption=words)
    return section("worlds", "Repeated in drawn worlds", "重复试验", picture)
