"""Keyed luck: every draw is a pure function of the seed and of what it is drawn for.

Philox 4x32-7 (Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"):
seven rounds are the fewest that pass all of TestU01's BigCrush. One block gives four uniforms. A
draw is keyed by its cause, so that two markets which differ in one channel go on sharing the luck
of everything else.
"""

from __future__ import annotations

import hashlib
import math

import numpy as np

from sim.engine.jit import entry, kernel
from tiermix.core.arrays import Floats, Keys

M0 = np.uint64(0xD2511F53)
M1 = np.uint64(0xCD9E8D57)
W0 = np.uint64(0x9E3779B9)
W1 = np.uint64(0xBB67AE85)
MASK = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)
STREAM = np.uint64(0x80000000)

# What a draw is for. Numbers are part of the luck: never reuse one.
SEE, MOVE, PAGE, SLOT, VISIT, ORDER, MAIL, LOOK, NEED, THRESHOLD, EXPIRE = range(1, 12)
CHILD, WHO, STATE, IDENTIFIER, OPEN_NEED, SHOWN, AFTER_ORDER, INTEREST = range(12, 20)
TURNOVER, STOCK, SURVEY, TELL, HEARD, ANSWERED, VARIANT, NICHE, DATED, CALL_UP = range(20, 30)
SERVICE, PATIENCE, LEFT_OPEN, OTHERS = 40, 41, 42, 43


@entry
def philox(
    c0: np.uint64, c1: np.uint64, c2: np.uint64, c3: np.uint64, k0: np.uint64, k1: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Seven rounds of Philox 4x32: counter (four words) and key (two words) to four words."""
    for _ in range(7):
        p0 = M0 * c0
        p1 = M1 * c2
        c0, c1, c2, c3 = (p1 >> HALF) ^ c1 ^ k0, p1 & MASK, (p0 >> HALF) ^ c3 ^ k1, p0 & MASK
        k0 = (k0 + W0) & MASK
        k1 = (k1 + W1) & MASK
    return c0, c1, c2, c3


@entry
def uniform(word: np.uint64) -> float:
    """A word as a number in (0, 1), never 0 or 1."""
    return (float(np.int64(word)) + 0.5) * 2.3283064365386963e-10


@entry
def draw(
    seed: np.uint64, key: np.uint64, purpose: int, occasion: int
) -> tuple[float, float, float, float]:
    """Four uniforms for one purpose of one cause."""
    a, b, c, d = philox(
        key & MASK,
        key >> HALF,
        np.uint64(purpose),
        np.uint64(occasion),
        seed & MASK,
        seed >> HALF,
    )
    return uniform(a), uniform(b), uniform(c), uniform(d)


@entry
def child(seed: np.uint64, key: np.uint64, purpose: int, occasion: int) -> np.uint64:
    """The key of a consequence that will draw for purposes its cause has drawn for already."""
    a, b, _, _ = philox(
        key & MASK,
        key >> HALF,
        np.uint64(CHILD),
        (np.uint64(purpose) << np.uint64(16)) | np.uint64(occasion),
        seed & MASK,
        seed >> HALF,
    )
    return (a << HALF) | b


@kernel
def exponential(u: float) -> float:
    """Unit exponential by inversion."""
    return -math.log(u)


@kernel
def normal(u: float, v: float) -> float:
    """Standard normal (Box and Muller 1958)."""
    return math.sqrt(-2.0 * math.log(u)) * math.cos(6.283185307179586 * v)


@kernel
def gumbel(u: float) -> float:
    """Standard Gumbel by inversion: the largest of utilities with such noise is a logit choice."""
    return -math.log(-math.log(u))


@entry
def poisson(u: float, mean: float) -> int:
    """Poisson count by inversion from below; `mean` at most some 500."""
    count = 0
    term = math.exp(-mean)
    total = term
    while u > total and count < 5000:
        count += 1
        term *= mean / count
        total += term
    return count


def name_key(name: str) -> int:
    """31 bits of a name: what its stream is keyed by, whatever else the scenario holds."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") & 0x7FFFFFFF


def uniforms(seed: int, keys: Keys, purpose: int, occasion: int = 0) -> Floats:
    """Uniforms [n, 4] for many keys at once (set-up of a community)."""
    out = np.empty((len(keys), 4))
    _fill(np.uint64(seed), keys.astype(np.uint64), purpose, occasion, out)
    return out


@entry
def _fill(seed: np.uint64, keys: Keys, purpose: int, occasion: int, out: Floats) -> None:
    for i in range(len(keys)):
        out[i, 0], out[i, 1], out[i, 2], out[i, 3] = draw(seed, keys[i], purpose, occasion)
