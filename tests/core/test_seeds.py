"""Streams of random numbers: no two purposes share one, but for those that are known to."""

from itertools import combinations

import pytest

from tiermix.core.seeds import GENERATORS, MARKETS

REPLICATIONS = 64
FITTED = {"fitted markets", "fitted markets shown"}
"""What `calibrate` fits takes a thousand seeds for each of the user's, and its picture ten thousand
so that they run into the numbers of other studies: from user seed 9 on. No result is wrong for it,
as no study plans on a calibration's simulated markets and is then judged on them; other spacing
would change every calibration, so it is left to the change that mends all streams at once."""


def seeds_of(purpose: str, users: range) -> set[int]:
    # The picture of a calibration has four markets for each of those that were fitted.
    count = 10 * REPLICATIONS if purpose == "fitted markets shown" else REPLICATIONS
    return {seed for user in users for seed in MARKETS[purpose].seeds(user, count)}


def shared(users: range) -> set[frozenset[str]]:
    found = {purpose: seeds_of(purpose, users) for purpose in MARKETS}
    return {frozenset(pair) for pair in combinations(found, 2) if found[pair[0]] & found[pair[1]]}


def test_no_two_purposes_have_a_market_in_common() -> None:
    assert {pair for pair in shared(range(1, 10_001)) if not pair & FITTED} == set()


@pytest.mark.parametrize("last", [300, 1000])
def test_only_fitted_markets_run_into_others_and_this_is_known(last: int) -> None:
    assert shared(range(1, last + 1))
    assert all(pair & FITTED for pair in shared(range(1, last + 1)))


def test_the_first_seeds_share_nothing_at_all() -> None:
    assert shared(range(1, 5)) == set()


def test_every_generator_has_a_key_of_its_own() -> None:
    assert len(set(GENERATORS)) == len(GENERATORS)
    assert len({stream.first for stream in MARKETS.values()}) == len(MARKETS)


def test_the_check_sees_streams_that_meet() -> None:
    meeting = MARKETS["judged strategies"].seeds(1, 3), MARKETS["judged strategies"].seeds(2, 3)
    assert set(meeting[0]) & set(meeting[1])
