"""Curves of Robyn, Meridian and pymc-marketing bring what those tools' formulas bring."""

from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks.fakes import make_curves, make_scenario
from optimize import AllocationError, ResponseCurves, read_curves
from optimize.curves import carry_over
from optimize.other_tools.read import check_curves_file
from tests.optimize import other_models as models

MONTHS = tuple(f"2026-{month:02d}" for month in range(1, 13))
FEBRUARY = "2026-02"  # 28 days: four weeks
STEADY = np.linspace(200.0, 30_000.0, 25)


@dataclass(frozen=True)
class Channel:
    name: str


@dataclass(frozen=True)
class Year:
    channels: tuple[Channel, ...] = (Channel("tv"), Channel("search"))
    months: tuple[str, ...] = MONTHS
    other_names: dict[str, str] = field(default_factory=dict)
    margin_rate: float = 0.4


def read(path: Path, **how: Any) -> ResponseCurves:
    return read_curves(path, Year(), **how)


def weekly(curves: ResponseCurves, channel: str, money: Any, kpi: str = "revenue") -> Any:
    """What a week brings of steady weekly money, from the curve of February."""
    curve = curves.get(channel, kpi, FEBRUARY)
    assert curve is not None
    return curve.value(4 * np.asarray(money)) / 4


def carried(curves: ResponseCurves, channel: str, lag: bool = False) -> float:
    curve = curves.get(channel, "revenue", FEBRUARY)
    assert curve is not None
    assert curve.carry_per == "week"
    assert (curve.carry_over if lag else curve.lag) == 0
    return curve.lag if lag else curve.carry_over


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


# Robyn

ADSTOCKS = {"geometric": (0.35,), "weibull_cdf": (1.2, 0.05), "weibull_pdf": (2.2, 0.04)}


def robyn_folder(folder: Path, kind: str, *, matrix: bool, cost: float = 1.0) -> np.ndarray:
    """Robyn's files of a model with a paid and an organic variable; its paid decomposition [n]."""
    rng = np.random.default_rng(3)
    days = [d.date() for d in pd.date_range("2023-01-02", periods=130, freq="7D")]
    media = rng.gamma(1.0, 9_000.0, 130) * (rng.random(130) < 0.7)
    if kind == "geometric":
        adstocked = models.robyn_geometric(media, 0.35)
        own = {"tv_S_thetas": 0.35, "mail_thetas": 0.1}
    else:
        shape, scale = ADSTOCKS[kind]
        adstocked = models.robyn_weibull(media, shape, scale, kind)
        own = {"tv_S_shapes": shape, "tv_S_scales": scale, "mail_shapes": 1, "mail_scales": 0.1}
    window = slice(20, 130)
    paid = 80_000 * models.robyn_hill(adstocked[window], 1.4, 0.45)
    hyper = {"tv_S_alphas": 1.4, "tv_S_gammas": 0.45, "mail_alphas": 1, "mail_gammas": 0.5} | own
    write(
        folder / "pareto_hyperparameters.csv",
        [hyper | {"nrmse": 0.05, "solID": "1_2_3"}, hyper | {"nrmse": 0.04, "solID": "9_9_9"}],
    )
    spend = cost * media[window].sum()
    write(folder / "pareto_aggregated.csv", [
        {"rn": "tv_S", "coef": 80_000, "total_spend": spend, "solID": "1_2_3"},
        {"rn": "mail", "coef": 5, "total_spend": None, "solID": "1_2_3"},
    ])  # fmt: skip
    rest = 1000.0 * np.array([day.month for day in days[window]])
    write(folder / "pareto_alldecomp_matrix.csv", [
        {"ds": day, "tv_S": tv, "mail": 7, "depVarHat": tv + base, "solID": "1_2_3"}
        for day, tv, base in zip(days[window], paid, rest, strict=True)
    ])  # fmt: skip
    if matrix:
        kinds = (("rawMedia", media), ("adstockedMedia", adstocked), ("saturatedMedia", media))
        write(folder / "pareto_media_transform_matrix.csv", [
            {"ds": day, "tv_S": x, "mail": 1, "type": name, "solID": "1_2_3"}
            for name, values in kinds
            for day, x in list(zip(days, values, strict=True))[20 * (name[0] == "s") :]
        ])  # fmt: skip
    else:
        write(folder / "raw_data.csv", [
            {"DATE": day, "revenue": 1, "tv_S": x, "mail": 1, "events": "na"}
            for day, x in zip(days, media, strict=True)
        ])  # fmt: skip
    return adstocked[window]


