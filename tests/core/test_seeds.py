"""Streams of random numbers: neither two purposes nor two users' seeds share one."""

from itertools import chain

import pytest

from tiermix.core import seeds
from tiermix.core.seeds import GENERATORS, MARKETS, seed_of, seeds_of

REPLICATIONS = 64


def all_seeds(user: int) -> list[int]:
    """Of every purpose, chains of two purposes included."""
    first = {purpose: seeds_of(purpose, user, REPLICATIONS) for purpose in MARKETS.values()}
    begun = [mine[0] for mine in first.values()]
    chains = (seeds_of(purpose, seed, 4) for purpose in MARKETS.values() for seed in begun)
    return [*chain.from_iterable(first.values()), *chain.from_iterable(chains)]


@pytest.mark.parametrize("step", [1, 1000, 1_000_003, 2**32, 2**40])
def test_no_two_purposes_and_no_two_users_have_a_seed_in_common(step: int) -> None:
    users = [1 + step * n for n in range(10)]
    found = [seed for user in users for seed in (user, *all_seeds(user))]
    assert len(set(found)) == len(found)


def test_a_seed_does_not_run_into_the_number_beside_it() -> None:
    """Words of a fixed width: numpy's own hashing of two integers would take these for one."""
    assert seed_of(7, 5 + (3 << 32), 0) != seed_of(7, 5, 3)


def test_seeds_are_what_a_market_takes() -> None:
    assert all(0 <= seed < 2**63 for seed in all_seeds(2**63 - 1))


def test_every_purpose_has_a_number_of_its_own() -> None:
    numbers = [
        value for name, value in vars(seeds).items() if name.isupper() and isinstance(value, int)
    ]
    assert len(set(numbers)) == len(numbers)
    assert set(numbers) == {*MARKETS.values(), *GENERATORS}
