"""Memory of attribution on logs that grow: read whole, and some visitors at a time.

    uv run python -m benchmarks.large_logs [--events 5 20] [--kinds csv parquet] [--model NAMES]

Writes event tables of so many million rows in order of time, each visitor's scattered over the
file, and runs `tiermix attribute` on them in a process of its own. Seconds are of processor time;
peak memory is that of the process as Linux tells it (`VmHWM`; `ru_maxrss` would be that of whoever
started it, if that is more).
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

CHANNELS = np.array([f"channel_{number:02}" for number in range(12)])
CHUNK = 100_000
COMMAND = """
import sys, time
from tiermix.cli.main import main
try:
    main()
finally:
    status = dict(line.split(":") for line in open("/proc/self/status"))
    print(time.process_time(), status["VmHWM"].split()[0], file=sys.stderr)
"""


def chunks(events: int, seed: int = 0) -> Iterator[pa.Table]:
    """An event table: 4 touches a visitor in the mean, of 12 channels, one row in 50 an order."""
    random = np.random.default_rng(seed)
    share = 1.0 / np.arange(1, len(CHANNELS) + 1)
    start = np.datetime64("2025-01-01", "s").astype(np.int64)
    for first in range(0, events, CHUNK):
        rows = min(CHUNK, events - first)
        second = start + (np.arange(first, first + rows) * (365 * 86_400 / events)).astype(np.int64)
        ordered = random.random(rows) < 0.02
        visitor = random.integers(events // 4, size=rows)
        channel = random.choice(CHANNELS, rows, p=share / share.sum())
        yield pa.table(
            {
                "visitor_id": np.char.add("visitor-", visitor.astype(str)),
                "time": pa.array(second).cast(pa.timestamp("s")),
                "channel": pa.array(channel, mask=ordered),
                "kind": np.where(ordered, "order", "visit"),
                "value": pa.array(random.gamma(2.0, 50.0, rows).round(2), mask=~ordered),
            }
        )


def write(path: Path, events: int) -> None:
    """An event table as CSV or Parquet, by the name of the file."""
    tables = chunks(events)
    first = next(tables)
    kind = pyarrow.csv.CSVWriter if path.suffix == ".csv" else pyarrow.parquet.ParquetWriter
    with kind(str(path), first.schema) as writer:
        writer.write_table(first)
        for table in tables:
            writer.write_table(table)


def measure(path: Path, *options: str) -> tuple[float, float, str]:
    """Seconds, peak megabytes and output of `tiermix attribute` on a file."""
    command = [sys.executable, "-c", COMMAND, "attribute", str(path), "--json", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr}")
    seconds, kilobytes = done.stderr.splitlines()[-1].split()
    return float(seconds), float(kilobytes) / 1024, done.stdout


def main() -> None:
    """Measure each size and kind of table, whole and in pieces, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--events", type=float, nargs="+", default=[5, 20], help="in millions")
    parser.add_argument("--kinds", nargs="+", default=["csv", "parquet"])
    parser.add_argument("--pieces", type=int, nargs="+", help="0 stands for what is automatic")
    parser.add_argument("--model", default="last,linear,markov")
    options = parser.parse_args()
    print(f"{'table':>16} {'file MB':>8} {'pieces':>7} {'seconds':>8} {'peak MB':>8}")
    with TemporaryDirectory(prefix="tiermix-benchmark-") as folder:
        for kind in options.kinds:
            for millions in options.events:
                path = Path(folder) / f"events.{kind}"
                write(path, int(millions * 1e6))
                for pieces in options.pieces or (1, 0):
                    asked = ["--pieces", str(pieces)] if pieces else []
                    seconds, peak, _ = measure(path, "--model", options.model, *asked)
                    size = path.stat().st_size / 1e6
                    row = f"{kind:>12} {millions:3g} {size:8.0f} {pieces or 'auto':>7}"
                    print(f"{row} {seconds:8.1f} {peak:8.0f}", flush=True)


if __name__ == "__main__":
    main()