@pytest.mark.parametrize("kind", ADSTOCKS)
@pytest.mark.parametrize("matrix", [True, False])
def test_robyns_model_brings_of_steady_money_what_its_formula_brings(
    tmp_path: Path, kind: str, matrix: bool
) -> None:
    window = robyn_folder(tmp_path, kind, matrix=matrix)
    given = {"model": "1_2_3"} | ({} if matrix or kind == "geometric" else {"adstock": kind})
    curves = read(tmp_path, given=given)
    long = np.outer(STEADY, np.ones(130))
    of = {
        "geometric": lambda x: models.robyn_geometric(x, *ADSTOCKS["geometric"]),
        "weibull_cdf": lambda x: models.robyn_weibull(x, *ADSTOCKS["weibull_cdf"], kind),
        "weibull_pdf": lambda x: models.robyn_weibull(x, *ADSTOCKS["weibull_pdf"], kind),
    }[kind]
    last = np.array([of(x)[-1] for x in long])
    bend = 0.55 * window.min() + 0.45 * window.max()
    expected = 80_000 * last**1.4 / (last**1.4 + bend**1.4)
    assert weekly(curves, "tv", STEADY) == pytest.approx(expected, rel=1e-6)
    assert weekly(curves, "tv", STEADY, "margin") == pytest.approx(0.4 * expected, rel=1e-6)
    course = of(np.eye(1, 130)[0])
    lag = (np.arange(130) * course).sum() / course.sum()
    assert carried(curves, "tv") == pytest.approx(lag / (1 + lag), rel=1e-6)
    said = " ".join(curves.notes)
    assert "Robyn, model 1_2_3" in said
    assert "mail has no spend" in said
    assert ("same mean lag" in said) == (kind != "geometric")


def test_robyns_base_is_what_media_with_spend_do_not_bring_by_calendar_month(
    tmp_path: Path,
) -> None:
    robyn_folder(tmp_path, "geometric", matrix=True)
    base = read(tmp_path / "pareto_aggregated.csv", given={"model": "1_2_3"}).base["revenue"]
    days = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    assert base == pytest.approx(1000.0 * np.arange(1, 13) * days / 7)


def test_robyns_exposures_are_priced_at_what_they_cost(tmp_path: Path) -> None:
    robyn_folder(tmp_path, "geometric", matrix=True, cost=0.02)
    dear = read(tmp_path, given={"model": "1_2_3"})
    assert "one costs 0.02" in " ".join(dear.notes)
    robyn_folder(tmp_path, "geometric", matrix=True)
    plain = read(tmp_path, given={"model": "1_2_3"})
    assert weekly(dear, "tv", 0.02 * STEADY) == pytest.approx(weekly(plain, "tv", STEADY))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: None, ["2 models", "given={'model': 'NAME'}", "9_9_9, 1_2_3"]),
        (lambda f: (f / "pareto_aggregated.csv").unlink(), ["pareto_aggregated.csv", "coef"]),
        (
            lambda f: (f / "pareto_media_transform_matrix.csv").unlink(),
            ["pareto_media_transform_matrix.csv", "raw_data.csv and pareto_alldecomp"],
        ),
    ],
)
def test_what_robyns_folder_lacks_is_named(tmp_path: Path, change: Any, words: list[str]) -> None:
    robyn_folder(tmp_path, "geometric", matrix=True)
    change(tmp_path)
    with pytest.raises(AllocationError) as error:
        read(tmp_path)
    assert all(word in str(error.value) for word in words)


def test_files_of_two_runs_of_robyn_are_refused(tmp_path: Path) -> None:
    robyn_folder(tmp_path, "geometric", matrix=True)
    file = tmp_path / "pareto_hyperparameters.csv"
    file.write_text(file.read_text().replace("0.35", "0.55"))
    with pytest.raises(AllocationError, match="one run of Robyn"):
        read(tmp_path, given={"model": "1_2_3"})


# pymc-marketing


def pymc_table(path: Path, curve: str, kind: str, **more: Any) -> Path:
    parameters, _ = models.PYMC_SATURATIONS[curve]
    own, _ = models.pymc_adstock(kind, 8)
    row = {f"saturation_{name}": value for name, value in parameters.items()}
    row |= {f"adstock_{name}": value for name, value in own.items()}
    row |= {"channel": "tv", "channel_scale": 20_000, "target_scale": 500_000, "l_max": 8} | more
    return write(path, [row])


@pytest.mark.parametrize("saturation", models.PYMC_SATURATIONS)
@pytest.mark.parametrize("kind", ["geometric", "delayed", "binomial", "weibull_pdf", "weibull_cdf"])
def test_pymc_marketings_model_brings_of_steady_money_what_its_formula_brings(
    tmp_path: Path, saturation: str, kind: str
) -> None:
    for normal, first in product((True, False), repeat=2):
        agrees(tmp_path, saturation, kind, normal=normal, first=first)


