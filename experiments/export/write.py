"""write: a market for other tools, beside its truth in their terms."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from experiments.export.tools import FORMATS, TABLES, ga4
from experiments.export.truth import by_channel, by_week
from experiments.export.weeks import Weeks, simulate_weeks
from experiments.study import StudyError
from sim import Run, Workers
from tiermix.core.files import whole_file
from tiermix.core.progress import Progress


def check_formats(names: Sequence[str]) -> None:
    """Raise `StudyError` for a format that is not known."""
    for name in names:
        if name not in FORMATS:
            raise StudyError(f"export: '{name}' is not known; use some of {', '.join(FORMATS)}")


def export_run(
    run: Run,
    formats: Sequence[str],
    *,
    workers: Workers = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Write a run for these tools into `export/` of its folder; the files, truth among them.

    Weeks are lived again, with and without each channel: what `truth.csv` and
    `truth_by_week.csv` say is of the same people. Raises `StudyError`.
    """
    check_formats(formats)
    folder = run.folder / "export"
    written = []
    if "ga4" in formats:
        written.append(_write(ga4(run.log), folder / "ga4.csv"))
    if any(name in TABLES for name in formats):
        weeks = simulate_weeks(
            run.scenario,
            run.plan,
            seed=int(run.provenance["seed"]),
            customers=int(run.provenance["customers"]),
            workers=workers,
            progress=progress,
        )
        written += _write_weeks(weeks, formats, folder)
    return written


def _write_weeks(weeks: Weeks, formats: Sequence[str], folder: Path) -> list[Path]:
    tables = {name: TABLES[name](weeks) for name in TABLES if name in formats}
    tables |= {"truth": by_channel(weeks), "truth_by_week": by_week(weeks)}
    return [_write(table, folder / f"{name}.csv") for name, table in tables.items()]


def _write(table: pd.DataFrame, file: Path) -> Path:
    with whole_file(file) as draft:
        table.to_csv(draft, index=False, float_format="%.10g")
    return file
