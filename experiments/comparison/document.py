"""A comparison for other eyes: as a JSON document and as a small table in a notebook."""

import html
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd


class Tables(NamedTuple):
    """What a comparison concludes: spend by strategy, and its tables of conclusions."""

    spend: pd.Series
    kpis: pd.DataFrame
    against: pd.DataFrame
    regret: pd.DataFrame
    goals: pd.DataFrame


def strategy_documents(tables: Tables) -> list[dict[str, Any]]:
    """One document per strategy with the keys that `tiermix run --json` promises."""
    regrets = tables.regret.set_index("strategy")[["mean", "se"]].T.to_dict()
    return [
        {
            "name": name,
            "spend": tables.spend[name],
            "kpis": _by_kpi(tables.kpis, name, ["mean", "se", "spread", "simulation_se"]),
            "regret": regrets[name],
            "against_baseline": _by_kpi(tables.against, name, ["difference", "low", "high"]),
            "goals": _goals(tables.goals, name),
        }
        for name in map(str, regrets)
    ]


def summary_html(tables: Tables, kpi: str) -> str:
    """One line per strategy: spend, the deciding KPI, its lead over the baseline, regret."""
    means = _of_kpi(tables.kpis, kpi)
    steps, regrets = _of_kpi(tables.against, kpi), tables.regret.set_index("strategy")
    rows = [
        [
            str(name),
            f"{tables.spend[name]:,.0f}",
            _with_error(means, name),
            _with_range(steps, name),
            _with_error(regrets, name),
        ]
        for name in regrets.index
    ]
    return html_table(["strategy", "spend", kpi, "against baseline", "regret"], rows)


def html_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A plain HTML table, every cell escaped."""

    def line(cells: Sequence[str], tag: str) -> str:
        return f"<tr>{''.join(f'<{tag}>{html.escape(cell)}</{tag}>' for cell in cells)}</tr>"

    body = "".join(line(row, "td") for row in rows)
    return f"<table><thead>{line(head, 'th')}</thead><tbody>{body}</tbody></table>"


def plain(value: Any) -> Any:
    """Python's own types, and None for what is not a finite number, as JSON wants it."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _by_kpi(table: pd.DataFrame, strategy: object, columns: list[str]) -> dict[Any, Any]:
    rows = table[(table["strategy"] == strategy) & (table["scope"] == "all")]
    return rows.set_index("kpi")[columns].to_dict("index")


def _goals(table: pd.DataFrame, strategy: object) -> list[dict[Any, Any]]:
    columns = ["goal", "kpi", "actual", "target", "met", "probability", "low", "high"]
    return table.loc[table["strategy"] == strategy, columns].to_dict("records")


def _of_kpi(table: pd.DataFrame, kpi: str) -> pd.DataFrame:
    return table[(table["scope"] == "all") & (table["kpi"] == kpi)].set_index("strategy")


def _with_error(table: pd.DataFrame, row: Any) -> str:
    if row not in table.index:
        return ""
    return f"{table['mean'][row]:,.0f} ± {table['se'][row]:,.0f}"


def _with_range(table: pd.DataFrame, row: Any) -> str:
    if row not in table.index:
        return ""
    low, high = table["low"][row], table["high"][row]
    return f"{table['difference'][row]:+,.0f} [{low:+,.0f}, {high:+,.0f}]"
