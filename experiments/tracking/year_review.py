"""The run of a year's review: what was decided, and in which figures, is kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from experiments.tracking.record import RunRecord, finite, safe
from experiments.year_review.result import YearReview


def review_records(
    review: YearReview, seed: int, stability: float, files: Sequence[Path] = ()
) -> list[RunRecord]:
    """One run: chances of goals, money by channel before and after, the decisions as a file."""
    document = review.to_dict()
    metrics = {"review/moved": review.moved, "review/found": float(len(review.judgement.findings))}
    for goal in review.goals:
        told = {"probability": goal.probability, "mean": goal.mean}
        metrics |= {f"goal/{k}/{safe(goal.goal)}": x for k, x in told.items() if x is not None}
    for one in review.decisions:
        metrics[f"money_before/{safe(one.channel)}"] = one.before
        metrics[f"money_after/{safe(one.channel)}"] = one.after
    decisions = json.dumps(document["decisions"], ensure_ascii=False, indent=1)
    record = RunRecord(
        name=f"after {document['passed'][-1]}",
        tags={
            "kind": "review",
            "scenario": review.scenario,
            "scenario_hash": review.scenario_hash,
            "plan_hash": review.replan.hash,
        },
        params={
            "passed": review.passed,
            "seed": seed,
            "stability": stability,
            "objective": review.objective,
            "actuals": document["actuals"],
            "curves": document["curves"],
        },
        metrics=finite({name: float(value) for name, value in metrics.items()}),
        texts={"decisions.json": decisions},
        files=files,
    )
    return [record]
