"""Memory of `tiermix attribute`: little more in pieces for a log four times as long."""

import json
from pathlib import Path

import pytest

from benchmarks.large_logs import measure, write


@pytest.mark.long
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_memory_grows_with_a_whole_log_and_hardly_with_pieces(tmp_path: Path, kind: str) -> None:
    peaks: dict[str, list[float]] = {"1": [], "16": []}
    for events in (1_000_000, 4_000_000):
        file = tmp_path / f"log.{kind}"
        write(file, events)
        said = {}
        for pieces, peak in peaks.items():
            _, used, out = measure(file, "--pieces", pieces)
            said[pieces] = json.loads(out)
            peak.append(used)
        credit = [
            [row["conversions"] for model in said[pieces]["models"] for row in model["credit"]]
            for pieces in peaks
        ]
        assert credit[1] == pytest.approx(credit[0], rel=1e-9)
    whole, in_pieces = (last - first for first, last in peaks.values())
    assert whole > 200, f"whole logs took only {peaks['1']} MB: nothing to save"
    assert in_pieces < 0.4 * whole, f"peaks in MB, whole {peaks['1']}, pieces {peaks['16']}"
