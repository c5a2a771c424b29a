"""`tiermix scenarios new`: the lines that a strategist changes, in a file of one's own."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Annotated, Any

import typer

from tiermix.cli.options import ShiftTo, UsageError, scenario_names
from tiermix.cli.output import remark
from tiermix.core.files import write_text

File = Annotated[Path, typer.Argument(help="YAML file to write.")]
Like = Annotated[
    str,
    typer.Option(
        help="Library scenario, or a file beside the new one, to start from.",
        autocompletion=scenario_names,
    ),
]
Start = Annotated[
    str | None,
    typer.Option(metavar="MONTH", help="First month of the planned year, as in 2027-04."),
]
Currency = Annotated[str | None, typer.Option(help="Currency of all amounts, as in EUR.")]
Money = Annotated[
    str | None, typer.Option(help="Budget of the year: 24e6, 9.6m, or 80% of that of --like.")
]
Channels = Annotated[
    str | None,
    typer.Option(help="Channels to keep of those that money is given to, separated by commas."),
]
Whole = Annotated[
    bool, typer.Option("--whole", help="Copy every line of --like, not those changed most.")
]


def new(
    file: File,
    like: Like = "retail",
    start: Start = None,
    budget: Money = None,
    currency: Currency = None,
    channels: Channels = None,
    shift_to: ShiftTo = None,
    whole: Whole = False,
) -> None:
    """Write a scenario of your own: a few lines over one that has the rest.

    Everything that has a date moves with --start: seasons and festivals stay in their months.
    """
    changes: dict[str, Any] = {
        "start": start,
        "budget": budget,
        "currency": currency,
        "channels": channels,
    }
    _check_free(file)
    if whole and any(changes.values()):
        given = next(name for name, value in changes.items() if value)
        raise UsageError(f"--whole copies a scenario as it is; leave it or --{given} out.")
    if start is not None and shift_to is not None:
        raise UsageError("--start names the year as well; leave --shift-to out.")
    changes["shift_to"] = shift_to
    write_text(file, _whole(like, shift_to) if whole else _own(file, like, changes))
    remark(f"wrote {file}; change it, then `tiermix scenarios check {file}`")
    if currency is not None:
        remark(f"amounts are still those of {like}: put yours, in {currency}")


def text_of(scenario: str) -> str:
    """The YAML of a scenario as it was written."""
    from scenarios import library_text

    path = Path(scenario)
    return path.read_text("utf-8-sig") if path.is_file() else library_text(scenario)


def _check_free(file: Path) -> None:
    if file.exists():
        raise UsageError(f"{file} exists already; name another file or move that one away.")
    if file.suffix not in {".yaml", ".yml"}:
        raise UsageError(f"{file} is no YAML file; end its name in .yaml.")


def _whole(like: str, year: int | None) -> str:
    """Every line of a scenario; moved to another year without its comments."""
    from scenarios import moved_text

    if year is None:
        return text_of(like)
    return f"# {like}, moved to {year} by `tiermix scenarios new`.\n{moved_text(like, year)}"


def _own(file: Path, like: str, changes: dict[str, Any]) -> str:
    from scenarios import budget_of, load_scenario, moved, own_text

    asked, budget, year = changes["channels"], changes["budget"], changes["shift_to"]
    start = _month(changes["start"])
    if year is not None:
        moved(load_scenario(like), year)  # raises where it cannot be
        start = load_scenario(like).start.replace(year=year)
    return own_text(
        like,
        file=file,
        start=start,
        currency=changes["currency"],
        budget=budget_of(budget, load_scenario(like).budget) if budget else None,
        channels=None if asked is None else [name.strip() for name in asked.split(",")],
    )


def _month(text: str | None) -> dt.date | None:
    """The first day of a month, YYYY-MM; of a day when it is the first of one."""
    if text is None:
        return None
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])(-01)?", text):
        raise UsageError(f"--start: {text!r} is no month; write it as in 2027-04.")
    return dt.date.fromisoformat(f"{text[:7]}-01")
