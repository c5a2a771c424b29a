"""Luck: the published generator, uniform and independent whatever it is keyed by."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from sim.engine import draws

ONES = 0xFFFFFFFF

# Known answers of Random123 (Salmon et al. 2011), file kat_vectors, lines "philox4x32 7".
KNOWN = [
    ((0, 0, 0, 0), (0, 0), (0x5F6FB709, 0x0D893F64, 0x4F121F81, 0x4F730A48)),
    ((ONES,) * 4, (ONES,) * 2, (0x5207DDC2, 0x45165E59, 0x4D8EE751, 0x8C52F662)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0x4DFCCABA, 0x190A87F0, 0xC47362BA, 0xB6B5242A),
    ),
]
N = 20_000


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_philox_gives_the_published_answers(
    counter: tuple[int, ...], key: tuple[int, ...], answer: tuple[int, ...]
) -> None:
    words = draws.philox(*(np.uint64(word) for word in (*counter, *key)))
    assert tuple(int(word) for word in words) == answer


def test_a_uniform_is_never_0_or_1() -> None:
    assert 0 < draws.uniform(np.uint64(0)) < 1e-9
    assert 1 - 1e-9 < draws.uniform(np.uint64(ONES)) < 1


def _by_key(purpose: int, occasion: int = 0, seed: int = 5) -> np.ndarray:
    return draws.uniforms(seed, np.arange(N, dtype=np.uint64), purpose, occasion)


def _by_occasion(seed: int = 5) -> np.ndarray:
    key = np.uint64(77)
    return np.array([draws.draw(np.uint64(seed), key, draws.NEED, n) for n in range(N)])


STREAMS = {
    "neighbouring customers": lambda: _by_key(draws.WHO),
    "neighbouring communities": lambda: draws.uniforms(
        5, np.arange(N, dtype=np.uint64) << np.uint64(32), draws.WHO
    ),
    "one occasion after another": _by_occasion,
    "neighbouring seeds": lambda: np.array(
        [draws.draw(np.uint64(n), np.uint64(1), draws.SEE, 0) for n in range(N)]
    ),
}


@pytest.mark.parametrize("name", STREAMS)
def test_every_stream_is_uniform(name: str) -> None:
    for column in STREAMS[name]().T:
        assert stats.kstest(column, "uniform").pvalue > 1e-4
        cells = np.histogram(column, bins=256, range=(0, 1))[0]
        assert 1e-4 < stats.chisquare(cells).pvalue < 1 - 1e-4


@pytest.mark.parametrize("name", STREAMS)
def test_neighbours_in_a_stream_are_independent(name: str) -> None:
    for column in STREAMS[name]().T:
        _assert_independent(column[:-1], column[1:])


def test_the_four_numbers_of_a_draw_are_independent() -> None:
    numbers = _by_key(draws.SEE).T
    for first, second in pairwise([*numbers, numbers[0]]):
        _assert_independent(first, second)


PURPOSES = [draws.SEE, draws.MOVE, draws.PAGE, draws.NEED, draws.THRESHOLD, draws.WHO, draws.STATE]


@pytest.mark.parametrize(("one", "other"), list(pairwise(PURPOSES)))
def test_purposes_of_one_cause_are_independent(one: int, other: int) -> None:
    _assert_independent(_by_key(one)[:, 0], _by_key(other)[:, 0])


def test_occasions_of_one_purpose_are_independent() -> None:
    _assert_independent(_by_key(draws.NEED, 1)[:, 0], _by_key(draws.NEED, 2)[:, 0])


def test_seeds_give_independent_luck() -> None:
    _assert_independent(_by_key(draws.WHO, seed=1)[:, 0], _by_key(draws.WHO, seed=2)[:, 0])


def _assert_independent(u: np.ndarray, v: np.ndarray) -> None:
    """Correlation within 4/sqrt(n), and all 16 × 16 cells of the square equally full."""
    assert abs(np.corrcoef(u, v)[0, 1]) < 4 / np.sqrt(len(u))
    cells = np.histogram2d(u, v, bins=16, range=[(0, 1), (0, 1)])[0].ravel()
    assert 1e-4 < stats.chisquare(cells).pvalue < 1 - 1e-4


def test_no_two_purposes_share_a_number() -> None:
    numbers = [
        value
        for name, value in vars(draws).items()
        if name.isupper() and isinstance(value, int) and not isinstance(value, bool)
    ]
    assert len(numbers) >= 20
    assert len(set(numbers)) == len(numbers)


def test_children_are_all_different_and_differ_from_their_cause() -> None:
    seed = np.uint64(3)
    keys = [int(draws.child(seed, np.uint64(k), p, n)) for k in range(40) for p in range(1, 21)
            for n in range(5)]  # fmt: skip
    assert len(set(keys)) == len(keys) == 4000
    assert not set(keys) & set(range(40))


def test_a_childs_draws_are_independent_of_its_causes() -> None:
    seed = np.uint64(3)
    children = np.array(
        [draws.child(seed, np.uint64(k), draws.LOOK, 0) for k in range(N)], dtype=np.uint64
    )
    _assert_independent(
        draws.uniforms(3, children, draws.SEE)[:, 0],
        draws.uniforms(3, np.arange(N, dtype=np.uint64), draws.SEE)[:, 0],
    )


@pytest.mark.parametrize("mean", [0.02, 1.0, 7.5, 120.0, 400.0])
def test_poisson_inversion_is_the_quantile_function(mean: float) -> None:
    grid = (np.arange(2000) + 0.5) / 2000
    counts = np.array([draws.poisson(u, mean) for u in grid])
    np.testing.assert_array_equal(counts, stats.poisson.ppf(grid, mean))


def test_poisson_of_nothing_is_nothing() -> None:
    assert draws.poisson(1 - 1e-12, 0.0) == 0


def test_a_name_has_its_own_stream_whatever_stands_beside_it() -> None:
    names = [f"channel_{n}" for n in range(2000)]
    keys = {draws.name_key(name) for name in names}
    assert len(keys) == len(names)
    assert all(0 <= key < 2**31 for key in keys)
