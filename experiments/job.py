"""The main job: compare strategies in the market, hold attribution against the truth, report."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from attribution import MODELS
from experiments.compare import Clock, Progress, Study, study
from experiments.comparison import Comparison
from experiments.exhibits import evidence
from experiments.folders import folder_for
from experiments.records import comparison_records
from experiments.report import write_report
from experiments.tracking import Store, Tracked, tracking_uri
from scenarios import Scenario
from sim import Setting, simulate
from sim.arms import live_pasts
from sim.parallel import Workers
from sim.simulate import checked_customers
from sim.truth import removal_effects

CREDITED = ("first", "last", "linear", "markov")
TRUTH_LUCK = 700_001


def main_job(
    scenario: Scenario,
    *,
    strategies: Sequence[str] | None = None,
    seed: int = 1,
    customers: int | None = None,
    replications: int | None = None,
    workers: Workers = None,
    out: Path | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Compare, attribute, report, track; the JSON document of `tiermix run`.

    The report lies in `out` (in `runs/run` unless given) and appears whole or not at all.
    """
    began = time.perf_counter()
    asked = {"strategies": strategies, "customers": customers, "replications": replications}
    folder = out or folder_for("run", scenario, seed, **asked)
    opening = Opening()
    options: dict[str, Any] = {"seed": seed, "customers": customers}
    options |= {"workers": workers, "progress": progress}
    found = study(scenario, strategies, replications=replications, **options)
    clock = Clock(progress)
    credit = attribution_against_truth(scenario, **options)
    clock.lap("attribution")
    report, plan = write_files(folder, scenario, found, credit)
    clock.lap("report")
    tracked = track(scenario, found.comparison, credit, [report, plan], opening, progress)
    clock.lap("tracking")
    return {
        **found.comparison.to_dict(),
        "seconds": {
            **found.comparison.seconds,
            **clock.seconds,
            "total": time.perf_counter() - began,
        },
        "report": str(report),
        "mlflow": {
            "tracking_uri": tracked.tracking_uri,
            "experiment": tracked.experiment,
            "compare": tracked.compare_url,
        },
    }


def write_files(
    folder: Path, scenario: Scenario, found: Study, credit: pd.DataFrame
) -> tuple[Path, Path]:
    """The report, and the best strategy's plan as a CSV that can be simulated again."""
    shown = evidence(scenario, found, credit)
    report = write_report(folder / "report.html", found.comparison, shown)
    best = found.choices[found.comparison.best().strategy][0]
    return report, best.media.to_csv(folder / "plan.csv")


class Opening:
    """A tracking store that is opened while the market is simulated: it costs seconds."""

    def __init__(self) -> None:
        self._store: Store | None = None
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._open, daemon=True)
        self._thread.start()

    def _open(self) -> None:
        try:
            self._store = Store(tracking_uri())
        except Exception as error:
            self._error = error

    def store(self) -> Store:
        """The open store; raises what opening raised."""
        self._thread.join()
        if self._store is None:
            raise self._error or RuntimeError("the tracking store did not open")
        return self._store


def track(
    scenario: Scenario,
    comparison: Comparison,
    credit: pd.DataFrame,
    files: Sequence[Path],
    opening: Opening,
    progress: Progress | None,
) -> Tracked:
    """Log every strategy in every world as a flat run of one study."""
    import json

    text = json.dumps(scenario.model_dump(mode="json"), ensure_ascii=False, indent=1)
    records = list(
        comparison_records(comparison, scenario_yaml=text, attribution=credit, files=files)
    )
    done = 0

    def heard(_: object) -> None:
        nonlocal done
        done += 1
        if progress:
            progress("tracking", done, len(records))

    name = f"tiermix/{scenario.name}"
    return opening.store().log(name, records, on_run=heard)


def attribution_against_truth(
    scenario: Scenario,
    *,
    seed: int,
    customers: int | None = None,
    workers: Workers = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """`model, channel, credit, truth, truth_se` in conversions, in the market as written.

    Credit is given to visits, by the channel that led to them and direct ones taken out, as web
    analytics does, on the planned year's log under the reference plan. Truth is removal: the same
    market with the same luck without the channel, tail included.
    """
    count = checked_customers(scenario, customers)
    luck = seed + TRUTH_LUCK
    plan = scenario.reference_plan
    with tempfile.TemporaryDirectory(prefix="tiermix-") as folder:
        run = simulate(
            scenario, seed=luck, customers=count, workers=workers, out=Path(folder) / "run"
        )
        weight = scenario.market_size / count
        paths = run.log.paths(outcome="order", kinds=("visit",), without=_direct(scenario))
        credit = {name: MODELS[name]().fit(paths).credit_["conversions"] for name in CREDITED}
    past = live_pasts([Setting(scenario, count, luck)], workers=workers)[0]
    heard = None if progress is None else lambda n: progress("removal truth", n, None)
    truth = removal_effects(past, plan, workers=workers, progress=heard).table
    rows = [
        (name, unit, float(credit[name].get(unit, 0.0)) * weight, effect, se)
        for name in CREDITED
        for unit, effect, se in truth[["unit", "effect", "se"]].itertuples(index=False)
    ]
    return pd.DataFrame(rows, columns=["model", "channel", "credit", "truth", "truth_se"])


def _direct(scenario: Scenario) -> str | None:
    """The channel of direct visits, if the scenario has one."""
    return next((c.name for c in scenario.channels if c.delivery == "direct"), None)
