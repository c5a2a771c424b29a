"""`tiermix onboard`: a company's table becomes a plan, in one command."""

from pathlib import Path
from typing import Annotated, Any

import typer

from tiermix.cli import inputs, spelling
from tiermix.cli.commands import data
from tiermix.cli.commands.calibrate import health_view
from tiermix.cli.commands.from_table import Base, Called, Currency, MarketSize, called
from tiermix.cli.options import Cluster, Customers, Json, Out, Quiet, Seed, Workers
from tiermix.cli.output import NO_PLAN, Document, Output, going_on
from tiermix.cli.tables import View, change, table
from tiermix.core import figures
from tiermix.core.progress import Progress

Margin = Annotated[
    float | None,
    typer.Option("--margin-rate", help="What is left of an order's value before media, as 0.4."),
]
Budget = Annotated[
    str | None,
    typer.Option(
        "--budget", help="Money for the next year: 24e6, 9.6m, or 80% of the last twelve months'."
    ),
]
Assume = Annotated[
    bool,
    typer.Option("--assume", help="Take what is proposed for margin, budget and currency."),
]
Anyway = Annotated[
    bool,
    typer.Option("--anyway", help="Plan also with a scenario that does not agree with the table."),
]


def onboard(
    file: data.Table,
    scenario: Base = "retail",
    map_: data.Columns = None,
    dates: data.Dates = None,
    decimal: data.Decimal = None,
    time_zone: data.Zone = None,
    sheet: data.Sheet = None,
    order_value: data.OrderValue = None,
    margin_rate: Margin = None,
    budget: Budget = None,
    currency: Currency = None,
    market_size: MarketSize = None,
    assume: Assume = False,
    anyway: Anyway = False,
    name: Called = None,
    customers: Customers = None,
    seed: Seed = 1,
    workers: Workers = None,
    cluster: Cluster = None,
    out: Out = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Make a plan of your own table: check, scenario, fit, health card, plan, report.

    All questions come first and together. The same command again goes on where it was cut off, and
    redoes only what hangs on what changed.
    """
    how = data.reading(map_, dates, decimal, time_zone, sheet, order_value)
    answers = {"margin_rate": margin_rate, "budget": budget, "currency": currency}
    asked: dict[str, Any] = {"name": called(name, file), "market_size": market_size, "out": out}
    asked |= {"seed": seed, "customers": customers, "anyway": anyway}
    asked["workers"] = inputs.where(workers, cluster)
    output, made = Output(json, quiet), []

    def work(progress: Progress | None) -> Document:
        made.append(job(file, scenario, how, answers, assume, progress, **asked))
        return made[0]

    output.deliver(work, view)
    if made[0]["plan"] is None:
        raise typer.Exit(NO_PLAN)


def job(
    file: Path,
    scenario: str,
    how: dict[str, Any],
    answers: dict[str, Any],
    assume: bool,
    progress: Progress | None,
    **asked: Any,
) -> Document:
    """Settle what is open, then all steps; a table that is refused waits for nothing heavy."""
    from experiments import Answers, settle

    settled = settle(file, how, Answers(**answers), scenario=scenario, assume=assume)
    from experiments import onboard as go

    with going_on():
        return dict(go(settled, extends=scenario, progress=progress, **asked))


def view(document: Document) -> View:
    """Steps, the card, what was not learned, and the plan."""
    if document["health"]["level"] == "stop":
        yield f"STOP: {document['health']['findings'][0]}\n"
    rows = [
        [one["step"], "kept from before" if one["kept"] else f"{one['seconds']:.1f} s"]
        for one in document["steps"]
    ]
    yield table(("step", "took"), rows, left=("took",))
    yield from health_view(document["health"])
    for said in document["health"]["findings"]:
        yield spelling.for_the_terminal(f"note: {said}")
    told = ", ".join(document["not_learned"]) or "nothing: the weeks said something of all"
    yield f"\nnot learned, still the base's: {told}"
    for one in document["doubts"]:
        if one["severity"] != "note":
            where = f"{one['where']}: " if one["where"] else ""
            yield f"{one['severity']}: {where}{one['says']}"
    yield ""
    yield from _plan(document["plan"])
    yield f"scenario: {document['scenario']}"
    yield f"report: {document['report']}"
    yield f"next: tiermix run {document['scenario']}"


def _plan(plan: Document | None) -> View:
    if plan is None:
        yield (
            "no plan was made, since the fitted market does not agree with the history; what is "
            "said above may be put right, --anyway plans nevertheless"
        )
        return
    now: dict[str, float] = {}
    for one in plan["spend"]:
        now[one["channel"]] = now.get(one["channel"], 0.0) + one["amount"]
    before = plan["last_year"]
    rows = [
        [name, before.get(name, 0.0), money, change(money, before.get(name, 0.0))]
        for name, money in now.items()
    ]
    yield table(("channel", "last year", f"plan ({plan['currency']})", "change (%)"), rows)
    made = plan["objective"]
    worth = figures.money(made["value"], plan["currency"])
    yield f"\n{made['name']} {worth} in the fitted market (gap {figures.percent(made['gap'], 2)})"
    yield f"plan: {plan['csv']}"
    yield f"picture: {plan['picture']}"
