"""Documents as people read them in a terminal: plain tables, no colours to get in the way."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tiermix.cli.output import Document

if TYPE_CHECKING:
    from experiments.publish import PlanDocument, RunDocument, TrackedDocument

TRUTH_COLUMNS = ("unit", "month", "effect", "se", "low", "high", "spread", "money", "per_money")


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Columns side by side, the first to the left and the others to the right."""
    cells = [list(head), *([_cell(item) for item in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = [
        "  ".join(
            text.ljust(width) if column == 0 else text.rjust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def run(document: "RunDocument") -> str:
    """Strategies with their lead, what was found best, and where the rest lies."""
    objective = document["certainty"]["objective"]
    rows = [
        [
            entry["name"],
            entry["spend"],
            _figure(entry["kpis"], objective, "mean"),
            _figure(entry["against_baseline"], objective, "difference"),
            _figure(entry["against_baseline"], objective, "low"),
            _figure(entry["against_baseline"], objective, "high"),
            entry["regret"]["mean"],
        ]
        for entry in document["strategies"]
    ]
    head = ["strategy", "spend", objective, f"against {document['baseline']}", "low", "high"]
    lines = [table([*head, "regret"], rows), "", f"best: {document['best']}"]
    lines += [f"report: {document['report']}", _plan_file(document["plan"])]
    return "\n".join([*lines, *tracked(document["mlflow"])])


def _plan_file(plan: "PlanDocument") -> str:
    """Where the recommended plan lies, and of which world it is."""
    world = "" if plan["same_in_every_world"] else f", as planned in world {plan['world']}"
    return f"plan: {plan['file']} ({plan['strategy']}{world})"


def tracked(where: "TrackedDocument") -> list[str]:
    """Where the runs of a study are, and the link that compares them."""
    return [
        f"runs: {where['experiment']} in {where['tracking_uri']}",
        f"compare (after `tiermix ui`): {where['compare']}",
    ]


def simulate(document: Document) -> str:
    """How much happened, what it cost, where it was written."""
    keys = ("customers", "touches", "conversions", "spend", "events", "seconds", "out")
    return "\n".join(f"{key:<12}{_cell(document.get(key))}" for key in keys)


def truth(document: Document) -> str:
    """Effects with their standard errors, and the baseline they belong to."""
    effects, base = document["effects"], document["baseline"]
    keys = [key for key in TRUTH_COLUMNS if any(key in row for row in effects)]
    shown = table(keys, [[row.get(key) for key in keys] for row in effects])
    total = f"{base.get('name', 'baseline')}: {_cell(base['value'])} ± {_cell(base['se'])}"
    added = f"all rows together: {_cell(document.get('total'))} ± {_cell(document.get('total_se'))}"
    return "\n".join([shown, "", f"{document.get('kpi', 'KPI')} of {total}", added])


def attribute(document: Document) -> str:
    """Credit in conversions, a column per model."""
    models = document["models"]
    channels = [row["channel"] for row in models[0]["credit"]]
    credit = [{row["channel"]: row["conversions"] for row in model["credit"]} for model in models]
    rows = [[channel, *(given.get(channel) for given in credit)] for channel in channels]
    rows.append(["(baseline)", *(model["baseline"]["conversions"] for model in models)])
    return table(["channel", *(model["model"] for model in models)], rows)


def validate(document: Document) -> str:
    """Models with what planning on them loses, or with their error along a dial."""
    along = document["dial"] is not None
    place = [document["dial"]] if along else ["regret", "low", "high"]
    rows: list[list[Any]] = []
    for entry in document["models"]:
        lost = [entry["regret"][key] for key in ("mean", "low", "high")] if not along else []
        error, rank = entry["credit_error"]["misplaced"], entry["rank"]["kendall"]
        found = [error["mean"], entry["over_credit"], rank["mean"]]
        rows.append([entry["model"], *(lost or [entry["at"]]), *found])
    rows.sort(key=lambda row: float(row[1]))
    shown = table(["model", *place, "misplaced", "over-credit", "kendall"], rows)
    return "\n".join([shown, "", f"report: {document['report']}", *tracked(document["mlflow"])])


def curves(document: Document) -> str:
    """The parameters of each curve."""
    keys = ["channel", "kpi", "family", "ceiling", "half", "shape", "carry_over"]
    return table(keys, [[row.get(key) for key in keys] for row in document["curves"]])


def plan(document: Document) -> str:
    """Spend by channel, what the plan is worth, and what the binding rules cost."""
    totals: dict[str, float] = {}
    for cell in document["spend"]:
        totals[cell["channel"]] = totals.get(cell["channel"], 0.0) + cell["amount"]
    made = document["objective"]
    worth = f"{made['name']} {_cell(made['value'])}, at most {_cell(made['upper'])} possible"
    prices = [f"  {price['words']}" for price in document["shadow_prices"]]
    spend = table(["channel", "year"], [*totals.items(), ("all", sum(totals.values()))])
    return "\n".join([spend, "", f"{document['status']}: {worth}", *prices])


def frontier(document: Document) -> str:
    """A row for each budget, and where the picture lies."""
    keys = ["budget", "value", "upper", "marginal", "status"]
    rows = [[point.get(key) for key in keys] for point in document["points"]]
    keys[1] = str(document["objective"])
    return f"{table(keys, rows)}\n\npicture: {document['picture']}"


def _figure(kpis: "Mapping[str, Mapping[str, float | None]]", kpi: str, key: str) -> float | None:
    return kpis.get(kpi, {}).get(key)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.4g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def believe(document: Document) -> str:
    """Figures beside their ranges, and why those that lie outside do."""
    figures = document["figures"]
    if not figures:
        return f"{document['scenario']} has no `beliefs`: ranges that its figures ought to lie in"
    keys = ("figure", "value", "se", "low", "high", "verdict", "source")
    lines = [table(keys, [[row[key] for key in keys] for row in figures])]
    said = [row for row in figures if row["verdict"] != "inside" and row["why"]]
    return "\n".join([*lines, *(f"{row['figure']}: {row['why']}" for row in said)])
