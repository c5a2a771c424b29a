"""Responses inside a program: effective spend in pieces, what it brings, and whom it reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray
from pyomo.core.expr.numeric_expr import LinearExpression

from optimize.errors import AllocationError
from optimize.model.linearisation import Bent, Cell, Side, Use, outer_pieces
from optimize.model.response_model import Effect

if TYPE_CHECKING:
    from optimize.model.program import Program

Array = NDArray[np.float64]
Wanted = tuple[str, bool]
"""A KPI, and whether a rule wants less of it."""
Lines = list[tuple[Effect, dict[int, Bent]]]


def lines(program: Program, kpi: str, less: bool) -> Lines:
    """Each effect of a KPI with its pieces on the side that keeps the program's promise."""
    effects = program.outlook.effects.get(kpi)
    if effects is None:
        raise AllocationError(
            f"the plan needs {kpi}, for which there is no curve; measured are "
            f"{', '.join(program.outlook.effects)}. Add curves for it, or leave it out."
        )
    other: Side = "high" if program.side == "low" else "low"
    side = other if less else program.side
    return [(effect, program.pieces.lines(effect, side)) for effect in effects]


def of(program: Program, kpi: str, less: bool) -> dict[int, list[Any]]:
    """Variables per tier for what its channels bring each month and after the year."""
    key = (kpi, less)
    if key not in program.responses:
        if key not in program.lines:
            raise AllocationError(
                f"a rule wants less of {kpi}, which was not foreseen; report the scenario."
            )
        program.responses[key] = _by_tier(program, kpi, less, program.lines[key])
        made = [variable for tier in program.responses[key].values() for variable in tier]
        program.helps |= dict.fromkeys(map(id, made), -1.0 if less else 1.0)
    return program.responses[key]


def add_pieces(program: Program) -> None:
    """Each cell's effective spend as a sum of pieces, each between 0 and its width."""
    model, money = program.model, program.money
    for lane in program.outlook.lanes:
        mine = [line for group in program.lines.values() for e, line in group if e.lane == lane]
        program.bends |= program.pieces.bends(mine, lane)
    program.cells = {cell: i for i, cell in enumerate(program.bends)}
    # The last piece has no end: how far money can go is for the rules to say.
    widths = {i: [*np.diff(program.bends[c]) / money, None] for c, i in program.cells.items()}
    bound = {(i, p): (0.0, w) for i, row in widths.items() for p, w in enumerate(row)}
    model.piece = pyo.Var(list(bound), bounds=lambda _, i, p: bound[i, p])
    model.effective = pyo.ConstraintList()
    _add_cards(program)
    for (lane, place), i in program.cells.items():
        weights = program.outlook.lanes[lane].weights[place]
        channel, used = program.channels.index(lane[0]), np.flatnonzero(weights).tolist()
        pieces = [model.piece[i, p] for p in range(len(widths[i]))]
        program.parts.append(pieces)
        spends = [program.volume.get((lane[0], m), model.spend[channel, m]) for m in used]
        coefficients = [1.0] * len(pieces) + [-float(weights[m]) for m in used]
        model.effective.add(
            LinearExpression(linear_coefs=coefficients, linear_vars=pieces + spends) == 0
        )
    _keep_order(program)


def _add_cards(program: Program) -> None:
    """Where a price depends on spend: the volume that money buys, and the money in each band.

    Volume is at most the money itself; the rule bounds it by the bands. Where a rule wants less of
    a response, binaries keep dear bands from being filled before cheap ones.
    """
    model = program.model
    lengths = program.outlook.calendar.lengths
    for name, card in program.outlook.cards.items():
        less = any(
            down and e.lane[0] == name for (_, down), m in program.lines.items() for e, _ in m
        )
        for m, length in enumerate(lengths):
            width = card.bands(float(length)) / program.money
            volume, *parts = [model.bought.add() for _ in range(len(width) + 1)]
            for part, most in zip(parts[:-1], width[:-1], strict=True):
                part.setub(float(most))
            spend = model.spend[program.channels.index(name), m]
            model.effective.add(sum(parts) - spend == 0)
            model.effective.add(volume - spend <= 0)
            program.volume[name, m], program.bands[name, m] = volume, parts
            if less:
                _fill_in_order(program, volume, parts, width, card.rates)


def _fill_in_order(
    program: Program, volume: Any, parts: list[Any], width: Array, rates: Array
) -> None:
    """Bands from the cheapest on, and no less volume than they buy."""
    order, far = program.model.order, program.most / program.money
    for p in range(len(parts) - 1):
        full = program.model.switch.add()
        order.add(parts[p] >= float(width[p]) * full)
        order.add(parts[p + 1] <= min(float(width[p + 1]), far) * full)
    order.add(volume >= sum(float(r) * part for r, part in zip(rates, parts, strict=True)))


