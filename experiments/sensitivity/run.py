"""sensitivity: what the recommendation hangs on, from the draws that strategies are compared in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.comparison.feasible import check_all_rules
from experiments.comparison.run import check
from experiments.comparison.selection import chosen
from experiments.comparison.strategies import STRATEGIES, USUAL
from experiments.comparison.strategy import Strategy
from experiments.direction import sign
from experiments.sensitivity.markets import Markets, left_out, merits
from experiments.sensitivity.parameters import (
    Parameter,
    as_written,
    moved,
    parameters_of,
    steps_of,
)
from experiments.sensitivity.result import Bar, Row, Sensitivity
from experiments.sensitivity.shares import shares
from experiments.sensitivity.winner import chance_best, wins
from experiments.sensitivity.worth import of_parameter, perfect
from experiments.stats import Interval, t_interval
from experiments.study import Clock, StudyError, draw_worlds, seeds_of_worlds
from scenarios import Scenario
from sim import Setting, Workers, checked_customers, warm_up
from tiermix.core.arrays import Floats
from tiermix.core.progress import Progress
from tiermix.core.seeds import RESAMPLED_DRAWS, seed_of

DRAWS, MOVED, REPEATS = 48, 8, 3
"""Draws, parameters that are moved alone, and lots of people that each of these is lived by."""


def sensitivity(
    scenario: Scenario,
    strategies: Sequence[str | Strategy] | None = None,
    *,
    parameters: Sequence[str] | None = None,
    replications: int | None = None,
    moves: int = MOVED,
    repeats: int = REPEATS,
    seed: int = 1,
    customers: int | None = None,
    workers: Workers = None,
    kept: Path | None = None,
    progress: Progress | None = None,
) -> Sensitivity:
    """What the recommended strategy's lead hangs on; see `Sensitivity`.

    `replications` draws (48 unless given) are those that `compare` lives with the same seed; all
    figures but the tornado come from them. `parameters` are patterns of paths, all uncertain ones
    unless given. The `moves` with the greatest shares are then moved alone to their tenth and
    ninetieth percentile, all else as written, with the people of the first `repeats` draws. Pieces
    that are done are kept in the folder `kept` and taken from there. Raises `StudyError` where
    nothing is uncertain, or no strategy can be recommended.
    """
    tried = _followable(scenario, strategies)
    mine = parameters_of(scenario, parameters)
    if repeats < 2 or moves < 0:
        raise StudyError("repeats: at least 2 lots of people tell an error; moves: at least 0")
    check(scenario, tried, None)
    check_all_rules(scenario, None)
    count, clock = checked_customers(scenario, customers), Clock(progress)
    worlds = draw_worlds(scenario, seed, DRAWS if replications is None else replications)
    warm_up(Setting(worlds[0], count, seed), clock.progress)
    clock.lap("compilation")
    markets = Markets(scenario, tried, count, seed, workers, clock, kept)
    pieces = markets.live(worlds, seeds_of_worlds(seed, len(worlds)), "draws")
    clock.lap("draws")
    out = left_out(pieces)
    every = merits(pieces)
    gains = every[[name for name in every if name not in out]]
    _check_any(gains, out)
    found = _analysed(scenario, gains, mine, steps_of(scenario, worlds, mine), seed)
    clock.lap("figures")
    rows = _moved(found, markets, moves, repeats)
    markets.forget()
    clock.lap("one at a time")
    return replace(
        found, customers=count, repeats=repeats, rows=rows, left_out=out, reused=markets.reused,
        seconds=clock.seconds,
    )  # fmt: skip


def _check_any(gains: pd.DataFrame, out: Mapping[str, str]) -> None:
    if gains.shape[1] == 0:
        told = "; ".join(f"{name} {why}" for name, why in out.items())
        raise StudyError(f"strategies: none can be recommended: {told}; name others")


def sensitivity_cost(
    parameters: int, replications: int | None, moves: int, repeats: int
) -> tuple[int, int]:
    """Markets that a study lives: draws, and those in which one parameter is moved."""
    some = min(moves, parameters)
    return DRAWS if replications is None else replications, some and repeats * (2 * some + 1)


def _followable(scenario: Scenario, asked: Sequence[str | Strategy] | None) -> tuple[Strategy, ...]:
    usual = [name for name in USUAL if not STRATEGIES[name].privileged]
    tried = chosen(asked or usual, scenario)
    for one in tried:
        if one.privileged or one.needs_curves:
            raise StudyError(
                f"strategies: {one.name} knows what no company does and is never recommended; "
                "leave it out"
            )
    return tried


def _analysed(
    scenario: Scenario, gains: pd.DataFrame, parameters: Sequence[Parameter], steps: Floats,
    seed: int,
) -> Sensitivity:  # fmt: skip
    """All that the draws tell."""
    names, values = list(gains.columns), gains.to_numpy(float).T
    if not np.isfinite(values).all():
        raise StudyError(
            f"objective: {scenario.objective} is missing in some draw, so that it cannot decide; "
            "choose one that every strategy has in every draw"
        )
    order = np.argsort(-values.mean(axis=1), kind="stable")
    first, rivals = int(order[0]), [int(n) for n in order[1:]]
    leads = values[rivals] - values[first]
    lead = _interval(-leads[:1])[0] if rivals else None
    rows = _rows(names, rivals, parameters, steps, leads, values[first], seed)
    return Sensitivity(
        scenario=scenario.name, scenario_hash=scenario.hash, currency=scenario.currency,
        objective=scenario.objective, seed=seed, customers=0, repeats=0,
        recommended=names[first], runner_up=names[rivals[0]] if rivals else None,
        merits=gains, steps=pd.DataFrame(steps, columns=[p.path for p in parameters]), rows=rows,
        chance=chance_best(values, first, _stream(seed, 0)), wins=wins(values, first), lead=lead,
        perfect=perfect(leads) if rivals and values.shape[1] > 1 else None,
    )  # fmt: skip


def _rows(
    names: list[str], rivals: list[int], parameters: Sequence[Parameter], steps: Floats,
    leads: Floats, outcome: Floats, seed: int,
) -> tuple[Row, ...]:  # fmt: skip
    of_outcome = shares(steps, outcome, _stream(seed, 1))
    empty = [None] * len(parameters)
    of_lead = shares(steps, leads[0], _stream(seed, 2)) if rivals else empty
    found = []
    for k, one in enumerate(parameters):
        worth, turn = None, None
        if rivals:
            rng = _stream(seed, 3 + k)
            worth, turn = of_parameter(
                steps[:, k], leads, rng, event=one.happens, comparisons=len(parameters)
            )
        rival = None if turn is None else names[rivals[turn.rival]]
        found.append(Row(one, of_lead[k], of_outcome[k], worth, turn, rival))
    return tuple(found)


def _moved(found: Sensitivity, markets: Markets, moves: int, repeats: int) -> tuple[Row, ...]:
    """The rows with a bar for those with the greatest shares."""
    rank = sorted(range(len(found.rows)), key=lambda k: -_weight(found.rows[k]))[:moves]
    if not rank:
        return found.rows
    worlds = [as_written(markets.scenario)]
    for k in rank:
        one = found.rows[k].parameter
        worlds += [moved(markets.scenario, one, value) for value in one.ends]
    seeds = seeds_of_worlds(found.seed, repeats)
    each = [world for world in worlds for _ in seeds]
    values = merits(markets.live(each, [*seeds] * len(worlds), "one at a time"))
    lived = values[list(found.merits.columns)].to_numpy(float)
    cube = lived.reshape(len(worlds), repeats, -1)
    bars = {k: _bar(found, cube[0], cube[1 + 2 * n : 3 + 2 * n]) for n, k in enumerate(rank)}
    return tuple(replace(row, bar=bars.get(k)) for k, row in enumerate(found.rows))


def _weight(row: Row) -> float:
    """What a parameter is chosen by: its share in the lead, and in the outcome."""
    return max((s.value for s in (row.share, row.of_outcome) if s is not None), default=0.0)


def _bar(found: Sensitivity, base: Floats, ends: Floats) -> Bar:
    """One parameter's bar from merits `base` [R, S] and `ends` [2, R, S]."""
    names, turn = list(found.merits.columns), sign(found.objective)
    mine = names.index(found.recommended)
    rival = mine if found.runner_up is None else names.index(found.runner_up)
    swings = _interval(turn * (ends[:, :, mine] - base[:, mine]))
    leads = _interval(ends[:, :, mine] - ends[:, :, rival])
    low, high = (float(x) for x in turn * ends[:, :, mine].mean(axis=1))
    best = [names[int(n)] for n in ends.mean(axis=1).argmax(axis=1)]
    return Bar((low, high), (swings[0], swings[1]), (leads[0], leads[1]), (best[0], best[1]))


def _interval(rows: Floats) -> list[Interval[float]]:
    told = t_interval(rows)
    return [Interval(*(float(part[n]) for part in told)) for n in range(len(rows))]


def _stream(seed: int, number: int) -> np.random.Generator:
    return np.random.default_rng([RESAMPLED_DRAWS, seed_of(RESAMPLED_DRAWS, seed, number)])
