"""Whether a rearrangement of the house changed any content: one hash for what each command gives.

    uv run python -m benchmarks.same_content --out before.json
    uv run python -m benchmarks.same_content --against before.json [--only 'simulate/*' plan]

Runs the command line as processes in an empty folder, so it fits any commit, whatever its modules
are called; `--tiermix` is the command of another checkout. Machine code is compiled anew in that
folder, so none that is stale is ever run. Floats are compared exactly: run both sides on the same
machine with the same libraries. Not compared: what `LEFT_OUT` lists, the order of keys, how tables
are cut into files. With `--against`, `--allow PATTERN` names paths, or ITEM:PATH, that may be new
or other than before; what is gone is never allowed.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pyarrow.parquet

LEFT_OUT = (
    "seconds",  # times
    "seconds/*",
    "said/seconds",
    "said/out",  # paths of what was read and written
    "report",
    "csv",
    "picture",
    "page",
    "calibrate:scenario",
    "history/file",
    "mlflow/*",  # ids, addresses, experiments
    "provenance/*",
)
"""Paths, or ITEM:PATH, whose values may differ between two runs of the same commit and seed."""
NOT_READ = ("provenance.json",)
"""Files of a run folder that tell times, versions and platform."""

LIBRARY = ("retail", "b2b", "education", "smart_home_before", "smart_home_after")
ENGINES = ("batch", "individual")
MODELS = (
    "first,last,last_non_direct,last_click,linear,time_decay,u_shaped,w_shaped,markov,shapley,"
    "shapley_incremental,casv,logistic,hazard,mix"
)
SMALL = ("--customers", "500", "--workers", "1")
WORLDS = ("--replications", "2")
TEST = ("--channel", "xiaohongshu", "--weeks", "12", *SMALL, *WORLDS)
HISTORY_WEEKS = 26
HISTORY_TELLS = ("douyin", "paid_search")
"""Channels whose impressions and clicks the history tells: each has to be fitted, in seconds."""
LISTED = 20
"""Differences that are printed of each item."""

QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Sums in parallel may end in other last digits."""

Document = dict[str, Any]
"""Path, as in `strategies/0/spend`, to a number, text, truth value or None."""


class House:
    """A command `tiermix`, run in an empty folder; `folder` is where it writes."""

    def __init__(self, command: Path, folder: Path) -> None:
        self.command, self.folder = command, folder
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        own = {
            "MLFLOW_TRACKING_URI": f"sqlite:///{folder / 'mlflow.db'}",
            "NUMBA_CACHE_DIR": str(folder / "kernels"),
        }
        self.environment = {**kept, **QUIET, **ONE_THREAD, **own}

    def tell(self, *arguments: str) -> Document:
        """The JSON document of a command, flat; ends the script when the command fails."""
        words = [str(self.command), *arguments, "--json", "--quiet"]
        where: dict[str, Any] = {"cwd": self.folder, "env": self.environment}
        done = subprocess.run(words, **where, capture_output=True, encoding="utf-8", check=False)
        if done.returncode:
            sys.exit(f"{' '.join(words)}: exit code {done.returncode}\n{done.stderr}")
        return dict(flat(parsed(done.stdout)))

    def year(self, scenario: str, engine: str) -> Document:
        """What `simulate` says and writes; the folder is kept for those who read it."""
        asked = ("--engine", engine, "--customers", "1500", "--workers", "1")
        out = f"{scenario}-{engine}"
        said = self.tell("simulate", scenario, *asked, "--out", out)
        written = contents(self.folder / out)
        return {**{f"said/{path}": value for path, value in said.items()}, **written}

    def run_folder(self) -> str:
        """The run folder of retail's year, simulated when it is not there yet."""
        if not (self.folder / "retail-batch").exists():
            self.year("retail", "batch")
        return "retail-batch"

    def attributed(self) -> Document:
        """Credit by every model on retail's year."""
        return self.tell("attribute", self.run_folder(), "--model", MODELS)

    def calibrated(self) -> Document:
        """Retail fitted to half of its own history year."""
        aggregates = self.folder / self.run_folder() / "history" / "aggregates.parquet"
        history(pd.read_parquet(aggregates)).to_csv(self.folder / "history.csv", index=False)
        asked = ("--scenario", "retail", *SMALL, *WORLDS, "--out", "fitted.yaml")
        return self.tell("calibrate", "history.csv", *asked)


