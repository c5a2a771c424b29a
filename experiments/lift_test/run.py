"""lift: an experiment inside the market, which estimates what a channel brings without peeking.

The estimate is made from what a company would see of its test. The truth beside it is the market's
own: the same people with the same random streams, with the channel withheld from everybody and from
nobody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from experiments.lift_test.design import Design, LiftError, designed
from experiments.lift_test.estimate import (
    LEAST_UNITS,
    Estimate,
    assign_pairs,
    estimate_communities,
    estimate_people,
)
from experiments.lift_test.outcome import Outcome
from experiments.lift_test.result import Lift
from experiments.lift_test.simulation import CommunityOutcome, Experiment, simulate_tests
from experiments.study import draw_worlds, seeds_of_worlds
from scenarios import MediaPlan, Scenario
from sim import (
    Attachment,
    Workers,
    checked_customers,
    checked_plan,
    checked_seed,
    jackknife,
    with_each_left_out,
)
from tiermix.core.arrays import Floats
from tiermix.core.progress import Progress
from tiermix.core.seeds import TREATED_PLACES


def lift(
    scenario: Scenario,
    channel: str,
    design: str = "ab",
    *,
    seed: int = 1,
    customers: int | None = None,
    replications: int | None = None,
    plan: MediaPlan | None = None,
    kpi: str = "conversions",
    share: float | None = None,
    message: str | None = None,
    change: float | None = None,
    start: str | dt.date | None = None,
    weeks: int | None = None,
    watch: int = 0,
    attachments: tuple[Attachment, ...] = (),
    workers: Workers = None,
    progress: Progress | None = None,
) -> Lift:
    """What an `ab` test on people, or a `geo` test on communities, estimates a channel to bring.

    kpi: conversions, revenue, margin, signups, leads or downloads. start, weeks: when it lasts, the
    whole planned year if left out; watch: weeks after it in which outcomes still count.
    ab: `share` of the people held out (half), of all of the channel or of one `message`.
    geo: `change` of the channel's money in half of the communities, −1 (off) if left out.
    replications: the test is repeated in so many drawn worlds, each with random streams and an
    assignment of its own, which shows coverage; without it, it is made once in the scenario as
    written. attachments: processes of one's own that live along, as in `simulate`. Raises
    `LiftError` and `RunError`.
    """
    money = checked_plan(scenario, plan)
    asked = designed(
        scenario,
        channel,
        design,
        plan=money,
        kpi=kpi,
        share=share,
        change=change,
        message=message,
        start=start,
        weeks=weeks,
        watch=watch,
    )
    found = _experiments(scenario, asked, money, customers, seed, replications)
    experiments = [replace(experiment, attachments=attachments) for experiment in found]
    for experiment in experiments:
        _check_units(experiment)
    outcomes = _outcomes(experiments, workers, progress)
    return Lift(scenario, asked, experiments[0].customers, seed, outcomes)


def _outcomes(
    experiments: Sequence[Experiment], workers: Workers, progress: Progress | None
) -> tuple[Outcome, ...]:
    results = simulate_tests(experiments, workers=workers, progress=progress)
    return tuple(outcome(*pair) for pair in zip(experiments, results, strict=True))


def outcome(experiment: Experiment, communities: Sequence[CommunityOutcome]) -> Outcome:
    """The test of one market, scaled to all people whom the channel can reach."""
    design = experiment.design
    people = np.array([one.community.people for one in communities], dtype=float)
    weight = experiment.past.layout.weight
    heads = weight * people.sum()
    if design.kind == "ab":
        estimates, level, treated = _by_people(communities)
    else:
        estimates, level, treated = _by_communities(experiment, communities, people)
    effects = design.sign * weight * np.array([one.planned - one.without for one in communities]).T
    truths = [with_each_left_out(effect, people) for effect in effects]
    return Outcome(
        marks=design.marks,
        estimates=tuple(estimate.scaled(heads) for estimate in estimates),
        truth=np.array([each[0] for each in truths]),
        truth_se=np.array([jackknife(each[1:]) for each in truths]),
        level=level * heads,
        spent=design.sign * sum(one.spent for one in communities),
        units=int(people.sum()) if design.kind == "ab" else len(communities),
        treated=treated,
        weight=weight,
    )


def _experiments(
    scenario: Scenario,
    design: Design,
    plan: MediaPlan,
    customers: int | None,
    seed: int,
    replications: int | None,
) -> list[Experiment]:
    """One market as written, or drawn worlds with random streams of their own each."""
    count = checked_customers(scenario, customers)
    if replications is None or replications == 1:
        return [Experiment(scenario, design, plan, count, checked_seed(seed))]
    worlds = draw_worlds(scenario, seed, replications)
    seeds = seeds_of_worlds(seed, replications)
    return [Experiment(w, design, plan, count, s) for w, s in zip(worlds, seeds, strict=True)]


def _check_units(experiment: Experiment) -> None:
    units, channel = len(experiment.communities), experiment.design.channel
    if experiment.design.kind == "geo" and units < LEAST_UNITS:
        raise LiftError(
            f"design: geo needs {LEAST_UNITS} communities at least, and {channel} "
            f"reaches {units} among {experiment.customers:,} customers; ask for more customers, or "
            "use the design ab"
        )


def _by_people(communities: Sequence[CommunityOutcome]) -> tuple[list[Estimate], float, int]:
    """Estimates at each mark, the outcome per head of who is shown, and how many are held out."""
    arms = np.array([one.arms for one in communities])
    shown, held = arms[:, -1, :, 0].sum(axis=0)
    if min(shown, held) < 2:
        raise LiftError(
            f"share: {held:.0f} of {shown + held:.0f} simulated people are held out, which leaves "
            "one side without people to compare; ask for more customers, or another share"
        )
    estimates = [estimate_people(arms[:, mark]) for mark in range(arms.shape[1])]
    return estimates, float(arms[:, -1, 0, 1].sum() / shown), int(held)


def _by_communities(
    experiment: Experiment, communities: Sequence[CommunityOutcome], people: Floats
) -> tuple[list[Estimate], float, int]:
    """The same for communities: who is treated lives without, who is not as planned."""
    before = np.array([one.before for one in communities]) / people
    region = np.array([one.community.region for one in communities])
    treated = assign_pairs(before, region, np.random.default_rng([TREATED_PLACES, experiment.seed]))
    planned, without = (
        np.array([getattr(one, arm) for one in communities]) / people[:, None]
        for arm in ("planned", "without")
    )
    seen = np.where(treated[:, None], without, planned)
    sign = experiment.design.sign
    estimates = [
        estimate_communities(outcomes, before, treated).scaled(sign) for outcomes in seen.T
    ]
    level = float(np.average(seen[~treated, -1], weights=people[~treated]))
    return estimates, level, int(treated.sum())
