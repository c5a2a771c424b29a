"""`tiermix calibrate`: a scenario fitted to a company's own weekly history."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tiermix.cli import inputs, spelling
from tiermix.cli.options import (
    Cluster,
    Json,
    Quiet,
    Seed,
    Settings,
    ShiftTo,
    Workers,
)
from tiermix.cli.output import Document, Output, going_on
from tiermix.cli.tables import View, cell, table, tracked
from tiermix.core.progress import Progress

if TYPE_CHECKING:
    from experiments import MeasuredLift
    from scenarios import Scenario

HistoryFile = Annotated[
    Path,
    typer.Argument(
        help="Weekly history: week, channel, spend, impressions, clicks, conversions, revenue. "
        "`tiermix data check` makes one of any table."
    ),
]
Base = Annotated[
    str,
    typer.Option(
        "--scenario", metavar="BASE", help="Scenario to start from: a library name or a YAML file."
    ),
]
Names = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="THEIRS=OURS",
        help='What the file calls a channel, as in "Google Ads=paid_search"; repeatable.',
    ),
]
Tests = Annotated[
    Path | None,
    typer.Option(
        "--lift",
        metavar="TESTS",
        help="Tests of channels in these weeks: CSV with channel, start, end, lift, error, as "
        "`tiermix lift DATA --out TESTS` writes it.",
    ),
]
Customers = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Customers in each simulated market: more give less noise. About 8,000 by default.",
    ),
]
Markets = Annotated[
    int | None,
    typer.Option(
        "--replications",
        min=2,
        help="Simulated markets that are compared with the history. 2 by default.",
    ),
]
Target = Annotated[
    Path | None, typer.Option("--out", help="YAML file to write, or a folder for it.")
]


def calibrate(
    history: HistoryFile,
    scenario: Base,
    map_: Names = None,
    lift: Tests = None,
    shift_to: ShiftTo = None,
    set_: Settings = None,
    seed: Seed = 1,
    customers: Customers = None,
    replications: Markets = None,
    workers: Workers = None,
    cluster: Cluster = None,
    out: Target = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Fit a scenario to a company's own weekly history.

    A fit that is cut off goes on where it stopped when the same command is given again.
    """
    names = channel_names(map_)
    lifts_of(lift)
    refuse_early(history)
    base = inputs.shifted(inputs.scenario_of(scenario, set_), shift_to)
    channels, names = [channel.name for channel in base.channels], base.other_names | (names or {})
    refuse_early(history, channels, names)
    lifts = lifts_of(lift, channels, names)
    size: dict[str, Any] = {
        "lifts": lifts,
        "customers": customers,
        "replications": replications,
        "seed": seed,
    }
    size["workers"] = inputs.where(workers, cluster)
    Output(json, quiet).deliver(
        lambda progress: job(history, base, scenario, out, progress, names=names, **size), view
    )


def refuse_early(
    history: Path, channels: list[str] | None = None, names: dict[str, str] | None = None
) -> None:
    """Refuse a file that is no history, of these channels, before anything heavy is loaded."""
    from experiments import read_history

    read_history(history, channels, names)


def lifts_of(
    file: Path | None, channels: list[str] | None = None, names: dict[str, str] | None = None
) -> tuple["MeasuredLift", ...]:
    """The tests of a file, of these channels; none without a file."""
    from experiments import read_lifts

    return () if file is None else read_lifts(file, channels, names)


def channel_names(pairs: list[str] | None) -> dict[str, str]:
    """The scenario's channel by the file's name for it, from `THEIRS=OURS`."""
    return inputs.pairs_of("--map", pairs, '"Google Ads=paid_search"')


def job(
    history: Path,
    base: "Scenario",
    extends: str,
    out: Path | None,
    progress: Progress | None,
    **asked: Any,
) -> Document:
    """Calibrate, write scenario and page, log the run, give the document."""
    from experiments import calibration_job

    with going_on():
        return dict(calibration_job(history, base, extends, out=out, progress=progress, **asked))


