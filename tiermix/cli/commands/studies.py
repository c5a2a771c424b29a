"""`tiermix studies`: what was tracked so far, to look at, to compare and to make again."""

import shlex
import webbrowser
from contextlib import nullcontext
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tiermix.cli.options import Json, UsageError
from tiermix.cli.output import Document, Output, remark
from tiermix.cli.streams import elsewhere
from tiermix.cli.tables import View, table

if TYPE_CHECKING:
    from experiments import StudyRun

studies_app = typer.Typer(
    help="Studies that were tracked: list, show, open, compare, repeat.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Id = Annotated[str, typer.Argument(metavar="ID", help="First letters of a study's id, or last.")]
Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="First letters of their ids.")]
Command = Annotated[
    str | None, typer.Option("--command", help="Only studies of this command, as in run.")
]
ScenarioName = Annotated[str | None, typer.Option("--scenario", help="Only studies of this one.")]
NO_QUESTION = {"studies", "ui", "lab", "doctor"}


@studies_app.command("list")
def list_(command: Command = None, scenario: ScenarioName = None, json: Json = False) -> None:
    """List the studies of this folder's tracking store, newest first."""
    from experiments import Studies

    found = Studies().all(command=command, scenario=scenario)
    document = {"studies": [study.to_dict() for study in found]}
    Output(json).show(document, _list)


def _list(document: Document) -> View:
    rows = [
        [one["id"][:8], _when(one["began"]), one["command"], one["name"],
         one["params"].get("seed", ""), one["params"].get("replications", ""), one["status"]]
        for one in document["studies"]
    ]  # fmt: skip
    if not rows:
        yield "no study is tracked here; `tiermix run retail` makes one"
        return
    head = ["study", "began", "command", "what was asked and found", "seed", "draws", "status"]
    yield table(head, rows, left=head)


@studies_app.command()
def show(study: Id, json: Json = False) -> None:
    """Show what a study was asked, what came out, and how to make it again."""
    from experiments import Studies

    every = Studies()
    found = every.named(study)
    document = {**found.to_dict(), "files": every.files(found)}
    Output(json).show(document, _show)


def _show(document: Document) -> View:
    yield f"{document['name']}\n{_when(document['began'])} · {document['id']}"
    yield f"\nmade by: {document['line'] or 'Python, not by a command'}"
    rows = [[name, value] for name, value in document["params"].items()]
    yield table(["asked", ""], rows, left=["asked", ""])
    figures = [[name, value] for name, value in document["metrics"].items()]
    if figures:
        yield ""
        yield table(["found", ""], figures)
    if document["files"]:
        yield f"\nfiles: {', '.join(document['files'])}"


@studies_app.command("open")
def open_(study: Id, json: Json = False) -> None:
    """Open a study's page in the browser."""
    from experiments import Studies

    every = Studies()
    page = every.page(every.named(study)).absolute()
    if not json:
        webbrowser.open(page.as_uri())
    Output(json).show({"page": str(page)}, lambda told: iter([f"page: {told['page']}"]))


@studies_app.command()
def compare(studies: Ids, json: Json = False) -> None:
    """Compare studies: what was asked otherwise, and the figures that all of them have."""
    from experiments import Studies, differences

    if len(studies) < 2:
        raise UsageError("compare at least two studies; `tiermix studies list` has their ids.")
    every = Studies()
    found = [every.named(one) for one in studies]
    rows = [{"name": name, "values": values} for name, values in differences(found).items()]
    document = {"studies": [one.to_dict() for one in found], "rows": rows}
    Output(json).show(document, _compare)


def _compare(document: Document) -> View:
    ids = [one["id"][:8] for one in document["studies"]]
    for short, one in zip(ids, document["studies"], strict=True):
        yield f"{short}: {one['name']}"
    yield ""
    rows = [[row["name"], *row["values"]] for row in document["rows"]]
    yield table(["", *ids], rows)
    yield (
        "\nfigures stand side by side as each study found them, without an interval of their "
        "difference; `tiermix compare` makes one, paired draw by draw"
    )


@studies_app.command()
def repeat(context: typer.Context, study: Id, json: Json = False) -> None:
    """Make a study again by the command that made it, and say whether it came out the same."""
    from experiments import Studies

    before = Studies().named(study)
    words, program = _words(before), context.find_root().command
    remark(f"$ tiermix {shlex.join(words)}")
    with elsewhere() if json else nullcontext():
        program.main(words, prog_name="tiermix", standalone_mode=False)
    Output(json).show(_repeated(before, Studies().made_again(before)), _outcome)


def _words(study: "StudyRun") -> list[str]:
    """The words of its command; raises `UsageError` where no command made it."""
    words = shlex.split(study.line)[1:]
    if not words or words[0] in NO_QUESTION:
        raise UsageError(
            f"the study {study.short} was made by Python, not by a command; run that again."
        )
    return words


def _repeated(before: "StudyRun", again: "StudyRun") -> Document:
    from experiments import unlike

    same = before.tags.get("scenario_hash") == again.tags.get("scenario_hash")
    figures = [
        {"name": name, "before": one, "again": other}
        for name, (one, other) in unlike(before, again).items()
    ]
    return {
        "study": before.id, "again": again.id, "same_scenario": same, "unlike": figures,
    }  # fmt: skip


def _outcome(document: Document) -> View:
    if not document["same_scenario"]:
        yield "the scenario has changed since then, so it is another study"
    if not document["unlike"]:
        yield f"the same figures to the last digit; the new study is {document['again'][:8]}"
        return
    rows: list[list[Any]] = [
        [one["name"], one["before"], one["again"]] for one in document["unlike"]
    ]
    yield table(["figure", "then", "now"], rows)


def _when(iso: str) -> str:
    """The minute, in the time of this place."""
    return datetime.fromisoformat(iso).astimezone().strftime("%Y-%m-%d %H:%M")
