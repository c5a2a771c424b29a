"""Counts and kinds of rows: their constants are the places of their names."""

from types import ModuleType

import numpy as np
import pytest

from scenarios import KPIS
from sim.engine import state as s
from sim.engine.counts import channel_counts, person_counts, row_kinds
from sim.kpis.measures import SUMS


@pytest.mark.parametrize("counts", [channel_counts, person_counts, row_kinds])
def test_a_constant_is_the_place_of_its_name(counts: ModuleType) -> None:
    places = [getattr(counts, name.upper()) for name in counts.NAMES]
    assert places == list(range(len(counts.NAMES)))
    assert len(counts.NAMES) > 10


def test_the_record_has_room_for_every_count() -> None:
    market = np.zeros(1, s.MARKET)[0]
    assert market.by_month.shape[1] == len(channel_counts.NAMES)
    assert market.by_week.shape[1] == channel_counts.WEEKLY
    assert market.people_by_month.shape[1] == len(person_counts.NAMES)


def test_counts_that_are_kpis_bear_the_name_of_the_kpi() -> None:
    named = {"impressions", "visits", "conversions", "revenue", "margin", "leads"}
    named |= {"new_customers", "signups", "downloads"}
    assert named <= set(channel_counts.NAMES) & set(KPIS)
    assert all(SUMS[name] == name for name in named)


def test_weekly_counts_come_first() -> None:
    weekly = channel_counts.NAMES[: channel_counts.WEEKLY]
    assert weekly == ("impressions", "clicks", "visits", "conversions", "revenue")
