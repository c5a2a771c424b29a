"""Freeze the suite of `tiermix benchmark`: write the SHA-256 of each world's tables anew.

Only for a new suite, or where the simulator was changed on purpose: whoever cites the suite cites
these hashes. `uv run python -m benchmarks.frozen_suite`
"""

from __future__ import annotations

from experiments.benchmark.identity import lines, suite_hash
from experiments.benchmark.suite import SIZES
from experiments.benchmark.verify import frozen_file, hashes_simulated
from tiermix.core.files import write_text


def main() -> None:
    for size in SIZES:
        found = hashes_simulated(size=size)
        write_text(frozen_file(size), lines(found))
        print(size, len(found), "worlds", suite_hash(found))


if __name__ == "__main__":
    main()
