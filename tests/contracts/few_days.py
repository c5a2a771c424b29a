"""Live a few days of a few people and print what came of it, with or without the compiler.

Run as a script: `python -m tests.contracts.few_days SCENARIO PEOPLE DAYS ENGINE`; prints the number
of rows, of events, and a hash of the log, the books and what people feel.
"""

from __future__ import annotations

import hashlib
import sys

import numpy as np

from scenarios import Scenario, load_scenario
from sim import Setting
from sim.market.community import CommunitySimulation
from sim.market.engines import Engine
from sim.output.row_sort import in_order
from sim.setup.communities import Community
from tests.scenes import busy


def simulation_of(
    scenario: Scenario, people: int, engine: Engine, seed: int = 5
) -> CommunitySimulation:
    """A community at the start of the history year, its money given."""
    setting = Setting(scenario, people, seed, engine, logging=True)
    return setting.born(Community(0, 0, people))


def give(simulation: CommunitySimulation, setting: Setting) -> None:
    """Hand a community the history year's money."""
    money = setting.history_money[simulation.community.region]
    simulation.market.money[:, : money.shape[1]] = money


def fingerprint(name: str, people: int, days: int, engine: Engine) -> str:
    """Rows lived in so many days, and a hash of them and of what they left behind."""
    scenario = busy() if name == "busy" else load_scenario(name)
    simulation = simulation_of(scenario, people, engine)
    simulation.advance(days)
    market = simulation.market
    lived = market.lived
    books = (market.by_month, market.by_week, market.people_by_month, market.ledger)
    rows = in_order(simulation.take_rows())
    heads = [simulation.population[name] for name in ("goodwill", "fatigue", "experience", "stage")]
    log = [rows[name] for name in rows.dtype.names or ()]
    text = b"".join(np.ascontiguousarray(x).tobytes() for x in (*log, *books, *heads))
    return f"{len(rows)} {lived} {hashlib.sha256(text).hexdigest()}"


if __name__ == "__main__":
    name, people, days, engine = sys.argv[1:]
    print(fingerprint(name, int(people), int(days), engine))  # type: ignore[arg-type]
