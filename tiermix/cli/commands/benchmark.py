"""`tiermix benchmark`: the frozen suite made, verified, answered and scored."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from tiermix.cli import inputs
from tiermix.cli.commands.arena import judge
from tiermix.cli.options import Cluster, Engine, Json, Quiet, Size, UsageError, Workers, names
from tiermix.cli.output import Document, Output
from tiermix.cli.tables import View, table

benchmark_app = typer.Typer(
    help="A frozen suite of markets with known truth: make, verify, run, score, table, tests.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class Estimand(StrEnum):
    """The truth that credit is held against."""

    REMOVAL = "removal"
    UNFUNDED = "unfunded"
    MARGINAL = "marginal"
    SHAPLEY = "shapley"


Folder = Annotated[Path, typer.Argument(metavar="OUT", help="Folder of the suite.")]
Sizes = Annotated[
    Size, typer.Option("--size", help="The full suite, or a tiny one of it to try things out.")
]
Markets = Annotated[
    str | None, typer.Option(help="Names of markets separated by commas. All by default.")
]
Hidden = Annotated[
    Path | None,
    typer.Option(
        help="Draw a secret seed and put it, with all answers, into this folder: what lies in OUT "
        "can be handed out."
    ),
]
Answers = Annotated[
    Path | None, typer.Option(help="Folder of the answers, where they were hidden from OUT.")
]
Truth = Annotated[Estimand, typer.Option(help="Causal effect that credit is compared with.")]
Models = Annotated[
    str | None, typer.Option(help="Names of our models separated by commas. All by default.")
]
Bootstrap = Annotated[
    int,
    typer.Option(
        min=0, help="Bootstrap samples for our models' own intervals, to measure their coverage."
    ),
]
Result = Annotated[
    Path,
    typer.Argument(
        metavar="RESULT.csv",
        help="Credit by a model: CSV with market, world, channel, conversions[, model, low, high].",
    ),
]
Suite = Annotated[Path, typer.Option("--suite", help="Folder of the suite that it answers.")]
Results = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[RESULT.csv]...", help="More results than those that lie in OUT/results."
    ),
]


@benchmark_app.command()
def make(
    out: Folder,
    size: Sizes = Size.FULL,
    markets: Markets = None,
    hidden: Hidden = None,
    workers: Workers = None,
    cluster: Cluster = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Make every world of the suite: its tables, and its truths beside them.

    What was made before an interruption is kept.
    """
    asked = {"size": size.value, "markets": names(markets, "--markets"), "hidden": hidden}
    where = {"workers": inputs.where(workers, cluster)}
    Output(json, quiet).deliver(lambda progress: _make(out, progress, **asked, **where), _made)


