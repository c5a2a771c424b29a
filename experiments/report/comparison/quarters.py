"""The plan by quarter beside what was spent last year, and what is not expected to be spent."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from experiments.comparison.result import Comparison
from experiments.report.comparison.data import ReportData
from experiments.report.html import bilingual, join, table, tag
from tiermix.core.figures import short_money, short_percent

NOTE = (
    "Each quarter's plan with its change against what was spent in the same quarter of last year, "
    "as the simulated market lived it, in the mean over draws."
)


def by_quarter(comparison: Comparison, plan: pd.DataFrame, data: ReportData) -> Markup:
    """The table; nothing where the year does not begin with a quarter or last year is not known."""
    before = data.last_year
    months = sorted(plan["month"].unique())
    if before is None or len(months) != 12 or int(months[0][5:7]) % 3 != 1:
        return Markup("")
    quarters = [f"Q{(int(month[5:7]) + 2) // 3}" for month in months]
    names = list(dict.fromkeys(quarters))
    place = dict(zip(months, quarters, strict=True))
    wide = [
        frame.assign(quarter=frame["month"].map(place))
        .pivot_table(index="channel", columns="quarter", values="amount", aggfunc="sum")
        .reindex(columns=names)
        .fillna(0.0)
        for frame in (plan, before)
    ]
    left = _unspent(comparison)
    known = [str(name) for name in data.channels["channel"] if name in wide[0].index]
    rows = [
        [
            bilingual(*data.label(name)),
            *_cells(name, wide, names, comparison.currency),
            *(
                [short_money(left[name], comparison.currency) if name in left else "–"]
                if left
                else []
            ),
        ]
        for name in known or [str(name) for name in wide[0].index]
    ]
    rows.append(_all(wide, names, left, comparison.currency))
    head = ["Channel", *names, *(["expected unspent"] if left else [])]
    title = tag("h3", bilingual("By quarter, against last year", "分季度对比去年实际"))
    return join([title, tag("p", NOTE, class_="note"), table(head, rows)])


def _cells(name: str, wide: list[pd.DataFrame], names: list[str], currency: str) -> list[object]:
    new, old = (frame.loc[name] if name in frame.index else None for frame in wide)
    return [
        _cell(
            float(new[q]) if new is not None else 0.0,
            0.0 if old is None else float(old[q]),
            currency,
        )
        for q in names
    ]


def _cell(now: float, before: float, currency: str) -> Markup:
    change = short_percent(now / before - 1, signed=True) if before > 0 else "new" if now else "–"
    return join([short_money(now, currency), tag("span", f" {change}", class_="even")])


def _all(
    wide: list[pd.DataFrame], names: list[str], left: dict[str, float], currency: str
) -> list[object]:
    cells = [_cell(float(wide[0][q].sum()), float(wide[1][q].sum()), currency) for q in names]
    whole = [short_money(sum(left.values()), currency)] if left else []
    return [tag("strong", cell) for cell in ("All", *cells, *whole)]


def _unspent(comparison: Comparison) -> dict[str, float]:
    """Money of the shown plan that channels leave, by channel, in the mean over draws."""
    rows = comparison.unused()
    mine = rows[rows["strategy"] == comparison.shown]
    return dict(zip(mine["channel"], (mine["planned"] - mine["spent"]).tolist(), strict=True))