def agrees(tmp_path: Path, saturation: str, kind: str, *, normal: bool, first: bool) -> None:
    said = {"normalize": normal, "adstock_first": first, "adstock": kind, "saturation": saturation}
    curves = read(pymc_table(tmp_path / "mmm.csv", saturation, kind, **said))
    _, curve = models.PYMC_SATURATIONS[saturation]
    _, weights = models.pymc_adstock(kind, 8)
    reach = 1.0 if normal else weights.sum()
    x = STEADY / 20_000
    expected = 500_000 * (curve(reach * x) if first else reach * curve(x))
    assert weekly(curves, "tv", STEADY) == pytest.approx(expected, rel=1e-6)
    lag = (np.arange(len(weights)) * weights).sum() / weights.sum()
    assert carried(curves, "tv", lag=not first) == pytest.approx(lag / (1 + lag))


def test_a_summary_of_arviz_is_read_with_what_is_given_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "summary.csv"
    file.write_text(
        ",mean,sd\nsaturation_lam[x1],2.5,1\nsaturation_beta[x1],0.4,1\nadstock_alpha[x1],0.6,1\n"
    )
    given = {"l_max": "8", "target_scale": "500000", "channel_scale.x1": "20000"}
    curves = read(file, given=given, names={"x1": "tv"})
    table = read(pymc_table(tmp_path / "table.csv", "logistic", "geometric"))
    assert weekly(curves, "tv", STEADY) == pytest.approx(weekly(table, "tv", STEADY))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"target_scale": None}, ["target_scale", "constant_data"]),
        ({"saturation_lamb": 1}, ["saturation_lamb", "did you mean 'saturation_lam'"]),
        ({"saturation_lam": None}, ["beta, lam (logistic)"]),
        ({"channel": "tele"}, ["no channel 'tele'", "names={'tele': 'NAME'}"]),
        ({"adstock_alpha": 1.2}, ["1.2 is no retention"]),
        ({"l_max": None}, ["l_max"]),
        ({"saturation_lam": -1}, ["lam -1"]),
    ],
)
def test_what_a_table_of_pymc_lacks_is_named(
    tmp_path: Path, more: dict[str, Any], words: list[str]
) -> None:
    file = pymc_table(tmp_path / "mmm.csv", "logistic", "geometric", **more)
    with pytest.raises(AllocationError) as error:
        read(file)
    assert all(word in str(error.value) for word in words), str(error.value)


# Meridian

MERIDIAN = {
    "channel": "tv", "ec_m": 0.8, "slope_m": 1.3, "alpha_m": 0.5, "beta_gm": 0.12,
    "media_median": 0.02, "kpi_sd": 1.5, "population": 900_000, "cost_per_media_unit": 0.4,
    "revenue_per_kpi": 2.5, "max_lag": 6,
}  # fmt: skip


@pytest.mark.parametrize("decay", ["geometric", "binomial"])
@pytest.mark.parametrize("before", [True, False])
def test_meridians_model_brings_of_steady_money_what_its_formula_brings(
    tmp_path: Path, decay: str, before: bool
) -> None:
    row = MERIDIAN | {"decay": decay, "hill_before_adstock": before}
    curves = read(write(tmp_path / "m.csv", [row]))
    scaled = STEADY / 0.4 / 900_000 / 0.02
    expected = 2.5 * 1.5 * 900_000 * 0.12 * scaled**1.3 / (scaled**1.3 + 0.8**1.3)
    assert weekly(curves, "tv", STEADY) == pytest.approx(expected, rel=1e-6)
    j = np.arange(7)
    weights = 0.5**j if decay == "geometric" else (1 - j / 7) ** (1 / 0.5 - 1)
    lag = (j * weights).sum() / weights.sum()
    assert carried(curves, "tv", lag=before) == pytest.approx(lag / (1 + lag))