@benchmark_app.command()
def verify(
    out: Annotated[
        Path | None,
        typer.Argument(metavar="[OUT]", help="Suite on disk; simulated here if left out."),
    ] = None,
    size: Sizes = Size.FULL,
    markets: Markets = None,
    engine: Annotated[
        Engine, typer.Option(help="How customers are moved; both give the same tables.")
    ] = Engine.BATCH,
    workers: Workers = None,
    cluster: Cluster = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Hold the tables of the suite against their frozen SHA-256."""
    asked: dict[str, Any] = {"size": size.value, "markets": names(markets, "--markets")}
    asked |= {"engine": engine.value, "workers": inputs.where(workers, cluster)}
    found: Document = {}

    def work(progress: Any) -> Document:
        found.update(_verify(out, progress, **asked))
        return found

    Output(json, quiet).deliver(work, _verified)
    if not found["same"]:
        count = len(found["differing"])
        raise UsageError(
            f"{count} of {len(found['worlds'])} worlds are not those of suite {found['suite']}, "
            f"first {found['differing'][0]}; compare the version of tiermix and its libraries"
        )


@benchmark_app.command()
def run(
    out: Folder,
    size: Sizes = Size.FULL,
    markets: Markets = None,
    models: Models = None,
    estimand: Truth = Estimand.REMOVAL,
    bootstrap: Bootstrap = 0,
    workers: Workers = None,
    cluster: Cluster = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Make the suite, let our models answer, score all results and write the table."""
    asked: dict[str, Any] = {"size": size.value, "markets": names(markets, "--markets")}
    asked |= {"models": names(models, "--models"), "estimand": estimand.value}
    asked |= {"bootstrap": bootstrap, "workers": inputs.where(workers, cluster)}
    Output(json, quiet).deliver(lambda progress: _run(out, progress, **asked), _scored)


@benchmark_app.command()
def score(
    result: Result,
    suite: Suite,
    estimand: Truth = Estimand.REMOVAL,
    answers: Answers = None,
    workers: Workers = None,
    cluster: Cluster = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Score the result of any model, also of another tool, beside the references."""
    asked: dict[str, Any] = {"truth": answers, "estimand": estimand.value}
    asked["workers"] = inputs.where(workers, cluster)
    Output(json, quiet).deliver(lambda progress: _score(result, suite, progress, **asked), _scored)


@benchmark_app.command("table")
def table_(
    out: Folder,
    results: Results = None,
    estimand: Truth = Estimand.REMOVAL,
    answers: Answers = None,
    workers: Workers = None,
    cluster: Cluster = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Score all results that lie in OUT/results and write one sortable page of them."""
    asked: dict[str, Any] = {"truth": answers, "estimand": estimand.value}
    asked["workers"] = inputs.where(workers, cluster)
    Output(json, quiet).deliver(
        lambda progress: _table(out, results or [], progress, **asked), _scored
    )


benchmark_app.command("tests")(judge)


def _make(out: Path, progress: Any, **asked: Any) -> Document:
    from experiments import make_suite

    suite = make_suite(out, progress=progress, **asked)
    return {**suite.sheet, "out": str(out), "answers": str(suite.truth)}


def _made(document: Document) -> View:
    rows = [
        [m["name"], m["worlds"], m["customers"], m["hash"][:16], m["title"]]
        for m in document["markets"]
    ]
    yield table(("market", "worlds", "customers", "sha256", "what it is"), rows,
                left=("sha256", "what it is"))  # fmt: skip
    yield f"\nsuite {document['suite']}, {document['size']}: sha256 {document['hash']}"
    yield f"tables: {document['out']}"
    yield f"answers: {document['answers']}"


def _verify(out: Path | None, progress: Any, size: str, **asked: Any) -> Document:
    from experiments import SuiteFolder, verify, verify_folder

    if out is not None:
        return dict(verify_folder(SuiteFolder.open(out)))
    return dict(verify(size=size, progress=progress, **asked))


def _verified(document: Document) -> View:
    rows = [
        [w["world"], "same" if w["same"] else "differs", w["hash"][:16]] for w in document["worlds"]
    ]
    yield table(("world", "tables", "sha256"), rows, left=("tables", "sha256"))
    yield f"\nsuite {document['suite']}, {document['size']}: sha256 {document['hash']}"


def _run(out: Path, progress: Any, **asked: Any) -> Document:
    from experiments import benchmark_run

    return benchmark_run(out, progress=progress, **asked)


def _score(result: Path, suite: Path, progress: Any, **asked: Any) -> Document:
    from experiments import benchmark_score

    return benchmark_score(result, suite, progress=progress, **asked)


def _table(out: Path, results: list[Path], progress: Any, **asked: Any) -> Document:
    from experiments import benchmark_table

    return benchmark_table(out, results, progress=progress, **asked)


def _scored(document: Document) -> View:
    """Models by their mean rank, with what they misplace on average."""
    rows = [
        [place["model"], place["rank"], place["se"], place["markets"],
         *(_mean(document, place["model"], measure) for measure in ("misplaced", "over_credit"))]
        for place in document["places"]
    ]  # fmt: skip
    head = ("model", "mean rank", "±", "markets", "misplaced (%)", "over-credit (%)")
    yield table(head, rows)
    yield f"\nsuite {document['suite']}, {document['size']}, truth: {document['estimand']}"
    if "page" in document:
        yield f"page: {document['page']}"


def _mean(document: Document, model: str, measure: str) -> float | None:
    """The mean of a measure over the markets of a model, in percent."""
    found = [
        cell["measures"][measure]["mean"]
        for cell in document["scores"]
        if cell["model"] == model and measure in cell["measures"]
    ]
    return 100.0 * sum(found) / len(found) if found else None
