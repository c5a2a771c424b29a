"""Parameters of a pymc-marketing MMM, one row a channel, as curves.

    y = target_scale · f(Σ_j w_j · x_(t−j) / channel_scale)

with the saturations of `pymc_marketing.mmm.transformers` as families (σ is the logistic function):

    logistic                 β (1 − e^(−λx)) / (1 + e^(−λx))         = β · tanh(λx / 2)
    inverse_scaled_logistic  the same with ln 3 / λ in place of λ
    tanh                     b · tanh(x / (b·c))
    tanh_baselined           β · g·x₀/r · tanh(x · artanh(r) / x₀)
    michaelis_menten         α · x / (λ + x)                         = hill of shape 1
    hill                     β (1 − κ^s / (κ^s + x^s))               = hill of shape s
    hill_sigmoid             σ₀ [σ(β(x − λ)) − σ(−βλ)]               = logistic, half λ, shape βλ
    root                     β · x^α                                 = power

Weights that are not normalised have a sum W: f(W · x̄) is then read as a curve of x̄. Saturation
before adstock (`adstock_first` false) makes the retention a lag of the response.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from optimize.errors import AllocationError
from optimize.other_tools import adstock
from optimize.other_tools.found import Found, Given, Row, by_saying, check_columns, rows_of
from tiermix.core.arrays import Floats
from tiermix.core.hints import hint
from tiermix.core.tables.cells import Cells

TOOL = "pymc-marketing"
SATURATION, ADSTOCK = "saturation_", "adstock_"
SCALES = ("channel_scale", "target_scale")
SAID = ("l_max", "normalize", "adstock_first", "saturation", "adstock", "per")
GIVEN = (*SCALES, *SAID, "kpi")
TRUTHS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}

Shape = tuple[str, float, float, float]
"""Family, ceiling, half and shape in the model's own scales."""


def _sigmoid(beta: float, lam: float, sigma: float) -> Shape:
    whole = sigma * (1 - 1 / (1 + math.exp(beta * lam)))
    return "logistic", whole, lam, beta * lam


SATURATIONS: dict[str, tuple[tuple[str, ...], Callable[..., Shape]]] = {
    "logistic": (("beta", "lam"), lambda beta, lam: ("tanh", beta, 2 / lam, 1)),
    "inverse_scaled_logistic": (
        ("beta", "lam"), lambda beta, lam: ("tanh", beta, 2 * lam / math.log(3), 1)
    ),
    "tanh": (("b", "c"), lambda b, c: ("tanh", b, b * c, 1)),
    "tanh_baselined": (
        ("beta", "gain", "r", "x0"),
        lambda beta, gain, r, x0: ("tanh", beta * gain * x0 / r, x0 / math.atanh(r), 1),
    ),
    "michaelis_menten": (("alpha", "lam"), lambda alpha, lam: ("hill", alpha, lam, 1)),
    "hill": (
        ("beta", "kappa", "slope"), lambda beta, kappa, slope: ("hill", beta, kappa, slope)
    ),
    "hill_sigmoid": (("beta", "lam", "sigma"), _sigmoid),
    "root": (("alpha", "beta"), lambda alpha, beta: ("power", beta, 1, alpha)),
}  # fmt: skip
ADSTOCKS: dict[str, tuple[str, ...]] = {
    "geometric": ("alpha",),
    "delayed": ("alpha", "theta"),
    "weibull_pdf": ("k", "lam"),
    "weibull_cdf": ("k", "lam"),
    "binomial": ("alpha",),
    "none": (),
}
PARAMETERS = {
    *(SATURATION + name for names, _ in SATURATIONS.values() for name in names),
    *(ADSTOCK + name for names in ADSTOCKS.values() for name in names),
}


def is_pymc(columns: set[str]) -> bool:
    """Whether a table's columns (in small letters) are parameters of a pymc-marketing MMM."""
    return any(name.startswith((SATURATION, ADSTOCK)) for name in columns)


def read(cells: Cells, given: Given) -> Found:
    """Curves per week of a table of parameters; raises `AllocationError` with row and field."""
    given.check(GIVEN, TOOL)
    check_columns(cells, ("channel", *sorted(PARAMETERS), *SCALES, *SAID), TOOL)
    found = Found(TOOL, kpi=given.get("kpi") or "revenue")
    for row in rows_of(cells, given):
        _add(found, row)
    return found


