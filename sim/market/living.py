"""What engines and processes of one's own need of a community that lives, and of its setting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import simpy

from scenarios import Scenario
from sim.output.year import HasYear
from sim.setup.communities import Layout
from tiermix.core.arrays import Records

Attachment = Callable[[simpy.Environment, Any], Any]
"""A factory of a SimPy process; a market hands it a `CommunityHandle` (sim.market.processes)."""


class Living(HasYear, Protocol):
    """A community in its SimPy environment, as `sim.market.community` makes it."""

    env: simpy.Environment
    pool: Records
    kept_off: frozenset[int]
    """Channels that the arm of a truth keeps off, whatever a process does."""

    @property
    def records(self) -> tuple[Records, Records, Records, Records, Records]:
        """What kernels work on: world [1], market [1], population, pool, rows."""

    def next_shared_moment(self) -> int:
        """The next day on which something outside the compiled days may happen."""

    def make_room(self) -> None:
        """Enlarge what another day might not fit into."""

    def check(self) -> None:
        """Refuse to go on when something found no place."""

    def consult(self) -> None:
        """Midnight at the desk."""


class HasMoney(Protocol):
    """A setting, as far as a process inside needs it: whose people, and what things cost."""

    @property
    def scenario(self) -> Scenario:
        """What is so."""

    @property
    def layout(self) -> Layout:
        """How customers are spread over communities."""

    @property
    def world(self) -> np.record:
        """The record that behaviour reads."""
