"""Large absorbing chains: what is collected on the way, by iteration to rounding error."""

from typing import Any

import numpy as np

from tiermix.core.arrays import Floats


def absorbed(moves: Any, reward: Floats) -> Floats:
    """(I − Q)⁻¹ r by BiCGSTAB, refined until the residual is at rounding error; else sparse LU.

    Windows of order 3 and more form a graph in which LU factors fill up, while a journey's finite
    length makes iteration converge in tens of steps.
    """
    from scipy import sparse
    from scipy.sparse.linalg import spsolve

    system = (sparse.eye_array(moves.shape[0]) - moves).tocsr()
    solution, residual = np.zeros_like(reward), reward
    for _ in range(6):
        scale = max(np.abs(solution).max(initial=0.0), np.abs(reward).max(initial=0.0))
        if np.abs(residual).max(initial=0.0) <= 2e-15 * scale:
            return solution
        solution = solution + bicgstab(system, residual)
        residual = reward - system @ solution
    if np.abs(residual).max() <= 1e-13 * scale:
        return solution
    return np.asarray(spsolve(system.tocsc(), reward))


def bicgstab(system: Any, right: Floats, *, steps: int = 500, tolerance: float = 1e-8) -> Floats:
    """Stabilised bi-conjugate gradients (van der Vorst 1992), to a relative residual.

    Products are summed without BLAS, which shares vectors of this length among threads that then
    wait for one another: on busy cores ten times as long as the work itself. Where it breaks down
    it gives what it has so far.
    """
    solution, residual, way = np.zeros_like(right), right, right
    rho, enough = _dot(right, right), tolerance**2 * _dot(right, right)
    for _ in range(steps):
        try:
            moved = system @ way
            alpha = rho / _dot(right, moved)
            half = residual - alpha * moved
            if _dot(half, half) <= enough:
                return np.asarray(solution + alpha * way)
            turned = system @ half
            omega = _dot(turned, half) / _dot(turned, turned)
            solution, residual = solution + alpha * way + omega * half, half - omega * turned
            before, rho = rho, _dot(right, residual)
            way = residual + rho / before * alpha / omega * (way - omega * moved)
        except ZeroDivisionError:
            break
        if _dot(residual, residual) <= enough:
            break
    return np.asarray(solution)


def _dot(a: Floats, b: Floats) -> float:
    return float(np.einsum("i,i->", a, b))