def _add(found: Found, row: Row) -> None:
    lacking = [name for name in SCALES if not row.has(name)]
    if lacking:
        raise AllocationError(
            f"{row.place}: there is no {' and no '.join(lacking)}; without it curves are in the "
            "model's own scale. Add the column from mmm.idata.constant_data, or "
            f"{by_saying(lacking[0], 'NUMBER')}."
        )
    channel, unit = row.text("channel"), row.text("per") or "week"
    weights = _weights(row)
    reach = float(weights.sum()) if not _is(row, "normalize", True) else 1.0
    first = _is(row, "adstock_first", True)
    family, ceiling, half, shape = _saturation(row)
    x, y = row.number("channel_scale"), row.number("target_scale")
    values: dict[str, Any] = {"channel": channel, "family": family, "shape": shape, "per": unit}
    values |= {"half": half * x / (reach if first else 1.0)}
    values |= {"ceiling": ceiling * y * (1.0 if first else reach)}
    values["carry_over" if first else "lag"] = adstock.alike(weights)
    found.rows.append(values)
    found.notes += adstock.course(channel, weights, unit)


def _saturation(row: Row) -> Shape:
    """The one saturation whose parameters the row has."""
    named = row.text("saturation").lower()
    if named and named not in SATURATIONS:
        raise AllocationError(
            f"{row.place}: saturation {named!r} is not known; {hint(named, SATURATIONS)}"
        )
    has = tuple(sorted(n.removeprefix(SATURATION) for n in _given(row, SATURATION)))
    kinds = [name for name, (names, _) in SATURATIONS.items() if names == has]
    kind = named or (kinds[0] if kinds else "")
    if kind not in kinds:
        wanted = {kind: SATURATIONS[kind]} if kind else SATURATIONS
        raise AllocationError(
            f"{row.place}: saturation has the parameters {', '.join(has) or 'none'}; wanted are "
            + "; ".join(f"{', '.join(names)} ({name})" for name, (names, _) in wanted.items())
            + "."
        )
    names, made = SATURATIONS[kind]
    values = {name: row.number(SATURATION + name) for name in names}
    bad = [f"{name} {value:g}" for name, value in values.items() if value < 0]
    bad += [f"{name} 0" for name, value in values.items() if value == 0 and name != "beta"]
    bad += [f"r {values['r']:g}"] if values.get("r", 0) >= 1 else []
    if bad:
        raise AllocationError(f"{row.place}: saturation with {', '.join(bad)} is no curve.")
    return made(**values)


def _weights(row: Row) -> Floats:
    """The adstock's weights by lag, as many as `l_max` says."""
    has = tuple(sorted(name.removeprefix(ADSTOCK) for name in _given(row, ADSTOCK)))
    kinds = [name for name, names in ADSTOCKS.items() if names == has]
    kind = row.text("adstock").lower() or (kinds[0] if len(kinds) == 1 or has == ("alpha",) else "")
    if kind not in kinds:
        raise AllocationError(
            f"{row.place}: adstock has the parameters {', '.join(has) or 'none'}; say its kind in "
            f"a column adstock or {by_saying('adstock', 'KIND')}: {', '.join(kinds or ADSTOCKS)}."
        )
    if kind == "none":
        return adstock.geometric(0.0, 1, row.place)
    size = _length(row)
    first, *rest = (row.number(ADSTOCK + name) for name in has)
    if kind == "delayed":
        return adstock.delayed(first, rest[0], size, row.place)
    if kind.startswith("weibull"):
        return _weibull(kind, first, rest[0], size, row.place)
    if kind == "binomial":
        return adstock.binomial(first, size, size + 1, row.place)
    return adstock.geometric(first, size, row.place)


def _weibull(kind: str, shape: float, scale: float, size: int, place: str) -> Floats:
    if min(shape, scale) <= 0:
        raise AllocationError(f"{place}: adstock_k and adstock_lam have to be above 0.")
    if kind == "weibull_pdf":
        return adstock.weibull_pdf(shape, scale, size)
    return adstock.weibull_cdf(shape, scale, size + 1)


def _length(row: Row) -> int:
    if not row.has("l_max"):
        raise AllocationError(
            f"{row.place}: l_max is missing, after which the adstock ends; add the column, or "
            f"{by_saying('l_max', '8')}."
        )
    size = row.number("l_max")
    if size < 1 or size != int(size) or size > adstock.LONG:
        raise AllocationError(f"{row.place}: l_max {size:g} is no number of periods from 1 on.")
    return int(size)


def _given(row: Row, prefix: str) -> list[str]:
    known = [name for name in row.cells if name.startswith(prefix) and name in PARAMETERS]
    return [name for name in known if row.has(name)]


def _is(row: Row, name: str, default: bool) -> bool:
    text = row.text(name).lower()
    if text and text not in TRUTHS:
        raise AllocationError(f"{row.place}: {name} {text!r} is not true or false.")
    return TRUTHS[text] if text else default
