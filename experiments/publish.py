"""The main job: compare strategies in the market, hold attribution against the truth, report."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd

from attribution import MODELS
from experiments.comparison.result import Comparison
from experiments.comparison.run import Study, study
from experiments.report.comparison.build import evidence
from experiments.report.page import write_report
from experiments.study import Clock
from experiments.tracking.comparison import comparison_records
from experiments.tracking.store import Store, Tracked, tracking_uri
from scenarios import Scenario
from sim import Setting, simulate
from sim.market.arms import live_pasts
from sim.market.simulate import checked_customers
from sim.parallel import Workers
from sim.truth.ground_truth import removal_effects
from tiermix.core.progress import Progress

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

    The report lies in `out` (`runs/NAME-SEED` unless given) and appears whole or not at all.
    """
    began = time.perf_counter()
    folder = out or Path("runs") / f"{scenario.name}-{seed}"
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
        "mlflow": tracked_document(tracked),
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
        pool = ThreadPoolExecutor(1, "tracking")
        self._opened = pool.submit(lambda: Store(tracking_uri()))
        pool.shutdown(wait=False)

    def store(self) -> Store:
        """The open store; raises what opening raised."""
        return self._opened.result()


def tracked_document(tracked: Tracked) -> dict[str, str]:
    """What the JSON of every study says under `mlflow`."""
    return {
        "tracking_uri": tracked.tracking_uri,
        "experiment": tracked.experiment,
        "compare": tracked.compare_url,
    }


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
    return next((c.name for c in scenario.channels if c.kind.books == "visits"), None)