def history(aggregates: pd.DataFrame) -> pd.DataFrame:
    """Weekly totals in the form that `calibrate` reads (docs/how-to/calibrate.md).

    Written here, not by the house, so that two commits with the same tables get the same file.
    """
    first = sorted(aggregates["week"].unique())[:HISTORY_WEEKS]
    table = aggregates[aggregates["week"].isin(first)].assign(
        week=lambda rows: rows["week"].dt.strftime("%Y-%m-%d"),
        channel=lambda rows: rows["channel"].astype(str),
    )
    channels = table.groupby(["week", "channel"], as_index=False)[
        ["spend", "impressions", "clicks"]
    ].sum()
    channels = channels[channels["spend"] > 0]
    channels.loc[~channels["channel"].isin(HISTORY_TELLS), ["impressions", "clicks"]] = None
    totals = table.groupby("week", as_index=False)[["conversions", "revenue"]].sum()
    rows = pd.concat([channels, totals.assign(channel="total")], ignore_index=True)
    return rows.sort_values(["week", "channel"], ignore_index=True)


def items(house: House) -> dict[str, Callable[[], Document]]:
    """What is compared: name of each item, and how its document comes about."""
    tell, fewer = house.tell, ("--customers", "200", "--workers", "1", *WORLDS)
    years = {
        f"simulate/{scenario}/{engine}": partial(house.year, scenario, engine)
        for scenario in LIBRARY
        for engine in ENGINES
    }
    return {
        **years,
        "attribute": house.attributed,
        "truth": partial(tell, "truth", "retail", "--over", "channels", *SMALL),
        "plan": partial(tell, "plan", "retail", *SMALL, "--out", "plan"),
        "run": partial(tell, "run", "retail", *SMALL, *WORLDS, "--out", "run"),
        "validate": partial(tell, "validate", "retail", *fewer, "--out", "validation"),
        "lift/geo": partial(tell, "lift", "retail", "--design", "geo", *TEST, "--out", "geo"),
        "lift/ab": partial(tell, "lift", "retail", "--design", "ab", *TEST, "--out", "ab"),
        "calibrate": house.calibrated,
    }


def parsed(output: str) -> Any:
    """The JSON document in what a command printed: libraries may have printed before it."""
    begin = re.search(r"^\{", output, re.MULTILINE)
    if begin is None:
        sys.exit(f"there is no JSON document in what was printed:\n{output}")
    return json.loads(output[begin.start() :])


def flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Path and value of every leaf; something empty is a leaf."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in inner:
        here = f"{path}/{key}" if path else str(key)
        if isinstance(part, dict | list) and part:
            yield from flat(part, here)
        else:
            yield here, part


def contents(folder: Path) -> Document:
    """Tables of a run folder, by the hash of each column, and its JSON documents."""
    found: Document = {}
    tables: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*.parquet")):
        if path.is_file():
            whole = path.parent if path.stem.startswith("part-") else path
            name = whole.relative_to(folder).with_suffix("").as_posix()
            tables.setdefault(name, []).append(path)
    for name, paths in tables.items():
        found |= {f"{name}/{key}": value for key, value in columns(paths).items()}
    for path in sorted(folder.rglob("*.json")):
        if path.name not in NOT_READ:
            name = path.relative_to(folder).with_suffix("").as_posix()
            found |= flat(json.loads(path.read_text(encoding="utf-8")), name)
    return found


