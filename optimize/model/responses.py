"""Responses inside a program: effective spend in pieces, what it brings, and whom it reaches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import pyomo.environ as pyo
from pyomo.common.collections import ComponentMap

from optimize.curves import carry_over
from optimize.errors import AllocationError
from optimize.model.bent import Bent
from optimize.model.block import NONE, Block
from optimize.model.linearisation import Cell, Pieces, Side, Use, outer_pieces
from optimize.model.response_model import Effect, ResponseModel
from tiermix.core.arrays import Floats, Ints

Wanted = tuple[str, bool]
"""A KPI, and whether a rule wants less of it."""
Lines = list[tuple[Effect, dict[int, Bent]]]
ONE, ENDLESS = np.ones(1), np.full(1, np.inf)
SAME = 1e-8  # of a cell's mean slope and their own: slopes that differ by less are one


class Responses:
    """What money brings, as variables of a Pyomo model in units of `money` and of `scale`.

    Its pieces, and the rows that tie what they bring to these variables, stand in the `block`.

    `kpis` and `less` are the KPIs that rules and objective want more, and less, of: on `side` "low"
    the pieces of the former lie below their curves and those of the latter above. `most` is what no
    plan can exceed, `after` are the KPIs that count after the year as well. Raises
    `AllocationError` for a KPI without curves.
    """

    def __init__(
        self,
        model: Any,
        response_model: ResponseModel,
        pieces: Pieces,
        side: Side,
        *,
        kpis: Iterable[str],
        less: Iterable[str],
        money: float,
        most: float,
        after: Iterable[str] = (),
    ) -> None:
        self.after = frozenset(after)
        self.model, self.response_model, self.pieces, self.side = (
            model,
            response_model,
            pieces,
            side,
        )
        self.money, self.most = money, most
        self.bends: dict[Cell, Floats] = {}
        self.cells: dict[Cell, int] = {}
        self.block = Block()
        self.parts: list[Ints] = []  # the pieces of each cell, as columns of the block
        self.sizes: list[Floats] = []  # and what one unit of each is in natural units
        self.run_ends: dict[Cell, list[int]] = {}
        # Binaries, and what each of them is under a plan [C, M].
        self.decided: list[tuple[Any, Callable[[Floats], bool]]] = []
        self.volume: dict[tuple[str, int], Any] = {}  # where a price depends on spend
        self.bands: dict[tuple[str, int], list[Any]] = {}
        self.outer: dict[Use, Any] = {}
        self.by_tier: dict[Wanted, dict[int, list[Any]]] = {}
        # By variable: 1 where its pieces allow rules that want more of it, −1 for less.
        self.signs: Any = ComponentMap()
        asked = [*((kpi, False) for kpi in kpis), *((kpi, True) for kpi in less)]
        self.lines = {(kpi, down): self._lines(kpi, down) for kpi, down in asked}
        self._add_pieces()

    def _lines(self, kpi: str, less: bool) -> Lines:
        """Each effect of a KPI with its pieces on the side that keeps the program's promise."""
        effects = self.response_model.effects.get(kpi)
        if effects is None:
            raise AllocationError(
                f"the plan needs {kpi}, for which there is no curve; measured are "
                f"{', '.join(self.response_model.effects)}. Add curves for it, or leave it out."
            )
        other: Side = "high" if self.side == "low" else "low"
        side = other if less else self.side
        within = self.side == "high"
        return [(effect, self.pieces.lines(effect, side, within=within)) for effect in effects]

    def of(self, kpi: str, less: bool) -> dict[int, list[Any]]:
        """Variables per tier for what its channels bring each month and after the year."""
        key = (kpi, less)
        if key not in self.by_tier:
            if key not in self.lines:
                raise AllocationError(
                    f"a rule caps {kpi}, which this program cannot carry; please report it."
                )
            self.by_tier[key] = self._by_tier(kpi, less, self.lines[key])
            made = [variable for tier in self.by_tier[key].values() for variable in tier]
            self.signs.update((variable, -1.0 if less else 1.0) for variable in made)
        return self.by_tier[key]

    def sign_of(self, variable: Any) -> float:
        """1 or −1 where more, or less, of a variable is what its pieces allow; else 0."""
        return float(self.signs.get(variable, 0.0))

    def scale(self, kpi: str) -> float:
        """A typical month of the KPI, by which its variables are scaled."""
        return self.response_model.typical(kpi)

    def load_plan(self, spend: Floats) -> None:
        """Set the variables to what a plan [C, M] brings on the true curves."""
        self._suppose_bought(spend)
        for (kpi, _), tiers in self.by_tier.items():
            for tier, buckets in tiers.items():
                true = self.response_model.kpi(kpi, spend, tier) / self.scale(kpi)
                for variable, value in zip(buckets, true, strict=True):
                    variable.set_value(float(value), skip_validation=True)
        for use, variable in self.outer.items():
            share = self.response_model.total(use[0], spend, np.array(use[1]), use[2])
            variable.set_value(share / self.response_model.people[use[0]], skip_validation=True)

    def _suppose_bought(self, spend: Floats) -> None:
        for (name, m), parts in self.bands.items():
            row, card = self.response_model.channels.index(name), self.response_model.cards[name]
            width = card.bands(float(self.response_model.calendar.lengths[m]))
            starts = np.append(0.0, np.cumsum(width[:-1]))
            filled = np.clip(spend[row, m] - starts, 0.0, width) / self.money
            self.volume[name, m].set_value(float(card.rates @ filled), skip_validation=True)
            for part, value in zip(parts, filled, strict=True):
                part.set_value(float(value), skip_validation=True)

    def _add_pieces(self) -> None:
        """Each cell's effective spend as a sum of pieces, each between 0 and its width."""
        model, money = self.model, self.money
        for stock_key in self.response_model.stock_keys:
            mine = [
                line
                for group in self.lines.values()
                for e, line in group
                if e.stock_key == stock_key
            ]
            self.bends |= self.pieces.bends(mine, stock_key)
        self.cells = {cell: i for i, cell in enumerate(self.bends)}
        for cell in self.cells:
            self._add_columns(cell)
        model.effective = pyo.ConstraintList()
        self._add_cards()
        for (stock_key, place), i in self.cells.items():
            weights = self.response_model.stock_keys[stock_key].kept[place]
            channel = self.response_model.channels.index(stock_key[0])
            spends = [
                (-float(weights[m]), self.volume.get((stock_key[0], m), model.spend[channel, m]))
                for m in np.flatnonzero(weights).tolist()
            ]
            self.block.add_row(self.parts[i], self.sizes[i] / money, spends, 0.0, 0.0)
        self._keep_order()
        if self.side == "high":
            self._keep_ranges()

    def _keep_ranges(self) -> None:
        """Effective spend where plans are still of interest, which pieces rely on."""
        for cell, ends in self.pieces.ranges.items():
            i, start = self.cells[cell], float(self.bends[cell][0])
            low, high = ((end - start) / self.money for end in ends)
            self.block.add_row(self.parts[i], self.sizes[i] / self.money, (), low, high)

    def of_one_period(self) -> Iterator[tuple[str, str, Ints, Floats]]:
        """Channel, period, pieces and their ends (where they have one) of cells of one period."""
        for cell, i in self.cells.items():
            key, place = cell
            used = np.flatnonzero(self.response_model.stock_keys[key].kept[place])
            if len(used) == 1:
                month = self.response_model.months[used[0]]
                yield key[0], month, self.parts[i][:-1], self._ends(cell)

    def _add_columns(self, cell: Cell) -> None:
        """A cell's pieces, in units of `sizes`: money, or their width where runs need binaries.

        The last piece has no end: how far money can go is for the rules to say.
        """
        width = np.diff(self.bends[cell])
        self.run_ends[cell] = self._run_ends(cell)
        if self.run_ends[cell]:
            sizes = np.append(width, 2 * width.sum())
        else:
            sizes = np.full(len(width) + 1, self.money)
        self.sizes.append(sizes)
        ends = np.append(self._ends(cell), np.inf)
        self.parts.append(self.block.add_columns(np.zeros(len(ends)), ends))

    def _ends(self, cell: Cell) -> Floats:
        """How far the pieces of a cell go, in units of `sizes`, but for the last one."""
        ends: Floats = np.diff(self.bends[cell]) / self.sizes[self.cells[cell]][:-1]
        return ends

    def _add_cards(self) -> None:
        """Where a price depends on spend: the volume that money buys, and the money in each band.

        Volume is at most the money itself; the rule bounds it by the bands. Where a rule wants less
        of a response, binaries keep dear bands from being filled before cheap ones.
        """
        model = self.model
        lengths = self.response_model.calendar.lengths
        for name, card in self.response_model.cards.items():
            less = any(
                down and e.stock_key[0] == name for (_, down), m in self.lines.items() for e, _ in m
            )
            for m, length in enumerate(lengths):
                width = card.bands(float(length)) / self.money
                volume, *parts = [model.bought.add() for _ in range(len(width) + 1)]
                for part, most in zip(parts[:-1], width[:-1], strict=True):
                    part.setub(float(most))
                spend = model.spend[self.response_model.channels.index(name), m]
                model.effective.add(sum(parts) - spend == 0)
                model.effective.add(volume - spend <= 0)
                self.volume[name, m], self.bands[name, m] = volume, parts
                if less:
                    c = self.response_model.channels.index(name)
                    self._fill_in_order((c, m), volume, parts, width, card.rates)

    def _fill_in_order(
        self,
        place: tuple[int, int],
        volume: Any,
        parts: list[Any],
        width: Floats,
        rates: Floats,
    ) -> None:
        """Bands from the cheapest on, and no less volume than they buy."""
        c, m = place
        order, far = self.model.order, self.most / self.money
        for p in range(len(parts) - 1):
            full = self.model.switch.add()
            order.add(parts[p] >= float(width[p]) * full)
            order.add(parts[p + 1] <= min(float(width[p + 1]), far) * full)
            end = float(width[: p + 1].sum()) * self.money
            self.decided.append((full, self._spent(c, m, end)))
        order.add(volume >= sum(float(r) * part for r, part in zip(rates, parts, strict=True)))

    def _keep_order(self) -> None:
        """A run of pieces is used only when the one before it is full: z = 1 says that it is.

        Within a run the best piece is the next one anyway, so that it needs no binaries. Pieces
        are shares of their width here: amounts as small as the solver's tolerance must not count
        as full.
        """
        for cell, i in self.cells.items():
            ends = self.run_ends[cell]
            runs = np.split(np.arange(len(self.parts[i])), np.array(ends, dtype=int) + 1)
            for run, after, end in zip(runs[:-1], runs[1:], ends, strict=True):
                full = self.model.switch.add()
                self.decided.append((full, self._filled(cell, float(self.bends[cell][end + 1]))))
                for p in self.parts[i][run]:
                    self.block.add_row(np.array([p]), ONE, [(-1.0, full)], lower=0.0)
                for p in self.parts[i][after]:
                    self.block.add_row(np.array([p]), ONE, [(-1.0, full)], upper=0.0)

    @staticmethod
    def _spent(channel: int, month: int, end: float) -> Callable[[Floats], bool]:
        """Whether a plan spends so much in a month."""
        return lambda spend: bool(spend[channel, month] >= end)

    def _filled(self, cell: Cell, end: float) -> Callable[[Floats], bool]:
        """Whether a plan fills a cell up to there."""
        (key, place), close = cell, 1e-9 * abs(end)
        return lambda spend: bool(self.response_model.effective(key, spend)[place] >= end - close)

    def _run_ends(self, cell: Cell) -> list[int]:
        """After which pieces of a cell the best piece may not be the next one."""
        ends: set[int] = set()
        for (kpi, less), mine in self.lines.items():
            for effect, line in mine:
                if effect.stock_key != cell[0] or not self._counts(kpi, effect, cell[1]):
                    continue
                # Slopes of a concave curve that seem to rise do so in their last digits alone.
                if less or effect.turn[cell[1]] > self.bends[cell][0]:
                    slopes = self._slopes(cell, line[cell[1]], self._is_above(less))
                    better = np.diff(-slopes if less else slopes)
                    # Not of the steepest: a curve may start endlessly steep.
                    width = np.diff(self.bends[cell])
                    mean = abs(float(slopes[:-1] @ width)) / float(width.sum())
                    same = SAME * (mean + np.abs(slopes[:-1]))
                    ends |= set(np.flatnonzero(better > same).tolist())
        return sorted(ends)

    def _counts(self, kpi: str, effect: Effect, place: int) -> bool:
        """Whether what a cell brings is spoken of: after the year by the objective alone."""
        rows = effect.spread if kpi in self.after else effect.spread[:-1]
        return bool(rows[:, place].any())

    def _is_above(self, less: bool) -> bool:
        return (self.side == "high") != less

    def _slopes(self, cell: Cell, line: Bent, above: bool) -> Floats:
        """What a unit of money brings in each piece of a cell."""
        bends = self.bends[cell]
        values = line.at(bends, above=above)
        return np.append(np.diff(values) / np.diff(bends), line.beyond)

    def _by_tier(self, kpi: str, less: bool, effects: Lines) -> dict[int, list[Any]]:
        tiers = self.response_model.tiers
        found = {}
        for tier in sorted({tiers[effect.stock_key[0]] for effect, _ in effects}):
            mine = [pair for pair in effects if tiers[pair[0].stock_key[0]] == tier]
            found[tier] = self._tier_responses(kpi, less, mine)
        return found

    def _tier_responses(self, kpi: str, less: bool, effects: Lines) -> list[Any]:
        size, scale = len(self.response_model.months) + 1, self.scale(kpi)
        coefficients: list[list[Floats]] = [[] for _ in range(size)]
        columns: list[list[Ints]] = [[] for _ in range(size)]
        constant = np.zeros(size)
        for effect, mine in effects:
            above = self._is_above(less)
            still = self._still(effect, above)
            spread = carry_over.kept(effect.spread)
            for place, line in mine.items():
                i, bends = self.cells[effect.stock_key, place], self.bends[effect.stock_key, place]
                values = line.at(bends, above=above)
                still[place] = values[0]
                slopes = np.append(np.diff(values) / np.diff(bends), line.beyond)
                buckets = np.flatnonzero(spread[:, place])
                parts, amounts = self._brought(i, slopes * self.sizes[i] / scale, len(buckets))
                for b in buckets:
                    coefficients[b].append(spread[b, place] * amounts)
                    columns[b].append(parts)
            constant += effect.spread @ still
            if above:
                constant += (effect.spread - spread) @ (self._top(effect) - still)
        return [
            self._define(c, v, k / scale)
            for c, v, k in zip(coefficients, columns, constant.tolist(), strict=True)
        ]

    def _brought(self, i: int, amounts: Floats, buckets: int) -> tuple[Ints, Floats]:
        """What a cell brings, as columns and amounts: one column where many months share it.

        A sum that is written once leaves far fewer numbers to write and to solve.
        """
        if buckets < 2:
            return self.parts[i], amounts
        brought = self.block.add_columns(-ENDLESS, ENDLESS)
        columns = np.append(self.parts[i], brought)
        self.block.add_row(columns, np.append(amounts, -1.0), (), 0.0, 0.0)
        return brought, ONE

    def _still(self, effect: Effect, above: bool) -> Floats:
        """What each cell brings where the program follows no money into it [n]."""
        kernel = self.response_model.stock_keys[effect.stock_key]
        x = kernel.fixed + kernel.missed(self.most) if above else kernel.fixed
        return effect.cells.value(x) - effect.floor

    def _top(self, effect: Effect) -> Floats:
        """What each cell brings with as much effective spend as there can be [n]."""
        kernel = self.response_model.stock_keys[effect.stock_key]
        return effect.cells.value(kernel.top(self.most)) - effect.floor

    def _define(self, coefficients: list[Floats], columns: list[Ints], constant: float) -> Any:
        response = self.model.response.add()
        self.block.add_row(
            np.concatenate([*columns, NONE]),
            np.concatenate([*coefficients, np.zeros(0)]),
            [(-1.0, response)],
            -constant,
            -constant,
        )
        return response

    def saturated(self, use: Use, total: Any, less: bool) -> Any:
        """People reached by a `total` of exposures: N · (1 − exp(−total / N)), in pieces.

        Exposures of all channels and months add up before people do, so what many channels do to
        the same people is counted once.
        """
        if less:
            raise AllocationError(
                f"a rule caps {use[0]}, which is bounded by the people there are; bound "
                "the spend that causes it instead."
            )
        people = self.response_model.people[use[0]]
        if use not in self.outer:
            exposure, share = self.model.response.add(), self.model.response.add()
            self.model.responses.add(exposure * people == total)
            for slope, constant in outer_pieces(self.pieces.outer_knots(use), self.side):
                self.model.responses.add(share <= slope * exposure + constant)
            self.outer[use] = share
            self.signs[share] = 1.0
        return people * self.outer[use]