def test_meridians_response_curves_are_straight_between_their_points_per_week(
    tmp_path: Path,
) -> None:
    rows = [
        {"channel": "tv", "metric": metric, "spend": x, "incremental_outcome": y * share}
        for metric, share in (("mean", 1.0), ("ci_lo", 0.5))
        for x, y in ((52_000, 520_000), (104_000, 780_000))
    ]
    curves = read(write(tmp_path / "m.csv", rows), given={"weeks": "52"})
    assert weekly(curves, "tv", [0, 500, 1500, 9999]) == pytest.approx([0, 5000, 12_500, 15_000])


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (MERIDIAN | {"kpi_sd": None}, ["kpi_sd (the standard deviation", "given={'kpi_sd'"]),
        (MERIDIAN | {"beta_gm": None, "beta_m": -1.2}, ["beta_m is no effect", "beta_gm"]),
        (MERIDIAN | {"ec_rf": 1}, ["reach and frequency", "response_curves"]),
        (MERIDIAN | {"geo": "a"}, ["a row for each geo"]),
        ({"channel": "tv", "spend": 1, "incremental_outcome": 1}, ["given={'weeks': '52'}"]),
    ],
)
def test_what_a_table_of_meridian_cannot_say_is_named(
    tmp_path: Path, row: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(AllocationError) as error:
        read(write(tmp_path / "m.csv", [row]))
    assert all(word in str(error.value) for word in words), str(error.value)


# Curves per week, day, year, and what all files have in common

HILL = {
    "channel": "tv",
    "kpi": "revenue",
    "family": "hill",
    "ceiling": 700,
    "half": 70,
    "shape": 1.2,
}


def test_curves_per_week_day_and_year_are_those_of_the_month_that_they_make(
    tmp_path: Path,
) -> None:
    days = {"week": 7, "day": 1, "year": 365}
    for per, length in days.items():
        row = HILL | {"ceiling": 100 * length, "half": 10 * length, "per": per}
        curves = read(write(tmp_path / f"{per}.csv", [row]))
        for month, size in ((FEBRUARY, 28), ("2026-03", 31)):
            curve = curves.get("tv", "revenue", month)
            assert curve is not None
            assert (curve.ceiling, curve.half) == pytest.approx((100 * size, 10 * size))


def test_a_month_with_a_row_of_its_own_keeps_it_beside_weekly_curves(tmp_path: Path) -> None:
    rows = [HILL | {"per": "week"}, HILL | {"per": "month", "month": FEBRUARY, "ceiling": 9}]
    curves = read(write(tmp_path / "c.csv", rows))
    ceilings = [curves.get("tv", "revenue", m).ceiling for m in MONTHS[:2]]  # type: ignore[union-attr]
    assert ceilings == pytest.approx([700 * 31 / 7, 9])


def test_weekly_retention_carries_between_months_of_weeks_what_its_recursion_carries() -> None:
    spend, rho = np.array([100.0, 0.0, 60.0, 0.0, 0.0]), 0.8
    stock, sums = 0.0, np.zeros(5)
    for month, amount in enumerate(spend):
        for _ in range(4):
            stock = rho * stock + (1 - rho) * amount / 4
            sums[month] += stock
    assert carry_over.stock(rho, "week", np.full(5, 28)) @ spend == pytest.approx(sums)


def test_weekly_retention_neither_makes_nor_loses_money_in_uneven_months() -> None:
    days = np.array([31, 28, 31, 30] * 30)
    assert carry_over.stock(0.7, "week", days)[:, 0].sum() == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (HILL | {"carryover": 0.3}, ["'carryover'", "did you mean 'carry_over'"]),
        (HILL | {"per": "weekly"}, ["'weekly'", "did you mean 'week'"]),
        (HILL | {"per": "year", "carry_over": 0.3}, ["carry_per 'year'", "month, week or day"]),
        (
            HILL | {"channel": "serach"},
            ["'serach'", "did you mean 'search'", "names={'serach': 'NAME'}"],
        ),
    ],
)
def test_what_was_ignored_in_silence_is_refused(
    tmp_path: Path, row: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(AllocationError) as error:
        read(write(tmp_path / "c.csv", [row]))
    assert all(word in str(error.value) for word in words), str(error.value)


def test_margin_is_revenue_times_the_rate_and_no_base_is_told(tmp_path: Path) -> None:
    curves = read(write(tmp_path / "c.csv", [HILL]))
    assert curves.without_base == ("revenue", "margin")
    assert "margin rate of 0.4" in " ".join(curves.notes)
    base = {"channel": "base", "kpi": "revenue", "family": "base", "ceiling": 70, "per": "week"}
    tied = read(write(tmp_path / "c.csv", [HILL, base]))
    assert tied.without_base == ()
    assert tied.base["margin"][1] == pytest.approx(0.4 * 70 * 4)


def test_names_that_columns_add_to_are_known_and_a_channel_may_be_left_out(tmp_path: Path) -> None:
    rows = [HILL | {"channel": "TV_S"}, HILL | {"channel": "newsletter"}]
    curves = read(write(tmp_path / "c.csv", rows), names={"newsletter": "-"})
    assert curves.channels == ("tv",)
    assert "left out: newsletter" in curves.notes


def test_our_own_curves_are_read_beside_those_of_other_tools(tmp_path: Path) -> None:
    """They tell the format of their file, which is no column of a curve."""
    curves = make_curves(make_scenario(2, 2))
    curves.to_csv(tmp_path / "curves.csv")
    assert "format" in (tmp_path / "curves.csv").read_text("utf-8").splitlines()[0]
    check_curves_file(tmp_path / "curves.csv", {})
