"""Made-up companies of other tools, whose makers published what each channel brought."""

from pathlib import Path

import numpy as np
import pytest

from experiments import (  # type: ignore[attr-defined]
    calibrate,
    check_table,
    publish_own_scenario,
    scenario_from_table,
)
from experiments.calibration import run
from scenarios import load_scenario
from tests.experiments.published import brought, company


def test_the_formula_is_the_published_one() -> None:
    """A logistic saturation of λx is tanh(λx / 2); carry-over keeps all of what is spent."""
    assert brought(np.full(20, 0.5), 0.4, 4.0, 3.0)[-1] == pytest.approx(
        3 * (1 - np.exp(-2)) / (1 + np.exp(-2))
    )
    _, truth = company(1)
    assert 0.2 < truth["x1"] < 0.35
    assert 0.04 < truth["x2"] < 0.09


@pytest.mark.long
def test_what_channels_brought_is_held_or_the_card_says_why_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """x1 brings four times what the base expects of a channel, and few customers teach little."""
    table, truth = company(1)
    file = tmp_path / "mmm.csv"
    table.to_csv(file, index=False)
    columns = ["date=date_week,orders=y,spend.x1=x1,spend.x2=x2,control=event_1,control=event_2"]
    read = check_table(file, columns=columns, order_value=60)
    made = scenario_from_table(read, currency="USD", workers=1)
    written = publish_own_scenario(made, read, tmp_path / "mmm.yaml")
    monkeypatch.setattr(run, "HORIZONS", ())  # backtests are half of the work, and not asked for
    base = load_scenario(written["scenario"])
    found = calibrate(written["history"], base, customers=1500, workers=1)
    rows = {row["channel"]: row for row in found.contributions}
    assert rows.keys() == truth.keys()
    (card,) = [x for x in found.health.figures if x.figure == "channels, weeks beside market"]
    for name, share in truth.items():
        row = rows[name]
        held = row["low"] <= share <= row["high"]
        assert held or (card.level == "look" and name in card.sentence), name
        assert abs(row["weeks_say"] - share) < 2.58 * row["weeks_error"], name
