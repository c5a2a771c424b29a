"""A history that the market made, kept in every form: one history, and one fit."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from experiments import calibrate  # type: ignore[attr-defined]
from experiments.calibration.history import WEEK, History, read_history
from experiments.calibration.market import as_history, simulate_weeks
from experiments.company_data.run import check_table
from tests.experiments.company import money
from tests.experiments.company_tables import DATES, Form, Row, blank, comma, thousands, write
from tests.scenes import CHANNELS, base
from tiermix.core.arrays import Floats

BASE = base(defaults={"customers": 600, "communities": 4})
MONDAYS = tuple(dt.date(2025, 1, 6) + n * WEEK for n in range(51))
PLAIN = Form()
FORMS = {
    "weekly, wide": Form("wide"),
    "daily, long": Form("long", "day"),
    "daily, wide, semicolons and decimal commas, Windows": Form(
        "wide", "day", date=DATES[2], separator=";", encoding="cp1252", figure=comma
    ),
    "semicolons and decimal commas": Form(date=DATES[3], separator=";", figure=comma),
    "French": Form("wide", separator=";", figure=blank),
    "American": Form("wide", "day", date=DATES[4], figure=thousands),
    "tabs, UTF-16": Form("wide", "day", separator="\t", encoding="utf-16"),
    "GB18030, Chinese dates": Form(date=DATES[-1], encoding="gb18030"),
    "packed": Form("wide", "day", date=DATES[5], file="csv.gz"),
    "packed, tabs, UTF-16": Form(separator="\t", encoding="utf-16", file="csv.gz"),
    "Excel": Form("wide", "day", file="xlsx"),
    "Excel, long": Form(file="xlsx"),
    "Parquet": Form("long", "day", file="parquet"),
    "Parquet, wide": Form("wide", file="parquet"),
}
TWO = ("daily, wide, semicolons and decimal commas, Windows", "Parquet")


@pytest.fixture(scope="module")
def lived() -> History:
    """A year as the market lived it, to quarters of a unit, so that its days add up exactly."""
    spent = replace(money(9, told=True).part(slice(0, 51)), weeks=MONDAYS)
    seen = as_history(simulate_weeks([BASE], [4], 600, spent, workers=1)[0], spent, BASE)
    figures = {
        what: np.round(4 * getattr(seen, what)) / 4
        for what in ("spend", "impressions", "clicks", "conversions", "revenue")
    }
    return replace(seen, **figures)


@pytest.fixture(scope="module")
def rows(lived: History) -> tuple[Row, ...]:
    """The same by day."""
    return tuple(_rows(lived))


def _rows(lived: History) -> Iterator[Row]:
    for n, week in enumerate(lived.weeks):
        for c, name in enumerate(lived.channels):
            for what in ("spend", "impressions", "clicks"):
                yield from _days(week, name, what, getattr(lived, what)[n, c])
        yield from _days(week, "", "orders", lived.conversions[n])
        yield from _days(week, "", "revenue", lived.revenue[n])


def _days(week: dt.date, channel: str, what: str, amount: float) -> Iterator[Row]:
    part = float(np.floor(amount / 7 * 4) / 4)
    for n in range(7):
        value = part if n < 6 else float(amount) - 6 * part
        yield (week + dt.timedelta(n), "", channel, what, value)


@pytest.fixture(scope="module")
def canonical(rows: tuple[Row, ...], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The history of the plainest form."""
    path = write(tmp_path_factory.mktemp("plain"), replace(PLAIN, rows=rows))
    return check_table(path).history


def test_the_history_of_a_market_is_what_it_lived(
    lived: History, canonical: str, tmp_path: Path
) -> None:
    file = tmp_path / "history.csv"
    file.write_text(canonical, "utf-8")
    read = read_history(file, CHANNELS)
    assert read.weeks == lived.weeks
    for what in ("spend", "impressions", "clicks", "conversions", "revenue"):
        mine, theirs = getattr(read, what), getattr(lived, what)
        assert np.allclose(mine, theirs, rtol=1e-11), what


@pytest.mark.parametrize("form", FORMS)
def test_whatever_the_form_it_is_the_same_history(
    form: str, rows: tuple[Row, ...], canonical: str, tmp_path: Path
) -> None:
    found = check_table(write(tmp_path, replace(FORMS[form], rows=rows)))
    assert found.history == canonical


@pytest.mark.long
def test_and_the_same_fit(lived: History, rows: tuple[Row, ...], tmp_path: Path) -> None:
    """Two forms as far from one another as they go, and the market's own figures."""
    fits: list[Floats] = []
    for n, form in enumerate(TWO):
        found = check_table(write(tmp_path, replace(FORMS[form], rows=rows)))
        file = tmp_path / f"history-{n}.csv"
        file.write_text(found.history, "utf-8")
        made = calibrate(file, BASE, customers=300, seed=3, workers=1)
        fits.append(made.whole.theta)
    own = calibrate(lived, BASE, customers=300, seed=3, workers=1).whole.theta
    assert fits[0].tolist() == fits[1].tolist()
    assert np.allclose(fits[0], own, atol=1e-6)
