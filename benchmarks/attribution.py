"""Attribution against its peers, side by side: seconds and memory for a million journeys.

    uv run --group oracles python -m benchmarks.attribution [--journeys N] [--repeat R] [TASK …]

Every task runs in a process of its own on the same generated data. `coded` tasks start from
sorted, integer-coded paths; `paths` and `events` tasks from a data frame of text in memory, and
end with a credit table, on both sides. Peers that are not installed are left out.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from attribution import First, Last, Linear, Markov, Shapley, TimeDecay
from journeys import JourneyLog, Paths
from journeys.paths import offsets

CHANNELS = tuple(f"channel_{number:02}" for number in range(12))


def generated(journeys: int, seed: int = 0) -> Paths:
    """Journeys of 4 touches in the mean over 12 channels, 5 % of them with a conversion."""
    random = np.random.default_rng(seed)
    lengths = random.geometric(0.25, size=journeys)
    won = (random.random(journeys) < 0.05).astype(np.float64)
    return Paths(
        channels=CHANNELS,
        start=offsets(lengths),
        channel=random.integers(len(CHANNELS), size=int(lengths.sum())),
        conversions=won,
        value=won * random.gamma(2.0, 50.0, journeys),
        nulls=1.0 - won,
        age=np.sort(random.uniform(0.0, 60.0, int(lengths.sum())))[::-1].copy(),
    )


def path_frame(paths: Paths) -> pd.DataFrame:
    """One row a journey: `path, conversions, value, nulls`."""
    return paths.to_frame()


def event_frame(paths: Paths) -> pd.DataFrame:
    """One row a touch, sorted by visitor and time, and one row a conversion."""
    visitor = np.array([f"visitor {number:07}" for number in range(len(paths))], dtype=object)
    position = np.arange(len(paths.channel)) - np.repeat(paths.start[:-1], paths.lengths)
    start = np.datetime64("2025-01-01", "us")
    names = np.array(CHANNELS, dtype=object)
    touches = pd.DataFrame(
        {
            "visitor_id": visitor[paths.journey],
            "time": start + position.astype("timedelta64[h]"),
            "channel": names[paths.channel],
            "kind": "visit",
            "won": paths.conversions[paths.journey] > 0,
        }
    )
    won = paths.conversions > 0
    orders = pd.DataFrame(
        {
            "visitor_id": visitor[won],
            "time": start + paths.lengths[won].astype("timedelta64[h]"),
            "kind": "order",
            "value": paths.value[won],
        }
    )
    frame = pd.concat([touches, orders], ignore_index=True)
    return frame.sort_values(["visitor_id", "time"], kind="stable", ignore_index=True)


def sessions(paths: Paths) -> pd.DataFrame:
    """The touches of the event frame only: what MAM reads."""
    frame = event_frame(paths)
    return frame[frame["kind"] == "visit"].reset_index(drop=True)


def _rules(paths: JourneyLog | Paths) -> None:
    for model in (First(), Last(), Linear()):
        model.fit(paths)


def _channel_attribution(run: str, **options: Any) -> Callable[[pd.DataFrame], Any]:
    def task(frame: pd.DataFrame) -> Any:
        import ChannelAttribution

        tool = getattr(ChannelAttribution, run)
        return tool(frame, "path", "conversions", var_value="value", flg_pro=False, **options)

    return task


def _do_attribution(order: int) -> Callable[[pd.DataFrame], Any]:
    def task(frame: pd.DataFrame) -> Any:
        from do_attribution import MarkovAttribution

        model = MarkovAttribution(order=order, removal_strategy="redirect_to_null")
        return model.fit(frame["path"], frame["conversions"].astype(int))

    return task


def _mam_sessions(frame: pd.DataFrame) -> Any:
    from mam.core import MAM

    journeys = MAM(
        frame,
        format_type="session",
        channels_colname="channel",
        journey_with_conv_colname="won",
        datetime_colname="time",
        user_id_colname="visitor_id",
    )
    return journeys.run_markov()


def _mam_paths(frame: pd.DataFrame) -> Any:
    from mam.core import MAM

    journeys = MAM(
        frame.assign(won=frame["conversions"] > 0, times=1),
        format_type="grouped_journey",
        channels_colname="path",
        journey_with_conv_colname="won",
        occurrences_colname="times",
    )
    return journeys.run_markov()


def _same(paths: Paths) -> Paths:
    return paths


MARKOV = {"var_null": "nulls", "verbose": False}
TASKS: dict[str, tuple[Callable[[Paths], Any], Callable[[Any], Any]]] = {
    "tiermix coded: first": (_same, First().fit),
    "tiermix coded: linear": (_same, Linear().fit),
    "tiermix coded: time decay": (_same, TimeDecay().fit),
    "tiermix coded: markov 1": (_same, Markov(1).fit),
    "tiermix coded: markov 2": (_same, Markov(2).fit),
    "tiermix coded: markov 3": (_same, Markov(3).fit),
    "tiermix coded: markov 4": (_same, Markov(4).fit),
    "tiermix coded: shapley rate": (_same, Shapley("rate").fit),
    "tiermix paths: three rules": (path_frame, lambda f: _rules(JourneyLog.from_paths(f))),
    "tiermix paths: markov 1": (path_frame, lambda f: Markov(1).fit(JourneyLog.from_paths(f))),
    "tiermix paths: markov 2": (path_frame, lambda f: Markov(2).fit(JourneyLog.from_paths(f))),
    "tiermix paths: markov 3": (path_frame, lambda f: Markov(3).fit(JourneyLog.from_paths(f))),
    "tiermix events: markov 1": (event_frame, lambda f: Markov(1).fit(JourneyLog.from_events(f))),
    "ChannelAttribution paths: three rules": (path_frame, _channel_attribution("heuristic_models")),
    "ChannelAttribution paths: markov 1": (
        path_frame,
        _channel_attribution("markov_model", **MARKOV),
    ),
    "ChannelAttribution paths: markov 2": (
        path_frame,
        _channel_attribution("markov_model", order=2, **MARKOV),
    ),
    "MAM paths: markov 1": (path_frame, _mam_paths),
    "MAM events: markov 1": (sessions, _mam_sessions),
    "do-attribution paths: markov 1": (path_frame, _do_attribution(1)),
    "do-attribution paths: markov 2": (path_frame, _do_attribution(2)),
    "do-attribution paths: markov 3": (path_frame, _do_attribution(3)),
}


def measure(name: str, journeys: int) -> dict[str, float]:
    """Seconds of a task after a small one has loaded what it imports, and memory it added.

    `seconds` are of processor time, all threads together, which other work on the machine does
    not change; `wall` are the clock's.
    """
    prepare, task = TASKS[name]
    task(prepare(generated(200)))
    data = prepare(generated(journeys))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, processor = time.perf_counter(), time.process_time()
    task(data)
    seconds, wall = time.process_time() - processor, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    added = (peak - before) / 1024
    return {"seconds": seconds, "wall": wall, "added_mb": added, "peak_mb": peak / 1024}


def _in_a_process(name: str, journeys: int) -> dict[str, float] | None:
    command = [
        sys.executable,
        "-m",
        "benchmarks.attribution",
        "--journeys",
        str(journeys),
        "--child",
        name,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1:] or ["no message"]
        print(f"{name:42} left out: {reason[0]}")
        return None
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def main() -> None:
    """Run the tasks one after the other and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("tasks", nargs="*", help="words that the names of tasks have to hold")
    parser.add_argument("--journeys", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=1, help="the fastest of so many runs counts")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(measure(options.child, options.journeys)))
        return
    print(
        f"{options.journeys:,} journeys, {os.cpu_count()} cores, Python {platform.python_version()}"
    )
    print(f"{'task':42} {'seconds':>8} {'wall':>8} {'added MB':>9} {'peak MB':>8}")
    for name in TASKS:
        if not all(word in name for word in options.tasks):
            continue
        runs = [_in_a_process(name, options.journeys) for _ in range(options.repeat)]
        good = [run for run in runs if run]
        if good:
            best = min(good, key=lambda run: run["seconds"])
            times = f"{best['seconds']:8.2f} {best['wall']:8.2f}"
            sizes = f"{best['added_mb']:9.0f} {best['peak_mb']:8.0f}"
            print(f"{name:42} {times} {sizes}", flush=True)


if __name__ == "__main__":
    main()