def view(document: Document) -> View:
    """Parameters before and after, how well the weeks agree, and what to know."""
    keys = ("name", "base", "estimate", "low", "high", "moved", "learned", "verdict")
    head = ("parameter", "base", "estimate", "low", "high", "moved", "learned", "from")
    rows = [[row[key] for key in keys] for row in document["parameters"]]
    yield table(head, rows, left=["from"])
    fit = document["fit"]
    yield from _figures(document["channels"])
    yield from _contributions(document["contributions"])
    yield from _tests(document["lifts"])
    if not fit["agrees"]:
        yield "\nTHE FITTED MARKET DOES NOT AGREE WITH THE HISTORY"
    yield (
        f"\n{fit['weeks']} weeks from {fit['first_week']}: R² {fit['r2']:.2f} (0 is a constant), "
        f"mean error of {_counted(document)} {fit['mape']:.1%} (a constant: "
        f"{fit['mape_constant']:.1%}), of revenue {fit['mape_revenue']:.1%}"
    )
    yield (
        f"noise of weekly conversions: {fit['history_noise']:.1%} in the file, "
        f"{fit['simulated_noise']:.1%} in one simulated market of {fit['customers']:,} customers"
    )
    yield (
        f"last {fit['weeks_held_out']} weeks, held out of a second fit: error "
        f"{fit['mape_held_out']:.1%}, against {fit['mape_held_out_naive']:.1%} of a constant"
    )
    if fit["agrees"]:
        yield (
            f"goodness of fit: chi-square {cell(fit['chi_square'])} on "
            f"{cell(fit['degrees_of_freedom'])} degrees of freedom, p = {cell(fit['p_value'])}"
        )
    yield from health_view(document["health"])
    for remark in document["remarks"]:
        yield f"note: {spelling.for_the_terminal(remark)}"
    yield f"scenario: {document['scenario']}"
    yield f"page: {document['page']}"
    yield from tracked(document["mlflow"])


def _counted(document: Document) -> str:
    """Conversions, and what they are where they are no orders."""
    outcome = document["outcome"]
    return "conversions" if outcome == "orders" else f"conversions ({outcome})"


def health_view(card: Document) -> View:
    """The health card: figures beside their limits, backtests, weeks that do not fit."""
    yield f"\nhealth: {card['level'].upper()}, {card['says']}"
    rows = [[row[key] for key in ("figure", "shown", "ok", "level")] for row in card["figures"]]
    yield table(("figure", "is", "in order", "level"), rows, left=("in order", "level"))
    if card["backtests"]:
        yield ""
        keys = ("mape", "mape_constant", "mape_seasonal", "crps", "crps_constant", "cover_95")
        tested = [
            [f"last {row['horizon']} weeks", *(row[k] for k in keys)] for row in card["backtests"]
        ]
        yield table(
            ("unseen", "error", "constant", "year before", "CRPS", "constant", "in 95 %"), tested
        )
    for row in card["misfit_weeks"]:
        known = ", ".join(row["special"]) or "nothing known of it"
        yield f"week {row['week']} is {row['off']:+.1f} deviations off: {known}"


def _figures(channels: list[Document]) -> View:
    """Spend, impressions and clicks beside those of the fitted market."""
    if channels:
        yield ""
        keys = ("channel", "figure", "observed", "fitted")
        rows = [[row[key] for key in keys] for row in channels]
        yield table(("channel", "figure", "in the file", "fitted"), rows, left=["figure"])


def _contributions(found: list[Document]) -> View:
    """What each channel's money brought, and whether the weeks or the base say so."""
    keys = ("channel", "spend", "share", "low", "high", "return", "weeks_say", "verdict")
    if found:
        yield f"\nwhat channels brought in the last {found[0]['weeks']} weeks, as shares of orders"
        head = (
            "channel", "spend", "share", "low", "high", "revenue for 1 spent", "weeks alone say",
            "learned",
        )  # fmt: skip
        yield table(head, [[row[key] for key in keys] for row in found], left=["learned"])


def _tests(lifts: list[Document]) -> View:
    """What tests found of channels, beside the fitted market's."""
    columns = ("channel", "start", "end", "lift", "error", "fitted", "fitted_error")
    if lifts:
        yield ""
        rows = [[row[key] for key in columns] for row in lifts]
        head = ("test of", "from", "to", "share", "error", "fitted", "its error")
        yield table(head, rows, ["from", "to"])