def _keep_order(program: Program) -> None:
    """Where a curve is convex, a piece is used only when the one before it is full.

    Incremental form: z_p = 1 says that piece p is full; only the convex part needs binaries, since
    from there on the steepest piece is the next one anyway. Where a rule wants less of a response,
    all pieces need them.
    """
    for (lane, place), i in program.cells.items():
        bends = program.bends[lane, place]
        width = np.diff(bends) / program.money
        ordered = _ordered(program, (lane, place), bends)
        pieces = program.parts[i]
        for p in range(ordered):
            full = program.model.switch.add()
            program.model.order.add(pieces[p] >= width[p] * full)
            if p + 1 < ordered:
                program.model.order.add(pieces[p + 1] <= width[p + 1] * full)
            else:
                program.model.order.add(sum(pieces[ordered:]) <= 2 * float(width.sum()) * full)


def _ordered(program: Program, cell: Cell, bends: Array) -> int:
    """How many of a cell's first pieces need binaries."""
    lane, place = cell
    pairs = [(e, less) for (_, less), mine in program.lines.items() for e, _ in mine]
    here = [(e, less) for e, less in pairs if e.lane == lane]
    if any(less and e.spread[:-1, place].any() for e, less in here):
        return len(bends) - 1
    turn = max((float(e.turn[place]) for e, _ in here), default=0.0)
    return int(np.sum(bends[1:] <= turn * (1 + 1e-12)))


def _by_tier(program: Program, kpi: str, less: bool, effects: Lines) -> dict[int, list[Any]]:
    tiers = program.outlook.tiers
    found = {}
    for tier in sorted({tiers[effect.lane[0]] for effect, _ in effects}):
        mine = [pair for pair in effects if tiers[pair[0].lane[0]] == tier]
        found[tier] = _tier_responses(program, kpi, less, mine)
    return found


def _tier_responses(program: Program, kpi: str, less: bool, effects: Lines) -> list[Any]:
    size, scale = len(program.months) + 1, program.scale(kpi)
    coefficients: list[list[float]] = [[] for _ in range(size)]
    variables: list[list[Any]] = [[] for _ in range(size)]
    constant = np.zeros(size)
    for effect, mine in effects:
        still = effect.cells.value(program.outlook.lanes[effect.lane].fixed) - effect.floor
        for place, line in mine.items():
            i, bends = program.cells[effect.lane, place], program.bends[effect.lane, place]
            values = _at_bends(bends, line, above=(program.side == "high") != less)
            still[place] = values[0]
            slopes = np.append(np.diff(values) / np.diff(bends), line.beyond)
            for b in np.flatnonzero(effect.spread[:, place]):
                share = effect.spread[b, place] * program.money / scale
                coefficients[b] += (share * slopes).tolist()
                variables[b] += program.parts[i]
        constant += effect.spread @ still
    return [
        _define(program, c, v, k / scale)
        for c, v, k in zip(coefficients, variables, constant, strict=True)
    ]


def _at_bends(bends: Array, line: Bent, *, above: bool) -> Array:
    """A line's values at the bends that its cell has.

    A bend too close to another is none of them; the line is moved by what leaving it out costs,
    so that it stays on its side of the curve.
    """
    values = np.interp(bends, line.x, line.y)
    missed = line.y - np.interp(line.x, bends, values)
    moved: Array = values + (max(missed.max(), 0.0) if above else min(missed.min(), 0.0))
    return moved


def _define(
    program: Program, coefficients: list[float], variables: list[Any], constant: float
) -> Any:
    response = program.model.response.add()
    program.model.responses.add(
        LinearExpression(
            constant=constant,
            linear_coefs=[*coefficients, -1.0],
            linear_vars=[*variables, response],
        )
        == 0
    )
    return response


def saturated(program: Program, use: Use, total: Any, less: bool) -> Any:
    """People reached by a `total` of exposures: N · (1 − exp(−total / N)), in pieces.

    Exposures of all channels and months add up before people do, so what many channels do to the
    same people is counted once.
    """
    if less:
        raise AllocationError(
            f"a rule wants less of {use[0]}, which is bounded by the people there are; bound the "
            "spend that causes it instead."
        )
    people = program.outlook.people[use[0]]
    if use not in program.outer:
        exposure, share = program.model.response.add(), program.model.response.add()
        program.model.responses.add(exposure * people == total)
        for slope, constant in outer_pieces(program.pieces.outer_knots(use), program.side):
            program.model.responses.add(share <= slope * exposure + constant)
        program.outer[use] = share
        program.helps[id(share)] = 1.0
    return people * program.outer[use]
