"""`tiermix scenarios plausibility`: what a scenario implies, beside the ranges it should lie in."""

from typing import TYPE_CHECKING

from tiermix.cli import inputs
from tiermix.cli.options import Cluster, Customers, Json, Quiet, Scenario, Seed, Settings, Workers
from tiermix.cli.output import Document, Output
from tiermix.cli.tables import View, table

if TYPE_CHECKING:
    from scenarios import Scenario as Model


def plausibility(
    scenario: Scenario,
    set_: Settings = None,
    seed: Seed = 1,
    customers: Customers = None,
    workers: Workers = None,
    cluster: Cluster = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Check a scenario's figures against expected ranges."""
    market, place = inputs.scenario_of(scenario, set_), inputs.where(workers, cluster)
    Output(json, quiet).deliver(lambda _: job(market, seed, customers, place), view)


def believe(
    scenario: Scenario,
    set_: Settings = None,
    seed: Seed = 1,
    customers: Customers = None,
    workers: Workers = None,
    cluster: Cluster = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Check plausibility, under the command's former name."""
    Output(json, quiet).remark("`scenarios believe` is now called `scenarios plausibility`")
    plausibility(scenario, set_, seed, customers, workers, cluster, json, quiet)


def job(market: "Model", seed: int, customers: int | None, workers: int | str | None) -> Document:
    from experiments import Believability

    return Believability(market, seed, customers, workers).to_dict()


def view(document: Document) -> View:
    """Figures beside their ranges, and why those that lie outside do."""
    figures = document["figures"]
    if not figures:
        yield f"{document['scenario']} expects no ranges of its figures: it has no `beliefs`"
        return
    keys = ("figure", "value", "se", "low", "high", "verdict", "source")
    head = ("figure", "value", "standard error", "low", "high", "verdict", "source")
    yield table(head, [[row[key] for key in keys] for row in figures], ["verdict", "source"])
    for row in figures:
        if row["verdict"] != "inside" and row["why"]:
            yield f"{row['figure']}: {row['why']}"
    unclear = [row for row in figures if row["verdict"] == "unclear"]
    if unclear:
        needed = max(row["customers_needed"] for row in unclear)
        yield (
            f"with {document['customers']:,} customers {len(unclear)} of {len(figures)} figures "
            f"are too uncertain to be judged; --customers {needed} would tell"
        )