def columns(paths: list[Path]) -> Document:
    """Number of rows, and place, type and hash of the values of each column, in order of rows."""
    table = pyarrow.parquet.read_table(paths, partitioning=None)
    told: Document = {"rows": table.num_rows}
    for place, field in enumerate(table.schema):
        values = json.dumps(table.column(field.name).to_pylist(), default=str)
        told[f"{field.name}/place"] = place
        told[f"{field.name}/type"] = str(field.type)
        told[f"{field.name}/values"] = digest(values)
    return told


def digest(text: str) -> str:
    """The first 16 digits of the text's SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def fits(item: str, path: str, patterns: Iterable[str]) -> bool:
    """Whether a pattern names the path, or item and path."""
    return any(
        fnmatchcase(path, pattern) or fnmatchcase(f"{item}:{path}", pattern) for pattern in patterns
    )


def differences(item: str, old: Document, new: Document, allowed: Iterable[str]) -> list[str]:
    """A line for each path at which two documents differ and that is not allowed to."""
    allowed, lines = tuple(allowed), []
    for path in [*old, *(path for path in new if path not in old)]:
        before, after = (repr(side[path]) if path in side else None for side in (old, new))
        gone = after is None and before not in ("[]", "{}")  # what was empty has been filled
        if before != after and (gone or not fits(item, path, allowed)):
            lines.append(f"{path}: {before or '(not there)'} -> {after or '(gone)'}")
    return lines


def compare(old: dict[str, Document], new: dict[str, Document], allowed: list[str]) -> bool:
    """Print the items that differ, with their first differences; whether none does."""
    same = True
    for item, document in new.items():
        lines = differences(item, old.get(item, {}), document, allowed)
        if lines:
            same = False
            print(f"\n{item}: {len(lines)} of {len(document)} paths differ")
            print("\n".join(f"  {line}" for line in lines[:LISTED]))
    print("\nthe same content" if same else "\nnot the same content")
    return same


def gather(house: House, only: list[str]) -> dict[str, Document]:
    """The document of each item that a pattern names, or of all; prints name and hash of each."""
    found: dict[str, Document] = {}
    for item, job in items(house).items():
        if only and not any(fnmatchcase(item, pattern) for pattern in only):
            continue
        began = time.perf_counter()
        told = job().items()
        found[item] = {path: value for path, value in told if not fits(item, path, LEFT_OUT)}
        sha = digest(json.dumps(found[item], sort_keys=True))
        print(f"{item:<38} {sha}  {time.perf_counter() - began:6.1f} s", flush=True)
    if not found:
        sys.exit(f"--only {' '.join(only)}: names no item; they are {', '.join(items(house))}.")
    return found


def executable(asked: str | None) -> Path:
    """The command to run: the one asked for, or the one beside the running Python."""
    beside = None if asked else str(Path(sys.executable).parent)
    found = shutil.which(asked or "tiermix", path=beside)
    if found is None:
        sys.exit(f"{asked or 'tiermix'}: there is no such command; name one with --tiermix.")
    return Path(found).absolute()


def main() -> None:
    """Run the commands, print the hashes, keep the documents, compare them; exit code 1 if not."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", default=[], help="items, as in 'simulate/*' plan")
    parser.add_argument("--tiermix", help="which command; the one beside this Python if not given")
    parser.add_argument("--out", type=Path, help="JSON to keep the documents in")
    parser.add_argument("--against", type=Path, help="JSON of another run to compare with")
    parser.add_argument("--allow", action="append", default=[], help="a path that may differ")
    options = parser.parse_args()
    old = json.loads(options.against.read_text(encoding="utf-8")) if options.against else {}
    with TemporaryDirectory(prefix="tiermix-same-") as folder:
        found = gather(House(executable(options.tiermix), Path(folder)), options.only)
    if options.out:
        options.out.write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")
    if options.against and not compare(old, found, options.allow):
        sys.exit(1)


if __name__ == "__main__":
    main()
