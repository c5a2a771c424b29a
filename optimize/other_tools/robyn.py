"""A model of Robyn, from the files of its output folder, as curves.

    y = coef · x^α / (x^α + g^α),   g = (1 − γ)·min + γ·max of the adstocked media x in the window
    x_t = Σ_j w_j · media_(t−j):    w_j = θ^j (geometric), or Weibull's (`adstock`), scale s being
                                    the s-quantile of 1 … n, rounded

(R/R/transformation.R, `saturation_hill`, `adstock_geometric`, `adstock_weibull`.) Weights add up
to W, so over steady money the half is g / W. `pareto_hyperparameters.csv` has α, γ, θ (shape,
scale), `pareto_aggregated.csv` coef and spend, `pareto_media_transform_matrix.csv` the adstocked
media; where that is missing it is made again from `raw_data.csv` and the window of
`pareto_alldecomp_matrix.csv`, which also has what media do not cause: the base, by calendar month
of the window's last year.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from optimize.errors import AllocationError
from optimize.other_tools import adstock
from optimize.other_tools.found import Found, Given, by_saying
from optimize.other_tools.robyn_files import Files, Series, period_of
from tiermix.core.arrays import Floats

TOOL = "Robyn"
GIVEN = ("model", "adstock", "kpi")
ADSTOCKS = ("weibull_cdf", "weibull_pdf")
SAME = 1e-3
"""So far may adstock that is made again be from Robyn's, of its largest."""


@dataclass(frozen=True)
class Media:
    """One media variable of a model: hyperparameters, coefficient, spend of the window."""

    name: str
    alpha: float
    gamma: float
    adstock: tuple[float, ...]
    coef: float
    spend: float | None


def read(path: str | os.PathLike[str], given: Given) -> Found:
    """Curves of one model; raises `AllocationError` with what is lacking and the remedy."""
    given.check(GIVEN, TOOL)
    files = Files.of(Path(path), given)
    series = files.series()
    unit = period_of(series.window)
    found = Found(f"{TOOL}, model {files.model}", kpi=given.get("kpi") or "revenue")
    paid = []
    for media in _media(files):
        if media.spend is None:
            found.notes.append(f"{media.name} has no spend and is part of the base")
            continue
        paid.append(media.name)
        _add(found, media, series, given, unit)
    if not paid:
        raise AllocationError(f"{files.place}: no media of model {files.model} has spend.")
    base = files.base(paid)
    found.rows += [row | {"per": unit} for row in base]
    if not base:
        found.notes.append("pareto_alldecomp_matrix.csv is not there, so the base is not known")
    return found


def _media(files: Files) -> list[Media]:
    """The model's media, from its hyperparameters and its coefficients."""
    row, known = files.hyperparameters, files.aggregated
    names = [name.removesuffix("_alphas") for name in row.cells if name.endswith("_alphas")]
    found = []
    for name in names:
        if name not in known:
            raise AllocationError(
                f"{files.folder / 'pareto_aggregated.csv'}: has no row {name!r} of model "
                f"{files.model}; give the files of one run of Robyn."
            )
        kinds = ("_thetas",) if row.has(f"{name}_thetas") else ("_shapes", "_scales")
        own = tuple(row.number(name + kind) for kind in kinds)
        total = known[name].number("total_spend", 0.0)
        found.append(
            Media(name, row.number(f"{name}_alphas"), row.number(f"{name}_gammas"), own,
                  known[name].number("coef"), total or None)
        )  # fmt: skip
    return found


def _add(found: Found, media: Media, series: Series, given: Given, unit: str) -> None:
    raw = series.raw(media.name)
    weights, adstocked = _adstocked(media, series, raw, given)
    window = adstocked[series.inside]
    bend = float(window.min() + media.gamma * np.ptp(window))
    bought = float(raw[series.inside].sum())
    if bend <= 0 or bought <= 0:
        raise AllocationError(
            f"{series.place}: {media.name} is 0 throughout the window, so where it bends is not "
            "known; give a model without it."
        )
    assert media.spend is not None
    cost = media.spend / bought
    if abs(cost - 1) > SAME:
        found.notes.append(
            f"{media.name} counts exposures; one costs {cost:.4g} on average, and its curve is "
            "over money at that price"
        )
    found.rows.append({
        "channel": media.name, "family": "hill", "ceiling": max(media.coef, 0.0), "per": unit,
        "half": cost * bend / float(weights.sum()), "shape": media.alpha,
        "carry_over": adstock.alike(weights),
    })  # fmt: skip
    found.notes += adstock.course(media.name, weights, unit)


def _adstocked(media: Media, series: Series, raw: Floats, given: Given) -> tuple[Floats, Floats]:
    """The weights, and adstocked media: Robyn's own where it is there, and like what is made."""
    own = series.adstocked(media.name)
    kinds = ("geometric",) if len(media.adstock) == 1 else _kinds(given, own is not None, series)
    made = {}
    for kind in kinds:
        weights = _weights(kind, media, len(raw), series.place)
        made[kind] = weights, np.convolve(raw, weights)[: len(raw)]
    if own is None:
        return next(iter(made.values()))
    near = {kind: float(np.abs(x - own).max()) for kind, (_, x) in made.items()}
    best = min(near, key=lambda kind: near[kind])
    if near[best] > SAME * max(float(np.abs(own).max()), 1e-300):
        raise AllocationError(
            f"{series.place}: the adstock of {media.name} is not that of its hyperparameters; give "
            "the files of one run of Robyn."
        )
    return made[best][0], own


def _kinds(given: Given, told: bool, series: Series) -> tuple[str, ...]:
    """Which of Weibull's adstocks: as given, or either where Robyn's own shows which."""
    kind = given.get("adstock")
    if kind and kind not in ADSTOCKS:
        raise AllocationError(f"{by_saying('adstock', kind)}: is not {' or '.join(ADSTOCKS)}.")
    if not kind and not told:
        raise AllocationError(
            f"{series.place}: whether the Weibull adstock is CDF or PDF is not said; add "
            f"{by_saying('adstock', ADSTOCKS[0])}, or the file pareto_media_transform_matrix.csv."
        )
    return (kind,) if kind else ADSTOCKS


def _weights(kind: str, media: Media, size: int, place: str) -> Floats:
    if kind == "geometric":
        return adstock.geometric(media.adstock[0], max(size, adstock.LONG), place)
    shape, scale = media.adstock
    if shape <= 0:
        raise AllocationError(
            f"{place}: {media.name} has a Weibull adstock of shape {shape:g}, which keeps nothing."
        )
    periods = round(1 + scale * (size - 1))
    made = adstock.weibull_cdf if kind == "weibull_cdf" else adstock.weibull_pdf
    return made(shape, float(periods), size)
