"""`tiermix benchmark tests`: estimators of geo and people tests judged where truth is known."""

from pathlib import Path
from typing import Annotated, Any

import typer

from tiermix.cli import inputs
from tiermix.cli.options import Cluster, Json, Quiet, Seed, Size, Workers, names
from tiermix.cli.output import Document, Output
from tiermix.cli.tables import View, table


def judge(
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="Folder of the results; a suite may lie there.")
    ],
    size: Annotated[
        Size, typer.Option("--size", help="480 tests of each condition, or six to try things out.")
    ] = Size.FULL,
    conditions: Annotated[
        str | None,
        typer.Option(help="Names of conditions separated by commas. All by default."),
    ] = None,
    seed: Seed = 1,
    workers: Workers = None,
    cluster: Cluster = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Judge estimators of geo and people tests: bias, coverage, power, sign errors."""
    asked: dict[str, Any] = {"size": size.value, "seed": seed}
    asked["conditions"] = names(conditions, "--conditions")
    asked["workers"] = inputs.where(workers, cluster)
    Output(json, quiet).deliver(lambda progress: _tests(out, progress, **asked), _tested)


def _tests(out: Path, progress: Any, **asked: Any) -> Document:
    from experiments import benchmark_tests

    return benchmark_tests(out, progress=progress, **asked)


def _tested(document: Document) -> View:
    """Coverage, bias and power of each estimator under each condition."""
    rows = [
        [score["kind"], score["condition"], score["estimator"],
         *(_percent(score["measures"][measure]) for measure in ("coverage", "bias", "power")),
         score["intervals"]]
        for score in document["scores"]
    ]  # fmt: skip
    head = ("test by", "condition", "estimator", "coverage (%)", "bias (%)", "power (%)")
    yield table((*head, "intervals"), rows, left=("condition", "estimator", "intervals"))
    yield f"\n{document['markets']} markets × {document['tests']} tests, seed {document['seed']}"
    yield f"page: {document['page']}"


def _percent(figure: dict[str, float]) -> float | None:
    """A share in percent; nothing where no test tells it."""
    mean = figure["mean"]
    return 100.0 * mean if mean == mean else None
